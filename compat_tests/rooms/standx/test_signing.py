"""Signed bytes against vectors that the official reference algorithm (Node, @noble/curves, ethers, wallet-standard) gave for throwaway keys."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest

from ccxt_dex import signers
from ccxt_dex.exchanges.standx import orders, signing

REQUEST_ID, STAMP = "6f071beb-1b81-4c68-a8bf-66f1589c2146", 1760291264731
V1 = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
V1B = "G72tBonCrPjTu1fJCZoLg8HNXM8Kcm9jTdxgwgKS4o4v"
V1C = hashlib.sha256(b"standx-lz-111").hexdigest()
V1_ID = "FAe4sisG95oZ42w7buUn5qEE4TAnfTTFPiguZUHmhiF"
NEW_ORDER = '{"symbol":"BTC-USD","side":"buy","order_type":"limit","qty":"0.1","price":"50000","time_in_force":"gtc","reduce_only":false}'
BODIES = {
    NEW_ORDER: "4M+O+0oX5LjOf4nSOEttCM6rdn3bEbLRIYRZwNUIU1wuwWyvtLCIZHZq9MTVDUVXPfC1bskfZgiq8GBVz6vzDw==",
    NEW_ORDER.replace(":", ": ").replace(
        ",", ", "
    ): "VFDf20d/fsohAXaebT+FjH0/vNpeoKfSmNVvkhdY1K25TqOeDFB5ibL99aphhRAKQDTNsmgGlfpjkEfU/aP5Cg==",
    '{"order_id":2424844}': "eoiJwcebsBtNsYdjDMNpdW314FUIx2aMw3yaq5MQIehdrhPCCIrsNvHivZWC8+NdN0MvO4mVP6dUcv9fVsjrBA==",
    '{"order_id_list":[2424844]}': "+i4baGfYmrxACpJoBdMPPDGHSkV4rDQpyRx6pHgcmWVNLvjgYKUCV4gbWb6mfoH9eMNhcJSnqPBSNCRl5nhhAw==",
    "": "gynowjf2VelraAmlId8ixwfnjXhU2+7ZpdEmHkFsc08zJK6VIiPVh6jAKb3ou5lNr0RXukRV50Dw0pTFDMIADA==",
    '{"symbol":"BTC-USD","leverage":10}': "WPrf/cptf1eE+TTDBS73nR6/OnB8B6iibDHCsbWWOuNSRaKjO5u75qZrimysURGEJEk6MhC52Ik25o+1+PC+BA==",
    '{"symbol":"BTC-USD","margin_mode":"cross"}': "36akTnIAI1bcnAm3vAP/Mjnihmd6B44HfLFgdCVS55zF0KsnzeEGSTHAQT0GaeMLibXxbBkx3jIkmAAKQZhbAQ==",
    '{"symbol":"BTC-USD","amount_in":"1000.0"}': "0DlyWn6ZlLt5rwtcm2B4k+SbyyU4HEBQ0GpjMKk1JOI3OaplG6VRwYpG1i3eeJIcVes/6K9Kw7MSm3Mj/FBRDw==",
    '{"cl_ord_id":"été"}': "mqiT6R4r4o2joF9K/AYu/Ioxp0ZeI2ZQ2eWkt8w22sHkzATAyDQL8pltJbodY6I1z3lrSPrHOfWuVMSwl6vHBw==",
    '{"user_id":12345,"data":"some important information"}': "v7ShzjsavnBZXAmkOYGfO6iy/CTkL/ZGmr1SuXczGKOVwlmgEQoFyWL8pAZUxEZP5m6zCjeTaVUf2j7b4/jJCw==",
}
# composed for these tests in the layout of EIP-4361: only the first line of the real text is published
EVM_KEY, EVM_ADDRESS = "0x" + "0123456789abcdef" * 4, "0xFCAd0B19bB29D4674531d6f115237E16AfCE377c"
SOLANA_ADDRESS = "3ogUn1GNXoASaRbxPNeVJnVv5rG4EPBtmQmX61jVorUe"
TAIL = "Version: 1\nChain ID: {chain}\nNonce: 74Gd7Plf3a1TMVElc\nIssued At: 2025-10-12T17:46:44.731Z\nRequest ID: " + V1_ID


def text(name: str, address: str, chain: str) -> str:
    head = f"standx.com wants you to sign in with your {name} account:\n{address}\n\n"
    return f"{head}Sign in with {name} to access more StandX features\n\nURI: https://standx.com\n" + TAIL.format(chain=chain)


def payload(name: str, address: str, chain: Any) -> dict[str, Any]:
    about = {"domain": "standx.com", "uri": "https://standx.com", "statement": f"Sign in with {name} to access more StandX features"}
    what = {"version": "1", "chainId": chain, "nonce": "74Gd7Plf3a1TMVElc", "address": address, "requestId": V1_ID}
    when = {"issuedAt": "2025-10-12T17:46:44.731Z", "message": text(name, address, str(chain)), "exp": 1760291384, "iat": 1760291204}
    return {**about, **what, **when}


def jwt(claims: dict[str, Any]) -> str:
    return (
        ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in ({"alg": "ES256"}, claims)) + ".c2ln"
    )


def signed(key: str, body: str) -> str:
    signature = signers.make("nacl", key).sign(signing.message(REQUEST_ID, STAMP, body))
    return signing.headers(REQUEST_ID, STAMP, signature)["x-request-signature"]


@pytest.mark.parametrize("body", list(BODIES))
def test_body_signatures(body: str) -> None:
    assert signed(V1, body) == BODIES[body]


def test_the_whole_message_and_the_other_keys() -> None:
    assert (
        hashlib.sha256(signing.message(REQUEST_ID, STAMP, NEW_ORDER)).hexdigest()
        == "a4fd1b161a8dfb558603e78e7808ccae2333cb0011f7e473d75f1450d530cef6"
    )
    assert signed(V1B, NEW_ORDER) == "E8JggyahSaCEK7F2/mAOWsL74VUe+/NhysAkDRXDW+YrHLHbQFwF34alKTcFmkvIIcarIsIQM+wMwQ3Yk486Dg=="
    assert signed(V1C, '{"order_id":2424844}') == "jsh81NgGJ/mv9zmOCNSLj11dNSe2peBsAZOX3usMGBfw/JsDyjEwK0JZHo1GIFdmv71E3PNNUw2lMs8YjvdTAQ=="


@pytest.mark.parametrize(
    ("key", "request_id"),
    [
        (V1, V1_ID),
        ("0x" + V1, V1_ID),
        ("1thX6LZfHDZZKUs92febYZhYRcXddmzfzF2NvTkPNE", V1_ID),
        ("1GMkH3brNXiNNs1tiFZHu4yZSRrzJwxi5wB9bHFtMikjwpAW9DMZzU2Pqakc5it8X3N5vPmqdN7KF4CCUpmKhq", V1_ID),
        ("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", V1_ID),
        (V1B, "8L7q1thJhHifmjksagWL6ZPAAXS6UgkM2hpB13pFbjV"),
        (V1C, "14paUNj7QdsF8vETqEfK9e44UMeE4YACFZtmxw4PQFec"),
    ],
)
def test_request_keys_in_every_form_give_the_request_id(key: str, request_id: str) -> None:
    assert signers.make("nacl", key).public_base58 == request_id


def test_headers_carry_what_was_signed() -> None:
    made = signing.headers(REQUEST_ID, STAMP, b"\x00" * 64)
    assert made == {
        "x-request-sign-version": "v1",
        "x-request-id": REQUEST_ID,
        "x-request-timestamp": "1760291264731",
        "x-request-signature": base64.b64encode(b"\x00" * 64).decode(),
    }


def test_the_order_body_is_the_documented_one_to_the_byte() -> None:
    market = {
        "id": "BTC-USD",
        "symbol": "BTC/DUSD:DUSD",
        "precision": {"amount": 0.0001, "price": 0.01},
        "limits": {"amount": {}, "price": {}},
    }
    assert signing.compact(orders.new_order(market, "limit", "buy", "0.1", 50000, {})) == NEW_ORDER


def test_evm_sign_in() -> None:
    wallet = signers.make("eip712", EVM_KEY)
    claims = payload("Ethereum", EVM_ADDRESS, 56)
    assert wallet.address == EVM_ADDRESS
    message = signing.text_to_sign(signing.claims(jwt(claims)), wallet.address, V1_ID, 1760291300)
    assert len(message.encode()) == 322
    assert signing.evm_login_signature(wallet.personal_sign(message)) == (
        "0xf34392876f6adffd4d7c53d881b11fe2a68272b237cfd118c3fd0214a4dfad45750645372e5c70a796a9730195ae5ddb07df5c7736216a1eb617c1013e6a3ed81b"
    )


def test_evm_sign_in_with_v_28() -> None:
    short = f"standx.com wants you to sign in with your Ethereum account:\n{EVM_ADDRESS}"
    assert signing.evm_login_signature(signers.make("eip712", EVM_KEY).personal_sign(short)) == (
        "0x858d1520c59ef2bd3739832bfa70e0555870b62ae621d36e71e3ccf037c1a0353d512632383b1ec5f53b73545e43c55c1980e1466eeb41b2f4c57a5f3cbc82061c"
    )


def test_solana_sign_in() -> None:
    wallet = signers.make("solana", bytes(range(0x20, 0x40)).hex())
    assert wallet.address == SOLANA_ADDRESS
    claims = payload("Solana", SOLANA_ADDRESS, "mainnet")
    message = signing.text_to_sign(claims, wallet.address, V1_ID, 1760291300)
    made = signing.solana_login_signature(claims, message, wallet.sign(message.encode()), wallet.public_key)
    assert (
        len(made) == 3016
        and hashlib.sha256(made.encode()).hexdigest() == "f5690bdf0d0b849c81a80d5c365b0a290ca8f847e58214cd684cee6eadce0dbf"
    )
    assert list(json.loads(base64.b64decode(made))) == ["input", "output"]


@pytest.mark.parametrize(
    "change",
    [
        {"address": "0x" + "11" * 20},
        {"requestId": "somebody-else"},
        {"domain": "standx.trade"},
        {"message": ""},
        {"message": None},
        {"message": "Permit: spend everything " + V1_ID},
        {"exp": 1760291200},
    ],
)
def test_a_text_that_is_not_ours_is_never_signed(change: dict[str, Any]) -> None:
    with pytest.raises(signing.SignInRefused):
        signing.text_to_sign({**payload("Ethereum", EVM_ADDRESS, 56), **change}, EVM_ADDRESS, V1_ID, 1760291300)


def test_evm_addresses_compare_without_case_and_solana_ones_with() -> None:
    assert signing.same_address(EVM_ADDRESS, EVM_ADDRESS.lower())
    assert not signing.same_address(SOLANA_ADDRESS, SOLANA_ADDRESS.lower())


@pytest.mark.parametrize("token", ["", "abc", "a.b.c", "x." + base64.urlsafe_b64encode(b"[1]").decode() + ".y", "x.!!.y"])
def test_what_is_no_jwt_has_no_claims(token: str) -> None:
    with pytest.raises(signing.SignInRefused):
        signing.claims(token)
    assert signing.expiry_ms(token) is None and signing.token_address(token) is None


def test_claims_of_an_access_token() -> None:
    token = jwt({"exp": 1760291384, "address": EVM_ADDRESS})
    assert signing.expiry_ms(token) == 1760291384000 and signing.token_address(token) == EVM_ADDRESS


def test_order_socket_frames() -> None:
    session, login = "0b9c8a7e-6d5f-4e3c-9b2a-1f0e9d8c7b6a", "2c1d0e9f-8a7b-4c6d-9e5f-3a2b1c0d9e8f"
    assert signing.compact(signing.login_frame(session, login, "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.sig")) == (
        '{"session_id":"0b9c8a7e-6d5f-4e3c-9b2a-1f0e9d8c7b6a","request_id":"2c1d0e9f-8a7b-4c6d-9e5f-3a2b1c0d9e8f","method":"auth:login",'
        '"params":"{\\"token\\":\\"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.sig\\"}"}'
    )
    headers = signing.headers(REQUEST_ID, STAMP, base64.b64decode(BODIES['{"order_id":2424844}']))
    assert signing.compact(signing.order_frame(session, REQUEST_ID, "order:cancel", headers, '{"order_id":2424844}')) == (
        '{"session_id":"0b9c8a7e-6d5f-4e3c-9b2a-1f0e9d8c7b6a","request_id":"6f071beb-1b81-4c68-a8bf-66f1589c2146","method":"order:cancel",'
        '"header":{"x-request-id":"6f071beb-1b81-4c68-a8bf-66f1589c2146","x-request-timestamp":"1760291264731","x-request-signature":'
        '"eoiJwcebsBtNsYdjDMNpdW314FUIx2aMw3yaq5MQIehdrhPCCIrsNvHivZWC8+NdN0MvO4mVP6dUcv9fVsjrBA=="},"params":"{\\"order_id\\":2424844}"}'
    )
    assert signing.login_frame(session, login, "t", "cv_1")["params"] == '{"token":"t","impersonate":"cv_1"}'
    assert signing.auth_frame("t") == {"auth": {"token": "t"}} and signing.auth_frame("t", "cv_1")["auth"]["impersonate"] == "cv_1"
