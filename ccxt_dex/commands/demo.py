"""`python -m ccxt_dex demo [VENUE]`: a trading day in half a minute, against a local venue. What is shown depends on `has`, never on a name."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from ccxt_dex import registry
from ccxt_dex.commands import Parser, venue
from ccxt_dex.commands.screen import Screen, choose

__all__ = ["main"]

Exchange = Any
COIN = "BTC"
TRIGGERS = ("triggerPrice", "takeProfitPrice", "stopLossPrice")
DEPTH = 5
# how many pictures of the book and of the position are shown, for how long at most (a slow machine shows fewer), and how long one may take
PICTURES = 12
SHOW_SECONDS = 2.5
PATIENCE = 15.0
# between two looks at something that has no stream: slow enough for any venue's rate limit and for a reader
PAUSE = 0.2


def shown(value: Any) -> str:
    """A number for people: no exponent, no arithmetic noise; a dash for nothing."""
    return "-" if value is None else f"{Decimal(f'{float(value):.10g}'):f}"


class Demo:
    """One account's story."""

    def __init__(self, exchange: Exchange, paper: Any, screen: Screen) -> None:
        self.ex, self.paper, self.screen = exchange, paper, screen
        self.symbol = ""
        self.start = 0.0

    async def run(self) -> None:
        for step in (self.sign_in, self.watch_book, self.rest, self.take, self.follow_position, self.protect, self.close, self.report):
            await step()

    # --- the steps ------------------------------------------------------------------------------------------------------------------

    async def sign_in(self) -> None:
        self.screen.step(f"{self.ex.name}: sign in and load the markets")
        await self.ex.load_markets()
        if self.can("signIn"):
            await self.ex.sign_in()
        self.symbol = next(symbol for symbol, market in self.ex.markets.items() if market["base"] == COIN and market["swap"])
        balance = await self.balance()
        self.start = balance["total"]
        self.screen.line(f"{len(self.ex.markets)} markets; trading {self.symbol}; {self.money(self.start)} in the account")

    async def watch_book(self) -> None:
        self.screen.step(f"Stream the order book of {self.symbol}")
        with self.screen.live() as live:
            for _ in self.pictures():
                book = await self.soon(self.ex.watch_order_book(self.symbol))
                asks = [("ask", *map(shown, level[:2])) for level in reversed(book["asks"][:DEPTH])]
                bids = [("bid", *map(shown, level[:2])) for level in book["bids"][:DEPTH]]
                live.show(f"{self.symbol} book", ("side", "price", "size"), [*asks, *bids])

    async def rest(self) -> None:
        offered = self.ex.features["swap"]["linear"]["createOrder"].get("timeInForce") or {}
        params = {"postOnly": True} if offered.get("PO") else {}
        what = "a post-only order" if params else "an order (this venue has no post-only)"
        self.screen.step(f"Rest {what} below the market, then change its price")
        bid = (await self.ex.fetch_order_book(self.symbol))["bids"][0][0]
        order = await self.ex.create_order(self.symbol, "limit", "buy", self.amount(bid), self.price(bid * 0.99), params)
        self.tell("placed", order)
        price = self.price(bid * 0.985)
        if self.can("editOrder"):
            edited = await self.ex.edit_order(order["id"], self.symbol, "limit", "buy", order["amount"], price, params)
            self.tell("edited, same id" if edited["id"] == order["id"] else "edited, under a new id", edited)
        else:
            await self.ex.cancel_order(order["id"], self.symbol)
            edited = await self.ex.create_order(self.symbol, "limit", "buy", order["amount"], price, params)
            self.tell("cancelled and placed anew", edited)

    async def take(self) -> None:
        self.screen.step("Take liquidity")
        ask = (await self.ex.fetch_order_book(self.symbol))["asks"][0][0]
        amount = self.amount(ask, money=0.2 * self.start)
        if self.can("createMarketOrder"):
            # some venues want a price: the worst one to take, or what their slippage counts from; the market moves on while we ask
            order = await self.ex.create_order(self.symbol, "market", "buy", amount, self.price(ask * 1.01))
        else:
            order = await self.ex.create_order(self.symbol, "limit", "buy", amount, self.price(ask * 1.01), {"timeInForce": "IOC"})
        self.tell("bought", await self.settled(order))

    async def follow_position(self) -> None:
        self.screen.step("Follow the position while the market moves")
        mark = (await self.ex.fetch_order_book(self.symbol))["asks"][0][0]
        # the venue's own name for the market, which need not be the one that its clients use
        market = next(name for name, each in self.paper.engine.markets.items() if each.base == COIN)
        with self.screen.live() as live:
            for index in self.pictures():
                await self.paper.market({"symbol": market, "price": str(self.price(mark * (1 + 0.0005 * index)))})
                position = await self.position()
                columns = ("side", "contracts", "entry", "mark", "PnL")
                numbers = (shown(position[name]) for name in ("contracts", "entryPrice", "markPrice"))
                live.show("position", columns, [(position["side"], *numbers, self.money(position["unrealizedPnl"]))])
                await asyncio.sleep(PAUSE)

    async def protect(self) -> None:
        self.screen.step("Take profit above, stop below")
        offers = self.ex.features["swap"]["linear"]["createOrder"]
        position = await self.position()
        entry, amount = position["entryPrice"], position["contracts"]
        profit, stop = self.price(entry * 1.05), self.price(entry * 0.95)
        if offers.get("stopLossPrice") and offers.get("takeProfitPrice"):
            for name, trigger in (("takeProfitPrice", profit), ("stopLossPrice", stop)):
                order = await self.ex.create_order(self.symbol, "market", "sell", amount, None, {name: trigger, "reduceOnly": True})
                self.tell(f"{name} {trigger}", order)
        elif offers.get("attachedStopLossTakeProfit"):
            # the venue has no stop of its own, it hangs both on the order that opens
            ask = (await self.ex.fetch_order_book(self.symbol))["asks"][0][0]
            attached = {"takeProfit": {"triggerPrice": profit}, "stopLoss": {"triggerPrice": stop}}
            order = await self.ex.create_order(self.symbol, "limit", "buy", self.amount(ask), self.price(ask * 1.01), attached)
            self.tell(f"bought more, with take profit {profit} and stop {stop} attached", await self.settled(order))
        else:
            self.screen.line("this venue has neither stops nor attached exits")
        await self.show_open_orders()

    async def close(self) -> None:
        self.screen.step("Cancel what is left and close the position")
        if self.can("cancelAllOrders"):
            await self.ex.cancel_all_orders(self.symbol)
        for order in await self.ex.fetch_open_orders(self.symbol):
            await self.ex.cancel_order(order["id"], self.symbol)
        if self.can("closePosition"):
            order = await self.ex.close_position(self.symbol)
        else:
            position = await self.position()
            order = await self.ex.create_order(self.symbol, "market", "sell", position["contracts"], None, {"reduceOnly": True})
        self.tell("sold", await self.settled(order))
        await self.until(lambda: self.ex.fetch_positions([self.symbol]), lambda positions: not any(each["contracts"] for each in positions))
        await self.until(lambda: self.ex.fetch_open_orders(self.symbol), lambda orders: not orders)
        self.screen.line("no position, no open order")

    async def report(self) -> None:
        self.screen.step("The day's fills")
        trades = await self.ex.fetch_my_trades(self.symbol)
        columns = ("time", "side", "amount", "price", "fee", "")
        fee = [each.get("fee") or {} for each in trades]
        rows = [
            (
                each["datetime"][11:19],
                each["side"],
                *map(shown, (each["amount"], each["price"], paid.get("cost"))),
                each["takerOrMaker"] or "",
            )
            for each, paid in zip(trades, fee, strict=True)
        ]
        self.screen.table(f"{len(rows)} fills", columns, rows)
        total = (await self.balance())["total"]
        fees = sum(Decimal(str(paid.get("cost") or 0)) for paid in fee)
        self.screen.line(f"balance {self.money(total)}, {total - self.start:+.2f} since the start, after {fees:.2f} in fees")

    # --- tools ------------------------------------------------------------------------------------------------------------------------

    def pictures(self) -> Iterator[int]:
        """Numbers from 1, until enough was shown."""
        began = time.monotonic()
        for index in range(1, PICTURES + 1):
            if index > 2 and time.monotonic() - began > SHOW_SECONDS:
                return
            yield index

    def can(self, method: str) -> bool:
        return bool(self.ex.has.get(method))

    def price(self, value: float) -> float:
        return float(self.ex.price_to_precision(self.symbol, value))

    def amount(self, price: float, money: float = 0.0) -> float:
        """The market's smallest order or what `money` buys, whichever is more; twice the minimum, so that rounding cannot fall below it."""
        limits = self.ex.market(self.symbol)["limits"]
        least = max(limits["amount"]["min"] or 0.0, (limits["cost"]["min"] or 0.0) / price) * 2
        return float(self.ex.amount_to_precision(self.symbol, max(least, money / price)))

    def money(self, value: float | None) -> str:
        return f"{value or 0:,.2f} {self.ex.market(self.symbol)['settle']}"

    def tell(self, what: str, order: dict[str, Any]) -> None:
        average = f", filled {shown(order['filled'])} at {shown(order['average'])}" if order.get("filled") else ""
        price = shown(order["price"]) if order.get("price") else "the market"
        self.screen.line(f"{what}: {order['side']} {shown(order['amount'])} at {price}, {order['status']}{average} (id {order['id']})")

    async def show_open_orders(self) -> None:
        orders = await self.ex.fetch_open_orders(self.symbol)
        triggers = [next((each[name] for name in TRIGGERS if each.get(name)), None) for each in orders]
        rows = [
            (each["side"], each["type"], *map(shown, (each["amount"], each["price"], trigger)))
            for each, trigger in zip(orders, triggers, strict=True)
        ]
        self.screen.table("open orders", ("side", "type", "amount", "price", "trigger"), rows)

    async def balance(self) -> dict[str, Any]:
        settle = self.ex.market(self.symbol)["settle"]
        found: dict[str, Any] = (await self.ex.fetch_balance())[settle]
        return found

    async def position(self) -> dict[str, Any]:
        found = await self.until(
            lambda: self.ex.fetch_positions([self.symbol]), lambda positions: any(each["contracts"] for each in positions)
        )
        return next(dict(each) for each in found if each["contracts"])

    async def settled(self, order: dict[str, Any]) -> dict[str, Any]:
        """The order once the venue has matched it: some answer before they do."""
        if order.get("status") == "closed" and order.get("average"):
            return order
        found: dict[str, Any] = await self.until(
            lambda: self.ex.fetch_order(order["id"], self.symbol), lambda each: each["status"] == "closed"
        )
        return found

    async def until(self, ask: Any, good: Any) -> Any:
        deadline = time.monotonic() + PATIENCE
        while True:
            answer = await ask()
            if good(answer):
                return answer
            if time.monotonic() > deadline:
                raise RuntimeError(f"the venue still says {str(answer)[-300:]}")
            await asyncio.sleep(PAUSE)

    async def soon(self, update: Any) -> Any:
        return await asyncio.wait_for(update, PATIENCE)


async def _demo(exchange_id: str, screen: Screen) -> float:
    from ccxt_dex import paper

    began = time.monotonic()
    async with paper.start(exchange_id) as running:
        # the throwaway session of a throwaway account is nobody's to keep
        config = running.config()
        exchange = registry.create(exchange_id, {**config, "options": {**config.get("options", {}), "tokenStore": False}})
        try:
            await Demo(exchange, running, screen).run()
        finally:
            await exchange.close()
    return time.monotonic() - began


def main(argv: Sequence[str]) -> int:
    """Run the demo; 0 when the whole story went well."""
    parser = Parser(prog="python -m ccxt_dex demo", description="A trading day against a local paper venue: no account, no network.")
    parser.add_argument("venue", type=venue, nargs="?", default=registry.DEMO, metavar="VENUE", help=f"default: {registry.DEMO}")
    parser.add_argument("--plain", action="store_true", help="lines for a log instead of a drawing")
    options = parser.parse_args(argv)
    screen = choose(options.plain)
    try:
        seconds = asyncio.run(_demo(options.venue, screen))
    except BrokenPipeError:
        raise  # whoever read has seen enough
    except Exception as error:
        sys.stderr.write(f"python -m ccxt_dex demo: {type(error).__name__}: {' '.join(str(error).split())}\n")
        return 1
    screen.step(f"Done in {seconds:.1f} s")
    return 0
