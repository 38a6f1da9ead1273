"""Continuous integration runs what the README tells a stranger to run, and nothing else that would hide a failure."""

import os
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CI = ROOT / ".ci" / "run"


def _commands_of_the_readme() -> list[str]:
    """The commands, in order, of the README's block that runs the tests."""
    blocks = re.findall(
        r"^```\w*\n(.*?)^```", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    (block,) = [block for block in blocks if "python -m pytest" in block]
    return [command.strip() for command in re.split(r"&&|\n", block.replace("\\\n", " ")) if command.strip()]


def test_ci_runs_the_test_command_of_the_readme() -> None:
    lines = [line.partition(" #")[0].strip() for line in CI.read_text(encoding="utf-8").splitlines()]
    commands = [line for line in lines if line.startswith("python -m pip") or "pytest" in line]
    # What is put into a folder of its own (the older kernels) is not part of the environment that the README makes.
    assert [command for command in commands if "--target" not in command] == _commands_of_the_readme()


def test_ci_stops_at_the_first_failure() -> None:
    assert os.access(CI, os.X_OK)
    assert "set -euo pipefail" in CI.read_text(encoding="utf-8")
    checked = subprocess.run(["bash", "-n", str(CI)], capture_output=True, text=True, check=False, timeout=30)  # noqa: S603, S607 - our script, Debian's bash
    assert checked.returncode == 0, checked.stderr
