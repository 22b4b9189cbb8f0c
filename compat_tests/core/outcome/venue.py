"""What the tests of the outcome policy share."""

from __future__ import annotations

from typing import Any

from compat_tests.core import killserver
from compat_tests.core.demo import SYMBOL

EXECUTED = killserver.LOST + killserver.UNREADABLE + killserver.BROKEN + killserver.REDIRECTS
RETRIES = {"options": {"maxRetriesOnFailure": 3}}
ORDER = (SYMBOL, "limit", "buy", 1, 100)


async def warm(ex: Any) -> None:
    """A kept connection, so that the write travels on one that was used before."""
    await ex.fetch_open_orders()
