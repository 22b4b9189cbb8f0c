"""Lists that the venue pages by cursor."""

from __future__ import annotations

from typing import Any

import pytest

import ccxt_dex


@pytest.mark.parametrize("size", [2, 100])
async def test_a_short_page_with_a_cursor_is_not_the_last_one(size: int) -> None:
    """How many rows a page may have is the venue's choice; what was left behind on the next one looked like nothing."""
    ex, asked = ccxt_dex.extended({"apiKey": "k"}), []
    stamps = [1_900_000_000_000 + number * 1000 for number in range(2 * size + 1)][::-1]

    async def call(name: str, request: Any = None) -> Any:
        start = int(request.get("cursor", 0))
        asked.append(start)
        rows = [{"id": number, "createdTime": stamps[number]} for number in range(start, min(start + size, len(stamps)))]
        cursor = start + len(rows)
        return {"status": "OK", "data": rows, "pagination": {"cursor": cursor if rows else None, "count": len(rows)}}

    ex.call = call
    rows = await ex.pages("v1_private_get_user_trades", {}, 1_800_000_000_000, None, "createdTime")
    assert [row["createdTime"] for row in rows] == stamps
    assert asked == [0, size, 2 * size, 2 * size + 1]
    asked.clear()
    await ex.pages("v1_private_get_user_trades", {}, stamps[1], None, "createdTime")
    assert len(asked) <= 2, "no further back than `since`"
