"""ccxt's own grvt class, in a process of its own: a wallet's login, its builder authorised, as it comes."""

import asyncio
import json
import sys

import ccxt.pro


async def until(call):
    for _ in range(200):
        found = await call()
        if found:
            return found
        await asyncio.sleep(0.02)
    raise AssertionError("never happened")


async def main(given):
    exchange = ccxt.pro.grvt({**given["config"], "enableRateLimit": False})
    symbol = "ETH/USDT:USDT"
    try:
        await exchange.load_markets()
        seen = {"markets": sorted(exchange.markets), "builder": exchange.options.get("approvedBuilderFee")}
        book = await exchange.fetch_order_book(symbol, 10)
        seen["book"] = [book["bids"][0][0], book["asks"][0][0]]
        price = float(int(book["bids"][0][0] * 0.98))
        made = await exchange.create_order(symbol, "limit", "buy", 0.1, price, {"clientOrderId": "77"})
        seen["made"] = [made["id"], made["status"]]
        orders = await until(exchange.fetch_open_orders)
        seen["open"] = [[order["symbol"], order["amount"], order["price"], order["clientOrderId"]] for order in orders]
        await exchange.cancel_order(orders[0]["id"], symbol)
        seen["after"] = await exchange.fetch_open_orders()
        await exchange.create_order(symbol, "market", "buy", 0.1)
        positions = await until(lambda: exchange.fetch_positions([symbol]))
        seen["position"] = [positions[0]["side"], positions[0]["contracts"]]
        seen["trades"] = sum(trade["amount"] for trade in await exchange.fetch_my_trades(symbol))
        seen["balance"] = (await exchange.fetch_balance())["USDT"]["total"]
        await exchange.set_leverage(7, symbol)
        seen["leverage"] = [
            row["leverage"]
            for row in (await exchange.privateTradingPostFullV1GetAllInitialLeverage({}))["results"]
            if row["instrument"] == "ETH_USDT_Perp"
        ]
        seen["ticker"] = (await exchange.fetch_ticker(symbol))["last"]
        seen["candles"] = len(await exchange.fetch_ohlcv(symbol, "1m", None, 5))
        watched = await asyncio.wait_for(exchange.watch_order_book(symbol), 10)
        seen["watched"] = len(watched["bids"])
        waiting = asyncio.ensure_future(exchange.watch_orders(symbol))
        await asyncio.sleep(0.3)
        await exchange.create_order(symbol, "limit", "buy", 0.1, price, {"clientOrderId": "78"})
        seen["streamed"] = [[order["clientOrderId"], order["status"]] for order in await asyncio.wait_for(waiting, 10)]
        return seen
    finally:
        await exchange.close()


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(json.loads(sys.stdin.read())))))
