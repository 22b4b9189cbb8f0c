"""Histories that the venue gives page by page. Page: .../api/info-endpoint, "Pagination"."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ccxt_dex.exchanges.hyperliquid import tables
from ccxt_dex.exchanges.hyperliquid.room import Room

Enough = Callable[[list[Any]], bool]


def never(rows: list[Any]) -> bool:
    """Nothing is enough."""
    return False


class Pages(Room):
    async def rows_from(self, kind: str, since: int, until: Any = None, enough: Enough = never, **fields: Any) -> list[Any]:
        """Rows of a time range, oldest first, page by page: the venue gives 500 at a time and means the next one to begin with the last time.

        :param since: unix ms
        :param until: unix ms
        :param enough: told what there is, whether that will do
        """
        found: list[Any] = []
        start, span = int(since), {} if until is None else {"endTime": int(until)}
        for _ in range(tables.PAGES):
            page = await self.info(kind, startTime=start, **span, **fields)
            found = [row for row in found if row["time"] < start] + page
            if len(page) < tables.PAGE or enough(found):
                break
            latest = max(int(row["time"]) for row in page)
            start = latest if latest > start else latest + 1
        return found

    async def latest_rows(self, kind: str, until: Any = None, enough: Enough = never, **fields: Any) -> list[Any]:
        """The latest rows: all, or where there are more than a page those of the last month, and of more months until they are enough."""
        first = await self.rows_from(kind, 0, until, lambda rows: True, **fields)
        if len(first) < tables.PAGE:
            return first
        oldest, now = min(int(row["time"]) for row in first), self.server_milliseconds() if until is None else int(until)
        months = 1
        while True:
            since = now - months * tables.MONTH
            found = await self.rows_from(kind, max(since, 0), until, **fields)
            if since <= oldest or (found and enough is never) or enough(found):
                return found
            months *= 2
