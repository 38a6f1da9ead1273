"""The widgets' JavaScript against its own JSDoc types, checked by the TypeScript compiler."""

import shutil
import subprocess
from pathlib import Path

import pytest

STATIC = Path(__file__).resolve().parents[2] / "sfn_notebook" / "widgets" / "static"
OPTIONS = ("--checkJs", "--allowJs", "--noEmit", "--strict", "--target", "es2022", "--module", "es2022")
COMPILER = shutil.which("tsc")


@pytest.mark.skipif(COMPILER is None, reason="no tsc on PATH (Debian: apt-get install node-typescript)")
def test_every_module_keeps_its_types() -> None:
    modules = sorted(str(path) for path in STATIC.glob("*.js"))
    assert modules
    command = [str(COMPILER), *OPTIONS, "--lib", "es2022,dom,dom.iterable", *modules]
    checked = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)  # noqa: S603 - the compiler
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_every_module_asks_for_the_check() -> None:
    unchecked = [path.name for path in STATIC.glob("*.js") if not path.read_text("utf-8").startswith("// @ts-check\n")]
    assert unchecked == []
