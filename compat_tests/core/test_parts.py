"""Parts that rooms put in front of their bases: orders that are over, and the streams of own orders and fills."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, ClassVar

import pytest

from ccxt_dex._ccxt import errors
from ccxt_dex.parts.own import OwnRows
from ccxt_dex.parts.past import PastOrders
from compat_tests.core.demo import MARKET, SYMBOL, demo


class Parted(OwnRows, PastOrders, demo):
    past_words: ClassVar[Mapping[str, Any]] = {"closed": "done", "canceled": ("gone", "late"), "over": None}

    def describe(self) -> Any:
        return self.deep_extend(super().describe(), {"id": "parted"})

    def _fresh_state(self) -> None:
        super()._fresh_state()
        self.asked: list[Any] = []
        self.news: dict[Any, asyncio.Future[Any]] = {}

    async def past_orders(self, wanted: Any, symbol: str | None, since: int | None, limit: int | None, params: Any) -> list[Any]:
        self.asked.append((wanted, symbol, since, limit, params))
        if wanted == "done":
            return [{"id": "1"}]
        raise KeyError("unexpected")

    async def own_rows(self, kind: str, symbol: str | None) -> Any:
        return await self.news.setdefault((kind, symbol), asyncio.get_running_loop().create_future())


async def test_each_method_asks_for_its_words() -> None:
    ex = Parted()
    assert await ex.fetch_closed_orders(SYMBOL, 5, 7, {"until": 9}) == [{"id": "1"}]
    assert ex.asked == [("done", SYMBOL, 5, 7, {"until": 9})]
    for method in (ex.fetch_canceled_orders, ex.fetch_canceled_and_closed_orders):
        with pytest.raises(errors.ExchangeError, match="KeyError"):  # a part in front of the house is protected as a room's own methods are
            await method()
    assert ex.asked[1:] == [(("gone", "late"), None, None, None, {}), (None, None, None, None, {})]
    await ex.close()


async def test_own_rows_are_those_of_the_kind_and_the_market() -> None:
    ex = Parted()
    ex.set_markets([MARKET])
    loop = asyncio.get_running_loop()
    for kind in (("orders", None), ("myTrades", SYMBOL)):
        ex.news[kind] = loop.create_future()
    orders, trades = ex.order_cache(), ex.fill_cache()
    waiting = [asyncio.ensure_future(ex.watch_orders()), asyncio.ensure_future(ex.watch_my_trades(SYMBOL))]
    orders.append({"id": "1", "symbol": SYMBOL, "timestamp": 1, "status": "open"})
    ex.news["orders", None].set_result(orders)
    assert [row["id"] for row in await waiting[0]] == ["1"]
    assert not waiting[1].done()
    for number in (1, 2):
        trades.append({"id": f"t{number}", "symbol": SYMBOL, "timestamp": number})
    ex.news["myTrades", SYMBOL].set_result(trades)
    assert [row["id"] for row in await waiting[1]] == ["t1", "t2"]
    with pytest.raises(errors.BadSymbol):
        await ex.watch_orders("NO/SUCH:MARKET")
    await ex.close()
