"""Intrinsic function calls, ``States.Format('{}', $.name)``, compiled from their text; not what functions compute."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from sfn_notebook import _json
from sfn_notebook._json import JSONValue
from sfn_notebook.asl import error_names
from sfn_notebook.asl.environment import Environment, EvaluationError
from sfn_notebook.asl.intrinsic_functions import FUNCTIONS, ArgumentRefused, IntrinsicFunction, fill_template
from sfn_notebook.asl.paths import CompiledPath, Evaluator, Failure, PathNotFound, compile_path
from sfn_notebook.asl.text_cursor import TextCursor
from sfn_notebook.errors import ExpressionSyntaxError, nearest

MAX_NESTING: Final = 10
MAX_CHARACTERS: Final = 65_536
"""Longer expressions are refused so that reading one ends quickly; a literal may be long, so there is room."""

_NAME: Final = re.compile(r"[A-Za-z_][\w.]*", re.ASCII)
_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])", re.ASCII)
_CONSTANTS: Final = {"true": True, "false": False, "null": None}
_PATH_ENDS: Final = frozenset(",)")
_ESCAPED: Final = frozenset("'{}\\")


@dataclass(frozen=True, slots=True)
class _Literal:
    """A value written out; ``pieces`` are a string's parts between the ``{}`` that were not escaped."""

    value: JSONValue
    pieces: tuple[str, ...] = ()


_Argument: TypeAlias = _Literal | CompiledPath | Evaluator


class PathArgumentMissing(EvaluationError):  # noqa: N818 - the name says the fact
    """A path inside an intrinsic function has no value in the input."""

    def __init__(self, expression: str, path: str, document: JSONValue) -> None:
        self.expression = expression
        self.path = path
        self.document = document
        super().__init__(error_names.RUNTIME, self.detail_with(_json.dump(document)))

    def detail_with(self, input_text: str) -> str:
        """The detail with the input as it was really written: an execution's input keeps its caller's white space."""
        return (
            f"The function '{self.expression}' had the following error: The JsonPath argument for the field "
            f"'{self.path}' could not be found in the input '{input_text}'"
        )


def compile_intrinsic(text: str) -> Evaluator:
    """Compile a call of an intrinsic function, with the calls nested in it.

    The evaluator raises ``EvaluationError``: ``States.Runtime`` if a path has no value, ``States.IntrinsicFailure`` if
    a function refuses a value. Random functions draw from ``environment.random``.

    Args:
        text: For example ``States.MathAdd($.n, 1)``.

    Raises:
        ExpressionSyntaxError: If ``text`` cannot be read, names no function, or has a wrong number of arguments.

    Source: Amazon States Language, "Intrinsic Functions".
    """
    cursor = TextCursor(text)
    if len(text) > MAX_CHARACTERS:
        raise cursor.error(f"an expression may have at most {MAX_CHARACTERS} characters, this one has {len(text)}.")
    return _IntrinsicReader(cursor).read()


class _IntrinsicReader:
    """Recursive descent over one expression."""

    def __init__(self, cursor: TextCursor) -> None:
        self._cursor = cursor
        self._expression = cursor.text.strip()

    def read(self) -> Evaluator:
        """Read one call and nothing else."""
        cursor = self._cursor
        cursor.skip_blanks()
        start = cursor.position
        name = cursor.take(_NAME)
        if not name:
            raise cursor.error(
                "expected a path or an intrinsic function.", hint="Write $.name or States.Format('{}', $.name)."
            )
        evaluate = self._call(name, start, depth=1)
        cursor.skip_blanks()
        if not cursor.at_end:
            raise cursor.error(f"expected nothing more, not {cursor.peek()!r}.")
        return evaluate

    def _call(self, name: str, start: int, *, depth: int) -> Evaluator:
        cursor = self._cursor
        function = FUNCTIONS.get(name)
        if function is None:
            offered = nearest(name, FUNCTIONS)
            hint = f"Did you mean {' or '.join(offered)}?" if offered else f"Functions: {', '.join(FUNCTIONS)}."
            raise cursor.error(f"there is no intrinsic function {name!r}.", at=start, hint=hint)
        if depth > MAX_NESTING:
            raise cursor.error(f"intrinsic functions may be nested at most {MAX_NESTING} deep.", at=start)
        cursor.expect("(", f"after {name}")
        arguments = self._arguments(depth)
        if len(arguments) < function.minimum or (function.maximum is not None and len(arguments) > function.maximum):
            raise cursor.error(f"{name} takes {_arity(function)}, not {len(arguments)}.", at=start)
        if name == "States.Format" and isinstance(arguments[0], _Literal) and arguments[0].pieces:
            return self._format(list(arguments[0].pieces), arguments[1:], start)
        evaluators = [self._evaluator(argument) for argument in arguments]
        return _calling(function, evaluators, self._expression)

    def _arguments(self, depth: int) -> list[_Argument]:
        cursor = self._cursor
        arguments: list[_Argument] = []
        cursor.skip_blanks()
        if cursor.accept(")"):
            return arguments
        while True:
            cursor.skip_blanks()
            arguments.append(self._argument(depth))
            cursor.skip_blanks()
            if not cursor.accept(","):
                break
        cursor.expect(")", "after the arguments")
        return arguments

    def _argument(self, depth: int) -> _Argument:
        cursor = self._cursor
        if cursor.peek() == "'":
            return self._string()
        if cursor.peek() == "$":
            return self._path()
        if number := cursor.take(_NUMBER):
            return _Literal(float(number) if set(number) & set(".eE") else _integer(cursor, number))
        start = cursor.position
        name = cursor.take(_NAME)
        if name in _CONSTANTS:
            return _Literal(_CONSTANTS[name])
        if name:
            return self._call(name, start, depth=depth + 1)
        found = f"not {cursor.peek()!r}" if cursor.peek() else "but the text ends"
        hint = "An argument is 'text', a number, true, false, null, a path or another call."
        raise cursor.error(f"expected an argument, {found}.", hint=hint)

    def _string(self) -> _Literal:
        r"""A string in single quotes with the escapes ``\'``, ``\{``, ``\}`` and ``\\``.

        The pieces for States.Format are cut here, while an escaped brace can still be told from a placeholder.
        """
        cursor = self._cursor
        start = cursor.position
        cursor.position += 1
        pieces: list[str] = []
        part: list[str] = []
        while not cursor.accept("'"):
            character = cursor.peek()
            if not character:
                raise cursor.error("the quote ' is never closed.", at=start)
            if character == "\\":
                cursor.position += 1
                character = cursor.peek()
                if character not in _ESCAPED or not character:
                    hint = r"Only \' \{ \} and \\ may be escaped; a plain quotation mark or line end needs no escape."
                    raise cursor.error(f"there is no escape \\{character}.", at=cursor.position - 1, hint=hint)
            elif cursor.accept("{}"):
                pieces.append("".join(part))
                part = []
                continue
            cursor.position += 1
            part.append(character)
        pieces.append("".join(part))
        return _Literal("{}".join(pieces), tuple(pieces))

    def _path(self) -> CompiledPath:
        cursor = self._cursor
        start = cursor.position
        while not cursor.at_end and cursor.peek() not in _PATH_ENDS:
            if cursor.peek() in "[(":
                cursor.skip_balanced()
            else:
                cursor.position += 1
        try:
            return compile_path(cursor.text[start : cursor.position].rstrip())
        except ExpressionSyntaxError as error:
            raise cursor.error(error.reason, at=start + error.column - 1, hint=error.hint) from None

    def _evaluator(self, argument: _Argument) -> Evaluator:
        if isinstance(argument, _Literal):
            value = argument.value
            return lambda _input, _environment: value
        if isinstance(argument, CompiledPath):
            return _reading(argument, self._expression)
        return argument

    def _format(self, pieces: list[str], arguments: Sequence[_Argument], start: int) -> Evaluator:
        """States.Format with a literal template, whose placeholders are counted now."""
        if len(pieces) != len(arguments) + 1:
            count = f"{len(pieces) - 1} times {{}} but {len(arguments)} values"
            raise self._cursor.error(f"the template of States.Format has {count}.", at=start)
        body = _function_of_values(pieces)
        function = IntrinsicFunction(body=body, minimum=0, maximum=None)
        return _calling(function, [self._evaluator(argument) for argument in arguments], self._expression)


def _integer(cursor: TextCursor, digits: str) -> int:
    if len(digits) > 400:  # no double holds it, and Python refuses to read very long ones
        raise cursor.error("the number is too long.", at=cursor.position - len(digits))
    return int(digits)


def _arity(function: IntrinsicFunction) -> str:
    if function.maximum == function.minimum:
        return f"{function.minimum} argument{'' if function.minimum == 1 else 's'}"
    if function.maximum is None:
        return f"at least {function.minimum} argument{'' if function.minimum == 1 else 's'}"
    return f"{function.minimum} to {function.maximum} arguments"


def _function_of_values(pieces: list[str]) -> Callable[..., JSONValue]:
    return lambda *values: fill_template(pieces, values)


def _reading(path: CompiledPath, expression: str) -> Evaluator:
    """Read a path with the text that AWS writes when it has no value."""
    evaluate, text = path.evaluate, path.text

    def value_at(state_input: JSONValue, environment: Environment) -> JSONValue:
        try:
            return evaluate(state_input, environment)
        except PathNotFound as missing:
            if missing.failure is Failure.NOT_ARRAY:  # AWS lets the path engine's own text through here
                raise EvaluationError(error_names.RUNTIME, missing.detail) from None
            raise PathArgumentMissing(expression, text, state_input) from None

    return value_at


def _calling(function: IntrinsicFunction, arguments: Sequence[Evaluator], expression: str) -> Evaluator:
    """Join a function and its arguments; calls with one and two values, nearly all of them, do without a list."""
    body = function.body

    def refused(error: ArgumentRefused | RecursionError) -> EvaluationError:
        reason = error if isinstance(error, ArgumentRefused) else "a value is nested too deeply"
        detail = f"The function '{expression}' had the following error: {reason}"
        return EvaluationError(error_names.INTRINSIC_FAILURE, detail)

    if len(arguments) == 1 and not function.is_random:
        (only,) = arguments

        def call_one(state_input: JSONValue, environment: Environment) -> JSONValue:
            try:
                return body(only(state_input, environment))
            except (ArgumentRefused, RecursionError) as reason:
                raise refused(reason) from None

        return call_one

    if len(arguments) == 2 and not function.is_random:
        first, second = arguments

        def call_two(state_input: JSONValue, environment: Environment) -> JSONValue:
            try:
                return body(first(state_input, environment), second(state_input, environment))
            except (ArgumentRefused, RecursionError) as reason:
                raise refused(reason) from None

        return call_two

    is_random = function.is_random

    def call(state_input: JSONValue, environment: Environment) -> JSONValue:
        values = [argument(state_input, environment) for argument in arguments]
        try:
            return body(environment.random, *values) if is_random else body(*values)
        except (ArgumentRefused, RecursionError) as reason:
            raise refused(reason) from None

    return call
