"""Runs in an environment that holds edgex-python-sdk: `sign` makes requests and sends none, `trade` is a client of a venue.

Reads one JSON object, writes one. `sign`: {"now", "config", "metadata", "oracle", "calls": [{"do", ...}]}, answers what each call would have
sent: method, path, body and headers. `trade`: {"config", "contract", "price", "size", "receiver"}, answers what the venue said, step by step.
"""

import asyncio
import json
import logging
import sys
import time

from edgex_sdk import Client
from edgex_sdk.account.client import GetAccountPageParams, GetCollateralTransactionPageParams, SetMarginModeParams
from edgex_sdk.internal import async_client as transport
from edgex_sdk.order.types import (
    CancelOrderParams,
    CreateOrderParams,
    GetActiveOrderParams,
    GetHistoryOrderPageParams,
    OrderFillTransactionParams,
    OrderSide,
    OrderType,
    TimeInForce,
)
from edgex_sdk.quote.client import GetKLineParams, GetOrderBookDepthParams, KlineType
from edgex_sdk.transfer.client import CreateTransferOutParams, GetTransferOutByIdParams, GetWithdrawAvailableAmountParams
from edgex_sdk.unified_asset.client import CreateWithdrawParams
from edgex_sdk.ws.manager import Manager


def client_of(config):
    return Client(
        base_url=config["url"],
        asset_base_url=config["url"],
        account_id=int(config["uid"]),
        api_key=config["apiKey"],
        api_passphrase=config["password"],
        api_secret=config["secret"],
        trading_private_key=config["privateKey"],
        wallet_private_key=config["walletPrivateKey"],
    )


def order_of(call):
    return CreateOrderParams(
        contract_id=call["contract"],
        price=call["price"],
        size=call["size"],
        type=OrderType(call["type"]),
        side=OrderSide(call["side"]),
        time_in_force=TimeInForce(call["tif"]) if call.get("tif") else "",
        client_order_id=call["id"],
        expire_time=call.get("expires") or 0,
        reduce_only=call.get("reduce", False),
        trigger_price=call.get("trigger", ""),
        trigger_price_type=call.get("by", ""),
    )


async def sign(job):
    """Every call up to the moment of sending."""
    time.time = lambda: job["now"] / 1000
    client = client_of({**job["config"], "url": "http://127.0.0.1:1"})
    sent = []

    async def request(method, path, data=None, params=None, rewrite_version=True):
        text = transport.get_value(data) if method == "POST" else "&".join(f"{k}={v}" for k, v in sorted((params or {}).items()))
        own = client.async_client
        headers = transport.build_hmac_headers(
            own.api_key, own.api_passphrase, own.api_secret, str(int(time.time() * 1000)), method, path, text, own.auth_header_key
        )
        sent.append({"method": method, "path": path, "body": data if method == "POST" else params, "headers": headers})
        return {"code": "SUCCESS", "data": {}}

    async def metadata():
        return {"data": job["metadata"]}

    async def quote(contract):
        return {"data": [{"oraclePrice": job["oracle"]}]}

    client.async_client.make_authenticated_request = request
    client.get_metadata = metadata
    client.get_24_hour_quote = quote
    for call in job["calls"]:
        if call["do"] == "order":
            await client.create_order(order_of(call))
        elif call["do"] == "mode":
            await client.set_margin_mode(SetMarginModeParams(call["contract"], call["mode"], call["id"]))
        elif call["do"] == "transfer":
            await client.create_transfer_out(CreateTransferOutParams("1000", call["amount"], call["to"], client_transfer_id=call["id"]))
        elif call["do"] == "leverage":
            await client.account.update_leverage_setting(call["contract"], call["leverage"])
        elif call["do"] == "active":
            await client.get_active_orders(GetActiveOrderParams(size="200", filter_contract_id_list=[call["contract"]]))
        else:
            raise ValueError(call["do"])
    return sent


async def until(check, seconds=8.0):
    deadline = time.monotonic() + seconds
    while True:
        found = await check()
        if found or time.monotonic() > deadline:
            return found
        await asyncio.sleep(0.05)


async def trade(job):
    """A day at the venue, as the SDK's own examples have it; streams in the SDK's threads."""
    told, contract = {}, job["contract"]
    frames, events = [], []
    client = client_of(job["config"])
    manager = Manager(
        job["config"]["ws"], int(job["config"]["uid"]), job["config"]["apiKey"], job["config"]["password"], job["config"]["secret"]
    )
    async with client:
        told["time"] = (await client.get_server_time())["data"]["timeMillis"]
        told["contracts"] = len((await client.get_metadata())["data"]["contractList"])
        await asyncio.to_thread(manager.connect_public)
        await asyncio.to_thread(manager.connect_private)
        manager.subscribe_ticker(contract, lambda text: frames.append(("ticker", json.loads(text))))
        manager.subscribe_depth(contract, lambda text: frames.append(("depth", json.loads(text))), 15)
        manager.subscribe_order_update(lambda text: events.append(json.loads(text)))
        told["depth"] = (await client.quote.get_order_book_depth(GetOrderBookDepthParams(contract, 15)))["data"][0]["level"]
        told["klines"] = len((await client.quote.get_k_line(GetKLineParams(contract, KlineType.MINUTE_1, size=5)))["data"]["dataList"])
        told["funding"] = (await client.funding.get_latest_funding_rate([contract]))["data"][0]["contractId"]
        rest = await client.create_limit_order(contract, job["size"], job["price"], OrderSide.BUY, client_order_id="sdk-1")
        told["rest"] = rest["code"]

        async def active():
            rows = (await client.get_active_orders(GetActiveOrderParams(size="10")))["data"]["dataList"]
            return [row for row in rows if row["status"] == "OPEN"]

        told["active"] = [row["clientOrderId"] for row in await until(active)]
        told["cancel"] = (await client.cancel_order(CancelOrderParams(order_id=rest["data"]["orderId"])))["data"]["cancelResultMap"]
        bought = await client.create_market_order(contract, job["size"], OrderSide.BUY, client_order_id="sdk-2")
        told["market"] = bought["code"]

        async def filled():
            rows = (await client.get_order_fill_transactions(OrderFillTransactionParams(size="10")))["data"]["dataList"]
            return [row for row in rows if row["orderId"] == bought["data"]["orderId"]]

        told["fills"] = [row["fillSize"] for row in await until(filled)]
        told["position"] = [row["openSize"] for row in (await client.get_account_positions())["data"]["positionList"]]
        history = await client.order.get_history_order_page(GetHistoryOrderPageParams(size="10"))
        told["history"] = sorted(row["status"] for row in history["data"]["dataList"])
        stop = CreateOrderParams(
            contract, "0", job["size"], OrderType.STOP_MARKET, OrderSide.SELL, client_order_id="sdk-3", reduce_only=True,
            trigger_price=job["price"], trigger_price_type="LAST_PRICE",
        )  # fmt: skip
        told["stop"] = (await client.create_order(stop))["code"]

        async def waiting():
            rows = (await client.get_active_orders(GetActiveOrderParams(size="10")))["data"]["dataList"]
            return [row["type"] for row in rows if row["status"] == "UNTRIGGERED"]

        told["waiting"] = await until(waiting)
        told["cancel all"] = list((await client.cancel_order(CancelOrderParams(contract_id=contract)))["data"]["cancelResultMap"].values())
        sold = await client.create_market_order(contract, job["size"], OrderSide.SELL, client_order_id="sdk-4", reduce_only=True)
        told["close"] = sold["code"]

        async def flat():
            rows = (await client.get_account_positions())["data"]["positionList"]
            return all(row["openSize"] in ("0", "0.000") for row in rows)

        told["flat"] = await until(flat)
        told["leverage"] = (await client.account.update_leverage_setting(contract, "7"))["code"]
        told["mode"] = (await client.set_margin_mode(SetMarginModeParams(contract, "1")))["code"]
        moved = await client.create_transfer_out(CreateTransferOutParams("1000", "1.5", job["receiver"]))
        told["transfer"] = (await client.transfer.get_transfer_out_by_id(GetTransferOutByIdParams([moved["data"]["transferOutId"]])))[
            "data"
        ][0]["status"]
        told["available"] = (await client.transfer.get_withdraw_available_amount(GetWithdrawAvailableAmountParams("1000")))["code"]
        address = client.async_client.resolve_wallet_signer_address()
        told["withdraw"] = (await client.create_withdraw(CreateWithdrawParams("5000000", address)))["flowId"]
        told["accounts"] = len((await client.account.get_account_page(GetAccountPageParams()))["data"]["dataList"])
        ledger = await client.account.get_collateral_transaction_page(GetCollateralTransactionPageParams(size="10"))
        told["ledger"] = sorted(row["type"] for row in ledger["data"]["dataList"])
        try:
            await client.create_limit_order(contract, job["size"], job["price"], OrderSide.BUY, client_order_id="sdk-1")
        except ValueError as error:
            told["duplicate"] = str(error)
        else:
            again = await client.create_limit_order(contract, job["size"], job["price"], OrderSide.BUY, client_order_id="sdk-1")
            told["duplicate"] = again["code"]

        async def streamed():
            return {kind for kind, _ in frames} == {"ticker", "depth"} and len(events) > 3

        told["streamed"] = await until(streamed)
        first = next(frame for kind, frame in frames if kind == "depth")
        told["first depth"] = first["content"]["dataType"]
        told["statuses"] = sorted({row["status"] for event in events for row in event["content"]["data"].get("order") or []})
    await asyncio.to_thread(manager.disconnect_all)
    return told


def main():
    logging.disable(logging.CRITICAL)
    job = json.load(sys.stdin)
    answer = asyncio.run({"sign": sign, "trade": trade}[sys.argv[1]](job))
    sys.stdout.write(json.dumps(answer))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
