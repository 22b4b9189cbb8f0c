"""edgeX's side of the protocol on a local venue: what `ccxt_dex.paper.start("edgex")` runs."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar

from ccxt_dex.exchanges.edgex.paper import wire
from ccxt_dex.exchanges.edgex.paper.auth import Keys, envelope
from ccxt_dex.exchanges.edgex.paper.gateway import Gateway, Record
from ccxt_dex.exchanges.edgex.paper.markets import markets
from ccxt_dex.exchanges.edgex.paper.private import Private
from ccxt_dex.exchanges.edgex.paper.public import Public
from ccxt_dex.exchanges.edgex.paper.stream import PrivateStream, PublicStream
from ccxt_dex.paper.rules import FeedRules, Rules
from ccxt_dex.paper.server import Adapter, Reply, Route, Socket, parse
from ccxt_dex.paper.types import ZERO, Event, Fill, Market, Order, Reject

ORDERS = "POST /api/v2/private/order/createOrder"


class Paper(Adapter):
    id = "edgex"
    sockets: ClassVar[Mapping[str, type[Socket]]] = {"/api/v1/public/ws": PublicStream, "/api/v1/private/ws": PrivateStream}
    defaults: ClassVar[Mapping[str, Any]] = {
        "contracts": None,  # which contracts exist; None: all
        "order_latency_ms": 15,  # from the gateway's answer to matching
        "censor_ms": 25,  # from the match to the rollup's word: the second push of a fill
        "finished_by_id": True,  # False: getOrderById knows open orders only, as V1's did
        "depth_ms": 200,
        "depth_versions": "next",  # start = last end + 1, as in V1's sample; "equal": start = last end, as one client demands of V2
        "ticker_ms": 500,
        "book_ticker_ms": 1000,
        "kline_ms": 500,
        "ping_s": 10.0,
        "spot": "100",  # what an account has in its spot wallet
        "withdraw_fee": "100000",  # raw
    }

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.keys = Keys(self.seed, self.time, self.now)
        self.gateway = Gateway(self)
        self.spot: dict[str, Decimal] = {}
        self.flows: list[dict[str, Any]] = []
        self.transfers: list[dict[str, Any]] = []
        self.collateral_rows: dict[str, list[dict[str, Any]]] = {}
        self.versions: dict[str, int] = {}
        self._batches: dict[str, list[tuple[str, Any]]] = {}
        self._books: dict[tuple[str, int], dict[str, Any]] = {}
        self._sent: dict[str, int] = {}

    # --- declarations -----------------------------------------------------------------------------------------------------------------------

    def markets(self) -> list[Market]:
        return markets(self.options["contracts"])

    def rules(self) -> Rules:
        return Rules(reduce_only_excess="shrink", feed=FeedRules(depth=200))

    def urls(self, http: str, ws: str) -> dict[str, Any]:
        return {"api": {"public": http, "private": http, "asset": http, "ws": ws}}

    def routes(self) -> Iterable[Route]:
        yield from Public(self).routes()
        yield from Private(self).routes()

    def credentials(self, name: str, owner: str | None = None) -> dict[str, Any]:
        """owner: an account whose wallet and API key this one shares, which makes it a sub-account."""
        own = self.keys.make(name, owner)
        return {
            "apiKey": own.api_key,
            "secret": own.secret,
            "password": own.passphrase,
            "uid": own.account_id,
            "privateKey": own.trading_key,
            "options": {"walletPrivateKey": own.wallet_key},
        }

    def wrong_key(self, name: str) -> dict[str, Any]:
        """Another account's trading key, to be merged into the account's config."""
        return {"privateKey": self.keys.make(f"{name} wrong").trading_key}

    def unknown_order_id(self) -> str:
        return wire.ident(999_999_999)

    def error(self, status: int, text: str) -> Reply:
        code = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED"}.get(status, "INTERNAL_SERVER_ERROR")
        return Reply(envelope(code, None, self.now(), text), status)

    def reject(self, reject: Reject) -> Reply:
        """What the engine refuses of leverage, margin and transfers."""
        codes = {"insufficient_funds": "INSUFFICIENT_BALANCE", "leverage": "INVALID_LEVERAGE"}
        return Reply(envelope(codes.get(reject.code, reject.code.upper()), None, self.now(), reject.text))

    def order_ids(self, endpoint: str, body: bytes) -> Sequence[str] | None:
        if endpoint != ORDERS:
            return None
        return [str((parse(body.decode("utf-8", "replace")) or {}).get("clientOrderId") or "")]

    def amend(self, market_id: str, **terms: Any) -> None:
        """Changes a contract's terms while the venue runs: fields of `Market`, or entries of its `info`. Announced by the metadata channel."""
        world, fields = self.engine.world, {field.name for field in dataclasses.fields(Market)}
        mark = self.engine.mark(market_id)
        with world.operation():
            at = world.state(market_id)
            info = {**at.market.info, **{name: value for name, value in terms.items() if name in at.market.info}}
            changed: dict[str, Any] = {name: Decimal(str(value)) for name, value in terms.items() if name in fields}
            at.market = self.engine.markets[market_id] = dataclasses.replace(at.market, info=info, **changed)
            world.emit("market", market_id)
        if "tick" in terms:
            self.engine.set_price(market_id, mark)  # the engine counts in ticks

    # --- accounts ---------------------------------------------------------------------------------------------------------------------------

    def balance_of_spot(self, name: str) -> Decimal:
        return self.spot.setdefault(name, Decimal(self.options["spot"]))

    def book_collateral(self, name: str, kind: str, amount: Decimal, **more: Any) -> dict[str, Any]:
        """Remembers a collateral transaction, newest last."""
        own, rows = self.keys.by_name[name], self.collateral_rows.setdefault(name, [])
        now = str(self.now())
        before = self.engine.balances(name).balance - amount
        row = {
            "id": wire.ident(sum(map(len, self.collateral_rows.values())) + 1, 3),
            "userId": own.user_id,
            "accountId": own.account_id,
            "coinId": "1000",
            "type": kind,
            "deltaAmount": wire.money(amount),
            "beforeAmount": wire.money(before),
            "depositId": "0",
            "withdrawId": "0",
            "transferInId": "0",
            "transferOutId": "0",
            "orderFillTransactionId": "0",
            "positionTransactionId": "0",
            "censorStatus": "CENSOR_SUCCESS",
            "createdTime": now,
            "updatedTime": now,
            **more,
        }
        rows.append(row)
        return row

    def deposits(self, name: str) -> None:
        """What the account began with, as a deposit."""
        if name in self.collateral_rows:
            return
        self.collateral_rows[name] = []
        for moved in self.engine.transfers(name)[:1]:
            row = self.book_collateral(name, "DEPOSIT", moved.amount, depositId=wire.ident(1, 4))
            row.update(createdTime=str(moved.time), updatedTime=str(moved.time), beforeAmount="0")

    # --- the account's stream ---------------------------------------------------------------------------------------------------------------

    def streams(self, name: str) -> list[PrivateStream]:
        return [one for one in self.server.connections if isinstance(one, PrivateStream) and one.account == name]

    def push(self, name: str, event: str, data: dict[str, Any]) -> None:
        """One event to every connection of an account."""
        self.versions[name] = self.versions.get(name, 900) + 1
        for stream in self.streams(name):
            stream.trade_event(event, self.versions[name], data)

    def publish_orders(self, name: str, records: list[Record]) -> None:
        self.push(name, "ORDER_UPDATE", {"order": [self.gateway.row(record) for record in records]})

    def event(self, event: Event) -> None:
        if event.account is None or event.account not in self.keys.by_name:
            super().event(event)
            return
        if event.kind in ("order", "fill", "position", "balance", "funding"):
            name = event.account
            if name not in self._batches:
                self._batches[name] = []
                self.later(0, self._flush, name)
            if isinstance(event.data, Order):
                self.gateway.of(event.data)
            self._batches[name].append((event.kind, event.data))

    def _flush(self, name: str) -> None:
        """What one operation did to an account: first the match, then, when the rollup has it, everything that follows."""
        batch = self._batches.pop(name)
        orders = list({order.id: self.gateway.of(order) for kind, order in batch if kind == "order"}.values())
        fills: list[Fill] = [data for kind, data in batch if kind == "fill"]
        if orders or fills:
            data: dict[str, Any] = {"order": [self.gateway.row(record) for record in orders]}
            if fills:
                data["orderFillTransaction"] = [self.fill_row(row) for row in fills]
            self.push(name, "ORDER_UPDATE", data)
        moved = [data.market for kind, data in batch if kind == "position"]
        fundings = [data for kind, data in batch if kind == "funding"]
        if fills or moved or fundings or any(kind == "balance" for kind, _ in batch):
            self.later(self.options["censor_ms"], self._censored, name, orders if fills else [], fills, moved, fundings)

    def _censored(self, name: str, orders: list[Record], fills: list[Fill], moved: list[str], fundings: list[Any]) -> None:
        own = self.keys.by_name[name]
        for record in orders:
            if record.order is not None:
                record.censored = (record.order.filled, record.order.cost, record.order.fee)
                record.updated = max(record.updated, self.now())
        views = [self.engine.snapshot(name, market) for market in dict.fromkeys(moved)]
        data: dict[str, Any] = {
            "order": [self.gateway.row(record) for record in orders],
            "orderFillTransaction": [self.fill_row(row) for row in fills],
            "position": [wire.position(view, own) for view in views if view is not None],
            "collateral": [wire.collateral(self.engine.balances(name), own, self.now())],
        }
        if fundings:
            data["positionTransaction"] = [wire.funding_payment(row, own) for row in fundings]
        event = "FUNDING_SETTLEMENT" if fundings else "ORDER_UPDATE" if orders else "ACCOUNT_UPDATE"
        self.push(name, event, {key: rows for key, rows in data.items() if rows})

    def fill_row(self, fill: Fill) -> dict[str, Any]:
        order = self.engine.find(fill.account, order_id=fill.order_id)
        order_id = self.gateway.of(order).id if order is not None else "0"
        return wire.fill(fill, order_id, self.keys.by_name[fill.account])

    def snapshot_data(self, name: str) -> dict[str, Any]:
        own = self.keys.by_name[name]
        views = [self.engine.snapshot(name, market) for market in self.engine.markets]
        rows = [self.gateway.row(record) for record in self.gateway.of_account(name)]
        return {
            "account": [{"id": own.account_id, "userId": own.user_id, "clientAccountId": name, "status": "NORMAL"}],
            "collateral": [wire.collateral(self.engine.balances(name), own, self.now())],
            "position": [wire.position(view, own) for view in views if view is not None and view.qty],
            "order": [row for row in rows if row["status"] in ("PENDING", "OPEN", "UNTRIGGERED")],
        }

    # --- market data --------------------------------------------------------------------------------------------------------------------------

    def ticker(self, market_id: str) -> dict[str, Any]:
        return wire.ticker(self.engine.price(market_id), self.engine.stats_24h(market_id), self.engine.markets[market_id])

    def book_ticker(self, market_id: str) -> dict[str, Any]:
        return wire.book_ticker(self.book(market_id, 1), self.engine.markets[market_id], self.now())

    def funding(self, market_id: str) -> dict[str, Any]:
        rates = self.engine.funding_rates(market_id, limit=1)
        return wire.funding(self.engine.price(market_id), rates[-1].rate if rates else ZERO, self.engine.markets[market_id])

    def depth(self, market_id: str, level: int) -> dict[str, Any]:
        """The published book of a depth: sides, version."""
        state = self._books.get((market_id, level))
        if state is None:
            bids, asks, _ = self.book(market_id, level)
            state = self._books[market_id, level] = {"bids": dict(bids), "asks": dict(asks), "end": 1_797_029_000}
        return state

    def depth_row(self, market_id: str, level: int, start: int, end: int, sides: Mapping[str, Any], kind: str) -> dict[str, Any]:
        return {
            "startVersion": str(start),
            "endVersion": str(end),
            "level": level,
            "contractId": market_id,
            "contractName": self.engine.markets[market_id].info["name"],
            "asks": wire.levels(list(sides["asks"])),
            "bids": wire.levels(list(sides["bids"])),
            "depthType": kind,
        }

    def depth_snapshot(self, market_id: str, level: int) -> dict[str, Any]:
        self.advance_depth(market_id, level)
        state = self.depth(market_id, level)
        sides = {"bids": sorted(state["bids"].items(), reverse=True), "asks": sorted(state["asks"].items())}
        return self.depth_row(market_id, level, state["end"] - 1, state["end"], sides, "SNAPSHOT")

    def advance_depth(self, market_id: str, level: int) -> None:
        """Publishes what changed since the last frame to everybody who is subscribed."""
        state = self.depth(market_id, level)
        bids, asks, _ = self.book(market_id, level)
        changes: dict[str, list[tuple[Decimal, Decimal]]] = {}
        for side, rows in (("bids", bids), ("asks", asks)):
            now, was = dict(rows), state[side]
            changes[side] = [(price, size) for price, size in now.items() if was.get(price) != size]
            changes[side] += [(price, ZERO) for price in was if price not in now]
            state[side] = now
        count = len(changes["bids"]) + len(changes["asks"])
        if not count:
            return
        start = state["end"] + (1 if self.options["depth_versions"] == "next" else 0)
        state["end"] += count + 1
        row = self.depth_row(market_id, level, start, state["end"], changes, "CHANGED")
        for stream in self.public_streams():
            stream.quote(f"depth.{market_id}.{level}", "changed", [row])

    def public_streams(self) -> list[PublicStream]:
        return [one for one in self.server.connections if isinstance(one, PublicStream)]

    def due(self, what: str, every: int) -> bool:
        now = self.now()
        if now - self._sent.get(what, 0) < every:
            return False
        self._sent[what] = now
        return True

    def tick(self) -> None:
        streams = self.public_streams()
        channels = {str(channel) for stream in streams for channel in stream.subscriptions}
        if self.due("depth", self.options["depth_ms"]):
            for channel in channels:
                if channel.startswith("depth."):
                    _, market_id, level = channel.split(".")
                    self.advance_depth(market_id, int(level))
        if self.due("ticker", self.options["ticker_ms"]):
            self._publish_rows(streams, channels, "ticker", self.ticker)
        if self.due("bookTicker", self.options["book_ticker_ms"]):
            # live, 2026-09: the channel of one contract sends its snapshot and nothing more
            self._publish_rows(streams, {name for name in channels if name.startswith("bookTicker.all")}, "bookTicker", self.book_ticker)
        if self.due("funding", 1000):
            self._publish_rows(streams, channels, "fundingRate", self.funding)
        super().tick()

    def _publish_rows(self, streams: list[PublicStream], channels: set[str], kind: str, row: Any) -> None:
        for channel in channels:
            if channel.split(".")[0] != kind:
                continue
            name = channel.split(".")[1]
            rows = [row(each) for each in self.engine.markets] if name == "all" else [row(name)]
            for stream in streams:
                stream.quote(channel, "changed", rows)
