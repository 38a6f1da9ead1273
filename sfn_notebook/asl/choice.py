"""Conditions of Choice Rules compiled to predicates; it does not know which state a rule leads to.

A comparison whose value has another type than its operator is false, never an error. A ``Variable`` or an operand path
that finds nothing is the error ``States.Runtime``; only ``IsPresent`` may ask about it.
Source: Amazon States Language, "Choice State"; 307 executions recorded on AWS.
"""

import operator
import re
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias, assert_never

from sfn_notebook._json import JSONValue
from sfn_notebook.asl import error_names
from sfn_notebook.asl.environment import Environment, EvaluationError
from sfn_notebook.asl.model import And, Comparison, Condition, JsonataCondition, Not, Or
from sfn_notebook.asl.paths import Evaluator, PathNotFound, compile_path
from sfn_notebook.asl.timestamps import is_timestamp, parse_nanoseconds
from sfn_notebook.errors import ExpressionSyntaxError, FeatureNotSupported, InvalidInput, UnknownName

Predicate: TypeAlias = Callable[[JSONValue, Environment], bool]
ValueTest: TypeAlias = Callable[[JSONValue], bool]
Ordering: TypeAlias = Callable[[JSONValue, JSONValue], bool]
TestFactory: TypeAlias = Callable[[JSONValue], ValueTest]

MAX_DEPTH: Final = 200
"""How deep And, Or and Not may nest; deeper nesting could exhaust the stack."""

_DIRECT_FIELD: Final = re.compile(r"\$\.([A-Za-z_][A-Za-z0-9_]*)")


_NUMBERS: Final = (int, float)


def _is_number(value: JSONValue) -> bool:
    # The tuple and the two identities: half the time of _json.is_number, in the hottest test of a loop.
    return isinstance(value, _NUMBERS) and value is not True and value is not False


def _never(_value: JSONValue) -> bool:
    return False


def _string_test(order: Ordering) -> TestFactory:
    def build(operand: JSONValue) -> ValueTest:
        return (lambda value: isinstance(value, str) and order(value, operand)) if isinstance(operand, str) else _never

    return build


def _numeric_test(order: Ordering) -> TestFactory:
    def build(operand: JSONValue) -> ValueTest:
        return (lambda value: _is_number(value) and order(value, operand)) if _is_number(operand) else _never

    return build


def _nanoseconds(value: JSONValue) -> int | None:
    if not isinstance(value, str):
        return None
    try:
        return parse_nanoseconds(value)
    except ValueError:
        return None


def _timestamp_test(order: Ordering) -> TestFactory:
    def build(operand: JSONValue) -> ValueTest:
        due = _nanoseconds(operand)
        if due is None:
            return _never

        def test(value: JSONValue) -> bool:
            moment = _nanoseconds(value)
            return moment is not None and order(moment, due)

        return test

    return build


def _boolean_equals(operand: JSONValue) -> ValueTest:
    return (lambda value: value is operand) if isinstance(operand, bool) else _never


def _type_test(is_of_type: ValueTest) -> TestFactory:
    def build(operand: JSONValue) -> ValueTest:
        if not isinstance(operand, bool):
            return _never
        return is_of_type if operand else (lambda value: not is_of_type(value))

    return build


def split_pattern(pattern: str) -> tuple[str, ...]:
    r"""Split a ``StringMatches`` pattern at its wildcards: ``log-*.txt`` gives ``("log-", ".txt")``.

    ``\*`` is a literal star and ``\\`` a literal backslash; a backslash before anything else stands for itself.
    """
    parts = [""]
    characters = iter(pattern)
    for character in characters:
        if character == "*":
            parts.append("")
        elif character == "\\":
            escaped = next(characters, "")
            parts[-1] += escaped if escaped in {"*", "\\"} else character + escaped
        else:
            parts[-1] += character
    return tuple(parts)


def _string_matches(pattern: JSONValue) -> ValueTest:
    if not isinstance(pattern, str):
        return _never
    first, *rest = split_pattern(pattern)
    if not rest:
        return lambda value: isinstance(value, str) and value == first
    *inner, last = rest

    # Not a regular expression: "*a*a*a*b" makes its backtracking explode. The leftmost find of each part is enough.
    def test(value: JSONValue) -> bool:
        if not isinstance(value, str) or not value.startswith(first) or len(value) < len(first) + len(last):
            return False
        position, end = len(first), len(value) - len(last)
        for part in inner:
            found = value.find(part, position, end)
            if found < 0:
                return False
            position = found + len(part)
        return value.endswith(last)

    return test


_ORDERINGS: Final[Mapping[str, Ordering]] = {
    "Equals": operator.eq,
    "LessThan": operator.lt,
    "GreaterThan": operator.gt,
    "LessThanEquals": operator.le,
    "GreaterThanEquals": operator.ge,
}
_ORDERED_TYPES: Final[Mapping[str, Callable[[Ordering], TestFactory]]] = {
    "String": _string_test,
    "Numeric": _numeric_test,
    "Timestamp": _timestamp_test,
}
_TYPE_TESTS: Final[Mapping[str, ValueTest]] = {
    "IsNull": lambda value: value is None,
    "IsNumeric": _is_number,
    "IsString": lambda value: isinstance(value, str),
    "IsBoolean": lambda value: isinstance(value, bool),
    "IsTimestamp": lambda value: isinstance(value, str) and is_timestamp(value),
}
_PATH_TESTS: Final[Mapping[str, TestFactory]] = {
    **{
        type_name + order_name: of_order(order)
        for type_name, of_order in _ORDERED_TYPES.items()
        for order_name, order in _ORDERINGS.items()
    },
    "BooleanEquals": _boolean_equals,
}
_TESTS: Final[Mapping[str, TestFactory]] = {
    **_PATH_TESTS,
    "StringMatches": _string_matches,
    **{name: _type_test(is_of_type) for name, is_of_type in _TYPE_TESTS.items()},
}

OPERATORS: Final = frozenset({*_TESTS, "IsPresent"})
"""Every comparison operator, without ``Path``."""

PATH_OPERATORS: Final = frozenset(_PATH_TESTS)
"""The operators that also exist with ``Path`` appended, where the operand is a path."""


def compile_condition(condition: Condition) -> Predicate:
    """Compile a condition to ``holds(input, environment)``; constants are read now, paths at each call.

    ``And`` and ``Or`` stop at the first condition that decides, so that ``IsPresent`` can guard what follows. The
    predicate raises ``EvaluationError("States.Runtime", ...)`` for a path that finds nothing.

    Raises:
        ExpressionSyntaxError: For a path or a constant timestamp that cannot be read.
        FeatureNotSupported: For a JSONata condition.
        InvalidInput: For conditions nested deeper than ``MAX_DEPTH``.
        UnknownName: For an operator that the language does not have.
    """
    return _compile(condition, 0)


def _compile(condition: Condition, depth: int) -> Predicate:
    if depth > MAX_DEPTH:
        raise InvalidInput(
            f"a Choice Rule nests And, Or and Not more than {MAX_DEPTH} levels deep.",
            hint="Split the rule over several Choice states.",
        )
    match condition:
        case Comparison():
            return _compile_comparison(condition)
        case And(conditions=conditions):
            return _all_of(tuple(_compile(each, depth + 1) for each in conditions))
        case Or(conditions=conditions):
            return _any_of(tuple(_compile(each, depth + 1) for each in conditions))
        case Not(condition=inner):
            holds = _compile(inner, depth + 1)
            return lambda input_value, environment: not holds(input_value, environment)
        case JsonataCondition():
            raise FeatureNotSupported(
                "a JSONata Condition", hint='Write the rule with "Variable" and a comparison operator (JSONPath).'
            )
        case _:
            assert_never(condition)


# Loops, not all()/any() over a generator: one frame less for each condition, in the hottest code of a Choice.
def _all_of(predicates: tuple[Predicate, ...]) -> Predicate:
    def holds(input_value: JSONValue, environment: Environment) -> bool:
        for predicate in predicates:  # noqa: SIM110 - see above
            if not predicate(input_value, environment):
                return False
        return True

    return holds


def _any_of(predicates: tuple[Predicate, ...]) -> Predicate:
    def holds(input_value: JSONValue, environment: Environment) -> bool:
        for predicate in predicates:  # noqa: SIM110 - see above
            if predicate(input_value, environment):
                return True
        return False

    return holds


def _compile_comparison(comparison: Comparison) -> Predicate:
    known = PATH_OPERATORS if comparison.operand_is_path else OPERATORS
    if comparison.operator not in known:
        suffix = "Path" if comparison.operand_is_path else ""
        raise UnknownName("Choice operator", comparison.operator + suffix, sorted(name + suffix for name in known))
    if comparison.operator == "IsPresent":
        return _compile_is_present(comparison)
    build_test = _TESTS[comparison.operator]
    read = _compile_reader(comparison.variable)
    if comparison.operand_is_path:
        read_operand = _compile_reader(comparison.operand)

        def holds(input_value: JSONValue, environment: Environment) -> bool:
            value = read(input_value, environment)
            return build_test(read_operand(input_value, environment))(value)

        return holds
    _check_timestamp(comparison)
    test = build_test(comparison.operand)
    return lambda input_value, environment: test(read(input_value, environment))


def _check_timestamp(comparison: Comparison) -> None:
    if comparison.operator.startswith("Timestamp") and isinstance(comparison.operand, str):
        try:
            parse_nanoseconds(comparison.operand)
        except ValueError as error:
            raise ExpressionSyntaxError(
                comparison.operand, 1, str(error), hint="Write it as in 2016-03-14T01:59:00Z."
            ) from None


def _compile_is_present(comparison: Comparison) -> Predicate:
    if not isinstance(comparison.operand, bool):
        return lambda _input_value, _environment: False
    evaluate = compile_path(comparison.variable).evaluate
    expected = comparison.operand

    def holds(input_value: JSONValue, environment: Environment) -> bool:
        try:
            evaluate(input_value, environment)
        except PathNotFound:
            return not expected
        return expected

    return holds


def _compile_reader(path: str) -> Evaluator:
    evaluate = compile_path(path).evaluate
    direct = _DIRECT_FIELD.fullmatch(path)
    if direct is not None:
        return _field_reader(path, direct.group(1))

    def read(input_value: JSONValue, environment: Environment) -> JSONValue:
        try:
            return evaluate(input_value, environment)
        except PathNotFound:
            raise _invalid_path(path) from None

    return read


def _field_reader(path: str, name: str) -> Evaluator:
    def read(input_value: JSONValue, _environment: Environment) -> JSONValue:
        try:
            return input_value[name]
        except (KeyError, TypeError):
            # TypeError: the input is no object; a string or a list cannot be indexed by a name.
            raise _invalid_path(path) from None

    return read


def _invalid_path(path: str) -> EvaluationError:
    detail = f"Invalid path '{path}': The choice state's condition path references an invalid value."
    return EvaluationError(error_names.RUNTIME, detail)
