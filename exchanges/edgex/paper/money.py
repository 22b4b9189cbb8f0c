"""Money that comes, goes and moves between accounts: transfers, the unified-asset flows, and the older list of deposits and withdrawals."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from ccxt_dex.exchanges.edgex.paper import auth, wire
from ccxt_dex.exchanges.edgex.paper.auth import Identity
from ccxt_dex.exchanges.edgex.paper.desk import Desk
from ccxt_dex.exchanges.edgex.paper.markets import CHAIN_ID, COIN_ID, COIN_UNITS
from ccxt_dex.paper.types import ZERO


class Money(Desk):
    def available(self, own: Identity, query: dict[str, str]) -> Any:
        return {"availableAmount": wire.money(max(ZERO, self._paper.engine.balances(own.name).free))}

    def transfers(self, own: Identity, query: dict[str, str], key: str, side: str) -> Any:
        names = query.get(key, "").split(",")
        return [row[side] for row in self._paper.transfers if row[side]["id"] in names and row[side]["accountId"] == own.account_id]

    def transfer_out(self, own: Identity, body: dict[str, Any]) -> Any:
        own_id = str(body.get("clientTransferId"))
        known = next(
            (
                row
                for row in self._paper.transfers
                if row["out"]["clientTransferId"] == own_id and row["out"]["accountId"] == own.account_id
            ),
            None,
        )
        if known is not None:
            return {"transferOutId": known["out"]["id"]}
        receiver = self._paper.keys.by_account.get(str(body.get("receiverAccountId")))
        amount, expires = Decimal(str(body.get("amount") or "0")), int(str(body.get("l2ExpireTime") or "0"))
        if receiver is None or amount <= 0 or str(body.get("coinId")) != COIN_ID or str(body.get("l2Nonce")) != str(auth.nonce_of(own_id)):
            raise self._refuse("GATEWAY_PARAM_INVALID", "transfer", 400)
        message = {
            "from": int(own.account_id),
            "to": int(receiver.account_id),
            "assetId": int(COIN_ID),
            "amount": int(amount * COIN_UNITS),
            "nonce": int(str(body["l2Nonce"])),
            "deadline": expires // 1000,
            "signer": own.wallet_address,
        }
        signer = auth.recovered(auth.DOMAIN, auth.TRANSFER_TYPES, "TransferParams", message, body.get("l2Signature"))
        if signer != own.wallet_address.lower():
            raise self._refuse("INVALID_L2_SIGNATURE")
        for each in (own, receiver):
            self._paper.deposits(each.name)
        self._paper.engine.transfer(own.name, -amount)
        self._paper.engine.transfer(receiver.name, amount)
        number = len(self._paper.transfers) + 1
        out_id, in_id, now = wire.ident(number, 5), wire.ident(number, 6), str(self._paper.now())
        done = {"coinId": COIN_ID, "amount": wire.money(amount), "transferReason": "USER_TRANSFER", "status": "SUCCESS_CENSOR_SUCCESS"}
        ends = {"createdTime": now, "updatedTime": now}
        out = {
            "id": out_id,
            "accountId": own.account_id,
            "receiverAccountId": receiver.account_id,
            "clientTransferId": own_id,
            **done,
            **ends,
        }
        back = {"id": in_id, "accountId": receiver.account_id, "senderAccountId": own.account_id,
                "clientTransferId": f"{own.account_id}:{own_id}", **done, **ends}  # fmt: skip
        self._paper.transfers.append({"out": out, "in": back})
        self._paper.book_collateral(own.name, "TRANSFER_OUT", -amount, transferOutId=out_id)
        self._paper.book_collateral(receiver.name, "TRANSFER_IN", amount, transferInId=in_id)
        self._paper.push(own.name, "TRANSFER_OUT_UPDATE", {"transferOut": [out]})
        return {"transferOutId": out_id}

    # --- withdrawals ------------------------------------------------------------------------------------------------------------------------

    def flow_fee(self, own: Identity, attempt: dict[str, Any], body: dict[str, Any]) -> Any:
        return {"fee": self._paper.options["withdraw_fee"]}

    def _message(self, own: Identity, attempt: dict[str, Any]) -> dict[str, str]:
        named = [field["name"] for field in auth.FLOW_TYPES["AssetFlowAttempt"]]
        return {name: own.user_id if name == "userId" else str(attempt.get(name)) for name in named}

    def flow_data(self, own: Identity, attempt: dict[str, Any], body: dict[str, Any]) -> Any:
        types = {name: {"fields": fields} for name, fields in auth.FLOW_TYPES.items()}
        message = json.dumps(self._message(own, attempt))
        return {"types": types, "primaryType": "AssetFlowAttempt", "domain": auth.FLOW_DOMAIN, "messageJson": message}

    def flow_submit(self, own: Identity, attempt: dict[str, Any], body: dict[str, Any]) -> Any:
        signer = auth.recovered(
            auth.FLOW_DOMAIN, auth.FLOW_TYPES, "AssetFlowAttempt", self._message(own, attempt), body.get("userSignature")
        )
        if signer != own.wallet_address.lower() or str(attempt.get("userAddress")).lower() != signer:
            raise self._refuse("INVALID_USER_SIGNATURE")
        if str(attempt.get("fee")) != str(self._paper.options["withdraw_fee"]) or int(attempt["expireTime"]) * 1000 < self._paper.now():
            raise self._refuse("INVALID_FEE_OR_EXPIRE_TIME")
        gross = Decimal(int(attempt["amount"]) + int(attempt["fee"])) / COIN_UNITS
        self._paper.deposits(own.name)
        if attempt.get("source") == "perpv2":
            self._paper.engine.transfer(own.name, -gross)
            self._paper.book_collateral(own.name, "WITHDRAW", -gross, withdrawId=wire.ident(len(self._paper.flows) + 1, 7))
        elif gross > self._paper.balance_of_spot(own.name):
            raise self._refuse("INSUFFICIENT_BALANCE")
        else:
            self._paper.spot[own.name] -= gross
        flow = {"flowId": str(len(self._paper.flows) + 1), "attempt": attempt}
        self._paper.flows.append(flow)
        return {"flowId": flow["flowId"]}

    def deposit_data(self, own: Identity, attempt: dict[str, Any], body: dict[str, Any]) -> Any:
        """A transaction for the user to sign on the chain; the documentation's."""
        chain = str(attempt.get("source")).removeprefix("chain-")
        if not chain.isdigit():
            raise self._refuse("GATEWAY_PARAM_INVALID", "source", 400)
        return {"chainId": int(chain), "to": "0x86245522276a9F845a65a591b485cd4AaA51D86c", "data": "0x1234", "value": "0"}

    # --- documented, used by no known client ------------------------------------------------------------------------------------------------

    def asset_orders(self, own: Identity, query: dict[str, str]) -> Any:
        """Deposits, withdrawals and transfers as one list; `status` is 3 as in the documentation's only sample."""
        self._paper.deposits(own.name)
        kinds = {"DEPOSIT": "ORDER_TYPE_NORMAL_DEPOSIT", "WITHDRAW": "ORDER_TYPE_NORMAL_WITHDRAW"}
        kinds.update({"TRANSFER_IN": "ORDER_TYPE_TRANSFER_IN", "TRANSFER_OUT": "ORDER_TYPE_TRANSFER_OUT"})
        since, until = (int(query.get(name) or 0) for name in ("startTime", "endTime"))
        rows = []
        for row in reversed(self._paper.collateral_rows[own.name]):
            seconds = int(row["createdTime"]) // 1000
            if row["type"] in kinds and seconds >= since and (not until or seconds < until):
                made = {"orderId": row["id"], "time": str(seconds), "type": kinds[row["type"]], "status": 3, "fee": "", "coin": "USDC"}
                amount = wire.short(abs(Decimal(row["deltaAmount"])))
                where = {"txId": "", "chain": "Edge Chain", "chainId": CHAIN_ID, "address": own.wallet_address}
                rows.append({**made, **where, "amount": amount, "transferSenderAccountId": "0", "transferReceiverAccountId": "0"})
        wanted = {word for word in query.get("typeList", "").split(",") if word}
        return self._page([row for row in rows if not wanted or row["type"] in wanted], {"size": "50", **query}, 100)

    def withdrawable(self, own: Identity, query: dict[str, str]) -> Any:
        return {"amount": "0"}

    def cross_withdraw_info(self, own: Identity, query: dict[str, str]) -> Any:
        return {"lpAccountId": "542076087396467085", "crossWithdrawL2Key": "0x0", "crossWithdrawMaxAmount": "48799.686154", "fee": "2"}

    def old_withdrawal(self, own: Identity, body: dict[str, Any]) -> Any:
        """Composed: the flow that the unified assets replaced takes nothing any more."""
        raise self._refuse("UNSUPPORTED_WITHDRAW", "use unified-asset")
