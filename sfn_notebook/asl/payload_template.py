"""Payload templates, ``{"key.$": "$.path"}``, compiled to one evaluator; not which fields hold them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from sfn_notebook import _json
from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.asl import error_names
from sfn_notebook.asl.environment import Environment, EvaluationError
from sfn_notebook.asl.intrinsics import compile_intrinsic
from sfn_notebook.asl.paths import Evaluator, Failure, PathNotFound, compile_path
from sfn_notebook.asl.shared_growth import has_many_references, require_moderate
from sfn_notebook.asl.text_cursor import TextCursor

MAX_DEPTH: Final = 100
"""How deep a template may nest; a definition read from text cannot exceed it by much, a Python object could."""


class TemplatePathMissing(EvaluationError):  # noqa: N818 - the name says the fact
    """A path of a template has no value in the input."""

    def __init__(self, path: str, field: str, document: JSONValue) -> None:
        self.path = path
        self.field = field
        self.document = document
        super().__init__(error_names.RUNTIME, self.detail_with(_json.dump(document)))

    def detail_with(self, input_text: str) -> str:
        """The detail with the input as it was really written: an execution's input keeps its caller's white space."""
        return (
            f"The JSONPath '{self.path}' specified for the field '{self.field}' could not be found in the input "
            f"'{input_text}'"
        )


@dataclass(frozen=True, slots=True)
class _Constant:
    """A part without a path or a call: returned as it is, shared by all results."""

    value: JSONValue


@dataclass(frozen=True, slots=True)
class _Dynamic:
    evaluate: Evaluator


_Part: TypeAlias = _Constant | _Dynamic


def compile_payload_template(template: JSONValue) -> Evaluator:
    """Compile a payload template.

    The result has the template's key order. Parts without a ``.$`` field are the template's own objects, not copies.
    A path without a value raises ``TemplatePathMissing``, an ``EvaluationError`` with error ``States.Runtime``.

    Args:
        template: Any JSON; in its objects, at any depth, ``"key.$"`` has a path or an intrinsic function as its value.

    Raises:
        ExpressionSyntaxError: If a ``.$`` field has a value that is neither, or its key is also there without ``.$``.

    Source: Amazon States Language, "Payload Template".
    """
    match _compile(template, depth=0):
        case _Constant(value):
            return lambda _input, _environment: value
        case _Dynamic(evaluate) if has_many_references(template):
            return lambda state_input, environment: require_moderate(evaluate(state_input, environment))
        case _Dynamic(evaluate):
            return evaluate


def _compile(template: JSONValue, depth: int) -> _Part:
    if depth > MAX_DEPTH:
        raise TextCursor("template").error(f"a template may be nested at most {MAX_DEPTH} deep.")
    if isinstance(template, dict):
        return _compile_object(template, depth)
    if isinstance(template, list):
        return _compile_array(template, [_compile(item, depth + 1) for item in template])
    return _Constant(template)


def _compile_array(template: list[JSONValue], parts: list[_Part]) -> _Part:
    if all(isinstance(part, _Constant) for part in parts):
        return _Constant(template)
    evaluators = [_evaluator(part) for part in parts]
    return _Dynamic(lambda state_input, environment: [evaluate(state_input, environment) for evaluate in evaluators])


def _evaluator(part: _Part) -> Evaluator:
    match part:
        case _Constant(value):
            return lambda _input, _environment: value
        case _Dynamic(evaluate):
            return evaluate


def _compile_object(template: JSONObject, depth: int) -> _Part:
    outline: JSONObject = {}
    dynamic: list[tuple[str, Evaluator]] = []
    texts: dict[str, str] = {}
    for key, value in template.items():
        name = key.removesuffix(".$")
        if name in outline:
            raise TextCursor(key).error(
                f"{name!r} is set twice in one object.", hint=f"Keep either {name!r} or '{name}.$'."
            )
        outline[name] = None
        if name != key:
            dynamic.append((name, _compile_expression(key, value)))
            texts[name] = value
            continue
        match _compile(value, depth + 1):
            case _Constant(constant):
                outline[name] = constant
            case _Dynamic(evaluate):
                dynamic.append((name, evaluate))
    if not dynamic:
        return _Constant(template)
    return _Dynamic(_filling(outline, dynamic, texts))


def _compile_expression(key: str, value: JSONValue) -> Evaluator:
    if not isinstance(value, str):
        hint = f"Write '{key.removesuffix('.$')}' without '.$' for a literal value."
        raise TextCursor(key).error("the value of a '.$' field must be a path or an intrinsic function.", hint=hint)
    if value.startswith("$"):
        return compile_path(value).evaluate
    return compile_intrinsic(value)


def _filling(outline: JSONObject, dynamic: list[tuple[str, Evaluator]], texts: dict[str, str]) -> Evaluator:
    """Fill a copy of the outline, which holds the key order and the constants; ``texts`` are the paths, for errors.

    One ``try`` stands around all fields: entering it costs nothing, one wrapper per path would cost a call each.
    """
    fresh: Callable[[], JSONObject] = outline.copy

    def evaluate(state_input: JSONValue, environment: Environment) -> JSONValue:
        result = fresh()
        name = ""
        try:
            for name, value_of in dynamic:
                result[name] = value_of(state_input, environment)
        except PathNotFound as missing:
            if missing.failure is Failure.NOT_ARRAY:  # AWS lets the path engine's own text through here
                raise EvaluationError(error_names.RUNTIME, missing.detail) from None
            raise TemplatePathMissing(texts[name], f"{name}.$", state_input) from None
        return result

    return evaluate
