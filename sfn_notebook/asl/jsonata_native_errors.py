"""Puts failures of the jsonatapy engine into JSONata.js's words; it evaluates nothing itself.

The engine's codes are JSONata's, its texts are its own; a cause on AWS has JSONata.js's. What a text wants filled in
is taken from the engine's text, then from the expression.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

from sfn_notebook import _json
from sfn_notebook._json import JSONValue
from sfn_notebook.asl.jsonata_functions import STANDARD_FUNCTIONS
from sfn_notebook.asl.jsonata_getters import NeedsEngine, compile_getter
from sfn_notebook.asl.jsonata_messages import LIMIT_MESSAGES, MESSAGES, placeholders
from sfn_notebook.asl.jsonata_references import References, every_node
from sfn_notebook.asl.jsonata_scope import UNDEFINED, JsonataError, JsonataScope
from sfn_notebook.asl.jsonata_syntax_tree import Binary, Negation, Node

_CODED: Final = re.compile(r"\b([STDU]\d{4}): (.*)", re.DOTALL)
_Values = Mapping[str, JSONValue]


def _text(**groups: int) -> Callable[[re.Match[str]], _Values]:
    return lambda match: {name: match.group(index) for name, index in groups.items()}


def _number(match: re.Match[str]) -> _Values:
    number = float(match.group(1))
    return {"value": int(number) if number.is_integer() else number}


_EXTRACTIONS: Final[Mapping[str, tuple[re.Pattern[str], Callable[[re.Match[str]], _Values]]]] = {
    "D1001": (re.compile(r".*"), lambda _match: {"value": None}),  # infinity, which JSON writes as null
    "D3030": (re.compile(r"Cannot convert '(.*)' to number", re.DOTALL), _text(value=1)),
    "D3100": (re.compile(r".* got (-?[\d.]+)"), _number),
    "D3130": (re.compile(r"(.)", re.DOTALL), _text(value=1)),
    "D3132": (re.compile(r"(.+)", re.DOTALL), _text(value=1)),
    "D3133": (re.compile(r"(.+)", re.DOTALL), _text(value=1)),
    "T0410": (re.compile(r"Argument (\d+)"), lambda match: {"index": int(match.group(1))}),
    "T0412": (
        re.compile(r"Argument (\d+) .*array of (\w+)"),
        lambda match: {"index": int(match.group(1)), "type": f"{match.group(2).lower()}s"},
    ),
    "T2001": (re.compile(r"The left side of the (\S+) operator"), _text(token=1)),
    "T2002": (re.compile(r"The right side of the (\S+) operator"), _text(token=1)),
    "T1010": (re.compile(r".* function \$?(\w+) "), _text(token=1)),
}
_TOO_MANY: Final = re.compile(r"Argument count mismatch")
# These already have JSONata.js's words where the values are filled in.
_FAITHFUL: Final = frozenset({"D1009", "D3060", "D3061", "D3110", "D3137", "D3140", "D3141", "T1003", "T1005", "T1007"})


def native_error(text: str, references: References, node: Node, scope: JsonataScope) -> tuple[JsonataError, bool]:
    """The failure, and whether its text is complete (otherwise it is the engine's own)."""
    match = _CODED.search(text)
    if match is None:
        return JsonataError("", text), True
    code, detail = match.group(1), match.group(2)
    wanted = placeholders(code)
    if code in _FAITHFUL or code not in MESSAGES:
        is_limit = code in LIMIT_MESSAGES and not wanted
        return JsonataError.of(code) if is_limit else JsonataError(code, detail), True
    if not wanted:
        return JsonataError.of(code), True
    values = _values(code, detail, references)
    if not wanted <= values.keys():
        values.update(_operand_values(code, node, scope))
    if wanted <= values.keys():
        return JsonataError.of(code, **values), True
    return JsonataError(code, detail), False


def _values(code: str, detail: str, references: References) -> dict[str, JSONValue]:
    values: dict[str, JSONValue] = {}
    extraction = _EXTRACTIONS.get(code)
    if extraction is not None:
        pattern, values_of = extraction
        match = pattern.match(detail)
        if match is not None:
            values.update(values_of(match))
    if code in ("T0410", "T0411", "T0412"):
        values.update(_signature_values(code, detail, references))
    return values


def _signature_values(code: str, detail: str, references: References) -> dict[str, JSONValue]:
    """The function is known where the expression calls only one that can fail so."""
    called = {name: arguments for name, arguments in references.calls if name in STANDARD_FUNCTIONS}
    if not called:  # a function of the expression's own; one without a name is called so
        names = {name for name, _arguments in references.calls}
        return {"token": names.pop()} if len(names) == 1 else {"token": UNDEFINED}
    if _TOO_MANY.match(detail):
        called = {name: arguments for name, arguments in called.items() if len(arguments) > STANDARD_FUNCTIONS[name]}
    if len(called) != 1:
        return {}
    (name,) = called
    values: dict[str, JSONValue] = {"token": name}
    if _TOO_MANY.match(detail):
        values["index"] = STANDARD_FUNCTIONS[name] + 1
    elif code == "T0411":
        values["index"] = 1
    return values


_COMPARISONS: Final = frozenset({"<", "<=", ">", ">="})


def _operand_values(code: str, node: Node, scope: JsonataScope) -> dict[str, JSONValue]:
    """Find the operator that fails so among those whose operands are plain, and take its operands' values."""
    for part in every_node(node):
        match part:
            case Binary(operator=operator, left=left, right=right) if operator in _COMPARISONS or operator == "..":
                values = _failing(code, operator, _plain_value(left, scope), _plain_value(right, scope))
            case Negation(value=value) if code == "D1002":
                operand = _plain_value(value, scope)
                values = {"value": operand} if operand is not UNDEFINED and not _json.is_number(operand) else {}
            case _:
                continue
        if values:
            return values
    return {}


def _plain_value(node: Node, scope: JsonataScope) -> JSONValue:
    getter = compile_getter(node)
    try:
        return UNDEFINED if getter is None else getter(scope)
    except NeedsEngine:
        return UNDEFINED


def _failing(code: str, operator: str, left: JSONValue, right: JSONValue) -> dict[str, JSONValue]:
    if left is UNDEFINED and right is UNDEFINED:
        return {}
    are_texts, are_numbers = (
        isinstance(left, str) + isinstance(right, str),
        _json.is_number(left) + _json.is_number(right),
    )
    if code == "D2014" and operator == ".." and are_numbers == 2:
        return {"value": int(right - left + 1)}
    if code == "T2009" and operator != ".." and are_texts == 1 and are_numbers == 1:
        return {"value": left, "value2": right, "token": operator}
    is_comparable = are_texts + are_numbers + (left is UNDEFINED) + (right is UNDEFINED) == 2
    if code == "T2010" and operator != ".." and not is_comparable:
        return {"token": operator}
    return {}
