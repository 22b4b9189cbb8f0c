"""From hummingbot's trading pairs to a venue's markets: BTC-USD, BTC-USDT and BTC-USDC all mean the dollar market that the venue has."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ccxt_dex.bots.hummingbot.words import split_hb_trading_pair

__all__ = ["PairError", "is_dollar", "kinds_of", "markets_of"]

Market = Mapping[str, Any]

# which market a script means when the venue has several in dollars and none in the script's own
_PREFERRED = ("USDC", "USDT", "USD")
_DOLLAR = re.compile(r"USD\w{0,2}|\w{1,2}USD")
_SUFFIX = re.compile(r"_perpetual(_testnet)?$")


class PairError(ValueError):
    """A trading pair that names no market of the venue, or no single one."""


def is_dollar(currency: str) -> bool:
    """Whether a currency stands for a US dollar: USD, USDC, USDT, USDE, DUSD ..."""
    return _DOLLAR.fullmatch(currency) is not None


def kinds_of(connector_name: str) -> tuple[str, ...]:
    """Which kinds of markets a connector trades, the one that is looked at first in front: "x_perpetual" is perpetuals only."""
    return ("swap",) if _SUFFIX.search(connector_name) or "_perpetual_" in connector_name else ("spot", "swap")


def markets_of(exchange: Any, pairs: Iterable[str], kinds: Iterable[str] = ("swap",)) -> dict[str, Market]:
    """Trading pair -> the venue's market.

    :param exchange: a ccxt exchange with loaded markets
    :param kinds: "swap", "spot", in this order
    :raises PairError: there is none, or one cannot tell which
    """
    order = tuple(kinds)
    return {pair: _market_of(exchange, pair, order) for pair in sorted(pairs)}


def _market_of(exchange: Any, pair: str, kinds: tuple[str, ...]) -> Market:
    try:
        base, quote = split_hb_trading_pair(pair)
    except ValueError:
        raise PairError(f"{pair!r} is no trading pair; it must look like BTC-USD") from None
    mine = [market for market in exchange.markets.values() if market.get("base") == base and market.get("active") is not False]
    for kind in kinds:
        # an inverse perpetual is counted in contracts and settled in its base: another business
        fitting = [market for market in mine if market.get(kind) and (kind == "spot" or market.get("linear"))]
        found = _choose(fitting, quote)
        if found is not None:
            return found
        if fitting and is_dollar(quote) and any(is_dollar(str(market["quote"])) for market in fitting):
            raise PairError(f"{pair} may be any of {', '.join(sorted(str(market['symbol']) for market in fitting))}")
    raise PairError(f"{exchange.id} has no market for {pair}")


def _choose(markets: list[Market], quote: str) -> Market | None:
    for wanted in (quote, *(_PREFERRED if is_dollar(quote) else ())):
        exact = [market for market in markets if wanted in (market["quote"], market.get("settle"))]
        if len(exact) == 1:
            return exact[0]
    dollars = [market for market in markets if is_dollar(str(market["quote"]))] if is_dollar(quote) else []
    return dollars[0] if len(dollars) == 1 else None
