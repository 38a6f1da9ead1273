"""People act on runs in JupyterLab: a click answers, continues, edits or forks; the prints land in the run's cell."""

import json
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Locator

from tests.browser.jupyter_server import JupyterServer
from tests.browser.live_view import LiveView
from tests.browser.notebook_files import write_notebook
from tests.browser.notebook_page import NotebookPage, open_notebook

pytestmark = pytest.mark.browser

ARTIFACTS: Final = Path(__file__).resolve().parents[2] / ".artifacts"
_WAIT_MILLISECONDS: Final = 20_000
FUNCTIONS: Final = """\
%load_ext sfn_notebook

@lambda_function
def ask(event):
    print("asked for", event["item"])

@lambda_function
def pack(event):
    print("packed", event)
    return {"packed": event}

class NoCover(Exception):
    pass

@lambda_function
def charge(event):
    if event["total"] > 100:
        raise NoCover("no cover for %d" % event["total"])
    return {**event, "charged": True}
"""
INVOKE: Final = "arn:aws:states:::lambda:invoke.waitForTaskToken"
ASK: Final[dict[str, Any]] = {
    "Type": "Task",
    "Resource": INVOKE,
    "Parameters": {"FunctionName": "ask", "Payload": {"item.$": "$", "token.$": "$$.Task.Token"}},
}
ITEM: Final = {
    "StartAt": "Approve",
    "States": {
        "Approve": {**ASK, "Catch": [{"ErrorEquals": ["Declined"], "Next": "Refuse"}], "Next": "Pack"},
        "Pack": {"Type": "Task", "Resource": "pack", "End": True},
        "Refuse": {"Type": "Pass", "Result": "refused", "End": True},
    },
}
APPROVALS: Final = {"StartAt": "Each", "States": {"Each": {"Type": "Map", "ItemProcessor": ITEM, "End": True}}}
CHARGING: Final = {
    "StartAt": "Charge",
    "States": {"Charge": {"Type": "Task", "Resource": "charge", "Next": "Done"}, "Done": {"Type": "Succeed"}},
}


def _cell(name: str, definition: dict[str, Any]) -> str:
    return f"%%asl {name} --no-graph\n{json.dumps(definition)}"


def _pane(page: NotebookPage, number: int) -> Locator:
    return page.cell(number).locator(".sfn-acting").first


def _wait_for_text(place: Locator, text: str) -> None:
    place.get_by_text(text).first.wait_for(timeout=_WAIT_MILLISECONDS)


def test_items_of_a_map_are_approved_and_rejected_by_click(browser: Browser, lab: JupyterServer) -> None:
    sources = [FUNCTIONS, _cell("Approvals", APPROVALS), "run = Approvals.run(['a', 'b', 'c'])", "print('after')"]
    write_notebook(lab.folder / "approvals.ipynb", [*sources, "run.output", "run.history[-1]['type']"])
    with open_notebook(browser, lab, "approvals.ipynb") as page:
        page.run_cells_before(4)
        pane = _pane(page, 2)
        _wait_for_text(pane, "3 wait for you")
        second = pane.locator(".sfn-act").nth(1)
        assert "Approve[1] waits for an answer" in second.inner_text()
        second.get_by_label("Output (JSON)").fill('{"by": "Ada"}')
        second.get_by_role("button", name="Approve", exact=True).click()
        _wait_for_text(pane, "2 wait for you")
        page.screenshot(ARTIFACTS / "jupyterlab-acting.png", 2)
        # The kernel is idle between two clicks, and the form of what was answered is gone.
        first = pane.locator(".sfn-act").first
        assert "Approve[0]" in first.inner_text()
        first.get_by_label("Error").fill("Declined")
        first.get_by_label("Cause").fill("too expensive")
        first.get_by_role("button", name="Reject").click()
        _wait_for_text(pane, "Waits for you")
        pane.get_by_role("button", name="Approve", exact=True).click()
        LiveView(page, 2).wait_for_status("Each", "SUCCEEDED")
        told = page.output(2).locator(".jp-RenderedText").all_inner_texts()
        _wait_for_text(page.output(2), "packed {}")
        assert any("packed {'by': 'Ada'}" in text for text in told)
        assert page.output_text(3) == "after"
        assert page.run_cell(4).endswith("['refused', {'packed': {'by': 'Ada'}}, {'packed': {}}]")
        assert "ExecutionSucceeded" in page.run_cell(5)
        assert page.errors == []


def test_a_payload_is_edited_at_a_breakpoint_and_the_run_goes_on(browser: Browser, lab: JupyterServer) -> None:
    run = "%sfn run Charging --input {\"total\": 500} --break Charge --break-if '{% $states.input.total > 100 %}'"
    write_notebook(lab.folder / "breakpoint.ipynb", [FUNCTIONS, _cell("Charging", CHARGING), run, "_ = 1"])
    with open_notebook(browser, lab, "breakpoint.ipynb") as page:
        page.run_cells_before(3)
        pane = _pane(page, 2)
        _wait_for_text(pane, "Paused before Charge")
        field = pane.get_by_label("Input (JSON)")
        assert json.loads(field.input_value()) == {"total": 500}
        field.fill('{"total": 5,}')
        _wait_for_text(pane, "Line 1, column 13")
        field.fill('{"total": 5}')
        pane.get_by_role("button", name="Continue").click()
        view = LiveView(page, 2)
        view.wait_for_status("Done", "SUCCEEDED")
        view.state("Charge").click()
        view.wait_for_inspector("charged")
        assert page.errors == []


def test_a_failed_run_is_forked_by_click_and_compared(browser: Browser, lab: JupyterServer) -> None:
    sources = [
        FUNCTIONS,
        _cell("Charging", CHARGING),
        '_ = Charging.run({"total": 500})',
        "%sfn compare Charging-1 Charging-2",
    ]
    write_notebook(lab.folder / "fork.ipynb", sources)
    with open_notebook(browser, lab, "fork.ipynb") as page:
        page.run_cells_before(3)
        view = LiveView(page, 2)
        view.wait_for_status("Charge", "FAILED")
        view.state("Charge").click()
        pane = _pane(page, 2)
        pane.get_by_text("Fork from Charge").click()
        pane.get_by_label("Input to go on with (JSON)").fill('{"total": 50}')
        pane.get_by_role("button", name="Fork").click()
        # The fork is a run of its own, with a view of its own, in the same cell.
        forked = page.cell(2).locator(".sfn-view").nth(1)
        forked.locator('[data-name="Done"][data-status="SUCCEEDED"]').wait_for(timeout=_WAIT_MILLISECONDS)
        assert "They part in Charge" in page.run_cell(3)
        compared = page.cell(3).locator(".sfn-compare").first
        compared.locator("summary", has_text="Input").first.click()
        _wait_for_text(compared, "$.total")
        page.screenshot(ARTIFACTS / "jupyterlab-compare.png", 3)
        assert page.errors == []
