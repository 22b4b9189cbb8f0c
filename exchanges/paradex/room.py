"""What the parts of the room share: the venue's errors as ccxt's exceptions, limits, lists read page by page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ccxt_dex import _ccxt
from ccxt_dex._ccxt import errors
from ccxt_dex.dex import Dex
from ccxt_dex.errors import by_name
from ccxt_dex.exchanges.paradex import parsing, tables
from ccxt_dex.limits import Charge, Rule

Params = dict[str, Any]
NONE: Params = {}
"""the default of every `params`; nobody writes into it"""

_CCXT: Any = _ccxt.pro("paradex")


def api_name(api: Any) -> str:
    """public or private."""
    return str(api[0] if isinstance(api, (list, tuple)) else api)


class Room(Dex, _CCXT):  # type: ignore[misc]
    """Helpers of every part; no unified method of its own."""

    rate_rules: ClassVar[Mapping[str, Rule]] = {name: Rule.per(*rule) for name, rule in tables.LIMITS.items()}
    client_id_params: ClassVar[tuple[str, ...]] = ("clientOrderId", "client_id", "client_order_id", "clOrdID")
    symbol_formats: ClassVar[Mapping[str, str]] = {"swap": "{base}/USD:USDC", "spot": "{base}/USD"}
    margin_modes: ClassVar[tuple[str, ...]] = ("cross",)  # isolated margin is an account of its own here, see the README
    balance_is_equity: ClassVar[bool] = True

    # --- limits and errors ------------------------------------------------------------------------------------------------------------

    def rate_charge(self, api: Any, method: str, path: str, params: Any, cost: float = 1.0) -> Charge:
        """Everything counts for the address; orders and private reads for the account as well. A batch counts once."""
        costs = [("ip", 1.0)]
        if api_name(api) == "private" and path not in tables.LOGIN_PATHS:
            costs.append(("reads", 1.0) if method == "GET" else ("orders", 1.0))
        return Charge(tuple(costs))

    def venue_error(self, code: Any, text: str) -> Exception:
        """The ccxt exception for one of the venue's error codes, of REST or of the socket."""
        name = str(code)
        message, low = f"{self.id} {name} {text}".strip(), f"{name} {text}".lower()
        if name in tables.VAGUE_ERRORS:
            found = next((kind for word, kind in tables.ERROR_WORDS if word in low), None)
            if found is not None:
                return by_name(found)(message)
        if name in tables.ERRORS:
            return by_name(tables.ERRORS[name])(message)
        inner = next((kind for known, kind in tables.ERRORS.items() if known.isupper() and known in text), None)
        if inner is not None:
            return by_name(inner)(message)
        known = self.safe_value(self.exceptions["exact"], name)
        return (known or errors.ExchangeError)(message)

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
        """ccxt's hook: a body `{"error": code, "message": text}`."""
        name = response.get("error") if isinstance(response, dict) else None
        if name is None:
            return
        error = self.venue_error(name, str(response.get("message") or reason)[:300])
        if code == 401 and not isinstance(error, errors.AuthenticationError):
            error = errors.AuthenticationError(str(error))
        raise error

    # --- lists ------------------------------------------------------------------------------------------------------------------------

    async def pages(
        self, endpoint: str, request: Params, since: int | None, limit: int | None, params: Mapping[str, Any], most: int
    ) -> list[dict[str, Any]]:
        """A list that the venue gives newest first and pages by cursor.

        Without `since` as many rows are read as `limit` wants (one page without a limit). With it, pages are read back to that time,
        so that the first `limit` entries after it are there.

        :param since: unix milliseconds
        :param params: `until` is the end of the time span; the rest goes out as it is
        :param most: rows that the venue puts on one page at most
        """
        query = {**request, **self.omit(params, ["until", "paginate", "paginationCalls"]), "page_size": most}
        until = params.get("until")
        if since is not None:
            query["start_at"] = int(since)
        if until is not None:
            query["end_at"] = int(until)
        if since is None and limit is not None:
            query["page_size"] = max(1, min(int(limit), most))
        found: dict[Any, dict[str, Any]] = {}
        for _ in range(int(self.options.get("maxPages", 20))):
            answer = await self.call(endpoint, query)
            page = self.pure(parsing.rows, answer)
            for row in page:
                found.setdefault(row.get("id", row.get("created_at")), row)
            cursor = answer.get("next")
            enough = since is None and (limit is None or len(found) >= limit)
            if not cursor or not page or enough:
                break
            query["cursor"] = cursor
        else:
            self.logger.warning("%s %s: stopped after %d rows; ask for a shorter time span", self.id, endpoint, len(found))
        return list(found.values())
