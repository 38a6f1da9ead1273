"""The acting and the comparing pane on an empty page, before a model that notes what is sent and can answer."""

import json
from typing import TYPE_CHECKING, Any, Final

from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.views.svg import graph_css
from sfn_notebook.widgets.bundle import one_module, one_stylesheet
from sfn_notebook.widgets.execution_traits import status_marks
from tests.widgets.stub_page import STUB_MODEL, StubPage

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator

_MAINS: Final = {"ActingPane": "acting.js", "ComparisonPane": "comparison.js"}
_START: Final = f"""async ({{source, css, state, kernel, pane}}) => {{
  {STUB_MODEL}
  window.said = [];
  window.store = new loaded.Store(window.model);
  window.pane = new loaded[pane](window.store, {{ say: (words) => window.said.push(words) }});
  window.store.subscribe((change) => window.pane.update(change));
  const view = document.getElementById('el');
  view.className = 'sfn-view';
  view.append(window.pane.element, window.pane.forking ?? "");
}}"""


class ActingPage(StubPage):
    """A pane, drawn in Chromium; without ``kernel`` nobody answers, as in a saved notebook."""

    def __init__(self, browser: "Browser", pane: str, *, kernel: bool = True, **state: JSONValue) -> None:
        super().__init__(browser, width=900, height=700)
        source = "\n".join((one_module("store.js"), one_module(_MAINS[pane]), f"export {{ Store, {pane} }};"))
        css = graph_css() + one_stylesheet("execution.js")
        given = json.loads(json.dumps({"can_act": True, "marks": status_marks(), **state}, allow_nan=False))
        start = {"source": source, "css": css, "state": given, "pane": pane, "kernel": kernel}
        self.page.evaluate(_START, start)

    def set(self, trait: str, value: JSONValue) -> None:
        """Change a trait as the kernel would."""
        self.page.evaluate("([key, value]) => window.model.set(key, value)", [trait, value])

    @property
    def sent(self) -> list[JSONObject]:
        """What the kernel would have got, without greetings."""
        sent: list[JSONObject] = self.page.evaluate("() => window.sent")
        return sent

    def selected(self) -> Any:
        """The pointer of the selected state."""
        return self.page.evaluate("() => window.store.pointer")

    def button(self, name: str) -> "Locator":
        """The buttons with that name."""
        return self.page.get_by_role("button", name=name, exact=True)

    @property
    def text(self) -> str:
        """Everything that can be read."""
        return self.page.locator("#el").inner_text()
