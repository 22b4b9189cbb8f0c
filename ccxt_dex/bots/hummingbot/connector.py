"""hummingbot's connector over one exchange object of ccxt's: reads come from what the loops brought, orders are sent in the background."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Iterable, Iterator
from decimal import Decimal
from typing import Any

from ccxt_dex.bots.hummingbot import pairs
from ccxt_dex.bots.hummingbot.account import Account
from ccxt_dex.bots.hummingbot.announcing import Announcer
from ccxt_dex.bots.hummingbot.budget import BudgetChecker
from ccxt_dex.bots.hummingbot.desk import Desk
from ccxt_dex.bots.hummingbot.fate import client_order_id
from ccxt_dex.bots.hummingbot.feeds import Feeds, Pace
from ccxt_dex.bots.hummingbot.orderbook import OrderBook
from ccxt_dex.bots.hummingbot.prices import Prices
from ccxt_dex.bots.hummingbot.rules import Rules, number
from ccxt_dex.bots.hummingbot.tracker import Tracked, Tracker, cancelling
from ccxt_dex.bots.hummingbot.values import AddedToCostTradeFee, FundingInfo, LimitOrder, Position, TradeFeeBase
from ccxt_dex.bots.hummingbot.words import (
    NAN,
    ZERO,
    NetworkStatus,
    OrderType,
    PositionAction,
    PositionMode,
    TradeType,
    split_hb_trading_pair,
)

__all__ = ["ConnectorBase"]

logger = logging.getLogger("ccxt_dex.hummingbot")
_PAPER = "_paper_trade"
_EVENTS = 5000


class ConnectorBase(Prices):
    """What scripts call a connector."""

    def __init__(
        self,
        name: str,
        exchange: Any,
        trading_pairs: Iterable[str],
        tell: Callable[[str, Any], None] | None = None,
        *,
        kinds: tuple[str, ...] | None = None,
        pace: Pace | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """
        :param exchange: an object of a class of ours, of ccxt.pro or of ccxt.async_support; closed by `stop_network`
        :param tell: called with the name of a strategy's method and an event
        :param kinds: "spot", "swap": which markets a pair may mean, in this order; default: as the name says
        """
        self.name, self.exchange, self.pace, self.clock = name, exchange, pace or Pace(), clock
        self.trading_pairs = sorted(trading_pairs)
        self.kinds = kinds or pairs.kinds_of(name)
        self.order_books = {pair: OrderBook(self) for pair in self.trading_pairs}
        self.budget_checker = BudgetChecker(self)
        self.event_logs: list[Any] = []
        self.rules: dict[str, Rules] = {}
        self.markets: dict[str, Any] = {}
        self.started = False
        self._tell = tell
        self._tasks: set[asyncio.Future[Any]] = set()
        self.tracker = Tracker()
        self.announcer = Announcer(self.tracker, self.rules, self.tell, clock)
        self.desk = Desk(exchange, self.announcer, self.rules, self.spawn, clock)
        self.account: Account | None = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    # --- life ----------------------------------------------------------------------------------------------------------------------------

    async def start_network(self) -> None:
        """Load the markets and begin to follow them.

        :raises PairError: the venue lacks one of the pairs
        """
        await self.exchange.load_markets()
        self.markets.update(pairs.markets_of(self.exchange, self.trading_pairs, self.kinds))
        for pair, market in self.markets.items():
            logger.info("%s: %s is %s", self.name, pair, market["symbol"])
            self.rules[pair] = Rules(market, self.exchange.precisionMode)
            self.order_books[pair].contract_size = float(self.rules[pair].contract_size)
            self.announcer.fee_rates[pair] = self.fee_rate(pair, False)
        self.account = Account(self.exchange, self.name, self.markets, self.rules, self.tell, self.spawn, self.pace)
        for loop in self._loops():
            self.spawn(loop)
        self.started = True

    def _loops(self) -> Iterator[Any]:
        assert self.account is not None
        feeds = Feeds(self.exchange, self.desk, self.announcer, self.rules, self.pace)
        for pair, market in self.markets.items():
            yield feeds.book(pair, market["symbol"], self.order_books[pair])
            yield feeds.trades(pair, market["symbol"], self.order_books[pair])
            yield feeds.last_price(pair, market["symbol"], self.order_books[pair])
        if self.account.perpetual and self.exchange.has.get("fetchFundingRate"):
            yield self.account.rates()
        if not self.trading:
            logger.warning("%s has no credentials: prices only", self.name)
            return
        for market in self.markets.values():
            if self.exchange.has.get("watchOrders"):
                yield feeds.orders(market["symbol"])
            if self.exchange.has.get("watchMyTrades"):
                yield feeds.fills(market["symbol"])
        yield feeds.reconciled()
        yield self.account.refreshed(self.desk.changed)
        if self.account.perpetual and self.exchange.has.get("fetchFundingHistory"):
            yield self.account.payments()

    @property
    def trading(self) -> bool:
        """Whether there are credentials."""
        return bool(self.exchange.check_required_credentials(False))

    async def stop_network(self, patience: float = 20.0) -> list[Tracked]:
        """Cancel every order of ours, stop following, close the exchange.

        :param patience: seconds for cancelling
        :returns: orders that may still live
        """
        left = await self.desk.cancel_all(patience)
        while self._tasks:
            for task in list(self._tasks):
                task.cancel()
            # again, should something have swallowed it
            await asyncio.wait(list(self._tasks), timeout=1.0)
        await self.exchange.close()
        return left

    def spawn(self, work: Coroutine[Any, Any, Any] | Any) -> None:
        """Run something in the background until the connector stops."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Future[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            logger.error("%s: a task ended", self.name, exc_info=task.exception())

    def tell(self, method: str, event: Any) -> None:
        """Note an event and pass it on."""
        self.event_logs.append(event)
        del self.event_logs[:-_EVENTS]
        if self._tell is not None:
            self._tell(method, event)

    # --- state ---------------------------------------------------------------------------------------------------------------------------

    @property
    def display_name(self) -> str:
        """Paper connectors show as "x_PaperTrade", from which scripts make their name again."""
        return self.name.removesuffix(_PAPER) + "_PaperTrade" if self.name.endswith(_PAPER) else self.name

    @property
    def status_dict(self) -> dict[str, bool]:
        """What must be there before a script may trade."""
        account, trading = self.account, self.started and self.trading
        perpetual = account is not None and account.perpetual
        return {
            "symbols_mapping_initialized": self.started,
            "order_books_initialized": self.started and all(book.live for book in self.order_books.values()),
            "account_balance": not trading or (account is not None and account.total is not None),
            "trading_rule_initialized": self.started,
            "account_positions": not (trading and perpetual and self._can("fetchPositions"))
            or (account is not None and account.positions_read),
            "funding_info": not (perpetual and self._can("fetchFundingRate"))
            or (account is not None and len(account.funding) == sum(1 for market in self.markets.values() if market.get("swap"))),
        }

    def _can(self, name: str) -> bool:
        return bool(self.exchange.has.get(name))

    @property
    def ready(self) -> bool:
        return all(self.status_dict.values())

    @property
    def network_status(self) -> NetworkStatus:
        failing = self.account is None or self.account.failing
        known = self.started and not failing and all(book.live for book in self.order_books.values())
        return NetworkStatus.CONNECTED if known else NetworkStatus.NOT_CONNECTED

    @property
    def current_timestamp(self) -> float:
        return self.clock()

    @property
    def in_flight_orders(self) -> dict[str, Tracked]:
        """Living orders by their id."""
        return dict(self.tracker.active)

    @property
    def limit_orders(self) -> list[LimitOrder]:
        return [order.limit_order() for order in self.tracker if order.type.is_limit_type()]

    @property
    def active_limit_orders(self) -> list[LimitOrder]:
        """Living limit orders that are not being cancelled."""
        return self.tracker.limit_orders(self.clock())

    def has_in_flight_cancel(self, order_id: str) -> bool:
        order = self.tracker.active.get(order_id)
        return order is not None and cancelling(order, self.clock())

    # --- account -------------------------------------------------------------------------------------------------------------------------

    def get_balance(self, currency: str) -> Decimal:
        return self.account.balance(currency) if self.account else ZERO

    def get_available_balance(self, currency: str) -> Decimal:
        return self.account.balance(currency, free=True) if self.account else ZERO

    def get_all_balances(self) -> dict[str, Decimal]:
        return dict((self.account and self.account.total) or {})

    @property
    def available_balances(self) -> dict[str, Decimal]:
        return dict(self.account.free) if self.account else {}

    @property
    def account_positions(self) -> dict[str, Position]:
        """Open positions by trading pair; in hedge mode by pair and side."""
        return self.account.positions if self.account else {}

    def get_funding_info(self, trading_pair: str) -> FundingInfo:
        """:raises KeyError: not known yet, or no perpetual"""
        return self._account.funding[trading_pair]

    def get_leverage(self, trading_pair: str) -> int:
        """What was set and confirmed; 1 before."""
        return self.account.leverage.get(trading_pair, 1) if self.account else 1

    def set_leverage(self, trading_pair: str, leverage: int = 1) -> None:
        self._account.set_leverage(trading_pair, int(leverage))

    @property
    def position_mode(self) -> PositionMode:
        return self.account.mode if self.account else PositionMode.ONEWAY

    def set_position_mode(self, mode: PositionMode) -> None:
        self._account.set_mode(mode, self._mode_changed)

    def _mode_changed(self, mode: PositionMode) -> None:
        self.desk.hedged = mode is PositionMode.HEDGE

    def supported_position_modes(self) -> list[PositionMode]:
        return [PositionMode.ONEWAY, PositionMode.HEDGE] if self._can("setPositionMode") else [PositionMode.ONEWAY]

    def supported_order_types(self) -> list[OrderType]:
        return [OrderType.LIMIT, OrderType.LIMIT_MAKER, OrderType.MARKET]

    def get_buy_collateral_token(self, trading_pair: str) -> str:
        return split_hb_trading_pair(trading_pair)[1]

    get_sell_collateral_token = get_buy_collateral_token

    @property
    def _account(self) -> Account:
        if self.account is None:
            raise RuntimeError(f"{self.name} is not connected yet")
        return self.account

    def is_contract(self, trading_pair: str) -> bool:
        return bool(self.markets.get(trading_pair, {}).get("contract"))

    def fee_rate(self, trading_pair: str, is_maker: bool) -> Decimal:
        """As a fraction of the cost."""
        return number(self.markets[trading_pair].get("maker" if is_maker else "taker"))

    def get_fee(
        self,
        base_currency: str,
        quote_currency: str,
        order_type: OrderType,
        order_side: TradeType,
        amount: Decimal,
        price: Decimal = NAN,
        is_maker: bool | None = None,
        position_action: PositionAction = PositionAction.OPEN,
    ) -> TradeFeeBase:
        """The fee of an order by the market's rates; a post-only order pays the maker's."""
        maker = order_type is OrderType.LIMIT_MAKER if is_maker is None else is_maker
        return AddedToCostTradeFee(self.fee_rate(f"{base_currency}-{quote_currency}", maker))

    # --- orders --------------------------------------------------------------------------------------------------------------------------

    def buy(self, trading_pair: str, amount: Decimal, order_type: OrderType = OrderType.LIMIT, price: Decimal = NAN, **options: Any) -> str:
        """Send a buy order; returns its id at once, what becomes of it is told as events."""
        return self._order(True, trading_pair, amount, order_type, price, options)

    def sell(
        self, trading_pair: str, amount: Decimal, order_type: OrderType = OrderType.LIMIT, price: Decimal = NAN, **options: Any
    ) -> str:
        """Send a sell order; returns its id at once, what becomes of it is told as events."""
        return self._order(False, trading_pair, amount, order_type, price, options)

    def _order(self, is_buy: bool, pair: str, amount: Decimal, kind: OrderType, price: Decimal, options: dict[str, Any]) -> str:
        rules = self.rules[pair]
        limit = kind.is_limit_type()
        reference = self.get_price(pair, is_buy)
        venue_id = client_order_id(self.exchange)
        order = Tracked(
            venue_id or client_order_id_of(self, is_buy),
            pair,
            str(self.markets[pair]["symbol"]),
            is_buy,
            kind,
            rules.quantize_amount(amount, price if limit else reference),
            rules.quantize_price(price) if limit else price,
            options.get("position_action") or PositionAction.NIL,
            self.clock(),
            *split_hb_trading_pair(pair),
            leverage=self.get_leverage(pair),
            venue_client_id=venue_id,
        )
        self.desk.place(order, reference)
        return order.order_id

    def cancel(self, trading_pair: str, client_order_id: str) -> str:
        """Cancel an order by its id; asking again within a minute does nothing."""
        self.desk.cancel(client_order_id)
        return client_order_id

    async def cancel_all(self, timeout_seconds: float = 20.0) -> list[str]:
        """Cancel every order of ours; the ids of those that may still live."""
        return [order.order_id for order in await self.desk.cancel_all(timeout_seconds)]


_numbers = iter(range(1, 1 << 62))


def client_order_id_of(connector: ConnectorBase, is_buy: bool) -> str:
    """An id of our own, where the venue has none for clients."""
    return f"x-{'B' if is_buy else 'S'}{int(connector.clock() * 1000)}{next(_numbers):04d}"
