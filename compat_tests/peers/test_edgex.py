"""edgex-python-sdk 2.0.1, the official client: it signs the same bytes for the same orders, and trades on our paper venue."""

from __future__ import annotations

import json
import random
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ccxt_dex import paper
from compat_tests.peers.programs import run
from compat_tests.rooms.edgex import vectors as v
from compat_tests.rooms.edgex.test_requests import SYMBOL, Wire

pytestmark = pytest.mark.peers

PROGRAM = Path(__file__).with_name("edgex_client.py")
REQUIREMENTS = ["edgex-python-sdk==2.0.1"]
COUNT = 120
WORDS = {
    "LIMIT": "limit",
    "MARKET": "market",
    "STOP_LIMIT": "limit",
    "STOP_MARKET": "market",
    "TAKE_PROFIT_LIMIT": "limit",
    "TAKE_PROFIT_MARKET": "market",
}


@pytest.fixture(scope="module")
def python(peer: Callable[..., Path]) -> Path:
    return peer("edgex-sdk", REQUIREMENTS)


def calls(seed: int) -> list[dict[str, Any]]:
    """Random orders of every type in texts without trailing zeros, as we write them; one of each other signed request."""
    rng, made = random.Random(seed), []
    for number in range(COUNT):
        kind = rng.choice(list(WORDS))
        market = WORDS[kind] == "market"
        row: dict[str, Any] = {
            "do": "order",
            "contract": "30000001",
            "type": kind,
            "side": rng.choice(["BUY", "SELL"]),
            "size": f"{rng.randrange(1, 50_000) / 1000:.3f}".rstrip("0").rstrip("."),
            "price": "0" if market else f"{rng.randrange(1, 2_000_000) / 10:.1f}".removesuffix(".0"),
            "tif": "IMMEDIATE_OR_CANCEL" if market else rng.choice(["GOOD_TIL_CANCEL", "POST_ONLY", "FILL_OR_KILL", "IMMEDIATE_OR_CANCEL"]),
            "id": f"{rng.choice(['x', 'order-', 'a.b:'])}{rng.getrandbits(64):x}-{number}",
            "reduce": rng.random() < 0.5,
            "expires": rng.choice([0, v.NOW + rng.randrange(60_000, 10**9)]),
        }
        if kind not in ("LIMIT", "MARKET"):
            row.update(trigger=str(rng.randrange(1000, 200_000)), by=rng.choice(["LAST_PRICE", "ORACLE_PRICE", "INDEX_PRICE"]))
        made.append(row)
    others = [
        {"do": "mode", "contract": "30000001", "mode": "1", "id": "mode-1"},
        {"do": "mode", "contract": "30000001", "mode": "0", "id": "mode-0"},
        {"do": "transfer", "amount": "12.345678", "to": "42", "id": "move-1"},
        {"do": "leverage", "contract": "30000001", "leverage": "20"},
        {"do": "active", "contract": "30000001"},
    ]
    return made + others


async def ours(wire: Wire, call: dict[str, Any]) -> None:
    ex = wire.ex
    if call["do"] == "order":
        params: dict[str, Any] = {
            "clientOrderId": call["id"],
            "timeInForce": call["tif"],
            "reduceOnly": call["reduce"],
            "slippage": False,
            "wait": "accepted",
        }
        if call["expires"]:
            params["expireTime"] = call["expires"]
        if "trigger" in call:
            params["stopLossPrice" if call["type"].startswith("STOP") else "takeProfitPrice"] = call["trigger"]
            params["triggerPriceType"] = call["by"]
        price = call["price"] if WORDS[call["type"]] == "limit" else None
        await ex.create_order(SYMBOL, WORDS[call["type"]], call["side"].lower(), call["size"], price, params)
    elif call["do"] == "mode":
        await ex.set_margin_mode("isolated" if call["mode"] == "1" else "cross", SYMBOL, {"clientOrderId": call["id"]})
    elif call["do"] == "transfer":
        wire.answers["createTransferOut"] = {"transferOutId": "1"}
        await ex.transfer("USDC", call["amount"], "swap", call["to"], {"clientTransferId": call["id"]})
    elif call["do"] == "leverage":
        await ex.set_leverage(20, SYMBOL)
    else:
        wire.answers["getActiveOrderPage"] = {"dataList": [], "nextPageOffsetData": ""}
        await ex.fetch_open_orders(SYMBOL)


async def test_the_sdk_signs_the_same_bytes(python: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = calls(7)
    config = {**{name: v.CONFIG[name] for name in ("apiKey", "secret", "password", "uid", "privateKey")}, "walletPrivateKey": v.WALLET_KEY}
    job = {"now": v.NOW, "config": config, "metadata": v.METADATA, "oracle": v.ORACLE, "calls": wanted}
    done = subprocess.run([python, PROGRAM, "sign"], input=json.dumps(job), capture_output=True, text=True, check=False, timeout=200)
    assert done.returncode == 0, done.stderr
    theirs = json.loads(done.stdout)
    assert len(theirs) == len(wanted) == COUNT + 5
    wire = Wire(monkeypatch)
    for call, expected in zip(wanted, theirs, strict=True):
        wire.sent.clear()
        await ours(wire, call)
        url, method, headers, body = next(row for row in wire.sent if "/public/" not in row[0])
        signed = {name: headers[name] for name in expected["headers"]}
        assert method == expected["method"] and expected["path"] in url
        if body is not None:
            assert json.loads(body) == expected["body"], call
            assert list(json.loads(body)) == list(expected["body"]), "same order of fields"
        assert signed == expected["headers"], call
    await wire.ex.close()


async def test_the_sdk_trades_on_the_paper_venue(python: Path) -> None:
    async with paper.start("edgex", seed=7, accounts=2) as venue:
        config = venue.config()
        mark = venue.engine.mark("30000001")
        tick = venue.engine.markets["30000001"].tick
        job = {
            "config": {
                **{name: config[name] for name in ("apiKey", "secret", "password", "uid", "privateKey")},
                "walletPrivateKey": config["options"]["walletPrivateKey"],
                "url": venue.url,
                "ws": venue.url.replace("http", "ws", 1),
            },
            "contract": "30000001",
            "price": f"{(mark * 97 / 100) // tick * tick:f}",
            "size": "0.010",
            "receiver": venue.config("bob")["uid"],
        }
        told = await run(python, PROGRAM, job, "trade")
    ok = "SUCCESS"
    assert {told[name] for name in ("rest", "market", "stop", "close", "leverage", "mode", "available")} == {ok}
    assert told["contracts"] == 6 and told["depth"] == 15 and told["klines"] == 5 and told["funding"] == "30000001"
    assert told["active"] == ["sdk-1"] and list(told["cancel"].values()) == [ok] and told["cancel all"] == [ok]
    assert sum(map(float, told["fills"])) == 0.01 and told["position"] == ["0.010"] and told["flat"] is True
    assert told["history"] == ["CANCELED", "FILLED"] and told["waiting"] == ["STOP_MARKET"]
    assert told["transfer"] == "SUCCESS_CENSOR_SUCCESS" and told["withdraw"] == "1" and told["accounts"] == 1
    assert "TRANSFER_OUT" in told["ledger"] and "DUPLICATE" in told["duplicate"]
    assert told["streamed"] is True and told["first depth"] == "Snapshot" and {"OPEN", "FILLED", "CANCELED"} <= set(told["statuses"])
