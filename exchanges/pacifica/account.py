"""Balance, positions, leverage and margin, moves of money."""

from __future__ import annotations

import asyncio
from typing import Any

from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.pacifica import orders, parsing
from ccxt_dex.exchanges.pacifica.history import History
from ccxt_dex.exchanges.pacifica.market_data import MarketData
from ccxt_dex.exchanges.pacifica.room import NONE, Params, Row


class Account(MarketData, History):
    """Part of the room."""

    async def account_row(self, params: Params = NONE) -> Row:
        """GET account; nothing but zeros for a wallet that never deposited."""
        try:
            answer = await self.call("publicGetAccount", self._account_request(params))
        except errors.AccountNotEnabled:
            return {"balance": "0"}
        return self.pure(parsing.account, answer)

    async def fetch_balance(self, params: Params = NONE) -> Any:
        """USDC with unrealized profit (total is equity without spot assets), spot assets as balances of their own.

        :param params: account: another address than the own
        """
        return self.parse_balance(await self.account_row(params))

    def parse_balance(self, response: Any) -> Any:
        total, free = self.pure(parsing.usdc, response)
        at = parsing.stamp(response.get("updated_at"))
        balance: Params = {"info": response, "timestamp": at, "datetime": self.iso8601(at), "USDC": {"total": total, "free": free}}
        for row in response.get("spot_balances") or []:
            code = self.safe_currency_code(row.get("symbol"))
            if code is not None and code != "USDC":
                balance[code] = {"total": row.get("amount"), "free": row.get("available_to_withdraw")}
        return self.safe_balance(balance)

    # --- positions --------------------------------------------------------------------------------------------------------------------

    async def settings(self, params: Params = NONE) -> dict[str, Row]:
        """Leverage and margin mode of the markets that are not at their default, read anew every time."""
        return self.pure(parsing.settings, await self.call("publicGetAccountSettings", self._account_request(params)))

    def unified_position(self, row: Row, mark: Any, setting: Row | None) -> Any:
        market = self.safe_market(str(row.get("symbol", row.get("s"))))
        top = ((market.get("limits") or {}).get("leverage") or {}).get("max")
        fields = self.pure(parsing.position, row, mark, setting, top)
        numbers = ("contracts", "entryPrice", "leverage", "liquidationPrice", "markPrice", "notional", "unrealizedPnl", "initialMargin")
        parsed = {name: self.parse_number(fields[name]) for name in (*numbers, "collateral", "percentage")}
        known = {"info": row, "id": None, "symbol": market["symbol"], "datetime": self.iso8601(fields["timestamp"]), "hedged": False}
        return self.safe_position({**fields, **parsed, **known, "contractSize": 1.0})

    def parse_position(self, position: Any, market: Any = None) -> Any:
        """A row alone: without mark price and leverage, which other endpoints have."""
        return self.unified_position(position, None, None)

    async def fetch_positions(self, symbols: list[str] | None = None, params: Params = NONE) -> list[Any]:
        """Open positions, valued at the mark; liquidation prices come over the stream alone (`watch_positions`)."""
        await self.load_markets()
        names = self.market_symbols(symbols)
        reads = (self.rows("publicGetPositions", self._account_request(params)), self.price_rows(), self.settings(params))
        rows, prices, settings = await asyncio.gather(*reads)
        found = []
        for row in rows:
            if not self.pure(parsing.position_size, row):
                continue
            position = self.unified_position(row, (prices.get(row["symbol"]) or {}).get("mark"), settings.get(row["symbol"]))
            found.append(self.with_liquidation(position))
        return [position for position in found if not names or position["symbol"] in names]

    def with_liquidation(self, position: Any) -> Any:
        """Hook of the streams, which know the liquidation price."""
        return position

    async def fetch_position(self, symbol: str, params: Params = NONE) -> Any:
        """The position of one market; with 0 contracts when there is none."""
        found = await self.fetch_positions([symbol], params)
        if found:
            return found[0]
        return self.safe_position({"symbol": self.market(symbol)["symbol"], "contracts": 0.0, "contractSize": 1.0, "info": {}})

    # --- leverage and margin ------------------------------------------------------------------------------------------------------------

    async def fetch_leverage(self, symbol: str, params: Params = NONE) -> Any:
        """Leverage and margin mode of one market; the default, which the venue does not list, is cross at maximum leverage."""
        await self.load_markets()
        market = self.market(symbol)
        row = (await self.settings(params)).get(market["id"])
        only_isolated = market["marginModes"]["cross"] is False
        mode = "isolated" if (row or {}).get("isolated") or (row is None and only_isolated) else "cross"
        top = market["limits"]["leverage"]["max"]
        leverage = self.parse_number((row or {}).get("leverage") or top)
        return {"info": row or {}, "symbol": market["symbol"], "marginMode": mode, "longLeverage": leverage, "shortLeverage": leverage}

    async def fetch_margin_mode(self, symbol: str, params: Params = NONE) -> Any:
        """ "cross" or "isolated"."""
        found = await self.fetch_leverage(symbol, params)
        return {"info": found["info"], "symbol": found["symbol"], "marginMode": found["marginMode"]}

    def _swap(self, symbol: str | None, method: str) -> Any:
        if symbol is None:
            raise errors.ArgumentsRequired(f"{self.id} {method}() requires a symbol argument")
        market = self.market(symbol)
        if not market["swap"]:
            raise errors.NotSupported(f"{self.id} {symbol}: margin settings do not apply to spot (venue code 109)")
        return market

    async def set_leverage(self, leverage: int, symbol: str | None = None, params: Params = NONE) -> Any:
        """Set a market's leverage.

        :param leverage: a whole number from 1 to the market's maximum; with an open position it can only be raised
        """
        await self.load_markets()
        market = self._swap(symbol, "set_leverage")
        number = self.pure(orders.leverage, leverage, market["limits"]["leverage"]["max"])
        return await self.call("private_post_account_leverage", {"symbol": market["id"], "leverage": number})

    async def set_margin_mode(self, marginMode: str, symbol: str | None = None, params: Params = NONE) -> Any:
        """Set "cross" or "isolated" for one market, which must have no position; params['leverage'] is set as well.

        :raises MarginModeAlreadySet: nothing would change
        """
        await self.load_markets()
        market = self._swap(symbol, "set_margin_mode")
        mode = str(marginMode).lower()
        if mode not in ("cross", "isolated"):
            raise errors.BadRequest(f"{self.id} margin mode must be cross or isolated, got {marginMode!r}")
        current = await self.fetch_leverage(market["symbol"])
        leverage = params.get("leverage")
        if leverage is not None and float(leverage) != current["longLeverage"]:
            await self.set_leverage(leverage, market["symbol"])
        elif current["marginMode"] == mode:
            self.refuse_same_margin_mode(current["marginMode"], mode, market["symbol"])
        if current["marginMode"] == mode:
            return current
        return await self.call("private_post_account_margin", {"symbol": market["id"], "is_isolated": mode == "isolated"})

    async def add_margin(self, symbol: str, amount: float, params: Params = NONE) -> Any:
        """Move USDC into an isolated position; the venue has no way to take it out again."""
        await self.load_markets()
        market = self._swap(symbol, "add_margin")
        size = self.pure(orders.decimal, amount, "amount")
        if size <= 0:
            raise errors.BadRequest(f"{self.id} add_margin() takes a positive amount")
        answer = await self.call("private_post_positions_add_isolated_margin", {"symbol": market["id"], "amount": orders.plain(size)})
        now = self.server_milliseconds()
        known = {"info": answer, "symbol": market["symbol"], "type": "add", "marginMode": "isolated", "amount": float(size), "total": None}
        return {**known, "code": "USDC", "status": "ok", "timestamp": now, "datetime": self.iso8601(now)}

    # --- money ------------------------------------------------------------------------------------------------------------------------

    async def withdraw(self, code: str, amount: Any, address: str, params: Params = NONE) -> Any:
        """Withdraw USDC to the account's own wallet, the only destination there is.

        :param address: must be the account's address, or None
        :raises InvalidAddress: another one, which the venue would ignore
        """
        if code != "USDC":
            raise errors.NotSupported(f"{self.id} withdraw() is for USDC")
        if address and str(address) != self.main_account():
            raise errors.InvalidAddress(f"{self.id} withdraws to the account's own wallet only")
        size = self.pure(orders.decimal, amount, "amount")
        if size <= 0:
            raise errors.BadRequest(f"{self.id} withdraw() takes a positive amount")
        answer = await self.call("private_post_account_withdraw", {"amount": orders.plain(size)})
        transaction: Params = self.parse_transaction({"event_type": "withdraw", "amount": orders.plain(size)})
        return {**transaction, "info": answer, "addressTo": self.main_account(), "status": "pending"}

    async def fetch_accounts(self, params: Params = NONE) -> list[Any]:
        """The main account and its sub-accounts (a signed request)."""
        answer = await self.call("private_post_account_subaccount_list")
        data = answer.get("data") or []
        rows = data.get("subaccounts") or [] if isinstance(data, dict) else data
        own: Row = {"id": self.main_account(), "type": "main", "code": None, "info": {}}
        return [own, *({"id": row.get("address"), "type": "subaccount", "code": None, "info": row} for row in rows)]

    async def fetch_transfers(
        self, code: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Any]:
        """Transfers between main and sub-accounts, from the balance history, which names no counterparty."""
        rows = await self.pages("publicGetAccountBalanceHistory", self._account_request(params), since, None)
        found = []
        for row in rows:
            if row.get("event_type") != "subaccount_transfer":
                continue
            at, amount = parsing.stamp(row.get("created_at")), self.safe_number(row, "amount") or 0.0
            ends = (None, self.main_account()) if amount > 0 else (self.main_account(), None)
            known = {"info": row, "id": None, "timestamp": at, "datetime": self.iso8601(at), "currency": "USDC", "amount": abs(amount)}
            found.append({**known, "fromAccount": ends[0], "toAccount": ends[1], "status": "ok"})
        return self.filter_by_since_limit(self.sort_by(found, "timestamp"), since, limit, "timestamp", since is None)

    async def fetch_ledger(
        self, code: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Any]:
        """Changes of the USDC balance; other currencies have no history here."""
        if code not in (None, "USDC"):
            return []
        found: list[Any] = await super().fetch_ledger(code, since, limit, params)
        return found

    def _whose(self, item: Any, amount: float) -> Row:
        own = self.walletAddress or (self.main_account() if self.privateKey else None)
        id = f"{item.get('created_at')}:{item.get('event_type')}:{item.get('balance')}"
        return {"id": id, "account": own, "direction": "out" if amount < 0 else "in", "status": "ok"}

    def parse_ledger_entry(self, item: Any, currency: Any = None) -> Any:
        """With direction and currency, which ccxt leaves out."""
        entry = super().parse_ledger_entry(item, currency)
        amount = self.safe_number(item, "amount") or 0.0
        return {**entry, "currency": "USDC", "amount": abs(amount), **self._whose(item, amount)}
