"""Orders and fills as they stand. Page: .../api/info-endpoint"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ccxt_dex import fills
from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.hyperliquid import parsing
from ccxt_dex.exchanges.hyperliquid.money import Money
from ccxt_dex.exchanges.hyperliquid.pages import never
from ccxt_dex.exchanges.hyperliquid.room import NONE, Params
from ccxt_dex.parts.past import PastOrders

UNIFIED = ("open", "closed", "canceled", "rejected", "expired")


class History(PastOrders, Money):
    past_words: ClassVar[Mapping[str, Any]] = {"closed": ("closed",), "canceled": ("canceled",), "over": ("closed", "canceled", "rejected")}

    # --- reading orders -----------------------------------------------------------------------------------------------------------------

    def parse_order_status(self, status: Any) -> Any:
        return parsing.order_status(status)

    def parse_order_type(self, status: Any) -> Any:
        return parsing.order_type(status)

    def parse_order(self, order: Any, market: Any = None) -> Any:
        """ccxt's, with unified words for time in force and status, and the user's own client id."""
        found = super().parse_order(order, market)
        tif = found["timeInForce"]
        found["timeInForce"] = parsing.time_in_force(tif)
        found["postOnly"] = None if tif is None else tif == "ALO"
        found["clientOrderId"] = self.user_client_id(found["clientOrderId"])
        if found["average"] is None and found["filled"]:
            found["cost"] = None  # size times limit price is not what it cost
        if found["status"] is not None and found["status"] not in UNIFIED:
            raise errors.BadResponse(f"{self.id} unknown order status {found['status']!r}")
        return found

    async def fetch_open_orders(self, symbol: Any = None, since: int | None = None, limit: int | None = None, params: Params = NONE) -> Any:
        """Resting and waiting orders: of the symbol's dex, or of all dexes."""
        await self.load_markets()
        market = None if symbol is None else self.market(symbol)
        rows = await self.open_rows(market, params)
        found = [self.parse_order({**row, "ccxtStatus": "open"}) for row in rows]
        found = [row for row in found if market is None or row["symbol"] == market["symbol"]]
        return self.filter_by_symbol_since_limit(self.sort_by(found, "timestamp"), market and market["symbol"], since, limit)

    async def open_rows(self, market: Any, params: Params = NONE) -> list[Any]:
        """frontendOpenOrders as the venue gives them, children of entries left to their parents."""
        address, params = self.handle_public_address("fetchOpenOrders", params)
        if params.get("dex") is not None:
            dexes = [str(params["dex"])]
        else:
            dexes = self.dexes() if market is None else [self.dex_of(market)]
        answers = await self.by_dex("frontendOpenOrders", dexes, user=address)
        rows = {row["oid"]: row for answer in answers.values() for row in answer}
        return list(rows.values())

    async def fetch_orders(self, symbol: Any = None, since: int | None = None, limit: int | None = None, params: Params = NONE) -> Any:
        """The account's latest 2000 orders; average price and fee from the fills."""
        await self.load_markets()
        address, params = self.handle_public_address("fetchOrders", params)
        name = None if symbol is None else self.market(symbol)["symbol"]
        latest: dict[str, Any] = {}
        for raw in await self.info("historicalOrders", user=address, **params):
            number = str((raw.get("order") or raw)["oid"])
            if number not in latest or int(raw.get("statusTimestamp") or 0) > int(latest[number].get("statusTimestamp") or 0):
                latest[number] = raw
        found = [self.parse_order(raw) for raw in latest.values()]
        found = [row for row in found if name is None or row["symbol"] == name]
        found = self.filter_by_symbol_since_limit(self.sort_by(found, "timestamp"), name, since, limit)
        return await self.with_fills(found, address)

    async def with_fills(self, found: list[Any], address: str) -> list[Any]:
        """Averages and fees of filled orders, from one list of fills."""
        if not any(fills.needs_repair(row) for row in found):
            return found
        try:
            trades = await self.fetch_my_trades(None, None, None, {"user": address})
        except errors.BaseError:
            return found
        return [fills.repair(row, trades) if fills.needs_repair(row) else row for row in found]

    async def past_orders(
        self, wanted: tuple[str, ...], symbol: str | None, since: int | None, limit: int | None, params: Params
    ) -> list[Any]:
        rows = await self.fetch_orders(symbol, None, None, params)
        return self.filter_by_since_limit([row for row in rows if row["status"] in wanted], since, limit, "timestamp")

    async def fetch_order(self, id: str, symbol: Any = None, params: Params = NONE) -> Any:
        """One order by the venue's number or by client order id, with average price and fee.

        :raises OrderNotFound: the venue knows no such order
        """
        await self.load_markets()
        client_id = params.get("clientOrderId") or params.get("client_id")
        address, _ = self.handle_public_address("fetchOrder", params)
        order = self.parse_order(await self.order_state(client_id or id, address, by_client=bool(client_id)))
        return await self.repair_order(order, {"user": address})

    async def order_state(self, identifier: Any, address: str, by_client: bool = False) -> Any:
        """The venue's orderStatus."""
        text = str(identifier)
        oid: Any = int(text) if text.isdigit() and not by_client else self.wire_client_id(text)
        answer = await self.info("orderStatus", user=address, oid=oid)
        return answer["order"]

    async def find_order(self, client_order_id: str, symbol: Any = None, params: Any = None) -> Any:
        """The order with a client id, None when the venue knows none."""
        await self.load_markets()
        address, _ = self.handle_public_address("fetchOrder", params or {})
        try:
            return self.parse_order(await self.order_state(client_order_id, address, by_client=True))
        except errors.OrderNotFound:
            return None

    # --- fills ----------------------------------------------------------------------------------------------------------------------------

    async def fetch_my_trades(self, symbol: Any = None, since: int | None = None, limit: int | None = None, params: Params = NONE) -> Any:
        """Own fills: the latest 2000, or from `since` on page by page."""
        await self.load_markets()
        address, params = self.handle_public_address("fetchMyTrades", params)
        name = None if symbol is None else self.market(symbol)["symbol"]
        rows = await (self.info("userFills", user=address) if since is None else self.fills_since(since, params.get("until"), address))
        until = params.get("until")
        trades = [self.parse_trade(row) for row in rows if until is None or int(row["time"]) <= int(until)]
        return self.filter_by_symbol_since_limit(self.sort_by(trades, "timestamp"), name, since, limit)

    async def fills_since(self, since: int, until: Any, address: str) -> list[Any]:
        """userFillsByTime gives at most 2000 rows, oldest first; the venue keeps 10000."""
        found: dict[Any, Any] = {}
        start = since
        for _ in range(5):
            fields = {"endTime": int(until)} if until is not None else {}
            page = await self.info("userFillsByTime", user=address, startTime=start, **fields)
            found.update(((row["tid"], row["oid"], row["side"]), row) for row in page)
            if len(page) < 2000:
                break
            start = max(int(row["time"]) for row in page)
        return list(found.values())

    def parse_ws_trade(self, trade: Any, market: Any = None) -> Any:
        """As over REST: the currency of the fee, maker or taker and the builder's fee are in the frame, ccxt's leaves them out."""
        if "users" in trade or "oid" not in trade:
            return self.parse_public_trade(trade, self.coin_market(trade.get("coin")))
        return self.parse_trade(trade, market)

    async def fetch_order_trades(
        self, id: str, symbol: Any = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> Any:
        """The fills of one order."""
        await self.load_markets()
        order = self.parse_order(await self.order_state(id, self.handle_public_address("fetchOrderTrades", params)[0]))
        return await self.picked_fills(order, since, limit, params)

    async def fetch_funding_history(
        self, symbol: Any = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> Any:
        """Funding payments: negative ones were paid. From `since` on, page by page; without it the latest."""
        await self.load_markets()
        address, params = self.handle_public_address("fetchFundingHistory", params)
        name = None if symbol is None else self.market(symbol)["symbol"]
        until = params.get("until")

        def enough(found: list[Any]) -> bool:
            coins = [row["delta"]["coin"] for row in found]
            return limit is not None and limit <= sum(name is None or self.coin_to_market_id(coin) == name for coin in coins)

        if since is None:
            raw = await self.latest_rows("userFunding", until, never if limit is None else enough, user=address)
        else:
            raw = await self.rows_from("userFunding", since, until, enough, user=address)
        rows = [self.parse_income(row) for row in raw]
        return self.filter_by_symbol_since_limit(self.sort_by(rows, "timestamp"), name, since, limit)
