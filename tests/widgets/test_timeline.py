"""The timeline in real Chromium: bars, breaks, both axes, nesting, keys, and what follows what."""

from typing import TYPE_CHECKING, Any

import pytest

from sfn_notebook._json import JSONObject
from sfn_notebook.views.trace import trace_of
from tests.widgets import traces
from tests.widgets.pane_page import PanePage, open_pane

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator

pytestmark = pytest.mark.browser
PANE = "Timeline"


@pytest.fixture(scope="module")
def week() -> JSONObject:
    return traces.load("week")


@pytest.fixture(scope="module")
def parallel() -> JSONObject:
    return traces.load("parallel")


@pytest.fixture(scope="module")
def full() -> JSONObject:
    return traces.load("full")


@pytest.fixture(scope="module")
def many() -> JSONObject:
    """A Map over 1,000 items."""
    return traces.load("map_1000")


def _row(page: PanePage, name: str) -> "Locator":
    return page.view.get_by_role("treeitem").filter(has=page.page.locator(f".sfn-timeline-label:has-text('{name}')"))


def _press(page: PanePage, button: str) -> None:
    page.view.get_by_role("button", name=button).click()
    page.drawn()


def _names(page: PanePage) -> list[str]:
    return page.view.locator(".sfn-timeline-label .sfn-cut").all_inner_texts()


def _box(place: "Locator") -> dict[str, float]:
    box = place.bounding_box()
    assert box is not None
    return {"x": box["x"], "y": box["y"], "width": box["width"], "height": box["height"]}


def _axis_words(page: PanePage) -> list[str]:
    return page.view.locator(".sfn-axis-label").all_inner_texts()


def _touching_labels(page: PanePage) -> list[Any]:
    script = """labels => {
      const boxes = labels.map((label) => label.getBoundingClientRect());
      return boxes.flatMap((one, place) => boxes.slice(place + 1).filter((other) =>
        one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom
      ).map(() => labels[place].textContent));
    }"""
    return list(page.view.locator(".sfn-axis-label").evaluate_all(script))


def _kinds(row: "Locator") -> list[str]:
    script = "spans => spans.map((span) => /sfn-span-(\\w+)/.exec(span.className)[1])"
    return list(row.locator(".sfn-track > .sfn-span").evaluate_all(script))


def _nested_run() -> JSONObject:
    split = {
        "Type": "Parallel",
        "Branches": [
            {"StartAt": "Rest", "States": {"Rest": {"Type": "Wait", "Seconds": 2, "End": True}}},
            {"StartAt": "Note", "States": {"Note": {"Type": "Pass", "End": True}}},
        ],
        "End": True,
    }
    processor = {"StartAt": "Open", "States": {"Open": {"Type": "Pass", "Next": "Split"}, "Split": split}}
    states = {"Each": {"Type": "Map", "ItemProcessor": processor, "End": True}}
    return dict(trace_of(traces.run(states, [1, 2, 3])))


def _waiting_run() -> JSONObject:
    states = {
        "Rest": {"Type": "Wait", "Seconds": 5, "Next": "Approve"},
        "Approve": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
            "Parameters": {"FunctionName": "ask", "Payload": {"token.$": "$$.Task.Token"}},
            "End": True,
        },
    }
    return dict(trace_of(traces.run(states, {}, {"ask": lambda event: None})))


def test_a_wait_of_a_week_leaves_room_for_the_seconds_around_it(browser: "Browser", week: JSONObject) -> None:
    with open_pane(browser, week, PANE) as page:
        cool_down = _box(_row(page, "Cool down").locator(".sfn-span"))
        long_wait = _box(_row(page, "Wait a week").locator(".sfn-span"))
        assert cool_down["width"] > 30
        assert long_wait["width"] < 200
        assert "7 d" in _axis_words(page)
        assert "1 idle time is shortened at the zigzag, 7 d in all" in page.view.inner_text()
        assert _row(page, "Wait a week").locator(".sfn-breaks").count() == 1


def test_words_over_a_break_have_a_ground_of_their_own(browser: "Browser", week: JSONObject) -> None:
    with open_pane(browser, week, PANE) as page:
        script = """row => {
          const words = row.querySelector('.sfn-span-beside').getBoundingClientRect();
          const gap = row.querySelector('.sfn-zigzag').getBoundingClientRect();
          const ground = getComputedStyle(row.querySelector('.sfn-span-beside')).backgroundColor;
          return [words.left < gap.right && words.right > gap.left, ground !== 'rgba(0, 0, 0, 0)'];
        }"""
        found = [row.evaluate(script) for row in page.view.get_by_role("treeitem").all()]
        assert [True, True] in found
        assert [True, False] not in found


@pytest.mark.parametrize("width", [420, 500, 800, 1400])
def test_labels_of_the_axis_do_not_touch(browser: "Browser", week: JSONObject, width: int) -> None:
    with open_pane(browser, week, PANE, width=width) as page:
        assert len(_axis_words(page)) >= 3
        assert _touching_labels(page) == []
        _press(page, "True scale")
        assert _touching_labels(page) == []
        _press(page, "Events")
        assert _touching_labels(page) == []


def test_the_true_scale_shows_the_week_as_long_as_it_is(browser: "Browser", week: JSONObject) -> None:
    with open_pane(browser, week, PANE) as page:
        _press(page, "True scale")
        assert _box(_row(page, "Cool down").locator(".sfn-span"))["width"] < 5
        assert _box(_row(page, "Wait a week").locator(".sfn-span"))["width"] > 500
        assert "2 d" in _axis_words(page)
        _press(page, "True scale")
        assert _box(_row(page, "Cool down").locator(".sfn-span"))["width"] > 30


def test_waits_work_and_backoffs_look_different(browser: "Browser", week: JSONObject) -> None:
    with open_pane(browser, week, PANE) as page:
        assert _kinds(_row(page, "Cool down")) == ["wait"]
        assert _kinds(_row(page, "Validate")) == ["work"]
        assert _kinds(_row(page, "Charge")) == ["work", "backoff", "work", "backoff", "work", "backoff", "work"]


def test_a_run_without_time_is_shown_by_its_events(browser: "Browser") -> None:
    with open_pane(browser, traces.load("jsonata"), PANE) as page:
        assert "took 0 s of modelled time, so the axis counts events" in page.view.inner_text()
        assert page.view.get_by_role("button", name="Events").get_attribute("aria-pressed") == "true"
        assert page.view.get_by_role("button", name="Time", exact=True).is_disabled()
        first, second = (_box(page.view.locator(".sfn-track > .sfn-span").nth(place)) for place in (0, 1))
        assert first["width"] > 10
        assert second["x"] >= first["x"] + first["width"]
        assert _axis_words(page)[0] == "1"


def test_the_axis_can_count_events(browser: "Browser", week: JSONObject) -> None:
    with open_pane(browser, week, PANE) as page:
        _press(page, "Events")
        boxes = [_box(_row(page, name).locator(".sfn-span").first) for name in ("Validate", "Cool down", "Wait a week")]
        assert all(box["width"] > 10 for box in boxes)
        assert boxes[0]["x"] < boxes[1]["x"] < boxes[2]["x"]
        assert "7 d" in _row(page, "Wait a week").inner_text()


def test_branches_and_items_are_nested(browser: "Browser") -> None:
    with open_pane(browser, _nested_run(), PANE) as page:
        levels = page.view.get_by_role("treeitem").evaluate_all("rows => rows.map((row) => row.ariaLevel)")
        rows = list(zip(levels, _names(page), strict=True))
        mark = "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}"
        assert rows[:6] == [
            ("1", "Each"),
            ("2", "Item 0"),
            ("3", "Open"),
            ("3", "Split"),
            ("4", f"Branch 0 {mark} Rest"),
            ("4", f"Branch 1 {mark} Note"),
        ]
        assert len(rows) == 16


def test_each_try_of_a_region_has_its_own_branches(browser: "Browser", parallel: JSONObject) -> None:
    with open_pane(browser, parallel, PANE) as page:
        names = " | ".join(_names(page))
        assert "Try 1, branch 2" in names
        assert "Try 2, branch 0" in names
        assert _kinds(_row(page, "Enrich").first) == ["region", "backoff", "region"]


def test_a_large_map_is_one_row_until_it_is_opened(browser: "Browser", many: JSONObject) -> None:
    with open_pane(browser, many, PANE) as page:
        each = _row(page, "Each item")
        assert _names(page) == ["Each item", "Done"]
        assert each.get_attribute("aria-expanded") == "false"
        assert "1,000 items begun" in (each.get_attribute("aria-label") or "")
        assert each.locator(".sfn-profile").count() == 1
        page.view.get_by_role("tree").focus()
        page.key("Home")
        page.key("ArrowRight")
        assert "1,002 rows" in page.view.inner_text()
        assert page.view.get_by_role("treeitem").count() < 100
        page.key("End")
        assert "Done" in _names(page)
        page.key("Home")
        page.key("ArrowLeft")
        assert "2 rows" in page.view.inner_text()


def test_failed_items_show_in_the_row_of_a_closed_map(browser: "Browser") -> None:
    with open_pane(browser, traces.load("map_failed"), PANE) as page:
        each = _row(page, "Each item")
        if each.get_attribute("aria-expanded") == "true":
            each.locator(".sfn-twisty").click()
        assert "1 failed" in (each.get_attribute("aria-label") or "")
        assert each.locator(".sfn-profile-failed").get_attribute("d")


def test_a_full_history_needs_few_elements(browser: "Browser", full: JSONObject) -> None:
    with open_pane(browser, full, PANE) as page:
        page.page.evaluate("() => { window.longest = 0; }")
        most = page.page.evaluate("""async () => {
          const rows = document.querySelector('.sfn-window');
          let most = 0;
          for (let step = 0; step <= 60; step++) {
            rows.scrollTop = (rows.scrollHeight * step) / 60;
            await new Promise((done) => requestAnimationFrame(done));
            most = Math.max(most, document.querySelectorAll('[role=treeitem]').length);
          }
          return most;
        }""")
        longest = page.page.evaluate("() => window.longest")
        print(f"\nlongest task while 12,500 visits were scrolled: {longest} ms")  # noqa: T201 - a figure to look at
        assert most < 100
        assert _touching_labels(page) == []


def test_with_many_rows_the_axis_shows_those_in_sight(browser: "Browser", full: JSONObject) -> None:
    with open_pane(browser, full, PANE) as page:
        fit = page.view.get_by_role("button", name="Fit rows in sight")
        assert fit.get_attribute("aria-pressed") == "true"
        page.store("goTo(12001)")
        assert "12,000" in _axis_words(page)
        width = _box(page.view.locator(".sfn-track > .sfn-span").first)["width"]
        assert width > 10
        current = page.store("trace.events.visit[12000]")
        row, tree = _box(page.view.locator(f"[id$='-v{current}']")), _box(page.view.get_by_role("tree"))
        assert tree["y"] <= row["y"] <= tree["y"] + tree["height"] - row["height"] + 1
        _press(page, "Fit rows in sight")
        assert "20,000" in _axis_words(page)
        assert _box(page.view.locator(".sfn-track > .sfn-span").first)["width"] < width


def test_an_open_state_fades_out(browser: "Browser") -> None:
    with open_pane(browser, _waiting_run(), PANE) as page:
        approve = _row(page, "Approve")
        assert _kinds(approve)[-1] == "callback"
        assert approve.locator(".sfn-span-open").count() == 1
        assert _box(approve.locator(".sfn-span-open"))["width"] > 20
        assert _row(page, "Rest").locator(".sfn-span-open").count() == 0


def test_a_row_tells_its_durations_when_pointed_at_and_when_focused(browser: "Browser") -> None:
    with open_pane(browser, traces.load("failing"), PANE) as page:
        tip = page.view.locator(".sfn-timeline-tip")
        assert tip.is_hidden()
        _row(page, "Charge").hover()
        for words in ("took 6 s", "from +0 s to +6 s", "try 1: TimeoutError after 0 s, then waited 2 s", "Succeeded"):
            assert words in tip.inner_text()
            assert words in (_row(page, "Charge").get_attribute("aria-label") or "")
        page.view.get_by_role("tree").focus()
        page.key("End")
        assert "CardDeclinedError" in tip.inner_text()
        page.key("Escape")
        assert tip.is_hidden()


def test_a_bar_selects_its_visit(browser: "Browser", week: JSONObject) -> None:
    with open_pane(browser, week, PANE) as page:
        _row(page, "Charge").locator(".sfn-span").first.click()
        assert page.store("pointer") == "/States/Charge"
        assert _row(page, "Charge").get_attribute("aria-selected") == "true"
        page.key("ArrowUp")
        page.key("Enter")
        assert page.store("pointer") == "/States/Wait a week"


def test_the_selection_of_another_pane_is_opened_and_brought_into_sight(browser: "Browser", many: JSONObject) -> None:
    with open_pane(browser, many, PANE) as page:
        page.store("selectVisit(1500)")
        chosen = page.view.locator("[role=treeitem][aria-selected=true]")
        tree = _box(page.view.get_by_role("tree"))
        box = _box(chosen)
        assert tree["y"] <= box["y"] <= tree["y"] + tree["height"] - box["height"] + 1


def test_the_axis_takes_the_view_to_the_last_event_of_a_time(browser: "Browser", week: JSONObject) -> None:
    with open_pane(browser, week, PANE) as page:
        rest = _box(_row(page, "Cool down").locator(".sfn-span"))
        axis = _box(page.view.get_by_role("slider"))
        page.page.mouse.click(rest["x"] + rest["width"] / 2, axis["y"] + 20)
        page.drawn()
        assert page.store("seconds") == 0
        assert page.store("trace.events.at[store.now]") == 3
        assert "Running" in _row(page, "Cool down").inner_text()
        assert "sfn-later" in (_row(page, "Charge").get_attribute("class") or "")
        line = _box(page.view.locator(".sfn-moment-line"))
        assert abs(line["x"] + 1 - rest["x"]) < 4


def test_keys_on_the_axis_go_from_event_to_event(browser: "Browser", week: JSONObject) -> None:
    with open_pane(browser, week, PANE) as page:
        axis = page.view.get_by_role("slider")
        last = page.store("lastEvent")
        axis.focus()
        page.key("ArrowLeft")
        assert page.store("now") == last - 1
        page.key("Home")
        assert page.store("now") == 1
        assert axis.get_attribute("aria-valuetext") == f"event 1 of {last}, +0 s"
        page.key("End")
        assert page.store("moment") is None


def test_a_selected_state_can_fill_the_axis(browser: "Browser", week: JSONObject) -> None:
    with open_pane(browser, week, PANE) as page:
        before = _box(_row(page, "Charge").locator(".sfn-span-backoff").first)["width"]
        page.store("select('/States/Charge')")
        _press(page, "Zoom to selection")
        assert _box(_row(page, "Charge").locator(".sfn-span-backoff").first)["width"] > before
        _press(page, "Whole run")
        assert _box(_row(page, "Charge").locator(".sfn-span-backoff").first)["width"] == pytest.approx(before, abs=1)


def test_status_is_told_by_icon_and_word(browser: "Browser") -> None:
    with open_pane(browser, traces.load("failing"), PANE) as page:
        for name, word in (("Ship", "Caught"), ("Refund", "Failed"), ("Validate", "Succeeded")):
            row = _row(page, name)
            assert word in row.inner_text()
            assert row.locator(".sfn-mark-icon path").get_attribute("d")


def test_hostile_names_stay_text(browser: "Browser") -> None:
    with open_pane(browser, traces.load("hostile"), PANE) as page:
        page.view.get_by_role("treeitem").first.hover()
        assert "<img src=x onerror=alert(1)>" in page.view.inner_text()
        assert page.page.locator("#el script, #el img").count() == 0


def test_before_anything_happened_the_timeline_is_empty(browser: "Browser") -> None:
    with open_pane(browser, {}, PANE) as page:
        assert "0 rows" in page.view.inner_text()
