"""Runs in the environment of taas-api-client: trades on a local venue the way the client's README does. JSON in, JSON out."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import requests
from taas_api import Client, PlaceOrderRequest
from taas_api.data import AmendOrderRequest, GetOrderRequest, SetLeverageRequest


def refusal(call: Any, *arguments: Any) -> str:
    """What the client raises or returns where something is wrong."""
    try:
        return json.dumps(call(*arguments))
    except (ValueError, requests.RequestException) as error:
        return f"{type(error).__name__}: {error}"


def until(client: Any, order: str, status: str) -> Any:
    deadline = time.monotonic() + 15
    while True:
        found = client.get_order_summary(order)
        if found["status"] == status or time.monotonic() > deadline:
            return found
        time.sleep(0.05)


def trade(asked: dict[str, Any]) -> dict[str, Any]:
    client, account, pair, price = Client(url=asked["url"], auth_token=asked["token"]), asked["account"], asked["pair"], asked["price"]
    plain = {"accounts": [account], "pair": pair, "side": "buy", "duration": 300}
    said: dict[str, Any] = {}
    said["rest"] = client.place_order(
        PlaceOrderRequest(**plain, strategy="Limit", base_asset_qty=0.001, limit_price=price, custom_order_id="mine-1")
    )
    number = said["rest"]["id"]
    deadline = time.monotonic() + 15
    while float(client.get_order_summary(number)["placement_live_qty"]) == 0 and time.monotonic() < deadline:
        time.sleep(0.05)
    said["summary"], said["detail"] = client.get_order_summary(number), client.get_order(number)
    said["amend"] = client.amend_order(AmendOrderRequest(order_id=number, changes={"base_asset_qty": 0.002}))
    said["active"] = client.get_all_orders(GetOrderRequest(statuses=["ACTIVE", "PAUSED"], account_names=[account], page=1, page_size=10))
    said["cancel"] = client.cancel_order(number)
    said["canceled"] = client.get_all_orders(GetOrderRequest(statuses=["CANCELED"]))
    said["market"] = client.place_order(PlaceOrderRequest(**plain, strategy="Market", base_asset_qty=0.002))
    said["filled"] = until(client, said["market"]["id"], "COMPLETE")
    said["broke"] = client.place_order(PlaceOrderRequest(**plain, strategy="Limit", base_asset_qty=900, limit_price=price))
    said["refused"] = until(client, said["broke"]["id"], "CANCELED")
    said["leverage"] = client.set_leverage(SetLeverageRequest(account_ids=[asked["account_id"]], pair=pair, leverage="7"))
    said["balances"] = client.get_balances(account_names=[account])
    said["wrong"] = {
        "token": refusal(Client(url=asked["url"], auth_token="0" * 40).get_order, number),
        "account": refusal(client.place_order, PlaceOrderRequest(**{**plain, "accounts": ["x"]}, strategy="Market", base_asset_qty=1)),
        "twice": refusal(
            client.place_order,
            PlaceOrderRequest(**plain, strategy="Limit", base_asset_qty=0.001, limit_price=price, custom_order_id="mine-1"),
        ),
        "strategy": refusal(client.place_order, PlaceOrderRequest(**plain, strategy="Dance", base_asset_qty=1)),
    }
    return said


print(json.dumps(trade(json.loads(sys.stdin.readline()))), flush=True)
