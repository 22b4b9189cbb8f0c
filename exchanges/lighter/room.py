"""What the parts of the room share: who we are, tokens, transactions on their way, refusals as ccxt's exceptions."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, NamedTuple, TypeVar

from ccxt_dex import _ccxt, signers
from ccxt_dex._ccxt import errors
from ccxt_dex.dex import Dex
from ccxt_dex.errors import by_name
from ccxt_dex.exchanges.lighter import keys, orders, signer, signing, tables
from ccxt_dex.limits import Charge, Rule

T = TypeVar("T")
Params = dict[str, Any]
NONE: Params = {}
"""the default of every `params`; nobody writes into it"""

__all__ = ["NONE", "Identity", "Params", "Room", "signer"]

_CCXT: Any = _ccxt.pro("lighter")


class Identity(NamedTuple):
    """Whose transactions these are."""

    account: int
    key_index: int


def _rules() -> dict[str, Rule]:
    rules = {"ip": Rule.per(60, 60, 30)}
    for tier, (weight, sends) in tables.TIERS.items():
        rules[tier] = Rule.per(weight, 60, weight / 2)
        rules[f"{tier} transactions"] = Rule.per(sends, 60, sends / 2)
    return rules


class Room(Dex, _CCXT):  # type: ignore[misc]
    """Helpers of every part; no unified method of its own."""

    write_endpoints: ClassVar[frozenset[str]] = frozenset(tables.SEND_PATHS)
    rate_rules: ClassVar[Mapping[str, Rule]] = _rules()

    def _fresh_state(self) -> None:
        super()._fresh_state()
        self._identity: Identity | None = None
        self._batch: Any = None
        self._looking: Any = None
        self._finding: Any = None
        self._tokens: dict[Identity, tuple[str, int]] = {}

    def __getstate__(self) -> dict[str, Any]:
        """Tokens and tasks stay with this object."""
        left_out = ("_tokens", "_batch", "_looking", "_finding")
        return {name: value for name, value in super().__getstate__().items() if name not in left_out}

    def _settle_construction(self) -> None:
        super()._settle_construction()
        if not self.privateKey and self.secret:
            self.privateKey = self.secret
        # after this much time the venue refuses a transaction that got lost, so that its absence is proof
        self.absence_grace = self.transaction_life() / 1000 + 2  # type: ignore[misc]

    def transaction_life(self) -> int:
        """Milliseconds until a transaction of ours expires: ``options['transactionLife']``."""
        return int(self.options.get("transactionLife", 8000))

    # --- who we are -------------------------------------------------------------------------------------------------------------------

    def session_scope(self) -> str:
        return str(self.given_account() or super().session_scope())

    def given_account(self) -> int | None:
        """The account index that the user gave: uid, accountId or ``options['accountIndex']``."""
        for value in (self.uid, self.accountId, self.options.get("accountIndex")):
            if value not in (None, ""):
                if not str(value).isdigit():
                    raise errors.AuthenticationError(f"{self.id} the account index (uid) is a whole number, got {value!r}")
                return int(value)
        return None

    def given_key_index(self) -> int | None:
        """The key index that the user gave: apiKey, or ``options['apiKeyIndex']``."""
        value = self.apiKey if self.apiKey not in (None, "") else self.options.get("apiKeyIndex")
        if value in (None, ""):
            return None
        if not str(value).isdigit() or int(value) > signing.MAX_KEY_INDEX:
            raise errors.AuthenticationError(f"{self.id} the key index (apiKey) is a whole number from 0 to {signing.MAX_KEY_INDEX}")
        return int(value)

    def lighter_signer(self) -> Any:
        return self.signer("lighter")

    async def account_index(self, params: Mapping[str, Any] = NONE) -> int:
        """The account to ask about: the parameter, the credential, or what belongs to the wallet address.

        :raises AuthenticationError: nobody said whose account
        """
        asked = params.get("accountIndex", params.get("account_index"))
        found = int(asked) if asked is not None else self.given_account()
        if found is not None:
            return found
        if self._identity is not None:
            return self._identity.account
        if not self.walletAddress:
            raise errors.AuthenticationError(f"{self.id} requires the account index as uid (or a walletAddress to look it up)")
        rows = (await self.call("publicGetAccountsByL1Address", {"l1_address": self.walletAddress})).get("sub_accounts") or []
        main = [row for row in rows if not int(row.get("account_type") or 0)] or rows
        if not main:
            raise errors.AccountNotEnabled(f"{self.id} has no account of {self.walletAddress}")
        return int(main[0]["index"])

    async def identity(self) -> Identity:
        """Account and key index; the key index is looked up by its public key when the user did not give it.

        :raises AuthenticationError: no private key, or a key that the account does not have
        """
        if self._identity is None:
            loop, task = asyncio.get_running_loop(), self._finding
            if task is None or task.done() or task.get_loop() is not loop:
                task = self._finding = loop.create_task(self._identify())  # one look-up, however many ask at once
            found: Identity = await asyncio.shield(task)
            self._identity = found
            return found
        return self._identity

    async def check_signer(self, params: Mapping[str, Any]) -> None:
        """Parameters of a call that signs may name the account and the key; ignored, they would move another account's money.

        :raises BadRequest: they are not this instance's
        """
        for own, names in zip(await self.identity(), (("accountIndex", "account_index"), ("apiKeyIndex", "api_key_index")), strict=True):
            for name in names:
                if params.get(name) is not None and str(params[name]) != str(own):
                    raise errors.BadRequest(
                        f"{self.id} params['{name}'] = {params[name]!r}: this instance signs for {own}; make another one"
                    )

    async def _identify(self) -> Identity:
        public = (await self.public_key()).hex()
        account, index = await self.account_index(), self.given_key_index()
        return Identity(account, await self._find_key_index(account, public) if index is None else index)

    async def public_key(self) -> bytes:
        # the first signer of a process builds a table, which takes a tenth of a second
        made = await asyncio.to_thread(self.lighter_signer)
        found: bytes = await signers.result(made.public_key)
        return found

    async def _find_key_index(self, account: int, public: str) -> int:
        answer = await self.call("publicGetApikeys", {"account_index": account, "api_key_index": 255})
        for row in answer.get("api_keys") or []:
            if str(row.get("public_key", "")).removeprefix("0x").lower() == public:
                return int(row["api_key_index"])
        raise errors.AuthenticationError(f"{self.id} account {account} has no API key with this private key's public key")

    # --- tokens -----------------------------------------------------------------------------------------------------------------------

    async def auth_token(self) -> str:
        """A token for private reads and subscriptions, made by signing; renewed a minute before it ends."""
        who = await self.identity()
        now = self.server_milliseconds() // 1000
        known = self._tokens.get(who)
        if known is not None and known[1] - tables.TOKEN_SPARE_SECONDS > now:
            return known[0]
        deadline = now + tables.TOKEN_SECONDS - tables.TOKEN_SPARE_SECONDS
        text, digest = signing.auth_message(deadline, *who)
        token = signing.auth_token(text, await signers.result(self.lighter_signer().sign(digest)))
        self.redactor.hide(token)
        self._tokens[who] = (token, deadline)
        return token

    def tier(self) -> str:
        """The account's tier: ``options['tier']``, standard unless the user says otherwise."""
        found = str(self.options.get("tier", "standard"))
        if found not in tables.TIERS:
            raise errors.BadRequest(f"{self.id} options['tier'] must be one of {', '.join(tables.TIERS)}")
        return found

    def counts_by_account(self, path: str, api: Any, method: str) -> bool:
        """Whether a request carries a token: private ones, and public reads of tiers above standard, whose limits are better than an address's."""
        if (api if isinstance(api, str) else api[0]) == "private":
            return True
        return method == "GET" and self.tier() != "standard" and self._identity is not None and path != "nextNonce"

    async def sign_request(
        self, path: str, api: Any, method: str, params: Params, headers: Params | None = None, body: Any = None
    ) -> dict[str, Any]:
        request: dict[str, Any] = self.sign(path, api, method, params)
        if self.counts_by_account(path, api, method):
            request["headers"] = {**(request.get("headers") or {}), "Authorization": await self.auth_token()}
        return request

    def create_auth(self, params: Any = NONE) -> str | None:
        """ccxt's hook inside sign(); the header is put in by sign_request, where a signer may be awaited."""
        known = self._tokens.get(self._identity) if self._identity is not None else None
        return known[0] if known else None

    async def handle_account_index(self, params: Any, *names: Any) -> list[Any]:
        """ccxt's hook of its own methods: our account, their parameters."""
        return [await self.account_index(params), self.omit(params, ["accountIndex", "account_index"])]

    def handle_api_key_index(self, params: Any, *names: Any) -> list[Any]:
        """ccxt's hook of its own methods; it sends every index below 4 to 254."""
        return [self._identity.key_index if self._identity else self.given_key_index(), self.omit(params, ["apiKeyIndex", "api_key_index"])]

    def get_lighter_private_key(self, strAccountIndex: str, strApiKeyIndex: str) -> None:
        """ccxt's hook; keys are not kept in options."""

    async def load_account(self, *args: Any, **kwargs: Any) -> None:
        """ccxt's hook: it would load a native library and register a key; we only make sure that we know who we are."""
        await self.identity()

    async def pre_load_lighter_library(self, params: Any = NONE) -> bool:
        """ccxt's hook: nothing is loaded, registered or approved."""
        return True

    # --- transactions -----------------------------------------------------------------------------------------------------------------

    async def signed(self, plan: orders.Plan, who: Identity, nonce: int) -> tuple[int, str]:
        """Type and `tx_info` of one transaction."""
        unsigned = self.pure(
            signing.transaction,
            plan.name,
            plan.fields,
            chain_id=int(self.options["chainId"]),
            account=who.account,
            key_index=who.key_index,
            nonce=nonce,
            expired_at=self.server_milliseconds() + self.transaction_life(),
            attributes={signing.SKIP_NONCE: 1, **plan.attributes},
        )
        return unsigned.type, unsigned.signed(await signers.result(self.lighter_signer().sign(unsigned.hash)))

    async def transact(self, *plans: orders.Plan, over: Callable[[list[tuple[int, str]]], Any] | None = None) -> Any:
        """Sign and send transactions, several as one batch; one request per key is under way at a time.

        A refused nonce proves that nothing happened: it is signed once more above the one that the venue has.

        :param over: sends the signed transactions, default REST
        """
        who = await self.identity()
        key = keys.key(self.api_host(), *who)
        async with key:
            try:
                return await self._send_signed(key, plans, who, over)
            except errors.InvalidNonce:
                answer = await self.call("publicGetNextNonce", {"account_index": who.account, "api_key_index": who.key_index})
                key.seen(int(answer["nonce"]))
                return await self._send_signed(key, plans, who, over)

    async def _send_signed(self, key: keys.Key, plans: Any, who: Identity, over: Any) -> Any:
        signed = [await self.signed(plan, who, key.next_nonce(self.server_milliseconds())) for plan in plans]
        if over is not None:
            return await over(signed)
        if len(signed) == 1:
            return await self.call("publicPostSendTx", {"tx_type": str(signed[0][0]), "tx_info": signed[0][1]})
        request = {"tx_types": self.json([kind for kind, _ in signed]), "tx_infos": self.json([text for _, text in signed])}
        return await self.call("publicPostSendTxBatch", request)

    # --- limits and errors ------------------------------------------------------------------------------------------------------------

    def rate_charge(self, api: Any, method: str, path: str, params: Any, cost: float = 1.0) -> Charge:
        tier = self.tier()
        if path in tables.SEND_PATHS:
            count = len(self.parse_json(params["tx_types"])) if "tx_types" in params else 1
            return Charge(((f"{tier} transactions", float(count)),))
        weight = 1.0 if tier == "standard" else float(tables.WEIGHTS.get(path, tables.DEFAULT_WEIGHT))
        return Charge(((tier if self.counts_by_account(path, api, method) else "ip", weight if self._identity else 1.0),))

    def venue_error(self, code: Any, text: str) -> Exception:
        """The ccxt exception for one of the venue's error codes."""
        number = str(code)
        name = tables.ERRORS.get(number)
        if name is None:
            known = self.safe_value(self.exceptions["exact"], number)
            if known is not None and known is not errors.ExchangeError:
                return known(f"{self.id} {number} {text}")  # type: ignore[no-any-return]
            whole = int(number) if number.isdigit() else 0
            name = next((found for low, high, found in tables.ERROR_RANGES if low <= whole <= high), "ExchangeError")
        return by_name(name)(f"{self.id} {number} {text}")

    def handle_errors(
        self,
        code: int,
        reason: str,
        url: str,
        method: str,
        headers: Any,
        body: str,
        response: Any,
        requestHeaders: Any,
        requestBody: Any,
    ) -> None:
        """ccxt's hook: `{"code", "message"}` with a code other than 200; ccxt's class reads a field `msg` that does not exist."""
        if not isinstance(response, dict) or "code" not in response:
            return
        number = response["code"]
        if str(number) not in ("0", "200"):
            raise self.venue_error(number, str(response.get("message") or reason)[:300])
