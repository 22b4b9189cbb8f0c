"""Every V2 vector of the official SDK: HMAC over requests, hand-packed EIP-712 structs, bodies field by field; and what is refused."""

from __future__ import annotations

import ast
import base64
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from hypothesis import given
from hypothesis import strategies as st

from ccxt_dex import signers
from ccxt_dex.exchanges import edgex as room
from ccxt_dex.exchanges.edgex import bodies, orders, signing, tables
from ccxt_dex.exchanges.edgex.paper.auth import protocol_headers
from ccxt_dex.signers import eip712
from ccxt_dex.signers.keccak import keccak256
from compat_tests.rooms.edgex import vectors as v

FOLDER = Path(room.__file__).parent
SUB_PROTOCOL = (
    "eyJYLWVkZ2VYLUFwaS1LZXkiOiAiM2YyNTA0ZTAtNGY4OS00MWQzLTlhMGMtMDMwNWU4MmMzMzAxIiwgIlgtZWRnZVgtUGFzc3BocmFzZSI6ICJwYXNzLVBocmFzZV8wMSIsICJY"
    "LWVkZ2VYLVNpZ25hdHVyZSI6ICJkZGM1NmE3ODA2ZjRjMmMyM2QzYTVhM2NlOTY0YmViYWJjZTRjNDFmM2FmODY1MDM0NWU2Mzc3MDRhZjY5ZGFmIiwgIlgtZWRnZVgtVGltZXN0"
    "YW1wIjogIjE3NjcyMjU2MDAxMjMifQ"
)
DOMAIN = signing.domain_of(v.GLOBAL, "nativeChainId", "chainId")
TRADING = signers.make("eip712", v.TRADING_KEY)
WALLET = signers.make("eip712", v.WALLET_KEY)


def header(body: dict[str, Any], path: str) -> str:
    return signing.hmac_signature(v.SECRET, signing.request_text(v.NOW, "POST", path, body))


def terms(expires: int) -> bodies.Terms:
    return bodies.Terms(v.ACCOUNT, TRADING.address, expires, v.CONTRACT, v.COIN)


def test_the_canonical_text_of_the_sdk() -> None:
    value = {"b": True, "a": None, "z": [1, "x", False, {"k": "v", "a": []}], "n": {"q": "2.5", "p": ""}, "e": []}
    assert signing.canonical(value) == "a=&b=true&e=&n=p=&q=2.5&z=1&x&false&a=&k=v"


@pytest.mark.parametrize("value", [1.5, b"x", {"a": 2.5}, object()])
def test_what_json_may_print_otherwise_is_not_signed(value: Any) -> None:
    with pytest.raises(signing.SigningRefused):
        signing.canonical(value)


@pytest.mark.parametrize("method,path,payload,tail,signature", v.REQUESTS)
def test_requests(method: str, path: str, payload: dict[str, Any], tail: str, signature: str) -> None:
    text = signing.request_text(v.NOW, method, path, payload)
    assert text == f"{v.NOW}{method}{path}{tail}"
    assert signing.headers(v.API_KEY, v.PASSPHRASE, v.SECRET, v.NOW, text) == {
        "X-edgeX-Api-Key": v.API_KEY,
        "X-edgeX-Passphrase": v.PASSPHRASE,
        "X-edgeX-Signature": signature,
        "X-edgeX-Timestamp": str(v.NOW),
    }


@pytest.mark.parametrize("name,fields,oracle,numbers,struct,digest,signature,hmac", v.ORDERS, ids=[row[0] for row in v.ORDERS])
def test_orders(
    name: str, fields: dict[str, Any], oracle: str | None, numbers: tuple[int, ...], struct: str, digest: str, signature: str, hmac: str
) -> None:
    draft = orders.Draft(**fields)
    assert draft.needs_oracle is (oracle is not None)
    price = bodies.signed_price(draft, v.CONTRACT["tickSize"], oracle)
    expires, l2_expires = bodies.expiry(v.NOW, draft.expires)
    texts, signed = bodies.authorised(terms(expires), draft.side, draft.size, price, draft.client_id, l2_expires)
    assert (signed.nonce, signed.synthetic, signed.collateral, signed.fee) == numbers
    assert signed.expiration == expires // 1000
    made = signing.order_hash(signed)
    assert made.hex() == struct and signing.digest(DOMAIN, made).hex() == digest
    assert TRADING.sign_digest(signing.digest(DOMAIN, made)).hex() == signature
    body = bodies.body(draft, terms(expires), texts, signature)
    assert header(body, "/api/v2/private/order/createOrder") == hmac
    if name == "V2-7":
        assert body == v.FULL_BODY and list(body) == list(v.FULL_BODY)


def test_steps_on_the_way_to_an_order_signature() -> None:
    """Values that a wrong signature is found by."""
    assert signing.BASE_TYPE.startswith("OrderBase(") and keccak256(b"1").hex().startswith("c89efdaa54c0f20c")
    uint = eip712.uint
    base = uint(3354352901) + eip712.address(v.TRADING_ADDRESS) + uint(int(v.ACCOUNT)) + uint(1769126400)
    assert (
        keccak256(keccak256(signing.BASE_TYPE.encode()) + base).hex() == "c6cbc5b0c9724e43b1a52b7ce484777d5daf37119ed157941c3ade6a556e65d2"
    )
    flow = "EIP712Domain(string name,string version,address verifyingContract)"
    assert keccak256(flow.encode()).hex() == "91ab3d17e3a50a9d89e63fd30b92be7f5336b03b287bb946787a83a9d62a2766"
    public = Account.from_key("0x" + v.TRADING_KEY)._key_obj.public_key.to_hex()
    assert public[2:66] == "4646ae5047316b4230d0086c8acec687f00b1cd9d1dc634f6cb358ac0a9a8fff"
    assert public[66:] == "fe77b4dd0a4bfb95851f3b7355c781dd60f8418fc8a65d14907aff47c903a559"


def test_the_sub_protocol_of_the_sdk_says_what_our_headers_say() -> None:
    text = signing.request_text(v.NOW, "GET", tables.PRIVATE_SOCKET, {"accountId": v.ACCOUNT, "timestamp": str(v.NOW)})
    own = signing.headers(v.API_KEY, v.PASSPHRASE, v.SECRET, v.NOW, text)
    assert base64.b64encode(json.dumps(own).encode()).decode().rstrip("=") == SUB_PROTOCOL
    assert protocol_headers(SUB_PROTOCOL) == {name.lower(): value for name, value in own.items()}


def test_an_order_with_a_leg_of_the_caller() -> None:
    draft = orders.Draft("LIMIT", "BUY", "0.001", "79000", "GOOD_TIL_CANCEL", "ccxt-dex-tp-1", False)
    expires, l2_expires = bodies.expiry(v.NOW, None)
    texts, signed = bodies.authorised(terms(expires), "BUY", "0.001", Decimal("79000"), draft.client_id, l2_expires)
    digest = signing.digest(DOMAIN, signing.order_hash(signed))
    assert digest.hex() == v.TP_DIGEST and TRADING.sign_digest(digest).hex() == v.TP_SIGNATURE
    body = bodies.body(draft, terms(expires), texts, v.TP_SIGNATURE, v.TP_LEG)
    assert header(body, "/api/v2/private/order/createOrder") == v.TP_HEADER


def test_margin_mode() -> None:
    struct = signing.margin_mode_hash(int(v.ACCOUNT), 30000001, 1, signing.nonce_of("ccxt-dex-mm-1"), TRADING.address)
    assert struct.hex() == "06dca27668c2534443198d6be8335b0ef9e3fbc76d6f539946647a847114a8f8"
    assert TRADING.sign_digest(signing.digest(DOMAIN, struct)).hex() == v.MARGIN_MODE["l2Signature"]
    assert header(v.MARGIN_MODE, "/api/v2/private/account/setMarginMode") == v.MARGIN_HEADER


def test_transfer() -> None:
    nonce = signing.nonce_of("ccxt-dex-tr-1")
    struct = signing.transfer_hash(int(v.ACCOUNT), 725624476626153744, 1000, 1500000, nonce, 1768089600, WALLET.address)
    assert struct.hex() == "0b03134645d393577fe29ffd25db1ceeda2c9386f32d10eb7bd18d072c3ae562"
    assert WALLET.sign_digest(signing.digest(DOMAIN, struct)).hex() == v.TRANSFER["l2Signature"]
    assert header(v.TRANSFER, "/api/v2/private/transfer/createTransferOut") == v.TRANSFER_HEADER


# --- withdrawals: what the server wants signed is checked --------------------------------------------------------------------------------


def typed(**changes: Any) -> dict[str, Any]:
    kinds = {"userAddress": "address", "privyAddress": "address"}
    message = {"userId": "1", **{name: str(value) for name, value in v.ATTEMPT.items()}, **changes.pop("message", {})}
    fields = [{"name": name, "type": kinds.get(name, "string")} for name in v.FLOW_NAMES]
    return {
        "types": {"AssetFlowAttempt": {"fields": fields}},
        "primaryType": "AssetFlowAttempt",
        "domain": v.FLOW_DOMAIN,
        "messageJson": json.dumps(message),
        **changes,
    }


def test_withdrawal() -> None:
    digest = signing.flow_digest(typed(), v.ATTEMPT, tables.ASSET_FLOW_CONTRACT)
    assert digest.hex() == v.FLOW_DIGEST
    signature = "0x" + WALLET.sign_digest(digest).hex()
    assert signature == v.FLOW_SIGNATURE
    before = {**v.ATTEMPT, "amount": "5000000", "fee": "0"}
    submit = {"attempt": v.ATTEMPT, "userSignature": signature, "extraData": "", "privyIdentityToken": ""}
    bodies = {"getFeeByAssetFlow": {"attempt": before}, "getEIP712Data": {"attempt": v.ATTEMPT}, "submitAssetFlow": submit}
    for name, body in bodies.items():
        assert header(body, f"/api/v1/private/unified-asset/{name}") == v.FLOW_HEADERS[name]


@pytest.mark.parametrize("name", [name for name in v.FLOW_NAMES if name != "userId"])
def test_a_withdrawal_whose_text_differs_in_one_field_is_not_signed(name: str) -> None:
    other = "0x" + "11" * 20 if name.endswith("Address") else "12345"
    with pytest.raises(signing.SigningRefused, match=name):
        signing.flow_digest(typed(message={name: other}), v.ATTEMPT, tables.ASSET_FLOW_CONTRACT)


@pytest.mark.parametrize(
    "changes",
    [
        {"primaryType": "Permit"},
        {"domain": {**v.FLOW_DOMAIN, "verifyingContract": "0x" + "22" * 20}},
        {"domain": {**v.FLOW_DOMAIN, "name": "USD Coin"}},
        {"types": {"AssetFlowAttempt": {"fields": [{"name": "amount", "type": "string"}]}}},
        {"messageJson": "no json"},
        {"messageJson": "[]"},
    ],
)
def test_a_withdrawal_of_another_kind_is_not_signed(changes: dict[str, Any]) -> None:
    with pytest.raises(signing.SigningRefused):
        signing.flow_digest(typed(**changes), v.ATTEMPT, tables.ASSET_FLOW_CONTRACT)


# --- properties ----------------------------------------------------------------------------------------------------------------------------


def fields(*pairs: str) -> list[dict[str, str]]:
    return [dict(zip(("type", "name"), pair.split(), strict=True)) for pair in pairs]


TYPES = {
    "EIP712Domain": fields("string name", "string version", "uint256 chainId", "address verifyingContract"),
    "OrderBase": fields("uint256 nonce", "address signer", "uint64 accountId", "uint256 expirationTimestamp"),
    "LimitOrderParams": fields(
        *("OrderBase base", "int256 amountSynthetic", "int256 amountCollateral", "uint256 amountFee", "uint64 assetIdSynthetic"),
        *("uint64 assetIdCollateral", "bool isBuyingSynthetic", "bytes32 parentOrderHash", "uint256 subOrderIndex"),
    ),
}


@given(
    st.text("abcdef0123456789", min_size=1, max_size=40), st.integers(1, 10**12), st.integers(1, 10**15), st.integers(0, 10**12),
    st.booleans(), st.integers(1, 2**63),
)  # fmt: skip
def test_hand_packed_orders_recover_with_eth_account(own: str, size: int, value: int, fee: int, buying: bool, account: int) -> None:
    signed = signing.OrderFields(signing.nonce_of(own), TRADING.address, account, 1769126400, size, value, fee, 30000001, 1000, buying)
    signature = TRADING.sign_digest(signing.digest(DOMAIN, signing.order_hash(signed)))
    message = {
        "base": {"nonce": signed.nonce, "signer": TRADING.address, "accountId": account, "expirationTimestamp": 1769126400},
        "amountSynthetic": size,
        "amountCollateral": value,
        "amountFee": fee,
        "assetIdSynthetic": 30000001,
        "assetIdCollateral": 1000,
        "isBuyingSynthetic": buying,
        "parentOrderHash": bytes(32),
        "subOrderIndex": 0,
    }
    domain = {"name": "EdgeX", "version": "1", "chainId": 3343, "verifyingContract": v.GLOBAL["contractAddress"]}
    full = {"types": TYPES, "primaryType": "LimitOrderParams", "domain": domain, "message": message}
    assert Account.recover_message(encode_typed_data(full_message=full), signature=signature) == TRADING.address


@pytest.mark.parametrize("text,number", [("3343", 3343), ("0xd0f", 3343), (" 0xD0F ", 3343), (3343, 3343)])
def test_chain_ids_come_in_both_forms(text: Any, number: int) -> None:
    assert signing.chain_number(text) == number


@pytest.mark.parametrize("text,number", [("1000000", 10**6), ("0xf4240", 10**6), ("0x2540be400", 10**10)])
def test_resolutions_come_in_both_forms(text: str, number: int) -> None:
    assert signing.resolution(text) == number


@pytest.mark.parametrize("text", ["", None, "0", "-1", "abc", "0xzz", "NaN"])
def test_no_resolution_no_signature(text: Any) -> None:
    with pytest.raises(signing.SigningRefused):
        signing.resolution(text)


def test_orders_prefer_the_native_chain_and_transfers_the_other() -> None:
    both = {**v.GLOBAL, "chainId": "1"}
    assert signing.domain_of(both, "nativeChainId", "chainId") == DOMAIN != signing.domain_of(both, "chainId", "nativeChainId")
    with pytest.raises(signing.SigningRefused):
        signing.domain_of({"chainId": "1"}, "chainId")


@pytest.mark.parametrize("name", ["signing", "orders", "bodies", "parsing", "reports", "tables", "capabilities"])
def test_pure_files_know_neither_ccxt_nor_asyncio(name: str) -> None:
    tree = ast.parse((FOLDER / f"{name}.py").read_text())
    named = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    named |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not {name for name in named if name.split(".")[0] in ("ccxt", "asyncio", "aiohttp") or name == "ccxt_dex._ccxt"}


def test_the_paper_venue_imports_nothing_of_the_room() -> None:
    for path in (FOLDER / "paper").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith("ccxt_dex"):
                assert str(node.module).startswith(("ccxt_dex.paper", "ccxt_dex.exchanges.edgex.paper")), (path.name, node.module)
