"""Replay: 200 seeds for each generated machine give the same bytes again, and a log cut anywhere goes on the same way.

The machines nest Parallel and Map, mix JSONPath and JSONata, assign variables, draw random numbers, retry with jitter,
time out, catch and fail. SFN_NOTEBOOK_DEPTH multiplies how many machines are tried.
"""

import copy
import json
import os
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sfn_notebook.asl.compile import CompiledDefinition, compile_definition
from sfn_notebook.asl.parser import parse_definition
from sfn_notebook.asl.source import Document
from sfn_notebook.engine.context_object import ExecutionHeader, MachineIdentity
from sfn_notebook.engine.execution import Execution
from sfn_notebook.engine.history import history_of
from sfn_notebook.engine.interpreter import Interpreter, replay
from sfn_notebook.engine.resources import TaskError, TaskRequest, TaskResult
from sfn_notebook.runtime.clock import VirtualClock
from sfn_notebook.runtime.scheduler import Scheduler

Json = dict[str, Any]

DEPTH = int(os.environ.get("SFN_NOTEBOOK_DEPTH", "1"))
SEEDS = range(200)
TASK = "arn:aws:lambda:us-east-1:123456789012:function:work"
INPUT = {"items": [{"n": 1}, {"n": 6}, {"n": 11}], "n": 3}
MACHINE = MachineIdentity(
    name="Machine",
    arn="arn:aws:states:us-east-1:123456789012:stateMachine:Machine",
    role_arn="arn:aws:iam::123456789012:role/role",
)


def bounded(examples: int) -> settings:
    """The same machines at every ordinary run, others at every deep one."""
    return settings(
        max_examples=examples * DEPTH,
        deadline=None,
        derandomize=DEPTH == 1,
        suppress_health_check=list(HealthCheck),
    )


# Machines


def _error_names(entry: Json) -> tuple[str, ...]:
    return tuple(entry["ErrorEquals"])


retriers = st.lists(
    st.fixed_dictionaries(
        {
            "ErrorEquals": st.sampled_from((["Busy"], ["States.Timeout"], ["States.TaskFailed"], ["States.ALL"])),
            "IntervalSeconds": st.integers(min_value=1, max_value=5),
            "MaxAttempts": st.integers(min_value=0, max_value=2),
        },
        optional={
            "JitterStrategy": st.sampled_from(("FULL", "NONE")),
            "MaxDelaySeconds": st.integers(min_value=1, max_value=4),
            "BackoffRate": st.sampled_from((1, 1.5, 3)),
        },
    ),
    max_size=2,
    unique_by=_error_names,
).map(lambda entries: sorted(entries, key=lambda entry: entry["ErrorEquals"] == ["States.ALL"]))
KINDS = ("Pass", "Pass", "Task", "Task", "Task", "Wait", "Choice", "Fail", *("Parallel", "Map") * 3)
RANDOM = "[$random(), $uuid()]"


@st.composite
def chains(draw: st.DrawFn, prefix: str = "S", depth: int = 2) -> Json:
    """A branch: a chain of states of drawn types, with Parallel and Map nested ``depth`` deep."""
    kinds = draw(st.lists(st.sampled_from(KINDS if depth else KINDS[:-6]), min_size=2, max_size=4))
    if kinds[-1] == "Choice":
        kinds[-1] = "Pass"
    names = [f"{prefix}{index}" for index in range(len(kinds))]
    states: Json = {}
    for index, (name, kind) in enumerate(zip(names, kinds, strict=True)):
        is_jsonata = draw(st.booleans())
        state = draw((jsonata_states if is_jsonata else jsonpath_states)(kind, name, depth))
        onward = names[index + 1] if index + 1 < len(names) else None
        states[name] = _linked(state, kind, onward, name, states)
    return {"StartAt": names[0], "States": states}


def _linked(state: Json, kind: str, onward: str | None, name: str, states: Json) -> Json:
    """The state with its transitions; a Fail in the middle is only one way of a Choice before it."""
    if kind == "Fail":
        if onward is None:
            return state
        test = {"Variable": "$$.Execution.Input.n", "NumericGreaterThan": 1 + len(name) % 4, "Next": f"{name}!"}
        states[f"{name}!"] = state
        return {"Type": "Choice", "Choices": [test], "Default": onward}
    if kind == "Choice":
        for rule in state["Choices"]:
            rule["Next"] = onward
        return {**state, "Default": onward}
    if "Catch" in state and onward is not None:
        state["Catch"] = [{**catcher, "Next": onward} for catcher in state["Catch"]]
    else:
        state.pop("Catch", None)
    return {**state, **({"End": True} if onward is None else {"Next": onward})}


@st.composite
def failures(draw: st.DrawFn, *, is_jsonata: bool) -> Json:
    made: Json = {"Retry": draw(retriers)}
    if draw(st.integers(min_value=0, max_value=3)):
        caught = (
            {"Output": "{% {'caught': [$states.errorOutput.Error, $random()]} %}"}
            if is_jsonata
            else {"ResultPath": "$.caught"}
        )
        made["Catch"] = [{"ErrorEquals": ["States.ALL"], **caught}]
    return made


@st.composite
def jsonpath_states(draw: st.DrawFn, kind: str, name: str, depth: int) -> Json:  # noqa: PLR0911 - one per type
    number = draw(st.integers(min_value=0, max_value=99))
    # A branch may not assign a name of an outer scope: each level has names of its own.
    variables = {f"v{depth}": number, f"drawn{depth}.$": "States.MathRandom(1, 1000)"}
    assign = {"Assign": variables} if draw(st.booleans()) else {}
    match kind:
        case "Pass":
            parameters = {"id.$": "States.UUID()", "n.$": "States.MathRandom(1, 9)", "at.$": "$$.State.EnteredTime"}
            return {"Type": kind, "Parameters": parameters, "ResultPath": "$.drawn", **assign}
        case "Wait":
            return {"Type": kind, "Seconds": number % 4, **assign}
        case "Choice":
            return {"Type": kind, "Choices": [{"Variable": "$.n", "IsPresent": True}], **assign}
        case "Fail":
            return {"Type": kind, "Error": "Stop", "CausePath": "States.UUID()"}
    state = {"Type": kind, **draw(failures(is_jsonata=False)), "ResultPath": f"$.{kind}", **assign}
    match kind:
        case "Task":
            timeout = draw(st.integers(min_value=2, max_value=9))
            given = {"n": number, "t.$": "$$.State.EnteredTime", "r.$": "States.MathRandom(0, 50)"}
            return {**state, "Resource": TASK, "TimeoutSeconds": timeout, "Parameters": given}
        case "Parallel":
            count = draw(st.integers(min_value=1, max_value=3))
            return {**state, "Branches": [draw(chains(f"{name}.{index}.", depth - 1)) for index in range(count)]}
        case _:
            return {
                **state,
                "ItemsPath": "$$.Execution.Input.items",
                "MaxConcurrency": number % 3,
                "ItemSelector": {"n.$": "$$.Map.Item.Value.n", "draw.$": "States.UUID()"},
                "ItemProcessor": draw(chains(f"{name}.", depth - 1)),
            }


@st.composite
def jsonata_states(draw: st.DrawFn, kind: str, name: str, depth: int) -> Json:  # noqa: PLR0911 - one per type
    number = draw(st.integers(min_value=0, max_value=99))
    state: Json = {"Type": kind, "QueryLanguage": "JSONata"}
    if kind == "Fail":
        return {**state, "Error": "Stop", "Cause": "{% $string($random()) %}"}
    if draw(st.booleans()):
        shown = f"{{% $exists($v{depth}) ? $string($v{depth}) : '' %}}"
        state["Assign"] = {f"v{depth}": f"{{% {RANDOM} %}}", f"shown{depth}": shown}
        state["Assign"].pop(f"shown{depth}" if draw(st.booleans()) else f"v{depth}")
    match kind:
        case "Pass":
            return {**state, "Output": {"n": number, "drawn": f"{{% {RANDOM} %}}", "now": "{% $millis() %}"}}
        case "Wait":
            return {**state, "Seconds": f"{{% $floor($random() * {number % 5}) %}}"}
        case "Choice":
            assign = {f"v{depth}": f"{{% {RANDOM} %}}"}
            return {**state, "Choices": [{"Condition": "{% $random() < 0.5 %}", "Assign": assign}]}
    state |= draw(failures(is_jsonata=True))
    if kind == "Task":
        given = {"n": number, "r": "{% $floor($random() * 50) %}", "t": "{% $now() %}"}
        return {**state, "Resource": TASK, "TimeoutSeconds": f"{{% {number} % 7 + 2 %}}", "Arguments": given}
    state["Output"] = {"n": number, "result": "{% $states.result %}"}
    if kind == "Parallel":
        count = draw(st.integers(min_value=1, max_value=3))
        return {**state, "Branches": [draw(chains(f"{name}.{index}.", depth - 1)) for index in range(count)]}
    return {
        **state,
        "Items": "{% $shuffle($states.context.Execution.Input.items) %}",
        "MaxConcurrency": number % 3,
        "ItemSelector": {"n": "{% $states.context.Map.Item.Value.n %}", "draw": "{% $uuid() %}"},
        "ItemProcessor": draw(chains(f"{name}.", depth - 1)),
    }


# Running


class Answers:
    """A function whose outcome depends only on what it is asked."""

    def perform(self, request: TaskRequest) -> TaskResult | TaskError:
        number = request.parameters["n"] + request.parameters["r"]
        if (number + request.retry_count) % 4 == 0:
            return TaskError(error="Busy", cause=f"n is {number}", duration_seconds=0.5)
        if number % 13 == 5:
            return TaskError(error="Bad", cause=None)
        return TaskResult(result={"n": number, "t": request.parameters["t"]}, duration_seconds=float(number % 7))


def compiled_machine(chain: Json) -> tuple[Any, CompiledDefinition]:
    definition = parse_definition(Document.from_value({**chain, "TimeoutSeconds": 60}), name="Machine")
    return definition, compile_definition(definition)


def run(machine: tuple[Any, CompiledDefinition], seed: int) -> Execution:
    definition, compiled = machine
    return Execution(
        definition=definition,
        compiled=compiled,
        header=ExecutionHeader("run", MACHINE, INPUT, seed),
        scheduler=Scheduler(VirtualClock()),
        resolver=Answers(),
    ).run()


def written(interpreter: Interpreter) -> str:
    """Everything that can be asked of an execution, as text."""
    visits = [repr(visit) for visit in interpreter.visits]
    return json.dumps([history_of(interpreter.events), interpreter.snapshot(), interpreter.status, visits])


@bounded(25)
@given(chain=chains())
def test_every_seed_replays_to_the_same_bytes(chain: Json) -> None:
    machine = compiled_machine(chain)
    for seed in SEEDS:
        execution = run(machine, seed)
        assert execution.status in ("SUCCEEDED", "FAILED", "TIMED_OUT")
        replayed = replay(execution.compiled, execution.header, copy.deepcopy(execution.log))
        assert json.dumps(history_of(replayed.events)) == json.dumps(execution.history)
        assert (replayed.status, replayed.visits) == (execution.status, list(execution.visits))


@bounded(60)
@given(chain=chains(), seed=st.sampled_from(SEEDS))
def test_a_second_run_of_a_freshly_compiled_machine_gives_the_same_bytes(chain: Json, seed: int) -> None:
    first, second = (run(compiled_machine(chain), seed) for _ in range(2))
    assert json.dumps(second.history) == json.dumps(first.history)
    assert second.log == first.log


@bounded(100)
@given(chain=chains(), seed=st.sampled_from(SEEDS))
def test_a_log_cut_at_every_command_goes_on_the_same_way(chain: Json, seed: int) -> None:
    execution = run(compiled_machine(chain), seed)
    log = execution.log
    whole = written(replay(execution.compiled, execution.header, log))
    step = max(1, len(log) // 40)
    for cut in range(0, len(log) + 1, step):
        resumed = replay(execution.compiled, execution.header, copy.deepcopy(log[:cut]))
        for instant in log[cut:]:
            resumed.apply(instant)
        assert written(resumed) == whole


@bounded(40)
@given(chain=chains())
def test_seeds_that_draw_differ(chain: Json) -> None:
    machine = compiled_machine(chain)
    draws = any(word in json.dumps(chain) for word in ("$random", "$uuid", "States.UUID", "MathRandom", "$shuffle"))
    histories = {json.dumps(run(machine, seed).history) for seed in range(5)}
    assert len(histories) == 1 or draws
