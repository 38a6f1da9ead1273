"""EventBridge's input transformer: what a target gets in place of the event; it knows no rule and no target.

Source: EventBridge user guide, "Input transformation". A variable that the event does not have is left out of a text
and is ``null`` elsewhere; the guide does not say.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from sfn_notebook import _json
from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.asl.paths import parse_reference_path
from sfn_notebook.errors import ExpressionSyntaxError
from sfn_notebook.functions.event_sources.errors import ValidationException

MAX_VARIABLES: Final = 100
_VARIABLE: Final = re.compile(r"<([A-Za-z0-9_.-]+)>")
_EVENT: Final = ("aws.events.event", "aws.events.event.json")
_TEXT: Final = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)

_Segments = tuple[str | int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class InputTransformer:
    """A template whose ``<variables>`` are filled from the event.

    Args:
        paths: Variables by name, as paths into the event: ``{"order": "$.detail.orderId"}``.
        template: JSON with variables, inside and outside of its texts, or one plain text.

    Raises:
        ValidationException: For a path that cannot be read, or a variable that has none.
    """

    paths: Mapping[str, str]
    template: str
    _segments: dict[str, _Segments] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.paths) > MAX_VARIABLES:
            raise ValidationException(f"InputPathsMap has {len(self.paths)} variables; {MAX_VARIABLES} are allowed.")
        segments = {name: _segments_of(path) for name, path in self.paths.items()}
        object.__setattr__(self, "_segments", segments)
        for name in _VARIABLE.findall(self.template):
            if name not in segments and not name.startswith("aws.events."):
                known = ", ".join(segments) or "none"
                raise ValidationException(
                    f"InputTemplate for target contains undefined placeholder <{name}>.",
                    hint=f"Defined in InputPathsMap: {known}.",
                )

    def apply(self, event: JSONObject, *, rule_name: str, rule_arn: str) -> JSONValue:
        """What the target gets.

        Raises:
            ValidationException: If the filled template is no JSON.
        """
        values: dict[str, JSONValue] = {name: value_at(event, path) for name, path in self._segments.items()}
        values |= {
            "aws.events.rule-arn": rule_arn,
            "aws.events.rule-name": rule_name,
            "aws.events.event.ingestion-time": event.get("time"),
            **dict.fromkeys(_EVENT, event),
        }
        template = self.template.strip()
        if not template.startswith(("{", "[", '"', "<")):
            return _filled_text(template, values)
        parts: list[str] = []
        position = 0
        for text in _TEXT.finditer(template):
            parts += [_filled(template[position : text.start()], values), _filled_json_text(text[0], values)]
            position = text.end()
        parts.append(_filled(template[position:], values))
        try:
            return _json.load("".join(parts))
        except ValueError as error:
            raise ValidationException(f"the filled InputTemplate is no JSON: {error}") from None


def _segments_of(path: str) -> _Segments:
    try:
        return tuple(parse_reference_path(path))
    except ExpressionSyntaxError as error:
        raise ValidationException(f"Invalid InputPath {path!r}: {error.reason}", hint=error.hint) from None


def input_path_of(path: str) -> _Segments:
    """The steps of a target's ``InputPath``.

    Raises:
        ValidationException: If it cannot be read.
    """
    return _segments_of(path)


def value_at(event: JSONValue, segments: _Segments) -> JSONValue:
    """What stands there, or ``None``."""
    for segment in segments:
        if isinstance(event, dict) and isinstance(segment, str):
            event = event.get(segment)
        elif isinstance(event, list) and isinstance(segment, int) and segment < len(event):
            event = event[segment]
        else:
            return None
    return event


def _filled(text: str, values: Mapping[str, JSONValue]) -> str:
    return _VARIABLE.sub(lambda found: _json.dump(values.get(found[1])), text)


def _filled_json_text(text: str, values: Mapping[str, JSONValue]) -> str:
    """A text of the template with its quotes; what is put in is escaped, so that it stays one text."""
    return _VARIABLE.sub(lambda found: _json.dump(_plain_text(values.get(found[1])))[1:-1], text)


def _filled_text(text: str, values: Mapping[str, JSONValue]) -> str:
    return _VARIABLE.sub(lambda found: _plain_text(values.get(found[1])), text)


def _plain_text(value: JSONValue) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else _json.dump(value)
