"""Sign-in and the user's REST endpoints."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from ccxt_dex.exchanges.standx.paper import wire
from ccxt_dex.exchanges.standx.paper.gateway import BODY, TEXTS, decimal, text_of
from ccxt_dex.exchanges.standx.paper.identity import SIGNATURE_HEADERS, Session, refused
from ccxt_dex.paper.server import Refused, Request, Route
from ccxt_dex.paper.types import Market, Order, Reject

if TYPE_CHECKING:
    from ccxt_dex.exchanges.standx.paper.adapter import Paper

QUERY = "Failed to deserialize query string: "
STATUSES = ("new", "open", "untriggered", "filled", "canceled", "rejected", "expired")


class Private:
    def __init__(self, paper: Paper) -> None:
        self._paper = paper

    def routes(self) -> Iterable[Route]:
        yield Route("POST", "/v1/offchain/prepare-signin", self.prepare_signin)
        yield Route("POST", "/v1/offchain/login", self.login)
        reads: tuple[tuple[str, Callable[[str, Request], Any]], ...] = (
            ("/api/health", self.health),
            ("/api/query_order", self.query_order),
            ("/api/query_orders", self.query_orders),
            ("/api/query_open_orders", self.query_open_orders),
            ("/api/query_trades", self.query_trades),
            ("/api/query_funding_history", self.query_funding_history),
            ("/api/query_position_config", self.query_position_config),
            ("/api/query_positions", self.query_positions),
            ("/api/query_balance", self.query_balance),
        )
        writes: tuple[tuple[str, str, Callable[[str, Any, Request], Any]], ...] = (
            ("/api/new_order", "trade", self.new_order),
            ("/api/cancel_order", "trade", self.cancel_order),
            ("/api/cancel_orders", "trade", self.cancel_orders),
            ("/api/change_leverage", "trade", self.change_leverage),
            ("/api/change_margin_mode", "trade", self.change_margin_mode),
            ("/api/transfer_margin", "trade", self.transfer_margin),
            ("/api/transfer_to_spot", "withdraw", partial(self.transfer_wallet, -1)),
            ("/api/transfer_to_perps", "withdraw", partial(self.transfer_wallet, 1)),
            ("/api/withdraw", "withdraw", self.withdraw),
        )
        for path, read in reads:
            yield Route("GET", path, self._read(read))
        for path, permission, write in writes:
            yield Route("POST", path, self._write(permission, write))

    # --- who asks ------------------------------------------------------------------------------------------------------------

    async def prepare_signin(self, request: Request) -> Any:
        self._paper.limits.request(request.remote)
        return self._paper.identity.prepare(request.query.get("chain", ""), _json(request.body))

    async def login(self, request: Request) -> Any:
        self._paper.limits.request(request.remote)
        return self._paper.identity.login(request.query.get("chain", ""), _json(request.body))

    def _session(self, request: Request) -> tuple[Session, str]:
        self._paper.limits.request(request.remote)
        session = self._paper.identity.bearer(request.headers)
        self._paper.limits.request(request.remote, session.user)
        request.account = self._paper.account_for(session, request.headers.get("x-impersonate"))
        return session, request.account

    def _read(self, handler: Callable[[str, Request], Any]) -> Callable[[Request], Any]:
        async def handle(request: Request) -> Any:
            _, account = self._session(request)
            return handler(account, request)

        return handle

    def _write(self, permission: str, handler: Callable[[str, Any, Request], Any]) -> Callable[[Request], Any]:
        async def handle(request: Request) -> Any:
            session, account = self._session(request)
            if any(name not in request.headers for name in ("x-request-sign-version", *SIGNATURE_HEADERS)):
                raise refused(403, "invalid body signature")
            self._paper.identity.check_body(session, request.headers, request.body)
            if permission not in session.permissions:
                raise refused(403, f"permission denied: {permission} required")
            answer = handler(account, _json(request.body), request)
            return answer or {"code": 0, "message": "success", "request_id": request.headers["x-request-id"]}

        return handle

    # --- orders --------------------------------------------------------------------------------------------------------------

    def new_order(self, account: str, body: Any, request: Request) -> None:
        self._order(self._paper.gateway.new, account, body, request)

    def cancel_order(self, account: str, body: Any, request: Request) -> None:
        self._order(self._paper.gateway.cancel, account, body, request)

    def cancel_orders(self, account: str, body: Any, request: Request) -> Any:
        self._order(self._paper.gateway.cancel_many, account, body, request)
        return [] if self._paper.options["cancel_orders_reply"] == "list" else None

    def _order(self, run: Callable[..., None], account: str, body: Any, request: Request) -> None:
        """An accepted frame now and the final word later go to the ws-api connections whose session the request named."""
        session_id, request_id = request.headers.get("x-session-id"), request.headers["x-request-id"]

        def result(code: int, message: str) -> None:
            for socket in self._paper.listeners(account, session_id):
                socket.result(request_id, code, message)

        run(account, body, result)
        for socket in self._paper.listeners(account, session_id):
            socket.accepted(request_id)

    def query_order(self, account: str, request: Request) -> Any:
        if "order_id" not in request.query and "cl_ord_id" not in request.query:
            raise refused(400, "order_id or cl_ord_id is required")
        wanted = {key: request.query[key] for key in ("order_id", "cl_ord_id") if key in request.query}
        if "order_id" in wanted:
            _integer(request, "order_id", 0)
        order = self._paper.gateway.find(account, wanted)
        if order is None:
            raise refused(404, "order not found")
        return self._paper.order_row(order)

    def query_orders(self, account: str, request: Request) -> Any:
        status, kind = request.query.get("status"), request.query.get("order_type")
        if status is not None and status not in STATUSES:
            raise Refused(400, f"{QUERY}status: unknown variant `{status}`")
        orders = [
            order for order in self._orders(account, request) if status in (None, order.status) and kind in (None, order.request.type)
        ]
        inside = _window(request, lambda order: order.created)
        return self._page([order for order in orders if inside(order)], request, 100, 500, self._paper.order_row)

    def query_open_orders(self, account: str, request: Request) -> Any:
        self._funded(account)
        live = [order for order in self._orders(account, request) if order.status in ("new", "open", "untriggered")]
        return self._page(live, request, 500, 1200, self._paper.order_row)

    def _orders(self, account: str, request: Request) -> list[Order]:
        symbol = request.query.get("symbol")
        orders = [order for order in self._paper.orders(account) if symbol in (None, order.request.market)]
        return sorted(orders, key=lambda order: order.id, reverse=True)

    def query_trades(self, account: str, request: Request) -> Any:
        side, symbol = request.query.get("side"), request.query.get("symbol")
        fills = sorted(self._paper.engine.fills(account), key=lambda fill: fill.id, reverse=True)
        inside = _window(request, lambda fill: fill.time)
        wanted = [fill for fill in fills if side in (None, fill.side) and symbol in (None, fill.market) and inside(fill)]
        user = self._paper.user(account)
        return self._page(wanted, request, 100, 500, lambda fill: wire.trade(fill, user))

    def _page(self, items: list[Any], request: Request, default: int, most: int, row: Callable[[Any], dict[str, Any]]) -> Any:
        limit = min(max(1, _integer(request, "limit", default)), most)
        last = _integer(request, "last_id", 0)
        rows = [row(item) for item in items]
        page = [item for item in rows if not last or item["id"] < last][:limit]
        envelope = {"page_size": limit, "result": page, "total": len(rows)}
        return {"code": 0, "message": "success", **envelope} if self._paper.options["list_code"] else envelope

    # --- account -------------------------------------------------------------------------------------------------------------

    def health(self, account: str, request: Request) -> Any:
        return "OK"

    def query_funding_history(self, account: str, request: Request) -> Any:
        symbol, last = request.query.get("symbol"), _integer(request, "last_id", 0)
        inside = _window(request, lambda payment: payment.time)
        payments = sorted(self._paper.engine.fundings(account), key=lambda payment: payment.id, reverse=True)
        wanted = [
            payment for payment in payments if symbol in (None, payment.market) and inside(payment) and (not last or payment.id < last)
        ]
        user = self._paper.user(account)
        return [wire.funding(payment, user) for payment in wanted[: min(max(1, _integer(request, "limit", 100)), 500)]]

    def query_position_config(self, account: str, request: Request) -> Any:
        if "symbol" not in request.query:
            raise Refused(400, f"{QUERY}missing field `symbol`")
        market = self._market(request.query["symbol"])
        leverage = self._paper.engine.leverage(account, market.id)
        mode = self._paper.engine.margin_mode(account, market.id)
        return {"leverage": str(leverage) if self._paper.options["leverage_text"] else leverage, "margin_mode": mode, "symbol": market.id}

    def query_positions(self, account: str, request: Request) -> Any:
        symbol, now, user = request.query.get("symbol"), self._paper.now(), self._paper.user(account)
        views = [
            (market, self._paper.engine.snapshot(account, market.id))
            for market in self._paper.engine.markets.values()
            if symbol in (None, market.id)
        ]
        return [wire.position(view, market, user, now) for market, view in views if view is not None and view.id]

    def query_balance(self, account: str, request: Request) -> Any:
        self._funded(account)
        return wire.balance(self._paper.engine.balances(account))

    def change_leverage(self, account: str, body: Any, request: Request) -> None:
        market = self._market(_text(body, "symbol"))
        leverage = body.get("leverage")
        if not isinstance(leverage, int) or isinstance(leverage, bool):
            raise Refused(400, f"{BODY}leverage: invalid type, expected i32")
        if not 1 <= leverage <= market.max_leverage:
            raise refused(400, "leverage out of range")
        _engine(self._paper.engine.set_leverage, account, market.id, leverage)

    def change_margin_mode(self, account: str, body: Any, request: Request) -> None:
        market, mode = self._market(_text(body, "symbol")), _text(body, "margin_mode")
        if mode not in ("cross", "isolated"):
            raise Refused(400, f"{BODY}margin_mode: unknown variant `{mode}`, expected `cross` or `isolated`")
        view = self._paper.engine.snapshot(account, market.id)
        busy = (view is not None and view.qty != 0) or self._paper.engine.open_orders(account, market.id)
        if busy and mode != self._paper.engine.margin_mode(account, market.id):
            raise refused(400, "cannot change margin mode with open position or orders")
        _engine(self._paper.engine.set_margin_mode, account, market.id, mode)

    def transfer_margin(self, account: str, body: Any, request: Request) -> None:
        market = self._market(_text(body, "symbol"))
        _engine(self._paper.engine.add_margin, account, market.id, decimal(body, "amount_in"))

    def transfer_wallet(self, direction: int, account: str, body: Any, request: Request) -> None:
        """Perps wallet -> cash wallet (-1) or back (1)."""
        if not isinstance(body, dict) or body.get("token", "DUSD") != "DUSD":
            raise refused(400, "unsupported token")
        amount = decimal(body, "amount")
        cash = self._paper.cash.setdefault(account, Decimal(0))
        available = cash if direction > 0 else self._paper.engine.balances(account).free
        if amount <= 0 or amount > available:
            raise refused(400, TEXTS["insufficient_funds"])
        _engine(self._paper.engine.transfer, account, amount * direction)
        self._paper.cash[account] = cash - amount * direction

    def withdraw(self, account: str, body: Any, request: Request) -> Any:
        """The bridge's half; the on-chain half does not exist here, so the cash wallet keeps its money."""
        amount, chain = decimal(body, "amount"), _text(body, "chain").lower()
        if amount > self._paper.cash.get(account, Decimal(0)):
            raise refused(400, TEXTS["insufficient_funds"])
        user, now = self._paper.user(account), self._paper.now()
        address, stamp = user.partition("_")[2], wire.nano(now)
        self._paper.withdrawals += 1
        tx = {
            "id": f"tx_{self._paper.withdrawals}",
            "nonce": self._paper.withdrawals,
            "tx_type": "withdraw_req",
            "status": "Pending",
            "from_addr": user,
            "from_account_type": "spot",
            "to_addr": user,
            "to_account_type": "spot",
            "token": "DUSD",
            "token_addr": "0x" + "0" * 40,
            "token_amount": wire.short(amount),
            "src_chain": "standx",
            "src_tx": "",
            "src_block": "0",
            "dst_chain": chain,
            "dst_tx": "",
            "dst_block": "0",
            "updated_at": stamp,
            "created_at": stamp,
        }
        proof = {
            "expired_at": now // 1000 + 3600,
            "chain_id": 56,
            "caller": address,
            "contract_address": "0x" + "0" * 40,
            "signature": "0x",
        }
        return {"tx": tx, "withdraw_fee": "0.5", "signature": proof}

    def _market(self, symbol: str) -> Market:
        market = self._paper.engine.markets.get(symbol)
        if market is None:
            raise refused(400, TEXTS["unknown_market"])
        return market

    def _funded(self, account: str) -> None:
        if not self._paper.funded(account):
            raise refused(404, "user balance not found")


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        raise Refused(400, "Failed to parse the request body as JSON") from None


def _text(body: Any, key: str) -> str:
    value = body.get(key) if isinstance(body, dict) else None
    if not isinstance(value, str):
        raise Refused(400, f"{BODY}missing field `{key}`")
    return value


def _integer(request: Request, key: str, default: int) -> int:
    value = request.query.get(key)
    if value is None:
        return default
    if len(value) > 19:
        raise Refused(400, f"{QUERY}{key}: number too large to fit in target type")
    try:
        return int(value)
    except ValueError:
        raise Refused(400, f"{QUERY}{key}: invalid digit found in string") from None


def _window(request: Request, when: Callable[[Any], int]) -> Callable[[Any], bool]:
    """Whether something lies between `start` and `end`, both ISO 8601, both optional, both included."""
    bounds: list[int | None] = []
    for key in ("start", "end"):
        value = request.query.get(key)
        try:
            bounds.append(None if value is None else wire.parse_iso(value))
        except ValueError:
            raise Refused(400, f"{QUERY}{key}: input contains invalid characters") from None
    start, end = bounds
    return lambda item: (start is None or when(item) >= start) and (end is None or when(item) <= end)


def _engine(call: Callable[..., Any], *args: Any) -> None:
    try:
        call(*args)
    except Reject as reject:
        raise refused(400, text_of(reject)) from None
