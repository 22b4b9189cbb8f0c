"""Local venues that speak the real venues' own protocols: `async with ccxt_dex.paper.start("standx") as venue`."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ccxt_dex.paper.command import main as main
    from ccxt_dex.paper.venue import Venue as Venue
    from ccxt_dex.paper.venue import serve as serve
    from ccxt_dex.paper.venue import start as start

# loaded on first use: the shared words are needed where no HTTP server is
_LAZY = {
    "Venue": "ccxt_dex.paper.venue",
    "main": "ccxt_dex.paper.command",
    "serve": "ccxt_dex.paper.venue",
    "start": "ccxt_dex.paper.venue",
}
__all__ = ["Venue", "main", "serve", "start"]


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_LAZY[name]), name)
