"""Orders: what the gateway checks at once, what matching says later, and every order as a row."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from ccxt_dex.exchanges.edgex.paper import auth, wire
from ccxt_dex.exchanges.edgex.paper.auth import Identity, refused
from ccxt_dex.exchanges.edgex.paper.markets import BAND, COIN_ID, COIN_UNITS, units
from ccxt_dex.paper.types import ZERO, Market, NewOrder, Order, Reject

if TYPE_CHECKING:
    from ccxt_dex.exchanges.edgex.paper.adapter import Paper

GAP_MS = 691_200_000
TYPES = ("LIMIT", "MARKET", "STOP_LIMIT", "STOP_MARKET", "TAKE_PROFIT_LIMIT", "TAKE_PROFIT_MARKET")
TIF = {"GOOD_TIL_CANCEL": "gtc", "IMMEDIATE_OR_CANCEL": "ioc", "FILL_OR_KILL": "fok", "POST_ONLY": "alo"}
TRIGGER_BY = {"LAST_PRICE": "last", "ORACLE_PRICE": "mark", "INDEX_PRICE": "index"}
OPEN = ("PENDING", "OPEN", "UNTRIGGERED")
NO_LEG = {
    "side": "UNKNOWN_ORDER_SIDE",
    "price": "",
    "size": "",
    "clientOrderId": "",
    "triggerPrice": "",
    "triggerPriceType": "UNKNOWN_PRICE_TYPE",
}


@dataclass
class Record:
    """One order that the gateway took, or that the engine made (an exit, a liquidation)."""

    id: str
    account: str
    market: str
    body: dict[str, Any]
    created: int
    order: Order | None = None
    refusal: str | None = None
    """cancelReason of an order that never reached the book"""
    updated: int = 0
    censored: tuple[Decimal, Decimal, Decimal] = (ZERO, ZERO, ZERO)
    """filled, cost and fee as the rollup has confirmed them"""
    legs: dict[str, Any] = field(default_factory=dict)


class Gateway:
    def __init__(self, paper: Paper) -> None:
        self._paper = paper
        self.records: dict[str, Record] = {}
        self._by_engine: dict[tuple[str, int], Record] = {}
        self._client_ids: dict[tuple[str, str], str] = {}
        self._nonces: dict[tuple[str, str], str] = {}
        self._next = 0

    # --- placing --------------------------------------------------------------------------------------------------------------------------

    def create(self, own: Identity, body: dict[str, Any]) -> dict[str, Any]:
        """Checks and queues; matching follows."""
        new = self._checked(own, body)
        record = self._record(own.name, new.market, body)
        self._client_ids[own.name, body["clientOrderId"]] = record.id
        self._nonces[own.name, str(body["l2Nonce"])] = body["clientOrderId"]
        self._paper.publish_orders(own.name, [record])
        self._paper.later(self._paper.options["order_latency_ms"], self._match, record, new)
        return {"orderId": record.id}

    def _record(self, account: str, market: str, body: dict[str, Any]) -> Record:
        self._next += 1
        now = self._paper.now()
        record = Record(wire.ident(self._next), account, market, body, now, updated=now)
        self.records[record.id] = record
        return record

    def _match(self, record: Record, new: NewOrder) -> None:
        self._placing = record
        try:
            order = self._paper.submit(record.account, new)
        except Reject as reject:
            order = reject.order  # type: ignore[assignment]
            record.refusal = wire.CANCEL_REASONS.get(reject.code, "INTERNAL_FAILED")
        finally:
            self._placing = None
        if order is not None:
            self._bind(record, order)
        if record.refusal is not None:
            record.updated = self._paper.now()
            self._paper.publish_orders(record.account, [record])

    _placing: Record | None = None

    def _bind(self, record: Record, order: Order) -> None:
        record.order = order
        self._by_engine[record.account, order.id] = record

    def of(self, order: Order) -> Record:
        """The record of an engine order; one that the engine made gets its own on first sight."""
        found = self._by_engine.get((order.account, order.id))
        if found is None:
            placing = self._placing
            mine = placing is not None and placing.order is None and placing.body.get("clientOrderId") == order.request.client_id
            found = placing if mine else self._record(order.account, order.request.market, {})
            assert found is not None
            self._bind(found, order)
            if not mine and order.request.client_id:
                self._client_ids[order.account, order.request.client_id] = found.id
        found.order = self._paper.engine.find(order.account, order_id=order.id) or order
        found.updated = order.updated
        return found

    def _refuse(self, code: str, msg: str = "", param: Any = None) -> Exception:
        return refused(200, code, self._paper.now(), msg, param)

    def _number(self, body: dict[str, Any], name: str) -> Decimal:
        value = body.get(name)
        try:
            if not isinstance(value, str):
                raise InvalidOperation
            number = Decimal(value)
            if not number.is_finite() or number < 0 or "e" in value.lower():
                raise InvalidOperation
            return number
        except InvalidOperation:
            raise refused(400, "GATEWAY_PARAM_INVALID", self._paper.now(), f"invalid {name} : {value}", {name: str(value)}) from None

    def market_of(self, contract_id: Any) -> Market:
        market = self._paper.engine.markets.get(str(contract_id))
        if market is None:
            raise self._refuse("INVALID_CONTRACT_ID", f"invalid contractId:{contract_id}", {"contractId": str(contract_id)})
        return market

    def _checked(self, own: Identity, body: dict[str, Any]) -> NewOrder:
        market = self.market_of(body.get("contractId"))
        if not market.active:
            raise self._refuse("CONTRACT_TRADE_DISABLED")
        if not market.info["opens"] and body.get("reduceOnly") is not True:
            raise self._refuse("CONTRACT_OPEN_POSITION_DISABLED")
        kind, side, tif = body.get("type"), body.get("side"), body.get("timeInForce")
        if kind not in TYPES or side not in ("BUY", "SELL") or tif not in TIF:
            raise self._refuse("GATEWAY_PARAM_INVALID", f"type {kind} side {side} timeInForce {tif}")
        if any(not isinstance(body.get(name), bool) for name in ("reduceOnly", "isPositionTpsl", "isSetOpenTp", "isSetOpenSl")):
            raise self._refuse("GATEWAY_PARAM_INVALID", "flags must be booleans")
        size, price = self._number(body, "size"), self._number(body, "price")
        self._check_size(market, size)
        at_market = kind.endswith("MARKET")
        if at_market and (price != 0 or tif != "IMMEDIATE_OR_CANCEL"):
            raise self._refuse("INVALID_MARKET_ORDER_PRICE_OR_TIME_IN_FORCE")
        trigger = None
        if kind not in ("LIMIT", "MARKET"):
            trigger = self._number(body, "triggerPrice")
            if not trigger or trigger % market.tick or body.get("triggerPriceType") not in TRIGGER_BY:
                raise self._refuse("INVALID_TRIGGER_PRICE", str(body.get("triggerPrice")))
        elif body.get("triggerPrice") or body.get("triggerPriceType"):
            raise self._refuse("INVALID_TRIGGER_PRICE", "not a conditional order")
        if not at_market:
            self._check_price(market, side, price, trigger)
        self._check_identity(own, body)
        self._check_signed(own, market, body, side, size, None if at_market else price)
        legs = {name: self._leg(own, market, body, name) for name in ("openTp", "openSl")}
        bound = self._number(body, "l2Value") / size
        above = (side == "BUY") == kind.startswith("STOP") if trigger is not None else None
        take, stop = legs["openTp"], legs["openSl"]
        return NewOrder(
            market=market.id,
            side="buy" if side == "BUY" else "sell",
            type="market" if at_market else "limit",
            qty=size,
            price=None if at_market else price,
            tif=TIF[tif],  # type: ignore[arg-type]
            reduce_only=body["reduceOnly"],
            client_id=body["clientOrderId"],
            trigger=trigger,
            trigger_above=above,
            trigger_by=TRIGGER_BY.get(str(body.get("triggerPriceType")), "last"),  # type: ignore[arg-type]
            tpsl=None if trigger is None else ("sl" if kind.startswith("STOP") else "tp"),
            max_price=bound if at_market else None,
            expires_ms=int(body["expireTime"]),
            take_profit=Decimal(take["triggerPrice"]) if take else None,
            stop_loss=Decimal(stop["triggerPrice"]) if stop else None,
            take_profit_limit=Decimal(take["price"]) if take and take["price"] != "0" else None,
            stop_loss_limit=Decimal(stop["price"]) if stop and stop["price"] != "0" else None,
            take_profit_client_id=take["clientOrderId"] if take else None,
            stop_loss_client_id=stop["clientOrderId"] if stop else None,
        )

    def _check_size(self, market: Market, size: Decimal) -> None:
        if not size or size % market.step or not market.min_qty <= size <= market.max_qty:
            raise self._refuse("INVALID_ORDER_SIZE", f"size {size} step {market.step} min {market.min_qty} max {market.max_qty}")

    def _check_price(self, market: Market, side: str, price: Decimal, trigger: Decimal | None) -> None:
        """The band is around the oracle price; composed: around the trigger price, for an order that waits for it."""
        mark = trigger or self._paper.engine.mark(market.id)
        outside = price > mark * (1 + BAND) if side == "BUY" else price < mark * (1 - BAND)
        if not price or price % market.tick or outside:
            raise self._refuse("INVALID_ORDER_PRICE", f"price {price} tick {market.tick} oracle {mark}")

    def _check_identity(self, own: Identity, body: dict[str, Any]) -> None:
        client_id = body.get("clientOrderId")
        if not isinstance(client_id, str) or not 0 < len(client_id) <= 64:
            raise self._refuse("GATEWAY_PARAM_INVALID", "clientOrderId")
        if (own.name, client_id) in self._client_ids:
            raise self._refuse("DUPLICATE_CLIENT_ORDER_ID", client_id)
        if str(body.get("l2Nonce")) != str(auth.nonce_of(client_id)):
            raise self._refuse("INVALID_L2_SIGNATURE_NONCE", str(body.get("l2Nonce")))
        if (own.name, str(body["l2Nonce"])) in self._nonces:
            raise self._refuse("DUPLICATE_L2_NONCE", str(body["l2Nonce"]))
        expires, l2_expires = int(self._number(body, "expireTime")), int(self._number(body, "l2ExpireTime"))
        if expires <= self._paper.now() or l2_expires < expires + GAP_MS:
            raise self._refuse("INVALID_EXPIRE_TIME", f"{expires} {l2_expires}")

    def _check_signed(self, own: Identity, market: Market, body: dict[str, Any], side: str, size: Decimal, price: Decimal | None) -> None:
        """The signed amounts cover the order, and the trading key of the account signed them."""
        l2_size, value, fee = (self._number(body, name) for name in ("l2Size", "l2Value", "l2LimitFee"))
        if l2_size < size or (price is not None and (value < price * size if side == "BUY" else value > price * size)):
            raise self._refuse("INVALID_L2_VALUE_OR_SIZE", f"{l2_size} {value}")
        if not self.signed(own, market, body, side, l2_size, value, fee, int(body["expireTime"])):
            raise self._refuse("INVALID_L2_SIGNATURE")

    def signed(
        self, own: Identity, market: Market, body: dict[str, Any], side: str, size: Decimal, value: Decimal, fee: Decimal, expires: int
    ) -> bool:
        message = {
            "base": {
                "nonce": int(body["l2Nonce"]),
                "signer": own.trading_address,
                "accountId": int(own.account_id),
                "expirationTimestamp": expires // 1000,
            },
            "amountSynthetic": int(size * units(market)),
            "amountCollateral": int(value * COIN_UNITS),
            "amountFee": int(fee * COIN_UNITS),
            "assetIdSynthetic": int(market.id),
            "assetIdCollateral": int(COIN_ID),
            "isBuyingSynthetic": side == "BUY",
            "parentOrderHash": bytes(32),
            "subOrderIndex": 0,
        }
        signer = auth.recovered(auth.DOMAIN, auth.ORDER_TYPES, "LimitOrderParams", message, body.get("l2Signature"))
        return signer == own.trading_address.lower()

    def _leg(self, own: Identity, market: Market, body: dict[str, Any], name: str) -> dict[str, Any] | None:
        """An attached exit: an order of the other side, signed like any order (composed: the venue's rule is not published)."""
        leg = body.get(name)
        if not body[f"isSet{name[0].upper()}{name[1:]}"]:
            if leg is not None:
                raise self._refuse("GATEWAY_PARAM_INVALID", name)
            return None
        side = "SELL" if body["side"] == "BUY" else "BUY"
        if not isinstance(leg, dict) or leg.get("side") != side or leg.get("triggerPriceType") not in TRIGGER_BY:
            raise self._refuse("GATEWAY_PARAM_INVALID", name)
        size, trigger, value = (self._number(leg, key) for key in ("l2Size", "triggerPrice", "l2Value"))
        if not trigger or trigger % market.tick or size < self._number(body, "size"):
            raise self._refuse("INVALID_TRIGGER_PRICE", name)
        if str(leg.get("l2Nonce")) != str(auth.nonce_of(str(leg.get("clientOrderId")))):
            raise self._refuse("INVALID_L2_SIGNATURE_NONCE", name)
        if int(self._number(leg, "l2ExpireTime")) < int(self._number(leg, "expireTime")) + GAP_MS:
            raise self._refuse("INVALID_EXPIRE_TIME", name)
        if not self.signed(own, market, leg, side, size, value, self._number(leg, "l2LimitFee"), int(leg["expireTime"])):
            raise self._refuse("INVALID_L2_SIGNATURE", name)
        return leg

    # --- cancelling -----------------------------------------------------------------------------------------------------------------------

    def find(self, account: str, order_id: str = "", client_id: str = "") -> Record | None:
        record = self.records.get(order_id or self._client_ids.get((account, client_id), ""))
        return record if record is not None and record.account == account else None

    def cancel(self, account: str, record: Record | None) -> str:
        """SUCCESS or why not; the codes are composed."""
        if record is None:
            return "ORDER_NOT_FOUND"
        status = self.status(record)[0]
        if status == "PENDING":
            return "ORDER_NOT_EXIST_IN_MATCH"
        if status not in OPEN or record.order is None:
            return f"ORDER_FINISHED_{status}"
        try:
            self._paper.engine.cancel(account, record.order.id)
        except Reject:
            return "ORDER_FINISHED"
        return "SUCCESS"

    # --- reading --------------------------------------------------------------------------------------------------------------------------

    def status(self, record: Record) -> tuple[str, str]:
        """status and cancelReason."""
        none = "UNKNOWN_ORDER_CANCEL_REASON"
        if record.refusal is not None:
            return "CANCELED", record.refusal
        order = record.order
        if order is None:
            return "PENDING", none
        if order.status in ("open", "untriggered"):
            return order.status.upper(), none
        if order.status == "filled":
            return "FILLED", none
        reason = "expired" if order.status == "expired" else str(order.reason)
        return "CANCELED", wire.CANCEL_REASONS.get(reason, "INTERNAL_FAILED")

    def of_account(self, account: str) -> list[Record]:
        """Newest first; orders that only the engine knows so far included."""
        for order in self._paper.engine.account(account).orders.values():
            if (account, order.id) not in self._by_engine:
                self.of(order)
        return sorted((row for row in self.records.values() if row.account == account), key=lambda row: int(row.id), reverse=True)

    def row(self, record: Record) -> dict[str, Any]:
        own, order, body = self._paper.keys.by_name[record.account], record.order, record.body
        market = self._paper.engine.markets[record.market]
        status, reason = self.status(record)
        filled, cost, fee = (order.filled, order.cost, order.fee) if order is not None else (ZERO, ZERO, ZERO)
        made = self._made(record) if not body else body
        legs = {name: body.get(name) or NO_LEG for name in ("openTp", "openSl")}
        done = min(record.censored[0], filled)
        return {
            "id": record.id,
            "userId": own.user_id,
            "accountId": own.account_id,
            "coinId": COIN_ID,
            "contractId": record.market,
            "side": made["side"],
            "price": made["price"],
            "size": wire.text(order.qty if order is not None else Decimal(made["size"])),
            "clientOrderId": made["clientOrderId"],
            "type": made["type"],
            "timeInForce": made["timeInForce"],
            "reduceOnly": made["reduceOnly"],
            "triggerPrice": made["triggerPrice"] or "0",
            "triggerPriceType": made["triggerPriceType"] or "UNKNOWN_PRICE_TYPE",
            "expireTime": str(made["expireTime"]),
            "sourceKey": "",
            "isPositionTpsl": False,
            "isLiquidate": order is not None and order.reason == "liquidation",
            "isDeleverage": False,
            "openTpslParentOrderId": self._parent(record),
            "isSetOpenTp": bool(body.get("isSetOpenTp")),
            "openTp": legs["openTp"],
            "isSetOpenSl": bool(body.get("isSetOpenSl")),
            "openSl": legs["openSl"],
            "isWithoutMatch": False,
            "maxLeverage": str(self._paper.engine.leverage(record.account, market.id)),
            "takerFeeRate": str(market.taker_fee),
            "makerFeeRate": str(market.maker_fee),
            "liquidateFeeRate": "0.01",
            "marketLimitPrice": "0",
            "marketLimitValue": made.get("l2Value", "0") if made["type"].endswith("MARKET") else "0",
            "l2Nonce": str(made.get("l2Nonce", "0")),
            "l2Value": made.get("l2Value", "0"),
            "l2Size": made.get("l2Size", "0"),
            "l2LimitFee": made.get("l2LimitFee", "0"),
            "l2ExpireTime": str(made.get("l2ExpireTime", "0")),
            "l2Signature": {"r": "", "s": "", "v": ""},
            "extraType": "",
            "extraDataJson": "",
            "status": status,
            "matchSequenceId": "0",
            "triggerTime": str(order.triggered or 0) if order is not None else "0",
            "cancelReason": reason,
            "cumFillSize": wire.text(done),
            "cumFillValue": wire.text(record.censored[1]) if done else "0",
            "cumFillFee": wire.money(record.censored[2]) if done else "0",
            "cumLiquidateFee": "0",
            "cumRealizePnl": "0",
            "cumMatchSize": wire.text(filled),
            "cumMatchValue": wire.text(cost),
            "cumMatchFee": wire.money(fee) if filled else "0",
            "createdTime": str(record.created),
            "updatedTime": str(record.updated),
        }

    def _parent(self, record: Record) -> str:
        parent = record.order.parent if record.order is not None else None
        found = self._by_engine.get((record.account, parent)) if parent is not None else None
        return found.id if found is not None else "0"

    def _made(self, record: Record) -> dict[str, Any]:
        """Words for an order that nobody sent: an attached exit, a liquidation."""
        assert record.order is not None
        request = record.order.request
        family = "" if request.trigger is None else ("TAKE_PROFIT_" if request.tpsl == "tp" else "STOP_")
        tif = "IMMEDIATE_OR_CANCEL" if request.type == "market" else wire.TIME_IN_FORCE[request.tif]
        by = {word: name for name, word in TRIGGER_BY.items()}
        return {
            "side": request.side.upper(),
            "price": "0" if request.type == "market" else wire.text(request.price),
            "size": wire.text(record.order.qty),
            "clientOrderId": request.client_id or "",
            "type": family + request.type.upper(),
            "timeInForce": tif,
            "reduceOnly": request.reduce_only,
            "triggerPrice": wire.text(request.trigger),
            "triggerPriceType": by[request.trigger_by] if request.trigger is not None else "",
            "expireTime": str(record.created + 30 * 86_400_000),
        }
