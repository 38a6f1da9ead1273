"""Paths and Reference Paths of ASL, compiled and cached, for reading and for ResultPath; not which fields hold them."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias

from sfn_notebook import _json
from sfn_notebook._json import JSONValue
from sfn_notebook.asl import error_names
from sfn_notebook.asl.environment import Environment, EvaluationError
from sfn_notebook.asl.path_evaluation import compile_getter, compile_steps
from sfn_notebook.asl.path_grammar import MAX_CHARACTERS, parse_path
from sfn_notebook.asl.path_steps import Failure, PathNotFound, Resolve, Segment, is_definite, reference_segments
from sfn_notebook.asl.text_cursor import TextCursor

__all__ = [
    "CompiledPath",
    "Evaluator",
    "Failure",
    "PathNotFound",
    "Segment",
    "compile_path",
    "parse_reference_path",
    "set_at",
]

Evaluator: TypeAlias = Callable[[JSONValue, Environment], JSONValue]
"""``evaluate(input, environment)``: changes and copies nothing, so a result may share structure with the input."""

_PLAIN: Final = re.compile(r"""(?:\.[\w-]+|\['[^'\\]*'\]|\["[^"\\]*"\]|\[\d{1,9}\])*""")
_PLAIN_SEGMENT: Final = re.compile(r"""\.([\w-]+)|\['([^'\\]*)'\]|\["([^"\\]*)"\]|\[(\d+)\]""")


@dataclass(frozen=True, kw_only=True, slots=True)
class CompiledPath:
    """A path that was read once.

    ``root`` is ``$`` (the input), ``$$`` (the Context Object) or ``$name`` (a variable). ``is_identity`` is true for
    ``$`` alone, which callers may skip. ``is_reference`` tells a Reference Path (names and non-negative indices) and
    ``segments`` holds its names and indices; it is empty otherwise. A definite path identifies one value, which
    ``evaluate`` returns, or raises ``PathNotFound``; any other path gives the list of its matches, perhaps empty.
    """

    text: str
    root: str
    is_identity: bool
    is_definite: bool
    is_reference: bool
    segments: tuple[Segment, ...]
    evaluate: Evaluator


@lru_cache(maxsize=8_192)
def compile_path(text: str) -> CompiledPath:
    """Compile a path; each text once per process.

    Args:
        text: ``$.a.b[0]``, ``$['a b']``, ``$.items[*].id``, ``$.items[?(@.n > 5)]``, ``$$.Execution.Id``, ``$name.a``.

    Raises:
        ExpressionSyntaxError: If ``text`` is not a path.

    Source: Amazon States Language, "Paths" and "Reference Paths".
    """
    root, segments, resolve, is_single = _read(text)
    return CompiledPath(
        text=text,
        root=root,
        is_identity=root == "$" and segments == (),
        is_definite=is_single,
        is_reference=segments is not None,
        segments=segments or (),
        evaluate=resolve if root == "$" and segments is not None else _rooted(root, resolve),
    )


def _read(text: str) -> tuple[str, tuple[Segment, ...] | None, Resolve, bool]:
    root = "$$" if text.startswith("$$") else "$"
    if text.startswith("$") and len(text) <= MAX_CHARACTERS and _PLAIN.fullmatch(text, len(root)):
        segments = tuple(
            int(index) if index else dotted or single or double
            for dotted, single, double, index in _PLAIN_SEGMENT.findall(text, len(root))
        )
        return root, segments, compile_getter(segments, _shown(segments)), True
    parsed = parse_path(text)
    return parsed.root, reference_segments(parsed.steps), compile_steps(parsed.steps), is_definite(parsed.steps)


def _rooted(root: str, resolve: Resolve) -> Evaluator:
    """Start a path at its root. Reference Paths from ``$`` do without: a getter ignores its second argument."""
    if root == "$":
        return lambda state_input, _environment: resolve(state_input, state_input)
    if root == "$$":
        return lambda _input, environment: resolve(environment.context_object, environment.context_object)
    name = root[1:]

    def evaluate(_input: JSONValue, environment: Environment) -> JSONValue:
        variables = environment.variables
        if name not in variables:
            raise PathNotFound(f"No results for path: {root}")
        return resolve(variables[name], variables[name])

    return evaluate


def _shown(segments: Sequence[Segment]) -> str:
    return "$" + "".join(f"['{each}']" if isinstance(each, str) else f"[{each}]" for each in segments)


def parse_reference_path(text: str) -> tuple[Segment, ...]:
    """The names and indices of a Reference Path into the input; ``$`` has none.

    Raises:
        ExpressionSyntaxError: If ``text`` is not a Reference Path, or does not begin at the input.

    Source: Amazon States Language, "Reference Paths".
    """
    path = compile_path(text)
    if path.root != "$":
        raise TextCursor(text).error(
            "a Reference Path for a result begins at the input.",
            hint="Write $.name; variables and the Context Object are read-only.",
        )
    if not path.is_reference:
        hint = "It may only have names and single indices, such as $.a['b'][0]."
        raise TextCursor(text).error("this path may identify several values, so it is no Reference Path.", hint=hint)
    return path.segments


def set_at(document: JSONValue, segments: Sequence[Segment], value: JSONValue) -> JSONValue:
    """Return ``document`` with ``value`` at ``segments``; only the containers on the way are copied.

    Missing objects are created. An item of an array can be replaced, but not added.

    Raises:
        EvaluationError: ``States.ResultPathMatchFailure`` if the way leads through a value that is not an object, or
            not an array with such an index.

    Source: Amazon States Language, "ResultPath" and "Errors".
    """
    if not segments:
        return value
    if len(segments) == 1 and isinstance(segments[0], str) and isinstance(document, dict):
        return {**document, segments[0]: value}
    changed: list[JSONValue] = []
    here = document
    for segment in segments:
        if isinstance(segment, str) and isinstance(here, dict):
            changed.append({**here})
            here = here.get(segment, {})
        elif isinstance(segment, int) and isinstance(here, list) and segment < len(here):
            changed.append([*here])
            here = here[segment]
        else:
            detail = f"Unable to apply ReferencePath {_written(segments)} to input {_json.dump(document)}"
            raise EvaluationError(error_names.RESULT_PATH_MATCH_FAILURE, detail, prefixed=False)
    below = value
    for container, segment in zip(reversed(changed), reversed(segments), strict=True):
        container[segment] = below
        below = container
    return below


def _written(segments: Sequence[Segment]) -> str:
    """A Reference Path as an author writes it: ``$.a['b c'][0]``."""
    parts = []
    for segment in segments:
        if isinstance(segment, int):
            parts.append(f"[{segment}]")
        else:
            parts.append(f".{segment}" if re.fullmatch(r"[\w-]+", segment) else f"['{segment}']")
    return "$" + "".join(parts)
