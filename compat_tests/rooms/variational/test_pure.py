"""Signing, precision, instruments, parsing and the bound of market orders: no network, no exchange object."""

from __future__ import annotations

import base64
import json
from decimal import Decimal
from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_defunct
from hypothesis import given
from hypothesis import strategies as st

from ccxt_dex import signers
from ccxt_dex.exact import Refused, plain
from ccxt_dex.exchanges.variational import orders, parsing, signing
from ccxt_dex.reading import Unreadable
from compat_tests.rooms.variational.samples import ASSETS, BTC, ORDER, PORTFOLIO, POSITION, QUOTE, STATS, STOP, TRADE, TRANSFER

KEY, ADDRESS = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80", "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
TEXT = (
    "omni.variational.io wants you to sign in with your Ethereum account:\n0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266\n\n"
    "I accept Variational's Terms of Service: https://docs.variational.io/legal/terms-of-service.\n\n"
    "URI: https://omni.variational.io/api/auth/login\nVersion: 1\nChain ID: 42161\nNonce: testnonce123\nIssued At: 2026-07-03T10:00:00+00:00"
)
SIGNED = (
    "dcb05d289de387dce1cfb0e5fc8a8f92b926dcd00679ddaf37b7cbcd569652e83b704ce543655a41814431942691144e9d326787f7f27775d7391ae81dfa6c9c1c"
)
MARKET: dict[str, Any] = {**parsing.market(ASSETS["BTC"][0]), "active": True}  # type: ignore[dict-item]


def jwt(claims: dict[str, Any]) -> str:
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"eyJhbGciOiJIUzI1NiJ9.{body}.c2lnbmF0dXJlLW9mLXRlc3Rz"


# --- sign-in ------------------------------------------------------------------------------------------------------------------------------


def test_the_vector_of_the_sign_in() -> None:
    """Computed with eth-account 0.14.0 over a text whose shape is that of a browser's recording of 2026-07-03."""
    assert len(TEXT.encode()) == 338
    assert signing.login_signature(signers.make("eip712", KEY).personal_sign(TEXT)) == SIGNED


def test_the_second_vector() -> None:
    other = signers.make("eip712", "0x4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318")
    wanted = (
        "0d5df3f9681b000a5b3a1d4252803318136714deba10c578f9b33718ad9c816e5520a6f19168136aa11e38d691d28a422bce4be3bf290fdb8efe45cdaefb20251c"
    )
    assert signing.login_signature(other.personal_sign("hello world")) == wanted


@given(st.integers(min_value=1, max_value=2**200), st.text(max_size=60))
def test_every_signature_is_recovered_by_another_library(number: int, text: str) -> None:
    key = f"0x{number:064x}"
    signature = signing.login_signature(signers.make("eip712", key).personal_sign(TEXT + text))
    assert len(signature) == 130 and signature[-2:] in ("1b", "1c")
    assert Account.recover_message(encode_defunct(text=TEXT + text), signature=bytes.fromhex(signature)) == Account.from_key(key).address


@pytest.mark.parametrize("answer", [TEXT, json.dumps(TEXT), {"message": TEXT}])
def test_the_text_comes_in_three_shapes(answer: Any) -> None:
    assert signing.text_to_sign(answer, ADDRESS) == TEXT


@pytest.mark.parametrize(
    "answer",
    [
        "I hereby transfer everything",
        {"message": "x"},
        None,
        {},
        5,
        TEXT.replace(ADDRESS, "0x" + "1" * 40),
        TEXT.replace("omni", "evil", 1),
    ],
)
def test_nothing_but_a_sign_in_of_this_wallet_is_signed(answer: Any) -> None:
    with pytest.raises(Refused):
        signing.text_to_sign(answer, ADDRESS)


def test_addresses_are_checksummed() -> None:
    assert signing.checksummed(ADDRESS.lower()) == signing.checksummed(ADDRESS[2:]) == ADDRESS
    for bad in ("0x12", "", "0x" + "g" * 40, None):
        with pytest.raises(Refused):
            signing.checksummed(bad)


def test_what_tokens_say() -> None:
    token = jwt({"exp": 1_900_000_000, "address": ADDRESS})
    assert signing.expiry_ms(token) == 1_900_000_000_000 and signing.token_address(token) == ADDRESS
    for odd in ("", "a.b", "a.b.c", jwt({"exp": True, "address": 5}), "x.eyJ4.y"):
        assert signing.expiry_ms(odd) is None and signing.token_address(odd) is None


# --- precision ----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("price", "tick", "least"),
    [("63346.75", "0.000001", "0.000002"), ("85734.27", "0.000001", "0.000002"), ("2000", "0.00001", "0.00005"), ("1884.97", "0.00001", "0.00006"),
     ("150", "0.0001", "0.0007"), ("100", "0.001", "0.001"), ("71.7", "0.001", "0.002"), ("9.99", "0.01", "0.02"), ("0.5", "0.1", "0.2"),
     ("0.05", "1", "2"), ("0.00002528", "1", "3956")],
)  # fmt: skip
def test_sizes_follow_the_price_as_the_official_sdk_computes_them(price: str, tick: str, least: str) -> None:
    assert tuple(map(plain, parsing.amount_rule(Decimal(price)))) == (tick, least)


@pytest.mark.parametrize(
    ("price", "shown"),
    [("63346.7543455801", "63346.75"), ("1884.97104917394", "1884.97"), ("71.7001303911234", "71.7001"), ("9.87654321", "9.87654"),
     ("1.123456789", "1.12346"), ("0.987654", "0.9877"), ("0.0123456789", "0.01235"), ("0.00000123456", "0.000001235"), ("123456.789", "123456.79")],
)  # fmt: skip
def test_prices_are_shown_as_the_official_sdk_rounds_them(price: str, shown: str) -> None:
    assert plain(parsing.rounded(Decimal(price))) == shown


@given(st.decimals(min_value="1e-9", max_value="1e7", allow_nan=False, places=12).filter(lambda price: price > 0))
def test_the_smallest_size_is_worth_the_minimum_and_one_step_less_is_not(price: Decimal) -> None:
    tick, least = parsing.amount_rule(price)
    assert least % tick == 0 and least * price >= Decimal("0.1") > (least - tick) * price and tick <= 1


def test_the_rule_fits_the_recorded_quote() -> None:
    tick, least = parsing.amount_rule(Decimal(QUOTE["mark_price"]))
    for side in ("buy", "sell"):
        limits = parsing.quote_limits(QUOTE, side)
        assert (limits["tick"], limits["min"]) == (tick, least)


# --- instruments --------------------------------------------------------------------------------------------------------------------------

KINDS = [
    ({"asset": "BTC", "instrument_type": "perpetual_future", "funding_interval_s": 28800}, BTC, "P-BTC-USDC-3600"),
    (
        {
            "asset": "PEPE",
            "instrument_type": "perpetual_future",
            "dex_token_details": {"network": "ethereum", "underlying_address": "0xabc"},
        },
        {**BTC, "underlying": "PEPE", "dex_token_details": {"network": "ethereum", "underlying_address": "0xabc"}},
        "P-ethereum_0xabc-PEPE-USDC-3600",
    ),
    (
        {"asset": "GOOGL", "instrument_type": "perpetual_rwa_future", "asset_class": "equity", "funding_interval_s": 28800},
        {"underlying": "GOOGL", "instrument_type": "perpetual_rwa_future", "settlement_asset": "USDC", "kind": "equity"},
        "P-RWA/EQY-GOOGL-USDC",
    ),
    (
        {"asset": "US100S", "instrument_type": "swap", "asset_class": "index", "funding_interval_s": 0},
        {"underlying": "US100S", "instrument_type": "swap", "settlement_asset": "USDC", "kind": "index", "funding_interval_s": 0},
        "C-IDX-US100S-USDC-0",
    ),
    (
        {"asset": "XAU", "instrument_type": "perpetual_cfd", "asset_class": "commodity", "funding_interval_s": 14400},
        {
            "underlying": "XAU",
            "instrument_type": "perpetual_cfd",
            "settlement_asset": "USDC",
            "kind": "commodity",
            "funding_interval_s": 14400,
        },
        "C-CMD-XAU-USDC-14400",
    ),
]


@pytest.mark.parametrize(("row", "made", "key"), KINDS, ids=[key for _, _, key in KINDS])
def test_every_kind_has_its_object_and_its_key(row: dict[str, Any], made: dict[str, Any], key: str) -> None:
    found = parsing.instrument(row)
    assert found == made and parsing.key(found) == key


@pytest.mark.parametrize("kind", ["dated_future", "vanilla_option", "something_new", None, 7])
def test_unknown_kinds_are_left_out_and_never_taken_for_perpetuals(kind: Any) -> None:
    assert parsing.market({**ASSETS["BTC"][0], "instrument_type": kind}) is None


def test_a_share_is_no_perpetual_of_a_coin() -> None:
    found = parsing.market(ASSETS["SHAZ"][0])
    assert found is not None and found["instrument"]["instrument_type"] == "perpetual_rwa_future" and found["id"] == "P-RWA/EQY-SHAZ-USDC"
    assert parsing.market({**ASSETS["SHAZ"][0], "asset_class": "forex"}) is None


@pytest.mark.parametrize(("field", "value", "active"), [("is_close_only_mode", True, False), ("market_status", "closed", False), ("market_status", "halted_trading", False), ("market_status", "open", True), ("market_status", "brand_new", True), ("market_status", 9, True)])  # fmt: skip
def test_which_markets_are_open(field: str, value: Any, active: bool) -> None:
    found = parsing.market({**ASSETS["BTC"][0], field: value})
    assert found is not None and found["active"] is active


# --- reading ------------------------------------------------------------------------------------------------------------------------------


def test_the_recorded_answers() -> None:
    assert [row["asset"] for row in parsing.asset_rows({**ASSETS, "EMPTY": [], "ODD": 5, "ODDER": ["x"]})] == ["BTC", "SHAZ"]
    ticker = parsing.listing_ticker(STATS["listings"][0])
    assert (ticker["bid"], ticker["ask"], ticker["timestamp"]) == ("85802.92", "85857.71", 1790083899081)
    found = parsing.quote_ticker(QUOTE)
    assert (found["bid"], found["ask"], found["markPrice"], found["timestamp"]) == (
        "63344.45",
        "63349.06",
        "63346.7543455801",
        1786636915905,
    )
    assert parsing.balance(PORTFOLIO) == {"total": "10000.00000000", "free": "5821.92000000", "used": "4178.08000000"}
    assert [parsing.key(row["instrument"]) for row in parsing.isolated_accounts(PORTFOLIO)] == ["P-ETH-USDC-3600"]
    held = parsing.position(POSITION, "10")
    assert (held["side"], held["contracts"], held["notional"], held["leverage"]) == ("long", "0.500000", "31780.84", "10")
    short = parsing.position({**POSITION, "position_info": {**POSITION["position_info"], "qty": "-0.5"}, "value": "-31780.84"})
    assert (short["side"], short["contracts"], short["notional"]) == ("short", "0.5", "31780.84")
    paid = parsing.transfer(TRANSFER)
    assert (paid["amount"], paid["type"]) == ("-0.0113", "funding")
    assert parsing.trade(TRADE)["cost"] == "499.7300" and parsing.is_fill(TRADE) and not parsing.is_fill({**TRADE, "status": "pending"})


def test_orders_are_filled_whole_or_not_at_all() -> None:
    filled, waiting = parsing.order(ORDER), parsing.order(STOP)
    assert (filled["status"], filled["filled"], filled["average"], filled["cost"]) == ("closed", "0.01141", "1751.58", "19.9855278")
    assert (waiting["status"], waiting["filled"], waiting["stopLossPrice"], waiting["reduceOnly"]) == ("open", "0", "61234.5", True)
    assert parsing.order({**STOP, "qty": None})["amount"] is None
    assert parsing.order({**ORDER, "status": "whatever", "clearing_status": "rejected_failed_taker_funding"})["status"] == "rejected"


@pytest.mark.parametrize(
    ("reader", "raw", "name"),
    [
        (parsing.order, ORDER, "rfq_id"),
        (parsing.order, ORDER, "side"),
        (parsing.order, ORDER, "status"),
        (parsing.order, ORDER, "qty"),
        (parsing.trade, TRADE, "price"),
        (parsing.trade, TRADE, "qty"),
        (parsing.balance, PORTFOLIO, "balance"),
        (parsing.quote, QUOTE, "bid"),
        (parsing.quote, QUOTE, "qty"),
        (parsing.transfer, TRANSFER, "qty"),
        (parsing.position_size, POSITION, "position_info"),
    ],
)
@pytest.mark.parametrize("gone", [None, [], ""], ids=repr)
def test_a_missing_field_of_money_is_named(reader: Any, raw: dict[str, Any], name: str, gone: Any) -> None:
    with pytest.raises(parsing.Missing, match=name):
        reader({**raw, name: gone})


def test_numbers_that_are_none_are_missing_and_unknown_states_are_errors() -> None:
    for reader, raw, name in ((parsing.order, ORDER, "qty"), (parsing.trade, TRADE, "price"), (parsing.quote, QUOTE, "ask")):
        with pytest.raises(parsing.Missing, match=name):
            reader({**raw, name: "abc"})
    with pytest.raises(Unreadable, match="brand_new"):
        parsing.order({**ORDER, "status": "brand_new", "clearing_status": None})


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@given(
    st.dictionaries(
        st.sampled_from(sorted({*ASSETS["BTC"][0], *STATS["listings"][0], "dex_token_details", "market_status", "new"})), ANYTHING
    )
)
def test_public_rows_never_crash_whatever_changes_in_them(changes: dict[str, Any]) -> None:
    """Unknown fields and words degrade; only ccxt's own exceptions may come out, and for a catalogue not even those."""
    parsing.market({**ASSETS["BTC"][0], **changes, "asset": "BTC", "price": "5"})
    parsing.listed_market({**STATS["listings"][0], **changes})
    parsing.funding_rate(changes.get("funding_rate"), changes.get("funding_interval_s"), changes.get("funding_time"))


@given(st.dictionaries(st.sampled_from(sorted({*ORDER, "brand_new"})), ANYTHING))
def test_private_rows_are_read_or_refused_by_name(changes: dict[str, Any]) -> None:
    for reader, raw in ((parsing.order, ORDER), (parsing.trade, TRADE)):
        try:
            found = reader({**raw, **changes})
        except (parsing.Missing, Unreadable):
            continue
        assert found["id"] and found["side"]


def test_rates_are_a_years_and_are_brought_to_the_interval() -> None:
    """The page showed 0.0031 % for 8 hours where the API said 0.033522."""
    found = parsing.funding_rate("0.033522", 28800, "2026-08-13T16:00:00Z")
    assert round(float(found["fundingRate"]) * 100, 4) == 0.0031 and found["annualRate"] == "0.033522" and found["interval"] == "8h"
    assert parsing.funding_rate("0.1", 0, None)["fundingRate"] is None


# --- the book out of quotes ---------------------------------------------------------------------------------------------------------------


def test_levels_are_what_each_next_part_costs() -> None:
    quotes = [(Decimal(1), Decimal("100")), (Decimal(3), Decimal("101")), (Decimal(5), Decimal("102"))]
    assert parsing.levels(quotes, "asks") == [("100", "1"), ("101.5", "2"), ("103.5", "2")]
    assert parsing.levels([(Decimal(1), Decimal("100")), (Decimal(2), Decimal("99"))], "bids") == [("100", "1"), ("98", "1")]


@given(
    st.lists(st.tuples(st.integers(1, 10**6), st.integers(90_000, 110_000)), min_size=1, max_size=6, unique_by=lambda pair: pair[0]),
    st.sampled_from(["bids", "asks"]),
)
def test_levels_are_ordered_and_never_promise_more_than_the_quotes(pairs: list[tuple[int, int]], side: str) -> None:
    quotes = [(Decimal(size), Decimal(price) / 100) for size, price in pairs]
    made = [(Decimal(price), Decimal(size)) for price, size in parsing.levels(quotes, side)]
    prices = [price for price, _ in made]
    assert len(set(prices)) == len(prices) and prices == sorted(prices, reverse=side == "bids")
    assert sum(size for _, size in made) == max(size for size, _ in quotes)
    assert made[0][0] == min(quotes)[1]


# --- orders -------------------------------------------------------------------------------------------------------------------------------


def plan(kind: str = "market", side: str = "buy", amount: Any = "0.001", price: Any = None, **params: Any) -> orders.Plan:
    return orders.new_order(MARKET, kind, side, amount, price, params)


def test_the_stop_of_the_recorded_client() -> None:
    made = plan("market", "sell", "0.001", None, stopLossPrice="61234.5")
    assert made.body == {
        "order_type": "stop_loss", "instrument": BTC, "qty": "0.001", "side": "sell", "trigger_price": "61234.5", "slippage_limit": "0.03",
        "is_reduce_only": True, "is_auto_resize": True, "use_mark_price": True,
    }  # fmt: skip


def test_a_limit_order_to_the_letter() -> None:
    assert plan("limit", "sell", "0.5", "64000", slippage="0.005").body == {
        "order_type": "limit", "instrument": BTC, "qty": "0.5", "side": "sell", "limit_price": "64000", "slippage_limit": "0.005", "is_reduce_only": False,
        "is_auto_resize": False, "use_mark_price": False,
    }  # fmt: skip
    assert plan("limit", "sell", "0.5", 64000, reduceOnly=True).body["is_reduce_only"] is True


def test_exits_go_along_with_an_entry() -> None:
    made = plan(
        "market", takeProfit={"triggerPrice": 70000}, stopLoss={"triggerPrice": "60000", "triggerPriceType": "last", "autoResize": False}
    )
    assert made.body == {
        "side": "buy", "is_reduce_only": False, "take_profit": "70000", "tp_is_auto_resize": True, "tp_use_mark_price": True, "tp_slippage_limit": "0.03",
        "stop_loss": "60000", "sl_is_auto_resize": False, "sl_use_mark_price": False, "sl_slippage_limit": "0.03",
    }  # fmt: skip


@pytest.mark.parametrize(
    "arguments",
    [
        {"postOnly": True}, {"timeInForce": "IOC"}, {"kind": "limit", "price": 1, "timeInForce": "FOK"}, {"triggerPrice": 1}, {"stopPrice": 1},
        {"trailingPercent": 1}, {"leverage": 5}, {"hedged": True}, {"stopLossPrice": 1, "takeProfitPrice": 2}, {"stopLossPrice": 60000, "reduceOnly": False},
        {"kind": "limit", "price": 60000, "takeProfitPrice": 60000}, {"takeProfit": {"triggerPrice": 1, "price": 2}}, {"takeProfit": {}},
        {"reduceOnly": True, "stopLoss": {"triggerPrice": 60000}}, {"slippage": "0.6"}, {"slippage": -1}, {"slippage": "nan"}, {"reduceOnly": "yes"},
        {"triggerPriceType": "index", "stopLossPrice": 60000}, {"kind": "stop"}, {"side": "hold"}, {"amount": 0}, {"amount": "0.0000015"}, {"amount": float("nan")},
        {"amount": "0.000001"}, {"kind": "limit"}, {"kind": "limit", "price": "60000.001"}, {"kind": "limit", "price": -1}, {"price": -1}, {"cost": 5}, {"test": True},
    ],
    ids=repr,
)  # fmt: skip
def test_what_the_venue_has_no_words_for_is_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        plan(**arguments)


def test_a_closed_market_takes_only_what_reduces() -> None:
    closed = {**MARKET, "active": False}
    with pytest.raises(Refused):
        orders.new_order(closed, "market", "buy", "0.001", None, {})
    assert orders.new_order(closed, "market", "buy", "0.001", None, {"reduceOnly": True}).reduce_only
    with pytest.raises(Refused, match="kind of instrument"):
        orders.new_order({**MARKET, "instrument": None, "symbol": "X"}, "market", "buy", "0.001", None, {})


def test_accepting_a_quote_within_the_bound() -> None:
    body = orders.accept(plan(slippage="0.005"), QUOTE)
    assert body["quote_id"] == QUOTE["quote_id"] and (body["side"], body["is_reduce_only"]) == ("buy", False)
    ask, mark, room = Decimal(QUOTE["ask"]), Decimal(QUOTE["mark_price"]), Decimal(str(body["max_slippage"]))
    assert 0 < room <= Decimal("0.005") and ask * (1 + room) <= mark * Decimal("1.005") < ask * (1 + room + Decimal("0.000002"))
    assert orders.accept(plan(side="sell", price="63344.45", slippage=0), QUOTE)["max_slippage"] == 0


@pytest.mark.parametrize(
    ("side", "price", "slippage"), [("buy", "63349.05", 0), ("sell", "63344.46", 0), ("buy", "60000", "0.01"), ("sell", "70000", "0.01")]
)
def test_a_quote_beyond_the_bound_is_not_accepted(side: str, price: str, slippage: Any) -> None:
    with pytest.raises(Refused, match="nothing was sent"):
        orders.accept(plan(side=side, price=price, slippage=slippage), QUOTE)


def test_a_quote_for_something_else_is_not_accepted() -> None:
    with pytest.raises(Refused):
        orders.accept(plan(amount="0.002"), QUOTE)
    with pytest.raises(parsing.Missing, match="quote_id"):
        orders.accept(plan(), {**QUOTE, "quote_id": None})
    with pytest.raises(parsing.Missing, match="mark_price"):
        orders.accept(plan(), {**QUOTE, "mark_price": None})
    coarse = {side: {"min_qty_tick": "0.01", "min_qty": "0.01", "max_qty": "5"} for side in ("bid", "ask")}
    with pytest.raises(Refused):
        orders.accept(plan(), {**QUOTE, "qty_limits": coarse})
    small = {side: {"min_qty_tick": "0.0001", "min_qty": "0.0001", "max_qty": "0.0005"} for side in ("bid", "ask")}
    with pytest.raises(Refused, match="maximum"):
        orders.accept(plan(), {**QUOTE, "qty_limits": small})


@given(st.sampled_from(["buy", "sell"]), st.decimals("50000", "80000", places=2), st.decimals("0", "0.5", places=4))
def test_the_worst_fill_stays_within_the_bound(side: str, price: Decimal, slippage: Decimal) -> None:
    try:
        body = orders.accept(plan(side=side, price=price, slippage=slippage), QUOTE)
    except Refused:
        quoted = Decimal(QUOTE["ask" if side == "buy" else "bid"])
        assert quoted > price * (1 + slippage) if side == "buy" else quoted < price * (1 - slippage)
        return
    room = Decimal(repr(body["max_slippage"]))
    if side == "buy":
        assert Decimal(QUOTE["ask"]) * (1 + room) <= price * (1 + slippage)
    else:
        assert Decimal(QUOTE["bid"]) * (1 - room) >= price * (1 - slippage)


def test_an_order_is_recognised_by_all_that_was_asked_for() -> None:
    made = plan("market", "sell", "0.5", None, stopLossPrice="61234.5")
    asked = orders.fingerprint(made, "P-BTC-USDC-3600")
    assert orders.matches(asked, STOP)
    for name, other in (
        ("qty", "0.6"),
        ("side", "buy"),
        ("order_type", "limit"),
        ("trigger_price", "61234.4"),
        ("is_reduce_only", False),
        ("instrument", {}),
    ):
        assert not orders.matches(asked, {**STOP, name: other}), name
    assert orders.matches(asked, {**STOP, "qty": "0.500", "trigger_price": "61234.50"})
