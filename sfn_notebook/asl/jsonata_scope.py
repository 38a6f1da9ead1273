"""The contracts between expressions, engines and states; it neither compiles nor evaluates anything."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from random import Random
from typing import Final, Protocol, TypeAlias

from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.asl.jsonata_messages import render


class Undefined(Enum):
    """The type of ``UNDEFINED``: JSONata's "nothing", which is not ``null``."""

    UNDEFINED = "undefined"

    def __repr__(self) -> str:
        return "UNDEFINED"


UNDEFINED: Final = Undefined.UNDEFINED


class JsonataError(Exception):
    """An expression failed while it was evaluated; ``message`` has no code in front, ``code`` may be empty."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}" if code else message)
        self.code = code
        self.message = message

    @classmethod
    def of(cls, code: str, **values: JSONValue) -> "JsonataError":
        """The failure with the text of ``code``, in which ``values`` are filled in."""
        return cls(code, render(code, **values))


class UnsupportedResult(Exception):  # noqa: N818 - a kind of result, which the caller puts into its own words
    """An expression gave a function, which JSON cannot hold."""


class JsonataScope(Protocol):
    """What an expression of a state may see.

    ``states`` may be made when first read. None of the values may be changed while an expression is evaluated, and
    results may share structure with them.
    """

    @property
    def states(self) -> JSONObject:
        """``$states``."""

    @property
    def variables(self) -> Mapping[str, JSONValue]:
        """Workflow variables by name, without ``$``."""

    @property
    def random(self) -> Random:
        """The execution's seeded generator, from which ``$random`` and ``$uuid`` draw."""

    @property
    def now_seconds(self) -> float:
        """The execution's time, seconds since 1970-01-01T00:00:00Z, which ``$now`` and ``$millis`` tell."""


@dataclass(frozen=True, kw_only=True, slots=True)
class EagerScope:
    """A scope whose parts are all at hand."""

    states: JSONObject
    variables: Mapping[str, JSONValue]
    random: Random
    now_seconds: float


Getter: TypeAlias = Callable[[JsonataScope], JSONValue]


class CompiledJsonata(Protocol):
    """An expression that an engine can evaluate, on any thread."""

    @property
    def text(self) -> str:
        """The expression, without its delimiters."""

    def evaluate(self, scope: JsonataScope, data: JSONValue = UNDEFINED) -> JSONValue:
        """The value, or ``UNDEFINED``; ``data`` is the root value (``$``), which the expressions of states lack.

        Raises:
            JsonataError: If the expression fails, or runs longer or deeper than the engine allows.
            UnsupportedResult: If the value is a function.
        """


class JsonataEngine(Protocol):
    """One implementation of JSONata."""

    @property
    def name(self) -> str:
        """The distribution that it comes from."""

    def compile(self, text: str) -> CompiledJsonata:
        """Prepare an expression (without its delimiters).

        Raises:
            sfn_notebook.errors.ExpressionSyntaxError: With the column and JSONata's code in the reason.
        """
