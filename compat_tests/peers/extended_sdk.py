"""The official SDK (x10-python-trading-starknet) in an environment of its own: what it signs, or a trader on the paper venue."""

import asyncio
import json
import sys
from dataclasses import replace
from datetime import datetime, timezone
from decimal import Decimal

from x10.config import MAINNET_CONFIG, TESTNET_CONFIG
from x10.core.stark_account import StarkPerpetualAccount
from x10.models.market import MarketModel
from x10.models.order import OrderPriceType, OrderSide, OrderTpslType, OrderTriggerDirection, OrderTriggerPriceType, OrderType, TimeInForce
from x10.signing.order_object import OrderConditionalTriggerParam, OrderTpslTriggerParam, create_order_object
from x10.utils.date import to_epoch_millis


def account_of(given):
    return StarkPerpetualAccount(given["vault"], given["key"], given["public"], given["api_key"])


def signed(given):
    """Bodies of orders, as the SDK would post them."""
    market = MarketModel.model_validate(given["market"])
    found = []
    for each in given["orders"]:
        legs = {
            name: OrderTpslTriggerParam(
                trigger_price=Decimal(each[name]["triggerPrice"]),
                trigger_price_type=OrderTriggerPriceType(each[name]["triggerPriceType"]),
                price=Decimal(each[name]["price"]),
                price_type=OrderPriceType(each[name]["priceType"]),
            )
            for name in ("takeProfit", "stopLoss")
            if name in each
        }
        trigger = each.get("trigger")
        order = create_order_object(
            account=account_of(given),
            market=market,
            amount_of_synthetic=Decimal(each["qty"]),
            price=Decimal(each["price"]),
            side=OrderSide(each["side"]),
            starknet_domain=(TESTNET_CONFIG if each["testnet"] else MAINNET_CONFIG).signing.starknet_domain,
            order_type=OrderType(each["type"]),
            post_only=each["postOnly"],
            reduce_only=each["reduceOnly"],
            expire_time=datetime.fromtimestamp(each["expiryEpochMillis"] / 1000, tz=timezone.utc),
            order_external_id=each["id"],
            time_in_force=TimeInForce(each["timeInForce"]),
            nonce=int(each["nonce"]),
            taker_fee=Decimal(each["fee"]),
            builder_fee=Decimal(each["builderFee"]) if "builderFee" in each else None,
            builder_id=int(each["builderId"]) if "builderId" in each else None,
            previous_order_external_id=each.get("cancelId"),
            trigger=trigger
            and OrderConditionalTriggerParam(
                trigger_price=Decimal(trigger["triggerPrice"]),
                trigger_price_type=OrderTriggerPriceType(trigger["triggerPriceType"]),
                direction=OrderTriggerDirection(trigger["direction"]),
                execution_price_type=OrderPriceType(trigger["executionPriceType"]),
            ),
            tp_sl_type=OrderTpslType.ORDER if legs else None,
            take_profit=legs.get("takeProfit"),
            stop_loss=legs.get("stopLoss"),
        )
        assert to_epoch_millis(datetime.fromtimestamp(each["expiryEpochMillis"] / 1000, tz=timezone.utc)) == each["expiryEpochMillis"]
        found.append(order.to_api_request_json(exclude_none=True))
    return found


async def trade(given):
    """Markets, an order that rests, is read and cancelled, one that fills, position, balance, stream."""
    from x10.clients.rest.rest_api_client import RestApiClient
    from x10.clients.stream.stream_client import StreamClient

    endpoints = replace(
        MAINNET_CONFIG.endpoints, api_base_url=given["rest"], api_base_order_management_url=given["rest"], stream_url=given["ws"]
    )
    config = replace(MAINNET_CONFIG, endpoints=endpoints)
    client = RestApiClient(config, account_of(given))
    try:
        markets = await client.info.get_markets_dict()
        seen = {"markets": sorted(markets)}
        me = (await client.account.get_account()).data
        seen["account"] = [me.l2_vault == given["vault"], int(me.l2_key, 16) == int(given["public"], 16)]
        fee = (await client.account.get_fees(market_names=["BTC-USD"])).data[0].taker_fee_rate
        book = (await client.info.get_orderbook_snapshot(market_name="BTC-USD")).data
        bid, ask = book.bid[0].price, book.ask[0].price
        resting = await client.place_order("BTC-USD", Decimal("0.01"), bid - 500, OrderSide.BUY, fee)
        seen["resting"] = str((await client.account.get_order_by_id(resting.data.id)).data.status)
        await client.orders.cancel_order(resting.data.id)
        for _ in range(200):
            status = str((await client.account.get_order_by_id(resting.data.id)).data.status)
            if status == "CANCELLED":
                break
            await asyncio.sleep(0.02)
        seen["cancelled"] = status
        async with StreamClient(api_url=given["ws"]).subscribe_to_account_updates(given["api_key"]) as stream:
            taken = await client.place_order("BTC-USD", Decimal("0.01"), ask + 100, OrderSide.BUY, fee, time_in_force=TimeInForce.IOC)
            async for message in stream:
                if message.data and message.data.trades:
                    seen["streamed"] = [[trade.order_id == taken.data.id, str(trade.qty)] for trade in message.data.trades]
                    break
        async with StreamClient(api_url=given["ws"]).subscribe_to_orderbooks("BTC-USD") as stream:
            async for message in stream:
                seen["book"] = [message.type, len(message.data.bid) > 10]
                break
        seen["positions"] = [[str(row.side), str(row.size)] for row in (await client.account.get_positions()).data]
        seen["equity"] = float((await client.account.get_balance()).data.equity)
        seen["trades"] = [str(row.qty) for row in (await client.account.get_trades(market_names=["BTC-USD"])).data]
        return seen
    finally:
        await client.close()


if __name__ == "__main__":
    asked = json.loads(sys.stdin.read())
    print(json.dumps(signed(asked) if "orders" in asked else asyncio.run(trade(asked))))
