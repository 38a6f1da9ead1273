"""The items of a Map in real Chromium: statuses, filters, keys, and what opening one selects."""

from typing import TYPE_CHECKING, Any

import pytest

from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.views.trace import trace_of
from tests.widgets import traces
from tests.widgets.pane_page import PanePage, open_pane

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator

pytestmark = pytest.mark.browser
PANE = "IterationGrid"


def _fail_once(event: Any) -> JSONValue:
    if event["n"] == 42:
        raise ValueError(f"<b>item</b> {event['n']} is out of stock")
    return {"n": event["n"]}


def _nested_run(count: int) -> JSONObject:
    """A Map whose item 42 fails in a Parallel of its own."""
    branch = {"StartAt": "Pack", "States": {"Pack": {"Type": "Task", "Resource": "pack", "End": True}}}
    split = {"Type": "Parallel", "Branches": [branch], "End": True}
    processor = {"StartAt": "Split", "States": {"Split": split}}
    states = {"Each order": {"Type": "Map", "ItemProcessor": processor, "End": True}}
    items: list[JSONValue] = [{"n": number} for number in range(count)]
    return dict(trace_of(traces.run(states, items, {"pack": _fail_once})))


@pytest.fixture(scope="module")
def caught() -> JSONObject:
    """1,000 items, of which 143 catch an error."""
    return traces.load("map_1000")


@pytest.fixture(scope="module")
def stopped() -> JSONObject:
    """40 items, of which item 3 fails and ends the Map."""
    return traces.load("map_failed")


def _cell(page: PanePage, index: int) -> "Locator":
    return (
        page.view.get_by_role("gridcell")
        .filter(has_text=f"{index:,}")
        .get_by_text(f"{index:,}", exact=True)
        .locator("..")
    )


def _active(page: PanePage) -> str:
    grid = page.view.get_by_role("grid")
    return str(grid.evaluate("grid => document.getElementById(grid.getAttribute('aria-activedescendant')).textContent"))


def _state_of_selection(page: PanePage) -> str:
    return str(page.store("trace.states[store.trace.visits.state[store.visit]].name"))


def _filters(page: PanePage) -> list[str]:
    return [
        words.strip() for words in page.view.get_by_label("Filter by status").get_by_role("button").all_inner_texts()
    ]


def test_each_item_tells_its_status_by_icon_and_words(browser: "Browser", stopped: JSONObject) -> None:
    with open_pane(browser, stopped, PANE) as page:
        assert _filters(page) == ["All 40", "Failed 1", "Aborted 4", "Not begun 35"]
        assert _cell(page, 3).get_attribute("aria-label") == "Item 3, Failed, took 0 s, ValueError"
        assert _cell(page, 3).locator("path").get_attribute("d")
        assert _cell(page, 39).get_attribute("aria-label") == "Item 39, Not begun"


def test_opening_an_item_selects_the_visit_that_failed(browser: "Browser", stopped: JSONObject) -> None:
    with open_pane(browser, stopped, PANE) as page:
        _cell(page, 3).click()
        assert _state_of_selection(page) == "Pack"
        assert page.store("statusOf(store.visit)") == "FAILED"
        assert _cell(page, 3).get_attribute("aria-selected") == "true"
        assert "item 3 is out of stock" in page.view.inner_text()
        _cell(page, 39).click()
        assert "nothing to open" in str(page.page.evaluate("() => window.said.at(-1)"))


def test_items_that_caught_an_error_can_be_filtered(browser: "Browser", caught: JSONObject) -> None:
    with open_pane(browser, caught, PANE) as page:
        assert _filters(page) == ["All 1,000", "Succeeded 857", "Caught an error 143"]
        page.view.get_by_role("button", name="Caught an error 143").click()
        assert page.view.get_by_role("gridcell").first.inner_text().strip() == "3"
        assert page.page.evaluate("() => window.said.at(-1)") == "143 of 1,000 items"
        page.view.get_by_role("gridcell").nth(1).click()
        assert _state_of_selection(page) == "Pack"
        assert page.store("statusOf(store.visit)") == "CAUGHT"
        page.view.get_by_role("button", name="Succeeded 857").click()
        page.view.get_by_role("gridcell").first.click()
        assert _state_of_selection(page) == "Label"


def test_many_items_need_few_elements(browser: "Browser", caught: JSONObject) -> None:
    with open_pane(browser, caught, PANE) as page:
        grid = page.view.get_by_role("grid")
        rows, columns = (int(grid.get_attribute(f"aria-{each}count") or 0) for each in ("row", "col"))
        assert (rows - 1) * columns < 1000 <= rows * columns
        most = page.page.evaluate("""async () => {
          const rows = document.querySelector('.sfn-window');
          let most = 0;
          for (let step = 0; step <= 30; step++) {
            rows.scrollTop = (rows.scrollHeight * step) / 30;
            await new Promise((done) => requestAnimationFrame(done));
            most = Math.max(most, document.querySelectorAll('[role=gridcell]').length);
          }
          return most;
        }""")
        assert most < 400
        assert _cell(page, 999).is_visible()


def test_arrow_keys_move_in_both_directions(browser: "Browser", caught: JSONObject) -> None:
    with open_pane(browser, caught, PANE) as page:
        grid = page.view.get_by_role("grid")
        columns = int(grid.get_attribute("aria-colcount") or 0)
        grid.focus()
        for key, index in (
            ("ArrowRight", 1),
            ("ArrowDown", 1 + columns),
            ("ArrowLeft", columns),
            ("ArrowUp", 0),
            ("End", 999),
            ("Home", 0),
        ):
            page.key(key)
            assert _active(page) == f"{index:,}"
        page.key("ArrowRight")
        page.key("ArrowRight")
        page.key("ArrowRight")
        page.key("Enter")
        assert _state_of_selection(page) == "Pack"


def test_the_grid_follows_the_selection_of_another_pane(browser: "Browser", caught: JSONObject) -> None:
    with open_pane(browser, caught, PANE) as page:
        visit = page.page.evaluate("() => store.trace.visits.iteration.findIndex(([index]) => index === 777)")
        page.store(f"selectVisit({visit})")
        assert _active(page) == "777"
        assert _cell(page, 777).get_attribute("aria-selected") == "true"


def test_the_grid_goes_with_a_selected_state_from_its_latest_item_to_the_one_before(
    browser: "Browser", caught: JSONObject
) -> None:
    with open_pane(browser, caught, PANE) as page:
        inner = "store.trace.visits.state[store.trace.visits.iteration.findIndex((each) => each.length)]"
        page.store(f"select(store.trace.states[{inner}].pointer)")
        page.drawn()
        latest = page.view.locator(".sfn-cell-facts strong").inner_text()
        page.store("goTo(store.trace.visits.id[store.visit] - 1)")
        page.drawn()
        before = page.view.locator(".sfn-cell-facts strong").inner_text()
        chosen = page.view.locator(".sfn-cell[aria-selected=true]").inner_text()
        assert before != latest
        assert before == f"Item {chosen}"


def test_at_an_earlier_moment_items_are_running_or_not_begun(browser: "Browser", caught: JSONObject) -> None:
    with open_pane(browser, caught, PANE) as page:
        page.store("goTo(20)")
        words = _filters(page)
        assert any(word.startswith("Running") for word in words)
        assert any(word.startswith("Not begun 99") for word in words)
        page.store("goTo(null)")
        assert _filters(page)[0] == "All 1,000"


def test_failures_inside_an_item_lead_to_the_innermost_state(browser: "Browser") -> None:
    with open_pane(browser, _nested_run(50), PANE) as page:
        assert "Failed 1" in _filters(page)
        page.view.get_by_role("button", name="Failed 1").click()
        page.view.get_by_role("gridcell").first.click()
        assert _state_of_selection(page) == "Pack"
        assert "<b>item</b> 42 is out of stock" in page.view.inner_text()
        assert page.page.locator("#el b").count() == 0


def test_the_slowest_items_come_first_when_asked(browser: "Browser", caught: JSONObject) -> None:
    with open_pane(browser, caught, PANE) as page:
        slowest = page.view.get_by_role("button", name="Slowest first")
        slowest.click()
        assert "took 3 s" in (page.view.get_by_role("gridcell").first.get_attribute("aria-label") or "")
        page.view.get_by_role("grid").focus()
        page.key("End")
        assert "took 0 s" in page.view.inner_text()
        slowest.click()
        assert page.view.get_by_role("gridcell").first.inner_text().strip() == "0"


def test_each_visit_of_an_inner_map_is_shown_alone(browser: "Browser") -> None:
    inner = {
        "Type": "Map",
        "ItemProcessor": {"StartAt": "Note", "States": {"Note": {"Type": "Pass", "End": True}}},
        "End": True,
    }
    outer = {"Type": "Map", "ItemProcessor": {"StartAt": "Inner", "States": {"Inner": inner}}, "End": True}
    trace = dict(trace_of(traces.run({"Outer": outer}, [[1, 2, 3], [1, 2], [1]])))
    with open_pane(browser, trace, PANE) as page:
        assert _filters(page)[0] == "All 3"
        page.view.get_by_label("Map state").select_option(label="Inner")
        assert _filters(page)[0] == "All 1"
        assert "visit 3 of 3, item 2" in page.view.inner_text()
        page.view.get_by_label("Previous visit of the Map").click()
        assert _filters(page)[0] == "All 2"
        page.view.get_by_label("Map state").select_option(label="Outer")
        assert _filters(page)[0] == "All 3"


def test_only_the_latest_try_of_a_map_is_shown(browser: "Browser") -> None:
    flaky = traces.Flaky(1)
    processor = {"StartAt": "Charge", "States": {"Charge": {"Type": "Task", "Resource": "charge", "End": True}}}
    retry = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 5}]
    states = {"Each": {"Type": "Map", "ItemProcessor": processor, "Retry": retry, "End": True}}
    items: list[JSONValue] = [{"orderId": 1}, {"orderId": 2}]
    with open_pane(browser, dict(trace_of(traces.run(states, items, {"charge": flaky}))), PANE) as page:
        assert _filters(page) == ["All 2", "Succeeded 2"]


def test_a_run_without_a_map_says_so(browser: "Browser") -> None:
    with open_pane(browser, traces.load("linear"), PANE) as page:
        assert "No Map state has been entered in this run" in page.view.inner_text()


@pytest.mark.parametrize("width", [500, 846, 1100])
def test_the_cells_of_a_row_fill_the_width_of_the_pane(browser: "Browser", width: int) -> None:
    with open_pane(browser, traces.load("map"), PANE, width=width) as page:
        script = """rows => {
          const last = rows.querySelector('.sfn-cell-row').lastElementChild.getBoundingClientRect();
          return [rows.getBoundingClientRect().right - last.right, last.width];
        }"""
        beside, cell = page.view.locator(".sfn-cells").evaluate(script)
        assert 0 <= beside < cell / 2
