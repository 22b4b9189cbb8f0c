"""Signatures that official SDKs made (Hyperliquid, GRVT, edgeX) and wallet logins (StandX), from the generic encoder and packed by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ccxt_dex.signers import eip712
from ccxt_dex.signers.keccak import keccak256

Vectors = Callable[[str], Any]
ZERO = "0x" + "00" * 20


def fields(*pairs: str) -> list[dict[str, str]]:
    return [dict(zip(("type", "name"), pair.split(), strict=True)) for pair in pairs]


def parts(signature: bytes) -> tuple[int, int, int]:
    return int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:64], "big"), signature[64]


def expected(row: dict[str, Any]) -> tuple[int, int, int]:
    return int(row["r"], 16), int(row["s"], 16), int(row["v"])


# Hyperliquid

AGENT = {"Agent": fields("string source", "bytes32 connectionId")}
HL_DOMAIN = {"name": "Exchange", "version": "1", "chainId": 1337, "verifyingContract": ZERO}
HL_USER_DOMAIN = {"name": "HyperliquidSignTransaction", "version": "1", "chainId": 421614, "verifyingContract": ZERO}
HL_USER_TYPES = {
    "usdSend": ("UsdSend", ["string hyperliquidChain", "string destination", "string amount", "uint64 time"]),
    "withdraw3": ("Withdraw", ["string hyperliquidChain", "string destination", "string amount", "uint64 time"]),
    "spotSend": ("SpotSend", ["string hyperliquidChain", "string destination", "string token", "string amount", "uint64 time"]),
    "usdClassTransfer": ("UsdClassTransfer", ["string hyperliquidChain", "string amount", "bool toPerp", "uint64 nonce"]),
    "sendAsset": (
        "SendAsset",
        [
            *("string hyperliquidChain", "string destination", "string sourceDex", "string destinationDex"),
            *("string token", "string amount", "string fromSubAccount", "uint64 nonce"),
        ],
    ),
    "approveAgent": ("ApproveAgent", ["string hyperliquidChain", "address agentAddress", "string agentName", "uint64 nonce"]),
    "approveBuilderFee": ("ApproveBuilderFee", ["string hyperliquidChain", "string maxFeeRate", "address builder", "uint64 nonce"]),
}


def test_hyperliquid_actions(vectors: Vectors, secp: str) -> None:
    data = vectors("hyperliquid-python-sdk-0.24.0")
    signer = eip712.make(data["privateKey"], backend=secp)
    assert signer.address == data["address"]
    separator = eip712.domain_separator(HL_DOMAIN)
    head = eip712.type_hash("Agent(string source,bytes32 connectionId)")
    seen = 0
    for action in data["actions"]:
        for case in action["cases"]:
            preimage = bytes.fromhex(action["msgpack"]) + data["nonce"].to_bytes(8, "big")
            preimage += b"\1" + bytes.fromhex(data["vault"][2:]) if "vault" in case["case"] else b"\0"
            preimage += b"\0" + data["expiresAfter"].to_bytes(8, "big") if "expires" in case["case"] else b""
            connection = keccak256(preimage)
            source = "b" if case["case"] == "plain_testnet" else "a"
            assert "0x" + connection.hex() == case["connectionId"]
            generic = signer.sign_typed_data(HL_DOMAIN, AGENT, "Agent", {"source": source, "connectionId": connection})
            packed = signer.sign_digest(eip712.digest(separator, keccak256(head + eip712.text(source) + connection)))
            assert parts(generic) == parts(packed) == expected(case), (action["name"], case["case"])
            seen += 1
    assert seen == 30


def test_hyperliquid_actions_that_the_user_signs(vectors: Vectors) -> None:
    data = vectors("hyperliquid-python-sdk-0.24.0")
    signer = eip712.make(data["privateKey"])
    for row in data["user"]:
        name, members = HL_USER_TYPES[row["action"]["type"]]
        primary = f"HyperliquidTransaction:{name}"
        signature = signer.sign_typed_data(HL_USER_DOMAIN, {primary: fields(*members)}, primary, row["action"])
        assert parts(signature) == expected(row), row["name"]
    assert len(data["user"]) == 14


# GRVT

ORDER_HEAD = ["uint64 subAccountID", "bool isMarket", "uint8 timeInForce", "bool postOnly", "bool reduceOnly", "OrderLeg[] legs"]
TAIL = ["uint32 nonce", "int64 expiration"]
GRVT_TYPES = {
    "OrderLeg": fields("uint256 assetID", "uint64 contractSize", "uint64 limitPrice", "bool isBuyingContract"),
    "Order": fields(*ORDER_HEAD, *TAIL),
    "OrderWithBuilderFee": fields(*ORDER_HEAD, "address builder", "uint32 builderFee", *TAIL),
    "Transfer": fields(
        *("address fromAccount", "uint64 fromSubAccount", "address toAccount", "uint64 toSubAccount"),
        *("uint8 tokenCurrency", "uint64 numTokens", *TAIL),
    ),
    "WalletLogin": fields("address signer", *TAIL),
    "SetSubAccountPositionMarginConfig": fields("uint64 subAccountID", "uint256 asset", "uint8 marginType", "int32 leverage", *TAIL),
    "AddIsolatedPositionMargin": fields("uint64 subAccountID", "uint256 asset", "int64 amount", *TAIL),
}
SUB = 8289849667772468
SIGNER = "0xe10ec9bb1ee30af8be35b32b163e7458a07ad987"
MAIN = "0x0c1f4c8ee7acd9ea19b91bbb343cbaf6efd58ce1"


def order(asset: int, size: int, price: int, buy: bool = False, **more: Any) -> dict[str, Any]:
    leg = {"assetID": asset, "contractSize": size, "limitPrice": price, "isBuyingContract": buy}
    return {"subAccountID": SUB, "isMarket": False, "timeInForce": 1, "postOnly": False, "reduceOnly": False, "legs": [leg], **more}


FIRST = (0x030501, 1_013_000_000, 68_900_500_000_000)
BUILDER = "0xAbC1230001230001230001230001230001230001"
TRANSFER = {"fromAccount": MAIN, "fromSubAccount": 0, "toAccount": MAIN, "toSubAccount": SUB, "tokenCurrency": 3, "numTokens": 1_000_000}
LEVERAGE = {"subAccountID": SUB, "asset": 0x030501, "marginType": 1, "leverage": 10_000_000}
# one per row of the file, in its order: struct, values, chain
GRVT_CASES: list[tuple[str, dict[str, Any], int]] = [
    ("Order", order(*FIRST), 326),
    ("Order", order(0x030501, 1_123_123_123, 68_900_777_123_479), 326),
    ("Order", order(0x030A01, 12_345_678_900_000_000, 12_345, True), 326),
    ("OrderWithBuilderFee", order(*FIRST, builder=BUILDER, builderFee=10), 326),
    ("OrderWithBuilderFee", order(*FIRST, builder=BUILDER, builderFee=100), 326),
    ("OrderWithBuilderFee", order(*FIRST, builder=BUILDER, builderFee=1), 326),
    ("Transfer", TRANSFER, 1),
    ("WalletLogin", {"signer": SIGNER}, 326),
    ("WalletLogin", {"signer": SIGNER}, 325),
    ("SetSubAccountPositionMarginConfig", LEVERAGE, 326),
    ("AddIsolatedPositionMargin", {"subAccountID": SUB, "asset": 0x030501, "amount": 100_000_000}, 326),
]


@pytest.mark.parametrize("index", range(len(GRVT_CASES)))
def test_grvt(vectors: Vectors, index: int) -> None:
    data = vectors("grvt-pysdk-0.2.1")
    assert len(data["rows"]) == len(GRVT_CASES)
    primary, message, chain = GRVT_CASES[index]
    domain = {"name": "GRVT Exchange", "version": "0", "chainId": chain}
    message = {**message, "nonce": 828700936, "expiration": 1730800479321350000}
    signer = eip712.make(data["key"])
    assert signer.address.lower() == data["address"]
    assert parts(signer.sign_typed_data(domain, GRVT_TYPES, primary, message)) == expected(data["rows"][index])


def test_grvt_order_packed_by_hand(vectors: Vectors) -> None:
    """The shape of a room's own encoder: four hashes, everything else made once."""
    leg_type, order_type = (eip712.type_hash(GRVT_TYPES, name) for name in ("OrderLeg", "Order"))
    separator = eip712.domain_separator({"name": "GRVT Exchange", "version": "0", "chainId": 326})
    asset, size, price = FIRST
    leg = keccak256(leg_type + eip712.uint(asset) + eip712.uint(size, 64) + eip712.uint(price, 64) + eip712.boolean(False))
    head = eip712.uint(SUB, 64) + eip712.boolean(False) + eip712.uint(1, 8) + 2 * eip712.boolean(False)
    struct = keccak256(order_type + head + keccak256(leg) + eip712.uint(828700936, 32) + eip712.sint(1730800479321350000, 64))
    data = vectors("grvt-pysdk-0.2.1")
    assert parts(eip712.make(data["key"]).sign_digest(eip712.digest(separator, struct))) == expected(data["rows"][0])


# edgeX V2

EDGEX_DOMAIN = {"name": "EdgeX", "version": "1", "chainId": 3343, "verifyingContract": "0xeeb3fb05cca17745cbdf193a9b16537efb68fac8"}
EDGEX_TYPES = {
    "OrderBase": fields("uint256 nonce", "address signer", "uint64 accountId", "uint256 expirationTimestamp"),
    "LimitOrderParams": fields(
        *("OrderBase base", "int256 amountSynthetic", "int256 amountCollateral", "uint256 amountFee", "uint64 assetIdSynthetic"),
        *("uint64 assetIdCollateral", "bool isBuyingSynthetic", "bytes32 parentOrderHash", "uint256 subOrderIndex"),
    ),
    "SetMarginPreferenceParams": fields("uint64 accountId", "uint64 assetId", "uint8 marginMode", "uint256 nonce", "address signer"),
    "TransferParams": fields(
        *("uint64 from", "uint64 to", "uint64 assetId", "int256 amount", "uint256 nonce", "uint256 deadline", "address signer"),
    ),
    "AssetFlowAttempt": fields(
        *("string userId", "address userAddress", "address privyAddress", "string source", "string sourceAccount", "string tokenAddress"),
        *("string amount", "string fee", "string destination", "string destinationAccount", "string clientWithdrawId", "string expireTime"),
    ),
}


@pytest.mark.parametrize(
    ("struct", "digest"),
    [
        ("OrderBase", "b0c68ccdb356edb29f53fc631dc0ba0f4158e85c4c3ed0f2563faa416c59e0d8"),
        ("LimitOrderParams", "cb9ff4dd7b0f15e8a1d5b2924a0e73ad7adf2531cc2b90e9458a2076737234fb"),
        ("SetMarginPreferenceParams", "9034d1f9100559d5b342558981c510f973799f078cc63e48cdc79037cb5b4f9b"),
        ("TransferParams", "9d9af3fb1ff7ba57410e09930616d69780bc0d922110765f07e59ff4ecd1ff95"),
        ("AssetFlowAttempt", "210afb7f5aca102d5e68512f37a0ee1c829e2c29ab8d41fdb56328a14d099ad4"),
    ],
)
def test_edgex_type_hashes(struct: str, digest: str) -> None:
    assert eip712.type_hash(EDGEX_TYPES, struct).hex() == digest


def test_edgex_orders(vectors: Vectors) -> None:
    data = vectors("edgex-python-sdk-2.0.1")
    signer = eip712.make(data["key"])
    assert signer.address == data["address"]
    assert eip712.domain_separator(EDGEX_DOMAIN).hex() == "79de539348476909462cecff9279ca69c43987ba60e1590baced93d936a211d6"
    for row in data["orders"]:
        base = {"nonce": row["nonce"], "signer": signer.address, "accountId": data["accountId"]}
        message = {
            "base": {**base, "expirationTimestamp": row["expirationTimestamp"]},
            **{name: row[name] for name in ("amountSynthetic", "amountCollateral", "amountFee", "isBuyingSynthetic")},
            **{"assetIdSynthetic": 30000001, "assetIdCollateral": 1000, "parentOrderHash": bytes(32), "subOrderIndex": 0},
        }
        assert eip712.struct_hash(EDGEX_TYPES, "LimitOrderParams", message).hex() == row["structHash"]
        digest = eip712.typed_data_hash(EDGEX_DOMAIN, EDGEX_TYPES, "LimitOrderParams", message)
        assert digest.hex() == row["digest"]
        assert signer.sign_digest(digest).hex() == row["signature"]
        assert eip712.recover(digest, bytes.fromhex(row["signature"])) == data["address"]
    assert len(data["orders"]) == 6


def test_edgex_margin_mode_transfer_and_withdrawal(vectors: Vectors) -> None:
    data = vectors("edgex-python-sdk-2.0.1")
    signer, wallet = eip712.make(data["key"]), eip712.make(data["walletKey"])
    assert wallet.address == data["wallet"]
    account = data["accountId"]
    mode = {"accountId": account, "assetId": 30000001, "marginMode": 1, "nonce": data["marginMode"]["nonce"], "signer": signer.address}
    move = {"from": account, "to": 725624476626153744, "assetId": 1000, "amount": 1500000, "nonce": data["transfer"]["nonce"]}
    flow = {
        **{"userId": "1", "userAddress": wallet.address, "privyAddress": ZERO, "source": "spot", "sourceAccount": str(account)},
        **{"tokenAddress": "0x98d2919b9A214E6Fa5384AC81E6864bA686Ad74c", "amount": "4900000", "fee": "100000", "destination": "chain-3343"},
        **{"destinationAccount": wallet.address, "clientWithdrawId": "797262983856459776", "expireTime": "1767225900"},
    }
    # the checksum of this address is wrong, and it is the one the venue publishes
    asset_flow = {"name": "edgeX Asset Flow", "version": "1", "verifyingContract": "0x000000000000000000000000000000000000eD9E"}
    for key, domain, primary, message, row in (
        (signer, EDGEX_DOMAIN, "SetMarginPreferenceParams", mode, data["marginMode"]),
        (wallet, EDGEX_DOMAIN, "TransferParams", {**move, "deadline": 1768089600, "signer": wallet.address}, data["transfer"]),
        (wallet, asset_flow, "AssetFlowAttempt", flow, data["withdrawal"]),
    ):
        assert eip712.struct_hash(EDGEX_TYPES, primary, message).hex() == row["structHash"], primary
        assert eip712.typed_data_hash(domain, EDGEX_TYPES, primary, message).hex() == row["digest"]
        assert key.sign_typed_data(domain, EDGEX_TYPES, primary, message).hex() == row["signature"]
    assert eip712.domain_separator(asset_flow).hex() == data["withdrawal"]["domainSeparator"]


# wallet logins


def test_standx_v8_personal_sign(vectors: Vectors, secp: str) -> None:
    signer = eip712.make("0x" + "0123456789abcdef" * 4, backend=secp)
    assert signer.address == "0xFCAd0B19bB29D4674531d6f115237E16AfCE377c"
    long = vectors("standx")["v8"]
    assert len(long) == 322
    assert eip712.personal_hash(long).hex() == "b079f625183d3251c430fbc10521107740de8863281d0b5d1dee6063c8dadcd8"
    assert signer.personal_sign(long).hex() == (
        "f34392876f6adffd4d7c53d881b11fe2a68272b237cfd118c3fd0214a4dfad45750645372e5c70a796a9730195ae5ddb07df5c7736216a1eb617c1013e6a3ed81b"
    )
    short = "standx.com wants you to sign in with your Ethereum account:\n0xFCAd0B19bB29D4674531d6f115237E16AfCE377c"
    assert signer.personal_sign(short.encode()).hex() == (
        "858d1520c59ef2bd3739832bfa70e0555870b62ae621d36e71e3ccf037c1a0353d512632383b1ec5f53b73545e43c55c1980e1466eeb41b2f4c57a5f3cbc82061c"
    )
    assert eip712.verify_personal(short, signer.personal_sign(short), signer.address.lower())
    assert not eip712.verify_personal(short + " ", signer.personal_sign(short), signer.address)
    assert not eip712.verify_personal(short, b"\0" * 65, signer.address)
    assert not eip712.verify_personal(short, signer.personal_sign(short), ZERO)


def test_paradex_key_derivation_signature() -> None:
    """paradex-py 0.8.2: the EIP-712 signature from which the Stark key is made (Sepolia)."""
    signer = eip712.make("0xf8e4d1d772cdd44e5e77615ad11cc071c94e4c06dc21150d903f28e6aa6abdff")
    domain = {"name": "Paradex", "version": "1", "chainId": 11155111}
    assert signer.sign_typed_data(domain, {"Constant": fields("string action")}, "Constant", {"action": "STARK Key"}).hex() == (
        "d808451f2278a2a9276f3c44911e79a481d514f3759eec43584108de0edc44b74fa37137381218af0c30d4b1f4a51cf87a331379144ab1df084c012801cd4c4a1b"
    )
