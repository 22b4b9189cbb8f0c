"""An order that the venue has taken, read until it is as wanted."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from logging import Logger
from typing import Any

from ccxt_dex._ccxt import errors

__all__ = ["PAUSES", "follow"]

Row = dict[str, Any]

# seconds before each look: venues act within milliseconds, a busy one within seconds
PAUSES = (0.0, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.0, 1.0)


async def follow(
    look: Callable[[], Awaitable[Row | None]],
    done: Callable[[Row], bool],
    *,
    streamed: Callable[[], Row | None] | None = None,
    stream_turns: int = 0,
    pauses: Sequence[float] = PAUSES,
    misses: int | None = None,
    logger: Logger | None = None,
) -> Row | None:
    """What became of an order that the venue has taken; what was seen last when that takes too long, None when nothing was.

    Taken is taken: a look that fails or finds nothing proves nothing about the order, so neither ends the reading.

    :param look: one request for the order; None and OrderNotFound mean that the venue does not show it
    :param done: whether a row is as wanted
    :param streamed: what the account's stream said about it, if it is watched
    :param stream_turns: looks to leave to the stream before the first request
    :param pauses: seconds before each look
    :param misses: how many looks may find nothing before anything was seen; for ids that the venue itself gave out, and so can show
    """
    latest: Row | None = None
    missed = 0
    for turn, pause in enumerate(pauses):
        await asyncio.sleep(pause)
        told = streamed() if streamed is not None else None
        if told is not None and done(told):
            return told
        latest = latest or told
        if turn < stream_turns:
            continue
        try:
            found = await look()
        except errors.OrderNotFound:
            found = None
        except errors.OperationFailed as error:
            if logger is not None:
                logger.info("looking for an order: %s", type(error).__name__)
            continue
        if found is not None:
            latest = found
            if done(found):
                break
        elif latest is None and misses is not None:
            missed += 1
            if missed >= misses:
                break
    return latest
