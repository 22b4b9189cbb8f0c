"""Trades once: what a venue sends again after a resubscribe is not news.

ccxt's caches append whatever comes. When a connection is lost, the caches that it fed learn to ignore the ids that they hold; nothing is
paid before that. The class of the object is switched in place, because bots and ccxt's code hold the object.
"""

from __future__ import annotations

from typing import Any

from ccxt_dex._ccxt import ArrayCache, ArrayCacheBySymbolById

__all__ = ["CACHES", "ResumedFills", "ResumedTrades", "has_news", "remember"]


class _Resumed:
    known: frozenset[Any]
    news: int

    def append(self: Any, item: dict[str, Any]) -> None:
        """Append unless it was here when the connection was lost."""
        if item.get("id") in self.known:
            return
        self.news += 1
        super().append(item)  # type: ignore[misc]


class ResumedTrades(_Resumed, ArrayCache):
    """Public trades after a lost connection."""


class ResumedFills(_Resumed, ArrayCacheBySymbolById):
    """Own trades after a lost connection."""


TURNS = {ArrayCache: ResumedTrades, ArrayCacheBySymbolById: ResumedFills}
CACHES = frozenset((*TURNS, *TURNS.values()))


def remember(cache: Any) -> None:
    """The connection was lost: ids that are in the cache now will not be news again."""
    turned = TURNS.get(cache.__class__)
    if turned is not None:
        cache.__class__ = turned
        cache.news = 0
    elif cache.__class__ not in CACHES:
        return
    cache.known = frozenset(row["id"] for row in cache if row.get("id") is not None)


def has_news(cache: Any, seen: dict[str, int], message_hash: str) -> bool:
    """Whether anything was appended since the last result under this hash; caches that were never interrupted do not count."""
    news = getattr(cache, "news", None)
    if news is None:
        return True
    if seen.get(message_hash, 0) == news:
        return False
    seen[message_hash] = news
    return True
