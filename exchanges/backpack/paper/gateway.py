"""Signed requests: who asks, what is refused at once, what the engine is asked."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from ccxt_dex.exchanges.backpack.paper import verify, wire
from ccxt_dex.paper.server import Refused, Request
from ccxt_dex.paper.types import Market, NewOrder, Order, Reject

if TYPE_CHECKING:
    from ccxt_dex.exchanges.backpack.paper.adapter import Paper

PLAIN = re.compile(r"\d{1,18}(\.\d{1,18})?")
TRIGGER_BY: dict[str, Any] = {"MarkPrice": "mark", "LastPrice": "last", "IndexPrice": "index"}
KNOWN = frozenset(
    """orderType side symbol price quantity quoteQuantity timeInForce postOnly reduceOnly clientId selfTradePrevention triggerPrice
    triggerQuantity triggerBy takeProfitTriggerPrice takeProfitLimitPrice takeProfitTriggerBy stopLossTriggerPrice stopLossLimitPrice
    stopLossTriggerBy autoLend autoLendRedeem autoBorrow autoBorrowRepay slippageTolerance slippageToleranceType brokerId""".split()
)
# engine code -> venue code and text; INVALID_PRICE's text was recorded, the others are composed from the names of the codes
CODES: dict[str, tuple[int, str, str]] = {
    "off_tick": (400, "INVALID_PRICE", "Price decimal too long"),
    "bad_price": (400, "INVALID_PRICE", "Invalid price"),
    "price_band": (400, "INVALID_PRICE", "Price is too far from the last active price"),
    "off_step": (400, "INVALID_QUANTITY", "Quantity decimal too long"),
    "bad_qty": (400, "INVALID_QUANTITY", "Invalid quantity"),
    "below_min": (400, "INVALID_QUANTITY", "Quantity is below the minimum quantity"),
    "above_max": (400, "INVALID_QUANTITY", "Quantity is above the maximum quantity"),
    "insufficient_funds": (400, "INSUFFICIENT_MARGIN", "Insufficient margin"),
    "reduce_only": (400, "INVALID_ORDER", "Reduce only order not reduced"),
    "no_position": (400, "INVALID_ORDER", "Reduce only order not reduced"),
    "duplicate_client_id": (400, "INVALID_ORDER", "Client order ID is in use"),
    "too_many_orders": (400, "ORDER_LIMIT", "Order limit reached"),
    "unknown_order": (404, "RESOURCE_NOT_FOUND", "Not found"),
    "order_filled": (400, "INVALID_ORDER", "Invalid order"),
    "order_canceled": (400, "INVALID_ORDER", "Invalid order"),
    "bad_trigger": (400, "INVALID_ORDER", "Invalid trigger price"),
    "unsupported": (400, "INVALID_ORDER", "Reduce only and attached orders are for perpetuals"),
    "unknown_market": (400, "INVALID_MARKET", "Invalid market"),
    "market_closed": (503, "TRADING_PAUSED", "Trading is paused"),
    "leverage": (400, "MAX_LEVERAGE_REACHED", "Max leverage reached"),
}


def refused(status: int, code: str, text: str) -> Refused:
    return Refused(status, {"code": code, "message": text})


def bad(text: str) -> Refused:
    return refused(400, "INVALID_CLIENT_REQUEST", text)


def engine_refusal(reject: Reject) -> Refused:
    return refused(*CODES.get(reject.code, (400, "INVALID_ORDER", reject.text)))


class Gateway:
    """Verifies, decodes, executes."""

    def __init__(self, paper: Any) -> None:
        self._paper: Paper = paper

    # --- who asks ---------------------------------------------------------------------------------------------------------------------

    def check(self, key: str, signature: str, timestamp: str, window: str, parts: list[str]) -> str:
        """The account's name.

        :raises Refused: unknown key, wrong signature, outside the window
        """
        account = self._paper.by_key.get(key)
        if account is None:
            raise refused(401, "UNAUTHORIZED", "Unauthorized")
        if not (timestamp.isdigit() and window.isdigit() and 0 < int(window) <= 60_000):
            raise bad("Invalid timestamp or window")
        if not verify.good(key, signature, verify.whole(parts, timestamp, window)):
            raise refused(400, "INVALID_SIGNATURE", "Invalid signature")
        if abs(self._paper.time() - int(timestamp)) > int(window):
            raise bad("Invalid timestamp: request has expired")
        return account

    def authenticate(self, request: Request, instruction: str) -> Any:
        """Sets the request's account; returns its body, or its query."""
        headers = request.headers
        given = [headers.get(name, "") for name in ("X-API-Key", "X-Signature", "X-Timestamp", "X-Window")]
        if request.method == "GET":
            payload: Any = dict(parse_qsl(request.raw_query, keep_blank_values=True))
            parts = [verify.string(instruction, parse_qsl(request.raw_query, keep_blank_values=True))]
        else:
            try:
                payload = request.json() if request.body else {}
            except ValueError:
                raise bad("Invalid JSON") from None
            members = payload if isinstance(payload, list) else [payload]
            if not all(isinstance(member, dict) for member in members):
                raise bad("Invalid body")
            parts = [verify.string(instruction, verify.body_pairs(member)) for member in members]
        request.account = self.check(given[0], given[1], given[2], given[3] or "5000", parts)
        return payload

    # --- orders -----------------------------------------------------------------------------------------------------------------------

    def market(self, symbol: Any) -> Market:
        market = self._paper.engine.markets.get(str(symbol))
        if market is None:
            raise Reject("unknown_market")
        return market

    def execute(self, account: str, body: dict[str, Any]) -> dict[str, Any]:
        return wire.order(self._execute(account, body))

    def _execute(self, account: str, body: dict[str, Any]) -> Order:
        unknown = sorted(set(body) - KNOWN)
        if unknown:
            raise bad(f"unknown field {unknown[0]}")
        market = self.market(body.get("symbol"))
        new = self._new(market, body)
        if new.tif == "alo" and new.price is not None and self._reduced_away(account, new):
            raise Reject("reduce_only")
        try:
            return self._paper.submit(account, new)
        except Reject as reject:
            if reject.order is None or reject.code not in wire.EXPIRED:
                raise
            return reject.order  # told as an order that expired, with the reason over the stream

    def _reduced_away(self, account: str, new: NewOrder) -> bool:
        view = self._paper.engine.snapshot(account, new.market)
        return new.reduce_only and (view is None or not view.qty)

    def _new(self, market: Market, body: dict[str, Any]) -> NewOrder:
        kind = {"Limit": "limit", "Market": "market"}.get(str(body.get("orderType")))
        side = {"Bid": "buy", "Ask": "sell"}.get(str(body.get("side")))
        if kind is None or side is None:
            raise bad("orderType and side are required")
        trigger = number(body, "triggerPrice")
        size = number(body, "quantity" if trigger is None else "triggerQuantity")
        if size is None and number(body, "quoteQuantity") is not None:
            size = self._by_cost(market, side, number(body, "quoteQuantity") or Decimal(0))
        if size is None:
            raise refused(400, "INVALID_QUANTITY", "Quantity is required")
        price = number(body, "price")
        if (kind == "limit") != (price is not None):
            raise refused(400, "INVALID_PRICE", "Price is for limit orders, which need one")
        tif = str(body.get("timeInForce", "GTC")).lower()
        if tif not in ("gtc", "ioc", "fok"):
            raise bad("Invalid timeInForce")
        words: dict[str, Any] = {"kind": kind, "side": side, "tif": "alo" if flag(body, "postOnly") else tif}
        return NewOrder(
            market.id,
            words["side"],
            words["kind"],
            size,
            price,
            tif=words["tif"],
            reduce_only=flag(body, "reduceOnly"),
            client_id=client_id(body.get("clientId")),
            trigger=trigger,
            trigger_by=self._by(body),
            take_profit=number(body, "takeProfitTriggerPrice"),
            stop_loss=number(body, "stopLossTriggerPrice"),
            take_profit_limit=number(body, "takeProfitLimitPrice"),
            stop_loss_limit=number(body, "stopLossLimitPrice"),
        )

    def _by(self, body: dict[str, Any]) -> Any:
        word = next((body[name] for name in ("triggerBy", "takeProfitTriggerBy", "stopLossTriggerBy") if body.get(name)), "MarkPrice")
        if word not in TRIGGER_BY:
            raise bad("Invalid triggerBy")
        return TRIGGER_BY[word]

    def _by_cost(self, market: Market, side: str, cost: Decimal) -> Decimal:
        bid, ask = self._paper.engine.best(market.id)
        price = ask if side == "buy" else bid
        return (cost / price) // market.step * market.step if price else Decimal(0)

    def batch(self, account: str, members: Any) -> list[dict[str, Any]]:
        if not isinstance(members, list) or not members:
            raise bad("Expected an array of orders")
        found = []
        for body in members:
            try:
                found.append({"operation": "Ok", **self.execute(account, body)})
            except Reject as reject:
                found.append({"operation": "Err", **engine_refusal(reject).reply.body})
            except Refused as answer:
                found.append({"operation": "Err", **answer.reply.body})
        return found

    def find(self, account: str, body: dict[str, Any]) -> Order:
        self.market(body.get("symbol"))
        engine = self._paper.engine
        if body.get("orderId") is not None:
            word = str(body["orderId"])
            found = engine.find(account, order_id=int(word) - wire.FIRST) if word.isdigit() else None
        else:
            found = engine.find(account, client_id=client_id(body.get("clientId")) or "")
        if found is None or found.request.market != body["symbol"]:
            raise Reject("unknown_order")
        return found

    def cancel(self, account: str, body: dict[str, Any]) -> dict[str, Any]:
        return wire.order(self._paper.engine.cancel(account, self.find(account, body).id))

    def cancel_all(self, account: str, body: dict[str, Any]) -> list[dict[str, Any]]:
        """Without orderType the waiting triggers stay here, which is the harder of the two things that the venue may do."""
        market, conditional = self.market(body.get("symbol")), body.get("orderType") == "ConditionalOrder"
        wanted = "untriggered" if conditional else "open"
        rows = [order for order in self._paper.engine.open_orders(account, market.id) if order.status == wanted]
        return [wire.order(self._paper.engine.cancel(account, order.id)) for order in rows]

    # --- the account ------------------------------------------------------------------------------------------------------------------

    def update(self, account: str, body: dict[str, Any]) -> str:
        limit = number(body, "leverageLimit")
        if limit is not None:
            top = max(market.max_leverage for market in self._paper.engine.markets.values())
            if not 1 <= limit <= top:
                raise Reject("leverage")
            for name, market in self._paper.engine.markets.items():
                self._paper.engine.set_leverage(account, name, max(1, min(int(limit), market.max_leverage)))
            self._paper.limits[account] = limit
        return ""


def flag(body: dict[str, Any], name: str) -> bool:
    value = body.get(name)
    if value is not None and not isinstance(value, bool):
        raise bad(f"{name} is a boolean")
    return bool(value)


def number(body: dict[str, Any], name: str) -> Decimal | None:
    """A decimal: text in plain notation."""
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not PLAIN.fullmatch(value):
        raise bad(f"{name} is a decimal string")
    return Decimal(value)


def client_id(value: Any) -> str | None:
    """A uint32; bpx-py sends it as text."""
    if value is None:
        return None
    if isinstance(value, bool) or not str(value).isdigit() or not 0 <= int(value) < 1 << 32:
        raise bad("clientId is an unsigned integer of 32 bits")
    return str(int(value))
