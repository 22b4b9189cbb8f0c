"""https://api.prod.paradex.trade/v1: what the clients of this house, ccxt's class and paradex-py ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from ccxt_dex.exchanges.paradex.paper import wire
from ccxt_dex.exchanges.paradex.paper.desk import bad
from ccxt_dex.exchanges.paradex.paper.identity import CONFIG, Token, refused
from ccxt_dex.exchanges.paradex.paper.markets import others, row
from ccxt_dex.paper.server import Reply, Request, Route

if TYPE_CHECKING:
    from ccxt_dex.exchanges.paradex.paper.adapter import Paper

RESOLUTIONS = {"1": 60_000, "3": 180_000, "5": 300_000, "15": 900_000, "30": 1_800_000, "60": 3_600_000}
Private = Callable[[Token, Request], Any]


class Rest:
    def __init__(self, paper: Paper) -> None:
        self._paper = paper

    def routes(self) -> Iterable[Route]:
        public: tuple[tuple[str, str, Callable[[Request], Any]], ...] = (
            ("GET", "/system/config", lambda _: CONFIG),
            ("GET", "/system/state", lambda _: {"status": "ok"}),
            ("GET", "/system/time", lambda _: {"server_time": str(self._paper.time())}),
            ("GET", "/markets", self.markets),
            ("GET", "/markets/summary", self.summaries),
            ("GET", "/markets/klines", self.klines),
            ("GET", "/bbo/{market}", self.bbo),
            ("GET", "/orderbook/{market}", self.book),
            ("GET", "/trades", self.trades),
            ("GET", "/funding/data", self.funding_data),
            ("POST", "/auth", lambda request: self.auth(request)),
            ("POST", "/auth/{public_key}", lambda request: self.auth(request)),
            ("POST", "/onboarding", lambda request: self.onboarding(request)),
        )
        reads: tuple[tuple[str, Private], ...] = (
            ("/account", lambda token, _: self._paper.account_row(token.owner.name)),
            ("/account/info", self.account_info),
            ("/account/margin", self.margin),
            ("/balance", self.balance),
            ("/positions", self.positions),
            ("/orders", self.open_orders),
            ("/orders-history", self.history),
            ("/orders/{order_id}", lambda token, request: self.row(self._paper.desk.find(token.owner.name, request.params["order_id"]))),
            ("/orders/by_client_id/{client_id}", self.by_client_id),
            ("/fills", self.fills),
            ("/funding/payments", self.payments),
            ("/algo/orders", lambda token, _: {"results": self._paper.algos.rows(token)}),
            ("/transfers", lambda token, request: self._page(request, [])),
            ("/liquidations", self.liquidations),
        )
        writes: tuple[tuple[str, str, Private], ...] = (
            ("POST", "/orders", self.create),
            ("POST", "/orders/batch", self.create_batch),
            ("PUT", "/orders/{order_id}", self.modify),
            ("DELETE", "/orders", self.cancel_all),
            ("DELETE", "/orders/batch", self.cancel_batch),
            ("DELETE", "/orders/{order_id}", self.cancel),
            ("DELETE", "/orders/by_client_id/{client_id}", self.cancel_by_client_id),
            ("POST", "/account/margin/{market}", self.set_margin),
            ("POST", "/algo/orders", lambda token, request: Reply(self._paper.algos.create(token, self.body(request)), 201)),
            ("DELETE", "/algo/orders/{algo_id}", self.cancel_algo),
        )
        for method, path, handler in public:
            yield Route(method, f"/v1{path}", partial(self._public, handler))
        for method, path, write in writes:
            yield Route(method, f"/v1{path}", partial(self._private, write, "trade"))
        for path, read in reads:
            yield Route("GET", f"/v1{path}", partial(self._private, read, "read"))

    async def _public(self, handler: Callable[[Request], Any], request: Request) -> Any:
        return handler(request)

    async def _private(self, handler: Private, scope: str, request: Request) -> Any:
        token = self._paper.identity.bearer(request.headers)
        if scope == "trade" and token.scope != "trade":
            raise refused(403, "INVALID_TOKEN_SCOPE", "token is read-only")
        request.account = token.owner.name
        return handler(token, request)

    def row(self, ticket: Any) -> dict[str, Any]:
        return self._paper.desk.row(ticket)

    def body(self, request: Request) -> Any:
        try:
            return request.json()
        except ValueError:
            raise refused(400, "BINDING_ERROR", "body is not JSON") from None

    # --- lists -----------------------------------------------------------------------------------------------------------------

    def _page(self, request: Request, rows: list[dict[str, Any]], most: int = 100) -> dict[str, Any]:
        """Newest first; the cursor is the place where the next page begins."""
        start, end = self._integer(request, "start_at", 0), self._integer(request, "end_at", 1 << 62)
        size = max(1, min(self._integer(request, "page_size", 100), most))
        kept = [row for row in rows if start <= row["created_at"] <= end]
        kept.sort(key=lambda row: (row["created_at"], row.get("id", "")), reverse=True)
        cursor = request.query.get("cursor", "")
        at = int(cursor[1:]) if cursor[:1] == "c" and cursor[1:].isdigit() else 0
        page = kept[at : at + size]
        following = f"c{at + size}" if at + size < len(kept) else None
        return {"next": following, "prev": f"c{max(0, at - size)}" if at else None, "results": page}

    @staticmethod
    def _integer(request: Request, name: str, default: int) -> int:
        value = request.query.get(name)
        if value in (None, ""):
            return default
        try:
            return int(str(value))
        except ValueError:
            raise refused(400, "INVALID_REQUEST_PARAMETER", f"{name} must be a number") from None

    def _market(self, market: str | None) -> str:
        if market not in self._paper.engine.markets:
            raise refused(400, "MARKET_NOT_FOUND", f"market {market} was not found")
        return str(market)

    # --- public ----------------------------------------------------------------------------------------------------------------

    def markets(self, request: Request) -> Any:
        known = list(self._paper.engine.markets.values())
        rows = [{**row(market), "trading_mode": "STANDARD" if self._paper.active(market.id) else "RFQ_ONLY"} for market in known]
        wanted = request.query.get("market")
        return {"results": [each for each in [*rows, *others(known)] if wanted in (None, "", each["symbol"])]}

    def summary(self, market: str) -> dict[str, Any]:
        engine = self._paper.engine
        return wire.summary(engine.price(market), engine.stats_24h(market), engine.funding_rate(market), self._paper.now())

    def summaries(self, request: Request) -> Any:
        wanted = request.query.get("market")
        if not wanted:
            raise bad("market is required")
        names = list(self._paper.engine.markets) if wanted == "ALL" else [self._market(wanted)]
        return {"results": [self.summary(name) for name in names]}

    def klines(self, request: Request) -> Any:
        market = self._market(request.query.get("symbol"))
        interval = RESOLUTIONS.get(str(request.query.get("resolution")))
        if interval is None or "start_at" not in request.query or "end_at" not in request.query:
            raise bad("resolution, start_at and end_at are required")
        start, end = self._integer(request, "start_at", 0), self._integer(request, "end_at", 0)
        rows = self._paper.engine.candles(market, interval, since=start, until=min(end, self._paper.now()), limit=2000)
        names = ("open", "high", "low", "close", "volume")
        return {"results": [[bar.time, *(float(getattr(bar, name)) for name in names)] for bar in rows]}

    def bbo(self, request: Request) -> Any:
        market = self._market(request.params["market"])
        return wire.bbo(self._paper.engine.price(market), self._paper.now(), self._paper.now())

    def book(self, request: Request) -> Any:
        market = self._market(request.params["market"])
        bids, asks, at = self._paper.book(market, self._integer(request, "depth", 20))
        sides = {name: [[wire.text(p), wire.text(q)] for p, q in rows] for name, rows in (("bids", bids), ("asks", asks))}
        best = {f"best_{name}_api": rows[0] if rows else [] for name, rows in (("bid", sides["bids"]), ("ask", sides["asks"]))}
        return {"market": market, "seq_no": at, "last_updated_at": at, **sides, **best}

    def trades(self, request: Request) -> Any:
        market = self._market(request.query.get("market"))
        return self._page(request, [wire.public_trade(trade) for trade in self._paper.engine.trades(market)], 1000)

    def funding_data(self, request: Request) -> Any:
        """Samples every hour: the real venue has one every few seconds."""
        market = self._market(request.query.get("market"))
        rows = [
            wire.funding_data(market, rate.rate, (rate.mark - rate.index) / rate.index, rate.time)
            for rate in self._paper.engine.funding_rates(market)
        ]
        return self._page(request, rows, 5000)

    def auth(self, request: Request) -> Any:
        public = request.params.get("public_key")
        try:
            key = None if public is None else int(public, 16)
        except ValueError:
            raise refused(400, "INVALID_REQUEST_PARAMETER", "public key must be hexadecimal") from None
        return {"jwt_token": self._paper.identity.login(request.headers, key)}

    def onboarding(self, request: Request) -> Any:
        account = str(request.headers.get("PARADEX-STARKNET-ACCOUNT") or "0")
        if int(account, 16) not in self._paper.identity.owners:
            raise refused(400, "NOT_ONBOARDED", "this paper venue opens no accounts for strangers")
        return {"address": account}

    # --- account ---------------------------------------------------------------------------------------------------------------

    def account_info(self, token: Token, request: Request) -> Any:
        address = hex(token.owner.address)
        fees = {"maker_rate": "0", "taker_rate": "0.0002"}
        info = {"account": address, "parent_account": "", "kind": "main", "public_key": hex(token.key), "fees": fees}
        return {"results": [{**info, "created_at": self._paper.now()}]}

    def margin_row(self, account: str, market: str) -> dict[str, Any]:
        engine = self._paper.engine
        leverage, mode = engine.leverage(account, market), engine.margin_mode(account, market).upper()
        return {
            "market": market,
            "leverage": leverage,
            "margin_type": mode,
            "isolated_margin_leverage": leverage if mode == "ISOLATED" else 0,
        }

    def margin(self, token: Token, request: Request) -> Any:
        market = self._market(request.query.get("market"))
        configs = [self.margin_row(token.owner.name, market)]
        return {"account": hex(token.owner.address), "configs": configs, "margin_methodology": "cross_margin"}

    def set_margin(self, token: Token, request: Request) -> Any:
        market, body = self._market(request.params["market"]), self.body(request)
        leverage, mode = body.get("leverage"), str(body.get("margin_type"))
        if mode not in ("CROSS", "ISOLATED") or not isinstance(leverage, int):
            raise bad("leverage and margin_type are required")
        if not 1 <= leverage <= self._paper.engine.markets[market].max_leverage:
            raise bad("leverage is out of range")
        name = token.owner.name
        self._paper.engine.set_margin_mode(name, market, mode.lower())  # type: ignore[arg-type]
        self._paper.engine.set_leverage(name, market, leverage)
        return {"account": hex(token.owner.address), "market": market, "leverage": leverage, "margin_type": mode}

    def balance(self, token: Token, request: Request) -> Any:
        view = self._paper.engine.balances(token.owner.name)
        return {"results": [{"token": "USDC", "size": wire.text(view.balance), "last_updated_at": self._paper.now()}]}

    def positions(self, token: Token, request: Request) -> Any:
        name = token.owner.name
        rows = [self._paper.position_row(name, market) for market in self._paper.engine.account(name).positions]
        return {"results": rows}

    def fills(self, token: Token, request: Request) -> Any:
        market = request.query.get("market") or None
        rows = [self.fill_row(fill) for fill in self._paper.engine.fills(token.owner.name, market)]
        return self._page(request, rows)

    def fill_row(self, fill: Any) -> dict[str, Any]:
        ticket = self._paper.desk.by_engine(fill.order_id)
        owner = self._paper.owner(fill.account)
        remaining = ticket.order.remaining if ticket is not None and ticket.order is not None else Decimal(0)
        mark = self._paper.engine.mark(fill.market)
        return wire.fill(fill, ticket.id if ticket is not None else str(fill.order_id), hex(owner.address), remaining, mark)

    def payments(self, token: Token, request: Request) -> Any:
        market = self._market(request.query.get("market"))
        rows = self._paper.engine.fundings(token.owner.name)
        found = [wire.funding_payment(each, hex(token.owner.address)) for each in rows if each.market == market]
        return self._page(request, found, 5000)

    def liquidations(self, token: Token, request: Request) -> Any:
        return {"results": []}

    # --- orders ----------------------------------------------------------------------------------------------------------------

    def open_orders(self, token: Token, request: Request) -> Any:
        market = request.query.get("market")
        return {"results": [self.row(ticket) for ticket in self._paper.desk.open_tickets(token.owner.name, market)]}

    def history(self, token: Token, request: Request) -> Any:
        rows = [self.row(ticket) for ticket in self._paper.desk.of(token.owner.name)]
        for name in ("market", "side", "status", "type", "client_id"):
            wanted = request.query.get(name)
            rows = [each for each in rows if not wanted or each[name] == wanted]
        return self._page(request, rows)

    def by_client_id(self, token: Token, request: Request) -> Any:
        return self.row(self._paper.desk.find_client(token.owner.name, request.params["client_id"]))

    def create(self, token: Token, request: Request) -> Any:
        return Reply(self.place(token, self.body(request)), 201)

    def place(self, token: Token, body: Any) -> dict[str, Any]:
        new = self._paper.desk.check(token, body)
        return self._paper.desk.open(token.owner.name, body, new)

    def create_batch(self, token: Token, request: Request) -> Any:
        return Reply({"orders": self.place_all(token, self.body(request)), "errors": []}, 201)

    def place_all(self, token: Token, rows: Any) -> list[dict[str, Any]]:
        """All or nothing as far as the basic checks go."""
        if not isinstance(rows, list) or not 1 <= len(rows) <= 10:
            raise refused(400, "BATCH_SIZE_OUT_OF_RANGE", "a batch has 1 to 10 orders")
        checked = [(body, self._paper.desk.check(token, body)) for body in rows]
        return [self._paper.desk.open(token.owner.name, body, new) for body, new in checked]

    def modify(self, token: Token, request: Request) -> Any:
        return self._paper.desk.modify(token, request.params["order_id"], self.body(request))

    def cancel(self, token: Token, request: Request) -> Any:
        self._paper.desk.cancel(self._paper.desk.find(token.owner.name, request.params["order_id"]))
        return Reply("", 204)

    def cancel_algo(self, token: Token, request: Request) -> Any:
        self._paper.algos.cancel(token, request.params["algo_id"])
        return Reply("", 204)

    def cancel_by_client_id(self, token: Token, request: Request) -> Any:
        self._paper.desk.cancel(self._paper.desk.find_client(token.owner.name, request.params["client_id"]))
        return Reply("", 204)

    def cancel_all(self, token: Token, request: Request) -> Any:
        self.cancel_every(token, request.query.get("market"))
        return {}

    def cancel_every(self, token: Token, market: str | None) -> None:
        for ticket in self._paper.desk.open_tickets(token.owner.name, market):
            self._paper.desk.cancel(ticket)

    def cancel_batch(self, token: Token, request: Request) -> Any:
        body = self.body(request)
        return {"results": self.cancel_some(token, body.get("order_ids") or [], body.get("client_order_ids") or [])}

    def cancel_some(self, token: Token, ids: list[str], client_ids: list[str]) -> list[dict[str, Any]]:
        desk, results = self._paper.desk, []
        wanted = [(desk.find, each) for each in ids] + [(desk.find_client, each) for each in client_ids]
        for find, name in wanted:
            try:
                ticket = find(token.owner.name, str(name))
            except Exception:
                results.append(
                    {
                        "id": str(name) if find == desk.find else "",
                        "client_id": "" if find == desk.find else str(name),
                        "status": "NOT_FOUND",
                    }
                )
                continue
            closed = desk.status(ticket) == "CLOSED"
            if not closed:
                desk.cancel(ticket)
            known = {"id": ticket.id, "client_id": str(ticket.body.get("client_id") or ""), "market": ticket.market}
            results.append(
                {**known, "account": hex(token.owner.address), "status": "ALREADY_CLOSED" if closed else "QUEUED_FOR_CANCELLATION"}
            )
        return results
