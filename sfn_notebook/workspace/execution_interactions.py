"""What an execution's record tells as interactions: its start, the calls of its Tasks, its end; it keeps nothing."""

from collections.abc import Iterator, Mapping
from typing import Final

from sfn_notebook._json import Absent, JSONObject, JSONValue
from sfn_notebook.asl.model import Branch, MapState, ParallelState, TaskState
from sfn_notebook.engine.execution import Execution
from sfn_notebook.engine.status import ExecutionStatus
from sfn_notebook.engine.visits import Attempt, Visit
from sfn_notebook.functions.registry import name_in
from sfn_notebook.views.interaction_records import Payloads
from sfn_notebook.views.interactions import Interaction, Outcome, Party, PartyKind, party_of
from sfn_notebook.views.wording import duration_words

_LONGEST_ERROR: Final = 300
ENDS: Final = frozenset(status.value for status in ExecutionStatus if status is not ExecutionStatus.RUNNING)
"""What an execution's last interaction may be called."""

_SERVICE_PARTIES: Final = {
    "sqs": (PartyKind.QUEUE, "QueueUrl", "/"),
    "sns": (PartyKind.TOPIC, "TopicArn", ":"),
    "lambda": (PartyKind.FUNCTION, "FunctionName", ""),
    "states": (PartyKind.MACHINE, "StateMachineArn", ":"),
    "dynamodb": (PartyKind.TABLE, "TableName", "/"),
    "s3": (PartyKind.BUCKET, "Bucket", ":"),
}
_BUS_SERVICES: Final = frozenset({"events", "eventbridge"})


def rows_of(execution: Execution, caller: str | None, governed: set[tuple[str | None, str]]) -> Iterator[Interaction]:
    """The start of an execution, the calls of its Tasks that Lambda's log does not have, and its end.

    ``governed`` are those that it has: callers with the functions that they called.
    """
    machine = Party(PartyKind.MACHINE, execution.machine_name)
    yield Interaction(
        at_seconds=execution.started_seconds,
        source=party_of(caller),
        target=machine,
        what="start",
        why=execution.name,
        execution=execution.arn,
        facts=(("Execution", execution.arn),),
        exchange=Payloads(sent_value=execution.input),
    )
    tasks = dict(_tasks(execution.definition))
    for visit in execution.visits:
        task = tasks.get(visit.pointer)
        if task is not None:
            for number, attempt in enumerate(visit.attempts):
                target, what = _target(task, attempt.parameters)
                # What Lambda's log has is told from there; what starts another execution is told by that one.
                if target.kind is not PartyKind.MACHINE and (execution.arn, target.name) not in governed:
                    yield _task_row(execution, visit, number, target, what)
    if execution.ended_seconds is not None:
        yield _end_row(execution, execution.ended_seconds, machine)


def _end_row(execution: Execution, ended_seconds: float, machine: Party) -> Interaction:
    succeeded = execution.status is ExecutionStatus.SUCCEEDED
    return Interaction(
        at_seconds=ended_seconds,
        source=machine,
        target=machine,
        what=execution.status.value,
        why=execution.name if execution.error is None else f"{execution.name}, {execution.error}",
        outcome=Outcome.SUCCEEDED if succeeded else Outcome.FAILED,
        execution=execution.arn,
        error=_error_words(execution.error, execution.cause),
        facts=(("Execution", execution.arn),),
        exchange=Payloads(answer_value=execution.output),
    )


def _task_row(execution: Execution, visit: Visit, number: int, target: Party, what: str) -> Interaction:
    attempt = visit.attempts[number]
    ended_seconds = attempt.started_seconds if attempt.ended_seconds is None else attempt.ended_seconds
    outcome = Outcome.NONE if attempt.ended_seconds is None else Outcome.SUCCEEDED
    return Interaction(
        at_seconds=attempt.started_seconds,
        source=Party(PartyKind.MACHINE, execution.machine_name),
        target=target,
        what=what,
        why=f"{visit.name}, {attempt.error}" if attempt.error else visit.name,
        outcome=outcome if attempt.error is None else Outcome.FAILED,
        duration_seconds=ended_seconds - attempt.started_seconds,
        execution=execution.arn,
        error=_error_words(attempt.error, attempt.cause),
        facts=tuple(_task_facts(execution, visit, attempt, number)),
        exchange=Payloads(sent_value=attempt.parameters, answer_value=attempt.result),
    )


def _task_facts(execution: Execution, visit: Visit, attempt: Attempt, number: int) -> Iterator[tuple[str, str]]:
    yield "Execution", execution.arn
    yield "State", visit.name
    if len(visit.attempts) > 1:
        yield "Attempt of the Task", f"{number + 1} of {len(visit.attempts)}"
    if attempt.retry_delay_seconds is not None:
        yield "Next attempt after", duration_words(attempt.retry_delay_seconds)


def _error_words(error: str | None, cause: str | None) -> str:
    words = ": ".join(filter(None, [error, cause]))
    return f"{words[:_LONGEST_ERROR]}…" if len(words) > _LONGEST_ERROR else words


def _target(resource: str, parameters: JSONValue | Absent) -> tuple[Party, str]:
    """Whom a Task calls (the function, queue, topic or machine that it names, or a service), and what that is."""
    if not resource.startswith("arn:aws:states:"):
        name = name_in(resource.removeprefix("${").removesuffix("}"))
        return Party(PartyKind.FUNCTION, name or resource), "call"
    called = resource.rpartition(":::")[2]
    service, _, action = called.removeprefix("aws-sdk:").partition(":")
    action = action.partition(".")[0]
    given: JSONObject = parameters if isinstance(parameters, dict) else {}
    if service not in _SERVICE_PARTIES:
        buses = _buses_in(given) if service in _BUS_SERVICES else set()
        party = Party(PartyKind.BUS, buses.pop()) if len(buses) == 1 else Party(PartyKind.SERVICE, service)
        return party, action or "call"
    kind, field_name, separator = _SERVICE_PARTIES[service]
    text = str(given.get(field_name, service))
    if kind is PartyKind.FUNCTION:
        return Party(kind, name_in(text) or text), "call"
    return Party(kind, text.rpartition(separator)[2]), action


def _buses_in(parameters: JSONObject) -> set[str]:
    """The event buses that a call puts events on."""
    from sfn_notebook.functions.event_sources.event_bus import bus_name

    entries = parameters.get("Entries")
    return {
        bus_name(each.get("EventBusName"))
        for each in (entries if isinstance(entries, list) else ())
        if isinstance(each, dict)
    }


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
