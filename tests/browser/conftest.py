"""One server of each kind for the whole run; it skips where a front end is not installed."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.jupyter_server import JupyterServer, running_server


def _server(front_end: str, folder: Path) -> Iterator[JupyterServer]:
    if importlib.util.find_spec(front_end) is None:
        pytest.skip(f"{front_end} is not installed")
    with running_server(front_end, folder) as server:
        yield server


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """JupyterLab."""
    yield from _server("jupyterlab", tmp_path_factory.mktemp("lab"))


@pytest.fixture(scope="session")
def classic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """Notebook 7."""
    yield from _server("notebook", tmp_path_factory.mktemp("notebook"))
