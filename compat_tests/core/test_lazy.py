"""`import ccxt_dex` is cheap: what costs time is loaded when it is used."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = (
    "ccxt",
    "aiohttp",
    "coincurve",
    "nacl",
    "eth_account",
    "eth_keys",
    "solders",
    "cryptography",
    "starknet_py",
    "requests",
    "rich",
    "asyncio",
)


def loaded_by(code: str) -> set[str]:
    program = f"{code}\nimport sys; print(' '.join(sys.modules))"
    result = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, timeout=120, check=False)
    assert result.returncode == 0, result.stderr
    return set(result.stdout.split())


@pytest.mark.parametrize(
    "code",
    [
        "import ccxt_dex",
        "import ccxt_dex; ccxt_dex.exchanges, ccxt_dex.__version__, dir(ccxt_dex)",
        "import ccxt_dex; ccxt_dex.register; ccxt_dex.unregister",
        "import ccxt_dex.hook",
        "import ccxt_dex.__main__",
        "import ccxt_dex.registry",
    ],
)
def test_nothing_heavy_is_imported(code: str) -> None:
    # the interpreter itself loads some of them where a site hook does
    baseline = loaded_by("")
    assert sorted({name for name in loaded_by(code) - baseline if name.partition(".")[0] in HEAVY}) == []


def test_a_class_brings_ccxt() -> None:
    assert {"ccxt", "aiohttp"} <= loaded_by("import ccxt_dex; ccxt_dex.standx")


def test_no_room_loads_another_room() -> None:
    from ccxt_dex import registry

    for each in registry.IDS:
        rooms = {name.split(".")[2] for name in loaded_by(f"import ccxt_dex; ccxt_dex.{each}") if name.startswith("ccxt_dex.exchanges.")}
        inherited = rooms & set(registry.IDS)
        assert each in inherited
        assert len(inherited) <= 2, f"{each} loads {inherited}: itself and at most the room it inherits from"


@pytest.mark.parametrize("name", ["nosuchdex", "Standx", "_private"])
def test_unknown_attributes(name: str) -> None:
    import ccxt_dex

    with pytest.raises(AttributeError, match=f"module 'ccxt_dex' has no attribute '{name}'"):
        getattr(ccxt_dex, name)
