"""Moving money: what is signed, against the SDK's library and the paper venue's arithmetic, and what it does."""

from __future__ import annotations

import json
from typing import Any

import pytest

import ccxt_dex
from ccxt_dex._ccxt import errors
from ccxt_dex.exchanges.extended import signing
from ccxt_dex.signers import stark

# hashes by fast-stark-crypto 0.5.0 (the SDK's library), 2026-11
PUBLIC = 0x61C5E7E8339B7D56F197F54EA91B776776690E3232313DE0F2ECBD0EF76F466
VECTORS = (
    (signing.transfer_hash, 10002, 0x31AA70E2B1B2FAA7F10CA7DFDFDD22C96FEFF10E68F383C9C300ECBD327BA9B),
    (signing.withdrawal_hash, 0x1234, 0x55F251B758C2C13C88EA67AFEEA71071970D118C0CA3E607AA1BBF954745E13),
)
WALLET = "0x00f7016a6f1281925ef584bdc1fd2276b2fef02d0741acce215bc512857030dc"  # the docs' example


@pytest.mark.parametrize(("make", "recipient", "expected"), VECTORS, ids=["transfer", "withdrawal"])
def test_the_hash_is_that_of_the_sdk(make: Any, recipient: int, expected: int) -> None:
    given = (10001, 1, 1_100_000, 1706231337, 1473459052, PUBLIC)
    assert make(recipient, *given, "SN_MAIN") == expected
    changed = {make(recipient, *given[:at], given[at] + 1, *given[at + 1 :], "SN_MAIN") for at in range(len(given))}
    changed |= {make(recipient + 1, *given, "SN_MAIN"), make(recipient, *given, "SN_SEPOLIA")}
    assert len(changed) == 8 and expected not in changed


def test_the_accelerator_says_the_same() -> None:
    library = pytest.importorskip("fast_stark_crypto.lib")
    domain = {"domain_name": "Perpetuals", "domain_version": "v0", "domain_chain_id": "SN_SEPOLIA", "domain_revision": "1"}
    fields = {"collateral_id": 1, "amount": 7, "expiration": 1_800_000_000, "salt": 2**31 - 1, "user_public_key": PUBLIC, **domain}
    rest = (1, 7, 1_800_000_000, 2**31 - 1, PUBLIC, "SN_SEPOLIA")
    found = library.get_transfer_msg_hash(recipient_position_id=5, sender_position_id=6, **fields)
    assert found == signing.transfer_hash(5, 6, *rest)
    found = library.get_withdrawal_msg_hash(recipient_hex=WALLET, position_id=6, **fields)
    assert found == signing.withdrawal_hash(int(WALLET, 16), 6, *rest)


@pytest.fixture
async def pair(paper_venue: Any) -> Any:
    venue = await paper_venue("extended", seed=7, accounts=2)
    both = [ccxt_dex.extended(venue.config(name)) for name in venue.server.accounts[:2]]
    yield both
    for exchange in both:
        await exchange.close()


async def test_a_transfer_arrives_and_is_listed_by_both(pair: Any) -> None:
    one, other = pair
    target = (await other.identity()).info["accountId"]
    made = await one.transfer("USDC", 12.5, None, str(target))
    assert (made["status"], made["amount"], made["currency"], made["toAccount"]) == ("ok", 12.5, "USDC", str(target)) and made["id"]
    assert [(await each.fetch_balance())["USDC"]["total"] for each in pair] == [9_987.5, 10_012.5]
    listed = [(await each.fetch_transfers("USDC"))[0] for each in pair]
    assert [(row["amount"], row["fromAccount"], row["toAccount"]) for row in listed] == [(12.5, made["fromAccount"], str(target))] * 2
    who = await other.identity()
    again = await one.transfer("USDC", 12.5, made["fromAccount"], target, {"toVault": who.position, "toL2Key": hex(who.public_key)})
    assert again["id"] != made["id"], "an equal transfer of the same second is another one"


async def test_a_withdrawal_leaves_the_account(pair: Any) -> None:
    one, _ = pair
    made = await one.withdraw("USDC", 2, WALLET)
    assert (made["status"], made["amount"], made["network"], made["address"]) == ("pending", 2, "STRK", WALLET) and made["id"]
    assert (await one.fetch_balance())["USDC"]["total"] == 9_998
    assert [row["id"] for row in await one.fetch_withdrawals("USDC")] == [made["id"]]


async def test_nothing_is_sent_that_was_not_meant(pair: Any) -> None:
    one = pair[0]
    await one.load_markets()
    own, target = [str((await each.identity()).info["accountId"]) for each in pair]
    refused = (
        (errors.BadRequest, one.transfer("USDC", 1, target, own)),  # another account's money
        (errors.BadRequest, one.transfer("USDC", 1, own, own)),
        (errors.BadRequest, one.transfer("USDC", 1, None, None)),
        (errors.BadRequest, one.transfer("USDC", 1, None, "999999")),
        (errors.InvalidOrder, one.transfer("USDC", "0.0000001", None, target)),  # finer than what is signed
        (errors.InvalidOrder, one.transfer("USDC", -1, None, target)),
        (errors.BadRequest, one.transfer("BTC", 1, None, target)),
        (errors.BadRequest, one.transfer("USDC", 1, None, target, {"vault": 1})),
        (errors.ArgumentsRequired, one.transfer("USDC", 1, None, target, {"toVault": 1})),
        (errors.InvalidAddress, one.withdraw("USDC", 1, "0x" + "11" * 20)),
        (errors.InvalidAddress, one.withdraw("USDC", 1, hex(stark.PRIME))),
        (errors.InvalidAddress, one.withdraw("USDC", 1, "")),
        (errors.NotSupported, one.withdraw("USDC", 1, WALLET, {"network": "ETH"})),
        (errors.NotSupported, one.withdraw("USDC", 1, WALLET, {"tag": "memo"})),
        (errors.BadRequest, one.withdraw("USDC", 1, WALLET, {"settlementExpiration": one.seconds() + 86_400})),  # 1604
    )
    for kind, call in refused:
        with pytest.raises(kind):
            await call
    with pytest.raises(errors.InsufficientFunds):
        await one.withdraw("USDC", 10_001, WALLET)  # the venue has the last word about what there is
    assert [(await each.fetch_balance())["USDC"]["total"] for each in pair] == [10_000, 10_000]


async def test_a_transfer_whose_answer_is_lost_is_not_sent_again(paper_venue: Any) -> None:
    venue = await paper_venue("extended", seed=7, accounts=2)
    one, other = (ccxt_dex.extended(venue.config(name)) for name in venue.server.accounts[:2])
    try:
        target = (await other.identity()).info["accountId"]
        await venue.fault({"kind": "lose_reply", "match": "POST /api/v1/user/transfer"})
        with pytest.raises(ccxt_dex.OrderOutcomeUnknown):
            await one.transfer("USDC", 5, None, target)
        assert (await other.fetch_balance())["USDC"]["total"] == 10_005, "it was executed, once"
    finally:
        await one.close()
        await other.close()


async def test_a_withdrawal_whose_answer_is_lost_is_not_sent_again(paper_venue: Any) -> None:
    venue = await paper_venue("extended", seed=7)
    one = ccxt_dex.extended(venue.config())
    try:
        await venue.fault({"kind": "lose_reply", "match": "POST /api/v1/user/withdrawal"})
        with pytest.raises(ccxt_dex.OrderOutcomeUnknown, match="fetch_withdrawals"):
            await one.withdraw("USDC", "5.25", WALLET)
        asked = [json.loads(row.body)["amount"] for row in venue.requests() if row.path.endswith("/user/withdrawal")]
        assert asked == ["5.25"] and (await one.fetch_balance())["USDC"]["total"] == 9_994.75
    finally:
        await one.close()
