"""The public REST endpoints."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from ccxt_dex.exchanges.edgex.paper import wire
from ccxt_dex.exchanges.edgex.paper.auth import dated, envelope, refused
from ccxt_dex.exchanges.edgex.paper.markets import BAND, metadata
from ccxt_dex.paper.server import Request, Route
from ccxt_dex.paper.types import Market

if TYPE_CHECKING:
    from ccxt_dex.exchanges.edgex.paper.adapter import Paper

BASE = "/api/v2/public/"
PRICES = ("LAST_PRICE", "INDEX_PRICE", "ORACLE_PRICE")


class Public:
    def __init__(self, paper: Paper) -> None:
        self._paper = paper

    def routes(self) -> Iterable[Route]:
        table: tuple[tuple[str, Callable[[Request], Any]], ...] = (
            ("meta/getServerTime", self.server_time),
            ("meta/getMetaData", self.meta),
            ("contract-labels", lambda request: []),
            ("quote/getTicker", self.ticker),
            ("quote/getDepth", self.depth),
            ("quote/getKline", self.kline),
            ("quote/getMultiContractKline", self.klines),
            ("quote/getMarketStatus", self.market_status),
            ("quote/getTicketSummary", self.summary),
            ("quote/getAccurateOpenInterest", self.open_interest),
            ("funding/getLatestFundingRate", self.latest_funding),
            ("funding/getFundingRatePage", self.funding_page),
        )
        for path, handler in table:
            yield Route("GET", BASE + path, self._answer(handler))

    def _answer(self, handler: Callable[[Request], Any]) -> Callable[[Request], Any]:
        async def handle(request: Request) -> Any:
            return dated(envelope("SUCCESS", handler(request), self._paper.now()), self._paper.time())

        return handle

    def _market(self, request: Request) -> Market:
        contract = request.query.get("contractId", "")
        market = self._paper.engine.markets.get(contract)
        if market is None:
            raise refused(200, "INVALID_CONTRACT_ID", self._paper.now(), f"invalid contractId:{contract}", {"contractId": contract})
        return market

    def _number(self, request: Request, name: str, default: int | None, most: int | None = None) -> int | None:
        value = request.query.get(name)
        if value in (None, ""):
            return default
        if not str(value).isdigit() or (most is not None and not 0 < int(str(value)) <= most):
            code = "INVALID_GET_PAGE_SIZE" if name == "size" else "GATEWAY_PARAM_INVALID"
            raise refused(400, code, self._paper.now(), f"invalid {name} : {value}", {name: str(value)})
        return int(str(value))

    def server_time(self, request: Request) -> Any:
        return {"timeMillis": str(self._paper.time())}

    def meta(self, request: Request) -> Any:
        return metadata(self._paper.engine.markets.values())

    def ticker(self, request: Request) -> Any:
        if not request.query.get("contractId"):
            return []
        return [self._paper.ticker(self._market(request).id)]

    def depth(self, request: Request) -> Any:
        market, level = self._market(request), self._number(request, "level", 0)
        if level not in (15, 200):
            raise refused(400, "GATEWAY_PARAM_INVALID", self._paper.now(), f"invalid level : {level}", {"level": str(level)})
        bids, asks, _ = self._paper.book(market.id, level)
        end = self._paper.depth(market.id, level)["end"]
        return [self._paper.depth_row(market.id, level, end - 1, end, {"bids": bids, "asks": asks}, "SNAPSHOT")]

    def _bars(self, market: Market, request: Request, size: int) -> tuple[list[dict[str, Any]], str]:
        kind, price = request.query.get("klineType", ""), request.query.get("priceType", "LAST_PRICE")
        if kind not in wire.SPANS or price not in PRICES:
            raise refused(400, "GATEWAY_PARAM_INVALID", self._paper.now(), f"invalid klineType : {kind} {price}")
        since = self._number(request, "filterBeginKlineTimeInclusive", None)
        until = self._number(request, "filterEndKlineTimeExclusive", None)
        offset = self._number(request, "offsetData", None)
        ends = [end for end in (until, offset) if end is not None]
        span = wire.SPANS[kind]
        end = min(ends) if ends else None
        start = since if since is not None else ((end if end is not None else self._paper.now()) - (size + 2) * span)
        bars = [bar for bar in self._paper.engine.candles(market.id, span, since=start, limit=5000) if end is None or bar.time < end]
        page = list(reversed(bars))[:size]
        more = str(page[-1].time) if len(bars) > len(page) and page else ""
        return [wire.kline(bar, market, kind, price) for bar in page], more

    def kline(self, request: Request) -> Any:
        rows, more = self._bars(self._market(request), request, self._number(request, "size", 100, 1000) or 100)
        return {"dataList": rows, "nextPageOffsetData": more}

    def klines(self, request: Request) -> Any:
        size = self._number(request, "size", 1, 200) or 1
        named = [self._paper.engine.markets.get(name) for name in request.query.get("contractIdList", "").split(",")]
        return [{"contractId": market.id, "klineList": self._bars(market, request, size)[0]} for market in named if market is not None]

    def market_status(self, request: Request) -> Any:
        market = self._market(request)
        mark = self._paper.engine.mark(market.id)
        low, high = (wire.text((mark * (1 + sign * BAND)).quantize(market.tick)) for sign in (-1, 1))
        prices = {"markPrice": wire.text(mark), "limitLowPrice": low, "limitHighPrice": high}
        return {"status": market.active, "force": False, "contractId": int(market.id), **prices}

    def summary(self, request: Request) -> Any:
        stats = [self._paper.engine.stats_24h(name) for name in self._paper.engine.markets]
        value = sum((row.quote_volume for row in stats), start=stats[0].quote_volume * 0)
        trades = str(sum(row.trades for row in stats))
        return {"tickerSummary": {"period": request.query.get("period"), "trades": trades, "value": wire.text(value), "openInterest": "0"}}

    def open_interest(self, request: Request) -> Any:
        wanted = request.query.get("contractIdList", "").split(",")
        names = [name for name in self._paper.engine.markets if name in wanted]
        return [{"contractId": name, "openInterest": wire.text(self._paper.engine.price(name).open_interest)} for name in names]

    def latest_funding(self, request: Request) -> Any:
        wanted = request.query.get("contractId", "").split(",")
        return [self._paper.funding(name) for name in self._paper.engine.markets if name in wanted]

    def funding_page(self, request: Request) -> Any:
        market, size = self._market(request), self._number(request, "size", 100, 100) or 100
        since = self._number(request, "filterBeginTimeInclusive", 0) or 0
        until = self._number(request, "filterEndTimeExclusive", None)
        offset = self._number(request, "offsetData", None)
        ends = [end for end in (until, offset) if end is not None]
        rates = [
            rate for rate in self._paper.engine.funding_rates(market.id) if rate.time >= since and all(rate.time < end for end in ends)
        ]
        page = list(reversed(rates))[:size]
        more = str(page[-1].time) if len(rates) > len(page) and page else ""
        return {"dataList": [wire.settled(rate, market) for rate in page], "nextPageOffsetData": more}
