"""The kernels that notebooks of the tests may ask for, by kernelspec; it starts none.

Clicks and prints of threads go other ways in each version of ipykernel. Older versions are looked for in the folder
named by ``SFN_NOTEBOOK_KERNELS``, each in a folder called by its version, as ``pip install --target`` fills it.
"""

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
INSTALLED_KERNEL: Final = "python3"
OLDER_VERSIONS: Final = ("7.3", "6.31")
"""Versions of ipykernel beside the installed one."""
FOLDER_VARIABLE: Final = "SFN_NOTEBOOK_KERNELS"


def folder_of(version: str) -> Path | None:
    """Where that version of ipykernel lies; ``None`` where nobody has put it."""
    folder = Path(os.environ.get(FOLDER_VARIABLE, "")) / version
    return folder if FOLDER_VARIABLE in os.environ and (folder / "ipykernel").is_dir() else None


class KernelSpecs:
    """The kernelspecs of one server, in ``folder``; a server looks there whenever it is asked."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, name: str, *packages: Path) -> None:
        """Name a kernel that is the Python of the tests, with ``packages`` before its own."""
        specification = {
            "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            "display_name": name,
            "language": "python",
            # The kernel imports this checkout.
            "env": {"PYTHONPATH": os.pathsep.join(str(each) for each in (*packages, ROOT))},
        }
        (self._folder / name).mkdir(parents=True, exist_ok=True)
        (self._folder / name / "kernel.json").write_text(json.dumps(specification))

    def remove(self, name: str) -> None:
        """Make the server forget the kernel."""
        shutil.rmtree(self._folder / name)
