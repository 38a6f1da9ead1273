"""The widget's JavaScript in real Chromium, with a stand-in for the kernel."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from sfn_notebook._json import ABSENT
from sfn_notebook.asl import model
from sfn_notebook.engine.visits import VisitStatus
from sfn_notebook.views.execution import ExecutionTracker, view_execution
from sfn_notebook.views.graph import graph_of
from sfn_notebook.widgets.execution_widget import ExecutionWidget
from tests.views.machines import (
    ORDER,
    FakeExecution,
    definition_of,
    leave,
    order_machine,
    order_run,
    region_machine,
)
from tests.widgets.widget_page import WidgetPage

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator

pytestmark = pytest.mark.browser

HOSTILE = "</pre><script>window.attacked = 1</script><img src=x onerror='window.attacked = 1'>\"'\\ \u202etxt"
OpenPage = Callable[..., WidgetPage]


@pytest.fixture
def open_page(browser: "Browser") -> Iterator[OpenPage]:
    """Open a widget's page; at the end of the test its console must have been silent."""
    pages: list[WidgetPage] = []

    def open_widget(widget: ExecutionWidget, *, width: int = 1100, dark: bool = False) -> WidgetPage:
        pages.append(WidgetPage(browser, widget, width=width, dark=dark))
        return pages[-1]

    yield open_widget
    complaints = [complaint for page in pages for complaint in page.complaints]
    for page in pages:
        page.close()
    assert complaints == []


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


def test_statuses_change_colour_icon_and_word_without_moving_anything(open_page: OpenPage) -> None:
    widget = _machine_widget()
    page = open_page(widget)
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


def test_a_click_shows_input_output_and_attempts(open_page: OpenPage) -> None:
    page = open_page(_run_widget())
    page.state("Charge card").click()
    text = page.inspector.inner_text()
    for part in ("Charge card", "Succeeded", '"orderId": 7', '"paid": true', "PaymentTimeout", "then waited 4 s"):
        assert part in text


@pytest.mark.parametrize("key", ["Enter", " "])
def test_keys_choose_a_state_and_escape_leaves_it(open_page: OpenPage, key: str) -> None:
    page = open_page(_run_widget())
    page.state("Validate order").focus()
    page.page.keyboard.press("ArrowDown")
    assert page.focused_name() == "Check stock"
    page.page.keyboard.press(key)
    assert '"step": "Check stock"' in page.inspector.inner_text()
    page.page.keyboard.press("Escape")
    assert "Select a state" in page.inspector.inner_text()
    assert page.focused_name() == "Check stock"


def test_every_state_can_be_reached_with_arrow_keys(open_page: OpenPage) -> None:
    page = open_page(_machine_widget(region_machine()))
    page.page.locator('[data-pointer][tabindex="0"]').focus()
    waiting, reached = [page.focused_name()], set()
    while waiting:
        name = waiting.pop()
        if name in reached:
            continue
        reached.add(name)
        for key in ("ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"):
            page.state(str(name)).focus()
            page.page.keyboard.press(key)
            waiting.append(page.focused_name())
    assert reached == {"Enrich", "Look up", "Rank", "Settle", "Each item", "Pack", "Done", "Give up"}


def test_only_one_state_is_in_the_tab_order(open_page: OpenPage) -> None:
    page = open_page(_machine_widget())
    assert page.page.locator('[data-pointer][tabindex="0"]').count() == 1


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


def test_hostile_names_and_payloads_are_text(open_page: OpenPage) -> None:
    name, pointer = HOSTILE[:70], f"/States/{HOSTILE[:70]}"
    machine = definition_of([model.TaskState(name=name, pointer=pointer, resource=HOSTILE, comment=HOSTILE)])
    run = FakeExecution(input={HOSTILE: HOSTILE}, name=HOSTILE, machine_name=HOSTILE, error=HOSTILE, cause=HOSTILE)
    visit = run.enter(name, {HOSTILE: [HOSTILE]}, pointer=pointer)
    visit.error, visit.cause, visit.status, visit.next_state = HOSTILE, HOSTILE, VisitStatus.FAILED, HOSTILE
    run.status, run.ended_seconds = "FAILED", run.started_seconds
    widget = ExecutionWidget(graph_of(machine, title=HOSTILE), title=HOSTILE)
    widget.finish(view_execution(run))
    page = open_page(widget)
    assert "window.attacked = 1" in page.inspector.inner_text()
    page.page.locator("[data-pointer]").click()
    text = page.inspector.inner_text()
    assert text.count("<script>window.attacked = 1</script>") >= 3
    assert "\u202e" not in page.page.content()
    assert page.page.locator("#el script, #el img").count() == 0
    assert page.page.evaluate("() => window.attacked") is None


def test_a_picture_with_markup_that_is_no_drawing_loses_it(open_page: OpenPage) -> None:
    page = open_page(_machine_widget())
    picture = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><script>window.attacked = 1</script>'
        '<foreignObject/><g data-pointer="/States/A" data-name="A"><path class="sfn-card" d="M0 0L9 9"'
        ' onclick="window.attacked = 1"/></g></svg>'
    )
    page.set("svg", picture)
    assert page.page.locator(".sfn-stage script, .sfn-stage foreignObject").count() == 0
    page.state("A").locator("path").dispatch_event("click")
    assert page.page.evaluate("() => window.attacked") is None


def test_visits_can_be_chosen_and_missing_ones_are_told(open_page: OpenPage) -> None:
    run = FakeExecution(input=ORDER)
    for index in range(1000):
        leave(run.enter("Check stock", {"round": index}), {"done": index})
    page = open_page(_run_widget(run))
    page.state("Check stock").click()
    text = page.inspector.inner_text()
    assert '"round": 999' in text
    assert "980 visits are left out" in text
    page.inspector.get_by_label("Visit", exact=True).select_option(index=0)
    assert '"round": 0' in page.inspector.inner_text()
    page.inspector.get_by_label("Next visit").click()
    assert '"round": 1' in page.inspector.inner_text()
    assert page.page.evaluate("() => document.activeElement.getAttribute('aria-label')") == "Next visit"


def test_an_update_elsewhere_does_not_disturb_the_inspector(open_page: OpenPage) -> None:
    run = order_run()
    widget = _run_widget(run)
    page = open_page(widget)
    page.state("Check stock").click()
    page.inspector.evaluate("inspector => { inspector.firstChild.dataset.probe = 'same'; }")
    leave(run.enter("Refund", ORDER), ORDER)
    widget.finish(view_execution(run))
    page.follow(widget)
    assert page.state("Refund").get_attribute("data-status") == "SUCCEEDED"
    assert page.inspector.locator("[data-probe=same]").count() == 1


def test_the_inspector_follows_the_state_that_it_shows(open_page: OpenPage) -> None:
    run = FakeExecution(input=ORDER)
    visit = run.enter("Check stock", ORDER)
    widget = _run_widget(run)
    page = open_page(widget)
    page.state("Check stock").click()
    assert "Output" not in page.inspector.inner_text()
    leave(visit, {"stock": 3})
    widget.finish(view_execution(run))
    page.follow(widget)
    assert '"stock": 3' in page.inspector.inner_text()


def test_long_values_open_step_by_step_and_tell_what_was_not_sent(open_page: OpenPage) -> None:
    run = FakeExecution(input=ORDER)
    leave(run.enter("Check stock", "x" * 10_000_000), "short")
    page = open_page(_run_widget(run))
    page.state("Check stock").click()
    value = page.inspector.locator("pre").first
    assert len(value.inner_text()) == 1500
    page.inspector.locator(".sfn-more:visible").first.click()
    assert len(value.inner_text()) == 21_500
    assert "of 10,000,002 characters were sent" in page.inspector.inner_text()


def test_a_value_can_be_copied(open_page: OpenPage) -> None:
    page = open_page(_run_widget())
    page.page.evaluate(
        "() => Object.defineProperty(navigator, 'clipboard', {value: {writeText: text => { window.copied = text; }}})"
    )
    page.state("Check stock").click()
    page.inspector.get_by_label("Copy Input").click()
    page.inspector.get_by_text("Copied").wait_for()
    assert '"orderId": 7' in page.page.evaluate("() => window.copied")


def test_without_an_execution_a_click_shows_the_definition(open_page: OpenPage) -> None:
    page = open_page(_machine_widget())
    assert page.page.locator(".sfn-header .sfn-chip").count() == 0
    page.state("Looks risky?").click()
    assert '"Type": "Choice"' in page.inspector.inner_text()


def test_a_state_that_was_not_entered_says_so(open_page: OpenPage) -> None:
    page = open_page(_run_widget())
    page.state("Refund").click()
    assert "has not been entered" in page.inspector.inner_text()


def test_a_visit_that_fails_shows_error_and_cause(open_page: OpenPage) -> None:
    run = FakeExecution(input=ORDER, status="FAILED", error="CardDeclined", cause="no funds")
    visit = run.enter("Charge card", ORDER)
    visit.status, visit.error, visit.cause = VisitStatus.CAUGHT, "CardDeclined", '{"errorMessage": "no funds"}'
    visit.output = ABSENT
    page = open_page(_run_widget(run))
    assert "no funds" in page.inspector.inner_text()
    page.state("Charge card").click()
    assert "CardDeclined" in page.inspector.locator(".sfn-error").inner_text()
    assert '"errorMessage": "no funds"' in page.inspector.locator(".sfn-error").inner_text()
    assert (
        page.state("Charge card").locator(".sfn-card").evaluate("card => getComputedStyle(card).strokeDasharray")
        != "none"
    )


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


def test_texts_fit_the_room_that_was_measured_without_a_font(open_page: OpenPage) -> None:
    page = open_page(_run_widget())
    script = """() => [...document.querySelectorAll('text[data-room]')]
      .map(text => [text.textContent, text.getComputedTextLength(), Number(text.dataset.room)])
      .filter(([, length, room]) => length > room * 1.04 + 2)"""
    assert page.page.evaluate(script) == []


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


def test_the_whole_picture_can_be_fitted_or_read_at_its_size(open_page: OpenPage) -> None:
    page = open_page(_run_widget(), width=520)
    stage = page.page.locator(".sfn-stage")
    fits = "stage => stage.scrollHeight <= stage.clientHeight && stage.scrollWidth <= stage.clientWidth"
    assert not stage.evaluate(fits)
    page.page.get_by_role("button", name="Fit").click()
    assert stage.evaluate(fits)
    page.page.get_by_role("button", name="Fit").click()
    assert not stage.evaluate(fits)
