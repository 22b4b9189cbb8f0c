"""ccxt's own extended class, unmodified but for its urls, on the paper venue."""

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
    options = {"builderFee": False}
    exchange = ccxt.pro.extended({"enableRateLimit": False, "apiKey": given["api_key"], "privateKey": given["key"], "options": options})
    exchange.urls["api"].update(given["urls"])
    symbol = "BTC/USDC:USDC"
    try:
        await exchange.load_markets()
        seen = {"symbols": sorted(exchange.symbols)}
        book = await exchange.fetch_order_book(symbol)
        seen["book"] = [book["bids"][0][0], book["asks"][0][0]]
        price = float(int(book["bids"][0][0] * 0.98))
        order = await exchange.create_order(symbol, "limit", "buy", 0.01, price, {"clientOrderId": "c1"})
        seen["created"] = [order["status"], (await exchange.fetch_order(order["id"]))["clientOrderId"]]
        await asyncio.sleep(1.05)  # its salt is the second: an equal one would be a duplicate
        edited = await exchange.edit_order(order["id"], symbol, "limit", "buy", 0.02, price - 10)
        seen["edited"] = [[row["amount"], row["price"] == price - 10] for row in await exchange.fetch_open_orders(symbol)]
        await exchange.cancel_order(edited["id"])
        await until(lambda: exchange.fetch_open_orders(symbol), lambda rows: not rows)
        await exchange.create_order(symbol, "market", "buy", 0.01, float(int(book["asks"][0][0] * 1.005)))
        positions = [row for row in await exchange.fetch_positions([symbol]) if float(row["contracts"])]
        seen["position"] = [positions[0]["side"], float(positions[0]["contracts"])]
        seen["trades"] = [row["amount"] for row in await exchange.fetch_my_trades(symbol)]
        seen["candles"] = len(await exchange.fetch_ohlcv(symbol, "1m", None, 5))
        seen["leverage"] = (await exchange.fetch_leverage(symbol))["longLeverage"]
        streamed = await asyncio.wait_for(exchange.watch_order_book(symbol), 10)
        seen["watched"] = len(streamed["bids"])
        balance = await asyncio.wait_for(exchange.watch_balance(), 10)
        seen["balance"] = balance["info"]["balance"]["collateralName"]
        return seen
    finally:
        await exchange.close()


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(json.loads(sys.stdin.read())))))
