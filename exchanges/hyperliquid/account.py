"""Balances, positions, leverage, margin, money. Page: .../api/info-endpoint/perpetuals and .../api/exchange-endpoint"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ccxt_dex._ccxt import errors
from ccxt_dex.exact import plain, positive
from ccxt_dex.exchanges.hyperliquid import orders, parsing, tables
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
        rows = [self.parse_position(row) for row in state.get("assetPositions") or [] if Decimal(str(row["position"]["szi"]))]
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
        fields = {"symbol": market["symbol"], "contractSize": market["contractSize"], "hedged": False, "info": {}}
        return self.safe_position({**nothing, **zero, **times, **fields})

    async def fetch_position_mode(self, symbol: Any = None, params: Params = NONE) -> Any:
        """One-way, always."""
        return {"info": {}, "hedged": False}

    async def fetch_accounts(self, params: Params = NONE) -> Any:
        """The account and its sub-accounts."""
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
        mode = params.get("marginMode")
        if mode is None:
            mode = (await self.fetch_leverage(market["symbol"], params))["marginMode"]
        return await self.update_leverage(market, mode, leverage, params)

    async def set_margin_mode(self, marginMode: str, symbol: str | None = None, params: Params = NONE) -> Any:
        """Set the margin mode; the leverage stays what it is unless params['leverage'] names one.

        :raises MarginModeAlreadySet: it is, and the leverage too
        """
        market = await self.swap_market(symbol, "setMarginMode")
        mode = str(marginMode).lower()
        if mode not in ("cross", "isolated"):
            raise errors.BadRequest(f"{self.id} setMarginMode() marginMode is cross or isolated, not {marginMode!r}")
        current = await self.fetch_leverage(market["symbol"], params)
        wanted = params.get("leverage") or current["longLeverage"]
        if int(wanted) == current["longLeverage"]:
            self.refuse_same_margin_mode(current["marginMode"], mode, market["symbol"])
        return await self.update_leverage(market, mode, wanted, params)

    async def swap_market(self, symbol: str | None, name: str) -> Any:
        if symbol is None:
            raise errors.ArgumentsRequired(f"{self.id} {name}() requires a symbol argument")
        await self.load_markets()
        market = self.market(symbol)
        if not market["swap"]:
            raise errors.NotSupported(f"{self.id} {name}() is for perpetuals, not {market['symbol']}")
        return market

    async def update_leverage(self, market: Any, mode: str, leverage: Any, params: Params) -> Any:
        if Decimal(str(leverage)) != int(leverage) or int(leverage) < 1:
            raise errors.BadRequest(f"{self.id} leverage is a whole number from 1, not {leverage!r}")
        vault, _ = self.acting_for(params)
        action = {"type": "updateLeverage", "asset": int(market["baseId"]), "isCross": mode == "cross", "leverage": int(leverage)}
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

    # --- money ------------------------------------------------------------------------------------------------------------------------------

    async def fetch_transfers(
        self, code: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> Any:
        """Moves between spot and perpetuals, to and from other addresses, sub-accounts and vaults."""
        await self.load_markets()
        address, params = self.handle_public_address("fetchTransfers", params)
        rows = await self.info("userNonFundingLedgerUpdates", user=address, startTime=since or 0, **params)
        found = []
        for raw in rows:
            entry = self.pure(parsing.transfer, raw, address)
            if entry is not None:
                token = self.update_spot_currency_code(self.safe_currency_code(entry["token"]))
                names = {"fromAccount": entry["from"], "toAccount": entry["to"], "status": "ok", "info": raw}
                stamp = entry["timestamp"]
                times = {"timestamp": stamp, "datetime": self.iso8601(stamp)}
                found.append({"id": entry["id"], "currency": token, "amount": self.parse_number(entry["amount"]), **times, **names})
        found = [row for row in found if code is None or row["currency"] == code]
        return self.filter_by_since_limit(self.sort_by(found, "timestamp"), since, limit, "timestamp")

    async def transfer(self, code: str, amount: Any, fromAccount: str, toAccount: str, params: Params = NONE) -> Any:
        """Move money: spot and swap of the account, "main" and a sub-account, or to another address.

        :param fromAccount: "spot", "swap", "main" or a sub-account's address
        :param toAccount: the same, or any address ("spot" or "swap" tokens of the account are sent there)
        :raises AuthenticationError: needs the account's own key and there is only an API wallet's
        """
        await self.load_markets()
        exact = plain(self.pure(positive, amount, "amount"))
        inner, outer = ("spot", "swap", "perp"), ("main",)
        if fromAccount in inner and toAccount in inner:
            answer = await self.class_transfer(code, exact, toAccount, params)
        elif fromAccount in outer or toAccount in outer:
            answer = await self.sub_account_transfer(code, exact, fromAccount, toAccount, params)
        elif fromAccount in inner:
            answer = await self.send_away(code, exact, fromAccount, toAccount)
        else:
            raise errors.NotSupported(f"{self.id} transfer() from {fromAccount} to {toAccount}")
        fields = {"amount": float(exact), "fromAccount": fromAccount, "toAccount": toAccount, "currency": code}
        return {**self.parse_transfer(answer, self.safe_currency(code)), **fields}

    async def class_transfer(self, code: str, amount: str, target: str, params: Params) -> Any:
        if code != "USDC":
            raise errors.NotSupported(f"{self.id} only USDC moves between spot and perpetuals")
        vault, _ = self.acting_for(params)
        text = amount if vault is None else f"{amount} subaccount:{vault}"
        return await self.act_as_owner({"type": "usdClassTransfer", "amount": text, "toPerp": target in ("swap", "perp")})

    async def sub_account_transfer(self, code: str, amount: str, source: str, target: str, params: Params) -> Any:
        deposit = source == "main"
        other = self.address(target if deposit else source)
        if params.get("method") == "sendAsset" or await self.unified_account(self.own_address()):
            dex = str(params.get("sourceDex", "" if params.get("type") in ("swap", "perp") else "spot"))
            return await self.act_as_owner(
                {
                    "type": "sendAsset",
                    "destination": other if deposit else self.own_address(),
                    "sourceDex": dex,
                    "destinationDex": str(params.get("destinationDex", dex)),
                    "token": self.token_name(code),
                    "amount": amount,
                    "fromSubAccount": "" if deposit else other,
                }
            )
        if code == "USDC" and params.get("type") != "spot":
            usd = self.pure(orders.usd_units, amount)
            return await self.act({"type": "subAccountTransfer", "subAccountUser": other, "isDeposit": deposit, "usd": usd})
        action = {
            "type": "subAccountSpotTransfer",
            "subAccountUser": other,
            "isDeposit": deposit,
            "token": self.token_name(code),
            "amount": amount,
        }
        return await self.act(action)

    async def send_away(self, code: str, amount: str, source: str, destination: str) -> Any:
        target = self.address(destination)
        if source == "spot":
            action = {"destination": target, "amount": amount, "token": self.token_name(code), "type": "spotSend"}
            return await self.act_as_owner(action, "time")
        if code != "USDC":
            raise errors.NotSupported(f"{self.id} only USDC can be sent from the perpetuals' side")
        return await self.act_as_owner({"destination": target, "amount": amount, "type": "usdSend"}, "time")

    def token_name(self, code: str) -> str:
        """NAME:0xid of a currency."""
        raw = self.currency(code)["info"]
        return f"{raw['name']}:{raw['tokenId']}"

    async def withdraw(self, code: str, amount: Any, address: str, params: Params = NONE) -> Any:
        """Withdraw USDC over the bridge (1 USD fee), or out of a vault named in params['vaultAddress'].

        :raises AuthenticationError: the bridge needs the account's own key
        """
        if code.upper() != "USDC":
            raise errors.NotSupported(f"{self.id} withdraw() supports USDC only")
        exact = plain(self.pure(positive, amount, "amount"))
        vault = params.get("vaultAddress")
        if vault:
            usd = self.pure(orders.usd_units, amount)
            answer = await self.act({"type": "vaultTransfer", "vaultAddress": self.address(vault), "isDeposit": False, "usd": usd})
        else:
            answer = await self.act_as_owner({"destination": self.address(address), "amount": exact, "type": "withdraw3"}, "time")
        found = self.parse_transaction(answer)
        return {**found, "amount": float(exact), "currency": "USDC", "address": address, "addressTo": address, "type": "withdrawal"}

    def parse_transaction(self, transaction: Any, currency: Any = None) -> Any:
        """ccxt's leaves type and currency out, and cuts the fee down to a whole number."""
        parsed = super().parse_transaction(transaction, currency)
        delta = self.safe_dict(transaction, "delta", {})
        fee = self.safe_number(delta, "fee")
        parsed["fee"] = None if fee is None else {"currency": "USDC", "cost": fee}
        if parsed["amount"] is not None:
            parsed["currency"] = "USDC"
        parsed["type"] = tables.MOVES.get(self.safe_string(delta, "type", ""))
        return parsed

    async def vault_deposit(self, vault: str, amount: Any) -> Any:
        """Put USDC into a vault."""
        action = {
            "type": "vaultTransfer",
            "vaultAddress": self.address(vault),
            "isDeposit": True,
            "usd": self.pure(orders.usd_units, amount),
        }
        return await self.act(action)

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
        address, _ = self.handle_public_address("fetchRateLimitBudget", params)
        return await self.info("userRateLimit", user=address)

    async def fetch_agents(self, params: Params = NONE) -> Any:
        """API wallets of the account with name and end of validity (info extraAgents)."""
        address, _ = self.handle_public_address("fetchAgents", params)
        return await self.info("extraAgents", user=address)
