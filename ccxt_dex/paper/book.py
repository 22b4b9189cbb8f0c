"""One market's order book: users' orders in price-time order, merged with the market maker's quotes that exist only when looked at."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator, Sequence
from decimal import Decimal

from .types import ZERO, Order, Side

Level = tuple[Decimal, Decimal]
OPPOSITE: dict[Side, Side] = {"buy": "sell", "sell": "buy"}


class Quotes:
    """One side of the market maker: levels best first, eaten from the front; all of them have the priority of the moment they were set."""

    __slots__ = ("head", "left", "levels", "priority")

    def __init__(self, levels: Sequence[Level] = (), priority: int = 0) -> None:
        self.levels = levels
        self.priority = priority
        self.head = 0
        self.left: Decimal | None = None
        """what remains of the first level; None: all of it"""

    def peek(self) -> Level | None:
        if self.head >= len(self.levels):
            return None
        level = self.levels[self.head]
        return level if self.left is None else (level[0], self.left)

    def take(self, qty: Decimal) -> None:
        """Removes qty, at most what peek() offers, from the best level."""
        level = self.peek()
        assert level is not None and qty <= level[1]
        self.left = level[1] - qty
        if not self.left:
            self.head += 1
            self.left = None

    def __iter__(self) -> Iterator[Level]:
        first = self.peek()
        if first is not None:
            yield first
            for at in range(self.head + 1, len(self.levels)):
                yield self.levels[at]


class BookSide:
    """Users' orders of one side and the quotes beside them."""

    def __init__(self, side: Side) -> None:
        self.side = side
        self.prices: list[Decimal] = []
        self.levels: dict[Decimal, dict[int, Order]] = {}
        self.quotes = Quotes()

    def add(self, order: Order) -> None:
        assert order.price is not None
        level = self.levels.get(order.price)
        if level is None:
            level = self.levels[order.price] = {}
            insort(self.prices, order.price)
        level[order.id] = order

    def remove(self, order: Order) -> None:
        assert order.price is not None
        level = self.levels[order.price]
        del level[order.id]
        if not level:
            del self.levels[order.price]
            del self.prices[bisect_left(self.prices, order.price)]

    def reaches(self, price: Decimal, limit: Decimal | None) -> bool:
        """Whether a taker with this limit trades against this side at price."""
        return limit is None or (price >= limit if self.side == "buy" else price <= limit)

    def before(self, price: Decimal, other: Decimal) -> bool:
        return price > other if self.side == "buy" else price < other

    def first(self) -> Order | None:
        """The users' order that is next in turn."""
        if not self.prices:
            return None
        price = self.prices[-1] if self.side == "buy" else self.prices[0]
        return next(iter(self.levels[price].values()))

    def next(self) -> tuple[Decimal, Decimal, Order | None] | None:
        """Price, quantity and order (None: a quote) that a taker meets first."""
        order, quote = self.first(), self.quotes.peek()
        if order is not None and (quote is None or not self._quote_first(quote[0], order)):
            assert order.price is not None
            return order.price, order.remaining, order
        return None if quote is None else (quote[0], quote[1], None)

    def walk(self) -> Iterator[tuple[Decimal, Decimal, Order | None]]:
        """Everything on this side in the order in which takers would meet it; the book must not change meanwhile."""
        quotes = iter(self.quotes)
        quote = next(quotes, None)
        prices = reversed(self.prices) if self.side == "buy" else iter(self.prices)
        for price in prices:
            for order in self.levels[price].values():
                while quote is not None and self._quote_first(quote[0], order):
                    yield quote[0], quote[1], None
                    quote = next(quotes, None)
                yield price, order.remaining, order
        while quote is not None:
            yield quote[0], quote[1], None
            quote = next(quotes, None)

    def best(self) -> Level | None:
        """Best price with all that rests there."""
        levels = self.depth(1)
        return levels[0] if levels else None

    def depth(self, limit: int | None) -> list[Level]:
        """Aggregated levels, best first."""
        if not self.prices:
            quotes = list(self.quotes) if limit is None else [level for level, _ in zip(self.quotes, range(limit), strict=False)]
            return quotes
        out: list[Level] = []
        for price, qty, _ in self.walk():
            if out and out[-1][0] == price:
                out[-1] = (price, out[-1][1] + qty)
            elif limit is not None and len(out) >= limit:
                break
            else:
                out.append((price, qty))
        return out

    def available(self, limit: Decimal | None, wanted: Decimal, own: str | None) -> Decimal:
        """How much of wanted a taker could get at limit or better; own: stop at an order of that account."""
        got = ZERO
        for price, qty, order in self.walk():
            if got >= wanted or not self.reaches(price, limit) or (order is not None and order.account == own):
                break
            got += qty
        return min(got, wanted)

    def _quote_first(self, price: Decimal, order: Order) -> bool:
        assert order.price is not None
        return self.before(price, order.price) or (price == order.price and self.quotes.priority < order.priority)


class Book:
    def __init__(self) -> None:
        self.sides: dict[Side, BookSide] = {"buy": BookSide("buy"), "sell": BookSide("sell")}

    def against(self, side: Side) -> BookSide:
        """The side that a taker of this side trades with."""
        return self.sides[OPPOSITE[side]]
