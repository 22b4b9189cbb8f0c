"""What the account has: balances, positions, leverage, funding. Read again soon after an order changed something."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from decimal import Decimal
from typing import Any

from ccxt_dex._ccxt import errors
from ccxt_dex.bots.hummingbot.announcing import Tell
from ccxt_dex.bots.hummingbot.events import FundingPaymentCompletedEvent, PositionModeChangeEvent
from ccxt_dex.bots.hummingbot.feeds import Pace, forever, waited
from ccxt_dex.bots.hummingbot.rules import Rules, number
from ccxt_dex.bots.hummingbot.values import FundingInfo, Position
from ccxt_dex.bots.hummingbot.words import NAN, ZERO, PositionMode, PositionSide

__all__ = ["Account"]

logger = logging.getLogger("ccxt_dex.hummingbot")
Spawn = Callable[[Coroutine[Any, Any, Any]], Any]


class Account:
    """One connector's account."""

    def __init__(
        self, exchange: Any, name: str, markets: Mapping[str, Any], rules: Mapping[str, Rules], tell: Tell, spawn: Spawn, pace: Pace
    ) -> None:
        """:param markets: trading pair -> market"""
        self.exchange, self.name, self.markets, self.rules = exchange, name, markets, rules
        self.tell, self.spawn, self.pace = tell, spawn, pace
        self.total: dict[str, Decimal] | None = None
        self.free: dict[str, Decimal] = {}
        self.positions: dict[str, Position] = {}
        self.positions_read = False
        self.failing = False
        """whether the last attempt to read the account failed: balances and positions are those of before"""
        self.funding: dict[str, FundingInfo] = {}
        self.leverage: dict[str, int] = {}
        self.mode = PositionMode.ONEWAY
        self._pairs = {str(market["symbol"]): pair for pair, market in markets.items()}
        self._paid: dict[str, int] = {}
        # what a script calls the collateral -> what the venue calls it
        self.aliases = {pair.split("-")[1]: str(market["settle"]) for pair, market in markets.items() if market.get("settle")}

    @property
    def perpetual(self) -> bool:
        return any(market.get("swap") for market in self.markets.values())

    def has(self, name: str) -> bool:
        return bool(self.exchange.has.get(name))

    # --- reading -------------------------------------------------------------------------------------------------------------------------

    def refreshed(self, changed: asyncio.Event) -> Awaitable[None]:
        """Balances and positions, every few seconds and at once when an order changed something."""

        async def step() -> None:
            changed.clear()
            await self.read_balance()
            if self.perpetual and self.has("fetchPositions"):
                await self.read_positions()
            self.failing = False
            await waited(changed, self.pace.account)

        return forever(f"{self.exchange.id} account", step, self.pace, self._failed)

    def _failed(self) -> None:
        self.failing = True

    async def read_balance(self) -> None:
        found = await self.exchange.fetch_balance()
        self.free = {coin: number(value) for coin, value in (found.get("free") or {}).items()}
        self.total = {coin: number(value) for coin, value in (found.get("total") or {}).items()}

    async def read_positions(self) -> None:
        rows = await self.exchange.fetch_positions(list(self._pairs))
        positions: dict[str, Position] = {}
        for row in rows:
            pair = self._pairs.get(str(row.get("symbol")))
            if pair is not None and row.get("contracts"):
                position = self._position(pair, row)
                positions[self.position_key(pair, position.position_side)] = position
        self.positions, self.positions_read = positions, True

    def _position(self, pair: str, row: Mapping[str, Any]) -> Position:
        size = abs(self.rules[pair].from_venue(row["contracts"]))
        short = row.get("side") == "short"
        leverage = number(row.get("leverage"), Decimal(self.leverage.get(pair, 1)))
        side = PositionSide.SHORT if short else PositionSide.LONG
        return Position(
            pair, side, number(row.get("unrealizedPnl")), number(row.get("entryPrice"), NAN), -size if short else size, leverage
        )

    def position_key(self, pair: str, side: PositionSide) -> str:
        return pair if self.mode is PositionMode.ONEWAY else f"{pair}{side.name}"

    def balance(self, currency: str, free: bool = False) -> Decimal:
        """What there is of a currency; a script's name for the collateral counts as the venue's."""
        held = (self.free if free else self.total) or {}
        name = self.aliases.get(currency, currency)
        return held.get(name, ZERO) if name in held else held.get(currency, ZERO)

    def rates(self) -> Awaitable[None]:
        """Funding rates of the perpetuals in use."""

        async def step() -> None:
            for pair, market in self.markets.items():
                if market.get("swap"):
                    row = await self.exchange.fetch_funding_rate(market["symbol"])
                    self.funding[pair] = _funding(pair, row)
            await asyncio.sleep(self.pace.funding)

        return forever(f"{self.exchange.id} funding rates", step, self.pace)

    def payments(self) -> Awaitable[None]:
        """Funding payments from now on."""
        since = int(time.time() * 1000)

        async def step() -> None:
            await asyncio.sleep(self.pace.payments)
            for pair, market in self.markets.items():
                rows = await self.exchange.fetch_funding_history(market["symbol"], self._paid.get(pair, since))
                for row in sorted(rows, key=lambda each: each.get("timestamp") or 0):
                    self._payment(pair, row, since)

        return forever(f"{self.exchange.id} funding payments", step, self.pace)

    def _payment(self, pair: str, row: Mapping[str, Any], since: int) -> None:
        at = int(row.get("timestamp") or 0)
        if at <= self._paid.get(pair, since):
            return
        self._paid[pair] = at
        rate = self.funding[pair].rate if pair in self.funding else NAN
        info = row.get("info") or {}
        rate = number(row.get("rate") or (info.get("fundingRate") if isinstance(info, dict) else None), rate)
        event = FundingPaymentCompletedEvent(at / 1000, self.name, pair, number(row.get("amount")), rate)
        self.tell("did_complete_funding_payment", event)

    # --- settings ------------------------------------------------------------------------------------------------------------------------

    def set_leverage(self, pair: str, leverage: int) -> None:
        """Ask for a leverage; it counts once the venue has confirmed it."""
        self.spawn(self._set_leverage(pair, leverage))

    async def _set_leverage(self, pair: str, leverage: int) -> None:
        try:
            await self.exchange.set_leverage(leverage, self.markets[pair]["symbol"])
        except errors.BaseError as error:
            logger.error("%s leverage of %s stays as it is: %s: %s", self.name, pair, type(error).__name__, error)
            return
        self.leverage[pair] = leverage
        logger.info("%s leverage of %s is %s", self.name, pair, leverage)

    def set_mode(self, mode: PositionMode, done: Callable[[PositionMode], None]) -> None:
        """Ask for one-way or hedge mode; the strategy is told the outcome for each pair."""
        self.spawn(self._set_mode(mode, done))

    async def _set_mode(self, mode: PositionMode, done: Callable[[PositionMode], None]) -> None:
        message = ""
        try:
            if self.has("setPositionMode"):
                await self.exchange.set_position_mode(mode is PositionMode.HEDGE)
            elif mode is not PositionMode.ONEWAY:
                message = f"{self.exchange.id} knows one-way mode only"
        except errors.NoChange:
            pass
        except errors.BaseError as error:
            message = f"{type(error).__name__}: {error}"
        if not message:
            self.mode = mode
            done(mode)
        method = "did_change_position_mode_fail" if message else "did_change_position_mode_succeed"
        for pair in self.markets:
            self.tell(method, PositionModeChangeEvent(time.time(), pair, mode, message or None))


def _funding(pair: str, row: Mapping[str, Any]) -> FundingInfo:
    mark = number(row.get("markPrice"), NAN)
    following = row.get("nextFundingTimestamp") or row.get("fundingTimestamp") or 0
    return FundingInfo(pair, number(row.get("indexPrice"), mark), mark, int(following / 1000), number(row.get("fundingRate"), NAN))
