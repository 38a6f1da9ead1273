"""What a run waits for, as rows for the pane that answers it; no row has a whole token, since notebooks are shared."""

from hashlib import sha256
from typing import Final

from sfn_notebook import _json
from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.engine.breakpoints import Pause
from sfn_notebook.engine.resources import ResourceKind
from sfn_notebook.views.typography import visible
from sfn_notebook.workspace.notebook_execution import NotebookExecution
from sfn_notebook.workspace.waiting import Waiting

LONGEST_INPUT: Final = 20_000
"""Characters of an input that are sent."""


def rows_of(run: NotebookExecution) -> list[JSONObject]:
    """What ``run`` waits for: its breakpoint first, then its tasks, oldest first; none has ended."""
    rows = [] if run.paused_at is None else [_breakpoint_row(run, run.paused_at)]
    return rows + [_task_row(run, each) for each in run.waiting() if not each.is_for_an_execution]


def id_of_task(waiting: Waiting) -> str:
    """The id of a task's row."""
    return sha256(waiting.task_token.encode()).hexdigest()[:12]


def id_of_breakpoint(pause: Pause) -> str:
    """The id of a breakpoint's row."""
    return f"breakpoint-{pause.event_id}"


def _breakpoint_row(run: NotebookExecution, pause: Pause) -> JSONObject:
    return {
        "token_id": id_of_breakpoint(pause),
        "kind": "breakpoint",
        "when": pause.when,
        "name": visible(pause.state_name),
        "note": visible(pause.note),
        "pointer": visible(pause.pointer),
        "visit": pause.event_id,
        "iteration": list(pause.iteration),
        "since_seconds": round(pause.since_seconds - run.started_seconds, 3),
        "timeout_seconds": None,
        "heartbeat_seconds": None,
        **_input_of(pause.payload),
    }


def _task_row(run: NotebookExecution, waiting: Waiting) -> JSONObject:
    visit = waiting.visit
    timeout_seconds, heartbeat_seconds = waiting.limits
    is_own = waiting.execution is run
    return {
        "token_id": id_of_task(waiting),
        "kind": "activity" if waiting.task.plan.kind is ResourceKind.ACTIVITY else "callback",
        "when": "",
        "name": visible(waiting.state_name),
        "note": "" if is_own else f"in {visible(waiting.execution.name)}",
        "pointer": visible(waiting.task.state_pointer) if is_own else "",
        "visit": 0 if visit is None or not is_own else visit.id,
        "iteration": list(waiting.iteration),
        "since_seconds": round(waiting.task.since_seconds - run.started_seconds, 3),
        "timeout_seconds": timeout_seconds,
        "heartbeat_seconds": heartbeat_seconds,
        **_input_of(waiting.input),
    }


def _input_of(value: JSONValue) -> JSONObject:
    """The payload as text; ``is_cut`` where it is too long to be shown, and so to be edited, whole."""
    text = _json.dump(value)
    return {"input": text[:LONGEST_INPUT], "is_cut": len(text) > LONGEST_INPUT}
