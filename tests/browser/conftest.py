"""One browser and one server of each kind for the whole run; it skips where this machine has none."""

import importlib.util
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.jupyter_server import JupyterServer, running_server

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


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = next(filter(None, map(shutil.which, _CHROMIUM_NAMES)), None)
    if program is None:
        pytest.skip("no Chromium on PATH (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, headless=True, args=list(_CHROMIUM_FLAGS))
        yield started
        started.close()


def _server(front_end: str, folder: Path) -> Iterator[JupyterServer]:
    if importlib.util.find_spec(front_end) is None:
        pytest.skip(f"{front_end} is not installed")
    with running_server(front_end, folder) as server:
        yield server


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    yield from _server("jupyterlab", tmp_path_factory.mktemp("lab"))


@pytest.fixture(scope="session")
def classic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """Notebook 7."""
    yield from _server("notebook", tmp_path_factory.mktemp("notebook"))
