"""A view in which everything can be done at once: a run with loops, retries, items, waits; what waits; a comparison."""

import json
from typing import TYPE_CHECKING, Any, Final

from sfn_notebook._json import JSONObject
from sfn_notebook.workspace.comparison import compare
from tests.widgets import traces
from tests.widgets.run_widgets import widget_of
from tests.widgets.widget_page import WidgetPage

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_RETRY: Final = [{"ErrorEquals": ["TimeoutError"], "IntervalSeconds": 2}]
_CATCH: Final = [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.failure", "Next": "Set aside"}]
_INNER: Final = {
    "Pack": {"Type": "Task", "Resource": "pack", "Catch": _CATCH, "Next": "Label"},
    "Label": {"Type": "Wait", "Seconds": 3, "End": True},
    "Set aside": {"Type": "Pass", "End": True},
}
_AGAIN: Final = {"Variable": "$.rounds", "NumericLessThan": 2, "Next": "Each item"}
_STATES: Final[dict[str, Any]] = {
    "Charge": {"Type": "Task", "Resource": "charge", "Retry": _RETRY, "ResultPath": "$.paid", "Next": "Cool off"},
    "Cool off": {"Type": "Wait", "Seconds": 604_800, "Next": "Each item"},
    "Each item": {
        "Type": "Map",
        "ItemsPath": "$.items",
        "ItemProcessor": {"StartAt": "Pack", "States": _INNER},
        "ResultPath": "$.packed",
        "Next": "Count",
    },
    "Count": {
        "Type": "Pass",
        "Parameters": {"rounds.$": "States.MathAdd($.rounds, 1)", "items.$": "$.items", "orderId.$": "$.orderId"},
        "Next": "Again?",
    },
    "Again?": {"Type": "Choice", "Choices": [_AGAIN], "Default": "Done"},
    "Done": {"Type": "Succeed"},
}


def _pack(event: JSONObject) -> JSONObject:
    if event["n"] == 3:
        raise ValueError(f"item {event['n']} is out of stock")
    return {"n": event["n"], "packed": True}


def waiting_row(subject: str, **fields: Any) -> dict[str, Any]:
    """A row of what waits, as the kernel sends it."""
    return {
        "token_id": subject,
        "kind": "callback",
        "when": "",
        "name": "Charge",
        "note": "",
        "pointer": "/States/Charge",
        "visit": 2,
        "iteration": [],
        "since_seconds": 3,
        "timeout_seconds": 3600,
        "heartbeat_seconds": 60,
        "input": '{"orderId":7}',
        "is_cut": False,
        **fields,
    }


REDRAW: Final = """() => {
  window.close_view();
  document.getElementById('el').replaceChildren();
  window.sent = [];
  window.draw_view();
  document.querySelector('[role=tab]').click();
}"""
WAITING: Final = (
    waiting_row("token"),
    waiting_row("breakpoint-2", kind="breakpoint", when="before", input='{"total":5}'),
)


def open_whole_view(browser: "Browser") -> WidgetPage:
    """The view, with a kernel that hears everything and answers nothing; ``window.sent`` is what it heard."""
    payload = {"orderId": 7, "rounds": 0, "items": [{"n": number} for number in range(5)]}
    run = traces.run(_STATES, payload, {"charge": traces.Flaky(2), "pack": _pack})
    other = traces.run(_STATES, {**payload, "rounds": 1}, {"charge": traces.Flaky(0), "pack": _pack})
    page = WidgetPage(browser, widget_of(run))
    page.page.evaluate("() => window.close_view()")
    page.set("can_act", True)
    page.set("waiting", list(WAITING))
    page.set("comparison", json.loads(json.dumps(compare(run, other).comparison)))
    redraw(page)
    return page


def redraw(page: WidgetPage) -> None:
    """Begin anew: nothing is selected, opened, typed or sent."""
    page.page.evaluate(REDRAW)
