"""Numbers out and in: exact or refused."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccxt_dex import errors, exact, reading
from ccxt_dex._ccxt import errors as ccxt_errors

STEPS = st.sampled_from(["0.00000001", "0.001", "0.5", "1", "10"])


@given(STEPS, st.integers(min_value=1, max_value=10**9), st.sampled_from([str, float, Decimal]))
def test_a_multiple_of_the_step_passes_unchanged(step: str, times: int, kind: type) -> None:
    value = Decimal(step) * times
    assert exact.on_grid(kind(str(value)), float(step), "amount") == value


@given(STEPS, st.integers(min_value=1, max_value=10**9), st.integers(min_value=1, max_value=99))
def test_anything_between_two_steps_is_refused(step: str, times: int, part: int) -> None:
    with pytest.raises(exact.Refused):
        exact.on_grid(str(Decimal(step) * times + Decimal(step) * part / 100), step, "amount")


def test_float_arithmetic_is_forgiven_and_nothing_else() -> None:
    assert exact.on_grid(0.1 + 0.2, "0.1", "amount") == Decimal("0.3")
    with pytest.raises(exact.Refused):
        exact.on_grid("0.30000000000000004", "0.1", "amount")


@pytest.mark.parametrize("value", [None, True, float("nan"), float("inf"), "", "1,5", "0x1", [], "1e40"])
def test_what_is_no_number_is_refused(value: object) -> None:
    with pytest.raises(exact.Refused):
        exact.decimal(value, "amount")


@given(st.decimals(allow_nan=False, allow_infinity=False, places=12, min_value=-(10**12), max_value=10**12))
def test_plain_text_reads_back_as_the_same_number(value: Decimal) -> None:
    text = exact.plain(value)
    assert Decimal(text) == value and "E" not in text and not (("." in text) and text.endswith("0"))


@pytest.mark.parametrize("value,shown", [(1e-08, "0.00000001"), (5, "5"), ("1.50", "1.50"), (None, None), ("", None)])
def test_text_of_a_number(value: object, shown: str | None) -> None:
    assert reading.text(value) == shown


def test_times() -> None:
    assert reading.milliseconds("2026-06-11T03:17:02.461486466Z") == 1781147822461
    assert reading.milliseconds("2026-06-11T03:17:02Z") == reading.milliseconds(1781147822000) == 1781147822000
    assert reading.iso(1781147822461) == "2026-06-11T03:17:02.461Z"
    for wrong in ("yesterday", [], {}, 1.5):
        with pytest.raises(reading.Unreadable):
            reading.milliseconds(wrong)


def test_every_kind_of_refusal_is_a_ccxt_exception() -> None:
    for name in exact.REFUSALS.values():
        assert issubclass(errors.by_name(name), ccxt_errors.BaseError)
