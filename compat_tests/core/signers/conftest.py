"""Vectors by the implementation that made them, and every test of a backend run over every backend."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ccxt_dex.signers import keccak, secp256k1, stark

VECTORS = Path(__file__).parent / "vectors"
# a user's machine may lack an optional backend, the machine that judges a change may not
REQUIRED = bool(os.environ.get("CI"))


@pytest.fixture(scope="session")
def vectors() -> Callable[[str], Any]:
    return lambda name: json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))


def present(name: str, available: Any) -> str:
    if name not in available:
        assert not REQUIRED, f"{name} is not installed"
        pytest.skip(f"{name} is not installed")
    return name


@pytest.fixture(params=["coincurve", "python"])
def secp(request: pytest.FixtureRequest) -> str:
    return present(request.param, secp256k1.backends())


@pytest.fixture(params=["fast_stark_crypto", "python"])
def stark_backend(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The named implementation, also as the default one: the typed data functions take what is fastest."""
    name = present(request.param, stark.backends())
    if name == "python":
        monkeypatch.setattr(stark, "_FAST", None)
    return name


@pytest.fixture(params=["hashlib", "sha3", "pycryptodome", "python"])
def keccak_backend(request: pytest.FixtureRequest) -> Callable[[bytes], bytes]:
    available = keccak.backends()
    if request.param in ("hashlib", "sha3") and request.param not in available:
        pytest.skip(f"{request.param} has no keccak here")
    return available[present(request.param, available)]
