"""What each state type does when it is entered, attempted and left; failures are another module's.

Every function takes the interpreter, the frame and one value, so that it can stand in the queue of ready steps.
Source: Amazon States Language, "State Types", and recorded executions for the order of events.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from sfn_notebook import _json
from sfn_notebook._json import ABSENT, JSONValue
from sfn_notebook.asl.compile import (
    CompiledChoice,
    CompiledDistributedMap,
    CompiledFail,
    CompiledMap,
    CompiledParallel,
    CompiledPass,
    CompiledRule,
    CompiledState,
    CompiledTask,
    CompiledWait,
    RetryableState,
)
from sfn_notebook.asl.environment import EvaluationError
from sfn_notebook.engine import distributed_map, failures, joins
from sfn_notebook.engine.context_object import FrameEnvironment
from sfn_notebook.engine.effects import StartTask
from sfn_notebook.engine.frames import Frame
from sfn_notebook.engine.history import Assigned
from sfn_notebook.engine.quotas import DATA_LIMIT_EXCEEDED, MAX_PAYLOAD_BYTES, too_large, too_much_stored
from sfn_notebook.engine.resources import ResourceKind, ResourcePlan, plan_resource
from sfn_notebook.engine.status import TimerPurpose
from sfn_notebook.engine.visits import Attempt, Visit, VisitStatus

if TYPE_CHECKING:
    from sfn_notebook.engine.interpreter import Interpreter


class _Waits:
    """The answer of a handler whose state is not finished yet."""


WAITS: Final = _Waits()
# The specification names States.NoChoiceMatched; AWS answers States.Runtime with this text.
_NO_CHOICE_MATCHED: Final = "Failed to transition out of the state. The state does not point to a next state."
Handler: TypeAlias = Callable[["Interpreter", Frame, CompiledState], JSONValue]


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskEvents:
    """The event types that a kind of Task writes."""

    scheduled: str
    started: str
    succeeded: str
    failed: str
    timed_out: str


TASK_EVENTS: Final[Mapping[ResourceKind, TaskEvents]] = {
    ResourceKind.FUNCTION: TaskEvents(
        scheduled="LambdaFunctionScheduled",
        started="LambdaFunctionStarted",
        succeeded="LambdaFunctionSucceeded",
        failed="LambdaFunctionFailed",
        timed_out="LambdaFunctionTimedOut",
    ),
    ResourceKind.ACTIVITY: TaskEvents(
        scheduled="ActivityScheduled",
        started="ActivityStarted",
        succeeded="ActivitySucceeded",
        failed="ActivityFailed",
        timed_out="ActivityTimedOut",
    ),
    ResourceKind.SERVICE: TaskEvents(
        scheduled="TaskScheduled",
        started="TaskStarted",
        succeeded="TaskSucceeded",
        failed="TaskFailed",
        timed_out="TaskTimedOut",
    ),
}


def advance(interpreter: "Interpreter", frame: Frame, _value: JSONValue = None) -> None:
    """Enter ``frame.state`` and go on from state to state until the branch waits or ends."""
    interpreter.environment.frame = frame
    now_seconds = interpreter.now_seconds
    while True:
        state = frame.state
        entered_id = interpreter.emit(frame.previous_id, state.entered_type, state.name, frame.input)
        frame.previous_id = frame.entered_id = entered_id
        frame.entered_seconds = now_seconds
        frame.visit = visit = Visit(
            entered_id,
            state.pointer,
            state.name,
            state.type_name,
            frame.iteration,
            now_seconds,
            frame.input,
            frame.variables,
        )
        interpreter.visits.append(visit)
        interpreter.changed.append(visit)
        try:
            output = _ENTER[type(state)](interpreter, frame, state)
        except EvaluationError as error:
            failures.fail_evaluation(interpreter, frame, error)
            return
        if output is WAITS:
            return
        target, frame.target = frame.target, None
        if not interpreter.leave(frame, output, state.next if target is None else target):
            return


def enter_again(interpreter: "Interpreter", frame: Frame, _value: JSONValue = None) -> None:
    """Do the work of ``frame.state`` once more, within the same visit."""
    interpreter.environment.frame = frame
    state = frame.state
    try:
        output = _ENTER[type(state)](interpreter, frame, state)
    except EvaluationError as error:
        failures.fail_evaluation(interpreter, frame, error)
        return
    if output is not WAITS:
        target, frame.target = frame.target, None
        go_on(interpreter, frame, output, state.next if target is None else target)


def leave(interpreter: "Interpreter", frame: Frame, output: JSONValue, next_state: CompiledState | None) -> bool:
    """Write the Exited event; ``True`` when the branch goes on with ``next_state``, which ``frame`` then stands at."""
    state, visit = frame.state, frame.visit
    # A payload that a state only passes on was measured before; what one Assign sets has the same limit.
    is_known = output is frame.input or output is frame.measured
    is_too_large = not is_known and not _json.fits(output, MAX_PAYLOAD_BYTES)
    cause = too_large(state.name) if is_too_large else _excess(interpreter, frame) if frame.assigned else None
    if cause is not None:
        failures.fail_branch(interpreter, frame, failures.Failure(error=DATA_LIMIT_EXCEEDED, cause=cause))
        return False
    payload = output
    if frame.assigned:
        payload = Assigned(output, frame.assigned)
        frame.variables = {**frame.variables, **frame.assigned}
    exited_id = interpreter.emit(frame.previous_id, state.exited_type, state.name, payload)
    frame.previous_id = exited_id
    if visit is not None:
        visit.assigned, frame.assigned = frame.assigned or None, None
        visit.output = output
        visit.exited_seconds = interpreter.now_seconds
        if visit.status is not VisitStatus.CAUGHT:
            visit.status = VisitStatus.SUCCEEDED
        if next_state is not None:
            visit.next_state = next_state.name
    if next_state is None:
        joins.finish_branch(interpreter, frame, output)
        return False
    frame.state = next_state
    frame.input = output
    return True


def _excess(interpreter: "Interpreter", frame: Frame) -> str | None:
    """The cause of failing where what the state assigns is too much, alone or with all that is stored already."""
    root = interpreter.root
    if not _json.fits(frame.assigned, MAX_PAYLOAD_BYTES):
        return too_large(frame.state.name)
    if root is not None and not interpreter.variables.hold(root, frame):
        return too_much_stored(frame.state.name)
    return None


def go_on(interpreter: "Interpreter", frame: Frame, output: JSONValue, next_state: CompiledState | None) -> None:
    """Leave the state; the next one is entered from the queue, so that a loop of caught errors nests no calls."""
    if interpreter.leave(frame, output, next_state):
        interpreter.ready.append((advance, frame, None))


def complete(interpreter: "Interpreter", frame: Frame, result: JSONValue) -> None:
    """The work of a Task, Parallel or Map is done: shape its result and leave."""
    state = frame.state
    assert isinstance(state, RetryableState)  # noqa: S101 - only these await a result
    environment = interpreter.environment
    environment.frame = frame
    visit = frame.visit
    if visit is not None:
        visit.attempts[-1].ended_seconds = interpreter.now_seconds
        visit.attempts[-1].result = result
        interpreter.changed.append(visit)
    environment.result = result
    try:
        output = _output_of_result(environment, frame, state, result)
    except EvaluationError as error:
        failures.fail_evaluation(interpreter, frame, error)
        return
    finally:
        environment.result = ABSENT
    go_on(interpreter, frame, output, state.next)


def _output_of_result(
    environment: FrameEnvironment, frame: Frame, state: RetryableState, result: JSONValue
) -> JSONValue:
    """ResultSelector, Assign, and ResultPath with OutputPath or Output; all of them see the variables of before."""
    visit = frame.visit
    assert visit is not None  # noqa: S101 - set when the state was entered
    if state.select_result is not None:
        result = visit.after_result_selector = state.select_result(result, environment)
    if state.assign is not None:
        frame.assigned = state.assign(result, environment)
    if state.output is not None:
        return state.output(result, environment)
    output = state.place_result(frame.input, result) if state.place_result is not None else result
    if state.filter_output is None:
        return output
    visit.after_result_path = output
    return state.filter_output(output, environment)


def leave_wait(interpreter: "Interpreter", frame: Frame, _value: JSONValue) -> None:
    """The time of a Wait has come."""
    interpreter.environment.frame = frame
    state = frame.state
    if frame.visit is not None:
        interpreter.changed.append(frame.visit)
    try:
        output = _finish_plainly(interpreter.environment, frame, state, frame.effective_input)
    except EvaluationError as error:
        failures.fail_evaluation(interpreter, frame, error)
        return
    go_on(interpreter, frame, output, state.next)


def attempt(interpreter: "Interpreter", frame: Frame, _value: JSONValue = None) -> None:
    """Try a Task, Parallel or Map (again): its Parameters are evaluated anew, since RetryCount may stand in them."""
    interpreter.environment.frame = frame
    visit = frame.visit
    if visit is not None:
        visit.status = VisitStatus.RUNNING
        visit.attempts += (Attempt(interpreter.now_seconds),)
        interpreter.changed.append(visit)
    try:
        match frame.state:
            case CompiledTask():
                _attempt_task(interpreter, frame)
            case CompiledParallel():
                joins.attempt_parallel(interpreter, frame)
            case CompiledDistributedMap():
                distributed_map.attempt_distributed_map(interpreter, frame)
            case CompiledMap():
                joins.attempt_map(interpreter, frame)
    except EvaluationError as error:
        failures.fail_evaluation(interpreter, frame, error)


def _enter_pass(interpreter: "Interpreter", frame: Frame, state: CompiledState) -> JSONValue:
    assert isinstance(state, CompiledPass)  # noqa: S101 - the dispatch table says so
    environment, visit = interpreter.environment, frame.visit
    assert visit is not None  # noqa: S101 - set when the state was entered
    result = frame.input
    if state.filter_input is not None:
        result = visit.after_input_path = state.filter_input(result, environment)
    if state.parameters is not None:
        result = visit.after_parameters = state.parameters(result, environment)
    if state.result is not ABSENT:
        result = state.result
    if state.assign is not None:
        frame.assigned = state.assign(result, environment)
    if state.output is not None:
        return state.output(result, environment)
    if state.place_result is not None:
        result = state.place_result(frame.input, result)
    if state.filter_output is None:
        return result
    visit.after_result_path = result
    return state.filter_output(result, environment)


def _finish_plainly(
    environment: FrameEnvironment, frame: Frame, state: CompiledState | CompiledRule, effective: JSONValue
) -> JSONValue:
    """Assign and Output, or OutputPath, of a state that has no result."""
    if state.assign is not None:
        frame.assigned = state.assign(effective, environment)
    if state.output is not None:
        return state.output(effective, environment)
    filter_output = frame.state.filter_output
    return effective if filter_output is None else filter_output(effective, environment)


def _enter_succeed(interpreter: "Interpreter", frame: Frame, state: CompiledState) -> JSONValue:
    environment = interpreter.environment
    effective = frame.input if state.filter_input is None else state.filter_input(frame.input, environment)
    return _finish_plainly(environment, frame, state, effective)


def _enter_choice(interpreter: "Interpreter", frame: Frame, state: CompiledState) -> JSONValue:
    assert isinstance(state, CompiledChoice)  # noqa: S101 - the dispatch table says so
    environment = interpreter.environment
    effective = frame.input if state.filter_input is None else state.filter_input(frame.input, environment)
    for rule in state.rules:
        if rule.predicate(effective, environment):
            frame.target = rule.state
            return _finish_plainly(environment, frame, rule, effective)
    if state.next is None:
        raise EvaluationError("States.Runtime", _NO_CHOICE_MATCHED)
    return _finish_plainly(environment, frame, state, effective)


def _enter_wait(interpreter: "Interpreter", frame: Frame, state: CompiledState) -> JSONValue:
    assert isinstance(state, CompiledWait)  # noqa: S101 - the dispatch table says so
    environment = interpreter.environment
    effective = frame.input if state.filter_input is None else state.filter_input(frame.input, environment)
    if state.timestamp_seconds is not None:
        timestamp = state.timestamp_seconds
        due_seconds = timestamp(effective, environment) if callable(timestamp) else timestamp
    else:
        seconds = state.seconds(effective, environment) if callable(state.seconds) else state.seconds
        due_seconds = interpreter.now_seconds + (seconds or 0)
    if due_seconds <= interpreter.now_seconds:
        return _finish_plainly(environment, frame, state, effective)
    frame.effective_input = effective
    interpreter.set_timer(due_seconds, frame, TimerPurpose.WAIT)
    return WAITS


def _enter_fail(interpreter: "Interpreter", frame: Frame, state: CompiledState) -> JSONValue:
    assert isinstance(state, CompiledFail)  # noqa: S101 - the dispatch table says so
    environment = interpreter.environment
    error = state.error(frame.input, environment) if callable(state.error) else state.error
    cause = state.cause(frame.input, environment) if callable(state.cause) else state.cause
    failures.fail_branch(interpreter, frame, failures.Failure(error=error, cause=cause))
    return WAITS


def _enter_retryable(interpreter: "Interpreter", frame: Frame, state: CompiledState) -> JSONValue:
    assert isinstance(state, RetryableState)  # noqa: S101 - the dispatch table says so
    environment = interpreter.environment
    frame.effective_input = frame.input
    if state.filter_input is not None:
        frame.effective_input = state.filter_input(frame.input, environment)
        if frame.visit is not None:
            frame.visit.after_input_path = frame.effective_input
    frame.retries = (0,) * len(state.retry)
    frame.retry_count = 0
    attempt(interpreter, frame)
    return WAITS


def _attempt_task(interpreter: "Interpreter", frame: Frame) -> None:
    state = frame.state
    assert isinstance(state, CompiledTask)  # noqa: S101 - the dispatch table says so
    environment = interpreter.environment
    effective = frame.effective_input
    # What cannot be run was refused before the run began; what is left may be mocked.
    plan = plan_resource(state.resource, pointer=state.pointer, allow_any=True)
    frame.task_token = interpreter.next_task_token() if plan.has_token else None
    parameters = effective if state.parameters is None else state.parameters(effective, environment)
    timeout, heartbeat = state.timeout_seconds, state.heartbeat_seconds
    timeout_seconds = timeout(effective, environment) if callable(timeout) else timeout
    heartbeat_seconds = heartbeat(effective, environment) if callable(heartbeat) else heartbeat
    if frame.visit is not None:
        frame.visit.attempts[-1].parameters = parameters
    if plan.required or plan.find_faults is not None:
        _require(plan, parameters)
    if interpreter.missing_activities and plan.arn in interpreter.missing_activities:
        raise EvaluationError("States.Runtime", f"The activity {plan.arn} does not exist.")
    events = TASK_EVENTS[plan.kind]
    credentials = None if state.credentials is None else state.credentials(effective, environment)
    payload = (plan, parameters, timeout_seconds, heartbeat_seconds, credentials)
    scheduled_id = interpreter.emit(
        frame.previous_id, events.scheduled, interpreter.header.machine.account.region, payload
    )
    frame.previous_id = scheduled_id
    if plan.kind is not ResourceKind.ACTIVITY:
        frame.previous_id = interpreter.emit(scheduled_id, events.started, payload=plan)
    task_id = interpreter.begin_task(frame, plan)
    interpreter.effects.append(
        StartTask(
            task_id, plan, parameters, state.name, state.pointer, frame.retry_count, frame.task_token, credentials
        )
    )
    frame.heartbeat_seconds = heartbeat_seconds
    if timeout_seconds is not None:
        interpreter.set_timer(interpreter.now_seconds + timeout_seconds, frame, TimerPurpose.TIMEOUT)
    if heartbeat_seconds is not None:
        interpreter.set_timer(interpreter.now_seconds + heartbeat_seconds, frame, TimerPurpose.HEARTBEAT)


def _require(plan: ResourcePlan, parameters: JSONValue) -> None:
    """AWS does not schedule a service task whose parameters cannot be used. Source: the texts are recorded ones."""
    missing = [name for name in plan.required if not isinstance(parameters, dict) or name not in parameters]
    faults = [f"The field '{name}' is required but was missing" for name in missing]
    if plan.find_faults is not None:
        faults.extend(plan.find_faults(parameters))
    if faults:
        reasons = ", ".join(faults)
        detail = f"The Parameters '{_json.dump(parameters)}' could not be used to start the Task: [{reasons}]"
        raise EvaluationError("States.Runtime", detail)


_ENTER: Final[Mapping[type[CompiledState], Handler]] = {
    CompiledPass: _enter_pass,
    CompiledState: _enter_succeed,
    CompiledChoice: _enter_choice,
    CompiledWait: _enter_wait,
    CompiledFail: _enter_fail,
    CompiledTask: _enter_retryable,
    CompiledParallel: _enter_retryable,
    CompiledMap: _enter_retryable,
    CompiledDistributedMap: _enter_retryable,
}
