"""What `pip install` brings: everything the package needs at run time, and nothing else."""

import importlib.util
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("hatchling") is None, reason="hatchling, which builds the wheel, is not installed"
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    options = ["--no-deps", "--no-build-isolation", "--disable-pip-version-check", "--wheel-dir", str(folder)]
    command = [sys.executable, "-m", "pip", "wheel", *options, str(ROOT)]
    built = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)  # noqa: S603 - pip
    assert built.returncode == 0, built.stdout + built.stderr
    (path,) = folder.glob("*.whl")
    return path


def _members(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_every_file_of_the_package_is_in_the_wheel(wheel: Path) -> None:
    files = {path.relative_to(ROOT).as_posix() for path in (ROOT / "sfn_notebook").rglob("*") if path.is_file()}
    wanted = {name for name in files if "__pycache__" not in name}
    assert wanted <= _members(wheel)


@pytest.mark.parametrize("suffix", [".js", ".css"])
def test_the_widget_brings_its_own_scripts_and_styles(wheel: Path, suffix: str) -> None:
    members = _members(wheel)
    assert any(name.startswith("sfn_notebook/widgets/static/") and name.endswith(suffix) for name in members)


def test_the_wheel_tells_type_checkers_that_it_is_typed(wheel: Path) -> None:
    assert "sfn_notebook/py.typed" in _members(wheel)


def test_the_wheel_holds_only_the_package_and_its_metadata(wheel: Path) -> None:
    folders = {name.partition("/")[0] for name in _members(wheel)}
    (metadata,) = folders - {"sfn_notebook"}
    assert metadata.endswith(".dist-info")
    assert any(name.endswith("licenses/LICENSE") for name in _members(wheel))


def test_the_wheel_works_away_from_the_source(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    program = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import sfn_notebook; print(sfn_notebook.__file__)"
    ran = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
    )
    assert ran.stdout.startswith(str(tmp_path)), ran.stdout + ran.stderr
