"""paradex-py: what it signs, and a round of trading on the paper venue. Reads one JSON object, prints one."""

import asyncio
import json
import os
import sys
import time
from decimal import Decimal

from paradex_py.account.account import ParadexAccount
from paradex_py.account.subkey_account import SubkeyAccount
from paradex_py.api.api_client import ParadexApiClient
from paradex_py.api.models import SystemConfigSchema
from paradex_py.api.ws_client import ParadexWebsocketChannel, ParadexWebsocketClient
from paradex_py.common.order import Order, OrderSide, OrderType
from paradex_py.message.auth import build_auth_message
from paradex_py.message.order import build_modify_order_message, build_order_message
from starknet_py.utils.typed_data import TypedData


def order_of(body):
    return Order(
        market=body["market"],
        order_type=OrderType(body["type"]),
        order_side=OrderSide(body["side"]),
        size=Decimal(body["size"]),
        limit_price=Decimal(body.get("price", "0")),
        signature_timestamp=body["signature_timestamp"],
        order_id=body.get("id"),
    )


def hashes(given):
    """Hash and signature of every order, and of a login; the account of a wallet."""
    config = SystemConfigSchema().load(given["config"])
    account = SubkeyAccount(config, given["key"], given["address"])
    found = []
    for body in given["orders"]:
        order = order_of(body)
        build = build_modify_order_message if order.id else build_order_message
        digest = TypedData.from_dict(build(account.l2_chain_id, order)).message_hash(account.l2_address)
        found.append([digest, [int(part) for part in json.loads(account.sign_order(order))]])
    login = TypedData.from_dict(build_auth_message(account.l2_chain_id, *given["login"])).message_hash(account.l2_address)
    wallet = ParadexAccount(config, given["wallet"][1], l1_private_key=given["wallet"][0])
    derived = [wallet.l2_private_key, wallet.l2_public_key, wallet.l2_address]
    return {"orders": found, "login": login, "public": account.l2_public_key, "wallet": derived}


def until(call, condition):
    for _ in range(400):
        value = call()
        if condition(value):
            return value
        time.sleep(0.02)
    raise AssertionError(f"never: {value}")


async def trade(given):
    api = ParadexApiClient(env="testnet", api_base_url=given["api"])
    account = SubkeyAccount(api.fetch_system_config(), given["key"], given["address"])
    api.init_account(account)
    seen = {"markets": [row["symbol"] for row in api.fetch_markets()["results"]]}
    market = "BTC-USD-PERP"
    book = api.fetch_orderbook(market)
    bid, ask = Decimal(book["bids"][0][0]), Decimal(book["asks"][0][0])
    seen["book"] = [str(bid), str(ask)]
    frames = {"orders": [], "fills": [], "book": []}
    ws = ParadexWebsocketClient(env="testnet", ws_url_override=given["ws"])
    ws.init_account(account)
    assert await ws.connect()

    def collect(name):
        async def took(channel, message):
            frames[name].append(message["params"]["data"])

        return took

    await ws.subscribe(ParadexWebsocketChannel.ORDERS, collect("orders"), {"market": "ALL"})
    await ws.subscribe(ParadexWebsocketChannel.FILLS, collect("fills"), {"market": market})
    await ws.subscribe_by_name(f"order_book.{market}.snapshot@15@100ms", collect("book"))

    price = (bid * Decimal("0.98")).quantize(Decimal("0.1"))
    resting = api.submit_order(Order(market, OrderType.Limit, OrderSide.Buy, Decimal("0.01"), price, client_id="sdk-1"))
    seen["accepted"] = resting["status"]
    until(lambda: api.fetch_order(resting["id"]), lambda row: row["status"] == "OPEN")
    changed = Order(market, OrderType.Limit, OrderSide.Buy, Decimal("0.02"), price - 10, order_id=resting["id"])
    api.modify_order(resting["id"], changed)
    seen["modified"] = until(lambda: api.fetch_order(resting["id"]), lambda row: row["size"] == "0.02")["price"] == str(price - 10)
    api.cancel_order(resting["id"])
    seen["canceled"] = until(lambda: api.fetch_order(resting["id"]), lambda row: row["status"] == "CLOSED")["cancel_reason"]
    taken = api.submit_order(Order(market, OrderType.Market, OrderSide.Buy, Decimal("0.01")))
    seen["filled"] = until(lambda: api.fetch_order(taken["id"]), lambda row: row["status"] == "CLOSED")["remaining_size"]
    batch = api.submit_orders_batch(
        [Order(market, OrderType.Limit, OrderSide.Buy, Decimal("0.01"), price - i, client_id=f"b{i}") for i in (1, 2)]
    )
    seen["batch"] = len(batch["orders"])
    stop = Order(
        market,
        OrderType.StopLossMarket,
        OrderSide.Sell,
        Decimal("0.01"),
        trigger_price=(bid * Decimal("0.9")).quantize(Decimal(1)),
        reduce_only=True,
    )
    stop_id = api.submit_order(stop)["id"]
    seen["stop"] = until(lambda: api.fetch_order(stop_id), lambda row: row["status"] != "NEW")["status"]
    over_socket = await ws.submit_order(Order(market, OrderType.Limit, OrderSide.Sell, Decimal("0.01"), ask + 500))
    seen["socket"] = over_socket["order"]["status"] if "order" in over_socket else over_socket
    api.cancel_all_orders({"market": market})
    seen["open"] = len(until(api.fetch_orders, lambda answer: not answer["results"])["results"])
    seen["position"] = [(row["side"], row["size"]) for row in api.fetch_positions()["results"]]
    seen["fills"] = [[row["order_id"] == taken["id"], row["size"]] for row in api.fetch_fills()["results"]]
    seen["balance"] = api.fetch_balances()["results"][0]["token"]
    seen["account"] = float(api.fetch_account_summary().account_value)
    for _ in range(300):
        if frames["fills"] and frames["book"] and any(row["status"] == "CLOSED" for row in frames["orders"]):
            break
        await asyncio.sleep(0.02)
    seen["frames"] = {name: len(rows) for name, rows in frames.items()}
    return seen


if __name__ == "__main__":
    request = json.loads(sys.stdin.read())
    if "orders" in request:
        print(json.dumps(hashes(request)))
    else:
        loop = asyncio.new_event_loop()
        print(json.dumps(loop.run_until_complete(trade(request))), flush=True)
        os._exit(0)  # the SDK's close() waits for ever for its reader
