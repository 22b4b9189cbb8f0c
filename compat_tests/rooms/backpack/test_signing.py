"""Signed bytes: the vectors that bpx-py 2.0.11 and ccxt 4.5.90 agree on, and the rule of the documentation for batches and streams."""

from __future__ import annotations

import base64
import json
import random
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

import ccxt_dex
from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.backpack import signing
from ccxt_dex.exchanges.backpack.paper import verify
from compat_tests.rooms.backpack.check import signed

SEED = bytes(range(32))
KEY, SECRET = "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
NOW, WINDOW = 1_700_000_000_000, 5000
LIMIT = {"clientId": 4294967295, "orderType": "Limit", "postOnly": True, "price": "150.25", "quantity": "0.1", "side": "Bid"}
LIMIT |= {"symbol": "SOL_USDC_PERP", "timeInForce": "GTC"}
# made by running bpx-py (the second by ccxt as well), September 2026
VECTORS: list[tuple[str, str, dict[str, Any], str]] = [
    ("POST", "api/v1/order", LIMIT, "B47pOr+dCZg86fiSacEGjxZQ/p3S5Q+7Vpyg/FOYmxztR/SrzmNMkSOwcOFeJuUjfkiAXAFadVRI2G6NZOKHBA=="),
    (
        "POST",
        "api/v1/order",
        {"orderType": "Market", "quantity": "1.5", "side": "Ask", "symbol": "SOL_USDC"},
        "pwB5U6NcGPbeXwISe+dWIPxkL4AkUKEM/uxQ/c2xcTyWCmjIyav9KURFVdYPQG6yYPFmng/RMty9bHIqWOAKAg==",
    ),
    (
        "DELETE",
        "api/v1/order",
        {"orderId": "11582103", "symbol": "SOL_USDC_PERP"},
        "bYMDYsBXP647Gk+D5b8boJr4WcN0SBxVraC1oPWMTdfyoF1O2EjvFYg7IDtwW6uWrTy50Z0AG2vfJVaZxOQqCA==",
    ),
    (
        "DELETE",
        "api/v1/order",
        {"clientId": 7, "symbol": "SOL_USDC_PERP"},
        "93SG9Na5OyE6UV+OWI43w2nSS+sOijRpjutJ6niCn9GgK3QfP4fLG5JA9rqY5bcrSldJ5dpf+1lTKTIqGIC/BQ==",
    ),
    (
        "GET",
        "api/v1/orders",
        {"symbol": "SOL_USDC_PERP", "marketType": "PERP"},
        "yziRiHTVD6C1i8q4BLEz9ysQzcCG/wYsp/OAatTyU+u302etPA/fEGuxtWSOJB9tMpnSG+Wh4ApaxZK7opLgAA==",
    ),
    (
        "DELETE",
        "api/v1/orders",
        {"symbol": "SOL_USDC_PERP"},
        "M6TRPNT6bg3LpmlgCjK+x5Gp8PK3fHZU4DXXgHab6IrCXhP+Cbfh3O/8plAw2UO82Pppbr1dnjCwhJ1Th34gDg==",
    ),
    ("GET", "api/v1/capital", {}, "ogsyh1c6LnY10GiJaCoAEdHpkK2BT4KgS7NAd1PW2DQndw1OnR0WbY0M753KwW9Mq6Dmw3k+Kdw+wPxzKMCiAg=="),
    (
        "PATCH",
        "api/v1/account",
        {"leverageLimit": "5"},
        "mJdS5JXs4k+n/a0dL6XY/KMb2YEBSEH8KWlVH8kAJ1DzGGkHR0oY4a/YrsLSfWJbo1u9LTuGD5xDJ51CJz81DA==",
    ),
]
BATCH = [
    {"symbol": "SOL_USDC_PERP", "side": "Bid", "orderType": "Limit", "price": price, "quantity": quantity}
    for price, quantity in (("141", "12"), ("140", "11"))
]


def client(**more: Any) -> Any:
    ex = ccxt_dex.backpack({"apiKey": KEY, "secret": SECRET, **more})
    ex.server_milliseconds = lambda: NOW
    return ex


@pytest.mark.parametrize("method,path,params,signature", VECTORS)
def test_vectors(method: str, path: str, params: dict[str, Any], signature: str) -> None:
    request = client().sign(path, ["private"], method, params)
    assert request["headers"] == {
        "X-Timestamp": str(NOW),
        "X-Window": "5000",
        "X-API-Key": KEY,
        "X-Signature": signature,
        **({} if method == "GET" else {"Content-Type": "application/json; charset=utf-8"}),
    }
    assert method == "GET" or json.loads(request["body"]) == params


def test_a_batch_and_a_subscription() -> None:
    request = client().sign("api/v1/orders", ["private"], "POST", BATCH)
    assert request["headers"]["X-Signature"] == "yo6pLQURt7R0YRsBUs6sJU1ZRlo96ralymfivGEO/8zvAks5dn/8HFQuseWhRNy/bVVcV5oVzmiVixD2a693Cw=="
    assert json.loads(request["body"]) == BATCH
    message = signing.message("subscribe", {}, NOW, WINDOW)
    made = client().key().sign(message)
    assert signing.encode(made) == "mxIdZT3relFG10SYkdl4nIzm1LhhlW8oC6qF2MO03/JWvhFiRSeHidCVk8UGX+cyLu3UdxatFYnoPs+ngqkdBQ=="


def test_nulls_are_neither_signed_nor_sent() -> None:
    request = client().sign("api/v1/order", ["private"], "DELETE", {"orderId": "11582103", "symbol": "SOL_USDC_PERP", "clientId": None})
    assert request["headers"]["X-Signature"] == VECTORS[2][3] and json.loads(request["body"]) == VECTORS[2][2]


def test_secrets_of_64_bytes_and_malformed_ones() -> None:
    public = base64.b64decode(KEY)
    whole = client(secret=base64.b64encode(SEED + public).decode())
    assert whole.sign("api/v1/capital", ["private"], "GET", {})["headers"]["X-Signature"] == VECTORS[6][3]
    for bad in ("zz" + SECRET[2:-4], "not base64!", base64.b64encode(SEED + bytes(32)).decode()):
        with pytest.raises(errors.AuthenticationError) as caught:
            client(secret=bad).sign("api/v1/capital", ["private"], "GET", {})
        assert bad[2:12] not in str(caught.value)


def test_an_unknown_instruction_is_refused_not_signed_empty() -> None:
    with pytest.raises(errors.NotSupported):
        client().sign("api/v1/nowhere", ["private"], "GET", {})


def test_three_thousand_keys_and_messages_verify() -> None:
    """Signed by PyNaCl, verified by cryptography in the local venue's own words."""
    rng = random.Random(11)
    for _ in range(3000):
        seed = rng.randbytes(32)
        public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
        params = {"price": str(rng.random()), "clientId": rng.getrandbits(32), "postOnly": rng.random() < 0.5, "symbol": "SOL_USDC_PERP"}
        stamp = NOW + rng.randrange(10**9)
        made = ccxt_dex.signers.make("nacl", seed).sign(signing.message("orderExecute", params, stamp, WINDOW))
        text = verify.whole([verify.string("orderExecute", verify.body_pairs(params))], str(stamp), "5000")
        assert verify.good(base64.b64encode(public).decode(), signing.encode(made), text)


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(0, 2**40), st.text(st.characters(codec="ascii", exclude_characters="&="), max_size=12)
)
NAMES = st.text("abcdefgXYZ", min_size=1, max_size=8)


@given(st.dictionaries(NAMES, VALUES, max_size=6))
def test_what_is_signed_is_what_is_sent(params: dict[str, Any]) -> None:
    request = client().sign("api/v1/order", ["private"], "POST", params)
    body = json.loads(request["body"])
    assert body == {name: value for name, value in params.items() if value is not None}
    text = verify.whole([verify.string("orderExecute", verify.body_pairs(body))], str(NOW), "5000").decode()
    assert signed(KEY, request["headers"]["X-Signature"], text)
