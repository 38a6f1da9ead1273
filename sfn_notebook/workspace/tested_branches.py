"""A Map or Parallel under test: its work is somebody else's answer, so only what surrounds the work is evaluated.

The compiled state becomes a Task of the same name with the same results, Retry and Catch; its "parameters" are what the
state would hand to its branches, evaluated by the very closures that a run uses.
"""

from dataclasses import dataclass, field, fields
from io import BytesIO
from typing import Any, BinaryIO, Final

from sfn_notebook import _json
from sfn_notebook._json import ABSENT, Absent, JSONObject, JSONValue
from sfn_notebook.asl import distributed_map, state_expressions
from sfn_notebook.asl.compile import CompiledTask, RetryableState
from sfn_notebook.asl.environment import Environment
from sfn_notebook.asl.model import MapState, ParallelState, ProcessorMode
from sfn_notebook.asl.paths import Evaluator
from sfn_notebook.engine.buckets import NoBuckets
from sfn_notebook.engine.context_object import FrameEnvironment
from sfn_notebook.engine.item_batcher import batches
from sfn_notebook.engine.item_reader import item_source, read_items

STAND_IN: Final = "arn:aws:states:::test:state"


@dataclass(slots=True)
class MapStages:
    """What a Map evaluated before its work, as far as it came; ``ABSENT``: it has no such stage or did not reach it."""

    max_concurrency: int | Absent = ABSENT
    tolerated_failure_count: int | Absent = ABSENT
    tolerated_failure_percentage: float | Absent = ABSENT
    items: JSONValue = field(default=ABSENT)
    read_items: JSONValue = field(default=ABSENT)
    selected_items: JSONValue = field(default=ABSENT)
    batches: JSONValue = field(default=ABSENT)

    def is_exceeded(self, failure_count: int) -> bool:
        """Whether so many failed iterations fail the Map; recorded: without a tolerance none do."""
        if self.tolerated_failure_count is not ABSENT and failure_count > self.tolerated_failure_count:
            return True
        total = len(self.items) if isinstance(self.items, list | dict) else 0
        percentage = self.tolerated_failure_percentage
        return percentage is not ABSENT and total > 0 and failure_count * 100 / total > percentage


def as_task(
    state: RetryableState, model: MapState | ParallelState, reader_data: str | None
) -> tuple[CompiledTask, MapStages]:
    """The Task that stands in for ``state``, and where a Map's stages will be found.

    Args:
        state: The compiled Map or Parallel.
        model: The same state as written.
        reader_data: What an ItemReader would read, as in its source.
    """
    stages = MapStages()
    evaluate = _map_evaluator(model, stages, reader_data) if isinstance(model, MapState) else None
    if isinstance(model, ParallelState):
        evaluate = state_expressions.parameters(model)
    shared: dict[str, Any] = {each.name: getattr(state, each.name) for each in fields(RetryableState)}
    return CompiledTask(**shared, resource=STAND_IN, parameters=evaluate), stages


def _map_evaluator(model: MapState, stages: MapStages, reader_data: str | None) -> Evaluator:
    written = distributed_map.compile_distributed_fields(model)
    is_distributed = model.item_processor.mode is ProcessorMode.DISTRIBUTED
    items_of = distributed_map.compile_map_items(model) if is_distributed else state_expressions.items(model)
    select = state_expressions.item_selector(model)

    def evaluate(effective: JSONValue, environment: Environment) -> JSONValue:
        if written.reader is None:
            items = stages.items = items_of(effective, environment)
        else:
            items = stages.read_items = _read(written.reader, reader_data, effective, environment)
            stages.items = items
        stages.max_concurrency = written.max_concurrency(effective, environment)
        if written.tolerated_failure_count is not None:
            stages.tolerated_failure_count = written.tolerated_failure_count(effective, environment)
        if written.tolerated_failure_percentage is not None:
            stages.tolerated_failure_percentage = written.tolerated_failure_percentage(effective, environment)
        if select is not None:
            items = stages.selected_items = _selected(select, items, effective, environment)
        if written.batcher is not None:
            items = stages.batches = _batched(written.batcher, items, effective, environment)
        return items

    return evaluate


def _selected(select: Evaluator, items: JSONValue, effective: JSONValue, environment: Environment) -> list[JSONValue]:
    """The input of every iteration, each evaluated with its item in the Context Object."""
    assert isinstance(environment, FrameEnvironment)  # noqa: S101 - the interpreter's own
    frame = environment.frame
    assert frame is not None  # noqa: S101 - set before a state is attempted
    pairs = [{"Key": key, "Value": each} for key, each in items.items()] if isinstance(items, dict) else items
    found: list[JSONValue] = []
    try:
        for index, item in enumerate(pairs):
            frame.item, frame.item_index = item, index
            found.append(select(effective, environment))
    finally:
        frame.item, frame.item_index = ABSENT, 0
    return found


def _batched(
    batcher: distributed_map.CompiledBatcher, items: JSONValue, effective: JSONValue, environment: Environment
) -> list[JSONObject]:
    def value_of(evaluate: Evaluator | None) -> JSONValue:
        return None if evaluate is None else evaluate(effective, environment)

    batch_input = ABSENT if batcher.batch_input is None else batcher.batch_input(effective, environment)
    max_items, max_input_bytes = value_of(batcher.max_items), value_of(batcher.max_input_bytes)
    return list(batches(items, max_items=max_items, max_input_bytes=max_input_bytes, batch_input=batch_input))


def _read(
    reader: distributed_map.CompiledServiceCall, data: str | None, effective: JSONValue, environment: Environment
) -> list[JSONValue]:
    """The items in ``data``, read as the ItemReader says; none without data."""
    arguments = reader.arguments(effective, environment)
    config = reader.config(effective, environment)
    if data is None:
        return []
    source = item_source(reader.resource or "", arguments, config)
    if source.is_listing:
        listed = _json.load(data)
        return listed if isinstance(listed, list) else []
    return [item.child_input for item in read_items(source, _OneObject(data))]


class _OneObject(NoBuckets):
    """A storage in which every object holds the same text."""

    def __init__(self, text: str) -> None:
        self._content = text.encode()

    def open(self, bucket: str, key: str, *, version_id: str | None = None) -> BinaryIO:  # noqa: ARG002 - the protocol's
        """The text."""
        return BytesIO(self._content)
