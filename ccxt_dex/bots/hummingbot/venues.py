"""From connector names to exchange objects: standx_perpetual, hyperliquid, standx_paper_trade, or what the connectors file says.

{"standx_perpetual": {"config": {"privateKey": "..."}},
 "binance_perpetual": {"exchange": "binance", "config": {"apiKey": "...", "secret": "..."}},
 "kucoin_paper_trade": {"exchange": "standx_paper_trade"}}
"""

from __future__ import annotations

import contextlib
import importlib
import json
import logging
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ccxt_dex import registry
from ccxt_dex.bots.hummingbot.script import ScriptError
from ccxt_dex.commands.call import with_keys

__all__ = ["FILE", "Venues", "read_connectors"]

logger = logging.getLogger("ccxt_dex.hummingbot")
FILE = "connectors.json"
_PAPER = "_paper_trade"
_SUFFIXES = re.compile(r"(_perpetual)?(_testnet|_paper_trade)?$")
_KNOWN = frozenset({"exchange", "config", "sandbox", "markets"})
_KINDS = {"spot": ("spot",), "swap": ("swap",)}


def read_connectors(path: Path | None) -> dict[str, dict[str, Any]]:
    """The connectors file; nothing when none is named and ./connectors.json does not exist.

    :raises ScriptError: it cannot be read or has a word in it that nobody knows
    """
    if path is None:
        path = Path(FILE)
        if not path.is_file():
            return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ScriptError(f"cannot read {path}: {error.strerror}") from None
    except ValueError:
        # the text of the error would quote the file
        raise ScriptError(f"{path} is not JSON") from None
    if not isinstance(found, dict) or not all(isinstance(entry, dict) for entry in found.values()):
        raise ScriptError(f'{path} must hold {{"connector": {{"exchange": ..., "config": {{...}}}}}}')
    for name, entry in found.items():
        if unknown := sorted(set(entry) - _KNOWN):
            raise ScriptError(f"{path}: {name} has unknown {', '.join(unknown)}; known are {', '.join(sorted(_KNOWN))}")
        if entry.get("markets", "spot") not in _KINDS:
            raise ScriptError(f"{path}: markets of {name} must be spot or swap")
    if os.name == "posix" and path.stat().st_mode & 0o077:
        logger.warning("%s can be read by others; if there are keys in it: chmod 600 %s", path, path)
    return found


class Venues:
    """Makes exchange objects for connectors; paper venues are started on first use and end with `aclose`."""

    def __init__(self, connectors: Mapping[str, Mapping[str, Any]] | None = None, aliases: Mapping[str, str] | None = None) -> None:
        """
        :param connectors: as in the connectors file
        :param aliases: connector name -> name of the connector or exchange that stands for it
        """
        self.entries = {name: dict(entry) for name, entry in (connectors or {}).items()}
        for name, target in (aliases or {}).items():
            self.entries[name] = {**self.entries.get(name, {}), "exchange": target}
        self._stack = contextlib.AsyncExitStack()
        self._papers: dict[str, Any] = {}

    async def aclose(self) -> None:
        await self._stack.aclose()

    def kinds(self, name: str) -> tuple[str, ...] | None:
        """Which markets the file chose for a connector; None: as its name says."""
        return _KINDS.get(self.entries.get(name, {}).get("markets", ""))

    async def create(self, name: str) -> Any:
        """An exchange object for a connector.

        :raises ScriptError: nobody knows such an exchange, or it has no paper venue
        """
        entry = self.entries.get(name, {})
        wanted = str(entry.get("exchange") or name)
        exchange_id = _SUFFIXES.sub("", wanted)
        if wanted.endswith(_PAPER):
            return self._make(exchange_id, (await self.paper(exchange_id)).config())
        sandbox = bool(entry.get("sandbox")) or wanted.endswith("_testnet")
        exchange = self._make(exchange_id, with_keys(exchange_id, entry.get("config") or {}))
        if sandbox:
            exchange.set_sandbox_mode(True)
        return exchange

    async def paper(self, exchange_id: str) -> Any:
        """The paper venue of an exchange."""
        from ccxt_dex import paper

        if exchange_id not in registry.IDS:
            raise ScriptError(
                f"{exchange_id} has no paper venue here; let one of ours stand for it: --connector {exchange_id}{_PAPER}=standx{_PAPER}"
            )
        if exchange_id not in self._papers:
            logger.warning("%s%s is a local venue with made-up prices and play money", exchange_id, _PAPER)
            self._papers[exchange_id] = await self._stack.enter_async_context(paper.start(exchange_id))
        return self._papers[exchange_id]

    def _make(self, exchange_id: str, config: dict[str, Any]) -> Any:
        if exchange_id in registry.IDS:
            return registry.create(exchange_id, config)
        for module in ("ccxt.pro", "ccxt.async_support"):
            listed = importlib.import_module(module)
            if exchange_id in listed.exchanges:
                return getattr(listed, exchange_id)({"enableRateLimit": True, **config})
        raise ScriptError(f"no exchange {exchange_id!r}; ccxt_dex has: {', '.join(registry.IDS)}; and ccxt's ids work")
