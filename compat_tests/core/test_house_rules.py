"""Rules of the house that hold for every room and for the core, read off the sources."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from ccxt_dex import registry

TOP = Path(__file__).resolve().parents[2]
ROOMS = sorted(path.parent for path in (TOP / "exchanges").glob("*/__init__.py"))
PURE = ("signing.py", "orders.py", "parsing.py")
PURE_CORE = ("ccxt_dex.exact", "ccxt_dex.reading", "ccxt_dex.signers")
FORBIDDEN = ("ccxt", "asyncio", "aiohttp", "requests", "websockets")


def modules(path: Path) -> set[str]:
    """Names of the modules that a file imports, relative ones made absolute; `from package import name` counts as both."""
    inside = path.relative_to(TOP).with_suffix("").parts
    package = ("ccxt_dex", *inside[:-1]) if inside[0] == "exchanges" else inside[:-1]
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join((*base, *(node.module or "").split("."))).strip(".")
            found |= {module, *(f"{module}.{alias.name}" for alias in node.names)}
    return found


def files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.py"))


def named(path: Path) -> str:
    return "/".join(path.relative_to(TOP).parts)


@pytest.mark.parametrize("path", [room / name for room in ROOMS for name in PURE if (room / name).exists()], ids=named)
def test_pure_files_know_no_ccxt_and_no_loop(path: Path) -> None:
    own = f"ccxt_dex.exchanges.{path.parent.name}"
    for module in modules(path):
        assert module.split(".")[0] not in FORBIDDEN, module
        if module.startswith("ccxt_dex."):
            assert module.startswith((own, *PURE_CORE)) or module in ("ccxt_dex.exchanges",), module
        assert "_ccxt" not in module.split(".")


@pytest.mark.parametrize("room", ROOMS, ids=named)
def test_a_paper_side_shares_nothing_with_its_client(room: Path) -> None:
    """Both sides of the wire are written apart, so that they cannot share a mistake."""
    paper = room / "paper"
    sources = files(paper) if paper.is_dir() else [path for path in (room / "paper.py",) if path.exists()]
    shared = f"ccxt_dex.exchanges.{room.name}"
    for path in sources:
        for module in modules(path):
            if module.startswith("ccxt_dex.exchanges."):
                assert ".paper" in module, f"{named(path)} imports {module}"
            assert module != f"{shared}.tables"
            assert not module.startswith(("ccxt_dex.signers", "ccxt_dex.dex", "ccxt_dex.transport")), f"{named(path)} imports {module}"


@pytest.mark.parametrize("path", [*files(TOP / "exchanges"), *files(TOP / "ccxt_dex")], ids=named)
def test_ccxt_has_one_door(path: Path) -> None:
    """Only `_ccxt.py` imports ccxt; what registers into ccxt has to name its modules too, and says so by importing them late."""
    if path.name in ("_ccxt.py", "registration.py", "hook.py", "sync.py", "loopthread.py"):
        return
    assert not {module for module in modules(path) if module.split(".")[0] == "ccxt"}, named(path)


@pytest.mark.parametrize("path", [path for path in files(TOP / "ccxt_dex") if "exchanges" not in path.parts], ids=named)
def test_the_core_knows_no_venue(path: Path) -> None:
    """No id of a venue in the core's code; texts for people (docstrings, comments) may give examples."""
    if path.name == "registry.py":
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documentation = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    }
    texts = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation
    ]
    names = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)] + [
        node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)
    ]
    assert not set(names) & set(registry.IDS)
    assert not {text for text in texts if text in registry.IDS}
