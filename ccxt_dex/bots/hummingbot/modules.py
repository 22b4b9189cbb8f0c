"""Which of hummingbot's modules exist here, and what is in each; nothing of them is hummingbot's own."""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import logging
import sys
import types
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

__all__ = ["NEEDED", "install", "missing", "real_is_here", "uninstall"]

_HOME = "ccxt_dex.bots.hummingbot"
# what scripts import beside hummingbot itself
NEEDED = ("pandas", "pydantic")

_WORDS = "OrderType TradeType PriceType PositionAction PositionMode PositionSide LPType MarketDict GroupedSetDict LazyDict"
_EVENTS = (
    "BuyOrderCompletedEvent BuyOrderCreatedEvent FundingPaymentCompletedEvent MarketOrderFailureEvent OrderBookTradeEvent "
    "OrderCancelledEvent OrderExpiredEvent OrderFilledEvent PositionModeChangeEvent SellOrderCompletedEvent SellOrderCreatedEvent"
)
_SPLIT = "split_hb_trading_pair combine_to_hb_trading_pair"

# module of hummingbot -> (module of ours, names) ...; names that differ are written theirs=ours
TABLE: dict[str, tuple[tuple[str, str], ...]] = {
    "hummingbot": (("application", "data_path"),),
    "hummingbot.client.config.config_data_types": (("config", "BaseClientModel ClientFieldData"),),
    "hummingbot.client.hummingbot_application": (("application", "HummingbotApplication"),),
    "hummingbot.client.ui.interface_utils": (("status", "format_df_for_printout"),),
    "hummingbot.connector.connector_base": (("connector", "ConnectorBase"), ("words", "OrderType TradeType")),
    "hummingbot.connector.derivative.position": (("values", "Position"),),
    "hummingbot.connector.derivative_base": (("connector", "DerivativeBase=ConnectorBase"),),
    "hummingbot.connector.exchange_base": (("connector", "ExchangeBase=ConnectorBase"), ("words", "PriceType")),
    "hummingbot.connector.exchange_py_base": (("connector", "ExchangePyBase=ConnectorBase"),),
    "hummingbot.connector.perpetual_derivative_py_base": (("connector", "PerpetualDerivativePyBase=ConnectorBase"),),
    "hummingbot.connector.budget_checker": (("budget", "BudgetChecker"),),
    "hummingbot.connector.derivative.perpetual_budget_checker": (("budget", "PerpetualBudgetChecker=BudgetChecker"),),
    "hummingbot.connector.trading_rule": (("rules", "TradingRule=Rules"),),
    "hummingbot.connector.utils": (("words", _SPLIT),),
    "hummingbot.core.clock": (("application", "Clock"),),
    "hummingbot.core.data_type.common": (("words", _WORDS),),
    "hummingbot.core.data_type.funding_info": (("values", "FundingInfo"),),
    "hummingbot.core.data_type.in_flight_order": (("tracker", "InFlightOrder=Tracked"),),
    "hummingbot.core.data_type.limit_order": (("values", "LimitOrder"),),
    "hummingbot.core.data_type.order_book": (("orderbook", "OrderBook"),),
    "hummingbot.core.data_type.order_book_row": (("values", "OrderBookRow"),),
    "hummingbot.core.data_type.order_candidate": (("values", "OrderCandidate PerpetualOrderCandidate"),),
    "hummingbot.core.data_type.trade_fee": (("values", "AddedToCostTradeFee DeductedFromReturnsTradeFee TokenAmount TradeFeeBase"),),
    "hummingbot.core.event.event_forwarder": (("events", "EventForwarder SourceInfoEventForwarder"),),
    "hummingbot.core.event.event_listener": (("events", "EventListener"),),
    "hummingbot.core.event.events": (
        ("events", _EVENTS),
        ("words", "MarketEvent OrderBookEvent AccountEvent LimitOrderStatus OrderType TradeType PositionAction PositionMode PositionSide"),
    ),
    "hummingbot.core.network_iterator": (("words", "NetworkStatus"),),
    "hummingbot.core.utils": (("application", "map_df_to_str"),),
    "hummingbot.core.utils.async_utils": (("application", "safe_ensure_future safe_gather"),),
    "hummingbot.data_feed.candles_feed.candles_base": (("candles", "CandlesBase"),),
    "hummingbot.data_feed.candles_feed.candles_factory": (("candles", "CandlesFactory"), ("config", "CandlesConfig")),
    "hummingbot.data_feed.candles_feed.data_types": (("config", "CandlesConfig"),),
    "hummingbot.data_feed.market_data_provider": (("provider", "MarketDataProvider"),),
    "hummingbot.logger": (),
    "hummingbot.strategy.market_trading_pair_tuple": (("values", "MarketTradingPairTuple"),),
    "hummingbot.strategy.script_strategy_base": (("strategy", "ScriptStrategyBase"), ("words", "OrderType TradeType")),
    "hummingbot.strategy.strategy_v2_base": (("strategy", "StrategyV2Base"), ("config", "StrategyV2ConfigBase")),
    "hummingbot.strategy_v2.executors.data_types": (("values", "ConnectorPair"),),
}
# names that hummingbot's modules happen to export because they import them, and that scripts take from there
_EXTRA: dict[str, Mapping[str, Any]] = {
    "hummingbot.connector.connector_base": {"Dict": dict, "Decimal": Decimal},
    "hummingbot.core.utils.async_utils": {"asyncio": asyncio},
    "hummingbot.logger": {"HummingbotLogger": logging.Logger},
    "hummingbot.strategy.script_strategy_base": {"Decimal": Decimal, "Dict": dict, "logging": logging},
}


def missing() -> list[str]:
    """Packages that scripts need and that are not installed."""
    return [name for name in NEEDED if importlib.util.find_spec(name) is None]


def real_is_here() -> bool:
    """Whether hummingbot itself is installed, or loaded."""
    found = sys.modules.get("hummingbot")
    if found is not None:
        return not hasattr(found, "__ccxt_dex__")
    return importlib.util.find_spec("hummingbot") is not None


def install(force: bool = False) -> bool:
    """Put the modules into sys.modules; False: hummingbot itself is here and nothing was done.

    :param force: also where hummingbot is installed, in its place
    :raises RuntimeError: hummingbot is loaded already, or a package is missing
    """
    if real_is_here():
        if not force:
            return False
        if "hummingbot" in sys.modules:
            raise RuntimeError("hummingbot itself is loaded already")
    if absent := missing():
        raise RuntimeError(f"{' and '.join(absent)} missing: pip install 'ccxt-dex[hummingbot]'")
    for name, sources in TABLE.items():
        module = _module(name)
        for where, names in sources:
            home = importlib.import_module(f"{_HOME}.{where}")
            for theirs, _, ours in (each.partition("=") for each in names.split()):
                setattr(module, theirs, getattr(home, ours or theirs))
        for extra, value in _EXTRA.get(name, {}).items():
            setattr(module, extra, value)
    return True


def uninstall() -> None:
    """Take the modules away again."""
    for name in [name for name, module in sys.modules.items() if hasattr(module, "__ccxt_dex__")]:
        del sys.modules[name]


def _module(name: str) -> types.ModuleType:
    """An empty package under this name, its parents included."""
    found = sys.modules.get(name)
    if found is None:
        found = types.ModuleType(name, "A stand-in of ccxt_dex.")
        found.__path__ = []
        found.__ccxt_dex__ = True  # type: ignore[attr-defined]
        sys.modules[name] = found
        parent, _, child = name.rpartition(".")
        if parent:
            setattr(_module(parent), child, found)
    return found
