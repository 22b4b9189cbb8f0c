"""What the venue does with an order: checks its signature and terms, answers PENDING, and matches it a moment later."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from ccxt_dex.exchanges.grvt.paper import wire
from ccxt_dex.exchanges.grvt.paper.verify import BadSignature, order_message, signer_of
from ccxt_dex.paper.numbers import is_multiple
from ccxt_dex.paper.server import Refused
from ccxt_dex.paper.types import Market, NewOrder, Order, Reject

if TYPE_CHECKING:
    from ccxt_dex.exchanges.grvt.paper.adapter import Paper

TEXTS = {
    1000: (401, "You need to authenticate prior to using this functionality"),
    1001: (403, "You are not authorized to access this functionality"),
    1003: (400, "Request could not be processed due to malformed syntax"),
    1004: (404, "Data Not Found"),
    1012: (400, "Invalid signature chain ID"),
    2000: (403, "Signature is from an unauthorized signer"),
    2001: (403, "Signature has expired"),
    2002: (403, "Signature does not match payload"),
    2003: (403, "Order sub account does not match logged in user"),
    2005: (403, "Signature V must be 27/28"),
    2006: (403, "Signature R/S must have exactly 64 characters long without 0x prefix"),
    2007: (403, "Signature S must be in the lower half of the curve"),
    2008: (403, "Signature exceeds maximum allowed duration."),
    2010: (400, "Order ID should be empty when creating an order"),
    2011: (400, "Client Order ID should be supplied when creating an order"),
    2012: (400, "Client Order ID overlaps with existing active order"),
    2020: (400, "Market Order must always be supplied without a limit price"),
    2021: (400, "Limit Order must always be supplied with a limit price"),
    2030: (400, "Orderbook Orders must have a TimeInForce of GTT/IOC/FOK"),
    2032: (400, "Post Only can only be set to true for GTT/AON orders"),
    2040: (400, "Order must contain at least one leg"),
    2042: (400, "Orderbook Orders must contain only one leg"),
    2050: (400, "Order state must be empty upon creation"),
    2060: (400, "Order Legs contain one or more inactive derivative"),
    2061: (400, "Unsupported Instrument Requested"),
    2062: (400, "Order size smaller than min size"),
    2064: (400, "Invalid limit price tick"),
    2065: (400, "Order size too granular"),
    2066: (400, "Order below minimum notional. Please try again with a higher price or size."),
    2081: (400, "Order Fill would result in exceeding maximum position size"),
    2100: (400, "Invalid initial leverage"),
    2102: (400, "Margin type change failed, has open position for this instrument"),
    2103: (400, "Margin type change failed, has open orders for this instrument"),
    2104: (400, "Margin type not supported"),
    2107: (400, "Attempted to set leverage below minimum"),
    2108: (400, "Attempted to set leverage above maximum"),
    2110: (400, "Invalid trigger by"),
    2112: (400, "Invalid trigger order"),
    2113: (400, "Trigger price must be non-zero"),
    2117: (400, "Position linked TPSL orders must be created from web or mobile clients"),
    2233: (400, "Both order ID and client order ID cannot be provided"),
    2234: (400, "Bulk create orders must have the same instrument"),
    2235: (400, "Bulk orders count exceeds the maximum allowed"),
    2236: (400, "Bulk orders does not support trigger order"),
    2400: (400, "Reduce only order with no position"),
    3000: (400, "Instrument is invalid"),
    3020: (400, "Sub account ID must be an uint64 integer"),
    3021: (400, "Either order ID or client order ID must be supplied"),
    3031: (400, "Depth is invalid"),
    3040: (400, "Candlestick interval is invalid"),
    3041: (400, "Candlestick type is invalid"),
    4000: (400, "Insufficient balance to complete transfer"),
    6000: (400, "Countdown time is bigger than 300s supported"),
    7102: (400, "Transfer sub-account not found"),
    7450: (400, "Add margin failed"),
    7451: (400, "Add margin to empty position"),
    7452: (400, "Add margin to non isolated position"),
    7453: (400, "Max addable amount exceeded"),
    7454: (400, "Max removable amount exceeded"),
    7504: (400, "Builder is not authorized for the specified user."),
}
TIFS = {"GOOD_TILL_TIME": "gtc", "IMMEDIATE_OR_CANCEL": "ioc", "FILL_OR_KILL": "fok", "RETAIL_PRICE_IMPROVEMENT": "alo"}
TRIGGERS = {"LAST": "last", "MARK": "mark", "INDEX": "index", "MID": "mark"}
KINDS = {"TAKE_PROFIT": "tp", "STOP_LOSS": "sl"}
MAX_BULK = 100


def refuse(code: int) -> Refused:
    status, text = TEXTS[code]
    return Refused(status, {"request_id": 1, "code": code, "message": text, "status": status})


def number(value: Any) -> Decimal:
    try:
        found = Decimal(str(value if value not in (None, "") else 0))
    except InvalidOperation:
        raise refuse(1003) from None
    if not found.is_finite():
        raise refuse(1003)
    return found


class Gateway:
    def __init__(self, paper: Paper) -> None:
        self._paper = paper
        self._waiting: dict[str, set[str]] = {}
        self._seen: set[tuple[Any, ...]] = set()
        self.refused: dict[str, list[Order]] = {}
        """orders that the engine's checks refused without keeping them"""
        self.arrived: list[tuple[str, dict[str, Any]]] = []
        """primary type that was signed, and the order: everything whose signature was verified"""

    # --- who signed -----------------------------------------------------------------------------------------------------------------

    def signed_by(self, account: str, kind: str, message: Mapping[str, Any], signature: Any, funding: bool = False) -> str:
        """:raises Refused: with the venue's code"""
        try:
            signer = signer_of(kind, message, signature, int(self._paper.options["chain_id"]), self._paper.time())
        except BadSignature as error:
            raise refuse(error.code) from None
        if signer not in self._paper.signers(account, funding):
            raise refuse(2000)
        return signer

    def _verified(self, account: str, sent: Any) -> dict[str, Any]:
        if not isinstance(sent, dict) or not isinstance(sent.get("metadata"), dict) or not isinstance(sent.get("legs"), list):
            raise refuse(1003)
        if str(sent.get("sub_account_id")) != self._paper.subs[account]:
            raise refuse(2003)
        if not sent["legs"]:
            raise refuse(2040)
        if len(sent["legs"]) > 1:
            raise refuse(2042)
        instruments = {market.id: (market.info["hash"], 9) for market in self._paper.engine.markets.values()}
        if sent["legs"][0].get("instrument") not in instruments:
            raise refuse(2061)
        if sent.get("time_in_force") not in TIFS:
            raise refuse(2030)
        kind, message = order_message(sent, instruments)
        self.signed_by(account, kind, message, sent.get("signature"))
        self.arrived.append((kind, sent))
        if kind == "OrderWithBuilderFee" and (account, str(sent["builder"]).lower()) not in self._paper.builders:
            raise refuse(7504)
        return sent

    # --- terms ----------------------------------------------------------------------------------------------------------------------

    def _new(self, account: str, sent: dict[str, Any]) -> NewOrder:
        """:raises Refused: what the venue refuses before matching"""
        leg, metadata = sent["legs"][0], sent["metadata"]
        market = self._paper.engine.markets[leg["instrument"]]
        client = str(metadata.get("client_order_id") or "0")
        if sent.get("order_id") not in (None, "", "0", "0x00"):
            raise refuse(2010)
        if sent.get("state"):
            raise refuse(2050)
        if not client.isdigit() or client == "0" or int(client) >= 1 << 64:
            raise refuse(2011)
        if client in self._waiting.get(account, ()) or self._active(account, client):
            raise refuse(2012)
        size, price, is_market = number(leg.get("size")), number(leg.get("limit_price")), bool(sent.get("is_market"))
        self._check_terms(market, sent, size, price, is_market)
        reduce_only, side = bool(sent.get("reduce_only")), "buy" if leg.get("is_buying_asset") else "sell"
        more = self._trigger(metadata.get("trigger"), side)
        if reduce_only and not more and not self._paper.engine.account(account).qty(market.id):
            raise refuse(2400)
        expires = None if is_market or TIFS[sent["time_in_force"]] in ("ioc", "fok") else int(sent["signature"]["expiration"]) // 1_000_000
        return NewOrder(
            market.id,
            side,  # type: ignore[arg-type]
            "market" if is_market else "limit",
            size,
            None if is_market else price,
            tif="alo" if sent.get("post_only") else TIFS[sent["time_in_force"]],  # type: ignore[arg-type]
            reduce_only=reduce_only,
            client_id=client,
            expires_ms=expires,
            info={"wire": sent},
            **more,
        )

    def _check_terms(self, market: Market, sent: dict[str, Any], size: Decimal, price: Decimal, is_market: bool) -> None:
        checks = (
            (2060, not market.active),
            (2020, is_market and price != 0),
            (2021, not is_market and price <= 0),
            (2032, bool(sent.get("post_only")) and (is_market or TIFS[sent["time_in_force"]] in ("ioc", "fok"))),
            (2062, size < market.min_qty),
            (2065, not is_multiple(size, market.step)),
            (2064, not is_market and not is_multiple(price, market.tick)),
            (2081, size > market.max_qty),
            (2066, not sent.get("reduce_only") and size * (price or self._paper.engine.mark(market.id)) < market.min_cost),
        )
        for code, wrong in checks:
            if wrong:
                raise refuse(code)

    def _trigger(self, trigger: Any, side: str) -> dict[str, Any]:
        kind = str((trigger or {}).get("trigger_type") or "UNSPECIFIED")
        if kind == "UNSPECIFIED":
            return {}
        tpsl = trigger.get("tpsl") or {}
        level = number(tpsl.get("trigger_price"))
        if kind not in KINDS:
            raise refuse(2112)
        if tpsl.get("trigger_by") not in TRIGGERS:
            raise refuse(2110)
        if level <= 0:
            raise refuse(2113)
        if tpsl.get("close_position"):
            raise refuse(2117)
        # the type and the side tell the direction: a stop of a seller fires when the price has fallen
        above = (kind == "STOP_LOSS") == (side == "buy")
        return {"trigger": level, "trigger_above": above, "trigger_by": TRIGGERS[tpsl["trigger_by"]], "tpsl": KINDS[kind]}

    def _active(self, account: str, client: str) -> bool:
        found = self._paper.engine.find(account, client_id=client)
        return found is not None and found.status in ("open", "untriggered")

    # --- creating -------------------------------------------------------------------------------------------------------------------

    def create(self, account: str, sent: Any) -> dict[str, Any]:
        """create_order: the answer says that it is accepted for matching, no more."""
        checked = self._verified(account, sent)
        if self._repeated(account, checked):
            return wire.pending(checked, self._paper.time())
        new = self._new(account, checked)
        self._later(account, [new])
        return wire.pending(checked, self._paper.time())

    def _repeated(self, account: str, sent: dict[str, Any]) -> bool:
        """The same payload with the same nonce is a repetition, and ignored."""
        key = (account, str(sent["signature"]["r"]), str(sent["signature"]["nonce"]))
        known = key in self._seen
        self._seen.add(key)
        return known

    def _later(self, account: str, orders: list[NewOrder]) -> None:
        self._waiting.setdefault(account, set()).update(str(new.client_id) for new in orders)
        self._paper.later(float(self._paper.options["latency_ms"]), self._match, account, orders)

    def _match(self, account: str, orders: list[NewOrder]) -> None:
        made = []
        for new in orders:
            self._waiting[account].discard(str(new.client_id))
            try:
                made.append(self._paper.submit(account, new))
            except Reject as reject:
                if reject.order is None:
                    self._remember(account, new, reject)
        if len(made) == 2 and all(order.request.tpsl for order in made):
            self._paper.engine.link(account, [order.id for order in made])

    def _remember(self, account: str, new: NewOrder, reject: Reject) -> None:
        """The checks leave no trace of what they refuse; the venue keeps the order as rejected and says so."""
        kept = self.refused.setdefault(account, [])
        now = self._paper.now()
        order = Order(-1 - len(kept), account, new, "rejected", now, now, new.qty, new.price, reason=reject.code)
        kept.append(order)
        self._paper.announce_order(order)

    def bulk(self, account: str, request: dict[str, Any]) -> dict[str, Any]:
        """bulk_orders: cancels first, then creates; entries with exits, pairs of exits."""
        sent = request.get("orders") or []
        ids, clients = request.get("order_i_ds") or [], request.get("client_order_i_ds") or []
        if not all(isinstance(each, list) for each in (sent, ids, clients)):
            raise refuse(1003)
        if ids and clients:
            raise refuse(2233)
        if max(len(sent), len(ids), len(clients)) > MAX_BULK:
            raise refuse(2235)
        checked = [self._verified(account, each) for each in sent]
        if len({each["legs"][0]["instrument"] for each in checked}) > 1:
            raise refuse(2234)
        found = [self.find(account, order_id=each) for each in ids] + [self.find(account, client_id=each) for each in clients]
        news = [self._new(account, each) for each in checked]
        if len({new.client_id for new in news}) < len(news):
            raise refuse(2012)
        for order in found:
            self._cancel(account, order, "bulk")
        if news:
            self._later(account, self._grouped(news))
        acks = [{"ack": order is not None} for order in found]
        return {"orders": [wire.pending(each, self._paper.time()) for each in checked], "cancel_acks": acks}

    def _grouped(self, news: list[NewOrder]) -> list[NewOrder]:
        """An entry takes its exits with it."""
        exits = [new for new in news if new.trigger is not None]
        plain = [new for new in news if new.trigger is None]
        if not exits or (not plain and len(exits) <= 2):
            return news
        parent = plain[0]
        same = all(new.qty == parent.qty and new.side != parent.side for new in exits)
        if len(plain) > 1 or len(exits) > 2 or len({new.tpsl for new in exits}) < len(exits) or not same:
            raise refuse(2236)
        more: dict[str, Any] = {}
        for new in exits:
            name = "take_profit" if new.tpsl == "tp" else "stop_loss"
            more |= {name: new.trigger, f"{name}_client_id": new.client_id}
            if new.type == "limit":
                more[f"{name}_limit"] = new.price
        fields = {name: getattr(parent, name) for name in parent.__dataclass_fields__}
        return [NewOrder(**{**fields, **more})]

    # --- finding and cancelling -----------------------------------------------------------------------------------------------------

    def orders(self, account: str) -> list[Order]:
        """Every order of the account, refused ones included, oldest first."""
        return sorted(
            [*self._paper.engine.account(account).orders.values(), *self.refused.get(account, [])], key=lambda order: order.created
        )

    def find(self, account: str, order_id: Any = None, client_id: Any = None) -> Order | None:
        for order in reversed(self.orders(account)):
            if (order_id is not None and wire.order_id(order) == order_id) or (
                client_id is not None and order.request.client_id == str(client_id)
            ):
                return order
        return None

    def named(self, account: str, request: Mapping[str, Any]) -> Order | None:
        order_id, client = request.get("order_id"), request.get("client_order_id")
        if not order_id and not client:
            raise refuse(3021)
        return self.find(account, order_id=order_id) if order_id else self.find(account, client_id=client)

    def cancel(self, account: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """cancel_order: acknowledged, whatever became of the order; one by an id that nobody has is not (composed)."""
        order = self.named(account, request)
        if order is None and request.get("order_id"):
            raise refuse(1004)
        self._cancel(account, order, "user")
        return {"ack": True}

    def _cancel(self, account: str, order: Order | None, reason: str) -> None:
        if order is not None and order.id > 0 and order.status in ("open", "untriggered"):
            self._paper.engine.cancel(account, order.id, reason)
