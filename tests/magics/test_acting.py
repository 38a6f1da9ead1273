"""Clicks as the kernel gets them: what they do to the run, what is refused, and that a run goes on by itself."""

from collections.abc import Callable
from typing import Any

import pytest

from sfn_notebook.functions.registry import FunctionRegistry
from sfn_notebook.magics.acting import Acting
from sfn_notebook.workspace import Workspace
from sfn_notebook.workspace.notebook_execution import NotebookExecution
from tests.magics.notebook_shell import NotebookShell

ASK: dict[str, Any] = {
    "Type": "Task",
    "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
    "Parameters": {"FunctionName": "ask", "Payload": {"token.$": "$$.Task.Token"}},
    "HeartbeatSeconds": 60,
    "TimeoutSeconds": 600,
    "End": True,
}


class View:
    """What a widget would show and hear."""

    def __init__(self) -> None:
        self.rows: list[Any] = []
        self.refusals: list[tuple[str, str]] = []
        self.sent: list[Any] = []
        self.callbacks: list[Callable[..., None]] = []

    def on_msg(self, callback: Callable[..., None]) -> None:
        self.callbacks.append(callback)

    def send(self, content: Any) -> None:
        self.sent.append(content)

    def show_waiting(self, rows: list[Any]) -> None:
        self.rows = rows

    def refuse(self, subject: str, text: str) -> None:
        self.refusals.append((subject, text))

    def click(self, kind: str, row: Any = None, **more: Any) -> None:
        message = {"kind": kind, "id": "" if row is None else row["token_id"], **more}
        self.callbacks[0](self, message, None)


@pytest.fixture
def workspace() -> Workspace:
    made = Workspace(registry=FunctionRegistry())
    made.registry.lambda_function(name="ask")(lambda event: None)
    return made


@pytest.fixture
def view() -> View:
    return View()


@pytest.fixture
def act(bare_shell: NotebookShell, view: View) -> Callable[..., Acting]:
    """Let ``view`` act on a run; its work is done at once."""

    def made(run: NotebookExecution, start: Any = lambda work: work()) -> Acting:
        acting = Acting(run, view, bare_shell, start=start)
        acting.update()
        return acting

    return made


def many(workspace: Workspace) -> NotebookExecution:
    item = {"StartAt": "Item", "States": {"Item": ASK}}
    each = {"Type": "Map", "ItemProcessor": item, "End": True}
    return workspace.define("Many", {"StartAt": "Each", "States": {"Each": each}}).run(["a", "b"])


def test_what_waits_is_listed_without_its_token(workspace: Workspace, view: View, act: Any) -> None:
    run = many(workspace)
    act(run)
    assert [(row["name"], row["iteration"], row["kind"]) for row in view.rows] == [
        ("Item", [0], "callback"),
        ("Item", [1], "callback"),
    ]
    assert (view.rows[0]["timeout_seconds"], view.rows[0]["heartbeat_seconds"]) == (600, 60)
    assert view.rows[0]["visit"] == run.states["Item"][0].id
    tokens = list(run.pending_tasks)
    assert not any(token in str({**row, "input": ""}) for token in tokens for row in view.rows)
    view.click("hello")
    assert view.sent == [{"kind": "here"}]


def test_answers_by_click(workspace: Workspace, view: View, act: Any) -> None:
    run = many(workspace)
    act(run)
    view.click("heartbeat", view.rows[1])
    view.click("approve", view.rows[1], output='{"ok": true}')
    assert [row["iteration"] for row in view.rows] == [[0]]
    view.click("reject", view.rows[0], error="No", cause="")
    assert (run.status, run.error, run.cause, view.rows) == ("FAILED", "No", None, [])
    assert view.refusals == []


def test_whoever_answers_an_activity_by_hand_takes_its_task(workspace: Workspace, view: View, act: Any) -> None:
    arn = workspace.create_activity("review")
    states = {"Review": {"Type": "Task", "Resource": arn, "End": True}}
    run = workspace.define("Reviewing", {"StartAt": "Review", "States": states}).run()
    act(run)
    assert view.rows[0]["kind"] == "activity"
    view.click("approve", view.rows[0], output='"fine"')
    assert run.output == "fine"


def test_at_a_breakpoint(workspace: Workspace, view: View, act: Any) -> None:
    states = {
        "A": {"Type": "Pass", "Next": "B"},
        "B": {"Type": "Pass", "Next": "C"},
        "C": {"Type": "Pass", "End": True},
    }
    run = workspace.define("Plain", {"StartAt": "A", "States": states}).run({"n": 1}, breakpoints=["A"])
    act(run)
    (row,) = view.rows
    assert (row["kind"], row["when"], row["name"], row["input"]) == ("breakpoint", "before", "A", '{"n":1}')
    view.click("edit", row, payload='{"n": 2}')
    assert view.rows[0]["input"] == '{"n":2}'
    view.click("step", view.rows[0])
    assert view.rows[0]["name"] == "B"
    view.click("continue", view.rows[0], payload='{"n": 3}')
    assert (run.output, view.rows) == ({"n": 3}, [])
    view.click("fork", at=2, payload='{"n": 9}')
    assert workspace.execution().output == {"n": 9}


def test_what_does_not_wait_any_more_is_refused(workspace: Workspace, view: View, act: Any) -> None:
    run = many(workspace)
    act(run)
    first = view.rows[0]
    view.click("approve", first)
    view.click("approve", first)
    assert view.refusals[0][0] == first["token_id"]
    assert "does not wait any more" in view.refusals[0][1]
    view.click("continue", first)
    view.click("approve", view.rows[0], output="{no}")
    view.click("explode", view.rows[0])
    view.click("fork", at="x")
    view.click("fork", at=999)
    told = [text for _, text in view.refusals[1:]]
    expected = ("does not wait", "not JSON", "does not know", "needs the id", "has no event 999")
    assert [part in text for part, text in zip(expected, told, strict=True)] == [True] * len(expected)
    assert run.status == "RUNNING"


def test_two_clicks_on_one_task_are_one_answer(workspace: Workspace, view: View, act: Any) -> None:
    run = many(workspace)
    begun: list[Callable[[], None]] = []
    act(run, start=begun.append)
    view.click("approve", view.rows[0], output="1")
    view.click("reject", view.rows[0])
    assert [text for _, text in view.refusals] == ["It is being answered already."]
    begun[0]()
    view.click("approve", view.rows[0], output="2")
    begun[1]()
    assert run.output == [1, 2]


def test_a_mistake_in_the_thread_reaches_the_view(workspace: Workspace, view: View, act: Any) -> None:
    run = many(workspace)
    begun: list[Callable[[], None]] = []
    act(run, start=begun.append)
    view.click("approve", view.rows[0])
    run.stop()
    begun[0]()
    assert "Task Timed Out" in view.refusals[0][1]
    assert view.rows == []
