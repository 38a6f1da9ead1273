"""Hostile names and payloads in every place where a view shows them: they stay text, and what is long is cut."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from sfn_notebook.errors import SfnNotebookError
from sfn_notebook.magics.rows import waiting_line
from sfn_notebook.views.execution import view_execution
from sfn_notebook.views.graph import graph_of
from sfn_notebook.views.trace import trace_of
from sfn_notebook.views.typography import visible
from sfn_notebook.widgets.export import document_of, export
from sfn_notebook.widgets.page import page_of
from tests.widgets.hostile_view import TEXTS, hostile_run, long_run, open_hostile_view, waiting_run
from tests.widgets.run_widgets import widget_of
from tests.widgets.whole_view import redraw
from tests.widgets.widget_page import WidgetPage

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

Go = Callable[[WidgetPage], object]
# Elements that no view makes, handlers that none has in its markup, and what reorders or cannot be seen.
_FOREIGN: Final = """() => {
  const view = document.querySelector('.sfn-view') ?? document.body;
  const found = [...view.querySelectorAll('script, img, iframe, style, a, form, object, foreignObject, image, use')];
  for (const each of view.querySelectorAll('*')) {
    if ([...each.attributes].some(({name}) => name.startsWith('on') || name === 'srcdoc')) found.push(each);
  }
  if (/[\\u202a-\\u202e\\u2066-\\u2069\\u2028\\u200b]/.test(view.outerHTML)) found.push(view);
  return [window.pwned, ...found.map((each) => each.outerHTML)].filter(Boolean);
}"""


_UNSEEN: Final = re.compile("[\u202a-\u202e\u2066-\u2069\u2028\u200b]")
# The most characters that one element shows, and how much the whole view takes.
_LENGTHS: Final = """() => {
  const view = document.querySelector('.sfn-view');
  const ends = [...view.querySelectorAll('*')].filter((each) => !each.children.length);
  return [Math.max(...ends.map((each) => each.textContent.length)), view.outerHTML.length];
}"""


@pytest.fixture(scope="module", params=[*TEXTS.values()], ids=[*TEXTS])
def text(request: pytest.FixtureRequest) -> str:
    given: str = request.param
    return given


@pytest.fixture(scope="module")
def page(browser: "Browser", text: str) -> Iterator[WidgetPage]:
    opened = open_hostile_view(browser, text)
    yield opened
    complaints = opened.complaints
    opened.close()
    assert complaints == []


def _nothing(page: WidgetPage) -> None:
    """What is there from the start."""


def _chosen(ending: str) -> Go:
    """The state whose name ends so is chosen."""

    def go(page: WidgetPage) -> None:
        names = page.page.locator("[data-name]").evaluate_all("all => all.map((each) => each.dataset.name)")
        place = next(at for at, name in enumerate(names) if re.search(r"[123.]$|$", name)[0] == ending)  # type: ignore[index]  # it always matches
        page.page.locator("[data-name]").nth(place).dispatch_event("click")

    return go


def _then(*steps: Go) -> Go:
    def go(page: WidgetPage) -> None:
        for step in steps:
            step(page)

    return go


def _clicked(selector: str) -> Go:
    return lambda page: page.page.locator(selector).first.click()


def _keys(selector: str, *keys: str) -> Go:
    def go(page: WidgetPage) -> None:
        page.page.locator(selector).first.focus()
        for key in keys:
            page.page.keyboard.press(key)

    return go


def _tab(name: str) -> Go:
    return lambda page: page.page.get_by_role("tab", name=name).click()


def _refused(subject: str) -> Go:
    def go(page: WidgetPage) -> None:
        told = page.page.locator(".sfn-heading").inner_text()
        page.set("acting_error", {"id": subject, "text": told, "number": 1})

    return go


_TASK_CHOSEN, _MAP_CHOSEN, _FAIL_CHOSEN, _ITEM_CHOSEN = (_chosen(ending) for ending in ("1", "2", "3", ""))
_KEY_FOCUSED: Final = _keys(".sfn-inspector [role=treeitem] [role=treeitem]")
PLACES: Final[dict[str, tuple[Go, str]]] = {
    "heading": (_nothing, ".sfn-heading"),
    "region": (_nothing, ".sfn-view @aria-label"),
    "graph: name of a state": (_nothing, "[data-pointer] @aria-label"),
    "graph: tooltip": (_nothing, "[data-pointer] > title"),
    "graph: button to fold": (_nothing, ".sfn-toggle title"),
    "live region: run": (_nothing, ".sfn-view > [aria-live]"),
    "live region: state": (_TASK_CHOSEN, ".sfn-view > [aria-live]"),
    "live region: folded": (_keys("[data-name][aria-expanded]", "c"), ".sfn-view > [aria-live]"),
    "inspector: name of the state": (_TASK_CHOSEN, ".sfn-title"),
    "inspector: next state": (_TASK_CHOSEN, ".sfn-inspector > .sfn-quiet"),
    "inspector: error": (_FAIL_CHOSEN, ".sfn-error-name"),
    "inspector: cause": (_FAIL_CHOSEN, ".sfn-error"),
    "inspector: error of the run": (_nothing, ".sfn-error-name"),
    "inspector: key": (_TASK_CHOSEN, ".sfn-inspector .sfn-json-key"),
    "inspector: value": (_TASK_CHOSEN, ".sfn-inspector .sfn-json-string"),
    "inspector: name of a row": (_TASK_CHOSEN, ".sfn-inspector [role=treeitem] @aria-label"),
    "inspector: path": (_KEY_FOCUSED, ".sfn-tree-path"),
    "inspector: path to copy": (_KEY_FOCUSED, "[aria-label='Copy path'] @title"),
    "inspector: changes": (_then(_TASK_CHOSEN, _clicked("text=Changes")), ".sfn-diff-text"),
    "inspector: error of an attempt": (_TASK_CHOSEN, ".sfn-attempt-facts .sfn-bad"),
    "inspector: cause of an attempt": (_TASK_CHOSEN, ".sfn-of-attempt pre[aria-label=Cause]"),
    "inspector: traceback": (_TASK_CHOSEN, "pre[aria-label=Traceback]"),
    "inspector: prints": (_TASK_CHOSEN, "pre[aria-label='Printed and logged']"),
    "inspector: definition": (
        _then(_TASK_CHOSEN, _clicked("summary:has-text('Definition')")),
        "pre[aria-label=Definition]",
    ),
    "time travel": (_keys("[data-pointer]", "{", "{"), ".sfn-moment-words"),
    "time travel: slider": (_keys("[data-pointer]", "{", "{"), ".sfn-slider @aria-valuetext"),
    "events: state": (_nothing, ".sfn-event-row .sfn-event-state"),
    "events: tooltip": (_nothing, ".sfn-event-row .sfn-event-state span @title"),
    "events: details": (_keys("[role=grid]", "Home", "ArrowDown", "Enter"), ".sfn-event-details .sfn-label-line"),
    "events: payload": (_keys("[role=grid]", "Home", "Enter"), ".sfn-event-details .sfn-json-string"),
    "timeline: row": (_tab("Timeline"), ".sfn-timeline-label"),
    "timeline: name of a row": (_tab("Timeline"), "[role=treeitem] @aria-label"),
    "timeline: tooltip": (_then(_tab("Timeline"), _keys(".sfn-timeline-rows", "Home", "End")), ".sfn-timeline-tip"),
    "iterations: Map": (_tab("Iterations"), ".sfn-iterations option"),
    "iterations: cell": (_tab("Iterations"), ".sfn-cell @title"),
    "iterations: state": (_tab("Iterations"), ".sfn-cell-facts button"),
    "iterations: error": (_tab("Iterations"), ".sfn-cell-error"),
    "iterations: cause": (_tab("Iterations"), ".sfn-cell-error .sfn-quiet"),
    "waiting: name": (_nothing, ".sfn-act-title"),
    "waiting: note": (_nothing, ".sfn-act-head > .sfn-quiet"),
    "waiting: what was asked": (_clicked(".sfn-act-asked summary"), "pre.sfn-act-input"),
    "waiting: refusal": (_refused("token"), ".sfn-act .sfn-act-told"),
    "live region: refusal": (_refused("token"), ".sfn-view > [aria-live]"),
    "fork: name": (_TASK_CHOSEN, ".sfn-act-fork > summary"),
    "fork: payload": (_then(_TASK_CHOSEN, _clicked(".sfn-act-fork > summary")), ".sfn-act-fork textarea"),
    "fork: refusal": (
        _then(_TASK_CHOSEN, _clicked(".sfn-act-fork > summary"), _refused("fork")),
        ".sfn-act-fork > .sfn-act-told",
    ),
    "comparison: where they part": (_tab("Compare"), ".sfn-compare-parted"),
    "comparison: state": (_tab("Compare"), ".sfn-compare-row button"),
    "comparison: error": (_tab("Compare"), ".sfn-compare-head .sfn-bad"),
}
"""How to get there, and what shows the text there: elements, or one of their attributes."""


def _shown(page: WidgetPage, selector: str) -> list[str]:
    selector, _, attribute = selector.partition(" @")
    script = """(all, name) => all.map((each) =>
      (name ? each.getAttribute(name) : each.matches('textarea') ? each.value : each.textContent) ?? '')"""
    page.page.locator(selector).first.wait_for(state="attached")
    texts: list[str] = page.page.locator(selector).evaluate_all(script, attribute)
    return texts


def _has(shown: str, text: str) -> bool:
    """What cannot be seen is an escape; before quotes there may be backslashes, as in JSON."""
    return visible(text).replace("\\", "") in shown.replace("\\", "")


@pytest.mark.parametrize("place", PLACES)
def test_it_is_text(page: WidgetPage, text: str, place: str) -> None:
    go, selector = PLACES[place]
    redraw(page)
    go(page)
    shown = _shown(page, selector)
    assert any(_has(each, text) for each in shown), shown
    assert page.page.evaluate(_FOREIGN) == []


def test_an_exported_page_shows_it_as_text(browser: "Browser", text: str, tmp_path: Path) -> None:
    written = export(hostile_run(text), tmp_path / "run.html")
    page = browser.new_page()
    page.goto(written.as_uri())
    page.locator("[data-pointer]").first.dispatch_event("click")
    assert page.locator("script").count() == 2
    assert page.evaluate(_FOREIGN) == []
    assert visible(text) in page.locator(".sfn-title").inner_text()
    page.close()
    unscripted = browser.new_page(java_script_enabled=False)
    unscripted.goto(written.as_uri())
    assert visible(text) in unscripted.locator("noscript pre").inner_text()
    assert unscripted.locator("noscript :is(img, script, iframe, foreignObject)").count() == 0
    unscripted.close()


def test_a_title_of_a_page_cannot_end_itself(browser: "Browser", text: str) -> None:
    run = hostile_run(text)
    document = page_of(graph_of(run.definition, title=text), title=text, view=view_execution(run), trace=trace_of(run))
    page = browser.new_page()
    page.set_content(document)
    assert page.title() == " ".join(visible(text).split())
    assert page.locator("script").count() == 2
    assert page.evaluate(_FOREIGN) == []
    page.close()


def test_a_picture_of_its_own_shows_it_as_text(browser: "Browser", text: str, tmp_path: Path) -> None:
    page = browser.new_page()
    page.goto(export(hostile_run(text), tmp_path / "run.svg").as_uri())
    titles = page.locator("title").evaluate_all("all => all.map((each) => each.textContent)")
    assert any(visible(text) in title for title in titles)
    assert page.evaluate("() => [...document.querySelectorAll('*')].map((each) => each.localName)") != []
    drawn = set(page.evaluate("() => [...document.querySelectorAll('*')].map((each) => each.localName)"))
    assert drawn <= {"svg", "g", "path", "text", "title", "rect", "style"}
    assert page.evaluate("() => [...document.querySelectorAll('*')].every((each) => !each.hasAttribute('onload'))")
    assert page.evaluate("() => window.pwned ?? null") is None
    page.close()


@pytest.mark.parametrize("format", ["text", "mermaid"])
def test_texts_keep_their_lines_and_their_order(text: str, format: str) -> None:
    document = document_of(hostile_run(text), format).decode()
    lines = document_of(hostile_run("plain"), format).decode().splitlines()
    assert len(document.splitlines()) == len(lines)
    assert not _UNSEEN.search(document)
    assert format == "mermaid" or visible(text) in document


def test_what_a_cell_says_of_a_run_and_of_a_mistake_keeps_its_order(text: str) -> None:
    run = waiting_run(text)
    said = waiting_line(run)
    assert visible(text) in said
    with pytest.raises(SfnNotebookError) as unknown:
        run.workspace.machine(text)
    with pytest.raises(SfnNotebookError) as wrong:
        run.workspace.define("Wrong", {"StartAt": text, "States": {f"{text}.": {"Type": text, "Next": text}}})
    mistakes = [line for error in (unknown, wrong) for line in error.value._render_traceback_()]
    assert any(visible(text) in line for line in mistakes)
    for each in (said, *mistakes, repr(run.workspace.waiting())):
        assert not _UNSEEN.search(each), each


def test_ten_megabytes_are_cut_and_more_is_shown_on_demand(browser: "Browser") -> None:
    page = WidgetPage(browser, widget_of(long_run("<b>&" * 2_500_000)))
    for name in ("Each", "Pack", "Charge"):
        page.page.locator(f"[data-name={name}]").dispatch_event("click")
        for tab in page.page.get_by_role("tab").all():
            tab.click()
        longest, whole = page.page.evaluate(_LENGTHS)
        assert longest <= 20_000
        assert whole < 1_000_000
    told = page.inspector.inner_text()
    assert "Only the first 50,000 of 10,000," in told
    assert "Traceback" in told
    cause, more = page.inspector.locator("pre").first, page.inspector.get_by_role("button", name="Show more").first
    before = len(cause.inner_text())
    more.click()
    assert len(cause.inner_text()) == 2 * before
    assert page.complaints == []
    page.close()
