"""A Jupyter server on this machine, JupyterLab or Notebook 7, without its user's settings; it opens no page."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.error import URLError
from urllib.parse import quote
from urllib.request import urlopen

from sfn_notebook.runtime.clock import stopwatch
from tests.browser.kernels import INSTALLED_KERNEL, ROOT, KernelSpecs

START_SECONDS: Final = 90
STOP_SECONDS: Final = 20
_POLL_SECONDS: Final = 0.1

_SERVER_FLAGS: Final = (
    "--no-browser",
    "--allow-root",
    "--ServerApp.ip=127.0.0.1",
    "--ServerApp.port_retries=0",
    # Without a token only because nothing but this machine can reach the address above.
    "--IdentityProvider.token=",
    "--ServerApp.password=",
)
_FRONT_ENDS: Final = {
    "jupyterlab": (
        "--LabApp.expose_app_in_browser=True",
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",
        "--LabApp.app_settings_dir={settings}",
    ),
    "notebook": (
        "--JupyterNotebookApp.expose_app_in_browser=True",
        "--JupyterNotebookApp.app_settings_dir={settings}",
    ),
}
_PAGES: Final = {"jupyterlab": "lab/tree/{name}?reset", "notebook": "notebooks/{name}"}
_SETTINGS: Final = {
    # Without this the news pop-up asks its question over the first notebook, whatever news_url says.
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false"},
    # Cells out of sight stay in the page, so that the n-th cell of the page is the n-th of the notebook.
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
}


@dataclass(frozen=True, kw_only=True)
class JupyterServer:
    """A server that answers; ``front_end`` is the Python module that was started, ``folder`` holds its notebooks."""

    front_end: str
    base_url: str
    folder: Path
    kernelspecs: KernelSpecs

    def address_of(self, notebook: str) -> str:
        """Where a person would open the notebook of that file name."""
        return self.base_url + _PAGES[self.front_end].format(name=quote(notebook))


def _environment(home: Path) -> dict[str, str]:
    """Everything Jupyter reads or writes lies under ``home``; the kernel imports this checkout."""
    folders = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "lab-settings",
        "JUPYTERLAB_WORKSPACES_DIR": "lab-workspaces",
        "IPYTHONDIR": "ipython",
        "JUPYTER_PATH": "share",
    }
    paths = {name: str(home / folder) for name, folder in folders.items()}
    return {**os.environ, **paths, "JUPYTER_PLATFORM_DIRS": "1", "PYTHONPATH": str(ROOT)}


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _wait_until_it_answers(base_url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    started = stopwatch()
    while stopwatch() - started < START_SECONDS:
        if process.poll() is not None:
            break
        with (
            contextlib.suppress(URLError, ConnectionError, TimeoutError),
            urlopen(f"{base_url}api/status", timeout=5),  # noqa: S310 - our own http address
        ):
            return
        threading.Event().wait(_POLL_SECONDS)
    raise RuntimeError(f"the Jupyter server does not answer:\n{log.read_text()[-4000:]}")


@contextlib.contextmanager
def running_server(front_end: str, home: Path) -> Iterator[JupyterServer]:
    """Start a server whose files all lie under ``home`` (new, empty), and stop it with its kernels."""
    notebooks, settings, log = home / "notebooks", home / "app-settings", home / "server.log"
    for folder in (notebooks, settings):
        folder.mkdir(parents=True)
    (settings / "overrides.json").write_text(json.dumps(_SETTINGS))
    kernelspecs = KernelSpecs(home / "share" / "kernels")
    kernelspecs.add(INSTALLED_KERNEL)
    port = _free_port()
    flags = [flag.format(settings=settings) for flag in _FRONT_ENDS[front_end]]
    places = [f"--ServerApp.port={port}", f"--ServerApp.root_dir={notebooks}"]
    command = [sys.executable, "-m", front_end, *_SERVER_FLAGS, *places, *flags]
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own command
            command, cwd=notebooks, env=_environment(home), stdout=output, stderr=subprocess.STDOUT
        )
    try:
        base_url = f"http://127.0.0.1:{port}/"
        _wait_until_it_answers(base_url, process, log)
        yield JupyterServer(front_end=front_end, base_url=base_url, folder=notebooks, kernelspecs=kernelspecs)
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
