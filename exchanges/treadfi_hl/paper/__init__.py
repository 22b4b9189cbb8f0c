"""Tread over Hyperliquid, for local venues: Hyperliquid's paper venue for all reads, Tread's side for orders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ccxt_dex.exchanges.hyperliquid.paper import Paper as Hyperliquid
from ccxt_dex.exchanges.hyperliquid.paper.adapter import UNLIMITED
from ccxt_dex.exchanges.hyperliquid.paper.markets import price_allowed
from ccxt_dex.exchanges.treadfi.paper import TreadSide
from ccxt_dex.exchanges.treadfi.paper.rows import Work
from ccxt_dex.exchanges.treadfi.paper.side import Updates
from ccxt_dex.paper.server import Reply, Socket
from ccxt_dex.paper.types import Market, NewOrder, Reject

__all__ = ["Paper"]


class Paper(TreadSide, Hyperliquid):
    id = "treadfi_hl"
    exchange_name = "Hyperliquid"
    sockets: ClassVar[Mapping[str, type[Socket]]] = {**Hyperliquid.sockets, "/tread/ws/orders/": Updates}
    defaults: ClassVar[Mapping[str, Any]] = {**Hyperliquid.defaults, "login": "token", "tread_ms": 20}

    def credentials(self, name: str, kind: str | None = None) -> dict[str, Any]:
        """kind: token, wallet (a session got by signing in), password, or cookies."""
        venue = super(TreadSide, self).credentials(name, "master")
        found = self.tread_credentials(name, kind or self.options["login"])
        return {**found, "walletAddress": venue["walletAddress"], **UNLIMITED}

    def error(self, status: int, text: str) -> Reply:
        return super(TreadSide, self).error(status, text)

    def pair(self, market: Market) -> str:
        """A builders' dex comes before an underscore."""
        return f"{market.id.replace(':', '_', 1)}:PERP-{market.quote}"

    def child(self, work: Work) -> NewOrder:
        """The venue's rule of five significant digits holds for Tread's children too."""
        if work.limit is not None and not price_allowed(work.limit, work.market.info["digits"]):
            raise Reject("off_tick")
        return super().child(work)
