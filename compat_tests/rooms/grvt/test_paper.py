"""The paper venue by itself: what it refuses, with the codes and texts of the spec, whoever asks."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ccxt_dex import signers
from ccxt_dex.exchanges.grvt import signing
from compat_tests.rooms.grvt.test_every_true import SYMBOL, desk
from compat_tests.rooms.grvt.test_room import low, until

HIGH_S = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
HASHES = {"BTC_USDT_Perp": ("0x030501", 9)}


class Raw:
    """Requests by hand, with a session that the room made."""

    def __init__(self, venue: Any, ex: Any) -> None:
        self.venue, self.ex, self.key = venue, ex, ex.privateKey

    def order(self, seconds: float = 600, chain: int = 325, **changes: Any) -> dict[str, Any]:
        leg = {"instrument": "BTC_USDT_Perp", "size": "0.01", "limit_price": str(low(self.venue)), "is_buying_asset": True}
        fields = signing.unsigned(self.ex.nonce(), self.ex.expires_in(seconds), chain)
        order = {
            "sub_account_id": self.venue.adapter.subs["alice"],
            "is_market": False,
            "time_in_force": "GOOD_TILL_TIME",
            "post_only": False,
            "reduce_only": False,
            "legs": [{**leg, **changes.pop("leg", {})}],
            "metadata": {"client_order_id": self.ex.new_client_order_id()},
            **changes,
        }
        return self.signed({**order, "signature": fields}, chain)

    def signed(self, order: dict[str, Any], chain: int = 325) -> dict[str, Any]:
        signer = signers.make("eip712", self.key)
        made = signer.sign_digest(signing.order(order, HASHES, chain))
        return {**order, "signature": signing.wire_signature(order["signature"], signer.address, made)}

    async def post(self, path: str, body: Any, cookie: bool = True) -> tuple[int, Any]:
        session = await self.ex.live_session()
        headers = {"Content-Type": "application/json", **(self.ex.session_headers(session) if cookie else {})}
        async with aiohttp.ClientSession() as http, http.post(f"{self.venue.url}{path}", data=json.dumps(body), headers=headers) as answer:
            return answer.status, await answer.json()

    async def create(self, order: Any) -> int:
        """The code of the answer, 0 for an accepted order."""
        status, answer = await self.post("/trades/full/v1/create_order", {"order": order})
        assert status == answer.get("status", 200) and ("message" in answer) is ("code" in answer)
        return int(answer.get("code", 0))


def change(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def apply(order: dict[str, Any]) -> None:
        *parents, last = path.split(".")
        for name in parents:
            order = order[int(name)] if name.isdigit() else order[name]  # type: ignore[index]
        order[last] = value

    return apply


AFTER_SIGNING = [
    (change("legs.0.size", "0.02"), 2002),
    (change("legs.0.limit_price", "1.0"), 2002),
    (change("legs.0.is_buying_asset", False), 2002),
    (change("reduce_only", True), 2002),
    (change("post_only", True), 2002),
    (change("time_in_force", "FILL_OR_KILL"), 2002),
    (change("is_market", True), 2002),
    (change("signature.nonce", 7), 2002),
    (change("signature.signer", "0x" + "1" * 40), 2002),
    (change("builder", "0x" + "1" * 40), 1003),
    (change("signature.v", 29), 2005),
    (change("signature.r", "0x12"), 2006),
    (change("signature.chain_id", "326"), 1012),
    (change("sub_account_id", "5"), 2003),
    (change("legs", []), 2040),
    (change("time_in_force", "ALL_OR_NONE"), 2030),
]


@pytest.mark.parametrize("apply,code", AFTER_SIGNING, ids=lambda value: str(value) if isinstance(value, int) else "")
async def test_what_was_not_signed_is_refused(apply: Any, code: int) -> None:
    async with desk() as (venue, ex):
        raw = Raw(venue, ex)
        order = raw.order()
        apply(order)
        if "builder" in order:
            order["builder_fee"] = "0.01"
            code = 2002
        assert await raw.create(order) == code
        assert venue.engine.account("alice").orders == {}


async def test_a_trigger_is_not_signed() -> None:
    """So it could be changed on the way; the venue's design, which the test keeps in mind."""
    async with desk() as (venue, ex):
        raw = Raw(venue, ex)
        order = raw.order()
        order["metadata"]["trigger"] = {"trigger_type": "STOP_LOSS", "tpsl": {"trigger_by": "LAST", "trigger_price": "70000"}}
        assert await raw.create(order) == 0


@pytest.mark.parametrize("seconds,code", [(-1, 2001), (31 * 86_400, 2008)])
async def test_signatures_have_a_time(seconds: float, code: int) -> None:
    async with desk() as (venue, ex):
        assert await Raw(venue, ex).create(Raw(venue, ex).order(seconds)) == code


async def test_signatures_of_another_chain_or_key() -> None:
    async with desk() as (venue, ex):
        raw = Raw(venue, ex)
        other = raw.order(chain=326)
        other["signature"]["chain_id"] = "325"
        assert await raw.create(other) == 2002
        raw.key = venue.wrong_key()["privateKey"]
        assert await raw.create(raw.order()) == 2000


async def test_the_upper_half_of_the_curve_is_refused() -> None:
    async with desk() as (venue, ex):
        raw = Raw(venue, ex)
        order = raw.order()
        order["signature"]["s"] = f"0x{HIGH_S - int(order['signature']['s'], 16):064x}"
        order["signature"]["v"] = 55 - order["signature"]["v"]
        assert await raw.create(order) == 2007


TERMS = [
    ({"leg": {"size": "0.0001"}}, 2062),
    ({"leg": {"size": "0.0105"}}, 2065),
    ({"leg": {"size": "2000"}}, 2081),
    ({"leg": {"size": "0.001"}}, 2066),
    ({"leg": {"limit_price": "60000.05"}}, 2064),
    ({"leg": {"limit_price": "0"}}, 2021),
    ({"is_market": True}, 2020),
    ({"post_only": True, "time_in_force": "IMMEDIATE_OR_CANCEL"}, 2032),
    ({"reduce_only": True}, 2400),
    ({"metadata": {"client_order_id": "0"}}, 2011),
    (
        {
            "metadata": {
                "client_order_id": "5",
                "trigger": {"trigger_type": "STOP_LOSS", "tpsl": {"trigger_by": "LAST", "trigger_price": "0"}},
            }
        },
        2113,
    ),
    (
        {
            "metadata": {
                "client_order_id": "5",
                "trigger": {"trigger_type": "STOP_LOSS", "tpsl": {"trigger_by": "MOON", "trigger_price": "1"}},
            }
        },
        2110,
    ),
    ({"state": {"status": "OPEN"}}, 2050),
    ({"order_id": "0x12"}, 2010),
]


@pytest.mark.parametrize("changes,code", TERMS, ids=lambda value: str(value) if isinstance(value, int) else "")
async def test_terms_that_the_venue_refuses(changes: dict[str, Any], code: int) -> None:
    async with desk() as (venue, ex):
        raw = Raw(venue, ex)
        assert await raw.create(raw.order(**copy.deepcopy(changes))) == code


async def test_an_active_client_id_is_taken() -> None:
    async with desk() as (venue, ex):
        raw = Raw(venue, ex)
        first, second = (raw.order(metadata={"client_order_id": "77"}) for _ in range(2))
        assert [await raw.create(first), await raw.create(second)] == [0, 2012]
        await until(lambda: venue.engine.open_orders("alice"), "it rests")
        await ex.cancel_order("77", SYMBOL)
        assert await raw.create(raw.order(metadata={"client_order_id": "77"})) == 0


async def test_without_a_session() -> None:
    async with desk() as (venue, ex):
        raw = Raw(venue, ex)
        status, answer = await raw.post("/trades/full/v1/positions", {}, cookie=False)
        assert (status, answer["code"], answer["message"]) == (401, 1000, "You need to authenticate prior to using this functionality")
        async with aiohttp.ClientSession() as http:
            with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
                await http.ws_connect(venue.config()["urls"]["api"]["ws"]["privateTrading"])
            assert caught.value.status == 401


async def test_somebody_elses_account() -> None:
    async with desk(accounts=2) as (venue, ex):
        raw = Raw(venue, ex)
        assert (await raw.post("/trades/full/v1/positions", {"sub_account_id": venue.adapter.subs["bob"]}))[1]["code"] == 1001


async def test_a_trading_key_moves_no_money() -> None:
    async with desk() as (venue, ex):
        from ccxt_dex._ccxt import errors

        with pytest.raises(errors.PermissionDenied, match="2000"):
            await ex.transfer("USDT", 1, "funding", "trading")
        with pytest.raises(errors.PermissionDenied, match="2000"):
            await ex.withdraw("USDT", 1, "0x" + "1" * 40)
        assert venue.adapter.funding["alice"] == 50_000


async def test_a_builder_that_nobody_authorised() -> None:
    async with desk() as (venue, ex):
        raw = Raw(venue, ex)
        order = raw.order()
        order = raw.signed({**order, "builder": "0x" + "2" * 40, "builder_fee": "0.01", "signature": order["signature"]})
        assert await raw.create(order) == 7504


JUNK = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=6), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3), max_leaves=6)  # fmt: skip


async def test_garbage_is_answered_never_crashed_on() -> None:
    """A mistake of the venue's would answer 500 and make `paper.start` raise at the end."""
    async with desk() as (venue, ex):
        raw = Raw(venue, ex)
        bodies: list[Any] = []

        @settings(max_examples=60, database=None, suppress_health_check=list(HealthCheck))
        @given(
            st.dictionaries(
                st.sampled_from(["order", "orders", "sub_account_id", "order_id", "client_order_id", "order_i_ds"]), JUNK, max_size=4
            )
        )
        def collect(body: Any) -> None:
            bodies.append(body)

        collect()
        for body in bodies:
            for path in ("v1/create_order", "v2/bulk_orders", "v1/cancel_order", "v1/order"):
                status, answer = await raw.post(f"/trades/full/{path}", body)
                assert status < 500, (path, body, answer)
