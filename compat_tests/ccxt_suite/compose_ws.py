"""Makes the fixtures of ccxt's static ws tests: frames of our paper venues, the fewest that lead to the result, and what is sent to get them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Iterator
from typing import Any
from unittest import mock

from ccxt_dex.streams.connection import RepairClient
from compat_tests.ccxt_suite import calls, compose, offline

SECONDS = 6.0


async def listened(ex: Any, method: str, arguments: list[Any]) -> tuple[Any, list[Any], list[Any]]:
    """The first result of a watch method, the frames that came until then on the socket that it came from, and answers to what was asked over REST."""
    frames: dict[str, list[Any]] = {}
    answers: list[Any] = []
    take, before, original = RepairClient.take, set(ex.clients or {}), ex.fetch

    async def spy(*args: Any, **kwargs: Any) -> Any:
        answer = await original(*args, **kwargs)
        answers.append(json.loads(json.dumps(answer)))
        return answer

    ex.fetch = spy

    def noting(client: Any, data: Any, binary: bool) -> None:
        if client.exchange is ex and not binary:
            frames.setdefault(client.url, []).append(json.loads(data))
        take(client, data, binary)

    with mock.patch.object(RepairClient, "take", noting):
        found = compose.plain(await asyncio.wait_for(getattr(ex, method)(*arguments), SECONDS))
    urls = [url for url in frames if url not in before] or list(frames)
    return found, frames[urls[-1]] if urls else [], answers


async def replayed(
    exchange_id: str, method: str, arguments: list[Any], frames: list[Any], answer: Any = None, shift: float = 0.0
) -> tuple[str, Any, list[Any]]:
    """Url, result and sent messages of a watch method before a socket that says these frames, as in ccxt's programme.

    :param answer: to whatever is asked over REST
    """

    async def fetch(*args: Any, **kwargs: Any) -> Any:
        return json.loads(json.dumps(answer))

    now = time.time
    with mock.patch("time.time", lambda: now() + shift):
        ex = compose.instance(exchange_id)
        ex.sleep = offline.moment
        if answer is not None:
            ex.fetch = fetch
        asked: list[str] = []
        make = ex.client

        def client(url: str) -> Any:
            found = make(url)
            if url not in asked:
                asked.append(url)
                if found.state == "new":
                    found._adopt(offline.FakeSocket())
            return found

        ex.client = client
        watching = asyncio.ensure_future(getattr(ex, method)(*arguments))
        try:
            for message in frames:
                await pending(ex, asked, watching)
                offline.frame(ex, asked[-1], message)
                for _ in range(25):
                    await offline.moment(20)
            found = compose.plain(await asyncio.wait_for(watching, 0.2))
            return asked[-1], found, ex.clients[asked[-1]].connection.sent_messages
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
            await ex.close()


async def pending(ex: Any, asked: list[str], watching: Any) -> None:
    for _ in range(100):
        if watching.done() or (asked and any(not future.done() for future in ex.clients[asked[-1]].futures.values())):
            return
        await offline.moment(20)


async def fewest(exchange_id: str, method: str, arguments: list[Any], frames: list[Any], answer: Any, wanted: Any) -> list[Any]:
    """The frames without those that make no difference."""
    for index in reversed(range(len(frames))):
        if len(frames) == 1:
            break
        fewer = frames[:index] + frames[index + 1 :]
        with contextlib.suppress(Exception):
            _, found, _ = await replayed(exchange_id, method, arguments, fewer, answer)
            if not set(compose.differing(wanted, found, compose.CLOCKS)):
                frames = fewer
    return frames


def keys(one: Any, two: Any) -> Iterator[str]:
    if isinstance(one, list) and isinstance(two, list) and len(one) != len(two):
        raise ValueError(f"not the same messages every time: {one} / {two}")
    yield from compose.differing(one, two, ())


async def stir(venue: Any, trader: Any, symbol: str) -> None:
    """Something to hear about: prices that move and an account that trades."""
    bid = float((await trader.fetch_order_book(symbol))["bids"][0][0])
    low, reference = (float(trader.price_to_precision(symbol, bid * factor)) for factor in (0.97, 1.01))
    while True:
        await venue.market({"pause": False})
        await asyncio.sleep(0.3)
        await venue.market({"pause": True})
        order = await trader.create_order(symbol, "limit", "buy", 0.01, low)
        await trader.cancel_order(order["id"], symbol)
        await trader.create_order(symbol, "market", "buy", 0.01, reference)


async def heard(exchange_id: str) -> list[tuple[str, str, list[Any], Any, list[Any], list[Any]]]:
    """Every stream's first result and its frames, from a paper venue that moves."""
    found = []
    async with compose.desk(exchange_id) as (venue, trader, symbol):
        stirring = asyncio.ensure_future(stir(venue, trader, symbol))
        for method, description, arguments in calls.watched(symbol):
            if not trader.has.get(method):
                continue
            try:
                async with compose.desk_client(exchange_id, venue) as ex:
                    found.append((method, description, arguments, *await listened(ex, method, arguments)))
            except Exception as error:
                print(f"   {exchange_id} {method} is left out, nothing heard: {type(error).__name__}: {str(error)[:200]}")
        stirring.cancel()
        trouble = (await asyncio.gather(stirring, return_exceptions=True))[0]
        if not isinstance(trouble, asyncio.CancelledError):
            print(f"   {exchange_id} nothing moved after a while: {trouble!r}")
    return found


async def ws(exchange_id: str) -> None:
    methods: dict[str, list[Any]] = {}
    for method, description, arguments, live, frames, answers in await heard(exchange_id):
        try:
            row = await entry(exchange_id, method, arguments, live, frames, answers)
        except Exception as error:
            print(f"   {exchange_id} {method} is left out: {type(error).__name__}: {str(error)[:200]}")
            continue
        described = {"description": f"{description} ({compose.SOURCE})", "method": method}
        methods.setdefault(method, []).append({**described, **row})
    compose.write("ws", exchange_id, {**compose.head(exchange_id), "skipKeys": list(compose.CLOCKS), "methods": methods})


async def entry(exchange_id: str, method: str, arguments: list[Any], live: Any, frames: list[Any], answers: list[Any]) -> dict[str, Any]:
    """:raises ValueError: the frames do not lead to the result"""
    if not frames:
        raise ValueError("no frame is behind it")
    url, answer, live = await sufficient(exchange_id, method, arguments, live, frames, answers)
    frames = await fewest(exchange_id, method, arguments, frames, answer, live)
    (_, _, sent), (_, _, later) = [await replayed(exchange_id, method, arguments, frames, answer, shift) for shift in (0.0, compose.LATER)]
    row = {"url": url, "input": arguments, "messages": frames, "sentMessages": sent, "sentSkipKeys": sorted(set(keys(sent, later)))}
    if answer is not None:
        row["httpResponse"] = answer
    return {**row, "parsedResponse": live}


async def sufficient(
    exchange_id: str, method: str, arguments: list[Any], live: Any, frames: list[Any], answers: list[Any]
) -> tuple[str, Any]:
    """Url, and the one answer over REST (None: none is needed) with which the frames lead to the result."""
    last = ""
    for answer in (None, *answers):
        try:
            url, found, _ = await replayed(exchange_id, method, arguments, frames, answer)
        except Exception as error:
            last = f"{type(error).__name__}: {str(error)[:60]}"
            continue
        wanted = live[: len(found)] if isinstance(live, list) and found else live
        if not set(compose.differing(wanted, found, compose.CLOCKS)):
            return url, answer, wanted
        last = compose.unequal(live, found)
    raise ValueError(f"not the same without the venue: {last}")
