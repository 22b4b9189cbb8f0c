"""Loans of the margin account, and withdrawals. Pages: docs.backpack.exchange "Execute borrow lend", "Get borrow lend positions",
"Get borrow lend markets", "Request withdrawal".

The venue keeps one net number per asset: lent is positive, borrowed negative, "Lend" adds and "Borrow" takes away. So that a loan never becomes
its opposite, the number is read before.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ccxt_dex._ccxt import errors
from ccxt_dex.exact import plain, positive
from ccxt_dex.exchanges.backpack import parsing
from ccxt_dex.exchanges.backpack.account import Account
from ccxt_dex.exchanges.backpack.room import NONE, Params, Row

YEAR = 31_536_000_000


class Lending(Account):
    """Part of the room."""

    async def _net_lent(self, asset: str) -> Decimal:
        rows: list[Row] = await self.call("privateGetApiV1BorrowLendPositions")
        mine = [row for row in rows if row.get("symbol") == asset]
        return self.pure(parsing.net_lent, mine[0]) if mine else Decimal(0)

    async def _execute(self, code: str, side: str, quantity: Decimal, params: Params) -> Any:
        asset = self.currency(code)["id"]

        async def lookup() -> None:
            """A loan has no id of its own: what became of a lost request shows in the account alone."""

        request = self.call("privatePostApiV1BorrowLend", {"symbol": asset, "side": side, "quantity": plain(quantity), **params})
        answer = await self.settled_write(request, lookup, f"{side} {plain(quantity)} {asset}")
        at = self.server_milliseconds()
        known = {"id": None, "currency": self.safe_currency_code(asset), "amount": float(quantity), "symbol": None}
        return {**known, "timestamp": at, "datetime": self.iso8601(at), "info": answer}

    async def borrow_cross_margin(self, code: str, amount: float, params: Params = NONE) -> Any:
        """Borrow an asset.

        :raises OperationRejected: the account lends this asset: the venue would take the sum out of that instead
        :raises OrderOutcomeUnknown: the request got lost: look at the account before you send another
        """
        await self.load_markets()
        quantity = self.pure(positive, amount, "amount")
        if await self._net_lent(self.currency(code)["id"]) > 0:
            raise errors.OperationRejected(f"{self.id} the account lends {code}: borrowing it would redeem that")
        return await self._execute(code, "Borrow", quantity, params)

    async def repay_cross_margin(self, code: str, amount: float, params: Params = NONE) -> Any:
        """Pay a loan back, in part or whole.

        :raises OperationRejected: more than is borrowed, which the venue would lend out
        :raises OrderOutcomeUnknown: as in `borrow_cross_margin`
        """
        await self.load_markets()
        quantity = self.pure(positive, amount, "amount")
        debt = max(-await self._net_lent(self.currency(code)["id"]), Decimal(0))
        if quantity > debt:
            raise errors.OperationRejected(f"{self.id} {plain(debt)} {code} is borrowed: what is above it would be lent out")
        return await self._execute(code, "Lend", quantity, params)

    async def fetch_borrow_interest(
        self, code: str | None = None, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Any]:
        """What is borrowed now, and the interest since each loan began. The venue tells neither a rate nor a time with it."""
        await self.load_markets()
        wanted = None if code is None else self.currency(code)["code"]
        found = []
        for row in await self.call("privateGetApiV1BorrowLendPositions", params):
            net, currency = self.pure(parsing.net_lent, row), self.safe_currency_code(row.get("symbol"))
            if net < 0 and wanted in (None, currency):
                loan = {"symbol": None, "currency": currency, "interest": self.safe_number(row, "cumulativeInterest"), "interestRate": None}
                found.append(
                    {**loan, "amountBorrowed": float(-net), "marginMode": "cross", "timestamp": None, "datetime": None, "info": row}
                )
        return found[: limit or None]

    async def fetch_cross_borrow_rates(self, params: Params = NONE) -> Any:
        """What borrowers pay, per year, by currency."""
        await self.load_markets()
        rates = {}
        for row in await self.call("publicGetApiV1BorrowLendMarkets", params):
            code, at = str(self.safe_currency_code(row.get("symbol"))), self.pure(parsing.utc, row.get("timestamp"))
            rate = {"currency": code, "rate": self.safe_number(row, "borrowInterestRate"), "period": YEAR, "timestamp": at}
            rates[code] = {**rate, "datetime": self.iso8601(at), "info": row}
        return rates

    async def fetch_cross_borrow_rate(self, code: str, params: Params = NONE) -> Any:
        """As `fetch_cross_borrow_rates`, of one currency.

        :raises BadSymbol: the venue lends no such thing
        """
        rates = await self.fetch_cross_borrow_rates(params)
        if code not in rates:
            raise errors.BadSymbol(f"{self.id} {code} cannot be borrowed")
        return rates[code]

    # --- withdrawals ------------------------------------------------------------------------------------------------------------------

    async def withdraw(self, code: str, amount: Any, address: str, params: Params = NONE) -> Any:
        """Ask for a withdrawal. Its fee is in the answer; whether it comes out of the amount is not documented.

        :param amount: as it is sent, to the last digit
        :param params: `network` (ccxt's code, or the venue's name of the chain), needed
        :raises NotSupported: with a tag: the API documents no field for a memo, and without it the coins are lost at the other end
        """
        tag = params.get("tag")
        if tag not in (None, ""):
            raise errors.NotSupported(f"{self.id} withdraw() cannot send a tag: the API documents no field for a memo")
        if not params.get("network") and not params.get("networkCode"):
            raise errors.ArgumentsRequired(f"{self.id} withdraw() requires params['network']")
        if not address or not isinstance(address, str):
            raise errors.InvalidAddress(f"{self.id} withdraw() requires an address, got {address!r}")
        exact = plain(self.pure(positive, amount, "amount"))
        made: Row = await super().withdraw(code, exact, address, self.omit(params, "tag"))
        return {**made, "type": "withdrawal"}
