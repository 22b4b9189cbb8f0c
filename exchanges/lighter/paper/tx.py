"""Signed transactions and tokens as the venue reads them: decoded, hashed and verified without anything from the signing side."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

from ccxt_dex.exchanges.lighter.paper.verify import Key, sponge

ORDER = (
    "MarketIndex",
    "ClientOrderIndex",
    "BaseAmount",
    "Price",
    "IsAsk",
    "Type",
    "TimeInForce",
    "ReduceOnly",
    "TriggerPrice",
    "OrderExpiry",
)
# transaction type -> (its own fields in hash order, those hashed as two halves)
FIELDS: dict[int, tuple[tuple[str, ...], tuple[str, ...]]] = {
    9: ((), ()),
    12: (("ToAccountIndex", "AssetIndex", "FromRouteType", "ToRouteType", "Amount", "USDCFee"), ("Amount", "USDCFee")),
    13: (("AssetIndex", "RouteType", "Amount"), ("Amount",)),
    14: (ORDER, ()),
    15: (("MarketIndex", "Index"), ()),
    16: (("TimeInForce", "Time"), ()),
    17: (("MarketIndex", "Index", "BaseAmount", "Price", "TriggerPrice"), ()),
    20: (("MarketIndex", "InitialMarginFraction", "MarginMode"), ()),
    28: (("GroupingType",), ()),
    29: (("MarketIndex", "USDCAmount", "Direction"), ("USDCAmount",)),
}
NIL = {5: 255}  # an attribute of this value counts as not given; 0 for the others
SKIP_NONCE = 4
MAX_SKIP_NONCE = 2**47 - 1


class Malformed(ValueError):
    """Not a transaction."""


@dataclass(frozen=True)
class Tx:
    """A decoded transaction.

    :ivar account: account index
    :ivar attributes: transaction attributes by number
    :ivar hash: hex of the signed hash
    """

    type: int
    body: dict[str, Any]
    account: int
    key_index: int
    nonce: int
    expired_at: int
    attributes: dict[int, int]
    limbs: list[int]
    signature: bytes

    @property
    def hash(self) -> str:
        return b"".join(limb.to_bytes(8, "little") for limb in self.limbs).hex()

    @property
    def orders(self) -> list[dict[str, Any]]:
        """The orders that it wants to create."""
        return [self.body] if self.type == 14 else list(self.body["Orders"]) if self.type == 28 else []


def decode(kind: Any, text: Any, chain_id: int) -> Tx:
    """:raises Malformed: unknown type, missing or wrongly typed fields"""
    try:
        number = int(kind)
        body = json.loads(text) if isinstance(text, str) else dict(text)
        own, halves = FIELDS[number]
        account = _whole(body["FromAccountIndex" if number in (12, 13) else "AccountIndex"])
        head = [chain_id, number, _whole(body["Nonce"]), _whole(body["ExpiredAt"]), account, _whole(body["ApiKeyIndex"])]
        elements = []
        for name in own:
            value = _whole(body[name])
            elements += [value & 0xFFFFFFFF, value >> 32] if name in halves else [value]
        if number == 28:
            elements += _group(body["Orders"])
        attributes = {int(key): _whole(value) for key, value in (body.get("L2TxAttributes") or {}).items()}
        signature = base64.b64decode(body["Sig"], validate=True)
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error) as error:
        raise Malformed(f"invalid tx info: {error}") from None
    limbs = sponge([*head, *elements])
    given = sorted((key, value) for key, value in attributes.items() if value != NIL.get(key, 0))
    if given:
        pairs = [number for pair in (*given, *[(0, 0)] * (4 - len(given))) for number in pair]
        limbs = sponge([*limbs, *sponge(pairs)])
    return Tx(number, body, account, head[5], head[2], head[3], attributes, limbs, signature)


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"not a whole number: {value!r}")
    return value


def _group(orders: Any) -> list[int]:
    total: list[int] = []
    for order in orders:
        one = sponge([_whole(order[name]) for name in ORDER], 4)
        total = sponge([*total, *one], 4) if total else one
    return total


def token_valid(token: str, now_s: float, keys: dict[tuple[int, int], Key]) -> int | None:
    """The account index of a valid auth token, None for any other text."""
    parts = token.split(":")
    try:
        deadline, account, index = (int(part) for part in parts[:3])
        signature = bytes.fromhex(parts[3])
    except (ValueError, IndexError):
        return None
    key = keys.get((account, index))
    if key is None or len(parts) != 4 or not now_s < deadline <= now_s + 8 * 3600 + 60:
        return None
    message = ":".join(parts[:3]).encode()
    limbs = [int.from_bytes(message[i : i + 8], "little") for i in range(0, len(message), 8)]
    return account if key.verify(sponge(limbs), signature) else None
