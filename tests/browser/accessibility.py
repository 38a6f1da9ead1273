"""What axe-core finds in a page, which knows nothing of ours; it fetches nothing."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Page

_GRAVE: Final = {"serious", "critical"}
_RUN: Final = "selector => axe.run(selector, {resultTypes: ['violations']})"


def grave_violations(page: Page, selector: str) -> list[str]:
    """What is serious or critical in the elements of ``selector``, one line each; skips the test without axe-core."""
    package = find_spec("axe_playwright_python")
    if package is None or package.origin is None:
        pytest.skip("axe-playwright-python, which brings axe-core, is not installed")
    page.add_style_tag(content="* { transition: none !important; animation: none !important; }")
    page.evaluate((Path(package.origin).parent / "axe.min.js").read_text(encoding="utf-8"))
    found: dict[str, Any] = page.evaluate(_RUN, selector)
    return [
        f"{rule['id']}: {node['html'][:160]} {node['any'][0]['message'] if node['any'] else ''}"
        for rule in found["violations"]
        if rule["impact"] in _GRAVE
        for node in rule["nodes"]
    ]
