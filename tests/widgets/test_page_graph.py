"""The graph of a view in real Chromium: moving about in it, folding it, and what it shows of a run."""

from typing import TYPE_CHECKING

import pytest

from sfn_notebook.asl import model
from sfn_notebook.views.graph import graph_of
from sfn_notebook.widgets.execution_widget import ExecutionWidget
from tests.views.machines import definition_of, order_machine, region_machine
from tests.widgets import traces
from tests.widgets.conftest import OpenPage
from tests.widgets.run_widgets import running_map, widget_of
from tests.widgets.widget_page import WidgetPage

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import FloatRect

pytestmark = pytest.mark.browser


def _machine_widget(machine: model.Definition | None = None) -> ExecutionWidget:
    return ExecutionWidget(graph_of(machine or order_machine(), title="OrderFlow"), title="OrderFlow")


def _zoom(page: WidgetPage) -> int:
    return int(page.page.locator(".sfn-zoom-level").inner_text().removesuffix("%"))


def _box(page: WidgetPage, name: str) -> "FloatRect":
    box = page.state(name).locator(".sfn-card, .sfn-panel").first.bounding_box()
    assert box is not None
    return box


def _taken(page: WidgetPage) -> set[tuple[str, str]]:
    script = """() => [...document.querySelectorAll('.sfn-taken')].map(edge => ['from', 'to'].map(end => {
      const place = document.getElementById('sfn-' + edge.dataset[end]);
      return place.dataset.name ?? /sfn-kind-(\\w+)/.exec(place.getAttribute('class'))[1];
    }))"""
    return {(start, end) for start, end in page.page.evaluate(script)}


# -- moving about ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["Enter", " "])
def test_keys_choose_a_state_and_escape_leaves_it(open_page: OpenPage, key: str) -> None:
    page = open_page(widget_of(traces.failing_run()))
    page.state("Validate").focus()
    page.page.keyboard.press("ArrowDown")
    assert page.focused_name() == "Charge"
    page.page.keyboard.press(key)
    assert page.state("Charge").get_attribute("aria-current") == "true"
    page.page.keyboard.press("Escape")
    assert page.state("Charge").get_attribute("aria-current") is None
    assert page.focused_name() == "Charge"


def test_arrow_keys_go_along_the_arrows_before_they_go_to_what_is_near(open_page: OpenPage) -> None:
    page = open_page(_machine_widget(region_machine()))
    page.state("Look up").focus()
    page.page.keyboard.press("ArrowDown")
    assert page.focused_name() == "Rank"
    page.page.keyboard.press("ArrowUp")
    assert page.focused_name() == "Look up"
    page.page.keyboard.press("ArrowUp")
    assert page.focused_name() == "Enrich"
    page.state("Pack").focus()
    page.page.keyboard.press("ArrowDown")
    assert page.focused_name() == "Done"


@pytest.mark.parametrize("machine", [order_machine, region_machine])
def test_every_state_can_be_reached_with_arrow_keys(
    open_page: OpenPage, machine: "Callable[[], model.Definition]"
) -> None:
    definition = machine()
    page = open_page(_machine_widget(definition))
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
    assert reached == set(graph_of(definition, title="").state_names().values())


def test_home_and_end_go_to_the_first_and_the_last_state(open_page: OpenPage) -> None:
    page = open_page(_machine_widget(region_machine()))
    page.state("Rank").focus()
    page.page.keyboard.press("Home")
    assert page.focused_name() == "Enrich"
    page.page.keyboard.press("End")
    assert page.focused_name() == "Done"


def test_only_one_state_is_in_the_tab_order(open_page: OpenPage) -> None:
    page = open_page(_machine_widget())
    assert page.page.locator('[data-pointer][tabindex="0"]').count() == 1


def test_the_whole_picture_can_be_fitted_or_read_at_its_size(open_page: OpenPage) -> None:
    page = open_page(widget_of(traces.parallel_run()), width=520)
    stage = page.page.locator(".sfn-stage")
    fits = "stage => stage.scrollHeight <= stage.clientHeight && stage.scrollWidth <= stage.clientWidth"
    assert not stage.evaluate(fits)
    page.page.get_by_role("button", name="Fit").click()
    assert stage.evaluate(fits)
    page.page.get_by_role("button", name="Fit").click()
    assert _zoom(page) == 100
    assert not stage.evaluate(fits)


def test_buttons_and_keys_zoom(open_page: OpenPage) -> None:
    page = open_page(_machine_widget())
    page.page.get_by_role("button", name="Zoom to natural size").click()
    width = _box(page, "Check stock")["width"]
    page.page.get_by_role("button", name="Zoom in").click()
    assert _zoom(page) == 125
    assert _box(page, "Check stock")["width"] > width * 1.2
    page.state("Check stock").focus()
    page.page.keyboard.press("-")
    page.page.keyboard.press("-")
    assert _zoom(page) == 80
    page.page.keyboard.press("+")
    assert _zoom(page) == 100


def test_the_wheel_with_control_zooms_around_the_pointer(open_page: OpenPage) -> None:
    page = open_page(_machine_widget())
    for _ in range(5):
        page.page.get_by_role("button", name="Zoom in").click()
    box = _box(page, "Looks risky?")
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.page.mouse.move(x, y)
    before = _zoom(page)
    page.page.keyboard.down("Control")
    page.page.mouse.wheel(0, -60)
    page.page.wait_for_function(
        "before => parseInt(document.querySelector('.sfn-zoom-level').textContent) > before", arg=before
    )
    page.page.keyboard.up("Control")
    moved = _box(page, "Looks risky?")
    assert abs(moved["x"] + moved["width"] / 2 - x) < 4
    assert abs(moved["y"] + moved["height"] / 2 - y) < 4


def test_the_picture_is_dragged_and_the_drag_chooses_nothing(open_page: OpenPage) -> None:
    page = open_page(_machine_widget())
    for _ in range(4):
        page.page.get_by_role("button", name="Zoom in").click()
    stage = page.page.locator(".sfn-stage")
    box = stage.bounding_box()
    assert box is not None
    before = stage.evaluate("stage => [stage.scrollLeft, stage.scrollTop]")
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.page.mouse.move(x, y)
    page.page.mouse.down()
    page.page.mouse.move(x - 30, y - 50, steps=4)
    page.page.mouse.up()
    after = stage.evaluate("stage => [stage.scrollLeft, stage.scrollTop]")
    assert [round(new - old) for new, old in zip(after, before, strict=True)] == [30, 50]
    assert page.page.locator(".sfn-selected").count() == 0


def test_shift_and_arrow_keys_pan(open_page: OpenPage) -> None:
    page = open_page(_machine_widget())
    for _ in range(3):
        page.page.get_by_role("button", name="Zoom in").click()
    page.state("Check stock").focus()
    stage = page.page.locator(".sfn-stage")
    before = stage.evaluate("stage => stage.scrollTop")
    page.page.keyboard.press("Shift+ArrowDown")
    assert stage.evaluate("stage => stage.scrollTop") == before + 60
    assert page.focused_name() == "Check stock"


def test_a_state_that_is_selected_elsewhere_is_scrolled_into_the_stage_only(open_page: OpenPage) -> None:
    page = open_page(widget_of(traces.parallel_run()), width=520)
    page.page.get_by_role("button", name="Zoom to natural size").click()
    page.page.evaluate("() => scrollTo(0, 0)")
    page.page.locator(".sfn-stage").evaluate("stage => stage.scrollTo(0, 0)")
    page.state("Done").dispatch_event("click")
    stage = page.page.locator(".sfn-stage").bounding_box()
    assert stage is not None
    box = _box(page, "Done")
    assert box["x"] >= stage["x"]
    assert box["x"] + box["width"] <= stage["x"] + stage["width"] + 1
    assert box["y"] + box["height"] <= stage["y"] + stage["height"] + 1
    assert page.page.evaluate("() => scrollY") == 0


# -- folding -----------------------------------------------------------------------------------------------------------


def test_a_region_is_collapsed_by_key_and_becomes_one_card(open_page: OpenPage) -> None:
    page = open_page(widget_of(traces.parallel_run()))
    before = _box(page, "Enrich")
    page.state("Enrich").focus()
    page.page.keyboard.press("c")
    assert page.state("Enrich").get_attribute("aria-expanded") == "false"
    assert not page.state("Charge").is_visible()
    assert "7 states inside" in (page.state("Enrich").text_content() or "")
    page.page.keyboard.press("ArrowDown")
    assert page.focused_name() == "Done"
    after = _box(page, "Enrich")
    assert after["height"] < before["height"] / 2
    assert after["width"] < before["width"]


def test_expanding_again_puts_everything_back_where_it_was(open_page: OpenPage) -> None:
    page = open_page(widget_of(traces.parallel_run()))
    paths = """() => {
      const picture = document.querySelector('.sfn-stage > svg').getBoundingClientRect();
      return [...document.querySelectorAll('.sfn-stage path')].map(path => {
        const box = path.getBoundingClientRect();
        return [box.x - picture.x, box.y - picture.y, box.width, box.height].map(Math.round).join(' ');
      });
    }"""
    before = page.page.evaluate(paths)
    page.page.get_by_role("button", name="Collapse all").click()
    assert page.page.evaluate(paths) != before
    page.page.get_by_role("button", name="Expand all").click()
    assert page.page.evaluate(paths) == before


def test_the_mouse_collapses_one_region_inside_another(open_page: OpenPage) -> None:
    page = open_page(widget_of(traces.parallel_run()))
    page.state("Split").locator(".sfn-toggle").click()
    assert not page.state("Left").is_visible()
    assert page.state("Charge").is_visible()
    assert page.page.locator(".sfn-selected").count() == 0
    page.state("Split").locator(".sfn-toggle").click()
    assert page.state("Left").is_visible()


def test_boxes_do_not_overlap_when_regions_are_collapsed(open_page: OpenPage) -> None:
    page = open_page(widget_of(traces.parallel_run()))
    for name in ("Split", "Each"):
        page.state(name).focus()
        page.page.keyboard.press("c")
    boxes = [_box(page, name) for name in ("Split", "Each", "Warm up", "Charge", "Done")]
    for place, one in enumerate(boxes):
        for other in boxes[place + 1 :]:
            apart = (
                one["x"] + one["width"] <= other["x"]
                or other["x"] + other["width"] <= one["x"]
                or one["y"] + one["height"] <= other["y"]
                or other["y"] + other["height"] <= one["y"]
            )
            assert apart, (one, other)


def test_a_selected_state_that_is_hidden_is_marked_on_its_region(open_page: OpenPage) -> None:
    page = open_page(widget_of(traces.parallel_run()))
    page.state("Charge").click()
    page.page.get_by_role("button", name="Collapse all").click()
    assert page.page.locator(".sfn-selected").get_attribute("data-name") == "Enrich"
    page.page.get_by_role("button", name="Expand all").click()
    assert page.page.locator(".sfn-selected").get_attribute("data-name") == "Charge"


# -- what it shows of a run --------------------------------------------------------------------------------------------


def test_a_map_tells_how_its_iterations_stand(open_page: OpenPage) -> None:
    page = open_page(widget_of(running_map()))
    label = page.state("Each item").get_attribute("aria-label") or ""
    assert "2 succeeded, 4 running of 12 iterations" in label
    assert page.state("Each item").locator(".sfn-counters").text_content() == "24of 12"
    assert page.state("Each item").locator(".sfn-counters .sfn-badge-icon").count() == 2


def test_a_map_that_failed_tells_which_iterations_failed_and_which_were_given_up(open_page: OpenPage) -> None:
    label = open_page(widget_of(traces.map_run(tolerant=False))).state("Each item").get_attribute("aria-label") or ""
    assert "Failed" in label
    assert "1 failed" in label
    assert "aborted of 40 iterations" in label


def test_a_retried_state_says_which_try_it_is(open_page: OpenPage) -> None:
    page = open_page(widget_of(traces.failing_run()))
    assert page.state("Charge").locator(".sfn-badge-text").text_content() == "Succeeded, try 3"


def test_the_way_that_was_taken_is_marked_and_no_other(open_page: OpenPage) -> None:
    page = open_page(widget_of(traces.failing_run()))
    expected = {("start", "Validate"), ("Validate", "Charge"), ("Charge", "Ship"), ("Ship", "Refund")}
    assert _taken(page) == expected
    assert page.page.locator(".sfn-taken.sfn-kind-catch").count() == 1


def test_the_way_leads_through_the_ends_of_a_region(open_page: OpenPage) -> None:
    taken = _taken(open_page(widget_of(traces.map_run())))
    assert {
        ("start", "Each item"),
        ("entry", "Pack"),
        ("Label", "exit"),
        ("Each item", "Done"),
        ("Done", "end"),
    } <= taken


def test_a_moment_in_the_past_shows_the_statuses_and_the_way_of_then(open_page: OpenPage) -> None:
    page = open_page(widget_of(traces.failing_run()))
    page.page.get_by_role("button", name="First event").click()
    assert page.page.locator("[data-pointer][data-status]").count() == 0
    assert _taken(page) == set()
    page.page.get_by_role("slider", name="Moment", exact=True).focus()
    page.page.keyboard.press("}")
    page.page.keyboard.press("}")
    assert page.state("Charge").get_attribute("data-status") == "RUNNING"
    assert page.state("Validate").get_attribute("data-status") == "SUCCEEDED"
    assert _taken(page) == {("start", "Validate"), ("Validate", "Charge")}
    page.page.get_by_role("button", name="Last event").click()
    assert page.state("Charge").locator(".sfn-badge-text").text_content() == "Succeeded, try 3"


def test_statuses_that_come_in_do_not_disturb_a_moment_in_the_past(open_page: OpenPage) -> None:
    widget = widget_of(traces.failing_run())
    page = open_page(widget)
    page.page.get_by_role("button", name="First event").click()
    page.follow(widget)
    assert page.page.locator("[data-pointer][data-status]").count() == 0


# -- the picture itself ------------------------------------------------------------------------------------------------


def test_texts_fit_the_room_that_was_measured_without_a_font(open_page: OpenPage) -> None:
    page = open_page(_machine_widget())
    script = """() => [...document.querySelectorAll('text[data-room]')]
      .map(text => [text.textContent, text.getComputedTextLength(), Number(text.dataset.room)])
      .filter(([, length, room]) => length > room * 1.04 + 2)"""
    assert page.page.evaluate(script) == []


def test_badges_fit_around_their_texts(open_page: OpenPage) -> None:
    page = open_page(widget_of(traces.map_run()))
    script = """() => [...document.querySelectorAll('.sfn-mark, .sfn-counters')].filter(mark => mark.firstChild)
    .map(mark => {
      const pill = mark.querySelector('.sfn-badge').getBBox();
      const last = [...mark.querySelectorAll('text')].at(-1).getBBox();
      return Math.round(pill.x + pill.width - last.x - last.width);
    })"""
    assert set(page.page.evaluate(script)) <= {7, 8, 9}


def test_a_picture_with_markup_that_is_no_drawing_loses_it(open_page: OpenPage) -> None:
    page = open_page(_machine_widget())
    picture = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><script>window.attacked = 1</script>'
        '<foreignObject/><g class="sfn-node" data-pointer="/States/A" data-name="A"><path class="sfn-card" d="M0 0L9 9"'
        ' onclick="window.attacked = 1"/></g></svg>'
    )
    page.set("svg", picture)
    assert page.page.locator(".sfn-stage script, .sfn-stage foreignObject").count() == 0
    page.state("A").locator("path").dispatch_event("click")
    assert page.page.evaluate("() => window.attacked") is None


def test_a_machine_with_a_hostile_name_folds_and_speaks(open_page: OpenPage) -> None:
    name = "<img src=x onerror='window.attacked = 1'>"
    inside = f"/States/{name}/ItemProcessor"
    step = model.PassState(name="Step", pointer=f"{inside}/States/Step")
    each = model.MapState(
        name=name,
        pointer=f"/States/{name}",
        item_processor=model.ItemProcessor(start_at="Step", states={"Step": step}, pointer=inside),
    )
    page = open_page(_machine_widget(definition_of([each])))
    page.page.get_by_role("button", name="Collapse all").click()
    page.page.locator(".sfn-collapsed .sfn-toggle").click()
    assert page.page.locator("[aria-live=polite]").inner_text() == f"{name} expanded"
    assert page.page.locator("#el img").count() == 0
