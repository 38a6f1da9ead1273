"""What the execution view costs a run: the same run with and without it; a slow machine fails nothing here.

Measured is the processor's time of the whole process, since the view's timers have threads of their own; with the view
that is the run, all updates meanwhile, the trace at the end, and packing and copying what is sent.
"""

import gc
from collections.abc import Callable, Iterator
from statistics import median
from time import process_time
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from jupyter_client.session import Session

from sfn_notebook.functions.function import LambdaFunction
from sfn_notebook.functions.registry import FunctionRegistry
from sfn_notebook.magics import cell_views, run_display
from sfn_notebook.magics.run_display import RunDisplay
from sfn_notebook.widgets.execution_widget import ExecutionWidget
from sfn_notebook.workspace import StateMachine, Workspace
from tests.benchmarks.test_benchmarks import ORDER
from tests.widgets.trace_reader import read_trace

pytestmark = pytest.mark.benchmark

ROUNDS = 7
_NEXT = {"n.$": "States.MathAdd($.n, 1)", "order.$": "$.order"}
LINES: list[str] = []


def _count(event: Any) -> Any:
    return {**event, "n": event["n"] + 1}


def _loop(step: dict[str, Any], rounds: int) -> dict[str, Any]:
    again = {"Variable": "$.n", "NumericLessThan": rounds, "Next": "Step"}
    return {
        "StartAt": "Step",
        "States": {
            "Step": {**step, "Next": "Enough?"},
            "Enough?": {"Type": "Choice", "Choices": [again], "Default": "Done"},
            "Done": {"Type": "Succeed"},
        },
    }


CASES: dict[str, tuple[dict[str, Any], int]] = {
    "10,000 transitions, Pass and Choice": (_loop({"Type": "Pass", "Parameters": _NEXT}, 5000), 10_001),
    "7,000 transitions, Task and Choice": (_loop({"Type": "Task", "Resource": "count"}, 3500), 7001),
}


class SentWidget(ExecutionWidget):
    """A widget whose messages are packed and signed as the kernel's session does, and go nowhere."""

    def __init__(self, *arguments: Any, **traits: Any) -> None:
        self.session = Session(key=b"benchmark")
        self.sent_bytes = 0
        super().__init__(*arguments, **traits)

    def _send(self, message: dict[str, Any], buffers: Any = None) -> None:
        packed = self.session.serialize(self.session.msg("comm_msg", {"comm_id": "1", "data": message}))
        # The session sends a copy of each buffer: the front end gets it, while the kernel goes on.
        copied = [bytes(buffer) for buffer in buffers or ()]
        self.sent_bytes += sum(map(len, packed + copied))


@pytest.fixture(scope="module", autouse=True)
def table(request: pytest.FixtureRequest) -> Iterator[None]:
    """Print all ratios once the cases have run."""
    yield
    capture = request.config.pluginmanager.getplugin("capturemanager")
    assert capture is not None
    with capture.global_and_fixture_disabled():
        print("\n\nThe execution view: processor time of a run with it as a ratio to the run alone.", *LINES, sep="\n")  # noqa: T201 - the table is what this module is for


def _seconds(work: Callable[[], object]) -> float:
    gc.collect()
    started = process_time()
    work()
    return process_time() - started


@pytest.mark.parametrize("name", CASES)
def test_a_run_with_the_view(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    definition, transitions = CASES[name]
    workspace = Workspace(registry=FunctionRegistry())
    workspace.registry.register(LambdaFunction(_count, name="count"))
    machine = StateMachine.from_definition(definition, name="Measured", workspace=workspace)
    widgets: list[SentWidget] = []

    def live_view(_shell: InteractiveShell, graph: Any, *, title: str) -> SentWidget:
        widgets.append(SentWidget(graph, title=title))
        return widgets[-1]

    monkeypatch.setattr(cell_views, "live_view", live_view)
    monkeypatch.setattr(run_display, "display", lambda _picture: None)

    def without() -> None:
        assert len(machine.run({"n": 0, "order": ORDER}).visits) == transitions

    def with_view() -> float:
        execution = workspace.start(machine, {"n": 0, "order": ORDER})
        # The widget is made when the cell begins: its picture is not part of what a transition costs.
        execution.observe(RunDisplay(execution, shell=shell, source_name=lambda name: name, ended=lambda _: None))
        return _seconds(execution.run)

    shell = InteractiveShell()  # type: ignore[no-untyped-call]  # IPython leaves it untyped
    plain, measured = [], []
    for _ in range(ROUNDS):
        plain.append(_seconds(without))
        measured.append(with_view())
        workspace.executions.clear()
    assert len(read_trace(widgets[-1].get_state("trace")["trace"])["visits"]["id"]) == transitions
    ratios = [each / other for each, other in zip(measured, plain, strict=True)]
    LINES.append(
        f"{name:40} best {min(measured) / min(plain):5.2f}  median {median(ratios):5.2f}"
        f"  ({1000 * min(measured):.0f} ms to {1000 * min(plain):.0f} ms; {widgets[-1].sent_bytes / 1e6:.1f} MB sent)"
    )
