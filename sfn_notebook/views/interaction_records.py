"""What one interaction carried and what is known of it beside its times; it knows neither logs nor pictures."""

from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

from sfn_notebook import _json
from sfn_notebook._json import ABSENT, Absent, JSONValue
from sfn_notebook.views.interactions import CallRow

KEPT_CHARACTERS: Final = 20_000
"""Of one payload as text; how long it is, is kept too."""

_TOO_DEEP: Final = '"(nested too deeply to show)"'
_LONGEST_ERROR: Final = 300


class Excerpt(NamedTuple):
    """The beginning of a text, and how many characters the whole has."""

    text: str
    length: int


def excerpt_of(value: JSONValue | Absent) -> Excerpt | None:
    """``value`` as compact JSON, or as Python writes it where it is none; ``None`` for ``ABSENT``."""
    if value is ABSENT:
        return None
    try:
        return excerpt_of_text(_json.dump(value))
    except RecursionError:
        return excerpt_of_text(_TOO_DEEP)
    except (TypeError, ValueError):
        # Callers give SDK values too, such as times.
        return excerpt_of_text(repr(value))


def excerpt_of_text(text: str) -> Excerpt:
    """``text`` as it is."""
    return Excerpt(text[:KEPT_CHARACTERS], len(text))


class Exchange(Protocol):
    """What went there and what came back."""

    @property
    def sent(self) -> Excerpt | None:
        """What the other side got."""

    @property
    def answer(self) -> Excerpt | None:
        """What it answered."""

    @property
    def log(self) -> Excerpt | None:
        """What was written meanwhile."""


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptTexts:
    """An ``Exchange`` as texts of its own: whoever has the payloads may change them."""

    sent: Excerpt | None = None
    answer: Excerpt | None = None
    log: Excerpt | None = None

    @property
    def characters(self) -> int:
        """What keeping it costs."""
        return sum(len(each.text) for each in (self.sent, self.answer, self.log) if each is not None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Payloads:
    """An ``Exchange`` of payloads that nobody changes: their texts are made when they are looked at."""

    sent_value: JSONValue | Absent = ABSENT
    answer_value: JSONValue | Absent = ABSENT
    log: Excerpt | None = None

    @property
    def sent(self) -> Excerpt | None:
        """What the other side got."""
        return excerpt_of(self.sent_value)

    @property
    def answer(self) -> Excerpt | None:
        """What it answered."""
        return excerpt_of(self.answer_value)


Facts = tuple[tuple[str, str], ...]
"""Names and values, as they are shown."""


class CallDetails(CallRow, Protocol):
    """What a row about a call tells beside its step."""

    @property
    def function_arn(self) -> str:
        """What was invoked, with its qualifier if it had one."""

    @property
    def executed_version(self) -> str | None:
        """The version that ran."""

    @property
    def environment(self) -> str | None:
        """The execution environment that it ran in."""


def facts_of_call(row: CallDetails) -> Facts:
    """What is known of a call beside times, attempt and request id, which every interaction has."""
    told = (
        ("Function", row.function_arn),
        ("Invocation type", row.invocation_type),
        ("Version", row.executed_version),
        ("Environment", row.environment),
        ("Destination", row.target_arn),
        (_REASONS.get(row.kind, "Condition"), row.reason),
        ("Function error", row.function_error),
        ("Delivery failed", row.failure),
    )
    return tuple([(name, value) for name, value in told if value])


_REASONS: Final = {"throttle": "Throttled by", "dropped": "Given up because of"}


def error_words(function_error: str | None, answer: JSONValue | Absent) -> str:
    """``ValueError: no``, from the error object of a failed call; empty for one that went well."""
    if function_error is None or not isinstance(answer, dict):
        return ""
    parts = [str(answer[name]) for name in ("errorType", "errorMessage") if answer.get(name)]
    text = ": ".join(parts)
    return f"{text[:_LONGEST_ERROR]}…" if len(text) > _LONGEST_ERROR else text
