"""Short readable words for the parts of a definition: conditions, resources, durations; it draws nothing."""

import re
from dataclasses import dataclass
from typing import Final, assert_never

from sfn_notebook import _json
from sfn_notebook._json import JSONValue
from sfn_notebook.asl.model import (
    And,
    Comparison,
    Condition,
    JsonataCondition,
    MapState,
    Not,
    Or,
    ProcessorMode,
    Retrier,
    TaskState,
    WaitState,
)
from sfn_notebook.views.typography import TIMES

EDITED: Final = "edited by hand"
"""What is said of a payload that a person replaced at a breakpoint."""

_DEEPEST: Final = 12
_BRIEF_PATH: Final = 26
_PHRASES: Final = {
    "BooleanEquals": "is",
    "NumericEquals": "=",
    "NumericGreaterThan": ">",
    "NumericGreaterThanEquals": "≥",
    "NumericLessThan": "<",
    "NumericLessThanEquals": "≤",
    "StringEquals": "is",
    "StringGreaterThan": ">",
    "StringGreaterThanEquals": "≥",
    "StringLessThan": "<",
    "StringLessThanEquals": "≤",
    "StringMatches": "matches",
    "TimestampEquals": "is",
    "TimestampGreaterThan": "after",
    "TimestampGreaterThanEquals": "at or after",
    "TimestampLessThan": "before",
    "TimestampLessThanEquals": "at or before",
}
_TESTS: Final = {
    "IsBoolean": ("is a boolean", "is not a boolean"),
    "IsNull": ("is null", "is not null"),
    "IsNumeric": ("is a number", "is not a number"),
    "IsPresent": ("is present", "is missing"),
    "IsString": ("is a string", "is not a string"),
    "IsTimestamp": ("is a timestamp", "is not a timestamp"),
}


def condition_words(condition: Condition, *, brief: bool = False) -> str:
    """Say a Choice condition in words: ``total ≥ 100 and country is "DE"``; ``brief`` keeps the end of long paths."""
    return _words(condition, _Manner(brief=brief))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Manner:
    """How to speak; ``binding`` is how tightly the surroundings hold: 1 within "or", 2 within "and", 3 after "not"."""

    brief: bool
    binding: int = 0
    depth: int = 0

    def within(self, binding: int) -> "_Manner":
        return _Manner(brief=self.brief, binding=binding, depth=self.depth + 1)

    def path(self, path: str) -> str:
        return brief_path(path) if self.brief else path_words(path)


def _words(condition: Condition, manner: _Manner) -> str:
    if manner.depth > _DEEPEST:
        return "…"
    match condition:
        case Comparison():
            return _comparison_words(condition, manner)
        case And(conditions=parts):
            return _joined(" and ", parts, 2, manner)
        case Or(conditions=parts):
            return _joined(" or ", parts, 1, manner)
        case Not(condition=inner):
            return f"not {_words(inner, manner.within(3))}"
        case JsonataCondition(expression=expression):
            return _json.dump(expression) if isinstance(expression, bool) else expression_words(expression)
        case _:
            assert_never(condition)


def _joined(word: str, parts: tuple[Condition, ...], own: int, manner: _Manner) -> str:
    text = word.join(_words(part, manner.within(own)) for part in parts)
    return f"({text})" if manner.binding > own and len(parts) > 1 else text


def _comparison_words(comparison: Comparison, manner: _Manner) -> str:
    variable = manner.path(comparison.variable)
    if tests := _TESTS.get(comparison.operator):
        return f"{variable} {tests[0] if comparison.operand is True else tests[1]}"
    operand = comparison.operand
    if isinstance(operand, str) and comparison.operand_is_path:
        shown = manner.path(operand)
    elif isinstance(operand, str) and comparison.operator.startswith("Timestamp"):
        shown = operand
    else:
        shown = _json.dump(operand)
    return f"{variable} {_PHRASES.get(comparison.operator, comparison.operator)} {shown}"


def path_words(path: str) -> str:
    """``$.order.total`` as ``order.total``; the Context Object keeps its ``$$``."""
    return path[2:] if path.startswith("$.") and len(path) > 2 else path


def brief_path(path: str) -> str:
    """``path_words``, with only the end of a long path: it says most, and starts at a whole name if there is one."""
    words = path_words(path)
    tail = words[-_BRIEF_PATH:]
    return words if tail == words else f"…{tail[at:] if (at := tail.find('.')) >= 0 else tail}"


def expression_words(text: str) -> str:
    """A JSONata string without its ``{% %}`` and the usual ``$states.input.``."""
    inner = text.strip().removeprefix("{%").removesuffix("%}")
    return " ".join(inner.replace("$states.input.", "").split())


def error_words(error_equals: tuple[str, ...]) -> str:
    """What a Catcher takes, with ``States.ALL`` as ``any error``."""
    return ", ".join("any error" if name == "States.ALL" else name for name in error_equals)


def retry_words(retriers: tuple[Retrier, ...]) -> str:
    """Each Retrier in words, for a tooltip."""
    return "; ".join(
        f"{error_words(each.error_equals)}: up to {each.max_attempts} retries, first after "
        f"{duration_words(each.interval_seconds)}, then {each.backoff_rate:g}{TIMES} longer"
        for each in retriers
    )


_ARN: Final = re.compile(r"arn:[^:]*:(?P<service>[^:]*):[^:]*:[^:]*:(?P<rest>.+)", re.DOTALL)
_SUBSTITUTION: Final = re.compile(r"\$\{([^${}]+)\}")
_PATTERNS: Final = (
    (".waitForTaskToken", " (callback)"),
    (".sync:2", " (run a job)"),
    (".sync", " (run a job)"),
)


def resource_words(resource: str) -> str:
    """The telling part of a Task's Resource: ``validate_order``, ``lambda:invoke``, ``sqs:sendMessage (callback)``."""
    text = _SUBSTITUTION.sub(r"\1", resource.strip())
    # A substitution inside an ARN may hold colons, as ${AWS::Region} does; they do not separate.
    match = _ARN.fullmatch(_SUBSTITUTION.sub("x", resource.strip()))
    if match is None:
        return text
    if match["service"] == "lambda" and "function:" in text:
        name = resource.strip().split("function:", 1)[1]
        return _SUBSTITUTION.sub(r"\1", re.split(r":(?![^{]*\})", name)[0])
    if match["service"] != "states":
        return text.rsplit(":", 1)[-1]
    rest = _SUBSTITUTION.sub(r"\1", re.split(r":::", resource.strip(), maxsplit=1)[-1])
    if ":activity:" in text:
        return f"activity {text.rsplit(':', 1)[-1]}"
    rest = rest.removeprefix("aws-sdk:")
    for suffix, words in _PATTERNS:
        if rest.endswith(suffix):
            return rest.removesuffix(suffix) + words
    return rest


def task_words(state: TaskState) -> str:
    """The second line of a Task: its resource, and for ``lambda:invoke`` the function when it is written literally."""
    words = resource_words(state.resource)
    if not words.startswith("lambda:invoke"):
        return words
    for template in (state.parameters, state.arguments):
        name = template.get("FunctionName") if isinstance(template, dict) else None
        if isinstance(name, str) and not name.lstrip().startswith(("$.", "{%")):
            return f"{resource_words(name)} · {words}"
    return words


def calls_function(state: TaskState) -> bool:
    """Whether the Task is one function call, rather than a service integration."""
    words = resource_words(state.resource)
    return words.startswith("lambda:invoke") or ":" not in words


def wait_words(state: WaitState) -> str:
    """How long a Wait waits: ``30 s``, ``until 2030-01-01T00:00:00Z``, ``for delay seconds``."""
    if isinstance(state.seconds, int):
        return duration_words(state.seconds)
    if state.seconds is not None:
        return f"{expression_words(state.seconds)} seconds"
    if state.seconds_path is not None:
        return f"{path_words(state.seconds_path)} seconds"
    if state.timestamp is not None:
        return f"until {expression_words(state.timestamp)}"
    return f"until {path_words(state.timestamp_path or '')}"


def map_words(state: MapState) -> str:
    """What a Map repeats over and how many at a time."""
    distributed = state.item_processor.mode is ProcessorMode.DISTRIBUTED
    what = "Distributed Map" if distributed else "Map"
    if state.items_path != "$":
        what += f" over {brief_path(state.items_path)}"
    elif isinstance(state.items, str):
        what += f" over {expression_words(state.items)}"
    elif isinstance(state.item_reader, dict) and isinstance(state.item_reader.get("Resource"), str):
        what += f" over {resource_words(state.item_reader['Resource'])}"
    limit: JSONValue = state.max_concurrency_path or state.max_concurrency
    if isinstance(limit, str):
        return f"{what}, {path_words(expression_words(limit))} at a time"
    return f"{what}, {limit} at a time" if limit else what


_UNITS: Final = ((86400, "d"), (3600, "h"), (60, "min"))


def duration_words(seconds: float) -> str:
    """A modelled duration in at most two units: ``90 ms``, ``1.5 s``, ``2 min 5 s``, ``365 d``."""
    if seconds < 0:
        return f"-{duration_words(-seconds)}"
    if 0 < seconds < 1:
        return f"{max(1, round(seconds * 1000))} ms"
    if seconds < 60:
        return f"{round(seconds, 2):g} s"
    whole = round(seconds)
    parts = []
    for size, unit in _UNITS:
        count, whole = divmod(whole, size)
        if count:
            parts.append(f"{count} {unit}")
    if whole:
        parts.append(f"{whole} s")
    return " ".join(parts[:2])
