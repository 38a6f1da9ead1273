"""The author's own exception: its text is the same everywhere, and ``%debug`` lands in the author's function."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from sfn_notebook.magics.user_errors import cell_namer, enter_with_debug, error_text

if TYPE_CHECKING:
    from conftest import NotebookShell


def raised(shell: "NotebookShell", body: str) -> BaseException:
    """The exception that ``handler(7)`` of a cell raises."""
    shell.run(f"def handler(event):\n{body}")
    try:
        shell.user_ns["handler"](7)
    except Exception as error:  # noqa: BLE001 - whatever the body raises
        assert error.__traceback__ is not None
        return error.with_traceback(error.__traceback__.tb_next)
    raise AssertionError("nothing was raised")


def test_chains_are_told_and_libraries_are_named_by_module(shell: "NotebookShell") -> None:
    error = raised(
        shell,
        "    import json\n    try:\n        json.loads('{')\n    except ValueError as problem:\n"
        "        raise LookupError('no order') from problem",
    )
    text = error_text(error, cell_namer(shell))
    assert text.splitlines()[0] == "LookupError: no order"
    assert "caused by JSONDecodeError: Expecting property name" in text
    assert "  ---->   6         raise LookupError('no order') from problem" in text
    library = error_text(raised(shell, "    import json\n    json.loads('{')"), cell_namer(shell))
    assert "  json.decoder, in " in library
    assert str(Path(os.__file__).parent) not in library


def test_files_beside_the_notebook_are_shown_with_their_lines(
    shell: "NotebookShell", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "shop_rules.py").write_text("def check(total):\n    raise ValueError(total)\n")
    text = error_text(raised(shell, "    import shop_rules\n    shop_rules.check(event)"), cell_namer(shell))
    assert "  File shop_rules.py, line 2, in check\n" in text
    assert str(tmp_path) not in text


def test_an_endless_recursion_is_short_and_does_not_tell_the_machines_depth(shell: "NotebookShell") -> None:
    text = error_text(raised(shell, "    return handler(event)"), cell_namer(shell))
    assert len(text.splitlines()) < 80
    assert "  ..." in text


def test_hostile_exceptions_are_still_told(shell: "NotebookShell") -> None:
    class Mute(Exception):  # noqa: N818 - a user's own
        def __str__(self) -> str:
            raise OSError("no")

    assert error_text(Mute(), cell_namer(shell)) == "Mute: <no text: its __str__ failed>"
    assert len(error_text(ValueError("x" * 100_000), cell_namer(shell))) < 3_000
    loop = ValueError("a")
    loop.__cause__ = KeyError("b")
    loop.__cause__.__cause__ = loop
    assert error_text(loop, cell_namer(shell)).count("caused by") == 1


def entered(shell: "NotebookShell", monkeypatch: pytest.MonkeyPatch) -> tuple[str, dict[str, Any]]:
    """Where ``%debug`` stops: the function's name and its variables."""
    seen: list[tuple[str, dict[str, Any]]] = []

    def look(debugger: Any, *_: Any, **__: Any) -> None:
        seen.append((debugger.curframe.f_code.co_name, dict(debugger.curframe_locals)))

    monkeypatch.setattr(shell.InteractiveTB.debugger_cls, "cmdloop", look)
    monkeypatch.setattr(shell.InteractiveTB.debugger_cls, "_cmdloop", look, raising=False)
    shell.run("%debug")
    (only,) = seen
    return only


def test_debug_enters_the_authors_function(orders: "NotebookShell", monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("last_type", "last_value", "last_traceback"):
        monkeypatch.setattr(sys, name, None, raising=False)
    orders.attempt("1 / 0")
    orders.run('%sfn run OrderFlow --input {"total": 700}')
    name, variables = entered(orders, monkeypatch)
    assert name == "charge"
    assert variables["event"]["total"] == 700


def test_the_newest_error_is_the_one_that_debug_enters(
    orders: "NotebookShell", monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("last_type", "last_value", "last_traceback"):
        monkeypatch.setattr(sys, name, None, raising=False)
    orders.run('%sfn run OrderFlow --input {"total": 700}')
    orders.attempt("def divide(a):\n    return a / 0\ndivide(3)")
    name, variables = entered(orders, monkeypatch)
    assert (name, variables) == ("divide", {"a": 3})


@pytest.mark.parametrize("has_public_method", [True, False])
def test_cells_are_named_by_old_and_new_compilers(has_public_method: bool) -> None:  # noqa: FBT001 - a parameter
    class Compiler:
        _filename_map: dict[str, int] = {"/tmp/ipykernel_1/9.py": 4}  # noqa: RUF012, S108 - as IPython has it
        if has_public_method:

            def format_code_name(self, name: str) -> tuple[str, str] | None:
                return ("Cell", f"In[{self._filename_map[name]}]") if name in self._filename_map else None

    class Shell:
        compile = Compiler()

    namer: Callable[[str], str | None] = cell_namer(Shell())  # type: ignore[arg-type]  # only its compiler is asked
    assert namer("/tmp/ipykernel_1/9.py") == "In[4]"  # noqa: S108 - a name, not a file
    assert namer("/usr/lib/python3/json.py") is None


def test_entering_needs_no_traceback() -> None:
    class Shell:
        class InteractiveTB:
            tb: Any = None

    enter_with_debug(Shell(), ValueError("x"))  # type: ignore[arg-type]  # only its traceback printer is asked
    assert isinstance(sys.last_value, ValueError)
    assert InteractiveShell is not None
