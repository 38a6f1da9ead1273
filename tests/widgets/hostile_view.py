"""A view in which every text is hostile: names, payloads, errors, prints, what waits; it judges nothing."""

import contextlib
import io
import json
import sys
from typing import TYPE_CHECKING, Any, Final

from sfn_notebook._json import JSONValue
from sfn_notebook.engine.execution import Execution
from sfn_notebook.views.execution import view_execution
from sfn_notebook.views.graph import graph_of
from sfn_notebook.views.trace import TraceBuilder
from sfn_notebook.views.typography import visible
from sfn_notebook.widgets.execution_widget import ExecutionWidget
from sfn_notebook.workspace.comparison import compare
from sfn_notebook.workspace.notebook_execution import NotebookExecution
from tests.widgets import traces
from tests.widgets.whole_view import REDRAW, waiting_row
from tests.widgets.widget_page import WidgetPage

if TYPE_CHECKING:
    from playwright.sync_api import Browser

TEXTS: Final = {
    "script": "<!--</script></title><script>window.pwned=1</script>",
    "element": '\'"></style></textarea><img src=x onerror="pwned=1">',
    "picture": "</text><svg onload='pwned=1'>&amp;&#60; `\\ ${pwned=1}{{pwned=1}}",
    "right to left": "safe \u202eexe.\u2066txt\u2069 \u05d0\u05d1 \u2028 \u200b",
}
"""What tries to become markup, to end what it stands in, or to reorder what is around it."""


def hostile_run(text: str, number: int = 1) -> Execution:
    """A run with ``text`` wherever a person's text may stand; ``number`` is in its input."""
    error = type(text, (Exception,), {})

    def fail(event: Any) -> None:
        print(text)  # noqa: T201 - what a user's function prints is shown
        raise error(text)

    task = {"Type": "Task", "Resource": "fail"}
    caught = [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.failure", "Next": f"{text}."}]
    inner = {text: {**task, "Catch": caught, "End": True}, f"{text}.": {"Type": "Pass", "End": True}}
    states = {
        f"{text} 1": {
            **task,
            "Comment": text,
            "Retry": [{"ErrorEquals": [text], "IntervalSeconds": 1, "MaxAttempts": 1}],
            "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.failure", "Next": f"{text} 2"}],
            "End": True,
        },
        f"{text} 2": {
            "Type": "Map",
            "ItemsPath": "$.items",
            "ItemProcessor": {"StartAt": text, "States": inner},
            "ResultPath": "$.packed",
            "Next": f"{text} 3",
        },
        f"{text} 3": {"Type": "Fail", "Error": text, "Cause": text},
    }
    payload: JSONValue = {text: {text: text}, "items": [{"n": number}], "number": number}
    with contextlib.redirect_stdout(io.StringIO()):
        return traces.run(states, payload, {"fail": fail})


def open_hostile_view(browser: "Browser", text: str) -> WidgetPage:
    """The view of such a run, in which something waits, and which is compared with another one."""
    run = hostile_run(text)
    widget = ExecutionWidget(graph_of(run.definition, title=text), title=text)
    widget.finish(view_execution(run), lambda characters: TraceBuilder(run).trace(characters=characters))
    page = WidgetPage(browser, widget)
    page.set("can_act", True)
    asked = json.dumps({text: text}, ensure_ascii=False)
    page.set("waiting", [waiting_row("token", name=visible(text), note=visible(text), input=asked)])
    page.set("comparison", json.loads(json.dumps(compare(run, hostile_run(text, 2)).comparison)))
    page.page.evaluate(REDRAW)
    return page


def long_run(text: str) -> Execution:
    """A run in which a function prints ``text`` and raises it, twice, and an item of a Map does so, too."""

    def fail(_event: Any) -> None:
        sys.stdout.write(text)
        raise ValueError(text)

    task = {"Type": "Task", "Resource": "fail"}
    retry = [{"ErrorEquals": ["ValueError"], "MaxAttempts": 1}]
    catch = [{"ErrorEquals": ["States.ALL"], "ResultPath": None, "Next": "Each"}]
    pack = {"StartAt": "Pack", "States": {"Pack": {**task, "End": True}}}
    states = {
        "Charge": {**task, "Retry": retry, "Catch": catch, "End": True},
        "Each": {"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": pack, "End": True},
    }
    with contextlib.redirect_stdout(io.StringIO()):
        return traces.run(states, {"items": [1]}, {"fail": fail})


def waiting_run(text: str) -> NotebookExecution:
    """A run that waits for a person in a state of that name."""
    asking = {"FunctionName": "ask", "Payload": {"token.$": "$$.Task.Token"}}
    resource = "arn:aws:states:::lambda:invoke.waitForTaskToken"
    state = {"Type": "Task", "Resource": resource, "Parameters": asking, "End": True}
    run = traces.run({text: state}, {}, {"ask": lambda _event: None})
    assert isinstance(run, NotebookExecution)
    return run
