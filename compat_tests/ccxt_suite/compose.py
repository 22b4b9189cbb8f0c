"""python -m compat_tests.ccxt_suite.compose [request|response|ws|markets] [ID ...]: makes the fixtures of ccxt's static tests anew.

What it writes was composed, not recorded: markets and answers are those of our paper venues, requests those of our classes. It must be read against
the venue's documentation before it is committed: a fixture says what is right, not what happens.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import parse_qsl, urlsplit

import ccxt

import ccxt_dex
from ccxt_dex import paper
from compat_tests.ccxt_suite import calls, offline, venues

STATIC = Path(__file__).resolve().parent / "static"
COINS = ("BTC", "ETH")
SOURCE = "composed from our paper venue"
CLOCKS = (
    "timestamp",
    "datetime",
    "updated",
    "fundingTimestamp",
    "fundingDatetime",
)  # of results that say when they were made; checked wherever the venue says it
LATER = 100_000.0  # seconds between the two makings that show what differs in every request


def path(kind: str, exchange_id: str) -> Path:
    return STATIC / kind / f"{exchange_id}.json"


def read(kind: str, exchange_id: str) -> Any:
    return json.loads(path(kind, exchange_id).read_text())


def write(kind: str, exchange_id: str, value: dict[str, Any]) -> None:
    """JSON with a line for every test, or for every market."""
    target = path(kind, exchange_id)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(laid_out(value, 3 if "methods" in value else 1) + "\n")


def laid_out(value: Any, depth: int, margin: str = "") -> str:
    """:param depth: of what gets lines of its own"""
    if not depth or not value or not isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    inner, opening, closing = margin + " ", *("{}" if isinstance(value, dict) else "[]")
    if isinstance(value, dict):
        rows = [f"{json.dumps(key)}: {laid_out(each, depth - 1, inner)}" for key, each in value.items()]
    else:
        rows = [laid_out(each, depth - 1, inner) for each in value]
    body = f",\n{inner}".join(rows)
    return f"{opening}\n{inner}{body}\n{margin}{closing}"


def plain(value: Any) -> Any:
    """What JSON keeps of a result."""
    return json.loads(json.dumps(value))


# --- markets -----------------------------------------------------------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def desk(exchange_id: str, **options: Any) -> AsyncIterator[tuple[Any, Any, str]]:
    """A paper venue that stands still, a client with its throwaway account, and the market that is traded."""
    async with paper.start(exchange_id, seed=7, **options) as venue:
        await venue.market({"pause": True})
        ex = getattr(ccxt_dex, exchange_id)({**venue.config(), "enableRateLimit": False, "timeout_on_exit": 0})
        try:
            await ex.load_markets()
            yield venue, ex, ccxt_dex.symbol(ex, "BTC")
        finally:
            await ex.close()


@contextlib.asynccontextmanager
async def desk_client(exchange_id: str, venue: Any) -> AsyncIterator[Any]:
    """A second client of the same account: it remembers nothing of its orders, and knows the fixtures' markets only."""
    ex = getattr(ccxt_dex, exchange_id)({**venue.config(), "enableRateLimit": False, "timeout_on_exit": 0})
    ex.set_markets(list(read("markets", exchange_id).values()), read("currencies", exchange_id))
    try:
        yield ex
    finally:
        await ex.close()


async def markets(exchange_id: str) -> None:
    async with desk(exchange_id) as (_, ex, _symbol):
        kept = {symbol: row for symbol, row in ex.markets.items() if row["swap"] and row["base"] in COINS}
        codes = {row[name] for row in kept.values() for name in ("base", "quote", "settle")}
        write("markets", exchange_id, kept)
        write("currencies", exchange_id, {code: row for code, row in ex.currencies.items() if code in codes})


def instance(exchange_id: str, answer: bool = True) -> Any:
    """What `init_offline_exchange` of ccxt's programme makes of the fixtures, and the files' own credentials on top."""
    given = venues.VENUES[exchange_id].given
    config = {
        "markets": read("markets", exchange_id), "currencies": read("currencies", exchange_id), "enableRateLimit": False, "rateLimit": 1,
        "httpProxy": "http://fake:8080", "httpsProxy": "http://fake:8080", "apiKey": "key", "secret": "secretsecret", "password": "password",
        "walletAddress": "wallet", "privateKey": venues.FIXED_KEY, "uid": "uid", "token": "token", "login": "login", "accountId": "12345",
        "options": {"enableUnifiedAccount": True, "enableUnifiedMargin": False, "accessToken": "token", "expires": 999999999999999, "leverageBrackets": {}},
    }  # fmt: skip
    if exchange_id == "grvt":
        config["apiKey"] = config["secret"] = ""
    ex = getattr(ccxt_dex, exchange_id)(config)
    ex.currencies = config["currencies"]
    for name in ("apiKey", "secret", "privateKey", "walletAddress"):
        if given.get(name):
            setattr(ex, name, given[name])
    ex.extend_exchange_options(given.get("options", {}))
    return offline.prepare(ex, exchange_id, answer)


def head(exchange_id: str) -> dict[str, Any]:
    venue = venues.VENUES[exchange_id]
    return {
        "exchange": exchange_id,
        **{name: value for name, value in venue.given.items() if name != "options"},
        "options": venue.given.get("options", {}),
    }


# --- requests ----------------------------------------------------------------------------------------------------------------------------


async def sent(exchange_id: str, shift: float) -> dict[tuple[str, str], Any]:
    """What every call sends first, at a clock that is `shift` seconds ahead; refusals in place of what is not sent."""
    now, found = time.time, {}
    venue = venues.VENUES[exchange_id]
    with mock.patch("time.time", lambda: now() + shift):
        ex = instance(exchange_id)
        symbol, other = (ccxt_dex.symbol(ex, coin) for coin in COINS)
        for method, description, arguments in [*calls.reads(symbol, other), *calls.writes(symbol, venue.client_id)]:
            ex.last_request_url = ex.last_request_body = None
            ex.static_method = method
            try:
                if ex.has.get(method):
                    await getattr(ex, method)(*json.loads(json.dumps(arguments)))
            except ccxt.InvalidProxySettings:
                found[method, description] = (arguments, ex.last_request_url, ex.last_request_body)
            except Exception as error:
                found[method, description] = f"{type(error).__name__}: {error}"
        await ex.close()
    return found


def parsed(url: str, body: Any) -> Any:
    """A request in a form that can be compared key by key."""
    query = dict(parse_qsl(urlsplit(url).query)) if body is None else {}
    return query if body is None else json.loads(body) if isinstance(body, str) else {k: _inner(v) for k, v in body.items()}


def _inner(value: Any) -> Any:
    try:
        return json.loads(value) if isinstance(value, str) and value[:1] in ("{", "[") else value
    except ValueError:
        return value


def differing(one: Any, two: Any, skip: tuple[str, ...], key: str = "") -> Iterator[str]:
    """Names of the keys whose values differ, those that are skipped left out."""
    if isinstance(one, dict) and isinstance(two, dict) and one.keys() == two.keys():
        for name in one:
            if name not in skip:
                yield from differing(_inner(one[name]), _inner(two[name]), skip, name)
    elif isinstance(one, list) and isinstance(two, list) and len(one) == len(two):
        for left, right in zip(one, two, strict=True):
            yield from differing(left, right, skip, key)
    elif one != two:
        yield key


async def request(exchange_id: str) -> None:
    venue = venues.VENUES[exchange_id]
    first, second = await sent(exchange_id, 0.0), await sent(exchange_id, LATER)
    methods: dict[str, list[Any]] = {}
    for (method, description), entry in first.items():
        if isinstance(entry, str):
            print(f"   {exchange_id} {method} ({description}): {entry[:150]}")
            continue
        arguments, url, body = entry
        unsteady = set(differing(parsed(url, body), parsed(*second[method, description][1:]), venue.skip))
        if unsteady - set(venue.sometimes):
            print(f"   {exchange_id} {method} ({description}) is left out: {sorted(unsteady)} differ every time and may not be skipped")
            continue
        row = {"description": f"{description} ({SOURCE})", "method": method, "url": url, "input": arguments, "output": body}
        forced = [name for name in venue.sometimes if name not in unsteady]
        methods.setdefault(method, []).append({**row, "forceCheckKeys": forced} if forced else row)
    write(
        "request", exchange_id, {**head(exchange_id), "skipKeys": [*venue.skip, *venue.sometimes], "outputType": "json", "methods": methods}
    )


# --- responses ---------------------------------------------------------------------------------------------------------------------------


async def history(ex: Any, symbol: str) -> dict[str, Any]:
    """A position, a cancelled and an open order; returns the open one."""
    bid = float((await ex.fetch_order_book(symbol))["bids"][0][0])
    low = float(ex.price_to_precision(symbol, bid * 0.97))
    await ex.create_order(symbol, "market", "buy", 0.02, float(ex.price_to_precision(symbol, bid * 1.01)))
    gone = await ex.create_order(symbol, "limit", "buy", 0.01, low)
    await ex.cancel_order(gone["id"], symbol)
    open_one: dict[str, Any] = await ex.create_order(symbol, "limit", "buy", 0.01, low)
    return open_one


def served(log: list[tuple[str, Any]], before: dict[str, Any]) -> dict[str, Any]:
    """ccxt's fields for the answers of one call: one for all, or one per url.

    :param before: answers to what an instance asks first
    """
    if not before and len({json.dumps(answer) for _, answer in log}) == 1:
        return {"httpResponse": log[0][1]}
    by_path: dict[str, Any] = dict(before)
    for url, answer in log:
        parts = urlsplit(url)
        known = by_path.setdefault(parts.path, answer)
        if known != answer:
            by_path[f"{parts.path}?{parts.query}"] = answer
    return {"httpResponseByUrl": dict(sorted(by_path.items(), key=lambda item: -len(item[0])))}


def pick(row: dict[str, Any], url: str) -> Any:
    """What ccxt's programme would answer."""
    if "httpResponse" in row:
        return row["httpResponse"]
    by_url = row["httpResponseByUrl"]
    return next((body for fragment, body in by_url.items() if fragment in url), next(iter(by_url.values())))


async def replayed(exchange_id: str, method: str, row: dict[str, Any], shift: float = 0.0) -> Any:
    """The result of a call as ccxt's programme gets it, at a clock that is `shift` seconds ahead."""
    ex, now = instance(exchange_id, answer=False), time.time

    async def fetch(url: str, *args: Any, **kwargs: Any) -> Any:
        return json.loads(json.dumps(pick(row, url)))

    ex.fetch = fetch
    try:
        with mock.patch("time.time", lambda: now() + shift):
            return plain(await getattr(ex, method)(*row["input"]))
    finally:
        await ex.close()


async def sufficient(exchange_id: str, row: dict[str, Any], log: list[tuple[str, Any]], live: Any) -> dict[str, Any]:
    """The answers that make a new instance say what the one before the venue said.

    :raises ValueError: none do
    """
    for before in ({}, venues.answers(exchange_id)):
        found = served(log, before)
        try:
            again = await replayed(exchange_id, row["method"], {**row, **found})
        except ccxt.BaseError as error:
            last = str(error)[:100]
            continue
        if not set(differing(live, again, CLOCKS)):
            return found
        last = unequal(live, again)
    raise ValueError(f"not the same without the venue: {last}")


async def response(exchange_id: str) -> None:
    methods: dict[str, list[Any]] = {}
    async with desk(exchange_id) as (venue, trader, symbol), desk_client(exchange_id, venue) as ex:
        placed = await history(trader, symbol)
        log: list[tuple[str, Any]] = []
        original = ex.fetch

        async def spy(url: str, *args: Any, **kwargs: Any) -> Any:
            answer = await original(url, *args, **kwargs)
            log.append((url, json.loads(json.dumps(answer))))
            return answer

        ex.fetch = spy
        for method, description, arguments in calls.reads(symbol, ccxt_dex.symbol(ex, "ETH"), None, placed["id"]):
            log.clear()
            if not ex.has.get(method) or (method, description) == ("fetchOrderBook", "default depth"):
                continue
            try:
                live = plain(await getattr(ex, method)(*arguments))
                row = {"description": f"{description} ({SOURCE})", "method": method, "input": arguments}
                row |= await sufficient(exchange_id, row, log, live)
            except Exception as error:
                print(f"   {exchange_id} {method} ({description}) is left out: {type(error).__name__}: {str(error)[:200]}")
                continue
            methods.setdefault(method, []).append({**row, "parsedResponse": live})
    write("response", exchange_id, {**head(exchange_id), "skipKeys": list(CLOCKS), "methods": methods})


def unequal(one: Any, two: Any, where: str = "") -> str:
    """Where two results differ first."""
    if isinstance(one, dict) and isinstance(two, dict):
        for key in [*one, *two]:
            if one.get(key, "-") != two.get(key, "-"):
                return unequal(one.get(key, "-"), two.get(key, "-"), f"{where}.{key}")
    if isinstance(one, list) and isinstance(two, list) and len(one) == len(two):
        for index, (left, right) in enumerate(zip(one, two, strict=True)):
            if left != right:
                return unequal(left, right, f"{where}[{index}]")
    return f"{where}: {str(one)[:80]} / {str(two)[:80]}"


async def ws(exchange_id: str) -> None:
    from compat_tests.ccxt_suite import compose_ws

    await compose_ws.ws(exchange_id)


async def steady(exchange_id: str) -> None:
    """Marks what does not depend on the clock, which every response and stream must be checked for; last step of both."""
    from compat_tests.ccxt_suite import compose_ws

    for kind in ("response", "ws"):
        found = read(kind, exchange_id)
        for method, rows in found["methods"].items():
            for row in list(rows):
                if kind == "response":
                    later = await replayed(exchange_id, method, row, LATER)
                else:
                    later = (await compose_ws.replayed(exchange_id, method, row["input"], row["messages"], row.get("httpResponse"), LATER))[
                        1
                    ]
                unsteady = set(differing(row["parsedResponse"], later, ()))
                if unsteady - set(CLOCKS):
                    print(f"   {exchange_id} {method} is left out: {sorted(unsteady)} depend on the clock")
                    rows.remove(row)
                row["forceCheckKeys"] = [name for name in CLOCKS if name not in unsteady]
        found["methods"] = {method: rows for method, rows in found["methods"].items() if rows}
        write(kind, exchange_id, {**found, "skipKeys": list(CLOCKS)})


async def main(*words: str) -> None:
    kinds = [word for word in words if word in MAKERS] or list(MAKERS)
    for exchange_id in [word for word in words if word in venues.VENUES] or list(venues.VENUES):
        for kind in kinds:
            await MAKERS[kind](exchange_id)


MAKERS: dict[str, Any] = {"markets": markets, "request": request, "response": response, "ws": ws, "steady": steady}

if __name__ == "__main__":
    from compat_tests.ccxt_suite.compose import main as started  # the module under its name, for compose_ws

    asyncio.run(started(*sys.argv[1:]))
