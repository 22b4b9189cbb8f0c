"""What counts as news about an order, several orders one by one, and a leverage as users give it."""

from __future__ import annotations

from typing import Any

import pytest

from ccxt_dex._ccxt import errors
from ccxt_dex.errors import OrderOutcomeUnknown
from ccxt_dex.exact import Refused, whole_leverage
from ccxt_dex.news import further_on, later_picture
from ccxt_dex.parts.batches import OneByOne
from compat_tests.core.demo import MARKET, SYMBOL, demo


def order(status: str = "open", at: int | None = 5, filled: float | None = 1.0, **more: Any) -> dict[str, Any]:
    return {"status": status, "lastUpdateTimestamp": at, "filled": filled, "price": 1.0, "amount": 3.0, "triggerPrice": None, **more}


@pytest.mark.parametrize(
    ("news", "known", "further", "later"),
    [
        (order(), order(), True, False),  # the same once more: harmless in one way of telling, nothing new in the other
        (order(at=6), order(), True, False),
        (order(at=6, filled=2.0), order(), True, True),
        (order(at=4, filled=2.0), order(), False, False),
        (order(filled=0.5), order(), False, True),
        (order(at=None, price=2.0), order(at=None), True, True),
        (order("closed", at=4), order(), True, True),
        (order(at=9), order("closed"), False, False),
        (order("canceled", at=9), order("closed"), True, False),
        (order("canceled", at=5), order("closed"), False, False),
    ],
)
def test_what_is_news(news: dict[str, Any], known: dict[str, Any], further: bool, later: bool) -> None:
    assert further_on(news, known) is further
    assert later_picture(news, known) is later


@pytest.mark.parametrize("value", [1, "20", 20.0])
def test_a_whole_leverage(value: Any) -> None:
    assert whole_leverage({"limits": {"leverage": {"min": 1, "max": 20}}}, value) == int(float(value))
    assert whole_leverage({"limits": {}}, value) == int(float(value))


@pytest.mark.parametrize("value", [0, 1.5, 21, "x", True, None])
def test_a_leverage_that_is_none(value: Any) -> None:
    with pytest.raises(Refused) as refused:
        whole_leverage({"limits": {"leverage": {"min": 1, "max": 20}}}, value)
    assert refused.value.kind == "bad_request"


class Single(OneByOne, demo):
    """A room that places what has an amount below 10, and tells for others what went wrong."""

    def describe(self) -> Any:
        return self.deep_extend(super().describe(), {"id": "single"})

    def _fresh_state(self) -> None:
        super()._fresh_state()
        self.placed: list[str] = []

    def batch_member(self, row: dict[str, Any], params: Any) -> tuple[Any, ...]:
        if row["amount"] < 0:
            raise errors.InvalidOrder("amount")
        own = {**params, "clientOrderId": row["params"]["clientOrderId"]}
        return (row["symbol"], row["type"], row["side"], row["amount"], row.get("price"), own)

    async def create_order(self, symbol: str, type: str, side: str, amount: Any, price: Any = None, params: Any = None) -> Any:
        name = params["clientOrderId"]
        if amount >= 10:
            raise {10: errors.InsufficientFunds("funds"), 11: errors.NetworkError("down"), 12: OrderOutcomeUnknown("lost", [name])}[amount]
        self.placed.append(name)
        return {"id": name, "status": "open"}


def rows(*amounts: int) -> list[dict[str, Any]]:
    make = {"symbol": SYMBOL, "type": "limit", "side": "buy", "price": 5.0}
    return [{**make, "amount": amount, "params": {"clientOrderId": f"c{number}"}} for number, amount in enumerate(amounts)]


@pytest.fixture
def single() -> Any:
    ex = Single()
    ex.set_markets([MARKET])
    return ex


async def test_a_refused_member_leaves_the_others(single: Any) -> None:
    first, second = await single.create_orders(rows(1, 10))
    assert (first["id"], first["status"]) == ("c0", "open")
    assert (second["status"], second["clientOrderId"], second["filled"], second["price"]) == ("rejected", "c1", 0, 5)
    assert second["info"] == {"error": "InsufficientFunds", "message": "funds"}
    await single.close()


async def test_nothing_is_sent_when_one_cannot_be(single: Any) -> None:
    with pytest.raises(errors.InvalidOrder):
        await single.create_orders(rows(1, -1))
    assert single.placed == []
    await single.close()


async def test_a_member_of_unknown_outcome_is_named(single: Any) -> None:
    with pytest.raises(OrderOutcomeUnknown) as unknown:
        await single.create_orders(rows(1, 12, 12))
    assert "c1, c2" in str(unknown.value)
    assert single.placed == ["c0"]
    await single.close()


async def test_trouble_of_the_connection_is_not_a_refusal(single: Any) -> None:
    with pytest.raises(errors.NetworkError):
        await single.create_orders(rows(11, 11))
    await single.close()
