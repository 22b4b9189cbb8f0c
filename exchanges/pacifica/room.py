"""What the parts of the room share: whose account, signed requests, refusals as ccxt's exceptions, lists read page by page."""

from __future__ import annotations

import uuid
from collections import OrderedDict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from ccxt_dex import _ccxt, signers
from ccxt_dex._ccxt import errors
from ccxt_dex.dex import Dex
from ccxt_dex.errors import by_name
from ccxt_dex.exchanges.pacifica import orders, parsing, signing, tables
from ccxt_dex.limits import Charge, Rule

Params = dict[str, Any]
Row = dict[str, Any]
NONE: Params = {}
"""the default of every `params`; nobody writes into it"""
REMEMBERED = 10_000

_CCXT: Any = _ccxt.pro("pacifica")


def _rules() -> dict[str, Rule]:
    without = tables.CREDITS_WITHOUT_KEY
    return {
        "ip": Rule.per(without, 60, without / 2),
        **{f"key {credits}": Rule.per(credits, 60, credits / 2) for credits in tables.CREDIT_TIERS},
    }


def _grace_after(window: int) -> float:
    """Seconds after which the venue refuses a request that got lost, so that its absence is proof.

    :param window: ms until it expires
    """
    return window / 1000 + 3


class Room(Dex, _CCXT):  # type: ignore[misc]
    """Helpers of every part; no unified method of its own."""

    read_endpoints: ClassVar[frozenset[str]] = frozenset(tables.READ_PATHS)
    rate_rules: ClassVar[Mapping[str, Rule]] = _rules()
    secret_is_key: ClassVar[bool] = True
    """whether `secret` may stand for `privateKey`"""
    client_id_params: ClassVar[tuple[str, ...]] = ("clientOrderId", "client_order_id")
    balance_is_equity: ClassVar[bool] = True

    def _fresh_state(self) -> None:
        super()._fresh_state()
        self._client_names: OrderedDict[str, str] = OrderedDict()
        self._asked: OrderedDict[str, Row] = OrderedDict()

    def _settle_construction(self) -> None:
        super()._settle_construction()
        if self.secret_is_key and not self.privateKey and self.secret:
            self.privateKey = self.secret
        # ccxt's place for the rate-limit key; it is a credential, and credentials are kept out of logs
        key = self.options.pop("apiKey", None)
        if key and not self.apiKey:
            self.apiKey = key
        self._window = self.expiry_window()
        self.absence_grace = _grace_after(self._window)  # type: ignore[misc]

    def grid(self, symbol: str) -> orders.Grid:
        """Tick, lot and limits of a market, in the venue's own digits."""
        market = self.market(symbol)
        info = market["info"]
        least = info.get("min_order_size")
        return orders.Grid(
            market["id"],
            Decimal(str(info["tick_size"])),
            Decimal(str(info["lot_size"])),
            Decimal(str(least)) if least else None,
            bool(market["spot"]),
        )

    # --- who we are -------------------------------------------------------------------------------------------------------------------

    def expiry_window(self) -> int:
        """Milliseconds until a signed request expires: ``options['expiryWindow']``."""
        return int(self.options.get("expiryWindow", 5000))

    def session_scope(self) -> str:
        return str(self.walletAddress or super().session_scope())

    def main_account(self) -> str:
        """The account to read and trade: walletAddress, else the address of the private key.

        :raises AuthenticationError: neither is there
        """
        if self.walletAddress:
            return str(self.walletAddress)
        if not self.privateKey:
            raise errors.AuthenticationError(f"{self.id} requires walletAddress (the main account), or a privateKey")
        address: str = self.signer("solana").address
        return address

    def handle_origin_and_single_address(self, methodName: str, params: Any) -> list[Any]:
        """ccxt's hook of all its account reads."""
        rest = self.omit(params, ["account", "address"])
        return [params.get("account") or params.get("address") or self.main_account(), rest]

    async def initialize_client(self) -> bool:
        """ccxt's hook before every order: approves its own builder code there; nothing is approved here that was not asked for."""
        return False

    async def handle_builder_fee_approval(self) -> bool:
        """As `initialize_client`."""
        return False

    def builder(self) -> str | None:
        """The builder code to attach: the user's own, when switched on with ``options['builderFee'] = True``."""
        code = self.options.get("builderCode")
        return str(code) if code and self.options.get("builderFee") is True else None

    # --- signing ----------------------------------------------------------------------------------------------------------------------

    async def signed(self, operation: str, fields: Mapping[str, Any]) -> Params:
        """The body of a request: exactly the fields that are sent are signed; what is signed already passes as it is."""
        if "signature" in fields:
            return dict(fields)
        words = ("expiryWindow", "expiry_window", "agentAddress")
        payload = {name: value for name, value in signing.payload_of(operation, fields).items() if name not in words and value is not None}
        made = self.signer("solana")
        address = str(made.address)
        account = str(fields.get("account") or self.walletAddress or address)
        stated = fields.get("agentAddress") or self.options.get("agentAddress")
        if stated and str(stated) != address:
            raise errors.AuthenticationError(f"{self.id} the private key is not that of agentAddress {stated}")
        window = int(fields.get("expiryWindow") or fields.get("expiry_window") or self.expiry_window())
        if window > self._window:  # one order's own, or the option was changed
            self._window = window
            if self.absence_grace is not None:
                self.absence_grace = max(self.absence_grace, _grace_after(window))  # type: ignore[misc]
        now = int(fields.get("timestamp") or self.server_milliseconds())
        signature = await signers.result(made.sign(signing.message(operation, payload, now, window)))
        encoded = signers.base58.encode(signature)
        return signing.envelope(payload, account, None if account == address else address, encoded, now, window)

    async def sign_request(
        self, path: str, api: Any, method: str, params: Any, headers: Params | None = None, body: Any = None
    ) -> dict[str, Any]:
        """Signed at the last moment, after any wait for credits, and by a signer that may be slow."""
        if method == "POST":
            if path == tables.BATCH_PATH:
                params = {**params, "actions": [await self._signed_action(action) for action in params.get("actions") or []]}
            elif path in tables.OPERATIONS:
                params = await self.signed(tables.OPERATIONS[path], params)
        request: dict[str, Any] = self.sign(path, api, method, params)
        return request

    async def _signed_action(self, action: Mapping[str, Any]) -> Params:
        kind = str(action.get("type"))
        data = action.get("data") or {}
        if kind not in tables.BATCH_ACTIONS and "signature" not in data:
            raise errors.BadRequest(f"{self.id} a batch takes {', '.join(tables.BATCH_ACTIONS)}, not {kind}")
        return {"type": kind, "data": await self.signed(tables.BATCH_ACTIONS.get(kind, ""), data)}

    def sign(self, path: Any, api: Any = "public", method: str = "GET", params: Any = NONE, headers: Any = None, body: Any = None) -> Any:
        request = super().sign(path, api if isinstance(api, list) else [api], method, params)
        key = self.rate_key()
        if key:
            request["headers"] = {**(request.get("headers") or {}), "PF-API-KEY": key}
        return request

    def post_action_request(self, operationType: Any, sigPayload: Any, params: Any) -> Params:
        """ccxt's hook of its own signed methods (transfer, withdraw, agent keys ...): `sign_request` signs what they send."""
        self.check_required_credentials()
        window = params.get("expiryWindow") or params.get("expiry_window")
        return {**sigPayload, **({"expiry_window": window} if window else {})}

    def sign_message(self, header: Any, payload: Any, privateKey: str) -> str:
        """ccxt's signature, with base58 that keeps leading zeros; used for the two signatures of a new sub-account."""
        made = signers.make("solana", privateKey)
        text = signing.message(header["type"], payload, int(header["timestamp"]), int(header["expiry_window"]))
        signature: str = signers.base58.encode(made.sign(text))
        return signature

    def setup_api_key_headers(self, key: Any = None) -> None:
        """ccxt writes the key into ``options``; here the dial does it (streams.py)."""

    def rate_key(self) -> str | None:
        """The rate-limit key to send to Pacifica."""
        return str(self.apiKey) if self.apiKey else None

    # --- limits -----------------------------------------------------------------------------------------------------------------------

    def rate_charge(self, api: Any, method: str, path: str, params: Any, cost: float = 1.0) -> Charge:
        """Without a key the address pays, with one the account; heavy reads cost less with a key."""
        if not self.rate_key() and not self.options.get("credits"):
            return Charge((("ip", cost),))
        credits = int(self.options.get("credits") or tables.CREDITS_WITH_KEY)
        if credits not in tables.CREDIT_TIERS:
            raise errors.BadRequest(f"{self.id} options['credits'] must be one of {', '.join(map(str, tables.CREDIT_TIERS))}")
        return Charge(((f"key {credits}", min(cost, tables.HEAVY_WITH_KEY)),))

    def calculate_rate_limiter_cost(self, api: Any, method: Any, path: Any, params: Any, config: Any = NONE) -> float:
        return float((config or {}).get("cost", 1))

    # --- refusals ---------------------------------------------------------------------------------------------------------------------

    def venue_error(self, code: Any, text: str, error_id: Any = None, where: str = "") -> Exception:
        """The ccxt exception for a refusal: the text first, which says more than a code that only repeats the HTTP status."""
        message = f"{self.id} {where} {code} {text}".replace("  ", " ").strip()
        low = text.lower()
        for fragment, name in tables.ERROR_FRAGMENTS:
            if fragment in low:
                return by_name(name)(message)
        name = str(error_id) if str(error_id) in self.exceptions["exact"] else str(code)
        if name in tables.ERRORS:
            return by_name(tables.ERRORS[name])(message)
        found: Any = self.exceptions["exact"].get(name)
        if found is None:
            found = errors.ExchangeError
        made: Exception = found(message)
        return made

    def handle_errors(
        self, code: int, reason: str, url: str, method: str, headers: Any, body: str, response: Any, requestHeaders: Any, requestBody: Any
    ) -> None:
        """ccxt's hook: `{"success": false, "error": text, "code": n}`, with HTTP 422 for refusals of the engine."""
        if not isinstance(response, dict):
            if method == "POST" and code < 400:
                raise errors.BadResponse(f"{self.id} a request was answered without a word on its success")
            return
        own, text, success = response.get("code"), response.get("error"), response.get("success")
        if success is True or (success is None and method == "GET" and own in (None, 200) and not text and code < 400):
            return
        if success is None and not text and code < 400:
            raise errors.BadResponse(f"{self.id} a request was answered without a word on its success")
        if code >= 500 and own in (None, code):
            return  # ccxt's own classes of HTTP statuses
        path = url.partition("?")[0].rpartition("/api/v1/")[2]
        raise self.venue_error(code if own is None else own, str(text or reason)[:300], response.get("error_id"), path)

    # --- lists ------------------------------------------------------------------------------------------------------------------------

    async def rows(self, endpoint: str, request: Mapping[str, Any] = NONE) -> list[Row]:
        """The list that an endpoint answers with.

        :raises BadResponse: the answer has none
        """
        return self.pure(parsing.rows, await self.call(endpoint, request))

    async def pages(self, endpoint: str, request: Mapping[str, Any], since: int | None, limit: int | None) -> list[Row]:
        """A list that the venue gives newest first with a cursor: as many pages as reach back to `since`, without it as `limit` needs."""
        size = tables.PAGE if since is not None or limit is None else max(1, min(limit, tables.PAGE))
        query: Params = {"limit": size, **request}
        found: list[Row] = []
        for _ in range(int(self.options.get("maxPages", 20))):
            answer = await self.call(endpoint, query)
            rows = self.pure(parsing.rows, answer)
            found += rows
            cursor = answer.get("next_cursor")
            if not answer.get("has_more") or not cursor or not rows:
                break
            if len(found) >= (limit or 0) if since is None else self.pure(parsing.oldest, rows) < since:
                break
            query = {**query, "cursor": cursor}
        else:
            self.logger.warning("%s %s: stopped after %d rows; ask for a shorter time span", self.id, endpoint, len(found))
        return found

    # --- client order ids -------------------------------------------------------------------------------------------------------------

    def new_client_order_id(self) -> str:
        """A full UUID."""
        return str(uuid.uuid4())

    def keep_client_id(self, given: Any) -> str:
        """The venue's form of a user's client order id; the user's own form is remembered for what comes back."""
        wire = orders.client_id(given)
        if wire != str(given):
            self._client_names[wire] = str(given)
            while len(self._client_names) > REMEMBERED:
                self._client_names.popitem(last=False)
        return wire

    def users_client_id(self, wire: Any) -> str | None:
        return None if wire in (None, "") else self._client_names.get(str(wire), str(wire))

    def remember_asked(self, order_id: Any, asked: Mapping[str, Any]) -> None:
        """What an order of ours was asked to be: rows of the venue name neither time in force nor post-only."""
        self._asked[str(order_id)] = dict(asked)
        while len(self._asked) > REMEMBERED:
            self._asked.popitem(last=False)
