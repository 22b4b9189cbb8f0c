"""What the account's endpoints share: who asks, refusals, pages."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ccxt_dex.exchanges.edgex.paper.auth import Identity, canonical, dated, envelope, refused
from ccxt_dex.paper.server import Request

if TYPE_CHECKING:
    from ccxt_dex.exchanges.edgex.paper.adapter import Paper

Rows = list[dict[str, Any]]


class Desk:
    def __init__(self, paper: Paper) -> None:
        self._paper = paper

    # --- who asks -------------------------------------------------------------------------------------------------------------------------

    def _read(self, handler: Callable[[Identity, dict[str, str]], Any]) -> Callable[[Request], Any]:
        async def handle(request: Request) -> Any:
            query = dict(request.query)
            key = self._paper.keys.check(request.headers, lambda stamp: f"{stamp}GET{request.path}{canonical(query)}")
            own = self._paper.keys.account(key, query.get("accountId"))
            request.account = own.name
            return dated(envelope("SUCCESS", handler(own, query), self._paper.now()), self._paper.time())

        return handle

    def _body(self, request: Request) -> tuple[Identity, dict[str, Any]]:
        try:
            body = json.loads(request.body or b"{}")
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise refused(400, "GATEWAY_PARAM_INVALID", self._paper.now(), "body is no JSON object")
        return self._paper.keys.check(request.headers, lambda stamp: f"{stamp}POST{request.path}{canonical(body)}"), body

    def _write(self, handler: Callable[[Identity, dict[str, Any]], Any]) -> Callable[[Request], Any]:
        async def handle(request: Request) -> Any:
            key, body = self._body(request)
            own = self._paper.keys.account(key, body.get("accountId"))
            request.account = own.name
            return dated(envelope("SUCCESS", handler(own, body), self._paper.now()), self._paper.time())

        return handle

    def _flow(
        self, handler: Callable[[Identity, dict[str, Any], dict[str, Any]], Any], account: str = "sourceAccount"
    ) -> Callable[[Request], Any]:
        async def handle(request: Request) -> Any:
            key, body = self._body(request)
            attempt = body.get("attempt")
            if not isinstance(attempt, dict):
                raise self._refuse("GATEWAY_PARAM_INVALID", "attempt")
            own = self._paper.keys.account(key, attempt.get(account))
            request.account = own.name
            return dated(envelope("SUCCESS", handler(own, attempt, body), self._paper.now()), self._paper.time())

        return handle

    def _refuse(self, code: str, text: str = "", status: int = 200) -> Exception:
        return refused(status, code, self._paper.now(), text)

    # --- pages ----------------------------------------------------------------------------------------------------------------------------

    def _page(self, rows: Rows, query: dict[str, str], most: int, default: int = 50) -> dict[str, Any]:
        """rows newest first; offsetData is opaque to clients: here the number of rows before."""
        size = query.get("size") or str(default)
        if not size.isdigit() or not 0 < int(size) <= most:
            raise refused(400, "INVALID_GET_PAGE_SIZE", self._paper.now(), f"invalid size : {size}", {"size": size})
        since, until = query.get("filterStartCreatedTimeInclusive"), query.get("filterEndCreatedTimeExclusive")
        kept = [
            row
            for row in rows
            if (not since or int(row["createdTime"]) >= int(since)) and (not until or int(row["createdTime"]) < int(until))
        ]
        start = int(query.get("offsetData") or "0", 16)
        end = start + int(size)
        return {"dataList": kept[start:end], "nextPageOffsetData": f"{end:X}" if end < len(kept) else ""}

    def _kept(self, rows: Rows, query: dict[str, str], **filters: str) -> Rows:
        for name, column in filters.items():
            wanted = {word for word in query.get(name, "").split(",") if word}
            if wanted:
                rows = [row for row in rows if str(row[column]) in wanted]
        return rows
