"""Leverage, margin, and money on its way."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ccxt_dex import wire
from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.lighter import orders, parsing
from ccxt_dex.exchanges.lighter.room import NONE, Params
from ccxt_dex.exchanges.lighter.trading import Trading
from ccxt_dex.parts.following import PAUSES, follow

Row = dict[str, Any]


class Funds(Trading):
    """Part of the room."""

    _account: Any
    _configured: Any

    # --- leverage and margin ----------------------------------------------------------------------------------------------------------

    async def set_leverage(self, leverage: int, symbol: str | None = None, params: Params = NONE) -> Any:
        """Set the leverage of one market; the margin mode stays as it is unless params['marginMode'] says otherwise.

        :param leverage: from 1 to the market's maximum
        """
        if symbol is None:
            raise errors.ArgumentsRequired(f"{self.id} set_leverage() requires a symbol argument")
        await self.load_markets()
        await self.check_signer(params)
        mode = params.get("marginMode") or (await self.fetch_margin_mode(symbol))["marginMode"]
        return await self._set_margin(symbol, leverage, str(mode))

    async def set_margin_mode(self, marginMode: str, symbol: str | None = None, params: Params = NONE) -> Any:
        """Set "cross" or "isolated" for one market; the leverage stays as it is unless params['leverage'] says otherwise.

        :raises MarginModeAlreadySet: nothing would change
        """
        if symbol is None:
            raise errors.ArgumentsRequired(f"{self.id} set_margin_mode() requires a symbol argument")
        await self.load_markets()
        await self.check_signer(params)
        mode = str(marginMode).lower()
        current = await self.fetch_leverage(symbol)
        leverage = params.get("leverage") or current["longLeverage"]
        if current["marginMode"] == mode and (
            not params.get("leverage") or wire.decimal(leverage) == wire.decimal(current["longLeverage"])
        ):
            self.refuse_same_margin_mode(current["marginMode"], mode, symbol)
        return await self._set_margin(symbol, leverage, mode)

    async def _set_margin(self, symbol: str, leverage: Any, mode: str) -> Any:
        market = self.market(symbol)
        top = ((market.get("limits") or {}).get("leverage") or {}).get("max")
        plan = self.pure(orders.leverage, self.grid(symbol), leverage, mode, top)
        answer = await self.transact(plan)

        def shown(row: Row) -> bool:
            fraction = wire.decimal(row.get("initial_margin_fraction") or 0) * 100
            mode = int(row.get("margin_mode") or 0)
            return bool(mode == plan.fields["MarginMode"] and fraction == plan.fields["InitialMarginFraction"])

        await self._shown(symbol, shown, "leverage and margin mode", "as with an open position")
        return answer

    async def _shown(self, symbol: str, shown: Callable[[Row], bool], what: str, why: str) -> None:
        """Waits until the account shows what a transaction changed; until the transaction can no longer be executed its absence proves nothing.

        :raises OperationRejected: it did not change
        :raises RequestTimeout: the account could not be read
        """

        async def look() -> Row:
            found: Row = (await self._configured(symbol))[0]
            return found

        rest = max(self.transaction_life() / 1000 + 2 - sum(PAUSES), 0)
        row = await follow(look, shown, pauses=(*PAUSES, *[1.0] * math.ceil(rest)), logger=self.logger)
        if row is None:
            raise errors.RequestTimeout(f"{self.id} the change of {what} of {symbol} was accepted, and could not be read back")
        if not shown(row):
            raise errors.OperationRejected(f"{self.id} {what} of {symbol} did not change: refused, {why}")

    async def add_margin(self, symbol: str, amount: float, params: Params = NONE) -> Any:
        """Move USDC from the cross balance into an isolated position."""
        return await self._move_margin(symbol, amount, True, params)

    async def reduce_margin(self, symbol: str, amount: float, params: Params = NONE) -> Any:
        """Move USDC out of an isolated position."""
        return await self._move_margin(symbol, amount, False, params)

    async def set_margin(self, symbol: str, amount: float, params: Params = NONE) -> Any:
        """Bring an isolated position's margin to `amount` USDC; params['direction'] (1 add, 0 remove) moves `amount` instead, as in ccxt."""
        if params.get("direction") is not None:
            return await self._move_margin(symbol, amount, int(params["direction"]) == 1, params)
        held = wire.decimal((await self.fetch_position(symbol)).get("collateral") or 0)
        change = wire.decimal(amount, "amount") - held
        if not change:
            raise errors.NoChange(f"{self.id} the margin of {symbol} is {wire.plain(held)} already")
        return await self._move_margin(symbol, wire.plain(abs(change)), change > 0, params)

    async def _move_margin(self, symbol: str, amount: Any, add: bool, params: Params) -> Any:
        await self.load_markets()
        await self.check_signer(params)
        plan = self.pure(orders.margin, self.grid(symbol), amount, add)
        before = wire.decimal((await self._configured(symbol))[0].get("allocated_margin") or 0)
        answer = await self.transact(plan)

        def moved(row: Row) -> bool:
            now = wire.decimal(row.get("allocated_margin") or 0)
            return bool(now > before if add else now < before)

        await self._shown(symbol, moved, "the margin", "as without an isolated position")
        timestamp = parsing.stamp(answer.get("predicted_execution_time_ms"))
        return {
            "info": answer,
            "symbol": self.market(symbol)["symbol"],
            "type": "add" if add else "reduce",
            "marginMode": "isolated",
            "amount": float(wire.plain(wire.decimal(amount))),
            "total": None,
            "code": "USDC",
            "status": "ok",
            "timestamp": timestamp,
            "datetime": self.iso8601(timestamp),
        }

    # --- money ------------------------------------------------------------------------------------------------------------------------

    def _units(self, code: str, amount: Any) -> tuple[int, int]:
        """Asset index and smallest units of an amount.

        :raises BadRequest: more decimals than the asset has
        """
        currency = self.currency(code)
        decimals = int(currency["info"]["decimals"])
        return int(str(currency["id"])), self.pure(orders.scaled, amount, decimals, f"{code} amount", 2**60 - 1)

    async def transfer(self, code: str, amount: float, fromAccount: str, toAccount: str, params: Params = NONE) -> Any:
        """Move an asset between the account's perpetual and spot sides, or to another account of the same owner.

        :param fromAccount: "perp" (or "swap") or "spot"
        :param toAccount: the same
        :param params: toAccountIndex (default: the own account), memo (32 bytes as hex)
        :raises BadRequest: another kind of account; the venue refuses other owners' accounts, which need an L1 signature
        """
        await self.load_markets()
        await self.check_signer(params)
        asset, units = self._units(code, amount)
        routes = {"perp": 0, "swap": 0, "spot": 1}
        if fromAccount not in routes or toAccount not in routes:
            raise errors.BadRequest(f"{self.id} transfer() is between perp and spot")
        who = await self.identity()
        fields = {
            "ToAccountIndex": int(str(params.get("toAccountIndex", params.get("to_account_index", who.account)))),
            "AssetIndex": asset,
            "FromRouteType": routes[fromAccount],
            "ToRouteType": routes[toAccount],
            "Amount": units,
            "USDCFee": 0,
            "Memo": bytes.fromhex(str(params.get("memo", "")).removeprefix("0x")).ljust(32, b"\0"),
        }
        answer = await self.transact(orders.Plan("transfer", fields))
        transfer: Params = self.parse_transfer(answer)
        known = {"id": answer.get("tx_hash"), "currency": code, "amount": float(amount), "fromAccount": fromAccount, "toAccount": toAccount}
        return {**transfer, **known, "status": "pending"}

    def parse_transfer(self, transfer: Any, currency: Any = None) -> Any:
        """ccxt's hook; it looks for the two sides under names that the venue does not use."""
        parsed: Params = super().parse_transfer(transfer, currency)
        inside = transfer.get("from_account_index") == transfer.get("to_account_index")
        for name, side in (("fromAccount", "from"), ("toAccount", "to")):
            value = transfer.get(f"{side}_route" if inside else f"{side}_account_index")
            parsed[name] = None if value is None else str(value)
        return {**parsed, "status": "ok"}

    async def create_sub_account(self, name: str, params: Params = NONE) -> Any:
        """Open a sub-account of this account; the venue gives it no name.

        :returns: the sequencer's answer; the new account appears in fetch_accounts
        """
        return await self.transact(orders.Plan("create_sub_account", {}))

    async def withdraw(self, code: str, amount: float, address: str, params: Params = NONE) -> Any:
        """Withdraw to the account's own L1 address, the only one there is (slow, through the rollup).

        :param address: must be the account's L1 address, or None
        :param params: routeType 0 (perp) or 1 (spot)
        :raises InvalidAddress: an address that is not the account's: the venue would ignore it
        """
        await self.load_markets()
        await self.check_signer(params)
        row = await self._account()
        if address and str(address).lower() != str(row.get("l1_address", "")).lower():
            raise errors.InvalidAddress(f"{self.id} withdraws to the account's own L1 address only")
        asset, units = self._units(code, amount)
        fields = {"AssetIndex": asset, "RouteType": int(params.get("routeType", 0)), "Amount": units}
        answer = await self.transact(orders.Plan("withdraw", fields))
        transaction: Params = self.parse_transaction({**answer, "type": "withdrawal"})
        known = {
            "id": answer.get("tx_hash"),
            "currency": code,
            "amount": float(amount),
            "address": row.get("l1_address"),
            "status": "pending",
        }
        return {**transaction, **known}
