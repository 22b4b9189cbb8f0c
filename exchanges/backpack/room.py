"""What the parts of the room share: the clock, signed requests, refusals as ccxt's exceptions, lists read page by page."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, ClassVar

from ccxt_dex import _ccxt, signers
from ccxt_dex._ccxt import errors
from ccxt_dex.dex import Dex
from ccxt_dex.errors import by_name
from ccxt_dex.exchanges.backpack import orders, signing, tables
from ccxt_dex.reading import milliseconds, objects

Params = dict[str, Any]
Row = dict[str, Any]
NONE: Params = {}
"""the default of every `params`; nobody writes into it"""
REMEMBERED = 10_000

_CCXT: Any = _ccxt.pro("backpack")


class Room(Dex, _CCXT):  # type: ignore[misc]
    """Helpers of every part; no unified method of its own."""

    client_id_params: ClassVar[tuple[str, ...]] = ("clientOrderId", "clientId")
    text_endpoints: ClassVar[frozenset[str]] = frozenset(("api/v1/account", "api/v1/borrowLend", "api/v1/ping", "api/v1/time"))
    margin_modes: ClassVar[tuple[str, ...]] = ("cross",)

    def _fresh_state(self) -> None:
        super()._fresh_state()
        self._client_names: OrderedDict[int, str] = OrderedDict()

    @property
    def absence_grace(self) -> float:  # pyright: ignore[reportIncompatibleVariableOverride]
        """After this many seconds the venue refuses a request that got lost, so that its absence is proof."""
        stated: float | None = self.__dict__.get("_grace")
        return self._asked_window() / 1000 + 3 if stated is None else stated

    @absence_grace.setter
    def absence_grace(self, seconds: float | None) -> None:  # pyright: ignore[reportIncompatibleVariableOverride]
        self.__dict__["_grace"] = seconds

    # --- signing ----------------------------------------------------------------------------------------------------------------------

    def _asked_window(self) -> int:
        options = self.options or {}
        return int(options.get("recvWindow") or options.get("X-Window") or tables.DEFAULT_WINDOW)

    def window(self) -> int:
        """Milliseconds during which a signed request is good: ``options['recvWindow']``."""
        found = self._asked_window()
        if not 0 < found <= tables.MAX_WINDOW:
            raise errors.BadRequest(f"{self.id} options['recvWindow'] is from 1 to {tables.MAX_WINDOW} ms, got {found}")
        return found

    def key(self) -> Any:
        """The signer of `secret`."""
        self.check_required_credentials()
        raw = signing.secret_bytes(str(self.secret))
        if raw is None:
            raise errors.AuthenticationError(f"{self.id} secret must be the base64 of 32 bytes (the seed of an Ed25519 key)")
        return self.signer("nacl", raw)

    def instruction(self, path: str, method: str) -> str:
        """The name under which a private request is signed.

        :raises NotSupported: neither the documentation nor ccxt names one
        """
        known = {**self.options.get("instructions", {}).get(path, {}), **tables.INSTRUCTIONS.get(path, {})}
        if not known.get(method):
            raise errors.NotSupported(f"{self.id} {method} {path} has no known instruction to sign")
        return str(known[method])

    def to_sign(self, path: str, method: str, params: Any, timestamp: int) -> bytes:
        name, window = self.instruction(path, method), self.window()
        if isinstance(params, list):
            return signing.batch(name, params, timestamp, window)
        return signing.message(name, params, timestamp, window)

    def sign(self, path: Any, api: Any = "public", method: str = "GET", params: Any = NONE, headers: Any = None, body: Any = None) -> Any:
        """ccxt's hook, for signers that answer at once; see `sign_request`."""
        return self._request(path, api, method, params, None)

    async def sign_request(
        self, path: str, api: Any, method: str, params: Any, headers: Params | None = None, body: Any = None
    ) -> dict[str, Any]:
        """Signed at the last moment, after any wait for the rate limit, and by a signer that may be slow."""
        if _private(api):
            wire = self._wire(params)
            timestamp = self.server_milliseconds()
            signature = await signers.result(self.key().sign(self.to_sign(path, method, wire, timestamp)))
            return self._request(path, api, method, params, (timestamp, signature))
        return self._request(path, api, method, params, None)

    def _wire(self, params: Any) -> Any:
        if not isinstance(params, list):
            params = self.omit(params, ["stock", "defaultStock", "rfq", "callerMethodName"])
        return signing.without_nulls(params)

    def _request(self, path: str, api: Any, method: str, params: Any, signed: tuple[int, bytes] | None) -> dict[str, Any]:
        name = "private" if _private(api) else "public"
        wire = self._wire(params)
        url, headers, body = f"{self.urls['api'][name]}/{path}", None, None
        if name == "private":
            if signed is None:
                timestamp = self.server_milliseconds()
                signed = timestamp, self.key().sign(self.to_sign(path, method, wire, timestamp))
            headers = {
                "X-Timestamp": str(signed[0]),
                "X-Window": str(self.window()),
                "X-API-Key": self.apiKey,
                "X-Signature": signing.encode(signed[1]),
            }
            broker = self.options.get("brokerId")
            if broker:
                headers["X-Broker-Id"] = str(broker)
        if method == "GET":
            query = self.urlencode_with_array_repeat(wire) if wire else ""
            url += f"?{query}" if query else ""
        elif headers is not None:
            body = self.json(wire)
            headers["Content-Type"] = "application/json; charset=utf-8"
        return {"url": url, "method": method, "body": body, "headers": headers}

    def nonce(self) -> Any:
        """The venue's clock, ms."""
        return self.server_milliseconds()

    # --- refusals ---------------------------------------------------------------------------------------------------------------------

    def venue_error(self, code: Any, text: str, path: str = "") -> Exception:
        """The ccxt exception for a refusal; on the paths of orders a missing resource is an order."""
        message = f"{self.id} {path} {code} {text}".replace("  ", " ").strip()
        low = text.lower()
        for fragment, name in tables.ERROR_FRAGMENTS:
            if fragment in low:
                return by_name(name)(message)
        table = {**tables.ERRORS, **(tables.ORDER_ERRORS if path in tables.ORDER_PATHS else {})}
        if str(code) in table:
            return by_name(table[str(code)])(message)
        kind = self.exceptions["exact"].get(str(code), errors.ExchangeError)
        made: Exception = kind(message)
        return made

    def handle_errors(
        self, code: int, reason: str, url: str, method: str, headers: Any, body: str, response: Any, requestHeaders: Any, requestBody: Any
    ) -> None:
        """ccxt's hook: `{"code": "INVALID_ORDER", "message": "..."}`."""
        path = url.partition("?")[0].partition("//")[2].partition("/")[2]
        if isinstance(response, dict) and isinstance(response.get("code"), str) and "message" in response:
            word = response["code"]
            if method == "DELETE" and path == "api/v1/order" and word == "INVALID_ORDER":
                word = "RESOURCE_NOT_FOUND"  # what hummingbot meets when it cancels an order that is done
            raise self.venue_error(word, str(response.get("message") or "")[:300], path)

    def set_sandbox_mode(self, enabled: bool) -> None:
        """:raises NotSupported: there is no testnet; `python -m ccxt_dex paper backpack` is a local venue"""
        if enabled:
            raise errors.NotSupported(f"{self.id} has no testnet; `python -m ccxt_dex paper backpack` is a local venue")

    # --- lists ------------------------------------------------------------------------------------------------------------------------

    async def rows(self, endpoint: str, request: Mapping[str, Any] = NONE) -> list[Row]:
        """The list that an endpoint answers with.

        :raises BadResponse: the answer is none
        """
        return self.pure(objects, await self.call(endpoint, request))

    async def pages(self, endpoint: str, request: Mapping[str, Any], stamp: str, since: int | None, limit: int | None) -> list[Row]:
        """A history, newest first. Without `since` one page, with it as many as reach back to it.

        :param stamp: name of the field with a row's time
        """
        size = tables.PAGE if since is not None or limit is None else max(1, min(limit, tables.PAGE))
        found: list[Row] = []
        for number in range(int(self.options.get("maxPages", 20))):
            query = {**request, "limit": size}
            rows = await self.rows(endpoint, {**query, "offset": number * size} if number else query)
            found += rows
            wanted = since is not None or (limit is not None and len(found) < limit)
            if len(rows) < size or not wanted:
                break
            if since is not None and (self.pure(milliseconds, rows[-1].get(stamp)) or 0) < since:
                break
        else:
            self.logger.warning("%s %s: stopped after %d rows; ask for a shorter time span", self.id, endpoint, len(found))
        return found

    # --- client order ids -------------------------------------------------------------------------------------------------------------

    def new_client_order_id(self) -> str:
        """32 random bits, the venue's format."""
        return str(1 + secrets.randbelow(tables.UINT32 - 1))

    def keep_client_id(self, given: Any) -> None:
        """Remember a user's own form of a client order id that does not fit into 32 bits.

        :raises InvalidOrder: another text of this instance has the same 32 bits
        """
        wire = self.pure(orders.client_id, given)
        known = self._client_names.get(wire)
        if known is not None and known != str(given):
            raise errors.InvalidOrder(f"{self.id} clientOrderId {given} and {known} are the same in 32 bits: take another")
        if str(wire) != str(given):
            self._client_names[wire] = str(given)
            while len(self._client_names) > REMEMBERED:
                self._client_names.popitem(last=False)

    def users_client_id(self, wire: Any) -> str | None:
        return None if wire in (None, "") else self._client_names.get(int(wire), str(wire))


def _private(api: Any) -> bool:
    return bool((api[0] if isinstance(api, list) else api) == "private")
