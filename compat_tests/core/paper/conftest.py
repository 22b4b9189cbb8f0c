"""A desk to trade at: an engine whose clock and market stand still until a test moves them."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from ccxt_dex.paper.engine import Engine
from ccxt_dex.paper.rules import FeedRules, Rules
from ccxt_dex.paper.types import Event, Market, NewOrder, Order, Reject

BTC, ETH = "BTC-USD", "ETH-USD"
EMPTY = FeedRules(depth=0, volatility=Decimal(0), basis=Decimal(0), trades_per_second=Decimal(0), history_trades=0)
STILL = FeedRules(depth=20, volatility=Decimal(0), basis=Decimal(0), trades_per_second=Decimal(0), spacing=Decimal(10))
START = 1_700_000_000_000
NEXT_HOUR = 1_700_002_800_000


def d(value: Any) -> Decimal:
    return Decimal(str(value))


def market(name: str = BTC, price: Any = 60_000, **changes: Any) -> Market:
    base, quote = name.split("-")
    usual: dict[str, Any] = {"tick": d("0.1"), "step": d("0.001"), "min_qty": d("0.001"), "price": d(price), "max_leverage": 40}
    return Market(name, base, quote, "DUSD", **{**usual, **changes})


class Desk:
    def __init__(self, *markets: Market, **rules: Any) -> None:
        rules.setdefault("feed", EMPTY)
        self.time = START
        self.engine = Engine(markets or (market(), market(ETH, 2000)), now=lambda: self.time, rules=Rules(**rules))
        self.events: list[Event] = []
        self.engine.listen(self.events.append)
        for name in ("ann", "bob", "cat"):
            self.engine.open_account(name, d(100_000))
        self.events.clear()

    def order(self, who: str, side: str, qty: Any, price: Any = None, *, at: str = BTC, **more: Any) -> Order:
        for key in ("trigger", "take_profit", "stop_loss", "max_price", "take_profit_limit"):
            if key in more:
                more[key] = d(more[key])
        kind = "market" if price is None else "limit"
        return self.engine.submit(who, NewOrder(at, side, kind, d(qty), None if price is None else d(price), **more))  # type: ignore[arg-type]

    def refused(self, code: str, action: Callable[..., Any], *args: Any, **more: Any) -> Reject:
        with pytest.raises(Reject) as caught:
            action(*args, **more)
        assert caught.value.code == code, caught.value
        return caught.value

    def refuse_order(self, code: str, *args: Any, **more: Any) -> Reject:
        return self.refused(code, self.order, *args, **more)

    def position(self, who: str, qty: Any, price: Any = 60_000, *, at: str = BTC) -> None:
        """Gives an account a position against cat."""
        size, side = abs(d(qty)), "buy" if d(qty) > 0 else "sell"
        self.order("cat", "sell" if side == "buy" else "buy", size, price, at=at)
        taken = self.order(who, side, size, price, at=at)
        assert taken.status == "filled"
        self.events.clear()

    def qty(self, who: str, at: str = BTC) -> Decimal:
        return self.engine.account(who).qty(at)

    def kinds(self, *kinds: str) -> list[Event]:
        return [event for event in self.events if not kinds or event.kind in kinds]

    def tick(self, ms: int = 1000) -> None:
        self.time += ms
        self.engine.tick()

    def unaccounted(self) -> Decimal:
        """What all wallets and the fee pot hold beyond what was paid in: the open positions' entry values, and nothing else."""
        accounts = self.engine.world.accounts.values()
        held = sum((account.balance - account.deposits for account in accounts), d(0)) + self.engine.world.fee_pot
        return held - sum((position.cost for account in accounts for position in account.positions.values()), d(0))

    def net(self, at: str = BTC) -> Decimal:
        return sum((account.qty(at) for account in self.engine.world.accounts.values()), d(0))


@pytest.fixture
def desk() -> Desk:
    """Books with nobody in them."""
    return Desk()


@pytest.fixture
def make_desk() -> type[Desk]:
    return Desk


@pytest.fixture
def still() -> Desk:
    """A market maker with 20 levels every 10 on both sides of 60000 and nothing that moves."""
    return Desk(market(), feed=STILL)


@pytest.fixture
def make_market() -> Callable[..., Market]:
    return market
