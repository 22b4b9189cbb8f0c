"""Moving collateral: between sub-accounts of one wallet, and out to a Starknet address. Both are signed like orders.

Pages: api.docs.extended.exchange "Create transfer", "Starknet withdrawals"; x10-python-trading-starknet 2.6.0 (signing/transfer_object.py,
signing/withdrawal_object.py).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

from ccxt_dex import signers
from ccxt_dex._ccxt import errors
from ccxt_dex.exact import on_grid, plain
from ccxt_dex.exchanges.extended import parsing, signing
from ccxt_dex.exchanges.extended.account import Identity
from ccxt_dex.exchanges.extended.room import NONE, Params
from ccxt_dex.exchanges.extended.trading import Trading
from ccxt_dex.signers.stark import PRIME

TRANSFER_SECONDS = 21 * 86_400
WITHDRAWAL_SECONDS = 15 * 86_400
"""how long the SDK makes their signatures good for"""
NETWORK = "STRK"
WALLET_DIGITS = 42
_TRANSFER_PARAMS = ("toVault", "receiverPositionId", "toL2Key", "receiverPublicKey", "settlementExpiration", "nonce")
_WITHDRAWAL_PARAMS = ("chainId", "network", "settlementExpiration", "nonce", "description", "tag")


class Sum(NamedTuple):
    """What is moved.

    :ivar asset: number of the collateral
    :ivar units: the amount as it is signed
    """

    amount: Decimal
    asset: int
    units: int
    currency: Any


class Transfers(Trading):
    """Part of the room."""

    def _sum(self, code: str, amount: Any) -> Sum:
        """:raises BadRequest: no collateral of this venue, or an amount that it cannot express"""
        currency = self.currency(code)
        info = currency.get("info") or {}
        if not info.get("isCollateral") or not info.get("starkexId") or not info.get("starkexResolution"):
            raise errors.BadRequest(f"{self.id} {code} is not what accounts of this venue hold")
        number = self.pure(on_grid, amount, currency["precision"], "amount")
        units = self.pure(signing.stark_amount, number, int(info["starkexResolution"]))
        return Sum(number, int(str(info["starkexId"]), 16), units, currency)

    def _only(self, params: Params, known: tuple[str, ...], method: str) -> None:
        for name in params:
            if name not in known:
                raise errors.BadRequest(f"{self.id} {method}() does not know {name!r}: it would not reach the venue")

    def _until(self, params: Params, seconds: int) -> int:
        given = params.get("settlementExpiration")
        return self.server_milliseconds() // 1000 + seconds if given is None else int(given)

    async def _signature(self, who: Identity, digest: int) -> dict[str, str]:
        return signing.signature_row(await signers.result(who.signer.sign_hash(digest)))

    async def _receiver(self, account: Any, params: Params) -> tuple[int, int]:
        """Vault and public key of another sub-account: as given, else as the venue lists it.

        :raises BadRequest: it is not among the wallet's sub-accounts
        """
        vault = params.get("toVault", params.get("receiverPositionId"))
        key = params.get("toL2Key", params.get("receiverPublicKey"))
        if (vault is None) != (key is None):
            raise errors.ArgumentsRequired(f"{self.id} transfer() needs both toVault and toL2Key, or neither")
        if vault is not None and key is not None:
            return int(str(vault)), int(str(key), 16)
        rows = self.pure(parsing.rows, await self.call("v1_private_get_user_accounts"))
        for row in rows:
            if str(row.get("accountId", row.get("id"))) == str(account):
                return int(row["l2Vault"]), int(str(row["l2Key"]), 16)
        raise errors.BadRequest(f"{self.id} {account!r} is not among the sub-accounts: name its toVault and toL2Key")

    async def transfer(self, code: str, amount: Any, fromAccount: Any, toAccount: Any, params: Params = NONE) -> Any:
        """Move collateral to another sub-account of the same wallet. ccxt's class signs a hash that the venue does not know.

        :param fromAccount: id of the API key's account, or None
        :param toAccount: id of the other account
        :param params: toVault with toL2Key (looked up when left out); settlementExpiration (unix seconds); nonce
        :raises BadRequest: another account's money, or an amount off the grid
        """
        self._only(params, _TRANSFER_PARAMS, "transfer")
        await self.load_markets()
        moved, who = self._sum(code, amount), await self.identity()
        own = int(who.info["accountId"])
        if fromAccount is not None and str(fromAccount) != str(own):
            raise errors.BadRequest(f"{self.id} transfer() moves what the API key's own account {own} holds, not {fromAccount!r}'s")
        if not str(toAccount or "").isdigit() or int(toAccount) == own:
            raise errors.BadRequest(f"{self.id} transfer() needs the id of another account, not {toAccount!r}")
        vault, key = await self._receiver(toAccount, params)
        until, salt = self._until(params, TRANSFER_SECONDS), self.salt(params)
        digest = signing.transfer_hash(vault, who.position, moved.asset, moved.units, until, salt, who.public_key, self.chain())
        settled = {
            "amount": moved.units,
            "assetId": hex(moved.asset),
            "expirationTimestamp": until,
            "nonce": salt,
            "receiverPositionId": vault,
            "receiverPublicKey": hex(key),
            "senderPositionId": who.position,
            "senderPublicKey": hex(who.public_key),
            "signature": await self._signature(who, digest),
        }
        request = {"fromAccount": own, "toAccount": int(toAccount), "amount": plain(moved.amount), "transferredAsset": moved.currency["id"]}
        answer = await self.call("v1_private_post_user_transfer", {**request, "settlement": settled})
        found, now = self.pure(parsing.data, answer), self.server_milliseconds()
        made = found if isinstance(found, dict) else {}
        if made.get("validSignature") is False:
            raise errors.AuthenticationError(f"{self.id} the venue calls the signature of the transfer invalid")
        return {
            "info": answer,
            "id": self.safe_string(made, "id"),
            "timestamp": now,
            "datetime": self.iso8601(now),
            "currency": moved.currency["code"],
            "amount": float(moved.amount),
            "fromAccount": str(own),
            "toAccount": str(toAccount),
            "status": "ok" if made.get("validSignature") else "pending",
        }

    async def withdraw(self, code: str, amount: Any, address: str, params: Params = NONE) -> Any:
        """Take collateral out to a Starknet address. ccxt's class signs a hash that the venue does not know.

        :param address: 0x and more than 40 digits; the venue pays out to wallets of the account only
        :param params: settlementExpiration (unix seconds); nonce; description; chainId, which can only be "STRK"
        :raises InvalidAddress: not on Starknet; other chains are reached through a bridge, on the venue's pages
        """
        self._only(params, _WITHDRAWAL_PARAMS, "withdraw")
        if params.get("tag"):
            raise errors.NotSupported(f"{self.id} withdrawals have no tag")
        if str(params.get("chainId", params.get("network", NETWORK))).upper() != NETWORK:
            raise errors.NotSupported(
                f"{self.id} withdraw() goes to Starknet; other chains are reached through a bridge, on the venue's pages"
            )
        await self.load_markets()
        moved, recipient, who = self._sum(code, amount), self._recipient(address), await self.identity()
        until, salt = self._until(params, WITHDRAWAL_SECONDS), self.salt(params)
        digest = signing.withdrawal_hash(recipient, who.position, moved.asset, moved.units, until, salt, who.public_key, self.chain())
        settled = {
            "recipient": hex(recipient),
            "positionId": who.position,
            "collateralId": hex(moved.asset),
            "amount": moved.units,
            "expiration": {"seconds": until},
            "salt": salt,
            "signature": await self._signature(who, digest),
        }
        request = {
            "accountId": int(who.info["accountId"]),
            "amount": plain(moved.amount),
            "chainId": NETWORK,
            "asset": moved.currency["id"],
        }
        if params.get("description") is not None:
            request["description"] = str(params["description"])
        answer = await self.call("v1_private_post_user_withdrawal", {**request, "settlement": settled})
        now = self.server_milliseconds()
        empty = dict.fromkeys(("txid", "addressFrom", "tag", "tagFrom", "tagTo", "fee", "comment"))
        return {
            **empty,
            "info": answer,
            "id": self.safe_string(answer, "data"),
            "timestamp": now,
            "datetime": self.iso8601(now),
            "address": address,
            "addressTo": address,
            "type": "withdrawal",
            "amount": float(moved.amount),
            "currency": moved.currency["code"],
            "status": "pending",
            "updated": now,
            "network": NETWORK,
            "internal": False,
        }

    def _recipient(self, address: Any) -> int:
        text = str(address or "")
        try:
            number = int(text, 16) if text.startswith("0x") and len(text) > WALLET_DIGITS else 0
        except ValueError:
            number = 0
        if not 0 < number < PRIME:
            raise errors.InvalidAddress(f"{self.id} withdraw() needs a Starknet address, not {text!r}")
        return number
