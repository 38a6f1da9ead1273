"""Replay with people in it: whatever they answer, and whenever, the log alone gives the same execution."""

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sfn_notebook.engine.execution import Execution
from sfn_notebook.engine.history import history_of
from sfn_notebook.engine.interpreter import replay
from sfn_notebook.engine.resources import ResourceKind, TaskOutcome, TaskPending, TaskRequest, TaskResult
from sfn_notebook.runtime.clock import ManualClock

CALLBACK = "arn:aws:states:::lambda:invoke.waitForTaskToken"
ACTIVITY = "arn:aws:states:us-east-1:123456789012:activity:review"


def _task(resource: str, **fields: Any) -> dict[str, Any]:
    parameters = {"FunctionName": "ask", "token.$": "$$.Task.Token", "tries.$": "$$.State.RetryCount"}
    retry = [{"ErrorEquals": ["Busy", "States.Timeout"], "IntervalSeconds": 2, "MaxAttempts": 2}]
    return {
        "Type": "Task",
        "Resource": resource,
        "Parameters": parameters,
        "Retry": retry,
        "Assign": {"last.$": "$"},
        "TimeoutSeconds": 40,
        **fields,
    }


def _branch(name: str, resource: str, heartbeat_seconds: int) -> dict[str, Any]:
    ask = _task(resource, HeartbeatSeconds=heartbeat_seconds, Next=f"{name} after")
    return {"StartAt": name, "States": {name: ask, f"{name} after": {"Type": "Wait", "Seconds": 3, "End": True}}}


@st.composite
def _machines(draw: st.DrawFn) -> dict[str, Any]:
    resources = st.sampled_from([CALLBACK, ACTIVITY])
    heartbeats = st.integers(min_value=4, max_value=30)
    branches = [_branch(f"B{index}", draw(resources), draw(heartbeats)) for index in range(draw(st.integers(1, 3)))]
    item = _branch("Item", draw(resources), draw(heartbeats))
    return {
        "Both": {"Type": "Parallel", "Branches": branches, "Next": "Each"},
        "Each": {
            "Type": "Map",
            "ItemsPath": "$$.Execution.Input.items",
            "MaxConcurrency": draw(st.integers(0, 2)),
            "ItemProcessor": item,
            "End": True,
        },
    }


_actions = st.lists(
    st.tuples(
        st.sampled_from(["succeed", "fail", "busy", "heartbeat", "take", "step", "step", "stop"]),
        st.integers(min_value=0, max_value=9),
        st.integers(min_value=0, max_value=15),
    ),
    max_size=30,
)


def _perform(request: TaskRequest) -> TaskOutcome:
    """An activity's task waits in its queue; the request of a callback is answered a second later."""
    if request.plan.kind is ResourceKind.ACTIVITY:
        return TaskPending()
    return TaskResult(result=request.parameters, duration_seconds=1)


def _act(execution: Execution, action: str, which: int, number: int) -> None:
    tokens = list(execution.pending_tasks)
    token = tokens[which % len(tokens)] if tokens else None
    if action == "step":
        execution.step(number)
    elif action == "stop":
        if which == 0:
            execution.stop(error="Enough")
    elif token is None:
        return
    elif action == "succeed":
        execution.succeed_task(token, {"answer": number})
    elif action == "heartbeat":
        execution.heartbeat_task(token)
    elif action == "take":
        execution.start_activity(token, f"worker {number}")
    else:
        execution.fail_task(token, "Busy" if action == "busy" else "No", str(number))
    execution.resume()


def _text(execution: Any, events: Any) -> str:
    return json.dumps([events, execution.snapshot()])


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(states=_machines(), actions=_actions, data=st.data())
def test_the_log_of_a_run_with_answers_gives_it_again_from_any_cut(
    make_execution: Any, states: dict[str, Any], actions: list[tuple[str, int, int]], data: st.DataObject
) -> None:
    execution: Execution = make_execution(states, {"items": [1, 2]}, _perform, clock=ManualClock(1_000_000.0), seed=7)
    execution.run()
    for action in actions:
        _act(execution, *action)
    log = execution.log
    replayed = replay(execution.compiled, execution.header, log)
    assert json.dumps(history_of(replayed.events)) == json.dumps(execution.history)
    assert replayed.status is execution.status
    assert replayed.visits == list(execution.visits)

    cut = data.draw(st.integers(min_value=0, max_value=len(log)))
    resumed = replay(execution.compiled, execution.header, log[:cut])
    for instant in log[cut:]:
        resumed.apply(instant)
    assert _text(resumed, history_of(resumed.events)) == _text(replayed, execution.history)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(states=_machines(), actions=_actions)
def test_the_same_answers_give_the_same_tokens_and_bytes(
    make_execution: Any, states: dict[str, Any], actions: list[tuple[str, int, int]]
) -> None:
    def run() -> tuple[str, list[str]]:
        execution: Execution = make_execution(states, {"items": [1]}, _perform, clock=ManualClock(1_000_000.0))
        execution.run()
        for action in actions:
            _act(execution, *action)
        return json.dumps(execution.history), list(execution.pending_tasks)

    assert run() == run()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(states=_machines())
def test_a_run_that_nobody_answers_ends_when_its_deadlines_are_reached(
    make_execution: Any, states: dict[str, Any]
) -> None:
    execution: Execution = make_execution(states, {"items": [1, 2]}, _perform)
    assert execution.run().status == "RUNNING"
    execution.resume(reach_deadlines=True)
    assert (execution.status, execution.error) == ("FAILED", "States.Timeout")
    assert not execution.pending_tasks
