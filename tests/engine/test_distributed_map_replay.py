"""With a Distributed Map in the machine, too, the log gives the execution again, byte for byte."""

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sfn_notebook.engine.execution import Execution
from sfn_notebook.engine.history import history_of
from sfn_notebook.engine.interpreter import Interpreter, replay
from sfn_notebook.engine.map_run_interpreter import MapRunInterpreter
from sfn_notebook.engine.resources import TaskError, TaskRequest, TaskResult

TASK = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:work", "End": True}
_EACH = [
    {"Type": "Pass", "End": True},
    {"Type": "Wait", "Seconds": 2, "End": True},
    {"Type": "Pass", "Parameters": {"id.$": "States.UUID()"}, "End": True},
    TASK,
]
_RETRY = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 2, "MaxAttempts": 1, "JitterStrategy": "FULL"}]


def _perform(request: TaskRequest) -> TaskResult | TaskError:
    """A function whose outcome depends only on what it is asked."""
    number = len(json.dumps(request.parameters)) + int(request.now_seconds)
    if number % 5 == 0:
        return TaskError(error="Bad", cause=f"{number}", duration_seconds=0.5)
    return TaskResult(result={"n": number}, duration_seconds=float(number % 4))


def _processor(state: dict[str, Any]) -> dict[str, Any]:
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    return {"ProcessorConfig": config, "StartAt": "Each", "States": {"Each": state}}


@st.composite
def _maps(draw: st.DrawFn, depth: int = 1) -> dict[str, Any]:
    each = draw(st.sampled_from(_EACH) if not depth else st.one_of(st.sampled_from(_EACH), _maps(depth - 1)))
    fields: dict[str, Any] = {
        "MaxConcurrency": draw(st.integers(min_value=0, max_value=3)),
        "ItemsPath": "$$.Execution.Input.items" if depth else "$$.Execution.Input",
        "ToleratedFailurePercentage": draw(st.sampled_from([0, 40, 100])),
    }
    if draw(st.booleans()):
        fields["ItemSelector"] = {"v.$": "$$.Map.Item.Value", "id.$": "States.UUID()"}
    if draw(st.booleans()):
        fields["ItemBatcher"] = {"MaxItemsPerBatch": draw(st.integers(min_value=1, max_value=3))}
    if draw(st.booleans()):
        fields["Retry"] = _RETRY
    if not depth:
        fields["ItemsPath"] = "$.inner"
    return {"Type": "Map", "ItemProcessor": _processor(each), "End": True, **fields}


@st.composite
def _machines(draw: st.DrawFn) -> dict[str, Any]:
    """One Map, or two in parallel beside a branch that waits, and a state after it that draws at random."""
    after = {"Type": "Pass", "Parameters": {"id.$": "States.UUID()"}, "End": True}
    if draw(st.booleans()):
        return {"M": {**draw(_maps()), "End": False, "Next": "After"}, "After": after}
    branches: list[dict[str, Any]] = [
        {"StartAt": f"M{number}", "States": {f"M{number}": _renamed(draw(_maps()), number)}} for number in range(2)
    ]
    branches.append(
        {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": draw(st.integers(1, 4)), "End": True}}}
    )
    return {"P": {"Type": "Parallel", "Branches": branches, "Next": "After"}, "After": after}


def _renamed(state: dict[str, Any], number: int) -> dict[str, Any]:
    """State names are unique in a machine."""
    inner = state["ItemProcessor"]
    each = inner["States"]["Each"]
    if "ItemProcessor" in each:
        each = _renamed(each, number + 10)
    return {**state, "ItemProcessor": {**inner, "StartAt": f"Each{number}", "States": {f"Each{number}": each}}}


def _fixed(state: dict[str, Any]) -> dict[str, Any]:
    state = {key: value for key, value in state.items() if not (key == "End" and value is False)}
    return _renamed(state, 0) if state["Type"] == "Map" else state


def _execution(make_execution: Any, states: dict[str, Any], seed: int) -> Execution:
    machine = {name: _fixed(state) for name, state in states.items()}
    items = [{"inner": [1]}, {"inner": [2, 3]}, {"inner": []}, {"inner": {"a": 4}}]
    execution: Execution = make_execution(machine, {"items": items, "inner": items}, _perform, seed=seed)
    return execution


def _text(interpreter: Interpreter) -> str:
    runs = [each.snapshot() for each in interpreter.map_runs]
    return json.dumps([history_of(interpreter.events), interpreter.snapshot(), interpreter.status, runs])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(states=_machines(), seed=st.integers(min_value=0, max_value=2**32))
def test_replaying_the_log_gives_the_same_history_and_map_runs(
    make_execution: Any, states: dict[str, Any], seed: int
) -> None:
    first = _execution(make_execution, states, seed).run()
    replayed = replay(first.compiled, first.header, first.log)
    assert json.dumps(history_of(replayed.events)) == json.dumps(first.history)
    assert [each.snapshot() for each in replayed.map_runs] == [each.snapshot() for each in first.map_runs]
    assert replayed.visits == list(first.visits)
    again = _execution(make_execution, states, seed).run()
    assert json.dumps(again.history) == json.dumps(first.history)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(states=_machines(), data=st.data())
def test_a_log_cut_anywhere_goes_on_the_same_way(
    make_execution: Any, states: dict[str, Any], data: st.DataObject
) -> None:
    execution = _execution(make_execution, states, 0).run()
    log = execution.log
    cut = data.draw(st.integers(min_value=0, max_value=len(log)))
    resumed = replay(execution.compiled, execution.header, log[:cut])
    for instant in log[cut:]:
        resumed.apply(instant)
    assert _text(resumed) == _text(replay(execution.compiled, execution.header, log))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(states=_machines())
def test_the_log_of_a_map_run_starts_the_same_children_again(make_execution: Any, states: dict[str, Any]) -> None:
    execution = _execution(make_execution, states, 0).run()
    for driver in execution._map_runs._drivers.values() if execution._map_runs is not None else ():
        assert driver.log is not None
        plan = driver._plan
        ended = plan.run.outcome()
        plan.run.reset()
        interpreter = MapRunInterpreter(plan)
        interpreter.begin()
        for at_seconds, command in driver.log:
            interpreter.apply(at_seconds, command)
        if ended.status != "ABORTED":
            assert interpreter.run.status == ended.status
            assert interpreter.run.execution_counts == ended.execution_counts
