"""Who we are: a `vr-token` that the user brought, or a sign-in with the wallet (EIP-4361 text, personal_sign).

The text comes from the venue, is checked to be a sign-in here by this wallet, and is signed as it is. There is no refresh: a new sign-in
replaces a session. No referral code is sent unless `options["referralCode"]` holds one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.variational import signing, tables
from ccxt_dex.exchanges.variational.room import NONE, Params, Room, api_name
from ccxt_dex.sessions import Call, LoginSteps, Session, Sign

FOREVER = 1 << 52


class Login(Room):
    def _fresh_state(self) -> None:
        super()._fresh_state()
        self._token_refused = ""

    def brought_token(self) -> str:
        """The session that the user brought: `token`, or `apiKey` for programs that forward ccxt's other names alone; empty without one."""
        return str(self.token or self.apiKey or "")

    def check_required_credentials(self, error: bool = True) -> bool:
        """A session token or a wallet key.

        :raises AuthenticationError: naming what is missing, unless `error` is False
        """
        if self.brought_token() or self.privateKey:
            return True
        if error:
            raise errors.AuthenticationError(
                f"{self.id} needs 'privateKey' (the wallet's, which signs in by itself) or 'token' (the vr-token cookie of a browser session)"
            )
        return False

    def wallet(self) -> Any:
        """The wallet's signer.

        :raises AuthenticationError: no key, a malformed one, or not that of `walletAddress`
        """
        self.check_required_credentials()
        if not self.privateKey:
            raise errors.AuthenticationError(f"{self.id} needs 'privateKey' to sign in anew: the session of 'token' cannot be renewed")
        signer = self.signer("eip712", self.privateKey)
        if self.walletAddress and self.pure(signing.checksummed, self.walletAddress) != signing.checksummed(signer.address):
            raise errors.AuthenticationError(f"{self.id} 'privateKey' does not belong to 'walletAddress'")
        return signer

    def address(self) -> str:
        """The account's address, checksummed: given, or the key's, or the token's.

        :raises AuthenticationError: when nothing names it
        """
        if self.privateKey:
            return signing.checksummed(self.wallet().address)
        found = self.walletAddress or (signing.token_address(self.brought_token()) if self.brought_token() else None)
        if not found:
            raise errors.AuthenticationError(f"{self.id} needs 'walletAddress': the token does not name its wallet")
        return self.pure(signing.checksummed, found)

    def session_scope(self) -> str:
        """The address, lower case; a digest of a token that names none; empty without credentials."""
        if self.privateKey:
            return str(self.wallet().address).lower()
        if self.walletAddress:
            return str(self.walletAddress).lower()
        token = self.brought_token()
        if not token:
            return ""
        return (signing.token_address(token) or hashlib.sha256(token.encode()).hexdigest()[:32]).lower()

    # --- the two ways -----------------------------------------------------------------------------------------------------------------

    def own_token(self) -> Session | None:
        """The session of the user's own token, None when there is none or the venue has refused it.

        :raises AuthenticationError: it ran out or is another wallet's, and there is no key to sign in with
        """
        token = self.brought_token()
        if not token or self._token_refused == token:
            return None
        expires = signing.expiry_ms(token) or FOREVER
        trouble = None
        if expires <= self.server_milliseconds():
            trouble = "has expired"
        owner = signing.token_address(token)
        if owner and (self.walletAddress or self.privateKey) and owner.lower() != self.address().lower():
            trouble = "is of another wallet"
        if trouble is None:
            return Session(token, expires)
        if self.privateKey:
            return None
        raise errors.AuthenticationError(
            f"{self.id} the session in 'token' {trouble}; sign in at {tables.SITE} and copy the vr-token cookie anew"
        )

    def login_steps(self) -> LoginSteps | None:
        """Sign-in with the wallet; None without a key."""
        return self.sign_in_steps() if self.privateKey else None

    def sign_in_steps(self) -> LoginSteps:
        wallet, address = self.wallet(), self.address()
        answer = yield Call("front_post_auth_generate_signing_data", {"address": address})
        text = self.pure(signing.text_to_sign, answer, address)
        signature = signing.login_signature((yield Sign(wallet, "personal_sign", text)))
        login = {"address": address, "signed_message": signature}
        code = self.options.get("referralCode")
        if code:
            login["code"] = str(code).upper()
        answer = yield Call("front_post_auth_login", login)
        token = answer.get("token") if isinstance(answer, Mapping) else None
        if not isinstance(token, str) or not token:
            raise errors.AuthenticationError(f"{self.id} the sign-in was refused: no token in the answer")
        now = self.server_milliseconds()
        return Session(token, signing.expiry_ms(token) or now + signing.WEEK_MS, {"address": address}, now)

    async def live_session(self) -> Session:
        """The session to use now, signing in first when there is none."""
        self.check_required_credentials()
        session = self.own_token()
        if session is None:
            self.wallet()  # says what is missing
            session = await self.session_manager.ensure()
        self.redactor.hide(session.token)
        return session

    def present_session(self) -> Session:
        """The session to use now, without waiting for anything.

        :raises AuthenticationError: when there is none yet
        """
        session = self.own_token() or self.session_manager.session
        if session is None:
            raise errors.AuthenticationError(f"{self.id} is not signed in")
        return session

    async def sign_in(self, params: Params = NONE) -> dict[str, Any]:
        """Signs in now rather than with the first private request."""
        session = await self.live_session()
        return {"address": self.address(), "expires": session.expires}

    def forget_token(self) -> None:
        """The venue refused the session in use."""
        token = self.brought_token()
        if token and self._token_refused != token and self.own_token() is not None:
            self._token_refused = token
        else:
            self.session_manager.invalidate()

    def _curable(self, error: Exception) -> bool:
        if not super()._curable(error):
            return False
        if not self.privateKey:
            return False
        token = self.brought_token()
        if token and self._token_refused != token:
            self._token_refused = token
        return True

    async def prepare(self, path: str, api: Any, method: str, params: Any) -> None:
        """Signs in before the first private request, and again before the session ends."""
        if api_name(api) == "private":
            await self.live_session()

    async def request(self, path: str, api: Any = "public", method: str = "GET", params: Any = NONE, config: Any = NONE) -> Any:
        """ccxt's; signs in before credits are taken."""
        await self.prepare(path, api, method, params)
        return await super().request(path, api, method, params, config)

    # --- requests ---------------------------------------------------------------------------------------------------------------------

    def impersonates(self, url: str) -> str | None:
        """What is behind the gate leaves like a browser's; `options["impersonate"]` names the profile, False switches it off."""
        profile = self.options.get("impersonate", "chrome")
        if not profile:
            return None
        gated = {urlsplit(str(self.urls["api"][name])).netloc: urlsplit(str(self.urls["api"][name])).path for name in tables.GATED}
        parts = urlsplit(url)
        return str(profile) if parts.netloc in gated and parts.path.startswith(gated[parts.netloc]) else None

    def sign(
        self, path: str, api: Any = "public", method: str = "GET", params: Any = NONE, headers: Any = None, body: Any = None
    ) -> dict[str, Any]:
        """ccxt's signing hook: nothing is signed per request, the cookie is the credential."""
        name = api_name(api)
        url = f"{self.urls['api'][name]}/{self.implode_params(path, params)}"
        query = self.omit(params, self.extract_params(path))
        extra: dict[str, str] = {}
        if name in tables.GATED:
            extra = {"Content-Type": "application/json", "Accept": "*/*", "Origin": tables.SITE, "Referer": self.referer(query)}
        if name == "private":
            extra["vr-connected-address"] = self.address()
            extra["Cookie"] = f"vr-token={self.present_session().token}"
        if method == "GET":
            url = f"{url}?{self.urlencode(query)}" if query else url
            return {"url": url, "method": method, "body": None, "headers": {**(headers or {}), **extra}}
        return {"url": url, "method": method, "body": self.json(query), "headers": {**(headers or {}), **extra}}

    def referer(self, query: Mapping[str, Any]) -> str:
        """The page that a browser would be on: that of the coin."""
        found = query.get("instrument")
        coin = found.get("underlying") if isinstance(found, Mapping) else query.get("asset")
        coin = str(coin or "BTC")
        return f"{tables.SITE}/perpetual/{coin if coin.isalnum() else 'BTC'}"
