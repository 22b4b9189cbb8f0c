"""What happens to an order between the request and its end: checks at the API, then matching. Every order is a ticket here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from ccxt_dex.exchanges.extended.paper import wire
from ccxt_dex.exchanges.extended.paper.identity import Owner, refused
from ccxt_dex.exchanges.extended.paper.markets import BAND, MAX_VALUE
from ccxt_dex.paper.types import Event, Market, NewOrder, Order, Reject

if TYPE_CHECKING:
    from ccxt_dex.exchanges.extended.paper.adapter import Paper

STATUS = {
    "open": "NEW",
    "untriggered": "UNTRIGGERED",
    "filled": "FILLED",
    "canceled": "CANCELLED",
    "expired": "EXPIRED",
    "rejected": "REJECTED",
}
# the engine's reasons -> statusReason (docs)
REASONS = {
    "insufficient_funds": "NOT_ENOUGH_FUNDS",
    "no_liquidity": "NO_LIQUIDITY",
    "ioc": "NO_LIQUIDITY",
    "max_price": "NO_LIQUIDITY",
    "self_trade": "SELF_TRADE_PROTECTION",
    "post_only": "POST_ONLY_FAILED",
    "reduce_only": "REDUCE_ONLY_FAILED",
    "expired": "INVALID_EXPIRE_TIME",
    "oco": "TPSL_OTHER_SIDE_FILLED",
    "replaced": "ORDER_REPLACED",
    "liquidation": "ACCOUNT_LIQUIDATION",
}
# the engine's refusals before matching -> error code and text (docs)
CODES: dict[str, tuple[int, str]] = {
    "market_closed": (1002, "Market is disabled"),
    "below_min": (1120, "Order quantity less than min trade size"),
    "off_step": (1121, "Invalid quantity due to the wrong size increment"),
    "off_tick": (1124, "Invalid price due to wrong price movement"),
    "too_many_orders": (1126, "Max open orders number exceeded"),
    "insufficient_funds": (1140, "New order cost exceeds available balance"),
    "reduce_only": (1137, "Position is missing for a reduce-only order"),
    "bad_trigger": (1133, "Invalid order parameters"),
    "duplicate_client_id": (1134, "Duplicate Order"),
}
DAY = 86_400_000
TRIGGERS = {"LAST": "last", "MARK": "mark", "INDEX": "index"}


@dataclass
class Ticket:
    """One order as the API knows it."""

    id: int
    owner: Owner
    body: Mapping[str, Any]
    market: str
    created: int
    order: Order


class Desk:
    def __init__(self, paper: Paper) -> None:
        self._paper = paper
        self.tickets: dict[int, Ticket] = {}
        self._by_engine: dict[tuple[str, int], int] = {}
        self._ids: set[tuple[str, str]] = set()
        self._hashes: set[int] = set()
        self._opened = 0
        self._pending: Ticket | None = None

    # --- looking up ------------------------------------------------------------------------------------------------------------

    def of(self, owner: Owner) -> list[Ticket]:
        return [ticket for ticket in self.tickets.values() if ticket.owner is owner]

    def open_tickets(self, owner: Owner, market: str | None = None) -> list[Ticket]:
        return [t for t in self.of(owner) if t.order.status in ("open", "untriggered") and market in (None, "", t.market)]

    def find(self, owner: Owner, order_id: str) -> Ticket:
        ticket = self.tickets.get(int(order_id)) if order_id.isdigit() else None
        if ticket is None or ticket.owner is not owner:
            raise refused(404, "NOT_FOUND", "Order not found")
        return ticket

    def external(self, owner: Owner, name: str) -> list[Ticket]:
        return [ticket for ticket in self.of(owner) if ticket.body["id"] == name]

    def by_engine(self, account: str, order_id: int) -> Ticket | None:
        found = self._by_engine.get((account, order_id))
        return None if found is None else self.tickets[found]

    def row(self, ticket: Ticket) -> dict[str, Any]:
        """The order as REST and the stream show it."""
        body, order = ticket.body, ticket.order
        status = STATUS[order.status]
        if status == "NEW" and order.filled:
            status = "PARTIALLY_FILLED"
        trigger = body.get("trigger")
        row: dict[str, Any] = {
            "id": ticket.id,
            "accountId": ticket.owner.account,
            "externalId": body["id"],
            "market": ticket.market,
            "type": body["type"],
            "side": body["side"],
            "status": status,
            "price": str(body["price"]),
            "qty": wire.text(order.qty),
            "filledQty": wire.text(order.filled),
            "payedFee": wire.text(order.fee),
            "reduceOnly": bool(body.get("reduceOnly")),
            "postOnly": bool(body.get("postOnly")),
            "createdTime": ticket.created,
            "updatedTime": order.updated,
            "timeInForce": body["timeInForce"],
            "expireTime": int(body["expiryEpochMillis"]),
        }
        if order.average is not None:
            row["averagePrice"] = wire.text(order.average)
        if order.status in ("rejected", "canceled") and order.reason not in (None, "user"):
            row["statusReason"] = REASONS.get(str(order.reason), "UNKNOWN")
        if trigger:
            row["trigger"] = {**{k: v for k, v in trigger.items() if k != "direction"}, "triggerPriceDirection": trigger["direction"]}
        for leg in ("takeProfit", "stopLoss"):
            if body.get(leg):
                row["tpSlType"] = body.get("tpSlType")
                row[leg] = {k: v for k, v in body[leg].items() if k in ("triggerPrice", "triggerPriceType", "price", "priceType")}
        return row

    # --- placing ---------------------------------------------------------------------------------------------------------------

    def place(self, owner: Owner, body: Any) -> Ticket:
        """Checks everything, then matches; what matching refuses is a rejected order, not an error."""
        if not isinstance(body, Mapping) or not body.get("id"):
            raise refused(400, 1133, "Invalid order parameters")
        market = self._market(body)
        new = self._parsed(market, body)
        digests = self._signatures(owner, market, body)
        if (owner.name, str(body["id"])) in self._ids or digests[0] in self._hashes:
            raise refused(400, 1134, "Duplicate Order")
        replaced = self._replaced(owner, market, body)
        if replaced is not None:
            self._paper.engine.cancel(owner.name, replaced.order.id, reason="replaced")
        ticket = self._ticket(owner, body, market.id, new)
        self._ids.add((owner.name, str(body["id"])))
        self._hashes.update(digests)
        return ticket

    def _ticket(self, owner: Owner, body: Mapping[str, Any], market: str, new: NewOrder) -> Ticket:
        self._opened += 1
        now = self._paper.now()
        placeholder = Order(0, owner.name, new, "open", now, now, new.qty, new.price)
        ticket = Ticket(1_791_389_621_914_243_072 + self._opened, owner, dict(body), market, now, placeholder)
        self._pending = ticket
        try:
            order = self._paper.submit(owner.name, new)
        except Reject as reject:
            if reject.order is None:
                code, text = CODES.get(reject.code, (1133, "Invalid order parameters"))
                raise refused(400, code, f"{text}. {reject.text}") from None
            order = reject.order
        finally:
            self._pending = None
        ticket.order = replace(order)
        self.tickets[ticket.id] = ticket
        self._by_engine[owner.name, order.id] = ticket.id
        return ticket

    def _market(self, body: Mapping[str, Any]) -> Market:
        market = self._paper.engine.markets.get(str(body.get("market")))
        if market is None:
            raise refused(400, 1001, "Market not found")
        if not self._paper.active(market.id):
            raise refused(400, 1002, "Market is disabled")
        return market

    def _signatures(self, owner: Owner, market: Market, body: Mapping[str, Any]) -> list[int]:
        check = self._paper.identity.check
        digests = [check(owner, body, market, str(body["side"]), str(body["price"]), body.get("settlement"))]
        other = "SELL" if body["side"] == "BUY" else "BUY"
        for leg in ("takeProfit", "stopLoss"):
            if body.get(leg):
                digests.append(check(owner, body, market, other, str(body[leg]["price"]), body[leg].get("settlement")))
        return digests

    def _replaced(self, owner: Owner, market: Market, body: Mapping[str, Any]) -> Ticket | None:
        if body.get("cancelId") is None:
            return None
        found = [ticket for ticket in self.external(owner, str(body["cancelId"])) if ticket.order.status in ("open", "untriggered")]
        if not found or found[0].market != market.id:
            raise refused(400, 1142, "Edit order not found")
        return found[0]

    def _parsed(self, market: Market, body: Mapping[str, Any]) -> NewOrder:
        kind, side, tif = str(body.get("type")), str(body.get("side")), str(body.get("timeInForce"))
        if kind not in ("LIMIT", "MARKET", "CONDITIONAL") or side not in ("BUY", "SELL"):
            raise refused(400, 1132, "Order type is not allowed")
        if tif not in ("GTT", "IOC") or body.get("selfTradeProtectionLevel") not in ("DISABLED", "ACCOUNT", "CLIENT"):
            raise refused(400, 1133, "Invalid order parameters")
        trigger = body.get("trigger")
        if (kind == "CONDITIONAL") != bool(trigger):
            raise refused(400, 1143, "Conditional order trigger is missing")
        as_market = kind == "MARKET" or (trigger or {}).get("executionPriceType") == "MARKET"
        if as_market and tif != "IOC":
            raise refused(400, 1139, "Market order must have time in force IOC")
        if as_market and body.get("postOnly"):
            raise refused(400, 1144, "Conditional market order can't be Post-only")
        size, price = _decimal(body, "qty", 1123), _decimal(body, "price", 1130)
        self._check_numbers(market, size, price, "MARKET" if as_market else "LIMIT")
        self._check_fee(market, body)
        self._check_expiry(body)
        level = None if trigger is None else self._trigger(market, trigger)
        self._check_band(market, price, level)
        if body.get("postOnly"):
            tif = "alo"
        exits = {leg: self._exit(market, body, leg) for leg in ("takeProfit", "stopLoss")}
        return NewOrder(
            market=market.id,
            side="buy" if side == "BUY" else "sell",
            type="market" if as_market else "limit",
            qty=size,
            price=None if as_market else price,
            max_price=price if as_market else None,
            tif={"GTT": "gtc", "IOC": "ioc", "alo": "alo"}[tif],  # type: ignore[arg-type]
            reduce_only=bool(body.get("reduceOnly")),
            client_id=str(body["id"]),
            trigger=level,
            trigger_above=None if trigger is None else trigger["direction"] == "UP",
            trigger_by=TRIGGERS[trigger["triggerPriceType"]] if trigger else "mark",  # type: ignore[arg-type]
            take_profit=exits["takeProfit"],
            stop_loss=exits["stopLoss"],
            expires_ms=int(body["expiryEpochMillis"]),
        )

    def _check_numbers(self, market: Market, size: Decimal, price: Decimal, kind: str) -> None:
        if size < market.min_qty:
            raise refused(400, 1120, "Order quantity less than min trade size")
        if size % market.step:
            raise refused(400, 1121, "Invalid quantity due to the wrong size increment")
        if price <= 0:
            raise refused(400, 1141, "Invalid price value")
        if price % market.tick:
            raise refused(400, 1124, "Invalid price due to wrong price movement")
        if size * price > MAX_VALUE[kind]:
            raise refused(400, 1122, "Order value exceeds max order value")

    def _check_fee(self, market: Market, body: Mapping[str, Any]) -> None:
        needed = market.maker_fee if body.get("postOnly") else market.taker_fee
        if _decimal(body, "fee", 1128) < needed:
            raise refused(400, 1128, "Trading fees are invalid")

    def _check_expiry(self, body: Mapping[str, Any]) -> None:
        expiry, now = body.get("expiryEpochMillis"), self._paper.time()
        days = 90 if self._paper.identity.chain == "SN_MAIN" else 28
        if not isinstance(expiry, int) or not now < expiry <= now + days * DAY:
            raise refused(400, 1135, f"Order expiration date must be within {days} days")

    def _trigger(self, market: Market, trigger: Mapping[str, Any]) -> Decimal:
        """All four fields, as the SDK sends them."""
        known = trigger.get("triggerPriceType") in TRIGGERS and trigger.get("direction") in ("UP", "DOWN")
        if not known or trigger.get("executionPriceType") not in ("LIMIT", "MARKET"):
            raise refused(400, 1143, "Conditional order trigger is missing")
        level = _decimal(trigger, "triggerPrice", 1143)
        if level <= 0 or level % market.tick:
            raise refused(400, 1124, "Invalid price due to wrong price movement")
        return level

    def _check_band(self, market: Market, price: Decimal, level: Decimal | None) -> None:
        """Within 5 % of the mark, or of the trigger."""
        reference = level if level is not None else self._paper.engine.mark(market.id)
        if abs(price - reference) > reference * BAND:
            raise refused(400, 1141, "Invalid price value")

    def _exit(self, market: Market, body: Mapping[str, Any], leg: str) -> Decimal | None:
        found = body.get(leg)
        if not found:
            return None
        if (
            body.get("tpSlType") != "ORDER"
            or found.get("priceType") not in ("LIMIT", "MARKET")
            or found.get("triggerPriceType") not in TRIGGERS
        ):
            raise refused(400, 1131, "TP/SL order trigger is missing")
        level = _decimal(found, "triggerPrice", 1131)
        for price in (level, _decimal(found, "price", 1130)):
            if price <= 0 or price % market.tick:
                raise refused(400, 1124, "Invalid price due to wrong price movement")
        return level

    # --- following -------------------------------------------------------------------------------------------------------------

    def follow(self, event: Event) -> Ticket | None:
        """The ticket that an engine's order event is about, brought up to date."""
        order: Order = event.data
        owner = self._paper.identity.owners[order.account]
        ticket = self.by_engine(order.account, order.id)
        if (
            ticket is None
            and self._pending is not None
            and self._pending.owner is owner
            and order.request.client_id == self._pending.body["id"]
        ):
            ticket = self._pending
            self.tickets[ticket.id] = ticket
            self._by_engine[order.account, order.id] = ticket.id
        if ticket is None:
            ticket = self._made_by_engine(owner, order)
        ticket.order = replace(order)
        return ticket

    def _made_by_engine(self, owner: Owner, order: Order) -> Ticket:
        """Exits and liquidations have no request of their own."""
        self._opened += 1
        request = order.request
        number = 1_791_389_621_914_243_072 + self._opened
        body: dict[str, Any] = {"id": f"venue-{number}", "type": "TPSL" if request.tpsl else "MARKET", "side": wire.SIDES[request.side]}
        body.update(
            price="0", timeInForce="IOC" if request.tpsl is None else "GTT", reduceOnly=True, expiryEpochMillis=order.created + 90 * DAY
        )
        if request.tpsl and request.trigger is not None:
            leg = {"triggerPrice": wire.text(request.trigger), "triggerPriceType": "MARK", "price": "0", "priceType": "MARKET"}
            body.update({"tpSlType": "ORDER", "takeProfit" if request.tpsl == "tp" else "stopLoss": leg})
        ticket = Ticket(number, owner, body, request.market, order.created, replace(order))
        self.tickets[number] = ticket
        self._by_engine[owner.name, order.id] = number
        return ticket

    # --- cancelling ------------------------------------------------------------------------------------------------------------

    def cancel(self, ticket: Ticket) -> None:
        """Takes effect after the latency; an order that has ended stays as it is."""
        self._paper.later(self._paper.options["latency_ms"], self._cancel, ticket)

    def _cancel(self, ticket: Ticket) -> None:
        try:
            self._paper.engine.cancel(ticket.owner.name, ticket.order.id)
        except Reject:
            return


def _decimal(body: Mapping[str, Any], name: str, code: int) -> Decimal:
    try:
        number = Decimal(str(body.get(name)))
    except InvalidOperation:
        raise refused(400, code, f"{name} is invalid") from None
    if not number.is_finite():
        raise refused(400, code, f"{name} is invalid")
    return number
