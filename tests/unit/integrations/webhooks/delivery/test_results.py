"""How long a receiver asks to wait."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.webhooks import response

NOW = datetime(2026, 11, 12, 15, 10, tzinfo=UTC)
IN_AN_HOUR = [
    "Thu, 12 Nov 2026 16:10:00 GMT",
    "Thu, 12 Nov 2026 16:10:00 -0000",
    "Thu, 12 Nov 2026 18:10:00 +0200",
    "Thursday, 12-Nov-26 16:10:00 GMT",
    "Thu Nov 12 16:10:00 2026",
]


def delay(text: str | None) -> timedelta | None:
    return response(503, text).retry_after_delay(NOW)


@pytest.mark.parametrize("seconds", [0, 1, 120, 999_999_999])
def test_a_number_is_the_seconds_to_wait(seconds: int) -> None:
    assert delay(f" {seconds} ") == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", IN_AN_HOUR)
def test_a_date_is_when_the_wait_ends(text: str) -> None:
    assert delay(text) == timedelta(hours=1)


def test_a_date_in_the_past_asks_for_no_wait() -> None:
    assert delay("Thu, 12 Nov 2026 15:09:59 GMT") == timedelta()


@pytest.mark.parametrize(
    "text",
    [
        None, "", " ", "-1", "+1", "1.5", "1e3", "1_000", "1000000000", "soon", "٣", "0x10", "9 s",
        "Thu, 32 Nov 2026 16:10:00 GMT", "Thu, 12 Nov 2026 25:10:00 GMT", "2026-11-12T16:10:00Z",
        "Thu, 12 Nov 2026 16:10:00 +9999", ",", "Thu, 12 Nov " + "9" * 5_000 + " 16:10:00 GMT",
        "Mon, 01 Jan 99999999999999999999 00:00:00 GMT",
    ],
)  # fmt: skip
def test_what_is_neither_asks_for_nothing(text: str | None) -> None:
    assert delay(text) is None


NUMBERS = st.integers(0, 999_999_999)


@given(
    day=NUMBERS,
    month=st.sampled_from(["Nov", "november", "Brumaire", "11"]),
    year=NUMBERS,
    time=st.lists(NUMBERS, min_size=1, max_size=4),
    zone=st.sampled_from(["GMT", "-0000", "+0200", "-999999999", "EST", "", "+", "Z"]),
)
def test_whatever_date_a_receiver_sends_no_wait_is_negative(
    day: int, month: str, year: int, time: list[int], zone: str
) -> None:
    found = delay(f"{day} {month} {year} {':'.join(map(str, time))} {zone}")
    assert found is None or found >= timedelta()
