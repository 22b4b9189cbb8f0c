"""ccxt's class of Hyperliquid and ours as clients of one local venue, and what arrived there."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_utils.crypto import keccak

import ccxt_dex
from ccxt_dex import _ccxt, paper

SYMBOL = "BTC/USDC:USDC"
HIP3 = "XYZ-TSLA/USDC:USDC"
CCXT = _ccxt.pro("hyperliquid")


class Pair(NamedTuple):
    venue: Any
    theirs: Any
    ours: Any

    def actions(self) -> list[dict[str, Any]]:
        """Actions that arrived at /exchange, in order."""
        bodies = [json.loads(request.body) for request in self.venue.requests() if request.path == "/exchange"]
        return [body["action"] for body in bodies]

    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(request.body) for request in self.venue.requests() if request.path == "/exchange"]

    def last(self) -> dict[str, Any]:
        return self.actions()[-1]

    def clear(self) -> None:
        self.venue.server.log.requests.clear()

    def sent_to_socket(self) -> list[dict[str, Any]]:
        return [json.loads(request.body) for request in self.venue.requests() if request.method == "WS"]


def quiet(config: dict[str, Any]) -> dict[str, Any]:
    """ccxt's class without its side requests, for the tests that are about something else."""
    return {**config, "options": {"approvedBuilderFee": False, "refSet": True, "builderFee": False}}


@contextlib.asynccontextmanager
async def open_pair() -> AsyncIterator[Pair]:
    async with paper.start("hyperliquid", seed=7, accounts=2) as venue:
        await venue.market({"pause": True})
        config = venue.adapter.credentials("alice", kind="master")
        # a key each: both number their requests by the clock, ccxt's to the millisecond and ours to eight of them, and on one key that collides
        agent = venue.adapter.credentials("alice", kind="agent-only")
        theirs = CCXT(quiet({**agent, "urls": venue.config()["urls"]}))
        theirs.handle_builder_fee_approval = done  # its builder's approval is a test of its own
        ours = ccxt_dex.hyperliquid({**config, "urls": venue.config()["urls"], "options": {"orderExpiry": None}})
        try:
            yield Pair(venue, theirs, ours)
        finally:
            await theirs.close()
            await ours.close()


async def done() -> bool:
    return True


def signer(body: dict[str, Any]) -> str:
    """Who signed an action, by SDK's rules: expiry and vault are part of what is signed."""
    data = _ccxt.SyncExchange.packb(body["action"]) + int(body["nonce"]).to_bytes(8, "big")  # type: ignore[attr-defined]
    vault = body.get("vaultAddress")
    data += b"\x00" if vault is None else b"\x01" + bytes.fromhex(vault.removeprefix("0x"))
    if body.get("expiresAfter") is not None:
        data += b"\x00" + int(body["expiresAfter"]).to_bytes(8, "big")
    domain = {"name": "Exchange", "version": "1", "chainId": 1337, "verifyingContract": "0x" + "0" * 40}
    types = {"Agent": [{"name": "source", "type": "string"}, {"name": "connectionId", "type": "bytes32"}]}
    message = encode_typed_data(domain, types, {"source": "a", "connectionId": keccak(data)})
    signature = body["signature"]
    return str(Account.recover_message(message, vrs=(signature["v"], int(signature["r"], 16), int(signature["s"], 16)))).lower()


async def after(seconds: float, awaitable: Any) -> Any:
    with contextlib.suppress(asyncio.TimeoutError):
        return await asyncio.wait_for(awaitable, seconds)
    return None
