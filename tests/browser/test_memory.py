"""What a page keeps of runs that are not shown any more: nothing, however often a cell is run."""

import json
from typing import Final

import pytest
from playwright.sync_api import Browser, CDPSession

from tests.browser.jupyter_server import JupyterServer
from tests.browser.live_view import LiveView
from tests.browser.notebook_files import write_notebook
from tests.browser.notebook_page import NotebookPage, open_notebook

pytestmark = pytest.mark.browser

RUNS: Final = 20
SETTLED_AFTER: Final = 5
_STATES: Final = {
    "Each": {
        "Type": "Map",
        "ItemProcessor": {"StartAt": "Keep", "States": {"Keep": {"Type": "Pass", "End": True}}},
        "Next": "Done",
    },
    "Done": {"Type": "Succeed"},
}
SOURCES: Final = [
    "%load_ext sfn_notebook",
    f"%%asl Many --no-graph\n{json.dumps({'StartAt': 'Each', 'States': _STATES})}",
    "_ = Many.run([{'n': n, 'text': 'x' * 1000} for n in range(200)])",
]
# The page's own count of what is reachable, once what is not has been collected.
_KEPT: Final = ("Nodes", "JSEventListeners", "JSHeapUsedSize")
_NODES_OF_A_RUN: Final = 200
"""The view of one run has thousands; JupyterLab's own notebook keeps a few for every run of a cell."""
_BYTES_OF_A_RUN: Final = 800_000
"""Less than the text of the view and a trace: neither is kept twice."""


def _kept(session: CDPSession) -> dict[str, int]:
    session.send("HeapProfiler.collectGarbage")
    metrics = session.send("Performance.getMetrics")["metrics"]
    return {each["name"]: int(each["value"]) for each in metrics if each["name"] in _KEPT}


def _run_again(page: NotebookPage) -> None:
    page.page.evaluate("() => document.querySelector('.sfn-view')?.classList.add('earlier')")
    page.run_cell(2)
    page.page.wait_for_selector(".sfn-view.earlier", state="detached")
    LiveView(page, 2).wait_for_status("Done", "SUCCEEDED")


def test_a_cell_that_runs_twenty_times_leaves_no_more_in_the_page_than_five_times(
    browser: Browser, lab: JupyterServer
) -> None:
    write_notebook(lab.folder / "memory.ipynb", SOURCES)
    with open_notebook(browser, lab, "memory.ipynb") as page:
        page.run_cells_before(2)
        session = page.page.context.new_cdp_session(page.page)
        session.send("Performance.enable")
        seen: list[dict[str, int]] = []
        for _ in range(RUNS):
            _run_again(page)
            seen.append(_kept(session))
        settled, last = seen[SETTLED_AFTER - 1], seen[-1]
        grown = {name: (last[name] - settled[name]) / (RUNS - SETTLED_AFTER) for name in _KEPT}
        assert grown["Nodes"] < _NODES_OF_A_RUN, seen
        assert grown["JSEventListeners"] < _NODES_OF_A_RUN, seen
        assert grown["JSHeapUsedSize"] < _BYTES_OF_A_RUN, seen
        assert page.errors == []
