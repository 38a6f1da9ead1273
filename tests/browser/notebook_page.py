"""A notebook open in a browser, as a person drives it: run a cell, read its prompt and output, interrupt, save."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, ConsoleMessage, Error, Locator, Page, ViewportSize
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from tests.browser.jupyter_server import JupyterServer
from tests.browser.kernels import ROOT

CELL_MILLISECONDS: Final = 60_000
_OPEN_MILLISECONDS: Final = 90_000
_WINDOW: Final[ViewportSize] = {"width": 1280, "height": 1000}
_TALL_PIXELS: Final = 2400

ARTIFACTS: Final = ROOT / ".artifacts"
"""Where pictures are put for people to look at."""
_PANEL: Final = "(window.jupyterapp || window.jupyterlab)?.shell.currentWidget"
_ANSWER_MILLISECONDS: Final = 20_000
_IS_CONNECTED: Final = (
    f"() => {{ const context = {_PANEL}?.sessionContext;"
    " return !!context?.isReady && context.session?.kernel?.connectionStatus === 'connected'; }"
)
_IS_READY: Final = f"() => {_PANEL}?.sessionContext?.session?.kernel?.status === 'idle'"
_RESTART: Final = f"() => {_PANEL}.sessionContext.restartKernel().then(() => 1)"
# Not awaited: the promise of run-cell ends only with the cell.
_RUN_CELL: Final = (
    f"index => {{ const content = {_PANEL}.content; content.activeCellIndex = index; content.deselectAll();"
    " (window.jupyterapp || window.jupyterlab).commands.execute('notebook:run-cell'); }"
)
_SHUT_DOWN: Final = f"() => {_PANEL}.sessionContext.shutdown().then(() => 1)"
_COMMAND: Final = (
    "([name, options]) => { (window.jupyterapp || window.jupyterlab).commands.execute(name, options || {}); }"
)
_AWAITED_COMMAND: Final = (
    "([name, options]) => (window.jupyterapp || window.jupyterlab).commands.execute(name, options || {}).then(() => 1)"
)
# The number of a code cell among all cells, since Markdown cells count for the first but not for the second.
_CODE_CELLS: Final = (
    f"() => {_PANEL}.content.widgets.map((cell, index) => [cell.model.type, index])"
    ".filter(pair => pair[0] === 'code').map(pair => pair[1])"
)
_PROMPT_HAS_NUMBER: Final = (
    "number => { const cell = document.querySelectorAll('.jp-Notebook .jp-CodeCell')[number];"
    " return /[0-9]/.test(cell?.querySelector('.jp-InputPrompt')?.textContent || ''); }"
)
# Colours have stopped changing, and cells above have stopped growing: their outputs are drawn when they come near.
_SETTLE: Final = """async number => {
  const cell = document.querySelectorAll('.jp-Notebook .jp-CodeCell')[number];
  cell?.scrollIntoView({block: 'start'});
  await Promise.all(document.getAnimations().filter(each => each instanceof CSSTransition).map(each => each.finished));
  for (let same = 0, before = ''; cell && same < 5;) {
    await new Promise(done => setTimeout(done, 100));
    const box = JSON.stringify(cell.getBoundingClientRect());
    same = box === before ? same + 1 : 0;
    before = box;
  }
}"""
# Notebook 7.6 throws this at every start, without any extension of ours.
_NOT_OURS: Final = "Cannot read properties of undefined (reading 'schema')"


class NotebookPage:
    """One notebook in one tab. Cells are counted from 0 among the code cells; ``errors`` is what went wrong so far."""

    def __init__(self, page: Page, server: JupyterServer, notebook: str) -> None:
        self.page = page
        self.server = server
        self.notebook = notebook
        self.errors: list[str] = []
        page.on("console", self._note_console)
        page.on("pageerror", self._note_page_error)
        page.goto(server.address_of(notebook))
        page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=_OPEN_MILLISECONDS)
        self._wait_for_kernel()
        self._code_cells: list[int] = page.evaluate(_CODE_CELLS)

    def _wait_for_kernel(self) -> None:
        self.page.wait_for_function(_IS_CONNECTED, timeout=_OPEN_MILLISECONDS)
        try:
            self.page.wait_for_function(_IS_READY, timeout=_ANSWER_MILLISECONDS)
        except PlaywrightTimeoutError:
            # About one kernel of ipykernel 7.3 in thirty never says a word after its start, whatever is loaded: a
            # person restarts it.
            self.page.evaluate(_RESTART)
            self.page.wait_for_function(_IS_READY, timeout=_OPEN_MILLISECONDS)

    def _note_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._note(f"console: {message.text} ({message.location.get('url')})")

    def _note_page_error(self, error: Error) -> None:
        self._note(f"page error: {error.message}\n{error.stack or ''}")

    def _note(self, text: str) -> None:
        if _NOT_OURS not in text:
            self.errors.append(text)

    @property
    def cell_count(self) -> int:
        """How many code cells there are."""
        return len(self._code_cells)

    def cell(self, number: int) -> Locator:
        """The whole code cell."""
        return self.page.locator(".jp-Notebook .jp-CodeCell").nth(number)

    def output(self, number: int) -> Locator:
        """Everything below the cell's source."""
        return self.cell(number).locator(".jp-OutputArea").first

    def prompt(self, number: int) -> str:
        """``[*]`` while the cell runs, ``[3]`` once it has, ``[ ]`` before."""
        return (self.cell(number).locator(".jp-InputPrompt").first.text_content() or "").strip().rstrip(":")

    def is_busy(self, number: int) -> bool:
        """Whether the cell is running or waits for its turn."""
        return "*" in self.prompt(number)

    def start_cell(self, number: int) -> None:
        """Run the cell and return at once."""
        self.page.evaluate(_RUN_CELL, self._code_cells[number])

    def wait_for_cell(self, number: int, *, timeout_milliseconds: float = CELL_MILLISECONDS) -> None:
        """Wait until the cell has run."""
        self.page.wait_for_function(_PROMPT_HAS_NUMBER, arg=number, timeout=timeout_milliseconds)

    def run_cell(self, number: int) -> str:
        """Run the cell to its end; the text of its output."""
        self.start_cell(number)
        self.wait_for_cell(number)
        return self.output_text(number)

    def run_cells_before(self, number: int) -> None:
        """Run every code cell above ``number``, one after the other."""
        for earlier in range(number):
            self.run_cell(earlier)

    def output_text(self, number: int) -> str:
        """What a person reads below the cell; empty where there is no output."""
        output = self.output(number)
        return output.inner_text().strip() if output.count() else ""

    def command(self, name: str, options: dict[str, object] | None = None) -> None:
        """Ask the front end for one of its commands; returns before it is done."""
        self.page.evaluate(_COMMAND, [name, options])

    def interrupt(self) -> None:
        """What Ctrl-C is in a terminal."""
        self.command("notebook:interrupt-kernel")

    def save(self) -> None:
        """Write the notebook to its file."""
        self.page.evaluate(_AWAITED_COMMAND, ["docmanager:save", None])

    def save_with_widgets(self) -> None:
        """Write the notebook and what its widgets show, as it is done while that is ticked in the menu Settings."""
        tick = ["@jupyter-widgets/jupyterlab-manager:saveWidgetState", None]
        self.page.evaluate(_AWAITED_COMMAND, tick)
        self.save()
        self.page.evaluate(_AWAITED_COMMAND, tick)

    def shut_down(self) -> None:
        """End the kernel."""
        self.page.evaluate(_SHUT_DOWN)

    def change_theme(self, name: str) -> None:
        """``JupyterLab Light`` or ``JupyterLab Dark``."""
        self.page.evaluate(_AWAITED_COMMAND, ["apputils:change-theme", {"theme": name}])
        is_light = "true" if name.endswith("Light") else "false"
        self.page.wait_for_selector(f"body[data-jp-theme-light='{is_light}']", state="attached")

    def screenshot(self, path: Path, number: int | None = None) -> None:
        """A picture of the window, or of one code cell in full."""
        path.parent.mkdir(exist_ok=True)
        if number is None:
            self.page.evaluate(_SETTLE, -1)
            self.page.screenshot(path=path)
            return
        # A front end scrolls its notebook inside the window: what is beyond the window would be missing.
        self.page.set_viewport_size({"width": _WINDOW["width"], "height": _TALL_PIXELS})
        self.page.evaluate(_SETTLE, number)
        self.cell(number).screenshot(path=path)
        self.page.set_viewport_size(_WINDOW)


@contextlib.contextmanager
def open_notebook(browser: Browser, server: JupyterServer, notebook: str) -> Iterator[NotebookPage]:
    """Open the notebook of that file name in a tab of its own; its kernel ends with it."""
    browser_context = browser.new_context(viewport=_WINDOW)
    try:
        opened = NotebookPage(browser_context.new_page(), server, notebook)
        yield opened
        opened.command("notebook:shutdown-kernel")
    finally:
        browser_context.close()
