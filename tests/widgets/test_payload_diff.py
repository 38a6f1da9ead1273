"""What differs between two payloads, found and listed in real Chromium."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pytest

from sfn_notebook._json import JSONValue
from tests.widgets.inspector_page import InspectorPage, visits_trace

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

OpenInspector = Callable[..., InspectorPage]


@pytest.fixture
def open_inspector(browser: "Browser") -> Iterator[OpenInspector]:
    """Open the inspector of what the kernel sent."""
    pages: list[InspectorPage] = []

    def open_state(state: Mapping[str, JSONValue], *, width: int = 420, dark: bool = False) -> InspectorPage:
        pages.append(InspectorPage(browser, state, width=width, dark=dark))
        return pages[-1]

    yield open_state
    for page in pages:
        page.close()


def _diff(page: InspectorPage, before: str, after: str) -> Any:
    script = """([before, after]) => {
      const { changes, cut } = loaded.diffPayloads(loaded.readJson(before), loaded.readJson(after));
      const text = (node) => node?.text ?? null;
      const words = ({ path, kind, before, after }) => [loaded.jsonPathOf(path), kind, text(before), text(after)];
      return { changes: changes.map(words), cut };
    }"""
    return page.page.evaluate(script, [before, after])


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        ('{"a":1,"b":[1,2]}', '{"b":[1,2],"a":1}', []),
        ('{"a":1.0}', '{"a":1}', [["$.a", "changed", "1.0", "1"]]),
        ("[9007199254740993]", "[9007199254740992]", [["$[0]", "changed", "9007199254740993", "9007199254740992"]]),
        ('{"a":"\\u00e9"}', '{"a":"é"}', []),
        ("[1,2,3,4]", "[1,9,2,3,4]", [["$[1]", "added", None, "9"]]),
        ('[{"k":1,"v":2},5]', '[{"v":2,"k":1}]', [["$[1]", "removed", "5", None]]),
        ('{"a":{"b":1}}', '{"a":[1]}', [["$.a", "changed", '{"b":1}', "[1]"]]),
        ("1", '"1"', [["$", "changed", "1", '"1"']]),
        ('{"a":{}}', '{"a":{"x y":[]}}', [["$.a['x y']", "added", None, "[]"]]),
    ],
)
def test_changes_are_found_by_path(
    open_inspector: OpenInspector, before: str, after: str, changes: list[JSONValue]
) -> None:
    assert _diff(open_inspector({}), before, after) == {"changes": changes, "cut": False}


def test_comparing_stops_where_it_would_take_too_long(open_inspector: OpenInspector) -> None:
    page = open_inspector({})
    many = _diff(page, json.dumps([{"n": n} for n in range(5000)]), json.dumps([{"n": -n - 1} for n in range(5000)]))
    assert many["cut"]
    assert len(many["changes"]) == 2000
    nested = ["[" * 20_000 + sign + "]" * 20_000 for sign in "12"]
    deep = _diff(page, *nested)
    assert len(deep["changes"]) <= 1


def test_many_changes_are_listed_in_parts(open_inspector: OpenInspector) -> None:
    trace = visits_trace([json.dumps([0] * 5000), json.dumps([1] * 5000)])
    trace["visits"]["output"][1] = 0
    page = open_inspector({"trace": trace})
    page.select("/States/Count")
    page.button("Changes").click()
    assert page.page.locator(".sfn-diff-row").count() == 100
    assert "There may be more changes" in page.text
    page.page.get_by_role("button", name="Show 100 more").click()
    assert page.page.locator(".sfn-diff-row").count() == 200
