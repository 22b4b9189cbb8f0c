"""The encoder against eth-account, on random types and values, and where it must refuse."""

from __future__ import annotations

from typing import Any

import ccxt
import pytest
from eth_account import Account
from eth_account.messages import _hash_eip191_message, encode_defunct, encode_typed_data
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ccxt_dex.signers import eip712

KEY = "0x" + "0123456789abcdef" * 4
ACCOUNT = Account.from_key(KEY)
SIGNER = eip712.make(KEY)
DOMAIN = {"name": "D", "version": "1", "chainId": 5, "verifyingContract": "0x" + "ab" * 20}


def atoms() -> st.SearchStrategy[tuple[str, st.SearchStrategy[Any]]]:
    """(type, strategy of its values)."""
    sizes = st.integers(1, 32)
    return st.one_of(
        sizes.map(lambda n: (f"uint{8 * n}", st.integers(0, 2 ** (8 * n) - 1))),
        sizes.map(lambda n: (f"int{8 * n}", st.integers(-(2 ** (8 * n - 1)), 2 ** (8 * n - 1) - 1))),
        sizes.map(lambda n: (f"bytes{n}", st.binary(min_size=n, max_size=n))),
        st.just(("bool", st.booleans())),
        st.just(("string", st.text(st.characters(exclude_categories=["Cs"]), max_size=40))),
        st.just(("bytes", st.binary(max_size=70))),
        st.just(("address", st.binary(min_size=20, max_size=20).map(lambda raw: "0x" + raw.hex()))),
    )


def arrays(member: tuple[str, st.SearchStrategy[Any]], shape: list[int]) -> tuple[str, st.SearchStrategy[Any]]:
    """The member in a list per entry of the shape: 0 a list of any length, n one of exactly n."""
    kind, values = member
    for size in shape:
        kind += f"[{size or ''}]"
        # never empty: eth-account and the rest of the world disagree about nothing else
        values = st.lists(values, min_size=size or 1, max_size=size or 3)
    return kind, values


@st.composite
def typed_data(draw: st.DrawFn) -> tuple[dict[str, Any], str, dict[str, Any]]:
    """Types that nest (a struct only refers to earlier ones), the primary type, and a message."""
    types: dict[str, Any] = {}
    values: dict[str, st.SearchStrategy[Any]] = {}
    for name in draw(st.permutations(["Zeta", "Alpha", "Person", "mail"])):
        known = st.sampled_from(sorted(values)) if values else st.nothing()
        members = st.one_of(atoms(), known.map(lambda struct: (struct, values[struct])))
        shapes = st.lists(st.sampled_from([0, 0, 1, 2]), max_size=2)
        chosen = [arrays(draw(members), draw(shapes)) for _ in range(draw(st.integers(1, 4)))]
        types[name] = [{"name": f"f{i}", "type": kind} for i, (kind, _) in enumerate(chosen)]
        values[name] = st.fixed_dictionaries({f"f{i}": value for i, (_, value) in enumerate(chosen)})
        primary = name
    return types, primary, draw(values[primary])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(typed_data())
def test_random_typed_data_is_hashed_as_by_eth_account(case: tuple[dict[str, Any], str, dict[str, Any]]) -> None:
    types, primary, message = case
    reachable = {name: types[name] for name in types if name == primary or name in eip712.encode_type(types, primary)}
    reference = encode_typed_data(
        full_message={"types": {"EIP712Domain": DOMAIN_TYPE, **reachable}, "primaryType": primary, "domain": DOMAIN, "message": message}
    )
    assert eip712.typed_data_hash(DOMAIN, types, primary, message) == _hash_eip191_message(reference)


DOMAIN_TYPE = [
    {"name": "name", "type": "string"},
    {"name": "version", "type": "string"},
    {"name": "chainId", "type": "uint256"},
    {"name": "verifyingContract", "type": "address"},
]


@settings(max_examples=60, deadline=None)
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "name": st.text(st.characters(exclude_categories=["Cs"])),
            "version": st.text(st.characters(exclude_categories=["Cs"])),
            "chainId": st.integers(0, 2**256 - 1),
            "verifyingContract": st.binary(min_size=20, max_size=20).map(lambda raw: "0x" + raw.hex()),
            "salt": st.binary(min_size=32, max_size=32),
        },
    ).filter(bool)
)
def test_domains_are_hashed_as_by_eth_account(domain: dict[str, Any]) -> None:
    types = {"T": [{"name": "a", "type": "uint8"}]}
    signed = ACCOUNT.sign_message(encode_typed_data(domain, types, {"a": 7}))
    assert SIGNER.sign_typed_data(domain, types, "T", {"a": 7}) == bytes(signed.signature)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_messages_are_signed_as_by_eth_account(message: bytes) -> None:
    signed = ACCOUNT.sign_message(encode_defunct(message))
    assert SIGNER.personal_sign(message) == bytes(signed.signature)
    assert eip712.recover(eip712.personal_hash(message), bytes(signed.signature)) == ACCOUNT.address


def test_the_example_of_the_standard() -> None:
    """Mail from Cow to Bob, https://eips.ethereum.org/assets/eip-712/Example.js"""
    types = {
        "Person": [{"name": "name", "type": "string"}, {"name": "wallet", "type": "address"}],
        "Mail": [{"name": "from", "type": "Person"}, {"name": "to", "type": "Person"}, {"name": "contents", "type": "string"}],
    }
    domain = {"name": "Ether Mail", "version": "1", "chainId": 1, "verifyingContract": "0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC"}
    message = {
        "from": {"name": "Cow", "wallet": "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"},
        "to": {"name": "Bob", "wallet": "0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB"},
        "contents": "Hello, Bob!",
    }
    assert eip712.encode_type(types, "Mail") == "Mail(Person from,Person to,string contents)Person(string name,address wallet)"
    assert (
        eip712.typed_data_hash(domain, types, "Mail", message).hex() == "be609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2"
    )
    cow = eip712.make(eip712.keccak256(b"cow"))
    assert cow.address == "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"
    assert cow.sign_typed_data(domain, types, "Mail", message).hex() == (
        "4355c47d63924e8a72e509b65029052eb6c299d53a04e167c5775fd466751c9d07299936d304c153f6443dfa05f40ff007d72911b6f72307f996231605b915621c"
    )


def test_a_recursive_struct_ends_with_none() -> None:
    types = {"Node": [{"name": "value", "type": "uint8"}, {"name": "next", "type": "Node"}, {"name": "more", "type": "Node[]"}]}
    leaf = {"value": 1, "next": None, "more": []}
    head = eip712.type_hash("Node(uint8 value,Node next,Node[] more)")
    expected = eip712.keccak256(head + eip712.uint(1) + bytes(32) + eip712.keccak256(b""))
    assert eip712.struct_hash(types, "Node", leaf) == expected
    parent = eip712.keccak256(head + eip712.uint(2) + expected + eip712.keccak256(expected + expected))
    assert eip712.struct_hash(types, "Node", {"value": 2, "next": leaf, "more": [leaf, leaf]}) == parent


def test_numbers_and_bytes_may_come_as_json_carries_them() -> None:
    types = {"T": [{"name": "u", "type": "uint64"}, {"name": "i", "type": "int64"}, {"name": "b", "type": "bytes"}]}
    plain = eip712.struct_hash(types, "T", {"u": 255, "i": -5, "b": b"\1\2"})
    assert eip712.struct_hash(types, "T", {"u": "0xff", "i": "-5", "b": "0x0102"}) == plain
    assert eip712.struct_hash(types, "T", {"u": "255", "i": "-5", "b": bytearray(b"\1\2"), "unknown": 1}) == plain


REFUSED: list[tuple[str, Any]] = [
    *(
        ("uint8", value)
        for value in (256, -1, "256", "-1", True, 1.0, "1.0", "", " 1", "1 ", "0x", "١", None, b"\1", "1_0", "1\n", "1" * 5000)
    ),
    *(("int8", value) for value in (128, -129, "0x80", False, None)),
    *(("uint", value) for value in (2**256, -1)),
    *(("bool", value) for value in (1, 0, "true", "false", None, "")),
    *(("address", value) for value in ("0x" + "ab" * 19, "0x" + "ab" * 21, "ab" * 20, b"\1" * 19, 5, None, "0x" + "gg" * 20)),
    *(("bytes4", value) for value in (b"\1\2\3", b"\1\2\3\4\5", "0x010203", "01020304", 5, None, "0x1")),
    *(("bytes", value) for value in ("hello", "0x1", 5, None, "0x01 2")),
    *(("string", value) for value in (b"a", 5, None)),
    *(("uint8[]", value) for value in (5, "12", {0: 1}, None, [1, 256])),
    *(("uint8[2]", value) for value in ([1], [1, 2, 3], [])),
    *(("S", value) for value in (5, [], "x", {})),
    *((kind, 1) for kind in ("uint7", "uint264", "int0", "bytes0", "bytes33", "Unknown", "float", "", "uint08x", "uint8[-1]", "uint8[")),
]


@pytest.mark.parametrize(("kind", "value"), REFUSED, ids=repr)
def test_what_does_not_fit_its_type_is_refused(kind: str, value: Any) -> None:
    types = {"T": [{"name": "a", "type": kind}], "S": [{"name": "x", "type": "uint8"}]}
    for _ in range(2):  # the second call meets the caches
        with pytest.raises(ccxt.BadRequest):
            eip712.struct_hash(types, "T", {"a": value})


def test_a_missing_field_is_refused() -> None:
    types = {"T": [{"name": "a", "type": "uint8"}]}
    with pytest.raises(ccxt.BadRequest, match=r"T\.a is missing"):
        eip712.struct_hash(types, "T", {})
    with pytest.raises(ccxt.BadRequest, match="unknown struct"):
        eip712.struct_hash(types, "U", {})


def test_domains_follow_their_declared_type_and_know_no_other_field() -> None:
    declared = {"EIP712Domain": [{"name": "chainId", "type": "uint64"}, {"name": "name", "type": "string"}]}
    head = eip712.type_hash("EIP712Domain(uint64 chainId,string name)")
    assert eip712.domain_separator({"name": "x", "chainId": 1}, declared) == eip712.keccak256(head + eip712.uint(1) + eip712.text("x"))
    with pytest.raises(ccxt.BadRequest, match="chainID"):
        eip712.domain_separator({"name": "x", "chainID": 1})
    with pytest.raises(ccxt.BadRequest, match="missing"):
        eip712.domain_separator({"name": "x"}, declared)


def test_equal_looking_domain_values_do_not_share_a_cache_entry() -> None:
    assert eip712.domain_separator({"chainId": 1}) == eip712.domain_separator({"chainId": "1"})
    with pytest.raises(ccxt.BadRequest):
        eip712.domain_separator({"chainId": True})
    with pytest.raises(ccxt.BadRequest):
        eip712.domain_separator({"chainId": 1.0})
    assert eip712.domain_separator({"salt": bytearray(32)}) == eip712.domain_separator({"salt": bytes(32)})


# the examples of EIP-55
@pytest.mark.parametrize(
    "address",
    [
        "0x52908400098527886E0F7030069857D2E4169EE7",
        "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
        "0xde709f2102306220921060314715629080e2fb77",
        "0x27b1fdb04752bbc536007a920d24acb045561c26",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
        "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
    ],
)
def test_checksums(address: str) -> None:
    assert eip712.checksum_address(address.lower()) == address
    assert eip712.checksum_address(address[2:].upper()) == address
    assert eip712.checksum_address(bytes.fromhex(address[2:])) == address


@pytest.mark.parametrize("value", ["", "0x", "0x12", "ab" * 21, "zz" * 20, b"\1" * 19])
def test_what_is_no_address_is_refused(value: str | bytes) -> None:
    with pytest.raises(ccxt.BadRequest):
        eip712.checksum_address(value)
