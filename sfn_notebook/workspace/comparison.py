"""Where two executions part, for people (as text) and for the front end (as data); it runs nothing."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sfn_notebook._json import JSONObject
from sfn_notebook.engine.execution import Execution
from sfn_notebook.engine.visits import Visit
from sfn_notebook.views.comparison import NONE, VisitPair, paired
from sfn_notebook.views.payload_changes import PayloadChange, payload_changes
from sfn_notebook.views.typography import visible
from sfn_notebook.views.wording import duration_words

if TYPE_CHECKING:
    from sfn_notebook.views.trace import Trace

_SHOWN_PAIRS: Final = 20
_SHOWN_CHANGES: Final = 10
_WORDS: Final = {"next": "next state", "attempts": "number of attempts"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """Two executions and their visits in pairs; see ``views.comparison`` for what belongs together.

    Its text tells where they part and what differs in each state; ``comparison`` is the same for the front end.
    """

    left: Execution
    right: Execution
    pairs: tuple[VisitPair, ...]

    @property
    def is_same(self) -> bool:
        """Whether both went the same way, with the same payloads, to the same end."""
        return all(pair.is_same for pair in self.pairs) and _end_of(self.left) == _end_of(self.right)

    @property
    def parted(self) -> VisitPair | None:
        """The first pair of visits that differs, ``None`` if none does.

        Where a Parallel or Map began in the same way, that is the first one inside it.
        """
        first = next((pair for pair in self.pairs if not pair.is_same), None)
        while first is not None and "input" not in first.changed:
            around = self._visit(first)
            inner = next(
                (each for each in self.pairs if not each.is_same and _is_inside(self._visit(each), around)), None
            )
            if inner is None:
                break
            first = inner
        return first

    @property
    def reason(self) -> str:
        """Why ``parted`` differs, in a few words; an empty text if nothing does."""
        pair = self.parted
        return "" if pair is None else _reason(pair, self.left.name, self.right.name)

    @property
    def comparison(self) -> JSONObject:
        """Both traces, the rows of places of visits, and where they part: the trait of the pane that shows it."""
        from sfn_notebook.views.trace import trace_of

        left: Trace = trace_of(self.left)
        right: Trace = trace_of(self.right)
        pair = self.parted
        parted = {
            "left": None if pair is None or pair.left == NONE else pair.left,
            "right": None if pair is None or pair.right == NONE else pair.right,
            "reason": self.reason,
        }
        return {"left": left, "right": right, "parted": parted, "rows": [pair.as_json() for pair in self.pairs]}

    def changes(self, pair: VisitPair, payload: str) -> list[PayloadChange]:
        """What differs in the ``input`` or the ``output`` of two visits, path by path."""
        if NONE in (pair.left, pair.right):
            return []
        left, right = self.left.visits[pair.left], self.right.visits[pair.right]
        return payload_changes(getattr(left, payload), getattr(right, payload))

    def __repr__(self) -> str:
        heads = f"{_head(self.left)}\n{_head(self.right)}"
        different = [pair for pair in self.pairs if not pair.is_same]
        if not different:
            verdict = "Both went the same way." if self.is_same else "Both went the same way so far."
            return f"{heads}\n{verdict}"
        lines = [f"They part in {self._place(self.parted or different[0])}: {self.reason}."]
        for pair in different[:_SHOWN_PAIRS]:
            lines += self._lines(pair)
        rest = len(different) - _SHOWN_PAIRS
        return "\n".join([heads, *lines, *([f"... {rest} more states differ."] if rest > 0 else [])])

    def _visit(self, pair: VisitPair) -> Visit:
        return self.left.visits[pair.left] if pair.left != NONE else self.right.visits[pair.right]

    def _place(self, pair: VisitPair) -> str:
        visit = self._visit(pair)
        return visible(visit.name) + "".join(f"[{index}]" for index in visit.iteration)

    def _lines(self, pair: VisitPair) -> list[str]:
        lines = [f"  {self._place(pair)}: {_reason(pair, self.left.name, self.right.name)}"]
        for payload in ("input", "output"):
            if payload in pair.changed:
                changes = self.changes(pair, payload)
                lines += [f"    {payload} {change}" for change in changes[:_SHOWN_CHANGES]]
                rest = len(changes) - _SHOWN_CHANGES
                lines += [f"    ... {rest} more places in the {payload}"] if rest > 0 else []
        if "status" in pair.changed:
            left, right = self.left.visits[pair.left], self.right.visits[pair.right]
            lines.append(f"    status: {left.status} -> {right.status}")
        return lines


def compare(left: Execution, right: Execution) -> Comparison:
    """Put two executions side by side, of one machine or of two whose states have the same places."""
    return Comparison(left=left, right=right, pairs=tuple(paired(left.visits, right.visits)))


def _is_inside(visit: Visit, around: Visit) -> bool:
    depth = len(around.iteration)
    is_deeper = len(visit.iteration) > depth and visit.iteration[:depth] == around.iteration
    return is_deeper and visit.pointer.startswith(f"{around.pointer}/")


def _reason(pair: VisitPair, left: str, right: str) -> str:
    if pair.right == NONE:
        return f"only {left} was here"
    if pair.left == NONE:
        return f"only {right} was here"
    words = [_WORDS.get(each, each) for each in pair.changed]
    return f"another {words[0]}" if len(words) == 1 else f"another {', '.join(words[:-1])} and {words[-1]}"


def _head(execution: Execution) -> str:
    ended = execution.ended_seconds
    took = "" if ended is None else f" in {duration_words(round(ended - execution.started_seconds, 3))}"
    return f"{visible(execution.name)} {execution.status}{took}" + (
        f": {visible(execution.error)}" if execution.error else ""
    )


def _end_of(execution: Execution) -> tuple[str, str | None, str | None]:
    return execution.status, execution.error, execution.cause
