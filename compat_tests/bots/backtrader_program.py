"""A backtrader strategy that buys on the first live bar and ends when its order is done. Ours for a store, or bt-ccxt-store itself."""

import datetime
import json
import os
import sys
import time

import backtrader as bt

given = json.load(sys.stdin)
told = {"bars": 0, "notes": [], "orders": [], "closes": [], "cash": None}


class Once(bt.Strategy):
    live, order = False, None

    def notify_data(self, data, status, *args, **kwargs):
        told["notes"].append(data._getstatusname(status))
        self.live = data._getstatusname(status) == "LIVE"

    def notify_order(self, order):
        told["orders"].append([order.getstatusname(), order.executed.size, order.executed.price])
        if order.status in (order.Completed, order.Canceled):
            finish()

    def next(self):
        told["bars"] += 1
        told["closes"].append(
            [int(self.data.datetime.datetime(0).replace(tzinfo=datetime.timezone.utc).timestamp() * 1000), self.data.close[0]]
        )
        if self.order is None and len(self) >= given["bars"]:
            told["cash"] = self.broker.getcash()
            self.order = self.buy(size=given["size"], exectype=bt.Order.Limit, price=given["price"])


def finish():
    print(json.dumps(told), flush=True)
    os._exit(0)  # cerebro.run() of a live feed has no end of its own


cerebro = bt.Cerebro(quicknotify=True)
since = datetime.datetime.fromtimestamp(time.time() - 1800, datetime.timezone.utc).replace(tzinfo=None)
if given["store"] == "bt-ccxt-store":
    sys.path.insert(0, given["path"])
    from ccxtbt import CCXTStore

    store = CCXTStore(exchange=given["exchange"], currency=given["currency"], config=given["config"], retries=2)
    types = {bt.Order.Market: "market", bt.Order.Limit: "limit"}
    endings = {"closed_order": {"key": "status", "value": "closed"}, "canceled_order": {"key": "status", "value": "canceled"}}
    cerebro.setbroker(store.getbroker(broker_mapping={"order_types": types, "mappings": endings}))
    how = {"timeframe": bt.TimeFrame.Minutes, "compression": 1, "fromdate": since, "ohlcv_limit": 100, "drop_newest": True}
    cerebro.adddata(store.getdata(dataname=given["symbol"], name="BTC", **how))
else:
    sys.path.insert(0, os.path.dirname(__file__))
    import backtrader_store

    store = backtrader_store.Store(given["exchange"], given["currency"], given["config"])
    cerebro.setbroker(backtrader_store.Broker(store))
    cerebro.adddata(backtrader_store.Feed(dataname=given["symbol"], store=store, timeframe=bt.TimeFrame.Minutes, compression=1))
cerebro.addstrategy(Once)
cerebro.run()
