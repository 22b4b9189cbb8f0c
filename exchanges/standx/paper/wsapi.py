"""wss://perps.standx.com/ws-api/v1: orders over WebSocket, and the results of those sent over HTTP with x-session-id."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ccxt_dex.exchanges.standx.paper.stream import INVALID, Connection
from ccxt_dex.paper.server import Refused, parse

METHODS = ("auth:login", "order:new", "order:cancel")


class WsApi(Connection):
    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._session: Any = None
        self._ids: set[str] = set()

    def label(self, text: str) -> str:
        method = (parse(text) or {}).get("method")
        return str(method) if method in METHODS else ""

    async def text(self, text: str) -> None:
        message = parse(text)
        if message is None or not self.label(text) or not all(isinstance(message.get(key), str) for key in ("request_id", "params")):
            self.send(INVALID)
            return
        if isinstance(message.get("session_id"), str):
            self._ids.add(message["session_id"])
        request_id, params = message["request_id"], parse(message["params"])
        try:
            if message["method"] == "auth:login":
                self._login(params or {})
                self.result(request_id, 0, "success")
            else:
                self._order(message, params, request_id)
        except Refused as refused:
            body = refused.reply.body
            self.result(request_id, refused.reply.status, body["message"] if isinstance(body, dict) else str(body))

    def _login(self, params: dict[str, Any]) -> None:
        session = self.adapter.identity.session(str(params.get("token", "")))
        self.account = self.adapter.account_for(session, params.get("impersonate"))
        self._session = session

    def _order(self, message: dict[str, Any], params: Any, request_id: str) -> None:
        if self._session is None or self.account is None:
            raise Refused(401, {"code": 401, "message": "unauthorized"})
        self.adapter.limits.request("ws", self._session.user)
        header = message.get("header")
        given = {str(key).lower(): str(value) for key, value in header.items()} if isinstance(header, dict) else {}
        self.adapter.identity.check_body(self._session, given, message["params"].encode())
        if "trade" not in self._session.permissions:
            raise Refused(403, {"code": 403, "message": "permission denied: trade required"})
        run: Callable[..., None] = self.adapter.gateway.new if message["method"] == "order:new" else self.adapter.gateway.cancel
        run(self.account, params, lambda code, text: self.result(request_id, code, text))
        self.accepted(request_id)

    # --- frames ----------------------------------------------------------------------------------------------------------------

    def serves(self, account: str, session_id: str) -> bool:
        return self.account == account and session_id in self._ids

    def accepted(self, request_id: str) -> None:
        """The gateway took it; matching has the last word."""
        if self.adapter.options["accepted_frames"]:
            self.send({"code": 0, "status": "accepted", "request_id": request_id}, "accepted")

    def result(self, request_id: str, code: int, message: str) -> None:
        self.send({"code": code, "message": message, "request_id": request_id}, "result")
