"""One pane of the execution view on an empty page: the shared state, a trace and marks; no frame and no kernel."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from sfn_notebook._json import JSONValue
from sfn_notebook.views.svg import graph_css
from sfn_notebook.widgets.bundle import one_module, one_stylesheet
from sfn_notebook.widgets.execution_traits import status_marks
from tests.widgets.stub_page import NOTE_LONG_TASKS, STUB_MODEL, StubPage

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator

_MAINS: Final = {"EventTable": "event_table.js", "Timeline": "timeline.js", "IterationGrid": "iterations.js"}
_START: Final = f"""async ({{source, css, state, kernel, pane}}) => {{
  {STUB_MODEL}
  window.said = [];
  window.store = new loaded.Store(window.model);
  window.pane = new loaded[pane](window.store, {{ say: (words) => window.said.push(words) }});
  window.store.subscribe((change) => window.pane.update(change));
  {NOTE_LONG_TASKS}
  const view = document.getElementById('el');
  view.className = 'sfn-view';
  view.append(window.pane.element);
}}"""


def pane_source(pane: str) -> str:
    """The pane and the shared state as the one module that a widget may have."""
    return "\n".join((one_module("store.js"), one_module(_MAINS[pane]), f"export {{ Store, {pane} }};"))


class PanePage(StubPage):
    """A pane, drawn in Chromium."""

    def __init__(
        self, browser: "Browser", trace: Mapping[str, JSONValue], pane: str, *, width: int = 1100, dark: bool = False
    ) -> None:
        super().__init__(browser, width=width, height=520, dark=dark)
        css = graph_css() + one_stylesheet("execution.js")
        state = json.loads(json.dumps({"trace": trace, "marks": status_marks()}, allow_nan=False))
        start = {"source": pane_source(pane), "css": css, "state": state, "kernel": False, "pane": pane}
        self.page.evaluate(_START, start)
        self.drawn()

    def store(self, expression: str) -> Any:
        """Evaluate an expression of the page's ``store``; afterwards everything has been drawn."""
        value = self.page.evaluate(f"() => store.{expression} ?? null")
        self.drawn()
        return value

    def key(self, name: str) -> None:
        """Press a key."""
        self.page.keyboard.press(name)

    def set_trace(self, trace: Mapping[str, JSONValue]) -> None:
        """Send a trace as the kernel would."""
        self.page.evaluate("trace => window.model.set('trace', trace)", json.loads(json.dumps(trace)))
        self.drawn()

    @property
    def view(self) -> "Locator":
        """The pane."""
        return self.page.locator("#el")


@contextmanager
def open_pane(
    browser: "Browser", trace: Mapping[str, JSONValue], pane: str, *, width: int = 1100, dark: bool = False
) -> Iterator[PanePage]:
    """A pane's page; at the end its console must have been silent."""
    page = PanePage(browser, trace, pane, width=width, dark=dark)
    try:
        yield page
        complaints = page.complaints
    finally:
        page.close()
    assert complaints == []
