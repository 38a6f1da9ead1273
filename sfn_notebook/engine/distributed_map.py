"""A Distributed Map as its execution sees it: a Map Run that begins, and some day ends; it knows no item and no child.

Recorded: nothing stands in the history between MapRunStarted and MapRunSucceeded or MapRunFailed. A retry of the state
is a new Map Run. Source: developer guide, "Using Map state in Distributed mode".
"""

from typing import TYPE_CHECKING

from sfn_notebook._json import ABSENT, JSONValue
from sfn_notebook.asl import error_names
from sfn_notebook.asl.compile import CompiledDistributedMap
from sfn_notebook.asl.distributed_map import CompiledServiceCall
from sfn_notebook.asl.environment import EvaluationError
from sfn_notebook.asl.paths import Evaluator
from sfn_notebook.engine import failures, states
from sfn_notebook.engine.commands import MapRunEnded
from sfn_notebook.engine.context_object import FrameEnvironment
from sfn_notebook.engine.effects import StartMapRun
from sfn_notebook.engine.frames import Frame
from sfn_notebook.engine.item_batcher import BatchLimits
from sfn_notebook.engine.item_reader import ItemSource, item_source
from sfn_notebook.engine.item_selection import SelectionScope
from sfn_notebook.engine.map_run import FailureTolerance, MapRun, MapRunIdentity, MapRunStatus
from sfn_notebook.engine.map_run_interpreter import MapRunPlan
from sfn_notebook.engine.result_writer import WriterConfig, writer_config

if TYPE_CHECKING:
    from sfn_notebook.engine.interpreter import Interpreter


def attempt_distributed_map(interpreter: "Interpreter", frame: Frame) -> None:
    """Evaluate what the state says, and begin a Map Run.

    Recorded: a number out of range is States.Runtime before the run starts; an ItemReader that cannot be used fails it.
    """
    state = frame.state
    assert isinstance(state, CompiledDistributedMap)  # noqa: S101 - the dispatch table says so
    environment = interpreter.environment
    fields = state.fields
    items: JSONValue = []
    if fields.reader is None and state.items is not None:
        items = state.items(frame.effective_input, environment)
        if frame.visit is not None:
            frame.visit.attempts[-1].parameters = items
    frame.previous_id = interpreter.emit(frame.previous_id, "MapStateStarted", payload=len(items))
    max_concurrency = fields.max_concurrency(frame.effective_input, environment)
    tolerance = FailureTolerance(
        count=_number(fields.tolerated_failure_count, frame, environment),
        percentage=_number(fields.tolerated_failure_percentage, frame, environment),
    )
    reader, writer = (_evaluated(call, frame, environment) for call in (fields.reader, fields.writer))
    batch_limits = _batch_limits(state, frame, environment)
    run = MapRun(
        identity=MapRunIdentity.draw(
            machine_arn=interpreter.header.machine.arn,
            state_pointer=state.pointer,
            label=fields.label,
            random=environment.random,
        ),
        execution_arn=interpreter.header.arn,
        started_seconds=interpreter.now_seconds,
        max_concurrency=max_concurrency,
        tolerance=tolerance,
    )
    map_run_id = interpreter.begin_map_run(frame, run)
    frame.previous_id = interpreter.emit(frame.previous_id, "MapRunStarted", payload=run.arn)
    try:
        source, writer_settings = _checked(fields.reader, reader), _checked_writer(fields.writer, writer)
    except EvaluationError as error:
        run.end(MapRunStatus.FAILED, interpreter.now_seconds)
        interpreter.forget_map_run(frame)
        _fail_run(interpreter, frame, error.error, error.detail)
        return
    plan = MapRunPlan(
        run=run,
        state_name=state.name,
        state_pointer=state.pointer,
        source=source,
        items=items,
        select_item=state.select_item,
        scope=_selection_scope(state, frame, environment),
        batch_limits=batch_limits,
        writer=writer_settings,
        cause_prefix=failures.cause_prefix(frame),
    )
    interpreter.effects.append(
        StartMapRun(
            map_run_id=map_run_id,
            plan=plan,
            processor=state.processor,
            definition=state.definition,
            execution_type=fields.execution_type,
        )
    )


def end_map_run(interpreter: "Interpreter", frame: Frame, command: MapRunEnded) -> None:
    """The Map Run of ``frame`` has ended: leave the state with its output, or fail it."""
    if command.outcome.status is not MapRunStatus.SUCCEEDED:
        _fail_run(interpreter, frame, command.error or "", command.cause or "")
        return
    succeeded_id = interpreter.emit(frame.previous_id, "MapRunSucceeded")
    if command.error is not None:
        frame.previous_id = succeeded_id
        _fail(interpreter, frame, command.error, command.cause or "")
        return
    # Recorded since November 2024: MapStateExited follows MapRunStarted (and before, in 2024, MapRunSucceeded).
    interpreter.emit(succeeded_id, "MapStateSucceeded")
    interpreter.ready.append((states.complete, frame, command.output))


def _fail_run(interpreter: "Interpreter", frame: Frame, error: str, cause: str) -> None:
    frame.previous_id = interpreter.emit(frame.previous_id, "MapRunFailed", payload=(error, cause))
    _fail(interpreter, frame, error, cause)


def _fail(interpreter: "Interpreter", frame: Frame, error: str, cause: str) -> None:
    failure = failures.Failure(error=error, cause=cause)
    is_final = error == error_names.RUNTIME
    interpreter.ready.append((failures.fail_finally if is_final else failures.fail_state, frame, failure))


def _number(evaluate: Evaluator | None, frame: Frame, environment: FrameEnvironment) -> JSONValue:
    return None if evaluate is None else evaluate(frame.effective_input, environment)


def _evaluated(
    call: CompiledServiceCall | None, frame: Frame, environment: FrameEnvironment
) -> tuple[JSONValue, JSONValue]:
    if call is None:
        return None, None
    effective = frame.effective_input
    return call.arguments(effective, environment), call.config(effective, environment)


def _checked(call: CompiledServiceCall | None, evaluated: tuple[JSONValue, JSONValue]) -> ItemSource | None:
    return None if call is None else item_source(call.resource or "", *evaluated)


def _checked_writer(call: CompiledServiceCall | None, evaluated: tuple[JSONValue, JSONValue]) -> WriterConfig:
    return writer_config(None if call is None else call.resource, *evaluated)


def _batch_limits(state: CompiledDistributedMap, frame: Frame, environment: FrameEnvironment) -> BatchLimits | None:
    batcher = state.fields.batcher
    if batcher is None:
        return None
    batch_input = batcher.batch_input
    return BatchLimits(
        max_items=_number(batcher.max_items, frame, environment),
        max_input_bytes=_number(batcher.max_input_bytes, frame, environment),
        batch_input=ABSENT if batch_input is None else batch_input(frame.effective_input, environment),
    )


def _selection_scope(state: CompiledDistributedMap, frame: Frame, environment: FrameEnvironment) -> SelectionScope:
    # Made only where a selector may read it: the Context Object holds the execution's whole input.
    context_object = {} if state.select_item is None else environment.context_object
    return SelectionScope(frame.input, frame.effective_input, frame.variables, context_object)
