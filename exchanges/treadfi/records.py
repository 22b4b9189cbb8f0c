"""Orders as Tread tells them, and the account there; everything else that can be read of the venue is read at the venue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.treadfi import orders, parsing, tables
from ccxt_dex.exchanges.treadfi.login import NONE, Params
from ccxt_dex.exchanges.treadfi.tread import Order, Row, Tread


class Records(Tread):
    """Part of a flavour."""

    # --- read -------------------------------------------------------------------------------------------------------------------------

    async def find_order(self, client_order_id: str, symbol: str | None = None, params: Params | None = None) -> Any:
        """The order with this custom id of this account."""
        await self.load_markets()
        await self.load_pairs()
        request = {"custom_order_ids": client_order_id, "account_names": self.tread_account()}
        rows = self.pure(parsing.rows, await self.call("tread_get_api_orders", request))
        hit = next((row for row in rows if row.get("custom_order_id") == client_order_id and self.mine(row)), None)
        return None if hit is None else self.tread_order(hit)

    async def fetch_order(self, id: str, symbol: str | None = None, params: Params = NONE) -> Order:
        """One order by Tread's id (or params['clientOrderId']).

        :raises OrderNotFound: Tread does not know it
        """
        await self.load_markets()
        custom = params.get("clientOrderId") or self._by_id.get(str(id), {}).get("clientOrderId")
        if custom:
            order = await self.find_order(str(custom), symbol)
            if order is not None:
                found: Order = order
                return found
            if params.get("clientOrderId"):
                raise errors.OrderNotFound(f"{self.id} no order has the client order id {custom}")
        row = await self.call("tread_get_api_order_summary_id", {"id": id})
        if not isinstance(row, Mapping) or not row.get("status"):
            raise errors.OrderNotFound(f"{self.id} order {id} does not exist")
        return self.tread_order({**row, "id": str(id)})

    async def fetch_open_orders(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Order]:
        """Orders that Tread is working on for this account."""
        await self.load_markets()
        name = symbol and self.market(symbol)["symbol"]
        await self.load_pairs()
        rows = self.pure(parsing.rows, await self.call("tread_get_api_active_orders"))
        found = [order for order in (self.tread_order(row) for row in rows if self.mine(row)) if order["status"] == "open"]
        return self.filter_by_symbol_since_limit(self.sort_by(found, "timestamp"), name, since, limit, since is None)

    async def _list(
        self, symbol: str | None, since: int | None, limit: int | None, params: Params, statuses: str | None, keep: Any
    ) -> list[Order]:
        await self.load_markets()
        name = symbol and self.market(symbol)["symbol"]
        await self.load_pairs()
        request: Params = {"account_names": self.tread_account(), "page_size": tables.PAGE}
        if statuses:
            request["statuses"] = statuses
        if since is not None:
            request["after"] = self.iso8601(since - 1)
        if params.get("until") is not None:
            request["before"] = self.iso8601(int(params["until"]) + 1)
        found: dict[str, Order] = {}
        for page in range(1, int(self.options.get("maxPages", 20)) + 1):
            rows = self.pure(parsing.rows, await self.call("tread_get_api_orders", {**request, "page": page}))
            orders = [self.tread_order(row) for row in rows if self.mine(row)]
            found.update((order["id"], order) for order in orders if keep is None or order["status"] in keep)
            if len(rows) < tables.PAGE:
                break
        ordered = self.sort_by(list(found.values()), "timestamp")
        return self.filter_by_symbol_since_limit(ordered, name, since, limit, since is None)

    async def fetch_orders(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Order]:
        """Orders of the last twelve months."""
        return await self._list(symbol, since, limit, params, None, None)

    async def fetch_closed_orders(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Order]:
        """Orders that were carried out."""
        return await self._list(symbol, since, limit, params, "COMPLETE", {"closed"})

    async def fetch_canceled_orders(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Order]:
        """Orders that were cancelled, by the user or because the venue refused them."""
        return await self._list(symbol, since, limit, params, "CANCELED", {"canceled", "rejected"})

    async def fetch_canceled_and_closed_orders(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Order]:
        """Every order that is no longer open."""
        return await self._list(symbol, since, limit, params, "COMPLETE,CANCELED", {"closed", "canceled", "rejected"})

    # --- account ----------------------------------------------------------------------------------------------------------------------

    async def fetch_accounts(self, params: Params = NONE) -> list[Any]:
        """The user's accounts at Tread, of all venues, archived and invalid ones left out."""
        rows = self.pure(parsing.rows, await self.call("tread_get_api_accounts"), "accounts")
        good = [row for row in rows if row.get("valid", True) and not row.get("archived")]
        return [{"id": row.get("id"), "type": row.get("exchange"), "name": row.get("name"), "code": None, "info": row} for row in good]

    async def tread_account_id(self) -> str:
        """Tread's id of the account, looked up once.

        :raises AuthenticationError: the user has no such account, or it is another venue's
        """
        if self._account_id is None:
            name = self.tread_account().rpartition("/")[2]
            hit = next((each for each in await self.fetch_accounts() if each["name"] == name), None)
            if hit is None:
                raise errors.AuthenticationError(f"{self.id} Tread knows no account {name}")
            if str(hit["type"]).lower() != self.exchange_name.lower():
                raise errors.AuthenticationError(f"{self.id} Tread's account {name} is one of {hit['type']}, not of {self.exchange_name}")
            self._account_id = str(hit["id"])
        return self._account_id

    async def set_leverage(self, leverage: int, symbol: str | None = None, params: Params = NONE) -> Any:
        """Set a market's leverage; the margin mode stays as it is."""
        if symbol is None:
            raise errors.ArgumentsRequired(f"{self.id} set_leverage() requires a symbol argument")
        await self.load_markets()
        number = self.pure(orders.leverage, leverage, self.market(symbol)["limits"]["leverage"]["max"])
        request = {"account_ids": [await self.tread_account_id()], "pair": await self.pair_of(symbol)}
        if self.by_token():
            return self._leverage_answer(await self.call("tread_post_api_set_leverage", {**request, "leverage": str(number)}))
        return await self._set_both(request, number, str((await self.fetch_leverage(symbol))["marginMode"]))

    async def set_margin_mode(self, marginMode: str, symbol: str | None = None, params: Params = NONE) -> Any:
        """Set "cross" or "isolated"; Tread's request sets the leverage too, which stays as it is unless params['leverage'] says otherwise.

        :raises MarginModeAlreadySet: nothing would change
        """
        if symbol is None:
            raise errors.ArgumentsRequired(f"{self.id} set_margin_mode() requires a symbol argument")
        await self.load_markets()
        mode = str(marginMode).lower()
        if mode not in ("cross", "isolated"):
            raise errors.BadRequest(f"{self.id} margin mode must be cross or isolated, got {marginMode!r}")
        current = await self.fetch_leverage(symbol)
        wanted = params.get("leverage") or current["longLeverage"]
        number = self.pure(orders.leverage, wanted, self.market(symbol)["limits"]["leverage"]["max"])
        if number == current["longLeverage"]:
            self.refuse_same_margin_mode(current["marginMode"], mode, symbol)
        return await self._set_both({"account_ids": [await self.tread_account_id()], "pair": await self.pair_of(symbol)}, number, mode)

    async def _set_both(self, request: Row, leverage: int, mode: str) -> Any:
        answer = await self.call("tread_post_internal_sor_set_leverage", {**request, "leverage": leverage, "margin_mode": mode.upper()})
        return self._leverage_answer(answer)

    def _leverage_answer(self, answer: Any) -> Any:
        text = parsing.error_text(answer)
        if not parsing.succeeded(answer):
            raise errors.OperationRejected(f"{self.id} set_leverage: {text[:200]}")
        return answer
