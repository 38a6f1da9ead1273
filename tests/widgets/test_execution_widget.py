import json
from collections.abc import Callable
from typing import Any

import pytest

from sfn_notebook.views.execution import ExecutionTracker, view_execution
from sfn_notebook.views.graph import graph_of
from sfn_notebook.views.trace import TraceBuilder
from sfn_notebook.widgets.execution_widget import ExecutionWidget, MakeTrace
from tests.views.machines import FakeExecution, leave, order_machine, order_run
from tests.widgets.trace_reader import read_trace


class NeverTimer:
    """A pause that does not end by itself."""

    def __init__(self, delay_seconds: float, call: Callable[[], None]) -> None:
        self.delay_seconds = delay_seconds
        self.call = call

    def cancel(self) -> None:
        """Nothing to forget."""


@pytest.fixture
def widget() -> ExecutionWidget:
    return ExecutionWidget(graph_of(order_machine(), title="OrderFlow"), title="OrderFlow", start_timer=NeverTimer)


def _changes(widget: ExecutionWidget, trait: str) -> list[Any]:
    seen: list[Any] = []
    widget.observe(lambda change: seen.append(change["new"]), names=[trait])
    return seen


def traces_of(run: FakeExecution) -> MakeTrace:
    return lambda characters: TraceBuilder(run).trace(characters=characters)


def test_a_machine_without_an_execution_shows_its_definitions(widget: ExecutionWidget) -> None:
    assert widget.svg.startswith("<svg ")
    assert "<style" not in widget.svg
    assert '"Choice"' in widget.definitions["/States/Looks risky?"]["text"]
    assert widget.execution == {}
    assert widget.statuses == {}


def test_the_text_beside_the_widget_never_changes(widget: ExecutionWidget) -> None:
    def plain_text() -> str:
        bundle = widget._repr_mimebundle_()
        assert bundle is not None
        data, _ = bundle
        assert "application/vnd.jupyter.widget-view+json" in data
        return str(data["text/plain"])

    before = plain_text()
    widget.finish(view_execution(order_run()))
    assert before == plain_text() == "Live view of OrderFlow"


def test_the_picture_is_sent_once_and_updates_are_coalesced(widget: ExecutionWidget) -> None:
    pictures, statuses, traces = (_changes(widget, trait) for trait in ("svg", "statuses", "trace"))
    run = FakeExecution()
    tracker = ExecutionTracker(run)
    for index in range(500):
        leave(run.enter("Check stock", index), index)
        widget.show(tracker.view(), traces_of(run))
    assert pictures == []
    assert len(statuses) == len(traces) == 1
    widget.flush()
    assert statuses[-1]["/States/Check stock"]["visits"] == 500
    assert len(read_trace(traces[-1])["visits"]["id"]) == 500
    assert len(statuses) == len(traces) == 2


def test_the_last_state_always_arrives(widget: ExecutionWidget) -> None:
    run = order_run()
    tracker = ExecutionTracker(run)
    late = run.enter("Refund", {})
    widget.show(tracker.view(), traces_of(run))
    widget.show(tracker.view(), traces_of(run))
    leave(late, "late")
    widget.finish(tracker.view(), traces_of(run))
    assert widget.execution["status"] == "SUCCEEDED"
    trace = read_trace(widget.trace)
    assert trace["texts"][trace["visits"]["output"][-1]] == '"late"'
    assert widget.statuses["/States/Refund"]["status"] == "SUCCEEDED"
    assert widget.statuses["/States/Charge card"] == {
        "status": "SUCCEEDED",
        "visits": 1,
        "attempts": 3,
        "badge": "Succeeded, try 3",
    }


def test_a_trace_goes_out_as_bytes_beside_the_message(widget: ExecutionWidget, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[dict[str, Any], Any]] = []
    monkeypatch.setattr(widget, "_send", lambda message, buffers=None: sent.append((message, buffers)))
    run = order_run()
    widget.finish(view_execution(run), traces_of(run))
    message, buffers = sent[-1]
    assert message["buffer_paths"] == [["trace", "packed"]]
    assert len(json.dumps(message)) < 5000
    assert len(read_trace({"packed": bytes(buffers[0])})["visits"]["id"]) == len(run.visits)


def test_statuses_arrive_from_real_timers_too() -> None:
    widget = ExecutionWidget(graph_of(order_machine(), title="OrderFlow"), title="OrderFlow")
    run = FakeExecution()
    tracker = ExecutionTracker(run)
    for index in range(50):
        leave(run.enter("Check stock", index), index)
        widget.show(tracker.view())
    widget.finish(tracker.view())
    assert widget.statuses["/States/Check stock"]["visits"] == 50


def test_names_are_keys_as_the_picture_shows_them() -> None:
    widget = ExecutionWidget(graph_of(order_machine(), title="a\nb"), title="a\nb", start_timer=NeverTimer)
    assert widget.title == "a\\nb"
    run = FakeExecution()
    run.enter("odd\u202e", {}, pointer="/States/odd\u202e")
    widget.finish(view_execution(run), traces_of(run))
    assert list(widget.statuses) == ["/States/odd\\u202e"]
    assert read_trace(widget.trace)["states"][0]["pointer"] == "/States/odd\\u202e"


def test_script_and_style_come_with_the_package_and_fetch_nothing(widget: ExecutionWidget) -> None:
    for text in (str(widget.module), str(widget._css)):
        assert len(text) > 1000
        assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
        assert "innerHTML" not in text
        assert "import(" not in text


def test_a_list_that_stays_as_it_was_is_told_all_the_same(
    widget: ExecutionWidget, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Any] = []
    monkeypatch.setattr(widget, "send", told.append)
    waiting = _changes(widget, "waiting")
    for _ in range(2):
        widget.show_waiting([{"token_id": "a"}])
    assert (waiting, told) == ([[{"token_id": "a"}]], [{"kind": "still"}])


def test_a_closed_view_has_told_the_front_end_to_forget_its_long_texts(widget: ExecutionWidget) -> None:
    run = order_run()
    widget.finish(view_execution(run), traces_of(run))
    told: dict[str, Any] = {}
    widget.observe(lambda change: told.update({change["name"]: change["new"]}))
    texts = ("module", "_css", "svg", "trace", "definitions", "marks")
    assert min(len(str(getattr(widget, name))) for name in texts) > 200
    widget.close()
    assert [told[name] for name in texts] == ["", "", "", {}, {}, {}]
