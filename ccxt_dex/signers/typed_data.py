"""Starknet's typed data (SNIP-12): revision 0 (Pedersen, type strings bare) and revision 1 (Poseidon, type strings quoted).

https://github.com/starknet-io/SNIPs/blob/main/SNIPS/snip-12.md. Not here, because no venue asks for them: enums and Merkle trees.

A room that signs one struct again and again keeps a :class:`Prepared`: everything that does not change is hashed once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ccxt_dex.signers import stark
from ccxt_dex.signers._refuse import bad_value
from ccxt_dex.signers.stark import PRIME, poseidon_many, selector, short_string

__all__ = ["Prepared", "encode_type", "felt", "message_hash", "struct_hash", "type_hash"]

Types = Mapping[str, Sequence[Mapping[str, str]]]

_PREFIX = short_string("StarkNet Message")
_DOMAINS = {0: "StarkNetDomain", 1: "StarknetDomain"}
_HEX = re.compile(r"0[xX][0-9a-fA-F]{1,80}", re.ASCII)
_DECIMAL = re.compile(r"[0-9]{1,80}", re.ASCII)
# structs that revision 1 knows by itself
_PRESETS: Types = {
    "u256": ({"name": "low", "type": "u128"}, {"name": "high", "type": "u128"}),
    "TokenAmount": ({"name": "token_address", "type": "ContractAddress"}, {"name": "amount", "type": "u256"}),
    "NftId": ({"name": "collection_address", "type": "ContractAddress"}, {"name": "token_id", "type": "u256"}),
}


def felt(value: Any) -> int:
    """A field element: a number, its decimal or 0x text, or a short string.

    :raises ccxt.BadRequest: none of these, or out of range
    """
    if isinstance(value, str):
        number = int(value, 16) if _HEX.fullmatch(value) else int(value) if _DECIMAL.fullmatch(value) else short_string(value)
    elif isinstance(value, int):
        number = int(value)
    else:
        raise bad_value("not a field element")
    return _within(number, 0, PRIME)


def message_hash(domain: Mapping[str, Any], types: Types, primary_type: str, message: Mapping[str, Any], account: int) -> int:
    """What an account signs.

    :param domain: its values; the revision is that of the domain struct among the types (StarkNetDomain 0, StarknetDomain 1)
    :param types: struct name -> fields, each ``{"name": ..., "type": ...}``
    :param primary_type: the struct that ``message`` is
    :param account: the address of the account (or the public key, where a venue says so)
    :raises ccxt.BadRequest: a field is missing, of another type or out of range, or a type is unknown
    """
    return Prepared(domain, types, primary_type, account).hash(message)


def encode_type(types: Types, name: str, revision: int) -> str:
    """The type string of a struct: itself, then the structs it refers to, sorted by name."""
    known = _known(types, revision)
    if name not in known:
        raise bad_value(f"unknown struct {name!r}")
    found: set[str] = set()
    pending = [name]
    while pending:
        current = pending.pop()
        if current in known and current not in found:
            found.add(current)
            pending.extend(field["type"].rstrip("*") for field in known[current])
    quote = '"' if revision else ""
    strings = []
    for struct in [name, *sorted(found - {name})]:
        fields = ",".join(f"{quote}{f['name']}{quote}:{quote}{f['type']}{quote}" for f in known[struct])
        strings.append(f"{quote}{struct}{quote}({fields})")
    return "".join(strings)


def type_hash(types: Types | str, name: str = "", revision: int = 1) -> int:
    """The selector of a type string, given as such or as types and the name of the struct."""
    return selector(types if isinstance(types, str) else encode_type(types, name, revision))


def struct_hash(types: Types, name: str, values: Mapping[str, Any], revision: int) -> int:
    """The hash of a struct with its values."""
    known = _known(types, revision)
    if name not in known:
        raise bad_value(f"unknown struct {name!r}")
    elements = [type_hash(types, name, revision)]
    for field in known[name]:
        if field["name"] not in values:
            raise bad_value(f"{name}.{field['name']} is missing")
        elements.append(_encode(types, field["type"], values[field["name"]], revision))
    return _hash(revision)(elements)


class Prepared:
    """One struct of one domain and account, with all that never changes hashed once.

    :ivar revision: 0 or 1
    :ivar domain_hash: of the domain struct
    :ivar type_hash: of the primary type
    """

    __slots__ = ("_prefix", "_start", "_state", "_types", "account", "domain_hash", "primary_type", "revision", "type_hash")

    def __init__(self, domain: Mapping[str, Any], types: Types, primary_type: str, account: int) -> None:
        self.revision = _revision(types)
        self.account = felt(account)
        self.primary_type = primary_type
        self.domain_hash = struct_hash(types, _DOMAINS[self.revision], domain, self.revision)
        self.type_hash = type_hash(types, primary_type, self.revision)
        self._types = types
        if self.revision:
            self._state = stark.absorb((_PREFIX, self.domain_hash))
        else:
            self._prefix = stark.pedersen_chain((_PREFIX, self.domain_hash, self.account))
            self._start = stark.pedersen(0, self.type_hash)

    def hash(self, message: Mapping[str, Any]) -> int:
        """What the account signs for these values of the struct."""
        return self._finish(struct_hash(self._types, self.primary_type, message, self.revision))

    def hash_fields(self, fields: Sequence[int]) -> int:
        """The same for a struct whose fields are already field elements, in the order of the type: the fast way."""
        if self.revision:
            return self._finish(poseidon_many((self.type_hash, *fields)))
        return self._finish(stark.pedersen(stark.pedersen_chain(fields, self._start), len(fields) + 1))

    def _finish(self, struct: int) -> int:
        if self.revision:
            return poseidon_many((self.account, struct), self._state)
        return stark.pedersen(stark.pedersen(self._prefix, struct), 4)


def _revision(types: Types) -> int:
    found = [revision for revision, name in _DOMAINS.items() if name in types]
    if len(found) != 1:
        raise bad_value("the types need either StarkNetDomain (revision 0) or StarknetDomain (revision 1)")
    return found[0]


def _known(types: Types, revision: int) -> Types:
    return {**_PRESETS, **types} if revision else types


def _hash(revision: int) -> Callable[[Sequence[int]], int]:
    return poseidon_many if revision else stark.pedersen_many


def _within(number: int, low: int, high: int) -> int:
    if not low <= number < high:
        raise bad_value("out of range for its type")
    return number


def _encode(types: Types, kind: str, value: Any, revision: int) -> int:
    if kind.endswith("*"):
        if not isinstance(value, list | tuple):
            raise bad_value(f"not a {kind}")
        return _hash(revision)([_encode(types, kind[:-1], item, revision) for item in value])
    if kind in _known(types, revision):
        if not isinstance(value, Mapping):
            raise bad_value(f"not a {kind}")
        return struct_hash(types, kind, value, revision)
    encoder = _ATOMS[revision].get(kind)
    if encoder is None:
        raise bad_value(f"unknown type {kind!r}")
    return encoder(value)


def _boolean(value: Any) -> int:
    if value is True or value is False:
        return int(value)
    raise bad_value("not a bool")


def _selector(value: Any) -> int:
    return felt(value) if not isinstance(value, str) or _HEX.fullmatch(value) else selector(value)


def _unsigned(value: Any) -> int:
    return _within(felt(value), 0, 1 << 128)


def _signed(value: Any) -> int:
    number = int(value) if isinstance(value, str) and _DECIMAL.fullmatch(value.removeprefix("-")) else value
    if not isinstance(number, int) or isinstance(number, bool):
        raise bad_value("not an i128")
    return _within(number, -(1 << 127), 1 << 127) % PRIME


def _long_string(value: Any) -> int:
    """Cairo's ByteArray: how many words of 31 bytes, the words, the rest, its length."""
    if not isinstance(value, str):
        raise bad_value("not a string")
    data = value.encode()
    whole = len(data) // 31
    words = [int.from_bytes(data[31 * i : 31 * i + 31], "big") for i in range(whole)]
    rest = data[31 * whole :]
    return poseidon_many((whole, *words, int.from_bytes(rest, "big"), len(rest)))


_ATOMS: dict[int, dict[str, Callable[[Any], int]]] = {
    0: {"felt": felt, "bool": _boolean, "string": felt, "selector": _selector},
    1: {
        "felt": felt,
        "bool": _boolean,
        "string": _long_string,
        "shortstring": felt,
        "selector": _selector,
        "u128": _unsigned,
        "i128": _signed,
        "timestamp": _unsigned,
        "ContractAddress": felt,
        "ClassHash": felt,
    },
}
