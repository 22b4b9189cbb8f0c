"""What the tests of the room share."""

from __future__ import annotations

from typing import Any

ETH = "ETH/USDC:USDC"


def sent(venue: Any) -> list[dict[str, Any]]:
    """Bodies of the transactions that arrived."""
    return [tx.body for tx in venue.adapter.arrived]


async def price(ex: Any, factor: float = 0.98) -> float:
    book = await ex.fetch_order_book(ETH, 1)
    return float(int(book["bids"][0][0] * factor))
