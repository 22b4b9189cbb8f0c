"""The public REST endpoints."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ccxt_dex.exchanges.standx.paper import wire
from ccxt_dex.exchanges.standx.paper.identity import refused
from ccxt_dex.exchanges.standx.paper.markets import symbol_info
from ccxt_dex.paper.server import Refused, Request, Route
from ccxt_dex.paper.types import Market

if TYPE_CHECKING:
    from ccxt_dex.exchanges.standx.paper.adapter import Paper

DAY = 86_400_000
RESOLUTIONS = {
    "1T": 1_000,  # composed: a tick bar is shown as one second
    "3S": 3_000,
    "1": 60_000,
    "5": 300_000,
    "15": 900_000,
    "60": 3_600_000,
    "1D": DAY,
    "1W": 7 * DAY,
    "1M": 30 * DAY,
}
RECENT_TRADES = 100


class Public:
    def __init__(self, paper: Paper) -> None:
        self._paper = paper

    def routes(self) -> Iterable[Route]:
        table: tuple[tuple[str, Callable[[Request], Any]], ...] = (
            ("/api/query_symbol_info", self.symbol_info),
            ("/api/query_market_overview", self.market_overview),
            ("/api/query_symbol_market", self.symbol_market),
            ("/api/query_symbol_price", self.symbol_price),
            ("/api/query_depth_book", self.depth_book),
            ("/api/query_recent_trades", self.recent_trades),
            ("/api/query_funding_rates", self.funding_rates),
            ("/api/kline/time", self.kline_time),
            ("/api/kline/history", self.kline_history),
            ("/v1/region", self.region),
            ("/v1/offchain/certs", self.certs),
        )
        for path, handler in table:
            yield Route("GET", path, self._limited(handler))

    def _limited(self, handler: Callable[[Request], Any]) -> Callable[[Request], Any]:
        async def handle(request: Request) -> Any:
            self._paper.limits.request(request.remote)
            return handler(request)

        return handle

    def symbol_info(self, request: Request) -> Any:
        if "symbol" in request.query:
            return [symbol_info(self._market(request))]
        return [symbol_info(market) for market in self._paper.engine.markets.values()]

    def market_overview(self, request: Request) -> Any:
        engine, now = self._paper.engine, self._paper.now()
        rows = [
            wire.overview(engine.price(market.id), engine.stats_24h(market.id), market, now)
            for market in sorted(engine.markets.values(), key=lambda market: market.id != "BTC-USD")
        ]
        notional = sum((Decimal(row["open_interest_notional"]) for row in rows), Decimal(0))
        volume = sum((Decimal(row["volume_quote_24h"]) for row in rows), Decimal(0))
        summary = {"open_interest_notional": wire.text(notional), "symbol_count": len(rows), "volume_quote_24h": wire.text(volume)}
        return {"summary": summary, "symbols": rows}

    def symbol_market(self, request: Request) -> Any:
        market = self._market(request)
        engine = self._paper.engine
        return wire.symbol_market(engine.price(market.id), engine.stats_24h(market.id), market, self._paper.now())

    def symbol_price(self, request: Request) -> Any:
        market = self._market(request)
        return wire.symbol_price(self._paper.engine.price(market.id), market, self._paper.now())

    def depth_book(self, request: Request) -> Any:
        return self._paper.depth(self._market(request))

    def recent_trades(self, request: Request) -> Any:
        market = self._market(request)
        rows = self._paper.engine.trades(market.id, limit=RECENT_TRADES)
        return [
            {
                "is_buyer_taker": trade.taker_side == "buy",
                "price": wire.price(trade.price, market),
                "qty": wire.short(trade.qty),
                "quote_qty": wire.text(trade.price * trade.qty),
                "symbol": market.id,
                "time": wire.iso(trade.time, 6, trade.id % 999 + 1),
            }
            for trade in sorted(rows, key=lambda trade: trade.id, reverse=True)
        ]

    def funding_rates(self, request: Request) -> Any:
        for key in ("symbol", "start_time", "end_time"):
            _required(request, key)
        market = self._market(request)
        start, end = _integer(request, "start_time"), _integer(request, "end_time")
        return self._paper.funding_rows(market, start, end)

    def kline_time(self, request: Request) -> Any:
        return self._paper.time() // 1000

    def kline_history(self, request: Request) -> Any:
        for key in ("symbol", "from", "to", "resolution"):
            _required(request, key)
        market = self._market(request)
        since, until = _integer(request, "from") * 1000, _integer(request, "to") * 1000
        interval = RESOLUTIONS.get(request.query["resolution"])
        if interval is None:
            raise refused(400, "invalid resolution")
        rows = self._paper.bars(market.id, interval, since, until)
        if "countback" in request.query:
            rows = rows[-max(1, _integer(request, "countback")) :]
        if not rows:
            return {"s": "no_data", "t": [], "c": [], "o": [], "h": [], "l": [], "v": []}
        return {
            "s": "ok",
            "t": [row.time // 1000 for row in rows],
            "c": [float(row.close) for row in rows],
            "o": [float(row.open) for row in rows],
            "h": [float(row.high) for row in rows],
            "l": [float(row.low) for row in rows],
            "v": [float(row.volume) for row in rows],
        }

    def region(self, request: Request) -> Any:
        return {"systemTime": self._paper.time(), "region": "jp"}

    def certs(self, request: Request) -> Any:
        return {"publicKey": self._paper.identity.certificate}

    def _market(self, request: Request) -> Market:
        market = self._paper.engine.markets.get(_required(request, "symbol"))
        if market is None:
            raise refused(400, "symbol not found")
        return market


def _required(request: Request, key: str) -> str:
    value = request.query.get(key)
    if value is None:
        raise Refused(400, f"Failed to deserialize query string: missing field `{key}`")
    return value


def _integer(request: Request, key: str) -> int:
    if len(request.query[key]) > 16:
        raise Refused(400, f"Failed to deserialize query string: {key}: number too large to fit in target type")
    try:
        return int(request.query[key])
    except ValueError:
        raise Refused(400, f"Failed to deserialize query string: {key}: invalid digit found in string") from None
