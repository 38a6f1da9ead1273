"""TestState: one state run alone, its work done or mocked, and what each stage made of the payload; no machine is run.

The state is compiled and run by the same compiler and interpreter as an execution's; only the answer to its work is
scripted. Source: Step Functions API reference, "TestState"; developer guide, "Testing state machines with TestState
API"; recorded answers for the texts.
"""

# ruff: noqa: PT028 - test_state is named after the API's operation; pytest has nothing to do with it

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sfn_notebook import _json
from sfn_notebook._json import ABSENT, JSONObject, JSONValue
from sfn_notebook.asl.compile import CompiledDefinition, CompiledState, CompiledTask, RetryableState, compile_definition
from sfn_notebook.asl.model import MapState, ParallelState, TaskState
from sfn_notebook.engine.commands import Command, Instant, StartExecution, TaskFailed, TaskSucceeded, TimerFired
from sfn_notebook.engine.context_object import ExecutionHeader, MachineIdentity
from sfn_notebook.engine.effects import Effect, SetTimer, StartTask
from sfn_notebook.engine.interpreter import Interpreter
from sfn_notebook.engine.map_run import threshold_exceeded
from sfn_notebook.engine.resources import (
    Pattern,
    ResourceKind,
    ResourcePlan,
    TaskError,
    TaskPending,
    TaskRequest,
    TaskResolver,
    TaskResult,
    plan_resource,
)
from sfn_notebook.engine.visits import Visit, VisitStatus
from sfn_notebook.errors import FeatureNotSupported
from sfn_notebook.functions.registry import FunctionRegistry, default_registry
from sfn_notebook.runtime.clock import VirtualClock
from sfn_notebook.runtime.ids import DEFAULT_ACCOUNT, Account
from sfn_notebook.workspace.binding import resource_binder, states_of
from sfn_notebook.workspace.function_tasks import FunctionTasks
from sfn_notebook.workspace.service_errors import validation_error
from sfn_notebook.workspace.state_inspection import inspection_of
from sfn_notebook.workspace.tested_branches import MapStages, as_task
from sfn_notebook.workspace.tested_context import TestedEnvironment, require_context
from sfn_notebook.workspace.tested_definition import TestedDefinition, tested_definition
from sfn_notebook.workspace.tested_mock import (
    StateConfiguration,
    TestedMock,
    read_configuration,
    read_json,
    read_mock,
    require_combination,
)

LEVELS: Final = ("INFO", "DEBUG", "TRACE")
LONGEST_SECONDS: Final = 300.0
"""A test that takes longer fails with States.Timeout. Source: API reference."""

_STATUSES: Final = {
    VisitStatus.SUCCEEDED: "SUCCEEDED",
    VisitStatus.CAUGHT: "CAUGHT_ERROR",
    VisitStatus.RETRYING: "RETRIABLE",
    VisitStatus.FAILED: "FAILED",
}


def test_state(
    *,
    definition: str | Mapping[str, Any],
    input: JSONValue = ABSENT,
    inspection_level: str = "INFO",
    mock: Mapping[str, Any] | None = None,
    state_name: str | None = None,
    variables: JSONValue = None,
    context: JSONValue = None,
    state_configuration: Mapping[str, Any] | None = None,
    reveal_secrets: bool = False,
    registry: FunctionRegistry | None = None,
    resolver: TaskResolver | None = None,
    account: Account = DEFAULT_ACCOUNT,
) -> JSONObject:
    """Run one state as the TestState API does.

    Where the API takes JSON as text, a value that is no text is taken as it is.

    Args:
        definition: A state, or with ``state_name`` a whole machine; JSON or YAML text, or a dictionary.
        input: The state's input; ``{}`` without it.
        inspection_level: INFO, or DEBUG or TRACE for ``inspectionData``.
        mock: ``result``, or ``errorOutput`` with ``error`` and ``cause``; and ``fieldValidationMode``. Without it a
            Task calls its function, or its service.
        state_name: Which state of the machine.
        variables: Workflow variables in scope.
        context: The Context Object, where a mock is given.
        state_configuration: ``retrierRetryCount``, ``errorCausedByState``, ``mapIterationFailureCount``,
            ``mapItemReaderData``.
        reveal_secrets: For HTTP Tasks, which are not run here; not with a mock.
        registry: The functions; those made with ``@lambda_function`` without it.
        resolver: Does the work of Tasks that are no functions'.
        account: Whose names the Context Object has.

    Returns:
        ``status`` (SUCCEEDED, CAUGHT_ERROR, RETRIABLE or FAILED) and, where they apply, ``output`` (JSON text),
        ``error``, ``cause``, ``nextState`` and ``inspectionData``.

    Raises:
        ServiceError: What the API refuses, with its code and text.
        FeatureNotSupported: For a Task without a mock that nobody does, or that answers later.
    """
    if inspection_level not in LEVELS:
        allowed = f"Member must satisfy enum value set: [{', '.join(LEVELS)}]"
        where = f"Value '{inspection_level}' at 'inspectionLevel' failed to satisfy constraint"
        raise validation_error(f"1 validation error detected: {where}: {allowed}")
    tested = tested_definition(definition, state_name)
    configuration = state_configuration or {}
    require_combination(tested.state, mock, configuration, reveal_secrets=reveal_secrets)
    plan = _plan_of(tested, registry) if mock is not None else None
    if context is not None and mock is None:
        raise validation_error("TestState does not support Context when a mock is not specified.")
    has_token = plan is not None and plan.pattern is not Pattern.REQUEST_RESPONSE
    run = _StateRun(
        tested,
        payload=read_json({} if input is ABSENT else input, "Input"),
        mock=None if mock is None else read_mock(tested.state, mock, plan),
        configuration=read_configuration(configuration),
        context=None if context is None else require_context(read_json(context, "Context"), has_token=has_token),
        variables=_variables(variables),
        functions=_Functions(registry if registry is not None else default_registry(), resolver),
        account=account,
    )
    return run.answer(shows_stages=inspection_level != "INFO")


test_state.__test__ = False  # type: ignore[attr-defined]  # pytest collects what is called test_...


def _variables(variables: JSONValue) -> Mapping[str, JSONValue]:
    read = {} if variables is None else read_json(variables, "Variables")
    if not isinstance(read, dict):
        raise validation_error("Variables must be a JSON object")
    return read


def _plan_of(tested: TestedDefinition, registry: FunctionRegistry | None) -> ResourcePlan | None:
    """A Task's Resource taken apart; a name of the notebook is a function."""
    state = tested.state
    if not isinstance(state, TaskState):
        return None
    resource_of = resource_binder(registry if registry is not None else default_registry(), frozenset({state.name}))
    return plan_resource(resource_of(state), pointer=state.pointer, allow_any=True)


@dataclass(frozen=True, slots=True)
class _Functions:
    """Does the work of a Task that is not mocked."""

    registry: FunctionRegistry
    services: TaskResolver | None

    def perform(self, request: TaskRequest) -> TaskResult | TaskError:
        plan = request.plan
        is_plain = plan.pattern is Pattern.REQUEST_RESPONSE and plan.kind is not ResourceKind.ACTIVITY
        is_function = plan.resource_type == "lambda"
        resolver = FunctionTasks(self.registry, "test-state") if is_function else self.services
        if is_plain and resolver is not None:
            outcome = resolver.perform(request)
            if not isinstance(outcome, TaskPending):
                return outcome
        raise FeatureNotSupported(
            f"TestState of the Resource {plan.arn!r} without a mock",
            pointer=request.state_pointer,
            hint='Give mock={"result": ...}.',
        )


class _StateRun:
    """One test: an interpreter over the cut-out state, fed until the state has ended or waits for a retry."""

    def __init__(
        self,
        tested: TestedDefinition,
        *,
        payload: JSONValue,
        mock: TestedMock | None,
        configuration: StateConfiguration,
        context: JSONObject | None,
        variables: Mapping[str, JSONValue],
        functions: _Functions,
        account: Account,
    ) -> None:
        self._tested = tested
        self._mock = mock
        self._configuration = configuration
        self._variables = variables
        self._functions = functions
        mocked = frozenset(each.name for each in states_of(tested.definition)) if mock is not None else frozenset[str]()
        compiled = compile_definition(tested.definition, resource_binder(functions.registry, mocked))
        self._compiled, self._stages = self._under_test(compiled.start_at)
        header = ExecutionHeader("test-state", _identity(account), payload)
        whole = CompiledDefinition(start_at=self._compiled, timeout_seconds=None, states=compiled.states)
        self._interpreter = Interpreter(whole, header)
        self._interpreter.environment = TestedEnvironment(
            header, mocked=context, variables=variables, retry_count=configuration.retry_count
        )
        self._started_seconds = VirtualClock().now()

    def _under_test(self, compiled: CompiledState) -> tuple[CompiledState, MapStages]:
        state = self._tested.state
        if isinstance(state, MapState | ParallelState) and isinstance(compiled, RetryableState):
            return as_task(compiled, state, self._configuration.reader_data)
        return compiled, MapStages()

    def answer(self, *, shows_stages: bool) -> JSONObject:
        """Run the state and describe what came of it."""
        effects = self._apply(self._started_seconds, StartExecution())
        for effect in effects:
            match effect:
                case StartTask():
                    self._finish_work(effect, effects)
                    break
                case SetTimer() if not isinstance(self._compiled, CompiledTask):
                    if effect.due_seconds - self._started_seconds > LONGEST_SECONDS:
                        return {"status": "FAILED", "error": "States.Timeout"}
                    self._apply(effect.due_seconds, TimerFired(timer_id=effect.timer_id))
                    break
        visit = self._interpreter.visits[0]
        return self._described(visit, shows_stages=shows_stages)

    def _apply(self, at_seconds: float, *commands: Command) -> Sequence[Effect]:
        return self._interpreter.apply(Instant(at_seconds=at_seconds, commands=commands)).effects

    def _finish_work(self, task: StartTask, effects: Sequence[Effect]) -> None:
        if (frame := self._interpreter.root) is not None and isinstance(self._compiled, RetryableState):
            frame.retries = (self._configuration.retry_count,) * len(self._compiled.retry)
        outcome = self._scripted() if self._mock is not None else self._functions.perform(self._request(task))
        ended_seconds = self._started_seconds + outcome.duration_seconds
        deadlines = [each for each in effects if isinstance(each, SetTimer) and each.due_seconds <= ended_seconds]
        if deadlines:
            first = min(deadlines, key=lambda each: each.due_seconds)
            self._apply(first.due_seconds, TimerFired(timer_id=first.timer_id))
        elif isinstance(outcome, TaskResult):
            self._apply(ended_seconds, TaskSucceeded(task_id=task.task_id, result=outcome.result))
        else:
            self._apply(ended_seconds, TaskFailed(task_id=task.task_id, error=outcome.error, cause=outcome.cause))

    def _request(self, task: StartTask) -> TaskRequest:
        return TaskRequest(
            plan=task.plan,
            parameters=task.parameters,
            state_name=task.state_name,
            state_pointer=task.state_pointer,
            retry_count=task.retry_count,
            now_seconds=self._started_seconds,
        )

    def _scripted(self) -> TaskResult | TaskError:
        """The mock's answer; recorded: too many failed iterations come before its result, not before its error."""
        mock = self._mock
        assert mock is not None  # noqa: S101 - asked for only then
        if mock.result is ABSENT:
            return TaskError(error=mock.error, cause=mock.cause)
        if self._stages.is_exceeded(self._configuration.failure_count):
            exceeded = threshold_exceeded()
            return TaskError(error=exceeded.error, cause=exceeded.detail)
        return TaskResult(result=mock.result)

    def _described(self, visit: Visit, *, shows_stages: bool) -> JSONObject:
        status = _STATUSES[visit.status]
        response: JSONObject = {"status": status}
        error, cause = visit.error, visit.cause
        if visit.status is VisitStatus.RETRYING:
            error, cause = visit.attempts[-1].error, visit.attempts[-1].cause
        if status != "SUCCEEDED":
            response |= {name: text for name, text in (("error", error), ("cause", cause)) if text is not None}
        if visit.output is not ABSENT and status in ("SUCCEEDED", "CAUGHT_ERROR"):
            response["output"] = _json.dump(visit.output)
        next_state = self._tested.next_state(visit.next_state)
        if next_state is not None:
            response["nextState"] = next_state
        if shows_stages:
            response["inspectionData"] = inspection_of(
                self._tested.state, self._compiled, visit, self._stages, variables=self._variables
            )
        return response


def _identity(account: Account) -> MachineIdentity:
    """Recorded: a tested state believes that it belongs to an EXPRESS machine with a name of its own."""
    name = "test-state-machine"
    return MachineIdentity(
        name=name,
        arn=account.state_machine_arn(name),
        role_arn=account.role_arn("sfn-notebook"),
        type="EXPRESS",
        account=account,
    )
