"""What the parts of the room share: who acts for whom, signed requests and their way out, refusals as ccxt's exceptions."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

from ccxt_dex import _ccxt, nonces, signers
from ccxt_dex._ccxt import errors
from ccxt_dex.dex import Dex
from ccxt_dex.errors import by_name
from ccxt_dex.exchanges.hyperliquid import orders, parsing, signing, tables
from ccxt_dex.limits import Rule
from ccxt_dex.outcome import guards

Params = dict[str, Any]
NONE: Params = {}
"""the default of every `params`; nobody writes into it"""

__all__ = ["NONE", "Params", "Room"]

_CCXT: Any = _ccxt.pro("hyperliquid")
# questions under way; tasks belong to a loop, so they are no part of the object, which may be copied
_ASKING: WeakKeyDictionary[Any, dict[Any, asyncio.Task[None]]] = WeakKeyDictionary()
ACTORS = ("vaultAddress", "subAccountAddress")
READERS = ("user", "address", *ACTORS)


def grace_after(span: int) -> float:
    """Seconds after which an order that expires in `span` ms cannot be executed any more; two of them for the clocks."""
    return max(0, span) / 1000 + 2.0


class Room(Dex, _CCXT):  # type: ignore[misc]
    """Helpers of every part."""

    read_endpoints: ClassVar[frozenset[str]] = frozenset({"info"})
    client_id_params: ClassVar[tuple[str, ...]] = ("clientOrderId", "client_id")
    # 1200 a minute and address: what is saved up and what comes back in a minute stay below that together
    rate_rules: ClassVar[Mapping[str, Rule]] = {"ip": Rule(15.0, 300.0)}

    def _fresh_state(self) -> None:
        super()._fresh_state()
        self._roles: dict[tuple[str, str, str], str] = {}
        self._unified: dict[str, bool] = {}
        self._client_ids: dict[str, str] = {}
        self._coins: tuple[Any, dict[str, Any]] = (None, {})

    def _settle_construction(self) -> None:
        super()._settle_construction()
        span = self.options.get("orderExpiry")
        self.absence_grace = None if span is None else grace_after(int(span))  # type: ignore[misc]

    # --- who ------------------------------------------------------------------------------------------------------------------------

    def acting_for(self, params: Params) -> tuple[str | None, Params]:
        """The vault or sub-account that an action is for (None: the account itself), and the other parameters."""
        found = next((params[name] for name in ACTORS if params.get(name)), None) or self.options.get("vaultAddress")
        return None if found is None else self.address(found), self.omit(params, list(ACTORS))

    def address(self, value: Any) -> str:
        """An address as the venue hashes it: with 0x, in lower case."""
        text = str(value).lower()
        text = text if text.startswith("0x") else "0x" + text
        if len(text) != 42 or any(digit not in "0123456789abcdef" for digit in text[2:]):
            raise errors.InvalidAddress(f"{self.id} not an address: {value!r}")
        return text

    def handle_public_address(self, methodName: str, params: Params) -> Any:
        """The account to read, and the other parameters: the one named there, the vault of the options, walletAddress. Never the key's."""
        named = next((params[name] for name in READERS if params.get(name)), None)
        found = named or self.options.get("vaultAddress") or self.walletAddress
        if not found:
            raise errors.AuthenticationError(
                f"{self.id} {methodName}() needs walletAddress, the address of the account (not of its API wallet), or params['user']"
            )
        return [self.address(found), self.omit(params, list(READERS))]

    def trading_signer(self) -> Any:
        """Signs actions of the exchange: the account's own key or that of an API wallet."""
        if not self.privateKey:
            raise errors.AuthenticationError(f"{self.id} requires privateKey: the account's key, or that of an API wallet of it")
        self.own_address()
        if self.secret:
            self.signer("eip712", self.secret)  # a malformed one is told before it is needed
        return self.signer("eip712", self.privateKey)

    def own_address(self) -> str:
        if not self.walletAddress:
            raise errors.AuthenticationError(f"{self.id} requires walletAddress: the address of the account, also with an API wallet's key")
        return self.address(self.walletAddress)

    async def master_signer(self) -> Any:
        """Signs actions of the account holder: `secret`, or `privateKey` when that is the account's own."""
        owner = self.own_address()
        signer = self.signer("eip712", self.secret) if self.secret else self.trading_signer()
        if signer.address.lower() != owner:
            which = "secret" if self.secret else "privateKey"
            raise errors.AuthenticationError(
                f"{self.id} only the account's own key can sign this: {which} is that of {signer.address}, the account is {owner}. "
                "An API wallet cannot; give the account's key as secret"
            )
        return signer

    async def check_role(self) -> None:
        """Ask the venue once whose key this is, and name a mistake before it costs something.

        :raises AuthenticationError: privateKey does not belong to walletAddress, or walletAddress is that of an API wallet
        """
        if not self.options.get("checkRole", True) or not self.privateKey:
            return
        owner, mine = self.own_address(), self.trading_signer().address.lower()
        key = (self.api_host(), mine, owner)
        if key not in self._roles:
            await self.asked_once(key, lambda: self.ask_role(key, mine, owner))

    async def ask_role(self, key: tuple[str, str, str], mine: str, owner: str) -> None:
        try:
            answer = await self.call("public_post_info", {"type": "userRole", "user": mine})
        except errors.OperationFailed:
            return  # asked again next time; it is no reason to keep an order back
        self._roles[key] = self.role_checked(answer, mine, owner)

    async def asked_once(self, key: Any, ask: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Many callers, one request: the question is dear (60 of 1200 weights a minute)."""
        loop, asking = asyncio.get_running_loop(), _ASKING.setdefault(self, {})
        task = asking.get(key)
        if task is None or task.done() or task.get_loop() is not loop:
            task = asking[key] = loop.create_task(ask())
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
        await asyncio.shield(task)

    def role_checked(self, answer: Any, mine: str, owner: str) -> str:
        role = str((answer or {}).get("role") or "missing")
        master = str(((answer or {}).get("data") or {}).get("user") or "").lower()
        if role == "agent" and master != owner:
            wrong = f"privateKey belongs to the API wallet {mine} of {master}"
            hint = "set walletAddress to that account" if mine == owner else "it cannot act for another account"
            raise errors.AuthenticationError(f"{self.id} {wrong}, but walletAddress is {owner}: {hint}")
        if role != "agent" and mine != owner:
            raise errors.AuthenticationError(
                f"{self.id} privateKey belongs to {mine} ({role}), which is neither the account {owner} nor an API wallet of it; "
                "for a vault or sub-account set options['vaultAddress']"
            )
        return role

    async def prepare(self, path: str, api: Any, method: str, params: Params) -> None:
        """Before an account is read with a key at hand: is it the right account?"""
        await super().prepare(path, api, method, params)
        if path == "info" and params.get("user") and params.get("type") != "userRole":
            await self.check_role()

    # --- signed requests --------------------------------------------------------------------------------------------------------------

    @property
    def mainnet(self) -> bool:
        return not self.options.get("sandboxMode")

    def action_nonce(self, address: str) -> int:
        """Unix ms, strictly increasing per signing key; other processes of this machine that sign with it never take the same one."""
        scope, now = f"hyperliquid {self.api_host()} {address.lower()}", self.server_milliseconds()
        try:
            return nonces.slot_nonce(scope, now)
        except OSError:
            return nonces.next_nonce(scope, now)  # nowhere to keep locks: unique in this process only

    async def signed_action(self, action: Params, vault: str | None = None, expires: int | None = None, nonce: int | None = None) -> Params:
        """The body of /exchange for an action of the exchange.

        :param vault: address of the vault or sub-account that acts
        :param expires: unix ms
        :param nonce: for actions that carry it themselves; default: the next one
        """
        signer = self.trading_signer()
        await self.check_role()
        nonce = nonce or self.action_nonce(signer.address)
        digest = signing.l1_digest(action, nonce, vault, expires, self.mainnet)
        signature = signing.split(await signers.result(signer.sign_digest(digest)))
        return {"action": action, "nonce": nonce, "signature": signature, "vaultAddress": vault, "expiresAfter": expires}

    async def signed_user_action(self, action: Params, stamp: str = "nonce") -> Params:
        """The body of /exchange for an action of the account holder.

        :param stamp: the field that carries the nonce, "nonce" or "time"
        """
        signer = await self.master_signer()
        nonce = self.action_nonce(signer.address)
        complete = signing.user_fields({**action, stamp: nonce}, self.mainnet)
        signature = signing.split(await signers.result(signer.sign_digest(signing.user_digest(complete))))
        return {"action": complete, "nonce": nonce, "signature": signature, "vaultAddress": None, "expiresAfter": None}

    async def act(self, action: Params, vault: str | None = None, expires: int | None = None, over_ws: bool = False) -> Any:
        """Sign an action of the exchange, send it once, and return the venue's answer.

        :raises ExchangeError: a subclass of it by the venue's text
        """
        return await self.send_signed(await self.signed_action(action, vault, expires), over_ws)

    async def act_as_owner(self, action: Params, stamp: str = "nonce") -> Any:
        """The same for an action of the account holder."""
        return await self.send_signed(await self.signed_user_action(action, stamp))

    async def send_signed(self, request: Params, over_ws: bool = False) -> Any:
        """Send a signed body as it is.

        :raises BadResponse: the answer does not say that it was carried out
        """
        answer = await (self.post_over_socket(request) if over_ws else self.call("private_post_exchange", request))
        return self.pure(parsing.carried_out, answer)

    async def post_over_socket(self, request: Params) -> Any:
        number = self.request_id()
        message = {"method": "post", "id": number, "request": {"type": "action", "payload": request}}
        return await self.ws_post(str(self.urls["api"]["ws"]["public"]), str(number), message)

    def order_expiry(self, params: Params) -> int | None:
        """Until when the venue may execute an order, unix ms: what makes a lost answer provable."""
        named = params.get("expiresAfter")
        if named is not None:
            if self.absence_grace is not None:  # of this call "not found" proves nothing before that moment
                guards.outlive(grace_after(int(named) - self.server_milliseconds()) - self.absence_grace)
            return int(named)
        span = self.options.get("orderExpiry")
        return None if span is None else self.server_milliseconds() + int(span)

    async def info(self, kind: str, **fields: Any) -> Any:
        """One query of /info."""
        return await self.call("public_post_info", {"type": kind, **fields})

    # --- what ccxt does unasked ---------------------------------------------------------------------------------------------------------

    async def initialize_client(self) -> bool:
        """ccxt approves its own builder fee and sets its own referrer here. Nothing of that."""
        return True

    async def handle_builder_fee_approval(self) -> bool:
        """Approves nothing; `approve_builder_fee` does when the user calls it."""
        return True

    async def set_ref(self) -> bool:
        """Sets the referrer that the user named in options['ref']; without one nothing is sent."""
        code = self.options.get("ref")
        if not code:
            return False
        await self.act({"type": "setReferrer", "code": str(code)})
        return True

    async def approve_builder_fee(self, builder: str, maxFeeRate: str) -> Any:
        """Approve a builder's fee, because the user called this; needs the account's own key.

        :param maxFeeRate: per cent with the sign, "0.01%"
        """
        return await self.act_as_owner({"maxFeeRate": maxFeeRate, "builder": self.address(builder), "type": "approveBuilderFee"})

    # --- ccxt's own signing, for whoever calls it ---------------------------------------------------------------------------------------

    def sign_l1_action(self, action: Any, nonce: Any, vaultAdress: str | None = None, expiresAfter: int | None = None) -> Any:
        """ccxt's, with the hand-packed digest; for local keys."""
        vault = None if vaultAdress is None else self.address(vaultAdress)
        digest = signing.l1_digest(action, int(nonce), vault, expiresAfter, self.mainnet)
        return signing.split(self.trading_signer().sign_digest(digest))

    # --- answers --------------------------------------------------------------------------------------------------------------------------

    def venue_error(self, text: str, default: str = "ExchangeError") -> Exception:
        """The ccxt exception for a text of the venue."""
        low = text.lower()
        name = next((name for fragment, name in tables.ERRORS if fragment in low), default)
        hint = ""
        if name == "AuthenticationError":
            hint = " (the address is the one recovered from the signature: check privateKey, walletAddress and the network)"
        return by_name(name)(f"{self.id} {text}{hint}")

    def handle_errors(
        self, code: int, reason: str, url: str, method: str, headers: Any, body: str, response: Any, requestHeaders: Any, requestBody: Any
    ) -> None:
        """Refusals of the whole request; those of one order among several are read where the orders are known."""
        if isinstance(response, dict):
            if response.get("status") == "err":
                raise self.venue_error(str(response.get("response")))
            if response.get("status") == "unknownOid":
                raise errors.OrderNotFound(f"{self.id} the venue knows no such order")
            if isinstance(response.get("error"), str):
                raise self.venue_error(response["error"])
        if code == 429:
            raise errors.RateLimitExceeded(f"{self.id} {code} {reason} {body[:200]}")
        if 400 <= code < 500 and code not in (403, 408):  # those have classes of their own
            raise errors.BadRequest(f"{self.id} {method} {url} {code} {reason} {body[:300]}")

    def calculate_rate_limiter_cost(self, api: Any, method: Any, path: Any, params: Any, config: Any = None) -> Any:
        """Weights of the documentation; ccxt counts 10 for most queries that cost 20."""
        if path == "info":
            return tables.INFO_WEIGHTS.get(params.get("type"), tables.INFO_WEIGHT)
        action = params.get("action") or {}
        batch = max((len(action[name]) for name in ("orders", "cancels", "modifies") if name in action), default=1)
        return 1 + batch // tables.BATCH_PER_WEIGHT

    async def fetch2(self, path: str, api: Any = "public", method: str = "GET", params: Any = NONE, config: Params = NONE) -> Any:
        """What an answer weighs is known when it is there: a long list of fills costs six times the query."""
        answer = await super().fetch2(path, api, method, params, config)
        rows = tables.ROWS_PER_WEIGHT.get(str(params.get("type"))) if path == "info" else None
        if rows and self.enableRateLimit and isinstance(answer, list):
            self.bucket("ip").reserve(len(answer) // rows)
        return answer

    # --- names ----------------------------------------------------------------------------------------------------------------------------

    def coin(self, market: Any) -> str:
        """What the venue calls a market in queries and streams."""
        return str(market["baseName"] if market["swap"] else market["id"])

    def coin_market(self, coin: Any) -> Any:
        """The market behind a coin, None for one that is not loaded."""
        loaded, table = self._coins
        if loaded is not self.markets:
            table = {self.coin(market): market for market in (self.markets or {}).values()}
            self._coins = (self.markets, table)
        return table.get(coin)

    def coin_to_market_id(self, coin: Any) -> Any:
        market = self.coin_market(coin)
        return market["symbol"] if market is not None else super().coin_to_market_id(coin)

    def dex_of(self, market: Any) -> str:
        """The dex of a perpetual, "" for the venue's own."""
        return str(market["info"].get("dex") or "") if market["swap"] else ""

    def dexes(self) -> list[str]:
        """Every dex that has loaded markets, the venue's own first."""
        found = dict.fromkeys(self.dex_of(market) for market in (self.markets or {}).values() if market["swap"])
        return list({"": None, **found})

    def dex_fields(self, dex: str) -> Params:
        return {"dex": dex} if dex else {}

    def collateral(self, dex: str) -> str:
        """What balances of a dex are counted in."""
        for market in (self.markets or {}).values():
            if market["swap"] and self.dex_of(market) == dex:
                return str(market["settle"])
        return "USDC"

    def new_client_order_id(self) -> str:
        return "0x" + super().new_client_order_id()

    def wire_client_id(self, client_id: str) -> str:
        """The venue's form of a client order id, remembered so that answers carry the user's own."""
        wire = orders.cloid(client_id)
        if wire != client_id:
            self._client_ids[wire] = client_id
            while len(self._client_ids) > 10_000:
                del self._client_ids[next(iter(self._client_ids))]
        return wire

    def user_client_id(self, wire: Any) -> Any:
        return self._client_ids.get(str(wire), wire) if wire else None

    async def unified_account(self, address: str) -> bool:
        """Whether an account keeps everything in its spot state; asked once per account.

        :raises NetworkError: it could not be asked: a guess would show the wrong balance
        """
        wanted = self.options.get("enableUnifiedMargin")
        if wanted is not None:
            return bool(wanted)
        if address not in self._unified:
            self._unified[address] = parsing.unified(await self.info("userAbstraction", user=address))
        return self._unified[address]

    async def is_unified_enabled(self, method: str, address: Any = None, shouldRefresh: bool = False, params: Params = NONE) -> Any:
        """ccxt's, cached per account."""
        if address is None:
            address, params = self.handle_public_address(method, params)
        if "enableUnifiedMargin" in params:
            return [bool(params["enableUnifiedMargin"]), self.omit(params, "enableUnifiedMargin")]
        if shouldRefresh:
            self._unified.pop(address, None)
        return [await self.unified_account(address), params]
