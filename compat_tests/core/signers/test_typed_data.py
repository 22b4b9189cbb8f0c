"""Starknet typed data: Paradex (revision 0), Extended (revision 1), keys and addresses; hashes from the official SDKs."""

from __future__ import annotations

from typing import Any

import ccxt
import pytest

from ccxt_dex.signers import eip712, stark, typed_data


def felts(*names: str) -> list[dict[str, str]]:
    return [{"name": name, "type": "felt"} for name in names]


# paradex-py 0.8.2 on its own mock configuration, 2026-09
ORDER = ("timestamp", "market", "side", "orderType", "size", "price")
PARADEX_TYPES = {
    "StarkNetDomain": felts("name", "chainId", "version"),
    "Request": felts("method", "path", "body", "timestamp", "expiration"),
    "Order": felts(*ORDER),
    "ModifyOrder": felts(*ORDER, "id"),
    "Constant": felts("action"),
}
PARADEX = {"name": "Paradex", "chainId": "PRIVATE_SN_POTC_SEPOLIA", "version": "1"}
ACCOUNT = 0x129C135ED63DF9353885E292BE4426B8ED6122B13C6C0E1BB787288A1F5ADFA
PRIVATE = "0x543b6cf6c91817a87174aaea4fb370ac1c694e864d7740d728f8344d53e815"
PUBLIC = 0x2C144D2F2D4FC61B6F8967F3BA0012A87D90140BCFE5A3E92E8DF83258C960F
AUTH = {"method": "POST", "path": "/v1/auth", "body": "", "timestamp": 1700000000, "expiration": 1700000180}


def order(timestamp: int, market: str, side: str, kind: str, size: str, price: str, **more: str) -> dict[str, Any]:
    return dict(zip(ORDER, (timestamp, market, side, kind, size, price), strict=True)) | more


PARADEX_HASHES = [
    ("Request", AUTH, 0x7D66BDCF65C2164526A114A0A6A219F870908FD54B774F80770CDE5DD5D7BB3),
    ("Constant", {"action": "Onboarding"}, 0xD38FCA3E24662DEA69B9BC6699DBAF95D018C8FB7C9940F51AABB813E8D8BF),
    (
        "Order",
        order(1700000000000, "ETH-USD-PERP", "1", "LIMIT", "10000000", "150000000000"),
        0x48E4D3CE33B0063E0D71AC34A34F45F1FED2E20FA93D4C0B01C48E6C292A59D,
    ),
    (
        "Order",
        order(1700000000123, "BTC-USD-PERP", "2", "MARKET", "100000", "0"),
        0x395ABF9C409D9F5B8C5DEC1E328A8443D81FF2ECDBE6F9257F89D5C16D5D022,
    ),
    (
        "Order",
        order(1700000000123, "BTC-USD-PERP", "2", "STOP_LOSS_MARKET", "100000", "0"),
        0x35274537984F6ABB7E5752EB0C7A57006AB67BF3C984D86CB6C45EDFB158703,
    ),
    (
        "ModifyOrder",
        order(1700000000123, "BTC-USD-PERP", "2", "LIMIT", "200000", "6500050000000", id="1689093837860220000000001"),
        0x6A8A4672A5E4034DCA8CE55F2EA0F396E25CA0FED08C6445039708D322AAEBC,
    ),
]


@pytest.mark.parametrize(("primary", "message", "expected"), PARADEX_HASHES)
def test_paradex_hashes(stark_backend: str, primary: str, message: dict[str, Any], expected: int) -> None:
    assert typed_data.message_hash(PARADEX, PARADEX_TYPES, primary, message, ACCOUNT) == expected
    prepared = typed_data.Prepared(PARADEX, PARADEX_TYPES, primary, ACCOUNT)
    assert prepared.hash(message) == expected
    assert prepared.hash_fields([typed_data.felt(value) for value in message.values()]) == expected


def test_the_type_string_of_revision_0_is_bare() -> None:
    text = "Request(method:felt,path:felt,body:felt,timestamp:felt,expiration:felt)"
    assert typed_data.encode_type(PARADEX_TYPES, "Request", 0) == text
    assert typed_data.type_hash(PARADEX_TYPES, "Request", 0) == typed_data.type_hash(text) == stark.selector(text)


def test_paradex_signatures_of_the_sdk_and_of_ccxt_verify(stark_backend: str) -> None:
    message = PARADEX_HASHES[0][2]
    sdk = (
        0x130679012CA6213C53D5AB55F45FD0C25EFC0AAD2D306289D127DB6EAF7EB14,
        0x385CCC919E8867F18B90FD45568136BFDDE39CE28DDFFE3C7DD620439222083,
    )
    from_ccxt = (
        0x33E2BE8F9DB4306CA3D92DD6219F09A4D15CF3A445B65340050341CB63C2623,
        0x616F1B6BC67D1892CA2C51D89452314575F92BBFBFE7AD88902F51BCC1A3B77,
    )
    for r, s in (sdk, from_ccxt):
        assert stark.verify(PUBLIC, message, r, s, stark_backend)
    signer = stark.make(PRIVATE, backend=stark_backend)
    assert signer.public_key == PUBLIC
    mine = signer.sign_hash(message)
    assert stark.verify(PUBLIC, message, *mine)
    assert stark_backend != "python" or mine == from_ccxt
    order_signature = stark.make(PRIVATE, backend="python").sign_hash(PARADEX_HASHES[2][2])
    assert order_signature == (
        0x753F540D2D28692AB6A70DAA4654CD2182F549119A1E6E4589561B77AA7F436,
        0x48749D2F687E0D262F8CFA7319A374627FE2E880122EFC249E4EDA5C31C32F0,
    )


# Extended: x10 SDK 2.6.0 and ccxt 4.5.90, 2026-09

EXTENDED_TYPES = {
    "StarknetDomain": [{"name": name, "type": "shortstring"} for name in ("name", "version", "chainId", "revision")],
    "Order": felts(),
}
EXTENDED_ORDER = (
    '"Order"("position_id":"felt","base_asset_id":"AssetId","base_amount":"i64","quote_asset_id":"AssetId","quote_amount":"i64",'
    '"fee_asset_id":"AssetId","fee_amount":"u64","expiration":"Timestamp","salt":"felt")'
    '"PositionId"("value":"u32")"AssetId"("value":"felt")"Timestamp"("seconds":"u64")'
)
EXTENDED_PRIVATE = "0x7a7ff6fd3cab02ccdcd4a572563f5976f8976899b03a39773795a3c486d4986"
EXTENDED_PUBLIC = 0x61C5E7E8339B7D56F197F54EA91B776776690E3232313DE0F2ECBD0EF76F466


def extended_domain(chain: str) -> dict[str, str]:
    return {"name": "Perpetuals", "version": "v0", "chainId": chain, "revision": "1"}


def extended_hash(chain: str, base: int, quote: int, fee: int) -> int:
    domain = typed_data.struct_hash(EXTENDED_TYPES, "StarknetDomain", extended_domain(chain), 1)
    fields = (10002, 0x4254432D3600000000000000000000, base, 1, quote, 1, fee, 1705629904, 1473459052)
    struct = stark.poseidon_many([typed_data.type_hash(EXTENDED_ORDER), *(value % stark.PRIME for value in fields)])
    state = stark.absorb([stark.short_string("StarkNet Message"), domain])
    return stark.poseidon_many([EXTENDED_PUBLIC, struct], state)


EXTENDED_HASHES = [
    # chain, base, quote, fee, hash, r and s of the SDK
    (
        *("SN_MAIN", 1000, -43445117, 21723, 0x4C4CF98E3874355631801B895A268EB9333C490C15E3BFD1C9889F282599AA),
        0x397AD7BE762EAE814A0258A76387AC1112CBF4A6F5CE5CD77407357D4FD4665,
        0x34836C2DB6C5938B98B210F51A6E96240176274B4A35CA2B278BAFA9C52F357,
    ),
    (
        *("SN_MAIN", -1000, 43445116, 21723, 0x79713D0FA8ED0A1E61BDBE3E44014D004EE0BB834D62F5B1DDDE63F55831FEB),
        0x223806AB66187927AF8B1C8BEF849537CF29EF4842B0BA6F6DF6E539580162F,
        0x7AB61EBAC6486BD0CB2244D1D34A5B0B74AEFEEB0FEACA379A4E93FCB875CB1,
    ),
    ("SN_MAIN", 120, -11999880, 6000, 0x6319229BD2471F8368C16B07D9639BA56A977B44930BEE072125D532CDBBA8F, 0, 0),
    ("SN_MAIN", -1234560, 121931318400, 60965660, 0x688E2CEA27EBB0FE9C945FBDFBC3F1E25BF989228B86B8B425E2DC968CF894, 0, 0),
    ("SN_MAIN", 1000, -43445117, 26068, 0x65D48FB4EA6FCDA1C286B08119F2AA6893A55E02E6909DF86AFB4C3F68192B2, 0, 0),
    ("SN_MAIN", -1000, 43445116, 26068, 0x2E412C760C4EB7A86C56BF5D468A88CB8610F5845916AAEBC8C29B861223492, 0, 0),
    ("SN_MAIN", 120, -11999880, 7200, 0xF118AFEE79480F9B7F3D85ACEBD1C950C0F25BFE077F85755621379D4AFBB2, 0, 0),
    ("SN_MAIN", -1234560, 121931318400, 73158792, 0x5BEBCE2B11A3623232EBC4578293CCB90E67E49A6FE4FEA7B7BB7F6C1DE460D, 0, 0),
    (
        *("SN_SEPOLIA", -1000, 43445116, 21723),
        3537449119897963743159237642268502617374354266291318892953579672668983267392,
        0x450C7AE02204C5974180978934199A07CE215C6408927F7716EFADA93DFFDFA,
        0x1C0190E38515998F7DAF4A8F892A19FC823F28F8539637C18480A6EAB39966C,
    ),
]


@pytest.mark.parametrize(("chain", "base", "quote", "fee", "expected", "r", "s"), EXTENDED_HASHES)
def test_extended_hashes_and_signatures(
    stark_backend: str, chain: str, base: int, quote: int, fee: int, expected: int, r: int, s: int
) -> None:
    message = extended_hash(chain, base, quote, fee)
    assert message == expected
    signer = stark.make(EXTENDED_PRIVATE, backend=stark_backend)
    assert signer.public_key == EXTENDED_PUBLIC
    mine = signer.sign_hash(message)
    assert stark.verify(EXTENDED_PUBLIC, message, *mine)
    if r:
        assert stark.verify(EXTENDED_PUBLIC, message, r, s, stark_backend)
        assert stark_backend == "python" or mine == (r, s)


@pytest.mark.skipif(stark.accelerator() is None, reason="nothing to compare with")
def test_the_accelerators_whole_order_hash_is_ours() -> None:
    fields = (10002, 0x4254432D3600000000000000000000, 1000, 1, -43445117, 1, 21723, 1705629904, 1473459052)
    theirs = stark.accelerator().get_order_msg_hash(*fields, EXTENDED_PUBLIC, "Perpetuals", "v0", "SN_MAIN", "1")
    assert theirs == extended_hash("SN_MAIN", 1000, -43445117, 21723)


# keys and addresses


def test_paradex_key_from_a_wallets_signature() -> None:
    """paradex-py 0.8.2; the signature is checked in test_eip712_vectors."""
    signature = (
        "0xd808451f2278a2a9276f3c44911e79a481d514f3759eec43584108de0edc44b7"
        "4fa37137381218af0c30d4b1f4a51cf87a331379144ab1df084c012801cd4c4a1b"
    )
    assert stark.private_key_from_eth_signature(signature) == int(PRIVATE, 16)
    assert stark.private_key_from_eth_signature(bytes.fromhex(signature[2:])) == int(PRIVATE, 16)
    for malformed in (signature[:-2], "0x" + "zz" * 65, "", b"\1" * 64):
        with pytest.raises(ccxt.AuthenticationError):
            stark.private_key_from_eth_signature(malformed)


def test_extended_key_from_a_wallets_signature() -> None:
    """x10 SDK 2.6.0, account index 0."""
    wallet = eip712.make("0x50c8e358cc974aaaa6e460641e53f78bdc550fd372984aa78ef8fd27c751e6f4")
    assert wallet.address == "0x2c12f074766f5eF9c5300ca8C85d06fBa605C59f"
    types = {
        "AccountCreation": [
            {"name": "accountIndex", "type": "int8"},
            {"name": "wallet", "type": "address"},
            {"name": "tosAccepted", "type": "bool"},
        ]
    }
    message = {"accountIndex": 0, "wallet": wallet.address, "tosAccepted": True}
    signature = wallet.sign_typed_data({"name": "extended.exchange"}, types, "AccountCreation", message)
    private = stark.private_key_from_eth_signature(signature)
    assert private == 0x30735EDC29C5AF469E31C26C08B5E29CAFEC08E1CB2D2D009BBFEA4CA18D570
    assert stark.public_key(private) == 0x6C608DDD9ACC60775BF255D90BE1A303D72637B4A93DC315FC2B4D05CA0FD94


def test_grinding_goes_on_until_the_number_is_below_the_limit() -> None:
    import hashlib

    def digest(data: str) -> int:
        return int.from_bytes(hashlib.sha256(bytes.fromhex(data)).digest(), "big")

    limit = 2**255 + 1  # the largest multiple below 2^256 is the limit itself: every second number is refused
    refused = 0
    for seed in range(40):
        index = 0
        while digest(f"{seed:02x}{index:02x}") >= limit:
            index += 1
        refused += index
        assert stark.grind_key(seed, limit) == digest(f"{seed:02x}{index:02x}")
    assert refused > 5


def test_paradex_addresses(stark_backend: str) -> None:
    """paradex-py 0.8.2; the second for the wallet 0xd2c7..."""
    proxy = 0x3530CC4759D78042F1B543BF797F5F3D647CDE0388C33734CF91B7F7B9314A9
    account = 0x41CB0280EBADAA75F996D8D92C6F265F6D040BB3BA442E5F86A554F1765244E
    evm_account = 0x073414441639DCD11D1846F287650A00C60C416B9D3BA45D31C651672125B2C2
    wallet = 0xD2C7314539DCE7752C8120AF4EC2AA750CF2035E
    assert stark.compute_address(proxy, [account, stark.selector("initialize"), 2, PUBLIC, 0], PUBLIC) == ACCOUNT
    assert stark.compute_address(evm_account, [3, wallet, 1], wallet) == 0x6B17FF157F32196FCDC86EA2FEF96F41E81F4942F19D641CEC1D8636AFB7EB


# refusals


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        *(("felt", value) for value in (-1, stark.PRIME, 1.0, None, "x" * 32, "é", b"a", hex(stark.PRIME), "9" * 5000)),
        *(("bool", value) for value in (1, 0, "true", None)),
        *(("u128", value) for value in (-1, 1 << 128, None)),
        *(("i128", value) for value in (-(1 << 127) - 1, 1 << 127, True, "x", None, 1.5)),
        *(("timestamp", value) for value in (-1, 1 << 128)),
        *(("string", value) for value in (1, None, b"x")),
        *(("felt*", value) for value in (1, "12", None, [1.5])),
        *(("u256", value) for value in (1, {"low": 1}, {"low": 1, "high": 1 << 128})),
        *(("enum", value) for value in ({"A": []},)),
        *(("Unknown", value) for value in (1,)),
    ],
    ids=repr,
)
def test_what_does_not_fit_its_type_is_refused(kind: str, value: Any) -> None:
    types = {"StarknetDomain": EXTENDED_TYPES["StarknetDomain"], "T": [{"name": "a", "type": kind}]}
    with pytest.raises(ccxt.BadRequest):
        typed_data.struct_hash(types, "T", {"a": value}, 1)


def test_what_is_missing_is_refused() -> None:
    with pytest.raises(ccxt.BadRequest, match=r"Constant\.action is missing"):
        typed_data.message_hash(PARADEX, PARADEX_TYPES, "Constant", {}, 1)
    with pytest.raises(ccxt.BadRequest, match="unknown struct"):
        typed_data.message_hash(PARADEX, PARADEX_TYPES, "Nothing", {}, 1)
    with pytest.raises(ccxt.BadRequest, match="StarknetDomain"):
        typed_data.message_hash(PARADEX, {"Constant": felts("action")}, "Constant", {"action": 1}, 1)
    both = {**PARADEX_TYPES, **EXTENDED_TYPES}
    with pytest.raises(ccxt.BadRequest, match="StarknetDomain"):
        typed_data.message_hash(PARADEX, both, "Constant", {"action": 1}, 1)


def test_short_strings() -> None:
    assert stark.short_string("") == 0
    assert stark.short_string("SN_MAIN") == 0x534E5F4D41494E
    assert stark.short_string("x" * 31) < 1 << 248
    for text in ("x" * 32, "é"):
        with pytest.raises(ccxt.BadRequest):
            stark.short_string(text)
