"""python offline.py TREE ROOT SYNC MODES ID ...: ccxt's static tests (request, response, ws) from TREE on our classes, with the fixtures below ROOT.

One process for many exchanges. For each it prints `@@ MODE ID`, what ccxt's programme says, and `@@ done MODE ID CODE`.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import types
from typing import Any


def prepare(ex: Any, exchange_id: str, answer: bool = True) -> Any:
    """What ccxt's fixture format cannot express: an account's number, and answers to what comes before a request."""
    from compat_tests.ccxt_suite import venues

    for name, value in venues.VENUES[exchange_id].attributes.items():
        setattr(ex, name, value)
    known, original = venues.answers(exchange_id), ex.fetch

    async def fetch(url: str, *args: Any, **kwargs: Any) -> Any:
        method = str(getattr(ex, "static_method", ""))
        steps = [step for start, step in venues.VENUES[exchange_id].steps.items() if method.startswith(start)]
        for fragment, body in {**known, **(steps[0] if steps else {})}.items():
            if fragment in url:
                return json.loads(json.dumps(body))
        return await original(url, *args, **kwargs)

    if answer:
        ex.fetch = fetch
    return ex


def give(ex: Any, exchange_id: str) -> None:
    """The credentials of a fixture file; in a ws file ccxt's programme reads them of each test, and not all of them."""
    from compat_tests.ccxt_suite import venues

    for name in ("apiKey", "secret", "privateKey", "walletAddress"):
        if venues.VENUES[exchange_id].given.get(name):
            setattr(ex, name, venues.VENUES[exchange_id].given[name])


class FakeSocket:
    """A connection that keeps what is sent and never speaks by itself."""

    closed, close_code = False, None

    def __init__(self) -> None:
        self.sent_messages: list[Any] = []

    async def send_str(self, message: str) -> None:
        self.sent_messages.append(json.loads(message))

    async def receive(self) -> Any:
        return await asyncio.get_running_loop().create_future()

    async def pong(self, data: Any) -> None:
        pass

    async def close(self, *args: Any, **kwargs: Any) -> bool:
        self.closed = True
        return True


def open_socket(ex: Any, url: str) -> Any:
    """ccxt's setup_ws_mock_transport for our client, which does not take ccxt's word that it is connected."""
    client = ex.client(url)
    if client.state == "new":
        client._adopt(FakeSocket())
    return ex


async def moment(milliseconds: float) -> None:
    """ccxt's programme waits up to half a second after every frame; nothing here needs that long."""
    await asyncio.sleep(min(milliseconds, 20) / 20_000)


def frame(ex: Any, url: str, message: Any) -> None:
    """ccxt's inject_ws_message one step lower: the frame is decoded by our client, as it would be from the wire."""
    ex.client(url).take(json.dumps(message).encode(), False)


def main(tree: str, root: str, sync: str, modes: str, *ids: str) -> None:
    tests = os.path.join(tree, "ccxt", "test")
    sys.path[:0] = [tests, tree]
    import ccxt_dex

    ccxt_dex.register(list(ids), replace=list(ids))
    sys.modules.setdefault("psutil", types.ModuleType("psutil"))
    sys.argv = [os.path.join(tests, "tests_init.py"), "--info", *(["--sync"] if sync == "sync" else [])]
    import tests_helpers  # type: ignore[import-not-found]

    tests_helpers.ROOT_DIR = root + os.sep
    name = "tests_sync" if sync == "sync" else "tests_async"
    programme = __import__(name)
    programme.setup_ws_mock_transport, programme.inject_ws_message = open_socket, frame
    for mode in modes.split(","):
        for exchange_id in ids:
            print(f"@@ {mode} {exchange_id}", flush=True)
            print(f"@@ done {mode} {exchange_id} {run(programme, mode, exchange_id, sync == 'sync')}", flush=True)


def run(programme: Any, mode: str, exchange_id: str, blocking: bool) -> int:
    """ccxt's exit code for one exchange in one mode."""

    class Tests(programme.testMainClass):  # type: ignore[misc,name-defined]
        def init_offline_exchange(self, exchange_name: str, is_ws: bool = False) -> Any:
            ex = prepare(super().init_offline_exchange(exchange_name, is_ws), exchange_name, mode != "response")
            if is_ws:
                ex.sleep = moment
                give(ex, exchange_name)
            return ex

        async def test_request_statically(self, exchange: Any, method: str, *rest: Any) -> Any:
            exchange.static_method = method
            return await super().test_request_statically(exchange, method, *rest)

    if blocking:

        def named(self: Any, exchange: Any, method: str, *rest: Any) -> Any:
            exchange.static_method = method
            return programme.testMainClass.test_request_statically(self, exchange, method, *rest)

        Tests.test_request_statically = named  # type: ignore[method-assign]
    tests = Tests()
    tests.parse_cli_args_and_props()
    try:
        done = tests.run_static_tests(mode, exchange_id)
        if not blocking:
            asyncio.run(done)
    except SystemExit as error:
        return int(error.code or 0)
    return 0


if __name__ == "__main__":
    main(*sys.argv[1:])
