"""Run in grvt-pysdk's environment: its REST and WebSocket clients, unmodified but for the addresses, against a paper venue."""

import asyncio
import json
import sys
import time

from pysdk import grvt_ccxt_env as env
from pysdk import grvt_ccxt_ws, grvt_raw_base
from pysdk.grvt_ccxt import GrvtCcxt
from pysdk.grvt_ccxt_env import GrvtEndpointType, GrvtEnv, GrvtWSEndpointType
from pysdk.grvt_raw_env import GrvtEndpointConfig, GrvtEnvConfig
from pysdk.grvt_raw_sync import GrvtRawSync

NAME = "BTC_USDT_Perp"


def addresses(url, ws):
    """The SDK knows the venue's hosts by name only."""
    domains = {
        GrvtEndpointType.EDGE: f"{url}/edge",
        GrvtEndpointType.TRADE_DATA: f"{url}/trades",
        GrvtEndpointType.MARKET_DATA: f"{url}/market-data",
    }
    sockets = {
        GrvtWSEndpointType.TRADE_DATA: f"{ws}/trades/ws",
        GrvtWSEndpointType.MARKET_DATA: f"{ws}/market-data/ws",
        GrvtWSEndpointType.TRADE_DATA_RPC_FULL: f"{ws}/trades/ws/full",
        GrvtWSEndpointType.MARKET_DATA_RPC_FULL: f"{ws}/market-data/ws/full",
    }
    env.get_grvt_endpoint_domains = lambda name: domains
    grvt_ccxt_ws.get_grvt_ws_endpoint = lambda name, kind: sockets[kind]
    made = [
        GrvtEndpointConfig(domains[kind], None)
        for kind in (GrvtEndpointType.EDGE, GrvtEndpointType.TRADE_DATA, GrvtEndpointType.MARKET_DATA)
    ]
    grvt_raw_base.get_env_config = lambda which: GrvtEnvConfig(*made, 325)


def until(condition):
    for _ in range(200):
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError("never happened")


def rest(given, parameters):
    client = GrvtCcxt(GrvtEnv.PROD, None, parameters)
    book = client.fetch_order_book(NAME, 10)
    bid = float(book["bids"][0]["price"])
    price = round(bid * 0.98, 1)
    made = client.create_limit_order(NAME, "buy", 0.01, price)
    seen = {"markets": sorted(client.markets), "pending": [made["state"]["status"], made["order_id"]]}
    number = made["metadata"]["client_order_id"]
    order = until(lambda: client.fetch_order(params={"client_order_id": number}).get("result"))
    seen["order"] = [order["state"]["status"], order["legs"][0]["limit_price"], float(order["legs"][0]["size"])]
    seen["price"] = price
    seen["open"] = [each["order_id"] == order["order_id"] for each in client.fetch_open_orders(NAME)]
    seen["cancelled"] = client.cancel_order(id=order["order_id"])
    until(lambda: not client.fetch_open_orders(NAME))
    client.create_order(NAME, "market", "buy", 0.01)
    position = until(lambda: client.fetch_positions([NAME]))[0]
    seen["position"] = [position["instrument"], position["size"]]
    seen["fills"] = sum(float(fill["size"]) for fill in client.fetch_my_trades(NAME)["result"])
    seen["summary"] = float(client.get_account_summary("sub-account")["total_equity"])
    seen["history"] = len(client.fetch_order_history({"kind": "PERPETUAL"})["result"])
    seen["ticker"] = float(client.fetch_ticker(NAME)["last_price"])
    seen["candles"] = len(client.fetch_ohlcv(NAME, "1m", limit=5)["result"])
    wrong = client.create_limit_order(NAME, "buy", 0.0001, price)
    seen["refused"] = wrong
    seen["cancel_all"] = client.cancel_all_orders()
    return seen


def raw(parameters):
    """The generated client: every field of its dataclasses has to be there."""
    from pysdk import grvt_raw_types as types
    from pysdk.grvt_raw_base import GrvtApiConfig, GrvtError
    from pysdk.grvt_raw_env import GrvtEnv as RawEnv

    config = GrvtApiConfig(RawEnv.PROD, parameters["trading_account_id"], parameters["private_key"], parameters["api_key"], None)
    client = GrvtRawSync(config)
    found = client.get_all_initial_leverage_v1(types.ApiGetAllInitialLeverageRequest(parameters["trading_account_id"]))
    assert not isinstance(found, GrvtError), found
    return sorted(row.instrument for row in found.results)


async def stream(parameters, seconds):
    client = grvt_ccxt_ws.GrvtCcxtWS(GrvtEnv.PROD, asyncio.get_running_loop(), None, parameters)
    heard = {}

    def listener(name):
        async def hear(message):
            heard.setdefault(name, []).append(message)

        return hear

    for name, kind in (("book.s", None), ("ticker.s", GrvtWSEndpointType.MARKET_DATA_RPC_FULL), ("trade", None)):
        await client.subscribe(name, listener(name), kind, {"instrument": NAME})
    await client.subscribe("order", listener("order"), GrvtWSEndpointType.TRADE_DATA_RPC_FULL, {"instrument": NAME})
    await client.subscribe("fill", listener("fill"), None, {})
    await client.initialize()
    for _ in range(int(seconds / 0.05)):
        await asyncio.sleep(0.05)
        if {"book.s", "ticker.s", "trade"} <= set(heard) and client.is_stream_subscribed(GrvtWSEndpointType.TRADE_DATA_RPC_FULL, "order"):
            break
    price = round(float(heard["book.s"][-1]["feed"]["bids"][0]["price"]) * 0.97, 1)
    await client.rpc_create_limit_order(NAME, "buy", 0.01, price)
    await client.rpc_create_order(NAME, "market", "sell", 0.01)
    for _ in range(int(seconds / 0.05)):
        await asyncio.sleep(0.05)
        statuses = [message["feed"]["state"]["status"] for message in heard.get("order", [])]
        if {"OPEN", "FILLED"} <= set(statuses) and heard.get("fill"):
            break
    return {name: len(messages) for name, messages in heard.items()}, sorted(set(statuses))


def main():
    given = json.loads(sys.stdin.read())
    addresses(given["url"], given["ws"])
    parameters = {"trading_account_id": given["account"], "private_key": given["key"], "api_key": given["api_key"]}
    seen = rest(given, parameters)
    seen["raw"] = raw(parameters)
    seen["heard"], seen["statuses"] = asyncio.run(stream(parameters, 20))
    print(json.dumps(seen))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
