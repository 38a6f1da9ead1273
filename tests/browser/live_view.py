"""The view of a run in a cell's output, as a person sees it: states with statuses and colours, the inspector."""

from dataclasses import dataclass
from typing import Final

from playwright.sync_api import Locator

from tests.browser.notebook_page import NotebookPage

_WAIT_MILLISECONDS: Final = 20_000
_START_RECORDING: Final = """number => {
  window.sfnSamples = [];
  window.sfnRecorder = setInterval(() => {
    const cell = document.querySelectorAll('.jp-Notebook .jp-CodeCell')[number];
    const states = {};
    for (const state of cell.querySelectorAll('.sfn-view [data-pointer]')) {
      const card = state.querySelector('.sfn-card, .sfn-panel');
      const style = getComputedStyle(card);
      states[state.dataset.name] = [state.dataset.status || '', `${style.fill} ${style.stroke}`];
    }
    const busy = (cell.querySelector('.jp-InputPrompt')?.textContent || '').includes('*');
    window.sfnSamples.push([busy, states]);
  }, 20);
}"""
_STOP_RECORDING: Final = "() => { clearInterval(window.sfnRecorder); return window.sfnSamples; }"
_HAS_STATUS: Final = """([number, name, statuses]) => {
  const cell = document.querySelectorAll('.jp-Notebook .jp-CodeCell')[number];
  const state = cell.querySelector(`.sfn-view [data-name="${CSS.escape(name)}"]`);
  return statuses.includes(state?.dataset.status);
}"""


@dataclass(frozen=True, kw_only=True)
class Sample:
    """What stood on the page at one moment: whether the cell was busy, each state's status and colours by name."""

    is_busy: bool
    statuses: dict[str, str]
    colours: dict[str, str]


class LiveView:
    """The view in the output of code cell ``number``."""

    def __init__(self, page: NotebookPage, number: int) -> None:
        self._page = page
        self._number = number
        self.root = page.cell(number).locator(".sfn-view").first
        self.inspector = self.root.locator(".sfn-inspector")

    def state(self, name: str) -> Locator:
        """The state's group in the picture."""
        return self.root.locator(f'[data-name="{name}"]')

    def wait_for_status(self, name: str, *statuses: str) -> None:
        """Wait until the state has one of the statuses."""
        arguments = [self._number, name, list(statuses)]
        self._page.page.wait_for_function(_HAS_STATUS, arg=arguments, timeout=_WAIT_MILLISECONDS)

    def wait_for_inspector(self, *texts: str) -> None:
        """Wait until the inspector shows all of the texts."""
        for text in texts:
            self.inspector.get_by_text(text).first.wait_for(timeout=_WAIT_MILLISECONDS)

    def start_recording(self) -> None:
        """Look at the states every 20 ms from now on; the cell need not have an output yet."""
        self._page.page.evaluate(_START_RECORDING, self._number)

    def stop_recording(self) -> list[Sample]:
        """Everything seen since ``start_recording``."""
        return [
            Sample(
                is_busy=is_busy,
                statuses={name: status for name, (status, _) in states.items()},
                colours={name: colour for name, (_, colour) in states.items()},
            )
            for is_busy, states in self._page.page.evaluate(_STOP_RECORDING)
        ]
