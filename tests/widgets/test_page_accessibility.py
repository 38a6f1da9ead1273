"""The view by the rules of axe-core: names, roles, contrast, keyboard; nothing serious may be wrong."""

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sfn_notebook.engine.execution import Execution
from tests.widgets import traces
from tests.widgets.conftest import OpenPage
from tests.widgets.run_widgets import running_map, widget_of
from tests.widgets.widget_page import WidgetPage

if TYPE_CHECKING:
    from collections.abc import Callable

AXE = find_spec("axe_playwright_python")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(AXE is None, reason="axe-playwright-python, which brings axe-core, is not installed"),
]
GRAVE = {"serious", "critical"}
RUNS: dict[str, "Callable[[], Execution]"] = {
    "failing": traces.failing_run,
    "map": traces.map_run,
    "parallel": traces.parallel_run,
    "running": running_map,
}


def _violations(page: WidgetPage) -> list[str]:
    """What is gravely wrong in the view, one line each."""
    assert AXE is not None
    assert AXE.origin is not None
    page.page.add_style_tag(content="* { transition: none !important; animation: none !important; }")
    page.page.evaluate((Path(AXE.origin).parent / "axe.min.js").read_text(encoding="utf-8"))
    found: dict[str, Any] = page.page.evaluate("() => axe.run('.sfn-view', {resultTypes: ['violations']})")
    return [
        f"{rule['id']}: {node['html'][:160]} {node['any'][0]['message'] if node['any'] else ''}"
        for rule in found["violations"]
        if rule["impact"] in GRAVE
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", RUNS)
def test_a_run_has_no_grave_violation_in_any_pane(open_page: OpenPage, name: str, dark: bool) -> None:  # noqa: FBT001 - a parameter
    page = open_page(widget_of(RUNS[name]()), dark=dark)
    page.page.locator("[data-pointer]").first.dispatch_event("click")
    for tab in page.page.get_by_role("tab").all():
        tab.click()
        assert _violations(page) == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_moment_in_the_past_and_collapsed_regions_have_none_either(open_page: OpenPage, dark: bool) -> None:  # noqa: FBT001 - a parameter
    page = open_page(widget_of(traces.parallel_run()), dark=dark, width=520)
    page.page.get_by_role("slider", name="Moment", exact=True).fill("20")
    assert _violations(page) == []
    page.page.get_by_role("button", name="Collapse all").click()
    assert _violations(page) == []
