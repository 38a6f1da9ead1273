import json
from collections.abc import Sequence

import pytest

from sfn_notebook._json import ABSENT, JSONObject
from sfn_notebook.engine.execution import Execution
from sfn_notebook.engine.interpreter import replay
from sfn_notebook.engine.visits import Visit, VisitStatus
from sfn_notebook.functions.registry import FunctionRegistry
from sfn_notebook.views.trace import TraceBuilder, trace_of
from sfn_notebook.workspace import StateMachine, Workspace
from tests.views.machines import FakeExecution
from tests.widgets.trace_reader import read_trace, unpacked_trace
from tests.widgets.traces import RUNS, failing_run, jsonata_run, linear_run, loop_run, map_run, parallel_run, run

NAMES = tuple(name for name in RUNS if name not in {"full", "loop"})


def _types(trace: JSONObject) -> list[str]:
    return [trace["event_types"][number] for number in trace["events"]["type"]]


def _events_of(trace: JSONObject, place: int) -> list[str]:
    types = _types(trace)
    return [types[index] for index, visit in enumerate(trace["events"]["visit"]) if visit == place]


def _value(trace: JSONObject, number: int) -> object:
    return json.loads(trace["texts"][number])


def _place(trace: JSONObject, name: str) -> int:
    names = [state["name"] for state in trace["states"]]
    return int(trace["visits"]["state"].index(names.index(name)))


@pytest.mark.parametrize("name", NAMES)
def test_every_event_belongs_to_a_visit_of_its_own_state(name: str) -> None:
    execution = RUNS[name]()
    trace = unpacked_trace(execution)
    visits, rows = execution.visits, trace["visits"]
    for event, place in zip(execution.events, trace["events"]["visit"], strict=True):
        event_id, _, at_seconds, event_type, state_name, _ = event
        if event_type.startswith("Execution"):
            assert place == -1
            continue
        visit = visits[place]
        assert visit.id <= event_id
        assert event_id <= rows["end"][place]
        assert visit.entered_seconds <= at_seconds
        if event_type.endswith(("StateEntered", "StateExited")) or event_type.startswith("MapIteration"):
            assert visit.name == state_name
        if "State" in event_type:
            assert event_type.startswith(visit.type_name)


@pytest.mark.parametrize("name", NAMES)
def test_every_visit_stands_in_the_region_around_it_and_ends_with_an_event(name: str) -> None:
    execution = RUNS[name]()
    trace = unpacked_trace(execution)
    rows = trace["visits"]
    for place, visit in enumerate(execution.visits):
        parent = rows["parent"][place]
        around = execution.visits[parent] if parent >= 0 else None
        assert (around.iteration if around else ()) == visit.iteration[:-1]
        if around:
            assert visit.pointer.startswith(f"{around.pointer}/")
        assert rows["end"][place] > 0
        assert rows["exited"][place] == pytest.approx((visit.exited_seconds or 0) - execution.started_seconds)
        if str(rows["input"][place]) not in trace["cut"]:
            assert _value(trace, rows["input"][place]) == visit.input
        assert (rows["output"][place] < 0) == (visit.output is ABSENT)


def test_attempts_tell_which_events_are_theirs() -> None:
    trace = unpacked_trace(failing_run())
    attempts = trace["visits"]["attempts"][str(_place(trace, "Charge"))]
    types = _types(trace)
    spans = [(types[each["first"] - 1], types[each["last"] - 1]) for each in attempts]
    failed = ("LambdaFunctionScheduled", "LambdaFunctionFailed")
    assert spans == [failed, failed, ("LambdaFunctionScheduled", "LambdaFunctionSucceeded")]
    assert [(each["error"], each["delay"]) for each in attempts] == [
        ("TimeoutError", 2.0),
        ("TimeoutError", 4.0),
        (None, None),
    ]
    cause = _value(trace, attempts[0]["cause"])
    assert isinstance(cause, dict)
    assert cause["errorMessage"] == "the bank did not answer"


def test_a_retried_parallel_has_an_attempt_for_each_try_of_its_branches() -> None:
    trace = unpacked_trace(parallel_run())
    types = _types(trace)
    spans = [
        (types[each["first"] - 1], types[each["last"] - 1])
        for each in trace["visits"]["attempts"][str(_place(trace, "Enrich"))]
    ]
    assert spans == [
        ("ParallelStateStarted", "LambdaFunctionFailed"),
        ("ParallelStateStarted", "ParallelStateSucceeded"),
    ]


def test_what_a_failing_item_aborts_ends_with_its_own_event() -> None:
    execution = map_run(tolerant=False)
    trace = unpacked_trace(execution)
    places = [place for place, visit in enumerate(execution.visits) if visit.status is VisitStatus.ABORTED]
    assert places
    for place in places:
        aborted = f"{execution.visits[place].type_name}StateAborted"
        assert _events_of(trace, place)[-1] == _types(trace)[trace["visits"]["end"][place] - 1] == aborted
    failed = trace["visits"]["status"].index(trace["statuses"].index("FAILED"))
    assert "MapIterationFailed" in _events_of(trace, failed)


def test_stages_and_variables_are_there_where_a_state_has_them() -> None:
    trace = unpacked_trace(linear_run())
    stages = trace["visits"]["stages"]
    assert {name: list(stages[str(_place(trace, name))]) for name in ("Validate", "Shape", "Charge")} == {
        "Validate": ["after_input_path"],
        "Shape": ["after_parameters"],
        "Charge": ["after_result_selector"],
    }
    assert _value(trace, stages[str(_place(trace, "Charge"))]["after_result_selector"]) == {"done": True}
    trace = unpacked_trace(jsonata_run())
    assert _value(trace, trace["visits"]["assigned"]["0"]) == {"n": 0, "who": "DE"}
    assert _value(trace, trace["visits"]["variables"]["1"]) == {"n": 0, "who": "DE"}


def test_each_payload_is_there_once_and_exact() -> None:
    states = {f"S{number}": {"Type": "Pass", "Next": f"S{number + 1}"} for number in range(20)}
    execution = run({**states, "S20": {"Type": "Pass", "End": True}}, {"n": 12345678901234567890, "m": 1.0})
    assert unpacked_trace(execution)["texts"] == ['{"n":12345678901234567890,"m":1.0}']


def test_a_builder_that_looks_often_tells_what_one_look_tells() -> None:
    whole = unpacked_trace(parallel_run())

    class Looking:
        def __init__(self) -> None:
            self.builder: TraceBuilder | None = None
            self.looks = 0

        def on_transition(self, execution: Execution, changes: Sequence[Visit]) -> None:
            self.builder = self.builder or TraceBuilder(execution)
            self.builder.trace()
            self.looks += 1

        def on_end(self, execution: Execution) -> None:
            """Nothing: the test looks once more."""

    again = parallel_run(observer := Looking())
    assert observer.looks > 5
    assert observer.builder is not None
    often = read_trace(observer.builder.trace())
    assert _without_numbers(often) == _without_numbers(whole)
    assert again.status == "SUCCEEDED"


def _without_numbers(trace: JSONObject) -> object:
    """The trace with texts in place of their numbers, which depend on when somebody looked; request ids repeat."""
    texts = trace["texts"]
    rows = trace["visits"]
    return (
        sorted(texts),
        [rows[column] for column in ("id", "end", "parent", "iteration", "exited", "next")],
        [texts[number] for number in rows["input"]],
        [texts[number] if number >= 0 else None for number in rows["output"]],
        {place: [(each["first"], each["last"]) for each in attempts] for place, attempts in rows["attempts"].items()},
        trace["events"]["visit"],
        [texts[number] if number >= 0 else None for number in trace["events"]["details"]],
    )


def test_a_run_that_waits_has_open_visits() -> None:
    states: JSONObject = {"Hold": {"Type": "Wait", "Seconds": 5, "Next": "Done"}, "Done": {"Type": "Succeed"}}
    machine = StateMachine.from_definition(
        {"StartAt": "Hold", "States": states},
        name="Waiting",
        functions={},
        workspace=Workspace(registry=FunctionRegistry()),
    )
    execution = machine.run(clock="manual")
    builder = TraceBuilder(execution)
    rows = read_trace(builder.trace())["visits"]
    assert (rows["end"], rows["exited"], rows["output"]) == ([0], [None], [-1])
    execution.step()
    trace = read_trace(builder.trace())
    assert trace["visits"]["exited"] == [5, 5]
    assert (trace["status"], trace["ended"]) == ("SUCCEEDED", 5)


def test_what_does_not_fit_goes_oldest_first_and_is_told() -> None:
    execution = loop_run(400)
    trace = unpacked_trace(execution, characters=2000)
    assert sum(map(len, trace["texts"])) <= 2000
    assert trace["texts"][0] == ""
    assert trace["texts"][-1]
    assert trace["cut"]["0"] == len(unpacked_trace(execution)["texts"][0])
    assert str(len(trace["texts"]) - 1) not in trace["cut"]
    assert len(trace["visits"]["id"]) == len(execution.visits)


def test_a_large_payload_that_many_states_carry_is_sent_once() -> None:
    lines = [{"sku": f"sku-{number:05}", "note": "as ordered"} for number in range(4000)]
    states = {f"S{number}": {"Type": "Pass", "Result": number, "ResultPath": "$.n"} for number in range(20)}
    for number in range(19):
        states[f"S{number}"]["Next"] = f"S{number + 1}"
    states["S19"]["End"] = True
    packed = TraceBuilder(run(states, {"n": None, "lines": lines})).trace()["packed"]
    assert len(packed) < len(json.dumps(lines)) * 1.2
    texts = read_trace({"packed": packed})["texts"]
    assert len(texts) == 21
    assert {len(text) for text in texts} == {50_000}


def test_long_payloads_that_do_not_fit_are_sent_as_beginnings() -> None:
    states = {"Only": {"Type": "Pass", "Result": {"b": "y" * 60_000, "n": 1.0}, "End": True}}
    execution = run(states, {"a": "x" * 150_000})
    packed = TraceBuilder(execution).trace(characters=100_000)["packed"]
    assert len(packed) < 110_000
    trace = read_trace({"packed": packed})
    assert [text[:7] for text in trace["texts"]] == ['{"a":"x', '{"b":"y']
    assert trace["cut"] == {"0": 150_008, "1": 60_016}


def test_what_is_not_plain_json_is_told_as_its_text() -> None:
    fake = FakeExecution()
    for payload in (VisitStatus.FAILED, {"n": VisitStatus.CAUGHT}, [1.0]):
        fake.enter("Step", payload)
    trace = unpacked_trace(fake)
    assert [trace["texts"][number] for number in trace["visits"]["input"]] == ['"FAILED"', '{"n":"CAUGHT"}', "[1.0]"]


def test_an_edited_payload_is_told_with_its_visit_its_stage_and_its_time() -> None:
    trace = unpacked_trace(RUNS["edited"]())
    assert trace["edits"] == [
        {"visit": _place(trace, "Charge"), "stage": "input", "elapsed_seconds": 0},
        {"visit": _place(trace, "Wrap"), "stage": "output", "elapsed_seconds": 0},
    ]
    assert json.loads(trace["texts"][trace["visits"]["input"][_place(trace, "Charge")]]) == {"orderId": 8}


def test_the_same_run_gives_the_same_text() -> None:
    assert trace_of(parallel_run()) == trace_of(parallel_run())
    execution = map_run(12)
    assert trace_of(execution) == trace_of(execution)


def test_one_long_text_is_cut_and_tells_its_length() -> None:
    trace = unpacked_trace(run({"Only": {"Type": "Pass", "End": True}}, "x" * 100_000))
    assert [len(text) for text in trace["texts"]] == [50_000]
    assert trace["cut"] == {"0": 100_002}


def test_names_and_payloads_that_would_deceive_are_made_visible() -> None:
    trace = unpacked_trace(RUNS["hostile"]())
    assert "\\u202e" in trace["states"][0]["name"]
    text = "".join(trace["texts"])
    assert "\u202e" not in text
    assert "\u2028" not in text
    json.dumps(trace, allow_nan=False)


def test_prints_logs_and_tracebacks_stand_with_their_attempt(capsys: pytest.CaptureFixture[str]) -> None:
    trace = unpacked_trace(failing_run())
    charge = trace["visits"]["attempts"][str(_place(trace, "Charge"))]
    assert [each["logs"] for each in charge] == ["charging 7 failed\n", "charging 7 failed\n", None]
    assert capsys.readouterr().out.count("charging 7 failed") == 2
    assert charge[0]["traceback"].endswith("\nTimeoutError: the bank did not answer")
    assert charge[2]["traceback"] is None
    assert "invocation.py" not in charge[0]["traceback"]


def test_what_is_printed_side_by_side_stands_with_its_iteration() -> None:
    trace = unpacked_trace(map_run(12))
    rows = trace["visits"]
    logs = {
        rows["iteration"][int(place)][0]: tries[0]["logs"]
        for place, tries in rows["attempts"].items()
        if rows["iteration"][int(place)]
    }
    assert logs == {number: f"packing {number}\n" for number in range(12)}


def test_prints_are_no_part_of_the_log_and_its_replay() -> None:
    execution = failing_run()
    assert execution.attempt_outputs
    again = replay(execution.compiled, execution.header, execution.log)
    assert list(again.events) == list(execution.events)
    assert again.visits == list(execution.visits)
