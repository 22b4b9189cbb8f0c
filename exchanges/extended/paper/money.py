"""Transfers between sub-accounts and withdrawals: what has to be signed for them, by the paper side's own arithmetic, and what they do.

Bodies: api.docs.extended.exchange "Create transfer", "Starknet withdrawals", and those that x10-python-trading-starknet 2.6.0 posts. Hashes: the
structs TransferArgs and WithdrawArgs of the settlement contract.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from ccxt_dex.exchanges.extended.paper import wire
from ccxt_dex.exchanges.extended.paper.identity import FORTNIGHT, Owner, refused
from ccxt_dex.exchanges.extended.paper.markets import COLLATERAL, RESOLUTION
from ccxt_dex.paper import stark
from ccxt_dex.paper.server import Request, parse
from ccxt_dex.paper.types import Reject

if TYPE_CHECKING:
    from ccxt_dex.exchanges.extended.paper.adapter import Paper

_NESTED = '"PositionId"("value":"u32")"AssetId"("value":"felt")"Timestamp"("seconds":"u64")'
_REST = '"position_id":"PositionId","collateral_id":"AssetId","amount":"u64","expiration":"Timestamp","salt":"felt")' + _NESTED
TYPES = {
    "transfer": f'"TransferArgs"("recipient":"PositionId",{_REST}',
    "withdrawal": f'"WithdrawArgs"("recipient":"ContractAddress",{_REST}',
}
Body = Mapping[str, Any]


class Money:
    def __init__(self, paper: Paper) -> None:
        self._paper = paper
        self._hashes: set[int] = set()
        self._rows: dict[str, list[dict[str, Any]]] = {}
        self._made = 0

    # --- endpoints -------------------------------------------------------------------------------------------------------------

    def transfer(self, owner: Owner, request: Request) -> Any:
        """Named by account (docs) or by vault (SDK)."""
        body, settled = self._bodies(request)
        receiver = self._receiver(body)
        ours = str(body.get("fromAccount", body.get("fromVault"))) in (str(owner.account), str(owner.vault))
        if receiver is None or receiver is owner or not ours:
            raise refused(400, 1004, "Account not found")
        if _integer(settled, "receiverPositionId") != receiver.vault or _hexadecimal(settled.get("receiverPublicKey")) != receiver.public:
            raise refused(400, 1102, "Invalid StarkEx vault")
        self._sender(owner, settled, "senderPositionId", _hexadecimal(settled.get("senderPublicKey")))
        units = self._units(body, settled, "assetId")
        numbers = (_integer(settled, "expirationTimestamp"), _integer(settled, "nonce"))
        self._signed(owner, "transfer", (receiver.vault, owner.vault, int(COLLATERAL, 16), units, *numbers), settled)
        amount = Decimal(units) / RESOLUTION
        self._take(owner, amount)
        self._paper.engine.transfer(receiver.name, amount)
        number = self._note(owner, "TRANSFER", -amount, receiver)
        self._note(receiver, "TRANSFER", amount, owner)
        return wire.ok({"validSignature": True, "id": number})

    def withdraw(self, owner: Owner, request: Request) -> Any:
        body, settled = self._bodies(request)
        if str(body.get("accountId")) != str(owner.account) or body.get("chainId") != "STRK" or body.get("asset") != "USD":
            raise refused(400, 1602, "Withdrawal request does not match settlement")
        self._sender(owner, settled, "positionId", owner.public)
        units = self._units(body, settled, "collateralId")
        until = settled.get("expiration")
        numbers = (_integer(until if isinstance(until, Mapping) else {}, "seconds"), _integer(settled, "salt"))
        if numbers[0] - self._paper.time() // 1000 < FORTNIGHT:
            raise refused(400, 1604, "Withdrawal expiration time is below the 14 days minimum")
        fields = (_hexadecimal(settled.get("recipient")), owner.vault, int(COLLATERAL, 16), units, *numbers)
        self._signed(owner, "withdrawal", fields, settled)
        amount = Decimal(units) / RESOLUTION
        self._take(owner, amount)
        return wire.ok(self._note(owner, "WITHDRAWAL", -amount, None))

    def operations(self, owner: Owner, request: Request) -> list[dict[str, Any]]:
        wanted = request.query.get("type")
        return [row for row in self._rows.get(owner.name, []) if not wanted or row["type"] == wanted]

    # --- checks ----------------------------------------------------------------------------------------------------------------

    @staticmethod
    def _bodies(request: Request) -> tuple[Body, Body]:
        body = parse(request.body.decode("utf-8", "replace"))
        settled = body.get("settlement") if isinstance(body, Mapping) else None
        if not isinstance(body, Mapping) or not isinstance(settled, Mapping):
            raise refused(400, 1101, "Invalid StarkEx signature")
        return body, settled

    def _receiver(self, body: Body) -> Owner | None:
        name = str(body.get("toAccount", body.get("toVault")))
        return next((each for each in self._paper.identity.owners.values() if name in (str(each.account), str(each.vault))), None)

    @staticmethod
    def _sender(owner: Owner, settled: Body, position: str, public: int) -> None:
        if _integer(settled, position) != owner.vault:
            raise refused(400, 1102, "Invalid StarkEx vault")
        if public != owner.public:
            raise refused(400, 1100, "Invalid StarkEx public key")

    @staticmethod
    def _units(body: Body, settled: Body, asset: str) -> int:
        """The amount that is signed, which is the amount that is asked for."""
        units = _integer(settled, "amount")
        try:
            asked = Decimal(str(body.get("amount"))) * RESOLUTION
        except InvalidOperation:
            raise refused(400, 1005, "Invalid amount") from None
        if _hexadecimal(settled.get(asset)) != int(COLLATERAL, 16) or units <= 0 or asked != units:
            raise refused(400, 1005, "Invalid amount")
        return units

    def _signed(self, owner: Owner, kind: str, fields: tuple[int, ...], settled: Body) -> None:
        """A signature is good once, and until its expiration."""
        identity, signature = self._paper.identity, settled.get("signature") or {}
        digest = identity.message(owner.public, stark.poseidon([stark.selector(TYPES[kind]), *fields]))
        if not stark.verify(owner.public, digest, _hexadecimal(signature.get("r")), _hexadecimal(signature.get("s"))):
            raise refused(400, 1101, "Invalid StarkEx signature")
        if fields[4] * 1000 <= self._paper.time() or digest in self._hashes:
            raise refused(400, 1101, "Invalid StarkEx signature")
        self._hashes.add(digest)

    def _take(self, owner: Owner, amount: Decimal) -> None:
        try:
            self._paper.engine.transfer(owner.name, -amount)
        except Reject:
            raise refused(400, 1052, "Not enough funds") from None

    def _note(self, owner: Owner, kind: str, amount: Decimal, other: Owner | None) -> int:
        self._made += 1
        number = 1_820_778_187_672_010_752 + self._made
        row: dict[str, Any] = {
            "id": str(number),
            "type": kind,
            "status": "COMPLETED" if other else "CREATED",
            "amount": wire.text(amount),
            "fee": "0",
        }
        row |= {"asset": 1, "time": self._paper.now(), "accountId": owner.account}
        if other is not None:
            row["counterpartyAccountId"] = other.account
        self._rows.setdefault(owner.name, []).append(row)
        return number


def _integer(row: Body, name: str) -> int:
    """A number, written as such or as text."""
    try:
        return int(str(row.get(name)))
    except ValueError:
        raise refused(400, 1005, f"{name} must be a number") from None


def _hexadecimal(value: Any) -> int:
    try:
        return int(str(value), 16)
    except ValueError:
        return 0
