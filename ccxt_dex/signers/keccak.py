"""Keccak-256, by the fastest implementation at hand: OpenSSL (3.2 and later), pysha3, pycryptodome, our own Python."""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Callable

from ccxt_dex.signers import keccak_python

__all__ = ["backend", "backends", "keccak256"]

Hash = Callable[[bytes], bytes]

_EMPTY = bytes.fromhex("c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470")


def _openssl() -> Hash:
    new = hashlib.new
    return lambda data: new("keccak-256", data).digest()


def _pysha3() -> Hash:
    keccak_256 = importlib.import_module("sha3").keccak_256

    def digest(data: bytes) -> bytes:
        value: bytes = keccak_256(data).digest()
        return value

    return digest


def _pycryptodome() -> Hash:
    new = importlib.import_module("Crypto.Hash.keccak").new

    def digest(data: bytes) -> bytes:
        value: bytes = new(data=data, digest_bits=256).digest()
        return value

    return digest


_PROBES: dict[str, Callable[[], Hash]] = {
    "hashlib": _openssl,
    "sha3": _pysha3,
    "pycryptodome": _pycryptodome,
    "python": lambda: keccak_python.keccak256,
}


def _probe(name: str) -> Hash | None:
    """The implementation when it is there and gives Keccak's digest of nothing (SHA-3's is another one)."""
    try:
        candidate = _PROBES[name]()
        return candidate if candidate(b"") == _EMPTY else None
    except (ImportError, ValueError, AttributeError, OSError):
        return None


def backends() -> dict[str, Hash]:
    """Every implementation that works here, fastest first."""
    found = {name: _probe(name) for name in _PROBES}
    return {name: implementation for name, implementation in found.items() if implementation is not None}


def _choose() -> tuple[str, Hash]:
    for name in _PROBES:
        implementation = _probe(name)
        if implementation is not None:
            return name, implementation
    raise AssertionError("our own keccak is broken")


backend: str
keccak256: Hash
backend, keccak256 = _choose()
