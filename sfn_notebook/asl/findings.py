"""Where checks put what they find and what they know about the place they look at; it holds no rule of its own."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Final

from sfn_notebook._json import JSONValue
from sfn_notebook.asl.fields import Field
from sfn_notebook.asl.model import QueryLanguage
from sfn_notebook.asl.rules import problem
from sfn_notebook.asl.source import Document
from sfn_notebook.asl.spans import child_pointer
from sfn_notebook.errors import Problem, did_you_mean, nearest

_SHOWN_LENGTH: Final = 60
_MAX_COMPARISONS: Final = 20_000
_MAX_COMPARED_LENGTH: Final = 100


class Findings:
    """Collects problems and gives each its place in the text."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self.problems: list[Problem] = []
        self._comparisons_left = _MAX_COMPARISONS

    def add(
        self,
        rule: str,
        pointer: str,
        message: str,
        hint: str = "",
        *,
        at_key: bool = False,
        severity: str | None = None,
        subject: str = "",
    ) -> None:
        """Record a breach of ``rule`` at ``pointer``: on its value, or on the key that names it."""
        span = self._document.span(pointer)
        if at_key and span is not None and pointer in self._document.spans:
            span = span.key or span
        found = problem(rule, message, hint=hint, pointer=pointer, span=span, severity=severity, subject=subject)
        self.problems.append(found)

    def nearest(self, name: str, known: Collection[str]) -> tuple[str, ...]:
        """The known names most like ``name``; none once a definition has cost too many comparisons.

        Comparing is slow, and a definition with thousands of misspelt names must still be answered at once.
        """
        self._comparisons_left -= len(known)
        if self._comparisons_left < 0 or len(name) > _MAX_COMPARED_LENGTH:
            return ()
        return nearest(name, known)

    def suggestion(self, name: str, known: Collection[str]) -> str:
        """A sentence that offers the nearest known names, or an empty string; bounded as ``nearest`` is."""
        return did_you_mean(name, self.nearest(name, known))


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """What holds around a place: the query language, the kind of state, the kind of machine."""

    language: QueryLanguage = QueryLanguage.JSONPATH
    owner: str = "a state machine"
    state_type: str = ""
    is_distributed: bool = False
    is_express: bool = False

    @property
    def is_jsonata(self) -> bool:
        """Whether expressions are written in JSONata here."""
        return self.language is QueryLanguage.JSONATA


@dataclass(frozen=True, kw_only=True, slots=True)
class Site:
    """One field of one object: its name and value, what the tables say of it, and where it stands."""

    findings: Findings = field(repr=False)
    scope: Scope
    name: str
    value: JSONValue
    field: Field
    pointer: str

    def report(self, rule: str, message: str, hint: str = "", *, severity: str | None = None) -> None:
        """Record a breach of ``rule`` on this field's value."""
        self.findings.add(rule, self.pointer, message, hint, severity=severity)

    def wrong_type(self, expected: str, hint: str = "") -> None:
        """Record that the value is of another type than ``expected``."""
        message = f'"{self.name}" must be {expected}, but is {described(self.value)}.'
        self.report("WRONG_TYPE", message, hint)

    def element(self, key: str | int, value: JSONValue, *, name: str | None = None) -> "Site":
        """The site of a part of this value."""
        return replace(self, value=value, name=name or self.name, pointer=child_pointer(self.pointer, key))


def json_type(value: JSONValue) -> str:
    """The JSON name of a value's type, with its article."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "a string"
    return "an object" if isinstance(value, dict) else "an array"


def described(value: JSONValue) -> str:
    """A value as messages show it: its type and, if it is short, itself."""
    if value is None or isinstance(value, dict | list):
        return json_type(value)
    shown = f'"{value}"' if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
    return f"{json_type(value)} ({shortened(shown)})"


def shortened(text: str) -> str:
    """The beginning of ``text``, for a message."""
    return text if len(text) <= _SHOWN_LENGTH else f"{text[: _SHOWN_LENGTH - 3]}..."
