"""Balances, positions, leverage, margin, the account itself. Page: .../api/info-endpoint/perpetuals and .../api/exchange-endpoint"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ccxt_dex._ccxt import errors
from ccxt_dex.exact import whole_leverage
from ccxt_dex.exchanges.hyperliquid import orders, parsing
from ccxt_dex.exchanges.hyperliquid.market_data import MarketData
from ccxt_dex.exchanges.hyperliquid.room import NONE, Params

NO_VALUE = (
    "id", "side", "entryPrice", "markPrice", "leverage", "liquidationPrice", "marginMode", "marginRatio", "percentage", "initialMarginPercentage",
    "maintenanceMarginPercentage", "lastUpdateTimestamp", "lastPrice", "stopLossPrice", "takeProfitPrice",
)  # fmt: skip
"""fields of a position that is none"""


class Account(MarketData):
    # --- balances and positions -------------------------------------------------------------------------------------------------------

    async def fetch_balance(self, params: Params = NONE) -> Any:
        """Collateral of all dexes, or tokens of the spot side.

        :param params: type "swap" (default) or "spot", dex to read a single one, user
        """
        await self.load_markets()
        address, params = self.handle_public_address("fetchBalance", params)
        kind, params = self.handle_market_type_and_params("fetchBalance", None, params)
        unified, params = await self.is_unified_enabled("fetchBalance", address, False, params)
        dex = params.get("dex")
        if (kind == "spot" or unified) and dex is None:
            return self.parse_spot_balance(await self.info("spotClearinghouseState", user=address))
        names = self.dexes() if dex is None else [str(dex)]
        return self.parse_swap_balance(await self.by_dex("clearinghouseState", names, user=address))

    def parse_swap_balance(self, states: dict[str, Any]) -> Any:
        """Of the states of several dexes: total is the equity, free what can be withdrawn."""
        rows: Params = self.pure(parsing.balances, [(self.collateral(dex), state) for dex, state in states.items()])
        stamp = max((int(state.get("time") or 0) for state in states.values()), default=0) or None
        return self.safe_balance({**rows, "info": states, "timestamp": stamp, "datetime": self.iso8601(stamp)})

    def parse_spot_balance(self, state: Any) -> Any:
        found: Params = {"info": state}
        for name, row in self.pure(parsing.spot_balances, state):
            found[self.update_spot_currency_code(self.safe_currency_code(name))] = row
        return self.safe_balance(found)

    async def fetch_positions(self, symbols: Any = None, params: Params = NONE) -> Any:
        """Open positions of all dexes, or of those that the symbols belong to."""
        await self.load_markets()
        address, _ = self.handle_public_address("fetchPositions", params)
        names = self.market_symbols(symbols)
        dexes = list(dict.fromkeys(self.dex_of(self.market(name)) for name in names)) if names else self.dexes()
        if params.get("dex") is not None:
            dexes = [str(params["dex"])]
        states = await self.by_dex("clearinghouseState", dexes, user=address)
        rows = [row for state in states.values() for row in self.positions_of(state)]
        return [row for row in rows if not names or row["symbol"] in names]

    async def fetch_positions_for_symbol(self, symbol: str, params: Params = NONE) -> Any:
        """The open position in one market, in a list."""
        return await self.fetch_positions([symbol], params)

    def positions_of(self, state: Any) -> list[Any]:
        """Open positions of one dex, at the time of its state."""
        rows = [self.pure(self.parse_position, row) for row in state.get("assetPositions") or [] if Decimal(str(row["position"]["szi"]))]
        if any(row["symbol"] is None for row in rows):
            raise errors.BadResponse(f"{self.id} a position that does not say in what: {str(state)[:200]}")
        stamp = int(state["time"]) if state.get("time") else None
        for row in rows:
            row["timestamp"], row["datetime"] = stamp, self.iso8601(stamp)
        return rows

    def parse_position(self, position: Any, market: Any = None) -> Any:
        """ccxt's, with the sign of the percentage, the contract size and the margin that the maintenance takes."""
        found = super().parse_position(position, market)
        entry = position["position"]
        market = self.coin_market(entry.get("coin")) or market
        if market is None:
            return found
        found["symbol"], found["contractSize"], found["hedged"] = market["symbol"], market["contractSize"], False
        roe = entry.get("returnOnEquity")
        found["percentage"] = None if roe is None else float(Decimal(str(roe)) * 100)
        if entry.get("maxLeverage") and found["notional"]:
            rate = 1 / (2 * Decimal(str(entry["maxLeverage"])))
            found["maintenanceMarginPercentage"] = float(rate)
            found["maintenanceMargin"] = float(rate * Decimal(str(found["notional"])))
        return found

    async def fetch_position(self, symbol: str, params: Params = NONE) -> Any:
        """The position in one market; with contracts 0 when there is none."""
        await self.load_markets()
        market = self.market(symbol)
        rows = await self.fetch_positions([market["symbol"]], params)
        return rows[0] if rows else self.no_position(market)

    def no_position(self, market: Any) -> Any:
        """What stands for a position that is closed."""
        nothing = dict.fromkeys(NO_VALUE)
        zero = dict.fromkeys(("contracts", "notional", "unrealizedPnl", "initialMargin", "maintenanceMargin", "collateral"), 0.0)
        now = self.milliseconds()
        times = {"timestamp": now, "datetime": self.iso8601(now)}
        fields = {"symbol": market["symbol"], "contractSize": market.get("contractSize"), "hedged": False, "info": {}}
        return self.safe_position({**nothing, **zero, **times, **fields})

    async def fetch_position_mode(self, symbol: Any = None, params: Params = NONE) -> Any:
        """One-way, always."""
        return {"info": {}, "hedged": False}

    async def fetch_accounts(self, params: Params = NONE) -> Any:
        """The account and its sub-accounts."""
        await self.load_markets()
        address, _ = self.handle_public_address("fetchAccounts", params)
        rows = await self.info("subAccounts", user=address)
        rows = rows if isinstance(rows, list) else []  # null for none
        found = [{"id": address, "type": "main", "code": None, "info": {}}]
        return found + [{"id": row["subAccountUser"], "type": "subaccount", "code": None, "info": row} for row in rows]

    # --- leverage and margin ------------------------------------------------------------------------------------------------------------

    async def asset_data(self, market: Any, params: Params = NONE) -> Any:
        address, _ = self.handle_public_address("fetchLeverage", params)
        return await self.info("activeAssetData", user=address, coin=self.coin(market))

    async def fetch_leverage(self, symbol: str, params: Params = NONE) -> Any:
        """Leverage and margin mode of a perpetual."""
        await self.load_markets()
        market = self.market(symbol)
        raw = await self.asset_data(market, params)
        mode, leverage = self.pure(parsing.leverage, raw)
        return {"info": raw, "symbol": market["symbol"], "marginMode": mode, "longLeverage": leverage, "shortLeverage": leverage}

    async def fetch_margin_mode(self, symbol: str, params: Params = NONE) -> Any:
        """Margin mode of a perpetual."""
        found = await self.fetch_leverage(symbol, params)
        return {"info": found["info"], "symbol": found["symbol"], "marginMode": found["marginMode"]}

    async def set_leverage(self, leverage: Any, symbol: str | None = None, params: Params = NONE) -> Any:
        """Set the leverage; the margin mode stays what it is unless params['marginMode'] names one (ccxt's makes it cross).

        :raises BadRequest: no whole number
        """
        market = await self.swap_market(symbol, "setLeverage")
        number = self.pure(whole_leverage, market, leverage)
        if params.get("marginMode") is not None:
            mode = self.margin_mode(params["marginMode"], "setLeverage")
        else:
            mode = (await self.fetch_leverage(market["symbol"], params))["marginMode"]
        return await self.update_leverage(market, mode, number, params)

    async def set_margin_mode(self, marginMode: str, symbol: str | None = None, params: Params = NONE) -> Any:
        """Set the margin mode; the leverage stays what it is unless params['leverage'] names one.

        :raises MarginModeAlreadySet: it is, and the leverage too
        """
        market = await self.swap_market(symbol, "setMarginMode")
        mode = self.margin_mode(marginMode, "setMarginMode")
        current = await self.fetch_leverage(market["symbol"], params)
        wanted = self.pure(whole_leverage, market, params.get("leverage") or current["longLeverage"])
        if wanted == current["longLeverage"]:
            self.refuse_same_margin_mode(current["marginMode"], mode, market["symbol"])
        return await self.update_leverage(market, mode, wanted, params)

    def margin_mode(self, given: Any, name: str) -> str:
        mode = str(given).lower()
        if mode not in ("cross", "isolated"):
            raise errors.BadRequest(f"{self.id} {name}() marginMode is cross or isolated, not {given!r}")
        return mode

    async def swap_market(self, symbol: str | None, name: str) -> Any:
        if symbol is None:
            raise errors.ArgumentsRequired(f"{self.id} {name}() requires a symbol argument")
        await self.load_markets()
        market = self.market(symbol)
        if not market["swap"]:
            raise errors.NotSupported(f"{self.id} {name}() is for perpetuals, not {market['symbol']}")
        return market

    async def update_leverage(self, market: Any, mode: str, leverage: int, params: Params) -> Any:
        vault, _ = self.acting_for(params)
        action = {"type": "updateLeverage", "asset": int(market["baseId"]), "isCross": mode == "cross", "leverage": leverage}
        return await self.act(action, vault)

    async def add_margin(self, symbol: str, amount: Any, params: Params = NONE) -> Any:
        """Add collateral (USD, to the cent and finer) to an isolated position."""
        return await self.move_margin(symbol, amount, 1, params)

    async def reduce_margin(self, symbol: str, amount: Any, params: Params = NONE) -> Any:
        """Take collateral (USD) out of an isolated position."""
        return await self.move_margin(symbol, amount, -1, params)

    async def move_margin(self, symbol: str, amount: Any, sign: int, params: Params) -> Any:
        market = await self.swap_market(symbol, "addMargin")
        units = self.pure(orders.usd_units, amount)
        vault, _ = self.acting_for(params)
        action = {"type": "updateIsolatedMargin", "asset": int(market["baseId"]), "isBuy": True, "ntli": sign * units}
        answer = await self.act(action, vault)
        fields = {"type": "add" if sign > 0 else "reduce", "amount": float(Decimal(units) / 1_000_000), "status": "ok"}
        return {**self.parse_margin_modification(answer, market), **fields}

    # --- fees -----------------------------------------------------------------------------------------------------------------------------

    def account_fee(self, raw: Any, market: Any) -> Any:
        maker, taker = self.pure(parsing.fee_rates, raw, bool(market["spot"]))
        rates = {"maker": self.parse_number(maker), "taker": self.parse_number(taker)}
        return {"info": raw, "symbol": market["symbol"], **rates, "percentage": True, "tierBased": True}

    async def fetch_trading_fee(self, symbol: str, params: Params = NONE) -> Any:
        """The account's rates; builders' dexes may take a multiple of them (README)."""
        await self.load_markets()
        address, _ = self.handle_public_address("fetchTradingFee", params)
        return self.account_fee(await self.info("userFees", user=address), self.market(symbol))

    async def fetch_trading_fees(self, params: Params = NONE) -> Any:
        """The account's rates for every market, in one request."""
        await self.load_markets()
        address, _ = self.handle_public_address("fetchTradingFees", params)
        raw = await self.info("userFees", user=address)
        return {market["symbol"]: self.account_fee(raw, market) for market in self.markets.values()}

    # --- the account itself -------------------------------------------------------------------------------------------------------------

    async def approve_agent(self, address: str, name: str = "") -> Any:
        """Let an API wallet act for the account; needs the account's own key."""
        return await self.act_as_owner({"type": "approveAgent", "agentAddress": self.address(address), "agentName": name})

    async def create_sub_account(self, name: str, params: Params = NONE) -> Any:
        return await self.act({"type": "createSubAccount", "name": name}, None, params.get("expiresAfter"))

    async def create_vault(self, name: str, description: str, initialUsd: Any, params: Params = NONE) -> Any:
        usd = self.pure(orders.usd_units, initialUsd)
        signer = self.trading_signer()
        nonce = self.action_nonce(signer.address)
        action = {"type": "createVault", "name": name, "description": description, "initialUsd": usd, "nonce": nonce}
        return await self.send_signed(await self.signed_action(action, nonce=nonce))

    async def reserve_request_weight(self, weight: Any, params: Params = NONE) -> Any:
        return await self.act({"type": "reserveRequestWeight", "weight": int(weight)})

    async def set_agent_abstraction(self, abstraction: str, params: Params = NONE) -> Any:
        return await self.act({"type": "agentSetAbstraction", "abstraction": abstraction})

    async def set_user_abstraction(self, abstraction: str, params: Params = NONE) -> Any:
        address, _ = self.handle_public_address("setUserAbstraction", params)
        self._unified.pop(address, None)
        return await self.act_as_owner({"type": "userSetAbstraction", "user": address, "abstraction": abstraction})

    async def enable_user_dex_abstraction(self, enabled: bool, params: Params = NONE) -> Any:
        address, _ = self.handle_public_address("enableUserDexAbstraction", params)
        return await self.act_as_owner({"type": "userDexAbstraction", "user": address, "enabled": bool(enabled)})

    async def fetch_rate_limit_budget(self, params: Params = NONE) -> Any:
        """What the address has left of its actions (info userRateLimit)."""
        await self.load_markets()
        address, _ = self.handle_public_address("fetchRateLimitBudget", params)
        return await self.info("userRateLimit", user=address)

    async def fetch_agents(self, params: Params = NONE) -> Any:
        """API wallets of the account with name and end of validity (info extraAgents)."""
        await self.load_markets()
        address, _ = self.handle_public_address("fetchAgents", params)
        return await self.info("extraAgents", user=address)
