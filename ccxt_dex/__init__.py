"""Every perpetual DEX behind ccxt's own interface.

``import ccxt_dex`` loads neither ccxt nor a crypto library: exchange classes and sub-packages appear on first use.
"""

from __future__ import annotations

import importlib
import sys
import types
from typing import Any

from ccxt_dex import registry as _registry

__version__ = "0.1.0"

# name of a public attribute -> the module that holds it
_LAZY = {
    "create": "ccxt_dex.registry",
    "register": "ccxt_dex.registration",
    "unregister": "ccxt_dex.registration",
    "symbol": "ccxt_dex.symbols",
    "connections": "ccxt_dex.commands.connections",
    "OrderOutcomeUnknown": "ccxt_dex.errors",
}
_MODULES = ("bots", "errors", "paper", "signers", "streams", "sync")


class _Ids(list[str]):
    """The ids that exist, a plain sorted list; also answers for the sub-package ``ccxt_dex.exchanges`` of the same name."""

    __name__ = "ccxt_dex.exchanges"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(importlib.import_module("ccxt_dex.exchanges"), name)


class _Package(types.ModuleType):
    """Keeps ``ccxt_dex.exchanges`` the list of ids although importing a room binds the sub-package to that name."""

    @property
    def exchanges(self) -> list[str]:
        return _ids

    @exchanges.setter
    def exchanges(self, value: object) -> None:
        """The import system binds the sub-package here; the list stays."""

    def __getattr__(self, name: str) -> Any:
        if name in _LAZY:
            value = getattr(importlib.import_module(_LAZY[name]), name)
        elif name in _MODULES:
            value = importlib.import_module(f"ccxt_dex.{name}")
        elif name in _ids:
            value = _registry.load(name)
        else:
            raise AttributeError(f"module 'ccxt_dex' has no attribute {name!r}")
        setattr(self, name, value)
        return value

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *_LAZY, *_MODULES, *_ids, "exchanges"})


_ids = _Ids(_registry.IDS)
sys.modules[__name__].__class__ = _Package
