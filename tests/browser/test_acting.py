"""People watch runs and act on them, on each platform: a click answers, continues, edits or forks a run.

The clicks of one platform go to one page, since opening a page takes longer than any of them; each test has its own
cells.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.conftest import Platform
from tests.browser.live_view import LiveView
from tests.browser.notebook_files import write_notebook
from tests.browser.notebook_page import ARTIFACTS, NotebookPage, open_notebook

pytestmark = pytest.mark.browser

_WAIT_MILLISECONDS: Final = 20_000
FUNCTIONS: Final = """\
%load_ext sfn_notebook
import ipykernel, threading

@lambda_function
def slow(event):
    threading.Event().wait(0.7)
    return {**event, "slow": True}

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

print(ipykernel.__version__)
"""
INVOKE: Final = "arn:aws:states:::lambda:invoke.waitForTaskToken"
ASK: Final[dict[str, Any]] = {
    "Type": "Task",
    "Resource": INVOKE,
    "Parameters": {"FunctionName": "ask", "Payload": {"item.$": "$", "token.$": "$$.Task.Token"}},
    "HeartbeatSeconds": 3600,
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

SLOW_STATES: Final = ("First", "Second", "Third", "Fourth")
SLOW: Final = {
    "StartAt": SLOW_STATES[0],
    "States": {
        name: {"Type": "Task", "Resource": "slow", **({"Next": following} if following else {"End": True})}
        for name, following in zip(SLOW_STATES, (*SLOW_STATES[1:], None), strict=True)
    },
}


def _cell(name: str, definition: dict[str, Any]) -> str:
    return f"%%asl {name} --no-graph\n{json.dumps(definition)}"


CELLS: Final = {
    "functions": FUNCTIONS,
    "define slow": _cell("Slow", SLOW),
    "slow": '_ = Slow.run({"orderId": "o-17"})',
    "define approvals": _cell("Approvals", APPROVALS),
    "approvals": "approvals = Approvals.run(['a', 'b', 'c'])",
    "after": "print('after')",
    "approved": "approvals.output",
    "define charging": _cell("Charging", CHARGING),
    "breakpoint": (
        "%sfn run Charging --input {\"total\": 500} --break Charge --break-if '{% $states.input.total > 100 %}'"
    ),
    "edit": '%sfn run Charging --input {"total": 500} --break Charge\n%sfn edit --payload {"total": 7}',
    "continue": "%sfn continue",
    "define billing": _cell("Billing", CHARGING),
    "failing": '_ = Billing.run({"total": 500})',
    "compare": "%sfn compare Billing-1 Billing-2",
}


@pytest.fixture(scope="module")
def page(browser: Browser, platform: Platform) -> Iterator[NotebookPage]:
    """The notebook of ``CELLS``, whose functions are defined."""
    name = f"acting-{platform.kernel}.ipynb"
    write_notebook(platform.server.folder / name, list(CELLS.values()), kernel=platform.kernel)
    with open_notebook(browser, platform.server, name) as opened:
        version = opened.run_cell(_number("functions"))
        assert platform.version is None or version.startswith(f"{platform.version}."), version
        yield opened


def _number(cell: str) -> int:
    return list(CELLS).index(cell)


def _pane(page: NotebookPage, cell: str) -> Locator:
    return page.cell(_number(cell)).locator(".sfn-acting").first


def _wait_for_text(place: Locator, text: str) -> None:
    place.get_by_text(text).first.wait_for(timeout=_WAIT_MILLISECONDS)


def _picture(platform: Platform, name: str) -> Path:
    return ARTIFACTS / f"{platform.server.front_end}-{platform.kernel}-{name}.png"


def test_colours_and_payloads_are_seen_while_the_cell_is_busy(page: NotebookPage) -> None:
    cell = _number("slow")
    page.run_cell(_number("define slow"))
    view = LiveView(page, cell)
    view.start_recording()
    page.start_cell(cell)
    view.wait_for_status("Second", "RUNNING")
    view.state("First").click()
    view.wait_for_inspector('"orderId"', '"o-17"')
    assert page.is_busy(cell), "the run was over before the click was answered"
    page.wait_for_cell(cell)
    view.wait_for_status("Fourth", "SUCCEEDED")
    seen = [sample for sample in view.stop_recording() if sample.is_busy]
    colours = {sample.statuses["Third"]: sample.colours["Third"] for sample in seen if sample.statuses}
    assert list(colours) == ["", "RUNNING", "SUCCEEDED"]
    assert len(set(colours.values())) == len(colours), f"statuses that look alike: {colours}"


def test_items_of_a_map_are_approved_and_rejected_by_click(page: NotebookPage, platform: Platform) -> None:
    cell = _number("approvals")
    page.run_cell(_number("define approvals"))
    page.run_cell(cell)
    page.run_cell(_number("after"))
    pane = _pane(page, "approvals")
    _wait_for_text(pane, "3 wait for you")
    second = pane.locator(".sfn-act").nth(1)
    assert "Approve[1] waits for an answer" in second.inner_text()
    # A sign of life changes nothing in the list, and the form is free again.
    second.get_by_role("button", name="Heartbeat").click()
    second.get_by_label("Output (JSON)").fill('{"by": "Ada"}')
    second.get_by_role("button", name="Approve", exact=True).click()
    _wait_for_text(pane, "2 wait for you")
    page.screenshot(_picture(platform, "acting"), cell)
    # The kernel is idle between two clicks, and the form of what was answered is gone.
    first = pane.locator(".sfn-act").first
    assert "Approve[0]" in first.inner_text()
    first.get_by_label("Error").fill("Declined")
    first.get_by_label("Cause").fill("too expensive")
    first.get_by_role("button", name="Reject").click()
    _wait_for_text(pane, "Waits for you")
    pane.get_by_role("button", name="Approve", exact=True).click()
    view = LiveView(page, cell)
    view.wait_for_status("Each", "SUCCEEDED")
    view.wait_for_status("Refuse", "SUCCEEDED")
    view.state("Refuse").click()
    view.wait_for_inspector("item 0", "too expensive", '"refused"')
    _wait_for_text(page.output(cell), "packed {}")
    told = page.output(cell).locator(".jp-RenderedText").all_inner_texts()
    assert any("packed {'by': 'Ada'}" in text for text in told)
    assert page.output_text(_number("after")) == "after"
    assert page.run_cell(_number("approved")).endswith("['refused', {'packed': {'by': 'Ada'}}, {'packed': {}}]")
    assert page.errors == []


def test_a_payload_is_edited_at_a_breakpoint_and_the_run_goes_on(page: NotebookPage) -> None:
    page.run_cell(_number("define charging"))
    page.run_cell(_number("breakpoint"))
    pane = _pane(page, "breakpoint")
    _wait_for_text(pane, "Paused before Charge")
    field = pane.get_by_label("Input (JSON)")
    assert json.loads(field.input_value()) == {"total": 500}
    field.fill('{"total": 5,}')
    _wait_for_text(pane, "Line 1, column 13")
    field.fill('{"total": 5}')
    pane.get_by_role("button", name="Continue").click()
    view = LiveView(page, _number("breakpoint"))
    view.wait_for_status("Done", "SUCCEEDED")
    view.state("Charge").click()
    expect(view.inspector).to_contain_text('"charged": true')
    expect(view.inspector).to_contain_text('"total": 5"charged"')
    assert page.errors == []


def test_a_payload_is_edited_and_the_run_goes_on_by_magics(page: NotebookPage) -> None:
    page.run_cell(_number("define charging"))
    page.run_cell(_number("edit"))
    # The view of a run is in the cell that started it, whoever acts on it.
    view = LiveView(page, _number("edit"))
    pane = _pane(page, "edit")
    expect(pane.get_by_label("Input (JSON)")).to_have_value('{\n  "total": 7\n}')
    page.run_cell(_number("continue"))
    view.wait_for_status("Done", "SUCCEEDED")
    view.state("Charge").click()
    expect(view.inspector).to_contain_text('"total": 7"charged": true')
    assert page.errors == []


def test_a_failed_run_is_forked_by_click_and_compared(page: NotebookPage, platform: Platform) -> None:
    cell = _number("failing")
    page.run_cell(_number("define billing"))
    page.run_cell(cell)
    view = LiveView(page, cell)
    view.wait_for_status("Charge", "FAILED")
    view.state("Charge").click()
    pane = view.root.get_by_role("region", name="Fork")
    pane.get_by_text("Fork from Charge").click()
    pane.get_by_label("Input to go on with (JSON)").fill('{"total": 50}')
    pane.get_by_role("button", name="Fork").click()
    # The fork is a run of its own, with a view of its own, in the same cell.
    forked = page.cell(cell).locator(".sfn-view").nth(1)
    forked.locator('[data-name="Done"][data-status="SUCCEEDED"]').wait_for(timeout=_WAIT_MILLISECONDS)
    assert "They part in Charge" in page.run_cell(_number("compare"))
    compared = page.cell(_number("compare")).locator(".sfn-compare").first
    compared.locator("summary", has_text="Input").first.click()
    _wait_for_text(compared, "$.total")
    parting = compared.locator(".sfn-compare-parting")
    for words in ("Charge they part here", "Failed", "Succeeded", "500", "50"):
        expect(parting).to_contain_text(words)
    page.screenshot(_picture(platform, "compare"), _number("compare"))
    assert page.errors == []
