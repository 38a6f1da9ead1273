"""What all tests share: their order, and one browser; it knows nothing of what any of them tests."""

import shutil
import signal
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_CHROMIUM_NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
_CHROMIUM_FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # Playwright's synchronous API leaves an event loop running in the thread, so that asyncio.run() would fail in every
    # test after it: tests with a browser come last, whatever their folder's name. They are the slowest, too.
    items.sort(key=lambda item: "browser" in getattr(item, "fixturenames", ()))


@pytest.fixture(scope="session", autouse=True)
def _interrupts_arrive() -> None:
    # A shell that is not interactive starts its background jobs with SIGINT ignored, and so do some CI systems: a test
    # of Ctrl-C would then wait for ever.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """The only browser of the run: Playwright allows one synchronous instance per thread."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    program = next(filter(None, map(shutil.which, _CHROMIUM_NAMES)), None)
    if program is None:
        pytest.skip("no Chromium on PATH (Debian: apt-get install chromium)")
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=program, headless=True, args=list(_CHROMIUM_FLAGS))
        yield started
        started.close()
