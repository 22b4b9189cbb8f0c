"""The order_book channel: one published book per market, changes every 50 ms, each frame naming the one before it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ccxt_dex.exchanges.lighter.paper import wire

if TYPE_CHECKING:
    from ccxt_dex.exchanges.lighter.paper.adapter import Paper

Levels = dict[Decimal, Decimal]
ZERO = Decimal(0)


class Books:
    def __init__(self, paper: Paper) -> None:
        self._paper = paper
        self._sides: dict[str, tuple[Levels, Levels]] = {}
        self._nonces: dict[str, int] = {}
        self._at = 0

    def snapshot(self, market: str) -> dict[str, Any]:
        if market not in self._sides:
            self._sides[market], self._nonces[market] = self._read(market), 9_182_389_998
        bids, asks = self._sides[market]
        nonce = self._nonces[market]
        rows = {"bids": self._rows(market, bids, True), "asks": self._rows(market, asks, False)}
        return {"offset": nonce % 10**6, "order_book": {"code": 0, **rows, "offset": nonce % 10**6, "nonce": nonce, "begin_nonce": 0}}

    def _read(self, market: str) -> tuple[Levels, Levels]:
        bids, asks, _ = self._paper.book(market)
        return dict(bids), dict(asks)

    def _rows(self, market: str, levels: Levels, descending: bool) -> list[dict[str, str]]:
        at = self._paper.engine.markets[market]
        return [{"price": wire.price(price, at), "size": wire.size(levels[price], at)} for price in sorted(levels, reverse=descending)]

    def tick(self) -> None:
        """Sends what changed to those who listen; nobody listens to most markets."""
        now = self._paper.now()
        if now - self._at < self._paper.options["book_ms"]:
            return
        self._at = now
        listeners: dict[str, list[Any]] = {}
        for socket in self._paper.server.connections:
            for channel in socket.subscriptions:
                name, _, market = str(channel).partition(":")
                if name == "order_book":
                    listeners.setdefault(market, []).append(socket)
        for market in list(self._sides):
            if market in listeners:
                self._publish(market, listeners[market])
            else:
                del self._sides[market]

    def _publish(self, market: str, sockets: list[Any]) -> None:
        new, old = self._read(market), self._sides[market]
        changes = [
            {price: now.get(price, ZERO) for price in now.keys() | was.keys() if now.get(price) != was.get(price)}
            for now, was in zip(new, old, strict=True)
        ]
        if not any(changes):
            return
        begin = self._nonces[market]
        nonce = self._nonces[market] = begin + 1 + len(changes[0]) + len(changes[1])
        self._sides[market] = new
        rows = {"bids": self._rows(market, changes[0], True), "asks": self._rows(market, changes[1], False)}
        book = {"code": 0, **rows, "offset": nonce % 10**6, "nonce": nonce, "begin_nonce": begin}
        for socket in sockets:
            socket.publish(f"order_book:{market}", {"offset": nonce % 10**6, "order_book": book})
