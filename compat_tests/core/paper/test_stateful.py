"""Whatever traders do in whatever order, the books balance."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from ccxt_dex.paper.engine import Engine
from ccxt_dex.paper.rules import FeedRules, Rules
from ccxt_dex.paper.types import Fill, Market, NewOrder, Order, Reject

D = Decimal
BTC, NAMES = "BTC-USD", ("ann", "bob", "cat")
WHO = st.sampled_from(NAMES)
SIDE = st.sampled_from(["buy", "sell"])
QTY = st.integers(1, 40).map(lambda count: D(count) / 10)
PRICE = st.integers(-12, 12).map(lambda away: D(1000 + away))


class Floor:
    """Three traders, what they can do, and what must hold whatever they do."""

    def open(self, depth: int, self_trade: Any, excess: Any, leverage: int, seed: int) -> None:
        self.time = 1_700_000_000_000
        feed = FeedRules(depth=depth, level_value=D(2000), spacing=D(1), volatility=D("0.001"))
        market = Market(BTC, "BTC", "USD", "USD", D("0.5"), D("0.1"), D("0.1"), D(1000), max_leverage=leverage, default_leverage=leverage)
        rules = Rules(feed=feed, self_trade=self_trade, reduce_only_excess=excess)
        self.engine = Engine([market], now=lambda: self.time, seed=seed, rules=rules)
        for name in ("ann", "bob", "cat"):
            self.engine.open_account(name, D(1000))
        self.engine.set_margin_mode("cat", BTC, "isolated")
        self.held = dict.fromkeys(("ann", "bob", "cat"), D(0))
        self.engine.listen(self.hear)

    def hear(self, event: Any) -> None:
        if event.kind == "fill":
            self.check_fill(event.data)

    def check_fill(self, fill: Fill) -> None:
        before = self.held[fill.account]
        after = before + (fill.qty if fill.side == "buy" else -fill.qty)
        self.held[fill.account] = after
        order = self.engine.find(fill.account, order_id=fill.order_id)
        assert order is not None
        if order.request.reduce_only or order.request.close_position:
            assert abs(after) < abs(before) and after * before >= 0, (order, before, after)
        if order.request.type == "limit" and order.price is not None:
            assert fill.price <= order.price if fill.side == "buy" else fill.price >= order.price
        if not fill.taker:
            older = [
                other
                for account in self.engine.accounts()
                for other in self.engine.open_orders(account.name)
                if other.status == "open"
                and other.price == fill.price
                and other.request.side == fill.side
                and other.priority < order.priority
            ]
            assert not older, "an older order of the same level was passed over"

    def attempt(self, call: Any, *args: Any, **more: Any) -> Any:
        try:
            return call(*args, **more)
        except Reject:
            return None

    def submit(self, who: str, side: Any, qty: D, price: D | None, tif: Any, reduce_only: bool, exits: bool, lasting: int | None) -> None:
        around = self.engine.mark(BTC) if price is None else price
        away = 5 if side == "buy" else -5
        profit, loss = (around + away, around - away) if exits and not reduce_only else (None, None)
        kind: Any = "market" if price is None else "limit"
        expires = None if lasting is None else self.time + lasting
        new = NewOrder(BTC, side, kind, qty, price, tif, reduce_only, take_profit=profit, stop_loss=loss, expires_ms=expires)
        self.attempt(self.engine.submit, who, new)

    def stop(self, who: str, side: Any, qty: D, trigger: D, limit: D | None, reduce_only: bool, by: Any) -> None:
        kind: Any = "market" if limit is None else "limit"
        new = NewOrder(BTC, side, kind, qty, limit, reduce_only=reduce_only, trigger=trigger, trigger_by=by)
        self.attempt(self.engine.submit, who, new)

    def protect(self, who: str, profit: D | None, loss: D | None) -> None:
        self.attempt(self.engine.set_position_tpsl, who, BTC, profit, loss)

    def edit(self, who: str, pick: int, qty: D | None, price: D | None, keep: bool) -> None:
        orders = self.engine.open_orders(who)
        if orders:
            self.attempt(self.engine.edit, who, orders[pick % len(orders)].id, qty=qty, price=price, keep_id=keep)

    def cancel(self, who: str, pick: int) -> None:
        orders = self.engine.open_orders(who)
        if orders:
            self.engine.cancel(who, orders[pick % len(orders)].id)

    def move(self, price: D) -> None:
        self.engine.set_price(BTC, price)

    def wait(self, ms: int, rate: D | None) -> None:
        self.engine.set_funding_rate(BTC, rate)
        self.time += ms
        self.engine.tick()

    def transfer(self, who: str, amount: D) -> None:
        self.attempt(self.engine.transfer, who, amount)

    def margin(self, who: str, amount: D) -> None:
        self.attempt(self.engine.add_margin, who, BTC, amount)

    def leverage(self, who: str, leverage: int) -> None:
        self.attempt(self.engine.set_leverage, who, BTC, leverage)

    def money_is_conserved(self) -> None:
        accounts = list(self.engine.world.accounts.values())
        cost = sum((position.cost for account in accounts for position in account.positions.values()), D(0))
        assert sum((account.balance - account.deposits for account in accounts), D(0)) + self.engine.world.fee_pot == cost
        assert sum((account.qty(BTC) for account in accounts), D(0)) == 0
        for account in accounts:
            parts = account.deposits + account.realized - account.fees + account.funding + account.compensation
            assert account.balance == parts

    def accounts_agree_with_their_fills(self) -> None:
        for account in self.engine.accounts():
            assert account.fees == sum((fill.fee for fill in account.fills), D(0))
            assert account.realized == sum((fill.pnl for fill in account.fills), D(0))
            assert account.funding == sum((payment.amount for payment in account.fundings), D(0))
            assert account.qty(BTC) == self.held[account.name]
            assert account.locked == sum((order.locked for order in account.orders.values()), D(0)) >= 0
            pairs: dict[int, list[Order]] = {}
            for order in account.orders.values():
                if order.oco is not None and (order.triggered or order.filled):
                    pairs.setdefault(order.oco, []).append(order)
                fills = [fill for fill in account.fills if fill.order_id == order.id]
                assert order.filled == sum((fill.qty for fill in fills), D(0)) <= order.qty
                assert (order.status == "filled") == (order.filled == order.qty)
                assert order.cost == sum((fill.qty * fill.price for fill in fills), D(0))
                assert (order.status in ("open", "untriggered")) == (order.id in account.open.get(BTC, {}))
            assert all(len(fired) == 1 for fired in pairs.values())
            self.locks_are_right(account)

    def locks_are_right(self, account: Any) -> None:
        """Recounted from nothing: an order locks for what it would open after older ones have closed the position."""
        held = account.qty(BTC)
        closing = {"sell": max(held, D(0)), "buy": max(-held, D(0))}
        for order in sorted(account.open.get(BTC, {}).values(), key=lambda resting: resting.priority):
            if order.status == "open":
                closes = min(order.remaining, closing[order.request.side])
                closing[order.request.side] -= closes
                opening = D(0) if order.request.reduce_only else order.remaining - closes
                needed = opening * order.price / self.engine.leverage(account.name, BTC)
                assert abs(order.locked - D("1.05") * (needed + order.remaining * order.price * D("0.0004"))) < D("1e-9")

    def reduce_only_orders_fit_the_position(self) -> None:
        for account in self.engine.accounts():
            held = account.qty(BTC)
            resting = [order for order in account.open.get(BTC, {}).values() if order.request.reduce_only or order.request.close_position]
            assert all((order.request.side == "sell") == (held > 0) and held for order in resting)
            assert all(order.remaining <= abs(held) for order in resting)
            assert sum((order.remaining for order in resting if order.status == "open"), D(0)) <= abs(held)

    def the_book_is_not_crossed_and_in_order(self) -> None:
        bids, asks = self.engine.book(BTC)
        assert all(qty > 0 for _, qty in bids + asks)
        assert bids == sorted(bids, reverse=True) and asks == sorted(asks)
        if bids and asks:
            assert bids[0][0] < asks[0][0]
        for side in self.engine.world.states[BTC].book.sides.values():
            assert sorted(side.levels) == side.prices
            for level in side.levels.values():
                ages = [order.priority for order in level.values()]
                assert ages == sorted(ages)


class Traders(Floor, RuleBasedStateMachine):
    open = initialize(
        depth=st.sampled_from([0, 6]),
        self_trade=st.sampled_from(["cancel_taker", "cancel_maker"]),
        excess=st.sampled_from(["reject", "shrink"]),
        leverage=st.sampled_from([5, 50]),
        seed=st.integers(0, 99),
    )(Floor.open)
    submit = rule(
        who=WHO,
        side=SIDE,
        qty=QTY,
        price=st.none() | PRICE,
        tif=st.sampled_from(["gtc", "gtc", "ioc", "fok", "alo"]),
        reduce_only=st.booleans(),
        exits=st.booleans(),
        lasting=st.none() | st.integers(1, 5000),
    )(Floor.submit)
    stop = rule(
        who=WHO, side=SIDE, qty=QTY, trigger=PRICE, limit=st.none() | PRICE, reduce_only=st.booleans(), by=st.sampled_from(["mark", "last"])
    )(Floor.stop)
    protect = rule(who=WHO, profit=st.none() | PRICE, loss=st.none() | PRICE)(Floor.protect)
    edit = rule(who=WHO, pick=st.integers(0, 9), qty=st.none() | QTY, price=st.none() | PRICE, keep=st.booleans())(Floor.edit)
    cancel = rule(who=WHO, pick=st.integers(0, 9))(Floor.cancel)
    move = rule(price=st.integers(-60, 60).map(lambda away: D(1000 + away)))(Floor.move)
    wait = rule(ms=st.sampled_from([100, 1000, 3_600_000]), rate=st.sampled_from([None, D("0.01"), D("-0.01")]))(Floor.wait)
    transfer = rule(who=WHO, amount=st.integers(-300, 300).map(D))(Floor.transfer)
    margin = rule(who=WHO, amount=st.integers(-50, 50).map(D))(Floor.margin)
    leverage = rule(who=WHO, leverage=st.integers(1, 50))(Floor.leverage)
    money_is_conserved = invariant()(Floor.money_is_conserved)
    accounts_agree_with_their_fills = invariant()(Floor.accounts_agree_with_their_fills)
    reduce_only_orders_fit_the_position = invariant()(Floor.reduce_only_orders_fit_the_position)
    the_book_is_not_crossed_and_in_order = invariant()(Floor.the_book_is_not_crossed_and_in_order)


TestTraders = Traders.TestCase
TestTraders.settings = settings(max_examples=25, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("seed", range(6))
def test_a_long_day_of_trading(seed: int) -> None:
    """Thousands of likely actions, where the search above tries short unlikely ones."""
    rng, floor = random.Random(seed), Floor()
    floor.open(6 * (seed % 2), rng.choice(["cancel_taker", "cancel_maker"]), rng.choice(["reject", "shrink"]), 5 if seed < 3 else 50, seed)
    for name in NAMES:
        floor.engine.transfer(name, D(10_000))
    for step in range(1500):
        _act(floor, rng)
        floor.money_is_conserved()
        floor.reduce_only_orders_fit_the_position()
        floor.the_book_is_not_crossed_and_in_order()
        if step % 100 == 99:
            floor.accounts_agree_with_their_fills()
    assert all(len(floor.engine.fills(name)) > 50 for name in NAMES)


def _act(floor: Floor, rng: random.Random) -> None:
    who, side, qty = rng.choice(NAMES), rng.choice(["buy", "sell"]), D(rng.randint(1, 30)) / 10
    price = D(round(floor.engine.mark(BTC)) + rng.randint(-3, 3))
    chance = rng.random()
    if chance < 0.5:
        tif = rng.choice(["gtc", "gtc", "gtc", "ioc", "fok", "alo"])
        floor.submit(
            who, side, qty, rng.choice([price, price, None]), tif, rng.random() < 0.3, rng.random() < 0.3, rng.choice([None, 3000])
        )
    elif chance < 0.6:
        floor.stop(who, side, qty, price, rng.choice([None, price]), rng.random() < 0.6, rng.choice(["mark", "last"]))
    elif chance < 0.65:
        held = floor.engine.account(who).qty(BTC)
        floor.protect(who, price + (3 if held > 0 else -3), price - (3 if held > 0 else -3))
    elif chance < 0.75:
        floor.edit(who, rng.randrange(9), rng.choice([None, qty]), rng.choice([None, price]), rng.random() < 0.7)
    elif chance < 0.82:
        floor.cancel(who, rng.randrange(9))
    elif chance < 0.84:
        floor.move(D(1000 + rng.randint(-20, 20)))
    elif chance < 0.86:
        floor.margin(who, D(rng.randint(-50, 50)))
    elif chance < 0.88:
        floor.leverage(who, rng.randint(1, 50))
    else:
        floor.wait(rng.choice([100, 100, 1000]), None)
