"""An execution's handle and driver: it performs what the interpreter asks for, and is the only one here that waits."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias, assert_never

from sfn_notebook._json import ABSENT, JSONObject, JSONValue
from sfn_notebook.asl.compile import CompiledDefinition
from sfn_notebook.asl.model import Definition
from sfn_notebook.engine.attempt_output import AttemptOutput
from sfn_notebook.engine.buckets import Buckets
from sfn_notebook.engine.commands import (
    ActivitiesMissing,
    ActivityStarted,
    Command,
    Instant,
    MapRunEnded,
    StartExecution,
    StopExecution,
    TaskFailed,
    TaskHeartbeat,
    TimerFired,
)
from sfn_notebook.engine.context_object import ExecutionHeader
from sfn_notebook.engine.description import ALL_DATA, describe
from sfn_notebook.engine.effects import CancelMapRun, CancelTask, CancelTimer, Effect, SetTimer, StartMapRun, StartTask
from sfn_notebook.engine.family import Family
from sfn_notebook.engine.history import Event, history_of
from sfn_notebook.engine.interpreter import Interpreter
from sfn_notebook.engine.map_run import MapRun
from sfn_notebook.engine.map_run_drivers import MapRunDrivers
from sfn_notebook.engine.outcome import result_of
from sfn_notebook.engine.resources import TaskResolver
from sfn_notebook.engine.status import ExecutionStatus
from sfn_notebook.engine.task_driver import PendingTask, TaskDriver
from sfn_notebook.engine.visits import Visit
from sfn_notebook.errors import ExecutionAborted, ExecutionStalled, SfnNotebookError
from sfn_notebook.runtime.clock import ManualClock
from sfn_notebook.runtime.instrument import Instrument, Observers
from sfn_notebook.runtime.scheduler import Scheduler, Timer

if TYPE_CHECKING:
    from sfn_notebook.engine.breakpoints import Pause

ExecutionInstrument: TypeAlias = Instrument["Execution", Visit]


class Execution:
    """One run of a state machine.

    ``log`` holds every instant that the interpreter was told of: with the definition, the header and the seed it is the
    whole truth about the run. ``exception`` is the user's own exception, if the run failed because of one.
    ``attempt_outputs`` are what functions printed, by the visit's id and the attempt's number.
    """

    def __init__(
        self,
        *,
        definition: Definition,
        compiled: CompiledDefinition,
        header: ExecutionHeader,
        scheduler: Scheduler,
        resolver: TaskResolver,
        buckets: Buckets | None = None,
        missing_activities: Callable[[], frozenset[str]] | None = None,
        parent: "Execution | None" = None,
        on_end: Callable[["Execution"], None] | None = None,
    ) -> None:
        self.definition = definition
        self.compiled = compiled
        self.header = header
        self.log: list[Instant] = []
        self.exception: BaseException | None = None
        self.attempt_outputs: dict[tuple[int, int], AttemptOutput] = {}
        self._interpreter = Interpreter(compiled, header)
        self._scheduler = scheduler
        self._resolver = resolver
        self._observers: Observers[Execution, Visit] = Observers()
        self._inbox: list[Command] = []
        self._timers: dict[int, Timer] = {}
        self._task_driver: TaskDriver | None = None
        # A child of a Map Run is no member of the family, which would keep a million of them.
        self.family: Family = Family(self) if parent is None else parent.family
        self.generation: int = 0 if parent is None else parent.generation
        self.parent = parent
        self._buckets = buckets
        # Only where the definition has activities: whether one is there can be asked of nobody else.
        self._missing_activities = missing_activities
        self._on_end = on_end
        self._map_runs: MapRunDrivers | None = None

    def __repr__(self) -> str:
        return f"<Execution {self.name} {self.status}>"

    @property
    def name(self) -> str:
        """The execution's name, unique within its workspace."""
        return self.header.name

    @property
    def arn(self) -> str:
        """The execution's ARN."""
        return self.header.arn

    @property
    def machine_name(self) -> str:
        """The state machine's name."""
        return self.header.machine.name

    @property
    def status(self) -> ExecutionStatus:
        """RUNNING, SUCCEEDED, FAILED, TIMED_OUT or ABORTED."""
        return self._interpreter.status

    @property
    def input(self) -> JSONValue:
        """The input as JSON."""
        return self.header.input

    @property
    def output(self) -> JSONValue:
        """The output as JSON; ``None`` while there is none (see ``status``)."""
        output = self._interpreter.output
        return None if output is ABSENT else output

    @property
    def error(self) -> str | None:
        """The Error Name that the execution failed with."""
        return self._interpreter.error

    @property
    def cause(self) -> str | None:
        """The text that explains the error."""
        return self._interpreter.cause

    @property
    def started_seconds(self) -> float:
        """Modelled start, in seconds since the epoch."""
        return self._interpreter.started_seconds

    @property
    def ended_seconds(self) -> float | None:
        """Modelled end, or ``None`` while it runs."""
        return self._interpreter.ended_seconds

    @property
    def now_seconds(self) -> float:
        """The present of its clock, in modelled seconds since the epoch."""
        return self._scheduler.now()

    @property
    def redrives(self) -> tuple[int, float | None]:
        """How often it was redriven, and when the last time was, in modelled seconds since the epoch."""
        return self._interpreter.redrive_count, self._interpreter.redriven_seconds

    @property
    def visits(self) -> Sequence[Visit]:
        """Every visit of every state, in the order of entering. Do not change them."""
        return self._interpreter.visits

    @property
    def states(self) -> dict[str, list[Visit]]:
        """The visits by state name."""
        by_name: dict[str, list[Visit]] = {}
        for visit in self._interpreter.visits:
            by_name.setdefault(visit.name, []).append(visit)
        return by_name

    @property
    def history(self) -> list[JSONObject]:
        """The events as GetExecutionHistory returns them."""
        return history_of(self._interpreter.events)

    def get_execution_history(
        self, *, include_execution_data: bool = True, reverse_order: bool = False, max_results: int | None = None
    ) -> list[JSONObject]:
        """What GetExecutionHistory returns: at most ``max_results`` events; without execution data, no payloads."""
        events = self._interpreter.events[slice(None, None, -1 if reverse_order else None)][:max_results]
        return history_of(events, include_execution_data=include_execution_data)

    @property
    def events(self) -> Sequence[Event]:
        """The events as the engine's tuples, see ``history``. Do not change them."""
        return self._interpreter.events

    @property
    def is_clock_running(self) -> bool:
        """Whether time passes on this execution's scheduler just now, in this very call."""
        return self._scheduler.is_running

    @property
    def map_runs(self) -> Sequence[MapRun]:
        """The Map Runs that Distributed Map states have begun, in their order; a retry of a state begins another."""
        return self._interpreter.map_runs

    @property
    def paused_at(self) -> "Pause | None":
        """The breakpoint at which it stands, and what it will go on with."""
        return None

    def visit_of(self, task: PendingTask) -> Visit | None:
        """The visit that awaits a pending task."""
        return self._interpreter.visit_of_task(task.task_id)

    def children(self, map_run: MapRun) -> "list[Execution]":
        """Child executions of a Map Run, by index: those that run, and of those that ended a few of each kind."""
        return [] if self._map_runs is None else self._map_runs.children(map_run)

    def update_map_run(
        self,
        map_run: MapRun,
        *,
        max_concurrency: int | None = None,
        tolerated_failure_count: int | None = None,
        tolerated_failure_percentage: float | None = None,
    ) -> None:
        """Change the limits of a Map Run while it runs, as UpdateMapRun does; what is ``None`` stays."""
        if self._map_runs is not None:
            self._map_runs.update(
                map_run,
                max_concurrency=max_concurrency,
                tolerated_failure_count=tolerated_failure_count,
                tolerated_failure_percentage=tolerated_failure_percentage,
            )

    @property
    def root(self) -> "Execution":
        """The execution that a person started: this one, or the one whose Map Run it is a child of."""
        return self if self.parent is None else self.parent.root

    @property
    def is_stepped(self) -> bool:
        """Whether its clock is a manual one, which stands until ``step`` moves it."""
        return isinstance(self._scheduler.clock, ManualClock)

    @property
    def next_due_seconds(self) -> float | None:
        """When something is due next on this execution's clock."""
        return self._scheduler.next_due_seconds()

    def describe(self, *, included_data: str = ALL_DATA) -> JSONObject:
        """What DescribeExecution returns; ``METADATA_ONLY`` leaves out input, output, error and cause."""
        return describe(self, included_data)

    def observe(self, *observers: ExecutionInstrument) -> None:
        """Tell ``observers`` of every step from now on; a failing one is dropped, the run goes on."""
        self._observers.add(*observers)

    def run(self) -> "Execution":
        """Start, and go on until the execution ends or its clock refuses to move.

        Raises:
            ExecutionAborted: After Ctrl-C; the execution is then ABORTED.
        """
        self.start()
        return self.resume()

    def start(self) -> None:
        """Begin at the next instant of the scheduler, without waiting: for executions that another one starts."""
        self._deliver(StartExecution())

    def resume(self, *, reach_deadlines: bool = False) -> "Execution":
        """Go on after the clock was moved or a pending task was answered, with the whole family of nested executions.

        Where only timeouts of pending tasks are left, virtual time stands and waits for an answer; with
        ``reach_deadlines`` it goes on to them.

        Raises:
            ExecutionAborted: After Ctrl-C; the execution is then ABORTED.
        """
        try:
            self._scheduler.run_until(self._is_settled(), reach_deadlines=reach_deadlines)
        except KeyboardInterrupt:
            self._abort_all(cause="Interrupted by the user.")
            raise ExecutionAborted(self.name, None, "interrupted by the user", status="ABORTED") from None
        except SfnNotebookError as refusal:
            self._abort_all(error=type(refusal).__name__, cause=refusal.message)
            raise
        self.family.tell_pause()
        return self

    def go_on(self) -> "Execution":
        """As ``resume``, but an execution at a breakpoint stays there."""
        return self.resume()

    def _is_settled(self) -> Callable[[], bool]:
        """What ``resume`` asks after every instant: whether to let no more time pass."""
        return self.family.is_settled

    def tell_observers(self) -> None:
        """Tell those who look that the execution has ended, or waits."""
        self._observers.end(self)

    def join(self, parent: "Execution") -> None:
        """Become one family with the execution that starts this one: where one of them goes on, all do."""
        self.family, self.generation = parent.family, parent.generation + 1
        self.family.add(self)

    @property
    def pending_tasks(self) -> Mapping[str, PendingTask]:
        """The tasks that somebody outside must answer, by their tokens."""
        return self._tasks.pending

    def succeed_task(self, task_token: str, output: JSONValue) -> None:
        """Answer a pending task with ``output``; the execution goes on with the next ``resume`` or run of its clock.

        Raises:
            TaskTokenError: If nothing waits for this token (any more); so do the three methods below.
        """
        self._tasks.succeed(task_token, output)

    def fail_task(
        self,
        task_token: str,
        error: str | None = None,
        cause: str | None = None,
        *,
        exception: BaseException | None = None,
    ) -> None:
        """Answer a pending task with an error; ``exception`` is what the user's own worker raised."""
        self._tasks.fail(task_token, error, cause, exception)

    def heartbeat_task(self, task_token: str) -> None:
        """Tell that a pending task is still worked on: its HeartbeatSeconds begin anew."""
        self._deliver(TaskHeartbeat(task_id=self._tasks.id_of(task_token)))

    def note_attempt(self, output: AttemptOutput) -> None:
        """Keep what the work of the attempt that is being performed has left behind."""
        if (attempt := self._interpreter.attempt_of(self._tasks.performing)) is not None:
            self.attempt_outputs[attempt] = output

    def start_activity(self, task_token: str, worker_name: str | None = None) -> None:
        """Tell that a worker has taken a pending task."""
        self._deliver(ActivityStarted(task_id=self._tasks.take(task_token, worker_name), worker_name=worker_name))

    def step(self, seconds: float | None = None) -> "Execution":
        """Move a manual clock by ``seconds``, or to when something is due next, and go on.

        Raises:
            ExecutionStalled: If the run has no manual clock, or nothing is due.
        """
        clock = self._scheduler.clock
        if not isinstance(clock, ManualClock):
            raise ExecutionStalled(f"{self.name} has no manual clock.", hint='Start it with clock="manual".')
        due_seconds = self._scheduler.next_due_seconds()
        if seconds is None:
            if self._is_over() or due_seconds is None:
                raise ExecutionStalled(f"{self.name} is {self.status}: nothing is due.")
            seconds = max(0.0, due_seconds - clock.now())
        clock.advance(seconds)
        return self.resume()

    def stop(self, *, error: str | None = None, cause: str | None = None) -> None:
        """Stop the execution, as StopExecution does; one that has ended stays as it is."""
        self.abort(error=error, cause=cause)
        if not self.is_clock_running and not self.family.is_settled():
            self.resume()

    def abort(self, *, error: str | None = None, cause: str | None = None) -> None:
        """Stop this execution alone, without going on with those that wait for it."""
        if not self._is_over():
            self._apply((*self._take_inbox(), StopExecution(error=error, cause=cause)))

    def _abort_all(self, *, error: str | None = None, cause: str | None = None) -> None:
        self.abort(error=error, cause=cause)
        self.family.abort(error=error, cause=cause)

    def result(self) -> JSONValue:
        """The output.

        Raises:
            ExecutionFailed: If the execution failed; also ExecutionTimedOut, ExecutionAborted. Its ``__cause__`` is the
                exception that the user's function raised, if there was one.
            ExecutionStalled: If the execution has not ended.
        """
        return result_of(self)

    @property
    def _tasks(self) -> TaskDriver:
        """Made when first needed: a million children of a Map Run may have no Task, and be let go without a circle."""
        if self._task_driver is None:
            self._task_driver = TaskDriver(self, self._scheduler, self._resolver, self._deliver)
        return self._task_driver

    def _is_over(self) -> bool:
        return self._interpreter.status is not ExecutionStatus.RUNNING

    def _deliver(self, command: Command) -> None:
        if not self._inbox:
            self._scheduler.at_end_of_instant(self._flush)
        self._inbox.append(command)

    def _take_inbox(self) -> tuple[Command, ...]:
        commands = tuple(self._inbox)
        self._inbox.clear()
        return commands

    def _flush(self) -> None:
        if self._inbox:
            self._apply(self._take_inbox())

    def _apply(self, commands: tuple[Command, ...]) -> None:
        if self._map_runs is not None:
            commands = (*self._map_runs.reports(), *commands)
        if self._missing_activities is not None:
            missing = self._missing_activities()
            if missing != self._interpreter.missing_activities:
                commands = (ActivitiesMissing(arns=missing), *commands)
        instant = Instant(self._scheduler.now(), commands)
        self.log.append(instant)
        transition = self._interpreter.apply(instant)
        tasks = self._task_driver
        if self._map_runs is not None or (tasks is not None and tasks.exceptions):
            self._remember_exceptions(commands)
        if self._observers.are_any:
            self._observers.transition(self, self._interpreter.changed)
        for effect in transition.effects:
            if effect.__class__ is StartTask:
                self._tasks.perform(effect)
            else:
                self._perform(effect)
        if self._interpreter.status is not ExecutionStatus.RUNNING:
            self._tell_end()

    def _tell_end(self) -> None:
        if self._observers.are_any:
            self._observers.end(self)
        on_end, self._on_end = self._on_end, None
        if on_end is not None:
            on_end(self)

    def _remember_exceptions(self, commands: Sequence[Command]) -> None:
        for command in commands:
            if isinstance(command, TaskFailed):
                exception = self._tasks.exceptions.pop(command.task_id, None)
                if self.status is ExecutionStatus.FAILED and self.cause == command.cause:
                    self.exception = exception
            elif isinstance(command, MapRunEnded) and self._map_runs is not None:
                failure = (ExecutionStatus.FAILED, command.error, command.cause)
                if (self.status, self.error, self.cause) == failure:
                    self.exception = self._map_runs.exception(command.map_run_id)

    def _perform(self, effect: Effect) -> None:
        match effect:
            case StartTask():
                self._tasks.perform(effect)
            case SetTimer(timer_id=timer_id, due_seconds=due_seconds):
                self._timers[timer_id] = self._scheduler.schedule(
                    due_seconds, lambda: self._fire(timer_id), is_deadline=effect.is_deadline
                )
            case CancelTimer(timer_id=timer_id):
                if (timer := self._timers.pop(timer_id, None)) is not None:
                    timer.cancel()
            case CancelTask(task_id=task_id):
                self._tasks.cancel(task_id)
            case StartMapRun():
                self._start_map_run(effect)
            case CancelMapRun(map_run_id=map_run_id):
                if self._map_runs is not None:
                    self._map_runs.stop(map_run_id)
            case _:
                assert_never(effect)

    def _start_map_run(self, effect: StartMapRun) -> None:
        if self._map_runs is None:
            self._map_runs = MapRunDrivers(
                machine=self.header.machine,
                scheduler=self._scheduler,
                buckets=self._buckets,
                begin_child=self._begin_child,
                on_progress=self._map_run_progressed,
                on_end=self._deliver,
            )
        self._map_runs.start(effect)

    def _begin_child(
        self, effect: StartMapRun, header: ExecutionHeader, on_end: "Callable[[Execution], None]"
    ) -> "Execution":
        child = Execution(
            definition=effect.definition,
            compiled=effect.processor,
            header=header,
            scheduler=self._scheduler,
            resolver=self._resolver,
            buckets=self._buckets,
            missing_activities=self._missing_activities,
            parent=self,
            on_end=on_end,
        )
        # At once, not at the end of the instant: a child that waits for nothing has then ended already.
        child._apply((StartExecution(),))
        return child

    def _map_run_progressed(self) -> None:
        if self._observers.are_any:
            self._observers.transition(self, ())

    def _fire(self, timer_id: int) -> None:
        self._timers.pop(timer_id, None)
        self._deliver(TimerFired(timer_id=timer_id))
