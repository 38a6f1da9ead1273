"""Machines, executions, events and logs as rows of short texts beside the data that they stand for."""

import json
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from sfn_notebook._json import JSONObject
from sfn_notebook.engine.execution import Execution
from sfn_notebook.magics.listings import table
from sfn_notebook.views.typography import visible
from sfn_notebook.views.wording import duration_words
from sfn_notebook.workspace import StateMachine
from sfn_notebook.workspace.waiting import Waiting, waiting_in

_LONGEST_DETAILS: Final = 120


def machine_rows(machines: Iterable[StateMachine]) -> tuple[list[JSONObject], str]:
    """The machines as ListStateMachines returns them, and a table."""
    chosen = list(machines)
    rows: list[JSONObject] = [{"stateMachineArn": each.arn, "name": each.name, "type": each.type} for each in chosen]
    if not rows:
        return rows, "No state machine yet: define one with %%asl NAME."
    lines = [(each.name, str(each.type), str(len(each.definition.states)), ", ".join(each.unbound)) for each in chosen]
    width = 4 if any(each.unbound for each in chosen) else 3
    headings = ("state machine", "type", "states", "not defined yet")
    return rows, table(headings[:width], [line[:width] for line in lines])


def execution_rows(executions: Iterable[Execution]) -> tuple[list[JSONObject], str]:
    """The executions as ListExecutions returns them, oldest first, and a table with their modelled durations."""
    chosen = list(executions)
    kept = ("executionArn", "stateMachineArn", "name", "status", "startDate", "stopDate")
    described = [each.describe() for each in chosen]
    rows: list[JSONObject] = [{key: each[key] for key in kept if key in each} for each in described]
    if not rows:
        return rows, "No execution yet: start one with %sfn run NAME."
    lines = [(each.name, each.machine_name, each.status.value, duration_of(each)) for each in chosen]
    return rows, table(("execution", "state machine", "status", "duration"), lines)


def duration_of(execution: Execution) -> str:
    """The modelled duration in words; empty while it runs."""
    if execution.ended_seconds is None:
        return ""
    # Rounded: a difference of two large floating-point times carries noise in its last digits.
    return duration_words(round(execution.ended_seconds - execution.started_seconds, 3))


def waiting_rows(waiting: Iterable[Waiting]) -> tuple[list[JSONObject], str]:
    """The tasks that wait, as data, and a table with their tokens."""
    chosen = list(waiting)
    rows = [each.describe() for each in chosen]
    if not rows:
        return rows, "Nothing waits for an answer."
    lines = [(each.execution.name, _place(each), each.awaited, each.task_token) for each in chosen]
    return rows, table(("execution", "state", "waits for", "token"), lines)


def _place(waiting: Waiting) -> str:
    return visible(waiting.state_name) + "".join(f"[{index}]" for index in waiting.iteration)


def waiting_line(execution: Execution) -> str:
    """What a run waits for and how to go on, in one line."""
    waiting = waiting_in(execution)
    if execution.paused_at is not None or not waiting:
        return _standing_line(execution)
    first = waiting[0]
    state = first.state_name
    if len(waiting) > 1:
        return f"{execution.name} waits for {len(waiting)} tasks: %sfn waiting, or workspace.waiting(), lists them"
    line = f"{execution.name} waits in {visible(state)} for {visible(first.awaited)}"
    if first.is_for_an_execution:
        return line
    if first.is_for_a_worker:
        activity = first.task.plan.resource
        return f'{line}: %sfn get-activity-task {activity}, or @workspace.activity_worker("{activity}")'
    quoted = json.dumps(state, ensure_ascii=False)
    word = state if re.fullmatch(r"[\w-]+", state) else quoted
    answer = f"workspace.send_task_success(workspace.token_of({quoted}), output)"
    return f"{line}: %sfn approve {visible(word)} --output JSON, or {visible(answer)}"


def _standing_line(execution: Execution) -> str:
    """Where a run stands that waits for nobody's answer."""
    if execution.paused_at is not None:
        place = visible(str(execution.paused_at))
        return f"{execution.name} is paused {place}: %sfn step, %sfn continue, or %sfn edit --payload JSON"
    if execution.is_stepped:
        return f"{execution.name} waits for its clock: %sfn step {execution.name}"
    return f"{execution.name} waits for executions that it started: %sfn waiting, or workspace.waiting(), tells more"


def history_rows(events: Sequence[JSONObject]) -> list[tuple[str, str, str, str]]:
    """Id, type, state and elapsed modelled time of each event.

    An event that names no state belongs to the state of the event before it, along ``previousEventId``.
    """
    states: dict[int, str] = {0: ""}
    rows = []
    for event in events:
        event_type, event_id = event["type"], event["id"]
        is_of_execution = event_type.startswith("Execution")
        state = "" if is_of_execution else _state_named(event) or states.get(event["previousEventId"], "")
        # What follows an exit (the next StateEntered, or the end) says its own name, or has none.
        states[event_id] = "" if event_type.endswith("StateExited") else state
        elapsed = round(_instant(event) - _instant(events[0]), 3)
        rows.append((str(event_id), event_type, visible(state), duration_words(elapsed)))
    return rows


def log_rows(events: Sequence[JSONObject], execution: Execution) -> tuple[Sequence[JSONObject], str]:
    """The log events, and a table with the modelled time since the execution began and what each event tells."""
    if not events:
        return events, f"{execution.name} writes no log at this level: %sfn logs {execution.name} --level ALL"
    began_milliseconds = int(execution.started_seconds * 1000)
    lines = [
        (
            event["id"],
            event["type"],
            duration_words((int(event["event_timestamp"]) - began_milliseconds) / 1000),
            _log_details(event["details"]),
        )
        for event in events
    ]
    return events, table(("id", "type", "elapsed", "details"), lines)


def _log_details(details: JSONObject) -> str:
    """The details without what only says that nothing was cut off."""
    told = {name: value for name, value in details.items() if value != {"truncated": False}}
    words = visible(json.dumps(told, ensure_ascii=False)) if told else ""
    return words if len(words) <= _LONGEST_DETAILS else f"{words[: _LONGEST_DETAILS - 1]}…"


def _state_named(event: JSONObject) -> str:
    for key in ("stateEnteredEventDetails", "stateExitedEventDetails"):
        if key in event:
            return str(event[key]["name"])
    return ""


def _instant(event: JSONObject) -> float:
    return datetime.fromisoformat(event["timestamp"]).timestamp()
