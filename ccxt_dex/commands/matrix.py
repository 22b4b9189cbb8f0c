"""`python -m ccxt_dex venues`: what each exchange can do, generated from `has`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Any

from ccxt_dex import registry
from ccxt_dex.commands import Parser

__all__ = ["TOPICS", "markdown", "summary"]

# topic -> unified methods, in the order of a trading day; what no venue has is left out
_TOPICS: dict[str, str] = {
    "Markets": (
        "fetchMarkets fetchCurrencies fetchTicker fetchTickers fetchBidsAsks fetchOrderBook fetchTrades fetchOHLCV fetchMarkOHLCV fetchIndexOHLCV "
        "fetchPremiumIndexOHLCV fetchMarkPrice fetchMarkPrices fetchFundingRate fetchFundingRates fetchFundingRateHistory fetchFundingInterval "
        "fetchOpenInterest fetchOpenInterests fetchOpenInterestHistory fetchLeverageTiers fetchMarketLeverageTiers fetchStatus fetchTime"
    ),
    "Streams": (
        "watchTicker watchTickers watchBidsAsks watchMarkPrice watchOrderBook watchOrderBookForSymbols watchTrades watchTradesForSymbols watchOHLCV "
        "watchOHLCVForSymbols watchOrders watchMyTrades watchPositions watchBalance unWatchOrderBook unWatchTrades unWatchTicker unWatchOHLCV"
    ),
    "Orders": (
        "createOrder createOrders createOrderWs createMarketOrder createPostOnlyOrder createReduceOnlyOrder createStopLossOrder createTakeProfitOrder "
        "createTriggerOrder createOrderWithTakeProfitAndStopLoss editOrder editOrders editOrderWs cancelOrder cancelOrders cancelOrderWs cancelAllOrders "
        "cancelAllOrdersAfter closePosition closeAllPositions fetchOrder fetchOrders fetchOpenOrders fetchClosedOrders fetchCanceledOrders "
        "fetchOrderTrades fetchMyTrades"
    ),
    "Account": (
        "signIn fetchBalance fetchPosition fetchPositions fetchPositionMode setPositionMode fetchLeverage setLeverage fetchMarginMode setMarginMode "
        "addMargin reduceMargin fetchFundingHistory fetchTradingFee fetchTradingFees fetchLedger fetchDeposits fetchWithdrawals withdraw transfer"
    ),
}
TOPICS: dict[str, list[str]] = {topic: methods.split() for topic, methods in _TOPICS.items()}


def _exchanges(ids: Iterable[str]) -> list[Any]:
    return [registry.load(each)() for each in ids]


def _rows(exchanges: Sequence[Any], yes: str, no: str) -> dict[str, list[list[str]]]:
    return {
        topic: [
            [method, *(yes if ex.has.get(method) else no for ex in exchanges)]
            for method in methods
            if any(ex.has.get(method) for ex in exchanges)
        ]
        for topic, methods in TOPICS.items()
    }


def markdown(ids: Iterable[str] = registry.IDS) -> str:
    """The whole matrix as a Markdown table."""
    exchanges = _exchanges(ids)
    lines = ["| |" + "".join(f" {ex.id} |" for ex in exchanges), "|---|" + ":-:|" * len(exchanges)]
    for topic, rows in _rows(exchanges, "✓", "").items():
        lines.append(f"| **{topic}** |" + " |" * len(exchanges))
        lines += ["| " + " | ".join(row).rstrip() + " |" for row in rows]
    return "\n".join(lines) + "\n"


def plain(ids: Iterable[str] = registry.IDS) -> str:
    """The same for a terminal."""
    exchanges = _exchanges(ids)
    widths = [38, *(max(len(ex.id), 3) for ex in exchanges)]
    table = [("", [["", *(ex.id for ex in exchanges)]]), *_rows(exchanges, "yes", "-").items()]
    lines: list[str] = []
    for topic, rows in table:
        lines += [topic] if topic else []
        lines += [
            "  ".join(cell.ljust(width) for cell, width in zip(["  " + row[0], *row[1:]], widths, strict=True)).rstrip() for row in rows
        ]
    return "\n".join(lines) + "\n"


def summary(announced: Sequence[str]) -> str:
    """The README's table of venues, with those that are announced but not here yet named as such."""
    lines = ["| id | venue | a symbol | methods | streams | paper venue |", "|---|---|---|--:|--:|:-:|"]
    for ex in _exchanges(registry.IDS):
        have = {name for name, value in ex.has.items() if value}
        methods = {name for topic, names in TOPICS.items() if topic != "Streams" for name in names} & have
        streams = {name for name in have if name.startswith("watch")}
        link = (ex.urls or {}).get("www") or ""
        name = f"[{ex.name}]({link})" if isinstance(link, str) and link else ex.name
        symbol = ex.symbol_formats["swap"].format(base="BTC")
        lines.append(f"| `{ex.id}` | {name} | `{symbol}` | {len(methods)} | {len(streams)} | {'✓' if _has_paper(ex.id) else ''} |")
    missing = [f"`{each}`" for each in announced if each not in registry.IDS]
    if missing:
        lines += ["", f"Not here yet: {', '.join(missing)}."]
    return "\n".join(lines) + "\n"


def _has_paper(exchange_id: str) -> bool:
    from ccxt_dex.paper.venue import adapter_of

    try:
        adapter_of(exchange_id)
    except ValueError:
        return False
    return True


def connections(as_markdown: bool, ids: Iterable[str] = registry.IDS) -> str:
    """How the venues' sockets are kept alive, as Markdown or for a terminal."""
    from ccxt_dex.commands.connections import COLUMNS, table

    rows = [list(COLUMNS), *table(ids)]
    if as_markdown:
        rows.insert(1, ["---"] * len(COLUMNS))
        return "".join(f"| {' | '.join(row)} |\n" for row in rows)
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
    return "".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() + "\n" for row in rows)


def main(argv: Sequence[str]) -> int:
    """Print the matrix, or the table of connections."""
    parser = Parser(prog="python -m ccxt_dex venues", description="What each exchange can do, from its `has`.")
    parser.add_argument("--markdown", action="store_true", help="as a Markdown table")
    parser.add_argument("--connections", action="store_true", help="pings, silence and limits of their sockets instead")
    asked = parser.parse_args(argv)
    if asked.connections:
        sys.stdout.write(connections(asked.markdown))
    else:
        sys.stdout.write(markdown() if asked.markdown else plain())
    return 0
