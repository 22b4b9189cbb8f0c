"""bpx-py, in an environment of its own: signatures of given requests, or a session against a venue."""

import json
import sys

from bpx.account import Account


def signatures(given):
    account = Account(given["key"], given["secret"])
    return [account._sign(params, instruction, timestamp, 5000) for instruction, params, timestamp in given["requests"]]


def session(given):
    account = Account(given["key"], given["secret"])
    account.BPX_API_URL = given["url"] + "/"
    symbol = "ETH_USDC_PERP"
    seen = {"collateral": account.get_collateral()["netEquity"], "balances": account.get_balances()}
    seen["limit"] = account.update_account(leverage_limit="7")
    seen["account"] = account.get_account()["leverageLimit"]
    order = account.execute_order(
        symbol, "Bid", "Limit", quantity="0.5", price=given["price"], client_id=77, post_only=True, time_in_force="GTC"
    )
    seen["order"] = [order["status"], order["clientId"], order["postOnly"]]
    seen["open"] = [row["id"] == order["id"] for row in account.get_open_orders(symbol=symbol)]
    seen["one"] = account.get_open_order(symbol, order_id=order["id"])["quantity"]
    seen["again"] = account.execute_order(symbol, "Bid", "Limit", quantity="0.5", price=given["price"], client_id=77)
    seen["cancelled"] = account.cancel_order(symbol, order_id=order["id"])["status"]
    seen["bought"] = account.execute_order(symbol, "Bid", "Market", quantity="0.5")["status"]
    seen["position"] = [row["netQuantity"] for row in account.get_open_positions()]
    seen["fills"] = sum(float(row["quantity"]) for row in account.get_fill_history(symbol=symbol))
    seen["history"] = len(account.get_order_history(symbol=symbol))
    account.execute_order(symbol, "Bid", "Limit", quantity="0.5", price=given["price"])
    seen["all"] = len(account.cancel_all_orders(symbol))
    account.execute_borrow_lend("2", "Borrow", "SOL")
    seen["borrowed"] = [[row["symbol"], row["netQuantity"]] for row in account.get_borrow_lend_positions()]
    seen["sold"] = account.execute_order("SOL_USDC", "Ask", "Market", quantity="2")["status"]
    account.execute_order("SOL_USDC", "Bid", "Market", quantity="2.01")
    account.execute_borrow_lend("2", "Lend", "SOL")
    seen["coins"] = account.get_balances()["SOL"]["available"]
    stranger = Account(given["key"], given["other"])
    stranger.BPX_API_URL = account.BPX_API_URL
    seen["stranger"] = stranger.get_balances()
    return seen


if __name__ == "__main__":
    job = json.loads(sys.stdin.read())
    print(json.dumps(signatures(job) if "requests" in job else session(job)))
