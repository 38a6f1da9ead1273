"""Traces of real runs for tests of the widgets; each function makes one, and ``load`` finds it by its name."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.engine.breakpoints import Breakpoint
from sfn_notebook.engine.execution import Execution, ExecutionInstrument
from sfn_notebook.functions.registry import FunctionRegistry
from sfn_notebook.views.trace import FINAL_CHARACTERS, trace_of
from sfn_notebook.workspace import StateMachine, Workspace

ORDER: Final[JSONObject] = {
    "orderId": 7,
    "total": 129.90,
    "big": 12345678901234567890,
    "country": "DE",
    "items": [{"sku": "A-1", "quantity": 2}, {"sku": "B-2", "quantity": 1}],
    "gift": None,
}

_PASS: Final[JSONObject] = {"Type": "Pass", "End": True}


class CardDeclinedError(Exception):
    """What charging raises for a card that has no money."""


class Flaky:
    """A function that fails so many times before it answers."""

    def __init__(self, failures: int) -> None:
        self._failures = failures

    def __call__(self, event: JSONValue) -> JSONValue:
        """Fail, or answer."""
        self._failures -= 1
        if self._failures >= 0:
            print(f"charging {event['orderId']} failed")  # noqa: T201 - what a user's function prints is shown
            raise TimeoutError("the bank did not answer")
        return {"paid": True}


def _decline(event: JSONValue) -> JSONValue:
    raise CardDeclinedError(f"card of order {event['orderId']} has no money")


def _validate(event: JSONValue) -> JSONValue:
    print("validating", event["orderId"])  # noqa: T201 - as above
    return {**event, "valid": True}


def _pack(event: JSONValue) -> JSONValue:
    print(f"packing {event['n']}")  # noqa: T201 - as above
    if event["n"] % 7 == 3:
        raise ValueError(f"item {event['n']} is out of stock")
    return {"n": event["n"], "packed": True}


def run(
    states: Mapping[str, Any],
    payload: JSONValue,
    functions: Mapping[str, Callable[..., Any]] | None = None,
    *observers: ExecutionInstrument,
    **top: JSONValue,
) -> Execution:
    """Run a machine that starts at the first of ``states``; ``top`` are other fields of its top level."""
    definition = {"StartAt": next(iter(states)), **top, "States": dict(states)}
    machine = StateMachine.from_definition(
        definition, name="OrderFlow", functions=functions or {}, workspace=Workspace(registry=FunctionRegistry())
    )
    return machine.run(payload, observers=observers)


def _task(resource: str, **fields: JSONValue) -> JSONObject:
    return {"Type": "Task", "Resource": resource, **({} if "Next" in fields else {"End": True}), **fields}


def linear_run() -> Execution:
    """Three states, each stage of the payload used once."""
    states = {
        "Validate": _task("validate", InputPath="$.order", ResultPath="$.validated", OutputPath="$", Next="Shape"),
        "Shape": {
            "Type": "Pass",
            "Parameters": {"id.$": "$.validated.orderId", "n.$": "States.ArrayLength($.order.items)"},
            "ResultPath": "$.shape",
            "Next": "Charge",
        },
        "Charge": _task(
            "charge",
            Parameters={"orderId.$": "$.shape.id"},
            ResultSelector={"done.$": "$.paid"},
            ResultPath="$.charged",
        ),
    }
    return run(states, {"order": ORDER}, {"validate": _validate, "charge": Flaky(0)})


def failing_run() -> Execution:
    """Charging is retried twice and then succeeds; shipping fails and is caught; refunding fails for good."""
    retry = [{"ErrorEquals": ["TimeoutError"], "IntervalSeconds": 2, "BackoffRate": 2.0}]
    catch = [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.failure", "Next": "Refund"}]
    states = {
        "Validate": _task("validate", Next="Charge"),
        "Charge": _task("charge", Retry=retry, ResultPath="$.charge", Next="Ship"),
        "Ship": _task("decline", Catch=catch),
        "Refund": _task("decline"),
    }
    return run(states, ORDER, {"validate": _validate, "charge": Flaky(2), "decline": _decline})


def map_run(count: int = 40, *, tolerant: bool = True, failing: bool = True) -> Execution:
    """A Map over ``count`` items; every seventh fails, which each iteration catches if it is ``tolerant``."""
    catch = [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.failure", "Next": "Set aside"}]
    inner = {
        "Pack": _task("pack", Next="Label", **({"Catch": catch} if tolerant else {})),
        "Label": {"Type": "Wait", "Seconds": 3, "End": True},
        "Set aside": {"Type": "Pass", "End": True},
    }
    if not tolerant:
        del inner["Set aside"]
    states = {
        "Each item": {
            "Type": "Map",
            "ItemsPath": "$.items",
            "MaxConcurrency": 5,
            "ItemProcessor": {"StartAt": "Pack", "States": inner},
            "Next": "Done",
        },
        "Done": {"Type": "Succeed"},
    }
    items = [{"n": number if failing else number * 7} for number in range(count)]
    return run(states, {"items": items}, {"pack": _pack})


def parallel_run(*observers: ExecutionInstrument) -> Execution:
    """A Parallel that is retried once, with a Map and another Parallel inside."""
    flaky = Flaky(1)
    split = {"Type": "Parallel", "Branches": [_only("Left"), _only("Right", Seconds=4)], "End": True}
    each = {"Type": "Map", "ItemProcessor": _only("Count"), "ItemsPath": "$.items", "End": True}
    branches = [
        {"StartAt": "Split", "States": {"Split": split}},
        {"StartAt": "Each", "States": {"Each": each}},
        {"StartAt": "Warm up", "States": {"Warm up": {"Type": "Wait", "Seconds": 1, "Next": "Charge"}, **_flaky()}},
    ]
    retry = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 5}]
    states = {
        "Enrich": {"Type": "Parallel", "Branches": branches, "Retry": retry, "Next": "Done"},
        "Done": {"Type": "Succeed"},
    }
    return run(states, {**ORDER}, {"charge": flaky}, *observers)


def _only(name: str, **fields: JSONValue) -> JSONObject:
    state = {"Type": "Wait" if "Seconds" in fields else "Pass", **fields, "End": True}
    return {"StartAt": name, "States": {name: state}}


def _flaky() -> JSONObject:
    return {"Charge": _task("charge")}


def week_run() -> Execution:
    """A wait of a week between moments."""
    states = {
        "Validate": _task("validate", Next="Cool down"),
        "Cool down": {"Type": "Wait", "Seconds": 3, "Next": "Wait a week"},
        "Wait a week": {"Type": "Wait", "Seconds": 604800, "Next": "Charge"},
        "Charge": _task(
            "charge", Retry=[{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 2, "BackoffRate": 3.0}], Next="Done"
        ),
        "Done": {"Type": "Succeed"},
    }
    return run(states, ORDER, {"validate": _validate, "charge": Flaky(3)})


def jsonata_run() -> Execution:
    """Variables, assigned in a loop."""
    states = {
        "Begin": {"Type": "Pass", "Assign": {"n": 0, "who": "{% $states.input.country %}"}, "Next": "Count"},
        "Count": {"Type": "Pass", "Assign": {"n": "{% $n + 1 %}"}, "Output": "{% {'seen': $n} %}", "Next": "Enough?"},
        "Enough?": {
            "Type": "Choice",
            "Choices": [{"Condition": "{% $n < 3 %}", "Next": "Count", "Assign": {"last": "{% $n %}"}}],
            "Default": "Charge",
        },
        "Charge": _task("charge", Arguments={"orderId": "{% $n %}"}, Output="{% {'n': $n, 'r': $states.result} %}"),
    }
    return run(states, ORDER, {"charge": Flaky(0)}, QueryLanguage="JSONata")


def loop_run(transitions: int = 12_000) -> Execution:
    """A loop of Pass and Choice with two events for each transition."""
    again = {"Variable": "$.n", "NumericLessThan": transitions // 2, "Next": "Count"}
    parameters = {"n.$": "States.MathAdd($.n, 1)", "order.$": "$.order"}
    states = {
        "Count": {"Type": "Pass", "Parameters": parameters, "Next": "Enough?"},
        "Enough?": {"Type": "Choice", "Choices": [again], "Default": "Done"},
        "Done": {"Type": "Succeed"},
    }
    return run(states, {"n": 0, "order": ORDER})


def full_run() -> Execution:
    """A loop that ends with a full history: 25,000 events."""
    return loop_run(1_000_000)


def edited_run() -> Execution:
    """A person has replaced the input of Charge and the output of Wrap, and nothing of Validate."""
    states = {"Validate": _task("validate", Next="Charge"), "Charge": _task("charge", Next="Wrap"), "Wrap": {**_PASS}}
    workspace = Workspace(registry=FunctionRegistry())
    machine = StateMachine.from_definition(
        {"StartAt": "Validate", "States": states},
        name="OrderFlow",
        functions={"validate": _validate, "charge": Flaky(0)},
        workspace=workspace,
    )
    paused = machine.run(ORDER, breakpoints=["Charge", Breakpoint(state="Wrap", when="after")])
    for payload in ({"orderId": 8}, {"paid": "by cheque"}):
        paused.edit(payload)
        paused.resume()
    return paused


def hostile_run() -> Execution:
    """Names and payloads that try to become markup, or to reorder the text around them."""
    name = "</script><script>alert(1)</script>\u202e\"'"
    states = {name: {"Type": "Pass", "Next": "<img src=x onerror=alert(1)>"}}
    states["<img src=x onerror=alert(1)>"] = _task("decline")
    return run(states, {"orderId": name, "nested": {name: ["\u2028", "</style>", "\x00"]}}, {"decline": _decline})


RUNS: Final[Mapping[str, Callable[[], Execution]]] = {
    "linear": linear_run,
    "failing": failing_run,
    "map": map_run,
    "map_failed": lambda: map_run(tolerant=False),
    "map_1000": lambda: map_run(1000),
    "parallel": parallel_run,
    "week": week_run,
    "jsonata": jsonata_run,
    "edited": edited_run,
    "loop": loop_run,
    "full": full_run,
    "hostile": hostile_run,
}
"""Real runs by name."""


def load(name: str, *, characters: int = FINAL_CHARACTERS) -> JSONObject:
    """The trace of one of ``RUNS`` as plain data."""
    return dict(trace_of(RUNS[name](), characters=characters))
