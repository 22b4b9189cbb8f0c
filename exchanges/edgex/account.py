"""Private REST of the account: balance, positions, leverage, margin mode, fees, funding payments, ledger. Page: V2 docs, Account API."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ccxt_dex._ccxt import errors
from ccxt_dex.exact import whole_leverage
from ccxt_dex.exchanges.edgex import orders, parsing, reports, signing, tables
from ccxt_dex.exchanges.edgex.room import NONE, Params, Room

POSITION_NUMBERS = (
    *("contracts", "entryPrice", "markPrice", "notional", "initialMargin", "initialMarginPercentage", "maintenanceMargin"),
    *("maintenanceMarginPercentage", "unrealizedPnl", "realizedPnl", "leverage", "liquidationPrice", "collateral"),
)


def term_key(row: dict[str, Any]) -> tuple[str, str, str]:
    """A term has no id; two markets may open one in the same millisecond."""
    return str(row.get("contractId")), str(row.get("termCount")), str(row.get("createdTime"))


class Account(Room):
    async def account_asset(self, params: Params = NONE) -> dict[str, Any]:
        """Collateral, positions and settings of an account in one answer."""
        return self.pure(parsing.one, await self.private_get("private_get_account_getaccountasset", self.omit(params, ["type", "subType"])))

    async def account_row(self, params: Params = NONE) -> dict[str, Any]:
        return self.pure(parsing.one, await self.private_get("private_get_account_getaccountbyid", params))

    async def fetch_accounts(self, params: Params = NONE) -> list[Any]:
        """The accounts of the same owner; `id` is what `uid` and params['accountId'] take."""
        raw = self.pure(parsing.rows, await self.private_get("private_get_account_getaccountpage", {"size": "100", **params}))
        return [
            {"id": str(row["id"]), "type": "swap", "name": row.get("clientAccountId"), "code": None, "info": row}
            for row in raw
            if row.get("id")
        ]

    # --- balance ----------------------------------------------------------------------------------------------------------------------------

    async def fetch_balance(self, params: Params = NONE) -> Any:
        """Collateral: total is the equity (unrealized PnL included), free what new orders and transfers may use."""
        await self.load_markets()
        return self.parse_balance(await self.account_asset(params))

    def settle_code(self) -> str:
        return next((str(market["settle"]) for market in (self.markets or {}).values()), "USDC")

    def parse_balance(self, response: Any) -> Any:
        coin = str(self.settings().get("collateralCoinId") or tables.SETTLE_ID)
        found = self.pure(reports.balance, response, coin)
        return self.safe_balance({"info": response, "timestamp": None, "datetime": None, self.settle_code(): dict(found)})

    # --- positions ----------------------------------------------------------------------------------------------------------------------------

    async def position_rows(self, params: Params = NONE) -> list[dict[str, Any]]:
        return self.pure(reports.positions, await self.account_asset(params))

    async def fetch_positions(self, symbols: Any = None, params: Params = NONE) -> list[Any]:
        """Open positions, with PnL and liquidation price as the venue computes them; flat ones are left out."""
        await self.load_markets()
        wanted = self.market_symbols(symbols)
        pairs = self.known(await self.listed(await self.position_rows(params)), wanted)
        return [self.parse_position(raw, market) for raw, market in pairs if self.pure(reports.position_size, raw)]

    async def fetch_positions_for_symbol(self, symbol: str, params: Params = NONE) -> list[Any]:
        """The open position of one market, as a list of none or one."""
        return await self.fetch_positions([symbol], params)

    async def fetch_position(self, symbol: str, params: Params = NONE) -> Any:
        """The position of one market; with 0 contracts and no side when there is none."""
        found = await self.fetch_positions([symbol], params)
        market = self.market(symbol)
        return found[0] if found else self.parse_position({"contractId": market["id"], "openSize": "0"}, market)

    def parse_position(self, position: dict[str, Any], market: Any = None, mark: Any = None) -> Any:
        market = self.safe_market(str(position.get("contractId")), market)
        found = self.pure(reports.position, position, mark)
        numbers = {name: self.parse_number(found[name]) for name in POSITION_NUMBERS}
        fixed = {
            "id": None,
            "contractSize": market.get("contractSize"),
            "lastPrice": None,
            "percentage": None,
            "marginRatio": None,
            "lastUpdateTimestamp": found["timestamp"],
            "marginMode": found["marginMode"] or self._modes.get(market["id"]),
        }
        dated = {"datetime": self.iso8601(found["timestamp"])}
        return self.safe_position({"info": position, "symbol": market["symbol"], **found, **numbers, **fixed, **dated})

    async def fetch_positions_history(
        self, symbols: Any = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Any]:
        """Closed terms of positions, oldest first: what was opened, at what it was closed, PnL after fees and funding."""
        await self.load_markets()
        wanted = self.market_symbols(symbols)
        request = self.omit(params, "until")
        if wanted:
            request = {**request, "filterContractIdList": [self.market(name)["id"] for name in wanted]}
        raw = await self.pages("private_get_account_getpositiontermpage", request, since, limit, params.get("until"), key=term_key)
        found = [(self.pure(reports.term, row), row, market) for row, market in self.known(raw, wanted)]
        numbers = ("contracts", "entryPrice", "lastPrice", "realizedPnl", "leverage")
        parsed = [
            self.safe_position(
                {
                    **{key: value for key, value in term.items() if key != "closed"},
                    **{name: self.parse_number(term[name]) for name in numbers},
                    "symbol": market["symbol"],
                    "contractSize": market["contractSize"],
                    "datetime": self.iso8601(term["timestamp"]),
                    "info": row,
                }
            )
            for term, row, market in found
            if term["closed"]
        ]
        return self.filter_by_since_limit(self.sort_by(parsed, "timestamp"), since, limit, "timestamp", since is None)

    async def fetch_positions_adl_rank(self, symbols: Any = None, params: Params = NONE) -> Any:
        """How many lights are on for each open position: `rank`, more being nearer to deleveraging; of how many is not documented."""
        await self.load_markets()
        wanted = self.market_symbols(symbols)
        answer = self.pure(parsing.one, await self.private_get("private_get_account_getaccountdeleveragelight", params))
        return [self.parse_adl_rank(row, market) for row, market in self.known(self.pure(reports.lights, answer), wanted)]

    def parse_adl_rank(self, info: dict[str, Any], market: Any = None) -> Any:
        market = self.safe_market(str(info.get("contractId")), market)
        empty = dict.fromkeys(("rating", "percentage", "timestamp", "datetime"))
        return {"info": info, "symbol": market["symbol"], "rank": info["lightNumber"], **empty}

    async def fetch_position_mode(self, symbol: str | None = None, params: Params = NONE) -> dict[str, Any]:
        """edgeX has one net position per market."""
        return {"info": {}, "hedged": False}

    # --- leverage, margin mode, fees ------------------------------------------------------------------------------------------------------------

    async def set_leverage(self, leverage: Any, symbol: str | None = None, params: Params = NONE) -> Any:
        """Sets a market's leverage.

        :param leverage: a whole number from 1 to the market's largest
        :raises BadRequest: for other values, before a request
        :raises OperationRejected: while the market has open orders
        """
        if symbol is None:
            raise errors.ArgumentsRequired(f"{self.id} set_leverage() needs a symbol")
        await self.load_markets()
        market = self.market(symbol)
        text = str(self.pure(whole_leverage, market, leverage))
        request = {"accountId": self.account_id(params), "contractId": market["id"], "leverage": text}
        response = await self.call("private_post_account_updateleveragesetting", {**request, **params})
        if request["accountId"] == self.account_id():
            self._leverages[market["id"]] = text
        return response

    async def fetch_leverages(self, symbols: Any = None, params: Params = NONE) -> Any:
        """The leverage of each market: as set for it, else for the account, else the market's default."""
        await self.load_markets()
        account = await self.account_row(params)
        names = self.market_symbols(symbols) or list(self.markets)
        if str(account.get("id")) == self.account_id():
            for market in self.markets.values():
                self._leverages[market["id"]] = self.pure(reports.leverage_of, account, market["info"]) or ""
        return {name: self.leverage_entry(account, self.market(name)) for name in names}

    async def fetch_leverage(self, symbol: str, params: Params = NONE) -> Any:
        """The leverage of one market."""
        await self.load_markets()
        return self.leverage_entry(await self.account_row(params), self.market(symbol))

    def leverage_entry(self, account: dict[str, Any], market: Any) -> Any:
        text = self.pure(reports.leverage_of, account, market["info"])
        value = None if text is None else int(Decimal(text))
        setting = (account.get("contractIdToTradeSetting") or {}).get(market["id"])
        sides = {"longLeverage": value, "shortLeverage": value}
        return {"info": setting, "symbol": market["symbol"], "marginMode": self._modes.get(market["id"]), **sides}

    async def set_margin_mode(self, marginMode: str, symbol: str | None = None, params: Params = NONE) -> Any:
        """Sets a market's margin mode, signed by the trading key. It is sent every time: no known answer tells the mode that is set.

        :param marginMode: "cross" or "isolated"
        :param params: `leverage` to set that first, in a request of its own
        """
        if symbol is None:
            raise errors.ArgumentsRequired(f"{self.id} set_margin_mode() needs a symbol")
        mode = self.pure(orders.margin_mode, marginMode)
        await self.load_markets()
        market, account = self.market(symbol), self.account_id(params)
        if params.get("leverage") is not None:
            await self.set_leverage(params["leverage"], symbol, self.omit(params, "leverage"))
        signer = self.trading_signer()
        own_id = str(params.get("clientOrderId") or self.new_client_order_id())
        nonce = signing.nonce_of(own_id)
        domain = self.pure(signing.domain_of, self.settings(market), "nativeChainId", "chainId")
        struct = signing.margin_mode_hash(int(account), int(market["id"]), int(mode), nonce, signer.address)
        now = self.server_milliseconds()
        request = {
            "accountId": account,
            "contractId": market["id"],
            "marginMode": mode,
            "l2Nonce": str(nonce),
            "l2ExpireTime": str(-(-now // tables.HOUR_MS) * tables.HOUR_MS + tables.MARGIN_MODE_LIFE_MS),
            "signer": signer.address,
            "l2Signature": await self.signature(signer, signing.digest(domain, struct)),
        }
        extra = self.omit(params, ["leverage", "clientOrderId", "accountId"])
        response = await self.call("private_post_account_setmarginmode", {**request, **extra})
        self._modes[market["id"]] = marginMode.lower()
        return response

    async def fetch_trading_fees(self, params: Params = NONE) -> Any:
        """The account's maker and taker rate of every market."""
        await self.load_markets()
        account = await self.account_row(params)
        return {name: self.trading_fee(account, market) for name, market in self.markets.items()}

    async def fetch_trading_fee(self, symbol: str, params: Params = NONE) -> Any:
        """The account's maker and taker rate of one market."""
        await self.load_markets()
        return self.trading_fee(await self.account_row(params), self.market(symbol))

    def trading_fee(self, account: dict[str, Any], market: Any) -> Any:
        maker, taker = self.pure(reports.fee_rates, account, market["info"])
        rates = {"maker": self.parse_number(maker), "taker": self.parse_number(taker)}
        return {"info": account, "symbol": market["symbol"], **rates, "percentage": True, "tierBased": True}

    # --- payments -------------------------------------------------------------------------------------------------------------------------------

    async def fetch_funding_history(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Any]:
        """Funding payments, oldest first; positive amounts were received.

        :param since: unix milliseconds
        :param params: `until` in unix milliseconds
        """
        await self.load_markets()
        market = None if symbol is None else self.market(symbol)
        request: Params = {"filterTypeList": "SETTLE_FUNDING_FEE", **self.omit(params, "until")}
        if market is not None:
            request["filterContractIdList"] = market["id"]
        raw = await self.pages("private_get_account_getpositiontransactionpage", request, since, limit, params.get("until"))
        incomes = [self.parse_income(row, found) for row, found in self.known(raw) if row.get("type") == "SETTLE_FUNDING_FEE"]
        wanted = None if market is None else market["symbol"]
        return self.filter_by_symbol_since_limit(self.sort_by(incomes, "timestamp"), wanted, since, limit, since is None)

    def parse_income(self, info: dict[str, Any], market: Any = None) -> Any:
        market = self.safe_market(str(info.get("contractId")), market)
        found = self.pure(reports.funding_payment, info)
        dated = {"datetime": self.iso8601(found["timestamp"]), "amount": self.parse_number(found["amount"])}
        return {"info": info, "symbol": market["symbol"], "code": market["settle"], **found, **dated}

    async def fetch_ledger(
        self, code: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Any]:
        """Everything that moved the collateral, oldest first.

        :param since: unix milliseconds
        :param params: `until`, `filterTypeList`
        """
        await self.load_markets()
        raw = await self.collateral_rows(code, since, limit, params)
        parsed = [self.parse_ledger_entry(row) for row in raw]
        return self.filter_by_since_limit(self.sort_by(parsed, "timestamp"), since, limit, "timestamp", since is None)

    async def collateral_rows(
        self, code: str | None, since: int | None, limit: int | None, params: Params, *kinds: str
    ) -> list[dict[str, Any]]:
        request = self.omit(params, "until")
        if kinds:
            request = {"filterTypeList": list(kinds), **request}
        if code is not None:
            request = {"filterCoinIdList": str(self.coin(code)["coinId"]), **request}
        return await self.pages("private_get_account_getcollateraltransactionpage", request, since, limit, params.get("until"))

    async def fetch_ledger_entry(self, id: str, code: str | None = None, params: Params = NONE) -> Any:
        """One collateral transaction by its id."""
        await self.load_markets()
        query = {"collateralTransactionIdList": id, **params}
        raw = self.pure(parsing.rows, await self.private_get("private_get_account_getcollateraltransactionbyid", query))
        if not raw:
            raise errors.BadRequest(f"{self.id} no collateral transaction {id}")
        return self.parse_ledger_entry(raw[0])

    def parse_ledger_entry(self, item: dict[str, Any], currency: Any = None) -> Any:
        found = self.pure(reports.ledger_entry, item)
        code = self.safe_currency_code(str(item.get("coinId")), currency)
        numbers = {name: self.parse_number(found[name]) for name in ("amount", "before", "after")}
        fixed = {"account": item.get("accountId"), "referenceAccount": None, "fee": None, "datetime": self.iso8601(found["timestamp"])}
        return self.safe_ledger_entry({**found, **numbers, **fixed, "currency": code, "info": item}, currency)
