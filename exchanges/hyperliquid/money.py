"""Money on its way: ledger, deposits, withdrawals, transfers, vaults. Page: .../api/info-endpoint/perpetuals and .../api/exchange-endpoint"""

from __future__ import annotations

from typing import Any

from ccxt_dex._ccxt import errors
from ccxt_dex.exact import plain, positive
from ccxt_dex.exchanges.hyperliquid import orders, parsing, tables
from ccxt_dex.exchanges.hyperliquid.account import Account
from ccxt_dex.exchanges.hyperliquid.room import NONE, Params


class Money(Account):
    # --- money ------------------------------------------------------------------------------------------------------------------------------

    async def fetch_transfers(
        self, code: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> Any:
        """Moves between spot and perpetuals, to and from other addresses, sub-accounts and vaults."""
        await self.load_markets()
        address, params = self.handle_public_address("fetchTransfers", params)
        rows = await self.ledger_rows(address, since, params)
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

    async def ledger_rows(self, address: str, since: Any, params: Params) -> list[Any]:
        """Everything but funding that moved money: from `since` on, or the latest."""
        until, kind, rest = params.get("until"), "userNonFundingLedgerUpdates", self.omit(params, "until")
        if since is None:
            return await self.latest_rows(kind, until, user=address, **rest)
        return await self.rows_from(kind, since, until, user=address, **rest)

    async def fetch_ledger(self, code: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE) -> Any:
        """ccxt's; page by page, the latest without `since` (ccxt gets the oldest 500)."""
        await self.load_markets()
        address, params = self.handle_public_address("fetchLedger", params)
        rows = self.parse_ledger(await self.ledger_rows(address, since, params), None, since, limit)
        return [row for row in rows if code is None or row["currency"] == code]

    def parse_ledger_entry(self, item: Any, currency: Any = None) -> Any:
        """ccxt's, which leaves the currency out and cuts the fee down to a whole number."""
        parsed = super().parse_ledger_entry(item, currency)
        delta = self.safe_dict(item, "delta", {})
        token = "USDC" if "usdc" in delta else delta.get("token")
        parsed["currency"] = None if token is None else self.update_spot_currency_code(self.safe_currency_code(token))
        if parsed["amount"] is None:
            parsed["amount"] = self.safe_number(delta, "amount")
        fee = self.safe_number(delta, "fee")
        parsed["fee"] = None if fee is None else {"currency": "USDC", "cost": fee}
        return parsed

    async def fetch_deposits(
        self, code: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> Any:
        """Deposits over the bridge; page by page, the latest without `since`."""
        return await self.crossings("deposit", "fetchDeposits", code, since, limit, params)

    async def fetch_withdrawals(
        self, code: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> Any:
        """Withdrawals over the bridge; page by page, the latest without `since`."""
        return await self.crossings("withdraw", "fetchWithdrawals", code, since, limit, params)

    async def crossings(self, word: str, name: str, code: Any, since: Any, limit: Any, params: Params) -> Any:
        await self.load_markets()
        address, params = self.handle_public_address(name, params)
        rows = [row for row in await self.ledger_rows(address, since, params) if (row.get("delta") or {}).get("type") == word]
        return self.parse_transactions(rows if code in (None, "USDC") else [], None, since, limit)

    async def transfer(self, code: str, amount: Any, fromAccount: str, toAccount: str, params: Params = NONE) -> Any:
        """Move money: spot and swap of the account, "main" and a sub-account, or to another address.

        :param fromAccount: "spot", "swap", "main" or a sub-account's address
        :param toAccount: the same, or any address ("spot" or "swap" tokens of the account are sent there)
        :raises AuthenticationError: needs the account's own key and there is only an API wallet's
        """
        await self.load_markets()
        exact = plain(self.pure(positive, amount, "amount"))
        inner, outer = ("spot", "swap", "perp"), ("main",)
        if fromAccount == toAccount or {fromAccount, toAccount} == {"swap", "perp"}:
            raise errors.BadRequest(f"{self.id} transfer() from {fromAccount} to {toAccount} moves nothing")
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
