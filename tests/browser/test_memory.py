"""What a page keeps of runs that are not shown any more: no more than of any output, however often a cell is run."""

import json
from collections.abc import Callable
from typing import Final

import pytest
from playwright.sync_api import Browser, CDPSession

from tests.browser.jupyter_server import JupyterServer
from tests.browser.live_view import LiveView
from tests.browser.notebook_files import write_notebook
from tests.browser.notebook_page import NotebookPage, open_notebook

pytestmark = pytest.mark.browser

RUNS: Final = 20
SETTLED_AFTER: Final = 10
"""Until then the browser still compiles what is run for the first times."""
_STATES: Final = {
    "Each": {
        "Type": "Map",
        "ItemProcessor": {"StartAt": "Keep", "States": {"Keep": {"Type": "Pass", "End": True}}},
        "Next": "Done",
    },
    "Done": {"Type": "Succeed"},
}
_RUN_CELL: Final = 2
_CONTROL_CELL: Final = 3
SOURCES: Final = [
    "%load_ext sfn_notebook\nimport itertools\nfrom IPython.display import HTML\nnumbers = itertools.count()",
    f"%%asl Many --no-graph\n{json.dumps({'StartAt': 'Each', 'States': _STATES})}",
    "_ = Many.run([{'n': n, 'text': 'x' * 1000} for n in range(200)])",
    # As many characters, in an output that no code of this project shows.
    "HTML(f\"<p class='control' hidden>{next(numbers)} {'x' * 200_000}</p>\")",
]
# The page's own count of what is reachable, once what is not has been collected.
_KEPT: Final = ("Nodes", "JSEventListeners", "JSHeapUsedSize")
_NODES_OF_A_RUN: Final = 20
"""The view of one run has thousands; JupyterLab's own notebook keeps a few for every run of a cell."""
_BYTES_OF_A_RUN: Final = 50_000
"""More than JupyterLab keeps of an output of its own: a fifth of the texts of the run, half of the view's styles."""


def _kept(session: CDPSession) -> dict[str, int]:
    session.send("HeapProfiler.collectGarbage")
    metrics = session.send("Performance.getMetrics")["metrics"]
    return {each["name"]: int(each["value"]) for each in metrics if each["name"] in _KEPT}


def _growth(session: CDPSession, run_again: Callable[[], None]) -> dict[str, float]:
    """How much more the page keeps after each run, on average, once the first runs are over."""
    seen: list[dict[str, int]] = []
    for _ in range(RUNS):
        run_again()
        seen.append(_kept(session))
    settled, last = seen[SETTLED_AFTER - 1], seen[-1]
    return {name: (last[name] - settled[name]) / (RUNS - SETTLED_AFTER) for name in _KEPT}


def _run_again(page: NotebookPage, number: int, shown: str) -> None:
    """Run the cell until nothing is left of what it showed before; ``shown`` selects what it shows."""
    page.page.evaluate("shown => document.querySelector(shown)?.classList.add('earlier')", shown)
    page.run_cell(number)
    # Not wait_for_selector: the handle that it returns would keep what it stands for.
    page.page.locator(f"{shown}.earlier").wait_for(state="detached")
    page.page.locator(shown).first.wait_for(state="attached")


def _run_view_again(page: NotebookPage) -> None:
    _run_again(page, _RUN_CELL, ".sfn-view")
    LiveView(page, _RUN_CELL).wait_for_status("Done", "SUCCEEDED")


def test_a_cell_that_runs_twenty_times_leaves_no_more_in_the_page_than_any_other_output(
    browser: Browser, lab: JupyterServer
) -> None:
    write_notebook(lab.folder / "memory.ipynb", SOURCES)
    with open_notebook(browser, lab, "memory.ipynb") as page:
        page.run_cells_before(_RUN_CELL)
        session = page.page.context.new_cdp_session(page.page)
        session.send("Performance.enable")
        of_views = _growth(session, lambda: _run_view_again(page))
        of_control = _growth(session, lambda: _run_again(page, _CONTROL_CELL, ".control"))
        grown = {name: of_views[name] - of_control[name] for name in _KEPT}
        assert grown["Nodes"] < _NODES_OF_A_RUN, (of_views, of_control)
        assert grown["JSEventListeners"] < _NODES_OF_A_RUN, (of_views, of_control)
        assert grown["JSHeapUsedSize"] < _BYTES_OF_A_RUN, (of_views, of_control)
        assert page.errors == []
