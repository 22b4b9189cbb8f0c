"""Where hummingbot's connector gets its books, funding rates and news of its own orders from: ccxt's streams."""

# pyright: reportMissingImports=false
from __future__ import annotations

import asyncio
import time
from typing import Any

from hummingbot.core.data_type.funding_info import FundingInfo, FundingInfoUpdate
from hummingbot.core.data_type.order_book_message import OrderBookMessage, OrderBookMessageType
from hummingbot.core.data_type.perpetual_api_order_book_data_source import PerpetualAPIOrderBookDataSource
from hummingbot.core.data_type.user_stream_tracker_data_source import UserStreamTrackerDataSource

from ccxt_dex.bots.hummingbot.feeds import Pace, forever
from ccxt_dex.bots.hummingbot.rules import number
from ccxt_dex.bots.hummingbot.words import NAN

__all__ = ["BookSource", "OrderSource", "funding_info"]


def funding_info(pair: str, row: Any) -> Any:
    """hummingbot's funding info of a rate of ccxt's; without a time of the next payment the next full hour."""
    mark = number(row.get("markPrice"), NAN)
    following = (row.get("nextFundingTimestamp") or row.get("fundingTimestamp") or 0) / 1000 or (time.time() // 3600 + 1) * 3600
    return FundingInfo(pair, number(row.get("indexPrice"), mark), mark, int(following), number(row.get("fundingRate")))


class BookSource(PerpetualAPIOrderBookDataSource):
    """Whole books, each time one changes."""

    def __init__(self, trading_pairs: list[str], connector: Any, pace: Pace) -> None:
        super().__init__(trading_pairs)
        self._connector, self._pace = connector, pace

    async def get_last_traded_prices(self, trading_pairs: list[str], domain: str | None = None) -> dict[str, float]:
        return {pair: await self._connector._get_last_traded_price(pair) for pair in trading_pairs}

    async def listen_for_subscriptions(self) -> None:
        await self._connector.markets_loaded()
        exchange = self._connector.exchange

        def book(pair: str, symbol: str) -> Any:
            async def step() -> None:
                if exchange.has.get("watchOrderBook"):
                    found = await exchange.watch_order_book(symbol)
                else:
                    await asyncio.sleep(self._pace.poll)
                    found = await exchange.fetch_order_book(symbol)
                self._put(self._snapshot_messages_queue_key, self._snapshot(pair, found))

            return forever(f"{exchange.id} book of {pair}", step, self._pace)

        def rate(pair: str) -> Any:
            async def step() -> None:
                self._put(self._funding_info_messages_queue_key, await self.get_funding_info(pair))
                await asyncio.sleep(self._pace.funding)

            return forever(f"{exchange.id} funding rate of {pair}", step, self._pace)

        pairs = [(pair, self._connector.symbol(pair)) for pair in self._trading_pairs]
        await asyncio.gather(*(book(*each) for each in pairs), *(rate(pair) for pair, _ in pairs))

    def _put(self, queue: str, message: Any) -> None:
        self._message_queue[queue].put_nowait(message)

    def _snapshot(self, pair: str, book: Any) -> Any:
        now = time.time()
        size = float(self._connector.rules[pair].contract_size)
        sides = {side: [(float(row[0]), float(row[1]) * size) for row in book[side]] for side in ("bids", "asks")}
        content = {"trading_pair": pair, "update_id": int(now * 1e6), **sides}
        return OrderBookMessage(OrderBookMessageType.SNAPSHOT, content, timestamp=now)

    async def _order_book_snapshot(self, trading_pair: str) -> Any:
        await self._connector.markets_loaded()
        return self._snapshot(trading_pair, await self._connector.exchange.fetch_order_book(self._connector.symbol(trading_pair)))

    async def _parse_order_book_snapshot_message(self, raw_message: Any, message_queue: Any) -> None:
        message_queue.put_nowait(raw_message)

    async def _parse_funding_info_message(self, raw_message: Any, message_queue: Any) -> None:
        update = FundingInfoUpdate(
            raw_message.trading_pair,
            raw_message.index_price,
            raw_message.mark_price,
            raw_message.next_funding_utc_timestamp,
            raw_message.rate,
        )
        message_queue.put_nowait(update)

    async def get_funding_info(self, trading_pair: str) -> Any:
        await self._connector.markets_loaded()
        return funding_info(trading_pair, await self._connector.exchange.fetch_funding_rate(self._connector.symbol(trading_pair)))

    async def subscribe_to_trading_pair(self, trading_pair: str) -> bool:
        return False

    async def unsubscribe_from_trading_pair(self, trading_pair: str) -> bool:
        return False


class OrderSource(UserStreamTrackerDataSource):
    """Rows of own orders, where ccxt's class has a stream of them."""

    def __init__(self, connector: Any, pace: Pace) -> None:
        super().__init__()
        self._connector, self._pace = connector, pace

    async def listen_for_user_stream(self, output: asyncio.Queue[Any]) -> None:
        await self._connector.markets_loaded()
        exchange = self._connector.exchange
        if not exchange.has.get("watchOrders"):
            await asyncio.Event().wait()

        def orders(symbol: str) -> Any:
            async def step() -> None:
                for row in await exchange.watch_orders(symbol):
                    output.put_nowait({"id": row.get("id")})

            return forever(f"{exchange.id} orders of {symbol}", step, self._pace)

        await asyncio.gather(*(orders(self._connector.symbol(pair)) for pair in self._connector.trading_pairs))
