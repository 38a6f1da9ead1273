"""The events of an execution in real Chromium: filters, keys, what follows what, and a full history."""

from typing import TYPE_CHECKING

import pytest

from sfn_notebook._json import JSONObject
from tests.widgets import traces
from tests.widgets.pane_page import PanePage, open_pane

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator

pytestmark = pytest.mark.browser
PANE = "EventTable"


@pytest.fixture(scope="module")
def failing() -> JSONObject:
    return traces.load("failing")


@pytest.fixture(scope="module")
def full() -> JSONObject:
    return traces.load("full")


def _row(page: PanePage, event: int) -> "Locator":
    return page.view.locator(f'.sfn-event-row[id$="-{event - 1}"]')


def _selected_state(page: PanePage) -> str:
    return str(page.store("pointer")).rpartition("/")[2]


def _types(page: PanePage) -> list[str]:
    return page.view.locator(".sfn-event-row .sfn-event-type").all_inner_texts()


def _is_in_sight(page: PanePage, event: int) -> bool:
    script = """row => {
      const [box, rows] = [row, row.closest('.sfn-window')].map((each) => each.getBoundingClientRect());
      return box.top >= rows.top - 1 && box.bottom <= rows.bottom + 1;
    }"""
    return bool(_row(page, event).evaluate(script))


def test_each_event_tells_id_type_state_time_and_step(browser: "Browser", failing: JSONObject) -> None:
    with open_pane(browser, failing, PANE) as page:
        page.store("goTo(12)")
        words = _row(page, 12).inner_text().split("\n")
        assert [word for word in words if word] == ["12", "LambdaFunctionStarted", "Charge", "+2 s"]
        assert _row(page, 11).locator(".sfn-event-step").inner_text() == "2 s"
        assert "27 events" in page.view.inner_text()


def test_an_event_in_a_map_tells_its_item(browser: "Browser") -> None:
    with open_pane(browser, traces.load("parallel"), PANE) as page:
        assert "branch 1 \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} item 0" in page.view.inner_text()


def test_a_full_history_is_scrolled_with_a_few_rows(browser: "Browser", full: JSONObject) -> None:
    with open_pane(browser, full, PANE) as page:
        grid = page.view.get_by_role("grid")
        assert grid.get_attribute("aria-rowcount") == "25000"
        page.page.evaluate("() => { window.longest = 0; }")
        most = page.page.evaluate("""async () => {
          const rows = document.querySelector('.sfn-window');
          let most = 0;
          for (let step = 0; step <= 60; step++) {
            rows.scrollTop = (rows.scrollHeight * step) / 60;
            await new Promise((done) => requestAnimationFrame(done));
            most = Math.max(most, document.querySelectorAll('[role=row]').length);
          }
          return most;
        }""")
        longest = page.page.evaluate("() => window.longest")
        print(f"\nlongest task while 25,000 events were scrolled: {longest} ms")  # noqa: T201 - a figure to look at
        assert most < 100
        assert _row(page, 25000).get_attribute("aria-rowindex") == "25000"
        assert _is_in_sight(page, 25000)


def test_keys_move_through_a_full_history(browser: "Browser", full: JSONObject) -> None:
    with open_pane(browser, full, PANE) as page:
        grid = page.view.get_by_role("grid")
        grid.focus()
        for key, event in (("End", 25000), ("ArrowUp", 24999), ("Home", 1), ("ArrowDown", 2)):
            page.key(key)
            assert (grid.get_attribute("aria-activedescendant") or "").endswith(f"-{event - 1}")
            assert _is_in_sight(page, event)
        page.key("PageDown")
        after = int((grid.get_attribute("aria-activedescendant") or "").rpartition("-")[2])
        assert 5 < after < 40
        page.key("PageUp")
        assert (grid.get_attribute("aria-activedescendant") or "").endswith("-1")


def test_enter_selects_the_visit_and_opens_the_payload(browser: "Browser", failing: JSONObject) -> None:
    with open_pane(browser, failing, PANE) as page:
        page.view.get_by_role("grid").focus()
        page.key("Home")
        page.key("ArrowDown")
        page.key("Enter")
        assert _selected_state(page) == "Validate"
        details = page.view.get_by_label("Details of the event")
        assert "12345678901234567890" in details.inner_text()
        assert page.view.get_by_role("button", name="Details", exact=True).get_attribute("aria-expanded") == "true"
        page.key("Escape")
        assert details.is_hidden()


def test_the_error_of_a_failed_event_is_told(browser: "Browser", failing: JSONObject) -> None:
    with open_pane(browser, failing, PANE) as page:
        _row(page, 10).dblclick()
        text = page.view.get_by_label("Details of the event").inner_text()
        assert "TimeoutError" in text
        assert "the bank did not answer" in text


def test_a_click_selects_the_visit_and_go_here_moves_the_moment(browser: "Browser", failing: JSONObject) -> None:
    with open_pane(browser, failing, PANE) as page:
        _row(page, 8).click()
        assert _selected_state(page) == "Charge"
        assert page.store("moment") is None
        _row(page, 8).get_by_text("Go here").click()
        assert page.store("now") == 8
        assert "sfn-later" in (_row(page, 9).get_attribute("class") or "")
        assert "sfn-later" not in (_row(page, 8).get_attribute("class") or "")
        page.view.get_by_role("grid").focus()
        page.key("ArrowDown")
        page.key("g")
        assert page.store("now") == 9


def test_the_current_event_is_marked_and_in_sight(browser: "Browser", full: JSONObject) -> None:
    with open_pane(browser, full, PANE) as page:
        page.store("goTo(9000)")
        assert page.view.locator("[aria-current=true]").inner_text().startswith("9000")
        assert _is_in_sight(page, 9000)


def test_the_selection_of_another_pane_is_followed(browser: "Browser", full: JSONObject) -> None:
    with open_pane(browser, full, PANE) as page:
        page.store("selectVisit(5000)")
        event = page.store("trace.visits.id[5000]")
        assert _is_in_sight(page, event)
        assert "sfn-of-visit" in (_row(page, event).get_attribute("class") or "")
        assert _row(page, event).get_attribute("aria-selected") == "true"


def test_events_are_filtered_by_kind_state_and_failure(browser: "Browser", failing: JSONObject) -> None:
    with open_pane(browser, failing, PANE) as page:
        page.view.get_by_label("Kind of event").select_option(label="Tasks")
        assert {kind.removeprefix("LambdaFunction") for kind in _types(page)} == {
            "Scheduled",
            "Started",
            "Succeeded",
            "Failed",
        }
        page.view.get_by_label("Filter by the state's name").fill("char")
        assert set(page.view.locator(".sfn-event-row .sfn-event-state").all_inner_texts()) == {"Charge"}
        page.view.get_by_role("button", name="Failed only").click()
        assert _types(page) == ["LambdaFunctionFailed", "LambdaFunctionFailed"]
        assert "2 of 27 events" in page.view.inner_text()
        page.view.get_by_label("Filter by the state's name").fill("nothing like it")
        assert "No event matches the filter" in page.view.inner_text()


def test_details_are_those_of_an_event_that_the_filter_lets_through(browser: "Browser", failing: JSONObject) -> None:
    with open_pane(browser, failing, PANE) as page:
        page.store("selectVisit(0)")
        page.view.get_by_role("button", name="Failed only").click()
        page.view.get_by_role("button", name="Details", exact=True).click()
        assert "Failed" in page.view.get_by_label("Details of the event").inner_text().splitlines()[0]


def test_state_events_and_region_events_are_kinds_of_their_own(browser: "Browser") -> None:
    with open_pane(browser, traces.load("parallel"), PANE) as page:
        kind = page.view.get_by_label("Kind of event")
        kind.select_option(label="Parallel and Map")
        regions = set(_types(page))
        kind.select_option(label="States entered and left")
        states = set(_types(page))
        assert {"ParallelStateStarted", "MapIterationStarted", "MapStateStarted"} <= regions
        assert {"ParallelStateEntered", "WaitStateExited"} <= states
        assert not regions & states


def test_a_running_execution_keeps_what_was_chosen(browser: "Browser", failing: JSONObject) -> None:
    with open_pane(browser, failing, PANE) as page:
        _row(page, 5).click()
        page.view.get_by_role("button", name="Details", exact=True).click()
        page.view.get_by_label("Details of the event").evaluate("each => { each.firstChild.dataset.probe = 'same'; }")
        page.set_trace({**failing, "name": "the next update"})
        assert page.view.locator("[data-probe=same]").count() == 1
        assert _row(page, 5).get_attribute("aria-selected") == "true"


def test_hostile_names_stay_text(browser: "Browser") -> None:
    with open_pane(browser, traces.load("hostile"), PANE) as page:
        page.view.get_by_role("grid").focus()
        page.key("Home")
        page.key("Enter")
        assert "<img src=x onerror=alert(1)>" in page.view.inner_text()
        assert page.page.locator("#el script, #el img").count() == 0
        assert "\u202e" not in page.page.content()


def test_before_anything_happened_the_table_says_so(browser: "Browser") -> None:
    with open_pane(browser, {}, PANE) as page:
        assert "Nothing has happened yet" in page.view.inner_text()
