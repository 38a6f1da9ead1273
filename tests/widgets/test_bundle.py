"""The modules of the execution view as one: what joining them must not break."""

import re
from collections import Counter
from pathlib import Path

import pytest

import sfn_notebook.widgets
from sfn_notebook.widgets.bundle import VIEW_CSS, VIEW_MODULE, module_names, one_module

STATIC = Path(sfn_notebook.widgets.__file__).parent / "static"
TOP_LEVEL = re.compile(r"^(?:export )?(?:async )?(?:class|const|let|function\*?) (\w+)", re.MULTILINE)


def test_a_module_stands_after_those_that_it_imports() -> None:
    names = module_names("execution.js")
    assert names[-1] == "execution.js"
    assert names.index("parts.js") < names.index("graph_pane.js")
    assert len(set(names)) == len(names)


def test_every_module_is_part_of_the_view() -> None:
    assert {path.name for path in STATIC.glob("*.js")} == set(module_names("execution.js"))


def test_top_level_names_are_different_in_all_modules() -> None:
    names = Counter(
        name for path in STATIC.glob("*.js") for name in TOP_LEVEL.findall(path.read_text(encoding="utf-8"))
    )
    assert [name for name, count in names.items() if count > 1] == []


def test_no_module_renames_what_it_imports() -> None:
    renamed = {
        path.name
        for path in STATIC.glob("*.js")
        if re.search(r"^import[^;]*\bas\b", path.read_text("utf-8"), flags=re.MULTILINE)
    }
    assert renamed == set()


def test_nothing_is_imported_and_only_the_view_is_exported() -> None:
    assert re.findall(r"^import .*", VIEW_MODULE, re.MULTILINE) == []
    assert re.findall(r"^export .*", VIEW_MODULE, re.MULTILINE) == ["export default { render };"]
    assert 'import("' not in VIEW_MODULE


def test_a_module_alone_keeps_all_its_code() -> None:
    text = (STATIC / "parts.js").read_text(encoding="utf-8")
    joined = one_module("parts.js")
    assert TOP_LEVEL.findall(text) == TOP_LEVEL.findall(joined)


@pytest.mark.parametrize("path", sorted(STATIC.glob("*.css")), ids=lambda path: path.name)
def test_every_stylesheet_is_part_of_the_look(path: Path) -> None:
    assert path.read_text(encoding="utf-8") in VIEW_CSS
