"""The order response stream: orders sent over it, and the results of orders sent over REST with its session id.

Page: docs.standx.com "WebSocket", order response stream (2026-08-11). Each request is answered twice, first "accepted" by the gateway, then
by matching; the second frame is the result. It carries no order id.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from ccxt_dex import signers
from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.standx import signing, tables
from ccxt_dex.exchanges.standx.login import Login
from ccxt_dex.exchanges.standx.room import Params
from ccxt_dex.limits import Charge
from ccxt_dex.outcome.attempts import judge_answer
from ccxt_dex.sessions import Session

AUTHENTICATED = "authenticated"
METHODS = {"new_order": "order:new", "cancel_order": "order:cancel"}
LOGIN_ID = "login-"
STRAYS = 256
SOCKET_CHARGE = Charge((("account", float(tables.CREDITS_PER_REQUEST)),))


class OrderSocket(Login):
    def _fresh_state(self) -> None:
        super()._fresh_state()
        self._waiting: dict[str, asyncio.Future[Any]] = {}
        self._strays: OrderedDict[str, Any] = OrderedDict()
        self._gateway_enough: set[str] = set()
        self._order_session = ""
        self._order_login: Session | None = None

    def order_url(self) -> str:
        return str(self.urls["api"]["ws"]["orders"])

    def result_seconds(self, params: Params) -> float:
        """How long to wait for matching on the socket before the order is looked up over REST."""
        return float(params.get("timeout") or self.options.get("resultSeconds") or 3)

    # --- the link -------------------------------------------------------------------------------------------------------------------

    def login_message(self, session: Session) -> dict[str, Any]:
        """`auth:login` with a session id of its own for every connection."""
        self._order_session, self._order_login = self.uuid(), session
        self._socket_tokens[self.order_url()] = session.token
        return signing.login_frame(self._order_session, LOGIN_ID + self.uuid(), session.token, self.impersonated())

    async def order_link(self) -> Any:
        """The order socket's client, open and logged in.

        :raises AuthenticationError: the venue refuses the token
        """
        session = await self.live_session()
        self.follow_session(session)
        await self.authenticated(self.order_url(), lambda: self.login_message(session))
        return self.client(self.order_url())

    async def authenticated(self, url: str, login: Callable[[], Any]) -> None:
        """Wait until a socket has logged in; whoever comes first asks, a lost connection asks again by itself."""
        client = self.client(url)
        record = client.ledger.topics.get(AUTHENTICATED)
        if record is None:
            await self.watch(url, AUTHENTICATED, login(), AUTHENTICATED)
        elif client.state != "open" or not record.confirmed or record.generation != client.ledger.generation:
            try:
                await asyncio.wait_for(client.future(AUTHENTICATED).child(), self.timeout / 1000)
            except asyncio.TimeoutError:
                raise errors.RequestTimeout(f"{self.id} no answer to the login on {url}") from None

    async def session_for_results(self, params: Params) -> str | None:
        """The session id that makes results of REST orders arrive on the socket; None when it is switched off or not to be had."""
        if params.get("orderSocket", self.options.get("orderSocket", True)) is False:
            return None
        try:
            await asyncio.wait_for(self.order_link(), self.result_seconds({}))
        except errors.AuthenticationError:
            raise
        except (errors.BaseError, asyncio.TimeoutError) as error:
            self.logger.info("%s order socket: %s; results are looked up instead", self.id, type(error).__name__)
            return None
        return self._order_session

    # --- sending --------------------------------------------------------------------------------------------------------------------

    async def send_order(self, path: str, body: Params, params: Params, wait: bool) -> bool:
        """Over the socket. True when matching has said success, False when what became of it must be looked up.

        :raises ExchangeError: refused, by the gateway or by matching
        """
        try:
            client = await self.order_link()
        except errors.BaseError as error:
            setattr(error, "verdict", "not_sent")  # noqa: B010
            raise
        if self.enableRateLimit:
            await self.pass_buckets(SOCKET_CHARGE, write=True)  # not stated, so taken to cost what REST costs
        request_id, method = self.uuid(), METHODS[path]
        text = signing.compact({name: value for name, value in body.items() if name != "impersonate"})
        # with the key of the token that the socket logged in with, which a login of another instance does not change
        signed = await self.signed(text, request_id, self._order_login or self.present_session())
        frame = signing.order_frame(self._order_session, request_id, method, signed, text)
        if not wait:
            self._gateway_enough.add(request_id)
        try:
            answer = await client.request(request_id, frame, self.result_seconds(params))
        except errors.RequestTimeout as error:
            if getattr(error, "verdict", None) != "unknown" or not wait:
                raise
            return False
        finally:
            self._gateway_enough.discard(request_id)
        return self.settle(method, answer)

    async def signed(self, text: str, request_id: str, session: Session) -> dict[str, str]:
        """The signature headers of a text; the signer may be somebody else's and slow."""
        stamp = self.server_milliseconds()
        signer = self.request_signer(session)
        signature = await signers.result(signer.sign(signing.message(request_id, stamp, text)))
        return signing.headers(request_id, stamp, signature)

    async def post_order(self, path: str, body: Params, params: Params, wait: bool) -> bool:
        """Over REST, with the result from the socket where there is one. As `send_order`."""
        session_id = await self.session_for_results(params) if wait else None
        request_id = self.uuid()
        headers: Params = {"x-request-id": request_id}
        if session_id is None:
            await self.call(f"private_post_{path}", {**body, **headers})
            return False
        result = self._waiting[request_id] = asyncio.get_running_loop().create_future()
        names = [request_id]
        try:
            answer = await self.call(f"private_post_{path}", {**body, **headers, "x-session-id": session_id})
            names.append(self.also_known_as(answer, result))
            frame = await asyncio.wait_for(result, self.result_seconds(params))
        except asyncio.TimeoutError:
            return False
        finally:
            for name in names:
                self._waiting.pop(name, None)
        return self.settle(path, frame)

    def also_known_as(self, answer: Any, result: asyncio.Future[Any]) -> str:
        """The venue's own request id of a REST order; whether results carry this one or ours is not documented, so both are waited for."""
        name = str(answer.get("request_id") or "") if isinstance(answer, dict) else ""
        early = self._strays.pop(name, None)
        if early is not None and not result.done():
            result.set_result(early)
        if name:
            self._waiting[name] = result
        return name

    def settle(self, path: str, frame: Any) -> bool:
        """:raises ExchangeError: when the frame is a refusal"""
        code = frame.get("code")
        if code in (0, 200):
            return bool(frame.get("status") != "accepted")
        error = self.venue_error(path, int(code or 400), str(frame.get("message") or ""))
        setattr(error, "verdict", judge_answer(error, int(code or 400)))  # noqa: B010
        raise error

    # --- receiving ------------------------------------------------------------------------------------------------------------------

    def handle_order_reply(self, client: Any, message: dict[str, Any]) -> None:
        """One frame of the order response stream."""
        request_id = str(message.get("request_id") or "")
        if request_id.startswith(LOGIN_ID):
            self.handle_login_reply(client, message, "auth:login")
            return
        if message.get("code") == 0 and message.get("status") == "accepted" and request_id not in self._gateway_enough:
            return  # only the gateway's word; the result follows
        waiting = self._waiting.get(request_id)
        if waiting is not None:
            self.tell(waiting, message)
        elif request_id in client.futures:
            client.resolve(message, request_id)
        elif request_id:
            self._strays[request_id] = message
            while len(self._strays) > STRAYS:
                self._strays.popitem(last=False)
        elif message.get("code") not in (0, None):
            raise self.venue_error("order:new", int(message["code"]), str(message.get("message") or ""))

    @staticmethod
    def tell(waiting: asyncio.Future[Any], message: Any) -> None:
        """The waiter may live on another loop: instances are shared between threads."""
        waiting.get_loop().call_soon_threadsafe(lambda: None if waiting.done() else waiting.set_result(message))

    def handle_login_reply(self, client: Any, message: dict[str, Any], path: str) -> None:
        """0 in the code of running clients, 200 in the documentation; everything else refuses the token.

        With a wallet key the first refusal is answered with a new sign-in on a new connection, unseen by whoever waits.
        """
        code = message.get("code")
        if code in (0, 200):
            client.login_refusals = 0
            client.confirm(AUTHENTICATED)  # before anybody is woken: the next caller must not wait for another answer
            client.resolve(message, AUTHENTICATED)
            return
        text = str(message.get("message") or message.get("msg") or "")
        error = errors.AuthenticationError(f"{self.id} {path}: {code} {text}")
        renewable = self.session_refused()
        if renewable and not client.__dict__.get("login_refusals"):
            client.login_refusals = 1
            client.asyncio_loop.call_soon(client.lost, errors.NetworkError(f"{error}; signing in anew"))
            return
        client.reject(error, AUTHENTICATED)

    def session_refused(self) -> bool:
        """A token that a socket refused is not used again. Whether another can be had."""
        if self.has_api_token() or not self.privateKey:
            return False
        self.session_manager.invalidate()
        return True
