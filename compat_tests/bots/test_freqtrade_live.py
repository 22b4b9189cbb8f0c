"""freqtrade trades live on paper venues: orders, fills, leverage, stops, candles over the socket; and its log keeps secrets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ccxt_dex import registry
from compat_tests.bots import freqtrade_bot
from compat_tests.bots.freqtrade_bot import Bot, Desk, secrets_of

pytestmark = pytest.mark.peers

Venues = Callable[..., Any]

# everything is shown on these; the others trade once
WHOLE = ("standx", "hyperliquid", "edgex")


@pytest.fixture(scope="session")
def freqtrade(real_environment: dict[str, str]) -> Path:
    return freqtrade_bot.python(real_environment)


def has_stops(venue_id: str) -> bool:
    return bool(registry.load(venue_id)().features["swap"]["linear"]["createOrder"].get("stopLossPrice"))


def margin(venue_id: str) -> list[str]:
    """The overlay for the venue's margin mode: isolated, which is in the first config, where it has it."""
    return [] if "isolated" in registry.load(venue_id).margin_modes else ["cross"]


async def entered(bot: Bot) -> Any:
    """The trade once its entry is filled."""
    side = "sell" if (bot.desk.folder / "short").exists() else "buy"
    await bot.until(lambda: bot.orders(ft_order_side=side, status="closed"), "the entry is filled")
    return await bot.until(lambda: bot.trade(is_open=1), "the trade is open")


async def left(bot: Bot) -> Any:
    return await bot.until(lambda: bot.trade(is_open=0), "the trade is closed")


def account(venue: Any) -> Any:
    return venue.state()["accounts"][venue.account()]


def position(venue: Any, native: str) -> Any:
    return account(venue)["positions"].get(native) or {"qty": "0"}


def keeps_secrets(desk: Desk, text: str) -> None:
    hidden = secrets_of(desk.venue, desk.credentials)
    assert hidden
    # what stands before a secret tells where it comes from
    leaked = sorted({text[: text.index(each)][-90:].replace("\n", " ") for each in hidden if each in text})
    assert not leaked, "\n".join(leaked)


@pytest.mark.parametrize("venue_id", registry.IDS)
async def test_a_round_trip(freqtrade: Path, paper_venue: Venues, venue_id: str, tmp_path: Path) -> None:
    """In and out at 3x, with a stop at the venue where it has them; the loudest log has no secret in it."""
    venue = await paper_venue(venue_id)
    await venue.market({"pause": True})
    stops, mode = has_stops(venue_id), "cross" if margin(venue_id) else "isolated"
    desk = Desk(freqtrade, venue, tmp_path / "user", "live", *(["stoploss"] if stops else []), *margin(venue_id))
    async with desk.trading(verbose=True) as bot:
        trade = await entered(bot)
        held = position(venue, desk.native)
        assert float(held["qty"]) == pytest.approx(trade["amount"]) and held["margin_mode"] == mode
        assert trade["leverage"] == 3.0 and float(held["leverage"]) == 3.0
        if stops:
            await bot.until(lambda: bot.orders(ft_order_side="stoploss"), "the stop is at the venue")
            waiting = [order for order in account(venue)["open_orders"] if order["request"]["trigger"] is not None]
            assert len(waiting) == 1 and waiting[0]["request"]["reduce_only"] and waiting[0]["side"] == "sell"
        desk.say("leave")
        trade = await left(bot)
        assert trade["exit_reason"] == "exit_signal" and trade["close_rate"] > 0
        assert float(position(venue, desk.native)["qty"]) == 0
        await bot.until(lambda: not account(venue)["open_orders"], "nothing is left at the venue")
        await bot.until(lambda: not bot.orders(ft_is_open=1), "nothing is left in freqtrade's books")
    # two orders of the bot and, where there are stops, its stop: none twice
    assert len(account(venue)["orders"]) == (3 if stops else 2)
    fees = sum(float(fill["fee"]) for fill in account(venue)["fills"])
    assert trade["fee_open"] * trade["amount"] * trade["open_rate"] + trade["fee_close_cost"] == pytest.approx(fees, rel=0.01, abs=1e-9)
    assert f"Using resolved exchange class '{venue_id.title()}'" in bot.said
    assert f"freqtrade.exchange has ccxt_dex's classes for {', '.join(registry.IDS)}" in " ".join(bot.said.split())
    assert " ERROR " not in bot.said_in_time and "Traceback" not in bot.said_in_time
    keeps_secrets(desk, bot.said)


@pytest.mark.parametrize("venue_id", [each for each in registry.IDS if has_stops(each)])
async def test_a_stop_at_the_venue_closes_the_trade(freqtrade: Path, paper_venue: Venues, venue_id: str, tmp_path: Path) -> None:
    """A short, stopped out by the venue while freqtrade only watches."""
    venue = await paper_venue(venue_id)
    await venue.market({"pause": True})
    desk = Desk(freqtrade, venue, tmp_path / "user", "live", "stoploss", *margin(venue_id))
    desk.say("short")
    async with desk.trading() as bot:
        entry = await entered(bot)
        assert entry["is_short"]
        (stop,) = await bot.until(lambda: bot.orders(ft_order_side="stoploss"), "the stop is at the venue")
        assert stop["side"] == "buy" and stop["stop_price"] > entry["open_rate"]
        await venue.market({"symbol": desk.native, "price": str(round(stop["stop_price"] * 1.005, 1))})
        trade = await left(bot)
        assert trade["exit_reason"] == "stoploss_on_exchange"
        assert trade["close_rate"] == pytest.approx(stop["stop_price"], rel=0.02)
        if not margin(venue_id):
            assert trade["liquidation_price"] > stop["stop_price"]
        orders = [order for order in account(venue)["orders"] if order["request"]["trigger"] is not None]
        assert [order["status"] for order in orders] == ["filled"]


@pytest.mark.parametrize("mode", ["isolated", "cross"])
@pytest.mark.parametrize("venue_id", WHOLE)
async def test_a_dry_run(freqtrade: Path, paper_venue: Venues, venue_id: str, mode: str, tmp_path: Path) -> None:
    """Simulated trades on the venue's prices; the venue gets no credentials and no order."""
    venue = await paper_venue(venue_id)
    desk = Desk(freqtrade, venue, tmp_path / "user", *(["cross"] if mode == "cross" else []))
    desk.say("short")
    async with desk.trading(verbose=True) as bot:
        await entered(bot)
        entry = await bot.until(
            lambda: (bot.trade(is_open=1) or {}).get("liquidation_price") and bot.trade(is_open=1), "a liquidation price"
        )
        # the whole wallet stands behind a position in cross margin, its third of the value in isolated margin
        distance = entry["liquidation_price"] / entry["open_rate"] - 1
        assert (0.2 < distance < 0.4) if mode == "isolated" else distance > 5
        assert entry["leverage"] == 3.0
        desk.say("leave")
        await left(bot)
    assert account(venue)["orders"] == [] and account(venue)["positions"] == {}
    assert not any("signature" in str(request.headers).lower() for request in venue.requests())
    assert " ERROR " not in bot.said_in_time and "Traceback" not in bot.said_in_time
    keeps_secrets(desk, bot.said)


@pytest.mark.parametrize("venue_id", WHOLE)
async def test_candles_come_over_the_socket(freqtrade: Path, paper_venue: Venues, venue_id: str, tmp_path: Path) -> None:
    """After the first read, freqtrade takes the new minute's candles from the stream."""
    venue = await paper_venue(venue_id)
    desk = Desk(freqtrade, venue, tmp_path / "user")
    async with desk.trading(verbose=True) as bot:
        pair = desk.pairs[0]
        await bot.until(lambda: f"watch done {pair}, 1m" in bot.said, "candles over the socket")
        await bot.until(lambda: f"reuse watch result for {pair}, 1m" in bot.said, "a whole minute's candle from the stream", 200)
    assert "Traceback" not in bot.said_in_time


async def test_an_order_whose_outcome_nobody_knows_stops_the_bot(freqtrade: Path, paper_venue: Venues, tmp_path: Path) -> None:
    """The answer to the entry is lost and the venue answers no question about orders: freqtrade must not order again."""
    venue = await paper_venue("standx")
    await venue.market({"pause": True})
    desk = Desk(freqtrade, venue, tmp_path / "user", "live")
    desk.options(orderSocket=False, lookUpSeconds=1)
    await venue.fault({"kind": "lose_reply"})
    await venue.fault({"kind": "http_status", "status": 503, "match": "GET /api/query_*order*", "count": 100_000})
    async with desk.trading() as bot:
        await bot.until(lambda: "Stopping trader" in bot.said, "the trader stops")
        await bot.until(lambda: "state='STOPPED'" in bot.said, "it says that it has stopped")
        (order,) = account(venue)["orders"]
        assert order["client_id"] in bot.said and "OperationalException" in bot.said
    assert len(account(venue)["orders"]) == 1
