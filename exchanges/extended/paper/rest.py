"""https://api.starknet.extended.exchange/api/v1: what the clients of this house, ccxt's class and the official SDK ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from ccxt_dex.exchanges.extended.paper import wire
from ccxt_dex.exchanges.extended.paper.identity import Owner, refused
from ccxt_dex.exchanges.extended.paper.markets import ASSETS, row
from ccxt_dex.exchanges.extended.paper.money import Money
from ccxt_dex.paper.server import Reply, Request, Route
from ccxt_dex.paper.types import Reject

if TYPE_CHECKING:
    from ccxt_dex.exchanges.extended.paper.adapter import Paper

INTERVALS = {
    "PT1M": 60_000,
    "PT5M": 300_000,
    "PT15M": 900_000,
    "PT30M": 1_800_000,
    "PT1H": 3_600_000,
    "PT2H": 7_200_000,
    "PT4H": 14_400_000,
    "PT8H": 28_800_000,
    "PT12H": 43_200_000,
    "PT24H": 86_400_000,
    "P1D": 86_400_000,
    "P7D": 604_800_000,
    "P30D": 2_592_000_000,
}
Private = Callable[[Owner, Request], Any]


class Rest:
    def __init__(self, paper: Paper) -> None:
        self._paper = paper
        self._money = Money(paper)

    def routes(self) -> Iterable[Route]:
        public: tuple[tuple[str, Callable[[Request], Any]], ...] = (
            ("/info/markets", self.markets),
            ("/info/markets/{market}/stats", lambda request: wire.ok(self._paper.stats(self._market(request.params["market"])))),
            ("/info/markets/{market}/orderbook", self.book),
            ("/info/markets/{market}/trades", self.trades),
            ("/info/candles/{market}/{kind}", self.candles),
            ("/info/{market}/funding", self.funding),
            ("/info/{market}/open-interests", self.open_interests),
            ("/info/assets", lambda _: wire.ok(ASSETS)),
            ("/info/settings", lambda _: wire.ok({"chainId": self._paper.identity.chain})),
        )
        private: tuple[tuple[str, str, Private], ...] = (
            ("GET", "/user/account/info", self.account_info),
            ("GET", "/user/accounts", self.accounts),
            ("GET", "/user/balance", lambda owner, _: wire.ok(self._paper.balance_row(owner))),
            ("GET", "/user/spot/balances", self.spot_balances),
            ("GET", "/user/assetOperations", lambda owner, request: self._page(request, self._money.operations(owner, request), "time")),
            ("POST", "/user/transfer", lambda owner, request: self._money.transfer(owner, request)),
            ("POST", "/user/transfer/onchain", lambda owner, request: self._money.transfer(owner, request)),
            ("POST", "/user/withdrawal", lambda owner, request: self._money.withdraw(owner, request)),
            ("GET", "/user/positions", self.positions),
            ("GET", "/user/positions/history", lambda owner, _: wire.ok([], {"cursor": None, "count": 0})),
            ("GET", "/user/orders", self.open_orders),
            ("GET", "/user/orders/history", self.history),
            ("GET", "/user/orders/{id}", lambda owner, request: wire.ok(self._row(self._desk.find(owner, request.params["id"])))),
            ("GET", "/user/orders/external/{name}", self.by_external),
            ("GET", "/user/trades", self.fills),
            ("GET", "/user/funding/history", self.payments),
            ("GET", "/user/leverage", self.leverage),
            ("PATCH", "/user/leverage", self.set_leverage),
            ("GET", "/user/fees", self.fees),
            ("POST", "/user/order", self.create),
            ("DELETE", "/user/order", self.cancel_external),
            ("DELETE", "/user/order/{id}", self.cancel),
            ("POST", "/user/order/massCancel", self.mass_cancel),
            ("POST", "/user/deadmanswitch", self.dead_man),
        )
        for path, handler in public:
            yield Route("GET", f"/api/v1{path}", partial(self._public, handler))
        for method, path, private_handler in private:
            yield Route(method, f"/api/v1{path}", partial(self._private, private_handler))

    async def _public(self, handler: Callable[[Request], Any], request: Request) -> Any:
        return handler(request)

    async def _private(self, handler: Private, request: Request) -> Any:
        owner = self._paper.identity.caller(request.headers)
        request.account = owner.name
        return handler(owner, request)

    @property
    def _desk(self) -> Any:
        return self._paper.desk

    def _row(self, ticket: Any) -> Any:
        return self._desk.row(ticket)

    def _market(self, market: Any) -> str:
        if market not in self._paper.engine.markets:
            raise refused(404, "NOT_FOUND", "Market not found")
        return str(market)

    def _all(self, request: Request, name: str) -> list[str]:
        """A parameter that may be repeated."""
        return [value for value in parse_qs(request.raw_query).get(name, []) if value]

    def _integer(self, request: Request, name: str, default: int) -> int:
        value = request.query.get(name)
        try:
            return default if value in (None, "") else int(str(value))
        except ValueError:
            raise refused(400, 1013, f"{name} must be a number") from None

    def _page(self, request: Request, rows: list[dict[str, Any]], when: str) -> dict[str, Any]:
        """Newest first; the cursor is the id of the last row of a page."""
        rows = sorted(rows, key=lambda each: (each[when], each["id"]), reverse=True)
        after = self._integer(request, "cursor", 0)
        if after:
            ids = [each["id"] for each in rows]
            rows = rows[ids.index(after) + 1 :] if after in ids else []
        page = rows[: max(1, min(self._integer(request, "limit", 100), 100))]
        more = len(page) < len(rows)
        return wire.ok(page, {"cursor": page[-1]["id"] if page and more else None, "count": len(page)})

    # --- public ----------------------------------------------------------------------------------------------------------------

    def markets(self, request: Request) -> Any:
        wanted = self._all(request, "market")
        engine = self._paper.engine
        known = [self._market(name) for name in wanted] or list(engine.markets)
        return wire.ok([row(engine.markets[name], self._paper.active(name), self._paper.stats(name)) for name in known])

    def book(self, request: Request) -> Any:
        market = self._market(request.params["market"])
        bids, asks, _ = self._paper.book(market)
        return wire.ok({"market": market, "bid": wire.levels(bids, "price", "qty"), "ask": wire.levels(asks, "price", "qty")})

    def trades(self, request: Request) -> Any:
        found = self._paper.engine.trades(self._market(request.params["market"]), limit=50)
        return wire.ok([wire.public_trade(trade) for trade in reversed(found)])

    def candles(self, request: Request) -> Any:
        market, interval = self._market(request.params["market"]), INTERVALS.get(str(request.query.get("interval")))
        if interval is None or request.params["kind"] not in ("trades", "mark-prices", "index-prices") or "limit" not in request.query:
            raise refused(400, 1005, "Not supported interval")
        end, count = self._integer(request, "endTime", self._paper.now()), self._integer(request, "limit", 100)
        end = min(end, self._paper.now())
        bars = self._paper.engine.candles(market, interval, since=end - count * interval, until=end, limit=count + 1)
        return wire.ok([wire_candle(bar) for bar in reversed(bars)][:count])

    def _span(self, request: Request) -> tuple[int, int]:
        if "startTime" not in request.query or "endTime" not in request.query:
            raise refused(400, 1133, "startTime and endTime are required")
        return self._integer(request, "startTime", 0), self._integer(request, "endTime", 0)

    def funding(self, request: Request) -> Any:
        market, (start, end) = self._market(request.params["market"]), self._span(request)
        found = [rate for rate in self._paper.engine.funding_rates(market) if start <= rate.time <= end]
        rows = [{"m": market, "T": rate.time, "f": wire.text(rate.rate)} for rate in reversed(found)]
        rows = rows[: self._integer(request, "limit", 1000)]
        return wire.ok(rows, {"cursor": None, "count": len(rows)})

    def open_interests(self, request: Request) -> Any:
        market, (start, end) = self._market(request.params["market"]), self._span(request)
        interval = {"P1H": 3_600_000, "PT1H": 3_600_000, "P1D": 86_400_000}.get(str(request.query.get("interval")))
        if interval is None:
            raise refused(400, 1005, "Not supported interval")
        price = self._paper.engine.price(market)
        times = range(-(-start // interval) * interval, min(end, self._paper.now()) + 1, interval)
        value = wire.text(price.open_interest * price.mark)
        rows = [{"i": value, "I": wire.text(price.open_interest), "t": at} for at in reversed(times)]
        return wire.ok(rows[: self._integer(request, "limit", 100)])

    # --- account ---------------------------------------------------------------------------------------------------------------

    def account_info(self, owner: Owner, request: Request) -> Any:
        row = {"status": "ACTIVE", "l2Key": hex(owner.public), "l2Vault": owner.vault, "accountId": owner.account, "accountIndex": 0}
        return wire.ok({**row, "description": owner.name, "bridgeStarknetAddress": None})

    def accounts(self, owner: Owner, request: Request) -> Any:
        """Every account of this venue belongs to one wallet."""
        return wire.ok([self.account_info(each, request)["data"] for each in self._paper.identity.owners.values()])

    def spot_balances(self, owner: Owner, request: Request) -> Any:
        view = self._paper.engine.balances(owner.name)
        money = {name: wire.text(view.balance) for name in ("balance", "notionalValue", "equityContribution", "availableToWithdraw")}
        return wire.ok(
            [
                {
                    "accountId": owner.account,
                    "asset": "USDC",
                    "indexPrice": "1",
                    "contributionFactor": "1",
                    **money,
                    "updatedAt": self._paper.now(),
                }
            ]
        )

    def positions(self, owner: Owner, request: Request) -> Any:
        wanted = self._all(request, "market")
        held = self._paper.engine.account(owner.name).positions
        return wire.ok([self._paper.position_row(owner, name) for name in held if held[name].qty and (not wanted or name in wanted)])

    def open_orders(self, owner: Owner, request: Request) -> Any:
        wanted = self._all(request, "market")
        return wire.ok([self._row(ticket) for ticket in self._desk.open_tickets(owner) if not wanted or ticket.market in wanted])

    def history(self, owner: Owner, request: Request) -> Any:
        wanted, now_open = self._all(request, "market"), {ticket.id for ticket in self._desk.open_tickets(owner)}
        rows = [self._row(t) for t in self._desk.of(owner) if t.id not in now_open and (not wanted or t.market in wanted)]
        return self._page(request, rows, "createdTime")

    def by_external(self, owner: Owner, request: Request) -> Any:
        found = self._desk.external(owner, request.params["name"])
        if not found:
            raise refused(404, "NOT_FOUND", "Order not found")
        return wire.ok([self._row(ticket) for ticket in found])

    def fills(self, owner: Owner, request: Request) -> Any:
        wanted = self._all(request, "market")
        if not wanted:
            raise refused(400, 1133, "market is required")
        rows = [self._paper.fill_row(owner, fill) for fill in self._paper.engine.fills(owner.name) if fill.market in wanted]
        return self._page(request, rows, "createdTime")

    def payments(self, owner: Owner, request: Request) -> Any:
        wanted, start = self._all(request, "market"), self._integer(request, "fromTime", 0)
        engine = self._paper.engine
        found = [each for each in engine.fundings(owner.name) if each.time >= start and (not wanted or each.market in wanted)]
        return self._page(request, [wire.payment(each, owner.account, engine.mark(each.market)) for each in found], "paidTime")

    def leverage(self, owner: Owner, request: Request) -> Any:
        names = [self._market(name) for name in self._all(request, "market")] or list(self._paper.engine.markets)
        return wire.ok([{"market": name, "leverage": str(self._paper.engine.leverage(owner.name, name))} for name in names])

    def set_leverage(self, owner: Owner, request: Request) -> Any:
        body = self._body(request)
        market = self._market(body.get("market"))
        try:
            wanted = float(str(body.get("leverage")))
        except ValueError:
            raise refused(400, 1053, "Leverage has invalid precision") from None
        if wanted < 1 or wanted != int(wanted):
            raise refused(400, 1049, "Leverage below min leverage")
        if wanted > self._paper.engine.markets[market].max_leverage:
            raise refused(400, 1050, "Leverage exceeds max leverage")
        try:
            self._paper.engine.set_leverage(owner.name, market, int(wanted))
        except Reject:
            raise refused(400, 1052, "Insufficient margin for new leverage") from None
        return wire.ok({"market": market, "leverage": str(int(wanted))})

    def fees(self, owner: Owner, request: Request) -> Any:
        names = [self._market(name) for name in self._all(request, "market")] or list(self._paper.engine.markets)
        known = self._paper.engine.markets
        return wire.ok(
            [
                {"market": n, "makerFeeRate": str(known[n].maker_fee), "takerFeeRate": str(known[n].taker_fee), "builderFeeRate": "0"}
                for n in names
            ]
        )

    # --- orders ----------------------------------------------------------------------------------------------------------------

    def _body(self, request: Request) -> Any:
        try:
            body = request.json()
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise refused(400, 1133, "body is not JSON")
        return body

    def create(self, owner: Owner, request: Request) -> Any:
        ticket = self._desk.place(owner, self._body(request))
        return wire.ok({"id": ticket.id, "externalId": ticket.body["id"]})

    def cancel(self, owner: Owner, request: Request) -> Any:
        self._desk.cancel(self._desk.find(owner, request.params["id"]))
        return {"status": "OK"}

    def cancel_external(self, owner: Owner, request: Request) -> Any:
        found = self._desk.external(owner, str(request.query.get("externalId")))
        if not found:
            raise refused(404, "NOT_FOUND", "Order not found")
        self._desk.cancel(found[0])
        return {"status": "OK"}

    def mass_cancel(self, owner: Owner, request: Request) -> Any:
        """What any of the fields names."""
        body = self._body(request)
        ids, names, markets = (body.get(key) or [] for key in ("orderIds", "externalOrderIds", "markets"))
        if not (ids or names or markets or body.get("cancelAll")):
            raise refused(400, 1133, "Invalid order parameters")
        known = {str(each) for each in ids}
        for ticket in self._desk.open_tickets(owner):
            named = str(ticket.id) in known or ticket.body["id"] in names or ticket.market in markets
            if named or body.get("cancelAll"):
                self._desk.cancel(ticket)
        return wire.ok({})

    def dead_man(self, owner: Owner, request: Request) -> Any:
        seconds = self._integer(request, "countdownTime", -1)
        if seconds < 0:
            raise refused(400, 1133, "countdownTime is required")
        self._paper.engine.cancel_after(owner.name, self._paper.now() + seconds * 1000 if seconds else None)
        return Reply("")


def wire_candle(bar: Any) -> dict[str, Any]:
    names = (("o", "open"), ("l", "low"), ("h", "high"), ("c", "close"), ("v", "volume"))
    return {**{short: wire.text(getattr(bar, name)) for short, name in names}, "T": bar.time}
