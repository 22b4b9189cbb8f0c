"""Signed requests: who asks, what is refused at once, what the engine is asked."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from ccxt_dex.exchanges.pacifica.paper import verify
from ccxt_dex.exchanges.pacifica.paper.ledger import Entry
from ccxt_dex.paper.server import Refused
from ccxt_dex.paper.types import Event, Market, NewOrder, Order, Reject

if TYPE_CHECKING:
    from ccxt_dex.exchanges.pacifica.paper.adapter import Paper

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
PLAIN = re.compile(r"\d{1,18}(\.\d{1,18})?")
# the fields that a request may have beside the envelope; what else arrives is not looked at, and so is not part of what was signed
EXIT = ("take_profit", "stop_loss")
FIELDS: dict[str, tuple[str, ...]] = {
    "create_order": ("symbol", "price", "amount", "side", "tif", "reduce_only", "client_order_id", "builder_code", *EXIT),
    "create_market_order": ("symbol", "amount", "side", "slippage_percent", "reduce_only", "client_order_id", "builder_code", *EXIT),
    "create_stop_order": ("symbol", "side", "reduce_only", "stop_order", "builder_code"),
    "set_position_tpsl": ("symbol", "side", "builder_code", *EXIT),
    "cancel_order": ("symbol", "order_id", "client_order_id"),
    "cancel_stop_order": ("symbol", "order_id", "client_order_id"),
    "cancel_all_orders": ("all_symbols", "exclude_reduce_only", "symbol"),
    "edit_order": ("symbol", "price", "amount", "order_id", "client_order_id"),
    "create_twap_order": ("symbol", "amount", "side", "slippage_percent", "reduce_only", "client_order_id", "duration_in_seconds"),
    "cancel_twap_order": ("symbol", "order_id", "client_order_id"),
    "update_leverage": ("symbol", "leverage"),
    "update_margin_mode": ("symbol", "is_isolated"),
    "add_isolated_margin": ("symbol", "amount"),
    "withdraw": ("amount",),
    "transfer_funds": ("to_account", "amount"),
    "bind_agent_wallet": ("agent_wallet",),
    "revoke_agent_wallet": ("agent_wallet",),
    "revoke_api_key": ("api_key",),
    "approve_builder_code": ("builder_code", "max_fee_rate"),
    "revoke_builder_code": ("builder_code",),
}
# engine code -> venue code and text; texts other than the two recorded ones are composed from the names of the codes
CODES: dict[str, tuple[int, str]] = {
    "off_tick": (4, "Invalid tick level"),
    "bad_price": (4, "Invalid tick level"),
    "off_step": (59, "Invalid amount"),
    "bad_qty": (59, "Invalid amount"),
    "below_min": (7, "Order amount too low"),
    "below_min_cost": (7, "Order amount too low"),
    "above_max": (8, "Order amount too high"),
    "insufficient_funds": (5, "Insufficient balance"),
    "reduce_only": (22, "Invalid reduce only order amount"),
    "no_position": (23, "No position for reduce only order"),
    "duplicate_client_id": (36, "Duplicate client order id"),
    "too_many_orders": (10, "Open order limit reached"),
    "unknown_order": (6, "Order not found"),
    "order_filled": (6, "Order not found"),
    "order_canceled": (6, "Order not found"),
    "bad_trigger": (16, "Invalid stop tick"),
    "unknown_market": (3, "Book not found"),
    "market_closed": (38, "Trading disabled"),
    "leverage": (11, "Invalid leverage"),
    "margin_mode": (12, "Cannot update margin"),
    "no_liquidity": (25, "No reasonable price"),
}


def refused(status: int, text: str, code: int | None = None, error_id: str | None = None) -> Refused:
    body: dict[str, Any] = {"success": False, "data": None, "error": text, "code": status if code is None else code}
    return Refused(status, {**body, "error_id": error_id} if error_id else body)


def engine_refusal(reject: Reject) -> Refused:
    code, text = CODES.get(reject.code, (0, reject.text))
    return refused(422, text, code)


class Gateway:
    """Decodes, verifies, executes. Every public method takes the operation's name and the body as it arrived."""

    def __init__(self, paper: Any) -> None:
        self._paper: Paper = paper
        self._pending: dict[str, set[str]] = {}
        self.handlers: dict[str, Callable[[str, dict[str, Any]], Any]] = {
            "create_order": self.limit_order,
            "create_market_order": self.market_order,
            "create_stop_order": self.stop_order,
            "set_position_tpsl": self.position_exits,
            "cancel_order": self.cancel_order,
            "cancel_stop_order": self.cancel_stop_order,
            "cancel_all_orders": self.cancel_all,
            "edit_order": self.edit_order,
            "update_leverage": self.update_leverage,
            "update_margin_mode": self.update_margin_mode,
            "add_isolated_margin": self.add_margin,
        }

    # --- who asks ---------------------------------------------------------------------------------------------------------------------

    def authenticate(self, operation: str, body: Any) -> tuple[str, dict[str, Any]]:
        """The account's name and the signed payload."""
        if not isinstance(body, dict):
            raise refused(400, "Invalid message: expected an object")
        timestamp, window = body.get("timestamp"), body.get("expiry_window", 30_000)
        if not _integer(timestamp) or not _integer(window) or timestamp is None or window is None:
            raise refused(400, "Invalid message: timestamp and expiry_window are integers")
        account, agent = body.get("account"), body.get("agent_wallet")
        fields = FIELDS.get(operation, ())
        binding = "agent_wallet" in fields
        payload = {name: body[name] for name in fields if name in body}
        signer = account if agent is None or binding else agent
        try:
            verify.unbase58(account, 32, "public key")
            verify.check(signer, body.get("signature"), verify.canonical(operation, payload, timestamp, window))
        except verify.Unverified as error:
            known = "signature_verification_failed" if str(error).startswith("Verification") else None
            raise refused(400, str(error), None, known) from None
        if signer != account and signer not in self._paper.agents.get(str(account), ()):
            raise refused(400, "Agent not authorized for account")
        now = self._paper.time()
        if timestamp + window < now:
            raise refused(400, "Invalid message: request has expired")
        if timestamp > now + 60_000:
            raise refused(400, "Invalid message: timestamp is in the future")
        name = self._paper.by_address.get(str(account))
        if name is None:
            raise refused(422, "Account not found", 1)
        return name, payload

    def run(self, operation: str, body: Any) -> Any:
        account, payload = self.authenticate(operation, body)
        try:
            return self.handlers[operation](account, payload)
        except Reject as reject:
            raise engine_refusal(reject) from None

    # --- new orders -------------------------------------------------------------------------------------------------------------------

    def limit_order(self, account: str, body: dict[str, Any]) -> Any:
        tif = body.get("tif")
        if tif not in ("GTC", "IOC", "ALO", "TOB"):
            raise refused(400, f"Invalid request: tif {tif!r}")
        market = self._market(body)
        price = number(body, "price")
        if tif == "TOB":
            price = self._top(market, body, price)
        words: dict[str, Any] = {"GTC": "gtc", "IOC": "ioc"}
        new = self._new(market, body, "limit", price, tif=words.get(tif, "alo"))
        return self._accept(account, new, bump=tif in words)

    def _top(self, market: Market, body: dict[str, Any], price: Decimal) -> Decimal:
        bid, ask = self._paper.engine.best(market.id)
        if body.get("side") == "bid" and ask is not None:
            return min(price, ask - market.tick)
        return max(price, bid + market.tick) if bid is not None else price

    def market_order(self, account: str, body: dict[str, Any]) -> Any:
        market, percent = self._market(body), number(body, "slippage_percent")
        new = self._new(market, body, "market", None, tif="ioc")
        bid, ask = self._paper.engine.best(market.id)
        best = ask if new.side == "buy" else bid
        if best is None:
            raise Reject("no_liquidity")
        worst = best * (1 + percent / 100 * (1 if new.side == "buy" else -1))
        return self._accept(account, replace(new, max_price=worst), bump=True)

    def stop_order(self, account: str, body: dict[str, Any]) -> Any:
        market, stop = self._market(body), body.get("stop_order")
        if not isinstance(stop, dict):
            raise refused(400, "Invalid request: stop_order")
        new = self._trigger(market, body, stop, flag(body, "reduce_only"))
        order = self._paper.submit(account, new)
        return {"order_id": self._paper.ledger.number_of(order)}

    def position_exits(self, account: str, body: dict[str, Any]) -> Any:
        """Take-profit and stop-loss of the position, for its whole size or a part; `side` is the closing side."""
        market = self._market(body)
        view = self._paper.engine.snapshot(account, market.id)
        if view is None or not view.qty:
            raise refused(422, "Position not found", 13)
        if not any(isinstance(body.get(leg), dict) for leg in EXIT):
            raise refused(400, "Invalid request: take_profit or stop_loss is required")
        orders = []
        words: tuple[tuple[str, Any], ...] = (("take_profit", "tp"), ("stop_loss", "sl"))
        for leg, word in words:
            if isinstance(body.get(leg), dict):
                stop = {"amount": format(abs(view.qty), "f"), **body[leg]}
                above = (view.qty > 0) == (word == "tp")
                orders.append(replace(self._trigger(market, body, stop, True), tpsl=word, trigger_above=above))
        made = [self._paper.submit(account, new) for new in orders]
        if len(made) > 1:
            self._paper.engine.link(account, [order.id for order in made])
        return None

    def _trigger(self, market: Market, body: dict[str, Any], stop: dict[str, Any], reduce_only: bool) -> NewOrder:
        limit = number(stop, "limit_price") if stop.get("limit_price") is not None else None
        return NewOrder(
            market.id,
            _side(body),
            "market" if limit is None else "limit",
            number(stop, "amount"),
            limit,
            reduce_only=reduce_only,
            client_id=_client_id(stop),
            trigger=number(stop, "stop_price"),
            info={"number": self._paper.ledger.reserve()},
        )

    def _new(self, market: Market, body: dict[str, Any], kind: Any, price: Decimal | None, tif: Any) -> NewOrder:
        exits: dict[str, Any] = {}
        for leg in EXIT:
            found = body.get(leg)
            if found is not None:
                if not isinstance(found, dict):
                    raise refused(400, f"Invalid request: {leg}")
                exits[leg] = number(found, "stop_price")
                exits[f"{leg}_client_id"] = _client_id(found)
                exits[f"{leg}_limit"] = number(found, "limit_price") if found.get("limit_price") is not None else None
        return NewOrder(
            market.id,
            _side(body),
            kind,
            number(body, "amount"),
            price,
            tif=tif,
            reduce_only=flag(body, "reduce_only"),
            client_id=_client_id(body),
            info={"number": self._paper.ledger.reserve()},
            **exits,
        )

    def _accept(self, account: str, new: NewOrder, bump: bool) -> Any:
        """Checked now and answered with a number; takers are matched a little later."""
        self._check(account, new)
        number = int(new.info["number"])
        if not bump:
            self._match(account, new)
        else:
            if new.client_id is not None:
                self._pending.setdefault(account, set()).add(new.client_id)
            self._paper.later(self._paper.options["speed_bump_ms"], self._match, account, new)
        return {"order_id": number}

    def _check(self, account: str, new: NewOrder) -> None:
        engine = self._paper.engine
        market = engine.markets[new.market]
        if not market.active:
            raise Reject("market_closed")
        if new.qty <= 0 or new.qty % market.step:
            raise Reject("off_step")
        if new.price is not None and (new.price <= 0 or new.price % market.tick):
            raise Reject("off_tick")
        price = new.price if new.price is not None else engine.mark(market.id)
        if new.qty * price < market.min_cost and not new.reduce_only:
            address, shown = self._paper.addresses[account], format(new.qty * price, ".5f")
            raise refused(422, f"Order amount too low for {address}: {shown} < 10", 0, "invalid_amount")
        if new.client_id is not None and (new.client_id in self._pending.get(account, ()) or engine.find(account, client_id=new.client_id)):
            raise Reject("duplicate_client_id")
        view = engine.snapshot(account, market.id)
        held = view.qty if view is not None else Decimal(0)
        closing = abs(held) if held and (held > 0) == (new.side == "sell") else Decimal(0)
        if new.reduce_only and not closing:
            raise Reject("no_position")
        opening = max(Decimal(0), new.qty - closing)
        if opening * price / engine.leverage(account, market.id) > max(Decimal(0), engine.balances(account).free):
            raise Reject("insufficient_funds")

    def _match(self, account: str, new: NewOrder) -> None:
        if new.client_id is not None:
            self._pending.get(account, set()).discard(new.client_id)
        try:
            self._paper.submit(account, new)
        except Reject as reject:
            if reject.order is None:
                now = self._paper.now()
                order = Order(0, account, new, "rejected", now, now, new.qty, new.price, reason=reject.code)
                self._paper.ledger.refuse(order, int(new.info["number"]), now)
                self._paper.told(Event("order", new.market, account, order), "force_cancel", None)

    # --- changes ----------------------------------------------------------------------------------------------------------------------

    def _entry(self, account: str, body: dict[str, Any]) -> Entry:
        self._market(body)
        entry = self._paper.ledger.find(account, body.get("order_id"), body.get("client_order_id"))
        if entry is None or entry.order.request.market != body["symbol"]:
            raise Reject("unknown_order")
        return entry

    def cancel_order(self, account: str, body: dict[str, Any]) -> Any:
        entry = self._entry(account, body)
        if entry.order.status == "untriggered":
            raise Reject("unknown_order")
        self._paper.engine.cancel(account, entry.order.id)
        return None

    def cancel_stop_order(self, account: str, body: dict[str, Any]) -> Any:
        entry = self._entry(account, body)
        if entry.order.status != "untriggered":
            raise Reject("unknown_order")
        self._paper.engine.cancel(account, entry.order.id)
        return None

    def cancel_all(self, account: str, body: dict[str, Any]) -> Any:
        """Resting orders; waiting stops stay here, which is the harder of the two things that the venue may do."""
        market = None if flag(body, "all_symbols") else self._market(body).id
        keep = bool(body.get("exclude_reduce_only"))
        count = 0
        for order in self._paper.engine.open_orders(account, market):
            if order.status == "open" and not (keep and order.request.reduce_only):
                self._paper.engine.cancel(account, order.id)
                count += 1
        return {"cancelled_count": count}

    def edit_order(self, account: str, body: dict[str, Any]) -> Any:
        """Cancel and replace: a new number, post-only, side and flags and client id of the old one."""
        entry = self._entry(account, body)
        if entry.order.status == "untriggered":
            raise Reject("unknown_order")
        number_ = self._paper.ledger.reserve()
        old = entry.order.request
        new = replace(old, qty=number(body, "amount"), price=number(body, "price"), tif="alo", info={"number": number_})
        try:
            self._paper.engine.replace(account, entry.order.id, new)
        except Reject as reject:
            if reject.order is None:
                raise
        return {"order_id": number_}

    # --- settings ---------------------------------------------------------------------------------------------------------------------

    def update_leverage(self, account: str, body: dict[str, Any]) -> Any:
        market, leverage = self._market(body), body.get("leverage")
        if not _integer(leverage):
            raise refused(400, "Invalid request: leverage is an integer")
        assert isinstance(leverage, int)
        self._paper.engine.set_leverage(account, market.id, leverage)
        self._paper.setting_changed(account, market.id, "account_leverage", {"l": str(leverage)})
        return None

    def update_margin_mode(self, account: str, body: dict[str, Any]) -> Any:
        market, isolated = self._market(body), flag(body, "is_isolated")
        self._paper.engine.set_margin_mode(account, market.id, "isolated" if isolated else "cross")
        self._paper.setting_changed(account, market.id, "account_margin", {"i": isolated})
        return None

    def add_margin(self, account: str, body: dict[str, Any]) -> Any:
        market, amount = self._market(body), number(body, "amount")
        self._paper.engine.add_margin(account, market.id, amount)
        return None

    def _market(self, body: dict[str, Any]) -> Market:
        market = self._paper.engine.markets.get(str(body.get("symbol")))
        if market is None:
            raise Reject("unknown_market")
        if market.info.get("spot"):
            raise refused(422, "Unsupported operation", 51)
        return market


def _integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def flag(body: dict[str, Any], name: str) -> bool:
    value = body.get(name)
    if not isinstance(value, bool):
        raise refused(400, f"Invalid request: {name} is a boolean")
    return value


def number(body: dict[str, Any], name: str) -> Decimal:
    """A decimal: text in plain notation."""
    value = body.get(name)
    try:
        if not isinstance(value, str) or not PLAIN.fullmatch(value):
            raise InvalidOperation
        return Decimal(value)
    except InvalidOperation:
        raise refused(400, f"Invalid request: {name} is a decimal string") from None


def _side(body: dict[str, Any]) -> Any:
    word = {"bid": "buy", "ask": "sell"}.get(str(body.get("side")))
    if word is None:
        raise refused(400, "Invalid request: side is bid or ask")
    return word


def _client_id(body: dict[str, Any]) -> str | None:
    value = body.get("client_order_id")
    if value is not None and (not isinstance(value, str) or not UUID.fullmatch(value)):
        raise refused(400, "Invalid request: client_order_id is a full UUID")
    return value
