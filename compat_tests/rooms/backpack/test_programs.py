"""What the venue has beside orders: strategies that work an order over a time, loans, deposits. Nothing of it happens twice."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from ccxt_dex import _ccxt
from ccxt_dex._ccxt import errors
from ccxt_dex.errors import OrderOutcomeUnknown
from ccxt_dex.exchanges.backpack import parsing
from ccxt_dex.reading import Unreadable
from compat_tests.contract.desk import until

SYMBOL, SPOT = "ETH/USDC:USDC", "SOL/USDC"
STRATEGY, LOAN = "POST /api/v1/strategy", "POST /api/v1/borrowLend"


# --- strategies -----------------------------------------------------------------------------------------------------------------------


async def test_a_twap_order_is_worked_to_its_end(ex: Any) -> None:
    made = await ex.create_twap_order(SYMBOL, "buy", 0.5, 90, {"interval": 30, "clientOrderId": "slowly"})
    assert (made["side"], made["amount"], made["status"], made["clientOrderId"]) == ("buy", 0.5, "open", "slowly")

    async def ended() -> Any:
        found = await ex.fetch_twap_order(made["id"], SYMBOL)
        return found if found["status"] != "open" else None

    done = await until(ended, "the end")
    assert (done["status"], done["filled"], done["clientOrderId"]) == ("closed", 0.5, "slowly") and done["average"] > 0
    trades = await ex.fetch_my_trades(SYMBOL)
    assert len({trade["order"] for trade in trades}) == 3 and sum(Decimal(str(trade["amount"])) for trade in trades) == Decimal("0.5")
    with pytest.raises(errors.OrderNotFound):
        await ex.cancel_twap_order(made["id"], SYMBOL)


async def test_a_twap_order_is_cancelled(ex: Any) -> None:
    made = await ex.create_twap_order(SYMBOL, "sell", 1, 3_600_000, {"clientOrderId": "7"})
    assert (await ex.cancel_twap_order(None, SYMBOL, {"clientOrderId": "7"}))["status"] == "canceled"
    found = await ex.fetch_twap_order(made["id"], SYMBOL)
    assert (found["status"], found["amount"], found["info"]["interval"]) == ("canceled", 1, 30_000)
    assert Decimal(str(found["filled"])) == Decimal("0.0083") and (await ex.fetch_positions())[0]["contracts"] == 0.0083
    with pytest.raises(errors.OrderNotFound):
        await ex.fetch_twap_order("1", SYMBOL)


@pytest.mark.parametrize("fault", [{"kind": "lose_reply"}, {"kind": "http_status", "status": 502, "execute": True}], ids=["lost", "502"])
async def test_a_lost_twap_order_is_found_and_not_sent_again(venue: Any, ex: Any, fault: dict[str, Any]) -> None:
    await venue.fault({**fault, "match": STRATEGY})
    made = await ex.create_twap_order(SYMBOL, "buy", 0.1, 3_600_000)
    assert made["status"] == "open" and venue.server.log.endpoints[STRATEGY] == 1
    assert [row["id"] for row in await ex.call("privateGetApiV1Strategies")] == [made["id"]]


async def test_a_twap_order_of_which_nobody_can_tell(venue: Any, ex: Any) -> None:
    await venue.fault({"kind": "lose_reply", "match": STRATEGY})
    await venue.fault({"kind": "http_status", "status": 503, "match": "GET /*trateg*", "count": 50})
    with pytest.raises(OrderOutcomeUnknown) as caught:
        await ex.create_twap_order(SYMBOL, "buy", 0.1, 3_600_000, {"clientOrderId": "mine"})
    assert caught.value.client_order_ids == ["mine"] and venue.server.log.endpoints[STRATEGY] == 1
    assert not isinstance(caught.value, errors.NetworkError), "which would invite a retry"


@pytest.mark.parametrize(
    "amount,duration,params,kind",
    [
        (0.00001, 60_000, {}, errors.InvalidOrder),
        (1, 60_000.5, {}, errors.InvalidOrder),
        (1, 0, {}, errors.InvalidOrder),
        (1, 60_000, {"interval": 90_000}, errors.InvalidOrder),
        (1, 60_000, {"reduceOnly": "yes"}, errors.InvalidOrder),
        (1, 60_000, {"trailingAmount": 5}, errors.NotSupported),
    ],
)
async def test_twap_orders_that_are_refused_here(venue: Any, ex: Any, amount: Any, duration: Any, params: Any, kind: Any) -> None:
    with pytest.raises(kind):
        await ex.create_twap_order(SYMBOL, "buy", amount, duration, params)
    assert venue.server.log.endpoints[STRATEGY] == 0


def test_a_strategy_of_an_unknown_status_fails_loudly() -> None:
    row = {"id": "1", "status": "Paused", "side": "Bid", "quantity": "1", "createdAt": "2025-08-01T00:00:00"}
    with pytest.raises(Unreadable):
        parsing.strategy(row)
    assert parsing.strategy({**row, "status": "Terminated"})["status"] == "canceled"


# --- loans ----------------------------------------------------------------------------------------------------------------------------


async def test_coins_are_borrowed_sold_bought_back_and_repaid(ex: Any) -> None:
    with pytest.raises(errors.InsufficientFunds):
        await ex.create_order(SPOT, "market", "sell", 2)
    loan = await ex.borrow_cross_margin("SOL", 3)
    assert (loan["currency"], loan["amount"]) == ("SOL", 3)
    await ex.create_order(SPOT, "market", "sell", 2)
    (owed,) = await ex.fetch_borrow_interest("SOL")
    assert (owed["amountBorrowed"], owed["interest"], owed["marginMode"]) == (3, 0, "cross")
    with pytest.raises(errors.InsufficientFunds):
        await ex.repay_cross_margin("SOL", 2)
    await ex.create_order(SPOT, "market", "buy", 2.01)
    await ex.repay_cross_margin("SOL", 3)
    assert await ex.fetch_borrow_interest() == [] and (await ex.fetch_balance())["SOL"]["total"] == pytest.approx(0.00799)


async def test_a_loan_never_becomes_its_opposite(venue: Any, ex: Any) -> None:
    await ex.borrow_cross_margin("SOL", 1)
    with pytest.raises(errors.OperationRejected, match="lent out"):
        await ex.repay_cross_margin("SOL", 1.5)
    with pytest.raises(errors.OperationRejected, match="lent out"):
        await ex.repay_cross_margin("USDC", 1)
    with pytest.raises(errors.InvalidOrder):
        await ex.borrow_cross_margin("SOL", -1)
    sent = venue.server.log.endpoints[LOAN]
    assert sent == 1, "and nothing was sent"

    async def lent(endpoint: str, params: Any = None) -> Any:
        return [{"symbol": "SOL", "netQuantity": "5"}]

    ex.call = lent
    with pytest.raises(errors.OperationRejected, match="redeem"):
        await ex.borrow_cross_margin("SOL", 1)
    assert venue.server.log.endpoints[LOAN] == sent


async def test_a_lost_loan_is_not_sent_again(venue: Any, ex: Any) -> None:
    await venue.fault({"kind": "lose_reply", "match": LOAN})
    with pytest.raises(OrderOutcomeUnknown, match="Borrow 2 SOL"):
        await ex.borrow_cross_margin("SOL", 2)
    assert venue.server.log.endpoints[LOAN] == 1 and (await ex.fetch_borrow_interest())[0]["amountBorrowed"] == 2


async def test_rates_of_loans(ex: Any) -> None:
    rates = await ex.fetch_cross_borrow_rates()
    assert rates["SOL"]["rate"] == 0.0525 and rates["SOL"]["period"] == 365 * 86_400_000 and rates["SOL"]["timestamp"]
    assert (await ex.fetch_cross_borrow_rate("SOL"))["currency"] == "SOL"
    with pytest.raises(errors.BadSymbol):
        await ex.fetch_cross_borrow_rate("HYPE")


# --- deposits -------------------------------------------------------------------------------------------------------------------------


async def test_deposits_and_withdrawals_come_as_one_list(venue: Any, ex: Any) -> None:
    await venue.market({"advance_ms": 5000})
    venue.engine.transfer("alice", Decimal(250))
    rows = await ex.fetch_deposits_withdrawals("USDC")
    assert [(row["type"], row["amount"], row["status"]) for row in rows] == [("deposit", 100_000, "ok"), ("deposit", 250, "ok")]
    assert [row["amount"] for row in await ex.fetch_deposits_withdrawals(None, rows[1]["timestamp"])] == [250]
    taken = {
        "id": 9,
        "quantity": "40",
        "symbol": "USDC",
        "createdAt": "2020-01-01T00:00:00",
        "status": "confirmed",
        "blockchain": "Solana",
        "fee": "1",
    }

    async def fetch_withdrawals(*args: Any) -> Any:
        return ex.parse_transactions([taken], None)

    ex.fetch_withdrawals = fetch_withdrawals
    assert [row["amount"] for row in await ex.fetch_deposits_withdrawals()] == [40, 100_000, 250]


def test_ccxt_has_no_stream_of_open_interest() -> None:
    """When ccxt gets one this turns red, and the venue's stream can be offered under its name."""
    assert "watchOpenInterest" not in _ccxt.Exchange().has
