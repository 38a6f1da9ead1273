"""An empty page in Chromium with a stand-in for Jupyter's model; what is drawn on it, and its kernel, are not known."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page

DARK: Final = {
    "--jp-layout-color1": "#111318",
    "--jp-ui-font-color1": "rgba(255,255,255,0.92)",
    "--jp-ui-font-color2": "rgba(255,255,255,0.68)",
    "--jp-border-color2": "#3a3f47",
}
_PAGE: Final = "<!doctype html><html lang='en'><head><title>page</title></head><body><div id='el'></div></body></html>"

STUB_MODEL: Final = """
  const style = document.createElement('style');
  style.textContent = css;
  document.head.append(style);
  const handlers = {};
  window.sent = [];
  window.tell = (event, ...rest) => (handlers[event] || []).forEach((call) => call(...rest));
  window.listening = () => Object.values(handlers).flat().length;
  window.model = {
    get: (key) => state[key],
    set: (key, value) => { state[key] = value; window.tell('change:' + key); },
    on: (event, call) => (handlers[event] = handlers[event] || []).push(call),
    off: (event, call) => { handlers[event] = (handlers[event] || []).filter((each) => each !== call); },
    send: (message) => {
      if (message.kind !== 'hello') window.sent.push(message);
      else if (kernel) window.tell('msg:custom', {kind: 'here'});
    },
    save_changes: () => {},
  };
  const loaded = await import(URL.createObjectURL(new Blob([source], {type: 'text/javascript'})));
"""
"""The beginning of a function of ``source``, ``css``, ``state`` and ``kernel``: whether somebody answers a hello."""
NOTE_LONG_TASKS: Final = """
  window.longest = 0;
  new PerformanceObserver((list) => list.getEntries().forEach((entry) => {
    window.longest = Math.max(window.longest, entry.duration);
  })).observe({ entryTypes: ['longtask'] });
"""
FRAMES: Final = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
"""Two frames later, whatever was changed has been drawn."""


class StubPage:
    """A page of its own; ``complaints`` collects everything that the console says."""

    def __init__(self, browser: "Browser", *, width: int, height: int, dark: bool = False) -> None:
        self.page: Page = browser.new_page(viewport={"width": width, "height": height})
        self.complaints: list[str] = []
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.set_content(_PAGE)
        if dark:
            values = ";".join(f"{name}:{value}" for name, value in DARK.items())
            style = f"background:{DARK['--jp-layout-color1']};{values}"
            self.page.evaluate("style => document.body.setAttribute('style', style)", style)

    def _heard(self, message: "ConsoleMessage") -> None:
        self.complaints.append(f"{message.type}: {message.text}")

    def drawn(self) -> None:
        """Wait until the browser has drawn what was changed."""
        self.page.evaluate(FRAMES)

    def close(self) -> None:
        """Leave the page."""
        self.page.close()
