"""One server of each kind for the whole run, and the platforms to try; it skips what is not installed."""

import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from tests.browser.jupyter_server import JupyterServer, running_server
from tests.browser.kernels import FOLDER_VARIABLE, INSTALLED_KERNEL, OLDER_VERSIONS, folder_of

_PLATFORMS: Final = (("lab", None), *(("lab", version) for version in OLDER_VERSIONS), ("classic", None))


@dataclass(frozen=True, kw_only=True)
class Platform:
    """A front end with a kernel: ``version`` begins the version of its ipykernel, ``None`` is the installed one."""

    server: JupyterServer
    kernel: str
    version: str | None


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


@pytest.fixture(scope="module", params=_PLATFORMS, ids=["-".join(filter(None, each)) for each in _PLATFORMS])
def platform(request: pytest.FixtureRequest) -> Platform:
    """Each front end with the installed ipykernel, and JupyterLab with older ones."""
    front_end, version = request.param
    if version is not None and folder_of(version) is None:
        pytest.skip(f"no ipykernel {version} in the folder that {FOLDER_VARIABLE} names (.ci/run puts it there)")
    server: JupyterServer = request.getfixturevalue(front_end)
    packages = None if version is None else folder_of(version)
    if packages is None:
        return Platform(server=server, kernel=INSTALLED_KERNEL, version=None)
    server.kernelspecs.add(f"ipykernel-{version}", packages)
    return Platform(server=server, kernel=f"ipykernel-{version}", version=version)
