from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfn_notebook.functions.event_sources.errors import ValidationException
from sfn_notebook.functions.event_sources.schedules import fire_time, schedule_of
from sfn_notebook.runtime.clock import VIRTUAL_EPOCH_SECONDS


def fires(expression: str, count: int = 3, *, start_seconds: float = VIRTUAL_EPOCH_SECONDS) -> list[str]:
    schedule = schedule_of(expression, start_seconds=start_seconds)
    found: list[str] = []
    seconds: float | None = start_seconds
    while len(found) < count:
        seconds = schedule.next_after(seconds or 0)
        if seconds is None:
            break
        found.append(fire_time(seconds).removesuffix(":00Z"))
    return found


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("rate(5 minutes)", ["2026-01-01T00:05", "2026-01-01T00:10", "2026-01-01T00:15"]),
        ("rate(1 hour)", ["2026-01-01T01:00", "2026-01-01T02:00", "2026-01-01T03:00"]),
        ("rate(7 days)", ["2026-01-08T00:00", "2026-01-15T00:00", "2026-01-22T00:00"]),
        ("cron(0 12 * * ? *)", ["2026-01-01T12:00", "2026-01-02T12:00", "2026-01-03T12:00"]),
        ("cron(0/15 * * * ? *)", ["2026-01-01T00:15", "2026-01-01T00:30", "2026-01-01T00:45"]),
        ("cron(0 18 ? * MON-FRI *)", ["2026-01-01T18:00", "2026-01-02T18:00", "2026-01-05T18:00"]),
        ("cron(0 8 1 * ? *)", ["2026-01-01T08:00", "2026-02-01T08:00", "2026-03-01T08:00"]),
        ("cron(5 8,17 ? * 1,7 *)", ["2026-01-03T08:05", "2026-01-03T17:05", "2026-01-04T08:05"]),
        ("cron(0 0 L * ? *)", ["2026-01-31T00:00", "2026-02-28T00:00", "2026-03-31T00:00"]),
        ("cron(0 9 3W * ? *)", ["2026-01-02T09:00", "2026-02-03T09:00", "2026-03-03T09:00"]),
        ("cron(0 9 1W AUG ? *)", ["2026-08-03T09:00", "2027-08-02T09:00", "2028-08-01T09:00"]),
        ("cron(0 9 LW * ? *)", ["2026-01-30T09:00", "2026-02-27T09:00", "2026-03-31T09:00"]),
        ("cron(0 9 ? * 6#3 *)", ["2026-01-16T09:00", "2026-02-20T09:00", "2026-03-20T09:00"]),
        ("cron(0 9 ? * 6#5 *)", ["2026-01-30T09:00", "2026-05-29T09:00", "2026-07-31T09:00"]),
        ("cron(0 9 ? * FRIL *)", ["2026-01-30T09:00", "2026-02-27T09:00", "2026-03-27T09:00"]),
        ("cron(0 9 ? * L *)", ["2026-01-03T09:00", "2026-01-10T09:00", "2026-01-17T09:00"]),
        ("cron(0 0 29 2 ? *)", ["2028-02-29T00:00", "2032-02-29T00:00", "2036-02-29T00:00"]),
        ("cron(0 22-1 1 1 ? 2027)", ["2027-01-01T00:00", "2027-01-01T01:00", "2027-01-01T22:00"]),
        ("cron(0 0 1 1 ? 2020)", []),
        ("cron(0 0 31 2 ? *)", []),
    ],
)
def test_when_it_fires_next(expression: str, expected: list[str]) -> None:
    assert fires(expression) == expected


@pytest.mark.parametrize(
    ("expression", "hint"),
    [
        ("rate(0 minutes)", "at least 1"),
        ("rate(1 minutes)", "rate(1 minute)"),
        ("rate(5 minute)", "rate(2 minutes)"),
        ("rate(5 seconds)", "Write rate(5 minutes)"),
        ("every minute", "Write rate(5 minutes)"),
        ("cron(0 12 * * ?)", "six fields"),
        ("cron(0 12 * * * *)", '"?"'),
        ("cron(0 12 ? * ? *)", '"?"'),
        ("cron(60 12 * * ? *)", "minutes"),
        ("cron(0 24 * * ? *)", "hours"),
        ("cron(0 0 32 * ? *)", "day of month"),
        ("cron(0 0 ? * 0 *)", "day of week"),
        ("cron(0 0 ? * 2#6 *)", "from 1 to 5"),
        ("cron(0 0 * JANUARY ? *)", "month"),
        ("cron(0/0 0 * * ? *)", "minutes"),
        ("cron(0 0 * * ? 1969)", "year"),
        ("cron(0 0 * * ? 2030-2026)", "2030 comes after 2026"),
    ],
)
def test_a_wrong_expression_is_refused_with_the_field(expression: str, hint: str) -> None:
    with pytest.raises(ValidationException) as refused:
        schedule_of(expression, start_seconds=0)
    assert refused.value.message == "Parameter ScheduleExpression is not valid."
    assert hint in refused.value.hint


VALUES = {
    "minute": st.integers(0, 59),
    "hour": st.integers(0, 23),
    "day": st.integers(1, 31),
    "month": st.integers(1, 12),
}


@given(
    now_seconds=st.integers(0, 4_000_000_000).map(float),
    minutes=st.sets(VALUES["minute"], min_size=1, max_size=3),
    hours=st.sets(VALUES["hour"], min_size=1, max_size=3),
    months=st.sets(VALUES["month"], min_size=1, max_size=3),
    weekdays=st.sets(st.integers(1, 7), min_size=1, max_size=3),
)
def test_the_next_fire_is_later_and_matches_its_fields(
    now_seconds: float, minutes: set[int], hours: set[int], months: set[int], weekdays: set[int]
) -> None:
    texts = [",".join(map(str, each)) for each in (minutes, hours, months, weekdays)]
    schedule = schedule_of(f"cron({texts[0]} {texts[1]} ? {texts[2]} {texts[3]} *)", start_seconds=0)
    found = schedule.next_after(now_seconds)
    assert found is not None
    assert found > now_seconds
    moment = datetime.fromtimestamp(found, UTC)
    assert moment.second == 0
    assert (moment.minute in minutes, moment.hour in hours, moment.month in months) == (True, True, True)
    assert moment.isoweekday() % 7 + 1 in weekdays
    # Nothing that matches lies between: a schedule asked a second before its fire finds the same one.
    assert schedule.next_after(found - 1) == found


@given(days=st.integers(1, 31), now_seconds=st.integers(0, 4_000_000_000).map(float))
def test_no_day_that_matches_is_passed_over(days: int, now_seconds: float) -> None:
    found = schedule_of(f"cron(30 6 {days} * ? *)", start_seconds=0).next_after(now_seconds)
    assert found is not None
    minute = (int(now_seconds) // 86400) * 86400 + 6 * 3600 + 30 * 60
    while minute <= now_seconds or datetime.fromtimestamp(minute, UTC).day != days:
        minute += 86400
    assert found == minute


@given(value=st.integers(1, 500), start=st.integers(0, 10**9), passed=st.floats(0, 10**6))
def test_a_rate_keeps_its_distance(value: int, start: int, passed: float) -> None:
    unit = "minute" if value == 1 else "minutes"
    found = schedule_of(f"rate({value} {unit})", start_seconds=start).next_after(start + passed)
    assert found is not None
    assert 0 < found - (start + passed) <= value * 60
    assert (found - start) % (value * 60) == 0
