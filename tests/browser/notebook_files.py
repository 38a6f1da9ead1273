"""Notebook files for the browser to open: written from cells, or copied from the project; it opens none."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import nbformat

from tests.browser.kernels import INSTALLED_KERNEL, ROOT

PROJECT_NOTEBOOKS: Final = ROOT / "notebooks"


def write_notebook(path: Path, sources: list[str], *, kernel: str = INSTALLED_KERNEL) -> None:
    """A new notebook of code cells, none of which has run; ``kernel`` is the name of a kernelspec."""
    # Without it a front end asks which kernel to use, and waits.
    kernelspec = {"name": kernel, "display_name": kernel, "language": "python"}
    cells = [nbformat.v4.new_code_cell(source) for source in sources]  # type: ignore[no-untyped-call]  # nbformat leaves its functions untyped
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernelspec})  # type: ignore[no-untyped-call]  # as above
    nbformat.write(notebook, path)  # type: ignore[no-untyped-call]  # as above


def code_sources(notebook: str) -> list[str]:
    """The code cells of one of the project's notebooks."""
    read = nbformat.read(PROJECT_NOTEBOOKS / notebook, as_version=4)  # type: ignore[no-untyped-call]  # as above
    return [cell.source for cell in read.cells if cell.cell_type == "code"]


def position(sources: list[str], is_wanted: Callable[[str], bool]) -> int:
    """Where the first cell stands that is wanted."""
    return next(index for index, source in enumerate(sources) if is_wanted(source))
