"""How long a run takes, as a ratio to a hand-written loop in the same process; a slow machine fails nothing here."""

import gc
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from sfn_notebook.functions.registry import FunctionRegistry
from sfn_notebook.runtime.clock import stopwatch
from sfn_notebook.workspace import StateMachine, Workspace

pytestmark = pytest.mark.benchmark

ARTIFACT = Path(__file__).resolve().parents[2] / ".artifacts" / "benchmarks.json"
ROUNDS = 9
SAMPLE_SECONDS = 0.01
"""A sample repeats what it measures until it takes about this long, so that the timer's grain does not matter."""

ORDER = {"orderId": "o-1001", "customer": {"id": 7, "tier": "gold"}, "total": 129.9, "items": ["keyboard", "mouse"]}


@dataclass(frozen=True, kw_only=True)
class Case:
    """A workload twice: as a state machine, and as what a person would write by hand in its place.

    ``by_hand`` makes one JSON round trip of the payload per transition (one per state entered), as any program does
    that could stop and go on between two steps. ``events`` is the length of the history that the run must have written.
    """

    name: str
    definition: dict[str, Any]
    input: Any
    output: Any
    events: int
    by_hand: Callable[[Any], Any]
    functions: tuple[Callable[..., Any], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """Seconds per run of both, over all rounds."""

    name: str
    machine_seconds: list[float]
    by_hand_seconds: list[float]

    @property
    def best(self) -> float:
        """The ratio of the fastest rounds."""
        return min(self.machine_seconds) / min(self.by_hand_seconds)

    @property
    def median(self) -> float:
        """The ratio of the middle rounds."""
        return median(self.machine_seconds) / median(self.by_hand_seconds)


def _round_trip(payload: Any) -> Any:
    return json.loads(json.dumps(payload))


def _chain(count: int, state: dict[str, Any]) -> dict[str, Any]:
    """``count`` copies of ``state``, one after the other."""
    states = {f"Step{index}": {**state, "Next": f"Step{index + 1}"} for index in range(count - 1)}
    return {"StartAt": "Step0", "States": {**states, f"Step{count - 1}": {**state, "End": True}}}


def _transitions_by_hand(count: int) -> Callable[[Any], Any]:
    def run(payload: Any) -> Any:
        for _ in range(count):
            payload = _round_trip(payload)
        return payload

    return run


def _one_pass() -> Case:
    return Case(
        name="one Pass state",
        definition=_chain(1, {"Type": "Pass"}),
        input=ORDER,
        output=ORDER,
        events=4,
        by_hand=_transitions_by_hand(1),
    )


def _pass_chain() -> Case:
    return Case(
        name="1,000 Pass states",
        definition=_chain(1000, {"Type": "Pass"}),
        input=ORDER,
        output=ORDER,
        events=2002,
        by_hand=_transitions_by_hand(1000),
    )


def _large_payload() -> Case:
    lines = [{"sku": f"sku-{index:05}", "quantity": index % 7, "note": "as ordered"} for index in range(3675)]
    payload = {**ORDER, "lines": lines}
    return Case(
        name="20 Pass states, 217 kB payload",
        definition=_chain(20, {"Type": "Pass"}),
        input=payload,
        output=payload,
        events=42,
        by_hand=_transitions_by_hand(20),
    )


def _choice_loop() -> Case:
    parameters = {"n.$": "States.MathAdd($.n, 1)", "order.$": "$.order"}
    again = {"Variable": "$.n", "NumericLessThan": 1000, "Next": "Count"}
    states = {
        "Count": {"Type": "Pass", "Parameters": parameters, "Next": "Enough"},
        "Enough": {"Type": "Choice", "Choices": [again], "Default": "Done"},
        "Done": {"Type": "Succeed"},
    }

    def by_hand(payload: Any) -> Any:
        while payload["n"] < 1000:
            payload = _round_trip({"n": payload["n"] + 1, "order": payload["order"]})  # Count
            payload = _round_trip(payload)  # Enough
        return _round_trip(payload)  # Done

    return Case(
        name="Choice loop, 1,000 iterations",
        definition={"StartAt": "Count", "States": states},
        input={"n": 0, "order": ORDER},
        output={"n": 1000, "order": ORDER},
        events=4004,
        by_hand=by_hand,
    )


def _jsonata_loop() -> Case:
    case = _choice_loop()
    count = "{% {'n': $states.input.n + 1, 'order': $states.input.order} %}"
    again = {"Condition": "{% $states.input.n < 1000 %}", "Next": "Count"}
    states = {
        "Count": {"Type": "Pass", "Output": count, "Next": "Enough"},
        "Enough": {"Type": "Choice", "Choices": [again], "Default": "Done"},
        "Done": {"Type": "Succeed"},
    }
    definition = {"QueryLanguage": "JSONata", "StartAt": "Count", "States": states}
    return replace(case, name="The same loop in JSONata", definition=definition)


def _map() -> Case:
    items = [{"n": index, "tier": "gold", "total": 129.9} for index in range(1000)]
    state = {"Type": "Map", "ItemProcessor": _chain(1, {"Type": "Pass"}), "End": True}
    return Case(
        name="Map over 1,000 items",
        definition={"StartAt": "Each", "States": {"Each": state}},
        input=items,
        output=items,
        events=4006,
        by_hand=lambda payload: [_round_trip(item) for item in _round_trip(payload)],
    )


def _parallel() -> Case:
    names = [f"Branch{index}" for index in range(10)]
    branches = [{"StartAt": name, "States": {name: {"Type": "Pass", "End": True}}} for name in names]
    state = {"Type": "Parallel", "Branches": branches, "End": True}
    return Case(
        name="Parallel with 10 branches",
        definition={"StartAt": "Fan", "States": {"Fan": state}},
        input=ORDER,
        output=[ORDER] * 10,
        events=26,
        by_hand=lambda payload: [_round_trip(branch) for branch in [_round_trip(payload)] * 10],
    )


def _task_calls() -> Case:
    def count(event: Any) -> Any:
        return {**event, "n": event["n"] + 1}

    def by_hand(payload: Any) -> Any:
        for _ in range(1000):
            payload = _round_trip(count(payload))
        return payload

    return Case(
        name="1,000 Task calls",
        definition=_chain(1000, {"Type": "Task", "Resource": "count"}),
        input={"n": 0, "order": ORDER},
        output={"n": 1000, "order": ORDER},
        events=5002,
        by_hand=by_hand,
        functions=(count,),
    )


CASES = (_one_pass, _pass_chain, _choice_loop, _jsonata_loop, _map, _parallel, _task_calls, _large_payload)
MEASURED: list[Measurement] = []


def _seconds(workload: Callable[[], object], repetitions: int) -> float:
    gc.collect()
    started = stopwatch()
    for _ in range(repetitions):
        workload()
    return (stopwatch() - started) / repetitions


def _repetitions(workload: Callable[[], object]) -> int:
    return max(1, round(SAMPLE_SECONDS / _seconds(workload, 3)))


@pytest.fixture(scope="module", autouse=True)
def table(request: pytest.FixtureRequest) -> Iterator[None]:
    """Print all ratios once the cases have run, and keep them as a file."""
    yield
    heading = f"{'':32}{'ratio (best)':>14}{'ratio (median)':>16}{'ms by machine':>16}{'ms by hand':>13}"
    lines = ["", "", "Speed as a ratio to a loop with one JSON round trip per transition; less is faster.", heading]
    for one in MEASURED:
        milliseconds = (1000 * min(one.machine_seconds), 1000 * min(one.by_hand_seconds))
        figures = f"{one.best:14.2f}{one.median:16.2f}{milliseconds[0]:16.3f}{milliseconds[1]:13.3f}"
        lines.append(f"{one.name:32}{figures}")
    capture = request.config.pluginmanager.getplugin("capturemanager")
    assert capture is not None
    with capture.global_and_fixture_disabled():
        print("\n".join(lines))  # noqa: T201 - the table is what this module is for
    ARTIFACT.parent.mkdir(exist_ok=True)
    ratios = {one.name: {"best": round(one.best, 3), "median": round(one.median, 3)} for one in MEASURED}
    ARTIFACT.write_text(json.dumps(ratios, indent=2) + "\n")


@pytest.mark.parametrize("make_case", CASES)
def test_speed(make_case: Callable[[], Case]) -> None:
    case = make_case()
    workspace = Workspace(registry=FunctionRegistry())
    for function in case.functions:
        workspace.registry.lambda_function(function)
    machine = StateMachine.from_definition(case.definition, name="Measured", workspace=workspace)
    # The first run compiles; it is also the one whose result is looked at.
    execution = machine.run(case.input)
    assert execution.status == "SUCCEEDED"
    assert execution.output == case.output == case.by_hand(case.input)
    assert len(execution.history) == case.events

    def by_machine() -> object:
        return machine.run(case.input)

    def by_hand() -> object:
        return case.by_hand(case.input)

    machine_repetitions, by_hand_repetitions = _repetitions(by_machine), _repetitions(by_hand)
    measurement = Measurement(name=case.name, machine_seconds=[], by_hand_seconds=[])
    for _ in range(ROUNDS):
        measurement.machine_seconds.append(_seconds(by_machine, machine_repetitions))
        measurement.by_hand_seconds.append(_seconds(by_hand, by_hand_repetitions))
        # A workspace keeps its executions for %sfn ls; hundreds of histories would slow every later collection.
        workspace.executions.clear()
    MEASURED.append(measurement)
    assert machine.run(case.input).output == case.output
