"""A Map Run at work: it reads the items, runs the child executions and writes the results; it decides nothing.

Memory stays bounded however many items there are: besides the children that run, it keeps a few that ended, for people
to look at, and the beginning of the log.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Final, Protocol, assert_never

from sfn_notebook._json import ABSENT, Absent, JSONValue
from sfn_notebook.asl import error_names
from sfn_notebook.asl.environment import EvaluationError
from sfn_notebook.engine.buckets import Buckets
from sfn_notebook.engine.commands import MapRunEnded
from sfn_notebook.engine.context_object import ExecutionHeader, MachineIdentity
from sfn_notebook.engine.item_reader import Item, read_items
from sfn_notebook.engine.map_run import MapRun, MapRunStatus
from sfn_notebook.engine.map_run_interpreter import (
    ChildEnded,
    EndMapRun,
    ItemsFailed,
    ItemsRead,
    LimitsChanged,
    MapRunCommand,
    MapRunEffect,
    MapRunInterpreter,
    MapRunPlan,
    ReadItems,
    StartChild,
)
from sfn_notebook.engine.result_writer import ChildResult, ResultSink, result_sink
from sfn_notebook.engine.status import ExecutionStatus
from sfn_notebook.runtime.scheduler import Scheduler, Timer

if TYPE_CHECKING:
    from sfn_notebook.engine.execution import Execution

KEPT_FIRST: Final = 10
"""How many of the first children that ended are kept, whatever their status."""

KEPT_LAST: Final = 10
"""How many of the last children that ended are kept."""

KEPT_FAILED: Final = 100
"""How many of the children that did not succeed are kept: the first ones."""

MAX_LOG_ITEMS: Final = 10_000
"""A Map Run with more items keeps no log: how it ended is in its execution's log in any case."""


class StartChildExecution(Protocol):
    """Makes a child execution and begins it; ``on_end`` is called once, perhaps before this returns."""

    def __call__(self, header: ExecutionHeader, on_end: "Callable[[Execution], None]") -> "Execution":
        """Start it."""


class MapRunDriver:
    """Performs what a ``MapRunInterpreter`` asks for, on the scheduler of the execution that the run belongs to.

    ``log`` holds what the run was told of, each with its time, or is ``None`` once there were too many items.
    ``exception`` is what the user's function raised in the first child that failed with an exception.
    """

    def __init__(
        self,
        *,
        map_run_id: int,
        plan: MapRunPlan,
        machine: MachineIdentity,
        scheduler: Scheduler,
        buckets: Buckets,
        start_child: StartChildExecution,
        on_progress: Callable[[], None],
        on_end: Callable[[MapRunEnded], None],
    ) -> None:
        self.log: list[tuple[float, MapRunCommand]] | None = []
        self.exception: BaseException | None = None
        self._map_run_id = map_run_id
        self._plan = plan
        self._machine = machine
        self._scheduler = scheduler
        self._buckets = buckets
        self._start_child = start_child
        self._on_progress = on_progress
        self._on_end = on_end
        self._interpreter = MapRunInterpreter(plan)
        self._sink: ResultSink = result_sink(
            plan.writer,
            buckets=buckets,
            state_name=plan.state_name,
            map_run_arn=plan.run.arn,
            map_run_uuid=plan.run.identity.uuid,
        )
        self._items: Iterator[Item] | None = None
        self._reading: Timer | None = None
        self._running: dict[str, tuple[int, Execution | None]] = {}
        self._first: list[tuple[int, Execution]] = []
        self._last: deque[tuple[int, Execution]] = deque(maxlen=KEPT_LAST)
        self._failed: list[tuple[int, Execution]] = []
        self._inbox: deque[MapRunCommand] = deque()
        self._is_at_work = False
        self._is_over = False

    @property
    def run(self) -> MapRun:
        """The Map Run with its counters."""
        return self._plan.run

    @property
    def children(self) -> "list[Execution]":
        """The child executions that run and those that are kept, by index: the first, the last and the failed ones."""
        kept = {index: child for index, child in self._running.values() if child is not None}
        kept.update(self._first)
        kept.update(self._failed)
        kept.update(self._last)
        return [kept[index] for index in sorted(kept)]

    def start(self) -> None:
        """Begin at the next instant of the scheduler, so that a run within a run nests no calls."""
        self._reading = self._scheduler.schedule(self._scheduler.now(), self._begin)

    def stop(self) -> None:
        """The run's execution needs it no longer: abort the children and export what there is."""
        if not self._is_over:
            self._finish(EndMapRun(MapRunStatus.ABORTED))

    def limits_changed(self) -> None:
        """The run's ``update`` was called."""
        self._hear(LimitsChanged())

    def _begin(self) -> None:
        self._reading = None
        self._is_at_work = True
        try:
            self._perform_all(self._interpreter.begin())
        finally:
            self._is_at_work = False
        self._work()

    def _hear(self, command: MapRunCommand) -> None:
        self._inbox.append(command)
        if not self._is_at_work:
            self._work()

    def _work(self) -> None:
        """Hear command by command: a child that ends at once adds the next one, without nesting calls."""
        self._is_at_work = True
        inbox, interpreter = self._inbox, self._interpreter
        try:
            while inbox and not self._is_over:
                command = inbox.popleft()
                now_seconds = self._scheduler.now()
                if self.log is not None:
                    self._write_down(now_seconds, command)
                if effects := interpreter.apply(now_seconds, command):
                    self._perform_all(effects)
        finally:
            self._is_at_work = False

    def _write_down(self, now_seconds: float, command: MapRunCommand) -> None:
        assert self.log is not None  # noqa: S101 - the caller has looked
        self.log.append((now_seconds, command))
        if self.run.item_counts.total > MAX_LOG_ITEMS:
            self.log = None

    def _perform_all(self, effects: Sequence[MapRunEffect]) -> None:
        for effect in effects:
            match effect:
                case StartChild(child_index=index, input=child_input):
                    self._begin_child(index, child_input)
                case ReadItems(most_items=count):
                    self._reading = self._scheduler.schedule(self._scheduler.now(), partial(self._read, count))
                case EndMapRun():
                    self._finish(effect)
                case _:
                    assert_never(effect)

    def _read(self, count: int) -> None:
        """Read a page. One at a time, and from the scheduler, so that other executions and Ctrl-C have their turn."""
        self._reading = None
        command: MapRunCommand
        try:
            if self._items is None:
                assert self._plan.source is not None  # noqa: S101 - items are asked for only where there is a source
                self._items = read_items(self._plan.source, self._buckets)
            items = tuple(islice(self._items, count))
            command = ItemsRead(items, is_end=len(items) < count)
        except EvaluationError as error:
            command = ItemsFailed(error.error, error.detail)
        self._hear(command)
        self._on_progress()

    def _begin_child(self, index: int, child_input: JSONValue) -> None:
        name, seed = self.run.identity.child(index)
        header = ExecutionHeader(name, self._machine, child_input, seed)
        self._running[name] = (index, None)
        child = self._start_child(header, partial(self._child_ended, index))
        if name in self._running:
            self._running[name] = (index, child)

    def _child_ended(self, index: int, child: "Execution") -> None:
        self._running.pop(child.name, None)
        self._keep(index, child)
        command: MapRunCommand = ChildEnded(index, child.status)
        try:
            if self._sink.is_open:
                self._sink.add(index, _result_of(child))
        except EvaluationError as error:
            command = ItemsFailed(error.error, error.detail)
        if not self._is_over:
            self._hear(command)

    def _keep(self, index: int, child: "Execution") -> None:
        if len(self._first) < KEPT_FIRST:
            self._first.append((index, child))
        else:
            self._last.append((index, child))
        if child.status is not ExecutionStatus.SUCCEEDED:
            if len(self._failed) < KEPT_FAILED:
                self._failed.append((index, child))
            if self.exception is None:
                self.exception = child.exception

    def _finish(self, end: EndMapRun) -> None:
        self._is_over = True
        self._inbox.clear()
        self._items = None
        if self._reading is not None:
            self._reading.cancel()
        for _, child in tuple(self._running.values()):
            if child is not None:
                child.abort()
        self._running.clear()
        output: JSONValue | Absent = ABSENT
        error, cause = end.error, end.cause
        try:
            self._write_waiting()
            output = self._sink.finish()
        except EvaluationError as failure:
            if end.status is MapRunStatus.SUCCEEDED:
                error, cause = failure.error, failure.detail
                if error != error_names.DATA_LIMIT_EXCEEDED:
                    self.run.status = MapRunStatus.FAILED
        if end.status is not MapRunStatus.ABORTED:
            self._on_end(
                MapRunEnded(
                    map_run_id=self._map_run_id, outcome=self.run.outcome(), output=output, error=error, cause=cause
                )
            )

    def _write_waiting(self) -> None:
        """Inputs whose children were never started are exported as pending, as AWS does for a run that failed."""
        if self._plan.writer.bucket is not None:
            for child_input in self._interpreter.waiting_inputs():
                self._sink.add(-1, ChildResult(input=child_input))


def _result_of(child: "Execution") -> ChildResult:
    return ChildResult(
        input=child.input,
        status=child.status,
        execution_arn=child.arn,
        machine_arn=child.header.machine.arn,
        name=child.name,
        output=child.output,
        error=child.error,
        cause=child.cause,
        started_seconds=child.started_seconds,
        stopped_seconds=child.ended_seconds or child.started_seconds,
    )
