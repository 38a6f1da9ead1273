"""Who started an execution, in the execution's own view, and the way from there into the interactions."""

from typing import TYPE_CHECKING

import pytest

from sfn_notebook.widgets.interactions_widget import InteractionsWidget
from tests.widgets.conftest import OpenPage
from tests.widgets.event_runs import event_driven_workspace
from tests.widgets.interactions_page import state_of
from tests.widgets.run_widgets import widget_of
from tests.widgets.widget_page import WidgetPage

if TYPE_CHECKING:
    from sfn_notebook._json import JSONObject

pytestmark = pytest.mark.browser


def _open(open_page: OpenPage) -> WidgetPage:
    workspace = event_driven_workspace()
    execution = workspace.execution("Shipping-1")
    page = open_page(widget_of(execution))
    rows = state_of(InteractionsWidget(workspace.interaction_log.around(execution)))["interactions"]
    origin: JSONObject = {"words": "rule orders", "execution": execution.arn, "interactions": rows}
    page.set("origin", origin)
    return page


def test_it_says_who_started_the_execution(open_page: OpenPage) -> None:
    page = _open(open_page)
    assert page.page.get_by_text("Started by rule orders").is_visible()


def test_a_button_opens_the_interactions_at_the_start_of_this_execution(open_page: OpenPage) -> None:
    page = _open(open_page)
    page.page.get_by_role("button", name="Who called whom", exact=True).click()
    record = page.page.get_by_role("region", name="Record of the interaction")
    assert "rule orders → state machine Shipping: start" in record.inner_text()
    assert page.page.get_by_role("tab", name="Services").count() == 0
    page.page.get_by_role("button", name="Hide who called whom").click()
    assert record.count() == 0


def test_an_execution_that_the_notebook_started_says_nothing(open_page: OpenPage) -> None:
    page = open_page(widget_of(event_driven_workspace().execution("Shipping-1")))
    assert not page.page.locator(".sfn-origin").is_visible()
