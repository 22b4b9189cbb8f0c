"""What the parts of the room share: who we are, the session, signatures, the venue's errors as ccxt's exceptions."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from ccxt_dex import _ccxt, signers
from ccxt_dex._ccxt import errors
from ccxt_dex.dex import Dex
from ccxt_dex.errors import by_name
from ccxt_dex.exchanges.grvt import parsing, signing, tables
from ccxt_dex.limits import Rule
from ccxt_dex.sessions import Call, LoginSteps, Session, Sign, logging_in

Params = dict[str, Any]
NONE: Params = {}
"""the default of every `params`; nobody writes into it"""

__all__ = ["NONE", "Params", "Room"]

_CCXT: Any = _ccxt.pro("grvt")
DAY_MS = 86_400_000


class Room(Dex, _CCXT):  # type: ignore[misc]
    """Helpers of every part; no unified method but sign_in."""

    # ccxt's costs come from the venue's help centre (a hundred units a second); how much may be spent at once is not published
    rate_rules: ClassVar[Mapping[str, Rule]] = {"ip": Rule(100.0, 500.0)}
    symbol_formats: ClassVar[Mapping[str, str]] = {"swap": "{base}/USDT:USDT"}
    balance_is_equity: ClassVar[bool] = True
    client_id_params = ("clientOrderId", "client_order_id")

    def _fresh_state(self) -> None:
        super()._fresh_state()
        self._accounts: dict[tuple[str, str, str], str] = {}
        self._socket_tokens: dict[str, str] = {}

    def _settle_construction(self) -> None:
        super()._settle_construction()
        if not self.privateKey and self.secret:
            self.privateKey = self.secret

    def is_write(self, path: str, api: Any, method: str, params: Mapping[str, Any]) -> bool:
        return path in tables.WRITES

    # --- who we are -------------------------------------------------------------------------------------------------------------------

    def check_required_credentials(self, error: bool = True) -> bool:
        """An API key (with the private key that belongs to it, for whatever is signed), or a wallet's private key alone.

        :raises AuthenticationError: neither, unless `error` is False
        """
        if self.apiKey or self.privateKey:
            return True
        if error:
            raise errors.AuthenticationError(f"{self.id} requires 'apiKey' and 'privateKey' (of an API key), or 'privateKey' (of a wallet)")
        return False

    def chain_id(self) -> int:
        """The chain that signatures are for: ``options['chainId']``, else that of production or of the test network."""
        given = self.options.get("chainId")
        return int(given) if given else tables.CHAIN_IDS["testnet" if self.isSandboxModeEnabled else "prod"]

    def grvt_signer(self) -> Any:
        """The key that signs: of the API key, or of the wallet."""
        return self.signer("eip712")

    def session_scope(self) -> str:
        if self.apiKey:
            return f"key:{hashlib.sha256(str(self.apiKey).encode()).hexdigest()[:20]}"
        return str(self.grvt_signer().address).lower() if self.privateKey else ""

    def given_account(self) -> str | None:
        """The trading account that the user gave: uid, accountId or ``options['accountId']``."""
        for value in (self.uid, self.accountId, self.options.get("accountId")):
            if value not in (None, ""):
                if not str(value).isdigit():
                    raise errors.AuthenticationError(f"{self.id} the trading account (uid) is a whole number, got {value!r}")
                return str(value)
        return None

    async def sub_account(self, params: Mapping[str, Any] = NONE) -> str:
        """The trading account to ask about: the parameter, for this call alone, what the user gave, or the session's only one.

        :raises ArgumentsRequired: the session can see several
        """
        self.check_required_credentials()
        named = params.get("accountId", params.get("sub_account_id"))
        if named:
            return str(named)
        asked = self.given_account()
        if asked is None:
            session = await self.live_session()
            asked = self._accounts.get(self.session_key()) or session.data.get("sub")
        if asked is None:
            answer = await self.call("privateTradingPostFullV1GetSubAccounts", {})
            found = [str(each) for each in answer.get("sub_account_ids") or []]
            if len(found) != 1:
                raise errors.ArgumentsRequired(
                    f"{self.id} set uid to the trading account to use; the session sees {', '.join(found) or 'none'}"
                )
            asked = found[0]
        self._accounts[self.session_key()] = str(asked)
        return str(asked)

    async def main_account(self) -> str:
        """The funding account: ``walletAddress``, ``options['userMainAccountId']``, what the login said, or what the venue answers."""
        given = self.walletAddress or self.options.get("userMainAccountId") or (await self.live_session()).data.get("main")
        if given:
            return str(given)
        answer = await self.call("privateTradingPostFullV1AggregatedAccountSummary", {})
        return str((answer.get("result") or {}).get("main_account_id") or "")

    def get_sub_account_id(self, params: Any) -> str:
        """ccxt's hook of its own methods."""
        found = params.get("accountId") or self.given_account() or self._accounts.get(self.session_key())
        if not found:
            raise errors.ArgumentsRequired(f"{self.id} the trading account is not known yet: call sign_in() first")
        return str(found)

    async def load_markets_and_sign_in(self) -> None:
        """ccxt's hook of its own methods."""
        await self.load_markets()
        await self.sub_account()

    async def load_account_infos(self) -> bool:
        """ccxt's hook; nothing is written into options, which bots share between instances."""
        await self.sub_account()
        return True

    async def initialize_client(self, params: Params = NONE) -> bool:
        """ccxt's hook: it would authorise ccxt's builder on the account. Nobody is authorised here."""
        return False

    # --- session ----------------------------------------------------------------------------------------------------------------------

    def login_steps(self) -> LoginSteps | None:
        return self._login() if self.apiKey or self.privateKey else None

    def _login(self) -> LoginSteps:
        if self.apiKey:
            answer = yield Call("privateEdgePostAuthApiKeyLogin", {"api_key": self.apiKey})
            return self._session_of(answer)
        signer, chain = self.grvt_signer(), self.chain_id()
        address = signer.address.lower()
        fields = signing.unsigned(self.nonce(), self.expires_in(tables.IMMEDIATE_SECONDS), chain)
        made = yield Sign(signer, "sign_digest", signing.wallet_login(address, fields, chain))
        request = {"address": address, "signature": signing.wire_signature(fields, address, made)}
        answer = yield Call("privateEdgePostAuthWalletLogin", request)
        return self._session_of(answer)

    def _session_of(self, answer: Any) -> Session:
        """The session in the headers of a login's answer (put into it by handle_errors)."""
        held = answer.pop("_headers", None) or {} if isinstance(answer, dict) else {}
        found = parsing.cookie(held.get("cookie")) or self._from_jar()
        if found is None or not held.get("account"):
            raise errors.AuthenticationError(f"{self.id} the login was answered without a session: {str(answer)[:200]}")
        value, end = found
        self.redactor.hide(value)
        now = self.server_milliseconds()
        data = {"account": str(held["account"]), "scope": self.session_scope()}
        if answer.get("sub_account_id"):
            data["sub"] = str(answer["sub_account_id"])
        if answer.get("funding_account_address"):
            data["main"] = str(answer["funding_account_address"])
        return Session(f"gravity={value}", end or now + DAY_MS, data, now)

    def _from_jar(self) -> tuple[str, int | None] | None:
        """The cookie from aiohttp's jar, for answers that set several; it is taken out, or it would be sent in place of a later one."""
        jar = getattr(self.session, "cookie_jar", None)
        found = [morsel.value for morsel in jar or () if morsel.key == "gravity"]
        return (found[-1], None) if found else None

    def _forget_cookie(self) -> None:
        """aiohttp would send the cookie that it kept in place of ours, which may be newer: another instance signed in."""
        jar = getattr(self.session, "cookie_jar", None)
        if jar is not None and len(jar):
            jar.clear(lambda morsel: morsel.key == "gravity")

    def session_acceptable(self, session: Session) -> bool:
        return session.data.get("scope") == self.session_scope() and session.token.startswith("gravity=")

    async def live_session(self) -> Session:
        """The session to use now, signing in first when there is none."""
        self.check_required_credentials()
        session = await self.session_manager.ensure()
        self.redactor.hide(session.token.partition("=")[2])
        return session

    async def sign_in(self, params: Params = NONE) -> bool:
        """Sign in now rather than with the first private request. Nothing is authorised or approved with it."""
        await self.sub_account()
        return True

    def session_headers(self, session: Session) -> dict[str, str]:
        return {"Cookie": session.token, "X-Grvt-Account-Id": str(session.data["account"])}

    async def dress(self, client: Any) -> None:
        """Headers for a dial of the trading socket; after a refusal those of a new session."""
        if client.url != self.urls["api"]["ws"]["privateTrading"]:
            return
        if client.refused in (401, 403):
            self.session_manager.invalidate()
        session = await self.live_session()
        self._forget_cookie()
        options = dict(client.options or {})
        client.options = {**options, "headers": {**(options.get("headers") or {}), **self.session_headers(session)}}
        self._socket_tokens[client.url] = session.token

    def follow_session(self, session: Session) -> None:
        """A socket that was let in with an earlier cookie is replaced before that cookie ends."""
        for url, token in list(self._socket_tokens.items()):
            client: Any = (self.clients or {}).get(url)
            if token != session.token and client is not None and getattr(client, "state", "") == "open":
                self._socket_tokens.pop(url, None)
                client.renew("signed in anew")

    async def prepare(self, path: str, api: Any, method: str, params: Any) -> None:
        """Signs in before the first private request, and again shortly before the session ends."""
        if _private(api) and path not in tables.LOGIN_PATHS and not logging_in(self):
            self.follow_session(await self.live_session())
            self._forget_cookie()

    def sign(
        self, path: str, api: Any = "public", method: str = "GET", params: Any = NONE, headers: Any = None, body: Any = None
    ) -> dict[str, Any]:
        """ccxt's hook: JSON bodies, and the session's headers on what is private."""
        name = str(api[0] if isinstance(api, (list, tuple)) else api)
        url = f"{self.urls['api'][name].rstrip('/')}/{path}"
        if method == "GET":
            url += f"?{self.urlencode(params)}" if params else ""
            text, sent = None, dict(headers or {})
        else:
            text, sent = self.json(params) if params else "{}", {**(headers or {}), "Content-Type": "application/json"}
        if path in tables.LOGIN_PATHS:
            sent["Cookie"] = "rm=true;"  # as the SDK does
        elif _private(api):
            self.check_required_credentials()
            session = self.session_manager.session
            if session is None:
                raise errors.AuthenticationError(f"{self.id} is not signed in")
            sent.update(self.session_headers(session))
        return {"url": url, "method": method, "body": text, "headers": sent}

    # --- signatures -------------------------------------------------------------------------------------------------------------------

    def nonce(self) -> int:
        """Random, 32 bits. ccxt takes the second: two equal orders within one are taken for one."""
        return secrets.randbelow(1 << 32)

    def new_client_order_id(self) -> str:
        return str(tables.CLIENT_ID_LOW + secrets.randbelow(1 << 63))

    def expires_in(self, seconds: float) -> int:
        """Unix nanoseconds by the venue's clock."""
        return (self.server_milliseconds() + int(seconds * 1000)) * 1_000_000

    async def signature(self, digest: Callable[[Params], bytes], expiration_ns: int) -> Params:
        """The signature object of a request.

        :param digest: unsigned signature object -> what is signed
        """
        fields = signing.unsigned(self.nonce(), expiration_ns, self.chain_id())
        signer = self.grvt_signer()
        made = await signers.result(signer.sign_digest(self.pure(digest, fields)))
        return signing.wire_signature(fields, str(await signers.result(signer.address)), made)

    def acknowledged(self, answer: Any, name: str) -> None:
        """:raises OperationRejected: the venue said no in an answer that is no error"""
        found = answer.get("result") if isinstance(answer.get("result"), dict) else answer
        if str(found.get(name, True)).lower() == "false":
            raise errors.OperationRejected(f"{self.id} the venue did not accept the change: {answer}")

    # --- errors -----------------------------------------------------------------------------------------------------------------------

    def names(self, symbols: list[str] | None) -> list[str]:
        """Unified symbols of whatever names a user gave; none for none."""
        return self.market_symbols(symbols) or []

    def venue_error(self, code: Any, text: str, endpoint: str = "") -> Exception:
        """The ccxt exception for one of the venue's error codes.

        :param endpoint: last part of the path, or method of the socket
        """
        number = str(code)
        message = f"{self.id} {number} {text}".strip()
        if number == "1004" and endpoint not in tables.ORDER_LOOKUPS:
            return errors.OperationRejected(message)
        if number in tables.ERRORS:
            return by_name(tables.ERRORS[number])(message)
        known = self.safe_value(self.exceptions["exact"], number)
        return (known or errors.ExchangeError)(message)

    def handle_errors(
        self, code: int, reason: str, url: str, method: str, headers: Any, body: str, response: Any, requestHeaders: Any, requestBody: Any
    ) -> None:
        """ccxt's hook: `{"code", "message", "status"}`. A login's session is in its headers, which only this hook sees."""
        own = response.get("code") if isinstance(response, dict) else None
        login = url.endswith(tables.LOGIN_PATHS)
        if own not in (None, 0, "0"):
            error = self.venue_error(own, str(response.get("message") or reason)[:300], url.rsplit("/", 1)[-1])
            if login and 400 <= code < 500 and code != 429 and not isinstance(error, errors.AuthenticationError):
                error = errors.AuthenticationError(str(error))
            raise error
        if not login:
            return
        if 400 <= code < 500 and code != 429:
            raise errors.AuthenticationError(f"{self.id} the login was refused: {code} {str(body)[:200]}")
        if isinstance(response, dict) and code < 400:
            lower = {str(name).lower(): value for name, value in (headers or {}).items()}
            response["_headers"] = {"cookie": lower.get("set-cookie"), "account": lower.get("x-grvt-account-id")}


def _private(api: Any) -> bool:
    return str(api[0] if isinstance(api, (list, tuple)) else api).startswith("private")
