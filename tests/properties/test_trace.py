"""The trace of generated machines: every event finds its visit, and looking often changes nothing.

The machines are those of ``test_replay``: nested Parallel and Map with retries, catches, timeouts and failures.
"""

from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sfn_notebook._json import JSONObject
from sfn_notebook.engine.context_object import ExecutionHeader
from sfn_notebook.engine.execution import Execution
from sfn_notebook.engine.visits import Visit, VisitStatus
from sfn_notebook.runtime.clock import VirtualClock
from sfn_notebook.runtime.scheduler import Scheduler
from sfn_notebook.views.trace import TraceBuilder
from tests.properties.test_replay import INPUT, MACHINE, Answers, Json, bounded, chains, compiled_machine, run
from tests.widgets.trace_reader import read_trace, unpacked_trace

SEEDS = range(5)


def _check_event(execution: Execution, trace: JSONObject, event: tuple[Any, ...], place: int) -> None:
    event_id, _, at_seconds, event_type, name, _ = event
    if event_type.startswith("Execution"):
        assert place == -1
        return
    visit = execution.visits[place]
    assert visit.id <= event_id, event
    assert visit.entered_seconds <= at_seconds, event
    if event_type.endswith("StateEntered"):
        assert visit.id == event_id, event
    if name and event_type.endswith("StateExited"):
        assert visit.name == name, event
        assert trace["visits"]["end"][place] == event_id
    if event_type.endswith("StateAborted"):
        assert visit.status in {VisitStatus.ABORTED, VisitStatus.FAILED}, event
        assert trace["visits"]["end"][place] == event_id
    if event_type.startswith("MapIteration"):
        assert visit.name == name, event
    for state_type in ("Task", "Pass", "Wait", "Choice", "Fail", "Succeed", "Parallel", "Map"):
        if event_type.startswith(f"{state_type}State"):
            assert visit.type_name == state_type, event
    if event_type.startswith("LambdaFunction"):
        assert visit.type_name == "Task", event


def _check_visit(execution: Execution, trace: JSONObject, place: int) -> None:
    visit, rows = execution.visits[place], trace["visits"]
    parent = rows["parent"][place]
    around = execution.visits[parent] if parent >= 0 else None
    assert (around.iteration if around else ()) == visit.iteration[:-1]
    if around:
        assert visit.pointer.startswith(f"{around.pointer}/")
    assert rows["end"][place] >= visit.id
    end = execution.events[rows["end"][place] - 1]
    if visit.status in {VisitStatus.SUCCEEDED, VisitStatus.CAUGHT}:
        assert end[3:5] == (f"{visit.type_name}StateExited", visit.name)
    spans = [(each["first"], each["last"]) for each in rows["attempts"].get(str(place), ()) if each["first"]]
    assert all(first <= last for first, last in spans)
    assert spans == sorted(spans)


@bounded(60)
@given(chain=chains())
def test_every_event_finds_its_visit(chain: Json) -> None:
    machine = compiled_machine(chain)
    for seed in SEEDS:
        execution = run(machine, seed)
        trace = unpacked_trace(execution)
        for event, place in zip(execution.events, trace["events"]["visit"], strict=True):
            _check_event(execution, trace, event, place)
        for place in range(len(execution.visits)):
            _check_visit(execution, trace, place)


class _Looking:
    """Makes a trace after each step."""

    def __init__(self, execution: Execution) -> None:
        self.builder = TraceBuilder(execution)

    def on_transition(self, execution: Execution, changes: Sequence[Visit]) -> None:
        self.builder.trace()

    def on_end(self, execution: Execution) -> None:
        self.builder.trace()


@bounded(40)
@given(chain=chains(), seed=st.integers(min_value=0, max_value=1000))
def test_looking_after_each_step_gives_what_one_look_gives(chain: Json, seed: int) -> None:
    definition, compiled = compiled_machine(chain)
    execution = Execution(
        definition=definition,
        compiled=compiled,
        header=ExecutionHeader("run", MACHINE, INPUT, seed),
        scheduler=Scheduler(VirtualClock()),
        resolver=Answers(),
    )
    looking = _Looking(execution)
    execution.observe(looking)
    execution.run()
    often, once = read_trace(looking.builder.trace()), unpacked_trace(execution)
    assert often["events"]["visit"] == once["events"]["visit"]
    assert _texts(often) == _texts(once)


def _texts(trace: JSONObject) -> Any:
    texts, rows = trace["texts"], trace["visits"]

    def text(number: int) -> str | None:
        return texts[number] if number >= 0 else None

    return (
        [rows["id"], rows["end"], rows["parent"], rows["exited"], rows["status"], rows["next"], rows["error"]],
        [[text(number) for number in column] for column in (rows["input"], rows["output"])],
        {place: text(number) for place, number in rows["cause"].items()},
        {place: {name: text(number) for name, number in each.items()} for place, each in rows["stages"].items()},
        {
            place: [(each["first"], each["last"], each["delay"], text(each["result"])) for each in attempts]
            for place, attempts in rows["attempts"].items()
        },
    )
