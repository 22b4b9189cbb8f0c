"""Money that leaves the account: transfers to other accounts, withdrawals. Signed by the owner's wallet, never by the trading key.

Sources: official Python SDK 2.0.1, `transfer/client.py` and `unified_asset/client.py`.
"""

from __future__ import annotations

import threading
from decimal import Decimal
from typing import Any

from ccxt_dex import reading
from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.edgex import bodies, parsing, reports, signing, tables
from ccxt_dex.exchanges.edgex.history import History
from ccxt_dex.exchanges.edgex.room import NONE, Params
from ccxt_dex.signers import eip712

EPOCH_MS = 1_577_836_800_000
NODE = 1
FLOW_SECONDS = 300
_numbers = threading.Lock()
_last = [0]


def snowflake(now_ms: int) -> int:
    """A clientWithdrawId in the SDK's form: milliseconds since 2020, node, a running number; never the same twice in a process."""
    with _numbers:
        _last[0] = max(_last[0] + 1, ((now_ms - EPOCH_MS) << 22) | (NODE << 12))
        return _last[0]


class Transfers(History):
    async def transfer(self, code: str, amount: Any, fromAccount: str, toAccount: str, params: Params = NONE) -> Any:
        """Moves collateral to another account; free of charge.

        :param fromAccount: this account's id, or "swap"
        :param toAccount: id of the receiving account
        :param params: `clientTransferId` (the venue executes an id once: repeat a transfer of unknown outcome with the same one)
        :raises BadRequest: for any other pair of accounts
        """
        await self.load_markets()
        own = self.account_id(params)
        if fromAccount not in (own, "swap", "perps", "linear") or not str(toAccount).isdigit() or str(toAccount) == own:
            raise errors.BadRequest(
                f"{self.id} transfer() moves from {own} ('swap') to another account id, not {fromAccount} -> {toAccount}"
            )
        coin, signer = self.coin(code), self.wallet_signer()
        units = self.pure(signing.resolution, coin.get("resolution"))
        text, raw_amount = self.pure(bodies.money, amount, units)
        own_id = str(params.get("clientTransferId") or self.new_client_order_id())
        expires = self.server_milliseconds() + tables.TRANSFER_LIFE_MS
        nonce = signing.nonce_of(own_id)
        domain = self.pure(signing.domain_of, self.settings(), "chainId", "nativeChainId")
        struct = signing.transfer_hash(int(own), int(toAccount), int(coin["coinId"]), raw_amount, nonce, expires // 1000, signer.address)
        request = {
            "accountId": own,
            "coinId": str(coin["coinId"]),
            "amount": text,
            "receiverAccountId": str(toAccount),
            "clientTransferId": own_id,
            "transferReason": "USER_TRANSFER",
            "l2Nonce": str(nonce),
            "l2ExpireTime": str(expires),
            "l2Signature": await self.signature(signer, signing.digest(domain, struct)),
            **self.omit(params, ["accountId", "clientTransferId"]),
        }
        try:
            response = await self.call("private_post_transfer_createtransferout", request)
        except errors.OperationFailed as error:
            error.args = (f"{error} (clientTransferId {own_id}: repeat with it, or look at fetch_transfers())", *error.args[1:])
            raise
        made = self.pure(parsing.one, response)
        row = {"id": made.get("transferOutId"), "coinId": coin["coinId"], "amount": text, "accountId": own, "receiverAccountId": toAccount}
        return self.parse_transfer({**row, "clientTransferId": own_id, "createdTime": str(self.milliseconds()), **made}, None)

    def parse_transfer(self, transfer: dict[str, Any], currency: Any = None) -> Any:
        stamp = self.pure(parsing.milliseconds, transfer.get("createdTime"))
        incoming = transfer.get("senderAccountId") is not None
        sides = (
            (transfer.get("senderAccountId"), transfer.get("accountId"))
            if incoming
            else (transfer.get("accountId"), transfer.get("receiverAccountId"))
        )
        return {
            "info": transfer,
            "id": transfer.get("id"),
            "timestamp": stamp,
            "datetime": self.iso8601(stamp),
            "currency": self.safe_currency_code(str(transfer.get("coinId")), currency),
            "amount": self.parse_number(reading.text(transfer.get("amount"))),
            "fromAccount": sides[0],
            "toAccount": sides[1],
            "status": self.pure(reports.transfer_status, transfer),
        }

    async def fetch_transfer(self, id: str, code: str | None = None, params: Params = NONE) -> Any:
        """A transfer that left this account, or that came in, by its id."""
        await self.load_markets()
        for path, key in (("gettransferoutbyid", "transferOutIdList"), ("gettransferinbyid", "transferInIdList")):
            raw = self.pure(parsing.rows, await self.private_get(f"private_get_transfer_{path}", {key: id, **params}))
            if raw:
                return self.parse_transfer(raw[0])
        raise errors.BadRequest(f"{self.id} no transfer {id}")

    async def fetch_transfers(
        self, code: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Any]:
        """Transfers out and in, oldest first, from the collateral transactions; the other account's id is in fetch_transfer()."""
        await self.load_markets()
        raw = await self.collateral_rows(code, since, limit, params, "TRANSFER_OUT", "TRANSFER_IN")
        parsed = [self.ledger_transfer(row) for row in raw]
        return self.filter_by_since_limit(self.sort_by(parsed, "timestamp"), since, limit, "timestamp", since is None)

    def ledger_transfer(self, row: dict[str, Any]) -> Any:
        entry = self.pure(reports.ledger_entry, row)
        out, own = entry["direction"] == "out", str(row.get("accountId") or self.account_id())
        stamp = entry["timestamp"]
        return {
            "info": row,
            "id": entry["referenceId"],
            "timestamp": stamp,
            "datetime": self.iso8601(stamp),
            "currency": self.safe_currency_code(str(row.get("coinId"))),
            "amount": self.parse_number(entry["amount"]),
            "fromAccount": own if out else None,
            "toAccount": None if out else own,
            "status": entry["status"],
        }

    # --- withdrawals ------------------------------------------------------------------------------------------------------------------------------

    async def withdraw(  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        self, code: str, amount: Any, address: str, tag: Any = None, params: Params = NONE
    ) -> Any:
        """Withdraws to the owner's own wallet: asks the fee, gets the text to sign, checks every field of it, signs, submits.

        :param amount: before the venue's fee, which is taken off it
        :param address: the wallet of options['walletPrivateKey']; the protocol knows no other receiver
        :param params: `source` ("spot" as in the SDK, or "perpv2"), `sourceAccount`, `chainId`, `tokenAddress`, `maxFee` (refuse a larger one)
        :raises BadResponse: when the text to sign is not what was asked for; nothing is signed then
        """
        if isinstance(tag, dict):
            tag, params = None, tag  # ccxt's base class has no tag, its exchanges have
        if tag is not None:
            raise errors.NotSupported(f"{self.id} withdrawals have no tag")
        await self.load_markets()
        signer = self.wallet_signer()
        own, plan = self.own_address(signer, address), dict(tables.WITHDRAWALS.get(code) or {})
        plan.update({"chain": params.get("chainId", plan.get("chain")), "token": params.get("tokenAddress", plan.get("token"))})
        if not plan["chain"] or not plan["token"] or "decimals" not in plan:
            raise errors.BadRequest(f"{self.id} withdraw() knows {', '.join(tables.WITHDRAWALS)}, not {code}")
        units = Decimal(10) ** plan["decimals"]
        _, gross = self.pure(bodies.money, amount, units)
        attempt = self.attempt(own, gross, plan, params)
        fee = await self.flow_fee(attempt)
        if not 0 <= fee < gross or (params.get("maxFee") is not None and Decimal(fee) / units > Decimal(str(params["maxFee"]))):
            raise errors.BadRequest(f"{self.id} the venue asks a fee of {Decimal(fee) / units:f} {code}; nothing was withdrawn")
        attempt.update({"amount": str(gross - fee), "fee": str(fee)})
        typed = self.pure(parsing.one, await self.call("asset_post_geteip712data", {"attempt": attempt}))
        digest = self.pure(signing.flow_digest, typed, attempt, tables.ASSET_FLOW_CONTRACT)
        body = {
            "attempt": attempt,
            "userSignature": "0x" + await self.signature(signer, digest),
            "extraData": str(params.get("extraData") or ""),
            "privyIdentityToken": str(params.get("privyIdentityToken") or ""),
        }
        try:
            made = self.pure(parsing.one, await self.call("asset_post_submitassetflow", body))
        except errors.OperationFailed as error:
            error.args = (f"{error} (clientWithdrawId {attempt['clientWithdrawId']}: look before you withdraw again)", *error.args[1:])
            raise
        return self.withdrawal(made, attempt, code, units)

    def own_address(self, signer: Any, address: str) -> str:
        own = eip712.checksum_address(self.walletAddress or signer.address)
        if own != signer.address:
            raise errors.AuthenticationError(f"{self.id} walletAddress is not the address of options['walletPrivateKey']")
        if str(address).lower() != own.lower():
            raise errors.InvalidAddress(f"{self.id} withdraws to the account's own wallet {own} only, not to {address}")
        return own

    def attempt(self, own: str, gross: int, plan: Params, params: Params) -> Params:
        now = self.server_milliseconds()
        return {
            "userAddress": own,
            "privyAddress": tables.ZERO_ADDRESS,
            "source": str(params.get("source") or "spot"),
            "sourceAccount": str(params.get("sourceAccount") or self.account_id(params)),
            "tokenAddress": str(plan["token"]),
            "amount": str(gross),
            "fee": "0",
            "destination": f"chain-{int(plan['chain'])}",
            "destinationAccount": own,
            "clientWithdrawId": str(params.get("clientWithdrawId") or snowflake(now)),
            "expireTime": int(params.get("expireTime") or now // 1000 + FLOW_SECONDS),
        }

    async def flow_fee(self, attempt: Params) -> int:
        found = self.pure(parsing.one, await self.call("asset_post_getfeebyassetflow", {"attempt": attempt}))
        return self.pure(lambda: int(found["fee"]))

    def withdrawal(self, made: dict[str, Any], attempt: Params, code: str, units: Decimal) -> Any:
        stamp = self.milliseconds()
        net, fee = (self.parse_number(parsing.plain(Decimal(attempt[name]) / units)) for name in ("amount", "fee"))
        ends = {"address": attempt["destinationAccount"], "addressFrom": None, "addressTo": attempt["destinationAccount"]}
        tags = {"tag": None, "tagFrom": None, "tagTo": None}
        return {
            "info": {**made, "attempt": attempt},
            "id": made.get("flowId"),
            "txid": None,
            "timestamp": stamp,
            "datetime": self.iso8601(stamp),
            "network": attempt["destination"],
            **ends,
            **tags,
            "type": "withdrawal",
            "amount": net,
            "currency": code,
            "status": "pending",
            "updated": None,
            "internal": False,
            "comment": None,
            "fee": {"currency": code, "cost": fee, "rate": None},
        }

    async def fetch_deposits(
        self, code: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Any]:
        """Deposits into the account, oldest first, from the collateral transactions."""
        return await self.money_rows(code, since, limit, params, "DEPOSIT")

    async def fetch_withdrawals(
        self, code: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Any]:
        """Withdrawals from the account, oldest first, from the collateral transactions."""
        return await self.money_rows(code, since, limit, params, "WITHDRAW")

    async def fetch_deposits_withdrawals(
        self, code: str | None = None, since: int | None = None, limit: int | None = None, params: Params = NONE
    ) -> list[Any]:
        """Deposits and withdrawals together, oldest first.

        :param params: `method`: "privateGetAssetsGetAllOrdersPage" for the endpoint that knows transaction hashes, chains and addresses; it
            is documented for V2, and no client is known to use it
        """
        if params.get("method") == tables.ASSET_ORDERS:
            return await self.asset_orders(code, since, limit, self.omit(params, "method"))
        return await self.money_rows(code, since, limit, params, "DEPOSIT", "WITHDRAW")

    async def asset_orders(self, code: str | None, since: int | None, limit: int | None, params: Params) -> list[Any]:
        await self.load_markets()
        query: Params = {"size": str(tables.MAX_PAGE), **self.omit(params, "until")}
        times = (("startTime", since), ("endTime", params.get("until")))
        query.update((name, str(stamp // 1000)) for name, stamp in times if stamp is not None)
        rows: dict[Any, dict[str, Any]] = {}
        for _ in range(int(self.options.get("maxPages", 20))):
            response = await self.private_get("private_get_assets_getallorderspage", query)
            fresh = [row for row in self.pure(parsing.rows, response) if row.get("orderId") not in rows]
            rows.update((row.get("orderId"), row) for row in fresh)
            offset = self.pure(parsing.next_page, response)
            if not offset or not fresh or (since is None and len(rows) >= (limit or 1)):
                break
            query = {**query, "offsetData": offset}
        parsed = [self.parse_asset_order(row) for row in reversed(rows.values()) if row.get("type") in tables.ASSET_ORDER_KINDS]
        wanted = [row for row in parsed if code is None or row["currency"] == code]
        return self.filter_by_since_limit(self.sort_by(wanted, "timestamp"), since, limit, "timestamp", since is None)

    def parse_asset_order(self, row: dict[str, Any]) -> Any:
        found = self.pure(reports.asset_order, row)
        code = self.safe_currency_code(found["code"])
        fee = None if found["fee"] is None else {"currency": code, "cost": self.parse_number(found["fee"]), "rate": None}
        nothing = dict.fromkeys(("addressFrom", "addressTo", "tag", "tagFrom", "tagTo", "comment", "status", "updated"))
        named = {name: found[name] for name in ("id", "txid", "network", "address", "type", "timestamp")}
        dated = {"datetime": self.iso8601(found["timestamp"]), "amount": self.parse_number(found["amount"])}
        return {"info": row, **nothing, **named, **dated, "currency": code, "internal": False, "fee": fee}

    async def money_rows(self, code: str | None, since: int | None, limit: int | None, params: Params, *kinds: str) -> list[Any]:
        await self.load_markets()
        raw = await self.collateral_rows(code, since, limit, params, *kinds)
        parsed = [self.parse_transaction(row) for row in raw if row.get("type") in kinds]
        return self.filter_by_since_limit(self.sort_by(parsed, "timestamp"), since, limit, "timestamp", since is None)

    def parse_transaction(self, transaction: dict[str, Any], currency: Any = None) -> Any:
        entry = self.pure(reports.ledger_entry, transaction)
        stamp = entry["timestamp"]
        nothing = dict.fromkeys(("txid", "network", "address", "addressFrom", "addressTo", "tag", "tagFrom", "tagTo", "comment", "fee"))
        return {
            "info": transaction,
            **nothing,
            "id": entry["referenceId"] or entry["id"],
            "timestamp": stamp,
            "datetime": self.iso8601(stamp),
            "type": "deposit" if transaction.get("type") == "DEPOSIT" else "withdrawal",
            "amount": self.parse_number(entry["amount"]),
            "currency": self.safe_currency_code(str(transaction.get("coinId")), currency),
            "status": entry["status"],
            "updated": self.pure(parsing.milliseconds, transaction.get("updatedTime")),
            "internal": False,
        }
