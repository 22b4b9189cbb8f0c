"""The public REST endpoints."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from ccxt_dex.exchanges.edgex.paper import wire
from ccxt_dex.exchanges.edgex.paper.auth import dated, envelope, refused
from ccxt_dex.exchanges.edgex.paper.markets import BAND, metadata
from ccxt_dex.paper.server import Request, Route
from ccxt_dex.paper.types import ZERO, Market

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
            ("contract-labels", self.labels),
            ("quote/getTicker", self.ticker),
            ("quote/getDepth", self.depth),
            ("quote/getKline", self.kline),
            ("quote/getMultiContractKline", self.klines),
            ("quote/getMarketStatus", self.market_status),
            ("quote/getTicketSummary", self.summary),
            ("quote/getAccurateOpenInterest", self.open_interest),
            ("quote/getStatDayTrade", self.day_trades),
            ("quote/getExchangeLongShortRatio", self.long_short),
            ("quote/fee", self.day_fees),
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
        wanted = {name for name in request.query.get("contractIdList", "").split(",") if name}
        names = [name for name in self._paper.engine.markets if not wanted or name in wanted]
        now, price = str(self._paper.now()), self._paper.engine.price
        return [{"contractId": name, "timestamp": now, "size": wire.text(price(name).open_interest)} for name in names]

    def labels(self, request: Request) -> Any:
        """Composed: the fields are not documented."""
        return [
            {"contractId": name, "labelList": ["stock" if row.info["stock"] else "crypto"]}
            for name, row in self._paper.engine.markets.items()
        ]

    def day_trades(self, request: Request) -> Any:
        if not (self._number(request, "startDayTimeInclusive", 0) and self._number(request, "endDayTimeExclusive", 0)):
            raise refused(400, "GATEWAY_PARAM_INVALID", self._paper.now(), "startDayTimeInclusive and endDayTimeExclusive are required")
        stats = [self._paper.engine.stats_24h(name) for name in self._paper.engine.markets]
        value = wire.text(sum((row.quote_volume for row in stats), start=ZERO))
        day = request.query["startDayTimeInclusive"]
        return [{"dayTime": day, "totalTrades": str(sum(row.trades for row in stats)), "totalValue": value, "createTime": day}]

    def day_fees(self, request: Request) -> Any:
        start = self._number(request, "filterBeginKlineTimeInclusive", 0)
        if not start or not self._number(request, "filterEndKlineTimeExclusive", 0):
            raise refused(400, "GATEWAY_PARAM_INVALID", self._paper.now(), "both times are required")
        return [{"dayTimestamp": start, "fee": "12345.67", "revenue": "0"}]

    def long_short(self, request: Request) -> Any:
        """The documentation's figures for every contract."""
        ranges = ["30m", "1h", "4h", "12h", "24h"]
        span = request.query.get("range") or ranges[0]
        wanted = {name for name in request.query.get("filterContractIdList", "").split(",") if name}
        places = {name for name in request.query.get("filterExchangeList", "").split(",") if name}
        now = str(self._paper.now())
        rows = [
            {"range": span, "contractId": name, "exchange": place, "buyRatio": "50.9900", "sellRatio": "49.0100",
             "buyVolUsd": "567855766.2701", "sellVolUsd": "545892952.7900", "createdTime": now, "updatedTime": now}
            for name in self._paper.engine.markets if not wanted or name in wanted
            for place in ("_total_", "binance", "okx") if not places or place in places
        ]  # fmt: skip
        return {"exchangeLongShortRatioList": rows if span in ranges else [], "allRangeList": ranges}

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
