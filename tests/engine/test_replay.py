"""The one idea: definition, input, seed and log give the same execution, byte for byte, as often as you like."""

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sfn_notebook.engine.execution import Execution
from sfn_notebook.engine.history import history_of
from sfn_notebook.engine.interpreter import Interpreter, replay
from sfn_notebook.engine.resources import TaskError, TaskRequest, TaskResult

TASK = "arn:aws:lambda:us-east-1:123456789012:function:work"
RETRY = [
    {"ErrorEquals": ["Busy"], "IntervalSeconds": 2, "MaxAttempts": 2, "JitterStrategy": "FULL"},
    {"ErrorEquals": ["States.Timeout"], "IntervalSeconds": 1, "MaxAttempts": 1},
]


@st.composite
def _chains(draw: st.DrawFn, depth: int = 2) -> dict[str, Any]:
    """A branch: a chain of states of drawn types, with Parallel and Map nested ``depth`` deep."""
    kinds = ["Pass", "Task", "Wait", "Random", *(["Parallel", "Map"] if depth else [])]
    chosen = draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=3))
    names = [f"S{index}" for index in range(len(chosen))]
    states = {}
    for index, kind in enumerate(chosen):
        onward = {"Next": names[index + 1]} if index + 1 < len(names) else {"End": True}
        states[names[index]] = {**draw(_state(kind, depth)), **onward}
    return {"StartAt": names[0], "States": states}


def _unique(branch: dict[str, Any], prefix: str = "S") -> dict[str, Any]:
    """The same branch with names that are unique in the whole machine, as the language asks."""
    names = {name: f"{prefix}{index}" for index, name in enumerate(branch["States"])}
    states = {}
    for name, state in branch["States"].items():
        renamed = {**state, **({"Next": names[state["Next"]]} if "Next" in state else {})}
        if "Branches" in state:
            inner = enumerate(state["Branches"])
            renamed["Branches"] = [_unique(each, f"{names[name]}.{index}.") for index, each in inner]
        if "ItemProcessor" in state:
            renamed["ItemProcessor"] = _unique(state["ItemProcessor"], f"{names[name]}.")
        states[names[name]] = renamed
    return {"StartAt": names[branch["StartAt"]], "States": states}


@st.composite
def _state(draw: st.DrawFn, kind: str, depth: int) -> dict[str, Any]:
    match kind:
        case "Pass":
            return {"Type": "Pass", "Result": draw(st.integers()), "ResultPath": "$.result"}
        case "Random":
            return {"Type": "Pass", "Parameters": {"id.$": "States.UUID()", "n.$": "States.MathRandom(1, 1000)"}}
        case "Wait":
            return {"Type": "Wait", "Seconds": draw(st.integers(min_value=0, max_value=3))}
        case "Task":
            return {
                "Type": "Task",
                "Resource": TASK,
                "TimeoutSeconds": draw(st.integers(min_value=1, max_value=4)),
                "Parameters": {"n": draw(st.integers(min_value=0, max_value=99)), "t.$": "$$.State.EnteredTime"},
                "Retry": RETRY,
            }
        case "Parallel":
            branches = draw(st.lists(_chains(depth - 1), min_size=1, max_size=3))
            return {"Type": "Parallel", "Branches": branches, "Retry": RETRY, "ResultPath": "$.parallel"}
        case _:
            return {
                "Type": "Map",
                "ItemsPath": "$$.Execution.Input.items",
                "MaxConcurrency": draw(st.integers(min_value=0, max_value=2)),
                "ItemSelector": {"item.$": "$$.Map.Item.Value"},
                "ItemProcessor": draw(_chains(depth - 1)),
                "ResultPath": "$.map",
                "Retry": RETRY,
            }


_machines = _chains().map(_unique)


def _perform(request: TaskRequest) -> TaskResult | TaskError:
    """A function whose outcome depends only on what it is asked."""
    number = request.parameters["n"]
    if (number + request.retry_count) % 4 == 0:
        return TaskError(error="Busy", cause=f"n is {number}", duration_seconds=0.5)
    if number % 13 == 5:
        return TaskError(error="Bad", cause=None)
    return TaskResult(result={"n": number}, duration_seconds=float(number % 6))


def _text(interpreter: Interpreter) -> str:
    return json.dumps([history_of(interpreter.events), interpreter.snapshot(), interpreter.status])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chain=_machines, seed=st.integers(min_value=0, max_value=2**32))
def test_replaying_the_log_gives_the_same_history_byte_for_byte(
    make_execution: Any, chain: dict[str, Any], seed: int
) -> None:
    def run() -> Execution:
        execution: Execution = make_execution(
            chain["States"], {"items": [1, 2, 3]}, _perform, seed=seed, start_at=chain["StartAt"]
        )
        return execution.run()

    first = run()
    replayed = replay(first.compiled, first.header, first.log)
    assert json.dumps(history_of(replayed.events)) == json.dumps(first.history)
    assert json.dumps(run().history) == json.dumps(first.history)
    assert replayed.status is first.status
    assert replayed.visits == list(first.visits)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chain=_machines, data=st.data())
def test_a_log_cut_anywhere_goes_on_the_same_way(
    make_execution: Any, chain: dict[str, Any], data: st.DataObject
) -> None:
    execution: Execution = make_execution(chain["States"], {"items": [1, 2]}, _perform, start_at=chain["StartAt"])
    log = execution.run().log
    cut = data.draw(st.integers(min_value=0, max_value=len(log)))
    whole = replay(execution.compiled, execution.header, log)
    resumed = replay(execution.compiled, execution.header, log[:cut])
    for instant in log[cut:]:
        resumed.apply(instant)
    assert _text(resumed) == _text(whole)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chain=_machines)
def test_time_never_goes_back_and_every_link_points_to_an_earlier_event(make_execution: Any, chain: Any) -> None:
    execution: Execution = make_execution(chain["States"], {"items": [1]}, _perform, start_at=chain["StartAt"]).run()
    history = execution.history
    assert [event["id"] for event in history] == list(range(1, len(history) + 1))
    assert all(event["previousEventId"] < event["id"] for event in history)
    assert [event["timestamp"] for event in history] == sorted(event["timestamp"] for event in history)
    assert all(visit.exited_seconds is not None for visit in execution.visits)


def test_another_seed_gives_another_jitter_and_the_same_seed_the_same(make_execution: Any) -> None:
    states = {
        "T": {
            "Type": "Task",
            "Resource": TASK,
            "Retry": [{"ErrorEquals": ["Busy"], "IntervalSeconds": 60, "JitterStrategy": "FULL"}],
            "End": True,
        }
    }

    def ended(seed: int) -> float | None:
        run: Execution = make_execution(states, perform=lambda _: TaskError(error="Busy", cause=None), seed=seed).run()
        return run.ended_seconds

    assert ended(1) == ended(1)
    assert ended(1) != ended(2)


def test_late_and_unknown_commands_change_nothing(make_execution: Any) -> None:
    execution: Execution = make_execution({"A": {"Type": "Wait", "Seconds": 1, "End": True}}).run()
    before = json.dumps(execution.history)
    replayed = replay(execution.compiled, execution.header, [*execution.log, *execution.log])
    assert json.dumps(history_of(replayed.events)) == before
