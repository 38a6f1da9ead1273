"""Which file name of Python's belongs to which cell: ``In[3]``, the same in a notebook and in its strict tests."""

from typing import Any

from IPython.core.interactiveshell import InteractiveShell


class CellNames:
    """The names of a shell's cells, by the file names that they were compiled under.

    IPython numbers a cell by its history. ``nbval`` runs cells without history, so there every cell would be ``In[1]``,
    and outputs that name a cell would differ from the notebook's own. Such cells are counted here instead: run from top
    to bottom, both ways give the same numbers.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self._compiler: Any = shell.compile
        # The cell that loads the extension is running now; without history, one file for each cell tells its number.
        self._count = max(shell.execution_count, len(self._numbers_of_compiler()))
        self._without_history: dict[str, int] = {}

    def __call__(self, file_name: str) -> str | None:
        """``In[3]`` for the file name of the third cell; ``None`` for what is no cell."""
        number = self._without_history.get(file_name)
        if number is not None:
            return f"In[{number}]"
        # Public since IPython 7.25; the map behind it serves compilers without it.
        if hasattr(self._compiler, "format_code_name"):
            named = self._compiler.format_code_name(file_name)
            return None if named is None else str(named[1])
        number = self._numbers_of_compiler().get(file_name)
        return None if number is None else f"In[{number}]"

    def begin_cell(self, info: Any = None) -> None:
        """A cell is about to run; IPython's event ``pre_run_cell`` says which."""
        if info is None:
            return
        file_name = self._file_name_of(info.raw_cell)
        if info.store_history:
            self._count = self._shell.execution_count
            self._without_history.pop(file_name, None)
        else:
            self._count += 1
            self._without_history[file_name] = self._count

    def _file_name_of(self, raw_cell: str) -> str:
        try:
            transformed = self._shell.transform_cell(raw_cell)  # type: ignore[no-untyped-call]  # IPython leaves it untyped
        except Exception:  # noqa: BLE001 - whatever a transformer raises, IPython reports it when the cell runs
            return ""
        return str(self._compiler.get_code_name(raw_cell, transformed, self._shell.execution_count))

    def _numbers_of_compiler(self) -> dict[str, int]:
        numbers: dict[str, int] = getattr(self._compiler, "_filename_map", {})
        return numbers
