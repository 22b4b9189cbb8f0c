"""What an answer carries beside its body: several cookies, of which ccxt's dictionary of headers keeps the first; rules per socket."""

from __future__ import annotations

from typing import Any, ClassVar

from ccxt_dex.dex import Dex
from ccxt_dex.outcome.attempts import CURRENT
from ccxt_dex.paper.server import Reply
from ccxt_dex.streams import NoPing, StreamRules


class Room(Dex):
    seen: ClassVar[list[dict[str, str]]] = []

    def on_rest_response(self, *args: Any) -> Any:
        attempt = CURRENT.get()
        assert attempt is not None
        self.seen.append(dict(attempt.cookies))
        return super().on_rest_response(*args)

    def rules_of(self, url: str) -> StreamRules:
        return StreamRules(ping=NoPing(), silence=5.0) if "other" in url else super().rules_of(url)


async def test_every_cookie_of_an_answer_is_seen(tmp_path: Any) -> None:
    from aiohttp import web

    from ccxt_dex.paper import server

    async def handle(request: web.Request) -> web.Response:
        return server._response(Reply({"ok": True}, 200, {"Set-Cookie": ["csrftoken=aaa; Path=/", "sessionid=bbb; HttpOnly; Path=/"]}))

    app = web.Application()
    app.router.add_get("/x", handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
    ex: Any = Room()
    try:
        assert await ex.fetch(f"http://127.0.0.1:{port}/x") == {"ok": True}
    finally:
        await ex.close()
        await runner.cleanup()
    assert ex.seen == [{"csrftoken": "aaa", "sessionid": "bbb"}]


async def test_a_room_may_have_rules_of_its_own_per_socket() -> None:
    ex: Any = Room()
    try:
        assert ex.client("ws://127.0.0.1:9/one").rules is ex.stream_rules
        assert ex.client("ws://127.0.0.1:9/other").rules.silence == 5.0
    finally:
        await ex.close()
