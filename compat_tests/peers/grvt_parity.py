"""Run in grvt-pysdk's environment: what the official SDK signs, for orders and transfers that come in as JSON."""

import json
import sys
from decimal import Decimal
from types import SimpleNamespace

from eth_account import Account
from pysdk import grvt_ccxt_utils as ccxt_like
from pysdk import grvt_raw_signing as raw
from pysdk.grvt_ccxt_env import GrvtEnv as CcxtEnv
from pysdk.grvt_raw_base import GrvtApiConfig, GrvtEnv
from pysdk.grvt_raw_types import Order, OrderLeg, OrderMetadata, Signature, TimeInForce


def order(given, account, config):
    """With the raw client's types."""
    leg = given["legs"][0]
    signed = raw.sign_order(
        Order(
            sub_account_id=given["sub_account_id"],
            time_in_force=TimeInForce[given["time_in_force"]],
            legs=[OrderLeg(leg["instrument"], leg["size"], leg["is_buying_asset"], leg["limit_price"])],
            signature=Signature("", "", "", 0, given["signature"]["expiration"], given["signature"]["nonce"]),
            metadata=OrderMetadata(client_order_id=given["metadata"]["client_order_id"]),
            is_market=given["is_market"],
            post_only=given["post_only"],
            reduce_only=given["reduce_only"],
        ),
        config,
        account,
        {leg["instrument"]: SimpleNamespace(base_decimals=9, instrument_hash=given["asset"])},
    )
    return {name: getattr(signed.signature, name) for name in ("signer", "r", "s", "v")}


def payload(given, key):
    """The whole request of the ccxt-like client."""
    leg = given["legs"][0]
    made = ccxt_like.GrvtOrder(
        sub_account_id=given["sub_account_id"],
        time_in_force=ccxt_like.TimeInForce[given["time_in_force"]],
        legs=[ccxt_like.GrvtOrderLeg(leg["instrument"], Decimal(leg["size"]), leg["is_buying_asset"], Decimal(leg["limit_price"]))],
        signature=ccxt_like.GrvtSignature("", "", "", 0, given["signature"]["expiration"], given["signature"]["nonce"]),
        metadata=ccxt_like.OrderMetadata(given["metadata"]["client_order_id"]),
        is_market=given["is_market"],
        post_only=given["post_only"],
        reduce_only=given["reduce_only"],
    )
    instruments = {leg["instrument"]: {"base_decimals": 9, "instrument_hash": given["asset"]}}
    return ccxt_like.get_order_payload(made, key, CcxtEnv.PROD, instruments)["order"]


def moved(given, account, config, sign):
    fields = {**given, "signature": SimpleNamespace(**given["signature"])}
    signed = sign(SimpleNamespace(**fields), config, account)
    return {name: getattr(signed.signature, name) for name in ("signer", "r", "s", "v")}


if __name__ == "__main__":
    asked = json.loads(sys.stdin.read())
    account = Account.from_key(asked["key"])
    config = GrvtApiConfig(GrvtEnv.PROD, None, asked["key"], None, None)
    print(
        json.dumps(
            {
                "orders": [order(each, account, config) for each in asked["orders"]],
                "payloads": [payload(each, asked["key"]) for each in asked["orders"]],
                "transfers": [moved(each, account, config, raw.sign_transfer) for each in asked["transfers"]],
                "withdrawals": [moved(each, account, config, raw.sign_withdrawal) for each in asked["withdrawals"]],
            }
        )
    )
