"""Behaviour cards: bad input gets the ccxt error a ccxt user expects, and nothing is half sent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

import ccxt_dex
from ccxt_dex._ccxt import errors
from compat_tests.contract.desk import Desk


async def nothing_sent(desk: Desk, *, expect: tuple[type[Exception], ...] | type[Exception], **order: Any) -> None:
    before = desk.orders_executed()
    with pytest.raises(expect):
        await desk.ex.create_order(
            **{"symbol": desk.symbol, "type": "limit", "side": "buy", "amount": desk.size(), "price": desk.below(), **order}
        )
    assert desk.orders_executed() == before


async def test_a_size_below_the_minimum(desk: Desk) -> None:
    least = desk.market["limits"]["amount"]["min"] or desk.market["precision"]["amount"]
    await nothing_sent(desk, expect=errors.InvalidOrder, amount=least / 10)


async def test_a_size_off_the_step_is_never_rounded(desk: Desk) -> None:
    await nothing_sent(desk, expect=errors.InvalidOrder, amount=desk.size() + desk.market["precision"]["amount"] / 4)


async def test_a_price_off_the_tick_is_never_rounded(desk: Desk) -> None:
    await nothing_sent(desk, expect=errors.InvalidOrder, price=desk.below() + desk.market["precision"]["price"] / 4)


@pytest.mark.parametrize("amount", [0, -1, float("nan"), float("inf")])
async def test_a_size_that_is_no_size(desk: Desk, amount: float) -> None:
    await nothing_sent(desk, expect=errors.BaseError, amount=amount)


@pytest.mark.parametrize("price", [0, -1, float("nan")])
async def test_a_price_that_is_no_price(desk: Desk, price: float) -> None:
    await nothing_sent(desk, expect=errors.BaseError, price=price)


async def test_a_limit_order_without_a_price(desk: Desk) -> None:
    await nothing_sent(desk, expect=(errors.ArgumentsRequired, errors.InvalidOrder), price=None)


@pytest.mark.parametrize("field,value", [("side", "hold"), ("type", "iceberg")])
async def test_a_side_or_type_that_does_not_exist(desk: Desk, field: str, value: str) -> None:
    await nothing_sent(desk, expect=(errors.InvalidOrder, errors.BadRequest, errors.NotSupported), **{field: value})


async def test_an_unknown_symbol(desk: Desk) -> None:
    await nothing_sent(desk, expect=errors.BadSymbol, symbol="NOSUCH/COIN:HERE")
    names = {"fetch_ticker": "fetchTicker", "fetch_order_book": "fetchOrderBook", "fetch_trades": "fetchTrades"}
    for call in (getattr(desk.ex, method) for method, name in names.items() if desk.ex.has[name]):
        with pytest.raises(errors.BadSymbol):
            await call("NOSUCH/COIN:HERE")


async def test_a_closed_market(desk: Desk) -> None:
    desk.needs("closed_market")
    await desk.venue.market({"symbol": desk.native, "active": False})
    await desk.ex.load_markets(True)
    assert desk.ex.markets[desk.symbol]["active"] is False
    await nothing_sent(desk, expect=errors.ExchangeError)


async def test_insufficient_funds(desk: Desk) -> None:
    desk.needs("insufficient_funds")
    largest = desk.market["limits"]["amount"]["max"] or 1e5
    most = float((await desk.ex.fetch_balance())[desk.market["settle"]]["total"]) / float(desk.mark()) * 1000
    amount = float(desk.ex.amount_to_precision(desk.symbol, min(largest, most)))
    with pytest.raises(errors.InsufficientFunds):
        order = await desk.create("limit", "buy", amount, desk.below("0.01"))
        raise AssertionError(f"accepted: {order}")
    assert await desk.ex.fetch_open_orders(desk.symbol) == []


async def test_a_wrong_key_is_an_authentication_error(desk: Desk) -> None:
    other = await desk.another(**desk.wrong_key())
    await other.load_markets()
    with pytest.raises(errors.AuthenticationError):
        await other.create_order(desk.symbol, "limit", "buy", desk.size(), desk.below())
    assert desk.account.orders == {}


async def test_a_malformed_key_is_refused_at_once_and_not_repeated(desk: Desk) -> None:
    for name, value in desk.venue.config().items():
        if not isinstance(value, str) or name not in ("privateKey", "secret"):
            continue
        bad = "zz" + value[2:-4]
        with pytest.raises(errors.AuthenticationError) as caught:
            other = await desk.another(**{name: bad})
            await other.load_markets()
            await other.create_order(desk.symbol, "limit", "buy", desk.size(), desk.below())
        assert bad not in str(caught.value) and bad[4:20] not in str(caught.value)


async def test_no_credentials_serve_public_data_and_refuse_the_rest_by_name(desk: Desk) -> None:
    public = {key: value for key, value in desk.venue.config().items() if key not in CREDENTIALS}
    other = type(desk.ex)(public)
    desk.opened.append(other)
    await other.load_markets()
    assert (await other.fetch_order_book(desk.symbol))["bids"]
    with pytest.raises(errors.AuthenticationError):
        await other.fetch_balance()
    with pytest.raises(errors.AuthenticationError):
        await other.create_order(desk.symbol, "limit", "buy", desk.size(), desk.below())


CREDENTIALS = ("apiKey", "secret", "password", "uid", "accountId", "walletAddress", "privateKey")


async def test_an_expired_session_is_renewed_unseen(desk: Desk) -> None:
    desk.needs("sessions")
    order = await desk.rest()
    await desk.venue.fault({"kind": "expire_session", "count": 1})
    assert (await desk.ex.fetch_open_orders(desk.symbol))[0]["id"] == order["id"]
    await desk.venue.fault({"kind": "expire_session", "count": 1})
    second = await desk.rest("sell")
    assert second["status"] == "open"
    assert desk.orders_executed() == 2


async def test_a_clock_that_is_off_by_a_minute(desk: Desk) -> None:
    """Either the clock is corrected or the error says so; the order is not lost and not doubled."""
    await desk.venue.fault({"kind": "clock_skew", "ms": 60_000})
    other = await desk.another()
    try:
        await other.load_markets()
        order = await other.create_order(desk.symbol, "limit", "buy", desk.size(), desk.below())
    except (errors.InvalidNonce, errors.AuthenticationError, errors.ExchangeError):
        assert desk.account.orders == {}
        return
    assert order["status"] == "open" and len(desk.account.orders) == 1


async def test_a_price_outside_the_band(desk: Desk) -> None:
    desk.needs("price_band")
    with pytest.raises(errors.InvalidOrder):
        await desk.create("limit", "buy", desk.size(), desk.tick(desk.mark() * Decimal("0.3")))
    assert await desk.ex.fetch_open_orders(desk.symbol) == []


async def test_aliases_of_a_symbol(desk: Desk) -> None:
    assert desk.ex.market("BTC")["symbol"] == desk.symbol
    assert desk.ex.market(desk.market["id"])["symbol"] == desk.symbol
    assert ccxt_dex.symbol(desk.ex, "BTC") == desk.symbol
