"""wss://ws.pacifica.fi/ws: subscriptions, pictures on subscribing, and signed requests."""

from __future__ import annotations

from typing import Any

from ccxt_dex.exchanges.pacifica.paper import wire
from ccxt_dex.exchanges.pacifica.paper.rest import INTERVALS
from ccxt_dex.paper.server import Refused, Socket, parse

ACCOUNT = (
    "account_info",
    "account_positions",
    "account_orders",
    "account_order_updates",
    "account_trades",
    "account_leverage",
    "account_margin",
    "account_twap_orders",
    "account_twap_order_updates",
)
CREATES = ("create_order", "create_market_order", "batch_orders")
OPERATIONS = (*CREATES, "cancel_order", "cancel_all_orders", "edit_order")
LEVELS = (1, 2, 5, 10, 100, 1000, 10_000)
WORDS = {
    "create_order": "Failed to create order",
    "create_market_order": "Failed to create order",
    "cancel_order": "Failed to cancel order",
}
Key = tuple[Any, ...]


class Stream(Socket):
    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._opened = self._heard = self.adapter.now()
        self._bbo: set[str] = set()
        self._bars: dict[Key, Any] = {}

    def label(self, text: str) -> str:
        message = parse(text) or {}
        params = message.get("params")
        if isinstance(params, dict):
            found = next((name for name in OPERATIONS if name in params), "")
            return found or str(message.get("method") or "")
        return str(message.get("method") or "")

    async def text(self, text: str) -> None:
        self._heard = self.adapter.now()
        message = parse(text)
        if message is None:
            self.send({"code": 400, "err": "Invalid request", "t": self.adapter.now()})
        elif message.get("method") == "ping":
            self.send({"channel": "pong"}, "pong")
        elif message.get("method") in ("subscribe", "unsubscribe"):
            self._subscription(message["method"], message.get("params"))
        else:
            self._request(message)

    # --- subscriptions ----------------------------------------------------------------------------------------------------------------

    def _key(self, params: Any) -> Key | None:
        if not isinstance(params, dict):
            return None
        source = params.get("source")
        if source == "prices":
            return ("prices",)
        if source in ACCOUNT:
            return (source, str(params.get("account")))
        if params.get("symbol") not in self.adapter.engine.markets:
            return None
        if source in ("bbo", "trades"):
            return (source, params["symbol"])
        if source == "book":
            level = params.get("agg_level", 1)
            return ("book", params["symbol"], level) if level in LEVELS else None
        if source in ("candle", "mark_price_candle") and params.get("interval") in INTERVALS:
            return (source, params["symbol"], params["interval"])
        return None

    def _subscription(self, method: str, params: Any) -> None:
        key = self._key(params)
        if key is None:
            self.send({"code": 400, "err": "Invalid request: unknown subscription", "t": self.adapter.now()})
            return
        self.send({"channel": method, "data": params}, method)
        if method == "unsubscribe":
            self.subscriptions.pop(key, None)
            return
        self.subscriptions[key] = {}
        self._picture(key)

    def _picture(self, key: Key) -> None:
        """What is sent at once: positions and open orders, and the public state where there is one."""
        paper = self.adapter
        if key[0] in ("account_positions", "account_orders"):
            name = paper.by_address.get(key[1])
            make = paper.position_frames if key[0] == "account_positions" else paper.open_frames
            self.publish(key, {"channel": key[0], "data": make(name) if name else [], "li": paper.ledger.tick()})
        elif key[0] == "prices":
            self.publish(key, {"channel": "prices", "data": paper.price_rows()})
        elif key[0] == "book":
            self._book(key)
        elif key[0] == "bbo":
            self._best(key[1])

    def publish(self, key: Key, frame: dict[str, Any]) -> None:
        if key in self.subscriptions:
            self.send(frame, str(key[0]), ":".join(map(str, key[:2])))

    def _book(self, key: Key) -> None:
        market = self.adapter.engine.markets[key[1]]
        data = {**self.adapter.book_data(market, int(key[2])), "li": self.adapter.ledger.tick()}
        self.publish(key, {"channel": "book", "data": data})

    def books(self) -> None:
        for key in list(self.subscriptions):
            if key[0] == "book":
                self._book(key)
            elif key[0] in ("candle", "mark_price_candle"):
                self._candle(key)
        for market in sorted(self._bbo):
            self._best(market)
        self._bbo.clear()

    def book_changed(self, market: str) -> None:
        if ("bbo", market) in self.subscriptions:
            self._bbo.add(market)

    def _best(self, market: str) -> None:
        view = self.adapter.engine.price(market)
        if view.bid is None or view.ask is None:
            return
        li = self.adapter.ledger.tick()
        data = {"s": market, "i": li, "li": li, "t": view.time, "b": str(view.bid), "B": str(view.bid_qty)}
        self.publish(("bbo", market), {"channel": "bbo", "data": {**data, "a": str(view.ask), "A": str(view.ask_qty)}})

    def _candle(self, key: Key) -> None:
        length = INTERVALS[key[2]]
        bars = self.adapter.engine.candles(key[1], length, limit=1)
        if bars and self._bars.get(key) != bars[-1]:
            self._bars[key] = bars[-1]
            mark = key[0] == "mark_price_candle"
            self.publish(key, {"channel": key[0], "data": wire.candle(bars[-1], key[1], key[2], length, mark)})

    def tick(self) -> None:
        now = self.adapter.now()
        if now - self._heard > self.adapter.options["idle_s"] * 1000 or now - self._opened > self.adapter.options["session_s"] * 1000:
            self.close(1000)

    # --- requests ---------------------------------------------------------------------------------------------------------------------

    def _request(self, message: dict[str, Any]) -> None:
        params = message.get("params")
        operation = next((name for name in OPERATIONS if isinstance(params, dict) and name in params), None)
        if operation is None or not isinstance(params, dict):
            self.send({"id": message.get("id"), "code": 400, "err": "Invalid request", "t": self.adapter.now()})
            return
        answer = self._run(operation, params[operation])
        self.send({"id": message.get("id"), "t": self.adapter.now(), "type": operation, **answer}, operation)

    def _run(self, operation: str, body: Any) -> dict[str, Any]:
        try:
            if operation == "batch_orders":
                return {"code": 200, "data": self.adapter.keyring.batch(body)}
            data = self.adapter.gateway.run(operation, body)
        except Refused as refused:
            return _error(operation, refused)
        if operation == "cancel_all_orders":
            return {"code": 200, "data": data}
        number = (data or {}).get("order_id", body.get("order_id"))
        return {"code": 200, "data": {"I": body.get("client_order_id"), "i": number, "s": body.get("symbol")}}


def _error(operation: str, refused: Refused) -> dict[str, Any]:
    status, body = refused.reply.status, refused.reply.body
    text = str(body["error"])
    if status == 422:
        unknown = body["code"] == 6
        return {"code": 420, "err": WORDS.get(operation, "Engine error") if unknown else text}
    if text.startswith(("Verification", "Invalid signature")):
        return {"code": 401, "err": text}
    return {"code": 403 if "authorized" in text else 400, "err": text}
