"""The steps of a JSONPath as data, and how their evaluation fails; neither how a path is written nor evaluated."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from sfn_notebook._json import JSONValue

Resolve: TypeAlias = Callable[[JSONValue, JSONValue], JSONValue]
"""``resolve(base, document)``: the value of a path that starts at ``base``; filters may look at ``document``."""

Predicate: TypeAlias = Callable[[JSONValue, JSONValue], bool]
"""``holds(item, document)``."""

Segment: TypeAlias = str | int
"""A name or an index of a reference path."""


class Failure(Enum):
    """Why a path has no value."""

    MISSING = "missing"
    NOT_OBJECT = "not an object"
    NOT_ARRAY = "not an array"
    REFUSED = "refused"


class PathNotFound(Exception):  # noqa: N818 - the path engine's own word for it
    """A path has no value in this input; the caller composes AWS's text around ``detail``.

    ``detail`` is the Java path engine's text, such as ``No results for path: $['a']``; ``failure`` tells a field that
    is missing from one of the wrong type.
    """

    def __init__(self, detail: str, failure: Failure = Failure.MISSING) -> None:
        super().__init__(detail)
        self.detail = detail
        self.failure = failure


@dataclass(frozen=True, slots=True)
class Name:
    """``.name`` or ``['name']``."""

    name: str


@dataclass(frozen=True, slots=True)
class Names:
    """``['a','b']``: at the end of a path an object with these fields, else each of them."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Index:
    """``[0]``; a negative index counts from the end."""

    index: int


@dataclass(frozen=True, slots=True)
class Indices:
    """``[0,2]``."""

    indices: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Slice:
    """``[start:stop]``; one of the two is not ``None``. The path engine ignores a step."""

    start: int | None
    stop: int | None


@dataclass(frozen=True, slots=True)
class Wildcard:
    """``*``: all values of an object or an array."""


@dataclass(frozen=True, slots=True)
class Descent:
    """``..``: the next step applies to every object and array at any depth, outer ones first."""


@dataclass(frozen=True, slots=True)
class Filter:
    """``[?(...)]``, compiled."""

    holds: Predicate


@dataclass(frozen=True, slots=True)
class Call:
    """A function at the end of a path, such as ``.length()``, with its compiled arguments."""

    function: Callable[[JSONValue, Sequence[JSONValue]], JSONValue]
    arguments: tuple[Resolve, ...]


Step: TypeAlias = Name | Names | Index | Indices | Slice | Wildcard | Descent | Filter | Call


def is_definite(steps: Sequence[Step]) -> bool:
    """Whether the steps identify a single node: names and single indices, at the end several names or a function.

    Source: the Java path engine's ``isDefinite``.
    """
    *inner, last = steps or (None,)
    return all(isinstance(step, Name | Index) for step in inner) and (
        last is None or isinstance(last, Name | Index | Names | Call)
    )


def reference_segments(steps: Sequence[Step]) -> tuple[Segment, ...] | None:
    """The segments of a Reference Path (names and non-negative indices only), or ``None`` if it is not one.

    Source: Amazon States Language, "Reference Paths".
    """
    segments: list[Segment] = []
    for step in steps:
        if isinstance(step, Name):
            segments.append(step.name)
        elif isinstance(step, Index) and step.index >= 0:
            segments.append(step.index)
        else:
            return None
    return tuple(segments)
