"""What the parts of the room share: signed requests, refusals as ccxt's exceptions, lists read page by page, the metadata."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

from ccxt_dex._ccxt import errors
from ccxt_dex.dex import Dex
from ccxt_dex.errors import by_name
from ccxt_dex.exchanges.edgex import parsing, signing, tables

T = TypeVar("T")
Params = dict[str, Any]
NONE: Params = {}
"""the default of every `params`; nobody writes into it"""
SHORT_HEX = re.compile(r"(0x)?[0-9a-fA-F]{50,63}")
FRESH_SECONDS = 10.0
V1_TEXT = (
    "this looks like API V1 (an account id with a Stark key, or a host of V1). V1 is dead and not supported: its Stark key signs nothing on V2. "
    "Create a V2 key at pro.edgex.exchange, API Management, Perps V2: apiKey, secret, password (passphrase), uid (account id), "
    "privateKey (the trading signer's)"
)


class Room(Dex):
    """Helpers of every part; no unified method of its own."""

    _metadata: tuple[float, dict[str, Any]] | None

    def _fresh_state(self) -> None:
        super()._fresh_state()
        self._metadata = None
        self._nonces: dict[int, str] = {}
        self._modes: dict[str, str] = {}
        self._leverages: dict[str, str] = {}
        self._unlisted: set[str] = set()

    def _settle_construction(self) -> None:
        super()._settle_construction()
        key = self.options.get("walletPrivateKey")
        if isinstance(key, str):
            self.redactor.hide(key, key.removeprefix("0x"))

    # --- refusals -----------------------------------------------------------------------------------------------------------------------

    def venue_error(self, path: str, status: int, code: str, text: str) -> Exception:
        """The ccxt exception for a refusal; a code that nobody knows is an ExchangeError, which proves little.

        :param path: endpoint
        :param status: of HTTP
        :param code: of the envelope
        """
        message = f"{self.id} {path}: {code or status} {text}".strip()
        name = tables.ERROR_CODES.get(code)
        if name is None:
            word = code.upper()
            ordering = path.startswith("order/") or path == ""
            fragments = (*tables.ERROR_FRAGMENTS, *(tables.ORDER_FRAGMENTS if ordering else ()))
            name = next((each for fragment, each in fragments if fragment in word), None)
        if name is None:
            name = tables.STATUS_ERRORS.get(status) or ("ExchangeNotAvailable" if status >= 500 else "ExchangeError")
        return by_name(name)(message)

    def handle_errors(
        self, code: int, reason: str, url: str, method: str, headers: Any, body: str, response: Any, requestHeaders: Any, requestBody: Any
    ) -> None:
        """ccxt's hook: errors come in the envelope, with HTTP 200 or 4xx alike; only `code` says."""
        envelope = response if isinstance(response, dict) else {}
        word = str(envelope.get("code") or "")
        if word == "SUCCESS" and code < 400:
            return
        if not word and code < 400:
            return
        path = urlsplit(url).path
        for prefix in tables.PATHS.values():
            path = path.removeprefix(prefix)
        details = [str(envelope[name]) for name in ("msg", "errorParam", "traceId") if envelope.get(name)]
        raise self.venue_error(path, code, word, " ".join(details) or (reason if word else str(body or reason))[:300])

    # --- credentials --------------------------------------------------------------------------------------------------------------------

    def refuse_v1(self) -> None:
        """:raises NotSupported: when what the user gave belongs to the dead V1"""
        given = [bool(getattr(self, name)) for name in ("apiKey", "secret", "password")]
        key = self.privateKey if isinstance(self.privateKey, str) else ""
        hosts = {urlsplit(str(url)).hostname for url in (self.urls.get("api") or {}).values() if isinstance(url, str)}
        if (key and not any(given)) or SHORT_HEX.fullmatch(key) or self.options.get("starkPrivateKey") or hosts & tables.V1_HOSTS:
            raise errors.NotSupported(f"{self.id} {V1_TEXT}")

    def check_required_credentials(self, error: bool = True) -> bool:
        """ccxt's, with an explanation for keys of V1; `accountId` serves where `uid` is not set."""
        if error:
            self.refuse_v1()
        missing = [name for name in ("apiKey", "secret", "password") if not getattr(self, name)]
        if not (self.uid or self.accountId):
            missing.append("uid")
        if missing and error:
            raise errors.AuthenticationError(f'{self.id} requires "{missing[0]}" credential')
        return not missing

    def account_id(self, params: Mapping[str, Any] = NONE) -> str:
        """The account that a call is about: params['accountId'] for a sub-account, else `uid`.

        :raises AuthenticationError: none is set, or it is no number
        """
        found = str(params.get("accountId") or self.uid or self.accountId or "")
        if not (found.isascii() and found.isdigit()):
            self.check_required_credentials()
            raise errors.AuthenticationError(f"{self.id} uid must be the account id, a number")
        return found

    def session_scope(self) -> str:
        return str(self.uid or self.accountId or "") or super().session_scope()

    def trading_signer(self) -> Any:
        """The signer of orders and margin modes: the key that the web app calls trading or SDK signer key.

        :raises AuthenticationError: none is set, or it is malformed
        """
        self.check_required_credentials()
        if not self.privateKey:
            raise errors.AuthenticationError(f'{self.id} requires "privateKey" credential (the trading signer key)')
        return self.signer("eip712", self.privateKey)

    def wallet_signer(self) -> Any:
        """The signer of transfers and withdrawals: the account owner's wallet.

        :raises AuthenticationError: options['walletPrivateKey'] is not set, or malformed
        """
        self.check_required_credentials()
        key = self.options.get("walletPrivateKey")
        if not key:
            raise errors.AuthenticationError(
                f"{self.id} transfers and withdrawals are signed by the owner's wallet: set options['walletPrivateKey'] (privateKey only trades)"
            )
        self.redactor.hide(str(key), str(key).removeprefix("0x"))
        return self.signer("eip712", key)

    async def signature(self, signer: Any, digest: bytes) -> str:
        """Hexadecimal signature without 0x, as the SDK sends it."""
        from ccxt_dex import signers

        made: bytes = await signers.result(signer.sign_digest(digest))
        return made.hex()

    # --- requests -----------------------------------------------------------------------------------------------------------------------

    def sign(
        self, path: str, api: Any = "public", method: str = "GET", params: Any = NONE, headers: Any = None, body: Any = None
    ) -> dict[str, Any]:
        """Four HMAC headers over timestamp, method, path and the values as they are, not as they are encoded."""
        kind = api if isinstance(api, str) else api[0]
        own = tables.PATHS[kind] + path
        url = f"{self.urls['api'][kind]}{own}"
        sent: Params = {"Accept": "application/json"}
        if kind != "public":
            self.check_required_credentials()
            stamp = self.server_milliseconds()
            text = self.pure(signing.request_text, stamp, method, own, params)
            sent.update(signing.headers(self.apiKey, self.password, self.secret, stamp, text))
        if method == "GET":
            if params:
                url += "?" + self.urlencode({name: params[name] for name in sorted(params)})
            return {"url": url, "method": method, "body": None, "headers": sent}
        sent["Content-Type"] = "application/json"
        return {"url": url, "method": method, "body": self.json(params), "headers": sent}

    async def private_get(self, endpoint: str, params: Mapping[str, Any]) -> Any:
        """A private GET; the account is always named, numbers and lists become text."""
        query = {"accountId": self.account_id(params), **{key: _query(value) for key, value in params.items() if value is not None}}
        return await self.call(endpoint, query)

    async def pages(
        self,
        endpoint: str,
        params: Mapping[str, Any],
        since: int | None,
        limit: int | None,
        until: int | None = None,
        most: int = tables.MAX_PAGE,
        key: Callable[[dict[str, Any]], Any] = lambda row: row.get("id"),
    ) -> list[dict[str, Any]]:
        """A list that the venue gives newest first, page by page.

        Without `since` as many pages are read as `limit` needs, one when there is no limit. With it, pages are read back to that
        time, so that the first `limit` entries after it are there.

        :param since: unix milliseconds
        :param until: unix milliseconds, exclusive
        :param most: largest page
        :param key: what tells rows apart
        """
        size = most if since is not None or limit is None else max(1, min(limit, most))
        query: Params = {**params, "size": str(size)}
        if since is not None:
            query["filterStartCreatedTimeInclusive"] = str(since)
        if until is not None:
            query["filterEndCreatedTimeExclusive"] = str(until)
        found: dict[Any, dict[str, Any]] = {}
        for _ in range(int(self.options.get("maxPages", 20))):
            response = await self.private_get(endpoint, query)
            page = self.pure(parsing.rows, response)
            fresh = [row for row in page if key(row) not in found]
            found.update((key(row), row) for row in fresh)
            offset = self.pure(parsing.next_page, response)
            enough = since is None and len(found) >= (limit or 1)
            if not offset or not fresh or enough:
                return list(found.values())
            query["offsetData"] = offset
        self.logger.warning("%s %s: stopped after %d entries; ask for a shorter time span", self.id, endpoint, len(found))
        return list(found.values())

    def known(self, rows: list[dict[str, Any]], symbols: list[str] | None = None) -> list[tuple[dict[str, Any], Any]]:
        """Rows with their markets; a contract that the markets lack is left out rather than given a made-up symbol."""
        by_id = self.markets_by_id or {}
        wanted = None if symbols is None else set(symbols)
        pairs = [(row, by_id[str(row["contractId"])][0]) for row in rows if str(row.get("contractId")) in by_id]
        return [(row, market) for row, market in pairs if wanted is None or market["symbol"] in wanted]

    def unlisted(self, rows: Iterable[Mapping[str, Any]]) -> bool:
        """Whether rows name contracts that the markets lack and that were not looked for yet."""
        ids = {str(row["contractId"]) for row in rows if row.get("contractId")}
        unknown = {name for name in ids if name not in (self.markets_by_id or {})} - self._unlisted
        self._unlisted |= unknown
        return bool(unknown)

    async def listed(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The rows; a contract that was listed since the markets were read has them read anew, once: what one holds must be seen."""
        if self.unlisted(rows):
            await self.load_markets(True)
        return rows

    # --- metadata -----------------------------------------------------------------------------------------------------------------------

    async def metadata(self, params: Params = NONE) -> dict[str, Any]:
        """getMetaData; load_markets() needs it twice, so the first answer serves both.

        :raises NotSupported: credentials or hosts of V1, before they meet a host
        """
        self.refuse_v1()
        held = self._metadata
        if held is not None and time.monotonic() - held[0] < FRESH_SECONDS:
            self._metadata = None
            return held[1]
        found = self.pure(parsing.one, await self.call("public_get_meta_getmetadata", params))
        reason = str((found.get("global") or {}).get("maintenanceReason") or "")
        if reason:
            self.logger.warning("%s announces maintenance: %s", self.id, reason)
        self._metadata = (time.monotonic(), found)
        return found

    def settings(self, market: Any = None) -> dict[str, Any]:
        """`metadata.global` as it came with the markets: chain id and contract that signatures are for.

        :raises BadResponse: the markets did not come from this class
        """
        rows = [market] if market is not None else list((self.markets or {}).values())
        for row in rows:
            found = (row.get("info") or {}).get("global")
            if isinstance(found, dict):
                return found
        raise errors.BadResponse(f"{self.id} the markets have no chain settings; call load_markets(True)")

    def coin(self, code: str) -> dict[str, Any]:
        """The venue's row of a currency.

        :raises BadRequest: unknown code
        """
        currency = (self.currencies or {}).get(code) or {}
        info = currency.get("info") or {}
        if not info.get("coinId"):
            for market in (self.markets or {}).values():
                if market["settle"] == code:
                    return dict(market["info"]["quoteCoin"])
            raise errors.BadRequest(f"{self.id} unknown currency {code!r}")
        return dict(info)


def _query(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return ",".join(map(str, value))
    return str(value)
