"""ccxt's own lighter class with the official native library, in a process of its own (the library is one per process and starts threads)."""

import asyncio
import json
import sys

import ccxt.pro


async def main(given):
    key, account = str(given["key_index"]), str(given["account"])
    exchange = ccxt.pro.lighter(
        {
            "enableRateLimit": False,
            "options": {
                "accountIndex": given["account"],
                "apiKeyIndex": given["key_index"],
                "libraryPath": given["library"],
                "builderFee": False,
                # the undocumented way around the L1 key: the API key injected where ccxt would keep the one it makes
                "auths": {account: {"254": {"lighterPrivateKey": given["key"]}, key: {"lighterPrivateKey": given["key"]}}},
            },
        }
    )
    exchange.urls["api"].update(root=given["url"], public=given["url"], private=given["url"], ws=given["ws"])
    # ccxt sends every key index below 4 to 254, and 254 is not on the venue
    exchange.handle_api_key_index = lambda params, *names, **more: [
        given["key_index"],
        exchange.omit(params, ["apiKeyIndex", "api_key_index"]),
    ]
    symbol = "ETH/USDC:USDC"
    try:
        await exchange.load_markets()
        seen = {"markets": sorted(exchange.markets)}
        book = await exchange.fetch_order_book(symbol, 5)
        seen["book"] = [book["bids"][0][0], book["asks"][0][0]]
        price = float(int(book["bids"][0][0] * 0.98))
        await exchange.create_order(symbol, "limit", "buy", 0.1, price, {"clientOrderId": 77})
        for _ in range(200):
            orders = await exchange.fetch_open_orders(symbol)
            if orders:
                break
            await asyncio.sleep(0.02)
        seen["open"] = [[order["symbol"], order["amount"], order["status"]] for order in orders]
        await exchange.cancel_order(orders[0]["id"], symbol)
        for _ in range(200):
            after = await exchange.fetch_open_orders(symbol)
            if not after:
                break
            await asyncio.sleep(0.02)
        seen["after"] = after
        await exchange.create_order(symbol, "market", "buy", 0.1, float(int(book["asks"][0][0] * 1.02)))
        for _ in range(200):
            positions = [row for row in await exchange.fetch_positions([symbol]) if row["contracts"]]
            if positions:
                break
            await asyncio.sleep(0.02)
        seen["position"] = [positions[0]["side"], positions[0]["contracts"]]
        seen["balance"] = (await exchange.fetch_balance())["USDC"]["total"]
        streamed = await asyncio.wait_for(exchange.watch_order_book(symbol), 10)
        seen["watched"] = len(streamed["bids"])
        return seen
    finally:
        await exchange.close()


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(json.loads(sys.stdin.read())))))
