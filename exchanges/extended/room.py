"""What the parts of the room share: errors, limits, lists read page by page."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, ClassVar

from ccxt_dex import _ccxt
from ccxt_dex._ccxt import errors
from ccxt_dex.dex import Dex
from ccxt_dex.errors import by_name
from ccxt_dex.exchanges.extended import parsing, tables
from ccxt_dex.limits import Rule

Params = dict[str, Any]
NONE: Params = {}
"""the default of every `params`; nobody writes into it"""

_CCXT: Any = _ccxt.pro("extended")


class Room(Dex, _CCXT):  # type: ignore[misc]
    """Helpers of every part; no unified method of its own."""

    rate_rules: ClassVar[Mapping[str, Rule]] = {name: Rule.per(*rule) for name, rule in tables.LIMITS.items()}
    client_id_params: ClassVar[tuple[str, ...]] = ("clientOrderId", "client_id", "externalId")
    text_endpoints: ClassVar[frozenset[str]] = frozenset({"user/deadmanswitch"})
    margin_modes: ClassVar[tuple[str, ...]] = ("cross",)
    balance_is_equity: ClassVar[bool] = True

    def nonce(self) -> int:
        """Salt of a signature: random. ccxt's is the second, so that two equal orders of one second are one and the same."""
        return 1 + secrets.randbelow(tables.MAX_NONCE)

    def account_key(self) -> str:
        """:raises AuthenticationError: there is none"""
        if not self.apiKey:
            raise errors.AuthenticationError(f"{self.id} requires 'apiKey' (the API key of the sub-account)")
        return str(self.apiKey)

    def sign(self, path: str, api: Any = "public", method: str = "GET", params: Any = NONE, headers: Any = None, body: Any = None) -> Any:
        """ccxt's, which would send an empty key."""
        if api[1] == "private":
            self.account_key()
        return super().sign(path, api, method, params)

    # --- errors -----------------------------------------------------------------------------------------------------------------------

    def venue_error(self, code: Any, text: str, url: str = "", status: int = 0) -> Exception:
        """The ccxt exception for one of the venue's error codes, of REST or of a socket."""
        name = tables.ERRORS.get(str(code))
        about_orders = "/user/order" in url
        if name is None and (str(code) == "NOT_FOUND" or status == 404):
            name = "OrderNotFound" if about_orders else "BadSymbol" if "market" in text.lower() else "BadRequest"
        if name is None and status in (401, 403):
            name = "AuthenticationError"
        if name is None and status == 429:
            name = "RateLimited"
        return by_name(name or "ExchangeError")(f"{self.id} {code} {text}".strip())

    def handle_errors(  # pyright: ignore[reportIncompatibleMethodOverride]
        self,
        httpCode: int,
        reason: str,
        url: str,
        method: str,
        headers: Any,
        body: str,
        response: Any,
        requestHeaders: Any,
        requestBody: Any,
    ) -> None:
        """ccxt's hook: `{"status": "ERROR", "error": {"code", "message", "debugInfo"}}`; trouble of the server proves nothing."""
        error = response.get("error") if isinstance(response, dict) else None
        if httpCode >= 500 or not isinstance(error, dict) or str(response.get("status")).upper() != "ERROR":
            return
        said = " ".join(str(error[name]) for name in ("message", "debugInfo") if error.get(name))
        raise self.venue_error(error.get("code"), (said or reason)[:300], url, httpCode)

    # --- lists ------------------------------------------------------------------------------------------------------------------------

    async def pages(self, endpoint: str, request: Params, since: int | None, limit: int | None, when: str) -> list[dict[str, Any]]:
        """A list that the venue gives newest first and pages by cursor.

        Without `since` as many rows are read as `limit` wants (one page without a limit). With it, pages are read back to that time,
        so that the first `limit` entries after it are there.

        :param since: unix milliseconds
        :param when: the field that holds a row's time
        """
        query: Params = {**request, "limit": tables.PAGE}
        found: dict[Any, dict[str, Any]] = {}
        for _ in range(int(self.options.get("maxPages", 20))):
            answer = await self.call(endpoint, query)
            page = self.pure(parsing.rows, answer)
            fresh = [row for row in page if row.get("id") not in found]
            found.update((row.get("id"), row) for row in fresh)
            after = parsing.cursor(answer)
            oldest = min((parsing.stamp(row.get(when)) or 0 for row in page), default=0)
            enough = (limit is None or len(found) >= limit) if since is None else oldest < since
            if after is None or not fresh or enough:  # a short page is no last one: the venue's own limit may be lower
                break
            query["cursor"] = after
        else:
            self.logger.warning("%s %s: stopped after %d rows; ask for a shorter time span", self.id, endpoint, len(found))
        return list(found.values())
