"""What the parts of the room share: turning the pure files' refusals into ccxt's exceptions, and lists read page by page."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from ccxt_dex import reading
from ccxt_dex._ccxt import errors
from ccxt_dex.dex import Dex
from ccxt_dex.errors import by_name
from ccxt_dex.exchanges.standx import parsing, tables

Params = dict[str, Any]
NONE: Params = {}
"""the default of every `params`; nobody writes into it"""


class Room(Dex):
    """Helpers of every part; no unified method of its own."""

    def own(self, rows: list[dict[str, Any]], symbols: list[str] | None) -> list[tuple[dict[str, Any], Any]]:
        """Rows of the account with their markets; one listed since load_markets() has its id for a symbol, so that no row is lost.

        :raises BadResponse: a row that does not say of which market it is
        """
        pairs = [(row, self.safe_market(self.pure(parsing.needed, row, "symbol"))) for row in rows]
        return [(row, market) for row, market in pairs if symbols is None or market["symbol"] in symbols]

    def known(self, rows: list[dict[str, Any]], symbols: list[str] | None) -> list[tuple[dict[str, Any], Any]]:
        """Rows with their markets; a market listed since load_markets() is left out rather than given a made-up symbol."""
        by_id = self.markets_by_id or {}
        wanted = None if symbols is None else set(symbols)
        pairs = [(row, by_id[row["symbol"]][0]) for row in rows if row.get("symbol") in by_id]
        return [(row, market) for row, market in pairs if wanted is None or market["symbol"] in wanted]

    def venue_error(self, path: str, status: int, text: str) -> Exception:
        """The ccxt exception for a refusal.

        :param path: endpoint, or method of the order socket
        :param status: HTTP status, or `code` of the body
        """
        message = f"{self.id} {path}: {status} {text}".strip()
        low = text.lower()
        if status == 401 or (path in tables.SIGN_IN_PATHS and 400 <= status < 500 and status != 429):
            return errors.AuthenticationError(message)
        if status == 404 and low.lstrip().startswith("<"):
            return errors.ExchangeNotAvailable(message)  # a page of whatever stands in front of the venue: it proves nothing about an order
        if status == 404 and path in tables.NOT_FOUND and (path not in tables.EMPTY_WHEN_TOLD or _no_user(low)):
            return by_name(tables.NOT_FOUND[path])(message)
        if status < 500:
            for fragment, name in tables.ERROR_FRAGMENTS:
                if fragment in low:
                    return by_name(name)(message)
        if path in tables.ORDER_PATHS and status in (400, 404):
            short = any(word in low for word in tables.MARGIN_WORDS)
            return (errors.InsufficientFunds if short else errors.InvalidOrder)(message)
        name = tables.ERROR_CODES.get(status) or ("ExchangeNotAvailable" if status >= 500 else "ExchangeError")
        return by_name(name)(message)

    def handle_errors(
        self, code: int, reason: str, url: str, method: str, headers: Any, body: str, response: Any, requestHeaders: Any, requestBody: Any
    ) -> None:
        """ccxt's hook: a body `{"code", "message"}` or plain text with an HTTP status, and a code other than 0 in a 200."""
        own = response.get("code") if isinstance(response, dict) else None
        if code < 400 and own in (None, 0, 200):
            return
        text = str(response.get("message") or "") if isinstance(response, dict) else str(body or reason)
        raise self.venue_error(urlsplit(url).path.rsplit("/", 1)[-1], code if code >= 400 else int(own or 0), text[:300])

    async def pages(
        self, endpoint: str, request: dict[str, Any], since: int | None, limit: int | None, until: int | None
    ) -> list[dict[str, Any]]:
        """A list that the venue gives newest first and pages by `last_id`.

        Without `since` one page is read. With it, pages are read back to that time, so that the first `limit` entries after it are
        there. An account that was never funded is answered with 404 and has an empty list.

        :param since: unix milliseconds
        :param until: unix milliseconds, exclusive end of the time filter
        """
        size = tables.MAX_PAGE if since is not None or limit is None else max(1, min(limit, tables.MAX_PAGE))
        query = {**request, "limit": size}
        if since is not None:
            query["start"] = reading.iso(since)
        if until is not None:
            query["end"] = reading.iso(until)
        found: dict[Any, dict[str, Any]] = {}
        for _ in range(int(self.options.get("maxPages", 20))):
            try:
                page = self.pure(parsing.rows, await self.call(endpoint, query))
            except errors.AccountNotEnabled:
                break
            fresh = [row for row in page if row.get("id") not in found]
            found.update((row.get("id"), row) for row in fresh)
            if since is None or len(page) < size or not fresh:
                break
            query["last_id"] = page[-1].get("id")
        else:
            self.logger.warning("%s %s: stopped after %d pages; ask for a shorter time span", self.id, endpoint, len(found) // size)
        return list(found.values())


def _no_user(text: str) -> bool:
    """Whether a 404 says that there is no such account, rather than no such page."""
    return "user" in text and "not found" in text
