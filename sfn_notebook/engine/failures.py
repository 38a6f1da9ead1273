"""What a failure does: retry, catch, or fail the branch and abort its siblings; it does not know why work failed."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sfn_notebook._json import JSONValue
from sfn_notebook.asl.compile import CompiledCatcher, CompiledMap, CompiledParallel, RetryableState
from sfn_notebook.asl.environment import EvaluationError, JsonataEvaluationError
from sfn_notebook.asl.retry import delay_seconds, find_catcher, find_retrier
from sfn_notebook.engine import states
from sfn_notebook.engine.context_object import FrameEnvironment
from sfn_notebook.engine.frames import Frame
from sfn_notebook.engine.status import TimerPurpose
from sfn_notebook.engine.visits import VisitStatus

if TYPE_CHECKING:
    from sfn_notebook.engine.interpreter import Interpreter


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """An Error Output on its way through Retry and Catch; ``is_heartbeat`` tells the two timeouts apart."""

    error: str | None
    cause: str | None
    is_heartbeat: bool = False

    @property
    def match_name(self) -> str:
        """The name that Retriers and Catchers compare."""
        return "States.HeartbeatTimeout" if self.is_heartbeat else self.error or ""


_ABORTABLE: Final = frozenset({"Task", "Wait", "Parallel", "Map"})
"""The types that have a ...StateAborted event. Source: HistoryEventType."""


def cause_prefix(frame: Frame) -> str:
    """What stands before the detail of an error in an expression."""
    entered = f"(entered at the event id #{frame.entered_id})"
    return f"An error occurred while executing the state '{frame.state.name}' {entered}. "


def fail_evaluation(
    interpreter: "Interpreter", frame: Frame, error: EvaluationError, *, is_final: bool = False
) -> None:
    """An expression of the state failed.

    Recorded: States.Runtime goes past the state's own Retry and Catch, and no failure event is written.
    """
    cause = cause_prefix(frame) + error.detail if error.prefixed else error.detail
    failure = Failure(error=error.error, cause=cause)
    interpreter.cancel_pending(frame)
    frame.assigned = None
    if isinstance(error, JsonataEvaluationError):
        payload = (error.error, cause, error.location)
        previous_id = frame.previous_id
        if previous_id == frame.entered_id and frame.state.type_name != "Wait":
            # Recorded: where nothing has happened in the state yet, the event follows what the state itself followed;
            # only that of a Wait follows the state.
            previous_id = interpreter.events[frame.entered_id - 1][1]
        frame.previous_id = interpreter.emit(previous_id, "EvaluationFailed", frame.state.name, payload)
    if is_final or error.error == "States.Runtime" or not isinstance(frame.state, RetryableState):
        fail_branch(interpreter, frame, failure)
    else:
        fail_state(interpreter, frame, failure)


def fail_state(interpreter: "Interpreter", frame: Frame, failure: JSONValue) -> None:
    """The attempt of a Task, Parallel or Map failed: retry it, catch the error, or fail the branch."""
    assert isinstance(failure, Failure)  # noqa: S101 - the queue of ready steps carries any value
    state, visit = frame.state, frame.visit
    assert isinstance(state, RetryableState)  # noqa: S101 - only these have attempts
    frame.join = None
    if visit is not None and visit.attempts:
        tried = visit.attempts[-1]
        tried.ended_seconds, tried.error, tried.cause = interpreter.now_seconds, failure.error, failure.cause
        interpreter.changed.append(visit)
    if _retry(interpreter, frame, state, failure):
        return
    if isinstance(state, CompiledParallel | CompiledMap):
        frame.previous_id = interpreter.emit(frame.previous_id, f"{state.type_name}StateFailed")
    index = find_catcher(state.catch, failure.match_name)
    if index is None:
        fail_branch(interpreter, frame, failure)
        return
    _catch(interpreter, frame, state, index, failure)


def _retry(interpreter: "Interpreter", frame: Frame, state: RetryableState, failure: Failure) -> bool:
    index = find_retrier(state.retry, failure.match_name)
    if index is None or frame.retries[index] >= state.retry[index].max_attempts:
        return False
    wait_seconds = delay_seconds(state.retry[index], frame.retries[index], interpreter.environment.random)
    frame.retries = (*frame.retries[:index], frame.retries[index] + 1, *frame.retries[index + 1 :])
    frame.retry_count += 1
    if frame.visit is not None:
        frame.visit.status = VisitStatus.RETRYING
        frame.visit.attempts[-1].retry_delay_seconds = wait_seconds
    interpreter.set_timer(interpreter.now_seconds + wait_seconds, frame, TimerPurpose.RETRY)
    return True


def _catch(interpreter: "Interpreter", frame: Frame, state: RetryableState, index: int, failure: Failure) -> None:
    catcher = state.catchers[index]
    # Recorded: without a cause the Error Output has an empty one, and where SendTaskFailure gave neither an error nor a
    # cause, two nulls. OutputPath is not applied to what was caught.
    is_bare = failure.error is None and failure.cause is None
    output: JSONValue = {
        "Error": None if is_bare else failure.error or "",
        "Cause": None if is_bare else failure.cause or "",
    }
    if frame.visit is not None:
        frame.visit.status = VisitStatus.CAUGHT
        frame.visit.error, frame.visit.cause = failure.error, failure.cause
    environment = interpreter.environment
    environment.frame, environment.error_output = frame, output
    try:
        output = _output_of_catcher(environment, frame, catcher, output)
    except EvaluationError as error:
        # An error of the Catcher itself is not caught again.
        fail_evaluation(interpreter, frame, error, is_final=True)
        return
    finally:
        environment.error_output = None
    states.go_on(interpreter, frame, output, catcher.state)


def _output_of_catcher(
    environment: FrameEnvironment, frame: Frame, catcher: CompiledCatcher, error_output: JSONValue
) -> JSONValue:
    if catcher.assign is not None:
        frame.assigned = catcher.assign(error_output, environment)
    if catcher.output is not None:
        return catcher.output(error_output, environment)
    return error_output if catcher.place_result is None else catcher.place_result(frame.input, error_output)


def fail_finally(interpreter: "Interpreter", frame: Frame, failure: JSONValue) -> None:
    """The state failed with an error that neither Retry nor Catch takes."""
    assert isinstance(failure, Failure)  # noqa: S101 - the queue of ready steps carries any value
    fail_branch(interpreter, frame, failure)


def fail_branch(interpreter: "Interpreter", frame: Frame, failure: Failure) -> None:
    """Nothing in the branch handles the failure: the execution fails, or the enclosing Parallel or Map does."""
    visit, join = frame.visit, frame.parent
    frame.is_over = True
    if visit is not None:
        visit.status = VisitStatus.FAILED
        visit.error, visit.cause = failure.error, failure.cause
        visit.exited_seconds = interpreter.now_seconds
        interpreter.changed.append(visit)
    failing_id = frame.previous_id
    if join is None:
        interpreter.fail(failing_id, failure.error, failure.cause)
        return
    owner = join.owner
    del join.frames[frame.index]
    interpreter.note_failed_branch(frame, join)
    if join.is_map:
        interpreter.emit(failing_id, "MapIterationFailed", owner.state.name, frame.index)
    # Recorded: the failing Task writes TaskStateAborted too, after its iteration has failed.
    if visit is not None and frame.state.type_name in _ABORTABLE:
        interpreter.emit(failing_id, f"{frame.state.type_name}StateAborted")
    for sibling in list(join.frames.values()):
        _abort(interpreter, sibling, failing_id)
    owner.previous_id = failing_id
    fail_state(interpreter, owner, failure)


def _abort(interpreter: "Interpreter", frame: Frame, failing_id: int) -> None:
    frame.is_over = True
    if frame.map_run_id:
        interpreter.emit(failing_id, "MapRunAborted")
    interpreter.cancel_pending(frame)
    join = frame.parent
    if join is not None and join.is_map:
        interpreter.emit(failing_id, "MapIterationAborted", join.owner.state.name, frame.index)
    if frame.join is not None:
        for inner in list(frame.join.frames.values()):
            _abort(interpreter, inner, failing_id)
    if _close_visit(interpreter, frame) and frame.state.type_name in _ABORTABLE:
        interpreter.emit(failing_id, f"{frame.state.type_name}StateAborted")


def close_visits(interpreter: "Interpreter", frame: Frame) -> None:
    """The execution ends from outside: every open visit is ABORTED, without events."""
    frame.is_over = True
    if frame.join is not None:
        for inner in list(frame.join.frames.values()):
            close_visits(interpreter, inner)
    _close_visit(interpreter, frame)


def _close_visit(interpreter: "Interpreter", frame: Frame) -> bool:
    visit = frame.visit
    if visit is None or visit.exited_seconds is not None:
        return False
    visit.status = VisitStatus.ABORTED
    visit.exited_seconds = interpreter.now_seconds
    interpreter.changed.append(visit)
    return True
