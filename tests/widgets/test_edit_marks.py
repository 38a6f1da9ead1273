"""The sign of a payload that a person replaced, in each pane in real Chromium: where it stands, and since when."""

from typing import TYPE_CHECKING

import pytest

from tests.widgets import traces
from tests.widgets.conftest import OpenPage
from tests.widgets.inspector_page import InspectorPage, run_state
from tests.widgets.pane_page import open_pane
from tests.widgets.run_widgets import widget_of
from tests.widgets.trace_reader import unpacked_trace

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

MARK = "edited by hand"


def _entered(state: str) -> int:
    """The id of the event at which the state was entered."""
    trace = unpacked_trace(traces.edited_run())
    names = [trace["states"][number]["name"] for number in trace["visits"]["state"]]
    return int(trace["visits"]["id"][names.index(state)])


def test_the_inspector_marks_the_stage_that_was_edited_and_no_other(browser: "Browser") -> None:
    page = InspectorPage(browser, run_state("edited"))
    page.select("/States/Charge")
    assert MARK in page.stage("Input").inner_text()
    assert page.text.count(MARK) == 1
    assert page.stage("Input").locator(".sfn-edited svg").count() == 1
    page.select("/States/Wrap")
    assert MARK in page.stage("Output").inner_text()
    assert page.text.count(MARK) == 1
    page.select("/States/Validate")
    assert MARK not in page.text
    page.close()


def test_the_graph_marks_edited_states_from_the_moment_of_the_edit_on(open_page: OpenPage) -> None:
    page = open_page(widget_of(traces.edited_run()))
    marked = [name for name in ("Validate", "Charge", "Wrap") if page.state(name).locator(".sfn-edit-mark").count()]
    assert marked == ["Charge", "Wrap"]
    assert MARK in str(page.state("Charge").get_attribute("aria-label"))
    page.page.get_by_role("slider").fill(str(_entered("Charge") - 1))
    assert page.state("Charge").locator(".sfn-edit-mark").count() == 0
    page.page.get_by_role("slider").fill(str(_entered("Charge")))
    assert page.state("Charge").locator(".sfn-edit-mark").text_content() == "edited"
    assert page.state("Wrap").locator(".sfn-edit-mark").count() == 0


def test_the_events_that_carry_a_replaced_payload_are_marked(browser: "Browser") -> None:
    with open_pane(browser, traces.load("edited"), "EventTable") as page:
        rows = page.view.locator(".sfn-event-row", has=page.page.locator(".sfn-edited:visible"))
        types = rows.locator(".sfn-event-type > .sfn-cut").all_inner_texts()
        assert types == ["TaskStateEntered", "PassStateExited"]
        assert rows.first.locator(".sfn-event-state").inner_text() == "Charge"


def test_the_timeline_tells_beside_the_bar_and_aloud_what_was_edited(browser: "Browser") -> None:
    with open_pane(browser, traces.load("edited"), "Timeline") as page:
        rows = page.view.get_by_role("treeitem")
        assert [MARK in text for text in rows.all_inner_texts()] == [False, True, True]
        assert f"input {MARK}" in str(rows.nth(1).get_attribute("aria-label"))
        assert f"output {MARK}" in str(rows.nth(2).get_attribute("aria-label"))
