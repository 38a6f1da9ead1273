"""Which workflow variables the states of a definition refer to, as DescribeStateMachine lists them; it checks nothing.

Source: Step Functions API reference, "DescribeStateMachine"; recorded answers.
"""

import re
from collections.abc import Iterator
from typing import Final

from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.asl.source import read_document
from sfn_notebook.errors import SfnNotebookError

_IN_PATH: Final = re.compile(r"(?<![\w$'\"])\$([A-Za-z_]\w*)")
_IN_JSONATA: Final = re.compile(r"(?<![\w$])\$([A-Za-z_]\w*)(?!\w*\s*\()")
_QUOTED: Final = re.compile(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"")
_OWN_OF_JSONATA: Final = frozenset({"states"})
_LITERAL_FIELDS: Final = frozenset(
    {"Result", "Comment", "Next", "Type", "Resource", "Default", "StartAt", "Cause", "Error"}
)
"""Fields in which JSONPath evaluates nothing."""

_INNER: Final = frozenset({"Iterator", "ItemProcessor", "Branches"})


def variable_references(definition: str) -> JSONObject:
    """The names of variables by state, both in alphabetical order; states that refer to none are not there."""
    try:
        value = read_document(definition).value
    except SfnNotebookError:
        return {}
    if not isinstance(value, dict):
        return {}
    found = {name: sorted(names) for name, names in _of_branch(value, str(value.get("QueryLanguage", "JSONPath")))}
    return {name: found[name] for name in sorted(found) if found[name]}


def _of_branch(branch: JSONObject, language: str) -> Iterator[tuple[str, set[str]]]:
    states = branch.get("States")
    for name, state in states.items() if isinstance(states, dict) else ():
        if not isinstance(state, dict):
            continue
        own = str(state.get("QueryLanguage", language))
        yield name, set(_names({key: each for key, each in state.items() if key not in _INNER}, own, "", is_path=False))
        inner = [state.get("Iterator"), state.get("ItemProcessor"), *(state.get("Branches") or ())]
        for each in inner:
            if isinstance(each, dict):
                yield from _of_branch(each, language)


def _names(value: JSONValue, language: str, key: str, *, is_path: bool) -> Iterator[str]:
    match value:
        case dict():
            for name, each in value.items():
                if language == "JSONata" or name not in _LITERAL_FIELDS:
                    path = name.endswith((".$", "Path")) or name == "Variable"
                    yield from _names(each, language, name, is_path=path)
        case list():
            for each in value:
                yield from _names(each, language, key, is_path=is_path)
        case str() if language == "JSONata":
            if value.startswith("{%"):
                yield from _free_names(_QUOTED.sub("''", value))
        case str() if is_path:
            yield from _IN_PATH.findall(_QUOTED.sub("''", value))


def _free_names(expression: str) -> Iterator[str]:
    """Names that a JSONata expression neither binds itself nor takes from Step Functions."""
    bound = set(re.findall(r"\$([A-Za-z_]\w*)\s*:=", expression))
    for parameters in re.findall(r"function\s*\(([^)]*)\)", expression):
        bound.update(re.findall(r"\$([A-Za-z_]\w*)", parameters))
    for name in _IN_JSONATA.findall(expression):
        if name not in bound and name not in _OWN_OF_JSONATA:
            yield name
