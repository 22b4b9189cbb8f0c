"""Money between accounts: transfers and withdrawals, which want a funding key, and their histories."""

from __future__ import annotations

from typing import Any

from ccxt_dex import wire
from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.grvt import signing, tables
from ccxt_dex.exchanges.grvt.room import NONE, Params, Room


class Money(Room):
    """Part of the room."""

    def _tokens(self, amount: Any) -> str:
        number = wire.decimal(amount, "amount")
        if number <= 0 or number.scaleb(6) != number.scaleb(6).to_integral_value():
            raise errors.BadRequest(f"{self.id} an amount is positive and has at most six decimals, got {amount!r}")
        return wire.plain(number)

    def _currency_id(self, code: str) -> tuple[str, int]:
        """Name and number of a currency; amounts of those with other than six decimals are not signed: nobody has seen how they count."""
        currency = self.currency(code)
        number = self.safe_integer(currency["info"], "id")
        if number is None or self.safe_integer(currency["info"], "balance_decimals") not in (None, 6):
            raise errors.NotSupported(f"{self.id} moves currencies with six decimals only, {code} is none")
        return str(currency["id"]), number

    async def transfer(self, code: str, amount: float, fromAccount: str, toAccount: str, params: Params = NONE) -> Any:
        """Move money between the funding account and trading accounts. Trading keys may not (code 1400 or 2000).

        :param fromAccount: "funding", "trading" or a trading account's number
        :param toAccount: the same
        :raises PermissionDenied: the key is no funding key
        """
        await self.load_markets()
        coin, number = self._currency_id(code)
        main = await self.main_account()
        names = {"funding": "0", "main": "0", "trading": None, "swap": None}
        sides = [names.get(side, str(side)) or await self.sub_account(params) for side in (fromAccount, toAccount)]
        if not all(side.isdigit() for side in sides) or sides[0] == sides[1]:
            raise errors.BadRequest(f"{self.id} transfer() is between funding and trading accounts, not {fromAccount!r} and {toAccount!r}")
        request = {
            "from_account_id": params.get("from_account_id", main),
            "from_sub_account_id": sides[0],
            "to_account_id": params.get("to_account_id", main),
            "to_sub_account_id": sides[1],
            "currency": coin,
            "num_tokens": self._tokens(amount),
            "transfer_type": "STANDARD",
            "transfer_metadata": "",
        }
        answer = await self._move("privateTradingPostFullV1Transfer", request, signing.transfer, number)
        found: Params = self.parse_transfer(answer.get("result") or {})
        known = {"currency": code, "amount": float(amount), "fromAccount": fromAccount, "toAccount": toAccount, "status": "pending"}
        return {**found, **known}

    async def withdraw(self, code: str, amount: float, address: str, params: Params = NONE) -> Any:
        """Withdraw from the funding account to an Ethereum address. Wants a funding key."""
        await self.load_markets()
        self.check_address(address)
        coin, number = self._currency_id(code)
        main = params.get("from_account_id") or await self.main_account()
        request = {"from_account_id": main, "to_eth_address": address, "currency": coin, "num_tokens": self._tokens(amount)}
        answer = await self._move("privateTradingPostFullV1Withdrawal", request, signing.withdrawal, number)
        found: Params = self.parse_transaction(answer.get("result") or {})
        return {**found, "type": "withdrawal", "currency": code, "amount": float(amount), "addressTo": address, "status": "pending"}

    async def _move(self, endpoint: str, request: Params, digest: Any, number: int) -> Any:
        chain, expiration = self.chain_id(), self.expires_in(tables.IMMEDIATE_SECONDS)
        made = await self.signature(lambda fields: digest({**request, "signature": fields}, number, chain), expiration)
        answer = await self.call(endpoint, {**request, "signature": made})
        self.acknowledged(answer, "ack")
        return answer

    def parse_transfer(self, transfer: Any, currency: Any = None) -> Any:
        """ccxt's hook; the amount is called num_tokens."""
        found: Params = super().parse_transfer(transfer, currency)
        if found.get("amount") is None:
            found["amount"] = self.safe_number(transfer, "num_tokens")
        return found
