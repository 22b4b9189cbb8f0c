"""Reading an order that was taken until the venue has acted on it."""

from __future__ import annotations

from typing import Any

import pytest

from ccxt_dex._ccxt import errors
from ccxt_dex.parts.following import follow

QUICK = (0.0,) * 6


def script(*answers: Any) -> tuple[list[int], Any]:
    looks: list[int] = []

    async def look() -> Any:
        looks.append(1)
        answer = answers[min(len(looks), len(answers)) - 1]
        if isinstance(answer, BaseException):
            raise answer
        return answer

    return looks, look


def ended(row: dict[str, Any]) -> bool:
    return row["status"] == "canceled"


async def test_reads_until_the_order_is_as_wanted_and_no_longer() -> None:
    looks, look = script({"status": "open"}, {"status": "canceled"}, {"status": "never read"})
    assert await follow(look, ended, pauses=QUICK) == {"status": "canceled"}
    assert len(looks) == 2


@pytest.mark.parametrize("trouble", [errors.OrderNotFound("not shown yet"), errors.RequestTimeout("slow"), None])
async def test_a_look_that_finds_nothing_ends_nothing(trouble: Any) -> None:
    looks, look = script(trouble, trouble, {"status": "canceled"})
    assert await follow(look, ended, pauses=QUICK) == {"status": "canceled"}
    assert len(looks) == 3


async def test_what_was_seen_last_when_it_takes_too_long() -> None:
    looks, look = script({"status": "open"}, errors.OrderNotFound("gone"))
    assert await follow(look, ended, pauses=QUICK) == {"status": "open"}
    assert len(looks) == len(QUICK)
    assert await follow(script(errors.OrderNotFound("never shown"))[1], ended, pauses=QUICK) is None


async def test_a_refusal_is_not_swallowed() -> None:
    with pytest.raises(errors.AuthenticationError):
        await follow(script(errors.AuthenticationError("wrong key"))[1], ended, pauses=QUICK)


async def test_the_streams_word_saves_requests() -> None:
    looks, look = script({"status": "open"})
    words = iter([None, {"status": "open"}, {"status": "canceled"}])
    assert await follow(look, ended, streamed=lambda: next(words), stream_turns=3, pauses=QUICK) == {"status": "canceled"}
    assert not looks


async def test_the_streams_word_counts_when_the_looks_fail() -> None:
    _, look = script(errors.RequestTimeout("slow"))
    assert await follow(look, ended, streamed=lambda: {"status": "open"}, pauses=QUICK) == {"status": "open"}


async def test_an_id_that_the_venue_gave_out_is_not_looked_for_for_ever() -> None:
    looks, look = script(errors.RequestTimeout("says nothing"), None, errors.OrderNotFound("no"), {"status": "never read"})
    assert await follow(look, ended, pauses=QUICK, misses=2) is None
    assert len(looks) == 3
    looks, look = script({"status": "open"}, None, None, {"status": "canceled"})
    assert await follow(look, ended, pauses=QUICK, misses=1) == {"status": "canceled"}
