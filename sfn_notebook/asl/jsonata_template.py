"""Evaluates the fields of JSONata states, with AWS's error texts; it knows no state type and no history.

A field is any JSON value in which texts ``{% ... %}`` are expressions. Each ``compile_...`` function takes the field's
value from the definition and its name (such as ``Output``; inner places are added as ``Output/result``), and returns
a closure over a scope that raises ``JsonataEvaluationError``.

Source: Amazon States Language, "JSONata"; AWS developer guide, "Transforming data with JSONata in Step Functions". The
error texts are recorded, except those that say so.
"""

import math
from collections.abc import Callable
from typing import Final, TypeAlias

from sfn_notebook import _json, errors
from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.asl.environment import JsonataEvaluationError
from sfn_notebook.asl.jsonata import compile_jsonata
from sfn_notebook.asl.jsonata_scope import UNDEFINED, JsonataError, JsonataScope, UnsupportedResult
from sfn_notebook.asl.shared_growth import has_many_references, require_moderate
from sfn_notebook.asl.timestamps import parse_timestamp

_OPENING: Final = "{%"
_CLOSING: Final = "%}"
_MAX_DEPTH: Final = 200

TemplateEvaluator: TypeAlias = Callable[[JsonataScope], JSONValue]


def is_expression(text: str) -> bool:
    """Whether ``text`` is an expression: it begins with ``{%`` and ends with ``%}``, with nothing around them."""
    return text.startswith(_OPENING) and text.endswith(_CLOSING) and len(text) >= len(_OPENING) + len(_CLOSING)


def expression_text(text: str) -> str:
    """The expression in ``text`` without its delimiters and the blanks beside them, as error texts show it."""
    return text[len(_OPENING) : -len(_CLOSING)].strip()


def compile_template(template: JSONValue, field: str) -> TemplateEvaluator:
    """Compile any field: texts that are expressions are evaluated at any depth, all else is itself.

    Raises:
        ExpressionSyntaxError: For an expression that cannot be read, and for values nested more than 200 deep.
    """
    evaluate = _compile(template, field, 0)
    return (lambda scope: require_moderate(evaluate(scope))) if has_many_references(template) else evaluate


def _compile(template: JSONValue, location: str, depth: int) -> TemplateEvaluator:
    if depth > _MAX_DEPTH:
        raise errors.ExpressionSyntaxError(location, 1, f"the value is nested more than {_MAX_DEPTH} levels deep.")
    if not _has_expression(template):
        return lambda _scope: template
    match template:
        case str():
            return _expression(expression_text(template), location)
        case list():
            items = [_compile(item, f"{location}[{index}]", depth + 1) for index, item in enumerate(template)]
            return lambda scope: [evaluate(scope) for evaluate in items]
        case _:
            return _object(template, location, depth)


def _has_expression(template: JSONValue) -> bool:
    values = [template]
    while values:
        match values.pop():
            case str() as text if is_expression(text):
                return True
            case list() as items:
                values.extend(items)
            case dict() as members:
                values.extend(members.values())
            case _:
                pass
    return False


def _object(template: JSONObject, location: str, depth: int) -> TemplateEvaluator:
    """Fill a copy of the template, which holds the key order and the constants."""
    dynamic = [
        (key, _compile(value, f"{location}/{key}", depth + 1))
        for key, value in template.items()
        if _has_expression(value)
    ]

    def evaluate(scope: JsonataScope) -> JSONValue:
        result = template.copy()
        for key, value_of in dynamic:
            result[key] = value_of(scope)
        return result

    return evaluate


def _expression(text: str, location: str) -> TemplateEvaluator:
    value_of = compile_jsonata(text).evaluate

    def evaluate(scope: JsonataScope) -> JSONValue:
        try:
            value = value_of(scope)
        except (JsonataError, UnsupportedResult) as failure:
            raise _failure(text, location, failure) from None
        if value is UNDEFINED:
            raise _complaint(text, location, "returned nothing (undefined).")
        return value

    return evaluate


def _complaint(text: str, location: str, ending: str) -> JsonataEvaluationError:
    return JsonataEvaluationError(
        f"The JSONata expression '{text}' specified for the field '{location}' {ending}", location
    )


def _failure(text: str, location: str, failure: JsonataError | UnsupportedResult) -> JsonataEvaluationError:
    if isinstance(failure, UnsupportedResult):
        return _complaint(text, location, "returned an unsupported result type.")
    return _complaint(text, location, f"threw an error during evaluation. {failure}")


# Fields of one type


_KINDS: Final = {bool: "boolean", int: "number", float: "number", str: "string", list: "array", dict: "object"}


def _kind(value: JSONValue) -> str:
    return _KINDS.get(type(value), "null")


def _compile_kind(template: JSONValue, field: str, kind: str) -> TemplateEvaluator:
    evaluate = compile_template(template, field)
    shown = expression_text(template) if isinstance(template, str) and is_expression(template) else None

    def evaluate_kind(scope: JsonataScope) -> JSONValue:
        value = evaluate(scope)
        if _kind(value) != kind:
            raise _unexpected(shown, field, kind, value)
        return value

    return evaluate_kind


def _unexpected(shown: str | None, field: str, kind: str, value: JSONValue) -> JsonataEvaluationError:
    was = f"Expected '{kind}', but was '{_kind(value)}' for value: {_json.dump(value)}"
    if shown is None:  # a literal of a wrong type, which creation refuses; this text is not recorded
        return JsonataEvaluationError(f"The field '{field}' has an unexpected type. {was}", field)
    return _complaint(shown, field, f"returned an unexpected result type. {was}")


def compile_boolean(template: JSONValue, field: str) -> Callable[[JsonataScope], bool]:
    """Compile a field that must be true or false, such as ``Condition``."""
    return _compile_kind(template, field, "boolean")


def compile_string(template: JSONValue, field: str) -> Callable[[JsonataScope], str]:
    """Compile a field that must be text, such as ``Error`` and ``Cause``."""
    return _compile_kind(template, field, "string")


def compile_array(template: JSONValue, field: str) -> Callable[[JsonataScope], list[JSONValue]]:
    """Compile a field that must be an array, such as ``Items``: an object from an expression is refused, as recorded.

    Source: recorded executions; the current documentation also lists objects for ``Items``.
    """
    return _compile_kind(template, field, "array")


def compile_number(template: JSONValue, field: str) -> Callable[[JsonataScope], float]:
    """Compile a field that must be a number, such as ``ToleratedFailurePercentage``."""
    return _compile_kind(template, field, "number")


def compile_integer(template: JSONValue, field: str, *, minimum: int = 0) -> Callable[[JsonataScope], int]:
    """Compile a field that must be a whole number from ``minimum`` up, such as ``Seconds`` and ``MaxConcurrency``.

    The texts about fractions and the minimum are not recorded; they follow those of JSONPath's fields.
    """
    number_of = compile_number(template, field)

    def evaluate(scope: JsonataScope) -> int:
        number = number_of(scope)
        if number != math.floor(number) or abs(number) >= 2**63:
            raise JsonataEvaluationError(f"The {field} field cannot be parsed as a long value: {number}", field)
        if number < minimum:
            wrong = "is negative" if minimum == 0 else f"is less than {minimum}"
            raise JsonataEvaluationError(f"The value of the {field} field {wrong}: {int(number)}", field)
        return int(number)

    return evaluate


def compile_timestamp(template: JSONValue, field: str) -> Callable[[JsonataScope], float]:
    """Compile a field that must be a timestamp: seconds since 1970-01-01T00:00:00Z.

    Source: Amazon States Language, "Timestamps"; the text is recorded.
    """
    text_of = compile_string(template, field)

    def evaluate(scope: JsonataScope) -> float:
        text = text_of(scope)
        try:
            return parse_timestamp(text)
        except ValueError:
            detail = (
                f"The {field} field cannot be parsed as an ISO-8601 extended offset date-time format string: {text}"
            )
            raise JsonataEvaluationError(detail, field) from None

    return evaluate


def array_input(value: JSONValue) -> list[JSONValue]:
    """A Map state's input, which is its array where the state has no ``Items``.

    Raises:
        JsonataEvaluationError: If it is no array; AWS gives this event no location.
    """
    if not isinstance(value, list):
        raise JsonataEvaluationError(f"Map state input must be an array but was: {_json.dump(value)}", None)
    return value
