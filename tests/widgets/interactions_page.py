"""The view of interactions on an empty page with a stand-in for Jupyter's model; no kernel and no server."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from sfn_notebook.widgets.interactions_widget import InteractionsWidget
from tests.widgets.stub_page import NOTE_LONG_TASKS, STUB_MODEL, StubPage

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator

_TRAITS: Final = ("view", "title", "marks", "interactions", "services")
_START: Final = f"""async ({{source, css, state, kernel}}) => {{
  {STUB_MODEL}
  {NOTE_LONG_TASKS}
  window.close_view = loaded.default.render({{model: window.model, el: document.getElementById('el')}});
}}"""


class InteractionsPage(StubPage):
    """The view, drawn in Chromium."""

    def __init__(
        self, browser: "Browser", widget: InteractionsWidget, *, width: int = 1100, dark: bool = False
    ) -> None:
        super().__init__(browser, width=width, height=1000, dark=dark)
        state = {name: state_of(widget)[name] for name in _TRAITS}
        start = {"source": str(widget.module), "css": str(widget._css), "state": state, "kernel": False}
        self.page.evaluate(_START, start)
        self.drawn()

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
        page.close()
    assert complaints == []
