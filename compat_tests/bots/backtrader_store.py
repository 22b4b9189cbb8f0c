"""A backtrader store, broker and feed on ccxt's blocking interface: what bt-ccxt-store does, in the least that a live strategy needs."""

import collections
import datetime
import time

import backtrader as bt
import ccxt
from backtrader.position import Position

UTC = datetime.timezone.utc


class Store:
    """One exchange by its name, shared by feed and broker."""

    def __init__(self, exchange, currency, config):
        self.exchange = getattr(ccxt, exchange)(config)
        self.currency = currency
        self.exchange.load_markets()

    def balance(self):
        found = self.exchange.fetch_balance()
        return found["free"][self.currency] or 0.0, found["total"][self.currency] or 0.0


class Feed(bt.feed.DataBase):
    """Candles: the last ones at once, then each new one when it is closed."""

    params = (("store", None), ("ccxt_timeframe", "1m"), ("history", 30))

    def start(self):
        super().start()
        self.waiting, self.newest, self.live = collections.deque(), 0, False
        self.put_notification(self.DELAYED)
        self.fetch(self.p.history)

    def islive(self):
        return True

    def fetch(self, limit):
        rows = self.p.store.exchange.fetch_ohlcv(self.p.dataname, self.p.ccxt_timeframe, None, limit)
        for row in rows[:-1]:  # the last one is still growing
            if row[0] > self.newest:
                self.waiting.append(row)
                self.newest = row[0]

    def _load(self):
        if not self.waiting:
            if not self.live:
                self.live = True
                self.put_notification(self.LIVE)
            self.fetch(3)
        if not self.waiting:
            return None
        stamp, *values = self.waiting.popleft()
        self.lines.datetime[0] = bt.date2num(datetime.datetime.fromtimestamp(stamp / 1000, UTC).replace(tzinfo=None))
        for line, value in zip(("open", "high", "low", "close", "volume"), values, strict=False):
            getattr(self.lines, line)[0] = value
        return True


class Order(bt.order.OrderBase):
    """backtrader's order around ccxt's."""

    def __init__(self, owner, data, exectype, found):
        self.owner, self.data, self.exectype, self.found = owner, data, exectype, found
        self.ordtype = self.Buy if found["side"] == "buy" else self.Sell
        self.size, self.price, self.seen = found["amount"], found["price"], 0.0
        super().__init__()


class Broker(bt.broker.BrokerBase):
    """Orders go to the venue; fills come back by asking for the open ones."""

    TYPES = {bt.Order.Market: "market", bt.Order.Limit: "limit", None: "market"}

    def __init__(self, store):
        super().__init__()
        self.store, self.open, self.told = store, [], collections.deque()
        self.positions = collections.defaultdict(Position)
        self.startingcash, self.startingvalue = self.cash, self.value = store.balance()

    def getcash(self):
        return self.cash

    def getvalue(self, datas=None):
        return self.value

    def getposition(self, data, clone=True):
        return self.positions[data._dataname].clone()

    def get_notification(self):
        return self.told.popleft() if self.told else None

    def buy(self, owner, data, size, price=None, plimit=None, exectype=None, **kwargs):
        return self.submit_to_venue(owner, data, exectype, "buy", size, price)

    def sell(self, owner, data, size, price=None, plimit=None, exectype=None, **kwargs):
        return self.submit_to_venue(owner, data, exectype, "sell", size, price)

    def submit_to_venue(self, owner, data, exectype, side, size, price):
        made = self.store.exchange.create_order(data._dataname, self.TYPES[exectype], side, size, price)
        found = self.store.exchange.fetch_order(made["id"], data._dataname)
        order = Order(owner, data, exectype, {**found, "amount": size})
        order.addcomminfo(self.getcommissioninfo(data))
        order.submit(self)
        order.accept(self)
        self.open.append(order)
        self.told.append(order.clone())
        return order

    def cancel(self, order):
        self.store.exchange.cancel_order(order.found["id"], order.data._dataname)

    def next(self):
        for order in list(self.open):
            found = self.store.exchange.fetch_order(order.found["id"], order.data._dataname)
            if found["filled"] > order.seen:
                self.executed(order, found)
            if found["status"] in ("closed", "canceled", "rejected", "expired"):
                self.open.remove(order)
                order.completed() if found["status"] == "closed" else order.cancel()
                self.told.append(order.clone())
                self.cash, self.value = self.store.balance()

    def executed(self, order, found):
        size = (found["filled"] - order.seen) * (1 if order.isbuy() else -1)
        price, order.seen = found["average"] or found["price"], found["filled"]
        position = self.positions[order.data._dataname]
        total, average, opened, closed = position.update(size, price)
        order.execute(time.time(), size, price, closed, closed * price, 0.0, opened, opened * price, 0.0, 0.0, 0.0, total, average)
