"""Rules for every module that no linter has: a sentence at its top, a length that a person reads in one go."""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MODULES = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for folder in ("sfn_notebook", "tests")
    for path in sorted((ROOT / folder).rglob("*.py"))
}
MAX_LINES = 500
VAGUE_WORDS = ("util", "helper", "manager", "misc")


def _opening(text: str) -> str:
    return (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0]


def test_every_module_opens_with_a_sentence_that_says_what_it_knows() -> None:
    # In a test module the names of the tests are its sentences.
    openings = {name: _opening(text) for name, text in MODULES.items() if "/test_" not in name}
    assert not {name: opening for name, opening in openings.items() if not opening.endswith((".", "?", "!"))}


def test_every_module_can_be_read_in_one_go() -> None:
    lengths = {name: len(text.splitlines()) for name, text in MODULES.items()}
    assert "sfn_notebook/__init__.py" in lengths
    assert not {name: count for name, count in lengths.items() if count >= MAX_LINES}


def test_no_name_says_nothing_about_its_content() -> None:
    names = {
        f"{module}: {node.name}"
        for module, text in MODULES.items()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ClassDef)
    }
    vague = [name for name in (*names, *MODULES) if any(word in name.lower() for word in VAGUE_WORDS)]
    assert not vague
