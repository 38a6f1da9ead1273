"""The texts that the jsonatapy engine compiles for one expression, and their compiled forms per thread; no evaluation.

The engine's compiled objects panic on any thread but their own, and complain when dropped on another: each thread
keeps a cache of its own, and nothing else refers to them.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import jsonatapy

from sfn_notebook._json import JSONValue
from sfn_notebook.asl.jsonata_functions import DRAWING_FUNCTIONS, MAX_TEXT_CHARACTERS, PURE_FUNCTIONS, milliseconds
from sfn_notebook.asl.jsonata_growth import COUNTING, MAX_PARTS, TOO_MANY_PARTS, counted
from sfn_notebook.asl.jsonata_prelude import HOST_PREFIX, Prelude, function_prelude, outside_names
from sfn_notebook.asl.jsonata_references import References
from sfn_notebook.asl.jsonata_scope import JsonataError, JsonataScope

_MAX_CACHED: Final = 2_048


class ThreadState(threading.local):
    """Of one thread: evaluation functions by key, the scope under evaluation, the failure of a host function."""

    def __init__(self) -> None:
        self.compiled: dict[str, Callable[..., Any]] = {}
        self.scope: JsonataScope | None = None
        self.failure: JsonataError | None = None


THREAD: Final = ThreadState()


@dataclass(frozen=True, kw_only=True, slots=True)
class Program:
    """What is compiled for one expression, given which functions workflow variables hide.

    ``source`` reads ``variables`` (name and field) from the root value, whose fields are converted only when read. It
    gives ``{"r": value}``, ``{}`` for nothing, and ``"f"`` if the prelude draws. ``rooted`` reads them from bindings,
    leaves the root value to the expression, and gives the value itself: around a root that is a list, an object would
    change its meaning. ``asks_for_function`` tells whether the value is a function.
    """

    variables: tuple[tuple[str, str], ...]
    uses_states: bool
    prelude: Prelude
    source: str
    rooted: str
    asks_for_function: str


def program_of(text: str, references: References, hidden: frozenset[str], *, is_counted: bool = False) -> Program:
    """Write the texts for the expression ``text``; functions in ``hidden`` are variables.

    If ``is_counted``, the parts of the value are, before it leaves the engine.
    """
    names = [name for name in (*outside_names(references), *sorted(hidden)) if name != "states"]
    variables = tuple((name, f"v{index}") for index, name in enumerate(names))
    uses_states = "states" in references.mentions
    assignments = "".join(f"${name}:={field};" for name, field in variables)
    assignments += "$states:=states;" if uses_states else ""
    prelude = function_prelude(references, hidden)
    if is_counted:
        prelude = replace(prelude, host_functions=prelude.host_functions | {TOO_MANY_PARTS})
    value = f"(\n{text}\n)"
    # Asked together where the expression draws: evaluating it twice would draw twice.
    kind = "$type_:=$type;" if prelude.draws else ""
    result, before = f'{{"r":{value}}}', f"{kind}{assignments}{prelude.text}"
    shown = '{"r":$result_,"f":$type_($result_)="function"}' if prelude.draws else '{"r":$result_}'
    if is_counted:
        result, before = f"({counted(value, shown)})", f"{COUNTING}{assignments}{prelude.text}"
    elif prelude.draws:
        result = f"($result_:={value};{shown})"
    rooted = f"({prelude.text}{value})" if prelude.text else text
    return Program(
        variables=variables,
        uses_states=uses_states,
        prelude=prelude,
        source=f"({before}{result})" if before else result,
        rooted=f"({COUNTING}{prelude.text}{counted(value, '$result_')})" if is_counted else rooted,
        asks_for_function=f'($type_:=$type;{assignments}{prelude.text}$type_({value})="function")',
    )


def compiled(source: str, prelude: Prelude) -> Callable[..., Any]:
    """The engine's evaluation function for ``source`` on this thread: (root, bindings, and three limits).

    Raises:
        ValueError: As the engine does for texts that it cannot compile.
    """
    run = THREAD.compiled.get(source)
    if run is None:
        run = _remember(source, _expression(source, prelude).evaluate)
    return run


def compiled_for_nothing(source: str, prelude: Prelude) -> Callable[..., Any]:
    """As ``compiled``, but the root value is JSON text, ``None`` for nothing at all, and so is the result."""
    key = f"nothing {source}"
    run = THREAD.compiled.get(key)
    if run is None:
        run = _remember(key, _expression(source, prelude).evaluate_json_or_none)
    return run


def _remember(key: str, run: Callable[..., Any]) -> Callable[..., Any]:
    if len(THREAD.compiled) >= _MAX_CACHED:
        THREAD.compiled.clear()
    THREAD.compiled[key] = run
    return run


def _expression(source: str, prelude: Prelude) -> Any:
    # The inner object is used: the package's wrapper adds a Python call with keyword arguments to each evaluation.
    expression = jsonatapy.compile(source)._expr  # noqa: SLF001 - as said above
    for name in sorted(prelude.host_functions):
        expression.register(f"{HOST_PREFIX}{name}", _host_function(name))
    return expression


def _host_function(name: str) -> Callable[..., JSONValue]:
    """The host function ``name``; its failure is kept aside, since the engine would only pass on its text."""

    def call(*arguments: JSONValue) -> JSONValue:
        try:
            return _host_value(name, arguments)
        except JsonataError as failure:
            THREAD.failure = failure
            raise
        except TypeError:  # fewer or more arguments than the function has
            THREAD.failure = JsonataError.of("T0410", index=len(arguments) + 1, token=name)
            raise

    return call


def _host_value(name: str, arguments: tuple[JSONValue, ...]) -> JSONValue:
    scope = THREAD.scope
    if scope is None:
        raise JsonataError("", f"${name} was called outside of an evaluation")
    if name == TOO_MANY_PARTS:
        raise JsonataError.of("D2015", value=MAX_PARTS)
    if name == "millis":
        return milliseconds(scope.now_seconds)
    if name == "too_long":
        raise JsonataError.of("D3142", token=arguments[0], value=MAX_TEXT_CHARACTERS)
    if name in DRAWING_FUNCTIONS:
        return DRAWING_FUNCTIONS[name](scope.random, *arguments)
    return PURE_FUNCTIONS[name](*arguments)
