"""Scripts in hummingbot's style against paper venues: what the script was told and what the venue saw."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ccxt_dex import registry
from ccxt_dex._ccxt import errors
from compat_tests.bots.hummingbot_tools import EXAMPLES, ROOT, fast_pace, running, stand_in

# the quick run takes one of our own venues and one that corrects ccxt's class
QUICK = ("standx", "hyperliquid")
EVERY = [pytest.param(each, marks=() if each in QUICK else pytest.mark.campaign) for each in registry.IDS]
NAME = "standx_paper_trade"
PAIR = "BTC-USDT"


@pytest.fixture(autouse=True)
def _modules() -> Any:
    with stand_in():
        yield


def told(runner: Any, name: str = NAME) -> list[Any]:
    return list(runner.connectors[name].event_logs)


def names(events: list[Any]) -> Counter[str]:
    return Counter(type(event).__name__ for event in events)


async def ready(runner: Any, until: Any) -> None:
    def tick() -> bool:
        runner.tick()
        return bool(runner.strategy.ready_to_trade)

    await until(tick, what="connectors are ready")


def orders(venue: Any) -> list[Any]:
    return list(venue.engine.account(venue.account()).orders.values())


def held(venue: Any) -> Decimal:
    return sum((each.qty for each in venue.engine.account(venue.account()).positions.values()), Decimal(0))


@pytest.mark.parametrize("venue_id", EVERY)
async def test_a_legacy_script_opens_and_closes_a_position(venue_id: str, paper_venue: Any, until: Any) -> None:
    venue = await paper_venue(venue_id)
    async with running(EXAMPLES / "legacy_round_trip.py", {NAME: venue}) as runner:
        await ready(runner, until)

        def ended() -> bool:
            runner.tick()
            return bool(runner._stopping.is_set())

        await until(ended, timeout=20)
        events, strategy = told(runner), runner.strategy
    counts = names(events)
    assert counts["BuyOrderCreatedEvent"] == counts["BuyOrderCompletedEvent"] == 1
    assert counts["SellOrderCreatedEvent"] == counts["SellOrderCompletedEvent"] == 1
    assert not counts["MarketOrderFailureEvent"] and not counts["OrderCancelledEvent"]
    fills = [event for event in events if type(event).__name__ == "OrderFilledEvent"]
    assert sum(event.amount for event in fills) == 2 * strategy.amount
    assert type(events[0]).__name__ == "BuyOrderCreatedEvent"
    assert all(event.price > 0 and event.trading_pair == PAIR for event in fills)
    assert any("round trip done" in line for line in runner.said)
    assert runner.left == [] and held(venue) == 0


async def test_a_class_of_ccxts_own_works_as_well(paper_venue: Any, until: Any) -> None:
    import ccxt.pro

    venue = await paper_venue("hyperliquid")
    exchange = ccxt.pro.hyperliquid({**venue.config(), "options": {"builderFee": False}})
    async with running(EXAMPLES / "legacy_round_trip.py", {NAME: venue}, exchanges={NAME: exchange}) as runner:
        await ready(runner, until)
        await until(lambda: runner.tick() or runner._stopping.is_set(), timeout=20)
        counts = names(told(runner))
    assert counts["BuyOrderCompletedEvent"] == counts["SellOrderCompletedEvent"] == 1 and counts["OrderFilledEvent"] >= 2
    assert held(venue) == 0 and runner.left == []


@pytest.mark.parametrize("venue_id", EVERY)
async def test_a_market_maker_quotes_refreshes_is_filled_and_leaves_nothing(venue_id: str, paper_venue: Any, until: Any) -> None:
    venue = await paper_venue(venue_id)
    settings = {"connector": NAME, "refresh_time": "3600", "post_only": post_only(venue_id), "spread": "0.004"}
    async with running(EXAMPLES / "perp_market_maker.py", {NAME: venue}, **settings) as runner:
        await ready(runner, until)
        runner.tick()
        strategy, connector = runner.strategy, runner.connectors[NAME]
        assert {order.is_buy for order in strategy.get_active_orders(NAME)} == {True, False}, "active at once, before the venue answered"
        await until(lambda: names(told(runner))["BuyOrderCreatedEvent"] and names(told(runner))["SellOrderCreatedEvent"])
        first = [order.client_order_id for order in strategy.get_active_orders(NAME)]

        strategy.next_refresh = 0
        runner.tick()
        assert not {order.client_order_id for order in strategy.get_active_orders(NAME)} & set(first)
        await until(lambda: names(told(runner))["OrderCancelledEvent"] == 2 and names(told(runner))["BuyOrderCreatedEvent"] == 2)

        await until(lambda: bids(venue))  # accepted is not matched yet everywhere
        await fall(venue, connector)
        await until(lambda: strategy.filled > 0 and strategy.position() == strategy.filled)
        await until(lambda: names(told(runner))["BuyOrderCompletedEvent"])
        assert "Position:" in runner.status() and "sell" in runner.status()
    assert runner.left == []
    assert held(venue) == strategy.filled == strategy.config.order_amount
    assert not [order for order in orders(venue) if order.status == "open"]


def post_only(venue_id: str) -> bool:
    """Whether the venue has post-only orders at all."""
    offers = registry.create(venue_id).features["swap"]["linear"]["createOrder"]
    return bool((offers.get("timeInForce") or {}).get("PO"))


def bids(venue: Any) -> list[Any]:
    return [each for each in orders(venue) if each.status == "open" and each.request.side == "buy"]


async def fall(venue: Any, connector: Any) -> None:
    """The market falls to the bid of the script."""
    bid = next(order for order in connector.tracker if order.is_buy and order.cancel_asked is None)
    await venue.market({"symbol": bids(venue)[0].request.market, "price": str(bid.price * Decimal("0.999"))})


async def test_prices_of_two_venues_in_one_script(paper_venue: Any, until: Any, caplog: Any) -> None:
    venues = {f"{each}_paper_trade": await paper_venue(each) for each in ("standx", "lighter")}
    caplog.set_level("INFO", logger="hummingbot.LogPrice")
    async with running(EXAMPLES / "log_price.py", venues, exchanges=list(venues)) as runner:
        await ready(runner, until)
        runner.tick()
    assert all(f"{name} {PAIR}: " in caplog.text for name in venues)
    assert "NaN" not in caplog.text


async def test_a_lost_answer_is_neither_a_failure_nor_a_second_order(paper_venue: Any, until: Any) -> None:
    venue = await paper_venue("standx")
    settings = {"connector": NAME, "refresh_time": "3600", "spread": "0.004", "max_position": "0.002"}
    async with running(EXAMPLES / "perp_market_maker.py", {NAME: venue}, **settings) as runner:
        await ready(runner, until)
        await venue.fault({"kind": "lose_reply", "match": "*new_order*"})
        runner.tick()
        await until(lambda: names(told(runner))["BuyOrderCreatedEvent"] and names(told(runner))["SellOrderCreatedEvent"])
        counts = names(told(runner))
        sent = len(orders(venue))
    assert sent == 2 and not counts["MarketOrderFailureEvent"]


async def test_a_fill_during_a_lost_connection_is_told_once(paper_venue: Any, until: Any) -> None:
    venue = await paper_venue("standx")
    settings = {"connector": NAME, "refresh_time": "3600", "spread": "0.004"}
    async with running(EXAMPLES / "perp_market_maker.py", {NAME: venue}, **settings) as runner:
        await ready(runner, until)
        runner.tick()
        await until(lambda: len(runner.connectors[NAME].tracker.active) == 2 and all(o.announced for o in runner.connectors[NAME].tracker))
        await venue.fault({"kind": "refuse_connect", "ms": 600, "drop": True})
        connector, strategy = runner.connectors[NAME], runner.strategy
        assert connector.get_mid_price(PAIR).is_nan() or connector.order_books[PAIR].live
        await fall(venue, connector)
        await until(lambda: strategy.filled, timeout=20)
        await until(lambda: connector.order_books[PAIR].live and names(told(runner))["BuyOrderCompletedEvent"], timeout=20)

        async def compared() -> bool:
            try:
                await connector.desk.reconcile()
            except errors.NetworkError:
                return False
            return True

        # a whole round of comparing with the venue after everything works again
        await until(compared, timeout=20)
        fills = [event for event in told(runner) if type(event).__name__ == "OrderFilledEvent"]
    assert sum(event.amount for event in fills) == strategy.config.order_amount


async def test_candles_and_a_table(paper_venue: Any, until: Any, tmp_path: Path) -> None:
    script = tmp_path / "candles.py"
    script.write_text(CANDLES)
    venue = await paper_venue("standx")
    async with running(script, {NAME: venue}) as runner:
        await until(lambda: runner.tick() or all(feed.ready for feed in runner.strategy.feeds), timeout=20)
        minute, other = (feed.candles_df for feed in runner.strategy.feeds)
        status = runner.status()
    assert list(minute.columns[:6]) == ["timestamp", "open", "high", "low", "close", "volume"]
    assert len(minute) == 60 and set(minute["timestamp"].diff().dropna()) == {60.0}
    # three minutes are not the venue's: put together from single ones
    assert set(other["timestamp"].diff().dropna()) == {180.0} and (other["high"] >= other["low"]).all()
    both = minute[minute["timestamp"] >= other["timestamp"].iloc[-2]]
    inside = both[both["timestamp"] < other["timestamp"].iloc[-1]]
    assert other["high"].iloc[-2] == inside["high"].max() and other["open"].iloc[-2] == inside["open"].iloc[0]
    assert "close" in status


CANDLES = """
from hummingbot.client.ui.interface_utils import format_df_for_printout
from hummingbot.data_feed.candles_feed.candles_factory import CandlesFactory
from hummingbot.data_feed.candles_feed.data_types import CandlesConfig
from hummingbot.strategy.strategy_v2_base import StrategyV2Base, StrategyV2ConfigBase


class Config(StrategyV2ConfigBase):
    pass


class Candles(StrategyV2Base):
    def __init__(self, connectors, config: Config):
        super().__init__(connectors, config)
        self.feeds = []
        for interval, rows in (("1m", 60), ("3m", 10)):
            feed = CandlesFactory.get_candle(
                CandlesConfig(connector="standx_paper_trade", trading_pair="BTC-USDT", interval=interval, max_records=rows)
            )
            feed.start()
            self.feeds.append(feed)

    def on_stop(self):
        for feed in self.feeds:
            feed.stop()

    def format_status(self):
        return format_df_for_printout(self.feeds[0].candles_df.tail(3), table_format="psql")
"""


async def test_public_trades_reach_a_listener(paper_venue: Any, until: Any, tmp_path: Path) -> None:
    script = tmp_path / "listener.py"
    script.write_text(LISTENER)
    venue = await paper_venue("standx")
    async with running(script, {NAME: venue}) as runner:
        await ready(runner, until)
        runner.tick()
        strategy = runner.strategy
        strategy.buy(NAME, PAIR, Decimal("0.003"), strategy.MARKET)
        await until(lambda: any(event.amount == 0.003 for event in strategy.trades))
        bids, asks = strategy.snapshot
    assert list(bids.columns) == ["price", "amount", "update_id"] and bids["price"].is_monotonic_decreasing
    assert asks["price"].iloc[0] > bids["price"].iloc[0]
    assert strategy.trades[0].trading_pair == PAIR and strategy.tags == {901}


LISTENER = """
from hummingbot.core.data_type.common import OrderType
from hummingbot.core.event.event_forwarder import SourceInfoEventForwarder
from hummingbot.core.event.events import OrderBookEvent
from hummingbot.strategy.script_strategy_base import ScriptStrategyBase


class Listener(ScriptStrategyBase):
    markets = {"standx_paper_trade": {"BTC-USDT"}}
    MARKET = OrderType.MARKET

    def __init__(self, connectors):
        super().__init__(connectors)
        self.trades, self.tags, self.forwarder, self.snapshot = [], set(), SourceInfoEventForwarder(self.heard), None

    def on_tick(self):
        book = self.connectors["standx_paper_trade"].order_books["BTC-USDT"]
        book.add_listener(OrderBookEvent.TradeEvent, self.forwarder)
        self.snapshot = book.snapshot

    def heard(self, tag, market, event):
        self.tags.add(int(tag))
        self.trades.append(event)
"""


# --- the command ------------------------------------------------------------------------------------------------------------------------


def command(*arguments: Any) -> list[str]:
    return [sys.executable, "-W", "error", "-m", "ccxt_dex", "hummingbot", *map(str, arguments)]


async def started(cwd: Path, *arguments: Any, **environment: str) -> asyncio.subprocess.Process:
    paths = os.pathsep.join([str(ROOT), os.environ["PYTHONPATH"]])
    pipe = asyncio.subprocess.PIPE
    settings = {**os.environ, "PYTHONPATH": paths, **environment}
    return await asyncio.create_subprocess_exec(*command(*arguments), cwd=cwd, env=settings, stdout=pipe, stderr=pipe)


async def test_the_command_as_a_user_types_it_cancels_on_ctrl_c(paper_venue: Any, until: Any, tmp_path: Path) -> None:
    venue = await paper_venue("standx")
    connectors = tmp_path / "connectors.json"
    connectors.write_text(json.dumps({"standx_perpetual": {"config": venue.config()}}))
    connectors.chmod(0o600)
    settings = ("connector=standx_perpetual", "trading_pair=BTC-USD", "spread=0.004", "refresh_time=3600")
    process = await started(tmp_path, EXAMPLES / "perp_market_maker.py", *settings)
    await until(lambda: len([order for order in orders(venue) if order.status == "open"]) == 2, timeout=30)
    process.send_signal(signal.SIGINT)
    out, err = (text.decode() for text in await asyncio.wait_for(process.communicate(), 30))
    assert process.returncode == 0, err
    assert "Balances:" in out and "standx_perpetual" in out
    assert "BTC-USD is BTC/DUSD:DUSD" in err and "Traceback" not in err
    assert not [order for order in orders(venue) if order.status == "open"]
    secret = venue.config()["privateKey"]
    assert secret not in out + err


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("nowhere.py",), "no such file: nowhere.py"),
        (("{log_price}", "pair=BTC-USD"), "the script's config has no pair; it has: "),
        (("{log_price}", "BTC-USD"), "'BTC-USD' is not of the form key=value"),
        (("{log_price}", "exchanges=3"), "exchanges: Input should be a valid list"),
        (("{log_price}", 'exchanges=["binance_paper_trade"]'), "binance has no paper venue here"),
        (("{log_price}", 'exchanges=["nosuchdex"]'), "no exchange 'nosuchdex'"),
        (("{log_price}", "trading_pair=BTC-EUR"), "standx has no market for BTC-EUR"),
        (("{log_price}", "--connector", "x"), "--connector x is not of the form NAME=OTHER"),
        (("{log_price}", "--connectors", "missing.json"), "cannot read missing.json"),
    ],
)
def test_what_is_asked_wrongly_is_said_in_one_line(
    arguments: tuple[str, ...], complaint: str, capsys: Any, monkeypatch: Any, tmp_path: Path
) -> None:
    from ccxt_dex.commands import hummingbot

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    with pytest.raises(SystemExit) as ended:
        hummingbot.main([each.format(log_price=EXAMPLES / "log_price.py") for each in arguments])
    said = capsys.readouterr().err.strip().splitlines()[-1]
    assert ended.value.code == 2 and complaint in said


SAMPLES = {
    "log_price_example": {"exchanges": [NAME], "trading_pair": "ETH-USDT"},
    "format_status_example": {"exchanges": [NAME], "trading_pairs": ["ETH-USDT"]},
    "simple_pmm": {"exchange": NAME},
    "simple_vwap": {"connector_name": NAME, "order_delay_time": 0},
    "simple_xemm": {"maker_connector": NAME, "taker_connector": "lighter_paper_trade"},
    "download_order_book_and_trades": {"exchange": NAME},
    "candles_example": {"candles_config": f"{NAME}.ETH-USDT.1m.60"},
    "screener_volatility": {"exchange": NAME, "trading_pairs": ["ETH-USDT"]},
}


@pytest.mark.peers
@pytest.mark.filterwarnings("ignore")  # of libraries, about what the samples do
@pytest.mark.parametrize("sample", SAMPLES)
async def test_hummingbots_own_samples(sample: str, paper_venue: Any, until: Any, tmp_path: Path, monkeypatch: Any) -> None:
    folder = os.environ.get("HUMMINGBOT_SCRIPTS")
    if not folder:
        pytest.skip("HUMMINGBOT_SCRIPTS does not name the folder of hummingbot's sample scripts")
    if sample in ("candles_example", "screener_volatility"):
        pytest.importorskip("pandas_ta")
    monkeypatch.setenv("CCXT_DEX_HUMMINGBOT_DATA", str(tmp_path))
    venues = {NAME: await paper_venue("standx")}
    if sample == "simple_xemm":
        venues["lighter_paper_trade"] = await paper_venue("lighter")
    async with running(Path(folder) / f"{sample}.py", venues, fast_pace(), **SAMPLES[sample]) as runner:
        for name, venue in venues.items():
            runner.exchanges.setdefault(name, venue)
        await ready(runner, until)
        for _ in range(3):
            runner.strategy.tick(runner.clock())
        assert runner.status() and "no status" not in runner.status()
    assert runner.left == []
