"""What freqtrade wants to know of an exchange (its `_ft_has`), from what the exchange says of itself. Pure: no freqtrade, no ccxt."""

from __future__ import annotations

from typing import Any

__all__ = ["common", "futures"]

Traits = dict[str, Any]

# freqtrade's words for time in force
_TIMES = ("IOC", "FOK", "PO")


def common(exchange: Any) -> Traits:
    """For every trading mode.

    :param exchange: an instance of one of our classes, without network
    """
    offered = _orders(exchange).get("timeInForce") or {}
    return {
        "order_time_in_force": ["GTC", *(name for name in _TIMES if offered.get(name))],
        "ws_enabled": exchange.has.get("watchOHLCV") is True,
        # where a venue keeps the latest candles only, freqtrade downloads those
        "ohlcv_has_history": True,
        # a market order without a price is bounded by the class itself, off the book of that moment
        "marketOrderRequiresPrice": False,
    }


def futures(exchange: Any) -> Traits:
    """For perpetuals, on top of :func:`common`."""
    traits: Traits = {
        # without mark candles freqtrade takes the traded ones to price its simulated funding
        "mark_ohlcv_price": "mark" if exchange.has.get("fetchMarkOHLCV") is True else "futures",
        "funding_fee_candle_limit": 500,
        "balance_includes_unrealized_pnl": bool(exchange.balance_is_equity),
        "uses_leverage_tiers": exchange.has.get("fetchLeverageTiers") is True,
        "floor_leverage": True,
        "proxy_coin_mapping": _proxies(exchange),
        **_stops(_orders(exchange)),
    }
    return traits


def _orders(exchange: Any) -> dict[str, Any]:
    features = exchange.features or {}
    linear = (features.get("swap") or {}).get("linear") or {}
    found: dict[str, Any] = linear.get("createOrder") or {}
    return found


def _proxies(exchange: Any) -> dict[str, str]:
    """Where prices are quoted in another name than the collateral's (`BTC/USD:USDC`), both are the same money to freqtrade."""
    pair, _, settle = exchange.symbol_formats["swap"].partition(":")
    quote = pair.partition("/")[2]
    return {settle: quote} if settle and settle != quote else {}


def _stops(orders: dict[str, Any]) -> Traits:
    if not orders.get("stopLossPrice"):
        return {"stoploss_on_exchange": False}
    kinds = [name for name, offered in (orders.get("triggerPriceType") or {}).items() if offered and name in ("last", "mark", "index")]
    return {
        "stoploss_on_exchange": True,
        "stoploss_order_types": {"market": "market", "limit": "limit"},
        "stoploss_blocks_assets": False,
        "stop_price_param": "stopLossPrice",
        "stop_price_prop": "stopPrice",
        **({"stop_price_type_field": "triggerPriceType", "stop_price_type_value_mapping": {name: name for name in kinds}} if kinds else {}),
    }
