"""One of several processes with the same key: places orders, cancels its own, says which. Reads one JSON object, writes one."""

import asyncio
import json
import sys

import ccxt_dex


async def main(job):
    exchange = ccxt_dex.edgex({**job["config"], "enableRateLimit": False})
    try:
        await exchange.load_markets()
        symbol = "BTC/USDC:USDC"
        calls = [exchange.create_order(symbol, "limit", "buy", 0.001, job["price"]) for _ in range(job["count"])]
        placed = [order["id"] for order in await asyncio.gather(*calls)]
        await exchange.cancel_orders(placed, symbol)
        mine = [row for row in await exchange.fetch_open_orders(symbol) if row["id"] in placed]
        print(json.dumps({"placed": placed, "open": len(mine)}))
    finally:
        await exchange.close()


if __name__ == "__main__":
    asyncio.run(main(json.load(sys.stdin)))
