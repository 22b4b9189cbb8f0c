"""Private REST of the account: balance, positions, leverage, margin mode, transfers."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.variational import orders, parsing, tables
from ccxt_dex.exchanges.variational.market_data import MarketData
from ccxt_dex.exchanges.variational.room import NONE, Params
from ccxt_dex.reading import one

NUMBERS = (
    *("contracts", "entryPrice", "markPrice", "notional", "initialMargin", "initialMarginPercentage", "maintenanceMargin", "leverage"),
    *("maintenanceMarginPercentage", "collateral", "unrealizedPnl", "realizedPnl", "liquidationPrice"),
)
CHUNK = 50


class Account(MarketData):
    # --- balance ----------------------------------------------------------------------------------------------------------------------

    async def portfolio(self, params: Params = NONE) -> dict[str, Any]:
        return self.pure(one, await self.call("private_get_portfolio", {"compute_margin": "true", **params}))

    async def fetch_balance(self, params: Params = NONE) -> Any:
        """USDC of the settlement pool: total without unrealized PnL, free = what cross margin leaves. Equity and the rest are in `info`."""
        return self.parse_balance(await self.portfolio(self.omit(params, ["type", "subType"])))

    def parse_balance(self, response: Any) -> Any:
        found = self.pure(parsing.balance, response)
        return self.safe_balance({"info": response, "timestamp": None, "datetime": None, tables.SETTLE: dict(found)})

    # --- positions --------------------------------------------------------------------------------------------------------------------

    async def fetch_positions(self, symbols: Any = None, params: Params = NONE) -> list[Any]:
        """Open positions with margin mode (from the portfolio) and leverage (from the pool), which the rows do not have."""
        await self.load_markets()
        names = self.market_symbols(symbols)
        answer, portfolio = await asyncio.gather(self.call("private_get_positions", params), self.portfolio())
        rows = [row for row in self.pure(parsing.rows, answer) if self.pure(parsing.position_size, row)]
        pairs = [(row, self.named(self.spelled(row["position_info"], "position"))) for row in rows]
        pairs = [(row, market) for row, market in pairs if names is None or market["symbol"] in names]
        isolated = self.isolated(portfolio)
        levels = await self.leverages([self.coin(row) for row, _ in pairs])
        return [self.parse_position(row, market, self.level(levels, row), isolated.get(str(market["id"]))) for row, market in pairs]

    def isolated(self, portfolio: Any) -> dict[str, dict[str, Any]]:
        """The isolated sub-accounts by market id."""
        return {str(self.spell(row)): row for row in self.pure(parsing.isolated_accounts, portfolio)}

    def level(self, levels: dict[str, Any], row: dict[str, Any]) -> Any:
        """The leverage of a position; None where the venue does not tell it, which must not hide the position."""
        coin = self.coin(row)
        return self.pure(parsing.leverage, levels, coin)["current"] if levels.get(coin) else None

    def coin(self, row: dict[str, Any]) -> str:
        """What leverage is kept by."""
        return self.pure(parsing.need, row["position_info"].get("instrument") or {}, "underlying", "position")

    async def fetch_positions_for_symbol(self, symbol: str, params: Params = NONE) -> list[Any]:
        """The open position of one market, as a list of none or one."""
        return await self.fetch_positions([symbol], params)

    async def fetch_position(self, symbol: str, params: Params = NONE) -> Any:
        """The position of one market; with 0 contracts and no side when there is none."""
        await self.load_markets()
        found = await self.fetch_positions([symbol], params)
        return found[0] if found else self.flat_position(self.market(symbol))

    def flat_position(self, market: Any) -> Any:
        return self.parse_position({"position_info": {"instrument": market.get("instrument"), "qty": "0"}}, market)

    def parse_position(self, position: dict[str, Any], market: Any = None, leverage: Any = None, isolated: Any = None) -> Any:
        market = self.named(None, market)
        found = self.pure(parsing.position, position, leverage, isolated)
        numbers = {name: self.parse_number(found[name]) for name in NUMBERS}
        fixed = {"contractSize": 1, "lastPrice": None, "percentage": None, "marginRatio": None, "id": None}
        dated = {"datetime": self.iso8601(found["timestamp"]), "lastUpdateTimestamp": found["timestamp"]}
        return self.safe_position({"info": position, "symbol": market["symbol"], **found, **numbers, **fixed, **dated})

    async def fetch_position_mode(self, symbol: str | None = None, params: Params = NONE) -> dict[str, Any]:
        """One position per market: one-way mode only."""
        return {"info": {}, "hedged": False}

    # --- leverage ---------------------------------------------------------------------------------------------------------------------

    async def leverages(self, coins: list[str]) -> dict[str, Any]:
        """settlement_pools/leverage of these assets, asked for in parts."""
        found: dict[str, Any] = {}
        wanted = list(dict.fromkeys(coins))
        for start in range(0, len(wanted), CHUNK):
            answer = await self.call("private_post_settlement_pools_leverage", {"assets": wanted[start : start + CHUNK]})
            found.update(self.pure(one, answer))
        return found

    async def fetch_leverage(self, symbol: str, params: Params = NONE) -> Any:
        """The leverage of an asset: set for the asset, for the whole account."""
        await self.load_markets()
        market = self.market(symbol)
        found = await self.fetch_leverages([market["symbol"]], params)
        if market["symbol"] not in found:
            self.pure(parsing.need, {}, market["base"], "leverage")
        return found[market["symbol"]]

    async def fetch_leverages(self, symbols: Any = None, params: Params = NONE) -> Any:
        """The leverage of several markets, of all when none is named."""
        await self.load_markets()
        names = self.market_symbols(symbols) or list(self.markets)
        levels = await self.leverages([self.market(name)["base"] for name in names])
        isolated = self.isolated(await self.portfolio())
        return {name: self.leverage_of(self.market(name), levels, isolated) for name in names if self.market(name)["base"] in levels}

    def leverage_of(self, market: Any, levels: dict[str, Any], isolated: dict[str, Any]) -> Any:
        current = float(self.pure(parsing.leverage, levels, market["base"])["current"])
        number = int(current) if current.is_integer() else current
        mode = "isolated" if market["id"] in isolated else "cross"
        return {
            "info": levels[market["base"]],
            "symbol": market["symbol"],
            "marginMode": mode,
            "longLeverage": number,
            "shortLeverage": number,
        }

    async def set_leverage(self, leverage: Any, symbol: str | None = None, params: Params = NONE) -> Any:
        """Sets the leverage of an asset and checks that it is in force.

        :param leverage: a whole number
        :raises BadRequest: not within the market's limits, before a request
        :raises OperationRejected: the venue has another one afterwards
        """
        if symbol is None:
            raise errors.ArgumentsRequired(f"{self.id} set_leverage() needs a symbol")
        await self.load_markets()
        market = self.market(symbol)
        value = self.pure(orders.leverage, market, leverage)
        raw = await self.call("private_post_settlement_pools_set_leverage", {"asset": market["base"], "leverage": value, **params})
        stands = (await self.fetch_leverage(symbol))["longLeverage"]
        if stands != int(value):
            raise errors.OperationRejected(f"{self.id} leverage of {market['base']} is {stands}, not {value}")
        return raw

    async def fetch_leverage_tiers(self, symbols: Any = None, params: Params = NONE) -> Any:
        """Largest leverage by notional; the maintenance rate is not published (half of the initial one is taken: default margin parameters).

        Tiers are told per account: without one, a single tier from the market's largest leverage, so that a simulation is not held at 1x.
        """
        await self.load_markets()
        names = self.market_symbols(symbols) or list(self.markets)
        if not self.check_required_credentials(False):
            return {name: self.leverage_tier(self.market(name)) for name in names}
        levels = await self.leverages([self.market(name)["base"] for name in names])
        return {name: self.tiers_of(self.market(name), levels) for name in names if self.market(name)["base"] in levels}

    async def fetch_market_leverage_tiers(self, symbol: str, params: Params = NONE) -> Any:
        """As `fetch_leverage_tiers`, of one market."""
        await self.load_markets()
        name = self.market(symbol)["symbol"]
        return (await self.fetch_leverage_tiers([name], params))[name]

    def tiers_of(self, market: Any, levels: dict[str, Any]) -> list[Any]:
        tiers = self.pure(parsing.leverage, levels, market["base"])["tiers"]
        made = []
        for number, (low, rate) in enumerate(tiers, 1):
            high = float(tiers[number][0]) if number < len(tiers) else None
            edges = {"tier": float(number), "minNotional": float(low), "maxNotional": high, "currency": tables.SETTLE}
            rates = {"maintenanceMarginRate": float(rate / 2), "maxLeverage": float(1 / rate)}
            made.append({**edges, **rates, "symbol": market["symbol"], "info": levels[market["base"]]})
        return made or self.leverage_tier(market)

    # --- margin mode ------------------------------------------------------------------------------------------------------------------

    async def fetch_margin_mode(self, symbol: str, params: Params = NONE) -> Any:
        """Isolated for an instrument with a sub-account of its own, cross for all others."""
        await self.load_markets()
        market = self.market(symbol)
        raw = await self.portfolio(params)
        mode = "isolated" if market["id"] in self.isolated(raw) else "cross"
        return {"info": raw, "symbol": market["symbol"], "marginMode": mode}

    async def set_margin_mode(self, marginMode: str, symbol: str | None = None, params: Params = NONE) -> Any:
        """Moves an instrument into a sub-account of its own, or back; waits until that is done.

        :param params: `leverage` to set that first, in a request of its own
        :raises MarginModeAlreadySet: when it is set already
        """
        if symbol is None:
            raise errors.ArgumentsRequired(f"{self.id} set_margin_mode() needs a symbol")
        mode = str(marginMode).lower()
        if mode not in ("cross", "isolated"):
            raise errors.BadRequest(f"{self.id} margin mode is cross or isolated, not {marginMode!r}")
        await self.load_markets()
        market = self.market(symbol)
        if params.get("leverage") is not None:
            await self.set_leverage(params["leverage"], symbol)
        self.refuse_same_margin_mode((await self.fetch_margin_mode(symbol))["marginMode"], mode, market["symbol"])
        endpoint = "private_post_sub_accounts_isolate" if mode == "isolated" else "private_post_sub_accounts_deisolate"
        raw = await self.call(endpoint, {"instrument": self.instrument(market), **self.omit(params, "leverage")})
        await self.converted(raw, symbol, mode)
        return raw

    async def converted(self, raw: Any, symbol: str, mode: str) -> None:
        """Waits for an asynchronous conversion.

        :raises OperationRejected: it was rejected, or nothing came of it in time
        """
        deadline, pause = time.monotonic() + float(self.options.get("settleSeconds", 10)), 0.05
        number = raw.get("conversion_id") if isinstance(raw, dict) else None
        while True:
            if number:
                raw = await self.call("private_get_sub_accounts_conversions_conversion_id", {"conversion_id": number})
            if isinstance(raw, dict) and raw.get("status") == "rejected":
                raise errors.OperationRejected(f"{self.id} {symbol} cannot become {mode}: the venue rejected the conversion")
            if (await self.fetch_margin_mode(symbol))["marginMode"] == mode:
                return
            if time.monotonic() + pause > deadline:
                raise errors.OperationRejected(f"{self.id} {symbol} did not become {mode} in time; look again before trading")
            await asyncio.sleep(pause)
            pause = min(pause * 2, 1.0)

    # --- transfers --------------------------------------------------------------------------------------------------------------------

    async def transfer_rows(self, since: Any, limit: Any, params: Params, *kinds: str) -> list[dict[str, Any]]:
        """Rows of some types. The list has no filter for them, so all pages are read until enough were found."""
        most = int(self.options.get("maxPages", 20)) if kinds and since is None else None
        rows = await self.pages(
            "private_get_transfers", self.omit(params, ["until", "instrument"]), since, limit, params.get("until"), most
        )
        return [row for row in rows if not kinds or row.get("transfer_type") in kinds]

    async def fetch_funding_history(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Any]:
        """Funding payments, oldest first; positive amounts were received.

        :param since: unix milliseconds
        :param params: `until` in unix milliseconds
        """
        await self.load_markets()
        wanted = None if symbol is None else self.market(symbol)["symbol"]
        rows = await self.transfer_rows(since, limit, params, "funding")
        incomes = [self.parse_income(raw) for raw in rows if str(raw.get("status") or "confirmed") in tables.SETTLED_TRADES]
        return self.filter_by_symbol_since_limit(self.sort_by(incomes, "timestamp"), wanted, since, limit, since is None)

    def parse_income(self, info: dict[str, Any], market: Any = None) -> Any:
        found = self.pure(parsing.transfer, info)
        market_id = self.spell(info, "reference_instrument")
        symbol = self.named(market_id, market)["symbol"] if market_id or market else None
        dated = {"timestamp": found["timestamp"], "datetime": self.iso8601(found["timestamp"])}
        money = {"code": found["currency"], "amount": self.parse_number(found["amount"])}
        return {"info": info, "symbol": symbol, "id": found["id"], **money, **dated}

    async def fetch_ledger(
        self, code: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Any]:
        """Everything that moved the balance, oldest first.

        :param since: unix milliseconds
        """
        rows = await self.transfer_rows(since, limit, params)
        entries = [self.parse_ledger_entry(raw) for raw in rows]
        return self.of_currency(entries, code, since, limit)

    def parse_ledger_entry(self, item: dict[str, Any], currency: Any = None) -> Any:
        found = self.pure(parsing.transfer, item)
        amount = float(found["amount"])
        status = "ok" if found["status"] in (*tables.SETTLED_TRADES, "") else "pending" if found["status"] == "pending" else "failed"
        return {
            "info": item,
            "id": found["id"],
            "timestamp": found["timestamp"],
            "datetime": self.iso8601(found["timestamp"]),
            "direction": "out" if amount < 0 else "in",
            "account": None,
            "referenceId": found["referenceId"],
            "referenceAccount": None,
            "type": tables.LEDGER.get(found["type"], found["type"]),
            "currency": found["currency"],
            "amount": abs(amount),
            "before": None,
            "after": None,
            "status": status,
            "fee": None,
        }

    async def money_moves(self, kind: str, code: str | None, since: Any, limit: Any, params: Params) -> list[Any]:
        rows = await self.transfer_rows(since, limit, params, kind)
        made = [self.parse_transaction(raw) for raw in rows]
        return self.of_currency(made, code, since, limit)

    def of_currency(self, rows: list[Any], code: str | None, since: Any, limit: Any) -> list[Any]:
        kept = [row for row in rows if code in (None, row["currency"])]
        found: list[Any] = self.filter_by_since_limit(self.sort_by(kept, "timestamp"), since, limit, "timestamp", since is None)
        return found

    async def fetch_deposits(
        self, code: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Any]:
        """Deposits, oldest first."""
        return await self.money_moves("deposit", code, since, limit, params)

    async def fetch_withdrawals(
        self, code: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Any]:
        """Withdrawals, oldest first."""
        return await self.money_moves("withdrawal", code, since, limit, params)

    def parse_transaction(self, transaction: dict[str, Any], currency: Any = None) -> Any:
        found = self.pure(parsing.transfer, transaction)
        state = "ok" if found["status"] in tables.SETTLED_TRADES else "failed" if found["status"] in tables.DEAD_TRADES else "pending"
        empty = ("address", "addressFrom", "addressTo", "tag", "tagFrom", "tagTo", "updated", "comment")
        return {
            "info": transaction,
            "id": found["id"],
            "txid": transaction.get("confirmed_by_transaction_id"),
            "timestamp": found["timestamp"],
            "datetime": self.iso8601(found["timestamp"]),
            "network": None,
            "type": found["type"],
            "amount": abs(float(found["amount"])),
            "currency": found["currency"],
            "status": state,
            "internal": False,
            "fee": {"currency": None, "cost": None},
            **dict.fromkeys(empty),
        }
