"""The encoder of EIP-712: type strings, struct hashes, domain separators; values that do not fit their type are refused, never cut.

https://eips.ethereum.org/EIPS/eip-712
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from ccxt_dex.signers._refuse import bad_value, hex_bytes
from ccxt_dex.signers.keccak import keccak256

Types = Mapping[str, Sequence[Mapping[str, str]]]
Encoder = Callable[[Any], bytes]
# the same types, hashable: ((struct, ((field, type), ...)), ...)
_Frozen = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]

_DOMAIN = "EIP712Domain"
_DOMAIN_FIELDS = {"name": "string", "version": "string", "chainId": "uint256", "verifyingContract": "address", "salt": "bytes32"}
_ARRAY = re.compile(r"(.*)\[([0-9]*)\]", re.DOTALL)
_ATOM = re.compile(r"(u?int|bytes)([1-9][0-9]*|)")
_NUMBER = re.compile(r"(-?[0-9]{1,80}|0[xX][0-9a-fA-F]{1,80})", re.ASCII)


def uint(value: int | str, bits: int = 256) -> bytes:
    """An unsigned integer in 32 bytes.

    :param value: a number, or its decimal or 0x text as JSON carries it
    :raises ccxt.BadRequest: negative or too large
    """
    number = _integer(value)
    if number < 0 or number >> bits:
        raise bad_value(f"not a uint{bits}: out of range")
    return number.to_bytes(32, "big")


def sint(value: int | str, bits: int = 256) -> bytes:
    """A signed integer in 32 bytes, two's complement; parameters as in :func:`uint`."""
    number = _integer(value)
    if not -(1 << (bits - 1)) <= number < 1 << (bits - 1):
        raise bad_value(f"not an int{bits}: out of range")
    return number.to_bytes(32, "big", signed=True)


def boolean(value: bool) -> bytes:
    """True or False in 32 bytes; nothing else passes, because the text "false" is true."""
    if value is True:
        return _TRUE
    if value is False:
        return _FALSE
    raise bad_value("not a bool")


_TRUE = (1).to_bytes(32, "big")
_FALSE = bytes(32)


def address(value: str | bytes) -> bytes:
    """An address in 32 bytes; the checksum of its letters is not looked at (venues publish contracts that fail it)."""
    raw = _raw(value)
    if raw is None or len(raw) != 20:
        raise bad_value("not an address")
    return raw.rjust(32, b"\0")


def text(value: str) -> bytes:
    """The hash of a string."""
    if not isinstance(value, str):
        raise bad_value("not a string")
    return keccak256(value.encode())


def dynamic(value: str | bytes) -> bytes:
    """The hash of bytes (0x text or bytes)."""
    raw = _raw(value)
    if raw is None:
        raise bad_value("not bytes")
    return keccak256(raw)


def fixed_bytes(value: str | bytes, length: int = 32) -> bytes:
    """bytesN padded on the right to 32 bytes; a shorter or longer value is refused."""
    raw = _raw(value)
    if raw is None or len(raw) != length:
        raise bad_value(f"not bytes{length}")
    return raw.ljust(32, b"\0")


def digest(separator: bytes, struct: bytes) -> bytes:
    """What is signed: the hash of 0x1901, the domain separator and the struct's hash."""
    return keccak256(b"\x19\x01" + separator + struct)


def encode_type(types: Types, primary_type: str) -> str:
    """The type string of a struct: itself, then the structs it refers to, sorted by name.

    :param types: struct name -> fields, each ``{"name": ..., "type": ...}``
    """
    return _encode_type(_freeze(types), primary_type)


def type_hash(types: Types | str, primary_type: str = "") -> bytes:
    """The hash of a type string, given as such or as types and the name of the struct."""
    return keccak256(types.encode()) if isinstance(types, str) else _compiled(_freeze(types)).type_hash(primary_type)


def struct_hash(types: Types, primary_type: str, message: Mapping[str, Any]) -> bytes:
    """The hash of a struct with its values.

    :raises ccxt.BadRequest: a field is missing, of another type or out of range, or a type is unknown
    """
    return _compiled(_freeze(types)).struct(primary_type)(message)


def domain_separator(domain: Mapping[str, Any], types: Types | None = None) -> bytes:
    """The hash of a domain, kept for the next call.

    :param domain: any of name, version, chainId, verifyingContract, salt
    :param types: when they define EIP712Domain, its fields in its order; otherwise those present in the standard's order
    """
    declared = (types or {}).get(_DOMAIN)
    fields = tuple((f["name"], f["type"]) for f in declared) if declared is not None else _domain_fields(domain)
    values = tuple(domain.get(name) for name, _ in fields)
    try:
        return _separator(fields, values, tuple(map(type, values)))
    except TypeError:  # an unhashable value (a bytearray): not worth keeping
        return _hash_domain(fields, values)


def typed_data_hash(domain: Mapping[str, Any], types: Types, primary_type: str, message: Mapping[str, Any]) -> bytes:
    """The digest of typed data.

    :param domain: any of name, version, chainId, verifyingContract, salt
    :param types: struct name -> fields, each ``{"name": ..., "type": ...}``; EIP712Domain may be left out
    :param primary_type: the struct that ``message`` is
    :param message: its values; integers may be decimal or 0x text, bytes 0x text, a nested struct None (recursive types);
        keys that the type does not have are not signed
    :raises ccxt.BadRequest: a field is missing, of another type or out of range, or a type is unknown
    """
    return digest(domain_separator(domain, types), struct_hash(types, primary_type, message))


def _integer(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return int(value, 0) if value[:2] in ("0x", "0X") else int(value)
    raise bad_value("not an integer")


def _raw(value: Any) -> bytes | None:
    if isinstance(value, str):
        return b"" if value in ("0x", "0X") else hex_bytes(value) if value[:2] in ("0x", "0X") else None
    return bytes(value) if isinstance(value, bytes | bytearray) else None


def _freeze(types: Types) -> _Frozen:
    return tuple((name, tuple((f["name"], f["type"]) for f in fields)) for name, fields in types.items())


def _domain_fields(domain: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    unknown = domain.keys() - _DOMAIN_FIELDS.keys()
    if unknown:
        raise bad_value(f"EIP-712 has no domain field {min(unknown)!r}")
    return tuple((name, kind) for name, kind in _DOMAIN_FIELDS.items() if name in domain)


def _hash_domain(fields: tuple[tuple[str, str], ...], values: tuple[Any, ...]) -> bytes:
    present = {name: value for (name, _), value in zip(fields, values, strict=True) if value is not None}
    return _compiled(((_DOMAIN, fields),)).struct(_DOMAIN)(present)


# the types of the values belong to the key: 1 == True == 1.0 would otherwise share an entry
@lru_cache(maxsize=256)
def _separator(fields: tuple[tuple[str, str], ...], values: tuple[Any, ...], _kinds: tuple[type, ...]) -> bytes:
    return _hash_domain(fields, values)


@lru_cache(maxsize=256)
def _encode_type(types: _Frozen, primary_type: str) -> str:
    fields = dict(types)
    if primary_type not in fields:
        raise bad_value(f"unknown struct {primary_type!r}")
    found: set[str] = set()
    pending = [primary_type]
    while pending:
        name = pending.pop()
        if name in fields and name not in found:
            found.add(name)
            pending.extend(kind.split("[", 1)[0] for _, kind in fields[name])
    ordered = [primary_type, *sorted(found - {primary_type})]
    return "".join(f"{name}({','.join(f'{kind} {field}' for field, kind in fields[name])})" for name in ordered)


class _Compiled:
    """The encoders of one set of types, each made once."""

    def __init__(self, types: _Frozen) -> None:
        self._types = types
        self._fields = dict(types)
        self._structs: dict[str, Encoder] = {}

    def type_hash(self, name: str) -> bytes:
        return keccak256(_encode_type(self._types, name).encode())

    def struct(self, name: str) -> Encoder:
        """message -> hash of the struct."""
        known = self._structs.get(name)
        if known is not None:
            return known
        head = self.type_hash(name)
        members: list[tuple[str, Encoder]] = []

        def encode(message: Any) -> bytes:
            if not isinstance(message, Mapping):
                raise bad_value(f"{name}: not a struct")
            words = [head]
            for field, encoder in members:
                if field not in message:
                    raise bad_value(f"{name}.{field} is missing")
                words.append(encoder(message[field]))
            return keccak256(b"".join(words))

        # known before its members are: a struct may contain itself
        self._structs[name] = encode
        try:
            members.extend((field, self._member(kind)) for field, kind in self._fields[name])
        except BaseException:
            del self._structs[name]
            raise
        return encode

    def _member(self, kind: str) -> Encoder:
        array = _ARRAY.fullmatch(kind)
        if array:
            return self._array(self._member(array[1]), kind, int(array[2]) if array[2] else None)
        if kind in self._fields:
            hashed = self.struct(kind)
            return lambda value: _FALSE if value is None else hashed(value)
        return _atom(kind)

    def _array(self, member: Encoder, kind: str, length: int | None) -> Encoder:
        def encode(values: Any) -> bytes:
            if not isinstance(values, list | tuple) or (length is not None and len(values) != length):
                raise bad_value(f"not a {kind}")
            return keccak256(b"".join([member(value) for value in values]))

        return encode


@lru_cache(maxsize=256)
def _compiled(types: _Frozen) -> _Compiled:
    return _Compiled(types)


_ATOMS: dict[str, Encoder] = {"address": address, "bool": boolean, "string": text, "bytes": dynamic}


def _atom(kind: str) -> Encoder:
    if kind in _ATOMS:
        return _ATOMS[kind]
    match = _ATOM.fullmatch(kind)
    if match:
        base, size = match[1], int(match[2] or 256)
        if base == "bytes" and match[2] and 1 <= size <= 32:
            return lambda value: fixed_bytes(value, size)
        if base != "bytes" and 8 <= size <= 256 and size % 8 == 0:
            integer = uint if base == "uint" else sint
            return lambda value: integer(value, size)
    raise bad_value(f"unknown type {kind!r}")
