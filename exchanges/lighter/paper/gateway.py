"""What the venue does with a transaction: checks it, answers, and lets the sequencer execute it a moment later."""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ccxt_dex.exchanges.lighter.paper import wire
from ccxt_dex.exchanges.lighter.paper.tx import MAX_SKIP_NONCE, SKIP_NONCE, Malformed, Tx, decode
from ccxt_dex.paper.server import Refused
from ccxt_dex.paper.types import Market, NewOrder, Order, Reject

if TYPE_CHECKING:
    from ccxt_dex.exchanges.lighter.paper.adapter import Paper

MAX_BATCH = 50
BAND = Decimal("0.5")
MINUTE = 60_000


def refuse(code: int, text: str, status: int = 400) -> Refused:
    return Refused(status, {"code": code, "message": text})


class Gateway:
    def __init__(self, paper: Paper) -> None:
        self._paper = paper
        self._nonces: dict[tuple[int, int], int] = {}
        self._client_ids: dict[int, set[int]] = {}
        self.refused: dict[str, dict[int, Order]] = {}
        """orders that the engine's checks refused without keeping them: account -> number -> order"""

    def next_nonce(self, account: int, key_index: int) -> int:
        return self._nonces.get((account, key_index), -1) + 1

    # --- acceptance -----------------------------------------------------------------------------------------------------------------

    def send(self, kind: Any, text: Any) -> dict[str, Any]:
        """sendTx: the answer says that the sequencer has it, no more."""
        tx = self._read(kind, text)
        self._admit(tx)
        return self._answer(tx_hash=tx.hash)

    def send_batch(self, kinds: Any, texts: Any) -> dict[str, Any]:
        """sendTxBatch: all or none are admitted."""
        if not isinstance(kinds, list) or not isinstance(texts, list) or len(kinds) != len(texts) or not kinds:
            raise refuse(20001, "invalid param")
        if len(kinds) > MAX_BATCH:
            raise refuse(21514, "too many transactions in batch")
        batch = [self._read(kind, text) for kind, text in zip(kinds, texts, strict=True)]
        if len({(tx.account, tx.key_index) for tx in batch}) > 1:
            raise refuse(21121, "transactions must be of one account and api key")
        if any(left.nonce >= right.nonce for left, right in itertools.pairwise(batch)):
            raise refuse(21105, "nonces must increase")
        for tx in batch:
            self._admit(tx)
        return self._answer(tx_hash=[tx.hash for tx in batch])

    def _answer(self, **more: Any) -> dict[str, Any]:
        at = self._paper.time() + int(self._paper.options["latency_ms"])
        return {"code": 200, "message": '{"ratelimit": "didn\'t use volume quota"}', **more, "predicted_execution_time_ms": at}

    def _read(self, kind: Any, text: Any) -> Tx:
        try:
            tx = decode(kind, text, self._paper.options["chain_id"])
        except Malformed as error:
            raise refuse(21501, str(error)) from None
        self._paper.arrived.append(tx)
        if tx.account not in self._paper.names:
            raise refuse(21100, "account not found")
        key = self._paper.keys.get((tx.account, tx.key_index))
        if key is None:
            raise refuse(21109, "api key not found")
        if not key.verify(tx.limbs, tx.signature):
            raise refuse(21120, "invalid signature")
        if tx.expired_at <= self._paper.time():
            raise refuse(21501, "transaction is expired")
        for order in tx.orders:
            self._check_order(tx, order)
        return tx

    def _admit(self, tx: Tx) -> None:
        who = (tx.account, tx.key_index)
        last = self._nonces.get(who, -1)
        skip = tx.attributes.get(SKIP_NONCE) == 1
        if (not last < tx.nonce < MAX_SKIP_NONCE) if skip else tx.nonce != last + 1:
            raise refuse(21104, "invalid nonce")
        used = self._client_ids.setdefault(tx.account, set())
        ids = [order["ClientOrderIndex"] for order in tx.orders if order["ClientOrderIndex"]]
        if len(set(ids)) < len(ids) or used & set(ids):
            raise refuse(21728, "client order index already exists")
        self._nonces[who] = tx.nonce
        used.update(ids)
        self._paper.later(self._paper.options["latency_ms"], self._execute, tx)

    def _check_order(self, tx: Tx, order: dict[str, Any]) -> None:
        market = self._paper.engine.markets.get(str(order["MarketIndex"]))
        if market is None:
            raise refuse(21602, "invalid market index")
        if market.info["spot"]:
            raise refuse(21710, "unsupported order type")
        if not market.active:
            raise refuse(21605, "invalid market status")
        kind, tif, expiry = order["Type"], order["TimeInForce"], order["OrderExpiry"]
        if kind > 5:
            raise refuse(21710, "unsupported order type")
        if (kind in (1, 2, 4) and tif != 0) or tif > 2:
            raise refuse(21705, "invalid OrderTimeInForce")
        timeless = kind == 1 or (kind == 0 and tif == 0)
        if (expiry != 0) if timeless else not self._paper.time() + 4 * MINUTE < expiry <= self._paper.time() + 31 * 1440 * MINUTE:
            raise refuse(21711, "invalid expiry")
        if (order["TriggerPrice"] != 0) != (kind in (2, 3, 4, 5)):
            raise refuse(21729, "invalid order trigger price")
        price = Decimal(order["Price"]).scaleb(-market.info["price_decimals"])
        if kind == 0 and abs(price / self._paper.engine.mark(market.id) - 1) > BAND:
            raise refuse(21734, "limit order price is too far from the mark price")
        qty = Decimal(order["BaseAmount"]).scaleb(-market.info["size_decimals"])
        child = tx.type == 28 and order["BaseAmount"] == 0
        if not child and not order["ReduceOnly"] and (qty < market.min_qty or qty * price < market.min_cost):
            raise refuse(21706, "invalid order base or quote amount")

    # --- execution ------------------------------------------------------------------------------------------------------------------

    def _execute(self, tx: Tx) -> None:
        account = self._paper.names[tx.account]
        handler = {
            14: self._create,
            15: self._cancel,
            16: self._cancel_all,
            17: self._modify,
            20: self._leverage,
            28: self._group,
            29: self._margin,
        }
        run = handler.get(tx.type)
        if run is None:
            return
        try:
            run(account, tx)
        except Reject as reject:
            self._paper.failed.append((tx.hash, reject.code))  # the venue tells nobody but the transaction's event

    def _market(self, tx: Tx) -> Market:
        return self._paper.engine.markets[str(tx.body["MarketIndex"])]

    def _create(self, account: str, tx: Tx) -> None:
        self._submit(account, self._new(tx.body))

    def _new(self, order: dict[str, Any], **more: Any) -> NewOrder:
        market = self._paper.engine.markets[str(order["MarketIndex"])]
        kind, side = order["Type"], "sell" if order["IsAsk"] else "buy"
        price = Decimal(order["Price"]).scaleb(-market.info["price_decimals"])
        limit = kind in (0, 3, 5)
        trigger = Decimal(order["TriggerPrice"]).scaleb(-market.info["price_decimals"]) if kind > 1 else None
        return NewOrder(
            market=market.id,
            side=side,  # type: ignore[arg-type]
            type="limit" if limit else "market",
            qty=Decimal(order["BaseAmount"]).scaleb(-market.info["size_decimals"]),
            price=price if limit else None,
            tif=("ioc", "gtc", "alo")[order["TimeInForce"]] if limit else "ioc",
            reduce_only=bool(order["ReduceOnly"]),
            client_id=str(order["ClientOrderIndex"]) if order["ClientOrderIndex"] else None,
            trigger=trigger,
            trigger_above=None if trigger is None else (kind in (2, 3)) == (side == "buy"),
            max_price=None if limit else price,
            expires_ms=order["OrderExpiry"] or None,
            info={"type": kind, "tif": order["TimeInForce"], "expiry": order["OrderExpiry"]},
            **more,
        )

    def _submit(self, account: str, new: NewOrder) -> Order | None:
        try:
            return self._paper.submit(account, new)
        except Reject as reject:
            if reject.order is None:
                self._record(account, new, reject)
            return None

    def _record(self, account: str, new: NewOrder, reject: Reject) -> None:
        """An order that was refused when its turn came: it shows up as one that ended at once."""
        number = 700_000_000 + sum(map(len, self.refused.values()))
        now = self._paper.now()
        order = Order(number, account, new, "rejected", now, now, new.qty, new.price, reason=reject.code)
        self.refused.setdefault(account, {})[number] = order
        self._paper.announce_order(order)

    def _group(self, account: str, tx: Tx) -> None:
        orders = tx.body["Orders"]
        if tx.body["GroupingType"] == 2:
            made = [self._submit(account, self._new(order)) for order in orders]
            self._paper.engine.link(account, [order.id for order in made if order is not None])
            return
        more: dict[str, Any] = {}
        for child in orders[1:]:
            decimals = self._paper.engine.markets[str(child["MarketIndex"])].info["price_decimals"]
            leg = "take_profit" if child["Type"] in (4, 5) else "stop_loss"
            more[leg] = Decimal(child["TriggerPrice"]).scaleb(-decimals)
            if child["Type"] in (3, 5):
                more[f"{leg}_limit"] = Decimal(child["Price"]).scaleb(-decimals)
        self._submit(account, self._new(orders[0], **more))

    def _found(self, account: str, index: int) -> Order:
        order = self._paper.order(account, index)
        if order is None:
            raise Reject("unknown_order", "order not found")
        return order

    def _cancel(self, account: str, tx: Tx) -> None:
        self._paper.engine.cancel(account, self._found(account, tx.body["Index"]).id)

    def _cancel_all(self, account: str, tx: Tx) -> None:
        if tx.body["TimeInForce"] == 0:
            market = tx.attributes.get(5)
            self._paper.engine.cancel_all(account, None if market in (None, 255) else str(market))
        else:
            self._paper.engine.cancel_after(account, tx.body["Time"] if tx.body["TimeInForce"] == 1 else None)

    def _modify(self, account: str, tx: Tx) -> None:
        market, order = self._market(tx), self._found(account, tx.body["Index"])
        decimals = market.info["price_decimals"]
        trigger = Decimal(tx.body["TriggerPrice"]).scaleb(-decimals) if tx.body["TriggerPrice"] else None
        self._paper.engine.edit(
            account,
            order.id,
            qty=Decimal(tx.body["BaseAmount"]).scaleb(-market.info["size_decimals"]),
            price=Decimal(tx.body["Price"]).scaleb(-decimals) if order.request.type == "limit" else None,
            trigger=trigger,
        )

    def _leverage(self, account: str, tx: Tx) -> None:
        market, fraction = self._market(tx), tx.body["InitialMarginFraction"]
        if fraction < market.info["smallest"]:
            raise Reject("leverage", "initial margin fraction below the market's")
        self._paper.engine.set_margin_mode(account, market.id, "isolated" if tx.body["MarginMode"] else "cross")
        self._paper.engine.set_leverage(account, market.id, max(round(10_000 / fraction), 1))
        self._paper.fractions[account, market.id] = fraction

    def _margin(self, account: str, tx: Tx) -> None:
        amount = Decimal(tx.body["USDCAmount"]).scaleb(-6)
        self._paper.engine.add_margin(account, self._market(tx).id, amount if tx.body["Direction"] == 1 else -amount)


def client_index(order: Order) -> int:
    return int(order.request.client_id or 0)


def same(order: Order, index: int) -> bool:
    return wire.order_index(order) == index if index >= wire.FIRST_ASK else client_index(order) == index
