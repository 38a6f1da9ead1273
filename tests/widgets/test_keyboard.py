"""Everything that a view can do, done with the keyboard alone: what the DOM offers is found, reached and used."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

import pytest

from tests.widgets.whole_view import open_whole_view, redraw
from tests.widgets.widget_page import WidgetPage

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

# A control is named as a screen reader names it; numbers are left out, so that "All 12" is one control in every run.
_COUNT_CONTROLS: Final = """() => {
  const composite = '.sfn-stage, [role=tablist], [role=tree], [role=grid]';
  const all = document.querySelectorAll('.sfn-view :is(button, input, select, textarea, summary, a, [tabindex])');
  const wordsOf = (each) => each.getAttribute('aria-label') || each.labels?.[0]?.textContent || each.textContent;
  const isThere = (each) => each.checkVisibility({visibilityProperty: true}) && !each.disabled && each.tabIndex >= 0;
  window.nameOf = (each) => wordsOf(each).trim().replace(/[\\d,.]+%?/g, '#');
  window.controls = [...all].filter((each) => isThere(each) && !each.closest(composite));
  window.composites = [...document.querySelectorAll(composite)].filter((each) => each.checkVisibility());
  window.last = document.getElementById('before');
  return controls.map(nameOf);
}"""
# Not a choice that is made already, what cannot be done now, and texts, which are there to be scrolled.
_CAN_BE_USED: Final = "() => controls.map((each) => !each.matches('pre, [aria-pressed=true], [aria-disabled=true]'))"
# The name of the control, or of what it is in, and whether it stands after the one before.
_REACHED: Final = """() => {
  const at = document.activeElement;
  const isOnward = Boolean(last.compareDocumentPosition(at) & Node.DOCUMENT_POSITION_FOLLOWING);
  window.last = at;
  return [at.id === 'after', nameOf(composites.find((each) => each.contains(at)) ?? at), isOnward];
}"""
# All that a person could notice: what stands there, what is typed, where the view stands, what was said and sent.
_LOOKS: Final = """() => {
  const fields = [...document.querySelectorAll('.sfn-view :is(input, textarea, select)')];
  const values = fields.map((each) => [each.value, each.checked, each.selectionStart]);
  const looks = JSON.stringify([document.querySelector('.sfn-view').outerHTML, values, sent]);
  const isChanged = looks !== window.looked;
  window.looked = looks;
  return isChanged;
}"""
_IS_LOST: Final = "() => document.activeElement === document.body || !document.activeElement.checkVisibility()"
_NAME_OF_FOCUS: Final = """() => {
  const at = document.activeElement;
  return (at.getAttribute('aria-label') || at.labels?.[0]?.textContent || at.textContent).trim();
}"""

_KEYS: Final = {
    "Output (JSON)": ("1",),
    "Input (JSON)": ("1",),
    "Input to go on with (JSON)": ("1",),
    "Error": ("x",),
    "Cause": ("x",),
    "Find in names and values": ("x",),
    "Filter by the state's name": ("x",),
    "Number of the visit": ("2", "Enter"),
    "Kind of event": ("ArrowDown",),
    "Moment": ("ArrowLeft",),
    "Moment on the time axis": ("ArrowLeft",),
    "States that are the same# too": ("Space",),
}
"""What else than Enter and Space is used: the others are buttons, every second of which is tried with each."""
_WITHOUT_CHOICE: Final = {"Map state"}
"""Lists that have one entry in this run."""


def _press(page: WidgetPage, *keys: str) -> None:
    for key in keys:
        page.page.keyboard.press(key)


def _choose(page: WidgetPage, state: str) -> None:
    page.state(state).focus()
    _press(page, "Enter")


def _show_tab(page: WidgetPage, name: str) -> None:
    page.page.get_by_role("tab", selected=True).focus()
    while page.page.get_by_role("tab", selected=True).inner_text() != name:
        _press(page, "ArrowRight")


def _use(page: WidgetPage, name: str, *keys: str) -> None:
    page.page.locator(".sfn-view").get_by_label(name, exact=True).or_(
        page.page.locator(".sfn-view").get_by_role("button", name=name, exact=True)
    ).first.focus()
    _press(page, *(keys or ("Enter",)))


def _run(page: WidgetPage) -> None:
    """Nothing is chosen."""


def _zoomed(page: WidgetPage) -> None:
    page.state("Charge").focus()
    _press(page, "-")


def _past(page: WidgetPage) -> None:
    page.state("Charge").focus()
    _press(page, "{", "{")


def _attempts(page: WidgetPage) -> None:
    _choose(page, "Charge")
    page.page.locator(".sfn-attempt-head").first.focus()
    _press(page, "Enter")
    page.page.locator(".sfn-inspector summary", has_text="Definition").focus()
    _press(page, "Enter")


def _fork(page: WidgetPage) -> None:
    _choose(page, "Charge")
    page.page.locator(".sfn-act-fork summary").focus()
    _press(page, "Enter")


def _asked(page: WidgetPage) -> None:
    page.page.locator("summary", has_text="What it was asked").focus()
    _press(page, "Enter")


def _visits(page: WidgetPage) -> None:
    _choose(page, "Pack")
    _use(page, "Previous visit")


def _changes(page: WidgetPage) -> None:
    _choose(page, "Charge")
    _use(page, "Changes")


def _found(page: WidgetPage) -> None:
    _use(page, "Find in names and values", "n")


def _path(page: WidgetPage) -> None:
    _choose(page, "Charge")
    page.page.locator(".sfn-inspector [role=treeitem]").first.focus()


def _event(page: WidgetPage) -> None:
    page.page.get_by_role("grid", name="Events").focus()
    _press(page, "Home", "ArrowDown", "Enter")


def _timeline(page: WidgetPage) -> None:
    _choose(page, "Charge")
    _show_tab(page, "Timeline")


def _timeline_of_events(page: WidgetPage) -> None:
    _show_tab(page, "Timeline")
    page.page.get_by_role("toolbar", name="Timeline").get_by_role("button", name="Events").focus()
    _press(page, "Enter")


def _timeline_of_items(page: WidgetPage) -> None:
    _show_tab(page, "Timeline")
    page.page.get_by_role("tree", name="Timeline of the states").focus()
    _press(page, "Home", "ArrowDown", "ArrowDown", "ArrowRight")


def _iterations(page: WidgetPage) -> None:
    _show_tab(page, "Iterations")


def _earlier_iterations(page: WidgetPage) -> None:
    _show_tab(page, "Iterations")
    _use(page, "Previous visit of the Map")
    page.page.get_by_role("button", name="Caught an error").focus()
    _press(page, "Enter")


def _comparison(page: WidgetPage) -> None:
    _show_tab(page, "Compare")


def _closed(page: WidgetPage) -> None:
    _use(page, "Hide")


SCENES: Final[tuple[Callable[[WidgetPage], None], ...]] = (
    _run,
    _zoomed,
    _past,
    _attempts,
    _fork,
    _asked,
    _visits,
    _changes,
    _found,
    _path,
    _event,
    _timeline,
    _timeline_of_events,
    _timeline_of_items,
    _iterations,
    _earlier_iterations,
    _comparison,
    _closed,
)
"""Ways to what is not always there."""


def _go(page: WidgetPage, scene: Callable[[WidgetPage], None]) -> None:
    redraw(page)
    scene(page)


@pytest.fixture(scope="module")
def page(browser: "Browser") -> Iterator[WidgetPage]:
    opened = open_whole_view(browser)
    opened.page.evaluate(
        "() => { for (const id of ['before', 'after']) { const edge = document.createElement('button');"
        " edge.id = id; document.body[id === 'before' ? 'prepend' : 'append'](edge); } }"
    )
    yield opened
    complaints = opened.complaints
    opened.close()
    assert complaints == []


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__.strip("_"))
def test_every_control_is_reached_with_tab_or_with_the_arrows_of_what_it_is_in(
    page: WidgetPage, scene: Callable[[WidgetPage], None]
) -> None:
    _go(page, scene)
    names = page.page.evaluate(_COUNT_CONTROLS)
    page.page.locator("#before").focus()
    reached: set[str] = set()
    for _ in range(3 * len(names)):
        _press(page, "Tab")
        is_after, name, is_onward = page.page.evaluate(_REACHED)
        assert is_onward, f"{name} stands before what had the focus"
        if is_after:
            break
        reached.add(name)
    assert is_after, "the focus does not leave the view"
    names += page.page.evaluate("() => composites.map(nameOf)")
    assert set(names) - reached == set()


def test_every_control_does_what_it_does_with_enter_and_space_and_keeps_the_focus(page: WidgetPage) -> None:
    used: set[str] = set()
    idle: dict[str, str] = {}
    lost: set[str] = set()
    for scene in SCENES:
        _go(page, scene)
        names, usable = page.page.evaluate(_COUNT_CONTROLS), page.page.evaluate(_CAN_BE_USED)
        for place, name in enumerate(names):
            if name in used | _WITHOUT_CHOICE or not usable[place]:
                continue
            _go(page, scene)
            page.page.evaluate(_COUNT_CONTROLS)
            page.page.evaluate("place => controls[place].focus()", place)
            page.page.evaluate(_LOOKS)
            _press(page, *_KEYS.get(name, ("Enter",) if len(used) % 2 else ("Space",)))
            if not page.page.evaluate(_LOOKS):
                idle[name] = scene.__name__
                continue
            used.add(name)
            if page.page.evaluate(_IS_LOST):
                lost.add(name)
    assert {name: scene for name, scene in idle.items() if name not in used} == {}
    assert sorted(lost) == []
    assert len(used) > 60


def _tab_to(page: WidgetPage, name: str) -> None:
    """Go on with Tab until something of that name has the focus, or an item of that name within it."""
    for _ in range(200):
        _press(page, "Tab")
        if page.page.evaluate(_NAME_OF_FOCUS).startswith(name):
            return
    raise AssertionError(f"Tab does not lead to {name}")


def _selected(page: WidgetPage) -> str:
    return page.page.locator(".sfn-title").inner_text().split("\n")[0]


def _sent(page: WidgetPage) -> list[dict[str, str]]:
    sent: list[dict[str, str]] = page.page.evaluate("() => sent.splice(0)")
    return sent


def _from_the_start(page: WidgetPage) -> None:
    redraw(page)
    page.page.locator("#before").focus()


def test_a_person_is_asked_and_answers(page: WidgetPage) -> None:
    _from_the_start(page)
    _tab_to(page, "What it was asked")
    _press(page, "Enter")
    assert page.page.get_by_text('"orderId": 7').first.is_visible()
    _tab_to(page, "Output (JSON)")
    _press(page, "ControlOrMeta+a")
    page.page.keyboard.type('{"ok": true}')
    _tab_to(page, "Approve")
    _press(page, "Enter")
    assert _sent(page) == [{"kind": "approve", "id": "token", "output": '{"ok": true}'}]
    _from_the_start(page)
    _tab_to(page, "Error")
    page.page.keyboard.type("Declined")
    _tab_to(page, "Cause")
    page.page.keyboard.type("too expensive")
    _tab_to(page, "Reject")
    _press(page, "Space")
    assert _sent(page) == [{"kind": "reject", "id": "token", "error": "Declined", "cause": "too expensive"}]
    _from_the_start(page)
    _tab_to(page, "Heartbeat")
    _press(page, "Enter")
    assert _sent(page) == [{"kind": "heartbeat", "id": "token"}]


@pytest.mark.parametrize(("button", "kind"), [("Continue", "continue"), ("Step", "step"), ("Set payload", "edit")])
def test_a_payload_is_edited_at_a_breakpoint(page: WidgetPage, button: str, kind: str) -> None:
    _from_the_start(page)
    _tab_to(page, "Input (JSON)")
    _press(page, "ControlOrMeta+a")
    page.page.keyboard.type("[5]")
    _tab_to(page, button)
    _press(page, "Enter")
    assert _sent(page) == [{"kind": kind, "id": "breakpoint-2", "payload": "[5]"}]


def test_a_run_is_forked_from_a_state_that_was_found_in_the_picture(page: WidgetPage) -> None:
    _from_the_start(page)
    _tab_to(page, "task state Charge")
    _press(page, "ArrowDown", "ArrowDown", "Enter")
    assert _selected(page) == "Each item"
    _press(page, "Home", "Enter")
    assert _selected(page) == "Charge"
    _tab_to(page, "Fork from Charge")
    _press(page, "Enter")
    _tab_to(page, "Input to go on with (JSON)")
    _press(page, "ControlOrMeta+a")
    page.page.keyboard.type("{}")
    _tab_to(page, "Fork")
    _press(page, "Enter")
    assert [(each["kind"], each["payload"]) for each in _sent(page)] == [("fork", "{}")]


def test_regions_are_folded_and_the_picture_is_zoomed_and_left_again(page: WidgetPage) -> None:
    _from_the_start(page)
    _tab_to(page, "task state Charge")
    _press(page, "ArrowDown", "ArrowDown")
    assert page.state("Pack").is_visible()
    _press(page, "c")
    assert not page.state("Pack").is_visible()
    _press(page, "c")
    level = page.page.locator(".sfn-zoom-level")
    before = level.inner_text()
    _press(page, "-")
    assert int(level.inner_text().rstrip("%")) < int(before.rstrip("%"))
    _press(page, "0")
    assert page.page.get_by_role("button", name="Fit").get_attribute("aria-pressed") == "true"
    _press(page, "Enter")
    assert _selected(page) == "Each item"
    _press(page, "Escape")
    assert page.focused_name() == "Each item"


def test_payloads_are_walked_searched_and_copied(page: WidgetPage) -> None:
    _from_the_start(page)
    _tab_to(page, '"orderId": 7')
    _press(page, "ArrowDown", "ArrowDown", "ArrowRight", "ArrowRight")
    assert page.page.locator(".sfn-tree-path").first.inner_text() == "$$.Execution.Input.items[0].n"
    _tab_to(page, "Copy path")
    _press(page, "Enter")
    assert page.page.locator(".sfn-view > [aria-live=polite]").inner_text() == "Path copied"
    _press(page, "Shift+Tab")
    assert page.page.evaluate(_NAME_OF_FOCUS) == '"n": 0'
    _from_the_start(page)
    _tab_to(page, "Find in names and values")
    page.page.keyboard.type("rounds")
    _press(page, "Enter")
    assert page.page.locator(".sfn-find-count").inner_text() == "2 of 2"
    _press(page, "Escape")
    assert not page.page.locator(".sfn-find-count").is_visible()


def test_the_moment_goes_with_the_slider_and_the_run_plays(page: WidgetPage) -> None:
    _from_the_start(page)
    words = page.page.locator(".sfn-moment-words")
    last = words.inner_text()
    _tab_to(page, "Play")
    _press(page, "Space")
    assert page.page.evaluate(_NAME_OF_FOCUS) == "Pause"
    assert words.inner_text() != last
    _press(page, "Space")
    assert page.page.evaluate(_NAME_OF_FOCUS) == "Play"
    _tab_to(page, "Moment")
    _press(page, "Home", "ArrowRight")
    assert page.page.locator(".sfn-moment-words").inner_text().startswith("event 2 of ")
    assert page.state("Charge").get_attribute("data-status") == "RUNNING"
    _press(page, "End")
    assert page.state("Charge").get_attribute("data-status") == "SUCCEEDED"


def test_rows_items_and_differences_are_chosen(page: WidgetPage) -> None:
    _from_the_start(page)
    _tab_to(page, "Kind of event")
    _press(page, "Tab")
    page.page.keyboard.type("cool")
    _tab_to(page, "Events")
    _press(page, "End", "Enter")
    assert _selected(page) == "Cool off"
    assert page.page.locator(".sfn-event-details").inner_text().startswith("Event 14")
    _press(page, "g")
    assert page.page.locator(".sfn-moment-words").inner_text().startswith("event 14 of ")
    _press(page, "Escape")
    assert not page.page.locator(".sfn-event-details").is_visible()
    _from_the_start(page)
    _tab_to(page, "Events")
    _press(page, "ArrowRight")
    _tab_to(page, "Timeline of the states")
    _press(page, "Home", "ArrowDown", "ArrowDown", "ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight", "Enter")
    assert _selected(page) == "Pack"
    _from_the_start(page)
    _tab_to(page, "Events")
    _press(page, "ArrowRight", "ArrowRight")
    _tab_to(page, "Items of the Map")
    _press(page, "Home", "ArrowRight", "ArrowRight", "ArrowRight", "Enter")
    assert "item 3" in page.inspector.inner_text()
    _from_the_start(page)
    _tab_to(page, "Events")
    _press(page, "ArrowLeft")
    _tab_to(page, "States that are the same")
    _press(page, "Space")
    _tab_to(page, "Cool off")
    _press(page, "Enter")
    assert _selected(page) == "Cool off"
    _tab_to(page, "Input")
    _press(page, "Enter")
    page.page.locator(".sfn-compare").get_by_text("$.rounds").first.wait_for()
