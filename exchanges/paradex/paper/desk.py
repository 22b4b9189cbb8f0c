"""What happens to an order between the request and its end: checks at the API, a queue, matching. Every order is a ticket here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from ccxt_dex.exchanges.paradex.paper.identity import Token, refused
from ccxt_dex.exchanges.paradex.paper.markets import MAX_OPEN_ORDERS
from ccxt_dex.paper.server import Refused
from ccxt_dex.paper.types import Event, Market, NewOrder, Order, Reject

if TYPE_CHECKING:
    from ccxt_dex.exchanges.paradex.paper.adapter import Paper

LIMITS = ("LIMIT", "STOP_LIMIT", "TAKE_PROFIT_LIMIT", "STOP_LOSS_LIMIT")
MARKETS = ("MARKET", "STOP_MARKET", "TAKE_PROFIT_MARKET", "STOP_LOSS_MARKET")
INSTRUCTIONS = {"GTC": "gtc", "IOC": "ioc", "POST_ONLY": "alo", "RPI": "alo"}
FLAGS = ("REDUCE_ONLY", "STOP_CONDITION_ABOVE_TRIGGER", "STOP_CONDITION_BELOW_TRIGGER", "INTERACTIVE", "TARGET_STRATEGY_VWAP")
STP = ("EXPIRE_MAKER", "EXPIRE_TAKER", "EXPIRE_BOTH")
# the engine's reasons -> cancel_reason; NOT_ENOUGH_MARGIN and USER_CANCELED are documented, the others composed after them
REASONS = {
    "user": "USER_CANCELED",
    "insufficient_funds": "NOT_ENOUGH_MARGIN",
    "post_only": "POST_ONLY_WOULD_CROSS",
    "reduce_only": "REDUCE_ONLY_WOULD_INCREASE_POSITION",
    "no_liquidity": "NO_LIQUIDITY",
    "ioc": "NO_LIQUIDITY",
    "max_price": "NO_LIQUIDITY",
    "self_trade": "SELF_TRADE_PREVENTED",
    "liquidation": "LIQUIDATION",
    "market_closed": "MARKET_NOT_OPEN",
}
DEFAULT_WINDOW = 300_000


@dataclass
class Ticket:
    """One order as the API knows it."""

    id: str
    account: str
    body: Mapping[str, Any]
    market: str
    created: int
    order: Order | None = None
    reason: str | None = None
    seq: int = 0
    shown: Any = None


def bad(message: str) -> Refused:
    return refused(400, "VALIDATION_ERROR", message)


class Desk:
    def __init__(self, paper: Paper) -> None:
        self._paper = paper
        self.tickets: dict[str, Ticket] = {}
        self._by_engine: dict[int, str] = {}
        self._by_client: dict[tuple[str, str], str] = {}
        self._opened = 0
        self._seq = 1_681_471_234_000_000_000

    # --- looking up ------------------------------------------------------------------------------------------------------------

    def of(self, account: str) -> list[Ticket]:
        return [ticket for ticket in self.tickets.values() if ticket.account == account]

    def find(self, account: str, order_id: str) -> Ticket:
        ticket = self.tickets.get(order_id)
        if ticket is None or ticket.account != account:
            raise refused(404, "ORDER_ID_NOT_FOUND", "order id was not found")
        return ticket

    def find_client(self, account: str, client_id: str) -> Ticket:
        found = self._by_client.get((account, client_id))
        if found is None:
            raise refused(404, "CLIENT_ORDER_ID_NOT_FOUND", "client order id was not found")
        return self.tickets[found]

    def by_engine(self, order_id: int) -> Ticket | None:
        found = self._by_engine.get(order_id)
        return None if found is None else self.tickets[found]

    def status(self, ticket: Ticket) -> str:
        if ticket.reason is not None:
            return "CLOSED"
        if ticket.order is None:
            return "NEW"
        return {"open": "OPEN", "untriggered": "UNTRIGGERED"}.get(ticket.order.status, "CLOSED")

    def row(self, ticket: Ticket) -> dict[str, Any]:
        """The order as REST and the stream show it."""
        body, order, status = ticket.body, ticket.order, self.status(ticket)
        size = order.qty if order is not None else Decimal(str(body["size"]))
        filled = order.filled if order is not None else Decimal(0)
        price = str(body.get("price") or "0") if order is None or order.price is None else _text(order.price)
        trigger = order.request.trigger if order is not None else body.get("trigger_price")
        shown = (status, size, filled, price, trigger)
        if shown != ticket.shown:
            self._seq += 1_000
            ticket.shown, ticket.seq = shown, self._seq
        reason = ticket.reason or ""
        if not reason and order is not None and order.status in ("canceled", "rejected", "expired"):
            reason = REASONS.get(str(order.reason), str(order.reason or "").upper())
        updated = order.updated if order is not None else ticket.created
        return {
            "id": ticket.id,
            "account": hex(self._paper.identity.by_name[ticket.account].address),
            "market": ticket.market,
            "side": body["side"],
            "type": body["type"],
            "size": _text(size),
            "remaining_size": _text(size - filled),
            "price": price,
            "avg_fill_price": "" if order is None or order.average is None else _text(order.average),
            "status": status,
            "cancel_reason": reason,
            "client_id": str(body.get("client_id") or ""),
            "instruction": body.get("instruction") or "GTC",
            "flags": list(body.get("flags") or []),
            "stp": body.get("stp") or "EXPIRE_TAKER",
            "trigger_price": "0" if trigger is None else _text(Decimal(str(trigger))),
            "created_at": ticket.created,
            "received_at": ticket.created,
            "published_at": self._paper.now(),
            "last_updated_at": updated,
            "timestamp": body["signature_timestamp"],
            "seq_no": ticket.seq,
        }

    # --- placing ---------------------------------------------------------------------------------------------------------------

    def check(self, token: Token, body: Any) -> NewOrder:
        """The basic validation: what it refuses is refused at once, signature included."""
        if not isinstance(body, dict):
            raise bad("an order is an object")
        market = self._market(body)
        new = self._parsed(market, body)
        self._check_window(body)
        self._paper.identity.check_order(token, body, self._signing_account(token, body))
        client_id = str(body.get("client_id") or "")
        if client_id and (token.owner.name, client_id) in self._by_client:
            raise refused(400, "DUPLICATED_CLIENT_ID", "client id was used already")
        if len(self._paper.engine.open_orders(token.owner.name, market.id)) >= MAX_OPEN_ORDERS:
            raise bad("too many open orders")
        return new

    def _signing_account(self, token: Token, body: Mapping[str, Any]) -> int:
        account = body.get("on_behalf_of_account")
        if account is not None and int(str(account), 16) != token.owner.address:
            raise refused(400, "ISOLATED_MARKET_ACCOUNT_MISMATCH", "no such isolated account")
        return token.owner.address

    def _market(self, body: Mapping[str, Any]) -> Market:
        market = self._paper.engine.markets.get(str(body.get("market")))
        if market is None:
            raise refused(400, "MARKET_NOT_FOUND", f"market {body.get('market')} was not found")
        if not self._paper.active(market.id):
            raise refused(400, "MARKET_NOT_OPEN", "market is not open for trading")
        return market

    def _check_window(self, body: Mapping[str, Any]) -> None:
        window, stamp = body.get("recv_window"), body.get("signature_timestamp")
        window = DEFAULT_WINDOW if window is None else window
        if not isinstance(window, int) or window < 10:
            raise bad("recv_window must be at least 10")
        if not isinstance(stamp, int) or stamp < 10**12:
            raise bad("signature_timestamp must be unix milliseconds")
        now = self._paper.time()
        if now - stamp > window or stamp - now > DEFAULT_WINDOW:
            raise refused(400, "INVALID_TIMESTAMP", "signature timestamp is outside of the window")

    def _parsed(self, market: Market, body: Mapping[str, Any]) -> NewOrder:
        kind, side, instruction = str(body.get("type")), str(body.get("side")), str(body.get("instruction") or "GTC")
        flags = body.get("flags") or []
        if kind not in LIMITS + MARKETS or side not in ("BUY", "SELL") or instruction not in INSTRUCTIONS:
            raise bad("type, side or instruction is invalid")
        if not isinstance(flags, list) or any(flag not in FLAGS for flag in flags) or body.get("stp") not in (None, *STP):
            raise bad("flags or stp is invalid")
        size = _decimal(body, "size")
        if size <= 0 or size % market.step or size > market.max_qty:
            raise refused(400, "INVALID_ORDER_SIZE", f"size must be a multiple of {market.step} up to {market.max_qty}")
        price = self._price(market, body) if kind in LIMITS else None
        trigger = _decimal(body, "trigger_price") if kind not in ("LIMIT", "MARKET") else None
        mark = self._paper.engine.mark(market.id)
        reduce_only = "REDUCE_ONLY" in flags
        if not reduce_only and size * mark < market.min_cost:
            raise bad(f"order notional is below the minimum of {market.min_cost}")
        return NewOrder(
            market=market.id,
            side="buy" if side == "BUY" else "sell",
            type="limit" if kind in LIMITS else "market",
            qty=size,
            price=price,
            tif=INSTRUCTIONS[instruction] if kind in LIMITS else "ioc",  # type: ignore[arg-type]
            reduce_only=reduce_only,
            client_id=str(body.get("client_id") or "") or None,
            trigger=trigger,
            trigger_above=None if trigger is None else _fires_above(kind, side, trigger, mark),
        )

    def _price(self, market: Market, body: Mapping[str, Any]) -> Decimal:
        price, mark = _decimal(body, "price"), self._paper.engine.mark(market.id)
        if price <= 0 or price % market.tick:
            raise bad(f"price must be a multiple of {market.tick}")
        if market.price_band is not None and abs(price - mark) > market.price_band * mark:
            raise bad("price is outside of the price band")
        return price

    def open(self, account: str, body: Mapping[str, Any], new: NewOrder) -> dict[str, Any]:
        """Queued for risk checks; matching follows after the latency."""
        self._opened += 1
        now = self._paper.now()
        ticket = Ticket(f"{now}2017{self._opened:011d}", account, dict(body), new.market, now)
        self.tickets[ticket.id] = ticket
        if new.client_id:
            self._by_client[account, new.client_id] = ticket.id
        answer = self.row(ticket)
        self._paper.tell_order(ticket)
        self._paper.later(self._paper.options["latency_ms"], self._match, ticket, new)
        return answer

    def _match(self, ticket: Ticket, new: NewOrder) -> None:
        try:
            with _Next(self, ticket):
                ticket.order = self._paper.submit(ticket.account, new)
            self._by_engine[ticket.order.id] = ticket.id
        except Reject as reject:
            ticket.order = reject.order
            ticket.reason = REASONS.get(reject.code, reject.code.upper())
            self._paper.tell_order(ticket)

    def follow(self, event: Event) -> Ticket | None:
        """The ticket that an engine's order event is about, brought up to date."""
        order: Order = event.data
        ticket = self.by_engine(order.id) or self._adopted(order)
        if ticket is not None and ticket.reason is None:
            ticket.order = replace(order)
        return ticket

    def _adopted(self, order: Order) -> Ticket | None:
        """An order that the engine made known before `submit` returned, or one that it made by itself."""
        ticket = self.matching
        if ticket is None or ticket.account != order.account:
            ticket = self._made_by_engine(order)
        self._by_engine[order.id] = ticket.id
        return ticket

    matching: Ticket | None = None

    def _made_by_engine(self, order: Order) -> Ticket:
        """Liquidations have no request behind them."""
        self._opened += 1
        request = order.request
        body = {"market": request.market, "side": request.side.upper(), "type": "MARKET", "size": str(order.qty), "instruction": "IOC"}
        body["signature_timestamp"] = str(order.created)
        ticket = Ticket(f"{order.created}2017{self._opened:011d}", order.account, body, request.market, order.created)
        self.tickets[ticket.id] = ticket
        return ticket

    # --- changing --------------------------------------------------------------------------------------------------------------

    def modify(self, token: Token, order_id: str, body: Any) -> dict[str, Any]:
        ticket = self.find(token.owner.name, order_id)
        if not isinstance(body, dict) or str(body.get("id")) != order_id:
            raise bad("id must be that of the order")
        if self.status(ticket) == "CLOSED":
            raise refused(400, "ORDER_IS_CLOSED", "order is closed")
        if ticket.order is None:
            raise refused(400, "ORDER_IS_NOT_OPEN", "order is not open")
        if any(body.get(name) != ticket.body[name] for name in ("market", "side", "type")):
            raise bad("market, side and type cannot be modified")
        market = self._market(body)
        new = self._parsed(market, {**body, "flags": ticket.body.get("flags"), "instruction": ticket.body.get("instruction")})
        self._paper.identity.check_order(token, body)
        answer = {**self.row(ticket), "size": _text(new.qty)}
        self._paper.later(self._paper.options["latency_ms"], self._edit, ticket, new)
        return answer

    def _edit(self, ticket: Ticket, new: NewOrder) -> None:
        assert ticket.order is not None
        trigger = new.trigger if ticket.order.status == "untriggered" else None
        try:
            self._paper.engine.edit(ticket.account, ticket.order.id, qty=new.qty, price=new.price, trigger=trigger, keep_id=True)
        except Reject:
            return  # closed meanwhile, or crossing: the order stays as it is

    def cancel(self, ticket: Ticket) -> None:
        """:raises Refused: it is closed already"""
        if self.status(ticket) == "CLOSED":
            raise refused(400, "ORDER_IS_CLOSED", "order is closed")
        self._paper.later(self._paper.options["latency_ms"], self._cancel, ticket)

    def _cancel(self, ticket: Ticket) -> None:
        if ticket.order is None or self.status(ticket) == "CLOSED":
            return
        try:
            self._paper.engine.cancel(ticket.account, ticket.order.id)
        except Reject:
            return

    def open_tickets(self, account: str, market: str | None = None) -> list[Ticket]:
        return [t for t in self.of(account) if self.status(t) != "CLOSED" and market in (None, "", t.market)]


class _Next:
    """While this is entered, the order that the engine announces for the first time belongs to the ticket."""

    def __init__(self, desk: Desk, ticket: Ticket) -> None:
        self._desk, self._ticket = desk, ticket

    def __enter__(self) -> None:
        self._desk.matching = self._ticket

    def __exit__(self, *_: object) -> None:
        self._desk.matching = None


def _fires_above(kind: str, side: str, trigger: Decimal, mark: Decimal) -> bool:
    if kind.startswith("STOP_LOSS"):
        return side == "BUY"
    if kind.startswith("TAKE_PROFIT"):
        return side == "SELL"
    return trigger > mark


def _decimal(body: Mapping[str, Any], name: str) -> Decimal:
    value = body.get(name)
    try:
        number = Decimal(value) if isinstance(value, str) else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite():
        raise bad(f"{name} must be a decimal in a string")
    return number


def _text(value: Decimal) -> str:
    text = format(value, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"
