"""Keeps who called whom in one workspace, from Lambda's log and the executions; it does not know how that is shown."""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from weakref import ReferenceType, ref

from sfn_notebook._json import JSONObject
from sfn_notebook.asl.model import Branch, MapState, ParallelState, TaskState
from sfn_notebook.engine.execution import Execution
from sfn_notebook.engine.status import ExecutionStatus
from sfn_notebook.engine.visits import Attempt, Visit
from sfn_notebook.functions.calls import CallKind, CallRecord
from sfn_notebook.functions.invoke_api import InvocationType
from sfn_notebook.functions.lambda_service import LambdaService
from sfn_notebook.functions.registry import name_in
from sfn_notebook.views.interactions import (
    Interaction,
    Interactions,
    Outcome,
    Party,
    PartyKind,
    interaction_of,
    joined,
    party_of,
)

MOST_KEPT: Final = 100_000
"""Calls and starts that are kept; a kernel that goes on for days forgets the oldest."""

_SERVICE_PARTIES: Final = {
    "sqs": (PartyKind.QUEUE, "QueueUrl", "/"),
    "sns": (PartyKind.TOPIC, "TopicArn", ":"),
    "lambda": (PartyKind.FUNCTION, "FunctionName", ""),
    "states": (PartyKind.MACHINE, "StateMachineArn", ":"),
}


@dataclass(kw_only=True, slots=True)
class _Told:
    """One thing in the order in which it was heard of, with what its handler did in the meantime.

    A call is told when it has ended: what came of it was told before, and stands in ``within``.
    """

    caller: str | None
    at_seconds: float
    is_made_within: bool
    record: CallRecord | None = None
    started: "ReferenceType[Execution] | None" = None
    within: "deque[_Told]" = field(default_factory=deque)

    @property
    def execution(self) -> Execution | None:
        """The execution that began; an execution that nobody holds any more is forgotten here too."""
        return None if self.started is None else self.started()


class InteractionLog:
    """Listens to a Lambda, is told of executions, and answers with interactions."""

    def __init__(self, service: LambdaService) -> None:
        self._service = service
        self._told: deque[_Told] = deque()
        self._count = 0
        self._forgotten = 0
        service.log.observe(self.note_call)

    def note_call(self, record: CallRecord) -> None:
        """Keep what happened to a call."""
        is_made_within = record.kind is CallKind.ACCEPTED or (
            record.invocation_type == InvocationType.REQUEST_RESPONSE
            and record.kind in {CallKind.ATTEMPT, CallKind.THROTTLE}
        )
        told = _Told(caller=record.caller, at_seconds=record.at_seconds, is_made_within=is_made_within, record=record)
        if record.kind is CallKind.ATTEMPT:
            while self._told and _has_made(record, self._told[-1]):
                told.within.appendleft(self._told.pop())
        self._keep(told)

    def note_start(self, execution: Execution) -> None:
        """Keep that an execution begins, and which function starts it if one does."""
        now_seconds = self._service.now()
        caller = self._service.caller
        self._keep(_Told(caller=caller, at_seconds=now_seconds, is_made_within=True, started=ref(execution)))

    def _keep(self, told: _Told) -> None:
        self._told.append(told)
        self._count += 1
        if self._count > MOST_KEPT:
            oldest = sum(1 for _ in _flat(self._told.popleft()))
            self._count -= oldest
            self._forgotten += oldest

    def interactions(self, since: float | Interactions | None = None) -> Interactions:
        """Everything that has happened, or only what did from a modelled moment on, or after an earlier answer."""
        since_seconds = since if isinstance(since, float | int) else None
        first_place = since.end - self._forgotten if isinstance(since, Interactions) else 0
        keyed = [
            (each.at_seconds, *place, each)
            for place, each in self._placed()
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

    def _placed(self) -> Iterator[tuple[tuple[int, int], Interaction]]:
        """Interactions with their places, which decide where several happen at one instant."""
        # A copy first: a run that went on by a click adds to it from a thread of its own.
        flat = [each for told in tuple(self._told) for each in _flat(told)]
        last_place: dict[str | None, int] = {each.caller: place for place, each in enumerate(flat)}
        governed = {(each.caller, each.record.function_name) for each in flat if each.record is not None}
        parents = _parents([each.execution for each in flat if each.execution is not None])
        for place, each in enumerate(flat):
            if each.record is not None:
                yield (place, 0), interaction_of(each.record)
            elif each.execution is not None and each.execution.visits:
                rows = _rows_of(each.execution, each.caller or parents.get(each.execution.arn), governed)
                end_place = max(place, last_place.get(each.execution.arn, place))
                for number, row in enumerate(rows):
                    yield (end_place if row.what in _ENDS else place, number), row


def _has_made(call: CallRecord, told: _Told) -> bool:
    return told.is_made_within and told.caller == call.function_name and told.at_seconds >= call.at_seconds


def _flat(told: _Told) -> Iterator[_Told]:
    waiting = [told]
    while waiting:
        each = waiting.pop()
        yield each
        waiting.extend(reversed(each.within))


_ENDS: Final = frozenset(status.value for status in ExecutionStatus if status is not ExecutionStatus.RUNNING)


def _parents(executions: list[Execution]) -> dict[str, str]:
    """By its ARN, the ARN of the execution whose Task started an execution."""
    if not any(execution.generation for execution in executions):
        return {}
    started: dict[str, str] = {}
    for execution in executions:
        for visit in execution.visits:
            for attempt in visit.attempts:
                if isinstance(attempt.result, dict) and isinstance(arn := attempt.result.get("ExecutionArn"), str):
                    started[arn] = execution.arn
    return started


def _rows_of(execution: Execution, caller: str | None, governed: set[tuple[str | None, str]]) -> Iterator[Interaction]:
    """The start of an execution, the calls of its Tasks that Lambda's log does not have, and its end."""
    machine = Party(PartyKind.MACHINE, execution.machine_name)
    yield Interaction(
        at_seconds=execution.started_seconds, source=party_of(caller), target=machine, what="start", why=execution.name
    )
    tasks = dict(_tasks(execution.definition))
    for visit in execution.visits:
        task = tasks.get(visit.pointer)
        if task is not None:
            for attempt in visit.attempts:
                parameters = attempt.parameters if isinstance(attempt.parameters, dict) else {}
                target = _target(task, parameters)
                # What Lambda's log has is told from there; what starts another execution is told by that one.
                if target.kind is not PartyKind.MACHINE and (execution.arn, target.name) not in governed:
                    yield _task_row(machine, visit, attempt, target)
    if execution.ended_seconds is not None:
        succeeded = execution.status is ExecutionStatus.SUCCEEDED
        yield Interaction(
            at_seconds=execution.ended_seconds,
            source=machine,
            target=machine,
            what=execution.status.value,
            why=execution.name if execution.error is None else f"{execution.name}, {execution.error}",
            outcome=Outcome.SUCCEEDED if succeeded else Outcome.FAILED,
        )


def _task_row(machine: Party, visit: Visit, attempt: Attempt, target: Party) -> Interaction:
    ended_seconds = attempt.started_seconds if attempt.ended_seconds is None else attempt.ended_seconds
    outcome = Outcome.NONE if attempt.ended_seconds is None else Outcome.SUCCEEDED
    return Interaction(
        at_seconds=attempt.started_seconds,
        source=machine,
        target=target,
        what="call",
        why=f"{visit.name}, {attempt.error}" if attempt.error else visit.name,
        outcome=outcome if attempt.error is None else Outcome.FAILED,
        duration_seconds=ended_seconds - attempt.started_seconds,
    )


def _target(resource: str, parameters: JSONObject) -> Party:
    """Whom a Task calls: the function, queue, topic or machine that it names, or a service."""
    if not resource.startswith("arn:aws:states:"):
        name = name_in(resource.removeprefix("${").removesuffix("}"))
        return Party(PartyKind.FUNCTION, name or resource)
    service, _, action = resource.rpartition(":::")[2].partition(":")
    if service in _SERVICE_PARTIES:
        kind, field_name, separator = _SERVICE_PARTIES[service]
        text = str(parameters.get(field_name, action))
        if kind is PartyKind.FUNCTION:
            return Party(kind, name_in(text) or text)
        return Party(kind, text.rpartition(separator)[2])
    return Party(PartyKind.SERVICE, resource.rpartition(":::")[2])


def _tasks(branch: Branch) -> Iterator[tuple[str, str]]:
    """Pointer and Resource of every Task, wherever it stands."""
    waiting = [branch]
    while waiting:
        states: Mapping[str, object] = waiting.pop().states
        for state in states.values():
            match state:
                case TaskState():
                    yield state.pointer, state.resource
                case ParallelState():
                    waiting.extend(state.branches)
                case MapState():
                    waiting.append(state.item_processor)
                case _:
                    pass
