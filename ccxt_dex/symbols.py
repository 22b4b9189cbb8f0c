"""Names of markets: unified symbols from bare coins and venue ids, and whose account a token names."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import Any

from ccxt_dex._ccxt import errors

__all__ = ["jwt_belongs", "resolve", "symbol"]

_KINDS = ("swap", "future", "spot", "option")
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}|0x[0-9a-fA-F]{63,64}|[1-9A-HJ-NP-Za-km-z]{32,44}")
_CLAIMS = ("address", "wallet", "walletAddress", "wallet_address", "sub", "account", "user", "publicKey")


def symbol(exchange: Any, coin: str, kind: str = "swap") -> str:
    """The unified symbol of a coin on an exchange.

    :param exchange: an exchange object (its markets are consulted when loaded) or an id
    :param coin: "BTC", a venue's id or a unified symbol
    :param kind: "swap", "spot"
    :raises BadSymbol: the exchange has no such market, or several
    """
    if isinstance(exchange, str):
        from ccxt_dex import registry

        return _from_format(registry.load(exchange), exchange, coin, kind)
    if exchange.markets:
        found = resolve(exchange, coin, kind)
        return str(exchange.market(found)["symbol"])
    return _from_format(type(exchange), exchange.id, coin, kind)


def _from_format(cls: Any, name: str, coin: str, kind: str) -> str:
    if "/" in coin:
        return coin
    formats: Mapping[str, str] = cls.symbol_formats
    if kind not in formats:
        raise errors.BadSymbol(f"{name} has no {kind} markets")
    return formats[kind].format(base=coin)


def resolve(exchange: Any, name: str, kind: str | None = None) -> str:
    """The symbol that a native id or a bare coin stands for; the name itself when it is neither.

    :param kind: look among these markets only; default: perpetuals first
    :raises BadSymbol: several markets of the same kind fit
    """
    markets: Mapping[str, Any] = exchange.markets or {}
    if name in markets or not isinstance(name, str):
        return name
    ids: Mapping[str, Any] = exchange.markets_by_id or {}
    pool = list(ids[name]) if name in ids else [market for market in markets.values() if market.get("base") == name]
    for wanted in (kind,) if kind else _KINDS:
        fitting = [market for market in pool if market.get(wanted) and market.get("active") is not False]
        fitting = fitting or [market for market in pool if market.get(wanted)]
        if len(fitting) > 1:
            raise errors.BadSymbol(f"{exchange.id} {name} could be any of {', '.join(sorted(str(m['symbol']) for m in fitting))}")
        if fitting:
            return str(fitting[0]["symbol"])
    return name


def jwt_belongs(token: str, scope: str) -> bool:
    """False when a JWT names the address of another wallet; anything that is no JWT, or names none, passes."""
    parts = token.split(".")
    if len(parts) != 3 or not _ADDRESS.fullmatch(scope):
        return True
    try:
        payload = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, binascii.Error):
        return True
    if not isinstance(payload, dict):
        return True
    named = [value for claim in _CLAIMS if isinstance(value := payload.get(claim), str) and _ADDRESS.fullmatch(value)]
    hexadecimal = scope.startswith("0x")
    comparable = [value for value in named if value.startswith("0x") == hexadecimal]
    return not comparable or any((value.lower() == scope.lower()) if hexadecimal else value == scope for value in comparable)
