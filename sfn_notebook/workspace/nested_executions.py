"""Tasks that start another state machine of the notebook, by ``states:startExecution`` or the SDK's call."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from sfn_notebook import _json
from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.asl.timestamps import format_timestamp
from sfn_notebook.engine.execution import Execution
from sfn_notebook.engine.resources import Pattern, TaskError, TaskOutcome, TaskPending, TaskRequest, TaskResult
from sfn_notebook.engine.status import ExecutionStatus
from sfn_notebook.engine.visits import Visit
from sfn_notebook.errors import InvalidInput, SfnNotebookError
from sfn_notebook.runtime.ids import IdSource
from sfn_notebook.runtime.scheduler import Scheduler
from sfn_notebook.workspace.service_answers import with_metadata

if TYPE_CHECKING:
    from sfn_notebook.workspace.machine import StateMachine
    from sfn_notebook.workspace.workspace import Workspace

MAX_CAUSE_CHARACTERS: Final = 32_768
"""The longest cause. Source: Step Functions API reference, HistoryEvent."""

MAX_GENERATIONS: Final = 1000
"""A machine that starts itself would never end here, where no time passes and nothing costs money."""


class _Completion:
    """Tells the parent's task how the child ended, once."""

    def __init__(self, tell: Callable[[Execution], None]) -> None:
        self._tell = tell

    def on_transition(self, execution: Execution, changes: Sequence[Visit]) -> None:
        """Nothing: only the end matters."""

    def on_end(self, execution: Execution) -> None:
        """Called at the end, and also when the child pauses."""
        if execution.status is not ExecutionStatus.RUNNING:
            self._tell(execution)


class _LimitError(Exception):
    """No further execution may be started; never seen outside this module."""


class NestedExecutions:
    """A resolver of ``states:startExecution``; children live on the scheduler of their parent."""

    def __init__(self, workspace: "Workspace", scheduler: Scheduler, seed: str) -> None:
        self._workspace = workspace
        self._scheduler = scheduler
        self._ids = IdSource(f"{seed}/nested")

    def perform(self, request: TaskRequest) -> TaskOutcome:  # noqa: PLR0911 - each refusal has its own words
        """Start the child; with ``.sync`` the task ends when the child does."""
        parameters = request.parameters
        request_id = self._ids.uuid()
        arn = str(parameters["StateMachineArn"])
        machine = self._workspace.machine_of_arn(arn)
        if machine is None:
            return _refused(request, f"State Machine Does Not Exist: '{arn}'", "StateMachineDoesNotExist", request_id)
        given = parameters.get("Input")
        try:
            # Recorded: an Input of null starts the child with {}. An object is the input; a text is its JSON.
            child_input = {} if given is None else _json.load(given) if isinstance(given, str) else given
            name = parameters.get("Name") or self._ids.uuid()
            child = self._child(request, machine, child_input, str(name))
        except _LimitError as error:
            return _refused(request, str(error), "ExecutionLimitExceeded", request_id)
        except ValueError as error:
            text = f"Invalid State Machine Execution Input: '{error}'"
            return _refused(request, text, "InvalidExecutionInput", request_id)
        except InvalidInput as error:
            arn = self._workspace.account.execution_arn(machine.name, str(name))
            code = "ExecutionAlreadyExists" if self._workspace.find_execution(machine, str(name)) else "InvalidName"
            message = f"Execution Already Exists: '{arn}'" if code == "ExecutionAlreadyExists" else error.message
            return _refused(request, message, code, request_id)
        except SfnNotebookError as error:
            return TaskError(error="StepFunctions.AWSStepFunctionsException", cause=str(error))
        if not child.log:
            child.start()
        if request.plan.resource_type != "states":
            start_date = format_timestamp(request.now_seconds)
            return TaskResult(result={"ExecutionArn": child.arn, "StartDate": start_date})
        answer = with_metadata(
            {"ExecutionArn": child.arn, "StartDate": int(request.now_seconds * 1000)},
            request_id=request_id,
            now_seconds=request.now_seconds,
        )
        answer_parent = request.answer
        if request.plan.pattern in (Pattern.RUN_A_JOB, Pattern.RUN_A_JOB_PARSED) and answer_parent is not None:
            is_parsed = request.plan.pattern is Pattern.RUN_A_JOB_PARSED
            child.observe(_Completion(lambda ended: answer_parent(_outcome_of(ended, is_parsed=is_parsed))))
            cancel = partial(self._scheduler.at_end_of_instant, partial(_abort, child))
            return TaskPending(submitted=answer, cancel=cancel)
        return TaskResult(result=answer)

    def _child(self, request: TaskRequest, machine: "StateMachine", child_input: JSONValue, name: str) -> Execution:
        """A new execution, or the one of that name that runs already with the same input, as StartExecution does."""
        parent = request.execution
        running = self._workspace.find_execution(machine, name)
        if running is not None and running.status is ExecutionStatus.RUNNING and running.input == child_input:
            return running
        if parent is not None and parent.generation >= MAX_GENERATIONS:
            raise _LimitError(f"{MAX_GENERATIONS} executions have started one another, each the next")
        seed = 0 if parent is None else parent.header.seed
        child = self._workspace.start(machine, child_input, name=name, clock=self._scheduler, seed=seed)
        if parent is not None:
            child.join(parent)
        return child


def _abort(child: Execution) -> None:
    child.abort(cause="The task that started this execution was cancelled.")


def _refused(request: TaskRequest, message: str, code: str, request_id: str) -> TaskError:
    if request.plan.resource_type != "states":
        detail = f"Service: Sfn, Status Code: 400, Request ID: {request_id}"
        return TaskError(error=f"Sfn.{code}Exception", cause=f"{message} ({detail}) (SDK Attempt Count: 1)")
    detail = f"Service: AWSStepFunctions; Status Code: 400; Error Code: {code}; Request ID: {request_id}; Proxy: null"
    return TaskError(error=f"StepFunctions.{code}Exception", cause=f"{message} ({detail})")


def _outcome_of(child: Execution, *, is_parsed: bool) -> TaskResult | TaskError:
    """The child's DescribeExecution in AWS's letters; texts of JSON, or with ``.sync:2`` the values themselves."""
    described = _description(child, is_parsed=is_parsed)
    if child.status is ExecutionStatus.SUCCEEDED:
        return TaskResult(result=described)
    # Recorded: whatever the child failed with, the parent's task fails with States.TaskFailed.
    # A cause within a cause within a cause doubles its backslashes each time, so the limit is one of memory too.
    cause = _json.dump(_description(child, is_parsed=False))[:MAX_CAUSE_CHARACTERS]
    return TaskError(error="States.TaskFailed", cause=cause)


def _description(child: Execution, *, is_parsed: bool) -> JSONObject:
    def shown(value: JSONValue) -> JSONValue:
        return value if is_parsed else _json.dump(value)

    described: JSONObject = {
        "Cause": child.cause,
        "Error": child.error,
        "ExecutionArn": child.arn,
        "Input": shown(child.input),
        "InputDetails": {"Included": True},
        "Name": child.name,
        "RedriveCount": 0,
        "RedriveStatus": "REDRIVABLE",
        "StartDate": int(child.started_seconds * 1000),
        "StateMachineArn": child.header.machine.arn,
        "Status": child.status.value,
        "StopDate": int((child.ended_seconds or child.started_seconds) * 1000),
    }
    if child.status is ExecutionStatus.SUCCEEDED:
        described |= {
            "Output": shown(child.output),
            "OutputDetails": {"Included": True},
            "RedriveStatus": "NOT_REDRIVABLE",
            "RedriveStatusReason": "Execution is SUCCEEDED and cannot be redriven",
        }
    return {key: value for key, value in sorted(described.items()) if value is not None}
