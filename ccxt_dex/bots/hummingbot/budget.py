"""Makes candidates fit the account: on a perpetual both sides are backed by the collateral, divided by the leverage."""

from __future__ import annotations

from copy import copy
from decimal import Decimal
from typing import Any

from ccxt_dex.bots.hummingbot.values import OrderCandidate, TokenAmount
from ccxt_dex.bots.hummingbot.words import ZERO, TradeType, split_hb_trading_pair

__all__ = ["BudgetChecker"]


class BudgetChecker:
    """hummingbot's budget checker; spot candidates on a perpetual count as perpetual ones at the leverage that is set."""

    def __init__(self, connector: Any) -> None:
        self._connector = connector
        self._locked: dict[str, Decimal] = {}

    def reset_locked_collateral(self) -> None:
        self._locked.clear()

    def adjust_candidates(self, order_candidates: list[OrderCandidate], all_or_none: bool = True) -> list[OrderCandidate]:
        """Fit several into the account together: what the first ties up the next cannot use."""
        self.reset_locked_collateral()
        adjusted = [self.adjust_candidate_and_lock_available_collateral(each, all_or_none) for each in order_candidates]
        self.reset_locked_collateral()
        return adjusted

    def adjust_candidate_and_lock_available_collateral(self, order_candidate: OrderCandidate, all_or_none: bool = True) -> OrderCandidate:
        adjusted = self.adjust_candidate(order_candidate, all_or_none)
        for token, amount in adjusted.collateral_dict.items():
            self._locked[token] = self._locked.get(token, ZERO) + amount
        return adjusted

    def adjust_candidate(self, order_candidate: OrderCandidate, all_or_none: bool = True) -> OrderCandidate:
        """A copy with its collateral, and with an amount that the account can carry.

        :param all_or_none: 0 instead of a smaller amount
        """
        candidate = self.populate_collateral_entries(order_candidate)
        scale = Decimal(1)
        for token, needed in candidate.collateral_dict.items():
            available = self._available(token, candidate.from_total_balances)
            if needed.is_finite() and needed > available:
                scale = min(scale, max(available, ZERO) / needed)
        if scale < 1:
            amount = ZERO if all_or_none else candidate.amount * scale
            candidate.amount = self._connector.quantize_order_amount(candidate.trading_pair, amount)
            candidate.resized = True
            self._fill_in(candidate)
        return candidate

    def populate_collateral_entries(self, order_candidate: OrderCandidate) -> OrderCandidate:
        """A copy that says what it ties up and what it costs in fees."""
        candidate = copy(order_candidate)
        self._fill_in(candidate)
        return candidate

    def _available(self, token: str, total: bool) -> Decimal:
        held: Decimal = self._connector.get_balance(token) if total else self._connector.get_available_balance(token)
        return held - self._locked.get(token, ZERO)

    def _fill_in(self, candidate: OrderCandidate) -> None:
        base, quote = split_hb_trading_pair(candidate.trading_pair)
        price = candidate.price
        if not price.is_finite():
            price = self._connector.get_price(candidate.trading_pair, candidate.order_side is TradeType.BUY)
        cost, closing = candidate.amount * price, bool(getattr(candidate, "position_close", False))
        fee = cost * self._connector.fee_rate(candidate.trading_pair, candidate.is_maker)
        buying = candidate.order_side is TradeType.BUY
        candidate.percent_fee_value = TokenAmount(quote, fee)
        candidate.fixed_fee_collaterals = []
        if self._connector.is_contract(candidate.trading_pair):
            set_to = self._connector.get_leverage(candidate.trading_pair)
            leverage = max(Decimal(str(getattr(candidate, "leverage", set_to))), Decimal(1))
            candidate.order_collateral = None if closing else TokenAmount(quote, cost / leverage)
            candidate.percent_fee_collateral = None if closing else TokenAmount(quote, fee)
            candidate.potential_returns = TokenAmount(quote, cost - fee) if closing else None
            return
        candidate.order_collateral = TokenAmount(quote, cost) if buying else TokenAmount(base, candidate.amount)
        candidate.percent_fee_collateral = TokenAmount(quote, fee) if buying else None
        candidate.potential_returns = TokenAmount(base, candidate.amount) if buying else TokenAmount(quote, cost - fee)
