"""The page of the execution view lists the keys that the view's modules answer, and no others."""

import re
from collections import defaultdict
from importlib.resources import files
from pathlib import Path
from typing import Final

import pytest

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "execution-view.md"
_STATIC: Final = files("sfn_notebook.widgets") / "static"
_MODULES: Final = {
    "anywhere in the view": ("time_travel.js", "execution.js"),
    "graph": ("graph_pane.js",),
    "inspector: tree of a payload": ("json_tree.js",),
    "inspector: find": ("payload_finder.js",),
    "tabs": ("tabs.js",),
    "events": ("event_table.js", "row_window.js"),
    "timeline": ("timeline.js", "row_window.js"),
    "iterations": ("iterations.js",),
}
_NAMES: Final = {"↑": "ArrowUp", "↓": "ArrowDown", "←": "ArrowLeft", "→": "ArrowRight", "Space": " "}
# A key that is compared, of one character or by its name, and the keys of a table from keys to what they do.
_COMPARED: Final = re.compile(r'\bkey(?:\.toLowerCase\(\))? [!=]== "([^"]|[A-Z][A-Za-z]+)"')
_TABLED: Final = re.compile(r'\b(Arrow(?:Up|Down|Left|Right)|Page(?:Up|Down)|Home|End|Enter|Escape)(?=: )|"( )"(?=: )')


def _keys_in_code(modules: tuple[str, ...]) -> set[str]:
    text = "\n".join((_STATIC / name).read_text(encoding="utf-8") for name in modules)
    return {*_COMPARED.findall(text), *("".join(found) for found in _TABLED.findall(text))}


def _keys_on_page() -> dict[str, set[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    section = PAGE.read_text(encoding="utf-8").partition("\n## Keys\n")[2].partition("\n## ")[0]
    for row in re.findall(r"^\| ([^|]+) \| (`.+?`) \| ", section, re.MULTILINE):
        found[row[0]] |= {
            _NAMES.get(key, key.lower() if len(key) == 1 else key) for key in re.findall(r"`(.+?)`", row[1])
        }
    return found


@pytest.mark.parametrize("place", _MODULES)
def test_the_page_lists_the_keys_of_each_part(place: str) -> None:
    assert _keys_on_page()[place] == _keys_in_code(_MODULES[place])


def test_every_row_of_the_page_is_a_part_of_the_view() -> None:
    assert set(_keys_on_page()) == set(_MODULES)


def test_no_other_module_of_the_view_answers_keys() -> None:
    # Interactions have a view of their own in the same module.
    names = {each.name for each in _STATIC.iterdir() if not each.name.startswith("interaction")}
    listening = {name for name in names if _keys_in_code((name,))}
    assert listening == {name for modules in _MODULES.values() for name in modules}
