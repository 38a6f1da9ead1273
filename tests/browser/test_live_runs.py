import math
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.jupyter_server import JupyterServer
from tests.browser.live_view import LiveView, Sample
from tests.browser.notebook_files import code_sources, position, write_notebook
from tests.browser.notebook_page import ARTIFACTS, NotebookPage, open_notebook

pytestmark = pytest.mark.browser

NOTEBOOK = "01-first-state-machine.ipynb"
FRONT_ENDS = ["lab", "classic"]
# The notebook's own functions, each of which now takes a while of real time, as a service would.
SLOW_FUNCTIONS = """
import threading
from sfn_notebook.functions.registry import default_registry

def slowly(function):
    handler = function.handler
    @lambda_function(name=function.name)
    def slow(event):
        threading.Event().wait(0.5)
        return handler(event)

for each in default_registry():
    slowly(each)
"""
INTERRUPTED = [
    "%load_ext sfn_notebook",
    "import threading\n@lambda_function\ndef slow(event):\n    threading.Event().wait(50)",
    '%%asl Sleepy\n{"StartAt": "Sleep", "States": {"Sleep": {"Type": "Task", "Resource": "slow", "End": true}}}',
    "run = Sleepy.run({})",
    "'the kernel answers'",
    "run = Sleepy.run({}) if run.status == 'SUCCEEDED' else run\nrun.status",
]


@pytest.fixture(params=FRONT_ENDS)
def server(request: pytest.FixtureRequest) -> JupyterServer:
    started: JupyterServer = request.getfixturevalue(request.param)
    return started


def _is_run_with_retries(source: str) -> bool:
    return "OrderFlow.run" in source and '"shaky"' in source


def _seen_in_order(samples: list[Sample], *wanted: dict[str, str]) -> bool:
    """Whether moments with the wanted statuses followed each other while the cell was busy."""
    moments = iter(sample for sample in samples if sample.is_busy)
    return all(any(each.items() <= moment.statuses.items() for moment in moments) for each in wanted)


def _colour(samples: list[Sample], name: str, status: str) -> str:
    """The last colour with which the state showed that status; a change of colour takes a moment."""
    return [sample.colours[name] for sample in samples if sample.statuses.get(name) == status][-1]


def _select_with_keys(page: NotebookPage, view: LiveView) -> None:
    """Go one state down from the selected one and choose it with Enter, then one up and choose with Space."""
    page.page.keyboard.press("ArrowDown")
    page.page.keyboard.press("Enter")
    view.wait_for_inspector("CheckStock", "quantity")
    page.page.keyboard.press("ArrowUp")
    page.page.keyboard.press("Space")
    view.wait_for_inspector("ValidateOrder", "quantity")


def test_a_run_shows_its_progress_and_its_payloads_while_the_cell_is_busy(
    browser: Browser, server: JupyterServer
) -> None:
    sources = code_sources(NOTEBOOK)
    run_cell = position(sources, _is_run_with_retries)
    sources.insert(run_cell, SLOW_FUNCTIONS)
    run_cell += 1
    write_notebook(server.folder / "live.ipynb", sources)
    with open_notebook(browser, server, "live.ipynb") as page:
        page.run_cells_before(run_cell)
        view = LiveView(page, run_cell)
        view.start_recording()
        page.start_cell(run_cell)
        view.wait_for_status("CheckStock", "RUNNING")
        view.state("ValidateOrder").click()
        view.wait_for_inspector("ValidateOrder", '"orderId"', '"A-2"')
        _select_with_keys(page, view)
        assert page.is_busy(run_cell), "the run was over before the last key was answered"
        page.screenshot(ARTIFACTS / f"{server.front_end}-busy.png")
        page.wait_for_cell(run_cell)
        view.wait_for_status("NotifyCustomer", "SUCCEEDED")
        samples = view.stop_recording()
        assert _seen_in_order(
            samples,
            {"ValidateOrder": "RUNNING", "CheckStock": ""},
            {"ValidateOrder": "SUCCEEDED", "CheckStock": "RUNNING", "ChargeCard": ""},
            {"ScoreFraud": "SUCCEEDED", "ChargeCard": "RUNNING"},
            {"ChargeCard": "SUCCEEDED", "ShipOrder": "RUNNING", "NotifyCustomer": ""},
        )
        shown = [_colour(samples, "ShipOrder", status) for status in ("", "RUNNING", "SUCCEEDED")]
        assert len(set(shown)) == len(shown), f"statuses that look alike: {shown}"
        view.state("ChargeCard").click()
        view.wait_for_inspector("BankTimeout", "receipt")
        picture = page.output(run_cell).locator("img")
        assert picture.count() == 1, "the static picture of the final result is missing"
        page.screenshot(ARTIFACTS / f"{server.front_end}-light.png", run_cell)
        page.change_theme("JupyterLab Dark")
        page.screenshot(ARTIFACTS / f"{server.front_end}-dark.png", run_cell)
        page.change_theme("JupyterLab Light")
        assert page.errors == []


def test_a_notebook_runs_from_top_to_bottom_and_reopens_with_its_pictures(
    browser: Browser, server: JupyterServer
) -> None:
    (server.folder / NOTEBOOK).write_bytes((Path(__file__).resolve().parents[2] / "notebooks" / NOTEBOOK).read_bytes())
    with open_notebook(browser, server, NOTEBOOK) as page:
        page.command("notebook:run-all-cells")
        last = page.cell_count - 1
        for number in range(page.cell_count):
            page.wait_for_cell(number)
        assert "NotifyCustomer" in page.output_text(last)
        pictures = page.page.locator(".jp-OutputArea img").count()
        assert pictures >= math.ceil(len([each for each in code_sources(NOTEBOOK) if "%%asl" in each]) / 2)
        page.save()
        assert page.errors == []
    with open_notebook(browser, server, NOTEBOOK) as page:
        reopened = page.page.locator(".jp-OutputArea img")
        reopened.nth(pictures - 1).wait_for(state="attached")
        assert reopened.count() == pictures
        widths = reopened.evaluate_all("images => images.map(image => image.complete && image.naturalWidth)")
        assert all(width > 100 for width in widths), f"pictures that show nothing: {widths}"
        run_cell = position(code_sources(NOTEBOOK), _is_run_with_retries)
        # The live view is gone with its kernel, and the front end says so in its own words; the picture stays.
        page.output(run_cell).get_by_text("Loading widget").wait_for(state="detached")
        page.screenshot(ARTIFACTS / f"{server.front_end}-reopened.png", run_cell)
        assert page.output(run_cell).locator("img").is_visible()
        assert [error for error in page.errors if "widget model not found" not in error] == []


def test_an_interrupt_ends_the_run_with_one_line_and_the_kernel_goes_on(browser: Browser, lab: JupyterServer) -> None:
    write_notebook(lab.folder / "interrupted.ipynb", INTERRUPTED)
    with open_notebook(browser, lab, "interrupted.ipynb") as page:
        page.run_cells_before(3)
        view = LiveView(page, 3)
        page.start_cell(3)
        view.wait_for_status("Sleep", "RUNNING")
        page.interrupt()
        page.wait_for_cell(3)
        view.wait_for_status("Sleep", "ABORTED")
        told = page.output(3).locator(".jp-RenderedText[data-mime-type='application/vnd.jupyter.stderr']").inner_text()
        assert "ABORTED" in told
        assert len(told.strip().splitlines()) == 1
        assert "the kernel answers" in page.run_cell(4)
        page.screenshot(ARTIFACTS / "jupyterlab-interrupted.png", 3)
        assert page.errors == []
