"""https://api.backpack.exchange: public reads, signed reads and writes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ccxt_dex.exchanges.backpack.paper import markets, wire
from ccxt_dex.exchanges.backpack.paper.gateway import bad
from ccxt_dex.paper.numbers import text, truncated
from ccxt_dex.paper.server import Request, Route
from ccxt_dex.paper.types import Reject

if TYPE_CHECKING:
    from ccxt_dex.exchanges.backpack.paper.adapter import Paper

MINUTE, DAY = 60_000, 86_400_000
INTERVALS = {
    **{f"{count}m": count * MINUTE for count in (1, 3, 5, 15, 30)},
    **{f"{count}h": count * 60 * MINUTE for count in (1, 2, 4, 6, 8, 12)},
    "1d": DAY,
    "3d": 3 * DAY,
    "1w": 7 * DAY,
    "1month": 30 * DAY,
}
OPEN = ("open", "untriggered", "new")
TOKEN = {
    "blockchain": "Solana",
    "contractAddress": "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v",
    "depositEnabled": True,
    "displayName": "USDC",
    "maximumWithdrawal": None,
    "minimumDeposit": "0",
    "minimumWithdrawal": "1",
    "withdrawEnabled": True,
    "withdrawalFee": "0.5",
}


class Rest:
    def __init__(self, paper: Any) -> None:
        self._paper: Paper = paper

    def routes(self) -> Iterable[Route]:
        public: dict[str, Callable[[Request], Any]] = {
            "assets": lambda request: self.assets(),
            "securities": lambda request: [],
            "markets": lambda request: [markets.row(market) for market in self._paper.engine.markets.values()],
            "market": lambda request: markets.row(self._market(request)),
            "ticker": lambda request: wire.ticker(self._paper.engine.stats_24h(self._market(request).id)),
            "tickers": lambda request: [wire.ticker(self._paper.engine.stats_24h(name)) for name in self._paper.engine.markets],
            "depth": self.depth,
            "klines": self.klines,
            "markPrices": self.marks,
            "openInterest": self.open_interest,
            "fundingRates": self.funding_rates,
            "trades": self.trades,
            "trades/history": self.trades,
            "status": lambda request: {"status": "Ok", "message": None},
            "time": lambda request: str(self._paper.time()),
            "ping": lambda request: "pong",
            "borrowLend/markets": lambda request: self._paper.loans.markets(),
        }
        for path, read in public.items():
            yield Route("GET", f"/api/v1/{path}", _async(read))
        gateway, programs, loans = self._paper.gateway, self._paper.programs, self._paper.loans
        withdrawals = self._paper.withdrawals
        signed: list[tuple[str, str, str, Callable[[Request, Any], Any]]] = [
            ("GET", "/api/v1/account", "accountQuery", self.account),
            ("PATCH", "/api/v1/account", "accountUpdate", lambda request, body: gateway.update(request.account, body)),
            ("GET", "/api/v1/capital", "balanceQuery", self.capital),
            ("GET", "/api/v1/capital/collateral", "collateralQuery", self.collateral),
            ("GET", "/api/v1/position", "positionQuery", self.positions),
            ("POST", "/api/v1/order", "orderExecute", lambda request, body: gateway.execute(request.account, body)),
            ("GET", "/api/v1/order", "orderQuery", self.order),
            ("DELETE", "/api/v1/order", "orderCancel", lambda request, body: gateway.cancel(request.account, body)),
            ("POST", "/api/v1/orders", "orderExecute", lambda request, body: gateway.batch(request.account, body)),
            ("GET", "/api/v1/orders", "orderQueryAll", self.orders),
            ("DELETE", "/api/v1/orders", "orderCancelAll", lambda request, body: gateway.cancel_all(request.account, body)),
            ("GET", "/wapi/v1/history/orders", "orderHistoryQueryAll", self.order_history),
            ("GET", "/wapi/v1/history/fills", "fillHistoryQueryAll", self.fills),
            ("GET", "/wapi/v1/history/funding", "fundingHistoryQueryAll", self.fundings),
            ("GET", "/wapi/v1/history/position", "positionHistoryQueryAll", lambda request, query: []),
            ("POST", "/api/v1/strategy", "strategyCreate", lambda request, body: programs.create(request.account, body)),
            ("GET", "/api/v1/strategy", "strategyQuery", lambda request, query: programs.one(request.account, query)),
            ("DELETE", "/api/v1/strategy", "strategyCancel", lambda request, body: programs.cancel(request.account, body)),
            ("GET", "/api/v1/strategies", "strategyQueryAll", lambda request, query: programs.listed(request.account, query, True)),
            ("GET", "/wapi/v1/history/strategies", "strategyHistoryQueryAll", self.ended_programs),
            ("POST", "/api/v1/borrowLend", "borrowLendExecute", lambda request, body: loans.execute(request.account, body)),
            ("GET", "/api/v1/borrowLend/positions", "borrowLendPositionQuery", lambda request, query: loans.positions(request.account)),
            ("GET", "/wapi/v1/capital/deposits", "depositQueryAll", self.deposits),
            (
                "GET",
                "/wapi/v1/capital/withdrawals",
                "withdrawalQueryAll",
                lambda request, query: page(withdrawals.listed(request.account), query),
            ),
            ("POST", "/wapi/v1/capital/withdrawals", "withdraw", lambda request, body: withdrawals.request(request.account, body)),
        ]
        for method, path, instruction, handler in signed:
            yield Route(method, path, self._signed(instruction, handler))

    def _signed(self, instruction: str, handler: Callable[[Request, Any], Any]) -> Any:
        async def handle(request: Request) -> Any:
            return handler(request, self._paper.gateway.authenticate(request, instruction))

        return handle

    def assets(self) -> Any:
        names = ["USDC", "USDT", "JUP", "BONK", *dict.fromkeys(market.base for market in self._paper.engine.markets.values())]
        return [{"symbol": name, "displayName": name, "coingeckoId": None, "tokens": [TOKEN]} for name in names]

    # --- public -----------------------------------------------------------------------------------------------------------------------

    def _market(self, request: Request) -> Any:
        return self._paper.gateway.market(request.query.get("symbol"))

    def depth(self, request: Request) -> Any:
        return self._paper.depth(self._market(request), integer(request.query, "limit", 1000))

    def klines(self, request: Request) -> Any:
        market, word = self._market(request), request.query.get("interval", "")
        if word not in INTERVALS or "startTime" not in request.query:
            raise bad("Invalid interval, or no startTime")
        now, length = self._paper.now(), INTERVALS[word]
        start = integer(request.query, "startTime", 0) * 1000
        end = min(integer(request.query, "endTime", now // 1000) * 1000, now)
        bars = self._paper.engine.candles(market.id, length, since=start, until=end, limit=1000)
        return [wire.candle(bar, length) for bar in bars]

    def _perpetuals(self, request: Request) -> list[str]:
        if "symbol" in request.query:
            return [self._market(request).id]
        return [name for name, market in self._paper.engine.markets.items() if not market.spot]

    def marks(self, request: Request) -> Any:
        return [wire.mark(self._paper.engine.price(name)) for name in self._perpetuals(request)]

    def open_interest(self, request: Request) -> Any:
        prices = (self._paper.engine.price(name) for name in self._perpetuals(request))
        return [{"openInterest": text(view.open_interest), "symbol": view.market, "timestamp": view.time} for view in prices]

    def funding_rates(self, request: Request) -> Any:
        name = self._market(request).id
        rates = self._paper.engine.funding_rates(name, limit=integer(request.query, "limit", 100))
        return [
            {"fundingRate": text(rate.rate), "intervalEndTimestamp": wire.iso(rate.time)[:19], "symbol": name} for rate in reversed(rates)
        ]

    def trades(self, request: Request) -> Any:
        found = self._paper.engine.trades(self._market(request).id, limit=min(integer(request.query, "limit", 100), 1000))
        return [wire.public_trade(trade) for trade in reversed(found)]

    # --- the account ------------------------------------------------------------------------------------------------------------------

    def account(self, request: Request, query: Any) -> Any:
        return self._paper.account_row(request.account)

    def capital(self, request: Request, query: Any) -> Any:
        view = self._paper.engine.balances(request.account)
        total = truncated(view.balance, wire.MONEY)
        free = max(Decimal(0), min(truncated(view.free, wire.MONEY), total))
        found = {"USDC": {"available": text(free), "locked": text(total - free), "staked": "0"}}
        for coin, (held, locked) in self._paper.engine.coins(request.account).items():
            found[coin] = {"available": text(held - locked), "locked": text(locked), "staked": "0"}
        return found

    def collateral(self, request: Request, query: Any) -> Any:
        engine = self._paper.engine
        marks = {market.base: engine.mark(name) for name, market in engine.markets.items() if market.spot}
        return wire.collateral(engine.balances(request.account), engine.coins(request.account), marks)

    def positions(self, request: Request, query: Any) -> Any:
        name = query.get("symbol")
        return [row for row in self._paper.position_rows(request.account, alone=name is not None) if name in (None, row["symbol"])]

    def order(self, request: Request, query: Any) -> Any:
        found = self._paper.gateway.find(request.account, query)
        if found.status not in OPEN:
            raise Reject("unknown_order")
        return wire.order(found)

    def _orders(self, request: Request, query: Any) -> list[Any]:
        found = sorted(
            self._paper.engine.account(request.account).orders.values(), key=lambda order: (order.created, order.id), reverse=True
        )
        return [order for order in found if query.get("symbol") in (None, order.request.market)]

    def orders(self, request: Request, query: Any) -> Any:
        return [wire.order(order) for order in self._orders(request, query) if order.status in OPEN]

    def order_history(self, request: Request, query: Any) -> Any:
        rows = [wire.order(order, history=True) for order in self._orders(request, query)]
        return page([row for row in rows if query.get("orderId") in (None, row["id"])], query)

    def fills(self, request: Request, query: Any) -> Any:
        start, end = integer(query, "from", 0), integer(query, "to", 1 << 62)
        found = [fill for fill in reversed(self._paper.engine.fills(request.account)) if start <= fill.time <= end]
        rows = [wire.fill(fill) for fill in found if query.get("symbol") in (None, fill.market)]
        return page([row for row in rows if query.get("orderId") in (None, row["orderId"])], query)

    def ended_programs(self, request: Request, query: Any) -> Any:
        return page(self._paper.programs.listed(request.account, query, False), query)

    def deposits(self, request: Request, query: Any) -> Any:
        found = [each for each in reversed(self._paper.engine.transfers(request.account)) if each.amount > 0]
        start, end = integer(query, "from", 0), integer(query, "to", 1 << 62)
        return page([wire.deposit(each) for each in found if start <= each.time <= end], query)

    def fundings(self, request: Request, query: Any) -> Any:
        found = reversed(self._paper.engine.fundings(request.account))
        return page([wire.funding(payment) for payment in found if query.get("symbol") in (None, payment.market)], query)


def _async(handler: Callable[[Request], Any]) -> Any:
    async def handle(request: Request) -> Any:
        return handler(request)

    return handle


def integer(query: Any, key: str, default: int) -> int:
    value = query.get(key)
    if value is None:
        return default
    if not str(value).isdigit():
        raise bad(f"Invalid {key}")
    return int(value)


def page(rows: list[Any], query: Any) -> list[Any]:
    start, size = integer(query, "offset", 0), min(integer(query, "limit", 100), 1000)
    return rows[start : start + size]
