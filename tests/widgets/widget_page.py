"""A widget's JavaScript on an empty page with a stand-in for Jupyter's model; there is no kernel and no server."""

import base64
import json
from typing import TYPE_CHECKING, Final

from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.widgets.execution_widget import ExecutionWidget
from tests.widgets.stub_page import STUB_MODEL, StubPage

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator

TRAITS: Final = ("title", "svg", "definitions", "marks", "execution", "statuses", "trace")
_START: Final = f"""async ({{source, css, state, kernel}}) => {{
  {STUB_MODEL}
  window.draw_view = () => {{
    window.close_view = loaded.default.render({{model: window.model, el: document.getElementById('el')}});
  }};
  window.draw_view();
}}"""


class WidgetPage(StubPage):
    """One widget, drawn in Chromium, before a kernel that answers a hello and notes everything else."""

    def __init__(self, browser: "Browser", widget: ExecutionWidget, *, width: int = 1100, dark: bool = False) -> None:
        super().__init__(browser, width=width, height=900, dark=dark)
        state = widget_state(widget)
        start = {"source": str(widget.module), "css": str(widget._css), "state": state, "kernel": True}
        self.page.evaluate(_START, start)

    def set(self, trait: str, value: JSONValue) -> None:
        """Change a trait as the kernel would."""
        self.page.evaluate("([key, value]) => window.model.set(key, value)", [trait, value])

    def follow(self, widget: ExecutionWidget) -> None:
        """Send what the kernel would send of ``widget`` now."""
        for trait in ("execution", "statuses", "trace"):
            self.set(trait, widget_state(widget)[trait])

    def state(self, name: str) -> "Locator":
        """A state's group in the picture."""
        return self.page.locator(f"[data-name={json.dumps(name)}]")

    @property
    def inspector(self) -> "Locator":
        """The inspector."""
        return self.page.locator(".sfn-inspector")

    def focused_name(self) -> JSONValue:
        """The name of the state that has the focus."""
        return self.page.evaluate("() => document.activeElement?.dataset?.name ?? null")


def widget_state(widget: ExecutionWidget) -> JSONObject:
    """The widget's own traits after a round trip through JSON, as a front end gets them."""
    traits = {trait: getattr(widget, trait) for trait in TRAITS}
    # A front end gets bytes as such: the page takes them as base64 text, too.
    state: JSONObject = json.loads(
        json.dumps(traits, allow_nan=False, default=lambda packed: base64.b64encode(packed).decode())
    )
    return state
