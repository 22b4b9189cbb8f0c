"""ccxt's own paradex class, unmodified but for its urls, on the paper venue."""

import asyncio
import json
import sys

import ccxt.pro


async def until(call, condition):
    for _ in range(300):
        value = await call()
        if condition(value):
            return value
        await asyncio.sleep(0.02)
    raise AssertionError(f"never: {value}")


async def main(given):
    account = {"privateKey": given["key"], "address": given["address"]}
    exchange = ccxt.pro.paradex({"enableRateLimit": False, "options": {"paradexAccount": account, "sbe": False}})
    exchange.urls["api"].update(given["urls"])
    symbol = "BTC/USD:USDC"
    try:
        await exchange.load_markets()
        seen = {"symbols": sorted(exchange.symbols)}
        book = await exchange.fetch_order_book(symbol)
        seen["book"] = [book["bids"][0][0], book["asks"][0][0]]
        price = float(int(book["bids"][0][0] * 0.98))
        order = await exchange.create_order(symbol, "limit", "buy", 0.01, price, {"clientOrderId": "c1"})
        seen["created"] = order["status"]
        await until(lambda: exchange.fetch_order(order["id"]), lambda row: row["info"]["status"] == "OPEN")
        await exchange.edit_order(order["id"], symbol, "limit", "buy", 0.02, price - 10)
        seen["edited"] = (await until(lambda: exchange.fetch_order(order["id"]), lambda row: row["amount"] == 0.02))["price"] == price - 10
        await exchange.cancel_order(order["id"])
        seen["canceled"] = (await until(lambda: exchange.fetch_order(order["id"]), lambda row: row["info"]["status"] == "CLOSED"))["status"]
        taken = await exchange.create_order(symbol, "market", "buy", 0.01)
        await until(lambda: exchange.fetch_order(taken["id"]), lambda row: row["info"]["status"] == "CLOSED")
        positions = [row for row in await exchange.fetch_positions([symbol]) if row["contracts"]]
        seen["position"] = [positions[0]["side"], positions[0]["contracts"]]
        seen["trades"] = [[row["order"] == taken["id"], row["amount"]] for row in await exchange.fetch_my_trades(symbol)]
        seen["balance"] = (await exchange.fetch_balance())["USDC"]["total"]
        seen["ticker"] = (await exchange.fetch_ticker(symbol))["symbol"]
        seen["candles"] = len(await exchange.fetch_ohlcv(symbol, "1m", None, 5))
        seen["leverage"] = (await exchange.fetch_leverage(symbol))["longLeverage"]
        streamed = await asyncio.wait_for(exchange.watch_order_book(symbol), 10)
        seen["watched"] = len(streamed["bids"])
        watching = asyncio.ensure_future(exchange.watch_orders(symbol))
        await asyncio.sleep(0.3)
        await exchange.create_order(symbol, "limit", "buy", 0.01, price - 1)
        seen["streamed"] = (await asyncio.wait_for(watching, 10))[0]["symbol"]
        return seen
    finally:
        await exchange.close()


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(json.loads(sys.stdin.read())))))
