"""Backpack's side of the protocol on a local venue: what `ccxt_dex.paper.start("backpack")` runs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar

from ccxt_dex.exchanges.backpack.paper import verify, wire
from ccxt_dex.exchanges.backpack.paper.gateway import Gateway, engine_refusal
from ccxt_dex.exchanges.backpack.paper.loans import Loans
from ccxt_dex.exchanges.backpack.paper.markets import MAKER_FEE, SPOT_MAKER_FEE, SPOT_TAKER_FEE, TAKER_FEE, markets
from ccxt_dex.exchanges.backpack.paper.programs import Programs
from ccxt_dex.exchanges.backpack.paper.rest import Rest
from ccxt_dex.exchanges.backpack.paper.stream import Stream
from ccxt_dex.exchanges.backpack.paper.withdrawals import Withdrawals
from ccxt_dex.paper.numbers import text
from ccxt_dex.paper.server import Adapter, Reply, Route, Socket
from ccxt_dex.paper.types import Event, Market, Order, Reject

Levels = dict[Decimal, Decimal]


class Paper(Adapter):
    id = "backpack"
    sockets: ClassVar[Mapping[str, type[Socket]]] = {"/": Stream}
    defaults: ClassVar[Mapping[str, Any]] = {
        "prices_ms": 1000,  # between two frames of tickers and mark prices
        "coins": {},  # what every account starts with beside its USDC: {"SOL": "10"}
    }

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.gateway = Gateway(self)
        self.programs = Programs(self)
        self.loans = Loans(self)
        self.withdrawals = Withdrawals(self)
        self.by_key: dict[str, str] = {}
        self.limits: dict[str, Decimal] = {}
        self._names: set[str] = set()
        self._told: dict[tuple[str, int], Order] = {}
        self._held: dict[tuple[str, str], Decimal] = {}
        self._shown: dict[str, tuple[Levels, Levels, int]] = {}
        """market -> bids, asks and number of the last change that was told"""
        self._best: dict[str, Any] = {}
        self._prices_at = 0

    # --- declarations -----------------------------------------------------------------------------------------------------------------

    def markets(self) -> list[Market]:
        return markets()

    def urls(self, http: str, ws: str) -> dict[str, Any]:
        return {"api": {"public": http, "private": http, "ws": {"public": f"{ws}/", "private": f"{ws}/"}}}

    def routes(self) -> Iterable[Route]:
        yield from Rest(self).routes()

    def _seed(self, name: str) -> bytes:
        return hashlib.sha256(f"backpack {self.seed} {name}".encode()).digest()

    def credentials(self, name: str) -> dict[str, Any]:
        key, secret = verify.keys(self._seed(name))
        self.by_key[key] = name
        if name not in self._names:
            for coin, amount in self.options["coins"].items():
                self.engine.credit(name, coin, Decimal(amount))
        self._names.add(name)
        return {"apiKey": key, "secret": secret}

    def wrong_key(self, name: str) -> dict[str, Any]:
        return {"secret": verify.keys(self._seed(f"{name} wrong"))[1]}

    def unknown_order_id(self) -> str:
        return "999999999"

    def error(self, status: int, text: str) -> Reply:
        code = {404: "RESOURCE_NOT_FOUND", 405: "INVALID_CLIENT_REQUEST"}.get(status, "SERVER_ERROR")
        return Reply({"code": code, "message": text}, status)

    def reject(self, reject: Reject) -> Reply:
        return engine_refusal(reject).reply

    def order_ids(self, endpoint: str, body: bytes) -> Sequence[str] | None:
        if endpoint not in ("POST /api/v1/order", "POST /api/v1/orders"):
            return None
        try:
            found = json.loads(body)
        except ValueError:
            return [""]
        members = found if isinstance(found, list) else [found]
        return ["" if member.get("clientId") is None else str(member["clientId"]) for member in members if isinstance(member, dict)]

    def expire(self, account: str | None) -> None:
        """Every request is signed by itself: there is no session that could end."""

    # --- state ------------------------------------------------------------------------------------------------------------------------

    def account_row(self, account: str) -> dict[str, Any]:
        open_ = self.engine.open_orders(account)
        stops = sum(order.status == "untriggered" for order in open_)
        return {
            "autoBorrowSettlements": True,
            "autoLend": True,
            "autoRealizePnl": True,
            "autoRepayBorrows": True,
            "borrowLimit": "0",
            "futuresMakerFee": text(MAKER_FEE * 10_000),
            "futuresTakerFee": text(TAKER_FEE * 10_000),
            "leverageLimit": text(self.limits.get(account, Decimal(10))),
            "limitOrders": len(open_) - stops,
            "liquidating": False,
            "positionLimit": "1000000",
            "spotMakerFee": text(SPOT_MAKER_FEE * 10_000),
            "spotTakerFee": text(SPOT_TAKER_FEE * 10_000),
            "triggerOrders": stops,
        }

    def position_rows(self, account: str, alone: bool) -> list[dict[str, Any]]:
        rows = []
        for name, market in self.engine.markets.items():
            view = self.engine.snapshot(account, name)
            if view is None or not view.qty:
                continue
            same = "buy" if view.qty > 0 else "sell"
            waiting = (order.remaining for order in self.engine.open_orders(account, name) if order.request.side == same)
            paid = sum((payment.amount for payment in self.engine.fundings(account, name)), Decimal(0))
            rows.append(wire.position(view, market, sum(waiting, Decimal(0)), paid, alone))
        return rows

    def depth(self, market: Market, limit: int) -> dict[str, Any]:
        """A snapshot that fits the stream: its number is that of the last change told."""
        at = self.book(market.id)[2]
        bids, asks, number = self._refresh(market.id)

        def side(levels: Levels, down: bool) -> list[list[str]]:
            prices = sorted(levels, reverse=down)[:limit]
            return [[text(price), text(levels[price])] for price in (reversed(prices) if down else prices)]

        return {"asks": side(asks, False), "bids": side(bids, True), "lastUpdateId": str(number), "timestamp": at * 1000}

    def _refresh(self, market: str) -> tuple[Levels, Levels, int]:
        """Bring what the streams have seen up to now; tells the difference."""
        bids, asks, at = self.book(market)
        now = dict(bids), dict(asks)
        before = self._shown.get(market)
        if before is None:
            self._shown[market] = found = (*now, 1_345_937_000)
            return found
        if (before[0], before[1]) == now:
            return before
        number = before[2] + 1
        self._shown[market] = found = (*now, number)
        changes = [_difference(old, new) for old, new in zip(before[:2], now, strict=True)]
        stamp = str(at * 1000)
        data = {"E": stamp, "T": stamp, "U": number, "a": changes[1], "b": changes[0], "e": "depth", "s": market, "u": number}
        for stream in self.streams():
            for name in [name for name in stream.subscriptions if name.startswith("depth.") and name.endswith(f".{market}")]:
                stream.publish(name, data)
        return found

    # --- what happens -----------------------------------------------------------------------------------------------------------------

    def streams(self) -> list[Stream]:
        return [socket for socket in self.server.connections if isinstance(socket, Stream)]

    def event(self, event: Event) -> None:
        if event.kind == "trade":
            self._all(f"trade.{event.market}", wire.trade_frame(event.data))
        elif event.kind == "book":
            self._book_changed(str(event.market))
        elif event.kind == "liquidation":
            found = event.data
            side = "Ask" if found.qty > 0 else "Bid"
            row = {"e": "liquidation", "E": found.time * 1000, "q": text(abs(found.qty)), "p": text(found.price), "S": side}
            self._all("liquidation", {**row, "s": found.market, "T": found.time * 1000})
        elif event.account in self._names:
            account = str(event.account)
            if event.kind == "order":
                self._order(account, event.data)
            elif event.kind == "fill":
                order = self._told.get((account, event.data.order_id))
                if order is not None:
                    row = {**wire.order_frame(order, "orderFill", event.data.time), **wire.fill_fields(event.data)}
                    self._own("account.orderUpdate", account, str(event.market), row)
            elif event.kind == "position":
                self._position(account, str(event.market), event.data)

    def _order(self, account: str, order: Order) -> None:
        """An order event of the engine; what was filled is told by the fill that follows."""
        before = self._told.get((account, order.id))
        self._told[account, order.id] = order
        if order.filled > (before.filled if before is not None else 0):
            return
        word = wire.status(order)
        name = {
            "TriggerPending": "triggerPlaced",
            "TriggerFailed": "triggerFailed",
            "Cancelled": "orderCancelled",
            "Expired": "orderExpired",
        }
        known = before is not None and before.status == order.status
        event = name.get(word) or ("orderModified" if known else "orderAccepted")
        self._own("account.orderUpdate", account, order.request.market, wire.order_frame(order, event, order.updated))

    def _position(self, account: str, market: str, found: Any) -> None:
        before, now = self._held.get((account, market), Decimal(0)), found.qty
        self._held[account, market] = now
        event = "positionOpened" if not before else "positionAdjusted" if now else "positionClosed"
        row = next((row for row in self.position_rows(account, alone=False) if row["symbol"] == market), None)
        if row is None or not now:
            zero = dict.fromkeys(("netQuantity", "netExposureQuantity", "netExposureNotional", "pnlUnrealized"), "0")
            market_ = self.engine.markets[market]
            row = {**zero, "entryPrice": "0", "markPrice": text(self.engine.mark(market)), "breakEvenPrice": "0", "symbol": market}
            row |= {"imf": "0.02", "mmf": "0.0125", "pnlRealized": text(found.realized), "positionId": str(wire.FIRST + found.id)}
            row["imf"] = format(1 / Decimal(market_.max_leverage), "f")
        self._own("account.positionUpdate", account, market, wire.position_frame(row, event, self.now()))

    def _own(self, stream: str, account: str, market: str, data: Any) -> None:
        for socket in self.streams():
            socket.own(stream, account, market, data)

    def _all(self, name: str, data: Any) -> None:
        for socket in self.streams():
            socket.publish(name, data)

    def _book_changed(self, market: str) -> None:
        listening = {name for stream in self.streams() for name in stream.subscriptions}
        if any(name.startswith("depth.") and name.endswith(f".{market}") for name in listening):
            self._refresh(market)
        if f"bookTicker.{market}" in listening:
            self._best_changed(market)

    def _best_changed(self, market: str) -> None:
        view = self.engine.price(market)
        now = (view.bid, view.bid_qty, view.ask, view.ask_qty)
        if view.bid is not None and view.ask is not None and self._best.get(market) != now:
            self._best[market] = now
            self._all(f"bookTicker.{market}", wire.book_ticker(view, self._refresh(market)[2], self.now()))

    def tick(self) -> None:
        now = self.now()
        if now - self._prices_at >= self.options["prices_ms"]:
            self._prices_at = now
            for market in self.engine.markets:
                listening = {name for stream in self.streams() for name in stream.subscriptions}
                if f"ticker.{market}" in listening:
                    self._all(f"ticker.{market}", wire.ticker_frame(self.engine.stats_24h(market), now))
                if f"markPrice.{market}" in listening:
                    self._all(f"markPrice.{market}", wire.mark_frame(self.engine.price(market), now))
        super().tick()


def _difference(old: Levels, new: Levels) -> list[list[str]]:
    gone = [[text(price), "0"] for price in old if price not in new]
    return gone + [[text(price), text(size)] for price, size in new.items() if old.get(price) != size]
