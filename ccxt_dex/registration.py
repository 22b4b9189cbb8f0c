"""Makes our exchanges appear in ccxt, so that a program which asks `getattr(ccxt, name)` finds them, without a changed line."""

from __future__ import annotations

import importlib
import logging
import os
import sys
import threading
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from ccxt_dex import hook, registry

__all__ = ["Report", "register", "registered", "unregister"]


class Report(NamedTuple):
    """What `register` did, or had done before: sorted ids."""

    added: list[str]
    """ids that ccxt does not have"""
    replaced: list[str]
    """ids of ccxt that now stand for our class"""
    kept: list[str]
    """ids of ccxt that still stand for ccxt's class, because nobody asked to replace them"""


def _blocking(exchange_id: str) -> Any:
    return getattr(importlib.import_module("ccxt_dex.sync"), exchange_id)


# module of ccxt -> where its class of an id comes from
MODULES: dict[str, Callable[[str], Any]] = {"ccxt": _blocking, "ccxt.async_support": registry.load, "ccxt.pro": registry.load}

# module of a program that needs more than ccxt's modules -> ours, which has arrived() and withdraw()
PROGRAMS: dict[str, str] = {"freqtrade.exchange": "ccxt_dex.bots.freqtrade"}

_log = logging.getLogger(__name__)
_lock = threading.RLock()
_added: set[str] = set()
_replaced: set[str] = set()
_patches: dict[str, _Patch] = {}


class _Patch:
    """What was changed in one module of ccxt, and how to change it back."""

    def __init__(self, module: ModuleType, load: Callable[[str], Any]) -> None:
        self.module, self.load = module, load
        self.names: set[str] = set()
        self.listed: list[tuple[list[str], str]] = []
        self.originals: dict[str, Any] = {}
        self.previous = vars(module).get("__getattr__")
        # PEP 562: a class is imported when somebody asks for it, not when a dozen are registered
        self.lookup = self._lookup
        vars(module)["__getattr__"] = self.lookup

    def _lookup(self, name: str) -> Any:
        if name in self.names:
            base = self.module.__name__ == "ccxt.async_support" and name in self.originals
            if base and sys._getframe(1).f_globals.get("__name__", "").startswith("ccxt.pro"):
                # ccxt's streaming classes take their bases from here, and ours take theirs from ccxt.pro
                return self.originals[name]
            try:
                value = self.load(name)
            except AttributeError as error:
                # as an AttributeError it would read "ccxt has no such exchange"
                raise ImportError(f"ccxt_dex could not load {name}: {error}") from error
            with _lock:
                if name in self.names and not base:
                    setattr(self.module, name, value)
            return value
        if self.previous is not None:
            return self.previous(name)
        raise AttributeError(f"module {self.module.__name__!r} has no attribute {name!r}")

    def add(self, name: str) -> None:
        if name in self.names:
            return
        self.names.add(name)
        if name in vars(self.module):
            # ccxt's own class steps aside; its module stays importable under its full name
            self.originals[name] = vars(self.module).pop(name)
        for listing in (self.module.exchanges, getattr(self.module, "__all__", None)):
            if listing is not None and name not in listing:
                listing.append(name)
                self.listed.append((listing, name))

    def undo(self) -> None:
        for name in self.names:
            vars(self.module).pop(name, None)
        self.names.clear()
        for name, value in self.originals.items():
            setattr(self.module, name, value)
        for listing, name in self.listed:
            if name in listing:
                listing.remove(name)
        if vars(self.module).get("__getattr__") is self.lookup:
            if self.previous is None:
                del vars(self.module)["__getattr__"]
            else:
                vars(self.module)["__getattr__"] = self.previous


def register(ids: Iterable[str] | None = None, replace: bool | Collection[str] = False) -> Report:
    """Put exchanges into `ccxt`, `ccxt.async_support`, `ccxt.pro` and their `exchanges` lists.

    A class is imported when it is first asked for. Calling it again adds to what is registered already. A module of ccxt that is not
    imported yet is taken care of when it is.

    :param ids: which exchanges; None: all
    :param replace: True: also those that ccxt has a class for, in its place; a collection of ids: only these of them
    :raises ValueError: for an id that does not exist
    """
    wanted = _known(registry.IDS if ids is None else ids)
    replacing = (set(wanted) if replace is True else set()) if isinstance(replace, bool) else _known(replace)
    importlib.import_module("ccxt")
    report = _note(wanted, replacing)
    # not under the lock: whoever imports holds the lock of the import system, and wants ours next
    hook.watch(MODULES, apply)
    for name in PROGRAMS:
        if not hook.watched(name):
            hook.watch([name], _program_arrived)
        elif name in sys.modules and not getattr(sys.modules[name].__spec__, "_initializing", False):
            # watched and there: it has had its turn, and more may be registered by now; still on its way: its turn comes
            _program_arrived(name)
    return report


def _note(wanted: set[str], replacing: set[str]) -> Report:
    with _lock:
        ccxt = sys.modules["ccxt"]
        listed = vars(ccxt).get("exchanges")
        # ccxt's submodules bear its exchanges' names; the list says what it had before us, the files while it is still being imported
        own = set(listed) - _added if listed else {each for each in wanted if Path(ccxt.__path__[0], f"{each}.py").is_file()}
        _added.update(wanted - own)
        _replaced.update(replacing & own)
        return Report(sorted(_added), sorted(_replaced), sorted(wanted & own - _replaced))


def registered() -> list[str]:
    """Sorted ids that stand for our classes in ccxt now."""
    with _lock:
        return sorted(_added | _replaced)


def _program_arrived(name: str) -> None:
    importlib.import_module(PROGRAMS[name]).arrived(name)


def unregister() -> None:
    """Give ccxt back as it was; classes that somebody holds already go on working."""
    hook.forget(PROGRAMS)
    for name in PROGRAMS.values():
        if name in sys.modules:
            sys.modules[name].withdraw()
    with _lock:
        hook.forget(MODULES)
        for patch in _patches.values():
            patch.undo()
        _patches.clear()
        _added.clear()
        _replaced.clear()


def arrived(name: str) -> None:
    """A program has imported ccxt, or the first of its modules: register what the environment variable asks for.

    Imports nothing of ccxt: it is called while the module is being imported, and another thread may hold what this one would wait for.
    """
    replace = hook.setting(os.environ.get(hook.VARIABLE, ""))
    if replace is None:
        return
    fresh = not registered()
    wanted = _known(registry.IDS)
    report = _note(wanted, wanted if replace is True else _known(replace or ()))
    if fresh:
        _log.info("ccxt has ccxt_dex's classes for %s", ", ".join(sorted([*report.added, *report.replaced])))
    hook.expect(MODULES, apply)
    for each in MODULES:
        # those that are still on their way come here by themselves
        if each == name or not getattr(getattr(sys.modules.get(each), "__spec__", None), "_initializing", True):
            apply(each)


def apply(name: str) -> None:
    """Bring one imported module of ccxt up to date with what is registered."""
    with _lock:
        names = _added | _replaced
        if names:
            module = sys.modules[name]
            patch = _patches.get(name)
            if patch is None or patch.module is not module:
                patch = _patches[name] = _Patch(module, MODULES[name])
            for each in sorted(names):
                patch.add(each)


def _known(ids: Collection[str] | Iterable[str]) -> set[str]:
    wanted = {ids} if isinstance(ids, str) else set(ids)
    unknown = sorted(wanted - set(registry.IDS))
    if unknown:
        raise ValueError(f"unknown exchange {', '.join(unknown)}; ccxt_dex has: {', '.join(registry.IDS)}")
    return wanted
