"""Tables for a script's status: balances, orders, markets."""

from __future__ import annotations

import importlib
import time
from collections.abc import Iterable
from typing import Any

from ccxt_dex.bots.hummingbot.values import MarketTradingPairTuple
from ccxt_dex.bots.hummingbot.words import NetworkStatus, split_hb_trading_pair

__all__ = ["Status", "format_df_for_printout"]

Frame = Any
Tuples = Iterable[MarketTradingPairTuple]
_LITTLE = 0.0001


def frame(rows: list[Any], columns: list[str]) -> Frame:
    return importlib.import_module("pandas").DataFrame(data=rows, columns=columns)


class Status:
    """Base of strategies."""

    connectors: dict[str, Any]
    markets: dict[str, set[str]]
    ready_to_trade: bool

    def get_active_orders(self, connector_name: str) -> list[Any]:
        raise NotImplementedError

    def get_market_trading_pair_tuples(self) -> list[MarketTradingPairTuple]:
        raise NotImplementedError

    def get_assets(self, connector_name: str) -> list[str]:
        """Currencies of the connector's pairs, sorted."""
        return sorted({asset for pair in self.markets[connector_name] for asset in split_hb_trading_pair(pair)})

    def get_balance_df(self) -> Frame:
        rows = [
            [name, asset, float(connector.get_balance(asset)), float(connector.get_available_balance(asset))]
            for name, connector in self.connectors.items()
            for asset in self.get_assets(name)
        ]
        return frame(rows, ["Exchange", "Asset", "Total Balance", "Available Balance"]).sort_values(by=["Exchange", "Asset"])

    def active_orders_df(self) -> Frame:
        """:raises ValueError: there are none"""
        rows = [
            [name, each.trading_pair, "buy" if each.is_buy else "sell", float(each.price), float(each.quantity), _age(each.age())]
            for name in self.connectors
            for each in self.get_active_orders(name)
        ]
        if not rows:
            raise ValueError("no active orders")
        return frame(rows, ["Exchange", "Market", "Side", "Price", "Amount", "Age"]).sort_values(by=["Exchange", "Market", "Side"])

    def market_status_data_frame(self, market_trading_pair_tuples: Tuples) -> Frame:
        """Best prices of each market; NaN where nobody knows them."""
        rows = []
        for market, pair, _, _ in market_trading_pair_tuples:
            bid, ask = market.get_price(pair, False), market.get_price(pair, True)
            rows.append([market.display_name, pair, float(bid), float(ask), float((bid + ask) / 2)])
        return frame(rows, ["Exchange", "Market", "Best Bid Price", "Best Ask Price", "Mid Price"])

    def wallet_balance_data_frame(self, market_trading_pair_tuples: Tuples) -> Frame:
        assets = dict.fromkeys((market, asset) for market, _, *both in market_trading_pair_tuples for asset in both)
        rows = [[m.display_name, asset, float(m.get_balance(asset)), float(m.get_available_balance(asset))] for m, asset in assets]
        return frame(rows, ["Exchange", "Asset", "Total Balance", "Available Balance"])

    def balance_warning(self, market_trading_pair_tuples: Tuples) -> list[str]:
        """One line for each balance that is too small to trade with."""
        lines = []
        for market, pair, base, quote in market_trading_pair_tuples:
            for asset in (quote,) if market.is_contract(pair) else (base, quote):
                if market.get_balance(asset) <= _LITTLE:
                    lines.append(f"  {market.name} market {asset} balance is too low. Cannot place order.")
        return lines

    def network_warning(self, market_trading_pair_tuples: Tuples) -> list[str]:
        """A warning when prices of some market are not known at the moment."""
        pairs = list(market_trading_pair_tuples)
        if all(each.market.network_status is NetworkStatus.CONNECTED for each in pairs):
            return []
        names = " // ".join(each.trading_pair for each in pairs)
        return [f"  Markets are offline for the {names} pair. Continued trading with these markets may be dangerous.", ""]

    def format_status(self) -> str:
        """Balances, orders and warnings; scripts override it."""
        if not self.ready_to_trade:
            return "Market connectors are not ready."
        tuples = self.get_market_trading_pair_tuples()
        lines = ["", "  Balances:", *_indented(self.get_balance_df())]
        try:
            lines += ["", "  Orders:", *_indented(self.active_orders_df())]
        except ValueError:
            lines += ["", "  No active maker orders."]
        warnings = self.network_warning(tuples) + self.balance_warning(tuples)
        return "\n".join(lines + (["", "*** WARNINGS ***", *warnings] if warnings else []))


def _indented(table: Frame) -> list[str]:
    return ["    " + line for line in table.to_string(index=False).split("\n")]


def _age(seconds: int) -> str:
    return time.strftime("%H:%M:%S", time.gmtime(seconds)) if seconds > 0 else "n/a"


def format_df_for_printout(df: Frame, table_format: str = "psql", max_col_width: int | None = None, index: bool = False) -> str:
    """A table as text; drawn by tabulate where it is installed."""
    if max_col_width is not None:
        df = df.map(lambda cell: str(cell)[:max_col_width])
    try:
        drawn: str = importlib.import_module("tabulate").tabulate(df, tablefmt=table_format, showindex=index, headers="keys")
    except ImportError:
        drawn = df.to_string(index=index)
    return drawn
