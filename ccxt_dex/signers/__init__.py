"""Who signs: one registry of signer families, so that a browser wallet or a KMS can take the place of a local key.

Importing this package loads no crypto library; the module of a family is imported by the first ``make`` of that family.
"""

from __future__ import annotations

import importlib
import inspect
import threading
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from ccxt_dex import tokens

__all__ = ["families", "make", "provide", "register", "result", "unregister"]

T = TypeVar("T")
Factory = Callable[..., Any]

# family -> the module that holds its built-in ``make(key, **options)``
_BUILT_IN = {
    "eip712": "ccxt_dex.signers.eip712",
    "nacl": "ccxt_dex.signers.nacl",
    "solana": "ccxt_dex.signers.solana",
    "stark": "ccxt_dex.signers.stark",
}
_MODULES = frozenset({"base58", "eip712", "keccak", "nacl", "pedersen", "poseidon", "secp256k1", "solana", "stark", "typed_data"})

_lock = threading.Lock()
_registered: dict[str, Factory] = {}
_provided: dict[str, Factory] = {}


def _after_fork() -> None:
    """Whoever held the lock in the parent is not there in the child."""
    global _lock
    _lock = threading.Lock()


tokens.at_fork(_after_fork)


def register(family: str, factory: Factory) -> None:
    """Let a factory make the signers of a family from now on; a later registration replaces an earlier one.

    :param family: "eip712", "stark", "nacl", "solana", or a name of your own
    :param factory: called as ``factory(key, **options)``; the methods of what it returns may be async
    """
    with _lock:
        _registered[family] = factory


def provide(family: str, factory: Factory) -> None:
    """Bring the built-in signers of a further family; for rooms whose venue signs like no other. `register` may still replace them."""
    with _lock:
        _provided[family] = factory


def unregister(family: str) -> None:
    """Restore the built-in signers of a family; a family without built-in ones is forgotten. Unknown names are fine."""
    with _lock:
        _registered.pop(family, None)


def families() -> list[str]:
    """The names that :func:`make` knows at the moment, sorted."""
    with _lock:
        return sorted({*_BUILT_IN, *_provided, *_registered})


def make(family: str, key: str | bytes, **options: Any) -> Any:
    """Make a signer.

    :param family: one of :func:`families`
    :param key: the private key in the family's own form, or whatever a registered factory wants
    :param options: handed to the factory
    :raises ccxt.AuthenticationError: the key is malformed, zero or out of range; the message never contains it
    :raises ccxt.NotSupported: nobody registered the family
    """
    with _lock:
        factory = _registered.get(family) or _provided.get(family)
    if factory is None:
        if family not in _BUILT_IN:
            from ccxt_dex.signers._refuse import not_supported

            raise not_supported(f"no signer family {family!r}: register one, or use one of {', '.join(families())}")
        factory = importlib.import_module(_BUILT_IN[family]).make
    return factory(key, **options)


async def result(value: T | Awaitable[T]) -> T:
    """What a signer's method gave, awaited when it is awaitable: local signers answer at once, a wallet or a KMS does not."""
    if inspect.isawaitable(value):
        return await value
    return value


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(f"ccxt_dex.signers.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
