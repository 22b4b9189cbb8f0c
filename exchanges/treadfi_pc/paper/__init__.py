"""Tread over Pacifica, for local venues: Pacifica's paper venue for all reads, Tread's side for orders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ccxt_dex.exchanges.pacifica.paper import Paper as Pacifica
from ccxt_dex.exchanges.treadfi.paper import TreadSide
from ccxt_dex.exchanges.treadfi.paper.side import Updates
from ccxt_dex.paper.server import Reply, Socket
from ccxt_dex.paper.types import Market

__all__ = ["Paper"]


class Paper(TreadSide, Pacifica):
    id = "treadfi_pc"
    exchange_name = "Pacifica"
    sockets: ClassVar[Mapping[str, type[Socket]]] = {**Pacifica.sockets, "/tread/ws/orders/": Updates}
    defaults: ClassVar[Mapping[str, Any]] = {**Pacifica.defaults, "login": "token", "tread_ms": 20}

    def credentials(self, name: str, kind: str | None = None) -> dict[str, Any]:
        """kind: token, wallet (a session got by signing in), password, or cookies."""
        venue = super(TreadSide, self).credentials(name, "main")
        found = self.tread_credentials(name, kind or self.options["login"])
        return {**found, "walletAddress": venue["walletAddress"], "options": {"credits": 40_000}}

    def error(self, status: int, text: str) -> Reply:
        return super(TreadSide, self).error(status, text)

    def child_info(self) -> dict[str, Any]:
        return {"number": self.ledger.reserve()}

    def leverage_changed(self, account: str, market: Market) -> None:
        """Pacifica lists the market among the account's settings from now on."""
        leverage = str(self.engine.leverage(account, market.id))
        self.setting_changed(account, market.id, "account_leverage", {"l": leverage})
        self.setting_changed(account, market.id, "account_margin", {"i": self.engine.margin_mode(account, market.id) == "isolated"})
