"""TreadFi's official client on the local venues of both flavours, unmodified but for its address.

It has no part that signs, streams or reads the venue, so there is nothing of it to compare bytes with: what it shows is that our side of Tread
speaks as the client's own author understood Tread. Not served there: multi orders, chains, closing of balances and order messages, whose answers
are documented nowhere.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import ccxt_dex
from ccxt_dex import paper
from compat_tests.peers.programs import run

PROGRAM = Path(__file__).with_name("treadfi_client.py")
# the client imports requests without saying so
REQUIREMENTS = ["taas-api-client==1.2.9", "requests"]
SYMBOL = "BTC/USDC:USDC"


@pytest.mark.peers
@pytest.mark.parametrize("flavour", ["treadfi_hl", "treadfi_pc"])
async def test_the_official_client_trades_on_the_local_venue(peer: Callable[..., Path], flavour: str) -> None:
    python = peer("treadfi", REQUIREMENTS)
    async with paper.start(flavour, seed=7) as venue:
        await venue.market({"pause": True})
        mine, user = venue.config(), venue.server.adapter.people.users["alice"]
        price = int(venue.engine.best("BTC")[0] * Decimal("0.9")) // 100 * 100
        asked = {"url": venue.url, "token": mine["apiKey"], "account": mine["uid"], "account_id": user.account_id}
        said: dict[str, Any] = await run(python, PROGRAM, {**asked, "pair": "BTC:PERP-USDC", "price": price})
        number = said["rest"]["id"]
        assert said["rest"]["status"] == "ACTIVE" and said["rest"]["custom_order_id"] == "mine-1"
        assert Decimal(said["summary"]["target_order_qty"]) == Decimal("0.001") and said["detail"]["order"]["id"] == number
        assert [(row["id"], Decimal(row["target_order_qty"])) for row in said["active"]["orders"]] == [(number, Decimal("0.002"))]
        assert "success" in said["cancel"]["message"].lower() and [row["id"] for row in said["canceled"]["orders"]] == [number]
        assert Decimal(said["filled"]["pct_filled"]) == 100 and "insufficient" in said["refused"]["failure_reason"]
        assert venue.engine.leverage("alice", "BTC") == 7
        assets = {row["symbol"]: row for row in said["balances"]["alice"]["assets"]}
        assert assets["BTC:PERP-USDC"]["size"] == 0.002 and assets["USDC"]["size"] > 0
        wrong = said["wrong"]
        assert "Invalid token" in wrong["token"] and "Unknown account" in wrong["account"] and "already used" in wrong["twice"]
        assert "unexpected strategy" in wrong["strategy"], "the client refuses that itself"
        # what the client did, seen by ours
        ex: Any = getattr(ccxt_dex, flavour)(mine)
        try:
            rows = {row["id"]: row for row in await ex.fetch_orders(SYMBOL)}
            assert (rows[number]["status"], rows[number]["clientOrderId"], rows[number]["amount"]) == ("canceled", "mine-1", 0.002)
            assert rows[said["market"]["id"]]["status"] == "closed" and rows[said["broke"]["id"]]["status"] == "rejected"
        finally:
            await ex.close()
