"""Tasks that start another state machine of the notebook, by ``states:startExecution`` or the SDK's call."""

from collections.abc import Callable, Sequence
from functools import partial
from math import ceil
from typing import TYPE_CHECKING, Final

from sfn_notebook import _json
from sfn_notebook._json import ABSENT, Absent, JSONObject, JSONValue
from sfn_notebook.asl.timestamps import format_timestamp
from sfn_notebook.engine.description import redrive_facts
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

START_SYNC: Final = "startSyncExecution"
STARTS: Final = frozenset({"startExecution", START_SYNC})
"""The actions that start another execution."""

MAX_CAUSE_CHARACTERS: Final = 32_768
"""The longest cause. Source: Step Functions API reference, HistoryEvent."""

MAX_GENERATIONS: Final = 1000
"""A machine that starts itself would never end here, where no time passes and nothing costs money."""


_ACCESS_DENIED: Final = "AccessDeniedException"
_UNKNOWN_TO_SDK: Final = "StepFunctions.AWSStepFunctionsException"
"""How the SDK calls an error that is none of the service's own."""

_WRONG_TYPE: Final = "This operation is not supported by this type of state machine"


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


class _RefusalError(Exception):
    """AWS refuses the call; never seen outside this module."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class NestedExecutions:
    """A resolver of ``states:startExecution``; children live on the scheduler of their parent."""

    def __init__(self, workspace: "Workspace", scheduler: Scheduler, seed: str) -> None:
        self._workspace = workspace
        self._scheduler = scheduler
        self._ids = IdSource(f"{seed}/nested")

    def perform(self, request: TaskRequest) -> TaskOutcome:
        """Start the child; with ``.sync`` the task ends when the child does."""
        request_id = self._ids.uuid()
        try:
            child = self._begin(request)
        except _RefusalError as refusal:
            return _refused(request, refusal, request_id)
        except SfnNotebookError as error:
            return TaskError(error=_UNKNOWN_TO_SDK, cause=str(error))
        if not child.log:
            child.start()
        if request.plan.action == START_SYNC:
            return self._when_ended(request, child, _sync_answer)
        if request.plan.resource_type != "states":
            start_date = format_timestamp(request.now_seconds)
            return TaskResult(result={"ExecutionArn": child.arn, "StartDate": start_date})
        answer = with_metadata(
            {"ExecutionArn": child.arn, "StartDate": int(request.now_seconds * 1000)},
            request_id=request_id,
            now_seconds=request.now_seconds,
        )
        if request.plan.pattern in (Pattern.RUN_A_JOB, Pattern.RUN_A_JOB_PARSED) and request.answer is not None:
            is_parsed = request.plan.pattern is Pattern.RUN_A_JOB_PARSED
            return self._when_ended(request, child, partial(_outcome_of, is_parsed=is_parsed), submitted=answer)
        return TaskResult(result=answer)

    def _when_ended(
        self,
        request: TaskRequest,
        child: Execution,
        outcome_of: Callable[[Execution], TaskResult | TaskError],
        *,
        submitted: JSONValue | Absent = ABSENT,
    ) -> TaskPending:
        """Answer the parent's task when the child ends, and stop the child when nobody waits for it any more."""
        answer = request.answer
        assert answer is not None  # noqa: S101 - only mocks ask without awaiting an answer
        child.observe(_Completion(lambda ended: answer(outcome_of(ended))))
        cancel = partial(self._scheduler.at_end_of_instant, partial(_abort, child))
        return TaskPending(submitted=submitted, cancel=cancel)

    def _begin(self, request: TaskRequest) -> Execution:
        """The child, made but not started, unless it runs already.

        Raises:
            _RefusalError: What AWS refuses, in its words.
            SfnNotebookError: What only this package refuses, such as a function that is not there.
        """
        parameters = request.parameters
        arn = str(parameters["StateMachineArn"])
        home = self._home_of(arn, request.credentials)
        machine = home.machine_of_arn(arn)
        if machine is None:
            raise _RefusalError("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn}'")
        if request.plan.action == START_SYNC and machine.type != "EXPRESS":
            raise _RefusalError("StateMachineTypeNotSupported", _WRONG_TYPE)
        given = parameters.get("Input")
        try:
            # Recorded: an Input of null starts the child with {}. An object is the input; a text is its JSON.
            child_input = {} if given is None else _json.load(given) if isinstance(given, str) else given
        except ValueError as error:
            text = f"Invalid State Machine Execution Input: '{error}'"
            raise _RefusalError("InvalidExecutionInput", text) from None
        name = str(parameters.get("Name") or self._ids.uuid())
        try:
            return self._child(request, home, machine, child_input, name)
        except InvalidInput as error:
            if home.find_execution(machine, name) is None:
                raise _RefusalError("InvalidName", error.message) from None
            arn = home.account.execution_arn(machine.name, name)
            raise _RefusalError("ExecutionAlreadyExists", f"Execution Already Exists: '{arn}'") from None

    def _home_of(self, arn: str, credentials: JSONValue) -> "Workspace":
        """The account of a machine's ARN, if the notebook plays it; only a role of that account may start there.

        Raises:
            _RefusalError: For a role of another account, or none.
        """
        accounts = self._workspace.accounts
        if len(accounts) == 1:
            return self._workspace
        home = accounts.of_arn(arn) or self._workspace
        role_arn = credentials.get("RoleArn") if isinstance(credentials, dict) else None
        caller = self._workspace if role_arn is None else accounts.of_arn(str(role_arn)) or self._workspace
        if caller is not home:
            who = role_arn or self._workspace.account.role_arn("sfn-notebook")
            text = f"User: {who} is not authorized to perform: states:StartExecution on resource: {arn}"
            raise _RefusalError(_ACCESS_DENIED, text)
        return home

    def _child(
        self, request: TaskRequest, home: "Workspace", machine: "StateMachine", child_input: JSONValue, name: str
    ) -> Execution:
        """A new execution, or the one of that name that runs already with the same input, as StartExecution does."""
        parent = request.execution
        running = home.find_execution(machine, name)
        if running is not None and running.status is ExecutionStatus.RUNNING and running.input == child_input:
            return running
        if parent is not None and parent.generation >= MAX_GENERATIONS:
            text = f"{MAX_GENERATIONS} executions have started one another, each the next"
            raise _RefusalError("ExecutionLimitExceeded", text)
        seed = 0 if parent is None else parent.header.seed
        is_asynchronous = request.plan.action != START_SYNC
        child = home.start(
            machine, child_input, name=name, clock=self._scheduler, seed=seed, is_asynchronous=is_asynchronous
        )
        if parent is not None:
            child.join(parent)
        return child


def _abort(child: Execution) -> None:
    child.abort(cause="The task that started this execution was cancelled.")


def _refused(request: TaskRequest, refusal: _RefusalError, request_id: str) -> TaskError:
    code, message = refusal.code, refusal.message
    if request.plan.resource_type != "states":
        detail = f"Service: Sfn, Status Code: 400, Request ID: {request_id}"
        name = "Sfn.SfnException" if code == _ACCESS_DENIED else f"Sfn.{code}Exception"
        return TaskError(error=name, cause=f"{message} ({detail}) (SDK Attempt Count: 1)")
    detail = f"Service: AWSStepFunctions; Status Code: 400; Error Code: {code}; Request ID: {request_id}; Proxy: null"
    name = _UNKNOWN_TO_SDK if code == _ACCESS_DENIED else f"StepFunctions.{code}Exception"
    return TaskError(error=name, cause=f"{message} ({detail})")


def _outcome_of(child: Execution, *, is_parsed: bool) -> TaskResult | TaskError:
    """The child's DescribeExecution in AWS's letters; texts of JSON, or with ``.sync:2`` the values themselves."""
    described = _description(child, is_parsed=is_parsed)
    if child.status is ExecutionStatus.SUCCEEDED:
        return TaskResult(result=described)
    # Recorded: whatever the child failed with, the parent's task fails with States.TaskFailed.
    # A cause within a cause within a cause doubles its backslashes each time, so the limit is one of memory too.
    cause = _json.dump(_description(child, is_parsed=False))[:MAX_CAUSE_CHARACTERS]
    return TaskError(error="States.TaskFailed", cause=cause)


def _sync_answer(child: Execution) -> TaskResult:
    """What StartSyncExecution returns: whatever became of the child, the call itself went well.

    Billed are whole tenths of a second and, as recorded for a small machine, 64 MB.
    """
    ended_seconds = child.ended_seconds if child.ended_seconds is not None else child.started_seconds
    tenths = max(1, ceil(round((ended_seconds - child.started_seconds) * 10, 3)))
    answer: JSONObject = {
        "BillingDetails": {"BilledDurationInMilliseconds": tenths * 100, "BilledMemoryUsedInMB": 64},
        "Cause": child.cause,
        "Error": child.error,
        "ExecutionArn": child.arn,
        "Input": _json.dump(child.input),
        "InputDetails": {"Included": True},
        "Name": child.name,
        "StartDate": format_timestamp(child.started_seconds),
        "StateMachineArn": child.header.machine.arn,
        "Status": child.status.value,
        "StopDate": format_timestamp(ended_seconds),
    }
    if child.status is ExecutionStatus.SUCCEEDED:
        answer |= {"Output": _json.dump(child.output), "OutputDetails": {"Included": True}}
    return TaskResult(result={key: value for key, value in sorted(answer.items()) if value is not None})


def _description(child: Execution, *, is_parsed: bool) -> JSONObject:
    def shown(value: JSONValue) -> JSONValue:
        return value if is_parsed else _json.dump(value)

    redrive = redrive_facts(child)
    described: JSONObject = {
        "Cause": child.cause,
        "Error": child.error,
        "ExecutionArn": child.arn,
        "Input": shown(child.input),
        "InputDetails": {"Included": True},
        "Name": child.name,
        "RedriveCount": redrive["redriveCount"],
        "RedriveStatus": redrive["redriveStatus"],
        "RedriveStatusReason": redrive.get("redriveStatusReason"),
        "StartDate": int(child.started_seconds * 1000),
        "StateMachineArn": child.header.machine.arn,
        "Status": child.status.value,
        "StopDate": int((child.ended_seconds or child.started_seconds) * 1000),
    }
    if child.status is ExecutionStatus.SUCCEEDED:
        described |= {
            "Output": shown(child.output),
            "OutputDetails": {"Included": True},
        }
    return {key: value for key, value in sorted(described.items()) if value is not None}
