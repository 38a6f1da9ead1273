"""A widget's JavaScript on an empty page with a stand-in for Jupyter's model; there is no kernel and no server."""

import base64
import json
from typing import TYPE_CHECKING, Final

from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.widgets.execution_widget import ExecutionWidget

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Locator, Page

TRAITS: Final = ("title", "svg", "definitions", "marks", "execution", "statuses", "trace")
DARK: Final = {
    "--jp-layout-color1": "#111318",
    "--jp-ui-font-color1": "rgba(255,255,255,0.92)",
    "--jp-ui-font-color2": "rgba(255,255,255,0.68)",
    "--jp-border-color2": "#3a3f47",
}
_PAGE: Final = "<!doctype html><html><head><title>widget</title></head><body><div id='el'></div></body></html>"
_START: Final = """async ({source, css, state}) => {
  const style = document.createElement('style');
  style.textContent = css;
  document.head.append(style);
  const handlers = {};
  window.sent = [];
  window.tell = (event, ...rest) => (handlers[event] || []).forEach((call) => call(...rest));
  window.model = {
    get: (key) => state[key],
    set: (key, value) => { state[key] = value; window.tell('change:' + key); },
    on: (event, call) => (handlers[event] = handlers[event] || []).push(call),
    off: (event, call) => { handlers[event] = (handlers[event] || []).filter((each) => each !== call); },
    send: (message) => {
      if (message.kind === 'hello') window.tell('msg:custom', {kind: 'here'});
      else window.sent.push(message);
    },
    save_changes: () => {},
  };
  window.listening = () => Object.values(handlers).flat().length;
  const url = URL.createObjectURL(new Blob([source], {type: 'text/javascript'}));
  const loaded = await import(url);
  window.draw_view = () => {
    window.close_view = loaded.default.render({model: window.model, el: document.getElementById('el')});
  };
  window.draw_view();
}"""


class WidgetPage:
    """One widget, drawn in Chromium; ``complaints`` collects everything that the console says."""

    def __init__(self, browser: "Browser", widget: ExecutionWidget, *, width: int = 1100, dark: bool = False) -> None:
        self.page: Page = browser.new_page(viewport={"width": width, "height": 900})
        self.complaints: list[str] = []
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.set_content(_PAGE)
        if dark:
            values = ";".join(f"{name}:{value}" for name, value in DARK.items())
            style = f"background:{DARK['--jp-layout-color1']};{values}"
            self.page.evaluate("style => document.body.setAttribute('style', style)", style)
        state = widget_state(widget)
        self.page.evaluate(_START, {"source": str(widget.module), "css": str(widget._css), "state": state})

    def _heard(self, message: "ConsoleMessage") -> None:
        self.complaints.append(f"{message.type}: {message.text}")

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

    def close(self) -> None:
        """Leave the page."""
        self.page.close()


def widget_state(widget: ExecutionWidget) -> JSONObject:
    """The widget's own traits after a round trip through JSON, as a front end gets them."""
    traits = {trait: getattr(widget, trait) for trait in TRAITS}
    # A front end gets bytes as such: the page takes them as base64 text, too.
    state: JSONObject = json.loads(
        json.dumps(traits, allow_nan=False, default=lambda packed: base64.b64encode(packed).decode())
    )
    return state
