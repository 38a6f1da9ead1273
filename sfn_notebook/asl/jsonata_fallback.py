"""Evaluates JSONata with the jsonata-python package, where the faster one is missing; nothing of states and fields.

It is some hundred times slower, and the only one with look-around in regular expressions. Its side effects are
contained: importing it changes Python's recursion limit for good, and some of its failures print. Values are copied
on the way in and out, so that no result shares the input's objects.

Source: the package's behaviour as measured by the tests; ``docs/jsonata.md`` names what stays different.
"""

import math
import re
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from sfn_notebook import errors
from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.asl.jsonata_fallback_functions import REPLACED, REPLACEMENTS, plain_sort, sort
from sfn_notebook.asl.jsonata_functions import (
    DRAWING_FUNCTIONS,
    MAX_SEQUENCE_LENGTH,
    MAX_TEXT_CHARACTERS,
    PURE_FUNCTIONS,
    milliseconds,
)
from sfn_notebook.asl.jsonata_grammar import parse_jsonata
from sfn_notebook.asl.jsonata_messages import MESSAGES, ordered_placeholders
from sfn_notebook.asl.jsonata_prelude import HOST_PREFIX, Prelude, function_prelude, uncertain_names
from sfn_notebook.asl.jsonata_references import every_node, find_references
from sfn_notebook.asl.jsonata_regex import PYTHON, RegexSyntaxError, Translation, translate_regex
from sfn_notebook.asl.jsonata_scope import (
    UNDEFINED,
    CompiledJsonata,
    JsonataError,
    JsonataScope,
    UnsupportedResult,
)
from sfn_notebook.asl.jsonata_syntax_tree import Pattern
from sfn_notebook.asl.jsonata_tokens import JsonataSyntaxError
from sfn_notebook.asl.shared_growth import MAX_CHARACTERS, is_huge


@contextmanager
def _recursion_limit_kept() -> Iterator[None]:
    limit = sys.getrecursionlimit()
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)


with _recursion_limit_kept():  # the package raises it to 10,000 while it is imported
    import jsonata.jsonata as package  # type: ignore[import-untyped]  # ships no type information
    from jsonata.jexception import JException  # type: ignore[import-untyped]  # as above
    from jsonata.utils import Utils  # type: ignore[import-untyped]  # as above

package.print = lambda *_parts, **_options: None  # shadows the builtin in that module alone

TIMEOUT_SECONDS: Final = 3.0
MAX_DEPTH: Final = 1_500  # evaluation frames; each is about three frames of Python
_RECURSION_LIMIT: Final = 12_000
_STEPS_BETWEEN_LOOKS: Final = 64
_MAX_REGEX_STEPS: Final = 3e8
_MAX_CACHED: Final = 512
_NOTHING_HIDDEN: Final[frozenset[str]] = frozenset()


class _RecursionLimit:
    """Raises Python's limit while any thread evaluates, and puts it back after the last one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._before = 0

    def __enter__(self) -> None:
        with self._lock:
            if self._users == 0:
                self._before = sys.getrecursionlimit()
                sys.setrecursionlimit(max(self._before, _RECURSION_LIMIT))
            self._users += 1

    def __exit__(self, *_failure: object) -> None:
        with self._lock:
            self._users -= 1
            if self._users == 0:
                sys.setrecursionlimit(self._before)


_RAISED_LIMIT: Final = _RecursionLimit()


class _Watch:
    """Stops one evaluation that runs too long, too deep, or makes values without end.

    Time is the thread's processor time: that of the machine's clock would depend on what else runs.
    """

    def __init__(self) -> None:
        self.depth = 0
        self._steps = 0
        self._deadline = 0.0

    def start(self) -> None:
        self.depth = 0
        self._steps = 0
        self._deadline = time.thread_time() + TIMEOUT_SECONDS

    def enter(self, _expression: object, _value: object, _frame: object) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise JsonataError.of("D1011")
        self._steps += 1
        if self._steps % _STEPS_BETWEEN_LOOKS == 0 and time.thread_time() > self._deadline:
            raise JsonataError.of("D1012")

    def leave(self, _expression: object, _value: object, _frame: object, result: object) -> None:
        self.depth -= 1
        if isinstance(result, str) and len(result) > MAX_TEXT_CHARACTERS:
            raise JsonataError.of("D3142", value=MAX_TEXT_CHARACTERS, token="&")  # noqa: S106 - an operator, no secret
        if isinstance(result, list) and len(result) > MAX_SEQUENCE_LENGTH:
            raise JsonataError.of("D2015", value=MAX_SEQUENCE_LENGTH)


class _BoundedPattern:
    """A regular expression that refuses texts on which Python's matcher could run for more than seconds."""

    def __init__(self, pattern: "re.Pattern[str]", translation: Translation) -> None:
        self._pattern = pattern
        self._translation = translation

    def _bounded(self, text: str) -> str:
        if self._translation.steps(len(text)) > _MAX_REGEX_STEPS:
            raise JsonataError.of("D3143", value=len(text))
        return text

    def search(self, text: str) -> "re.Match[str] | None":
        return next(self.finditer(text), None)

    def finditer(self, text: str) -> "Iterator[re.Match[str]]":
        for match in self._pattern.finditer(self._bounded(text)):
            if not match.group():
                raise JsonataError.of("D1004")
            yield match

    def sub(self, replacement: Any, text: str, count: int = 0) -> str:
        # A match of no characters is a mistake, which the matcher itself ignores.
        deque(self.finditer(text), maxlen=0)
        if not callable(replacement):
            return self._pattern.sub(replacement, text, count)
        return self._pattern.sub(lambda match: str(replacement(_Match(match))), text, count)

    def split(self, text: str) -> list[str]:
        pieces: list[str] = []
        at = 0
        for match in self.finditer(text):
            pieces.append(text[at : match.start()])
            at = match.end()
        return [*pieces, text[at:]]


class _Match:
    """A match whose groups are counted as in JavaScript: the package would count the whole match as one of them."""

    def __init__(self, match: "re.Match[str]") -> None:
        self._match = match

    def group(self, index: int = -1) -> str | None:
        groups = self._match.groups()
        if index < 0:
            return self._match.group()
        return groups[index] if index < len(groups) else None

    def groups(self) -> tuple[object, ...]:
        return self._match.groups()[1:]


def _regex(pattern: str, flags: Any) -> _BoundedPattern:
    letters = ("i" if flags.case_insensitive else "") + ("m" if flags.multiline else "")
    translation = translate_regex(pattern, letters, PYTHON)
    options = (re.IGNORECASE if "i" in letters else 0) | (re.MULTILINE if "m" in letters else 0)
    return _BoundedPattern(re.compile(translation.text, options), translation)


class _ThreadState(threading.local):
    def __init__(self) -> None:
        self.compiled: dict[str, tuple[Any, _Watch]] = {}
        self.scope: JsonataScope | None = None


_THREAD: Final = _ThreadState()


def _compiled(source: str, prelude: Prelude) -> tuple[Any, _Watch]:
    """The package's object for ``source``, one per thread: it keeps the state of an evaluation in itself."""
    found = _THREAD.compiled.get(source)
    if found is None:
        expression = package.Jsonata(source, _regex)
        expression.set_output_convert_nulls(False)
        expression.set_validate_input(False)
        watch = _Watch()
        expression.environment.set_evaluate_entry_callback(watch.enter)
        expression.environment.set_evaluate_exit_callback(watch.leave)
        for name in sorted(prelude.host_functions):
            expression.register_lambda(f"{HOST_PREFIX}{name}", _host_function(name))
        found = expression, watch
        if len(_THREAD.compiled) >= _MAX_CACHED:
            _THREAD.compiled.clear()
        _THREAD.compiled[source] = found
    return found


def _sort(array: Any, comparator: Any = None) -> Any:
    """``$sort``, whose second argument is a function of the package."""
    items = array if isinstance(array, list) else [array]
    if comparator is None:
        return plain_sort(items)
    functions = package.functions.Functions
    return sort(items, lambda left, right: bool(functions.to_boolean(functions.func_apply(comparator, [left, right]))))


def _host_function(name: str) -> Callable[..., Any]:
    if name == "sort":
        return _sort

    def call(*arguments: Any) -> Any:
        values = tuple(_from_package(argument) for argument in arguments if argument is not None)
        return _to_package(_host_value(name, values))

    return call


def _host_value(name: str, arguments: tuple[JSONValue, ...]) -> JSONValue:
    scope = _THREAD.scope
    if scope is None:
        raise JsonataError("", f"${name} was called outside of an evaluation")
    if name == "millis":
        return milliseconds(scope.now_seconds)
    if name == "too_long":
        raise JsonataError.of("D3142", token=arguments[0], value=MAX_TEXT_CHARACTERS)
    try:
        if name in DRAWING_FUNCTIONS:
            return DRAWING_FUNCTIONS[name](scope.random, *arguments)
        return (REPLACED.get(name) or PURE_FUNCTIONS[name])(*arguments)
    except TypeError:  # fewer or more arguments than the function has
        raise JsonataError.of("T0410", index=len(arguments) + 1, token=name) from None


def _to_package(value: JSONValue) -> Any:
    """A copy with the package's own null: its ``None`` is "nothing"."""
    match value:
        case None:
            return Utils.NULL_VALUE
        case list() | tuple():
            return [_to_package(item) for item in value]
        case dict():
            return {key: _to_package(item) for key, item in value.items()}
        case _:
            return value


def _from_package(value: Any) -> JSONValue:
    """A fresh JSON value; functions within become ``null``, whole doubles integers."""
    match value:
        case str() | bool() | int():
            return value
        case float() if not math.isfinite(value):
            raise JsonataError.of("D1001", value=None)
        case float():
            return int(value) if value.is_integer() and abs(value) < 1e21 else value
        case Utils.RangeList():
            return list(range(value.a, value.b + 1))
        case list():
            return [_from_package(item) for item in value]
        case dict():
            return {key: _from_package(item) for key, item in value.items()}
        case _:
            return None


def _result(value: Any) -> JSONValue:
    if value is None:
        return UNDEFINED
    if value is not Utils.NULL_VALUE and not isinstance(value, str | int | float | list | dict):
        raise UnsupportedResult
    if is_huge(value):
        raise JsonataError.of("D2015", value=MAX_CHARACTERS)
    return _from_package(value)


class FallbackJsonata:
    """One expression; any thread may evaluate it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._references = find_references(parse_jsonata(text))
        self._uncertain = uncertain_names(self._references)

    @property
    def text(self) -> str:
        """The expression, without its delimiters."""
        return self._text

    def prepare(self, hidden: frozenset[str] = _NOTHING_HIDDEN) -> tuple[Any, _Watch]:
        """The package's object on this thread.

        Raises:
            JsonataError: If the package refuses the expression.
        """
        prelude = function_prelude(self._references, hidden, REPLACEMENTS)
        source = f"({prelude.text}(\n{self._text}\n))" if prelude.text else self._text
        try:
            return _compiled(source, prelude)
        except Exception as failure:  # noqa: BLE001 - it raises whatever its code runs into
            raise _error(failure) from None

    def evaluate(self, scope: JsonataScope, data: JSONValue = UNDEFINED) -> JSONValue:
        """As ``CompiledJsonata.evaluate``."""
        hidden = frozenset(name for name in self._uncertain if name in scope.variables)
        expression, watch = self.prepare(hidden)
        before, _THREAD.scope = _THREAD.scope, scope
        try:
            with _RAISED_LIMIT:
                watch.start()
                root = None if data is UNDEFINED else _to_package(data)
                return _result(expression.evaluate(root, _to_package(self._bindings(scope))))
        except UnsupportedResult:
            raise
        except Exception as failure:  # noqa: BLE001 - as above
            raise _error(failure) from None
        finally:
            _THREAD.scope = before

    def _bindings(self, scope: JsonataScope) -> JSONObject:
        variables: Mapping[str, JSONValue] = scope.variables
        bindings = {name: variables[name] for name in self._references.mentions if name in variables}
        if "states" in self._references.mentions:
            bindings["states"] = scope.states
        return bindings


def _error(failure: Exception) -> JsonataError:  # noqa: PLR0911 - one return per kind of failure
    match failure:
        case JsonataError():
            return failure
        case JException() if failure.get_error() in MESSAGES:
            code = failure.get_error()
            names = ordered_placeholders(code)
            given = (failure.get_current(), failure.get_expected(), failure.extra)
            return JsonataError.of(code, **dict(zip(names, map(_shown, given), strict=False)))
        case RecursionError():
            return JsonataError.of("D1011")
        case MemoryError():
            return JsonataError("", "the expression needs more memory than there is")
        case RegexSyntaxError() | re.error():
            return JsonataError("", f"invalid regular expression: {failure}")
        case ZeroDivisionError():
            return JsonataError.of("D1001", value=None)
        case UnicodeError():
            return JsonataError.of("D3140", functionName="decodeUrl")
        case _:
            text = failure.get_error() if isinstance(failure, JException) else str(failure)
            return _by_text(text) or JsonataError("", f"{type(failure).__name__}: {failure}")


def _by_text(text: str) -> JsonataError | None:
    """Some failures carry JSONata's text instead of its code, some with a place left open or repeated."""
    for code, message in MESSAGES.items():
        if message in (text, text.partition(":")[0]):
            return JsonataError.of(code)
        before, is_open, _after = message.partition("{{value}}")
        if is_open and len(before) > 20 and text.startswith(f"{before}%s"):
            return JsonataError.of(code)
    return None


def _shown(value: Any) -> JSONValue:
    try:
        return _from_package(value)
    except JsonataError:
        return None


class FallbackEngine:
    """JSONata by jsonata-python."""

    @property
    def name(self) -> str:
        """The distribution's name."""
        return "jsonata-python"

    def compile(self, text: str) -> CompiledJsonata:
        """As ``JsonataEngine.compile``."""
        try:
            node = parse_jsonata(text)
        except JsonataSyntaxError as mistake:
            reason = f"{mistake.code}: {mistake.message}"
            raise errors.ExpressionSyntaxError(text, mistake.position + 1, reason) from None
        for part in every_node(node):
            if isinstance(part, Pattern):
                _check_regex(text, part)
        expression = FallbackJsonata(text)
        try:
            expression.prepare()
        except JsonataError as failure:
            raise errors.ExpressionSyntaxError(text, 1, str(failure)) from None
        return expression


def _check_regex(text: str, part: Pattern) -> None:
    try:
        re.compile(translate_regex(*part.regex, PYTHON).text)
    except RegexSyntaxError as mistake:
        reason = f"invalid regular expression: {mistake.reason}"
        raise errors.ExpressionSyntaxError(text, part.position + 2 + mistake.offset, reason) from None
    except re.error as mistake:
        reason = f"invalid regular expression: {mistake}"
        raise errors.ExpressionSyntaxError(text, part.position + 1, reason) from None
