from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfn_notebook.asl.timestamps import format_timestamp, is_timestamp, parse_nanoseconds, parse_timestamp


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("2016-03-14T01:59:00Z", 1457920740),
        ("2016-03-14T01:59:00+01:00", 1457917140),
        ("2016-03-14T01:59:00-05:30", 1457940540),
        ("2016-03-14T01:59:00-00:00", 1457920740),
        ("2024-02-29T23:59:59.5Z", 1709251199.5),
        ("1969-12-31T23:59:59.250Z", -0.75),
        ("0001-01-01T00:00:00Z", -62135596800),
        ("9999-12-31T23:59:59Z", 253402300799),
    ],
)
def test_reads_instants_of_every_zone(text: str, seconds: float) -> None:
    assert parse_timestamp(text) == seconds
    assert is_timestamp(text)


def test_nanoseconds_are_not_rounded() -> None:
    assert parse_nanoseconds("2016-03-05T21:29:29.243167252Z") == 1457213369243167252


@pytest.mark.parametrize(
    "text",
    [
        "2016-12-05 21:29:29Z",  # recorded: no T
        "2016-12-05T21:29:29",  # recorded: no zone
        "2016-13-05T21:29:29Z",  # recorded: month 13
        "2016-12-05T25:29:29Z",  # recorded: hour 25
        "05-12-2016T21:29:29Z",  # recorded: day first
        "2023-02-29T00:00:00Z",
        "2016-12-05T24:00:00Z",
        "2016-12-31T23:59:60Z",
        "2016-12-05t21:29:29Z",
        "2016-12-05T21:29:29z",
        "2016-12-05T21:29Z",
        "2016-12-05T21:29:29.Z",
        "2016-12-05T21:29:29.1234567890Z",
        "2016-12-05T21:29:29,5Z",
        "2016-12-05T21:29:29+1:00",
        "2016-12-05T21:29:29+0100",
        "2016-12-05T21:29:29+18:01",
        "2016-12-05T21:29:29+01:60",
        "2016-12-05",
        "0000-01-01T00:00:00Z",
        "٢٠١٦-12-05T21:29:29Z",
        " 2016-12-05T21:29:29Z",
        "2016-12-05T21:29:29Z\n",
        "",
    ],
)
def test_refuses_what_is_not_rfc_3339(text: str) -> None:
    assert not is_timestamp(text)
    with pytest.raises(ValueError, match="is not a timestamp"):
        parse_timestamp(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (1767225600.0, "2026-01-01T00:00:00.000Z"),
        (1767225600.001, "2026-01-01T00:00:00.001Z"),
        (1767225600.9996, "2026-01-01T00:00:01.000Z"),
        (-0.001, "1969-12-31T23:59:59.999Z"),
        (-62135596800, "0001-01-01T00:00:00.000Z"),
    ],
)
def test_writes_milliseconds_as_the_context_object_does(seconds: float, text: str) -> None:
    assert format_timestamp(seconds) == text


def test_what_comes_after_the_year_9999_is_written_as_its_end() -> None:
    assert format_timestamp(1e15) == format_timestamp(9e18) == "9999-12-31T23:59:59.999Z"


@given(st.integers(min_value=-62135596800_000, max_value=253402300799_999))
def test_what_is_written_is_read_back_to_the_millisecond(milliseconds: int) -> None:
    assert parse_nanoseconds(format_timestamp(milliseconds / 1000)) == milliseconds * 1_000_000


@given(
    st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 12, 31)),  # noqa: DTZ001 - zone is drawn below
    st.integers(min_value=-18 * 60, max_value=18 * 60),
)
def test_agrees_with_the_standard_library(moment: datetime, offset_minutes: int) -> None:
    zoned = moment.replace(tzinfo=timezone(timedelta(minutes=offset_minutes)))
    since_epoch = zoned - datetime(1970, 1, 1, tzinfo=UTC)
    assert parse_nanoseconds(zoned.isoformat()) == since_epoch // timedelta(microseconds=1) * 1000


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    assert is_timestamp(text) in {True, False}
