"""Every notebook as a reader finds it: run in full, saved with its outputs, and the same bytes on every machine."""

import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
CELL_SECONDS = 60
NAMES = [notebook.name for notebook in NOTEBOOKS]


def _code_cells(notebook: Path) -> list[nbformat.NotebookNode]:
    read = nbformat.read(notebook, as_version=4)  # type: ignore[no-untyped-call]  # nbformat leaves it untyped
    return [cell for cell in read.cells if cell.cell_type == "code"]


def test_the_notebooks_are_there() -> None:
    assert {"01-first-state-machine.ipynb", "02-choice-and-default.ipynb"} <= set(NAMES)


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=NAMES)
def test_a_notebook_was_saved_after_one_run_from_top_to_bottom(notebook: Path) -> None:
    counts = [cell.execution_count for cell in _code_cells(notebook)]
    assert counts == list(range(1, len(counts) + 1))


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=NAMES)
def test_a_saved_notebook_needs_no_kernel_to_show_its_runs(notebook: Path) -> None:
    outputs = [output for cell in _code_cells(notebook) for output in cell.outputs]
    pictures = [output.data for output in outputs if "image/png" in output.get("data", {})]
    assert pictures
    assert all("text/plain" in data for data in pictures)


@pytest.fixture(scope="module")
def jupyter_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Shared by both runs: what the first one leaves behind must not change the second."""
    return tmp_path_factory.mktemp("jupyter")


@pytest.mark.parametrize("run", ["first", "second"])
def test_nbval_finds_every_output_as_it_was_saved(run: str, jupyter_home: Path, tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "PYTEST"))}
    environment |= {
        "IPYTHONDIR": str(jupyter_home / "ipython"),
        "JUPYTER_DATA_DIR": str(jupyter_home / "data"),
        "JUPYTER_RUNTIME_DIR": str(jupyter_home / "runtime"),
        "JUPYTER_PLATFORM_DIRS": "1",
        "PYTHONPATH": str(ROOT),
    }
    report = tmp_path / "report.xml"
    options = [
        "--nbval",
        f"--nbval-cell-timeout={CELL_SECONDS}",
        "-p",
        "no:cacheprovider",
        f"--junit-xml={report}",
    ]
    before = {path: path.read_bytes() for path in FOLDER.rglob("*") if path.is_file()}
    ran = subprocess.run(  # noqa: S603 - pytest
        [sys.executable, "-m", "pytest", *options, str(FOLDER)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert ran.returncode == 0, f"the {run} run of nbval:\n{ran.stdout}\n{ran.stderr}"
    suite = ET.parse(report).getroot().find("testsuite")  # noqa: S314 - pytest wrote it a moment ago
    assert suite is not None
    # A cell that nbval skips, or expects to fail after a dead kernel, would count as neither passed nor failed.
    assert int(suite.get("tests", 0)) == sum(len(_code_cells(notebook)) for notebook in NOTEBOOKS)
    assert (suite.get("skipped"), suite.get("failures"), suite.get("errors")) == ("0", "0", "0")
    after = {path: path.read_bytes() for path in FOLDER.rglob("*") if path.is_file()}
    assert {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)} == set()
