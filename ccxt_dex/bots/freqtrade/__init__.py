"""freqtrade trades futures only on exchanges that it has a class for: these are put into `freqtrade.exchange` right after its import.

Nothing here imports freqtrade before the program does. What a class says is derived from the exchange's `has`, `features` and class
attributes; freqtrade finds it by name, which is the id in title case.
"""

from __future__ import annotations

import importlib
import logging
import sys
import threading
from typing import Any

__all__ = ["MODULE", "arrived", "withdraw"]

MODULE = "freqtrade.exchange"

_log = logging.getLogger(__name__)
_lock = threading.Lock()
_MISSING = object()
# attribute of the module -> what stood there before
_before: dict[str, Any] = {}


def arrived(_: str = MODULE) -> None:
    """Bring the imported `freqtrade.exchange` up to date with what is registered in ccxt, and say so in one line."""
    from ccxt_dex import registration

    module, ids = sys.modules[MODULE], registration.registered()
    with _lock:
        fresh = [each for each in ids if each.title() not in _before and _put(module, each)]
    if fresh:
        _log.info("freqtrade.exchange has ccxt_dex's classes for %s", ", ".join(_ours(module, ids)))


def withdraw() -> None:
    """Give `freqtrade.exchange` back as it was."""
    module = sys.modules.get(MODULE)
    with _lock:
        for name, previous in _before.items():
            if module is None:
                break
            if previous is not _MISSING:
                setattr(module, name, previous)
            elif hasattr(module, name):
                delattr(module, name)
        _before.clear()


def _put(module: Any, exchange_id: str) -> bool:
    name = exchange_id.title()
    try:
        found = getattr(importlib.import_module(f"{__name__}.exchange"), name)
    except Exception as error:
        # one room that cannot be loaded must not keep freqtrade from all others, nor from its own
        _log.warning("ccxt_dex has no freqtrade class for %s: %s: %s", exchange_id, type(error).__name__, error)
        return False
    _before[name] = vars(module).get(name, _MISSING)
    setattr(module, name, found)
    return True


def _ours(module: Any, ids: list[str]) -> list[str]:
    """The ids whose class in the module really is ours, read back."""
    return [each for each in ids if getattr(vars(module).get(each.title()), "__module__", "").startswith(f"{__name__}.")]
