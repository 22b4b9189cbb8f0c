"""What the venue accepts and refuses as proof of identity: sign-in on both chains, the body signature's negative cases."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import aiohttp
import base58
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from ccxt_dex.exchanges.standx.paper.identity import VERIFIERS, Identity, Session
from ccxt_dex.paper import Venue
from ccxt_dex.paper.server import Refused
from compat_tests.rooms.standx_paper.client import Client, decode_jwt, order

# venues/standx.md section 3.4, throwaway keys V1 and V1b
V1 = bytes(range(32))
V1_REQUEST_ID = "FAe4sisG95oZ42w7buUn5qEE4TAnfTTFPiguZUHmhiF"
REQUEST_ID, STAMP = "6f071beb-1b81-4c68-a8bf-66f1589c2146", 1760291264731
V2 = '{"symbol":"BTC-USD","side":"buy","order_type":"limit","qty":"0.1","price":"50000","time_in_force":"gtc","reduce_only":false}'
V2_SPACED = '{"symbol": "BTC-USD", "side": "buy", "order_type": "limit", "qty": "0.1", "price": "50000", "time_in_force": "gtc", "reduce_only": false}'
V3 = '{"order_id":2424844}'
VECTORS = {
    V2: "4M+O+0oX5LjOf4nSOEttCM6rdn3bEbLRIYRZwNUIU1wuwWyvtLCIZHZq9MTVDUVXPfC1bskfZgiq8GBVz6vzDw==",
    V2_SPACED: "VFDf20d/fsohAXaebT+FjH0/vNpeoKfSmNVvkhdY1K25TqOeDFB5ibL99aphhRAKQDTNsmgGlfpjkEfU/aP5Cg==",
    V3: "eoiJwcebsBtNsYdjDMNpdW314FUIx2aMw3yaq5MQIehdrhPCCIrsNvHivZWC8+NdN0MvO4mVP6dUcv9fVsjrBA==",
    '{"order_id_list":[2424844]}': "+i4baGfYmrxACpJoBdMPPDGHSkV4rDQpyRx6pHgcmWVNLvjgYKUCV4gbWb6mfoH9eMNhcJSnqPBSNCRl5nhhAw==",
    "": "gynowjf2VelraAmlId8ixwfnjXhU2+7ZpdEmHkFsc08zJK6VIiPVh6jAKb3ou5lNr0RXukRV50Dw0pTFDMIADA==",
    '{"symbol":"BTC-USD","leverage":10}': "WPrf/cptf1eE+TTDBS73nR6/OnB8B6iibDHCsbWWOuNSRaKjO5u75qZrimysURGEJEk6MhC52Ik25o+1+PC+BA==",
    '{"cl_ord_id":"été"}': "mqiT6R4r4o2joF9K/AYu/Ioxp0ZeI2ZQ2eWkt8w22sHkzATAyDQL8pltJbodY6I1z3lrSPrHOfWuVMSwl6vHBw==",
}
V2_BY_V1B = "E8JggyahSaCEK7F2/mAOWsL74VUe+/NhysAkDRXDW+YrHLHbQFwF34alKTcFmkvIIcarIsIQM+wMwQ3Yk486Dg=="
SESSION = Session("bsc_0x", "0x", "bsc", V1_REQUEST_ID, 1 << 60)


def accepted(body: str, signature: str, stamp: int = STAMP, request_id: str = REQUEST_ID) -> bool:
    identity = Identity(7, lambda: STAMP, 60_000)
    headers = {
        "x-request-sign-version": "v1",
        "x-request-id": request_id,
        "x-request-timestamp": str(stamp),
        "x-request-signature": signature,
    }
    try:
        identity.check_body(SESSION, headers, body.encode())
    except Refused as refused:
        assert refused.reply.status == 403
        return False
    return True


@pytest.mark.parametrize("body", VECTORS)
def test_the_published_vectors_are_accepted(body: str) -> None:
    assert accepted(body, VECTORS[body])


@pytest.mark.parametrize(
    ("body", "signature", "stamp"),
    [
        (V3, VECTORS[V2], STAMP),
        (V2, VECTORS[V2], STAMP + 1),
        (V2, V2_BY_V1B, STAMP),
        (V2, VECTORS[V2].replace("+", "-").replace("/", "_"), STAMP),
        (V2, VECTORS[V2_SPACED], STAMP),
        (V2_SPACED, VECTORS[V2], STAMP),
        (V2, VECTORS[V2].rstrip("="), STAMP),
        (V2, "", STAMP),
        (V2, "AAAA", STAMP),
        (V2, VECTORS[V2], STAMP // 1000),
    ],
    ids=["other body", "other time", "other key", "base64url", "spaced", "compact", "no padding", "none", "short", "seconds"],
)
def test_the_negative_cases_are_refused(body: str, signature: str, stamp: int) -> None:
    assert not accepted(body, signature, stamp)
    assert not accepted(V2, VECTORS[V2], request_id="6f071beb-1b81-4c68-a8bf-66f1589c2147")


def test_a_request_id_that_is_no_key_can_log_in_but_not_sign() -> None:
    """3.1 of the fact sheet: one bot sent a UUID, got a token, and every signed POST failed."""
    with pytest.raises(Refused):
        Identity(7, lambda: STAMP, 60_000).check_body(
            Session("", "", "bsc", REQUEST_ID, 1 << 60),
            {"x-request-id": "a", "x-request-timestamp": str(STAMP), "x-request-signature": ""},
            b"",
        )


def test_the_published_wallet_signatures_are_accepted() -> None:
    """V8b: EIP-191 over the shorter message, with and without 0x."""
    address = "0xFCAd0B19bB29D4674531d6f115237E16AfCE377c"
    payload = {"message": f"standx.com wants you to sign in with your Ethereum account:\n{address}", "address": address.lower()}
    signature = (
        "858d1520c59ef2bd3739832bfa70e0555870b62ae621d36e71e3ccf037c1a0353d512632383b1ec5f53b73545e43c55c1980e1466eeb41b2f4c57a5f3cbc82061c"
    )
    assert VERIFIERS["bsc"]("0x" + signature, payload) and VERIFIERS["bsc"](signature, payload)
    assert not VERIFIERS["bsc"](signature, {**payload, "message": payload["message"] + "\n"})
    for bad in ("", "0x", "zz", signature[:-2] + "1f"):
        assert not VERIFIERS["bsc"](bad, payload)


async def test_prepare_signin_issues_the_documented_jwt(venue: Venue, http: aiohttp.ClientSession) -> None:
    client = Client(venue, http)
    status, answer = await client.prepare("bsc")
    assert status == 200 and list(answer) == ["success", "signedData"] and answer["success"] is True
    head, body, tail = answer["signedData"].split(".")
    assert head == "eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9"
    payload = decode_jwt(answer["signedData"])
    names = "domain uri statement version chainId nonce address requestId issuedAt message exp iat"
    assert list(payload) == names.split()
    assert payload["exp"] - payload["iat"] == 180 and payload["chainId"] == 56 and payload["requestId"] == client.request_id
    assert payload["message"].startswith("standx.com wants you to sign in with your Ethereum account:\n" + client.config["walletAddress"])
    assert payload["message"].endswith(f"Request ID: {client.request_id}")
    _, certs = await client.send("GET", "/v1/offchain/certs")
    key = serialization.load_pem_public_key(certs["publicKey"].encode())
    assert isinstance(key, ec.EllipticCurvePublicKey)
    raw = base64.urlsafe_b64decode(tail + "==")
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    key.verify(der, f"{head}.{body}".encode(), ec.ECDSA(hashes.SHA256()))


@pytest.mark.parametrize("kind", ["wallet", "solana"])
async def test_sign_in_and_a_signed_order_on_both_chains(venue: Venue, http: aiohttp.ClientSession, kind: str) -> None:
    client = await Client(venue, http, venue.config("carol", kind=kind)).sign_in()
    claims = decode_jwt(client.token)
    assert claims["exp"] - claims["iat"] == 604_800
    assert (await client.get("query_balance"))[0] == 200
    status, answer = await client.post("new_order", order())
    assert (status, answer["code"], answer["message"]) == (200, 0, "success"), answer
    assert [request.account for request in venue.requests()][-1] == "carol"


async def test_sign_in_refusals(venue: Venue, http: aiohttp.ClientSession) -> None:
    client, other = Client(venue, http), Client(venue, http, venue.config("bob"))
    assert (await client.prepare("eth"))[0] == 400
    assert (await client.prepare("bsc", address="0x12"))[0] == 400
    assert (await client.prepare("bsc", requestId=None))[0] == 400
    _, prepared = await client.prepare("bsc")
    data = prepared["signedData"]
    message = decode_jwt(data)["message"]
    good = client.sign_evm(message)
    head, body, tail = data.split(".")
    altered = base64.urlsafe_b64encode(json.dumps({**decode_jwt(data), "requestId": "x"}).encode()).decode().rstrip("=")
    for signature, signed in (
        (client.sign_evm(message, other.config["privateKey"]), data),
        (client.sign_evm(message + " "), data),
        ("0x", data),
        (good, f"{head}.{altered}.{tail}"),
        (good, f"{head}.{body}.{tail[:-4]}AAAA"),
        (good, "rubbish"),
    ):
        status, text = await client.login("bsc", signature, signed)
        assert status == 401 and isinstance(text, str)
    assert (await client.login("solana", good, data))[0] == 401
    assert (await client.login("bsc", good.removeprefix("0x"), data, expiresSeconds=7_257_600))[0] == 200


async def test_signed_data_dies_after_three_minutes(venue: Venue, http: aiohttp.ClientSession) -> None:
    client = Client(venue, http)
    _, prepared = await client.prepare("bsc")
    signature = client.sign_evm(decode_jwt(prepared["signedData"])["message"])
    await venue.fault({"kind": "clock_skew", "ms": 181_000})
    assert (await client.login("bsc", signature, prepared["signedData"]))[0] == 401


async def test_solana_refusals(venue: Venue, http: aiohttp.ClientSession) -> None:
    client = Client(venue, http, venue.config("carol", kind="solana"))
    _, prepared = await client.prepare("solana")
    payload = decode_jwt(prepared["signedData"])
    good = json.loads(base64.b64decode(client.sign_solana(payload)))

    def changed(**output: Any) -> str:
        return base64.b64encode(json.dumps({"input": good["input"], "output": {**good["output"], **output}}).encode()).decode()

    stranger = Ed25519PrivateKey.generate()
    public = list(stranger.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw))
    message = payload["message"].encode()
    for bad in (
        changed(signature=[0] * 64),
        changed(signedMessage=list(b"something else")),
        changed(account={"publicKey": public}, signature=list(stranger.sign(message))),
        base64.b64encode(json.dumps({"input": payload["message"], "output": good["output"]}).encode()).decode(),
        base64.b64encode(json.dumps({**good, "input": {**payload, "nonce": "other"}}).encode()).decode(),
        "AAAA",
    ):
        assert (await client.login("solana", bad, prepared["signedData"]))[0] == 401
    assert (await client.login("solana", changed(), prepared["signedData"]))[0] == 200


async def test_tokens_missing_forged_revoked_expired(venue: Venue, http: aiohttp.ClientSession, client: Client) -> None:
    good = client.token
    for token, message in (("", "missing jwt"), ("x", "invalid jwt"), (good[:-4] + "AAAA", "invalid jwt")):
        client.token = token
        assert await client.get("query_balance") == (401, {"code": 401, "message": message})
    none_alg = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').decode().rstrip("=")
    client.token = f"{none_alg}.{good.split('.')[1]}."
    assert (await client.get("query_balance"))[0] == 401
    client.token = good
    assert (await client.get("query_balance"))[0] == 200
    await venue.fault({"kind": "expire_session", "account": "bob"})
    assert (await client.get("query_balance"))[0] == 200, "somebody else's session"
    await venue.fault({"kind": "expire_session", "account": "alice"})
    assert (await client.get("query_balance"))[0] == 401
    await client.sign_in()
    assert (await client.get("query_balance"))[0] == 200
    await venue.fault({"kind": "clock_skew", "ms": 8 * 86_400_000})
    assert (await client.get("query_balance"))[0] == 401


async def test_signed_posts_over_http(venue: Venue, client: Client) -> None:
    body = json.dumps(order()).encode()
    refused = (403, {"code": 403, "message": "invalid body signature"})
    stranger = Ed25519PrivateKey.generate()
    for headers in (
        client.signed(body, over=body + b" "),
        client.signed(body, key=stranger),
        {**client.signed(body), "x-request-id": "other"},
        {**client.signed(body), "x-request-sign-version": "v2"},
        {name: value for name, value in client.signed(body).items() if name != "x-request-sign-version"},
        {name: value for name, value in client.signed(body).items() if name != "x-request-signature"},
    ):
        assert await client.send("POST", "/api/new_order", body, headers) == refused
    for stamp in (time.time(), time.time() * 1000 - 61_000, time.time() * 1000 + 61_000):
        assert (await client.send("POST", "/api/new_order", body, client.signed(body, stamp=stamp)))[0] == 403
    spaced = json.dumps(order(), indent=2, sort_keys=True).encode()
    assert (await client.send("POST", "/api/new_order", spaced, client.signed(spaced)))[0] == 200, "any JSON, if the bytes are those signed"
    assert venue.state()["requests"]["orders_executed"] <= 1


async def test_api_tokens_and_their_permissions(venue: Venue, http: aiohttp.ClientSession) -> None:
    config = venue.config("alice", kind="token")
    assert len(base58.b58decode(config["secret"])) == 32
    assert (await Client(venue, http, config).post("new_order", order()))[0] == 200
    reader = Client(venue, http, venue.config("alice", kind="readonly"))
    assert (await reader.get("query_balance"))[0] == 200
    status, answer = await reader.post("new_order", order())
    assert status == 403 and answer["message"] != "invalid body signature"


async def test_the_room_and_its_paper_venue_share_no_code() -> None:
    from pathlib import Path

    import ccxt_dex.exchanges.standx.paper as package

    folder = Path(package.__file__).parent
    for path in folder.glob("*.py"):
        for line in path.read_text(encoding="utf-8").splitlines():
            if "import" in line and "ccxt_dex" in line:
                assert "ccxt_dex.exchanges.standx.paper" in line or "ccxt_dex.paper" in line, f"{path.name}: {line}"
            assert "nacl" not in line.split("import")[0] or "from" not in line, f"{path.name}: {line}"
