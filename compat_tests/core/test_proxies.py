"""Whatever leaves, leaves through the proxy: REST and sockets, public and private, with the venue's certificate still checked.

The venue's name means nothing outside the proxy, so a single byte past it would be an error.
"""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

import ccxt_dex
from ccxt_dex import paper, registry
from ccxt_dex._ccxt import errors
from compat_tests.core.proxying import NAME, PASSWORD, Front, Proxy, certificate

# ccxt's names, one for requests and one for sockets, and ours for both
WAYS = {
    "proxy": ("proxy",),
    "https and wss": ("httpsProxy", "wssProxy"),
    "http and ws": ("httpProxy", "wsProxy"),
    "snake case": ("https_proxy", "wss_proxy"),
}
EVERY = [pytest.param(each, marks=() if each == registry.DEMO else pytest.mark.campaign) for each in registry.IDS]


@dataclass
class Site:
    venue: Any
    front: Front
    proxy: Proxy
    config: dict[str, Any]
    opened: list[Any]

    def exchange(self, **config: Any) -> Any:
        ex = getattr(ccxt_dex, self.venue.name)({**self.config, **config})
        ex.timeout_on_exit = 0
        self.opened.append(ex)
        return ex


@asynccontextmanager
async def site(venue_id: str, folder: Path) -> AsyncIterator[Site]:
    context, cafile = certificate(folder)
    async with paper.start(venue_id, seed=7) as venue, Front(context, urlsplit(venue.url).port or 0) as front, Proxy(front.port) as proxy:
        await venue.market({"pause": True})
        base = f"{NAME}:{front.port}"
        config = {**venue.config(), "urls": venue.adapter.urls(f"https://{base}", f"wss://{base}"), "cafile": cafile}
        here = Site(venue, front, proxy, config, [])
        try:
            yield here
        finally:
            for ex in here.opened:
                await ex.close()


async def a_day(ex: Any, venue: Any, until: Any) -> None:
    """Public and private, requests and sockets."""
    await ex.load_markets()
    symbol = ccxt_dex.symbol(ex, "BTC")
    book = await ex.watch_order_book(symbol)
    before = sum(len(socket.subscriptions) for socket in venue.server.connections)
    events = asyncio.ensure_future(ex.watch_orders(symbol))
    limits, bid = ex.market(symbol)["limits"], book["bids"][0][0]
    least = max(limits["amount"]["min"] or 0.0, (limits["cost"]["min"] or 0.0) / bid) * 2
    amount, price = float(ex.amount_to_precision(symbol, least)), float(ex.price_to_precision(symbol, bid * 0.98))
    await until(lambda: venue.subscribed(before + 1), 20, "the account's topic")
    order = await ex.create_order(symbol, "limit", "buy", amount, price)
    assert (await asyncio.wait_for(events, 20))[-1]["id"] == order["id"]
    await ex.cancel_order(order["id"], symbol)
    assert (await ex.fetch_balance())["total"]


@pytest.mark.parametrize("venue_id", EVERY)
async def test_nothing_goes_past_the_proxy(venue_id: str, tmp_path: Path, until: Any) -> None:
    async with site(venue_id, tmp_path) as here:
        await a_day(here.exchange(proxy=here.proxy.url), here.venue, until)
        assert here.proxy.refused == 0
        # at least one connection for requests and one for sockets, and none that the proxy did not make
        assert here.front.connections == len(here.proxy.asked) >= 2
        assert {target.partition(":")[0] for target in here.proxy.asked} == {NAME}


@pytest.mark.parametrize("way", [way for way in WAYS if way != "proxy"])
async def test_under_every_name_that_ccxt_has(way: str, tmp_path: Path, until: Any) -> None:
    async with site(registry.DEMO, tmp_path) as here:
        await a_day(here.exchange(**dict.fromkeys(WAYS[way], here.proxy.url)), here.venue, until)
        assert here.front.connections == len(here.proxy.asked) >= 2 and here.proxy.refused == 0


async def test_public_streams_shared_between_instances_go_through_it_too(tmp_path: Path) -> None:
    async with site(registry.DEMO, tmp_path) as here:
        shared = {"options": {"ws": {"shared": True}}, "proxy": here.proxy.url}
        one, other = here.exchange(**shared), here.exchange(**shared)
        for ex in (one, other):
            await ex.load_markets()
            assert (await ex.watch_order_book(ccxt_dex.symbol(ex, "BTC")))["bids"]
        assert len(here.venue.server.connections) == 1 and here.front.connections == len(here.proxy.asked)


async def test_the_certificate_is_still_checked(tmp_path: Path) -> None:
    async with site(registry.DEMO, tmp_path) as here:
        del here.config["cafile"]
        ex = here.exchange(proxy=here.proxy.url)
        with pytest.raises(errors.NetworkError) as caught:
            await ex.load_markets()
        assert any("CERTIFICATE_VERIFY_FAILED" in str(cause) for cause in causes(caught.value))


@pytest.mark.parametrize("way", WAYS)
async def test_a_password_that_the_proxy_refuses_is_in_no_error(way: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    async with site(registry.DEMO, tmp_path) as here:
        good = here.exchange(**dict.fromkeys(WAYS["proxy"], here.proxy.url))
        await good.load_markets()
        symbol = ccxt_dex.symbol(good, "BTC")
        wrong = here.proxy.url.replace(PASSWORD, "wr-" + PASSWORD)
        ex = here.exchange(**dict.fromkeys(WAYS[way], wrong), options={"ws": {"maxRepairSeconds": 0.2}})
        ex.set_markets_from_exchange(good)
        for call in (lambda: ex.fetch_order_book(symbol), lambda: ex.watch_order_book(symbol), ex.fetch_balance):
            with pytest.raises(errors.NetworkError) as caught:
                await call()
            told = (
                "".join(traceback.format_exception(caught.type, caught.value, caught.tb)) + f"{caught.value!r} {caught.value.__cause__!r}"
            )
            assert "407" in str(caught.value)
            for cause in causes(caught.value):
                told += f"{cause!r} {cause} {vars(cause)!r}"
            assert PASSWORD not in told
        assert here.proxy.refused >= 3 and PASSWORD not in caplog.text and PASSWORD not in repr(ex)


def causes(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found
