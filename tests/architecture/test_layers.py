"""Who may import whom, as pyproject.toml's contracts say; this runs the linter that reads them."""

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LINT = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True, no_logo=True))"


def _lint(folder: Path, *, python_path: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(python_path)!r}); {LINT}"]
    return subprocess.run(  # noqa: S603 - our own program
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=300
    )


def test_every_import_contract_is_kept() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    linted = _lint(ROOT, python_path=ROOT)
    assert linted.returncode == 0, linted.stdout + linted.stderr
    assert f"Contracts: {len(contracts)} kept, 0 broken." in linted.stdout


def test_the_contracts_notice_an_import_that_goes_up(tmp_path: Path) -> None:
    settings = (ROOT / "pyproject.toml").read_text()
    (tmp_path / "pyproject.toml").write_text(settings)
    package = tmp_path / "sfn_notebook"
    for module in ROOT.glob("sfn_notebook/**/*.py"):
        copy = tmp_path / module.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text("")
    (package / "asl" / "__init__.py").write_text("import sfn_notebook.engine\nimport IPython\n")
    linted = _lint(tmp_path, python_path=tmp_path)
    assert linted.returncode != 0
    assert "sfn_notebook.asl -> sfn_notebook.engine" in linted.stdout
    assert "sfn_notebook.asl -> IPython" in linted.stdout
