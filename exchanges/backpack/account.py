"""Balance, positions, leverage, fees."""

from __future__ import annotations

import asyncio
from typing import Any

from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.backpack import orders, parsing
from ccxt_dex.exchanges.backpack.history import History
from ccxt_dex.exchanges.backpack.room import NONE, Params, Row

NUMBERS = (
    "contracts",
    "entryPrice",
    "markPrice",
    "lastPrice",
    "notional",
    "realizedPnl",
    "unrealizedPnl",
    "liquidationPrice",
    "leverage",
    "initialMargin",
    "initialMarginPercentage",
    "maintenanceMargin",
    "maintenanceMarginPercentage",
    "collateral",
    "percentage",
)


class Account(History):
    """Part of the room."""

    async def account_row(self) -> Row:
        row: Row = await self.call("privateGetApiV1Account")
        return row

    # --- balance ----------------------------------------------------------------------------------------------------------------------

    async def fetch_balance(self, params: Params = NONE) -> Any:
        """The margin account: lent assets count, margin in use does not count as free.

        :param params: type: "spot" for what is neither lent nor in use, the only thing that ccxt reads
        """
        await self.load_markets()
        kind = params.get("type", (self.options.get("fetchBalance") or {}).get("type", "margin"))
        rest = self.omit(params, "type")
        if kind == "spot" or params.get("stock"):
            return await super().fetch_balance(rest)
        return self.collateral_balance(await self.call("privateGetApiV1CapitalCollateral", rest))

    def collateral_balance(self, answer: Row) -> Any:
        at = self.server_milliseconds()
        balance: Params = {"info": answer, "timestamp": at, "datetime": self.iso8601(at)}
        for asset, (total, free) in self.pure(parsing.collateral, answer).items():
            balance[str(self.safe_currency_code(asset))] = {"total": total, "free": free}
        return self.safe_balance(balance)

    # --- positions --------------------------------------------------------------------------------------------------------------------

    def unified_position(self, row: Row, limit: Any = None) -> Any:
        """A row or frame of a position.

        :param limit: the account's leverageLimit
        """
        frame = "symbol" not in row
        market = self.safe_market(str(row.get("s" if frame else "symbol")))
        top = ((market.get("limits") or {}).get("leverage") or {}).get("max")
        fields = self.pure(parsing.frame_position if frame else parsing.position, row, limit, top)
        numbers = {name: self.parse_number(fields.get(name)) for name in NUMBERS}
        known = {"info": row, "symbol": market["symbol"], "datetime": self.iso8601(fields["timestamp"])}
        return self.safe_position({**fields, **numbers, **known, "hedged": False, "marginMode": "cross", "contractSize": 1.0})

    def parse_position(self, position: Any, market: Any = None) -> Any:
        """A row alone, at the market's maximum leverage."""
        return self.unified_position(position)

    async def fetch_positions(self, symbols: list[str] | None = None, params: Params = NONE) -> list[Any]:
        """Open positions; the venue gives the liquidation price when one symbol alone is asked for."""
        await self.load_markets()
        names = self.market_symbols(symbols)
        request = {**params, **(self._market_request(names[0]) if names and len(names) == 1 else {})}
        rows, account = await asyncio.gather(self._position_rows(request), self.account_row())
        found = [self.unified_position(row, account.get("leverageLimit")) for row in rows]
        return [row for row in found if row["contracts"] and (not names or row["symbol"] in names)]

    async def _position_rows(self, request: Params) -> list[Row]:
        try:
            rows = await self.call("privateGetApiV1Position", request)
        except errors.BadRequest as error:
            if "RESOURCE_NOT_FOUND" in str(error):
                return []
            raise
        return rows if isinstance(rows, list) else [rows]

    async def fetch_position(self, symbol: str, params: Params = NONE) -> Any:
        """The position of one market with its liquidation price; 0 contracts when there is none."""
        found = await self.fetch_positions([symbol], params)
        if found:
            return found[0]
        return self.safe_position({"symbol": self.market(symbol)["symbol"], "contracts": 0.0, "contractSize": 1.0, "info": {}})

    # --- leverage and margin ----------------------------------------------------------------------------------------------------------

    async def set_leverage(self, leverage: Any, symbol: str | None = None, params: Params = NONE) -> Any:
        """The leverage limit of the whole account: the venue has none per market, a symbol only bounds the number."""
        await self.load_markets()
        top = None
        if symbol is not None:
            top = self._perpetual(symbol)["limits"]["leverage"]["max"]
            self.logger.warning("%s set_leverage(): %s is set for every market of the account, not for %s alone", self.id, leverage, symbol)
        body = {"leverageLimit": self.pure(orders.leverage, leverage, top), **params}
        answer = await self.call("privatePatchApiV1Account", body)
        return {"info": answer, "symbol": symbol, "leverage": float(body["leverageLimit"])}

    def _leverage(self, market: Any, row: Row) -> Any:
        top, limit = market["limits"]["leverage"]["max"], self.safe_number(row, "leverageLimit")
        number = min((value for value in (top, limit) if value), default=None)
        return {"info": row, "symbol": market["symbol"], "marginMode": "cross", "longLeverage": number, "shortLeverage": number}

    async def fetch_leverage(self, symbol: str, params: Params = NONE) -> Any:
        """The account's leverage limit, or the market's maximum where that is lower."""
        await self.load_markets()
        return self._leverage(self._perpetual(symbol), await self.account_row())

    async def fetch_leverages(self, symbols: list[str] | None = None, params: Params = NONE) -> Any:
        """As `fetch_leverage`, of all perpetuals."""
        await self.load_markets()
        names, row = self.market_symbols(symbols), await self.account_row()
        rows = [market for market in self.markets.values() if market["swap"] and (not names or market["symbol"] in names)]
        return {market["symbol"]: self._leverage(market, row) for market in rows}

    async def fetch_margin_mode(self, symbol: str, params: Params = NONE) -> Any:
        """Always cross."""
        await self.load_markets()
        return {"info": {}, "symbol": self._perpetual(symbol)["symbol"], "marginMode": "cross"}

    async def set_margin_mode(self, marginMode: str, symbol: str | None = None, params: Params = NONE) -> Any:
        """Nothing to do for "cross".

        :raises NotSupported: everything else
        """
        if marginMode != "cross":
            raise errors.NotSupported(f"{self.id} all margin is cross margin, not {marginMode}")
        return {"info": {}, "symbol": symbol, "marginMode": "cross"}

    # --- fees -------------------------------------------------------------------------------------------------------------------------

    def _fee(self, market: Any, row: Row) -> Any:
        word = "spot" if market["spot"] else "futures"
        maker, taker = (self.parse_number(self.pure(parsing.bps, row.get(f"{word}{side}Fee"))) for side in ("Maker", "Taker"))
        return {"info": row, "symbol": market["symbol"], "maker": maker, "taker": taker, "percentage": True, "tierBased": True}

    async def fetch_trading_fee(self, symbol: str, params: Params = NONE) -> Any:
        """The account's rates in one market, as fractions; a maker's may be negative."""
        await self.load_markets()
        return self._fee(self.market(symbol), await self.account_row())

    async def fetch_trading_fees(self, params: Params = NONE) -> Any:
        """The account's rates in every market, as fractions."""
        await self.load_markets()
        row = await self.account_row()
        return {symbol: self._fee(market, row) for symbol, market in self.markets.items()}
