"""Lighter's transactions: hash and body to the byte, against texts made by the official signer, then the refusals."""

from __future__ import annotations

import base64
import copy
import json
import pickle
from pathlib import Path
from typing import Any

import pytest

from ccxt_dex import signers
from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.lighter import signing
from ccxt_dex.exchanges.lighter.crypto import schnorr
from ccxt_dex.exchanges.lighter.paper import verify as plain
from ccxt_dex.exchanges.lighter.signer import LighterSigner
from compat_tests.rooms.lighter.captures import number, vectors

OFFICIAL = json.loads((Path(__file__).parent / "official_signer.json").read_text())
KEY = OFFICIAL["private_key"]
NAMES = {kind.type: name for name, kind in signing.KINDS.items()}
WHO = {"chain_id": 304, "account": 12345, "key_index": 7}
ORDER = dict.fromkeys((name for name, _, _ in signing.ORDER_FIELDS), 0) | {"BaseAmount": 1000, "Price": 390000, "TimeInForce": 1}


def rebuild(kind_type: int, info: str, chain_id: int) -> signing.Unsigned:
    """Our transaction from the fields of an official `tx_info`."""
    body: dict[str, Any] = json.loads(info)
    name = NAMES[kind_type]
    kind = signing.KINDS[name]
    common = {kind.account, "ApiKeyIndex", "ExpiredAt", "Nonce", "Sig", "L1Sig", "L2TxAttributes"}
    fields = {key: value for key, value in body.items() if key not in common}
    if "Memo" in fields:
        fields["Memo"] = bytes(fields["Memo"])
    return signing.transaction(
        name,
        fields,
        chain_id=chain_id,
        account=body[kind.account],
        key_index=body["ApiKeyIndex"],
        nonce=body["Nonce"],
        expired_at=body["ExpiredAt"],
        attributes={int(key): value for key, value in (body["L2TxAttributes"] or {}).items()},
    )


@pytest.mark.parametrize("row", OFFICIAL["transactions"], ids=lambda row: str(row["name"]))
def test_hash_body_and_signature_of_the_official_signer(row: dict[str, Any]) -> None:
    ours = rebuild(row["type"], row["info"], OFFICIAL["chain_id"])
    signature = base64.b64decode(json.loads(row["info"])["Sig"])
    assert ours.hash.hex() == row["hash"]
    assert ours.signed(signature) == row["info"]
    assert schnorr.verify(schnorr.public_key(schnorr.parse_key(KEY)), signing.limbs(ours.hash), signature)
    assert plain.Key(bytes.fromhex(KEY[2:])).verify(signing.limbs(ours.hash), signature)


def test_chain_id_is_signed() -> None:
    row = OFFICIAL["transactions"][0]
    assert rebuild(row["type"], row["info"], 300).hash.hex() != row["hash"]


def test_captured_transactions() -> None:
    known = [row for row in vectors("tx_oracle") if row["tx_type"] in NAMES]
    for row in known:
        ours = rebuild(row["tx_type"], row["tx_info"], row["chain_id"])
        assert ours.hash.hex() == row["tx_hash"]
        assert ours.signed(bytes.fromhex(row["sig"])) == row["tx_info"]
        public = schnorr.public_key(number(row["sk"]))
        assert schnorr.verify(public, signing.limbs(ours.hash), bytes.fromhex(row["sig"]))
    assert len(known) == 7  # the other two approve an integrator, which we never do


def test_official_auth_token() -> None:
    deadline, account, key_index, signature = OFFICIAL["auth_token"].split(":")
    text, digest = signing.auth_message(int(deadline), int(account), int(key_index))
    assert signing.auth_token(text, bytes.fromhex(signature)) == OFFICIAL["auth_token"]
    assert schnorr.verify(schnorr.public_key(schnorr.parse_key(KEY)), signing.limbs(digest), bytes.fromhex(signature))


def test_captured_auth_tokens() -> None:
    for row in vectors("auth_token_oracle"):
        text, digest = signing.auth_message(row["deadline"], row["account_index"], row["api_key_index"])
        signature = bytes.fromhex(row["token"].split(":")[3])
        assert signing.auth_token(text, signature) == row["token"]
        assert schnorr.verify(schnorr.public_key(number(row["sk"])), signing.limbs(digest), signature)


def test_nil_attributes_do_not_change_the_hash_but_stay_in_the_body() -> None:
    bare = signing.transaction("create_order", ORDER, nonce=1, expired_at=2, **WHO)
    nil = signing.transaction("create_order", ORDER, nonce=1, expired_at=2, attributes={2: 0, 1: 0}, **WHO)
    assert bare.hash == nil.hash
    assert bare.body["L2TxAttributes"] is None and nil.body["L2TxAttributes"] == {"1": 0, "2": 0}
    assert signing.transaction("create_order", ORDER, nonce=1, expired_at=2, attributes={4: 1}, **WHO).hash != bare.hash


@pytest.mark.parametrize("field", [name for name, _, _ in signing.ORDER_FIELDS])
def test_every_order_field_is_signed(field: str) -> None:
    bare = signing.transaction("create_order", ORDER, nonce=1, expired_at=2, **WHO)
    assert (
        signing.transaction("create_order", ORDER | {field: 1 - min(ORDER[field], 1) or 2}, nonce=1, expired_at=2, **WHO).hash != bare.hash
    )


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("create_order", ORDER | {"Price": 0}),
        ("create_order", ORDER | {"Price": 2**32}),
        ("create_order", ORDER | {"BaseAmount": 2**48}),
        ("create_order", ORDER | {"ClientOrderIndex": 2**48}),
        ("create_order", ORDER | {"ClientOrderIndex": -1}),
        ("create_order", ORDER | {"Price": 390000.0}),
        ("create_order", ORDER | {"IsAsk": True}),
        ("create_order", ORDER | {"Surprise": 1}),
        ("create_order", {key: value for key, value in ORDER.items() if key != "TriggerPrice"}),
        ("create_grouped_orders", {"GroupingType": 1, "Orders": [ORDER]}),
        ("create_grouped_orders", {"GroupingType": 0, "Orders": [ORDER, ORDER]}),
        ("cancel_order", {"MarketIndex": 0, "Index": 0}),
        ("update_leverage", {"MarketIndex": 0, "InitialMarginFraction": 10001, "MarginMode": 0}),
        ("update_margin", {"MarketIndex": 0, "USDCAmount": 0, "Direction": 0}),
        ("change_pub_key", {"PubKey": b"\1" * 39}),
        ("transfer", {"Memo": b"short"}),
    ],
)
def test_fields_that_the_official_signer_refuses(name: str, fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        signing.transaction(name, fields, nonce=1, expired_at=2, **WHO)


@pytest.mark.parametrize(
    "attributes", [{9: 1}, {4: 0}, {1: -1}, {2: 5}, {1: 1, 2: 5, 6: 1}, {6: 3, 7: 1}, {6: 4}, {1: 1, 2: 1, 3: 1, 4: 1, 5: 1}]
)
def test_attributes_that_the_official_signer_refuses(attributes: dict[int, int]) -> None:
    with pytest.raises(ValueError):
        signing.check_attributes(attributes)


@pytest.mark.parametrize("changes", [{"nonce": -1}, {"account": -1}, {"key_index": 255}, {"expired_at": 2**48}, {"chain_id": -1}])
def test_common_fields_out_of_range(changes: dict[str, int]) -> None:
    with pytest.raises(ValueError):
        signing.transaction("create_sub_account", {}, **{"nonce": 1, "expired_at": 2, **WHO, **changes})


def test_skip_nonce_has_a_smaller_range() -> None:
    signing.transaction("create_sub_account", {}, nonce=2**47, expired_at=2, **WHO)
    with pytest.raises(ValueError):
        signing.transaction("create_sub_account", {}, nonce=2**47, expired_at=2, attributes={4: 1}, **WHO)


class TestSigner:
    def test_registered_family_signs(self) -> None:
        signer = signers.make("lighter", KEY)
        assert signer.public_key == schnorr.public_key(schnorr.parse_key(KEY))
        digest = signing.auth_message(1, 2, 3)[1]
        assert schnorr.verify(signer.public_key, signing.limbs(digest), signer.sign(digest))

    @pytest.mark.parametrize("bad", ["", "11" * 39, "0x" + "22" * 32, "00" * 40, b"\3" * 32])
    def test_bad_keys_are_authentication_errors_that_do_not_repeat_the_key(self, bad: str | bytes) -> None:
        with pytest.raises(errors.AuthenticationError) as caught:
            LighterSigner(bad)
        assert "2222" not in str(caught.value) and "1111" not in str(caught.value)

    def test_an_ethereum_key_is_named_as_such(self) -> None:
        with pytest.raises(errors.AuthenticationError, match="Ethereum key"):
            LighterSigner("0x" + "22" * 32)

    def test_no_key_material_leaks(self) -> None:
        signer = LighterSigner(KEY)
        assert "1111" not in repr(signer) and "1111" not in str(signer)
        for leak in (pickle.dumps, copy.deepcopy, copy.copy):
            with pytest.raises(TypeError):
                leak(signer)
