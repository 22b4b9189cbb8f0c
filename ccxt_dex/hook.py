"""Does something right after a program imports a module, and nothing before: how ccxt is patched in programs that know nothing of us.

Imported at interpreter start when CCXT_DEX_REGISTER is set, so it must stay small: no ccxt, nothing beyond the standard library.

    CCXT_DEX_REGISTER=on                       exchanges that ccxt lacks
    CCXT_DEX_REGISTER=replace                  ... and ours in the place of ccxt's own
    CCXT_DEX_REGISTER=replace:lighter,grvt     ... these only
"""

from __future__ import annotations

import importlib
import importlib.abc
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

__all__ = ["VARIABLE", "expect", "forget", "from_environment", "setting", "watch", "watched"]

VARIABLE = "CCXT_DEX_REGISTER"
OFF = frozenset({"", "0", "off", "no", "false"})
ON = frozenset({"1", "on", "yes", "true"})

# module of somebody else -> our function to call with its name after it is imported; what a bot needs beyond ccxt gets its line here
AFTER: dict[str, str] = {
    "ccxt": "ccxt_dex.registration:arrived",
    # for another thread may be through with these before the first is through with ccxt
    "ccxt.async_support": "ccxt_dex.registration:arrived",
    "ccxt.pro": "ccxt_dex.registration:arrived",
    "freqtrade.exchange": "ccxt_dex.bots.freqtrade:arrived",
}

_callbacks: dict[str, Callable[[str], Any]] = {}


class _Finder(importlib.abc.MetaPathFinder):
    """Goes first on sys.meta_path, finds nothing itself, and wraps the loaders of the modules that are waited for."""

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if fullname not in _callbacks:
            return None
        for finder in list(sys.meta_path):
            spec = None if finder is self else finder.find_spec(fullname, path, target)
            if spec is not None:
                if hasattr(spec.loader, "exec_module"):
                    _wrap(spec.loader, fullname)
                return spec
        return None


def _wrap(loader: Any, name: str) -> None:
    execute = loader.exec_module

    def exec_module(module: ModuleType) -> None:
        execute(module)
        callback = _callbacks.get(name)
        if callback is not None:
            callback(name)

    loader.exec_module = exec_module


_finder = _Finder()


def expect(modules: Iterable[str], callback: Callable[[str], Any]) -> None:
    """Call `callback(name)` for each of these modules right after it is imported the next time."""
    for name in modules:
        _callbacks[name] = callback
    if _finder not in sys.meta_path:
        sys.meta_path.insert(0, _finder)


def watch(modules: Iterable[str], callback: Callable[[str], Any]) -> None:
    """Call `callback(name)` for each of these modules: now if it is imported, else right after it is."""
    expect(modules, callback)
    for name in modules:
        if name in sys.modules:
            # waits for another thread that is in the middle of importing it
            importlib.import_module(name)
            callback(name)


def watched(module: str) -> bool:
    """Whether somebody waits for this module, or waited until it came."""
    return module in _callbacks


def forget(modules: Iterable[str]) -> None:
    """Watch for these modules no more."""
    for name in modules:
        _callbacks.pop(name, None)
    if not _callbacks and _finder in sys.meta_path:
        sys.meta_path.remove(_finder)


def setting(value: str) -> bool | list[str] | None:
    """What a value of the environment variable says about replacing: True, False or ids; None when it switches registration off.

    :raises ValueError: for a value it does not know
    """
    word, _, ids = value.strip().partition(":")
    if word.lower() in OFF:
        return None
    if word.lower() in ON:
        return False
    if word.lower() == "replace":
        return [each.strip() for each in ids.split(",") if each.strip()] or True
    raise ValueError(f"{VARIABLE} must be on, off, replace or replace:ID,ID, not {value!r}")


def from_environment() -> None:
    """Register as soon as the program imports ccxt, if the environment variable says so."""
    if setting(os.environ.get(VARIABLE, "")) is not None:
        for module, function in AFTER.items():
            watch([module], _later(function))


def _later(function: str) -> Callable[[str], Any]:
    def call(name: str) -> None:
        module, _, attribute = function.partition(":")
        getattr(importlib.import_module(module), attribute)(name)

    return call
