"""Calls of the Step Functions API about executions and Map Runs of a workspace; it makes no machine.

Modelled time passes when somebody looks: StartExecution goes as far as the present instant, and a call that describes
or lists executions that are still at work lets virtual time go on first. Source: Step Functions API reference;
recorded answers.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from random import Random
from typing import TYPE_CHECKING, Final

from sfn_notebook import _json
from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.asl.jackson_errors import first_error
from sfn_notebook.engine.description import ALL_DATA, describe, redrive_refusal
from sfn_notebook.engine.execution import Execution
from sfn_notebook.engine.map_run import MapRun
from sfn_notebook.engine.redrives import RedrivableExecution
from sfn_notebook.engine.status import ExecutionStatus
from sfn_notebook.errors import FeatureNotSupported, InvalidInput
from sfn_notebook.runtime.ids import IdSource
from sfn_notebook.workspace.aws_api_arns import machine_does_not_exist, page_of, read_arn, unmet, with_page
from sfn_notebook.workspace.aws_api_machines import described_machine
from sfn_notebook.workspace.aws_machine_records import MachineRecords, Target, parameters_of
from sfn_notebook.workspace.service_errors import ServiceError, validation_error

if TYPE_CHECKING:
    from sfn_notebook.workspace.workspace import Workspace

_FILTERS: Final = ("SUCCEEDED", "TIMED_OUT", "PENDING_REDRIVE", "ABORTED", "FAILED", "RUNNING")
"""The statuses in the order of AWS's text."""

_WRONG_TYPE: Final = "This operation is not supported by this type of state machine"
_BILLED_MEGABYTES: Final = 64
"""What a small machine is billed. Source: recorded answers."""


_SYNC_FIELDS: Final = (
    *("executionArn", "stateMachineArn", "name", "status", "startDate", "stopDate"),
    *("input", "inputDetails", "output", "outputDetails", "error", "cause"),
)
_LISTED_FIELDS: Final = (
    *("executionArn", "stateMachineArn", "stateMachineVersionArn", "stateMachineAliasArn"),
    *("name", "status", "startDate", "stopDate", "redriveCount", "redriveDate"),
)
"""What StartSyncExecution and ListExecutions tell of what DescribeExecution does."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Started:
    """What the API knows of an execution beside the execution: where it came from, and its input as it was sent."""

    target: Target
    input_text: str


class ExecutionCalls:
    """StartExecution and its like."""

    def __init__(self, workspace: "Workspace", records: MachineRecords) -> None:
        self._workspace = workspace
        self._records = records
        self._started: dict[str, _Started] = {}
        self._redriven: dict[tuple[str, str | None], float] = {}
        self._ids = IdSource("step-functions-api/executions")
        self._random = Random("step-functions-api/routes")  # noqa: S311 - shares must repeat; nothing secret is drawn

    def start(self, request: JSONObject) -> JSONObject:
        """StartExecution."""
        target = self._records.target(request["stateMachineArn"], self._random.random() * 100)
        execution = self._begin(target, request, is_asynchronous=True)
        self._reach_present(execution)
        return {"executionArn": execution.arn, "startDate": execution.started_seconds}

    def start_sync(self, request: JSONObject) -> JSONObject:
        """StartSyncExecution: runs an EXPRESS machine to its end, which may be a failure."""
        target = self._records.target(request["stateMachineArn"], self._random.random() * 100)
        if target.machine.type != "EXPRESS":
            raise ServiceError("StateMachineTypeNotSupported", _WRONG_TYPE)
        execution = self._begin(target, request, is_asynchronous=False)
        execution.resume(reach_deadlines=True)
        ended_seconds = execution.ended_seconds or execution.started_seconds
        tenths = max(1, -int(-round((ended_seconds - execution.started_seconds) * 10, 3) // 1))
        described = self._described(execution, request.get("includedData") or ALL_DATA)
        billing = {"billedDurationInMilliseconds": tenths * 100, "billedMemoryUsedInMB": _BILLED_MEGABYTES}
        return parameters_of(described, *_SYNC_FIELDS) | {"billingDetails": billing}

    def _begin(self, target: Target, request: JSONObject, *, is_asynchronous: bool) -> Execution:
        text = request.get("input")
        value = _input_of(text)
        machine = target.machine
        name = request.get("name") or self._ids.uuid()
        running = self._workspace.find_execution(machine, name)
        if running is not None and machine.type != "EXPRESS":
            if running.status is ExecutionStatus.RUNNING and running.input == value:
                return running
            raise ServiceError("ExecutionAlreadyExists", f"Execution Already Exists: '{running.arn}'")
        try:
            execution = self._workspace.start(machine, value, name=name, is_asynchronous=is_asynchronous)
        except InvalidInput as error:
            raise ServiceError("InvalidExecutionInput", error.message) from None
        # An update changes the record; an execution goes on with what it was started with.
        as_started = replace(target, record=replace(target.record))
        self._started[execution.arn] = _Started(target=as_started, input_text="{}" if text is None else text)
        execution.start()
        return execution

    def _reach_present(self, execution: Execution) -> None:
        """Let everything happen that takes no time."""
        scheduler = self._workspace.scheduler

        def is_later() -> bool:
            due_seconds = scheduler.next_due_seconds()
            return due_seconds is None or due_seconds > scheduler.now()

        if not execution.is_clock_running:
            scheduler.run_until(is_later)
            self._workspace.tell_waiting()

    def _look_at(self, executions: Iterable[Execution]) -> None:
        for execution in executions:
            if execution.status is ExecutionStatus.RUNNING and not execution.is_clock_running:
                execution.root.resume()

    def _find(self, text: str) -> Execution:
        """The execution of an ARN.

        Raises:
            ServiceError: ``InvalidArn`` (an EXPRESS one too) or ``ExecutionDoesNotExist``.
        """
        read_arn(text, "execution")
        for execution in self._workspace.executions.values():
            if execution.arn == text:
                return execution
            for map_run in execution.map_runs:
                for child in execution.children(map_run):
                    if child.arn == text:
                        return child
        raise ServiceError("ExecutionDoesNotExist", f"Execution Does Not Exist: '{text}'")

    def describe(self, request: JSONObject) -> JSONObject:
        """DescribeExecution."""
        execution = self._find(request["executionArn"])
        self._look_at([execution])
        return self._described(execution, request.get("includedData") or ALL_DATA)

    def _described(self, execution: Execution, included_data: str) -> JSONObject:
        described = describe(execution, included_data)
        started = self._started.get(execution.arn)
        if "input" in described:
            described["input"] = _json.dump(execution.input) if started is None else started.input_text
        if "output" in described:
            described["output"] = _json.dump(described["output"])
        return described | ({} if started is None else started.target.origin)

    def describe_machine(self, request: JSONObject) -> JSONObject:
        """DescribeStateMachineForExecution: the definition that it runs, whatever was updated since."""
        execution = self._find(request["executionArn"])
        started = self._started.get(execution.arn)
        if started is not None:
            target = started.target
        else:
            record = self._records.find(execution.machine_name)
            if record is None:
                raise machine_does_not_exist(execution.header.machine.arn)
            target = Target(record=record)
        return described_machine(target) | {"updateDate": execution.started_seconds}

    def history(self, request: JSONObject) -> JSONObject:
        """GetExecutionHistory."""
        execution = self._find(request["executionArn"])
        self._look_at([execution])
        events = execution.get_execution_history(
            include_execution_data=request.get("includeExecutionData", True),
            reverse_order=request.get("reverseOrder", False),
        )
        page, token = page_of(events, request)
        return with_page("events", list(page), token)

    def list_all(self, request: JSONObject) -> JSONObject:
        """ListExecutions, of a machine, a version, an alias or a Map Run, the latest first."""
        if request.get("mapRunArn"):
            parent, run = self._map_run(request["mapRunArn"])
            chosen = list(parent.children(run))
        elif request.get("stateMachineArn"):
            chosen = self._of_machine(request["stateMachineArn"])
        else:
            raise validation_error("Must provide a StateMachine ARN or MapRun ARN")
        status = request.get("statusFilter")
        if status not in (None, *_FILTERS):
            raise unmet("statusFilter", status, f"Member must satisfy enum value set: [{', '.join(_FILTERS)}]")
        self._look_at(chosen)
        chosen = [each for each in reversed(chosen) if status in (None, each.status.value)]
        page, token = page_of(chosen, request)
        return with_page("executions", [self._entry(each) for each in page], token)

    def _of_machine(self, text: str) -> list[Execution]:
        target = self._records.target(text)
        if target.machine.type == "EXPRESS":
            raise ServiceError("StateMachineTypeNotSupported", _WRONG_TYPE)
        every = [each for each in self._workspace.executions.values() if each.machine_name == target.machine.name]
        arn = read_arn(text, "stateMachine")
        if arn.qualifier is None:
            return every
        origins = ((each, self._started.get(each.arn)) for each in every)
        return [each for each, started in origins if started and text in started.target.origin.values()]

    def _entry(self, execution: Execution) -> JSONObject:
        described = self._described(execution, "METADATA_ONLY")
        return parameters_of(described, *_LISTED_FIELDS)

    def stop(self, request: JSONObject) -> JSONObject:
        """StopExecution; one that has ended stays as it is."""
        execution = self._find(request["executionArn"])
        execution.stop(error=request.get("error"), cause=request.get("cause"))
        return {"stopDate": execution.ended_seconds or self._workspace.scheduler.now()}

    def redrive(self, request: JSONObject) -> JSONObject:
        """RedriveExecution; asked again with the same client token, it does nothing more."""
        execution = self._find(request["executionArn"])
        asked = (execution.arn, request.get("clientToken"))
        if asked[1] is None or asked not in self._redriven:
            if not isinstance(execution, RedrivableExecution):
                raise _not_redrivable("Child executions are redriven with their Map Run")
            try:
                execution.begin_redrive()
            except (InvalidInput, FeatureNotSupported) as refusal:
                raise _not_redrivable(redrive_refusal(execution) or str(refusal)) from None
            self._redriven[asked] = self._workspace.scheduler.now()
            self._reach_present(execution)
        return {"redriveDate": self._redriven[asked]}

    def list_map_runs(self, request: JSONObject) -> JSONObject:
        """ListMapRuns."""
        execution = self._find(request["executionArn"])
        self._look_at([execution])
        runs, token = page_of(execution.map_runs, request)
        return with_page("mapRuns", [run.list_entry() for run in runs], token)

    def describe_map_run(self, request: JSONObject) -> JSONObject:
        """DescribeMapRun."""
        execution, run = self._map_run(request["mapRunArn"])
        self._look_at([execution])
        return run.describe()

    def update_map_run(self, request: JSONObject) -> JSONObject:
        """UpdateMapRun."""
        execution, run = self._map_run(request["mapRunArn"])
        execution.update_map_run(
            run,
            max_concurrency=request.get("maxConcurrency"),
            tolerated_failure_count=request.get("toleratedFailureCount"),
            tolerated_failure_percentage=request.get("toleratedFailurePercentage"),
        )
        return {}

    def _map_run(self, text: str) -> tuple[Execution, MapRun]:
        read_arn(text, "mapRun")
        for execution in self._workspace.executions.values():
            for run in execution.map_runs:
                if run.arn == text:
                    return execution, run
        raise ServiceError("ResourceNotFound", f"Resource not found: '{text}'")


def _input_of(text: str | None) -> JSONValue:
    """The input of a request.

    Raises:
        ServiceError: ``InvalidExecutionInput``, in the words of Jackson.
    """
    if text is None:
        return {}
    wrong = first_error(text) if text.strip() else None
    detail = "Invalid execution input." if not text.strip() else None if wrong is None else wrong.message
    if detail is None:
        try:
            value: JSONValue = _json.load(text)
        except (ValueError, RecursionError) as error:
            detail = str(error)
        else:
            return value
    raise ServiceError(
        "InvalidExecutionInput", f"Invalid State Machine Execution Input: '{detail.partition(chr(10))[0]}'"
    )


def _not_redrivable(reason: str) -> ServiceError:
    return ServiceError("ExecutionNotRedrivable", f"Execution Not Redrivable: '{reason}'")
