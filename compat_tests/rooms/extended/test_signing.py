"""The vectors of the fact sheet (SDK 2.6.0, equal in ccxt 4.5.90), with every backend and with the paper venue's own arithmetic."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ccxt_dex
from ccxt_dex.exact import Refused
from ccxt_dex.exchanges.extended import signing
from ccxt_dex.exchanges.extended.paper.identity import Identity, Owner
from ccxt_dex.paper import stark as verifier
from ccxt_dex.signers import stark

KEY = "0x7a7ff6fd3cab02ccdcd4a572563f5976f8976899b03a39773795a3c486d4986"
PUBLIC = 0x61C5E7E8339B7D56F197F54EA91B776776690E3232313DE0F2ECBD0EF76F466
BTC = signing.Assets(0x4254432D3600000000000000000000, 10**6, 1, 10**6)
EXPIRY, NONCE, VAULT = 1704420304000, 1473459052, 10002
MARKET = SimpleNamespace(info={"synthetic": "0x4254432d3600000000000000000000"})
VECTORS = (
    ("SN_MAIN", "BUY", "0.001", "43445.1164", "0.0005", 0x4C4CF98E3874355631801B895A268EB9333C490C15E3BFD1C9889F282599AA),
    ("SN_MAIN", "SELL", "0.001", "43445.1164", "0.0005", 0x79713D0FA8ED0A1E61BDBE3E44014D004EE0BB834D62F5B1DDDE63F55831FEB),
    ("SN_MAIN", "BUY", "0.00012", "99999", "0.0005", 0x6319229BD2471F8368C16B07D9639BA56A977B44930BEE072125D532CDBBA8F),
    ("SN_MAIN", "SELL", "1.23456", "98765", "0.0005", 0x688E2CEA27EBB0FE9C945FBDFBC3F1E25BF989228B86B8B425E2DC968CF894),
    ("SN_MAIN", "BUY", "0.001", "43445.1164", "0.0006", 0x65D48FB4EA6FCDA1C286B08119F2AA6893A55E02E6909DF86AFB4C3F68192B2),
    ("SN_MAIN", "SELL", "0.001", "43445.1164", "0.0006", 0x2E412C760C4EB7A86C56BF5D468A88CB8610F5845916AAEBC8C29B861223492),
    ("SN_MAIN", "BUY", "0.00012", "99999", "0.0006", 0xF118AFEE79480F9B7F3D85ACEBD1C950C0F25BFE077F85755621379D4AFBB2),
    ("SN_MAIN", "SELL", "1.23456", "98765", "0.0006", 0x5BEBCE2B11A3623232EBC4578293CCB90E67E49A6FE4FEA7B7BB7F6C1DE460D),
    (
        "SN_SEPOLIA",
        "SELL",
        "0.001",
        "43445.1168",
        "0.0005",
        3537449119897963743159237642268502617374354266291318892953579672668983267392,
    ),
)
SIGNATURES = (
    (
        0,
        0x397AD7BE762EAE814A0258A76387AC1112CBF4A6F5CE5CD77407357D4FD4665,
        0x34836C2DB6C5938B98B210F51A6E96240176274B4A35CA2B278BAFA9C52F357,
    ),
    (
        1,
        0x223806AB66187927AF8B1C8BEF849537CF29EF4842B0BA6F6DF6E539580162F,
        0x7AB61EBAC6486BD0CB2244D1D34A5B0B74AEFEEB0FEACA379A4E93FCB875CB1,
    ),
    (
        8,
        0x450C7AE02204C5974180978934199A07CE215C6408927F7716EFADA93DFFDFA,
        0x1C0190E38515998F7DAF4A8F892A19FC823F28F8539637C18480A6EAB39966C,
    ),
)


def settled(side: str, size: str, price: str, fee: str) -> signing.Settlement:
    return signing.settlement(VAULT, BTC, side, size, price, Decimal(fee), EXPIRY, NONCE)


def venue_digest(chain: str, side: str, size: str, price: str, fee: str, expiry: int = EXPIRY, nonce: int = NONCE) -> int:
    identity, owner = Identity(7, chain), Owner("a", 1, VAULT, "key", 0, PUBLIC)
    body = {"qty": size, "fee": fee, "expiryEpochMillis": expiry, "nonce": str(nonce)}
    return identity.digest(owner, body, MARKET, side, price)  # type: ignore[arg-type]


@pytest.mark.parametrize("backend", stark.backends())
@pytest.mark.parametrize(("chain", "side", "size", "price", "fee", "expected"), VECTORS)
def test_the_sheet_s_vectors(backend: str, chain: str, side: str, size: str, price: str, fee: str, expected: int) -> None:
    digest = signing.order_hash(settled(side, size, price, fee), PUBLIC, chain, backend)
    assert digest == expected == venue_digest(chain, side, size, price, fee)
    r, s = stark.make(KEY, backend=backend).sign_hash(digest)
    assert stark.make(KEY, backend=backend).public_key == PUBLIC and verifier.verify(PUBLIC, digest, r, s)
    assert not verifier.verify(PUBLIC, digest + 1, r, s)


@pytest.mark.parametrize(("number", "r", "s"), SIGNATURES)
def test_the_sdk_s_signatures_verify(number: int, r: int, s: int) -> None:
    assert verifier.verify(PUBLIC, VECTORS[number][-1], r, s)


def test_the_amounts_of_the_first_vector() -> None:
    found = settled("BUY", "0.001", "43445.1164", "0.0005")
    assert (found.base_amount, found.quote_amount, found.fee_amount, found.expiration) == (1000, -43445117, 21723, 1705629904)


def test_a_size_that_cannot_be_signed_exactly_is_refused() -> None:
    with pytest.raises(Refused):
        settled("BUY", "0.0000001", "60000", "0")


@settings(max_examples=40, deadline=None)
@given(
    side=st.sampled_from(("BUY", "SELL")),
    size=st.integers(10, 10**9).map(lambda n: format(Decimal(n).scaleb(-5), "f")),
    price=st.integers(1, 10**6).map(str),
    fee=st.integers(0, 1000).map(lambda n: format(Decimal(n).scaleb(-6), "f")),
    expiry=st.integers(1_700_000_000_000, 1_900_000_000_000),
    nonce=st.integers(1, 2**31 - 1),
)
def test_both_backends_and_the_paper_venue_hash_alike(side: str, size: str, price: str, fee: str, expiry: int, nonce: int) -> None:
    found = signing.settlement(VAULT, BTC, side, size, price, Decimal(fee), expiry, nonce)
    hashes = {signing.order_hash(found, PUBLIC, "SN_MAIN", backend) for backend in stark.backends()}
    assert hashes == {venue_digest("SN_MAIN", side, size, price, fee, expiry, nonce)}


def test_the_test_network_has_other_addresses_everywhere_and_another_chain() -> None:
    main, test = ccxt_dex.extended(), ccxt_dex.extended({"sandbox": True})
    assert main.has["sandbox"] is True and (main.chain(), test.chain()) == ("SN_MAIN", "SN_SEPOLIA")
    for address in (lambda ex: ex.api_host(), lambda ex: ex.ws_url("/account"), lambda ex: ex.rpc_url()):
        assert "sepolia" in address(test) and "sepolia" not in address(main)
    test.set_sandbox_mode(False)
    assert test.urls["api"] == main.urls["api"] and test.chain() == "SN_MAIN"
