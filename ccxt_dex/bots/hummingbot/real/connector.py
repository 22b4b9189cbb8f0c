"""hummingbot's perpetual connector over one exchange object of ccxt's.

As hummingbot itself would have it an order fails when a request about it fails; here it fails when the venue does not have it.
"""

# pyright: reportMissingImports=false
from __future__ import annotations

import asyncio
import logging
from decimal import Decimal
from typing import Any

from bidict import bidict
from hummingbot.connector.derivative.perpetual_budget_checker import PerpetualBudgetChecker
from hummingbot.connector.derivative.position import Position
from hummingbot.connector.perpetual_derivative_py_base import PerpetualDerivativePyBase
from hummingbot.connector.trading_rule import TradingRule
from hummingbot.core.api_throttler.async_throttler import AsyncThrottler
from hummingbot.core.data_type.common import OrderType, PositionAction, PositionMode, PositionSide
from hummingbot.core.data_type.in_flight_order import OrderState
from hummingbot.core.data_type.order_candidate import PerpetualOrderCandidate
from hummingbot.core.utils.estimate_fee import build_perpetual_trade_fee
from hummingbot.core.web_assistant.web_assistants_factory import WebAssistantsFactory

from ccxt_dex._ccxt import errors
from ccxt_dex.bots.hummingbot import pairs
from ccxt_dex.bots.hummingbot.feeds import Pace
from ccxt_dex.bots.hummingbot.real.orders import Orders
from ccxt_dex.bots.hummingbot.real.sources import BookSource, OrderSource
from ccxt_dex.bots.hummingbot.rules import Rules, number
from ccxt_dex.bots.hummingbot.words import NAN

__all__ = ["CcxtPerpetualDerivative"]

logger = logging.getLogger("ccxt_dex.hummingbot")


class Budget(PerpetualBudgetChecker):
    """hummingbot's own simple scripts pass candidates for spot, with which its checker for perpetuals fails."""

    def populate_collateral_entries(self, order_candidate: Any) -> Any:
        return super().populate_collateral_entries(self._perpetual(order_candidate))

    def adjust_candidate(self, order_candidate: Any, all_or_none: bool = True) -> Any:
        return super().adjust_candidate(self._perpetual(order_candidate), all_or_none)

    def _perpetual(self, candidate: Any) -> Any:
        if isinstance(candidate, PerpetualOrderCandidate):
            return candidate
        fields = (candidate.trading_pair, candidate.is_maker, candidate.order_type, candidate.order_side, candidate.amount, candidate.price)
        leverage = Decimal(str(self._exchange.get_leverage(candidate.trading_pair)))
        return PerpetualOrderCandidate(*fields, from_total_balances=candidate.from_total_balances, leverage=leverage)


class CcxtPerpetualDerivative(Orders, PerpetualDerivativePyBase):
    """One connector; `plug` makes a subclass for each name, with the exchange object in it."""

    SHORT_POLL_INTERVAL = 1.0
    connector_name = ""
    exchange: Any = None

    def __init__(
        self,
        balance_asset_limit: Any = None,
        rate_limits_share_pct: Decimal = Decimal(100),
        trading_pairs: list[str] | None = None,
        trading_required: bool = True,
        **_: Any,
    ) -> None:
        self.pace, self.rules, self.venue_ids = Pace(), {}, {}
        self._pairs, self._required, self._loading = sorted(trading_pairs or []), trading_required, asyncio.Lock()
        self._markets: dict[str, Any] = {}
        PerpetualDerivativePyBase.__init__(self, balance_asset_limit, rate_limits_share_pct)
        self._budget_checker = Budget(self)

    # --- what hummingbot asks a connector class for ----------------------------------------------------------------------------------------

    name = property(lambda self: self.connector_name)
    authenticator = property(lambda self: None)
    rate_limits_rules = property(lambda self: [])
    domain = property(lambda self: "")
    client_order_id_max_length = property(lambda self: 32)
    client_order_id_prefix = property(lambda self: "x-")
    trading_rules_request_path = trading_pairs_request_path = check_network_request_path = property(lambda self: "")
    trading_pairs = property(lambda self: self._pairs)
    # the venue's word on what was filled comes first, then the news that the rest is cancelled
    is_cancel_request_in_exchange_synchronous = property(lambda self: False)
    is_trading_required = property(lambda self: self._required)
    funding_fee_poll_interval = property(lambda self: 120)

    def supported_order_types(self) -> list[Any]:
        return [OrderType.LIMIT, OrderType.LIMIT_MAKER, OrderType.MARKET]

    def supported_position_modes(self) -> list[Any]:
        return [PositionMode.ONEWAY]

    def get_buy_collateral_token(self, trading_pair: str) -> str:
        return trading_pair.split("-")[1]

    get_sell_collateral_token = get_buy_collateral_token

    def _is_request_exception_related_to_time_synchronizer(self, request_exception: Exception) -> bool:
        return False

    def _is_order_not_found_during_status_update_error(self, status_update_exception: Exception) -> bool:
        return isinstance(status_update_exception, errors.OrderNotFound)

    def _is_order_not_found_during_cancelation_error(self, cancelation_exception: Exception) -> bool:
        return isinstance(cancelation_exception, errors.OrderNotFound)

    def _create_web_assistants_factory(self) -> Any:
        return WebAssistantsFactory(throttler=AsyncThrottler([]))

    def _create_order_book_data_source(self) -> Any:
        return BookSource(self._pairs, self, self.pace)

    def _create_user_stream_data_source(self) -> Any:
        return OrderSource(self, self.pace)

    def _is_user_stream_initialized(self) -> bool:
        return True

    async def _update_time_synchronizer(self, pass_on_non_cancelled_error: bool = False) -> None:
        """ccxt's classes keep their own clocks."""

    async def _update_trading_fees(self) -> None:
        """They are in the markets."""

    # --- markets ---------------------------------------------------------------------------------------------------------------------------

    async def markets_loaded(self) -> None:
        """Load the venue's markets, once.

        :raises PairError: it lacks a pair
        """
        async with self._loading:
            if not self._markets:
                await self.exchange.load_markets()
                found = pairs.markets_of(self.exchange, self._pairs, ("swap",))
                for pair, market in found.items():
                    logger.info("%s: %s is %s", self.name, pair, market["symbol"])
                    self.rules[pair] = Rules(market, self.exchange.precisionMode)
                self._markets = dict(found)

    def symbol(self, pair: str) -> str:
        return str(self._markets[pair]["symbol"])

    async def _make_network_check_request(self) -> None:
        await self.markets_loaded()

    async def _make_trading_pairs_request(self) -> Any:
        await self.markets_loaded()
        return {}

    _make_trading_rules_request = _make_trading_pairs_request

    def _initialize_trading_pair_symbols_from_exchange_info(self, exchange_info: Any) -> None:
        self._set_trading_pair_symbol_map(bidict({self.symbol(pair): pair for pair in self._markets}))

    async def _format_trading_rules(self, exchange_info_dict: Any) -> list[Any]:
        found = []
        for pair, rules in self.rules.items():
            quote = self.get_buy_collateral_token(pair)
            limits = {"min_order_size": rules.min_order_size, "min_notional_size": rules.min_notional_size}
            if rules.max_order_size.is_finite():
                limits["max_order_size"] = rules.max_order_size
            grid = {"min_price_increment": rules.min_price_increment, "min_base_amount_increment": rules.min_base_amount_increment}
            found.append(TradingRule(pair, buy_order_collateral_token=quote, sell_order_collateral_token=quote, **limits, **grid))
        return found

    # venues that count significant digits have a tick that depends on the price
    def get_order_price_quantum(self, trading_pair: str, price: Decimal) -> Decimal:
        return self.rules[trading_pair].price_quantum(Decimal(price))

    async def _get_last_traded_price(self, trading_pair: str) -> float:
        await self.markets_loaded()
        return float((await self.exchange.fetch_ticker(self.symbol(trading_pair)))["last"] or "nan")

    def _get_fee(
        self,
        base_currency: str,
        quote_currency: str,
        order_type: Any,
        order_side: Any,
        position_action: Any,
        amount: Decimal,
        price: Decimal = NAN,
        is_maker: bool | None = None,
    ) -> Any:
        maker = order_type is OrderType.LIMIT_MAKER if is_maker is None else is_maker
        sides = (base_currency, quote_currency, order_type, order_side, amount, price)
        return build_perpetual_trade_fee(self.name, maker, position_action, *sides)

    # --- account ---------------------------------------------------------------------------------------------------------------------------

    async def _update_balances(self) -> None:
        await self.markets_loaded()
        found = await self.exchange.fetch_balance()
        totals, free = ({coin: number(value) for coin, value in (found.get(kind) or {}).items()} for kind in ("total", "free"))
        for pair, market in self._markets.items():
            # scripts ask for the collateral under their own name
            alias, settle = self.get_buy_collateral_token(pair), str(market["settle"])
            for held in (totals, free):
                held[alias] = held.get(settle, Decimal(0))
        for known, held in ((self._account_balances, totals), (self._account_available_balances, free)):
            known.clear()
            known.update(held)

    async def _update_positions(self) -> None:
        await self.markets_loaded()
        by_symbol = {self.symbol(pair): pair for pair in self._markets}
        rows = await self.exchange.fetch_positions(list(by_symbol))
        held = {by_symbol[row["symbol"]]: row for row in rows if row.get("contracts") and row.get("symbol") in by_symbol}
        living = set()
        for pair, row in held.items():
            side = PositionSide.SHORT if row["side"] == "short" else PositionSide.LONG
            size = abs(self.rules[pair].from_venue(row["contracts"]))
            numbers = (number(row.get("unrealizedPnl")), number(row.get("entryPrice"), NAN), -size if side is PositionSide.SHORT else size)
            key = self._perpetual_trading.position_key(pair, side)
            living.add(key)
            leverage = number(row.get("leverage"), Decimal(self.get_leverage(pair)))
            self._perpetual_trading.set_position(key, Position(pair, side, *numbers, leverage))
        for key in [key for key in self.account_positions if key not in living]:
            self._perpetual_trading.remove_position(key)

    async def _trading_pair_position_mode_set(self, mode: Any, trading_pair: str) -> tuple[bool, str]:
        return mode is PositionMode.ONEWAY, "" if mode is PositionMode.ONEWAY else f"{self.name} trades in one-way mode"

    async def _set_trading_pair_leverage(self, trading_pair: str, leverage: int) -> tuple[bool, str]:
        await self.markets_loaded()
        try:
            await self.exchange.set_leverage(leverage, self.symbol(trading_pair))
        except errors.BaseError as error:
            return False, f"{type(error).__name__}: {error}"
        return True, ""

    async def _fetch_last_fee_payment(self, trading_pair: str) -> tuple[float, Decimal, Decimal]:
        await self.markets_loaded()
        rows = await self.exchange.fetch_funding_history(self.symbol(trading_pair)) if self.exchange.has.get("fetchFundingHistory") else []
        if not rows:
            return 0, Decimal(-1), Decimal(-1)
        last = max(rows, key=lambda row: row.get("timestamp") or 0)
        return (last.get("timestamp") or 0) / 1000, number(last.get("rate"), Decimal(0)), number(last.get("amount"))

    # --- orders: the rest is in Orders -------------------------------------------------------------------------------------------------------

    def _params(self, order_id: str, order_type: Any, position_action: Any) -> dict[str, Any]:
        params: dict[str, Any] = {"clientOrderId": self.venue_ids[order_id]} if self.venue_ids[order_id] else {}
        if order_type is OrderType.LIMIT_MAKER:
            params["postOnly"] = True
        if position_action is PositionAction.CLOSE:
            params["reduceOnly"] = True
        return params

    def ended_or_open(self, row: Any) -> Any:
        """hummingbot's state of a row of ccxt's."""
        states = {
            "closed": OrderState.FILLED,
            "canceled": OrderState.CANCELED,
            "expired": OrderState.CANCELED,
            "rejected": OrderState.FAILED,
        }
        return states.get(row.get("status"), OrderState.PARTIALLY_FILLED if row.get("filled") else OrderState.OPEN)
