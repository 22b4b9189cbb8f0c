"""Rows each of which counts: several frames in one breath, a caller whose patience ended, a backlog, a lost connection; none is swallowed."""

from __future__ import annotations

import asyncio
from typing import Any

from ccxt_dex._ccxt import errors
from ccxt_dex.streams import Events
from compat_tests.streams.server import until
from compat_tests.streams.test_repair import Rig
from compat_tests.streams.venues import client_of


async def topic_of(rig: Rig) -> tuple[Any, str]:
    """The client, and the message hash of a topic that it has."""
    await rig.first()
    client = client_of(rig.exchange)
    (record,) = client.ledger.topics.values()
    return client, record.hashes[0]


async def heard(client: Any, *hashes: str) -> list[Any]:
    return await asyncio.wait_for(asyncio.gather(*(client.future(each).child() for each in hashes)), 5)


async def test_what_comes_while_nobody_waits_is_told_to_all_who_wait_next() -> None:
    async with Rig("hyperliquid") as rig:
        client, topic = await topic_of(rig)
        waiting = client.future(topic).child()
        for number in (1, 2, 3):
            client.resolve(Events([number]), topic)
        assert await waiting == [1]
        assert await heard(client, topic, topic) == [[2, 3], [2, 3]]
        client.resolve([4], topic)
        waiting = client.future(topic).child()
        client.resolve([5], topic)
        assert await waiting == [5], "results that are no events are worth nothing once there are newer ones"


async def test_a_caller_whose_patience_ended_heard_nothing() -> None:
    async with Rig("hyperliquid") as rig:
        client, topic = await topic_of(rig)
        client.future(topic).child().cancel()
        client.resolve(Events([1]), topic)
        waiting = client.future(topic).child()
        client.resolve(Events([2]), topic)
        assert await waiting == [1, 2]


async def test_of_a_topic_that_was_left_or_never_asked_for_nothing_is_kept() -> None:
    async with Rig("hyperliquid") as rig:
        client, topic = await topic_of(rig)
        client.resolve(Events([1]), "nobody asked")
        client.resolve(Events([1]), topic)
        client.unsubscribe(next(iter(client.ledger.topics)))
        assert client.unheard == {}


async def test_a_backlog_is_told_whole_and_survives_a_loss() -> None:
    async with Rig("hyperliquid") as rig:
        client, topic = await topic_of(rig)
        client.resolve(Events([1]), topic)
        client.barrier, client.held = b"backlog", {}
        client.resolve(Events([2]), topic)
        waiting = client.future(topic).child()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        client.resolve(Events([3]), topic)
        assert not waiting.done()
        client.pong(b"backlog")
        assert await waiting == [1, 2, 3]
        client.barrier, client.held = b"again", {}
        client.resolve(Events([4]), topic)
        client.lost(errors.NetworkError("lost"))
        await until(lambda: client.state == "open")
        assert await heard(client, topic) == [[4]]
