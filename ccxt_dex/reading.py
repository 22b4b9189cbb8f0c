"""What venues write -> text, numbers and times. Pure; rooms' parsing.py build on it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

__all__ = ["Unreadable", "digits", "iso", "milliseconds", "nonzero", "number", "objects", "one", "text"]


class Unreadable(ValueError):
    """A venue said something that has no known meaning."""


def text(value: Any) -> str | None:
    """A number as plain text; None for null and empty. Venues mix strings and JSON numbers."""
    if value is None or value == "":
        return None
    if isinstance(value, float):
        return format(Decimal(repr(value)), "f")
    return str(value)


def number(value: Any) -> Decimal | None:
    """:raises Unreadable: when there is text that is no finite number"""
    found = text(value)
    if found is None:
        return None
    try:
        result = Decimal(found)
    except InvalidOperation:
        raise Unreadable(f"not a number: {found!r}") from None
    if not result.is_finite():
        raise Unreadable(f"not a number: {found!r}")
    return result


def nonzero(value: Any) -> str | None:
    """Text of a number, None for zero: many venues write "0" where there is nothing."""
    return text(value) if number(value) else None


def digits(value: Decimal | None) -> str | None:
    """A computed number as text without exponent."""
    return None if value is None else format(value, "f")


@lru_cache(maxsize=4096)
def _seconds(stamp: str) -> int:
    return int(datetime.fromisoformat(stamp).replace(tzinfo=timezone.utc).timestamp())


def milliseconds(value: Any) -> int | None:
    """Unix milliseconds of ISO 8601 in UTC with 0 to 9 decimals, or of an integer of milliseconds.

    :raises Unreadable: for anything else
    """
    if value is None or value == "":
        return None
    if isinstance(value, int):
        return value
    if not isinstance(value, str):
        raise Unreadable(f"not a time: {value!r}")
    try:
        fraction = value[20:].rstrip("Z") if value[19:20] == "." else ""
        return _seconds(value[:19]) * 1000 + int((fraction + "000")[:3])
    except ValueError:
        raise Unreadable(f"not a time: {value!r}") from None


def iso(stamp_ms: float) -> str:
    """Milliseconds as `2026-07-10T15:14:59.000Z`; a float, which users make of `time.time() * 1000`, loses its fraction."""
    stamp_ms = int(stamp_ms)
    moment = datetime.fromtimestamp(stamp_ms // 1000, tz=timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{stamp_ms % 1000:03d}Z"


def one(response: Any) -> dict[str, Any]:
    """:raises Unreadable: when the answer is no object"""
    if isinstance(response, Mapping):
        return dict(response)
    raise Unreadable("an object was expected")


def objects(answer: Any) -> list[dict[str, Any]]:
    """:raises Unreadable: when the answer is no list of objects, which is not the same as nothing in it"""
    if isinstance(answer, list) and all(isinstance(row, Mapping) for row in answer):
        return answer
    raise Unreadable("a list of objects was expected")
