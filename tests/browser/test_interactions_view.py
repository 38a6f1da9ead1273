"""Who called whom in JupyterLab: the view of an expression, and the way to it from a run that a rule has started."""

import pytest
from playwright.sync_api import Browser

from tests.browser.jupyter_server import JupyterServer
from tests.browser.notebook_files import write_notebook
from tests.browser.notebook_page import open_notebook

pytestmark = pytest.mark.browser

CELLS = [
    "%load_ext sfn_notebook",
    """@lambda_function(duration=1)
def audit(event):
    raise ValueError("no ledger")

@lambda_function
def order(event):
    entry = {"Source": "shop", "DetailType": "order", "Detail": event, "EventBusName": "shop"}
    workspace.put_events([entry])""",
    '%%asl Shipping\n{"StartAt": "Pack", "States": {"Pack": {"Type": "Pass", "End": true}}}',
    'workspace.rule("orders", pattern={"source": ["shop"]}, targets=[audit, Shipping], bus="shop")\nNone',
    'order.invoke({"orderId": 7})\nworkspace.advance()',
    "%sfn interactions",
    "%sfn contents shop",
]
STARTING, INTERACTIONS, CONTENTS = 4, 5, 6


def test_an_event_driven_run_is_seen_as_a_whole_and_from_its_execution(browser: Browser, lab: JupyterServer) -> None:
    write_notebook(lab.folder / "interactions.ipynb", CELLS)
    with open_notebook(browser, lab, "interactions.ipynb") as notebook:
        notebook.run_cells_before(INTERACTIONS)
        started = notebook.cell(STARTING)
        started.get_by_text("Started by rule orders").wait_for()
        started.get_by_role("button", name="Who called whom", exact=True).click()
        started.get_by_text("rule orders → state machine Shipping: start").wait_for()
        notebook.run_cell(INTERACTIONS)
        view = notebook.cell(INTERACTIONS).locator(".sfn-view")
        view.get_by_role("option", name="attempt 1 failed").first.click()
        view.get_by_text("ValueError: no ledger").first.wait_for()
        view.get_by_role("tab", name="Services").click()
        view.get_by_role("cell", name="audit, Shipping").wait_for()
        assert "1 rule" in notebook.run_cell(CONTENTS)
        assert notebook.errors == []
