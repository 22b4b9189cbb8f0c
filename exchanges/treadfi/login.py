"""Who we are at Tread: an API token, or a session got by signing a nonce with the login wallet (or by name and password, or brought along)."""

from __future__ import annotations

from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from ccxt_dex._ccxt import errors
from ccxt_dex.dex import Dex
from ccxt_dex.exchanges.treadfi import signing, tables
from ccxt_dex.outcome.attempts import CURRENT
from ccxt_dex.sessions import Call, LoginSteps, Session, Sign

Params = dict[str, Any]
NONE: Params = {}


class Login(Dex):
    """Part of a flavour; stands before the venue's class."""

    def _fresh_state(self) -> None:
        super()._fresh_state()
        self._cookies: dict[str, str] = {}
        self._brought: str | None = None
        self._account_id: str | None = None

    def tread_account(self) -> str:
        """:raises AuthenticationError: the account's display name is missing"""
        if not self.uid:
            raise errors.AuthenticationError(f"{self.id} requires uid: the account's name in Tread's Key Management")
        return str(self.uid)

    # --- how ------------------------------------------------------------------------------------------------------------------------

    def way(self) -> str | None:
        """How this instance is known to Tread: by token, wallet, password or (brought along) cookies; None: not at all."""
        if self.apiKey:
            return "token"
        if self.secret:
            return "wallet"
        if self.password:
            return "password" if self.accountId else "cookies"
        return None

    def by_token(self) -> bool:
        return self.way() == "token"

    def check_required_credentials(self, error: bool = True) -> bool:
        ready = bool(self.uid) and self.way() is not None
        if not ready and error:
            raise errors.AuthenticationError(
                f"{self.id} requires uid, and apiKey (API token), secret (login wallet's key), accountId and password (user and password), "
                "or password alone (cookies of a browser)"
            )
        return ready

    def session_scope(self) -> str:
        """Account and user: two users may give their accounts the same name."""
        way = self.way()
        user = self.accountId if way == "password" else sha256(str(self.secret).encode()).hexdigest()[:16] if way == "wallet" else ""
        return f"{self.uid or ''}@{self.walletAddress or ''}{f'#{user}' if user else ''}"

    def session_acceptable(self, session: Session) -> bool:
        return bool(session.data.get("csrftoken"))

    @property
    def has_login(self) -> bool:
        """Neither a token nor cookies that were brought along can be renewed from here."""
        return self.way() in ("wallet", "password")

    def cure(self) -> str:
        """What a refusal of the credentials asks of the user."""
        return ": the cookies in password have ended, take new ones from the browser" if self.way() == "cookies" else ""

    # --- login ------------------------------------------------------------------------------------------------------------------------

    def login_steps(self) -> LoginSteps | None:
        """None where there is nothing to log in with: a token is used, or cookies that were brought along."""
        way = self.way()
        return self._wallet_steps(str(self.secret)) if way == "wallet" else self._password_steps() if way == "password" else None

    def _wallet_steps(self, key: str) -> LoginSteps:
        """The login key signs the sign-in message, and nothing else anywhere."""
        self._cookies = {}
        evm = signing.is_evm(key)
        signer = self.signer("eip712" if evm else "solana", key)
        answer = yield Call("tread_get_internal_account_get_nonce")
        nonce = str(answer["nonce"])
        text = signing.message(nonce)
        signature = yield (Sign(signer, "personal_sign", text) if evm else Sign(signer, "sign", text.encode()))
        yield Call("tread_post_internal_account_wallet_auth", signing.body(str(signer.address), bytes(signature), nonce, evm))
        return self._cookie_session()

    def _password_steps(self) -> LoginSteps:
        """A form of Django's wants the token that an earlier answer set, where one did; the nonce itself is not needed."""
        self._cookies = {}
        yield Call("tread_get_internal_account_get_nonce")
        yield Call("tread_post_account_login", {"username": str(self.accountId), "password": str(self.password)})
        return self._cookie_session()

    def _cookie_session(self) -> Session:
        missing = [name for name in tables.COOKIES if not self._cookies.get(name)]
        if missing:
            raise errors.AuthenticationError(
                f"{self.id} the sign-in set no cookie {' and '.join(missing)}: refused, or a second factor is wanted, which is not supported here"
            )
        now = self.server_milliseconds()
        return Session(self._cookies["sessionid"], now + tables.SESSION_DAYS * 86_400_000, dict(self._cookies), now)

    def on_rest_response(
        self,
        code: int,
        reason: str,
        url: str,
        method: str,
        response_headers: Any,
        response_body: Any,
        request_headers: Any,
        request_body: Any,
    ) -> Any:
        """The server may hand out a new csrftoken with any answer; the newest counts."""
        attempt = CURRENT.get()
        if attempt is not None and url.startswith(self.tread_url()):
            for name, value in attempt.cookies.items():
                if name in tables.COOKIES and value:
                    self.redactor.hide(value)
                    self._cookies[name] = value
        return super().on_rest_response(code, reason, url, method, response_headers, response_body, request_headers, request_body)

    async def cookies(self) -> dict[str, str]:
        """Cookies to send: the newest known, from the session of this account."""
        if self.way() == "cookies":
            return self._brought_along()
        session = await self.session_manager.ensure()
        self.redactor.hide(session.token, str(session.data["csrftoken"]))
        newest = self._cookies.get("csrftoken") if self._cookies.get("sessionid", session.token) == session.token else None
        return {"csrftoken": newest or session.data["csrftoken"], "sessionid": session.token}

    def _brought_along(self) -> dict[str, str]:
        """The cookies in `password`, as the server has renewed them since.

        :raises AuthenticationError: the text holds no such cookies
        """
        text = str(self.password)
        if text != self._brought:
            found = signing.cookies(text)
            if not found:
                raise errors.AuthenticationError(
                    f"{self.id} password without accountId must hold cookies of a browser, 'csrftoken=...; sessionid=...'; "
                    "for a user's password set accountId to the user's name"
                )
            self.redactor.hide(*found.values())
            self._brought, self._cookies = text, found
        return {name: self._cookies[name] for name in tables.COOKIES}

    # --- requests ---------------------------------------------------------------------------------------------------------------------

    def tread_url(self) -> str:
        return str(self.urls["api"]["tread"])

    async def sign_request(
        self, path: str, api: Any, method: str, params: Any, headers: Params | None = None, body: Any = None
    ) -> dict[str, Any]:
        """Tread's requests carry a token or cookies; the venue's are public reads, its signed ones do not exist here."""
        name = api if isinstance(api, str) else api[0]
        if name != "tread":
            if method != "GET" and str(name) == "private":
                raise errors.NotSupported(f"{self.id} orders go through Tread: no action of the venue is signed here ({path})")
            request: dict[str, Any] = await super().sign_request(path, api, method, params, headers, body)
            return request
        return await self._tread_request(path, method, dict(params))

    async def _tread_request(self, path: str, method: str, params: Params) -> dict[str, Any]:
        url = f"{self.tread_url()}/{self.implode_params(path, params)}"
        rest = self.omit(params, self.extract_params(path))
        head = {"Accept": "application/json", "User-Agent": tables.USER_AGENT}
        if path in tables.LOGIN_PATHS:
            head |= {"Origin": self.tread_url(), "Referer": f"{self.tread_url()}/"}
            if self._cookies:
                head["Cookie"] = "; ".join(f"{key}={value}" for key, value in self._cookies.items())
            if path == tables.SIGN_IN_FORM and "csrftoken" in self._cookies:
                head["X-CSRFToken"] = self._cookies["csrftoken"]
        else:
            self.check_required_credentials()
            head |= await self._credentials(method)
        text = None
        if method == "POST":
            head["Content-Type"] = "application/json"
            text = self.json(rest)
        elif rest:
            url = f"{url}?{urlencode(rest)}"
        return {"url": url, "method": method, "headers": head, "body": text}

    def prepare_request_headers(self, headers: Any = None) -> Any:
        """ccxt's, which puts its own User-Agent over the one that a request names; only Tread's requests name one."""
        named = (headers or {}).get("User-Agent")
        prepared = super().prepare_request_headers(headers)
        return prepared if named is None else {**prepared, "User-Agent": named}

    async def _credentials(self, method: str) -> dict[str, str]:
        if self.by_token():
            return {"Authorization": f"Token {self.apiKey}"}
        known = await self.cookies()
        head = {"Cookie": f"csrftoken={known['csrftoken']}; sessionid={known['sessionid']}"}
        head |= {"Origin": self.tread_url(), "Referer": f"{self.tread_url()}/"}
        return head if method == "GET" else {**head, "X-CSRFToken": known["csrftoken"]}
