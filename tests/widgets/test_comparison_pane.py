"""Two runs side by side in Chromium: where they part, what differs, and nothing of a payload becoming markup."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from sfn_notebook.functions.registry import FunctionRegistry
from sfn_notebook.workspace import Workspace
from sfn_notebook.workspace.comparison import Comparison
from tests.widgets.acting_page import ActingPage

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

HOSTILE = "<img src=x onerror='window.attacked = 1'>"
OpenPane = Callable[[Comparison], ActingPage]


@pytest.fixture
def open_pane(browser: "Browser") -> Iterator[OpenPane]:
    pages: list[ActingPage] = []

    def open_page(comparison: Comparison) -> ActingPage:
        pages.append(ActingPage(browser, "ComparisonPane", comparison=comparison.comparison))
        return pages[-1]

    yield open_page
    complaints = [each for page in pages for each in page.complaints]
    for page in pages:
        page.page.close()
    assert complaints == []


def _comparison(left: Any, right: Any) -> Comparison:
    workspace = Workspace(registry=FunctionRegistry())
    states = {
        "Choose": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.n", "NumericGreaterThan": 5, "Next": "Large"}],
            "Default": "Small",
        },
        "Small": {"Type": "Pass", "Next": "Done"},
        "Large": {"Type": "Wait", "Seconds": 9, "Next": "Done"},
        "Done": {"Type": "Pass", "End": True},
    }
    first = {"Read": {"Type": "Pass", "InputPath": "$.given", "Next": "Choose"}}
    machine = workspace.define("Order", {"StartAt": "Read", "States": {**first, **states}})
    return machine.run({"given": left}).compare(machine.run({"given": right}))


def test_it_says_where_they_part_and_marks_the_row(open_pane: OpenPane) -> None:
    page = open_pane(_comparison({"n": 1}, {"n": 7}))
    assert "They part in Read: another input and output." in page.text
    assert "Order-1" in page.text
    assert "Succeeded in 9 s" in page.text
    rows = page.page.locator(".sfn-compare-row")
    assert [text.split()[0] for text in rows.all_inner_texts()] == ["Read", "Choose", "Small", "Large", "Done"]
    assert page.page.locator(".sfn-compare-parting").inner_text().startswith("Read they part here")
    assert "was not here" in rows.nth(2).inner_text()


def test_the_difference_of_a_payload_opens_and_its_state_can_be_selected(open_pane: OpenPane) -> None:
    page = open_pane(_comparison({"n": 1, "name": HOSTILE}, {"n": 7, "name": "x"}))
    row = page.page.locator(".sfn-compare-row").nth(1)
    row.locator("summary", has_text="Input").press("Enter")
    row.get_by_text("$.n", exact=True).wait_for()
    assert HOSTILE in row.inner_text()
    assert page.page.locator("#el img").count() == 0
    row.get_by_role("button", name="Choose").press("Enter")
    assert page.selected() == "/States/Choose"
    assert page.page.locator(".sfn-compare-selected").count() == 1


def test_of_two_values_neither_is_called_the_earlier_one(open_pane: OpenPane) -> None:
    page = open_pane(_comparison({"n": 1, "old": 2}, {"n": 7, "new": 3}))
    row = page.page.locator(".sfn-compare-row").nth(1)
    row.locator("summary", has_text="Input").press("Enter")
    row.get_by_text("$.n", exact=True).wait_for()
    assert "1 only right, 1 only left, 1 different" in row.inner_text()
    assert row.locator(".sfn-diff-word").all_inner_texts() == ["left", "right"]
    values = row.locator(".sfn-diff-text")
    struck = values.evaluate_all("all => all.map(each => getComputedStyle(each).textDecorationLine)")
    assert set(struck) == {"none"}


def test_states_that_are_the_same_are_shown_when_asked_for(open_pane: OpenPane) -> None:
    page = open_pane(_comparison({"n": 1}, {"n": 1}))
    assert "Both went the same way." in page.text
    assert page.page.locator(".sfn-compare-row").count() == 0
    page.page.get_by_label("States that are the same, too").press("Space")
    assert page.page.locator(".sfn-compare-row").count() == 4
    assert "= the same" in page.text
