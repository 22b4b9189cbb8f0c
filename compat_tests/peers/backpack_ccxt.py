"""ccxt's own backpack class, in a process of its own, as it comes."""

import asyncio
import json
import sys

import ccxt.pro


async def main(given):
    exchange = ccxt.pro.backpack({**given["config"], "enableRateLimit": False})
    symbol = "ETH/USDC:USDC"
    try:
        await exchange.load_markets()
        seen = {"markets": sorted(exchange.markets), "currencies": sorted(exchange.currencies)}
        book = await exchange.fetch_order_book(symbol, 10)
        price = float(int(book["bids"][0][0] * 0.98))
        made = await exchange.create_order(symbol, "limit", "buy", 0.5, price, {"clientOrderId": 77})
        seen["made"] = [made["status"], made["clientOrderId"], made["amount"]]
        seen["open"] = [order["price"] == price for order in await exchange.fetch_open_orders(symbol)]
        await exchange.cancel_order(made["id"], symbol)
        batch = [{"symbol": symbol, "type": "limit", "side": "buy", "amount": 0.5, "price": price} for _ in range(2)]
        seen["batch"] = [order["status"] for order in await exchange.create_orders(batch)]
        seen["all"] = len(await exchange.cancel_all_orders(symbol))
        stop = await exchange.create_order(symbol, "market", "sell", 0.5, None, {"triggerPrice": price})
        seen["stop"] = [stop["status"], stop["triggerPrice"] == price]
        await exchange.cancel_order(stop["id"], symbol)
        watching = asyncio.ensure_future(exchange.watch_orders(symbol))
        watched = await asyncio.wait_for(exchange.watch_order_book(symbol), 20)
        seen["watched"] = watched["bids"][0][0] < watched["asks"][0][0]
        await exchange.create_order(symbol, "market", "buy", 0.5)
        seen["streamed"] = [order["status"] for order in await asyncio.wait_for(watching, 10)]
        seen["position"] = [[row["side"], row["contracts"]] for row in await exchange.fetch_positions([symbol])]
        seen["trades"] = sum(trade["amount"] for trade in await exchange.fetch_my_trades(symbol))
        seen["balance"] = (await exchange.fetch_balance())["USDC"]["total"]
        seen["candles"] = len(await exchange.fetch_ohlcv(symbol, "1m", None, 5))
        seen["rate"] = (await exchange.fetch_funding_rate(symbol))["fundingRate"] is not None
        return seen
    finally:
        await exchange.close()


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(json.loads(sys.stdin.read())))))
