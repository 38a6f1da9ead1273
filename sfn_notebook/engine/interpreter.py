"""The pure interpreter: commands go in, events and effects come out; it waits for nothing and calls nobody.

It is a deterministic function of the compiled definition, the header (names, input, seed) and the log of instants: the
same four give the same events, byte for byte, which is what resuming, time travel, forks and mocks are built on.

Work at one instant has two phases. First every command is heard, which may write an event and make a frame ready; then
the ready frames go on, in that order, each until it must wait. So four tasks that time out in the same second all write
TaskTimedOut before their Map fails, as recorded on AWS.
"""

from base64 import urlsafe_b64encode
from collections import deque
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Any, Final, NamedTuple, TypeAlias, assert_never

from sfn_notebook import _json
from sfn_notebook._json import ABSENT, Absent, JSONObject, JSONValue
from sfn_notebook.asl.compile import CompiledDefinition
from sfn_notebook.engine import distributed_map, failures, states
from sfn_notebook.engine.commands import (
    ActivitiesMissing,
    ActivityStarted,
    Command,
    ContinueExecution,
    EditPayload,
    HoldExecution,
    Instant,
    MapRunEnded,
    MapRunReported,
    RedriveExecution,
    StartExecution,
    StopExecution,
    TaskFailed,
    TaskHeartbeat,
    TaskSubmitted,
    TaskSucceeded,
    TimerFired,
)
from sfn_notebook.engine.context_object import ExecutionHeader, FrameEnvironment
from sfn_notebook.engine.effects import CancelMapRun, CancelTask, CancelTimer, Effect, SetTimer
from sfn_notebook.engine.event_log import CELLS, EventLog
from sfn_notebook.engine.frames import Frame, Join
from sfn_notebook.engine.map_run import MapRun, MapRunStatus
from sfn_notebook.engine.quotas import (
    DATA_LIMIT_EXCEEDED,
    MAX_EXPRESS_EVENTS,
    MAX_HISTORY_EVENTS,
    MAX_PAYLOAD_BYTES,
    too_large,
)
from sfn_notebook.engine.resources import ResourcePlan
from sfn_notebook.engine.status import ExecutionStatus, TimerPurpose
from sfn_notebook.engine.stored_variables import StoredVariables
from sfn_notebook.engine.visits import Visit
from sfn_notebook.errors import InternalError

_CLOSED: Final[deque[Any]] = deque(maxlen=0)
"""The queue of every execution that has ended: a queue of its own would be the largest thing that it keeps."""

Step: TypeAlias = Callable[["Interpreter", Frame, JSONValue], None]


class Transition(NamedTuple):
    """What one instant brought: events from index ``first_event`` of ``Interpreter.events`` on, and effects.

    A named tuple, as ``Instant`` is: it is made at every step, and a frozen dataclass takes three times as long.
    """

    first_event: int
    effects: tuple[Effect, ...]


class HistoryFull(Exception):  # noqa: N818 - control flow within the interpreter, never seen outside
    """The event that is about to be written would be one too many."""


class Interpreter:
    """One execution. ``events``, ``visits`` and ``status`` may be read at any time between two calls of ``apply``."""

    redrive_count: int = 0
    redriven_seconds: float | None = None

    def __init__(self, compiled: CompiledDefinition, header: ExecutionHeader) -> None:
        self.compiled = compiled
        self.header = header
        self.status = ExecutionStatus.RUNNING
        self.output: JSONValue | Absent = ABSENT
        self.error: str | None = None
        self.cause: str | None = None
        self.events = EventLog()
        self._cells = self.events.cells
        self.visits: list[Visit] = []
        self.changed: list[Visit] = []
        self.now_seconds = 0.0
        self.started_seconds = 0.0
        self.ended_seconds: float | None = None
        self.environment = FrameEnvironment(header)
        self.effects: list[Effect] = []
        self.ready: deque[tuple[Step, Frame, JSONValue]] = deque()
        self.root: Frame | None = None
        self._event_limit = MAX_EXPRESS_EVENTS if header.machine.type == "EXPRESS" else MAX_HISTORY_EVENTS
        self._tasks: dict[int, tuple[Frame, ResourcePlan]] = {}
        self._timers: dict[int, tuple[Frame | None, TimerPurpose]] = {}
        self._last_task_id = 0
        self._last_timer_id = 0
        self.variables = StoredVariables()
        self.map_runs: list[MapRun] = []
        self._map_runs: dict[int, tuple[Frame, MapRun]] = {}
        self.missing_activities: frozenset[str] = frozenset()

    def apply(self, instant: Instant) -> Transition:
        """Hear what happened at one instant and go on as far as possible.

        Commands for tasks and timers that are no longer awaited, and all commands after the end, change nothing.
        """
        self.now_seconds = self.environment.now_seconds = instant.at_seconds
        self.effects = []
        self.changed = []
        first_event = len(self.events)
        try:
            for command in instant.commands:
                if self.status is ExecutionStatus.RUNNING:
                    self._accept(command)
            ready = self.ready
            while ready:
                step, frame, value = ready.popleft()
                if not frame.is_over:
                    step(self, frame, value)
        except HistoryFull:
            self._end_with_full_history()
        return Transition(first_event, tuple(self.effects))

    # As a method, so that an interpreter with breakpoints has its own; it costs no more than a call of the function.
    leave = states.leave

    def emit(self, previous_id: int, event_type: str, name: str = "", payload: JSONValue = None) -> int:
        """Write an event and return its id."""
        cells = self._cells
        event_id = len(cells) // CELLS + 1
        if event_id >= self._event_limit:
            raise HistoryFull
        cells += (previous_id, self.now_seconds, event_type, name, payload)
        return event_id

    def set_timer(self, due_seconds: float, frame: Frame | None, purpose: TimerPurpose) -> None:
        """Ask for a TimerFired."""
        self._last_timer_id += 1
        self._timers[self._last_timer_id] = (frame, purpose)
        if frame is not None:
            frame.timer_ids += (self._last_timer_id,)
        is_deadline = purpose not in (TimerPurpose.WAIT, TimerPurpose.RETRY)
        effect = SetTimer(timer_id=self._last_timer_id, due_seconds=due_seconds, is_deadline=is_deadline)
        self.effects.append(effect)

    def next_task_token(self) -> str:
        """The token of the task that will begin next: it tells the execution and the task, and cannot be guessed."""
        task_id = self._last_task_id + 1
        secret = sha256(f"{self.header.arn}/{self.header.seed}/{task_id}".encode()).hexdigest()[:24]
        return urlsafe_b64encode(f"{self.header.machine.name}:{self.header.name}:{task_id}:{secret}".encode()).decode()

    def begin_task(self, frame: Frame, plan: ResourcePlan) -> int:
        """Register that ``frame`` awaits the answer of a task, and return the task's id."""
        self._last_task_id += 1
        frame.task_id = self._last_task_id
        self._tasks[frame.task_id] = (frame, plan)
        return frame.task_id

    def attempt_of(self, task_id: int) -> tuple[int, int] | None:
        """The visit that awaits a task, by its id, and the attempt's number from 0; ``None`` if nothing awaits it."""
        pending = self._tasks.get(task_id)
        if pending is None or (visit := pending[0].visit) is None:
            return None
        return pending[0].entered_id, len(visit.attempts) - 1

    def note_failed_branch(self, frame: Frame, join: Join) -> None:
        """Nothing: only an interpreter that redrives needs to know it later."""

    def cancel_pending(self, frame: Frame) -> None:
        """Forget the task and the timers that ``frame`` awaits."""
        if frame.task_id and self._tasks.pop(frame.task_id, None) is not None:
            self.effects.append(CancelTask(task_id=frame.task_id))
        frame.task_id = 0
        if frame.map_run_id:
            self._cancel_map_run(frame.map_run_id)
            frame.map_run_id = 0
        self._cancel_timers(frame)

    def visit_of_task(self, task_id: int) -> Visit | None:
        """The visit that awaits a task."""
        awaiting = self._tasks.get(task_id)
        return None if awaiting is None else awaiting[0].visit

    def begin_map_run(self, frame: Frame, run: MapRun) -> int:
        """Register that ``frame`` awaits the end of a Map Run, and return the run's id."""
        self.map_runs.append(run)
        frame.map_run_id = len(self.map_runs)
        self._map_runs[frame.map_run_id] = (frame, run)
        return frame.map_run_id

    def forget_map_run(self, frame: Frame) -> None:
        """The Map Run of ``frame`` failed before anybody was asked to do its work."""
        del self._map_runs[frame.map_run_id]
        frame.map_run_id = 0

    def _cancel_map_run(self, map_run_id: int) -> None:
        _, run = self._map_runs.pop(map_run_id)
        run.end(MapRunStatus.ABORTED, self.now_seconds)
        self.effects.append(CancelMapRun(map_run_id=map_run_id))

    def end(self, status: ExecutionStatus, *, output: JSONValue | Absent = ABSENT) -> None:
        """Close the execution: nothing is awaited any more."""
        self.status = status
        self.output = output
        self.ended_seconds = self.now_seconds
        # A finished execution keeps its events and visits; the frames that led there are let go.
        self.root = None
        self.environment.frame = None
        self.ready.clear()
        self.ready = _CLOSED
        if self._tasks:
            self.effects.extend(CancelTask(task_id=task_id) for task_id in self._tasks)
            self._tasks.clear()
        if self._timers:
            self.effects.extend(CancelTimer(timer_id=timer_id) for timer_id in self._timers)
            self._timers.clear()
        for map_run_id in tuple(self._map_runs):
            self._cancel_map_run(map_run_id)

    def fail(self, previous_id: int, error: str | None, cause: str | None) -> None:
        """Close the execution as FAILED."""
        self.error, self.cause = error, cause
        self.emit(previous_id, "ExecutionFailed", payload=(error, cause))
        self.end(ExecutionStatus.FAILED)

    def snapshot(self) -> JSONObject:
        """Where the execution stands, as JSON: for printing, comparing and storing."""
        return {
            "status": self.status.value,
            "events": len(self.events),
            "root": self.root.snapshot() if self.root is not None and not self.root.is_over else None,
            "timers": {str(timer_id): purpose.value for timer_id, (_, purpose) in self._timers.items()},
            "map_runs": [run.snapshot() for run in self.map_runs],
        }

    def _accept(self, command: Command) -> None:  # noqa: C901, PLR0912 - one case per command
        match command:
            case StartExecution():
                self._start()
            case TaskSucceeded(task_id=task_id):
                if (pending := self._tasks.pop(task_id, None)) is not None:
                    self._task_succeeded(*pending, command)
            case TaskFailed(task_id=task_id, error=error, cause=cause):
                if (pending := self._tasks.pop(task_id, None)) is not None:
                    self._task_failed(*pending, error, cause)
            case TaskSubmitted(task_id=task_id, result=result):
                if (pending := self._tasks.get(task_id)) is not None:
                    frame, plan = pending
                    frame.previous_id = self.emit(frame.previous_id, "TaskSubmitted", payload=(plan, result))
            case ActivityStarted(task_id=task_id, worker_name=worker_name):
                if (pending := self._tasks.get(task_id)) is not None:
                    frame = pending[0]
                    frame.previous_id = self.emit(frame.previous_id, "ActivityStarted", payload=worker_name)
            case ActivitiesMissing(arns=arns):
                self.missing_activities = arns
            case TaskHeartbeat(task_id=task_id):
                if (pending := self._tasks.get(task_id)) is not None:
                    self._restart_heartbeat(pending[0])
            case TimerFired(timer_id=timer_id):
                if (timer := self._timers.pop(timer_id, None)) is not None:
                    self._timer_fired(timer_id, *timer)
            case MapRunReported(map_run_id=map_run_id, outcome=outcome):
                if (open_run := self._map_runs.get(map_run_id)) is not None:
                    open_run[1].settle(outcome, None)
            case MapRunEnded(map_run_id=map_run_id):
                if (open_run := self._map_runs.pop(map_run_id, None)) is not None:
                    self._map_run_ended(*open_run, command)
            case StopExecution(error=error, cause=cause):
                self._stop(ExecutionStatus.ABORTED, "ExecutionAborted", error, cause)
            case HoldExecution() | EditPayload() | ContinueExecution():
                raise InternalError("a log with breakpoints needs a HeldInterpreter")
            case RedriveExecution():
                raise InternalError("a log with redrives needs a RedrivenInterpreter")
            case _:
                assert_never(command)

    def _start(self) -> None:
        header = self.header
        self.started_seconds = self.now_seconds
        self.environment.started_seconds = self.now_seconds
        self.emit(0, "ExecutionStarted", payload=(header.input, header.machine.role_arn))
        if self.compiled.timeout_seconds is not None:
            self.set_timer(self.now_seconds + self.compiled.timeout_seconds, None, TimerPurpose.EXECUTION)
        # Recorded: the first state's Entered event follows event 0, not ExecutionStarted.
        self.root = Frame(state=self.compiled.start_at, input=header.input, variables={})
        self.ready.append((states.advance, self.root, None))

    def _task_succeeded(self, frame: Frame, plan: ResourcePlan, command: TaskSucceeded) -> None:
        result, bound_bytes = command.result, command.size_bound_bytes
        is_counted = bound_bytes is not None and bound_bytes <= MAX_PAYLOAD_BYTES
        if not is_counted and not _json.fits(result, MAX_PAYLOAD_BYTES):
            self._task_failed(frame, plan, DATA_LIMIT_EXCEEDED, too_large(plan.limit_name))
            return
        frame.task_id = 0
        frame.measured = result
        if frame.timer_ids:
            self._cancel_timers(frame)
        event_type = states.TASK_EVENTS[plan.kind].succeeded
        frame.previous_id = self.emit(frame.previous_id, event_type, payload=(plan, result))
        self.ready.append((states.complete, frame, result))

    def _task_failed(self, frame: Frame, plan: ResourcePlan, error: str | None, cause: str | None) -> None:
        frame.task_id = 0
        self._cancel_timers(frame)
        event_type = states.TASK_EVENTS[plan.kind].failed
        frame.previous_id = self.emit(frame.previous_id, event_type, payload=(plan, error, cause))
        self.ready.append((failures.fail_state, frame, failures.Failure(error=error, cause=cause)))

    def _map_run_ended(self, frame: Frame, run: MapRun, command: MapRunEnded) -> None:
        frame.map_run_id = 0
        run.settle(command.outcome, self.now_seconds)
        distributed_map.end_map_run(self, frame, command)

    def _timer_fired(self, timer_id: int, frame: Frame | None, purpose: TimerPurpose) -> None:
        if frame is None:
            self._stop(ExecutionStatus.TIMED_OUT, "ExecutionTimedOut", "States.Timeout", None)
            return
        frame.timer_ids = tuple(each for each in frame.timer_ids if each != timer_id)
        match purpose:
            case TimerPurpose.WAIT:
                self.ready.append((states.leave_wait, frame, None))
            case TimerPurpose.RETRY:
                self.ready.append((states.attempt, frame, None))
            case TimerPurpose.TIMEOUT | TimerPurpose.HEARTBEAT:
                self._task_timed_out(frame, is_heartbeat=purpose is TimerPurpose.HEARTBEAT)
            case TimerPurpose.EXECUTION:
                assert_never(purpose)  # type: ignore[arg-type]  # an execution's timer has no frame: handled above

    def _task_timed_out(self, frame: Frame, *, is_heartbeat: bool) -> None:
        plan = self._tasks[frame.task_id][1]
        self.cancel_pending(frame)
        event_type = states.TASK_EVENTS[plan.kind].timed_out
        # Recorded: a missed heartbeat is reported as States.Timeout too, and neither has a cause.
        frame.previous_id = self.emit(frame.previous_id, event_type, payload=(plan, "States.Timeout", None))
        failure = failures.Failure(error="States.Timeout", cause=None, is_heartbeat=is_heartbeat)
        self.ready.append((failures.fail_state, frame, failure))

    def _restart_heartbeat(self, frame: Frame) -> None:
        for timer_id in frame.timer_ids:
            if self._timers[timer_id][1] is TimerPurpose.HEARTBEAT and frame.heartbeat_seconds is not None:
                del self._timers[timer_id]
                frame.timer_ids = tuple(each for each in frame.timer_ids if each != timer_id)
                self.effects.append(CancelTimer(timer_id=timer_id))
                self.set_timer(self.now_seconds + frame.heartbeat_seconds, frame, TimerPurpose.HEARTBEAT)
                return

    def _cancel_timers(self, frame: Frame) -> None:
        for timer_id in frame.timer_ids:
            if self._timers.pop(timer_id, None) is not None:
                self.effects.append(CancelTimer(timer_id=timer_id))
        frame.timer_ids = ()

    def _stop(self, status: ExecutionStatus, event_type: str, error: str | None, cause: str | None) -> None:
        self.error, self.cause = error, cause
        if self.root is not None:
            failures.close_visits(self, self.root)
        # Recorded: ExecutionAborted follows event 0, and no ...StateAborted is written.
        self.emit(0, event_type, payload=(error, cause))
        self.end(status)

    def _end_with_full_history(self) -> None:
        if self.root is not None:
            failures.close_visits(self, self.root)
        cause = f"The execution reached the maximum number of history events ({self._event_limit})."
        self._event_limit += 1
        self.fail(len(self.events), "States.Runtime", cause)


def replay(compiled: CompiledDefinition, header: ExecutionHeader, log: Sequence[Instant]) -> Interpreter:
    """Bring an execution to where its log leads: no function runs, no time passes."""
    from sfn_notebook.engine.held_interpreter import has_holds
    from sfn_notebook.engine.redriven_interpreter import has_redrives, interpreter_of

    is_plain = not has_holds(log) and not has_redrives(log)
    interpreter = Interpreter(compiled, header) if is_plain else interpreter_of(compiled, header, log)
    for instant in log:
        interpreter.apply(instant)
    return interpreter
