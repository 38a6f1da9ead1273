"""How ASL writes instants as text; it knows neither the present time nor what waits for it."""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

_NANOSECONDS_PER_SECOND: Final = 1_000_000_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DATE_TIME: Final = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?"
    r"(?:Z|([+-])([0-9]{2}):([0-9]{2}))"
)
LAST_SECONDS: Final = 253_402_300_799.999
"""The last moment that four digits of a year can tell; a Wait may end later."""

_MAX_OFFSET_MINUTES: Final = 18 * 60


def parse_nanoseconds(text: str) -> int:
    """Read an RFC 3339 date-time as whole nanoseconds since 1970-01-01T00:00:00Z, negative before.

    ``T`` and ``Z`` are upper case, seconds are required, a fraction has one to nine digits, an offset is at most 18
    hours. A leap second (``:60``) is refused.

    Raises:
        ValueError: For any other text and for dates that do not exist; the message says what was expected.

    Source: Amazon States Language, "Timestamps"; RFC 3339 section 5.6. Recorded: a blank for ``T``, a missing zone,
    month 13, hour 25 and a day-first date are refused.
    """
    match = _DATE_TIME.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a timestamp such as 2016-03-14T01:59:00Z.")
    year, month, day, hour, minute, second = map(int, match.group(1, 2, 3, 4, 5, 6))
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError as error:
        raise ValueError(f"{text!r} is not a timestamp: {error}.") from None
    since_epoch = moment - _EPOCH
    offset_seconds = _offset_seconds(text, *match.group(8, 9, 10))
    seconds = since_epoch.days * 86_400 + since_epoch.seconds - offset_seconds
    return seconds * _NANOSECONDS_PER_SECOND + int((match.group(7) or "").ljust(9, "0"))


def _offset_seconds(text: str, sign: str | None, hours: str | None, minutes: str | None) -> int:
    if sign is None or hours is None or minutes is None:
        return 0
    total_minutes = int(hours) * 60 + int(minutes)
    if int(minutes) > 59 or total_minutes > _MAX_OFFSET_MINUTES:
        raise ValueError(f"{text!r} is not a timestamp: its offset is beyond 18 hours or has more than 59 minutes.")
    return (-60 if sign == "-" else 60) * total_minutes


def parse_timestamp(text: str) -> float:
    """Read an RFC 3339 date-time as seconds since 1970-01-01T00:00:00Z (exact to about a quarter microsecond).

    Raises:
        ValueError: As ``parse_nanoseconds`` does.
    """
    return parse_nanoseconds(text) / _NANOSECONDS_PER_SECOND


def is_timestamp(text: str) -> bool:
    """Tell whether ``parse_timestamp`` can read ``text``."""
    try:
        parse_nanoseconds(text)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=256)
def format_timestamp(seconds: float) -> str:
    """Write seconds since 1970-01-01T00:00:00Z as the Context Object does: ``2026-01-01T00:00:00.000Z``.

    The nearest millisecond is written: cutting would show 0.998 as .997 where its binary form falls short. Whatever
    comes after the year 9999 is written as its end.

    Raises:
        OverflowError: Before the year 1.

    Source: Step Functions developer guide, "Accessing execution data from the Context object".
    """
    moment = _EPOCH + timedelta(milliseconds=round(min(seconds, LAST_SECONDS) * 1000))
    return moment.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
