"""Who we are: the two ways to get a token with its request key, and the signature on every private request.

Pages: docs.standx.com "Authentication" (2026-08-11), "API token".
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from typing import Any

from ccxt_dex import signers
from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.standx import signing, tables
from ccxt_dex.exchanges.standx.room import NONE, Room
from ccxt_dex.sessions import Call, LoginSteps, Session, Sign

PRIVATE_APIS = ("private", "bridge")
HEADER_PARAMS = ("x-session-id", "x-request-id", "x-impersonate")
FOREVER = 1 << 52  # a token that does not say when it ends


def _name(api: Any) -> str:
    return str(api[0] if isinstance(api, (list, tuple)) else api)


class Login(Room):
    def chain(self) -> str:
        """:raises BadRequest: when options['chain'] is neither bsc nor solana"""
        chain = str(self.options.get("chain") or tables.CHAINS[0])
        if chain not in tables.CHAINS:
            raise errors.BadRequest(f"{self.id} options['chain'] must be one of {', '.join(tables.CHAINS)}, not {chain!r}")
        return chain

    def has_api_token(self) -> bool:
        """Whether the user brought a token (way B). Next to a wallet key it counts only together with its request key."""
        return bool(self.apiKey) and (bool(self.secret) or not self.privateKey)

    def check_required_credentials(self, error: bool = True) -> bool:
        """A wallet key, or an API token.

        :raises AuthenticationError: naming what is missing, unless `error` is False
        """
        if self.privateKey or self.apiKey:
            return True
        if error:
            raise errors.AuthenticationError(
                f"{self.id} needs 'privateKey' (a wallet's, with options['chain'] 'bsc' or 'solana'), or 'apiKey' (the token) with 'secret' (its request key)"
            )
        return False

    def wallet(self) -> Any:
        """The wallet's signer.

        :raises AuthenticationError: malformed key, or a key that is not the one of `walletAddress` (so also a key of the other chain)
        """
        self.check_required_credentials()
        if not self.privateKey:
            raise errors.AuthenticationError(f"{self.id} needs 'privateKey' to sign in; an API token cannot be renewed from here")
        chain = self.chain()
        if chain == "solana" and str(self.privateKey).strip()[:2].lower() == "0x":
            raise errors.AuthenticationError(f"{self.id} 'privateKey' is an EVM wallet's, but options['chain'] is 'solana'")
        signer = self.signer("eip712" if chain == "bsc" else "solana", self.privateKey)
        if self.walletAddress and not signing.same_address(str(self.walletAddress), signer.address):
            raise errors.AuthenticationError(f"{self.id} 'privateKey' does not belong to 'walletAddress' on chain {chain}")
        return signer

    def session_scope(self) -> str:
        """`bsc:0x...` or `solana:...`: a token of one wallet is never used for another. Empty without credentials."""
        if self.has_api_token():
            owner = signing.token_address(str(self.apiKey)) or self.walletAddress
            return f"token:{owner or hashlib.sha256(str(self.apiKey).encode()).hexdigest()[:32]}"
        return f"{self.chain()}:{self.wallet().address}" if self.privateKey else ""

    def session_acceptable(self, session: Session) -> bool:
        """Whether a kept session can sign and is this wallet's."""
        chain, _, address = str(session.data.get("owner", "")).partition(":")
        if not session.data.get("requestKey") or chain != self.chain():
            return False
        return signing.same_address(address, self.wallet().address)

    def login_steps(self) -> LoginSteps | None:
        """Sign-in with the wallet, with a request key of its own unless the user supplied `secret`; None without a wallet key."""
        return self.sign_in_steps() if self.privateKey else None

    def sign_in_steps(self) -> LoginSteps:
        chain, wallet = self.chain(), self.wallet()
        seed = signers.base58.encode(secrets.token_bytes(32)) if not self.secret else str(self.secret)
        request_id = self.signer("nacl", seed).public_base58
        prepared = yield Call("auth_post_prepare_signin", {"chain": chain, "address": wallet.address, "requestId": request_id})
        signed_data = str(_field(prepared, "signedData"))
        payload = self.pure(signing.claims, signed_data)
        text = self.pure(signing.text_to_sign, payload, wallet.address, request_id, self.server_milliseconds() / 1000)
        if chain == "bsc":
            signature = signing.evm_login_signature((yield Sign(wallet, "personal_sign", text)))
        else:
            made = yield Sign(wallet, "sign", text.encode())
            signature = signing.solana_login_signature(payload, text, made, wallet.public_key)
        seconds = int(self.options.get("expiresSeconds") or tables.DEFAULT_SESSION_SECONDS)
        login = {"chain": chain, "signature": signature, "signedData": signed_data, "expiresSeconds": seconds}
        answer = yield Call("auth_post_login", login)
        return self.session_of(answer, seed, seconds)

    def session_of(self, answer: Any, seed: str, seconds: int) -> Session:
        token = str(_field(answer, "token"))
        now = self.server_milliseconds()
        address = answer.get("address") or signing.token_address(token) or self.wallet().address
        data = {"requestKey": seed, "owner": f"{answer.get('chain') or self.chain()}:{address}"}
        return Session(token, signing.expiry_ms(token) or now + seconds * 1000, data, now)

    def token_session(self) -> Session:
        """The session made of the user's own API token.

        :raises AuthenticationError: the token says that it has expired, or that it is another wallet's
        """
        token = str(self.apiKey)
        expires = signing.expiry_ms(token) or FOREVER
        if expires <= self.server_milliseconds():
            raise errors.AuthenticationError(
                f"{self.id} the API token in 'apiKey' has expired; make a new one at https://standx.com/user/session"
            )
        owner = signing.token_address(token)
        wanted = self.walletAddress or (self.wallet().address if self.privateKey else None)
        if owner and wanted and not signing.same_address(owner, str(wanted)):
            raise errors.AuthenticationError(f"{self.id} the API token in 'apiKey' is of another wallet than {wanted}")
        return Session(token, expires, {"requestKey": self.secret, "owner": f"{self.chain()}:{owner or wanted or ''}"})

    async def live_session(self) -> Session:
        """The session to use now, signing in first when there is none."""
        self.check_required_credentials()
        return self.token_session() if self.has_api_token() else await self.session_manager.ensure()

    def present_session(self) -> Session:
        """The session to use now, without waiting for anything.

        :raises AuthenticationError: when there is none yet
        """
        self.check_required_credentials()
        if self.has_api_token():
            return self.token_session()
        session = self.session_manager.session
        if session is None:
            raise errors.AuthenticationError(f"{self.id} is not signed in")
        return session

    async def sign_in(self, params: Mapping[str, Any] = NONE) -> dict[str, Any]:
        """Signs in now rather than with the first private request."""
        session = await self.live_session()
        return {"address": session.data["owner"].partition(":")[2], "expires": session.expires}

    def request_signer(self, session: Session) -> Any:
        """The ed25519 key that was announced when the token was issued.

        :raises AuthenticationError: when the user brought a token without it
        """
        key = session.data.get("requestKey")
        if not key:
            raise errors.AuthenticationError(
                f"{self.id} needs 'secret', the token's ed25519 request key, to sign orders; 'apiKey' alone can only read"
            )
        return self.signer("nacl", key)

    async def prepare(self, path: str, api: Any, method: str, params: Any) -> None:
        """Signs in before the first private request, and again shortly before the session ends."""
        if _name(api) in PRIVATE_APIS:
            self.follow_session(await self.live_session())

    async def request(self, path: str, api: Any = "public", method: str = "GET", params: Any = NONE, config: Any = NONE) -> Any:
        """ccxt's; signs in before credits are taken, for what waited for a login with its credits in hand would arrive all at once."""
        await self.prepare(path, api, method, params)
        return await super().request(path, api, method, params, config)

    def follow_session(self, session: Session) -> None:
        """A socket that was opened with an earlier token is dialled anew: the request key of that token is gone with it."""
        for url, token in list(self._socket_tokens.items()):
            client = (self.clients or {}).get(url)
            if token != session.token and client is not None and getattr(client, "state", "") == "open":
                self._socket_tokens.pop(url, None)
                client.lost(errors.NetworkError(f"{self.id} signed in anew"))

    def _fresh_state(self) -> None:
        super()._fresh_state()
        self._socket_tokens: dict[str, str] = {}

    def _curable(self, error: Exception) -> bool:
        return not self.has_api_token() and super()._curable(error)

    def impersonated(self) -> str | None:
        vault = self.options.get("vaultId")
        return None if not vault else str(vault)

    def request_parts(self, path: str, api: Any, params: Mapping[str, Any]) -> tuple[str, dict[str, Any], dict[str, str]]:
        """url without query, parameters without the header ones, those headers."""
        url = f"{self.urls['api'][_name(api)]}/{path}"
        extra = {name: str(params[name]) for name in HEADER_PARAMS if params.get(name) is not None}
        vault = params.get("impersonate") or self.impersonated()
        if vault and _name(api) in PRIVATE_APIS:
            extra["x-impersonate"] = str(vault)
        query = {name: value for name, value in params.items() if name not in HEADER_PARAMS and name != "impersonate"}
        return url, query, extra

    def sign(
        self,
        path: str,
        api: Any = "public",
        method: str = "GET",
        params: Any = NONE,
        headers: Any = None,
        body: Any = None,
    ) -> dict[str, Any]:
        """ccxt's signing hook: the token on private requests, the body signature on private POSTs."""
        url, query, extra = self.request_parts(path, api, params)
        session = self.present_session() if _name(api) in PRIVATE_APIS else None
        if session is not None:
            extra["Authorization"] = f"Bearer {session.token}"
        if _name(api) == "auth" and method == "POST":
            url, query = f"{url}?{self.urlencode({'chain': query['chain']})}", self.omit(query, "chain")
        if method == "GET":
            url = f"{url}?{self.urlencode(query)}" if query else url
            return {"url": url, "method": method, "body": None, "headers": {**(headers or {}), **extra}}
        text = signing.compact(query)
        extra["Content-Type"] = "application/json"
        if session is not None:
            extra.update(self.signature_headers(session, text, extra.get("x-request-id")))
        return {"url": url, "method": method, "body": text, "headers": {**(headers or {}), **extra}}

    def signature_headers(self, session: Session, body: str, request_id: str | None = None) -> dict[str, str]:
        """The signature headers of a body, made by a local key."""
        request_id, stamp = request_id or self.uuid(), self.server_milliseconds()
        signature = self.request_signer(session).sign(signing.message(request_id, stamp, body))
        return signing.headers(request_id, stamp, signature)


def _field(answer: Any, name: str) -> Any:
    value = answer.get(name) if isinstance(answer, Mapping) else None
    if not value:
        raise errors.AuthenticationError(f"the sign-in was refused: no {name} in the answer")
    return value
