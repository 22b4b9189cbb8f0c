"""Reading orders and fills back, and whose client order id an order has: the venue keeps none, this instance does."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.variational import orders, parsing, tables
from ccxt_dex.exchanges.variational.account import Account
from ccxt_dex.exchanges.variational.room import NONE, Params
from ccxt_dex.parts.past import PastOrders

OWN_PARAMS = ["clientOrderId", "until", "trigger", "stop", "paginate", "instrument"]  # a list: ccxt's omit takes no tuples
REMEMBERED = 5000
SKEW_MS = 2000
"""how far the venue's stamp of an order may lie before our reading of its clock when the order left"""


@dataclass
class Sent:
    """An order of this instance.

    :ivar asked: its fingerprint; None until it is about to be sent
    :ivar sent: the venue's clock then, unix ms
    :ivar rfq_id: what the venue calls it, once known
    :ivar flying: its acknowledgement is awaited
    """

    asked: dict[str, Any] | None = None
    sent: int = 0
    rfq_id: str | None = None
    flying: bool = False


class History(PastOrders, Account):
    past_words: ClassVar[Mapping[str, Any]] = {"closed": "cleared", "canceled": "canceled", "over": "cleared,canceled"}

    _sent: OrderedDict[str, Sent]

    def _fresh_state(self) -> None:
        super()._fresh_state()
        self._sent = OrderedDict()
        self._client_ids: dict[str, str] = {}

    # --- client order ids ---------------------------------------------------------------------------------------------------------------

    def remember_order(self, client_id: str) -> Sent:
        """:raises DuplicateOrderId: this instance has used it already"""
        known = self._sent.get(client_id)
        if known is not None and known.asked is not None:
            raise errors.DuplicateOrderId(f"{self.id} client order id {client_id} was used already")
        entry = self._sent[client_id] = Sent()
        while len(self._sent) > REMEMBERED:
            _, old = self._sent.popitem(last=False)
            self._client_ids.pop(old.rfq_id or "", None)
        return entry

    def bind(self, client_id: str, entry: Sent, rfq_id: str) -> None:
        entry.rfq_id = rfq_id
        self._client_ids[rfq_id] = client_id

    def rfq_of(self, id: Any, params: Params = NONE) -> str:
        """The venue's id behind an id or client order id.

        :raises OrderNotFound: for a client order id that is not of this instance
        """
        given = params.get("clientOrderId")
        name = str(given if given not in (None, "") else id or "")
        if not name:
            raise errors.ArgumentsRequired(f"{self.id} an order id or params['clientOrderId'] is needed")
        known = self._sent.get(name)
        if known is not None and known.rfq_id:
            return known.rfq_id
        if given not in (None, ""):
            raise errors.OrderNotFound(f"{self.id} no order of client order id {given} is known here: the venue keeps none")
        return name

    async def find_order(self, client_order_id: str, symbol: str | None = None, params: Params | None = None) -> Any:
        """The order that was sent under a client order id; None when none like it is there.

        Without an acknowledgement it is recognised by what was asked for (instrument, side, size, kind, prices, reduce-only) among the orders
        made since it was sent that belong to no other order of this instance.

        :raises NetworkError: when several could be it, or the id is not of this instance
        """
        entry = self._sent.get(client_order_id)
        if entry is None:
            raise errors.NetworkError(f"{self.id} keeps no client order ids: {client_order_id} was not sent from here")
        if entry.rfq_id:
            row = await self.find_row(entry.rfq_id)
            return None if row is None else self.parse_order(row)
        if entry.asked is None:
            return None
        if any(other.flying and other is not entry and other.asked == entry.asked for other in self._sent.values()):
            raise errors.NetworkError(f"{self.id} another order like {client_order_id} is under way")
        rows = await self.pages("private_get_orders_v2", {}, entry.sent - SKEW_MS)
        fitting = [row for row in rows if str(row.get("rfq_id")) not in self._client_ids and orders.matches(entry.asked, row)]
        if len(fitting) > 1:
            raise errors.NetworkError(f"{self.id} {len(fitting)} orders could be {client_order_id}")
        if not fitting:
            return None
        self.bind(client_order_id, entry, self.pure(parsing.need, fitting[0], "rfq_id", "order"))
        return self.parse_order(fitting[0])

    # --- orders -----------------------------------------------------------------------------------------------------------------------

    def parse_order(self, order: dict[str, Any], market: Any = None) -> Any:
        """A row of orders/v2."""
        found = self.pure(parsing.order, order)
        market = self.named(self.spell(order), market)
        extra = {
            "clientOrderId": self._client_ids.get(found["id"]),
            "symbol": market["symbol"],
            "datetime": self.iso8601(found["timestamp"]),
        }
        fee = {"currency": tables.SETTLE, "cost": self.parse_number("0")}
        return self.safe_order({**found, **extra, "fee": fee, "trades": [], "info": order}, market)

    async def find_row(self, rfq_id: str) -> dict[str, Any] | None:
        """An order's row: there is no look-up by id, so the newest page, the pending ones and older pages are searched, in this order."""
        for request, most in (({}, 1), ({"status": "pending"}, self.deep()), ({}, self.deep())):
            for row in await self.pages("private_get_orders_v2", dict(request), most=most) if most == 1 else await self.deep_pages(request):
                if str(row.get("rfq_id")) == rfq_id:
                    return row
        return None

    def deep(self) -> int:
        return int(self.options.get("searchPages", 5))

    async def deep_pages(self, request: Params) -> list[dict[str, Any]]:
        return await self.pages("private_get_orders_v2", dict(request), limit=self.deep() * tables.PAGE)

    async def fetch_order(self, id: str, symbol: str | None = None, params: Params = NONE) -> Any:
        """One order by the venue's id (rfq_id), or by a client order id of this instance.

        :raises OrderNotFound: when it is neither pending nor among the newest ones (options["searchPages"] pages of 100)
        """
        await self.load_markets()
        rfq_id = self.rfq_of(id, params)
        row = await self.find_row(rfq_id)
        if row is None:
            raise errors.OrderNotFound(f"{self.id} order {id} is not there")
        return self.parse_order(row)

    async def past_orders(
        self, wanted: str | None, symbol: str | None, since: int | None, limit: int | None, params: Params, all_pages: bool = False
    ) -> list[Any]:
        await self.load_markets()
        name = None if symbol is None else self.market(symbol)["symbol"]
        request = self.omit(params, OWN_PARAMS)
        if wanted is not None:
            request["status"] = wanted
        most = int(self.options.get("maxPages", 20)) * tables.PAGE if all_pages or name is not None else limit
        rows = await self.pages("private_get_orders_v2", request, since, most, params.get("until"))
        parsed = [self.parse_order(raw) for raw in rows]
        return self.filter_by_symbol_since_limit(self.sort_by(parsed, "timestamp"), name, since, limit, since is None)

    async def fetch_open_orders(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Any]:
        """Pending orders, stop-losses and take-profits among them."""
        return await self.past_orders("pending", symbol, since, limit, params, all_pages=True)

    async def fetch_orders(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Any]:
        """Orders in every state, oldest first; the instrument filter is applied here, because a wrong one would be answered with everything.

        :param since: unix milliseconds
        :param params: `until` in unix milliseconds
        """
        return await self.past_orders(None, symbol, since, limit, params)

    # --- fills ------------------------------------------------------------------------------------------------------------------------

    def parse_trade(self, trade: dict[str, Any], market: Any = None) -> Any:
        """An own fill."""
        found = self.pure(parsing.trade, trade)
        market = self.named(self.spell(trade), market)
        extra = {"symbol": market["symbol"], "datetime": self.iso8601(found["timestamp"]), "type": None, "info": trade}
        return self.safe_trade({**found, **extra}, market)

    async def fetch_my_trades(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Any]:
        """Own fills that are final, oldest first; trades still being booked are left out.

        :param since: unix milliseconds
        :param params: `until` in unix milliseconds
        """
        await self.load_markets()
        wanted = None if symbol is None else self.market(symbol)["symbol"]
        most = limit if wanted is None else int(self.options.get("maxPages", 20)) * tables.PAGE
        rows = await self.pages("private_get_trades", self.omit(params, OWN_PARAMS), since, most, params.get("until"))
        fills = [self.parse_trade(raw) for raw in rows if parsing.is_fill(raw)]
        return self.filter_by_symbol_since_limit(self.sort_by(fills, "timestamp"), wanted, since, limit, since is None)

    async def fetch_order_trades(
        self, id: str, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Any]:
        """The fill of one order: one, because orders fill whole."""
        rfq_id = self.rfq_of(id, params)
        trades = await self.fetch_my_trades(symbol, since, None, self.omit(params, "clientOrderId"))
        return [row for row in trades if row["order"] == rfq_id][:limit]
