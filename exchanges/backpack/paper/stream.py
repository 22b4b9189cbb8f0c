"""wss://ws.backpack.exchange: subscriptions without acknowledgement, the account's with a signature each."""

from __future__ import annotations

from typing import Any

from ccxt_dex.exchanges.backpack.paper import wire
from ccxt_dex.exchanges.backpack.paper.rest import INTERVALS
from ccxt_dex.paper.server import Refused, Socket, parse

ACCOUNT = ("account.orderUpdate", "account.positionUpdate")
MARKET = ("bookTicker", "ticker", "markPrice", "trade", "openInterest")
INVALID = {"id": None, "error": {"code": 4006, "message": "Invalid stream"}}


class Stream(Socket):
    ping_every = 60.0
    pong_within = 120.0

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._bars: dict[str, Any] = {}

    def label(self, text: str) -> str:
        return str((parse(text) or {}).get("method") or "")

    async def text(self, text: str) -> None:
        message = parse(text) or {}
        streams = message.get("params")
        if message.get("method") not in ("SUBSCRIBE", "UNSUBSCRIBE") or not isinstance(streams, list):
            self.send({"id": None, "error": {"code": 4000, "message": "Invalid request"}}, "error")
            return
        for name in streams:
            if message["method"] == "UNSUBSCRIBE":
                self.subscriptions.pop(name, None)
            elif not self._known(str(name)):
                self.send(INVALID, "error")
            elif not str(name).startswith("account.") or self._signed(message.get("signature")):
                self.subscriptions[str(name)] = {}
                self._picture(str(name))

    def _known(self, name: str) -> bool:
        if name == "liquidation":
            return True
        if name.startswith("account."):
            head = ".".join(name.split(".")[:2])
            return head in ACCOUNT and (name == head or name[len(head) + 1 :] in self.adapter.engine.markets)
        parts = name.split(".")
        if parts[-1] not in self.adapter.engine.markets:
            return False
        if parts[0] == "kline":
            return len(parts) == 3 and parts[1] in INTERVALS
        return parts[0] in (*MARKET, "depth")

    def _signed(self, signature: Any) -> bool:
        if isinstance(signature, list) and len(signature) == 4 and all(isinstance(item, str) for item in signature):
            key, signed, timestamp, window = signature
            try:
                self.account = self.adapter.gateway.check(key, signed, timestamp, window, ["instruction=subscribe"])
            except Refused as answer:
                text = answer.reply.body["message"]
            else:
                return True
        else:
            text = "Invalid signature"
        self.send({"id": None, "error": {"code": 4003, "message": text}}, "error")
        return False

    def _picture(self, name: str) -> None:
        """Positions alone have one, and a frame of the ticker and of the best prices comes soon anyway."""
        if name.startswith("account.positionUpdate") and self.account is not None:
            for row in self.adapter.position_rows(self.account, alone=False):
                self.own("account.positionUpdate", self.account, row["symbol"], wire.position_frame(row, None, self.adapter.now()))

    def publish(self, name: str, data: Any) -> None:
        if name in self.subscriptions:
            parts = name.split(".")
            self.send({"data": data, "stream": name}, parts[0], f"{parts[0]}:{parts[-1]}")

    def own(self, stream: str, account: str, market: str, data: Any) -> None:
        if self.account != account:
            return
        for name in (stream, f"{stream}.{market}"):
            if name in self.subscriptions:
                self.send({"data": data, "stream": name}, stream, f"{stream}:{market}")

    def tick(self) -> None:
        for name in [name for name in self.subscriptions if name.startswith("kline.")]:
            _, word, market = name.split(".")
            length, now = INTERVALS[word], self.adapter.now()
            bars = self.adapter.engine.candles(market, length, since=now - length, until=now, limit=2)
            if bars and self._bars.get(name) != bars[-1]:
                self._bars[name] = bars[-1]
                self.publish(name, wire.candle_frame(bars[-1], market, length, now))
