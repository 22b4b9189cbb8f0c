"""What the wallet service is asked to sign, and whether it signed that. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ccxt_dex.exchanges.superstack import tables

__all__ = ["Altered", "ask", "checked", "permissions", "wallets"]


class Altered(Exception):
    """The wallet service signed something else than it was asked to."""


def ask(action: Mapping[str, Any], vault: str | None = None, expires: int | None = None) -> dict[str, Any]:
    """The body of POST /api/exchange.

    :param vault: 0x address; left out, like the expiry, where there is none
    """
    body: dict[str, Any] = {"action": {name: value for name, value in action.items() if name not in tables.STAMPS}}
    if "time" in action and action.get("type") == "scheduleCancel":
        body["action"]["time"] = action["time"]
    if vault is not None:
        body["vaultAddress"] = vault
    if expires is not None:
        body["expiresAfter"] = expires
    return body


def wallets(answer: Any) -> list[Mapping[str, Any]]:
    """The Ethereum wallets in an answer of GET /api/info."""
    return [row for row in answer["user_info"]["wallets"] if row["network"] == "Ethereum"]


def permissions(answer: Any) -> int:
    """The bitmap of what the API key may do."""
    return int(answer["api_info"]["permissions"])


def checked(body: Mapping[str, Any], answer: Any) -> dict[str, Any]:
    """The signed request in an answer, to be forwarded as it is.

    :raises Altered: another action, vault or expiry than asked for, a builder that nobody asked for among them
    :raises KeyError: no signed request in it
    """
    payload = answer["payload"]
    asked, signed = body["action"], payload["action"]
    names = {name for name in signed if name in asked or not (name in tables.STAMPS and asked["type"] in OWNER)}
    if {name: signed[name] for name in names} != asked:
        changed = sorted(name for name in names | set(asked) if signed.get(name) != asked.get(name))
        raise Altered(f"it signed another {asked['type']}: {', '.join(changed)} differ")
    if str(payload.get("vaultAddress") or "").lower() != str(body.get("vaultAddress") or "").lower():
        raise Altered("it signed for another vault")
    if payload.get("expiresAfter") != body.get("expiresAfter"):
        raise Altered("it signed another expiry")
    for name in ("nonce", "signature"):
        payload[name]
    return dict(payload)


OWNER = frozenset(name for name, permission in tables.ACTIONS.items() if permission == tables.TRANSFER)
