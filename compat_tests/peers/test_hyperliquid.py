"""The official SDK: the same bytes signed for every action, and a client of the local venue; ccxt's own class as a client too."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ccxt_dex import _ccxt, paper, signers
from ccxt_dex.exchanges.hyperliquid import signing
from compat_tests.peers.programs import run

PROGRAM = Path(__file__).with_name("hyperliquid_sdk.py")
REQUIREMENTS = ["hyperliquid-python-sdk==0.24.0"]
KEY = "0x0123456789012345678901234567890123456789012345678901234567890123"
ADDRESS, VAULT, CLOID = (
    "0x5e9ee1089755c3435139848e47e6635505d5a13a",
    "0x1719884eb866cb12b2287399b15f7db5e7d775ea",
    "0x1234567890abcdef1234567890abcdef",
)
NONCE, EXPIRES = 1_700_000_000_000, 1_700_000_060_000
LIMIT: dict[str, Any] = {"a": 4, "b": True, "p": "1670.1", "s": "0.0147", "r": False, "t": {"limit": {"tif": "Gtc"}}}
TRIGGER: dict[str, Any] = {
    **LIMIT,
    "a": 110_003,
    "r": True,
    "t": {"trigger": {"isMarket": True, "triggerPx": "1600", "tpsl": "sl"}},
    "c": CLOID,
}
ACTIONS: list[dict[str, Any]] = [
    {"type": "order", "orders": [LIMIT], "grouping": "na"},
    {"type": "order", "orders": [LIMIT] * 40, "grouping": "na", "builder": {"b": ADDRESS, "f": 10}},
    {"type": "order", "orders": [LIMIT, TRIGGER], "grouping": "normalTpsl"},
    {"type": "cancel", "cancels": [{"a": 4, "o": 77_738_308_123}]},
    {"type": "cancelByCloid", "cancels": [{"asset": 4, "cloid": CLOID}]},
    {"type": "batchModify", "modifies": [{"oid": 12_345, "order": LIMIT}, {"oid": CLOID, "order": TRIGGER}]},
    {"type": "modify", "oid": 12_345, "order": LIMIT},
    {"type": "scheduleCancel"},
    {"type": "scheduleCancel", "time": EXPIRES},
    {"type": "updateLeverage", "asset": 4, "isCross": False, "leverage": 21},
    {"type": "updateIsolatedMargin", "asset": 4, "isBuy": True, "ntli": -10_410_000},
    {"type": "twapOrder", "twap": {"a": 4, "b": True, "s": "1.5", "r": False, "m": 5, "t": True}},
    {"type": "twapCancel", "a": 4, "t": 77},
    {"type": "vaultTransfer", "vaultAddress": VAULT, "isDeposit": False, "usd": 5_250_000},
    {"type": "createSubAccount", "name": "exämple"},
    {"type": "subAccountTransfer", "subAccountUser": VAULT, "isDeposit": True, "usd": 10},
    {"type": "subAccountSpotTransfer", "subAccountUser": VAULT, "isDeposit": True, "token": "PURR:0xc1", "amount": "1.5"},
    {"type": "setReferrer", "code": "X"},
    {"type": "reserveRequestWeight", "weight": 1000},
    {"type": "createVault", "name": "v", "description": "d" * 300, "initialUsd": 100_000_000, "nonce": NONCE},
    {"type": "agentSetAbstraction", "abstraction": "u"},
    {"type": "noop"},
]
OWNER: list[dict[str, Any]] = [
    {"type": "usdSend", "destination": ADDRESS, "amount": "1", "time": NONCE},
    {"type": "withdraw3", "destination": ADDRESS, "amount": "1.5", "time": NONCE},
    {"type": "spotSend", "destination": ADDRESS, "token": "PURR:0xc1fb593aeffbeb02f85e0308e9956a90", "amount": "0.1", "time": NONCE},
    {"type": "usdClassTransfer", "amount": f"1 subaccount:{VAULT}", "toPerp": False, "nonce": NONCE},
    {"type": "sendAsset", "destination": ADDRESS, "sourceDex": "", "destinationDex": "spot", "token": "USDC:0x6d", "amount": "1", "fromSubAccount": "", "nonce": NONCE},
    {"type": "approveAgent", "agentAddress": ADDRESS, "agentName": "", "nonce": NONCE},
    {"type": "approveBuilderFee", "maxFeeRate": "0.01%", "builder": ADDRESS, "nonce": NONCE},
    {"type": "userDexAbstraction", "user": ADDRESS, "enabled": True, "nonce": NONCE},
    {"type": "userSetAbstraction", "user": ADDRESS, "abstraction": "unifiedAccount", "nonce": NONCE},
    {"type": "tokenDelegate", "validator": ADDRESS, "wei": 10**10, "isUndelegate": False, "nonce": NONCE},
    {"type": "convertToMultiSigUser", "signers": "{}", "nonce": NONCE},
]  # fmt: skip


def parts(signature: Any) -> tuple[int, int, int]:
    """The SDK drops leading zeros: compared as numbers."""
    return int(signature["r"], 16), int(signature["s"], 16), signature["v"]


@pytest.mark.peers
def test_the_sdk_signs_the_same_bytes_for_every_action(peer: Callable[..., Path]) -> None:
    asked = [
        {"do": "sign", "key": KEY, "action": action, "vault": vault, "nonce": NONCE, "expires": expires, "mainnet": mainnet}
        for action in ACTIONS
        for vault in (None, VAULT)
        for expires in (None, EXPIRES)
        for mainnet in (True, False)
    ]
    plain = {"do": "sign", "key": KEY, "vault": None, "nonce": NONCE, "expires": None}
    asked += [{**plain, "action": action, "mainnet": mainnet} for action in OWNER for mainnet in (True, False)]
    text = "".join(json.dumps(request) + "\n" for request in asked)
    done = subprocess.run(
        [peer("hyperliquid", REQUIREMENTS), PROGRAM], input=text, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr[-2000:]
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(asked)
    signer = signers.make("eip712", KEY)
    for request, answer in zip(asked, answers, strict=True):
        action = request["action"]
        if "hash" in answer:
            arguments = (action, request["nonce"], request["vault"], request["expires"])
            assert signing.connection_id(*arguments).hex() == answer["hash"], action
            digest = signing.l1_digest(*arguments, request["mainnet"])
        else:
            digest = signing.user_digest(signing.user_fields(action, request["mainnet"]))
        assert parts(signing.split(signer.sign_digest(digest))) == parts(answer["signature"]), action


@pytest.mark.peers
@pytest.mark.parametrize("login", ["master", "agent-only"])
async def test_the_sdk_trades_on_the_local_venue(peer: Callable[..., Path], login: str) -> None:
    """Unmodified but for the base URL, with which it signs for the test network."""
    async with paper.start("hyperliquid", seed=7, accounts=2, network="testnet", login=login) as venue:
        await venue.market({"pause": True})
        mine, other = venue.config(), venue.config("bob")
        owner = login == "master"
        request = {
            "do": "trade",
            "key": mine["privateKey"],
            "url": venue.url,
            "address": mine["walletAddress"],
            "other": other["walletAddress"],
            "owner": owner,
        }
        result = await run(peer("hyperliquid", REQUIREMENTS), PROGRAM, request)
        said, told = result["said"], result["told"]
        failed = {name: answer for name, answer in said.items() if isinstance(answer, dict) and answer.get("status") == "err"}
        assert failed == {}
        statuses = {name: answer["response"]["data"]["statuses"][0] for name, answer in said.items() if _has_statuses(answer)}
        assert (
            "resting" in statuses["rest"]
            and "resting" in statuses["modify"]
            and statuses["cancel"] == statuses["cancel_by_cloid"] == "success"
        )
        assert "immediately matched" in statuses["refused"]["error"] and "filled" in statuses["open"] and "filled" in statuses["close"]
        assert said["status"]["order"]["status"] == "open" and said["by_cloid"]["order"]["order"]["cloid"].endswith("1")
        assert [row["orderType"] for row in said["front"]] == ["Stop Market"]
        assert venue.engine.leverage("alice", "ETH") == 7 and venue.engine.margin_mode("alice", "SOL") == "isolated"
        assert (
            len(told["fills"]) == len(told["fills_by_time"]) >= 2 and told["mids"]["BTC"] and told["meta"]["universe"][0]["name"] == "BTC"
        )
        assert told["role"] == {"role": "user"} and len(told["candles"]) > 10 and told["book"]["levels"][0]
        if owner:
            assert "resting" in statuses["as_agent"] and "resting" in statuses["built"] and "resting" in statuses["of_sub"]
            assert venue.adapter.spot_of(other["walletAddress"])["PURR"] == Decimal(501)


def _has_statuses(answer: Any) -> bool:
    response = answer.get("response") if isinstance(answer, dict) else None
    return isinstance(response, dict) and "statuses" in (response.get("data") or {})


async def test_ccxt_s_own_class_trades_on_the_local_venue() -> None:
    """Unmodified but for the base URL: its builder's approval and its referrer included."""
    async with paper.start("hyperliquid", seed=7, login="master") as venue:
        await venue.market({"pause": True})
        ex, symbol = _ccxt.pro("hyperliquid")(venue.config()), "BTC/USDC:USDC"
        try:
            await ex.load_markets()
            assert venue.adapter.referrers and venue.adapter.builders
            order = await ex.create_order(symbol, "limit", "buy", 0.001, 59000)
            assert (await ex.fetch_order(order["id"], symbol))["status"] == "open"
            changed = await ex.edit_order(order["id"], symbol, "limit", "buy", 0.002, 58000)
            assert [row["id"] for row in await ex.fetch_open_orders(symbol)] == [changed["id"]]
            await ex.cancel_order(changed["id"], symbol)
            filled = await ex.create_order(symbol, "market", "buy", 0.01, 60000)
            assert filled["filled"] == 0.01 and (await ex.fetch_positions([symbol]))[0]["contracts"] == 0.01
            await ex.set_leverage(5, symbol)
            assert (await ex.fetch_my_trades(symbol))[-1]["amount"] > 0
            assert (await ex.fetch_balance())["USDC"]["total"] < 100_000
            assert (await ex.fetch_ohlcv(symbol, "1m", None, 10)) and (await ex.fetch_tickers([symbol]))[symbol]["last"]
            assert (await ex.transfer("USDC", 5, "swap", "spot"))["status"] == "ok"
            book, trades = ex.watch_order_book(symbol), asyncio.ensure_future(ex.watch_my_trades(symbol))
            assert (await asyncio.wait_for(book, 5))["bids"]
            await asyncio.wait_for(trades, 5)
            socket_order = await asyncio.wait_for(ex.create_order_ws(symbol, "limit", "buy", 0.001, 59000), 5)
            await asyncio.wait_for(ex.cancel_order_ws(socket_order["id"], symbol), 5)
        finally:
            await ex.close()
