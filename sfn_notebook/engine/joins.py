"""How Parallel and inline Map open branches, and what happens as these end; it calls no function and knows no time."""

from typing import TYPE_CHECKING

from sfn_notebook._json import JSONValue
from sfn_notebook.asl.compile import CompiledMap, CompiledParallel, CompiledState
from sfn_notebook.asl.environment import EvaluationError
from sfn_notebook.engine import failures, states
from sfn_notebook.engine.frames import Frame, Join
from sfn_notebook.engine.status import ExecutionStatus

if TYPE_CHECKING:
    from sfn_notebook.engine.interpreter import Interpreter


def attempt_parallel(interpreter: "Interpreter", frame: Frame) -> None:
    """Open every branch on the same effective input."""
    state = frame.state
    assert isinstance(state, CompiledParallel)  # noqa: S101 - the dispatch table says so
    effective = frame.effective_input
    branch_input = effective if state.parameters is None else state.parameters(effective, interpreter.environment)
    if frame.visit is not None:
        frame.visit.attempts[-1].parameters = branch_input
    frame.previous_id = interpreter.emit(frame.previous_id, "ParallelStateStarted")
    frame.join = join = Join(owner=frame, outputs=[None] * len(state.branches), is_map=False)
    for index, start_at in enumerate(state.branches):
        branch = Frame(
            state=start_at,
            input=branch_input,
            previous_id=frame.previous_id,
            parent=join,
            index=index,
            iteration=(*frame.iteration, index),
            variables=frame.variables,
        )
        join.frames[index] = branch
        interpreter.ready.append((states.advance, branch, None))


def attempt_map(interpreter: "Interpreter", frame: Frame) -> None:
    """Open as many iterations as MaxConcurrency allows; 0 is no limit."""
    state = frame.state
    assert isinstance(state, CompiledMap)  # noqa: S101 - the dispatch table says so
    environment = interpreter.environment
    items = state.items(frame.effective_input, environment) if state.items is not None else []
    concurrency = state.max_concurrency
    limit = concurrency(frame.effective_input, environment) if callable(concurrency) else concurrency
    if frame.visit is not None:
        frame.visit.attempts[-1].parameters = items
    count = len(items)
    frame.previous_id = interpreter.emit(frame.previous_id, "MapStateStarted", payload=count)
    frame.join = Join(owner=frame, outputs=[None] * count, is_map=True, items=items, limit=limit or count)
    if not items:
        _finish_join(interpreter, frame, frame.previous_id)
        return
    for _ in range(min(limit or count, count)):
        _open_iteration(interpreter, frame.join, frame.previous_id)


def finish_branch(interpreter: "Interpreter", frame: Frame, output: JSONValue) -> None:
    """A branch has reached its end: close the execution, open the next iteration, or close the join."""
    frame.is_over = True
    join = frame.parent
    if join is None:
        interpreter.emit(frame.previous_id, "ExecutionSucceeded", payload=output)
        interpreter.end(ExecutionStatus.SUCCEEDED, output=output)
        return
    join.outputs[frame.index] = output
    del join.frames[frame.index]
    last_id = frame.previous_id
    if join.is_map:
        # Recorded: the next iteration follows the last event inside this one, not its MapIterationSucceeded.
        succeeded_id = interpreter.emit(last_id, "MapIterationSucceeded", join.owner.state.name, frame.index)
        if join.next_index < len(join.items):
            _open_iteration(interpreter, join, last_id)
            return
        last_id = succeeded_id
    if not join.frames:
        _finish_join(interpreter, join.owner, last_id)


def _finish_join(interpreter: "Interpreter", owner: Frame, last_id: int) -> None:
    join = owner.join
    assert join is not None  # noqa: S101 - set when the attempt began
    owner.join = None
    # Recorded: ...StateSucceeded is off the chain, ...StateExited follows the same event as it does.
    interpreter.emit(last_id, "MapStateSucceeded" if join.is_map else "ParallelStateSucceeded")
    owner.previous_id = last_id
    interpreter.ready.append((states.complete, owner, join.outputs))


def _open_iteration(interpreter: "Interpreter", join: Join, previous_id: int) -> None:
    owner = join.owner
    state = owner.state
    assert isinstance(state, CompiledMap)  # noqa: S101 - only a Map opens iterations
    index = join.next_index
    join.next_index += 1
    started_id = interpreter.emit(previous_id, "MapIterationStarted", state.name, index)
    start_at = state.start_at
    assert start_at is not None  # noqa: S101 - set when compiled
    iteration = Frame(
        state=start_at,
        input=None,
        previous_id=started_id,
        parent=join,
        index=index,
        iteration=(*owner.iteration, index),
        item=join.items[index],
        item_index=index,
        variables=owner.variables,
    )
    join.frames[index] = iteration
    interpreter.ready.append((begin_iteration, iteration, None))


def begin_iteration(interpreter: "Interpreter", frame: Frame, _value: JSONValue) -> None:
    """Select the iteration's input, with the Map's own state in the Context Object, and advance."""
    join = frame.parent
    assert join is not None  # noqa: S101 - an iteration belongs to a Map
    owner = join.owner
    state: CompiledState = owner.state
    assert isinstance(state, CompiledMap)  # noqa: S101 - as above
    if state.select_item is None:
        frame.input = frame.item
    else:
        environment = interpreter.environment
        environment.frame = owner
        owner.item, owner.item_index, outer = frame.item, frame.index, (owner.item, owner.item_index)
        try:
            frame.input = state.select_item(owner.effective_input, environment)
        except EvaluationError as error:
            failures.fail_evaluation(interpreter, frame, error)
            return
        finally:
            owner.item, owner.item_index = outer
    states.advance(interpreter, frame)
