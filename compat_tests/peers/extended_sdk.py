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


def moved(given):
    """Bodies of a transfer and of a withdrawal, as the SDK would post them."""
    from x10.core.amount import SettlementAsset
    from x10.signing.transfer_object import create_transfer_object
    from x10.signing.withdrawal_object import create_withdrawal_object

    config = TESTNET_CONFIG if given["testnet"] else MAINNET_CONFIG
    asset = SettlementAsset(name="USD", precision=6, is_collateral=True, starkex_id="0x1", starkex_resolution=1000000)
    common = {
        "amount": Decimal(given["amount"]),
        "asset": asset,
        "stark_account": account_of(given),
        "config": config,
        "nonce": given["nonce"],
    }
    vault, key = given["receiver"]
    transfer = create_transfer_object(from_vault=given["vault"], to_vault=vault, to_l2_public_key=int(key, 16), **common)
    withdrawal = create_withdrawal_object(recipient_stark_address=given["address"], account_id=given["account"], chain_id="STRK", **common)
    return [each.to_api_request_json(exclude_none=True) for each in (transfer, withdrawal)]


def topics():
    """What the SDK asks v2/rpc for, and under which names."""
    from x10.clients.streamrpc import subscription_params as of

    made = [of.TradesParams(), of.TradesParams(market="BTC-USD"), of.FundingRatesParams(), of.FundingRatesParams(market="BTC-USD")]
    made += [of.OrderbooksParams(market=market, depth=depth) for market in (None, "BTC-USD") for depth in ("full", "1")]
    made += [of.PricesParams(price_type=kind, market=market) for kind in ("mark", "index") for market in (None, "BTC-USD")]
    made += [of.CandlesParams(candle_type=kind, market="BTC-USD", interval="PT1M") for kind in ("last", "mark", "index")]
    return [[each.topic_id, each.to_dict()] for each in made]


async def streamed(given):
    """Topics of v2/rpc over one connection of the SDK's client."""
    from x10.clients.streamrpc import subscription_params as of
    from x10.clients.streamrpc.streamrpc_client import StreamRpcClient

    seen, breaks, enough = {}, [], asyncio.Event()

    async def on_break(*what):
        breaks.append(what)

    def take(message):
        seen.setdefault(message.subscription, []).append([message.type, message.seq])
        if len(seen) == 5 and len(seen["orderbooks.BTC-USD"]) > 3:
            enough.set()

    asked = [of.OrderbooksParams(market="BTC-USD"), of.OrderbooksParams(depth="1"), of.TradesParams(market="BTC-USD")]
    asked += [of.PricesParams(price_type="mark"), of.CandlesParams(candle_type="last", market="BTC-USD", interval="PT1M")]
    async with StreamRpcClient(api_url=given["rpc"], on_sequence_break=on_break) as client:
        for params in asked:
            await client.subscribe(params=params, handler=take)
        await asyncio.wait_for(enough.wait(), 30)
        await client.unsubscribe(topic_id="trades.BTC-USD")
        listed = await client.list_subscriptions()
        await client.ping()
    types = {name: sorted({kind for kind, _ in rows}) for name, rows in seen.items()}
    return {"types": types, "breaks": breaks, "listed": listed, "first": min(seq for rows in seen.values() for _, seq in rows)}


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
        if "receiver" in given:
            from x10.core.amount import SettlementAsset

            asset = SettlementAsset(name="USD", precision=6, is_collateral=True, starkex_id="0x1", starkex_resolution=1000000)
            vault, key = given["receiver"]
            sent = await client.account.transfer(to_vault=vault, to_l2_public_key=key, amount=Decimal("7.5"), asset=asset)
            seen["transferred"] = sent.data.valid_signature
            seen["withdrawn"] = (await client.account.withdraw(Decimal("1"), asset, stark_address="0x" + "1" * 60)).data > 0
        seen["trades"] = [str(row.qty) for row in (await client.account.get_trades(market_names=["BTC-USD"])).data]
        return seen
    finally:
        await client.close()


if __name__ == "__main__":
    asked = json.loads(sys.stdin.read())
    if "orders" in asked:
        found = signed(asked)
    elif "amount" in asked:
        found = moved(asked)
    elif "rpc" in asked:
        found = [topics(), asyncio.run(streamed(asked))]
    else:
        found = asyncio.run(trade(asked))
    print(json.dumps(found))
