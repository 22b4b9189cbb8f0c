"""`venues --connections`: what is printed is what the sockets do."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import ccxt_dex
from ccxt_dex import paper, registry
from ccxt_dex.commands.connections import COLUMNS, connections, table
from ccxt_dex.streams.rules import AppPing, ProtocolPing
from compat_tests.core.test_cli import output

EVERY = [pytest.param(each, marks=() if each == registry.DEMO else pytest.mark.campaign) for each in registry.IDS]


def test_it_is_part_of_the_package() -> None:
    assert ccxt_dex.connections is connections


@pytest.mark.parametrize("venue_id", registry.IDS)
def test_every_socket_has_a_row_with_its_rules(venue_id: str) -> None:
    ex = getattr(ccxt_dex, venue_id)()
    rows = connections([venue_id])
    assert rows and {row["venue"] for row in rows} == {venue_id}
    for row in rows:
        rules = ex.rules_of(row["url"])
        assert isinstance(rules.ping, AppPing if row["ping"] == "message" else ProtocolPing)
        assert (row["interval"], row["timeout"], row["max_age"]) == (rules.ping.interval, rules.ping.timeout, rules.max_age)
        # a dead link is found out: by a ping, by silence, or because nothing lives that long
        assert min(row["interval"] + row["timeout"], row["silence"] or 1e9, row["max_age"] or 1e9) <= 600


@pytest.mark.parametrize("venue_id", EVERY)
async def test_no_socket_is_missing(venue_id: str, until: Any) -> None:
    async with paper.start(venue_id, seed=7) as venue, getattr(ccxt_dex, venue_id)(venue.config()) as ex:
        ex.timeout_on_exit = 0
        await ex.load_markets()
        listed = [id(ex.rules_of(url)) for url in ex.stream_urls()]
        symbol = ccxt_dex.symbol(ex, "BTC")
        await ex.watch_order_book(symbol)
        waiting = asyncio.ensure_future(ex.watch_orders(symbol))
        await until(lambda: waiting.done() or (len(venue.server.connections) >= 1 and venue.subscribed(2)), 20)
        assert [url for url in ex.clients if id(ex.rules_of(url)) not in listed] == []
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)


def test_what_a_user_sets_shows() -> None:
    (plain,) = {row["silence"] for row in connections([registry.DEMO])}
    (changed,) = {row["silence"] for row in connections([registry.DEMO], {"options": {"ws": {"silence": 77}}})}
    assert plain != changed == 77


def test_the_command_prints_it() -> None:
    printed = output("venues", "--connections", "--markdown").splitlines()
    assert printed[0] == f"| {' | '.join(COLUMNS)} |"
    assert [line.strip("| ").split(" | ") for line in printed[2:]] == table()
    assert all(each in output("venues", "--connections") for each in registry.IDS)
