"""Tread's API over a local venue: accepts orders at once, works them on the venue a little later, and tells what became of them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar
from urllib.parse import parse_qs

from ccxt_dex.exchanges.treadfi.paper import rows
from ccxt_dex.exchanges.treadfi.paper.identity import Identity, User, refused
from ccxt_dex.exchanges.treadfi.paper.rows import Work
from ccxt_dex.paper.server import Adapter, Refused, Reply, Request, Route, Socket, parse
from ccxt_dex.paper.types import Event, Market, NewOrder, Reject

OPEN = ("SCHEDULED", "ACTIVE", "FINISHER", "PAUSED")
STRATEGIES = {
    "c94f84c7-72ef-4bc6-b13c-d2ff10bbd8eb": "Limit",
    "847de9f1-8310-4a79-b76e-8559cdfe7b81": "Market",
    "6fe4ba3e-c578-45bd-824c-c523bf3c56de": "TWAP",
}
NAMES = ("Market", "Limit", "IOC", "TWAP")
CANCELED = {"message": "Successfully canceled order."}
UPDATES = {"ACTIVE": "order_activated", "CANCELED": "order_canceled", "COMPLETE": "order_completed"}


class Updates(Socket):
    """wss://app.tread.fi/ws/orders/: the token in the query, deltas only."""

    @classmethod
    def handshake(cls, adapter: Any, request: Request) -> Reply | None:
        known = any(user.token == request.query.get("token") for user in adapter.people.users.values())
        return None if known else Reply({"detail": "Invalid token."}, 403)

    def opened(self) -> None:
        token = self.request.query.get("token")
        self.account = next(user.name for user in self.adapter.people.users.values() if user.token == token)
        self._heard = self.adapter.now()

    def label(self, text: str) -> str:
        return str((parse(text) or {}).get("command") or "")

    async def text(self, text: str) -> None:
        self._heard = self.adapter.now()
        message = parse(text) or {}
        if message.get("data_type") == "user_orders" and message.get("command") == "subscribe":
            self.subscriptions["user_orders"] = {}
        elif message.get("command") == "unsubscribe":
            self.subscriptions.clear()

    def tick(self) -> None:
        if self.adapter.now() - self._heard > 30_000:
            self.close(1000)


class TreadSide(Adapter):
    """Comes before the paper venue of the flavour's exchange among the bases."""

    exchange_name: ClassVar[str] = ""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.people = Identity(self.seed)
        self.works: dict[str, Work] = {}

    # --- for flavours -----------------------------------------------------------------------------------------------------------------

    def pair(self, market: Market) -> str:
        return f"{market.id}:PERP-{market.quote}"

    def child(self, work: Work) -> NewOrder:
        """The order that Tread places on the venue; ids are the venue's affair."""
        market_order = work.strategy in ("Market", "TWAP")
        tif: Any = "gtc" if work.strategy == "Limit" else "ioc"
        reduce_only = bool((work.body.get("strategy_params") or {}).get("reduce_only"))
        kind: Any = "market" if market_order else "limit"
        return NewOrder(
            work.market.id, work.body["side"], kind, work.qty, work.limit, tif=tif, reduce_only=reduce_only, info=self.child_info()
        )

    def child_info(self) -> dict[str, Any]:
        return {}

    # --- declarations -----------------------------------------------------------------------------------------------------------------

    def wrong_key(self, name: str) -> dict[str, Any]:
        return self.wrong_tread_key(name)

    def unknown_order_id(self) -> str:
        return "00000000-0000-4000-8000-000000000000"

    def urls(self, http: str, ws: str) -> dict[str, Any]:
        api = super().urls(http, ws)["api"]
        return {"api": {**api, "tread": f"{http}/tread", "treadStream": f"{ws}/tread/ws/orders/"}}

    def tread_credentials(self, name: str, login: str) -> dict[str, Any]:
        """login: token, wallet (a session got by signing), password, or cookies (a session that a browser has opened)."""
        user = self.people.join(name)
        if login == "token":
            return {"uid": name, "apiKey": user.token}
        if login == "wallet":
            return {"uid": name, "secret": user.key}
        if login == "password":
            return {"uid": name, "accountId": f"{name}@tread", "password": user.password}
        session, csrf = self.people.browser(user)
        return {"uid": name, "password": f"csrftoken={csrf}; sessionid={session}"}

    def wrong_tread_key(self, name: str) -> dict[str, Any]:
        digest = self.people.digest(f"wrong {name}")
        wrong = {"token": {"apiKey": digest[:40]}, "wallet": {"secret": "0x" + digest}, "password": {"password": digest[:20]}}
        return wrong.get(self.options["login"], {"password": f"csrftoken={digest[:32]}; sessionid={digest[32:]}"})

    def routes(self) -> Iterable[Route]:
        yield from super().routes()
        reads = {
            "/internal/account/get_nonce/": self._nonce,
            "/internal/account/user_metadata/": self._metadata,
            "/api/orders/": self._orders,
            "/api/active_orders/": self._active,
            "/api/order/{id}": self._detail,
            "/api/order_summary/{id}": self._summary,
            "/api/accounts/": self._accounts,
            "/api/balances/": self._balances,
            "/api/get_token_pairs": self._pairs,
        }
        writes = {
            "/internal/account/wallet_auth/": self._sign_in,
            "/account/login/": self._log_in,
            "/api/orders/": self._create,
            "/api/amend_order/": self._amend,
            "/api/set_leverage/": self._leverage,
            "/internal/sor/set_leverage": self._leverage,
            "/internal/oms/cancel_order/{id}": self._cancel,
        }
        # the official client puts its own paths in the place of whatever path its address has
        for prefix in ("/tread", ""):
            for path, handler in reads.items():
                yield Route("GET", prefix + path, handler)
            for path, handler in writes.items():
                yield Route("POST", prefix + path, handler)
            yield Route("DELETE", prefix + "/api/order/{id}", self._cancel)

    def order_ids(self, endpoint: str, body: bytes) -> Sequence[str] | None:
        if endpoint not in ("POST /tread/api/orders/", "POST /api/orders/"):
            return super().order_ids(endpoint, body)
        return [str((parse(body.decode("utf-8", "replace")) or {}).get("custom_order_id") or "")]

    def expire(self, account: str | None) -> None:
        self.people.expire(account)

    def tokens(self) -> list[str]:
        return [*self.people.sessions, *(csrf for _, csrf in self.people.sessions.values())]

    # --- sign-in ----------------------------------------------------------------------------------------------------------------------

    async def _nonce(self, request: Request) -> Any:
        return self.people.nonce()

    async def _sign_in(self, request: Request) -> Any:
        return self.people.sign_in(_json(request))

    async def _log_in(self, request: Request) -> Any:
        return self.people.log_in(request)

    async def _metadata(self, request: Request) -> Any:
        try:
            return {"is_authenticated": True, "username": self.people.who(request).name}
        except Refused:
            return {"is_authenticated": False}

    def _who(self, request: Request) -> User:
        user = self.people.who(request)
        request.account = user.name
        return user

    # --- orders -----------------------------------------------------------------------------------------------------------------------

    async def _create(self, request: Request) -> Any:
        user, body = self._who(request), _json(request)
        if not isinstance(body, dict) or body.get("accounts") != [user.name]:
            raise refused(400, message="Unknown account")
        market = self._market(body.get("pair"))
        strategy = STRATEGIES.get(str(body.get("strategy")), body.get("strategy"))
        if strategy not in NAMES:
            raise refused(400, message="Unknown strategy")
        if body.get("side") not in ("buy", "sell"):
            raise refused(400, message="Invalid side")
        if sum(body.get(name) is not None for name in ("base_asset_qty", "quote_asset_qty", "sell_token_amount")) != 1:
            raise refused(400, message="Exactly one quantity is required")
        qty = _decimal(body.get("base_asset_qty"), "base_asset_qty")
        limit = None if body.get("limit_price") is None else _decimal(body["limit_price"], "limit_price")
        if strategy in ("Limit", "IOC") and limit is None:
            raise refused(400, message="limit_price is required")
        custom = str(body.get("custom_order_id") or "")
        if custom and any(work.user is user and work.body.get("custom_order_id") == custom for work in self.works.values()):
            raise refused(400, message="custom_order_id is already used")
        number = str(uuid.UUID(self.people.digest(f"order {len(self.works)}")[:32]))
        work = Work(number, user, market, body, str(strategy), qty, limit, self.now())
        self.works[number] = work
        self.server.log.executed(custom or None)
        self._tell(work, "order_created")
        self.later(self.options["tread_ms"], self._place, work)
        return self._row(work)

    def _place(self, work: Work) -> None:
        """On the venue, unless it was cancelled meanwhile; a refusal there ends the order here."""
        if work.status != "ACTIVE":
            return
        try:
            work.child = self.engine.submit(work.user.name, self.child(work))
        except Reject as reject:
            work.status, work.reason = "CANCELED", reject.text.replace("_", " ")
        self._follow(work)

    def _follow(self, work: Work) -> None:
        child = work.child
        if child is not None and work.status in OPEN:
            if child.status == "filled":
                work.status = "COMPLETE"
            elif child.status in ("canceled", "rejected", "expired"):
                work.status = "CANCELED"
                work.reason = "" if child.reason in ("user", "ioc", "replaced") else str(child.reason or "")
        state = (work.status, child.filled if child is not None else Decimal(0), work.qty, work.limit)
        if state != work.told:
            filled = bool(work.told) and work.told[1] != state[1]
            work.told = state
            self._tell(
                work, UPDATES.get(work.status, "order_activated") if not filled or work.status != "ACTIVE" else "order_fill_received"
            )

    def event(self, event: Event) -> None:
        super().event(event)
        if event.kind == "order":
            for work in list(self.works.values()):
                if work.child is not None and (work.user.name, work.child.id) == (event.account, event.data.id):
                    self._follow(work)

    def _tell(self, work: Work, update: str) -> None:
        data = {"order_id": work.id, "update_type": update, "order": self._row(work)}
        for socket in self.server.connections:
            if isinstance(socket, Updates) and socket.account == work.user.name and socket.subscriptions:
                socket.send({"type": "order_update", "data": data}, "user_orders")

    def _work(self, request: Request) -> Work:
        user = self._who(request)
        work = self.works.get(request.params.get("id", ""))
        if work is None or work.user is not user:
            raise refused(404, detail="Not found.")
        return work

    async def _cancel(self, request: Request) -> Any:
        work = self._work(request)
        if work.status not in OPEN:
            raise refused(400, message="Order is not active")
        if work.child is None:
            work.status = "CANCELED"
        else:
            self.engine.cancel(work.user.name, work.child.id)
        self._follow(work)
        return CANCELED

    async def _amend(self, request: Request) -> Any:
        user, body = self._who(request), _json(request)
        work = self.works.get(str(body.get("order_id")))
        if work is None or work.user is not user:
            raise refused(404, detail="Not found.")
        changes = body.get("changes") or {}
        qty = _decimal(changes["base_asset_qty"], "base_asset_qty") if "base_asset_qty" in changes else work.qty
        limit = _decimal(changes["limit_price"], "limit_price") if "limit_price" in changes else work.limit
        if work.status not in OPEN or work.child is None:
            raise refused(400, message="Order is not active")
        try:
            work.child = self.engine.edit(user.name, work.child.id, qty=qty, price=limit)
        except Reject as reject:
            raise refused(400, message=reject.text.replace("_", " ")) from None
        work.qty, work.limit = qty, limit
        self._follow(work)
        return self._row(work)

    async def _orders(self, request: Request) -> Any:
        user = self._who(request)
        wanted = [work for work in reversed(self.works.values()) if work.user is user]
        statuses, customs, names = (listed(request, name) for name in ("statuses", "custom_order_ids", "account_names"))
        if statuses:
            wanted = [work for work in wanted if work.status in statuses]
        if customs:
            wanted = [work for work in wanted if work.body.get("custom_order_id") in customs]
        if names:
            wanted = [work for work in wanted if work.user.name in names]
        for key, sign in (("after", 1), ("before", -1)):
            if request.query.get(key):
                bound = datetime.fromisoformat(request.query[key].replace("Z", "+00:00")).timestamp() * 1000
                wanted = [work for work in wanted if (work.created - bound) * sign > 0]
        page, size = int(request.query.get("page", "1")), int(request.query.get("page_size", "100"))
        return {"orders": [self._row(work) for work in wanted[(page - 1) * size : page * size]]}

    async def _active(self, request: Request) -> Any:
        user = self._who(request)
        container = {"id": "0", "side": "Multi", "status": "ACTIVE", "pair": None, "account_names": [user.name]}
        return {"orders": [container, *(self._row(work) for work in self.works.values() if work.user is user and work.status in OPEN)]}

    async def _summary(self, request: Request) -> Any:
        return rows.summary(self._work(request), self.exchange_name)

    async def _detail(self, request: Request) -> Any:
        return {"order": self._row(self._work(request)), "fills": [], "errors": [], "num_active_placements": 0}

    def _row(self, work: Work) -> dict[str, Any]:
        return rows.row(work, self.exchange_name)

    # --- accounts and pairs -----------------------------------------------------------------------------------------------------------

    async def _accounts(self, request: Request) -> Any:
        user = self._who(request)
        own = {"id": user.account_id, "name": user.name, "exchange": self.exchange_name, "valid": True, "archived": False}
        return [own, {"id": "0", "name": "other", "exchange": "OKX", "valid": True, "archived": False}]

    async def _balances(self, request: Request) -> Any:
        """By name of account, numbers as JSON numbers."""
        user = self._who(request)
        asked, engine = listed(request, "account_names"), self.engine
        if asked and user.name not in asked:
            return {}
        view = engine.balances(user.name)
        assets: list[dict[str, Any]] = [{"symbol": "USDC", "size": float(view.equity), "market_type": "unified", "asset_type": "token"}]
        for position in (held for held in engine.account(user.name).positions.values() if held.qty):
            market = engine.markets[position.market]
            assets.append({"symbol": self.pair(market), "size": float(position.qty), "market_type": "perp", "asset_type": "position"})
        return {user.name: {"exchange": self.exchange_name, "assets": assets}}

    async def _pairs(self, request: Request) -> Any:
        self._who(request)
        pairs = {
            self.pair(market): {self.exchange_name: market.id} for market in self.engine.markets.values() if not market.info.get("spot")
        }
        return {"pairs": {"JFI-USDC": {"OKX": "JFI-USDC"}, **pairs}}

    def _market(self, pair: Any) -> Market:
        market = next((market for market in self.engine.markets.values() if self.pair(market) == pair), None)
        if market is None:
            raise refused(400, message="Unknown pair")
        return market

    async def _leverage(self, request: Request) -> Any:
        user, body = self._who(request), _json(request)
        if body.get("account_ids") != [user.account_id]:
            raise refused(400, message="Unknown account")
        market, mode = self._market(body.get("pair")), body.get("margin_mode")
        try:
            self.engine.set_leverage(user.name, market.id, int(body.get("leverage", 0)))
            if mode is not None and mode.lower() != self.engine.margin_mode(user.name, market.id):
                self.engine.set_margin_mode(user.name, market.id, mode.lower())
        except Reject as reject:
            raise refused(400, message=reject.text.replace("_", " ")) from None
        self.leverage_changed(user.name, market)
        return {"message": "Leverage changed successfully."}

    def leverage_changed(self, account: str, market: Market) -> None:
        """Hook: the venue remembers that the account left the default."""


def listed(request: Request, name: str) -> list[str]:
    """A parameter with several values: separated by commas, as documented, or given several times, as the official client does."""
    return [each for value in parse_qs(request.raw_query).get(name, []) for each in value.split(",")]


def _json(request: Request) -> Any:
    try:
        return request.json()
    except ValueError:
        raise refused(400, message="Invalid JSON") from None


def _decimal(value: Any, name: str) -> Decimal:
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        raise refused(400, message=f"Invalid {name}") from None
    if not found.is_finite() or found <= 0:
        raise refused(400, message=f"Invalid {name}")
    return found
