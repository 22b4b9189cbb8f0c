"""Private REST of the account: balance, positions, margin, funding payments, transfers. Page: docs.standx.com "HTTP API" (2026-05-19)."""

from __future__ import annotations

from typing import Any

from ccxt_dex import reading
from ccxt_dex._ccxt import errors
from ccxt_dex.exact import whole_leverage
from ccxt_dex.exchanges.standx import orders, parsing
from ccxt_dex.exchanges.standx.room import NONE, Params, Room

SETTLE = "DUSD"
CASH_WALLETS = ("spot", "funding", "cash")
PERPS_WALLETS = ("swap", "perps", "linear", "future")
POSITION_NUMBERS = (
    *("contracts", "entryPrice", "markPrice", "notional", "initialMargin", "initialMarginPercentage", "maintenanceMargin"),
    *(
        "maintenanceMarginPercentage",
        "positionMargin",
        "collateral",
        "unrealizedPnl",
        "realizedPnl",
        "leverage",
        "liquidationPrice",
        "marginRatio",
    ),
)


class Account(Room):
    async def fetch_balance(self, params: Params = NONE) -> Any:
        """DUSD of the perps wallet: total without unrealized PnL, free = what cross margin leaves. Equity and the rest are in `info`.

        A wallet that never deposited has zeros.
        """
        try:
            raw = await self.call("private_get_query_balance", self.omit(params, ["type", "subType"]))
        except errors.AccountNotEnabled:
            raw = {"balance": "0", "cross_available": "0"}
        return self.parse_balance(raw)

    def parse_balance(self, response: Any) -> Any:
        found = self.pure(parsing.balance, response)
        return self.safe_balance({"info": response, "timestamp": None, "datetime": None, SETTLE: dict(found)})

    async def fetch_positions(self, symbols: Any = None, params: Params = NONE) -> list[Any]:
        """Open positions; closed ones, which the venue keeps listing with quantity 0, are left out."""
        await self.load_markets()
        wanted = self.market_symbols(symbols)
        rows = await self.position_rows(wanted, params)
        return [self.parse_position(raw, market) for raw, market in self.own(rows, wanted) if self.pure(parsing.is_open, raw)]

    async def position_rows(self, symbols: list[str] | None, params: Params) -> list[dict[str, Any]]:
        request: Params = {"symbol": self.market(symbols[0])["id"]} if symbols is not None and len(symbols) == 1 else {}
        try:
            return self.pure(parsing.rows, await self.call("private_get_query_positions", {**request, **params}))
        except errors.AccountNotEnabled:
            return []

    async def fetch_positions_for_symbol(self, symbol: str, params: Params = NONE) -> list[Any]:
        """The open position of one market, as a list of none or one."""
        return await self.fetch_positions([symbol], params)

    async def fetch_position(self, symbol: str, params: Params = NONE) -> Any:
        """The position of one market; with 0 contracts and no side when there is none."""
        found = await self.fetch_positions([symbol], params)
        market = self.market(symbol)
        return found[0] if found else self.parse_position({"symbol": market["id"], "qty": "0"}, market)

    def parse_position(self, position: dict[str, Any], market: Any = None, mark: Any = None) -> Any:
        market = self.safe_market(position.get("symbol"), market)
        found = self.pure(parsing.position, position, mark)
        numbers = {name: self.parse_number(found[name]) for name in POSITION_NUMBERS}
        fixed = {
            "contractSize": market.get("contractSize"),
            "lastPrice": None,
            "percentage": None,
            "lastUpdateTimestamp": found["timestamp"],
        }
        return self.safe_position(
            {"info": position, "symbol": market["symbol"], **found, **numbers, **fixed, "datetime": self.iso8601(found["timestamp"])}
        )

    async def fetch_position_mode(self, symbol: str | None = None, params: Params = NONE) -> dict[str, Any]:
        """StandX has one-way mode only."""
        return {"info": {}, "hedged": False}

    async def position_config(self, symbol: str, params: Params) -> tuple[dict[str, Any], dict[str, Any], Any]:
        await self.load_markets()
        market = self.market(symbol)
        raw = self.pure(reading.one, await self.call("private_get_query_position_config", {"symbol": market["id"], **params}))
        return raw, self.pure(parsing.position_config, raw), market

    async def fetch_leverage(self, symbol: str, params: Params = NONE) -> Any:
        """The leverage that the next order of this market uses."""
        raw, found, market = await self.position_config(symbol, params)
        sides = {"longLeverage": found["leverage"], "shortLeverage": found["leverage"]}
        return {"info": raw, "symbol": market["symbol"], "marginMode": found["marginMode"], **sides}

    async def fetch_margin_mode(self, symbol: str, params: Params = NONE) -> Any:
        """Cross or isolated, per market."""
        raw, found, market = await self.position_config(symbol, params)
        return {"info": raw, "symbol": market["symbol"], "marginMode": found["marginMode"]}

    async def set_leverage(self, leverage: Any, symbol: str | None = None, params: Params = NONE) -> Any:
        """Sets a market's leverage.

        :param leverage: a whole number from 1 to the market's largest
        :raises BadRequest: for other values, before a request
        """
        if symbol is None:
            raise errors.ArgumentsRequired(f"{self.id} set_leverage() needs a symbol")
        await self.load_markets()
        market = self.market(symbol)
        value = self.pure(whole_leverage, market, leverage)
        return await self.call("private_post_change_leverage", {"symbol": market["id"], "leverage": value, **params})

    async def set_margin_mode(self, marginMode: str, symbol: str | None = None, params: Params = NONE) -> Any:
        """Sets a market's margin mode; the venue refuses it with an open position or open orders.

        :param params: `leverage` to set that first, in a request of its own
        :raises MarginModeAlreadySet: when it is set already
        """
        if symbol is None:
            raise errors.ArgumentsRequired(f"{self.id} set_margin_mode() needs a symbol")
        mode = self.pure(orders.margin_mode, marginMode)
        if params.get("leverage") is not None:
            await self.set_leverage(params["leverage"], symbol)
        current = await self.fetch_margin_mode(symbol)
        if current["marginMode"] == mode:
            raise errors.MarginModeAlreadySet(f"{self.id} margin mode of {current['symbol']} is {mode} already")
        request = {"symbol": self.market(symbol)["id"], "margin_mode": mode}
        return await self.call("private_post_change_margin_mode", {**request, **self.omit(params, "leverage")})

    async def add_margin(self, symbol: str, amount: Any, params: Params = NONE) -> Any:
        """Moves DUSD into the margin of an isolated position."""
        return await self.move_margin(symbol, amount, "add", params)

    async def reduce_margin(self, symbol: str, amount: Any, params: Params = NONE) -> Any:
        """Takes DUSD out of the margin of an isolated position (a negative amount_in, seen in a running client)."""
        return await self.move_margin(symbol, amount, "reduce", params)

    async def move_margin(self, symbol: str, amount: Any, kind: str, params: Params) -> Any:
        await self.load_markets()
        market = self.market(symbol)
        text = self.pure(orders.money, amount)
        request = {"symbol": market["id"], "amount_in": text if kind == "add" else f"-{text}"}
        raw = await self.call("private_post_transfer_margin", {**request, **params})
        stamp = self.milliseconds()
        sums = {"amount": self.parse_number(text), "total": None, "code": SETTLE, "status": "ok"}
        dates = {"timestamp": stamp, "datetime": self.iso8601(stamp)}
        return {"info": raw, "symbol": market["symbol"], "type": kind, "marginMode": "isolated", **sums, **dates}

    async def fetch_funding_history(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Any]:
        """Funding payments, oldest first; positive amounts were received.

        :param since: unix milliseconds
        :param params: `until` in unix milliseconds
        """
        await self.load_markets()
        market = None if symbol is None else self.market(symbol)
        request = {**({} if market is None else {"symbol": market["id"]}), **self.omit(params, "until")}
        rows = await self.pages("private_get_query_funding_history", request, since, limit, params.get("until"))
        incomes = [self.parse_income(raw, found) for raw, found in self.own(rows, None)]
        wanted = None if market is None else market["symbol"]
        return self.filter_by_symbol_since_limit(self.sort_by(incomes, "timestamp"), wanted, since, limit, since is None)

    def parse_income(self, info: dict[str, Any], market: Any = None) -> Any:
        market = self.safe_market(info.get("symbol"), market)
        found = self.pure(parsing.funding_payment, info)
        dated = {"datetime": self.iso8601(found["timestamp"]), "amount": self.parse_number(found["amount"])}
        return {"info": info, "symbol": market["symbol"], **found, **dated}

    async def transfer(self, code: str, amount: Any, fromAccount: str, toAccount: str, params: Params = NONE) -> Any:
        """Moves DUSD between the perps wallet ("swap") and the cash wallet ("spot" or "funding").

        :raises BadRequest: for any other pair of accounts or currency; page "Wallet Operation" (2026-05-18)
        """
        out = fromAccount in PERPS_WALLETS and toAccount in CASH_WALLETS
        back = fromAccount in CASH_WALLETS and toAccount in PERPS_WALLETS
        if code != SETTLE or not (out or back):
            raise errors.BadRequest(
                f"{self.id} transfer() moves {SETTLE} between 'swap' and 'spot', not {code} {fromAccount} -> {toAccount}"
            )
        request = {"amount": self.pure(orders.money, amount), "token": SETTLE, **params}
        raw = await self.call("private_post_transfer_to_spot" if out else "private_post_transfer_to_perps", request)
        stamp = self.milliseconds()
        sides = {"fromAccount": fromAccount, "toAccount": toAccount, "status": "ok"}
        dates = {"timestamp": stamp, "datetime": self.iso8601(stamp)}
        return {
            "info": raw,
            "id": raw.get("request_id"),
            "currency": code,
            "amount": self.parse_number(request["amount"]),
            **sides,
            **dates,
        }
