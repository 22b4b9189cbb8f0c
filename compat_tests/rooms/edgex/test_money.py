"""Money whose answer is lost: it moved once, and nobody moves it again."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from ccxt_dex.errors import OrderOutcomeUnknown
from compat_tests.rooms.edgex.desk import desk


def sent(venue: Any, name: str) -> list[Any]:
    return [json.loads(row.body) for row in venue.requests() if row.path.endswith(name)]


async def test_a_transfer_whose_answer_is_lost_is_not_sent_again() -> None:
    async with desk(accounts=2) as (venue, ex):
        await venue.fault({"kind": "lose_reply", "match": "*createTransferOut"})
        with pytest.raises(OrderOutcomeUnknown, match="move-1"):
            await ex.transfer("USDC", "2.5", "swap", venue.config("bob")["uid"], {"clientTransferId": "move-1"})
        assert [row["amount"] for row in sent(venue, "createTransferOut")] == ["2.5"]
        assert venue.engine.balances("alice").balance == Decimal("99997.5")
        assert venue.engine.balances("bob").balance == Decimal("100002.5")


async def test_a_withdrawal_whose_answer_is_lost_is_not_sent_again() -> None:
    async with desk() as (venue, ex):
        await venue.fault({"kind": "lose_reply", "match": "*submitAssetFlow"})
        with pytest.raises(OrderOutcomeUnknown, match="797262983856459776"):
            params = {"source": "perpv2", "clientWithdrawId": "797262983856459776"}
            await ex.withdraw("USDC", 5, ex.wallet_signer().address, None, params)
        (asked,) = sent(venue, "submitAssetFlow")
        assert (asked["attempt"]["amount"], asked["attempt"]["fee"]) == ("4900000", "100000")
        assert venue.engine.balances("alice").balance == 99_995
