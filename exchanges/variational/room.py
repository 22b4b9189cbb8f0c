"""What the parts of the room share: errors, pages, and rows with their markets."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

from ccxt_dex._ccxt import errors
from ccxt_dex.dex import Dex
from ccxt_dex.errors import by_name
from ccxt_dex.exchanges.variational import parsing, tables
from ccxt_dex.reading import iso

T = TypeVar("T")
Params = dict[str, Any]
NONE: Params = {}
"""the default of every `params`; nobody writes into it"""

TITLE = re.compile(r"<title>[^<]*?(\d+(?:\.\d+)?)\s*(ms|milliseconds?|s|seconds?)\b", re.IGNORECASE)
PAUSE = 1.0
LONGEST_PAUSE = 600.0


def api_name(api: Any) -> str:
    return str(api[0] if isinstance(api, (list, tuple)) else api)


class Room(Dex):
    """Helpers of every part; no unified method of its own."""

    def pure(self, function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """As everywhere; a missing field that money depends on is an ExchangeError that names it."""
        try:
            return super().pure(function, *args, **kwargs)
        except errors.BadResponse as error:
            if isinstance(error.__cause__, parsing.Missing):
                raise errors.ExchangeError(f"{self.id} {error.__cause__}") from error
            raise

    def spell(self, row: Mapping[str, Any], name: str = "instrument") -> str | None:
        """The market id of a row's instrument, None when it names none.

        One that differs from a market in `funding_interval_s` alone is that market: what the venue writes there is not settled.
        """
        found = row.get(name)
        if not isinstance(found, Mapping):
            return None
        try:
            market_id, family = parsing.key(found), parsing.family(found)
        except parsing.Missing:
            return None
        if market_id in (self.markets_by_id or {}):
            return market_id
        alike = [
            each["id"] for each in (self.markets or {}).values() if each.get("instrument") and parsing.family(each["instrument"]) == family
        ]
        return alike[0] if len(alike) == 1 else market_id

    def spelled(self, row: Mapping[str, Any], where: str) -> str:
        """As `spell`, of a row that money depends on.

        :raises ExchangeError: it names no instrument
        """
        found = self.spell(row)
        if found is None:
            self.pure(parsing.need, {}, "instrument", where)
        return str(found)

    def market_of(self, market_id: str | None) -> Any:
        """The market of an id, None when it is not (yet) known here."""
        rows = (self.markets_by_id or {}).get(market_id) if market_id is not None else None
        return rows[0] if rows else None

    def named(self, market_id: str | None, market: Any = None) -> Any:
        """As `market_of`; for an instrument listed since load_markets() one made of its id, so that no row of the account gets lost."""
        return self.market_of(market_id) or market or self.safe_market(market_id)

    # --- pages ------------------------------------------------------------------------------------------------------------------------

    async def pages(
        self,
        endpoint: str,
        request: Params,
        since: int | None = None,
        limit: int | None = None,
        until: int | None = None,
        most: int | None = None,
    ) -> list[dict[str, Any]]:
        """A list that the venue gives newest first. Without `since` as many pages as `limit` needs (one when there is none).

        :param since: unix milliseconds
        :param until: unix milliseconds
        :param most: pages at most; default options['maxPages']
        """
        query = {"order_by": "created_at", "order": "desc", "limit": tables.PAGE, **request}
        if since is not None:
            query["created_at_gte"] = iso(since)
        if until is not None:
            query["created_at_lte"] = iso(until)
        found: list[dict[str, Any]] = []
        count = most or int(self.options.get("maxPages", 20))
        for page in range(count):
            answer = await self.call(endpoint, {**query, "offset": page * tables.PAGE})
            rows = self.pure(parsing.rows, answer)
            found.extend(rows)
            enough = since is None and (limit is None or len(found) >= limit) and most is None
            if enough or not self.pure(parsing.more, answer, len(rows)):
                break
        else:
            if most is None:
                self.logger.warning("%s %s: stopped after %d pages; ask for a shorter time span", self.id, endpoint, count)
        return found

    # --- errors -----------------------------------------------------------------------------------------------------------------------

    def retry_after(self, status: int, headers: Mapping[str, str], body: str) -> float | None:
        """418 says `wait_until_seconds`, 429 in one of three ways; the bucket that the request was charged to waits as long."""
        if status not in (418, 429):
            return super().retry_after(status, headers, body)
        return min(_pause(headers, body), LONGEST_PAUSE)

    def challenged(self, code: int, headers: Any, body: str) -> bool:
        """Whether a gate (Cloudflare) answered instead of the venue."""
        if code not in (403, 429, 503):
            return False
        told = str((headers or {}).get("Cf-Mitigated") or (headers or {}).get("cf-mitigated") or "")
        low = (body or "")[:20_000].lower()
        return told == "challenge" or any(word in low for word in tables.CHALLENGE)

    def handle_errors(
        self, code: int, reason: str, url: str, method: str, headers: Any, body: str, response: Any, requestHeaders: Any, requestBody: Any
    ) -> None:
        """ccxt's hook; bodies are `{"message"}`, `{"error_message"}`, with `error_code` where it is structured, or plain text."""
        if code < 400:
            return
        path = urlsplit(url).path.partition("/api/")[2] or urlsplit(url).path.strip("/")
        if self.challenged(code, headers, body):
            raise errors.DDoSProtection(
                f"{self.id} {path}: {code}, the gate in front of the venue wants a browser: log in at {tables.SITE} from this address, "
                "use a residential proxy, or set options['impersonate'] to another profile"
            )
        raise self.venue_error(path, code, headers, response, str(body or reason))

    def venue_error(self, path: str, code: int, headers: Any, response: Any, body: str) -> Exception:
        told = response if isinstance(response, Mapping) else {}
        text = str(told.get("message") or told.get("error_message") or told.get("error") or body)[:300]
        word = str(told.get("error_code") or told.get("name") or "")
        message = f"{self.id} {path}: {code} {word} {text}".replace("  ", " ").strip()
        if code == 401:
            return errors.AuthenticationError(message)
        if code in (418, 429):
            return errors.RateLimitExceeded(f"{message} (waits {_pause(headers or {}, body):g} s)")
        for fragment, name in tables.ERROR_TEXTS:
            if fragment in text.lower() or fragment in word:
                return by_name(name)(message)
        if word in tables.ERROR_CODES:
            return by_name(tables.ERROR_CODES[word])(message)
        if code >= 500:
            return errors.ExchangeNotAvailable(message)
        if code == 403:
            return errors.PermissionDenied(message)
        if path in tables.NEW_ORDER_PATHS:
            return errors.InvalidOrder(message)
        if path.startswith("auth/"):
            return errors.AuthenticationError(message)
        return errors.BadRequest(message)

    def outcome_error(self, raw: Mapping[str, Any]) -> Exception:
        """The ccxt exception for an order that was taken and then rejected, or cancelled by the venue."""
        words = [str(raw.get(name) or "") for name in ("clearing_status", "cancel_reason")]
        checks = raw.get("failed_risk_checks")
        told = (
            "; ".join(str(check.get("message") or check.get("name")) for check in checks if isinstance(check, Mapping))
            if isinstance(checks, list)
            else ""
        )
        message = f"{self.id} order {raw.get('rfq_id')} was rejected: {' '.join(word for word in words if word)} {told}".strip()
        for fragment, name in tables.OUTCOMES:
            if any(fragment in word for word in words):
                return by_name(name)(message)
        return errors.InvalidOrder(message)


def _pause(headers: Mapping[str, str], body: str) -> float:
    """Seconds that a 418 or 429 asks for."""
    low = {name.lower(): value for name, value in headers.items()}
    with contextlib.suppress(KeyError, ValueError):
        return max(float(low["x-rate-limit-resets-in-ms"]) / 1000, 0.0)
    with contextlib.suppress(ValueError, TypeError, KeyError, AttributeError):
        return max(float(json.loads(body)["wait_until_seconds"]), 0.0)
    with contextlib.suppress(KeyError, ValueError):
        return max(float(low["retry-after"]), 0.0)
    title = TITLE.search(body or "")
    return float(title[1]) / (1000 if title[2].lower().startswith("m") else 1) if title else PAUSE
