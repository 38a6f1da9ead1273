"""What an import loads: scripts and tests that run a workflow without a notebook must not pay for Jupyter."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import sys
before = set(sys.modules)
import {module}
import json
print(json.dumps(sorted({{name.partition(".")[0] for name in set(sys.modules) - before}})))
"""
JUPYTER = ("IPython", "ipykernel", "ipywidgets", "anywidget", "traitlets", "boto3")
EVERYTHING_HEAVY = (*JUPYTER, "asyncio", "graphviz", "pygraphviz", "jsonpath_ng", "yaml")
FORBIDDEN = {
    "sfn_notebook": EVERYTHING_HEAVY,
    "sfn_notebook.engine.execution": JUPYTER,
    "sfn_notebook.functions.registry": JUPYTER,
    "sfn_notebook.workspace": JUPYTER,
}


def _loaded_by(module: str) -> set[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", PROGRAM.format(module=module)]
    ran = subprocess.run(  # noqa: S603 - our own program
        command, env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert ran.returncode == 0, ran.stderr
    return set(json.loads(ran.stdout))


@pytest.mark.parametrize("module", FORBIDDEN)
def test_an_import_stays_light(module: str) -> None:
    loaded = _loaded_by(module)
    assert "sfn_notebook" in loaded
    assert loaded.isdisjoint(FORBIDDEN[module]), f"import {module} loads {sorted(loaded & set(FORBIDDEN[module]))}"
