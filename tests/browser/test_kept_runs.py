"""Runs that are looked at later, on each platform: in a saved notebook that has no kernel, and in an exported file."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import Platform
from tests.browser.notebook_files import write_notebook
from tests.browser.notebook_page import ARTIFACTS, open_notebook

pytestmark = pytest.mark.browser

_STATES: Final[dict[str, Any]] = {
    "Price": {"Type": "Pass", "Parameters": {"total": 129.5}, "ResultPath": "$.price", "Next": "Charge"},
    "Charge": {
        "Type": "Task",
        "Resource": "charge",
        "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.failure", "Next": "Set aside"}],
        "Next": "Ship",
    },
    "Ship": {"Type": "Pass", "End": True},
    "Set aside": {"Type": "Succeed"},
}
CELLS: Final = [
    (
        "%load_ext sfn_notebook\n\n"
        "@lambda_function\ndef charge(event):\n    raise ValueError('no cover for %s' % event['orderId'])"
    ),
    f"%%asl Orders --no-graph\n{json.dumps({'StartAt': 'Price', 'States': _STATES})}",
    "run = Orders.run({'orderId': 'o-17'})",
    "%sfn export Orders-1 --output exported.html",
]
_RUN: Final = 2
_CHARGE_ENTERED: Final = "TaskStateEntered Charge"


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What one run of the notebook left: the notebook with its widgets, and the file that it exported."""

    platform: Platform
    notebook: str
    exported: Path


@pytest.fixture(scope="module")
def kept(browser: Browser, platform: Platform) -> Kept:
    """The notebook of ``CELLS``, run, saved and closed; its kernel has ended."""
    server = platform.server
    notebook = f"kept-{platform.kernel}.ipynb"
    write_notebook(server.folder / notebook, CELLS, kernel=platform.kernel)
    with open_notebook(browser, server, notebook) as page:
        page.run_cells_before(len(CELLS))
        page.cell(_RUN).locator('.sfn-view [data-name="Set aside"][data-status="SUCCEEDED"]').wait_for()
        page.save_with_widgets()
        page.shut_down()
        assert page.errors == []
    return Kept(platform=platform, notebook=notebook, exported=server.folder / "exported.html")


def _travel(page: Page, view: Locator) -> None:
    """Go through the run with the slider and with keys: the picture and the inspector show each moment."""
    charge, aside = (view.locator(f'[data-name="{name}"]') for name in ("Charge", "Set aside"))
    inspector, moment = view.locator(".sfn-inspector"), view.locator(".sfn-moment-words")
    expect(charge).to_have_attribute("data-status", "CAUGHT")
    charge.click()
    expect(inspector).to_contain_text("no cover for o-17")
    slider = view.get_by_role("slider", name="Moment", exact=True)
    slider.focus()
    page.keyboard.press("Home")
    expect(charge).not_to_have_attribute("data-status", "CAUGHT")
    expect(inspector).to_contain_text("Not entered at this moment")
    page.keyboard.press("}")
    page.keyboard.press("}")
    expect(moment).to_contain_text(_CHARGE_ENTERED)
    expect(charge).to_have_attribute("data-status", "RUNNING")
    expect(inspector).to_contain_text("129.5")
    expect(inspector).not_to_contain_text("no cover")
    page.keyboard.press("}")
    expect(charge).to_have_attribute("data-status", "CAUGHT")
    expect(aside).to_have_attribute("data-status", "RUNNING")
    expect(inspector).to_contain_text("no cover for o-17")
    slider.press("End")
    expect(aside).to_have_attribute("data-status", "SUCCEEDED")


def test_a_saved_notebook_without_a_kernel_goes_through_its_run(browser: Browser, kept: Kept) -> None:
    server = kept.platform.server
    with open_notebook(browser, server, kept.notebook) as page:
        view = page.cell(_RUN).locator(".sfn-view").first
        view.wait_for()
        # ipywidgets shows no widget at all where a notebook is opened without any kernel: the new one goes now.
        page.shut_down()
        _travel(page.page, view)
        # Nobody could fork it: there is nobody to ask.
        assert not view.get_by_role("region", name="Fork").is_visible()
        page.screenshot(ARTIFACTS / f"{server.front_end}-{kept.platform.kernel}-without-kernel.png", _RUN)
        assert page.errors == []


def test_an_exported_file_needs_no_network(browser: Browser, kept: Kept) -> None:
    context = browser.new_context(offline=True)
    asked: list[str] = []
    said: list[str] = []
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(kept.exported.as_uri())
    view = page.locator(".sfn-view")
    _travel(page, view)
    for tab in view.get_by_role("tab").all():
        tab.click()
        expect(view.get_by_role("tabpanel", name=tab.inner_text())).to_be_visible()
    context.close()
    assert asked == [kept.exported.as_uri()]
    assert said == []
