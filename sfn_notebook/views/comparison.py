"""Two executions side by side: which visits belong together, and what differs in each; it runs and sends nothing.

Visits belong together that are the same number of their state in the same iteration, so a run that lacks a state, or
went round a loop once more, is still compared in all the others.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from sfn_notebook import _json
from sfn_notebook._json import ABSENT, Absent, JSONObject, JSONValue
from sfn_notebook.engine.visits import Visit

NONE: Final = -1
"""The place of a visit that an execution lacks."""

_Key: TypeAlias = tuple[str, tuple[int, ...], int]


@dataclass(frozen=True, kw_only=True, slots=True)
class VisitPair:
    """Two visits by their places among their execution's visits, ``NONE`` where there is none.

    ``changed`` names what differs: ``input``, ``output``, ``status``, ``error``, ``next``, ``attempts``, ``duration``.
    """

    left: int
    right: int
    changed: tuple[str, ...]

    @property
    def is_same(self) -> bool:
        """Whether nothing differs."""
        return not self.changed and NONE not in (self.left, self.right)

    def as_json(self) -> JSONObject:
        """The same as plain data, for the front end."""
        return {"left": self.left, "right": self.right, "same": self.is_same, "changed": list(self.changed)}


def paired(left: Sequence[Visit], right: Sequence[Visit]) -> list[VisitPair]:
    """All visits of both, in the order of the left ones; what only the right has stands where it happened there."""
    keys = list(_keys(left))
    places = {key: place for place, key in enumerate(_keys(right))}
    shared = {places[key] for key in keys if key in places}
    pairs: list[VisitPair] = []
    told = 0
    for place, key in enumerate(keys):
        other = places.get(key, NONE)
        if other == NONE:
            pairs.append(VisitPair(left=place, right=NONE, changed=()))
            continue
        pairs += (VisitPair(left=NONE, right=each, changed=()) for each in range(told, other) if each not in shared)
        told = max(told, other + 1)
        pairs.append(VisitPair(left=place, right=other, changed=changed(left[place], right[other])))
    pairs += (VisitPair(left=NONE, right=each, changed=()) for each in range(told, len(right)) if each not in shared)
    return pairs


def changed(left: Visit, right: Visit) -> tuple[str, ...]:
    """What differs between two visits."""
    return tuple(name for name, differs in _DIFFERENCES.items() if differs(left, right))


def _keys(visits: Sequence[Visit]) -> Iterator[_Key]:
    counts: dict[tuple[str, tuple[int, ...]], int] = {}
    for visit in visits:
        place = (visit.pointer, visit.iteration)
        counts[place] = counts.get(place, 0) + 1
        yield (*place, counts[place])


def _duration(visit: Visit) -> float | None:
    # Rounded: a difference of two large floating-point times carries noise in its last digits.
    return None if visit.exited_seconds is None else round(visit.exited_seconds - visit.entered_seconds, 3)


_DIFFERENCES: Final[Mapping[str, Callable[[Visit, Visit], bool]]] = {
    "input": lambda left, right: not same(left.input, right.input),
    "output": lambda left, right: not same(left.output, right.output),
    "status": lambda left, right: left.status is not right.status,
    "error": lambda left, right: (left.error, left.cause) != (right.error, right.cause),
    "next": lambda left, right: left.next_state != right.next_state,
    "attempts": lambda left, right: len(left.attempts) != len(right.attempts),
    "duration": lambda left, right: _duration(left) != _duration(right),
}


def same(left: JSONValue | Absent, right: JSONValue | Absent) -> bool:
    """Whether two payloads are equal, or neither is there."""
    if left is right:
        return True
    return left is not ABSENT and right is not ABSENT and _json.equal(left, right)
