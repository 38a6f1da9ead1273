"""Compiles plain JSONata expressions to Python closures; whatever is not plain it leaves to an engine.

Three of four expressions in public workflows are a path such as ``$states.input.a.b``, and most others compare,
concatenate or construct with such paths. A closure answers those in a fraction of a microsecond, with no conversion
and with integers exact. It never answers differently from an engine: where a value is not of the plain kind (a list
amid a path, a number beyond 2**53, a mistake) it raises ``NeedsEngine``, and the engine evaluates the whole expression
anew. Random numbers drawn before that are lost, the same ones on every replay.

Source: JSONata documentation, "Path Operators", "Comparison Operators", "Boolean Operators"; compared with engines
by the tests.
"""

import math
import operator
from collections.abc import Callable
from typing import Final

from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.asl.jsonata_functions import FUNCTION_NAMES, milliseconds, random_number, uuid
from sfn_notebook.asl.jsonata_scope import UNDEFINED, Getter, JsonataScope
from sfn_notebook.asl.jsonata_syntax_tree import (
    ROOT_NAMES,
    ArrayConstructor,
    Binary,
    Block,
    Call,
    Condition,
    Literal,
    Name,
    Negation,
    Node,
    ObjectConstructor,
    Variable,
)
from sfn_notebook.asl.timestamps import format_timestamp


class NeedsEngine(Exception):  # noqa: N818 - not an error: the closure passes the expression on
    """The values at hand are not of the plain kind."""


_MAX_DEPTH: Final = 40
_EXACT: Final = 2**53  # JSONata's numbers are doubles: beyond this they are not the integers of Python
_PLAIN_DIGITS: Final = 10**15  # $string writes at most fifteen significant digits
_NUMBERS: Final = frozenset({int, float})


def compile_getter(node: Node) -> Getter | None:
    """A closure that evaluates ``node``, or ``None`` if a part of it is not plain.

    The closure returns ``UNDEFINED`` for nothing, shares structure with the scope's values, and raises ``NeedsEngine``.
    """
    return _compile(node, 0)


def _compile(node: Node, depth: int) -> Getter | None:  # noqa: C901, PLR0911, PLR0912 - one case per part
    if depth > _MAX_DEPTH:
        return None
    match node:
        case Literal(value=value):
            return lambda _scope: value
        case Variable() | Binary(operator="."):
            return _path(node)
        case Binary(operator=sign, left=left, right=right) if sign in _OPERATORS:
            return _operator(sign, _compile(left, depth + 1), _compile(right, depth + 1))
        case Binary(operator="and" | "or" as sign, left=left, right=right):
            return _logic(sign == "and", _compile(left, depth + 1), _compile(right, depth + 1))
        case Negation(value=value):
            return _negation(_compile(value, depth + 1))
        case Condition():
            return _condition(node, depth)
        case Block(expressions=(only,)):
            return _compile(only, depth + 1)
        case ObjectConstructor(pairs=pairs):
            return _object(pairs, depth)
        case ArrayConstructor(items=items):
            return _array(items, depth)
        case Call(procedure=Variable(name=name), arguments=(argument,)) if name in _FUNCTIONS:
            return _call(name, _compile(argument, depth + 1))
        case Call(procedure=Variable(name=name), arguments=()) if name in _SOURCES:
            return _source(name)
        case _:
            return None


# Paths


def _names(node: Node) -> tuple[str, ...] | None:
    """The variable and the fields of a plain path, in order; ``None`` for any other path."""
    names: list[str] = []
    while True:
        match node:
            case Binary(operator=".", left=left, right=Name(name=name) | Literal(value=str() as name)):
                names.append(name)
                node = left
            case Variable(name=name) if name not in ROOT_NAMES:
                names.append(name)
                return tuple(reversed(names))
            case _:
                return None


def _path(node: Node) -> Getter | None:
    names = _names(node)
    if names is None:
        return None
    root, *fields = names
    if root == "states":
        return _states_path(tuple(fields))
    return _variable_path(root, tuple(fields))


def _walk(value: JSONValue, fields: tuple[str, ...]) -> JSONValue:
    """Follow ``fields`` with JSONata's rules: a field of a scalar is nothing, a list is left to an engine."""
    for name in fields:
        if type(value) is dict:
            value = value.get(name, UNDEFINED)
        elif isinstance(value, list | dict):
            raise NeedsEngine
        else:
            return UNDEFINED
    return value


def _states_path(fields: tuple[str, ...]) -> Getter:
    """``$states.a.b``: indexing first, as nearly every path matches, and rules only where that fails."""
    if not fields:
        return lambda scope: scope.states
    *outer, last = fields

    def rules(scope: JsonataScope) -> JSONValue:
        return _walk(scope.states, fields)

    match outer:
        case []:
            return lambda scope: scope.states.get(last, UNDEFINED)
        case [one]:
            return _indexing_twice(one, last, rules)
        case [one, two]:
            return _indexing_thrice(one, two, last, rules)
        case _:
            return rules


def _indexing_twice(one: str, two: str, rules: Getter) -> Getter:
    def evaluate(scope: JsonataScope) -> JSONValue:
        try:
            return scope.states[one][two]
        except (KeyError, TypeError):
            return rules(scope)

    return evaluate


def _indexing_thrice(one: str, two: str, three: str, rules: Getter) -> Getter:
    def evaluate(scope: JsonataScope) -> JSONValue:
        try:
            return scope.states[one][two][three]
        except (KeyError, TypeError):
            return rules(scope)

    return evaluate


def _variable_path(root: str, fields: tuple[str, ...]) -> Getter:
    is_function = root in FUNCTION_NAMES  # unless a workflow variable has the name, it means the function

    def missing() -> JSONValue:
        if is_function:
            raise NeedsEngine
        return UNDEFINED

    def of_variable(scope: JsonataScope) -> JSONValue:
        try:
            return scope.variables[root]
        except KeyError:
            return missing()

    def of_field(scope: JsonataScope) -> JSONValue:
        try:
            value = scope.variables[root]
        except KeyError:
            return missing()
        return _walk(value, fields)

    return of_field if fields else of_variable


# Operators


def _number(value: float) -> JSONValue:
    """A result as engines give it: integers where it is whole, nothing that a double cannot hold exactly."""
    if type(value) is int:
        if -_EXACT <= value <= _EXACT:
            return value
        raise NeedsEngine
    if not math.isfinite(value):
        raise NeedsEngine
    if value.is_integer():
        if -_EXACT <= value <= _EXACT:
            return int(value)
        raise NeedsEngine
    return value


def _calculating(calculate: Callable[[float, float], float], left: Getter, right: Getter) -> Getter:
    def evaluate(scope: JsonataScope) -> JSONValue:
        first = left(scope)
        second = right(scope)
        if (
            type(first) in _NUMBERS
            and type(second) in _NUMBERS
            and -_EXACT <= first <= _EXACT
            and -_EXACT <= second <= _EXACT
        ):
            return _number(calculate(first, second))
        raise NeedsEngine

    return evaluate


def _quotient(left: float, right: float) -> float:
    if right == 0:
        raise NeedsEngine
    return left / right


def _remainder(left: float, right: float) -> float:
    if right == 0:
        raise NeedsEngine
    return math.fmod(left, right)


def _comparing(compare: Callable[[JSONValue, JSONValue], bool], left: Getter, right: Getter) -> Getter:
    def evaluate(scope: JsonataScope) -> JSONValue:
        first = left(scope)
        second = right(scope)
        if type(first) in _NUMBERS and type(second) in _NUMBERS:
            if -_EXACT <= first <= _EXACT and -_EXACT <= second <= _EXACT:
                return compare(first, second)
        elif type(first) is str and type(second) is str and first.isascii() and second.isascii():
            return compare(first, second)  # other texts compare by UTF-16 units there, by code points here
        raise NeedsEngine

    return evaluate


_SCALARS: Final = frozenset({str, bool, type(None)})


def _equality(is_equal: bool, left: Getter, right: Getter) -> Getter:  # noqa: FBT001 - one of two signs
    def evaluate(scope: JsonataScope) -> JSONValue:
        first = left(scope)
        second = right(scope)
        if type(first) is str and type(second) is str:
            return (first == second) is is_equal
        if first is UNDEFINED or second is UNDEFINED:
            return False  # both = and != are false beside nothing
        if type(first) in _NUMBERS and type(second) in _NUMBERS:
            if -_EXACT <= first <= _EXACT and -_EXACT <= second <= _EXACT:
                return (first == second) is is_equal
        elif type(first) in _SCALARS and type(second) in _SCALARS:
            return (type(first) is type(second) and first == second) is is_equal
        raise NeedsEngine

    return evaluate


def _text(value: JSONValue) -> str:
    if type(value) is str:
        return value
    if value is UNDEFINED:
        return ""
    if type(value) is int and -_PLAIN_DIGITS < value < _PLAIN_DIGITS:
        return str(value)
    if value is None:
        return "null"
    if type(value) is bool:
        return "true" if value else "false"
    raise NeedsEngine


def _concatenating(left: Getter, right: Getter) -> Getter:
    return lambda scope: _text(left(scope)) + _text(right(scope))


_CALCULATIONS: Final[dict[str, Callable[[float, float], float]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _quotient,
    "%": _remainder,
}
_COMPARISONS: Final[dict[str, Callable[[JSONValue, JSONValue], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_OPERATORS: Final = frozenset({*_CALCULATIONS, *_COMPARISONS, "=", "!=", "&"})


def _operator(sign: str, left: Getter | None, right: Getter | None) -> Getter | None:
    if left is None or right is None:
        return None
    if sign in _CALCULATIONS:
        return _calculating(_CALCULATIONS[sign], left, right)
    if sign in _COMPARISONS:
        return _comparing(_COMPARISONS[sign], left, right)
    return _concatenating(left, right) if sign == "&" else _equality(sign == "=", left, right)


def _truth(value: JSONValue) -> bool:
    if type(value) is bool:
        return value
    if value is UNDEFINED or value is None:
        return False
    if type(value) in (str, int, float):
        return bool(value)
    raise NeedsEngine


def _logic(is_and: bool, left: Getter | None, right: Getter | None) -> Getter | None:  # noqa: FBT001 - one of two signs
    if left is None or right is None:
        return None
    if is_and:
        return lambda scope: _truth(left(scope)) and _truth(right(scope))
    return lambda scope: _truth(left(scope)) or _truth(right(scope))


def _negation(value: Getter | None) -> Getter | None:
    if value is None:
        return None

    def evaluate(scope: JsonataScope) -> JSONValue:
        number = value(scope)
        if type(number) in _NUMBERS and -_EXACT <= number <= _EXACT:
            return _number(-number)
        raise NeedsEngine

    return evaluate


def _nothing(_scope: JsonataScope) -> JSONValue:
    return UNDEFINED


def _condition(node: Condition, depth: int) -> Getter | None:
    test, then = _compile(node.test, depth + 1), _compile(node.then, depth + 1)
    otherwise = _nothing if node.otherwise is None else _compile(node.otherwise, depth + 1)
    if test is None or then is None or otherwise is None:
        return None
    return lambda scope: then(scope) if _truth(test(scope)) else otherwise(scope)


# Constructors and functions


def _object(pairs: tuple[tuple[Node, Node], ...], depth: int) -> Getter | None:
    members: dict[str, Getter] = {}
    for key, value in pairs:
        getter = _compile(value, depth + 1)
        if getter is None or not isinstance(key, Literal) or not isinstance(key.value, str) or key.value in members:
            return None
        members[key.value] = getter
    items = tuple(members.items())

    def evaluate(scope: JsonataScope) -> JSONValue:
        result: JSONObject = {}
        for key, getter in items:
            value = getter(scope)
            if value is not UNDEFINED:
                result[key] = value
        return result

    return evaluate


def _array(items: tuple[Node, ...], depth: int) -> Getter | None:
    members: list[tuple[Getter, bool]] = []
    for item in items:
        getter = _compile(item, depth + 1)
        if getter is None:
            return None
        members.append((getter, isinstance(item, ArrayConstructor)))

    def evaluate(scope: JsonataScope) -> JSONValue:
        result: list[JSONValue] = []
        for getter, stays_whole in members:
            value = getter(scope)
            if type(value) is list and not stays_whole:
                result.extend(value)
            elif value is not UNDEFINED:
                result.append(value)
        return result

    return evaluate


def _exists(value: JSONValue) -> JSONValue:
    return value is not UNDEFINED


def _not(value: JSONValue) -> JSONValue:
    if value is UNDEFINED:
        raise NeedsEngine
    return not _truth(value)


def _count(value: JSONValue) -> JSONValue:
    if type(value) is list:
        return len(value)
    if value is UNDEFINED:
        return 0
    raise NeedsEngine


def _string(value: JSONValue) -> JSONValue:
    if value is UNDEFINED:
        raise NeedsEngine
    return _text(value)


_FUNCTIONS: Final[dict[str, Callable[[JSONValue], JSONValue]]] = {
    "exists": _exists,
    "not": _not,
    "count": _count,
    "string": _string,
}


def _call(name: str, argument: Getter | None) -> Getter | None:
    if argument is None:
        return None
    body = _FUNCTIONS[name]

    def evaluate(scope: JsonataScope) -> JSONValue:
        if name in scope.variables:  # a workflow variable hides the function
            raise NeedsEngine
        return body(argument(scope))

    return evaluate


_SOURCES: Final[dict[str, Callable[[JsonataScope], JSONValue]]] = {
    "millis": lambda scope: milliseconds(scope.now_seconds),
    "now": lambda scope: format_timestamp(milliseconds(scope.now_seconds) / 1000),
    "random": lambda scope: random_number(scope.random),
    "uuid": lambda scope: uuid(scope.random),
}


def _source(name: str) -> Getter:
    body = _SOURCES[name]

    def evaluate(scope: JsonataScope) -> JSONValue:
        if name in scope.variables:
            raise NeedsEngine
        return body(scope)

    return evaluate
