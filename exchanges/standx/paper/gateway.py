"""What happens to an order between the request and its final state: checks at the gateway, asynchronous matching, results to sessions."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from ccxt_dex.exchanges.standx.paper import wire
from ccxt_dex.exchanges.standx.paper.identity import refused
from ccxt_dex.exchanges.standx.paper.markets import MAX_OPEN_ORDERS
from ccxt_dex.paper.server import Refused
from ccxt_dex.paper.types import Market, NewOrder, Order, Reject

if TYPE_CHECKING:
    from ccxt_dex.exchanges.standx.paper.adapter import Paper

BODY = "Failed to deserialize the JSON body into the target type: "
PLAIN = re.compile(r"-?\d+(\.\d+)?")
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ENUMS = {"side": ("buy", "sell"), "order_type": ("limit", "market"), "time_in_force": ("gtc", "ioc", "alo")}
# engine code -> text; only the first is documented, those marked 3rd were quoted by a client, the rest is composed
TEXTS = {
    "post_only": "alo order rejected",
    "off_tick": "invalid price tick",  # 3rd: contains `price tick`
    "off_step": "invalid qty tick",
    "unknown_market": "symbol not found",
    "market_closed": "symbol is not trading",
    "price_band": "price out of allowed range",
    "below_min": "order qty below min_order_qty",
    "above_max": "order qty above max_order_qty",
    "insufficient_funds": "insufficient balance",
    "reduce_only": "reduce only order qty exceeds position",
    "duplicate_client_id": "duplicate cl_ord_id",
    "too_many_orders": "too many open orders",
    "leverage": "leverage does not match position leverage",
    "margin_mode": "margin mode does not match position margin mode",
    "unknown_order": "order not found",
    "order_filled": "order already filled",
    "order_canceled": "order already canceled",
    "no_position": "position not found",
}
Result = Callable[[int, str], None]
"""told the code and message of the final frame"""


def text_of(reject: Reject) -> str:
    return TEXTS.get(reject.code, reject.text.replace("_", " "))


class Gateway:
    """Takes decoded order bodies; raises Refused for what the venue answers at once and matches the rest a little later."""

    def __init__(self, paper: Paper) -> None:
        self._paper = paper
        self._ulids = 0
        self._pending: dict[str, set[str]] = {}

    # --- new_order -----------------------------------------------------------------------------------------------------------

    def new(self, account: str, body: Any, result: Result) -> None:
        """Check a new_order body and hand it to matching; `result` hears the final word."""
        order = self._decode(body)
        try:
            self._check(account, order)
        except Reject as reject:
            raise refused(400, text_of(reject)) from None
        assert order.client_id is not None
        self._pending.setdefault(account, set()).add(order.client_id)
        self._paper.later(self._paper.options["order_latency_ms"], self._match, account, order, result)

    def _match(self, account: str, order: NewOrder, result: Result) -> None:
        assert order.client_id is not None
        self._pending[account].discard(order.client_id)
        try:
            self._paper.submit(account, order)
        except Reject as reject:
            if getattr(reject, "order", None) is None:
                self._paper.record_rejected(account, order, reject)
            result(400, text_of(reject))
        else:
            result(0, "success")

    def _decode(self, body: Any) -> NewOrder:
        if not isinstance(body, dict):
            raise Refused(400, f"{BODY}invalid type, expected struct NewOrderReq")
        for key in ("symbol", "side", "order_type", "qty", "time_in_force", "reduce_only"):
            if body.get(key) is None:
                raise Refused(400, f"{BODY}missing field `{key}`")
        for key, values in ENUMS.items():
            if body[key] not in values:
                raise Refused(
                    400, f"{BODY}{key}: unknown variant `{body[key]}`, expected one of {', '.join(f'`{value}`' for value in values)}"
                )
        if not isinstance(body["reduce_only"], bool):
            raise Refused(400, f"{BODY}reduce_only: invalid type, expected a boolean")
        client_id = body.get("cl_ord_id")
        if client_id is not None and not isinstance(client_id, str):
            raise Refused(400, f"{BODY}cl_ord_id: invalid type, expected a string")
        leverage = body.get("leverage")
        if leverage is not None and (not isinstance(leverage, int) or isinstance(leverage, bool)):
            raise Refused(400, f"{BODY}leverage: invalid type, expected i32")
        if body["order_type"] == "limit" and body.get("price") is None:
            raise refused(400, "price is required for limit order")
        return NewOrder(
            market=str(body["symbol"]),
            side=body["side"],
            type=body["order_type"],
            qty=decimal(body, "qty"),
            price=decimal(body, "price") if body["order_type"] == "limit" else None,
            tif=body["time_in_force"],
            reduce_only=body["reduce_only"],
            client_id=client_id or self._ulid(),
            take_profit=decimal(body, "tp_price") if body.get("tp_price") is not None else None,
            stop_loss=decimal(body, "sl_price") if body.get("sl_price") is not None else None,
            leverage=leverage,
            margin_mode=body.get("margin_mode"),
        )

    def _check(self, account: str, order: NewOrder) -> None:
        engine = self._paper.engine
        market = engine.markets.get(order.market)
        if market is None:
            raise Reject("unknown_market")
        if not market.active:
            raise Reject("market_closed")
        self._check_numbers(market, order)
        if order.leverage is not None and order.leverage != engine.leverage(account, market.id):
            raise Reject("leverage")
        if order.margin_mode is not None and order.margin_mode != engine.margin_mode(account, market.id):
            raise Reject("margin_mode")
        if order.client_id in self._pending.get(account, ()) or engine.find(account, client_id=order.client_id) is not None:
            raise Reject("duplicate_client_id")
        if len(engine.open_orders(account, market.id)) >= MAX_OPEN_ORDERS:
            raise Reject("too_many_orders")
        self._check_money(account, market, order)

    def _check_numbers(self, market: Market, order: NewOrder) -> None:
        if order.qty <= 0 or order.qty < market.min_qty:
            raise Reject("below_min")
        if order.qty % market.step:
            raise Reject("off_step")
        if order.qty > market.max_qty:
            raise Reject("above_max")
        for price in (order.price, order.take_profit, order.stop_loss):
            if price is not None and (price <= 0 or price % market.tick):
                raise Reject("off_tick")
        if order.price is not None:
            self._check_band(market, order.price)

    def _check_band(self, market: Market, price: Decimal) -> None:
        mark = self._paper.engine.mark(market.id)
        if market.price_band is not None and abs(price - mark) > market.price_band * mark:
            raise Reject("price_band")
        if not Decimal(market.info["min_order_price"]) <= price <= Decimal(market.info["max_order_price"]):
            raise Reject("price_band")

    def _check_money(self, account: str, market: Market, order: NewOrder) -> None:
        """The venue refuses at once what the account plainly cannot carry; a close call is left to matching."""
        engine = self._paper.engine
        view = engine.snapshot(account, market.id)
        held = view.qty if view is not None else Decimal(0)
        closing = abs(held) if held and (held > 0) == (order.side == "sell") else Decimal(0)
        if order.reduce_only:
            if order.qty > closing - self._closing_already(account, order):
                raise Reject("reduce_only")
            return
        opening = max(Decimal(0), order.qty - closing)
        price = order.price if order.price is not None else engine.mark(market.id)
        need = opening * price / engine.leverage(account, market.id) + opening * price * market.taker_fee
        if need > max(Decimal(0), engine.balances(account).free):
            raise Reject("insufficient_funds")

    def _closing_already(self, account: str, new: NewOrder) -> Decimal:
        """What pending reduce-only orders will take, TP/SL orders included (documentation of new_order); of a pair only one can fill."""
        groups: dict[int, Decimal] = {}
        for order in self._paper.engine.open_orders(account, new.market):
            if order.request.reduce_only and order.request.side == new.side:
                group = order.oco if order.oco is not None else -order.id
                groups[group] = max(groups.get(group, Decimal(0)), order.remaining)
        return sum(groups.values(), Decimal(0))

    def _ulid(self) -> str:
        """26 characters: 48 bits of time, 80 bits of repeatable noise."""
        self._ulids += 1
        noise = int.from_bytes(hashlib.sha256(f"{self._paper.seed} ulid {self._ulids}".encode()).digest()[:10], "big")
        value = (self._paper.now() << 80) | noise
        return "".join(CROCKFORD[(value >> shift) & 31] for shift in range(125, -1, -5))

    # --- cancel_order, cancel_orders -----------------------------------------------------------------------------------------

    def cancel(self, account: str, body: Any, result: Result) -> None:
        """cancel_order: accepted as soon as it is well-formed, unknown or finished orders are told to the session later."""
        if not isinstance(body, dict) or (body.get("order_id") is None and body.get("cl_ord_id") is None):
            raise refused(400, "order_id or cl_ord_id is required")
        self._cancel_later(account, [body], result)

    def cancel_many(self, account: str, body: Any, result: Result) -> None:
        """cancel_orders: by ids or by client ids."""
        ids, client_ids = (body.get("order_id_list"), body.get("cl_ord_id_list")) if isinstance(body, dict) else (None, None)
        if not isinstance(ids, (list, type(None))) or not isinstance(client_ids, (list, type(None))) or not (ids or client_ids):
            raise refused(400, "order_id_list or cl_ord_id_list is required")
        self._cancel_later(account, [{"order_id": item} for item in ids or ()] + [{"cl_ord_id": item} for item in client_ids or ()], result)

    def _cancel_later(self, account: str, wanted: list[dict[str, Any]], result: Result) -> None:
        for one in wanted:
            order_id, client_id = one.get("order_id"), one.get("cl_ord_id")
            if order_id is not None and (not isinstance(order_id, int) or isinstance(order_id, bool)):
                raise Refused(400, f"{BODY}order_id: invalid type, expected i64")
            if client_id is not None and not isinstance(client_id, str):
                raise Refused(400, f"{BODY}cl_ord_id: invalid type, expected a string")
        if self._paper.options["cancel_errors"] == "sync":
            for one in wanted:
                self._cancelable(account, one)
        self._paper.later(self._paper.options["cancel_latency_ms"], self._cancel_now, account, wanted, result)

    def _cancelable(self, account: str, one: dict[str, Any]) -> None:
        order = self.find(account, one)
        if order is None:
            raise refused(404, TEXTS["unknown_order"])
        if order.status in ("filled", "canceled", "rejected", "expired"):
            raise refused(400, f"order already {order.status}")

    def _cancel_now(self, account: str, wanted: list[dict[str, Any]], result: Result) -> None:
        failed: list[str] = []
        for one in wanted:
            order = self.find(account, one)
            try:
                if order is None:
                    raise Reject("unknown_order")
                self._paper.engine.cancel(account, order.id)
            except Reject as reject:
                failed.append(text_of(reject))
        result(*((400, failed[0]) if failed else (0, "success")))

    def find(self, account: str, one: dict[str, Any]) -> Order | None:
        """The order that {"order_id"} or {"cl_ord_id"} of a request means."""
        order_id = one.get("order_id")
        if order_id is not None:
            return self._paper.order(account, int(order_id) - wire.ORDER_ID_BASE)
        return self._paper.order_by_client_id(account, one["cl_ord_id"])


def decimal(body: Any, key: str) -> Decimal:
    """A decimal parameter: a JSON string in plain notation, as the format rule of the documentation demands."""
    value = body.get(key) if isinstance(body, dict) else None
    if value is None:
        raise Refused(400, f"{BODY}missing field `{key}`")
    try:
        if not isinstance(value, str) or len(value) > 24 or not PLAIN.fullmatch(value):
            raise InvalidOperation
        return Decimal(value)
    except InvalidOperation:
        raise Refused(400, f"{BODY}{key}: invalid type, expected a Decimal type representing a fixed-point number") from None
