"""One pane of the execution view on an empty page: the shared state, a trace and marks; no frame and no kernel."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from sfn_notebook._json import JSONValue
from sfn_notebook.views.svg import graph_css
from sfn_notebook.widgets.bundle import one_module, one_stylesheet
from sfn_notebook.widgets.execution_traits import status_marks
from tests.widgets.widget_page import DARK

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Locator, Page

_MAINS: Final = {"EventTable": "event_table.js", "Timeline": "timeline.js", "IterationGrid": "iterations.js"}
_PAGE: Final = "<!doctype html><html lang='en'><head><title>pane</title></head><body><div id='el'></div></body></html>"
_START: Final = """async ({source, css, state, pane}) => {
  const style = document.createElement('style');
  style.textContent = css;
  document.head.append(style);
  const handlers = {};
  window.model = {
    get: (key) => state[key],
    set: (key, value) => { state[key] = value; (handlers['change:' + key] || []).forEach((call) => call()); },
    on: (event, call) => (handlers[event] = handlers[event] || []).push(call),
    off: (event, call) => { handlers[event] = (handlers[event] || []).filter((each) => each !== call); },
  };
  const loaded = await import(URL.createObjectURL(new Blob([source], {type: 'text/javascript'})));
  window.said = [];
  window.store = new loaded.Store(window.model);
  window.pane = new loaded[pane](window.store, { say: (words) => window.said.push(words) });
  window.store.subscribe((change) => window.pane.update(change));
  window.longest = 0;
  new PerformanceObserver((list) => list.getEntries().forEach((entry) => {
    window.longest = Math.max(window.longest, entry.duration);
  })).observe({ entryTypes: ['longtask'] });
  const view = document.getElementById('el');
  view.className = 'sfn-view';
  view.append(window.pane.element);
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
}"""
_FRAMES: Final = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def pane_source(pane: str) -> str:
    """The pane and the shared state as the one module that a widget may have."""
    return "\n".join((one_module("store.js"), one_module(_MAINS[pane]), f"export {{ Store, {pane} }};"))


class PanePage:
    """A pane, drawn in Chromium; ``complaints`` collects everything that the console says."""

    def __init__(
        self, browser: "Browser", trace: Mapping[str, JSONValue], pane: str, *, width: int = 1100, dark: bool = False
    ) -> None:
        self.page: Page = browser.new_page(viewport={"width": width, "height": 520})
        self.complaints: list[str] = []
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.set_content(_PAGE)
        if dark:
            values = ";".join(f"{name}:{value}" for name, value in DARK.items())
            style = f"background:{DARK['--jp-layout-color1']};{values}"
            self.page.evaluate("style => document.body.setAttribute('style', style)", style)
        css = graph_css() + one_stylesheet("execution.js")
        state = json.loads(json.dumps({"trace": trace, "marks": status_marks()}, allow_nan=False))
        self.page.evaluate(_START, {"source": pane_source(pane), "css": css, "state": state, "pane": pane})

    def _heard(self, message: "ConsoleMessage") -> None:
        self.complaints.append(f"{message.type}: {message.text}")

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

    def drawn(self) -> None:
        """Wait until the browser has drawn what was changed."""
        self.page.evaluate(_FRAMES)

    @property
    def view(self) -> "Locator":
        """The pane."""
        return self.page.locator("#el")

    def close(self) -> None:
        """Leave the page."""
        self.page.close()


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
