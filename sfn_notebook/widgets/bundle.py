"""The JavaScript and CSS of the widgets as one text each, since a widget may have only one module; it runs nothing."""

import re
from importlib.resources import files
from typing import Final

from sfn_notebook.views.svg import graph_css

_STATIC: Final = files("sfn_notebook.widgets") / "static"
_IMPORT: Final = re.compile(r"""^import\s[^;'"]*["']\./([\w-]+\.js)["'];?[ \t]*\n""", re.MULTILINE)
_COMMENT: Final = re.compile(r"^[ \t]*/\*\*(?:(?!\*/).)*\*/[ \t]*\n", re.MULTILINE | re.DOTALL)
_TYPE: Final = re.compile(r"""import\(["']\./[\w-]+\.js["']\)\.""")
_EXPORT: Final = re.compile(r"^export (?!default\b)", re.MULTILINE)


def module_names(main: str) -> list[str]:
    """``main`` and the modules that it needs, each after those that it imports."""
    found: dict[str, None] = {}
    _collect(main, found, set())
    return list(found)


def one_module(main: str) -> str:
    """Join ``main`` and the modules that it needs into one; only what ``main`` exports by default is exported.

    Top-level names must differ between modules. Comments that tell types are left out: a notebook keeps the text of
    the view with every run.
    """
    return "\n".join(_without_frame(_text(name)) for name in module_names(main))


def one_stylesheet(main: str) -> str:
    """All stylesheets as one, the one called like ``main`` first: it has what the others share."""
    first = main.removesuffix(".js") + ".css"
    others = sorted(each.name for each in _STATIC.iterdir() if each.name.endswith(".css") and each.name != first)
    return "\n".join(_text(name) for name in (first, *others))


def _without_frame(text: str) -> str:
    return _EXPORT.sub("", _TYPE.sub("", _COMMENT.sub("", _IMPORT.sub("", text))))


def _collect(name: str, found: dict[str, None], begun: set[str]) -> None:
    begun.add(name)
    for needed in _IMPORT.findall(_text(name)):
        if needed not in begun:
            _collect(needed, found, begun)
    found[name] = None


def _text(name: str) -> str:
    return (_STATIC / name).read_text(encoding="utf-8")


VIEW_MODULE: Final = one_module("execution.js")
"""The execution view; its default export is ``{render}``, as anywidget wants it."""

VIEW_CSS: Final = graph_css() + one_stylesheet("execution.js")
"""What the execution view looks like."""

LOADER: Final = _text("loader.mjs")
"""What every widget brings as its own module: it makes the view's module once per page.

A page never lets go of a module, and anywidget makes one for each widget: a cell that is run again and again would
leave the whole view behind every time.
"""
