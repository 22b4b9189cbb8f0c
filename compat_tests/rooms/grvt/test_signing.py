"""Signatures: the official SDK's own vectors, a second encoder on random orders, and what must be refused."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from hypothesis import given, settings
from hypothesis import strategies as st

import ccxt_dex
from ccxt_dex import signers
from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.grvt import signing
from ccxt_dex.exchanges.grvt.paper import verify

# the throwaway key of grvt-pysdk's tests
KEY = "0xf7934647276a6e1fa0af3f4467b4b8ddaf45d25a7368fa1a295eef49a446819d"
SIGNER = "0xe10ec9bb1ee30af8be35b32b163e7458a07ad987"
SUB, TESTNET = "8289849667772468", 326
FIELDS = signing.unsigned(828700936, 1730800479321350000, TESTNET)
INSTRUMENTS = {"BTC_USDT_Perp": ("0x030501", 9), "SHIB_USDT_Perp": ("0x030a01", 9)}
BUILDER = "0xAbC1230001230001230001230001230001230001"


def sign(digest: bytes) -> tuple[str, str, int]:
    made = signing.wire_signature(FIELDS, SIGNER, signers.make("eip712", KEY).sign_digest(digest))
    return made["r"], made["s"], made["v"]


def wire(size: str = "1.013", price: str = "68900.5", buy: bool = False, instrument: str = "BTC_USDT_Perp", **more: Any) -> dict[str, Any]:
    leg = {"instrument": instrument, "size": size, "limit_price": price, "is_buying_asset": buy}
    flags = {"is_market": False, "time_in_force": "GOOD_TILL_TIME", "post_only": False, "reduce_only": False}
    return {"sub_account_id": SUB, **flags, "legs": [leg], "signature": FIELDS, **more}


# order -> r, s, v. The first three are grvt-pysdk 0.2.1's output, those with a builder the test table of its main (2026-03-16)
ORDERS = [
    (wire(), "b00512d986a718b15136a8ba23de1c1ec84bbdb9958629cbbe4909bae620bb04", "79f706de61c68cc14d7734594b5d8689df2b2a7b25951f9a3f61d799f4327ffc", 28),
    (wire("1.123123123", "68900.777123479"), "365ec79d299c8bcd5f2acff89faf741a90ca02a4b8a6b1b1a5d4f3d16130f9f0", "465129bca7855f008ea5bc22fe3ee630e4a8e3b9b99c1745631deef29957048a", 28),
    (wire("12345678.9", "0.000012345", True, "SHIB_USDT_Perp"), "ea6cffee6c2d363552dfb427c33d9e70b55185aa2ceac3f4e9276e586e97f836", "48953b93f3c0cab55ac6d497f47ebe462b032dfccbd76adbdfdf57b5fd4abc6c", 27),
    (wire(builder=BUILDER, builder_fee="0.001"), "604ecc3c80d8498e83fb28a77e950c370fb28af20b2f8766403f6d09facb7d2a", "48892bb559edffe7cfd1408df310e7371257b8198ab98c158f7b3755dd8ce933", 27),
    (wire(builder=BUILDER, builder_fee="0.01"), "546681387f8a29c20ae6242706328f9347ae747acc74a1f126a2ec2f3952960e", "4d5c66c7b8074d7893e94e46f0dc5f80838008659223f5fac4d362dfec73ee4a", 27),
    (wire(builder=BUILDER, builder_fee="0.0001"), "607b6c7c5b70ed7ce35f389babc192e95e1ee5a227741839bfbbf2a5e3c7abb1", "69a3d8ac5ee3f4add313588448ba99d3f31165cc392c0e4bd8c43e240a007cf1", 28),
    (wire(builder=BUILDER, builder_fee="0.00015"), "607b6c7c5b70ed7ce35f389babc192e95e1ee5a227741839bfbbf2a5e3c7abb1", "69a3d8ac5ee3f4add313588448ba99d3f31165cc392c0e4bd8c43e240a007cf1", 28),
]  # fmt: skip


@pytest.mark.parametrize("order,r,s,v", ORDERS)
def test_orders_of_the_official_sdk(order: dict[str, Any], r: str, s: str, v: int) -> None:
    assert sign(signing.order(order, INSTRUMENTS, TESTNET)) == (f"0x{r}", f"0x{s}", v)


# grvt-pysdk's transfer fixture (chain 1); logins from eth-account and ccxt alike; margin structs from eth-account over the contracts' types
OTHERS = [
    (
        signing.transfer(
            {"from_account_id": "0x0c1f4c8ee7acd9ea19b91bbb343cbaf6efd58ce1", "from_sub_account_id": "0", "signature": FIELDS,
             "to_account_id": "0x0c1f4c8ee7acd9ea19b91bbb343cbaf6efd58ce1", "to_sub_account_id": SUB, "num_tokens": "1"}, 3, 1),
        "21c7d7a8e225cb146c80dc79bbe818f915536817f1343e974cfdbe2bfc952cf1", "6de83999555f6236e5a56c86876defe00b4776c428ab5a4d7f997d290baaea10", 28,
    ),
    (signing.wallet_login(SIGNER, FIELDS, 326), "0d8ad090b68109147ff4332e9a600c573aefdec383a0b98953d6ceb5f8c2e766", "18cdd728e0f784a87aa94d089fdf6b62886f76ec0a80f4610a71d333c72bced0", 27),
    (signing.wallet_login(SIGNER, FIELDS, 325), "363554aecca942f61a1d89d571f802e7ddfffe46555433ceb6a660a14a185ddb", "48d4b6530430343bea19f6d521a2dedf1878a1e2d41eda7475a1221131574de3", 27),
    (
        signing.position_config({"sub_account_id": SUB, "margin_type": "ISOLATED", "leverage": "10", "signature": FIELDS}, "0x030501", TESTNET),
        "800ae50ff785a7f9d1aa3356a986dad7fe34309ffa5e2dde965f2b7a00e72625", "7daaf551269a77d2b5b281517bc097aece4092397eccbe01da68c1b6efb09da3", 27,
    ),
    (
        signing.add_margin({"sub_account_id": SUB, "amount": "100", "signature": FIELDS}, "0x030501", TESTNET),
        "9e17fbb8c0d8a8323dbc727bf8eca023ac65539786fe14e975d44b4ea248f43a", "331e0e958c65570010771dfec85fdf2e3a61d26b4ae2f9588bf155d6635707d1", 27,
    ),
]  # fmt: skip


@pytest.mark.parametrize("digest,r,s,v", OTHERS, ids=["transfer", "login 326", "login 325", "position config", "add margin"])
def test_everything_else_that_is_signed(digest: bytes, r: str, s: str, v: int) -> None:
    """The transfer's r, s and the second login's s begin where a naive hex() would drop a zero."""
    assert sign(digest) == (f"0x{r}", f"0x{s}", v)


DECIMALS = st.decimals(min_value=Decimal("0.000000001"), max_value=Decimal("9000000000"), places=9)


@settings(max_examples=120, deadline=None)
@given(
    size=DECIMALS,
    price=DECIMALS,
    flags=st.tuples(*[st.booleans()] * 4),
    tif=st.sampled_from(sorted(signing.TIME_IN_FORCE)),
    nonce=st.integers(0, 2**32 - 1),
    builder=st.sampled_from([{}, {"builder": BUILDER, "builder_fee": "0.0125"}]),
)
def test_a_second_encoder_agrees_on_random_orders(
    size: Decimal, price: Decimal, flags: tuple[bool, ...], tif: str, nonce: int, builder: dict[str, str]
) -> None:
    order = {
        **wire(format(size, "f"), format(price, "f"), flags[0]),
        "is_market": flags[1],
        "post_only": flags[2],
        "reduce_only": flags[3],
        "time_in_force": tif,
        "signature": signing.unsigned(nonce, 1730800479321350000, 325),
        **builder,
    }
    kind, message = verify.order_message(order, INSTRUMENTS)
    assert kind == ("OrderWithBuilderFee" if builder else "Order")
    whole = {**message, "nonce": nonce, "expiration": 1730800479321350000}
    signable = encode_typed_data({"name": "GRVT Exchange", "version": "0", "chainId": 325}, verify.TYPES[kind], whole)
    made = Account.sign_message(signable, KEY)
    assert signers.make("eip712", KEY).sign_digest(signing.order(order, INSTRUMENTS, 325)) == bytes(made.signature)


def test_a_large_size_is_signed_exactly() -> None:
    """Through a float, as ccxt does it, the last digits are others."""
    assert signing.scaled("12345678901.123456789", 9) == 12345678901123456789
    assert int(float("12345678901.123456789") * 1e9) != 12345678901123456789


def test_floats_are_not_signed() -> None:
    with pytest.raises(TypeError, match="float"):
        signing.scaled(0.1, 9)  # type: ignore[arg-type]


@pytest.mark.parametrize("size", ["-1", "18446744073.709551616"])
def test_what_does_not_fit_its_type_is_refused(size: str) -> None:
    with pytest.raises(errors.BadRequest):
        signing.order(wire(size), INSTRUMENTS, TESTNET)


def test_a_flag_that_is_no_bool_is_refused() -> None:
    with pytest.raises(errors.BadRequest):
        signing.order(wire(post_only="false"), INSTRUMENTS, TESTNET)


def test_the_test_network_has_other_addresses_everywhere_and_another_chain() -> None:
    main, test = ccxt_dex.grvt(), ccxt_dex.grvt({"sandbox": True})
    assert main.has["sandbox"] is True and (main.chain_id(), test.chain_id()) == (325, 326)
    there, here = ({**ex.urls["api"], **{f"ws {name}": url for name, url in ex.urls["api"]["ws"].items()}, "ws": ""} for ex in (test, main))
    assert set(there) == set(here) == {"privateEdge", "privateTrading", "publicMarket", "ws", "ws publicMarket", "ws privateTrading"}
    assert all(".testnet." in there[name] and ".testnet." not in here[name] for name in here if name != "ws")
    test.set_sandbox_mode(False)
    assert test.urls["api"] == main.urls["api"] and test.chain_id() == 325
