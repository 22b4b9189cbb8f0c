"""Implicit endpoint methods for rooms that ccxt does not know: ``private_get_query_order`` and ``privateGetQueryOrder`` from the api table."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ccxt_dex._ccxt import Entry

__all__ = ["attach", "endpoints_of"]

_METHODS = ("get", "post", "put", "delete", "patch", "head")
_WORDS = re.compile(r"[^a-zA-Z0-9]")


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:]


def _names(api: tuple[str, ...], method: str, path: str) -> tuple[str, str]:
    words = [word for word in _WORDS.split(path) if word]
    snake = "_".join([*api, method, *(word.lower() for word in words)])
    camel = api[0] + "".join(_capital(word) for word in (*api[1:], method, *words))
    return snake, camel


def endpoints_of(table: Mapping[str, Any], api: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str, str, dict[str, Any]]]:
    """Every (api, method, path, config) of an api table in ccxt's form, costs as plain numbers or as dicts."""
    for key, value in table.items():
        if key in _METHODS:
            paths = value.items() if isinstance(value, Mapping) else ((path, 1) for path in value)
            for path, config in paths:
                yield api, key, path, dict(config) if isinstance(config, Mapping) else {"cost": config}
        elif isinstance(value, Mapping):
            yield from endpoints_of(value, (*api, key))


def attach(cls: type, exchange: Any) -> None:
    """Give a class the endpoint methods of its api table, those it has already (ccxt's own) excepted; done once per class."""
    if "_endpoints_attached" in cls.__dict__:
        return
    for api, method, path, config in endpoints_of(exchange.describe().get("api") or {}):
        snake, camel = _names(api, method, path)
        if not hasattr(cls, snake):
            entry = Entry(path, list(api), method.upper(), config)
            setattr(cls, snake, entry)
            setattr(cls, camel, entry)
    type.__setattr__(cls, "_endpoints_attached", True)
