"""``aws-sdk:sfn`` Tasks: the calls of workers, answered by the workspace itself; no other service is known here."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

from sfn_notebook import _json
from sfn_notebook._json import JSONObject
from sfn_notebook.engine.resources import TaskError, TaskOutcome, TaskPending, TaskRequest, TaskResult
from sfn_notebook.errors import InvalidInput, TaskTokenError, UnknownName
from sfn_notebook.runtime.ids import IdSource
from sfn_notebook.runtime.scheduler import Scheduler

if TYPE_CHECKING:
    from sfn_notebook.workspace.workspace import Workspace

_Call: TypeAlias = Callable[["Workspace", JSONObject], JSONObject]


def _send_task_success(workspace: "Workspace", parameters: JSONObject) -> JSONObject:
    workspace.holder_of(parameters["TaskToken"])  # AWS looks at the token before it looks at the output
    workspace.send_task_success(parameters["TaskToken"], _json.load(parameters["Output"]))
    return {}


def _send_task_failure(workspace: "Workspace", parameters: JSONObject) -> JSONObject:
    workspace.send_task_failure(parameters["TaskToken"], parameters.get("Error"), parameters.get("Cause"))
    return {}


def _send_task_heartbeat(workspace: "Workspace", parameters: JSONObject) -> JSONObject:
    workspace.send_task_heartbeat(parameters["TaskToken"])
    return {}


_CALLS: Final[Mapping[str, _Call]] = {
    "sendTaskSuccess": _send_task_success,
    "sendTaskFailure": _send_task_failure,
    "sendTaskHeartbeat": _send_task_heartbeat,
}


CALLS: Final = frozenset({*_CALLS, "getActivityTask"})
"""The actions that are answered here."""

_TEXTS: Final = frozenset({"TaskToken", "Output", "Error", "Cause", "ActivityArn", "WorkerName"})
"""Parameters that must be text."""

LONG_POLL_SECONDS: Final = 60.0
"""How long GetActivityTask waits for a task. Source: Step Functions API reference, GetActivityTask."""


def _poll(workspace: "Workspace", scheduler: Scheduler, request: TaskRequest) -> TaskOutcome:
    """Take a task of an activity, or wait for one as long as the service does."""
    arn, worker_name = request.parameters["ActivityArn"], request.parameters.get("WorkerName")
    answer = request.answer
    if task := workspace.get_activity_task(arn, worker_name):
        return TaskResult(result=_in_pascal_case(task))
    if answer is None:
        return TaskResult(result={})
    poll = workspace.activities.wait(arn, worker_name, lambda taken: answer(TaskResult(result=_in_pascal_case(taken))))
    scheduler.schedule(scheduler.now() + LONG_POLL_SECONDS, poll.give_up, is_deadline=True)
    return TaskPending(cancel=poll.abandon)


def _in_pascal_case(task: JSONObject) -> JSONObject:
    return {"Input": task["input"], "TaskToken": task["taskToken"]} if task else {}


def perform_call(workspace: "Workspace", scheduler: Scheduler, request: TaskRequest) -> TaskOutcome:
    """Answer one call. Source: recorded executions for the names and texts of errors."""
    if (unusable := _unusable(request.parameters)) is not None:
        return unusable
    try:
        if request.plan.action == "getActivityTask":
            return _poll(workspace, scheduler, request)
        return TaskResult(result=_CALLS[request.plan.action](workspace, request.parameters))
    except TaskTokenError as error:
        return _failed(error.code, error.message, request)
    except UnknownName as error:
        return _failed("ActivityDoesNotExist", error.message, request)
    except (InvalidInput, ValueError) as error:
        return _failed("InvalidOutput", f"Invalid Output: '{error.args[0]}'", request)


def _unusable(parameters: JSONObject) -> TaskError | None:
    """AWS does not make a call with parameters of a wrong type. Source: the text is a recorded one's."""
    wrong = [name for name, value in parameters.items() if name in _TEXTS and not isinstance(value, str)]
    if not wrong:
        return None
    reasons = ", ".join(f"The value for the field '{name}' must be a STRING" for name in wrong)
    cause = f"The Parameters '{_json.dump(parameters)}' could not be used to start the Task: [{reasons}]"
    return TaskError(error="States.Runtime", cause=cause)


def _failed(code: str, message: str, request: TaskRequest) -> TaskError:
    request_id = IdSource(f"{request.state_pointer}/{request.now_seconds}").uuid()
    cause = f"{message} (Service: Sfn, Status Code: 400, Request ID: {request_id}) (SDK Attempt Count: 1)"
    return TaskError(error=f"Sfn.{code}Exception", cause=cause)
