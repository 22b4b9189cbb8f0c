"""The venue's WebSocket: subscriptions without authentication, posts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ccxt_dex.exchanges.hyperliquid.paper import wire
from ccxt_dex.exchanges.hyperliquid.paper.actions import Malformed
from ccxt_dex.exchanges.hyperliquid.paper.info import FAST_LEVELS, INTERVALS, LEVELS
from ccxt_dex.exchanges.hyperliquid.paper.markets import LISTINGS, PAIR_PRICES
from ccxt_dex.paper.server import Socket, parse
from ccxt_dex.paper.types import Event

Subscription = Mapping[str, Any]
COIN = ("l2Book", "bbo", "trades", "candle", "activeAssetCtx")
USER = (
    "orderUpdates", "openOrders", "userFills", "userFundings", "userNonFundingLedgerUpdates", "clearinghouseState", "allDexsClearinghouseState",
    "spotState", "userEvents", "notification", "activeAssetData",
)  # fmt: skip
SNAPSHOT_ROWS = 2000


class Stream(Socket):
    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.due: dict[str, float] = {}
        self.last: dict[str, Any] = {}

    def label(self, text: str) -> str:
        message = parse(text) or {}
        if message.get("method") != "post":
            return str(message.get("method") or "")
        request = message.get("request") or {}
        action = (request.get("payload") or {}).get("action") or {}
        return str(action.get("type") or "info")

    async def text(self, text: str) -> None:
        message = parse(text) or {}
        method = message.get("method")
        if method == "ping":
            self.send({"channel": "pong"}, "pong")
        elif method == "post":
            self.post(message)
        elif method in ("subscribe", "unsubscribe") and isinstance(message.get("subscription"), dict):
            (self.subscribe if method == "subscribe" else self.unsubscribe)(message["subscription"])
        else:
            self.error(f"Error parsing JSON into valid websocket request: {text[:200]}")

    def error(self, text: str) -> None:
        self.send({"channel": "error", "data": text}, "error")

    # --- posts ------------------------------------------------------------------------------------------------------------------------

    def post(self, message: Mapping[str, Any]) -> None:
        number, request = message.get("id"), message.get("request") or {}
        kind, payload = request.get("type"), request.get("payload")
        try:
            if kind == "action":
                _, answer = self.adapter.actions.execute(payload)
                response: dict[str, Any] = {"type": "action", "payload": answer}
            elif kind == "info" and isinstance(payload, dict):
                response = {"type": "info", "payload": {"type": payload["type"], "data": self.adapter.info.answer(payload)}}
            else:
                raise Malformed("unknown request")
        except Malformed as error:
            response = {"type": "error", "payload": f"422 Unprocessable Entity: {error}"}
        self.send({"channel": "post", "data": {"id": number, "response": response}}, "post")

    # --- subscriptions --------------------------------------------------------------------------------------------------------------------

    def key(self, subscription: Subscription) -> str | None:
        kind = str(subscription.get("type"))
        if kind in COIN:
            coin = str(subscription.get("coin"))
            known = coin in self.adapter.engine.markets or coin in PAIR_PRICES
            interval = str(subscription.get("interval") or "")
            if not known or (kind == "candle" and interval not in INTERVALS):
                return None
            return f"{kind}:{coin}:{interval}:{subscription.get('fast') or ''}:{subscription.get('nSigFigs') or ''}"
        if kind in USER:
            user = str(subscription.get("user") or "").lower()
            if len(user) != 42:
                return None
            return f"{kind}:{user}:{subscription.get('coin') or ''}:{subscription.get('dex') or ''}"
        if kind == "allMids":
            dex = str(subscription.get("dex") or "")
            return f"allMids:{dex}" if dex in LISTINGS else None
        return None

    def subscribe(self, subscription: dict[str, Any]) -> None:
        key = self.key(subscription)
        if key is None:
            self.error(f"Invalid subscription {subscription}")
            return
        if key in self.subscriptions:
            self.error(f"Already subscribed: {subscription}")
            return
        shown = dict(subscription)
        if subscription["type"] == "l2Book":
            shown = {"type": "l2Book", "coin": subscription["coin"], "nSigFigs": subscription.get("nSigFigs"), "mantissa": subscription.get("mantissa"),
                     "fast": bool(subscription.get("fast"))}  # fmt: skip
        self.subscriptions[key] = dict(subscription)
        self.send({"channel": "subscriptionResponse", "data": {"method": "subscribe", "subscription": shown}}, "subscriptionResponse")
        self.start(key, subscription)

    def unsubscribe(self, subscription: dict[str, Any]) -> None:
        key = self.key(subscription)
        if key is None or key not in self.subscriptions:
            self.error(f"Already unsubscribed: {subscription}")
            return
        del self.subscriptions[key]
        self.last.pop(key, None)
        self.due.pop(key, None)
        self.send(
            {"channel": "subscriptionResponse", "data": {"method": "unsubscribe", "subscription": subscription}}, "subscriptionResponse"
        )

    def start(self, key: str, subscription: Subscription) -> None:
        """The first frame of a topic."""
        kind, user = subscription["type"], str(subscription.get("user") or "").lower()
        info = self.adapter.info
        if kind == "userFills":
            rows = info.fills({"user": user})[::-1][:SNAPSHOT_ROWS]
            self.say("userFills", {"isSnapshot": True, "user": user, "fills": rows})
        elif kind == "userFundings":
            rows = info.funding({"user": user})
            self.say("userFundings", {"isSnapshot": True, "user": user, "fundings": [self.funding(row) for row in rows]})
        elif kind == "userNonFundingLedgerUpdates":
            rows = info.ledger({"user": user})
            self.say("userNonFundingLedgerUpdates", {"isSnapshot": True, "user": user, "nonFundingLedgerUpdates": rows})
        elif kind == "trades":
            coin = subscription["coin"]
            if coin in self.adapter.engine.markets:
                self.say("trades", [wire.trade(row) for row in self.adapter.engine.trades(coin, limit=10)], coin)
        else:
            self.refresh(key, subscription)

    def say(self, channel: str, data: Any, about: str = "") -> None:
        self.send({"channel": channel, "data": data}, channel, f"{channel}:{about}" if about else channel)

    @staticmethod
    def funding(row: Mapping[str, Any]) -> dict[str, Any]:
        return {"time": row["time"], **{name: value for name, value in row["delta"].items() if name != "type"}}

    # --- what changes ---------------------------------------------------------------------------------------------------------------------

    def tick(self) -> None:
        now = self.adapter.server.now()
        for key, subscription in list(self.subscriptions.items()):
            if self.due.get(key, 0) <= now:
                self.refresh(key, subscription)

    def refresh(self, key: str, subscription: Subscription) -> None:
        """A topic that is a picture of the present: sent when it differs from the last one, at the topic's pace."""
        kind = subscription["type"]
        maker = PICTURES.get(kind)
        if maker is None:
            return
        options = self.adapter.options
        pace = options["book_ms"] * (1 if subscription.get("fast") else 10) if kind == "l2Book" else options["state_ms"]
        self.due[key] = self.adapter.server.now() + pace
        data, identity = maker(self, subscription)
        if data is not None and self.last.get(key) != identity:
            self.last[key] = identity
            channel = "user" if kind == "userEvents" else kind
            if kind == "activeAssetCtx" and subscription["coin"] in PAIR_PRICES:
                channel = "activeSpotAssetCtx"
            self.say(channel, data, str(subscription.get("coin") or ""))

    def book(self, subscription: Subscription) -> tuple[Any, Any]:
        data = self.adapter.info.book(subscription, FAST_LEVELS if subscription.get("fast") else LEVELS)
        if subscription.get("fast"):
            data = {**data, "fast": True}
        return data, data["levels"]

    def bbo(self, subscription: Subscription) -> tuple[Any, Any]:
        data = self.adapter.info.book(subscription, 1)
        touch = [rows[0] if rows else None for rows in data["levels"]]
        return {"coin": data["coin"], "time": data["time"], "bbo": touch}, touch

    def context(self, subscription: Subscription) -> tuple[Any, Any]:
        coin = subscription["coin"]
        if coin in PAIR_PRICES:
            context = next(row for row in self.adapter.info.spot_contexts({})[1] if row["coin"] == coin)
        else:
            context = self.adapter.info.context(coin)
        return {"coin": coin, "ctx": context}, context

    def mids(self, subscription: Subscription) -> tuple[Any, Any]:
        dex = str(subscription.get("dex") or "")
        mids = self.adapter.info.mids(dex)
        return ({"dex": dex, "mids": mids} if dex else {"mids": mids}), mids

    def candle(self, subscription: Subscription) -> tuple[Any, Any]:
        coin, interval = subscription["coin"], subscription["interval"]
        if coin in PAIR_PRICES:
            return None, None
        rows = self.adapter.engine.candles(coin, INTERVALS[interval], limit=1)
        data = wire.candle(rows[-1], coin, interval, INTERVALS[interval])
        return data, data

    def states(self, subscription: Subscription) -> tuple[Any, Any]:
        user = subscription["user"].lower()
        states = [[dex, self.adapter.info.state(user, dex)] for dex in LISTINGS]
        return {"user": user, "clearinghouseStates": states}, _timeless([state for _, state in states])

    def state(self, subscription: Subscription) -> tuple[Any, Any]:
        user, dex = subscription["user"].lower(), str(subscription.get("dex") or "")
        state = self.adapter.info.state(user, dex)
        return {"dex": dex, "user": user, "clearinghouseState": state}, _timeless([state])

    def spot_state(self, subscription: Subscription) -> tuple[Any, Any]:
        user = subscription["user"].lower()
        state = self.adapter.info.spot_state(user)
        return {"user": user, "spotState": state}, state

    def asset_data(self, subscription: Subscription) -> tuple[Any, Any]:
        data = self.adapter.info.asset_data(subscription["user"].lower(), subscription["coin"])
        return data, data

    def open_orders(self, subscription: Subscription) -> tuple[Any, Any]:
        dex = str(subscription.get("dex") or "")
        rows = [wire.front(row) for row in self.adapter.info.open_orders(subscription)]
        return {"dex": dex, "user": subscription["user"].lower(), "orders": rows}, rows

    # --- what happens -----------------------------------------------------------------------------------------------------------------------

    def event(self, event: Event) -> None:
        if event.kind == "trade" and f"trades:{event.market}:::" in self.subscriptions:
            self.say("trades", [wire.trade(event.data)], str(event.market))
        elif event.kind in ("order", "fill", "funding") and event.account is not None:
            address = self.adapter.address_of(event.account)
            getattr(self, f"on_{event.kind}")(address, event)

    def has(self, kind: str, address: str) -> bool:
        return f"{kind}:{address}::" in self.subscriptions

    def on_order(self, address: str, event: Event) -> None:
        if self.has("orderUpdates", address):
            self.say("orderUpdates", [wire.update(event.data)])

    def on_fill(self, address: str, event: Event) -> None:
        row = wire.fill(event.data, self.adapter.position_before(event.data), self.adapter.forced(event.data))
        if self.has("userFills", address):
            self.say("userFills", {"user": address, "fills": [row]})
        if self.has("userEvents", address):
            self.say("user", {"fills": [row]})

    def on_funding(self, address: str, event: Event) -> None:
        if self.has("userFundings", address):
            self.say("userFundings", {"user": address, "fundings": [self.funding(wire.funding(event.data))]})


Picture = Callable[[Stream, Subscription], tuple[Any, Any]]
PICTURES: Mapping[str, Picture] = {
    "l2Book": Stream.book,
    "bbo": Stream.bbo,
    "activeAssetCtx": Stream.context,
    "allMids": Stream.mids,
    "candle": Stream.candle,
    "allDexsClearinghouseState": Stream.states,
    "clearinghouseState": Stream.state,
    "spotState": Stream.spot_state,
    "activeAssetData": Stream.asset_data,
    "openOrders": Stream.open_orders,
}


def _timeless(states: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in state.items() if name != "time"} for state in states]
