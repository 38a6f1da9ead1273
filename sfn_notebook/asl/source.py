"""A definition as it was written: its JSON value, its text, and where each part stands; nothing of what it means."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal, TypeAlias

from sfn_notebook._json import JSONValue, plain_copy
from sfn_notebook.asl.json_reader import HALF_CHARACTER, HALF_CHARACTER_HINT, MAX_DEPTH, read_json
from sfn_notebook.asl.rules import problem
from sfn_notebook.asl.spans import LineIndex, Span, SpanMap, child_pointer
from sfn_notebook.asl.yaml_reader import read_yaml
from sfn_notebook.errors import InvalidInput, Problem

Format: TypeAlias = Literal["json", "yaml"]

MAX_TEXT_BYTES: Final = 1_048_576
"""The longest definition that Step Functions takes. Source: AWS Step Functions quotas."""

_MAX_INTEGER_BITS: Final = 14_000  # Python writes no integer of more than 4,300 digits
_SUBSTITUTION: Final = re.compile(r"\$\{([A-Za-z_][\w.:-]*)\}")
_BLOCK_START: Final = ("{", "//", "/*")


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """A definition that was read, rightly or not.

    ``value`` is ``None`` where the text could not be read; ``problems`` then says why. ``spans`` maps JSON pointers
    (RFC 6901) to places in ``text`` and is empty for a definition that came as Python objects.
    """

    value: JSONValue
    text: str = ""
    format: Format = "json"
    spans: Mapping[str, Span] = field(default_factory=dict, repr=False)
    problems: tuple[Problem, ...] = ()

    @classmethod
    def from_value(cls, value: JSONValue) -> "Document":
        """Take a definition that is already a Python ``dict``; it is copied, so that later changes do not reach it.

        Raises:
            InvalidInput: If a part is not JSON, or is nested too deep or within itself; the message names the place.
        """
        _require_json(value)
        return cls(value=plain_copy(value))

    def span(self, pointer: str) -> Span | None:
        """The place of ``pointer``, or of the nearest part around it; ``None`` where there is no text."""
        if not self.spans:
            return None
        while pointer and pointer not in self.spans:
            pointer = pointer.rpartition("/")[0]
        return self.spans.get(pointer)


def read_document(text: str, *, format: Format | None = None) -> Document:
    """Read a definition from JSON or YAML text.

    Args:
        text: The definition. A byte order mark before it is skipped.
        format: ``"json"`` or ``"yaml"``; by default JSON if the text begins with ``{``, else YAML.

    Returns:
        The document. Nothing is raised for bad text: ``problems`` holds what is wrong and ``value`` is ``None``.
    """
    text = text.removeprefix("\ufeff")
    chosen: Format = format or ("json" if text.lstrip().startswith(_BLOCK_START) else "yaml")
    lines = LineIndex(text)
    size_bytes = len(text.encode("utf-8", "surrogatepass"))
    if size_bytes > MAX_TEXT_BYTES:
        message = f"The definition has {size_bytes:,} bytes; Step Functions takes {MAX_TEXT_BYTES:,}."
        hint = "Split it into several state machines."
        too_large = problem("DEFINITION_TOO_LARGE", message, hint=hint, span=lines.span(0, 0))
        return Document(value=None, text=text, format=chosen, problems=(too_large,))
    reading = read_json(text) if chosen == "json" else read_yaml(text)
    return Document(
        value=reading.value,
        text=text,
        format=chosen,
        spans=SpanMap(reading.extents, lines),
        problems=reading.problems,
    )


def substitution_names(document: Document) -> tuple[str, ...]:
    """The names in ``${Name}`` within the document's strings, each once, in the order of the text.

    Source: AWS SAM, AWS::Serverless::StateMachine, DefinitionSubstitutions.
    """
    names: dict[str, None] = {}
    parts = [document.value]
    while parts:
        part = parts.pop()
        if isinstance(part, str):
            names.update(dict.fromkeys(_SUBSTITUTION.findall(part)))
        elif isinstance(part, dict):
            parts.extend(reversed(part.values()))
        elif isinstance(part, list):
            parts.extend(reversed(part))
    return tuple(names)


def substitute(document: Document, values: Mapping[str, str]) -> Document:
    """Replace ``${Name}`` in every string (keys are left alone) by ``values``; other names stay as they are.

    What is put in is never searched again. Places and problems are those of the text as it was written.
    Source: AWS SAM, DefinitionSubstitutions.
    """
    if not values:
        return document

    def filled(part: JSONValue) -> JSONValue:
        if isinstance(part, str):
            return _SUBSTITUTION.sub(lambda match: values.get(match[1], match[0]), part) if "${" in part else part
        if isinstance(part, dict):
            return {key: filled(each) for key, each in part.items()}
        if isinstance(part, list):
            return [filled(each) for each in part]
        return part

    return replace(document, value=filled(document.value))


def _require_json(value: JSONValue) -> None:
    """Refuse what JSON cannot hold, without recursion: the value may be nested in itself, or hold a part many times."""
    parts: list[tuple[JSONValue, str, int]] = [(value, "", 0)]
    characters = 0
    while parts:
        part, pointer, depth = parts.pop()
        where = pointer or "the definition"
        characters += len(part) if isinstance(part, str) else 1
        if characters > MAX_TEXT_BYTES:
            message = f"the definition has more than the {MAX_TEXT_BYTES:,} bytes that Step Functions takes."
            raise InvalidInput(message, hint="Split it into several state machines.")
        if isinstance(part, dict | list | tuple):
            if depth >= MAX_DEPTH:
                raise InvalidInput(
                    f"{where[:80]}: objects and lists are nested more than {MAX_DEPTH} deep.",
                    hint="Does a part hold itself?",
                )
            members = part.items() if isinstance(part, dict) else enumerate(part)
            for key, each in members:
                if isinstance(part, dict):
                    characters += _key_length(key, where)
                parts.append((each, child_pointer(pointer, key), depth + 1))
        elif isinstance(part, str) and not _is_json_scalar(part):
            raise InvalidInput(f"{where}: {HALF_CHARACTER}", hint=HALF_CHARACTER_HINT)
        elif not _is_json_scalar(part):
            raise InvalidInput(
                f"{where}: a value of type {type(part).__name__} is not JSON.",
                hint="Use strings, finite numbers, booleans, None, lists and dicts.",
            )


def _key_length(key: object, where: str) -> int:
    """How many characters a key has that JSON can hold; any other is refused."""
    if not isinstance(key, str):
        raise InvalidInput(f"{where}: the key {key!r} is not a string.", hint="JSON keys are strings.")
    if not _is_json_scalar(key):
        raise InvalidInput(f"{where}: {HALF_CHARACTER}", hint=HALF_CHARACTER_HINT)
    return len(key)


def _is_json_scalar(value: JSONValue) -> bool:
    if value is None or isinstance(value, bool):
        return True
    if isinstance(value, int):
        return value.bit_length() < _MAX_INTEGER_BITS
    if isinstance(value, str):
        return value.isascii() or not any("\ud800" <= char <= "\udfff" for char in value)
    return isinstance(value, float) and value - value == 0  # neither NaN nor an infinity
