"""What Lighter wants signed, to the byte: transactions, their attributes, and auth tokens. Pure: knows no clock and no nonce.

Written after the Go source of the official signer (github.com/elliottech/lighter-go, types/txtypes, commit 17f2d60, Apache-2.0).
A transaction is hashed as field elements [chain id, type, nonce, expiry, account, key index, its own fields], each message field in the
order of its table row; attributes change the hash only when one of them is not nil.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .crypto import poseidon2
from .crypto.constants import P

MAX_48 = 2**48 - 1
MAX_32 = 2**32 - 1
MAX_60 = 2**60 - 1
MAX_ACCOUNT = 2**48 - 2
MAX_KEY_INDEX = 254
MAX_SKIP_NONCE = 2**47 - 1
MAX_MARKET = 2**15 - 1
ATTRIBUTES_PER_TX = 4

INTEGRATOR_ACCOUNT = 1
INTEGRATOR_TAKER_FEE = 2
INTEGRATOR_MAKER_FEE = 3
SKIP_NONCE = 4
CANCEL_ALL_MARKET = 5
SELF_TRADE_BEHAVIOR = 6
SELF_TRADE_EQUALITY = 7

# attribute -> (lowest, highest, the value that means "not given")
_ATTRIBUTES: dict[int, tuple[int, int, int]] = {
    INTEGRATOR_ACCOUNT: (0, MAX_ACCOUNT, 0),
    INTEGRATOR_TAKER_FEE: (0, 1_000_000, 0),
    INTEGRATOR_MAKER_FEE: (0, 1_000_000, 0),
    SKIP_NONCE: (1, 1, 0),
    CANCEL_ALL_MARKET: (0, MAX_MARKET, 255),
    SELF_TRADE_BEHAVIOR: (0, 3, 0),
    SELF_TRADE_EQUALITY: (0, 1, 0),
}

Field = tuple[str, int, int]

ORDER_FIELDS: tuple[Field, ...] = (
    ("MarketIndex", 0, MAX_MARKET),
    ("ClientOrderIndex", 0, MAX_48),
    ("BaseAmount", 0, MAX_48),
    ("Price", 1, MAX_32),
    ("IsAsk", 0, 1),
    ("Type", 0, 6),
    ("TimeInForce", 0, 2),
    ("ReduceOnly", 0, 1),
    ("TriggerPrice", 0, MAX_32),
    ("OrderExpiry", 0, 2**63 - 1),
)


@dataclass(frozen=True)
class Kind:
    """One type of transaction: its number, its own integer fields (name, lowest, highest), and how its JSON differs from the others'."""

    type: int
    fields: tuple[Field, ...] = ()
    split: frozenset[str] = frozenset()
    """fields hashed as two elements, the low 32 bits first"""
    account: str = "AccountIndex"
    l1_signature: bool = False


KINDS: dict[str, Kind] = {
    "change_pub_key": Kind(8, l1_signature=True),
    "create_sub_account": Kind(9),
    "transfer": Kind(
        12,
        (
            ("ToAccountIndex", 0, MAX_ACCOUNT),
            ("AssetIndex", 1, 62),
            ("FromRouteType", 0, 1),
            ("ToRouteType", 0, 1),
            ("Amount", 1, MAX_60),
            ("USDCFee", 0, MAX_60),
        ),
        frozenset({"Amount", "USDCFee"}),
        "FromAccountIndex",
        l1_signature=True,
    ),
    "withdraw": Kind(13, (("AssetIndex", 1, 62), ("RouteType", 0, 1), ("Amount", 1, MAX_60)), frozenset({"Amount"}), "FromAccountIndex"),
    "create_order": Kind(14, ORDER_FIELDS),
    "cancel_order": Kind(15, (("MarketIndex", 0, MAX_MARKET), ("Index", 1, MAX_60))),
    "cancel_all_orders": Kind(16, (("TimeInForce", 0, 2), ("Time", 0, 2**63 - 1))),
    "modify_order": Kind(
        17,
        (
            ("MarketIndex", 0, MAX_MARKET),
            ("Index", 1, MAX_60),
            ("BaseAmount", 0, MAX_48),
            ("Price", 1, MAX_32),
            ("TriggerPrice", 0, MAX_32),
        ),
    ),
    "update_leverage": Kind(20, (("MarketIndex", 0, MAX_MARKET), ("InitialMarginFraction", 1, 10_000), ("MarginMode", 0, 1))),
    "create_grouped_orders": Kind(28),
    "update_margin": Kind(29, (("MarketIndex", 0, MAX_MARKET), ("USDCAmount", 1, MAX_60), ("Direction", 0, 1)), frozenset({"USDCAmount"})),
    "update_account_config": Kind(41, (("AccountTradingMode", 0, 1),)),
}


@dataclass(frozen=True)
class Unsigned:
    """A transaction before its signature.

    :ivar type: the venue's number of the transaction type
    :ivar hash: the forty bytes that are signed; their hex is the transaction's hash at the venue
    :ivar body: what becomes `tx_info`, in the venue's order, `Sig` still empty
    """

    type: int
    hash: bytes
    body: dict[str, Any]

    def signed(self, signature: bytes) -> str:
        """The `tx_info` text.

        :param signature: 80 bytes over :attr:`hash`
        """
        if len(signature) != 80:
            raise ValueError("a signature has 80 bytes")
        return json.dumps({**self.body, "Sig": base64.b64encode(signature).decode()}, separators=(",", ":"))


def _check(name: str, value: Any, low: int, high: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise ValueError(f"{name} must be a whole number from {low} to {high}, got {value!r}")
    return value


def _row(fields: Iterable[Field], values: Mapping[str, Any]) -> dict[str, int]:
    row = {name: _check(name, values.get(name), low, high) for name, low, high in fields}
    unknown = values.keys() - row.keys()
    if unknown:
        raise ValueError(f"unknown transaction fields: {', '.join(sorted(unknown))}")
    return row


def check_attributes(attributes: Mapping[int, int]) -> dict[int, int]:
    """The attributes, sorted, checked as the venue's signer checks them.

    :raises ValueError: too many, out of range, or a combination that the venue refuses
    """
    for key, value in attributes.items():
        if key not in _ATTRIBUTES:
            raise ValueError(f"unknown transaction attribute {key}")
        _check(f"attribute {key}", value, *_ATTRIBUTES[key][:2])
    if len(attributes) > ATTRIBUTES_PER_TX:
        raise ValueError(f"at most {ATTRIBUTES_PER_TX} attributes per transaction")
    fees = any(attributes.get(key) for key in (INTEGRATOR_TAKER_FEE, INTEGRATOR_MAKER_FEE))
    self_trade = attributes.get(SELF_TRADE_BEHAVIOR), attributes.get(SELF_TRADE_EQUALITY)
    if fees and not attributes.get(INTEGRATOR_ACCOUNT):
        raise ValueError("integrator fees need an integrator account")
    if fees and any(self_trade):
        raise ValueError("self-trade rules cannot be combined with integrator fees")
    if self_trade == (3, 1):
        raise ValueError("self-trade behaviour 'reduce' needs equality by account")
    return dict(sorted(attributes.items()))


def _with_attributes(body: list[int], attributes: Mapping[int, int]) -> list[int]:
    pairs = [(key, value) for key, value in attributes.items() if value != _ATTRIBUTES[key][2]]
    if not pairs:
        return body
    pairs += [(0, 0)] * (ATTRIBUTES_PER_TX - len(pairs))
    return poseidon2.hash_to_quintic([*body, *poseidon2.hash_to_quintic([number for pair in pairs for number in pair])])


def _elements(kind: Kind, row: Mapping[str, int]) -> list[int]:
    result = []
    for name, value in row.items():
        result += [value & MAX_32, value >> 32] if name in kind.split else [value % P]
    return result


def limbs(data: bytes) -> list[int]:
    """Bytes as little-endian field elements, eight bytes each, the last one filled up with zeros."""
    return [int.from_bytes(data[i : i + 8], "little") for i in range(0, len(data), 8)]


def _bytes(elements: Iterable[int]) -> bytes:
    return b"".join(element.to_bytes(8, "little") for element in elements)


def transaction(
    name: str,
    fields: Mapping[str, Any],
    *,
    chain_id: int,
    account: int,
    key_index: int,
    nonce: int,
    expired_at: int,
    attributes: Mapping[int, int] | None = None,
) -> Unsigned:
    """Hash and body of one transaction.

    :param name: a key of KINDS
    :param fields: the transaction's own fields under the venue's names; `create_grouped_orders` takes `GroupingType` and `Orders`,
        `change_pub_key` takes `PubKey` (40 bytes), `transfer` a `Memo` (32 bytes)
    :param expired_at: unix milliseconds after which the venue refuses the transaction
    :param attributes: transaction attributes by number, e.g. {SKIP_NONCE: 1}
    :raises ValueError: a field is missing, unknown or out of the range that the venue's signer accepts
    """
    kind = KINDS[name]
    checked = check_attributes(attributes or {})
    highest_nonce = MAX_SKIP_NONCE if SKIP_NONCE in checked else 2**63 - 1
    head = [
        _check("chain id", chain_id, 0, MAX_32),
        kind.type,
        _check("Nonce", nonce, 0, highest_nonce),
        _check("ExpiredAt", expired_at, 0, MAX_48),
        _check(kind.account, account, 0, MAX_ACCOUNT),
        _check("ApiKeyIndex", key_index, 0, MAX_KEY_INDEX),
    ]
    wire, own = _own_part(name, kind, fields)
    # a transfer's L1Sig stands behind Sig, a key change's in front of the expiry
    body: dict[str, Any] = {kind.account: account, "ApiKeyIndex": key_index, **wire}
    body |= {"ExpiredAt": expired_at, "Nonce": nonce, "Sig": ""}
    if kind.l1_signature and "L1Sig" not in wire:
        body["L1Sig"] = ""
    body["L2TxAttributes"] = {str(key): value for key, value in checked.items()} or None
    hashed = _with_attributes(poseidon2.hash_to_quintic([*head, *own]), checked)
    return Unsigned(kind.type, _bytes(hashed), body)


def _own_part(name: str, kind: Kind, fields: Mapping[str, Any]) -> tuple[dict[str, Any], list[int]]:
    """A transaction's own fields, as JSON and as field elements."""
    if name == "create_grouped_orders":
        grouping = _check("GroupingType", fields.get("GroupingType"), 1, 3)
        orders = [_row(ORDER_FIELDS, order) for order in fields["Orders"]]
        return {"GroupingType": grouping, "Orders": orders}, [grouping, *_group_hash(orders)]
    if name == "change_pub_key":
        public = bytes(fields["PubKey"])
        if len(public) != 40:
            raise ValueError("a public key has 40 bytes")
        return {"PubKey": base64.b64encode(public).decode(), "L1Sig": ""}, limbs(public)
    extra: dict[str, Any] = {}
    if name == "transfer":
        memo = bytes(fields["Memo"])
        if len(memo) != 32:
            raise ValueError("a memo has 32 bytes")
        extra = {"Memo": list(memo)}
    row = _row(kind.fields, {key: value for key, value in fields.items() if key not in extra})
    return {**row, **extra}, _elements(kind, row)


def _group_hash(orders: list[dict[str, int]]) -> list[int]:
    if not 2 <= len(orders) <= 3:
        raise ValueError("a group has two or three orders")
    return poseidon2.combine([poseidon2.hash_no_pad([value % P for value in order.values()]) for order in orders])


def auth_message(deadline: int, account: int, key_index: int) -> tuple[str, bytes]:
    """Text of an auth token without its signature, and the forty bytes to sign.

    :param deadline: unix seconds; the venue accepts at most eight hours ahead
    """
    text = f"{deadline}:{account}:{key_index}"
    return text, _bytes(poseidon2.hash_to_quintic(limbs(text.encode())))


def auth_token(text: str, signature: bytes) -> str:
    """The token that goes into the Authorization header and into a subscription's `auth`."""
    return f"{text}:{signature.hex()}"
