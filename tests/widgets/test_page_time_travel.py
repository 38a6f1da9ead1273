"""Going through the events of a run in real Chromium: slider, buttons, keys, playing."""

import pytest

from tests.widgets import traces
from tests.widgets.conftest import OpenPage
from tests.widgets.run_widgets import running_map, show, widget_of
from tests.widgets.widget_page import WidgetPage

pytestmark = pytest.mark.browser


def _moment(page: WidgetPage) -> str:
    return page.page.locator(".sfn-moment-words").inner_text()


def _said(page: WidgetPage) -> str:
    return page.page.locator(".sfn-view > [aria-live=polite]").inner_text()


def test_the_view_stands_at_the_last_event_and_says_which(open_page: OpenPage) -> None:
    page = open_page(widget_of(traces.failing_run()))
    assert _moment(page) == "event 27 of 27: ExecutionFailed, +6 s"
    slider = page.page.get_by_role("slider", name="Moment", exact=True)
    assert slider.get_attribute("aria-valuetext") == _moment(page)
    assert slider.get_attribute("max") == "27"


def test_the_slider_goes_to_any_event(open_page: OpenPage) -> None:
    page = open_page(widget_of(traces.failing_run()))
    page.page.get_by_role("slider", name="Moment", exact=True).fill("7")
    assert _moment(page) == "event 7 of 27: TaskStateEntered Charge, +0 s"
    assert page.state("Charge").get_attribute("data-status") == "RUNNING"
    assert page.state("Ship").get_attribute("data-status") is None


def test_buttons_step_by_one_event(open_page: OpenPage) -> None:
    page = open_page(widget_of(traces.linear_run()))
    page.page.get_by_role("button", name="First event").click()
    assert _moment(page).startswith("event 1 of ")
    page.page.get_by_role("button", name="Next event").click()
    assert _moment(page).startswith("event 2 of ")
    assert _said(page) == _moment(page)
    page.page.get_by_role("button", name="Previous event").click()
    assert _moment(page).startswith("event 1 of ")
    page.page.get_by_role("button", name="Previous event").click(force=True)
    assert _moment(page).startswith("event 1 of ")


def test_keys_step_by_events_and_by_states_from_anywhere_in_the_view(open_page: OpenPage) -> None:
    page = open_page(widget_of(traces.failing_run()))
    page.state("Ship").focus()
    page.page.keyboard.press("[")
    assert _moment(page).startswith("event 26 of 27")
    page.page.keyboard.press("{")
    assert "TaskStateEntered Refund" in _moment(page)
    page.page.keyboard.press("{")
    assert "TaskStateEntered Ship" in _moment(page)
    page.page.keyboard.press("}")
    assert "TaskStateEntered Refund" in _moment(page)
    page.page.keyboard.press("]")
    assert "Refund" in _moment(page)
    page.page.keyboard.press("}")
    assert _moment(page).startswith("event 27 of 27")


def test_keys_that_are_text_in_a_field_stay_text(open_page: OpenPage) -> None:
    page = open_page(widget_of(traces.linear_run()))
    field = page.page.get_by_role("tabpanel").locator("input").first
    field.focus()
    page.page.keyboard.type("[{")
    assert field.input_value() == "[{"
    assert _moment(page).startswith("event 17 of 17") or "ExecutionSucceeded" in _moment(page)


def test_playing_goes_from_the_start_to_the_end_and_can_be_paused(open_page: OpenPage) -> None:
    page = open_page(widget_of(traces.linear_run()))
    page.page.clock.install()
    page.page.get_by_role("button", name="Play", exact=True).click()
    assert _moment(page).startswith("event 1 of ")
    page.page.clock.run_for(1500)
    there = int(_moment(page).split()[1])
    assert there > 1
    page.page.get_by_role("button", name="Pause").click()
    page.page.clock.run_for(5000)
    assert int(_moment(page).split()[1]) == there
    page.page.get_by_role("button", name="Play", exact=True).click()
    page.page.clock.run_for(60_000)
    assert "ExecutionSucceeded" in _moment(page)
    assert page.page.get_by_role("button", name="Play", exact=True).count() == 1


def test_a_long_run_plays_in_seconds(open_page: OpenPage) -> None:
    page = open_page(widget_of(traces.loop_run(2000)))
    page.page.clock.install()
    page.page.get_by_role("button", name="Play", exact=True).click()
    page.page.clock.run_for(20_000)
    assert page.page.get_by_role("button", name="Play", exact=True).count() == 1


def test_with_reduced_motion_playing_goes_from_state_to_state(open_page: OpenPage) -> None:
    page = open_page(widget_of(traces.failing_run()))
    page.page.emulate_media(reduced_motion="reduce")
    page.page.clock.install()
    page.page.get_by_role("button", name="Play", exact=True).click()
    for name in ("Validate", "Charge", "Ship"):
        page.page.clock.run_for(1500)
        assert f"TaskStateEntered {name}" in _moment(page)


def test_a_moment_in_the_past_stays_while_the_run_goes_on(open_page: OpenPage) -> None:
    execution = running_map()
    widget = widget_of(execution)
    page = open_page(widget)
    page.page.get_by_role("slider", name="Moment", exact=True).fill("3")
    before = _moment(page)
    execution.step()
    show(widget, execution)
    page.follow(widget)
    assert _moment(page).split(":")[1] == before.split(":")[1]
    page.page.get_by_role("button", name="Last event").click()
    execution.step()
    show(widget, execution)
    page.follow(widget)
    first, second = _moment(page).removeprefix("event ").split(":")[0].split(" of ")
    assert first == second


def test_before_the_first_event_nothing_can_be_travelled(open_page: OpenPage) -> None:
    widget = widget_of(traces.linear_run())
    widget.trace = {}
    page = open_page(widget)
    assert _moment(page) == "No events yet"
    assert page.page.get_by_role("slider", name="Moment", exact=True).is_disabled()
    page.state("Validate").focus()
    page.page.keyboard.press("[")
    assert _moment(page) == "No events yet"
