"""Who called whom and why: rows about calls become steps, and many like steps become one; it draws nothing.

It knows the shape of the rows, not who writes them: a log of calls, a list of executions.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from sfn_notebook.views.typography import TIMES
from sfn_notebook.views.wording import duration_words

if TYPE_CHECKING:
    from sfn_notebook.views.interaction_records import Exchange, Facts
    from sfn_notebook.views.load import Load
    from sfn_notebook.views.service_contents import ServiceContents

SHOWN_STEPS: Final = 40
"""Steps that a person can still take in; more are folded until they fit, or the rest is only counted."""

_RUN: Final = 4
_IDLE_SHARE: Final = 50


class PartyKind(StrEnum):
    """What a party is."""

    NOTEBOOK = "notebook"
    FUNCTION = "function"
    MACHINE = "state machine"
    QUEUE = "queue"
    TOPIC = "topic"
    BUS = "event bus"
    RULE = "rule"
    BUCKET = "bucket"
    TABLE = "table"
    API = "API"
    STREAM = "stream"
    SERVICE = "service"
    OTHERS = "others"


class Party(NamedTuple):
    """One who calls or is called."""

    kind: PartyKind
    name: str


NOTEBOOK: Final = Party(PartyKind.NOTEBOOK, "notebook")
_KINDS: Final = {
    "lambda": PartyKind.FUNCTION,
    "states": PartyKind.MACHINE,
    "sqs": PartyKind.QUEUE,
    "sns": PartyKind.TOPIC,
    "events": PartyKind.BUS,
    "s3": PartyKind.BUCKET,
    "kinesis": PartyKind.STREAM,
    "dynamodb": PartyKind.STREAM,
    "execute-api": PartyKind.API,
}


def party_of(reference: str | None) -> Party:
    """The party that a caller or a target stands for: nobody is the notebook, a plain name is a function, else an ARN.

    An execution stands for its state machine, a version for its function.
    """
    if reference is None:
        return NOTEBOOK
    parts = reference.split(":", 5)
    if len(parts) < 6 or parts[0] != "arn":
        return Party(PartyKind.FUNCTION, reference)
    kind = _KINDS.get(parts[2], PartyKind.SERVICE)
    if parts[2] == "dynamodb" and "/stream/" not in parts[5]:
        kind = PartyKind.TABLE
    if kind is PartyKind.BUS and parts[5].startswith("rule/"):
        kind = PartyKind.RULE
    return Party(kind, _resource_name(kind, parts[2], parts[5]))


def _resource_name(kind: PartyKind, service: str, resource: str) -> str:
    match kind:
        case PartyKind.FUNCTION | PartyKind.MACHINE:
            return resource.split(":", 2)[1] if ":" in resource else resource
        case PartyKind.STREAM | PartyKind.TABLE:
            return resource.split("/", 2)[1] if "/" in resource else resource
        case PartyKind.BUS | PartyKind.RULE:
            return resource.rpartition("/")[2]
        case PartyKind.SERVICE:
            return f"{service} {resource}".strip()
        case _:
            return resource


class Outcome(StrEnum):
    """How a step went; empty for one that only hands something over."""

    NONE = ""
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    THROTTLED = "THROTTLED"


class CallRow(Protocol):
    """What is read of a row about a call; times are modelled seconds. ``kind`` is as in Lambda's log of calls."""

    @property
    def kind(self) -> str:
        """``accepted``, ``attempt``, ``throttle``, ``dropped``, ``destination`` or ``dead letter``."""

    @property
    def at_seconds(self) -> float:
        """When it happened, or began."""

    @property
    def request_id(self) -> str:
        """The same over all attempts of an event."""

    @property
    def function_name(self) -> str:
        """Whom the call was for."""

    @property
    def invocation_type(self) -> str:
        """``RequestResponse`` or ``Event``."""

    @property
    def caller(self) -> str | None:
        """A function's name, an ARN, or ``None`` for the notebook."""

    @property
    def attempt(self) -> int:
        """From 1; 0 where none was made."""

    @property
    def is_cold_start(self) -> bool:
        """Whether an environment was started for it."""

    @property
    def init_seconds(self) -> float:
        """How long that took."""

    @property
    def duration_seconds(self) -> float:
        """How long the handler took."""

    @property
    def function_error(self) -> str | None:
        """Set where it failed."""

    @property
    def reason(self) -> str | None:
        """Why it was throttled, given up or sent."""

    @property
    def target_arn(self) -> str | None:
        """Where something was sent."""

    @property
    def failure(self) -> str | None:
        """Why that failed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Interaction:
    """One step from ``source`` to ``target``; what a party does by itself has it as both.

    ``what`` says it in a word or two, ``why`` gives the reason. Times are modelled seconds, since the epoch.
    ``execution`` is the ARN of the execution that it is about. ``facts`` tell more, and ``exchange`` has what was sent
    and answered, as long as that is kept.
    """

    at_seconds: float
    source: Party
    target: Party
    what: str
    why: str = ""
    outcome: Outcome = Outcome.NONE
    attempt: int = 0
    request_id: str = ""
    duration_seconds: float = 0.0
    init_seconds: float = 0.0
    is_cold_start: bool = False
    execution: str = ""
    error: str = ""
    facts: "Facts" = field(default=(), repr=False, compare=False)
    exchange: "Exchange | None" = field(default=None, repr=False, compare=False)

    @property
    def kind(self) -> tuple[Party, Party, str, str, Outcome]:
        """What two steps share that may be told as one."""
        return (self.source, self.target, self.what, self.why, self.outcome)


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One or many like interactions: the first, how many, and when the last of them began."""

    first: Interaction
    count: int = 1
    last_seconds: float = 0.0
    shortest_seconds: float = 0.0
    longest_seconds: float = 0.0
    cold_starts: int = 0

    @property
    def words(self) -> str:
        """What happened, in one line: ``attempt 2 failed, 200 ms``."""
        return ", ".join(self._parts())

    def _parts(self) -> Iterator[str]:
        first = self.first
        what = f"{first.what} {first.attempt}" if first.attempt and self.count == 1 else first.what
        if first.outcome is Outcome.FAILED and first.what in _CALLS:
            what += " failed"
        if self.count > 1:
            what += f" {TIMES} {self.count:,}"
        yield f"{what}: {first.why}" if first.why else what
        if self.longest_seconds:
            shortest, longest = duration_words(self.shortest_seconds), duration_words(self.longest_seconds)
            yield longest if shortest == longest else f"{shortest} to {longest}"
        if self.cold_starts and self.count > 1:
            yield f"{self.cold_starts:,} cold starts" if self.cold_starts > 1 else "1 cold start"
        elif first.init_seconds:
            yield f"cold start {duration_words(first.init_seconds)}"

    @property
    def ended_seconds(self) -> float:
        """When the last of them is done."""
        return self.last_seconds + self.longest_seconds + self.first.init_seconds

    @property
    def lasts(self) -> bool:
        """Whether time passes between the first and the last."""
        return round(self.last_seconds - self.first.at_seconds, 3) > 0


_CALLS: Final = frozenset({"call", "attempt"})


def interaction_of(
    row: CallRow, *, error: str = "", facts: "Facts" = (), exchange: "Exchange | None" = None
) -> Interaction:
    """The step that a row of Lambda's log stands for."""
    function = Party(PartyKind.FUNCTION, row.function_name)
    is_event = row.invocation_type == "Event"
    caller = function if is_event else party_of(row.caller)
    # Made once, not changed afterwards: there may be a hundred thousand of them.
    step = partial(
        Interaction,
        at_seconds=row.at_seconds,
        request_id=row.request_id,
        error=error,
        facts=facts,
        exchange=exchange,
    )
    match row.kind:
        case "accepted":
            return step(source=party_of(row.caller), target=function, what="event")
        case "attempt":
            return step(
                source=caller,
                target=function,
                what="attempt" if is_event else "call",
                outcome=Outcome.FAILED if row.function_error else Outcome.SUCCEEDED,
                attempt=row.attempt if is_event else 0,
                duration_seconds=row.duration_seconds,
                init_seconds=row.init_seconds,
                is_cold_start=row.is_cold_start and row.init_seconds > 0,
            )
        case "throttle":
            why = _limit_words(row.reason)
            return step(source=caller, target=function, what="throttled", why=why, outcome=Outcome.THROTTLED)
        case "dropped":
            why = row.reason or ""
            return step(source=caller, target=function, what="given up", why=why, outcome=Outcome.FAILED)
        case kind:
            return step(
                source=function,
                target=party_of(row.target_arn),
                what="record" if kind == "destination" else kind,
                why=row.failure or row.reason or "",
                outcome=Outcome.FAILED if row.failure else Outcome.NONE,
            )


def _limit_words(reason: str | None) -> str:
    """``ReservedFunctionConcurrentInvocationLimitExceeded`` says in the picture of a call no more than its middle."""
    return _LIMITS.get(reason or "", reason or "")


_LIMITS: Final = {
    "ReservedFunctionConcurrentInvocationLimitExceeded": "reserved concurrency",
    "ConcurrentInvocationLimitExceeded": "account concurrency",
}


def joined(interactions: Iterable[Interaction]) -> list[Interaction]:
    """Without the event that a record to a function arrives as: the record itself tells it."""
    kept: list[Interaction] = []
    for each in interactions:
        before = kept[-1] if kept else None
        if (
            before is not None
            and each.what == "record"
            and before.what == "event"
            and (before.source, before.target, before.at_seconds) == (each.source, each.target, each.at_seconds)
        ):
            kept[-1] = each
        else:
            kept.append(each)
    return kept


def fold(interactions: Sequence[Interaction], *, limit: int = SHOWN_STEPS) -> list[Step]:
    """Like interactions as one step each, as far as it needs to come down to ``limit`` steps.

    First only those that follow one another, then those between two long pauses, then all that are alike.
    """
    steps = _fold_runs(interactions)
    if len(steps) > limit:
        steps = _fold_spans(interactions, _spans(interactions))
    if len(steps) > limit:
        steps = _fold_spans(interactions, [0] * len(interactions))
    return steps


def _fold_runs(interactions: Sequence[Interaction]) -> list[Step]:
    steps: list[Step] = []
    start = 0
    for index in range(1, len(interactions) + 1):
        if index < len(interactions) and _run_key(interactions[index]) == _run_key(interactions[start]):
            continue
        run = interactions[start:index]
        steps += [_step(run)] if len(run) >= _RUN else [_step([each]) for each in run]
        start = index
    return steps


def _run_key(interaction: Interaction) -> tuple[object, ...]:
    return (interaction.kind, interaction.attempt)


def _spans(interactions: Sequence[Interaction]) -> list[int]:
    """For each interaction the number of long pauses before it."""
    whole_seconds = interactions[-1].at_seconds - interactions[0].at_seconds
    spans = [0]
    for before, after in pairwise(interactions):
        spans.append(spans[-1] + (after.at_seconds - before.at_seconds > whole_seconds / _IDLE_SHARE))
    return spans


def _fold_spans(interactions: Sequence[Interaction], spans: Sequence[int]) -> list[Step]:
    found: dict[tuple[object, ...], list[Interaction]] = {}
    for span, each in zip(spans, interactions, strict=True):
        found.setdefault((span, *each.kind), []).append(each)
    return [_step(each) for each in found.values()]


def _step(alike: Sequence[Interaction]) -> Step:
    durations = [each.duration_seconds for each in alike]
    return Step(
        first=alike[0],
        count=len(alike),
        last_seconds=alike[-1].at_seconds,
        shortest_seconds=min(durations),
        longest_seconds=max(durations),
        cold_starts=sum(each.is_cold_start for each in alike),
    )


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Interactions:
    """Interactions in their order; ``forgotten`` tells how many older ones are not kept any more.

    ``origin_seconds`` is the modelled moment from which times are told: the start of what was asked for. ``end`` is the
    place in the log where this ends: what came later begins there. ``read_contents`` tells what the services hold.
    """

    rows: tuple[Interaction, ...]
    origin_seconds: float
    forgotten: int = 0
    end: int = 0
    read_contents: "Callable[[], ServiceContents] | None" = field(default=None, compare=False)

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Interaction]:
        return iter(self.rows)

    def steps(self, limit: int = SHOWN_STEPS) -> list[Step]:
        """The interactions, folded to at most ``limit`` steps or as far as they can be; see ``fold``."""
        return fold(self.rows, limit=limit)

    def parties(self) -> list[Party]:
        """Who takes part, in the order of appearance."""
        return list(dict.fromkeys(party for each in self.rows for party in (each.source, each.target)))

    def contents(self) -> "ServiceContents | None":
        """What the services hold now, where that can be asked."""
        return None if self.read_contents is None else self.read_contents()

    def load(self, function_name: str) -> "Load":
        """How busy a function was over time; shows itself as a table and a chart."""
        from sfn_notebook.views.load import Load

        return Load.of(self.rows, function_name)

    def __repr__(self) -> str:
        from sfn_notebook.views.interaction_text import interactions_text

        return interactions_text(self)
