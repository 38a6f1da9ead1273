"""EventBridge's schedule expressions, ``rate(...)`` and ``cron(...)``: when they fire next; nothing of what they start.

Cron has six fields, in UTC: minutes, hours, day of month, month, day of week (1 is Sunday), year. One of the two day
fields must be ``?``. A field holds ``*``, values, ranges ``a-b``, steps ``a/n`` and lists of these; the day of month
also ``L`` (last), ``LW`` (the last weekday) and ``15W`` (weekday nearest to the 15th); the day of week also ``L``
(Saturday), ``6L`` (the month's last Friday) and ``6#3`` (its third Friday).

Source: EventBridge user guide, "Setting a schedule pattern"; what is not said there follows Quartz.
"""

import re
from bisect import bisect_left
from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Final, NamedTuple, Protocol

from sfn_notebook.functions.event_sources.errors import ValidationException

_EPOCH_ORDINAL: Final = date(1970, 1, 1).toordinal()
_DAY_SECONDS: Final = 86_400
FIRST_YEAR: Final = 1970
LAST_YEAR: Final = 2199


class Schedule(Protocol):
    """When something happens again and again."""

    def next_after(self, seconds: float) -> float | None:
        """The first moment after ``seconds`` (since the epoch, UTC), or ``None`` if there is none any more."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RateSchedule:
    """Every ``period_seconds``, counted from ``start_seconds``: a rule fires first when one period has passed."""

    period_seconds: int
    start_seconds: float

    def next_after(self, seconds: float) -> float:
        """The first multiple of the period after ``seconds``."""
        periods = max(0, int((seconds - self.start_seconds) // self.period_seconds)) + 1
        return self.start_seconds + periods * self.period_seconds


@dataclass(frozen=True, kw_only=True, slots=True)
class CronSchedule:
    """At the minutes that six fields describe."""

    expression: str
    minutes: tuple[int, ...] = field(repr=False)
    hours: tuple[int, ...] = field(repr=False)
    months: frozenset[int] = field(repr=False)
    years: tuple[int, ...] = field(repr=False)
    days: "_DayRule" = field(repr=False)

    def next_after(self, seconds: float) -> float | None:
        """The first full minute after ``seconds`` that matches, or ``None`` if none comes until 2199."""
        minute = int(seconds // 60) + 1
        day, minute_of_day = divmod(minute, 24 * 60)
        if day + _EPOCH_ORDINAL > date.max.toordinal():
            return None
        today = date.fromordinal(day + _EPOCH_ORDINAL)
        for each in self._days_from(today):
            found = self._minute_of_day(minute_of_day if each == today else 0)
            if found is not None:
                return float((each.toordinal() - _EPOCH_ORDINAL) * _DAY_SECONDS + found * 60)
        return None

    def _days_from(self, first: date) -> Iterator[date]:
        for year in self.years[bisect_left(self.years, first.year) :]:
            for month in range(1, 13):
                if month in self.months and (year, month) >= (first.year, first.month):
                    for day in self.days.in_month(year, month):
                        if date(year, month, day) >= first:
                            yield date(year, month, day)

    def _minute_of_day(self, earliest: int) -> int | None:
        for hour in self.hours[bisect_left(self.hours, earliest // 60) :]:
            first_minute = earliest % 60 if hour == earliest // 60 else 0
            position = bisect_left(self.minutes, first_minute)
            if position < len(self.minutes):
                return hour * 60 + self.minutes[position]
        return None


class _DayRule(Protocol):
    def in_month(self, year: int, month: int) -> list[int]:
        """The days of that month, in order."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _DaysOfMonth:
    """Days by number; ``weekdays_near`` are those with a ``W``; ``0`` stands for the last day."""

    days: frozenset[int]
    weekdays_near: frozenset[int]

    def in_month(self, year: int, month: int) -> list[int]:
        """The days of that month, in order."""
        last = monthrange(year, month)[1]
        found = {last if day == 0 else day for day in self.days}
        found |= {_nearest_weekday(year, month, day or last) for day in self.weekdays_near if day <= last}
        return sorted(day for day in found if day <= last)


@dataclass(frozen=True, kw_only=True, slots=True)
class _DaysOfWeek:
    """Weekdays, 1 is Sunday; ``nth`` are pairs of a weekday and its number in the month, 0 for the last."""

    weekdays: frozenset[int]
    nth: frozenset[tuple[int, int]]

    def in_month(self, year: int, month: int) -> list[int]:
        """The days of that month, in order."""
        first_weekday, last = monthrange(year, month)
        by_weekday: dict[int, list[int]] = {}
        for day in range(1, last + 1):
            # monthrange counts from Monday as 0; AWS from Sunday as 1.
            by_weekday.setdefault((first_weekday + day) % 7 + 1, []).append(day)
        found = {day for weekday in self.weekdays for day in by_weekday[weekday]}
        for weekday, number in self.nth:
            days = by_weekday[weekday]
            if number <= len(days):
                found.add(days[number - 1])
        return sorted(found)


def _nearest_weekday(year: int, month: int, day: int) -> int:
    """The weekday nearest to a day, within the month: a Saturday's Friday, a Sunday's Monday."""
    last = monthrange(year, month)[1]
    match date(year, month, day).isoweekday():
        case 6:
            return day - 1 if day > 1 else day + 2
        case 7:
            return day + 1 if day < last else day - 2
        case _:
            return day


class _Field(NamedTuple):
    name: str
    first: int
    last: int
    names: Mapping[str, int]


_MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS: Final = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_FIELDS: Final = (
    _Field("minutes", 0, 59, {}),
    _Field("hours", 0, 23, {}),
    _Field("day of month", 1, 31, {}),
    _Field("month", 1, 12, {name: number for number, name in enumerate(_MONTHS, start=1)}),
    _Field("day of week", 1, 7, {name: number for number, name in enumerate(_WEEKDAYS, start=1)}),
    _Field("year", FIRST_YEAR, LAST_YEAR, {}),
)
_UNIT_SECONDS: Final = {"minute": 60, "hour": 3600, "day": _DAY_SECONDS}
_RATE: Final = re.compile(r"rate\((?P<value>[0-9]{1,9}) (?P<unit>minute|hour|day)(?P<plural>s?)\)")
_CRON: Final = re.compile(r"cron\((?P<fields>[^()]*)\)")
_INVALID: Final = "Parameter ScheduleExpression is not valid."


def schedule_of(expression: str, *, start_seconds: float) -> Schedule:
    """Read a schedule expression; a rate counts from ``start_seconds``.

    Raises:
        ValidationException: ``Parameter ScheduleExpression is not valid.``, with what is wrong as the hint.
    """
    if rate := _RATE.fullmatch(expression):
        value = int(rate["value"])
        if value == 0:
            raise _invalid("A rate is at least 1.")
        if (value == 1) == bool(rate["plural"]):
            raise _invalid(f"Write rate(1 {rate['unit']}), but rate(2 {rate['unit']}s).")
        return RateSchedule(period_seconds=value * _UNIT_SECONDS[rate["unit"]], start_seconds=start_seconds)
    if cron := _CRON.fullmatch(expression):
        return _cron(expression, cron["fields"].split())
    raise _invalid("Write rate(5 minutes) or cron(0 12 ? * MON-FRI *).")


def _invalid(hint: str) -> ValidationException:
    return ValidationException(_INVALID, hint=hint)


def _cron(expression: str, texts: list[str]) -> CronSchedule:
    if len(texts) != len(_FIELDS):
        names = ", ".join(each.name for each in _FIELDS)
        raise _invalid(f"cron has six fields ({names}), and here are {len(texts)}.")
    minutes, hours, day_of_month, month, day_of_week, year = texts
    if (day_of_month == "?") == (day_of_week == "?"):
        raise _invalid('Exactly one of day of month and day of week is "?".')
    return CronSchedule(
        expression=expression,
        minutes=tuple(sorted(_numbers(minutes, _FIELDS[0]))),
        hours=tuple(sorted(_numbers(hours, _FIELDS[1]))),
        months=frozenset(_numbers(month, _FIELDS[3])),
        years=tuple(sorted(_numbers(year, _FIELDS[5]))),
        days=_days_of_week(day_of_week) if day_of_month == "?" else _days_of_month(day_of_month),
    )


def _days_of_month(text: str) -> _DaysOfMonth:
    days: set[int] = set()
    weekdays_near: set[int] = set()
    for part in text.upper().split(","):
        if part == "L":
            days.add(0)
        elif part == "LW":
            weekdays_near.add(0)
        elif part.endswith("W"):
            weekdays_near.add(_number(part.removesuffix("W"), _FIELDS[2], text))
        else:
            days |= _part(part, _FIELDS[2], text)
    return _DaysOfMonth(days=frozenset(days), weekdays_near=frozenset(weekdays_near))


def _days_of_week(text: str) -> _DaysOfWeek:
    weekdays: set[int] = set()
    nth: set[tuple[int, int]] = set()
    for part in text.upper().split(","):
        weekday, has_number, number = part.partition("#")
        if has_number:
            if number not in {"1", "2", "3", "4", "5"}:
                raise _invalid(f'day of week "{text}": after # comes a number from 1 to 5.')
            nth.add((_number(weekday, _FIELDS[4], text), int(number)))
        elif part == "L":
            weekdays.add(7)
        elif part.endswith("L"):
            nth.add((_number(part.removesuffix("L"), _FIELDS[4], text), 0))
        else:
            weekdays |= _part(part, _FIELDS[4], text)
    return _DaysOfWeek(weekdays=frozenset(weekdays), nth=frozenset(nth))


def _numbers(text: str, of: _Field) -> set[int]:
    return {number for part in text.upper().split(",") for number in _part(part, of, text)}


def _part(part: str, of: _Field, whole: str) -> set[int]:
    """One element of a list: ``*``, a value or a range, each perhaps with a step."""
    span, has_step, step_text = part.partition("/")
    step = 1
    if has_step:
        if not step_text.isdecimal() or not step_text.isascii() or len(step_text) > 4 or int(step_text) == 0:
            raise _invalid(f'{of.name} "{whole}": after / comes a number from 1 up.')
        step = int(step_text)
    if span == "*":
        return set(range(of.first, of.last + 1, step))
    begin_text, is_range, end_text = span.partition("-")
    begin = _number(begin_text, of, whole)
    if not is_range:
        return set(range(begin, of.last + 1, step)) if has_step else {begin}
    end = _number(end_text, of, whole)
    if end >= begin:
        return set(range(begin, end + 1, step))
    if of.name == "year":
        raise _invalid(f'{of.name} "{whole}": {begin} comes after {end}.')
    # FRI-MON goes over the end of the week, 22-2 over midnight.
    count = of.last - of.first + 1
    return {(number - of.first) % count + of.first for number in range(begin, end + count + 1, step)}


def _number(text: str, of: _Field, whole: str) -> int:
    if text in of.names:
        return of.names[text]
    if not (text.isdecimal() and text.isascii() and len(text) <= 4 and of.first <= int(text) <= of.last):
        named = f" or {next(iter(of.names))}" if of.names else ""
        raise _invalid(f'{of.name} "{whole}": "{text}" is no number from {of.first} to {of.last}{named}.')
    return int(text)


def fire_time(seconds: float) -> str:
    """A moment as the ``time`` of an event: ``2026-01-01T12:00:00Z``."""
    return f"{datetime.fromtimestamp(int(seconds), UTC):%Y-%m-%dT%H:%M:%SZ}"
