"""How topics reach us: all public ones over one connection (v2/rpc), or one socket each (v1), as the account's."""

from __future__ import annotations

from typing import Any

from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.extended import streams, topics
from ccxt_dex.exchanges.extended.history import History
from ccxt_dex.exchanges.extended.room import Params
from ccxt_dex.streams import StreamRules

V1 = "/v1"
_KINDS = ("orderbooks", "publicTrades", "funding", "candles", "prices", "account")
_HANDLERS = {
    "orderbooks": "handle_book",
    "publicTrades": "handle_public_trades",
    "funding": "handle_funding",
    "candles": "handle_candles",
    "prices": "handle_price",
    "account": "handle_account",
}


class Links(History):
    """Part of the room."""

    def ws_url(self, path: str) -> str:
        """The v1 socket of a topic."""
        return str(self.implode_hostname(self.urls["api"]["ws"])) + path

    def rpc_url(self) -> str:
        """The v2 connection, beside v1; "" when `options['multiplex']` is off or the streams' address is not the venue's."""
        base = self.ws_url("")
        wanted = self.options.get("multiplex", True) and base.endswith(V1)
        return base[: -len(V1)] + streams.RPC if wanted else ""

    def rules_of(self, url: str) -> StreamRules:
        return streams.RPC_RULES if url.endswith(streams.RPC) else super().rules_of(url)

    def stream_urls(self) -> list[str]:
        return [url for url in (self.rpc_url(),) if url] + super().stream_urls()

    def listen(self, path: str, message_hash: str) -> Any:
        """An awaitable for the next result of a public topic, which its v1 path stands for."""
        shared = self.rpc_url()
        if shared:
            return self.watch(shared, message_hash, topics.subscribe(path), path)
        return self.watch(self.ws_url(path), message_hash, None, path)

    async def named(self, symbols: Any) -> list[Any]:
        """The markets of some symbols."""
        await self.load_markets()
        return [self.market(symbol) for symbol in symbols or ()]

    # --- receiving --------------------------------------------------------------------------------------------------------------------

    def handle_message(self, client: Any, message: Any) -> None:
        """ccxt's hook; its own tells topics apart by the shape of a message, and one error frame silences a socket."""
        if not isinstance(message, dict):
            raise ValueError("a frame that is no object")
        if str(client.url).endswith(streams.RPC):
            self.handle_rpc(client, message)
            return
        if message.get("error"):
            raise self._frame_error(message["error"])
        path = str(client.url)[len(self.ws_url("")) :]
        step = self.in_sequence(client, message.get("seq"))
        if step is not None:
            self.dispatch(client, path, message, step)

    def handle_rpc(self, client: Any, message: Params) -> None:
        """A frame of v2: an answer with an id, or data with the name of its subscription. Frames are numbered over the whole connection, so
        that a missing one may have been of any topic: then nothing of this connection is used any more."""
        if message.get("id") is not None:
            self.handle_answer(client, message)
            return
        generation = client.ledger.generation
        if client.__dict__.get("broken") == generation:
            return
        step = self.in_sequence(client, message.get("seq"))
        if step is None:
            return
        if not step:
            client.broken = generation
            for book in client.books.values():
                book.lose(client.asyncio_loop.time())
            client.asyncio_loop.call_soon(client.lost, errors.NetworkError(f"{self.id} frames are missing before {message.get('seq')}"))
            return
        path = topics.path_of(str(message.get("subscription")))
        if path is None or path not in client.subscriptions:
            return
        if message.get("error"):
            self.refuse_topic(client, path, self._frame_error(message["error"]))
            return
        self.dispatch(client, path, message, True)

    def handle_answer(self, client: Any, message: Params) -> None:
        """The answer to a subscription; a refusal concerns those who wait for that topic, nobody else."""
        path = next((key for key in list(client.subscriptions) if topics.request_id(key) == str(message["id"])), None)
        if path is None:
            return
        if message.get("error"):
            self.refuse_topic(client, path, self._frame_error(message["error"]))
        else:
            client.confirm(path)

    @staticmethod
    def refuse_topic(client: Any, path: str, error: Exception) -> None:
        """Tell whoever waits; the next call asks again."""
        record = client.ledger.topics.get(path)
        client.subscriptions.pop(path, None)
        for message_hash in record.hashes if record is not None else ():
            client.reject(error, message_hash)

    def _frame_error(self, error: Any) -> Exception:
        known = error if isinstance(error, dict) else {"code": None, "message": error}
        return self.venue_error(known.get("code"), str(known.get("message") or ""))

    def dispatch(self, client: Any, path: str, message: Params, step: bool) -> None:
        """Data to the handler of its topic.

        :param step: whether it is the next message of its connection
        """
        kind = "/".join(part for part in path.partition("?")[0].split("/")[1:3] if part in _KINDS)
        handler = _HANDLERS.get(kind)
        if handler is not None and message.get("data") is not None:
            getattr(self, handler)(client, path, message, step)

    def in_sequence(self, client: Any, seq: Any) -> bool | None:
        """True: the next message. False: some are missing before it. None: one that was here already."""
        if seq is None:
            return True
        generation, last = client.__dict__.get("sequence", (0, 0))
        now = client.ledger.generation
        if generation == now and seq <= last:
            return None
        client.sequence = (now, seq)
        return bool(generation != now or seq == last + 1)

    # --- leaving ----------------------------------------------------------------------------------------------------------------------

    async def leave(self, path: str, *books: Any) -> bool:
        """End a topic; whoever waits for it gets UnsubscribeError."""
        self._refuse_while_closing()
        shared = (self.clients or {}).get(self.rpc_url())
        if shared is not None and path in shared.subscriptions:
            return bool(shared.unsubscribe(path))
        client = (self.clients or {}).pop(self.ws_url(path), None)
        if client is None:
            return False
        for message_hash in list(client.futures):
            client.reject(errors.UnsubscribeError(f"{self.id} {message_hash}"), message_hash)
        for book in books:
            if book is not None:
                book.lose(client.asyncio_loop.time())
        await client.close()
        return True
