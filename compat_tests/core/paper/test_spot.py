"""Spot markets of the engine: coins and money change hands, nobody sells what it does not have, nothing is lost on the way."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import pytest

from ccxt_dex.paper.types import Reject
from compat_tests.core.paper.conftest import BTC, STILL, Desk, d, market

SOL = "SOL-USD"


@pytest.fixture
def shop() -> Desk:
    """One spot market without a market maker, beside a perpetual; ann has coins."""
    return stocked(Desk(market(), spot()))


def spot() -> Any:
    return market(SOL, 100, spot=True, step=d("0.01"), min_qty=d("0.01"), maker_fee=d("0.0008"), taker_fee=d("0.001"))


def stocked(desk: Desk) -> Desk:
    desk.engine.credit("ann", "SOL", d(10))
    desk.events.clear()
    return desk


def test_a_purchase_brings_coins_less_the_fee_and_a_sale_money_less_the_fee(shop: Desk) -> None:
    shop.order("ann", "sell", 4, 100, at=SOL)
    bought = shop.order("bob", "buy", 4, 101, at=SOL)
    assert (bought.status, bought.cost, bought.fee) == ("filled", 400, d("0.004"))
    assert shop.engine.coins("bob") == {"SOL": (d("3.996"), 0)} and shop.engine.coins("ann") == {"SOL": (6, 0)}
    assert shop.engine.balances("bob").balance == 99_600 and shop.engine.balances("ann").balance == 100_000 + 400 - d("0.32")
    taker, maker = shop.engine.fills("bob")[0], shop.engine.fills("ann")[0]
    assert (taker.fee_coin, taker.taker) == ("SOL", True) and (maker.fee_coin, maker.fee, maker.taker) == (None, d("0.32"), False)
    assert shop.engine.snapshot("bob", SOL) is None and not shop.kinds("position")
    assert shop.engine.balances("bob").locked == shop.engine.balances("ann").locked == 0


def test_orders_hold_what_they_would_spend(shop: Desk) -> None:
    sale = shop.order("ann", "sell", 9, 110, at=SOL)
    assert shop.engine.coins("ann") == {"SOL": (10, 9)} and shop.engine.balances("ann").free == 100_000
    shop.refuse_order("insufficient_funds", "ann", "sell", "1.01", 120, at=SOL)
    shop.refused("insufficient_funds", shop.engine.credit, "ann", "SOL", d("-1.01"))
    with pytest.raises(ValueError, match="DOGE"):
        shop.engine.credit("ann", "DOGE", d(1))
    shop.engine.edit("ann", sale.id, qty=d(10))
    shop.refused("insufficient_funds", shop.engine.edit, "ann", sale.id, qty=d("10.01"))
    shop.engine.cancel("ann", sale.id)
    assert shop.engine.coins("ann") == {"SOL": (10, 0)}
    purchase = shop.order("bob", "buy", 900, 100, at=SOL)
    assert shop.engine.balances("bob").free == 10_000, "all of the price: there is no leverage"
    shop.refuse_order("insufficient_funds", "bob", "buy", 101, 100, at=SOL)
    shop.engine.edit("bob", purchase.id, qty=d(1000))
    assert shop.engine.balances("bob").free == 0
    shop.refuse_order("insufficient_funds", "bob", "buy", 1, 60_000, at=BTC)


def test_a_buyer_at_market_must_afford_every_level() -> None:
    desk = stocked(Desk(spot(), feed=STILL))
    asks = desk.engine.book(SOL)[1]
    first, both = asks[0][0] * asks[0][1], asks[0][0] * asks[0][1] + asks[1][0] * asks[1][1]
    desk.engine.open_account("poor", (first + both) / 2)
    desk.refuse_order("insufficient_funds", "poor", "buy", asks[0][1] + asks[1][1], at=SOL)
    desk.order("poor", "buy", asks[0][1], at=SOL)
    assert desk.engine.balances("poor").balance == (both - first) / 2
    desk.refuse_order("insufficient_funds", "poor", "sell", asks[0][1], at=SOL)  # the fee has gone from the coins


@pytest.mark.parametrize(
    "more",
    [{"reduce_only": True}, {"close_position": True, "trigger": 90}, {"take_profit": 120}, {"stop_loss": 80}],
    ids=lambda more: next(iter(more)),
)
def test_nothing_that_needs_a_position(shop: Desk, more: dict[str, Any]) -> None:
    shop.refuse_order("unsupported", "ann", "sell" if "close_position" in more else "buy", 1, 100, at=SOL, **more)


def test_a_stop_that_can_no_longer_be_paid_for_is_cancelled(shop: Desk) -> None:
    stop = shop.order("ann", "sell", 10, 95, trigger=96, at=SOL)
    shop.engine.credit("ann", "SOL", d(-5))
    shop.engine.set_price(SOL, d(95))
    assert (stop.status, stop.reason) == ("canceled", "insufficient_funds") and shop.engine.coins("ann") == {"SOL": (5, 0)}


def test_nothing_is_lost_in_a_thousand_random_steps() -> None:
    desk = stocked(Desk(market(), spot(), feed=STILL))
    rng, names = random.Random(5), ("ann", "bob", "cat")
    filled = 0
    for _ in range(1000):
        who, side = rng.choice(names), rng.choice(("buy", "sell"))
        at, price = rng.choice(((SOL, 100), (SOL, 100), (BTC, 60_000)))
        limit = None if rng.random() < 0.3 else (Decimal(price) * (1 + Decimal(rng.randint(-20, 20)) / 1000)).quantize(d("0.1"))
        try:
            if rng.random() < 0.2 and desk.engine.open_orders(who):
                desk.engine.cancel(who, rng.choice(desk.engine.open_orders(who)).id)
            elif rng.random() < 0.1:
                desk.engine.set_price(at, Decimal(price) + rng.randint(-3, 3))
            else:
                filled += bool(desk.order(who, side, Decimal(rng.randint(1, 400)) / 100, limit, at=at).filled)
        except Reject:
            pass
        world = desk.engine.world
        accounts = list(world.accounts.values())
        assert sum(account.coins.get("SOL", d(0)) for account in accounts) + world.coin_pot.get("SOL", d(0)) == 10
        assert desk.unaccounted() == 0
        for account in desk.engine.accounts():
            coins, locked = desk.engine.coins(account.name).get("SOL", (d(0), d(0)))
            assert coins >= locked >= 0
            assert account.balance == account.deposits + account.realized - account.fees + account.swapped
            assert account.locked == sum((order.locked for order in desk.engine.open_orders(account.name)), d(0)) >= 0
    assert filled > 100
