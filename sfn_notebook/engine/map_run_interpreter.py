"""The pure part of a Map Run: items come in, child executions go out; it reads no bucket and runs no execution.

A Map Run is an execution in small: what it does follows from its plan and from its log of commands. The execution that
it belongs to hears only how it ended (``MapRunEnded``), whether it had one item or a hundred million: as on AWS, its
history has nothing between MapRunStarted and MapRunSucceeded.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from random import Random
from typing import Final, NamedTuple, TypeAlias, assert_never

from sfn_notebook import _json
from sfn_notebook._json import JSONValue
from sfn_notebook.asl import error_names
from sfn_notebook.asl.environment import EvaluationError
from sfn_notebook.asl.map_limits import MAX_BATCH_BYTES
from sfn_notebook.asl.paths import Evaluator
from sfn_notebook.engine.item_batcher import Batcher, BatchLimits
from sfn_notebook.engine.item_reader import Item, ItemSource, state_items
from sfn_notebook.engine.item_selection import ItemEnvironment, SelectionScope
from sfn_notebook.engine.map_run import MapRun, MapRunStatus, threshold_exceeded
from sfn_notebook.engine.result_writer import WriterConfig
from sfn_notebook.engine.status import ExecutionStatus

PAGE_ITEMS: Final = 100
"""How many items are asked for at a time; so many inputs of children may wait."""


class MapRunPlan(NamedTuple):
    """Everything that a Map Run needs to know, evaluated: with its log, the whole truth about it.

    ``items`` are the state's, unless ``source`` says where to read them. ``cause_prefix`` comes before the detail of an
    error in the ItemSelector.
    """

    run: MapRun
    state_name: str
    state_pointer: str
    source: ItemSource | None
    items: JSONValue
    select_item: Evaluator | None
    scope: SelectionScope
    batch_limits: BatchLimits | None
    writer: WriterConfig
    cause_prefix: str


class ItemsRead(NamedTuple):
    """Items in their order; ``is_end`` when there are no more."""

    items: Sequence[Item]
    is_end: bool


class ItemsFailed(NamedTuple):
    """The items cannot be read, or their results not be written."""

    error: str
    cause: str


class ChildEnded(NamedTuple):
    """Child execution ``child_index`` has ended."""

    child_index: int
    status: ExecutionStatus


class LimitsChanged(NamedTuple):
    """The concurrency or the tolerance of the run was changed."""


class StopMapRun(NamedTuple):
    """The execution that the run belongs to needs it no longer."""


MapRunCommand: TypeAlias = ItemsRead | ItemsFailed | ChildEnded | LimitsChanged | StopMapRun


class ReadItems(NamedTuple):
    """Answer with ItemsRead, with at most ``most_items`` of them, or ItemsFailed."""

    most_items: int


class StartChild(NamedTuple):
    """Run a child execution and answer with ChildEnded; ``child_index`` counts from 0."""

    child_index: int
    input: JSONValue


class EndMapRun(NamedTuple):
    """The run has ended; error and cause are set unless it succeeded or was stopped."""

    status: MapRunStatus
    error: str | None = None
    cause: str | None = None


MapRunEffect: TypeAlias = ReadItems | StartChild | EndMapRun


class MapRunInterpreter:
    """One Map Run. ``run`` may be read at any time between two calls of ``apply``."""

    def __init__(self, plan: MapRunPlan) -> None:
        self.plan = plan
        self.run = plan.run
        self._pending: deque[tuple[JSONValue, int]] = deque()
        self._running: dict[int, int] = {}
        self._next_index = 0
        self._next_item_index = 0
        self._is_reading = False
        self._effects: list[MapRunEffect] = []
        self._now_seconds = plan.run.started_seconds
        self._batcher = None if plan.batch_limits is None else Batcher(plan.batch_limits)
        random = Random(f"{plan.run.identity.uuid}/items")  # noqa: S311 - draws must repeat; nothing secret is drawn
        self._environment = ItemEnvironment(plan.scope, random=random, now_seconds=self._now_seconds)

    def begin(self) -> list[MapRunEffect]:
        """Start: without an ItemReader all items are at hand."""
        self._effects = []
        if self.plan.source is None:
            self._accept(ItemsRead(tuple(state_items(self.plan.items)), is_end=True))
        else:
            self._fill()
        return self._effects

    def apply(self, at_seconds: float, command: MapRunCommand) -> list[MapRunEffect]:
        """Hear what happened, and go on as far as possible. After the end nothing changes any more."""
        self._effects = []
        if self.run.status is MapRunStatus.RUNNING:
            self._now_seconds = self._environment.now_seconds = at_seconds
            self._accept(command)
        return self._effects

    def waiting_inputs(self) -> Iterator[JSONValue]:
        """The inputs of children that were not started; they are held only until the first page has been started."""
        return (child_input for child_input, _ in self._pending)

    def _accept(self, command: MapRunCommand) -> None:
        match command:
            case ChildEnded(child_index=index, status=status):
                self.run.end_child(status, self._running.pop(index))
            case ItemsRead(items=items, is_end=is_end):
                self._is_reading = False
                try:
                    self._take(items, is_end=is_end)
                except EvaluationError as error:
                    prefix = self.plan.cause_prefix if error.prefixed else ""
                    self._end(MapRunStatus.FAILED, error.error, prefix + error.detail)
                    return
            case ItemsFailed(error=error_name, cause=cause):
                self._end(MapRunStatus.FAILED, error_name, cause)
                return
            case StopMapRun():
                self._end(MapRunStatus.ABORTED)
                return
            case LimitsChanged():
                pass
            case _:
                assert_never(command)
        self._go_on()

    def _go_on(self) -> None:
        run = self.run
        if run.is_beyond_tolerance:
            failure = threshold_exceeded()
            self._end(MapRunStatus.FAILED, failure.error, failure.detail)
            return
        self._fill()
        if run.is_complete:
            self._end(MapRunStatus.SUCCEEDED)

    def _end(self, status: MapRunStatus, error: str | None = None, cause: str | None = None) -> None:
        self.run.end(status, self._now_seconds)
        self._running.clear()
        self._effects.append(EndMapRun(status, error, cause))

    def _take(self, items: Sequence[Item], *, is_end: bool) -> None:
        for item in items:
            value = self._selected(item)
            if self._batcher is None:
                self._add_child(value, 1)
            elif (batch := self._batcher.add(value)) is not None:
                self._add_child(batch, len(batch["Items"]))
        if is_end:
            if self._batcher is not None and (batch := self._batcher.close()) is not None:
                self._add_child(batch, len(batch["Items"]))
            self.run.are_items_known = True

    def _selected(self, item: Item) -> JSONValue:
        select_item = self.plan.select_item
        if select_item is None:
            return item.child_input
        self._environment.move_to(self._next_item_index, item)
        self._next_item_index += 1
        return select_item(self.plan.scope.effective_input, self._environment)

    def _add_child(self, child_input: JSONValue, item_count: int) -> None:
        if self._batcher is None and _json.size_bytes(child_input) > MAX_BATCH_BYTES:
            raise _input_too_large()
        self._pending.append((child_input, item_count))
        self.run.add_child(item_count)

    def _fill(self) -> None:
        """Start children up to the limit, and ask for more items when none is left."""
        run, pending = self.run, self._pending
        room = run.concurrency - len(self._running)
        while pending and room > 0:
            child_input, item_count = pending.popleft()
            index = self._next_index
            self._next_index += 1
            self._running[index] = item_count
            run.start_child(item_count)
            self._effects.append(StartChild(index, child_input))
            room -= 1
        if room > 0 and not pending and not self._is_reading and not run.are_items_known:
            self._is_reading = True
            self._effects.append(ReadItems(PAGE_ITEMS))


def _input_too_large() -> EvaluationError:
    """The failure for a child's input beyond the quota; the text is ours: none was recorded."""
    detail = f"The input of a child execution exceeds the maximum number of {MAX_BATCH_BYTES} bytes."
    return EvaluationError(error_names.DATA_LIMIT_EXCEEDED, detail, prefixed=False)
