"""Who we are at Tread: an API token, or a session got by signing a nonce with the login wallet (or by name and password, or brought along)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from ccxt_dex._ccxt import errors
from ccxt_dex.attempts import CURRENT
from ccxt_dex.dex import Dex
from ccxt_dex.exchanges.treadfi import signing, tables
from ccxt_dex.sessions import Call, LoginSteps, Session, Sign

Params = dict[str, Any]
NONE: Params = {}
COOKIES = ("csrftoken", "sessionid")


class Login(Dex):
    """Part of a flavour; stands before the venue's class."""

    def _fresh_state(self) -> None:
        super()._fresh_state()
        self._cookies: dict[str, str] = {}
        self._account_id: str | None = None

    def tread_account(self) -> str:
        """:raises AuthenticationError: the account's display name is missing"""
        if not self.uid:
            raise errors.AuthenticationError(f"{self.id} requires uid: the account's name in Tread's Key Management")
        return str(self.uid)

    def by_token(self) -> bool:
        return bool(self.apiKey)

    def check_required_credentials(self, error: bool = True) -> bool:
        ready = bool(self.uid) and bool(self.apiKey or self.secret or self._own_cookies() or (self.login and self.password))
        if not ready and error:
            raise errors.AuthenticationError(
                f"{self.id} requires uid, and apiKey (API token) or secret (login wallet's key) or cookies or login and password"
            )
        return ready

    def session_scope(self) -> str:
        return f"{self.uid or ''}@{self.walletAddress or ''}"

    def session_acceptable(self, session: Session) -> bool:
        return bool(session.data.get("csrftoken"))

    def _own_cookies(self) -> dict[str, str]:
        given = self.options.get("sessionCookies") or {}
        return {name: str(given[name]) for name in COOKIES} if all(given.get(name) for name in COOKIES) else {}

    # --- login ------------------------------------------------------------------------------------------------------------------------

    def login_steps(self) -> LoginSteps | None:
        """None where a token is used, or cookies that cannot be renewed."""
        if self.by_token():
            return None
        if self.secret:
            return self._wallet_steps(str(self.secret))
        return self._password_steps() if self.login and self.password else None

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
        self._cookies = {}
        yield Call("tread_post_account_login", {"username": self.login, "password": self.password})
        return self._cookie_session()

    def _cookie_session(self) -> Session:
        missing = [name for name in COOKIES if not self._cookies.get(name)]
        if missing:
            raise errors.AuthenticationError(f"{self.id} the sign-in set no cookie {' and '.join(missing)}")
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
                if name in COOKIES and value:
                    self.redactor.hide(value)
                    self._cookies[name] = value
        return super().on_rest_response(code, reason, url, method, response_headers, response_body, request_headers, request_body)

    async def cookies(self) -> dict[str, str]:
        """Cookies to send: the newest known, from the session of this account."""
        own = self._own_cookies()
        if own:
            self.redactor.hide(*own.values())
            return {**own, **{name: value for name, value in self._cookies.items() if name == "csrftoken"}}
        session = await self.session_manager.ensure()
        self.redactor.hide(session.token, str(session.data["csrftoken"]))
        newest = self._cookies.get("csrftoken") if self._cookies.get("sessionid", session.token) == session.token else None
        return {"csrftoken": newest or session.data["csrftoken"], "sessionid": session.token}

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
