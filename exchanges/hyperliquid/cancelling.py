"""Cancelling. Page: .../api/exchange-endpoint#cancel-order-s"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.hyperliquid import parsing, tables
from ccxt_dex.exchanges.hyperliquid.history import History
from ccxt_dex.exchanges.hyperliquid.room import NONE, Params


class Cancelling(History):
    # --- cancelling -----------------------------------------------------------------------------------------------------------------

    async def cancel_order(self, id: str, symbol: Any = None, params: Params = NONE) -> Any:
        """Cancel an order by the venue's number or by client order id.

        :raises OrderNotFound: never placed, cancelled or filled
        """
        if params.get("twap"):
            return await self.cancel_twap_order(id, symbol, self.omit(params, "twap"))
        return await self.cancel_one(id, symbol, params)

    async def cancel_order_ws(self, id: str, symbol: Any = None, params: Params = NONE) -> Any:
        """As `cancel_order`, over the socket."""
        return await self.cancel_one(id, symbol, params, over_ws=True)

    async def cancel_one(self, id: Any, symbol: Any, params: Params, over_ws: bool = False) -> Any:
        (result,) = await self.cancel_many(await self.targets([id], symbol, params), params, over_ws)
        if isinstance(result, Exception):
            raise result
        return result

    async def cancel_orders(self, ids: Sequence[str], symbol: Any = None, params: Params = NONE) -> list[Any]:
        """Cancel several orders in one action; one that could not be cancelled has no status and the venue's words in `info`.

        :raises OrderNotFound: when none of them could be cancelled
        """
        return self.cancelled_or_not(await self.cancel_many(await self.targets(list(ids), symbol, params), params))

    async def cancel_orders_ws(self, ids: Sequence[str], symbol: Any = None, params: Params = NONE) -> list[Any]:
        """As `cancel_orders`, over the socket."""
        return self.cancelled_or_not(await self.cancel_many(await self.targets(list(ids), symbol, params), params, over_ws=True))

    async def cancel_orders_for_symbols(self, orders: list[Any], params: Params = NONE) -> Any:
        """Cancel orders of several markets: [{"id" or "clientOrderId", "symbol"}]."""
        await self.load_markets()
        targets = [(self.market(row["symbol"]), row.get("clientOrderId") or row["id"], bool(row.get("clientOrderId"))) for row in orders]
        return self.cancelled_or_not(await self.cancel_many(targets, params))

    async def cancel_all_orders(self, symbol: Any = None, params: Params = NONE) -> list[Any]:
        """Cancel every open order of a market, or of all markets on all dexes: the open ones are read, then cancelled by number."""
        return await self.cancel_everything(symbol, params)

    async def cancel_all_orders_ws(self, symbol: Any = None, params: Params = NONE) -> list[Any]:
        """As `cancel_all_orders`, the cancels over the socket."""
        return await self.cancel_everything(symbol, params, over_ws=True)

    async def cancel_everything(self, symbol: Any, params: Params, over_ws: bool = False) -> list[Any]:
        await self.load_markets()
        market = None if symbol is None else self.market(symbol)
        targets = []
        for row in await self.open_rows(market, params):
            found = self.coin_market(row["coin"])
            if found is None:
                raise errors.BadSymbol(f"{self.id} an order is open in {row['coin']}, a market that is not loaded: load_markets(True)")
            if market is None or found["symbol"] == market["symbol"]:
                targets.append((found, str(row["oid"]), False))
        results = await self.cancel_many(targets, params, over_ws)
        unexpected = [result for result in results if isinstance(result, Exception) and not isinstance(result, errors.OrderNotFound)]
        if unexpected:
            raise unexpected[0]
        return [result for result in results if not isinstance(result, Exception)]

    async def targets(self, ids: list[Any], symbol: Any, params: Params) -> list[tuple[Any, Any, bool]]:
        """(market, identifier, by client id) of what is to be cancelled; without a symbol the venue is asked for the market."""
        await self.load_markets()
        named = params.get("clientOrderId") or params.get("client_id") or params.get("clientOrderIds")
        by_client = bool(named)
        if named:
            ids = list(named) if isinstance(named, (list, tuple)) else [named]
        if symbol is not None:
            return [(self.market(symbol), each, by_client) for each in ids]
        address, _ = self.handle_public_address("cancelOrder", params)
        states = await asyncio.gather(*(self.order_state(each, address, by_client) for each in ids))
        return [(self.market(self.parse_order(state)["symbol"]), each, by_client) for state, each in zip(states, ids, strict=True)]

    async def cancel_many(self, targets: Sequence[tuple[Any, Any, bool]], params: Params, over_ws: bool = False) -> list[Any]:
        """A cancelled order, or the exception, per target; numbers and client ids go in an action each."""
        vault, _ = self.acting_for(params)
        expires = params.get("expiresAfter")
        found: dict[int, Any] = {}
        for by_client in (False, True):
            rows = [
                (index, market, each) for index, (market, each, named) in enumerate(targets) if self.is_client_id(each, named) == by_client
            ]
            for at in range(0, len(rows), tables.CANCEL_CHUNK):
                chunk = rows[at : at + tables.CANCEL_CHUNK]
                action = self.cancel_action(chunk, by_client)
                answer = await self.act(action, vault, None if expires is None else int(expires), over_ws)
                outcomes = self.pure(parsing.outcomes, answer, len(chunk), parsing.CANCELLED)
                found.update(
                    (index, self.cancelled(market, each, by_client, row))
                    for (index, market, each), row in zip(chunk, outcomes, strict=True)
                )
        return [found[index] for index in range(len(targets))]

    def is_client_id(self, identifier: Any, named: bool) -> bool:
        return named or not str(identifier).isdigit()

    def cancel_action(self, chunk: Sequence[tuple[int, Any, Any]], by_client: bool) -> Params:
        if by_client:
            cancels: list[Params] = [{"asset": int(market["baseId"]), "cloid": self.wire_client_id(str(each))} for _, market, each in chunk]
            return {"type": "cancelByCloid", "cancels": cancels}
        return {"type": "cancel", "cancels": [{"a": int(market["baseId"]), "o": int(each)} for _, market, each in chunk]}

    def cancelled(self, market: Any, identifier: Any, by_client: bool, row: Params) -> Any:
        if "error" in row:
            error = self.venue_error(row["error"], tables.ORDER_REFUSED)
            error.target = (market["symbol"], str(identifier))  # type: ignore[attr-defined]
            return error
        names = {"id": None if by_client else str(identifier), "clientOrderId": str(identifier) if by_client else None}
        return self.safe_order({**names, "symbol": market["symbol"], "status": "canceled", "info": dict(row)}, market)

    def cancelled_or_not(self, results: list[Any]) -> list[Any]:
        if results and all(isinstance(result, Exception) for result in results):
            raise results[0]
        rows = []
        for result in results:
            if isinstance(result, Exception):
                symbol, identifier = result.target  # type: ignore[attr-defined]
                info = {"error": type(result).__name__, "message": str(result)}
                result = self.safe_order({"id": identifier, "symbol": symbol, "status": None, "info": info})
            rows.append(result)
        return rows

    async def cancel_all_orders_after(self, timeout: Any, params: Params = NONE) -> Any:
        """Dead man's switch: all orders are cancelled in `timeout` ms unless this is called again; 0 disarms it (ccxt's: cancels now).

        The venue wants at least 5 s, an account with 1 M USD of volume, and grants 10 triggers a day.
        """
        await self.load_markets()
        vault, _ = self.acting_for(params)
        action: Params = {"type": "scheduleCancel"}
        if timeout:
            action["time"] = self.server_milliseconds() + int(timeout)
        return await self.act(action, vault)
