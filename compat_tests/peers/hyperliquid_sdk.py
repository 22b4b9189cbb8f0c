"""Runs in the environment of hyperliquid-python-sdk: signs what it is given, or trades on a local venue. JSON in, JSON out."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import eth_account
from hyperliquid.exchange import Exchange
from hyperliquid.info import Info
from hyperliquid.utils import signing
from hyperliquid.utils.types import Cloid

OWNER = {
    "usdSend": signing.sign_usd_transfer_action,
    "withdraw3": signing.sign_withdraw_from_bridge_action,
    "spotSend": signing.sign_spot_transfer_action,
    "usdClassTransfer": signing.sign_usd_class_transfer_action,
    "sendAsset": signing.sign_send_asset_action,
    "approveAgent": signing.sign_agent,
    "approveBuilderFee": signing.sign_approve_builder_fee,
    "userDexAbstraction": signing.sign_user_dex_abstraction_action,
    "userSetAbstraction": signing.sign_user_set_abstraction_action,
    "tokenDelegate": signing.sign_token_delegate_action,
    "convertToMultiSigUser": signing.sign_convert_to_multi_sig_user_action,
}


def sign(request: dict[str, Any]) -> dict[str, Any]:
    wallet, action = eth_account.Account.from_key(request["key"]), request["action"]
    if action["type"] in OWNER:
        return {"signature": OWNER[action["type"]](wallet, action, request["mainnet"])}
    arguments = (request["vault"], request["nonce"], request["expires"])
    packed = signing.action_hash(action, request["vault"], request["nonce"], request["expires"])
    return {"signature": signing.sign_l1_action(wallet, action, *arguments, request["mainnet"]), "hash": packed.hex().removeprefix("0x")}


def wait(condition: Any, what: str) -> None:
    deadline = time.monotonic() + 15
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"never happened: {what}")
        time.sleep(0.02)


def trade(request: dict[str, Any]) -> dict[str, Any]:
    """Orders, cancels, modifies, leverage, transfers, queries and streams, the way the SDK's examples do them."""
    wallet, url, address = eth_account.Account.from_key(request["key"]), request["url"], request["address"]
    info = Info(url, skip_ws=False)
    frames: dict[str, list[Any]] = {}
    user, topics = {"user": address}, [{"type": kind, "coin": "BTC"} for kind in ("l2Book", "bbo", "trades", "activeAssetCtx")]
    topics += [
        {"type": kind, **user} for kind in ("orderUpdates", "userFills", "userEvents", "userFundings", "userNonFundingLedgerUpdates")
    ]
    topics += [{"type": "allMids"}, {"type": "candle", "coin": "BTC", "interval": "1m"}, {"type": "activeAssetData", "coin": "BTC", **user}]
    for topic in topics:
        info.subscribe(topic, lambda message, kind=topic["type"]: frames.setdefault(kind, []).append(message))
    exchange = Exchange(wallet, url, account_address=address)
    said: dict[str, Any] = {}
    said["rest"] = exchange.order("BTC", True, 0.001, 59000, {"limit": {"tif": "Gtc"}})
    oid = said["rest"]["response"]["data"]["statuses"][0]["resting"]["oid"]
    said["status"] = info.query_order_by_oid(address, oid)
    said["modify"] = exchange.modify_order(oid, "BTC", True, 0.002, 58000, {"limit": {"tif": "Gtc"}})
    changed = said["modify"]["response"]["data"]["statuses"][0]["resting"]["oid"]
    said["cancel"] = exchange.cancel("BTC", changed)
    cloid = Cloid.from_str("0x00000000000000000000000000000001")
    said["with_cloid"] = exchange.order("ETH", False, 0.1, 2600, {"limit": {"tif": "Alo"}}, cloid=cloid)
    said["by_cloid"] = info.query_order_by_cloid(address, cloid)
    said["cancel_by_cloid"] = exchange.cancel_by_cloid("ETH", cloid)
    said["refused"] = exchange.order("BTC", True, 0.001, 61000, {"limit": {"tif": "Alo"}})
    said["leverage"] = exchange.update_leverage(7, "ETH")
    said["isolated"] = exchange.update_leverage(5, "SOL", is_cross=False)
    said["open"] = exchange.market_open("SOL", True, 1)
    said["margin"] = exchange.update_isolated_margin(1.5, "SOL")
    said["trigger"] = exchange.order(
        "SOL", False, 1, 100, {"trigger": {"triggerPx": 120, "isMarket": True, "tpsl": "sl"}}, reduce_only=True
    )
    said["front"] = info.frontend_open_orders(address)
    said["close"] = exchange.market_close("SOL")
    exchange.set_expires_after(int(time.time() * 1000) + 60_000)
    said["expiring"] = exchange.order("BTC", True, 0.001, 59000, {"limit": {"tif": "Gtc"}})
    exchange.set_expires_after(None)
    said["schedule"] = exchange.schedule_cancel(int(time.time() * 1000) + 60_000)
    said["unschedule"] = exchange.schedule_cancel(None)
    if request["owner"]:
        said["to_spot"] = exchange.usd_class_transfer(10, False)
        said["usd"] = exchange.usd_transfer(1, request["other"])
        said["spot"] = exchange.spot_transfer(1, request["other"], "PURR:0xc1fb593aeffbeb02f85e0308e9956a90")
        said["withdraw"] = exchange.withdraw_from_bridge(5, address)
        said["send"] = exchange.send_asset(request["other"], "", "spot", "USDC:0x6d1e7cde53ba9467b783cb7c530ce054", 2)
        said["builder"] = exchange.approve_builder_fee("0x" + "8" * 40, "0.01%")
        said["referrer"] = exchange.set_referrer("ASDFASDF")
        said["agent"], key = exchange.approve_agent("helper")
        agent = Exchange(eth_account.Account.from_key(key), url, account_address=address)
        said["as_agent"] = agent.order("BTC", True, 0.001, 59000, {"limit": {"tif": "Gtc"}})
        built = {"b": "0x" + "8" * 40, "f": 10}
        said["built"] = exchange.order("BTC", True, 0.001, 59000, {"limit": {"tif": "Gtc"}}, builder=built)
        said["sub"] = exchange.create_sub_account("example")
        sub = said["sub"]["response"]["data"]
        said["to_sub"] = exchange.sub_account_transfer(sub, True, 50_000_000)
        acting = Exchange(wallet, url, vault_address=sub)
        said["of_sub"] = acting.order("BTC", True, 0.0002, 59000, {"limit": {"tif": "Gtc"}})
    told = {
        "state": info.user_state(address),
        "spot_state": info.spot_user_state(address),
        "open": info.open_orders(address),
        "mids": info.all_mids(),
        "fills": info.user_fills(address),
        "fills_by_time": info.user_fills_by_time(address, 0),
        "meta": info.meta(),
        "contexts": info.meta_and_asset_ctxs(),
        "spot_meta": info.spot_meta(),
        "funding": info.funding_history("BTC", int(time.time() * 1000) - 86_400_000),
        "user_funding": info.user_funding_history(address, 0),
        "book": info.l2_snapshot("BTC"),
        "candles": info.candles_snapshot("BTC", "1m", int(time.time() * 1000) - 3_600_000, int(time.time() * 1000)),
        "fees": info.user_fees(address),
        "role": info.user_role(address),
        "historical": info.historical_orders(address),
    }
    wanted = {topic["type"] for topic in topics}
    wait(lambda: wanted <= set(frames), f"frames of {sorted(wanted - set(frames))}")
    wait(lambda: len(frames["orderUpdates"]) > 4 and len(frames["userFills"]) > 1, "updates and fills")
    info.disconnect_websocket()
    return {"said": said, "told": told, "frames": {kind: len(rows) for kind, rows in frames.items()}}


for line in sys.stdin:
    asked = json.loads(line)
    print(json.dumps({"sign": sign, "trade": trade}[asked.pop("do")](asked)), flush=True)
