"""One of two processes that trade with the same key: orders, cancels, and what the streams told it."""

import asyncio
import json
import sys

import ccxt_dex


async def main(given):
    exchange = getattr(ccxt_dex, given["id"])(given["config"])
    symbol, placed, ended, seen = given["symbol"], [], set(), set()

    async def listen():
        while True:
            seen.update(order["id"] for order in await exchange.watch_orders(symbol))

    listening = asyncio.ensure_future(listen())
    try:
        await exchange.load_markets()
        await exchange.watch_order_book(symbol)
        for number in range(given["count"]):
            name = f"{given['name']} {number}"
            order = await exchange.create_order(
                symbol, "limit", "buy", given["amount"], given["price"], {"postOnly": True, "clientOrderId": name}
            )
            assert order["clientOrderId"] == name, order
            placed.append([order["id"], name])
            if number % 3 == 2:
                await exchange.cancel_order(order["id"], symbol)
                ended.add(order["id"])
        await exchange.create_order(symbol, "market", "buy", given["amount"])
        # what began and ended while the line was down is in no picture afterwards
        resting = {order_id for order_id, _ in placed} - ended
        for _ in range(500):
            if resting <= seen:
                break
            await asyncio.sleep(0.02)
        return {"placed": placed, "missed": sorted(resting - seen)}
    finally:
        listening.cancel()
        await exchange.close()


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(json.loads(sys.stdin.read())))))
