"""Who we are: the account behind the credentials, its token, and the signature of every order.

Pages: docs.paradex.trade "API Authentication", POST /auth, "Subkeys" (OpenAPI 1.132.1), paradex-py 0.8.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ccxt_dex import nonces, signers
from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.paradex import signing, tables
from ccxt_dex.exchanges.paradex.room import NONE, Params, Room, api_name
from ccxt_dex.sessions import Call, LoginSteps, Session, Sign
from ccxt_dex.signers import stark

FOREVER = 1 << 52  # a token that does not say when it ends
WALLET_DIGITS = 42


class Identity(NamedTuple):
    """Whose orders these are.

    :ivar address: of the account, the main one also for a subkey
    :ivar chain_id: field element
    :ivar signer: of the account's Stark key, or of a subkey
    """

    address: int
    chain_id: int
    signer: Any


class Login(Room):
    """Part of the room."""

    def _fresh_state(self) -> None:
        super()._fresh_state()
        self._identity: tuple[Any, Identity] | None = None
        self._configs: dict[str, signing.Config] = {}

    def _settle_construction(self) -> None:
        super()._settle_construction()
        given = self.options.get("paradexAccount")
        if isinstance(given, dict) and given.get("privateKey"):
            # ccxt's place for the key of the account; options are shared and logged by bots, so it does not stay there
            self.privateKey, self.walletAddress = str(given["privateKey"]), str(given.get("address") or "")
            self.options["paradexAccount"] = None

    def check_required_credentials(self, error: bool = True) -> bool:
        """A Stark key or a wallet's key, or a read-only token.

        :raises AuthenticationError: unless `error` is False
        """
        if self.privateKey or self.apiKey:
            return True
        if error:
            raise errors.AuthenticationError(
                f"{self.id} needs 'privateKey' (the account's Paradex key or a subkey, with the account's address as 'walletAddress'), "
                "or 'apiKey' (a read-only token)"
            )
        return False

    # --- the account ------------------------------------------------------------------------------------------------------------------

    def has_wallet_key(self) -> bool:
        """Whether the credentials are an Ethereum wallet's: the account is derived from it."""
        return len(str(self.walletAddress or "")) == WALLET_DIGITS

    def is_read_only(self) -> bool:
        """Whether there is a token and no key."""
        return bool(self.apiKey) and not self.privateKey

    async def system_config(self) -> signing.Config:
        """What of the venue's configuration goes into hashes; read once."""
        host = self.api_host()
        if host not in self._configs:
            answer = self.options.get("systemConfig") or await self.call("public_get_system_config")
            self._configs[host] = self.pure(signing.Config.of, answer)
        return self._configs[host]

    async def identity(self) -> Identity:
        """Account, chain and signer.

        :raises AuthenticationError: no key, a malformed key, or a wallet key that does not belong to `walletAddress`
        """
        key = (self.privateKey, self.walletAddress, self.api_host())
        if self._identity is None or self._identity[0] != key:
            self.check_required_credentials()
            if not self.privateKey:
                raise errors.AuthenticationError(f"{self.id} 'apiKey' alone can only read; orders need a privateKey")
            derived = self.has_wallet_key()
            given = None if derived else self._given_address()
            if not derived:
                self.signer("stark")  # a malformed key is refused before anything is asked
            config = await self.system_config()
            signer = await self._derived_signer(config) if derived else self.signer("stark")
            public = int(await signers.result(signer.public_key))
            found = Identity(signing.address_v1(public, config) if given is None else given, config.chain_id, signer)
            self._identity = (key, found)
        return self._identity[1]

    def _given_address(self) -> int | None:
        text = str(self.walletAddress or "")
        if not text:
            return None
        try:
            number = int(text, 16)
        except ValueError:
            number = 0
        if not 0 < number < stark.PRIME:
            raise errors.AuthenticationError(f"{self.id} 'walletAddress' is neither a Paradex account address nor an Ethereum address")
        return number

    async def _derived_signer(self, config: signing.Config) -> Any:
        """The Stark key that the wallet's signature stands for (accounts made before sign-in with Ethereum)."""
        wallet = self.signer("eip712")
        if str(wallet.address).lower() != str(self.walletAddress).lower():
            raise errors.AuthenticationError(f"{self.id} 'privateKey' does not belong to 'walletAddress'")
        made = await signers.result(wallet.sign_typed_data(*signing.key_request(config.l1_chain_id)))
        secret = hex(stark.private_key_from_eth_signature(made))
        self.redactor.hide(secret, secret.removeprefix("0x"))
        return self.signer("stark", secret)

    async def account_addresses(self) -> dict[str, str]:
        """The Paradex addresses that belong to the credentials: `v1` of the Stark key, `v2` of the Ethereum wallet (sign-in with Ethereum)."""
        config, who = await self.system_config(), await self.identity()
        found = {"account": hex(who.address), "v1": hex(signing.address_v1(int(await signers.result(who.signer.public_key)), config))}
        if self.has_wallet_key():
            found["v2"] = hex(signing.address_v2(str(self.walletAddress), config))
        return found

    # --- tokens -----------------------------------------------------------------------------------------------------------------------

    def session_scope(self) -> str:
        """Account and key: a token that one key got is not used for another."""
        if self.is_read_only():
            return "token:" + super().session_scope()
        if not self.privateKey:
            return ""
        if self.has_wallet_key():
            return f"{str(self.walletAddress).lower()}:wallet"
        public = self.signer("stark").public_key
        return f"{str(self.walletAddress or '').lower()}:{public:x}" if isinstance(public, int) else str(self.walletAddress).lower()

    def session_acceptable(self, session: Session) -> bool:
        """Whether a kept session is this account's and this key's."""
        return bool(session.token) and session.data.get("owner") == f"scope:{self.session_scope()}"

    def login_steps(self) -> LoginSteps | None:
        """POST /auth/{public key}, signed; None without a key."""
        return self._login() if self.privateKey and self._identity is not None else None

    def _login(self) -> LoginSteps:
        assert self._identity is not None
        who = self._identity[1]
        now = self.server_milliseconds() // 1000
        until = now + tables.SIGNATURE_SECONDS
        signature = yield Sign(who.signer, "sign_hash", signing.login_hash(now, until, who.chain_id, who.address))
        isolated = bool(self.options.get("authorizeIsolatedMarkets"))
        request: Params = {"public_key": hex(who.signer.public_key)}
        request.update(signing.login_headers(who.address, signature, now, until, isolated))
        answer = yield Call("private_post_auth_public_key", request)
        token = str(answer.get("jwt_token") or "") if isinstance(answer, Mapping) else ""
        if not token:
            raise errors.AuthenticationError(f"{self.id} the venue's answer to the login has no token")
        self.redactor.hide(token)
        issued = self.server_milliseconds()
        ends = signing.claims(token).get("exp")
        expires = issued + tables.SESSION_MS
        if isinstance(ends, (int, float)) and ends * 1000 > issued:
            expires = min(expires, int(ends * 1000))
        return Session(token, expires, {"owner": f"scope:{self.session_scope()}"}, issued)

    def token_session(self) -> Session:
        """The session made of the user's own read-only token.

        :raises AuthenticationError: the token says that it has expired
        """
        token = str(self.apiKey)
        ends = signing.claims(token).get("exp")
        expires = int(ends * 1000) if isinstance(ends, (int, float)) else FOREVER
        if expires <= self.server_milliseconds():
            raise errors.AuthenticationError(f"{self.id} the token in 'apiKey' has expired")
        return Session(token, expires)

    async def live_session(self) -> Session:
        """The session to use now, logging in first when there is none."""
        self.check_required_credentials()
        if self.is_read_only():
            return self.token_session()
        await self.identity()
        return await self.session_manager.ensure()

    def present_session(self) -> Session:
        """The session to use now, without waiting for anything.

        :raises AuthenticationError: there is none yet
        """
        self.check_required_credentials()
        session = self.token_session() if self.is_read_only() else self.session_manager.session
        if session is None:
            raise errors.AuthenticationError(f"{self.id} is not logged in")
        return session

    def _curable(self, error: Exception) -> bool:
        return not self.is_read_only() and super()._curable(error)

    async def sign_in(self, params: Mapping[str, Any] = NONE) -> dict[str, Any]:
        """Logs in now rather than with the first private request."""
        session = await self.live_session()
        return {"expires": session.expires}

    async def authenticate_rest(self, params: Any = NONE) -> str:
        """ccxt's hook of its own methods: our token."""
        return (await self.live_session()).token

    async def retrieve_account(self) -> Params:
        """ccxt's hook: the account without its key."""
        who = await self.identity()
        return {"address": hex(who.address), "publicKey": hex(who.signer.public_key)}

    async def onboarding(self, params: Any = NONE) -> Any:
        """Register the account of the Stark key with the venue, once in its life and only when called.

        :raises NotSupported: without the Ethereum wallet that the account is derived from
        """
        if not self.has_wallet_key():
            raise errors.NotSupported(f"{self.id} onboarding() needs an Ethereum wallet's privateKey and walletAddress")
        who = await self.identity()
        digest = signing.onboarding_hash(who.chain_id, who.address)
        signature = await signers.result(who.signer.sign_hash(digest))
        headers = {
            "PARADEX-ETHEREUM-ACCOUNT": str(self.walletAddress),
            "PARADEX-STARKNET-ACCOUNT": hex(who.address),
            "PARADEX-STARKNET-SIGNATURE": signing.signature_text(signature),
        }
        return await self.call("private_post_onboarding", {"public_key": hex(who.signer.public_key), **headers})

    # --- signatures -------------------------------------------------------------------------------------------------------------------

    def signature_time(self, address: int, now: int) -> int:
        """Unix ms that no other signature of the account has, in this process or in another one of this machine: equal orders of one
        time have one hash, and the venue refuses the second."""
        scope = f"{self.id}:{self.api_host()}:{address:x}"
        try:
            return nonces.slot_nonce(scope, now, most_ahead=tables.MOST_AHEAD_MS)
        except (OSError, errors.InvalidNonce):
            return nonces.next_nonce(scope, now)  # nowhere to keep locks, or a ninth process: unique in this process only

    async def signed(self, body: Params, modify: bool = False) -> Params:
        """A body with its time and signature. Times of one account never repeat: the venue takes them for nonces."""
        who, now = await self.identity(), self.server_milliseconds()
        stamp = self.signature_time(who.address, now)
        stamped = {**body, "signature_timestamp": stamp}
        beyond = stamp - now - tables.MOST_AHEAD_MS
        if beyond > 0 and "recv_window" in body:
            # counted from the signature's time: what that is ahead of the clock must not make the order live longer
            stamped["recv_window"] = max(tables.MIN_RECV_WINDOW, body["recv_window"] - beyond)
        make = signing.modify_hash if modify else signing.order_hash
        digest = self.pure(make, stamped, who.chain_id, who.address)
        return {**stamped, "signature": signing.signature_text(await signers.result(who.signer.sign_hash(digest)))}

    # --- requests ---------------------------------------------------------------------------------------------------------------------

    async def prepare(self, path: str, api: Any, method: str, params: Any) -> None:
        """Logs in before the first private request, and again shortly before the token ends."""
        if api_name(api) == "private" and path not in tables.LOGIN_PATHS:
            await self.live_session()

    async def request(self, path: str, api: Any = "public", method: str = "GET", params: Any = NONE, config: Any = NONE) -> Any:
        """ccxt's; logs in before credits are taken, for what waited for a login with its credits in hand would arrive all at once."""
        await self.prepare(path, api, method, params)
        return await super().request(path, api, method, params, config)

    def sign(
        self, path: str, api: Any = "public", method: str = "GET", params: Any = NONE, headers: Any = None, body: Any = None
    ) -> dict[str, Any]:
        """ccxt's signing hook: the token on private requests. No partner header unless ``options['broker']`` names one."""
        version, _, rest = path.partition("/") if path.startswith("v2/") else ("v1", "", path)
        url = f"{self.implode_hostname(self.urls['api'][version])}/{self.implode_params(rest, params)}"
        query = self.omit(params, self.extract_params(rest))
        sent: dict[str, str] = {name: str(value) for name, value in query.items() if name.startswith("PARADEX-")}
        query = {name: value for name, value in query.items() if not name.startswith("PARADEX-")}
        if api_name(api) == "private":
            sent["Accept"] = "application/json"
            if self.options.get("broker"):
                sent["PARADEX-PARTNER"] = str(self.options["broker"])
            if path not in tables.LOGIN_PATHS:
                sent["Authorization"] = f"Bearer {self.present_session().token}"
        if method in ("GET", "DELETE") and path != "orders/batch":
            url = f"{url}?{self.urlencode(query)}" if query else url
            return {"url": url, "method": method, "body": None, "headers": sent or None}
        sent["Content-Type"] = "application/json"
        payload: Any = query["orders"] if path == "orders/batch" and method == "POST" else query
        text = self.json(payload) if payload or path not in tables.LOGIN_PATHS else None
        return {"url": url, "method": method, "body": text, "headers": sent}
