"""Runs as they look in JupyterLab, light and dark: pictures to be looked at, axe-core, and nothing beside its place."""

import json
from collections.abc import Iterator
from typing import Any, Final

import pytest
from playwright.sync_api import Browser

from tests.browser.accessibility import grave_violations
from tests.browser.jupyter_server import JupyterServer
from tests.browser.live_view import LiveView
from tests.browser.notebook_files import write_notebook
from tests.browser.notebook_page import ARTIFACTS, NotebookPage, open_notebook

pytestmark = pytest.mark.browser

_WAIT_MILLISECONDS: Final = 20_000
FUNCTIONS: Final = """\
%load_ext sfn_notebook
import pathlib, threading

@lambda_function
def validate(order):
    print("validating", order["orderId"])
    return {**order, "valid": True}

@lambda_function
def look_up(order):
    while not pathlib.Path("go-on").exists():
        threading.Event().wait(0.05)
    return {"rate": 0.19}

class CardDeclined(Exception):
    pass

def balance_of(order):
    return {"DE": 100}[order["country"]]

@lambda_function
def charge(order):
    print("charging", order["total"])
    if order["total"] > balance_of(order):
        raise CardDeclined(f"the card of order {order['orderId']} has only {balance_of(order)}")
    return {"receipt": "R-7"}

@lambda_function
def ask(event):
    print("asked for", event["sku"])

@lambda_function
def pack(item):
    if item["n"] % 17 == 3:
        raise ValueError(f"item {item['n']} is out of stock")
    return {**item, "packed": True}

order = {"orderId": "o-17", "total": 129.9, "country": "DE", "lines": [{"sku": "A-1"}, {"sku": "B-2"}, {"sku": "C-3"}]}
cheap = {**order, "total": 12.5}
"""
_TASK: Final[dict[str, Any]] = {"Type": "Task", "ResultPath": "$.result"}
_RETRY: Final = [{"ErrorEquals": ["CardDeclined"], "IntervalSeconds": 30, "MaxAttempts": 2}]
_ASK: Final[dict[str, Any]] = {
    "Type": "Task",
    "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
    "Parameters": {"FunctionName": "ask", "Payload": {"sku.$": "$.sku", "token.$": "$$.Task.Token"}},
    "TimeoutSeconds": 86400,
    "HeartbeatSeconds": 3600,
    "End": True,
}
_CATCH: Final = [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Set aside"}]
_PACK: Final = {
    "StartAt": "Pack",
    "States": {
        "Pack": {"Type": "Task", "Resource": "pack", "Catch": _CATCH, "Next": "Label"},
        "Label": {"Type": "Wait", "Seconds": 3, "End": True},
        "Set aside": {"Type": "Pass", "End": True},
    },
}
MACHINES: Final[dict[str, dict[str, Any]]] = {
    "Rates": {
        "Validate": {**_TASK, "Resource": "validate", "Next": "Look up rate"},
        "Look up rate": {**_TASK, "Resource": "look_up", "Next": "Done"},
        "Done": {"Type": "Succeed"},
    },
    "OrderFlow": {
        "Validate": {**_TASK, "Resource": "validate", "Next": "Charge card"},
        "Charge card": {**_TASK, "Resource": "charge", "Retry": _RETRY, "Next": "Done"},
        "Done": {"Type": "Succeed"},
    },
    "Approvals": {
        "Each line": {
            "Type": "Map",
            "ItemsPath": "$.lines",
            "ItemProcessor": {"StartAt": "Ask the buyer", "States": {"Ask the buyer": _ASK}},
            "End": True,
        }
    },
    "Packing": {
        "Each item": {"Type": "Map", "MaxConcurrency": 40, "ItemProcessor": _PACK, "Next": "Done"},
        "Done": {"Type": "Succeed"},
    },
    "Slow": {
        "Validate": {**_TASK, "Resource": "validate", "Next": "Cool off"},
        "Cool off": {"Type": "Wait", "Seconds": 604_800, "Next": "Charge card"},
        "Charge card": {**_TASK, "Resource": "charge", "Retry": _RETRY, "End": True},
    },
}
_BRANCHES: Final = 25
_STATES_OF_A_BRANCH: Final = 40


def _branch(number: int) -> dict[str, Any]:
    names = [f"Step {number}.{place}" for place in range(_STATES_OF_A_BRANCH)]
    ways: list[dict[str, Any]] = [*({"Next": name} for name in names[1:]), {"End": True}]
    states = {name: {"Type": "Pass", **way} for name, way in zip(names, ways, strict=True)}
    return {"StartAt": names[0], "States": states}


MACHINES["Thousand"] = {
    "Fan out": {"Type": "Parallel", "Branches": [_branch(number) for number in range(_BRANCHES)], "End": True}
}
SCENES: Final = {
    "running": "_ = Rates.run(order)",
    "failed": "_ = OrderFlow.run(order)",
    "waiting": "_ = Approvals.run(order)",
    "map": "_ = Packing.run([{'n': n} for n in range(400)])",
    "week": "_ = Slow.run(order)",
    "compared": "_ = OrderFlow.run(cheap)\n%sfn compare OrderFlow-1 OrderFlow-2",
    "edited": "run = OrderFlow.run(order, breakpoints=['Charge card', 'Done'])\n"
    "_ = run.edit({**order, 'total': 99})\n_ = run.resume()",
    "thousand": "_ = Thousand.run({})",
}
_DEFINE: Final = "\n".join(
    f"workspace.define({name!r}, {json.dumps({'StartAt': next(iter(states)), 'States': states})!r})\n"
    f"{name} = workspace.machine({name!r})"
    for name, states in MACHINES.items()
)
# Elements with text that is cut without a sign of it, and those beside the view; a hidden or scrolled one may be cut.
_BESIDE: Final = """number => {
  const cell = document.querySelectorAll('.jp-Notebook .jp-CodeCell')[number];
  const found = [];
  for (const view of cell.querySelectorAll('.sfn-view')) {
    const frame = view.getBoundingClientRect();
    for (const each of view.querySelectorAll('button, h2, h3, h4, p, summary, label, input, select, textarea')) {
      const box = each.getBoundingClientRect();
      if (!box.width || each.closest('.sfn-hidden')) continue;
      const scrolled = each.closest('.sfn-window, .sfn-stage, pre, .sfn-tabs');
      const isBeside = box.left < frame.left - 1 || box.right > frame.right + 1;
      if (!scrolled && isBeside) found.push(['beside', each.outerHTML]);
      const isOpen = getComputedStyle(each).textOverflow !== 'ellipsis' && each.matches('button, h2, h3, h4, label');
      if (isOpen && each.scrollWidth > each.clientWidth + 2 && each.clientWidth) found.push(['cut', each.outerHTML]);
    }
  }
  return found.map(pair => pair.join(': ').slice(0, 200));
}"""

# The picture is no higher than the window: of two views in a cell, it has room for one.
_NARROW: Final = """cell => {
  const views = [...cell.querySelectorAll('.sfn-view')];
  for (const view of views) {
    view.style.width = '500px';
    view.style.display = view === views.at(-1) ? '' : 'none';
  }
}"""
_WIDE: Final = "cell => cell.querySelectorAll('.sfn-view').forEach(view => view.removeAttribute('style'))"


@pytest.fixture(scope="module")
def page(browser: Browser, lab: JupyterServer) -> Iterator[NotebookPage]:
    """A notebook with one cell for each of ``SCENES``, after the cells that define what they need."""
    write_notebook(lab.folder / "appearance.ipynb", [FUNCTIONS, _DEFINE, *SCENES.values()])
    with open_notebook(browser, lab, "appearance.ipynb") as opened:
        opened.run_cells_before(2)
        yield opened
        assert opened.errors == []


def _view(page: NotebookPage, scene: str) -> LiveView:
    return LiveView(page, 2 + list(SCENES).index(scene))


def _judge(page: NotebookPage, scene: str) -> None:
    """Take a picture in light and in dark, with nothing grave for axe-core and nothing beside its place."""
    number = 2 + list(SCENES).index(scene)
    for theme in ("Light", "Dark"):
        page.change_theme(f"JupyterLab {theme}")
        page.screenshot(ARTIFACTS / f"scene-{scene}-{theme.lower()}.png", number)
        assert page.page.evaluate(_BESIDE, number) == []
        page.cell(number).evaluate("cell => cell.classList.add('judged')")
        assert grave_violations(page.page, ".judged .sfn-view") == []
        page.cell(number).evaluate("cell => cell.classList.remove('judged')")
    page.change_theme("JupyterLab Light")
    _judge_narrow(page, scene)


def _judge_narrow(page: NotebookPage, scene: str) -> None:
    """Take a picture of the cell's last view as it looks with little room, with nothing beside its place."""
    number = 2 + list(SCENES).index(scene)
    page.cell(number).evaluate(_NARROW)
    page.screenshot(ARTIFACTS / f"scene-{scene}-narrow.png", number)
    assert page.page.evaluate(_BESIDE, number) == []
    page.cell(number).evaluate(_WIDE)


def test_a_run_while_it_goes_on(page: NotebookPage) -> None:
    view = _view(page, "running")
    page.start_cell(2)
    view.wait_for_status("Look up rate", "RUNNING")
    view.state("Look up rate").click()
    view.wait_for_inspector("Running")
    _judge(page, "running")
    assert page.is_busy(2)
    (page.server.folder / "go-on").touch()
    page.wait_for_cell(2)


def test_a_failed_run_with_its_traceback(page: NotebookPage) -> None:
    view = _view(page, "failed")
    page.run_cell(3)
    view.state("Charge card").click()
    view.wait_for_inspector("has only 100")
    view.inspector.locator("pre", has_text="Traceback (most recent call last)").scroll_into_view_if_needed()
    _judge(page, "failed")


def test_a_run_that_waits_for_people(page: NotebookPage) -> None:
    page.run_cell(4)
    _view(page, "waiting").root.get_by_role("heading", name="3 wait for you").wait_for()
    _judge(page, "waiting")


def test_a_map_with_hundreds_of_items(page: NotebookPage) -> None:
    page.run_cell(5)
    view = _view(page, "map")
    view.wait_for_status("Done", "SUCCEEDED")
    view.root.get_by_role("tab", name="Iterations").click()
    _judge(page, "map")


def test_a_timeline_with_a_wait_of_a_week(page: NotebookPage) -> None:
    page.run_cell(6)
    view = _view(page, "week")
    view.root.get_by_role("tab", name="Timeline").click()
    _judge(page, "week")


def test_two_runs_compared(page: NotebookPage) -> None:
    page.run_cell(7)
    compared = page.cell(7).locator(".sfn-compare:visible")
    compared.locator("summary").first.click()
    compared.get_by_text("$.total").first.wait_for(timeout=_WAIT_MILLISECONDS)
    _judge(page, "compared")


def test_a_run_with_a_payload_that_was_edited_at_a_breakpoint(page: NotebookPage) -> None:
    page.run_cell(8)
    view = _view(page, "edited")
    view.wait_for_status("Charge card", "SUCCEEDED")
    view.state("Charge card").click()
    view.wait_for_inspector("edited by hand")
    _judge(page, "edited")


def test_a_graph_of_a_thousand_states(page: NotebookPage) -> None:
    page.run_cell(9)
    _view(page, "thousand").wait_for_status("Fan out", "SUCCEEDED")
    _judge(page, "thousand")
