"""Runs in an environment that holds lighter-sdk: trades as its documentation's examples do, against the url it is given.

Reads one JSON object (url, ws, account, key_index, key) from stdin, prints one JSON object with what it saw.
"""

import asyncio
import json
import sys
import time

import lighter

MARKET = 0


async def until(condition, seconds=10.0):
    deadline = time.monotonic() + seconds
    while True:
        value = await condition()
        if value:
            return value
        assert time.monotonic() < deadline, "never happened"
        await asyncio.sleep(0.02)


async def main(given):
    client = lighter.SignerClient(
        url=given["url"], account_index=given["account"], api_private_keys={given["key_index"]: given["key"]}, chain_id=given["chain"]
    )
    api = lighter.ApiClient(configuration=lighter.Configuration(host=given["url"]))
    orders, accounts = lighter.OrderApi(api), lighter.AccountApi(api)
    seen = {"check": client.check_client()}
    details = await orders.order_book_details()
    seen["symbols"] = sorted(row.symbol for row in details.order_book_details)
    book = await orders.order_book_orders(market_id=MARKET, limit=5)
    best = float(book.asks[0].price)

    token, error = client.create_auth_token_with_expiry(api_key_index=given["key_index"])
    assert error is None, error

    async def own(client_index):
        found = await orders.account_orders(token, str(client_index), given["account"])
        return found.orders[0] if found.orders else None

    _, answer, error = await client.create_order(
        market_index=MARKET,
        client_order_index=101,
        base_amount=1000,
        price=int(best * 0.98) * 100,
        is_ask=False,
        order_type=client.ORDER_TYPE_LIMIT,
        time_in_force=client.ORDER_TIME_IN_FORCE_GOOD_TILL_TIME,
        reduce_only=False,
        trigger_price=0,
    )
    assert error is None, error
    seen["accepted"] = answer.code
    resting = await until(lambda: own(101))
    seen["resting"] = [resting.status, resting.initial_base_amount, resting.is_ask]

    _, _, error = await client.modify_order(
        market_index=MARKET, order_index=resting.order_index, base_amount=1100, price=int(best * 0.97) * 100, trigger_price=0
    )
    assert error is None, error

    async def modified():
        row = await own(101)
        return row if row.initial_base_amount == "0.1100" else None

    seen["modified"] = (await until(modified)).price == f"{int(best * 0.97)}.00"
    _, _, error = await client.cancel_order(market_index=MARKET, order_index=101)
    assert error is None, error

    async def canceled():
        return (await own(101)).status == "canceled"

    seen["canceled"] = await until(canceled)
    _, _, error = await client.create_market_order(
        market_index=MARKET, client_order_index=102, base_amount=1000, avg_execution_price=int(best * 1.02) * 100, is_ask=False
    )
    assert error is None, error

    async def filled():
        row = await own(102)
        return row and row.status == "filled"

    seen["filled"] = await until(filled)
    account = (await accounts.account(by="index", value=str(given["account"]))).accounts[0]
    position = next(row for row in account.positions if row.market_id == MARKET)
    seen["position"] = [position.position, position.sign]
    _, _, error = await client.update_leverage(MARKET, client.CROSS_MARGIN_MODE, 7)
    assert error is None, error
    active = await orders.account_active_orders(account_index=given["account"], market_id=MARKET, authorization=token)
    ended = await orders.account_inactive_orders(account_index=given["account"], limit=50, authorization=token)
    seen["lists"] = [len(active.orders), len(ended.orders)]
    trades = await orders.trades(sort_by="timestamp", limit=10, account_index=given["account"], authorization=token)
    seen["trades"] = [[row.size, row.bid_account_id] for row in trades.trades]
    seen["stream"] = await asyncio.to_thread(stream, given["ws"])
    await client.close()
    await api.close()
    return seen


def stream(url):
    """The book as the SDK's own client keeps it, after a few updates."""
    states = []

    class Enough(Exception):
        pass

    def on_book(market, book):
        states.append(len(book["asks"]))
        if len(states) >= 3:
            raise Enough

    watcher = lighter.WsClient(ws_url=url, order_book_ids=[MARKET], account_ids=[], on_order_book_update=on_book)
    try:
        watcher.run()
    except Enough:
        pass
    return states


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(json.loads(sys.stdin.read())))))
