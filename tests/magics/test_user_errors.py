"""The author's own exception: its text is the same everywhere, and ``%debug`` lands in the author's function."""

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from sfn_notebook.magics.cell_names import CellNames
from sfn_notebook.magics.user_errors import enter_with_debug, error_text
from tests.magics.notebook_shell import NotebookShell


def raised(shell: NotebookShell, body: str) -> BaseException:
    """The exception that ``handler(7)`` of a cell raises."""
    shell.run(f"def handler(event):\n{body}")
    with pytest.raises(Exception) as caught:  # noqa: PT011 - whatever the body raises
        shell.user_ns["handler"](7)
    assert caught.tb is not None
    return caught.value.with_traceback(caught.tb.tb_next)


def test_chains_are_told_and_libraries_are_named_by_module(shell: NotebookShell) -> None:
    error = raised(
        shell,
        "    import json\n    try:\n        json.loads('{')\n    except ValueError as problem:\n"
        "        raise LookupError('no order') from problem",
    )
    text = error_text(error, CellNames(shell))
    assert text.splitlines()[0] == "LookupError: no order"
    assert "caused by JSONDecodeError: Expecting property name" in text
    assert "  ----> 6         raise LookupError('no order') from problem" in text
    library = error_text(raised(shell, "    import json\n    json.loads('{')"), CellNames(shell))
    assert "  json.decoder, in " in library
    assert str(Path(os.__file__).parent) not in library


def test_files_beside_the_notebook_are_shown_with_their_lines(
    shell: NotebookShell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "shop_rules.py").write_text("def check(total):\n    raise ValueError(total)\n")
    text = error_text(raised(shell, "    import shop_rules\n    shop_rules.check(event)"), CellNames(shell))
    assert "  File shop_rules.py, line 2, in check\n" in text
    assert str(tmp_path) not in text


def test_an_endless_recursion_is_short_and_does_not_tell_the_machines_depth(shell: NotebookShell) -> None:
    text = error_text(raised(shell, "    return handler(event)"), CellNames(shell))
    assert len(text.splitlines()) < 80
    assert "  ..." in text


def test_hostile_exceptions_are_still_told(shell: NotebookShell) -> None:
    class Mute(Exception):  # noqa: N818 - a user's own
        def __str__(self) -> str:
            raise OSError("no")

    assert error_text(Mute(), CellNames(shell)) == "Mute: <no text: its __str__ failed>"
    assert len(error_text(ValueError("x" * 100_000), CellNames(shell))) < 3_000
    loop = ValueError("a")
    loop.__cause__ = KeyError("b")
    loop.__cause__.__cause__ = loop
    assert error_text(loop, CellNames(shell)).count("caused by") == 1


def entered(shell: NotebookShell, monkeypatch: pytest.MonkeyPatch) -> tuple[str, dict[str, Any]]:
    """Where ``%debug`` stops: the function's name and its variables."""
    seen: list[tuple[str, dict[str, Any]]] = []

    def look(debugger: Any, *_: Any, **__: Any) -> None:
        seen.append((debugger.curframe.f_code.co_name, dict(debugger.curframe_locals)))

    monkeypatch.setattr(shell.InteractiveTB.debugger_cls, "cmdloop", look)
    monkeypatch.setattr(shell.InteractiveTB.debugger_cls, "_cmdloop", look, raising=False)
    shell.run("%debug")
    (only,) = seen
    return only


def test_debug_enters_the_authors_function(orders: NotebookShell, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("last_type", "last_value", "last_traceback"):
        monkeypatch.setattr(sys, name, None, raising=False)
    orders.attempt("1 / 0")
    orders.run('%sfn run OrderFlow --input {"total": 700}')
    name, variables = entered(orders, monkeypatch)
    assert name == "charge"
    assert variables["event"]["total"] == 700


def test_the_newest_error_is_the_one_that_debug_enters(orders: NotebookShell, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("last_type", "last_value", "last_traceback"):
        monkeypatch.setattr(sys, name, None, raising=False)
    orders.run('%sfn run OrderFlow --input {"total": 700}')
    orders.attempt("def divide(a):\n    return a / 0\ndivide(3)")
    name, variables = entered(orders, monkeypatch)
    assert (name, variables) == ("divide", {"a": 3})


def test_entering_needs_no_traceback() -> None:
    class Shell:
        class InteractiveTB:
            tb: Any = None

    enter_with_debug(Shell(), ValueError("x"))  # type: ignore[arg-type]  # only its traceback printer is asked
    assert isinstance(sys.last_value, ValueError)
