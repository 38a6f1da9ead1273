"""How the steps of a JSONPath find values: closures and the path engine's error texts; not how paths are written.

Source of the semantics: 492 recorded answers of the Java path engine, and recorded executions where AWS differs from it
(a missing field before a wildcard, slice or filter gives an empty list).
"""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias, assert_never

from sfn_notebook._json import ABSENT, Absent, JSONValue
from sfn_notebook.asl.java_text import class_name, context_text
from sfn_notebook.asl.path_steps import (
    Call,
    Descent,
    Failure,
    Filter,
    Index,
    Indices,
    Name,
    Names,
    PathNotFound,
    Resolve,
    Segment,
    Slice,
    Step,
    Wildcard,
    is_definite,
)
from sfn_notebook.asl.shared_growth import FEW_REFERENCES, MAX_CHARACTERS, is_huge

Find: TypeAlias = Callable[[JSONValue, JSONValue], JSONValue | Absent]
"""``find(base, document)``: as ``Resolve``, but ``ABSENT`` instead of ``PathNotFound``."""

_Expand: TypeAlias = Callable[[list[JSONValue], JSONValue], list[JSONValue]]

MAX_MATCHES = 262_144
"""An indefinite path with more matches is refused: a union such as ``[0,0,0]`` multiplies them at every step."""

_NOT_INDEXABLE = (KeyError, IndexError, TypeError)


def compile_steps(steps: Sequence[Step]) -> Resolve:
    """Compile steps to a closure that returns the value of a definite path, or the list of matches.

    The closure raises ``PathNotFound`` when a definite path has no value, or when a step cannot apply to its value.
    """
    prefix = _definite_prefix(steps)
    rest = steps[len(prefix) :]
    value_at = compile_getter(prefix, _shown(steps[: len(prefix)]), is_whole=not rest)
    if not rest:
        return value_at
    if is_definite(steps):
        return _definite_end(rest[0], value_at, _shown(prefix))
    return _matches(prefix, rest, value_at)


def compile_find(steps: Sequence[Step]) -> Find:
    """As ``compile_steps``, for filters: a path without a value gives ``ABSENT``, and cheaply so."""
    segments = _definite_prefix(steps)
    if len(segments) < len(steps):
        resolve = compile_steps(steps)

        def find(base: JSONValue, document: JSONValue) -> JSONValue | Absent:
            try:
                return resolve(base, document)
            except PathNotFound:
                return ABSENT

        return find

    def find_by_segments(base: JSONValue, _document: JSONValue) -> JSONValue | Absent:
        value = base
        try:
            for segment in segments:
                if value.__class__ is str:
                    return ABSENT
                value = value[segment]
        except _NOT_INDEXABLE:
            return ABSENT
        return value

    return find_by_segments


def compile_getter(segments: Sequence[Segment], shown: str, *, is_whole: bool = True) -> Resolve:
    """Compile names and indices to the fastest closure that can be had without generating code.

    ``shown`` is the path in the path engine's spelling; ``is_whole`` is false when further steps follow, since the
    engine words a missing last field differently.
    """

    def missing(base: JSONValue) -> PathNotFound:
        return _explain(base, segments, shown, is_whole=is_whole)

    if len(segments) <= 3 and all(isinstance(segment, str) for segment in segments):
        return _by_names(segments, missing)

    def by_segments(base: JSONValue, _document: JSONValue) -> JSONValue:
        value = base
        try:
            for segment in segments:
                if value.__class__ is str:  # the only JSON value that Python indexes and ASL does not
                    raise missing(base)
                value = value[segment]
        except _NOT_INDEXABLE:
            raise missing(base) from None
        return value

    return by_segments


def _by_names(names: Sequence[Segment], missing: Callable[[JSONValue], PathNotFound]) -> Resolve:
    """The hot path of whole machines: up to three plain names, one subscript each.

    Plain JSON lets the subscript itself be the check: a list or a string refuses a name with TypeError.
    """
    if not names:
        return lambda base, _document: base
    first, second, third = (*names, "", "")[:3]

    def one(base: JSONValue, _document: JSONValue) -> JSONValue:
        try:
            return base[first]
        except _NOT_INDEXABLE:
            raise missing(base) from None

    def two(base: JSONValue, _document: JSONValue) -> JSONValue:
        try:
            return base[first][second]
        except _NOT_INDEXABLE:
            raise missing(base) from None

    def three(base: JSONValue, _document: JSONValue) -> JSONValue:
        try:
            return base[first][second][third]
        except _NOT_INDEXABLE:
            raise missing(base) from None

    return (one, two, three)[len(names) - 1]


def _definite_prefix(steps: Sequence[Step]) -> tuple[Segment, ...]:
    segments: list[Segment] = []
    for step in steps:
        if isinstance(step, Name):
            segments.append(step.name)
        elif isinstance(step, Index):
            segments.append(step.index)
        else:
            break
    return tuple(segments)


def _shown(parts: Iterable[Step | Segment]) -> str:
    """The path engine's spelling: ``$['a'][0]``."""
    names = (part.name if isinstance(part, Name) else part.index if isinstance(part, Index) else part for part in parts)
    return "$" + "".join(f"['{each}']" if isinstance(each, str) else f"[{each}]" for each in names)


def _explain(base: JSONValue, segments: Sequence[Segment], shown: str, *, is_whole: bool) -> PathNotFound:
    """Walk again, slowly, to say what was missing where."""
    value, here = base, "$"
    for position, segment in enumerate(segments):
        if isinstance(segment, str):
            if not isinstance(value, dict):
                return _not_object(f"['{segment}']", here, value)
            here += f"['{segment}']"
            if segment not in value:
                is_last = is_whole and position == len(segments) - 1
                return PathNotFound(f"No results for path: {shown}" if is_last else f"Missing property in path {here}")
        else:
            if not isinstance(value, list):
                return _not_array(f"[{segment}]", here, value)
            here += f"[{segment}]"
            if not -len(value) <= segment < len(value):
                break
        value = value[segment]
    return PathNotFound(f"No results for path: {shown}")


def _not_object(fragment: str, here: str, value: JSONValue) -> PathNotFound:
    return PathNotFound(
        f"Expected to find an object with property {fragment} in path {here} but found '{class_name(value)}'. This is "
        "not a json object according to the JsonProvider: 'com.jayway.jsonpath.spi.json.JsonSmartJsonProvider'.",
        Failure.NOT_OBJECT,
    )


def _not_array(fragment: str, here: str, value: JSONValue) -> PathNotFound:
    if value is None:
        return PathNotFound(f"The path {here} is null", Failure.NOT_ARRAY)
    return PathNotFound(
        f"Filter: {fragment} can only be applied to arrays. Current context is: {_context(value)}",
        Failure.NOT_ARRAY,
    )


def _context(value: JSONValue) -> str:
    try:
        return context_text(value)
    except RecursionError:
        return "..."  # too deep to print, which must not hide the error itself


def _definite_end(step: Step, value_at: Resolve, here: str) -> Resolve:
    """The last step of a definite path that is more than a name or an index."""
    if isinstance(step, Call):
        function, arguments = step.function, step.arguments
        return lambda base, document: function(
            value_at(base, document), [argument(document, document) for argument in arguments]
        )
    names = step.names if isinstance(step, Names) else ()

    def fields_of(base: JSONValue, document: JSONValue) -> JSONValue:
        value = value_at(base, document)
        if not isinstance(value, dict):
            raise _not_object(_union_text(names), here, value)
        return {name: value[name] for name in names if name in value}

    return fields_of


def _union_text(names: Sequence[str]) -> str:
    return "[" + ",".join(f"'{name}'" for name in names) + "]"


def _matches(prefix: Sequence[Segment], rest: Sequence[Step], value_at: Resolve) -> Resolve:
    """An indefinite path: a list that each step expands."""
    here = _shown(prefix)
    expansions = [_expansion(step, rest[:position], rest[position + 1 :]) for position, step in enumerate(rest)]
    first = rest[0]
    repeats = any(isinstance(step, Descent | Indices) for step in rest)

    def matches_of(base: JSONValue, document: JSONValue) -> JSONValue:
        try:
            value = value_at(base, document)
        except PathNotFound as missing:
            if missing.failure is Failure.MISSING:
                return []  # as recorded on AWS; the path engine itself would raise
            raise
        _check_applicable(first, value, here)
        nodes = [value]
        for expand in expansions:
            nodes = expand(nodes, document)
            _check_number(len(nodes))
        if repeats and len(nodes) > FEW_REFERENCES and is_huge(nodes):
            raise PathNotFound(f"Matches of more than {MAX_CHARACTERS} characters", Failure.REFUSED)
        return nodes

    return matches_of


def _check_number(matches: int) -> None:
    if matches > MAX_MATCHES:
        raise PathNotFound(f"More than {MAX_MATCHES} matches", Failure.REFUSED)


def _check_applicable(step: Step, value: JSONValue, here: str) -> None:
    """Below a single node the path engine refuses values of the wrong type; below several it passes them over."""
    match step:
        case Slice(start, stop) if not isinstance(value, list):
            text = f"[{'' if start is None else start}:{'' if stop is None else stop}]"
            raise _not_array(text, here, value)
        case Indices(indices) if not isinstance(value, list):
            raise _not_array(f"[{','.join(map(str, indices))}]", here, value)
        case Names(names) if not isinstance(value, dict):
            raise _not_object(_union_text(names), here, value)
        case Filter() if not isinstance(value, list | dict):
            raise PathNotFound(
                f"Filter: [?] can not be applied to primitives. Current context is: {_context(value)}",
                Failure.NOT_ARRAY,
            )
        case _:
            pass


def _expansion(step: Step, before: Sequence[Step], after: Sequence[Step]) -> _Expand:  # noqa: PLR0911 - a table
    is_below_descent = bool(before) and isinstance(before[-1], Descent)
    match step:
        case Name(name):
            return _expand_name(name)
        case Index(index):
            return lambda nodes, _: [node[index] for node in nodes if _has_index(node, index)]
        case Indices(indices):
            return lambda nodes, _: [node[each] for node in nodes for each in indices if _has_index(node, each)]
        case Slice(start, stop):
            return lambda nodes, _: [
                node[each]
                for node in nodes
                if isinstance(node, list)
                for each in _slice_indices(len(node), start, stop)
            ]
        case Wildcard():
            return lambda nodes, _: [child for node in nodes for child in _children(node)]
        case Names(names):
            return _expand_names(names, is_last=not after, needs_all=is_below_descent)
        case Descent():
            return lambda nodes, _: _containers(nodes)
        case Filter():
            return _expand_filter(step, is_below_descent=is_below_descent)
        case Call(function, arguments):
            return lambda nodes, document: [
                function(node, [argument(document, document) for argument in arguments]) for node in nodes
            ]
        case _:
            assert_never(step)


def _expand_name(name: str) -> _Expand:
    def expand(nodes: list[JSONValue], _document: JSONValue) -> list[JSONValue]:
        try:
            return [node[name] for node in nodes]  # the usual case: a list of like objects
        except _NOT_INDEXABLE:
            return [node[name] for node in nodes if isinstance(node, dict) and name in node]

    return expand


def _expand_names(names: Sequence[str], *, is_last: bool, needs_all: bool) -> _Expand:
    if not is_last:
        return lambda nodes, _: [
            node[name] for node in nodes if isinstance(node, dict) for name in names if name in node
        ]
    return lambda nodes, _: [
        {name: node[name] for name in names if name in node}
        for node in nodes
        if isinstance(node, dict) and (not needs_all or all(name in node for name in names))
    ]


def _expand_filter(step: Filter, *, is_below_descent: bool) -> _Expand:
    """A filter tests the items of an array, but an object itself; below ``..`` every object comes by on its own."""
    holds = step.holds
    if is_below_descent:
        return lambda nodes, document: [node for node in nodes if isinstance(node, dict) and holds(node, document)]

    def expand(nodes: list[JSONValue], document: JSONValue) -> list[JSONValue]:
        kept: list[JSONValue] = []
        for node in nodes:
            candidates = node if isinstance(node, list) else [node] if isinstance(node, dict) else ()
            kept.extend(item for item in candidates if holds(item, document))
        return kept

    return expand


def _has_index(node: JSONValue, index: int) -> bool:
    return isinstance(node, list) and -len(node) <= index < len(node)


def _slice_indices(length: int, start: int | None, stop: int | None) -> Iterable[int]:
    """The indices of a slice as the path engine counts: a negative start beside a stop reaches round the end."""
    if start is None:
        end = length if stop is None else stop + length if stop < 0 else min(stop, length)
        return range(max(end, 0))
    if stop is None:
        return range(max(start + length if start < 0 else start, 0), length)
    return [each for each in range(max(start, -length), min(stop, length)) if -length <= each < length]


def _children(node: JSONValue) -> Iterable[JSONValue]:
    if isinstance(node, dict):
        return node.values()
    return node if isinstance(node, list) else ()


def _containers(nodes: Iterable[JSONValue]) -> list[JSONValue]:
    """All objects and arrays in and below ``nodes``, outer before inner, without recursion."""
    found: list[JSONValue] = []
    stack = list(nodes)[::-1]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            found.append(node)
            stack.extend(reversed(node.values()))
        elif isinstance(node, list):
            found.append(node)
            stack.extend(reversed(node))
        _check_number(len(found))
    return found
