"""Keeps who called whom in one workspace, from Lambda's log and the executions; it does not know how that is shown."""

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final
from weakref import ReferenceType, WeakKeyDictionary, ref

from sfn_notebook._json import ABSENT, Absent, JSONValue
from sfn_notebook.engine.execution import Execution
from sfn_notebook.functions.calls import CallKind, CallRecord, Carried
from sfn_notebook.functions.lambda_service import LambdaService
from sfn_notebook.views.interaction_records import (
    Exchange,
    Facts,
    KeptTexts,
    error_words,
    excerpt_of,
    excerpt_of_text,
    facts_of_call,
)
from sfn_notebook.views.interactions import Interaction, Interactions, Party, interaction_of, joined, party_of
from sfn_notebook.workspace.execution_interactions import ENDS, rows_of

MOST_KEPT: Final = 100_000
"""Calls and starts that are kept; a kernel that goes on for days forgets the oldest."""

MOST_CHARACTERS: Final = 16_000_000
"""Of what the calls carried; that of the oldest is forgotten first."""

ROWS_AROUND: Final = 250
"""Interactions before the start of an execution, and after it, that are shown with the execution."""

_SENT: Final = frozenset({CallKind.DESTINATION, CallKind.DEAD_LETTER})


@dataclass(kw_only=True, slots=True)
class _Told:
    """One thing in the order in which it was heard of, with what its handler did in the meantime.

    A call is told when it has ended, and a record when it has been delivered: what came of it was told before, and
    stands in ``within``. ``callers`` are all on whose behalf it was done, outermost first.
    """

    caller: str | None
    at_seconds: float
    callers: tuple[str, ...]
    record: CallRecord | None = None
    started: "ReferenceType[Execution] | None" = None
    sent: Interaction | None = None
    error: str = ""
    exchange: KeptTexts | None = None
    within: "Sequence[_Told]" = ()

    @property
    def execution(self) -> Execution | None:
        """The execution that began; an execution that nobody holds any more is forgotten here too."""
        return None if self.started is None else self.started()


class InteractionLog:
    """Listens to a Lambda, is told of executions and of what is sent, and answers with interactions."""

    def __init__(self, service: LambdaService) -> None:
        self._service = service
        self._told: deque[_Told] = deque()
        self._count = 0
        self._forgotten = 0
        self._with_texts: deque[_Told] = deque()
        self._characters = 0
        self._starters: WeakKeyDictionary[Execution, str] = WeakKeyDictionary()
        # What comes of a delivery is told before the delivery itself.
        self._delivered: deque[_Told] = deque()
        self._deliveries = 0
        service.log.observe_payloads(self.note_call)

    @property
    def is_delivering(self) -> bool:
        """Whether Lambda hands a record to a destination now, which the record itself will tell."""
        return self._deliveries > 0

    @contextmanager
    def delivery(self) -> Iterator[None]:
        """What is told within comes of the record that is told next."""
        self._deliveries += 1
        try:
            yield
        finally:
            self._deliveries -= 1

    def note_call(self, record: CallRecord, carried: Carried) -> None:
        """Keep what happened to a call."""
        callers = self._service.callers
        told = _Told(
            caller=record.caller,
            at_seconds=record.at_seconds,
            callers=callers,
            record=record,
            error=error_words(record.function_error, carried.answer),
        )
        log = excerpt_of_text(carried.log) if carried.log else None
        self._attach(told, KeptTexts(sent=excerpt_of(carried.event), answer=excerpt_of(carried.answer), log=log))
        if record.kind is CallKind.ATTEMPT:
            told.within = self._done_within((*callers, record.function_name), record.at_seconds)
        if record.kind in _SENT and not self._deliveries:
            told.within = (*told.within, *self._delivered)
            self._delivered.clear()
        self._keep(told)

    def _done_within(self, handler: tuple[str, ...], began_seconds: float) -> "Sequence[_Told]":
        """Take back what a handler that has ended did since it began, in its order."""
        done: deque[_Told] = deque()
        while self._told and _is_within(self._told[-1], handler, began_seconds):
            done.appendleft(self._told.pop())
        return done or ()

    def note_start(self, execution: Execution) -> None:
        """Keep that an execution begins, and on whose behalf."""
        service = self._service
        caller = service.caller
        if caller is not None:
            self._starters[execution] = caller
        self._keep(_Told(caller=caller, at_seconds=service.now(), callers=service.callers, started=ref(execution)))

    def note_sent(
        self,
        target: Party,
        what: str,
        *,
        why: str = "",
        payload: JSONValue | Absent = ABSENT,
        answer: JSONValue | Absent = ABSENT,
        source: Party | None = None,
        facts: Facts = (),
    ) -> None:
        """Keep that somebody, by default whoever is at work now, has sent or asked ``target`` something."""
        caller = self._service.caller
        at_seconds = self._service.now()
        sent = Interaction(
            at_seconds=at_seconds,
            source=party_of(caller) if source is None else source,
            target=target,
            what=what,
            why=why,
            facts=facts,
        )
        told = _Told(caller=caller, at_seconds=at_seconds, callers=self._service.callers, sent=sent)
        self._attach(told, KeptTexts(sent=excerpt_of(payload), answer=excerpt_of(answer)))
        self._keep(told)

    def _attach(self, told: _Told, exchange: KeptTexts) -> None:
        if not exchange.characters:
            return
        told.exchange = exchange
        self._with_texts.append(told)
        self._characters += exchange.characters
        while self._characters > MOST_CHARACTERS and len(self._with_texts) > 1:
            oldest = self._with_texts.popleft()
            self._characters -= 0 if oldest.exchange is None else oldest.exchange.characters
            oldest.exchange = None

    def _keep(self, told: _Told) -> None:
        self._count += 1
        if self._deliveries:
            self._delivered.append(told)
            return
        # A delivery that failed in the end is told by nobody.
        self._told.extend(self._delivered)
        self._delivered.clear()
        self._told.append(told)
        while self._count > MOST_KEPT and self._told:
            oldest = sum(1 for _ in _flat(self._told.popleft()))
            self._count -= oldest
            self._forgotten += oldest

    def interactions(self, since: float | Interactions | None = None) -> Interactions:
        """Everything that has happened, or only what did from a modelled moment on, or after an earlier answer."""
        since_seconds = since if isinstance(since, float | int) else None
        first_place = since.end - self._forgotten if isinstance(since, Interactions) else 0
        keyed = [
            (each.at_seconds, *place, each)
            for place, each in _placed(self._flat())
            if place[0] >= first_place and (since_seconds is None or each.at_seconds >= since_seconds)
        ]
        keyed.sort(key=lambda key: key[:3])
        rows = tuple(joined(key[3] for key in keyed))
        origin_seconds = since_seconds
        if origin_seconds is None:
            origin_seconds = rows[0].at_seconds if rows else self._service.now()
        return Interactions(
            rows=rows, origin_seconds=origin_seconds, forgotten=self._forgotten, end=self._forgotten + self._count
        )

    def around(self, execution: Execution) -> Interactions:
        """Some of what happened before an execution was started, and after."""
        flat = self._flat()
        start = next((place for place, each in enumerate(flat) if each.execution is execution), 0)
        first = max(0, start - ROWS_AROUND)
        keyed = sorted(
            ((row.at_seconds, *place, row) for place, row in _placed(flat[first : start + ROWS_AROUND])),
            key=lambda key: key[:3],
        )
        rows = list(joined(key[3] for key in keyed))
        begins = next((place for place, row in enumerate(rows) if row.execution == execution.arn), 0)
        before = max(0, begins - ROWS_AROUND)
        return Interactions(
            rows=tuple(rows[before : begins + ROWS_AROUND]),
            origin_seconds=self.first_seconds,
            forgotten=self._forgotten + first + before,
        )

    def caller_of(self, execution: Execution) -> str | None:
        """Who started an execution: a function's name or an ARN; ``None`` for the notebook."""
        return self._starters.get(execution)

    @property
    def first_seconds(self) -> float:
        """When the first thing that is kept happened, in modelled seconds."""
        return min((each.at_seconds for each in self._flat()), default=0.0)

    def sent(self) -> list[Interaction]:
        """Only what was sent to queues, topics, buses and their like; by the time at which it was."""
        rows = [row for _, row in _placed(self._flat(), frozenset(_SENT))]
        return sorted(rows, key=lambda row: row.at_seconds)

    def _flat(self) -> list[_Told]:
        """Everything in its order, what came of something after it."""
        # A copy first: a run that went on by a click adds to it from a thread of its own.
        return [each for told in (*tuple(self._told), *tuple(self._delivered)) for each in _flat(told)]


def _placed(
    flat: Sequence[_Told], kinds: frozenset[CallKind] = frozenset(CallKind)
) -> Iterator[tuple[tuple[int, int], Interaction]]:
    """Interactions with their places, which decide where several happen at one instant; calls only of ``kinds``."""
    last_place: dict[str | None, int] = {each.caller: place for place, each in enumerate(flat)}
    governed = {(each.caller, each.record.function_name) for each in flat if each.record is not None}
    for place, each in enumerate(flat):
        if each.record is not None:
            if each.record.kind in kinds:
                yield (place, 0), _call_row(each, each.record)
        elif each.sent is not None:
            yield (place, 0), replace(each.sent, exchange=each.exchange)
        elif each.execution is not None and each.execution.visits:
            end_place = max(place, last_place.get(each.execution.arn, place))
            for number, row in enumerate(rows_of(each.execution, each.caller, governed)):
                yield (end_place if row.what in ENDS else place, number), row


def _call_row(told: _Told, record: CallRecord) -> Interaction:
    exchange: Exchange | None = told.exchange
    return interaction_of(record, error=told.error, facts=facts_of_call(record), exchange=exchange)


def _is_within(told: _Told, handler: tuple[str, ...], began_seconds: float) -> bool:
    """Whether something was told while a handler ran that began then."""
    return told.callers[: len(handler)] == handler and told.at_seconds >= began_seconds


def _flat(told: _Told) -> Iterator[_Told]:
    waiting = [told]
    while waiting:
        each = waiting.pop()
        yield each
        waiting.extend(reversed(each.within))
