"""Style and types of the package and its tests, so that one pytest command is the whole check."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHECKS = {
    "ruff check": ("ruff", "check", "--no-cache", "sfn_notebook", "tests"),
    "ruff format": ("ruff", "format", "--no-cache", "--check", "--diff", "sfn_notebook", "tests"),
    "mypy": ("mypy", "--strict", "--no-error-summary"),
}


@pytest.mark.parametrize("check", CHECKS)
def test_the_source_is_clean(check: str) -> None:
    module, *arguments = CHECKS[check]
    command = [sys.executable, "-m", module, *arguments]
    checked = subprocess.run(  # noqa: S603 - the commands above
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=900
    )
    assert checked.returncode == 0, f"{check}\n{checked.stdout}\n{checked.stderr}"
