"""The widget's JavaScript in real Chromium, with a stand-in for the kernel."""

from typing import TYPE_CHECKING

import pytest

from sfn_notebook.asl import model
from sfn_notebook.engine.visits import VisitStatus
from sfn_notebook.views.execution import ExecutionTracker, view_execution
from sfn_notebook.views.graph import graph_of
from sfn_notebook.widgets.execution_widget import ExecutionWidget
from tests.views.machines import (
    ORDER,
    FakeExecution,
    order_machine,
    order_run,
)
from tests.widgets import traces
from tests.widgets.conftest import OpenPage
from tests.widgets.run_widgets import running_map, show, widget_of
from tests.widgets.whole_view import waiting_row
from tests.widgets.widget_page import WidgetPage

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator

pytestmark = pytest.mark.browser


def _machine_widget(machine: model.Definition | None = None) -> ExecutionWidget:
    return ExecutionWidget(graph_of(machine or order_machine(), title="OrderFlow"), title="OrderFlow")


def _run_widget(run: FakeExecution | None = None, machine: model.Definition | None = None) -> ExecutionWidget:
    widget = _machine_widget(machine)
    widget.finish(view_execution(run or order_run()))
    return widget


def _card_colour(state: "Locator") -> str:
    script = "card => getComputedStyle(card).fill + getComputedStyle(card).stroke"
    return str(state.locator(".sfn-card").evaluate(script))


def _card_place(state: "Locator") -> list[float]:
    script = """card => {
      const box = card.getBoundingClientRect();
      return [(box.left + box.right) / 2, (box.top + box.bottom) / 2].map(Math.round);
    }"""
    return list(state.locator(".sfn-card").evaluate(script))


def test_a_run_that_needs_a_person_says_waiting_until_somebody_has_answered(open_page: OpenPage) -> None:
    page = open_page(_machine_widget())
    page.set("is_run", True)
    page.set("execution", {"status": "RUNNING", "word": "Running"})
    chip, spoken = page.page.locator(".sfn-header .sfn-chip"), page.page.get_by_role("status")
    assert chip.inner_text() == "Running"
    page.set("waiting", [waiting_row("token")])
    assert (chip.inner_text(), chip.get_attribute("data-status")) == ("Waiting", "WAITING")
    assert page.page.get_by_text("for you", exact=True).get_attribute("title")
    assert spoken.inner_text() == "OrderFlow: Waiting"
    page.set("waiting", [])
    assert (chip.inner_text(), spoken.inner_text()) == ("Running", "OrderFlow: Running")


def test_statuses_change_colour_icon_and_word_without_moving_anything(open_page: OpenPage) -> None:
    widget = _machine_widget()
    page = open_page(widget)
    page.set("is_run", True)
    page.set("execution", {})
    page.page.add_style_tag(content="* { transition: none !important; animation: none !important; }")
    run = FakeExecution(input=ORDER)
    tracker = ExecutionTracker(run)
    state = page.state("Check stock")
    height = page.page.locator(".sfn-view").bounding_box()
    place = _card_place(state)
    seen = [_card_colour(state)]
    visit = run.enter("Check stock", ORDER)
    for status in (VisitStatus.RUNNING, VisitStatus.RETRYING, VisitStatus.SUCCEEDED, VisitStatus.FAILED):
        visit.status = status
        fresh = ExecutionTracker(run)
        widget.finish(fresh.view())
        page.follow(widget)
        assert state.get_attribute("data-status") == status
        assert state.locator(".sfn-badge-text").text_content() == status.capitalize()
        assert state.locator(".sfn-badge-icon").get_attribute("d")
        assert status.capitalize() in (state.get_attribute("aria-label") or "")
        seen.append(_card_colour(state))
    assert len(set(seen)) == 5
    assert tracker.view().states
    assert page.page.locator(".sfn-view").bounding_box() == height
    assert _card_place(state) == place


def test_the_header_follows_the_execution(open_page: OpenPage) -> None:
    widget = _run_widget()
    page = open_page(widget)
    assert page.page.locator(".sfn-header .sfn-chip").inner_text() == "Succeeded"
    assert "12 s" in page.page.locator(".sfn-header").inner_text()
    assert page.page.locator("[aria-live=polite]").inner_text() == "OrderFlow: Succeeded"


def test_keys_that_a_notebook_would_take_do_not_leave_the_widget(open_page: OpenPage) -> None:
    page = open_page(_run_widget())
    page.page.evaluate(
        "() => { window.heard = []; addEventListener('keydown', event => window.heard.push(event.key)); }"
    )
    page.state("Check stock").focus()
    for key in ("ArrowDown", "Enter", " ", "Escape"):
        page.page.keyboard.press(key)
    page.page.keyboard.press("x")
    assert page.page.evaluate("() => window.heard") == ["x"]


def test_without_an_execution_a_click_shows_the_definition(open_page: OpenPage) -> None:
    page = open_page(_machine_widget())
    assert page.page.locator(".sfn-header .sfn-chip").count() == 0
    page.state("Looks risky?").click()
    assert '"Type": "Choice"' in page.inspector.inner_text()


def test_dark_themes_give_dark_surfaces_and_light_text(open_page: OpenPage) -> None:
    def lightness(page: WidgetPage, selector: str, attribute: str) -> float:
        script = """([selector, attribute]) => {
          const canvas = document.createElement('canvas').getContext('2d');
          canvas.fillStyle = getComputedStyle(document.querySelector(selector))[attribute];
          canvas.fillRect(0, 0, 1, 1);
          const [red, green, blue] = canvas.getImageData(0, 0, 1, 1).data;
          return (red + green + blue) / 765;
        }"""
        return float(page.page.evaluate(script, [selector, attribute]))

    light, dark = open_page(_machine_widget()), open_page(_machine_widget(), dark=True)
    assert lightness(light, ".sfn-card", "fill") > 0.85
    assert lightness(dark, ".sfn-card", "fill") < 0.25
    assert lightness(light, ".sfn-name", "fill") < 0.3
    assert lightness(dark, ".sfn-name", "fill") > 0.8


def test_on_a_narrow_page_the_inspector_stands_below(open_page: OpenPage) -> None:
    for width, beside in ((1100, True), (520, False)):
        page = open_page(_run_widget(), width=width)
        stage, inspector = page.page.locator(".sfn-stage").bounding_box(), page.inspector.bounding_box()
        assert stage is not None
        assert inspector is not None
        assert (inspector["x"] >= stage["x"] + stage["width"]) == beside
        assert (inspector["y"] >= stage["y"] + stage["height"]) == (not beside)
        assert page.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def test_reduced_motion_stops_the_pulse(browser: "Browser", open_page: OpenPage) -> None:
    run = FakeExecution(input=ORDER)
    run.enter("Check stock", ORDER)
    page = open_page(_run_widget(run))
    assert browser.is_connected()
    script = "card => getComputedStyle(card).animationName"
    assert page.state("Check stock").locator(".sfn-card").evaluate(script) == "sfn-pulse"
    page.page.emulate_media(reduced_motion="reduce")
    assert page.state("Check stock").locator(".sfn-card").evaluate(script) == "none"


def test_two_views_of_one_model_and_closing_leave_nothing_behind(open_page: OpenPage) -> None:
    page = open_page(_run_widget())
    assert page.page.evaluate("() => window.listening()") > 0
    page.page.evaluate("() => window.close_view()")
    assert page.page.evaluate("() => window.listening()") == 0


def test_the_inspector_shows_what_is_chosen_in_the_graph(open_page: OpenPage) -> None:
    page = open_page(widget_of(traces.failing_run()))
    page.state("Charge").click()
    assert page.inspector.get_by_role("heading", name="Charge").is_visible()
    assert "TimeoutError" in page.inspector.inner_text()
    page.page.keyboard.press("Escape")
    assert page.inspector.get_by_role("heading", name="Charge").count() == 0
    assert page.focused_name() == "Charge"


def test_hostile_names_and_payloads_are_text_in_every_pane(open_page: OpenPage) -> None:
    page = open_page(widget_of(traces.hostile_run()))
    for state in page.page.locator("[data-pointer]").all():
        state.click()
        for tab in page.page.get_by_role("tab").all():
            tab.click()
    assert "<img src=x" in page.page.locator(".sfn-view").inner_text()
    assert "\u202e" not in page.page.content()
    assert page.page.locator("#el script, #el img").count() == 0


def test_tabs_are_chosen_with_arrow_keys_and_only_one_is_in_the_tab_order(open_page: OpenPage) -> None:
    page = open_page(widget_of(traces.map_run()))
    tabs = page.page.get_by_role("tab")
    names = tabs.all_inner_texts()
    tabs.first.focus()
    for name in [*names[1:], names[0]]:
        page.page.keyboard.press("ArrowRight")
        assert page.page.get_by_role("tab", selected=True).all_inner_texts() == [name]
        assert page.page.get_by_role("tabpanel", name=name).is_visible()
        assert page.page.get_by_role("tabpanel").count() == 1
        assert page.page.locator('[role=tab][tabindex="0"]').all_inner_texts() == [name]
    page.page.keyboard.press("End")
    assert page.page.get_by_role("tab", selected=True).all_inner_texts() == [names[-1]]


def test_the_panel_below_can_be_hidden_and_a_tab_brings_it_back(open_page: OpenPage) -> None:
    page = open_page(widget_of(traces.linear_run()))
    page.page.get_by_role("button", name="Hide", exact=True).click()
    assert page.page.get_by_role("tabpanel").count() == 0
    page.page.get_by_role("tab", name="Events").click()
    assert page.page.get_by_role("tabpanel", name="Events").is_visible()


def test_without_a_run_there_is_neither_time_travel_nor_a_panel(open_page: OpenPage) -> None:
    page = open_page(_machine_widget())
    assert page.page.get_by_role("tablist").count() == 0
    assert page.page.get_by_role("slider").count() == 0


def test_a_machine_without_a_map_has_no_iterations_to_show(open_page: OpenPage) -> None:
    assert "Iterations" not in open_page(widget_of(traces.linear_run())).page.get_by_role("tab").all_inner_texts()


def test_nothing_moves_while_a_run_goes_on(open_page: OpenPage) -> None:
    execution = running_map()
    widget = widget_of(execution)
    page = open_page(widget)
    boxes = """() => [...document.querySelectorAll(
      '.sfn-view, .sfn-header, .sfn-stage > svg, .sfn-inspector, .sfn-slider, [role=tablist], [role=tabpanel]'
    )].map(each => JSON.stringify(each.getBoundingClientRect()))"""
    before = page.page.evaluate(boxes)
    steps = 0
    while execution.status == "RUNNING":
        execution.step()
        show(widget, execution)
        page.follow(widget)
        steps += 1
        assert page.page.evaluate(boxes) == before
    assert steps > 2
    assert "Succeeded" in page.page.locator(".sfn-header").inner_text()


def test_what_is_selected_stays_selected_and_focused_while_a_run_goes_on(open_page: OpenPage) -> None:
    execution = running_map()
    widget = widget_of(execution)
    page = open_page(widget)
    page.state("Each item").click(position={"x": 80, "y": 20})
    while execution.status == "RUNNING":
        execution.step()
        show(widget, execution)
        page.follow(widget)
    assert page.focused_name() == "Each item"
    assert page.page.locator(".sfn-selected").get_attribute("data-name") == "Each item"
