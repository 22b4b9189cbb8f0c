"""freqtrade's `Exchange` for our exchanges: one class per id, made when it is asked for by name (`Standx`), so that it can be pickled."""

from __future__ import annotations

import functools
import importlib
import importlib.util
from typing import TYPE_CHECKING, Any

from ccxt_dex import registry
from ccxt_dex.bots.freqtrade import traits

# freqtrade is an optional program and has no types to offer where it is missing
_host: Any = importlib.import_module("freqtrade.exchange")
_enums: Any = importlib.import_module("freqtrade.enums")
_exceptions: Any = importlib.import_module("freqtrade.exceptions")

Traits = dict[str, Any]

if TYPE_CHECKING:

    class _Host:
        """What the mixins below use of freqtrade's Exchange."""

        markets: dict[str, Any]
        margin_mode: Any
        trading_mode: Any
        liquidation_buffer: float

        @classmethod
        def combine_ft_has(cls, include_futures: bool) -> Traits: ...
        def get_balances(self, params: Any = None) -> Any: ...
        def parse_leverage_tier(self, tier: Any) -> Any: ...
        def get_maintenance_ratio_and_amt(self, pair: str, notional_value: float) -> tuple[float, float | None]: ...
        def dry_run_liquidation_price(self, pair: str, **position: Any) -> float | None: ...
        def _lev_prep(self, pair: str, leverage: float, side: str, accept_fail: bool = False) -> None: ...
        def get_liquidation_price(self, pair: str, **position: Any) -> float | None: ...
        def fetch_stoploss_order(self, order_id: str, pair: str, params: Any = None) -> Any: ...
        def cancel_stoploss_order_with_result(self, order_id: str, pair: str, amount: float) -> Any: ...

else:
    _Host = object


class DexExchange(_Host):
    """In front of freqtrade's Exchange, or of its own class of the venue."""

    _exchange_id = ""

    @classmethod
    def combine_ft_has(cls, include_futures: bool) -> Traits:
        merged = super().combine_ft_has(include_futures)
        sample = _sample(cls._exchange_id)
        merged.update(traits.common(sample))
        if include_futures:
            merged.update(traits.futures(sample))
        return merged

    def get_balances(self, params: Any = None) -> Any:
        """Money under the name in which the markets are quoted, where the venue's collateral bears another (`BTC/USD:USDC`)."""
        balances = super().get_balances(params)
        for market in self.markets.values():
            quote, settle = market.get("quote"), market.get("settle")
            if settle and quote and settle != quote and settle in balances and quote not in balances:
                balances[quote] = balances.pop(settle)
        return balances

    def parse_leverage_tier(self, tier: Any) -> Any:
        """A venue that publishes leverage without maintenance margins: half of the initial margin, as in our synthetic tiers."""
        parsed = super().parse_leverage_tier(tier)
        if parsed["maintenanceMarginRate"] is None:
            parsed["maintenanceMarginRate"] = 1 / parsed["maxLeverage"] / 2
        return parsed

    def _lev_prep(self, pair: str, leverage: float, side: str, accept_fail: bool = False) -> None:
        """Margin mode and leverage are set before a position is opened, and left alone while there is one.

        freqtrade would set both again for additions and for stops, which several venues refuse while orders rest: the stop would be lost.
        """
        if not accept_fail:
            _host.Exchange._lev_prep(self, pair, leverage, side, accept_fail)

    def get_liquidation_price(self, pair: str, **position: Any) -> float | None:
        """The venue's; where its REST API does not tell one, what freqtrade would take in a simulation (isolated margin only)."""
        told = super().get_liquidation_price(pair, **position)
        if told is not None or (self.trading_mode, self.margin_mode) != (_enums.TradingMode.FUTURES, _enums.MarginMode.ISOLATED):
            return told
        if position.get("open_trades") is None:
            position["open_trades"] = []
        price = self.dry_run_liquidation_price(pair=pair, **position)
        if price is None:
            return None
        buffer = abs(position["open_rate"] - price) * self.liquidation_buffer
        return float(max(price - buffer if position["is_short"] else price + buffer, 0.0))

    def cancel_stoploss_order_with_result(self, order_id: str, pair: str, amount: float) -> Any:
        """A stop that went with its position, or fired, is read back: freqtrade does so for every other order."""
        try:
            return super().cancel_stoploss_order_with_result(order_id, pair, amount)
        except _exceptions.InvalidOrderException:
            return self.fetch_stoploss_order(order_id, pair)

    def get_funding_fees(self, pair: str, amount: float, is_short: bool, open_date: Any) -> float:
        """What was really paid, in live mode: every exchange of ours tells."""
        found: float = _host.Exchange.get_funding_fees(self, pair, amount, is_short, open_date)
        return found


class CrossMargin(_Host):
    """Simulated liquidation in cross margin, where freqtrade has no formula of its own for the venue."""

    def dry_run_liquidation_price(self, pair: str, **position: Any) -> float | None:
        """The price at which the account's money, less what the other positions need, is this position's maintenance margin.

        The other positions are taken at their entry prices: prices of the moment are not known in a backtest. The taker fee counts as
        maintenance margin, as in freqtrade's own formula for isolated margin.
        """
        if self.margin_mode != _enums.MarginMode.CROSS:
            return super().dry_run_liquidation_price(pair, **position)
        others = sum(
            trade.amount * trade.open_rate * self._maintenance(trade.pair, trade.stake_amount)
            for trade in position["open_trades"]
            if trade.pair != pair and trade.has_open_position
        )
        value = (position["wallet_balance"] - others) / position["amount"]
        rate = self._maintenance(pair, position["stake_amount"]) + (self.markets[pair].get("taker") or 0.001)
        if position["is_short"]:
            return float((position["open_rate"] + value) / (1 + rate))
        return max(0.0, float((position["open_rate"] - value) / (1 - rate)))

    def _maintenance(self, pair: str, stake_amount: float) -> float:
        return self.get_maintenance_ratio_and_amt(pair, stake_amount)[0]


@functools.cache
def _sample(exchange_id: str) -> Any:
    """An instance that is only read: `has`, `features`, class attributes."""
    return registry.load(exchange_id)()


def _own(exchange_id: str) -> Any:
    """freqtrade's class of the venue, or of the one whose class ours is built on; its general one when it has none.

    From the module that defines it: in `freqtrade.exchange` ours may stand by now.
    """
    for base in registry.load(exchange_id).__mro__:
        name = base.__name__
        if name in registry.IDS and importlib.util.find_spec(f"freqtrade.exchange.{name}") is not None:
            return getattr(importlib.import_module(f"freqtrade.exchange.{name}"), name.title())
    return _host.Exchange


def make(exchange_id: str) -> Any:
    """freqtrade's class for one of our ids.

    :raises ValueError: for an id that does not exist
    """
    own, room = _own(exchange_id), registry.load(exchange_id)
    general = own is _host.Exchange
    modes = [(_enums.TradingMode.FUTURES, _enums.MarginMode(mode)) for mode in room.margin_modes]
    trades_spot = not general and _sample(exchange_id).has.get("spot") is True
    spot = [pair for pair in own._supported_trading_mode_margin_pairs if trades_spot and pair[0] == _enums.TradingMode.SPOT]
    bases = (DexExchange, CrossMargin, own) if general else (DexExchange, own)
    members = {
        "__module__": __name__,
        "__doc__": f"{exchange_id} for freqtrade.",
        "_exchange_id": exchange_id,
        "_supported_trading_mode_margin_pairs": [*spot, *modes],
    }
    return type(exchange_id.title(), bases, members)


def __getattr__(name: str) -> Any:
    for each in registry.IDS:
        if each.title() == name:
            found = globals()[name] = make(each)
            return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
