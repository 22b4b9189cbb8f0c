"""Runs one strategy: connectors up, a tick a second, everything cancelled at the end."""

from __future__ import annotations

import asyncio
import inspect
import logging
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

from ccxt_dex.bots.hummingbot.application import Clock, HummingbotApplication
from ccxt_dex.bots.hummingbot.candles import CandlesBase, CandlesFactory
from ccxt_dex.bots.hummingbot.config import CandlesConfig
from ccxt_dex.bots.hummingbot.connector import ConnectorBase
from ccxt_dex.bots.hummingbot.feeds import Pace, waited
from ccxt_dex.bots.hummingbot.strategy import StrategyV2Base
from ccxt_dex.bots.hummingbot.venues import Venues

__all__ = ["Runner"]

logger = logging.getLogger("ccxt_dex.hummingbot")
TICK = 1.0


class Runner:
    """One strategy from start to stop.

    async with Runner(Strategy, config, venues) as runner:
        await runner.run(seconds=3600)
    """

    def __init__(
        self,
        strategy_class: type[StrategyV2Base],
        config: Any = None,
        venues: Venues | None = None,
        *,
        exchanges: Mapping[str, Any] | None = None,
        pace: Pace | None = None,
        clock: Callable[[], float] = time.time,
        output: Callable[[str], None] | None = None,
    ) -> None:
        """
        :param venues: where exchange objects come from
        :param exchanges: connector name -> exchange object that is there already; closed at the end
        :param output: where status and messages to the user go; default: stdout
        """
        self.strategy_class, self.config, self.venues = strategy_class, config, venues or Venues()
        self.exchanges, self.pace, self.clock = dict(exchanges or {}), pace or Pace(), clock
        self.output = output or _write
        self.connectors: dict[str, ConnectorBase] = {}
        self.strategy: Any = None
        self.left: list[Any] = []
        """orders that may still live after the end"""
        self._stopping: asyncio.Event | None = None
        self._feeds: list[CandlesBase] = []
        self._sources: dict[str, Any] = {}
        self._making = asyncio.Lock()

    async def __aenter__(self) -> Runner:
        try:
            await self.start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(self, *_: Any) -> None:
        await self.stop()

    # --- life ----------------------------------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Bring the connectors up and make the strategy.

        :raises PairError: a venue lacks a pair
        :raises ScriptError: nobody knows a connector
        """
        self._stopping = asyncio.Event()
        application = HummingbotApplication._instance = HummingbotApplication()
        application.notifiers.append(self.output)
        application.stoppers.append(self.request_stop)
        CandlesFactory.make = self._candles
        self.strategy_class.init_markets(self.config)
        for name, pairs in self.strategy_class.markets.items():
            exchange = self.exchanges.get(name) or await self.venues.create(name)
            self.connectors[name] = ConnectorBase(
                name, exchange, pairs, self._tell, kinds=self.venues.kinds(name), pace=self.pace, clock=self.clock
            )
        await asyncio.gather(*(connector.start_network() for connector in self.connectors.values()))
        self.strategy = application.strategy = self._build()
        self.strategy.notify = self.output
        self.strategy.start(Clock(), self.clock())

    def _build(self) -> Any:
        """Scripts from before there were configs take the connectors alone."""
        wanted = inspect.signature(self.strategy_class).parameters
        if "config" in wanted or len(wanted) > 1:
            return self.strategy_class(self.connectors, self.config)
        strategy: Any = self.strategy_class(self.connectors)
        strategy.config = self.config
        return strategy

    def tick(self, timestamp: float | None = None) -> None:
        """One tick; a script's error is logged and the next tick comes all the same."""
        try:
            self.strategy.tick(self.clock() if timestamp is None else timestamp)
        except Exception:
            logger.exception("the script's tick failed")

    async def run(self, seconds: float | None = None, status_every: float | None = None) -> None:
        """Tick once a second until somebody asks to stop.

        :param seconds: at most so long
        :param status_every: print the status so often
        """
        assert self._stopping is not None
        loop = asyncio.get_running_loop()
        began = loop.time()
        count = 0
        shown = began
        while not self._stopping.is_set() and (seconds is None or loop.time() - began < seconds):
            self.tick()
            if status_every is not None and loop.time() - shown >= status_every:
                shown = loop.time()
                self.output(self.status())
            count += 1
            # ticks that a slow script missed are not caught up with
            count = max(count, int((loop.time() - began) / TICK))
            await waited(self._stopping, began + count * TICK - loop.time())

    def request_stop(self) -> None:
        """Let `run` return; from the loop's thread."""
        if self._stopping is not None:
            self._stopping.set()

    def status(self) -> str:
        """What the script says about itself."""
        try:
            return str(self.strategy.format_status())
        except Exception as error:
            logger.exception("the script's status failed")
            return f"no status: {type(error).__name__}: {error}"

    async def stop(self, patience: float = 20.0) -> None:
        """Tell the script, cancel every order, close everything.

        :param patience: seconds for cancelling
        """
        if self.strategy is not None:
            await self._script_stops()
            self.strategy.market_data_provider.stop()
        for feed in self._feeds:
            feed.stop()
        ended = await asyncio.gather(*(each.stop_network(patience) for each in self.connectors.values()), return_exceptions=True)
        for name, result in zip(self.connectors, ended, strict=True):
            if isinstance(result, BaseException):
                logger.error("%s did not stop cleanly", name, exc_info=result)
            else:
                self.left += result
        for order in self.left:
            logger.error("order %s (%s %s) may still live: look at the venue", order.order_id, order.symbol, order.exchange_order_id)
        for exchange in self._sources.values():
            await exchange.close()
        self.connectors, self._sources, self._feeds = {}, {}, []
        CandlesFactory.make = None
        await self.venues.aclose()

    async def _script_stops(self) -> None:
        try:
            result = self.strategy.on_stop()
            if inspect.isawaitable(result):
                await result
        except Exception:
            logger.exception("the script's on_stop failed")

    # --- what others call ----------------------------------------------------------------------------------------------------------------

    def _tell(self, method: str, event: Any) -> None:
        if self.strategy is not None:
            self.strategy.tell(method, event)

    def _candles(self, config: CandlesConfig) -> CandlesBase:
        feed = CandlesBase(config, _Later(self, config.connector), self.pace)
        self._feeds.append(feed)
        return feed

    async def source(self, name: str) -> Any:
        """An exchange for candles: the connector's, or one of its own."""
        if name in self.connectors:
            return self.connectors[name].exchange
        async with self._making:
            if name not in self._sources:
                self._sources[name] = self.exchanges.get(name) or await self.venues.create(name)
        return self._sources[name]


class _Later:
    """An exchange that is made when the feed first needs it: paper venues and loops are not there while a script is being built."""

    def __init__(self, runner: Runner, name: str) -> None:
        self._runner, self._name = runner, name
        self._made: Any = None

    async def load_markets(self) -> Any:
        self._made = self._made or await self._runner.source(self._name)
        return await self._made.load_markets()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._made, name)


def _write(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
