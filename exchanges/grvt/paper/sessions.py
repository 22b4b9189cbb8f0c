"""Logins and the cookies they give out."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from email.utils import formatdate
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any

from ccxt_dex.exchanges.grvt.paper.gateway import refuse
from ccxt_dex.exchanges.grvt.paper.verify import BadSignature, signer_of
from ccxt_dex.paper.server import Refused

if TYPE_CHECKING:
    from ccxt_dex.exchanges.grvt.paper.adapter import Paper


class Sessions:
    def __init__(self, paper: Paper) -> None:
        self._paper = paper
        self._count = 0
        self.live: dict[str, tuple[str, int]] = {}
        """cookie value -> account, and when it ends (ms)"""
        self.given: list[str] = []

    def identify(self, body: dict[str, Any]) -> str:
        """The account that logs in, with an API key or with a wallet's signature."""
        key = body.get("api_key")
        if key is not None:
            account = self._paper.api_keys.get(str(key))
        else:
            account = self._by_wallet(body)
        if account is None:
            # the text that ccxt's users report (issue 28429)
            text = "invalid api key" if key is not None else "wallet address not registered"
            raise Refused(401, {"code": 1000, "message": text, "status": 401})
        return account

    def _by_wallet(self, body: dict[str, Any]) -> str | None:
        address = str(body.get("address") or "").lower()
        try:
            signer = signer_of(
                "WalletLogin", {"signer": address}, body.get("signature"), int(self._paper.options["chain_id"]), self._paper.time()
            )
        except BadSignature as error:
            raise refuse(error.code) from None
        return self._paper.wallets.get(address) if signer == address else None

    def open(self, account: str) -> tuple[str, str]:
        """Set-Cookie and X-Grvt-Account-Id of a new session."""
        self._count += 1
        value = hashlib.sha256(f"{self._paper.seed} {account} cookie {self._count}".encode()).hexdigest().upper()
        life = int(self._paper.options["session_s"])
        end = self._paper.time() + life * 1000
        self.live[value] = (account, end)
        self.given.append(value)
        expires = formatdate(end / 1000, usegmt=True)
        return f"gravity={value}; Path=/; Expires={expires}; HttpOnly; SameSite=None", self._paper.account_ids[account]

    def account(self, headers: Mapping[str, str]) -> str:
        """:raises Refused: no session, or one that has ended"""
        jar: SimpleCookie = SimpleCookie()
        jar.load(str(headers.get("Cookie") or ""))
        found = self.live.get(jar["gravity"].value) if "gravity" in jar else None
        if found is None or found[1] <= self._paper.time() or headers.get("X-Grvt-Account-Id") != self._paper.account_ids[found[0]]:
            raise refuse(1000)
        return found[0]

    def end(self, account: str | None) -> None:
        self.live = {value: entry for value, entry in self.live.items() if account not in (None, entry[0])}
