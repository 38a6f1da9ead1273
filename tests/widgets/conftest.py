"""The pages of widgets; it knows nothing of what is tested on them."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from sfn_notebook.widgets.execution_widget import ExecutionWidget
from tests.widgets.widget_page import WidgetPage

if TYPE_CHECKING:
    from playwright.sync_api import Browser

OpenPage = Callable[..., WidgetPage]


@pytest.fixture
def open_page(browser: "Browser") -> Iterator[OpenPage]:
    """Open a widget's page; at the end of the test its console must have been silent."""
    pages: list[WidgetPage] = []

    def open_widget(widget: ExecutionWidget, *, width: int = 1100, dark: bool = False) -> WidgetPage:
        pages.append(WidgetPage(browser, widget, width=width, dark=dark))
        return pages[-1]

    yield open_widget
    complaints = [complaint for page in pages for complaint in page.complaints]
    for page in pages:
        page.close()
    assert complaints == []
