"""The view of interactions on an empty page with a stand-in for Jupyter's model; no kernel and no server."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from sfn_notebook.widgets.interactions_widget import InteractionsWidget
from tests.widgets.widget_page import DARK

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Locator, Page

_TRAITS: Final = ("view", "title", "marks", "interactions", "services")
_PAGE: Final = "<!doctype html><html lang='en'><head><title>view</title></head><body><div id='el'></div></body></html>"
_START: Final = """async ({source, css, state}) => {
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
  window.listening = () => Object.values(handlers).flat().length;
  window.longest = 0;
  new PerformanceObserver((list) => list.getEntries().forEach((entry) => {
    window.longest = Math.max(window.longest, entry.duration);
  })).observe({ entryTypes: ['longtask'] });
  const loaded = await import(URL.createObjectURL(new Blob([source], {type: 'text/javascript'})));
  window.close_view = loaded.default.render({model: window.model, el: document.getElementById('el')});
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
}"""
_FRAMES: Final = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


class InteractionsPage:
    """The view, drawn in Chromium; ``complaints`` collects everything that the console says."""

    def __init__(
        self, browser: "Browser", widget: InteractionsWidget, *, width: int = 1100, dark: bool = False
    ) -> None:
        self.page: Page = browser.new_page(viewport={"width": width, "height": 1000})
        self.complaints: list[str] = []
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.set_content(_PAGE)
        if dark:
            values = ";".join(f"{name}:{value}" for name, value in DARK.items())
            style = f"background:{DARK['--jp-layout-color1']};{values}"
            self.page.evaluate("style => document.body.setAttribute('style', style)", style)
        state = {name: state_of(widget)[name] for name in _TRAITS}
        self.page.evaluate(_START, {"source": str(widget.module), "css": str(widget._css), "state": state})

    def _heard(self, message: "ConsoleMessage") -> None:
        self.complaints.append(f"{message.type}: {message.text}")

    def tab(self, name: str) -> None:
        """Show a tab."""
        self.page.get_by_role("tab", name=name).click()
        self.drawn()

    def row(self, text: str) -> "Locator":
        """A row of the diagram or the list with that text."""
        return self.page.locator(".sfn-seq-row:visible, .sfn-call-row:visible").filter(has_text=text).first

    @property
    def record(self) -> "Locator":
        """The record of the chosen interaction."""
        return self.page.get_by_role("region", name="Record of the interaction")

    def drawn(self) -> None:
        """Wait until the browser has drawn what was changed."""
        self.page.evaluate(_FRAMES)

    def chosen(self) -> str:
        """The text of the row at which the keys stand."""
        shown: Any = self.page.evaluate(
            "() => [...document.querySelectorAll('.sfn-active')].find((each) => each.offsetParent)?.textContent ?? ''"
        )
        return str(shown)


def state_of(widget: InteractionsWidget) -> dict[str, Any]:
    """What a front end gets: the packed traits are texts."""
    state: dict[str, Any] = json.loads(json.dumps(widget.get_state(), default=str, allow_nan=False))
    return state


@contextmanager
def open_interactions(
    browser: "Browser", widget: InteractionsWidget, *, width: int = 1100, dark: bool = False
) -> Iterator[InteractionsPage]:
    """A page of the view; at the end its console must have been silent."""
    page = InteractionsPage(browser, widget, width=width, dark=dark)
    try:
        yield page
        complaints = page.complaints
    finally:
        page.page.close()
    assert complaints == []
