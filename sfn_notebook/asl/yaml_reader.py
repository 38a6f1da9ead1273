"""Reads YAML text as JSON values and remembers where each part stands; knows YAML's events, nothing of ASL.

It walks PyYAML's event stream instead of composing nodes: depth and alias expansion are bounded before anything is
built, and scalars follow YAML 1.2, so that dates, ``Yes`` and ``on`` stay strings.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import yaml

from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.asl.json_reader import (
    HALF_CHARACTER,
    HALF_CHARACTER_HINT,
    MAX_DEPTH,
    SURROGATE,
    TOO_DEEP,
    TOO_DEEP_HINT,
    duplicate_key,
    parse_number,
)
from sfn_notebook.asl.rules import problem
from sfn_notebook.asl.spans import Extent, LineIndex, Reading, child_pointer
from sfn_notebook.asl.yaml_diagnosis import diagnose
from sfn_notebook.errors import InternalError, Problem

MAX_VALUES: Final = 200_000
"""Values after alias expansion; a definition of 1 MB has fewer."""

# libyaml is some 20 times faster; the pure loader reads the same language where a wheel comes without it.
_LOADER: Final = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader

_CONSTANTS: Final[dict[str, bool | None]] = {
    **dict.fromkeys(("null", "Null", "NULL", "~", "")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
# A leading zero makes a string: an account id such as 012345678901 would lose its zero as a number.
_INTEGER: Final = re.compile(r"[-+]?(?:0|[1-9][0-9]*)\Z")
_BASED: Final = re.compile(r"0o[0-7]{1,20}\Z|0x[0-9a-fA-F]{1,16}\Z")
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_NOT_FINITE: Final = re.compile(r"[-+]?\.(?:inf|Inf|INF)\Z|\.(?:nan|NaN|NAN)\Z")
_CORE: Final = "tag:yaml.org,2002:"
_NO_KEY: Final = (-1, -1)


class _UnreadableError(Exception):
    """Carries the problem that ends reading out of the loop."""

    def __init__(self, found: Problem) -> None:
        super().__init__(found.message)
        self.found = found


@dataclass(slots=True)
class _Node:
    """A value that is complete, with the size and depth it has after expansion."""

    value: JSONValue
    size: int = 1
    depth: int = 0


@dataclass(slots=True)
class _Frame:
    """A container that is being read; ``key`` is the key of the member that comes next."""

    container: JSONObject | list[JSONValue]
    pointer: str
    start: int
    own_key: tuple[int, int]
    anchor: str | None
    tag: str | None
    size: int = 1
    depth: int = 0
    key: str | None = None
    key_span: tuple[int, int] = _NO_KEY
    merged: list[JSONObject] = field(default_factory=list)
    merges_next: bool = False
    last_end: int = -1


def _extent(event: yaml.Event) -> tuple[int, int]:
    """Offsets of an event in the text; PyYAML's types allow an event without marks, its parsers make none."""
    if event.start_mark is None or event.end_mark is None:
        raise InternalError("PyYAML gave an event without its place.")
    return event.start_mark.index, event.end_mark.index


class _YamlReader:
    """One pass over the events with an explicit stack."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._lines = LineIndex(text)
        self._frames: list[_Frame] = []
        self._anchors: dict[str, _Node] = {}
        self._extents: dict[str, Extent] = {}
        self._problems: list[Problem] = []
        self._root: _Node | None = None
        self._values = 0
        self._last_end = 0

    def read(self) -> Reading:
        try:
            for event in self._events():
                self._handle(event)
        except _UnreadableError as stop:
            return Reading(problems=(*self._problems, stop.found))
        if self._root is None:
            empty = problem("YAML_SYNTAX", "The text is empty.", hint='Write a mapping with "StartAt" and "States".')
            return Reading(problems=(*self._problems, empty))
        return Reading(value=self._root.value, extents=self._extents, problems=tuple(self._problems))

    def _events(self) -> Iterator[yaml.Event]:
        try:
            yield from yaml.parse(self._text, _LOADER)
        except yaml.YAMLError as error:
            raise _UnreadableError(diagnose(error, self._text, self._lines)) from None

    def _handle(self, event: yaml.Event) -> None:
        match event:
            case yaml.DocumentStartEvent() if self._root is not None:
                raise self._stop("YAML_SYNTAX", event, "The text holds a second document.", 'Remove it and its "---".')
            case yaml.MappingStartEvent():
                self._open(event, {})
            case yaml.SequenceStartEvent():
                self._open(event, [])
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self._close(event)
            case yaml.ScalarEvent():
                self._scalar(event)
            case yaml.AliasEvent():
                self._alias(event)
            case _:
                pass  # the start and end of the stream and of the document say nothing more

    def _open(self, event: yaml.CollectionStartEvent, container: JSONObject | list[JSONValue]) -> None:
        if len(self._frames) >= MAX_DEPTH:
            raise self._stop("NESTING_TOO_DEEP", event, TOO_DEEP, TOO_DEEP_HINT)
        pointer, key = self._place(event)
        tag = self._known_tag(event.tag, event)
        start, _ = _extent(event)
        self._frames.append(
            _Frame(container=container, pointer=pointer, start=start, own_key=key, anchor=event.anchor, tag=tag)
        )
        self._extents[pointer] = (start, start, *key)

    def _close(self, event: yaml.Event) -> None:
        frame = self._frames.pop()
        # A block collection's own end lies before the next token, after blank lines and comments.
        closer, closer_end = _extent(event)
        end = closer_end if closer_end > closer else max(frame.start, frame.last_end)
        self._extents[frame.pointer] = (frame.start, end, *frame.own_key)
        self._last_end = end
        if isinstance(frame.container, dict):
            for merged in frame.merged:
                for key, value in merged.items():
                    frame.container.setdefault(key, value)
        node = _Node(frame.container, frame.size, frame.depth + 1)
        if frame.tag is not None:
            node = _Node(self._tagged_value(frame.tag, frame.container, event))
        self._remember(frame.anchor, node)
        self._add(node, event)

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        if self._wants_key():
            self._key(event)
            return
        pointer, key = self._place(event)
        start, end = _extent(event)
        end = start + len(self._text[start:end].rstrip())
        self._extents[pointer] = (start, end, *key)
        self._last_end = end
        node = _Node(self._whole_characters(self._scalar_value(event, pointer), event, pointer))
        self._remember(event.anchor, node)
        self._add(node, event)

    def _alias(self, event: yaml.AliasEvent) -> None:
        node = self._anchors.get(event.anchor or "")
        if node is None:
            message = f"The alias *{event.anchor} names nothing that is complete at this place."
            raise self._stop("YAML_SYNTAX", event, message, f"Write &{event.anchor} before the value that it repeats.")
        if self._wants_key():
            raise self._stop("YAML_NOT_JSON", event, "An alias cannot be a key.", "Write the key itself.")
        if len(self._frames) + node.depth > MAX_DEPTH:
            raise self._stop("NESTING_TOO_DEEP", event, TOO_DEEP, TOO_DEEP_HINT)
        pointer, key = self._place(event)
        self._extents[pointer] = (*_extent(event), *key)
        self._last_end = _extent(event)[1]
        self._add(node, event)

    def _wants_key(self) -> bool:
        if not self._frames:
            return False
        frame = self._frames[-1]
        return isinstance(frame.container, dict) and frame.key is None and not frame.merges_next

    def _key(self, event: yaml.ScalarEvent) -> None:
        frame = self._frames[-1]
        span = _extent(event)
        frame.key_span = span
        if event.value == "<<" and event.implicit[0]:
            frame.merges_next = True
            return
        pointer = child_pointer(frame.pointer, event.value)
        if event.value in frame.container:
            first = self._extents.get(pointer)
            line = self._lines.position(first[2])[0] if first is not None else 0
            self._problems.append(duplicate_key(self._lines, pointer, event.value, span, first_line=line))
        frame.key = event.value

    def _place(self, event: yaml.Event) -> tuple[str, tuple[int, int]]:
        """Pointer and key span of the value that begins here."""
        if not self._frames:
            return "", _NO_KEY
        frame = self._frames[-1]
        if isinstance(frame.container, list):
            return child_pointer(frame.pointer, len(frame.container)), _NO_KEY
        if frame.merges_next:
            return child_pointer(frame.pointer, "<<"), frame.key_span
        if frame.key is None:
            raise self._stop("YAML_NOT_JSON", event, "A key must be text.", "Write the key as a plain or quoted word.")
        return child_pointer(frame.pointer, frame.key), frame.key_span

    def _add(self, node: _Node, event: yaml.Event) -> None:
        """Put a complete value where it belongs and count what it expands to."""
        self._values += node.size if isinstance(event, yaml.AliasEvent) else 1
        if self._values > MAX_VALUES:
            message = f"Aliases expand to more than {MAX_VALUES:,} values."
            raise self._stop("YAML_EXPANSION", event, message, "Repeat less, or write the parts out.")
        if not self._frames:
            self._root = node
            return
        frame = self._frames[-1]
        frame.last_end = max(frame.last_end, self._last_end)
        frame.size += node.size
        frame.depth = max(frame.depth, node.depth)
        if isinstance(frame.container, list):
            frame.container.append(node.value)
        elif frame.merges_next:
            frame.merges_next = False
            frame.merged.extend(self._mergeable(node.value, event))
        elif frame.key is not None:
            frame.container[frame.key] = node.value
            frame.key = None

    def _mergeable(self, value: JSONValue, event: yaml.Event) -> list[JSONObject]:
        candidates = value if isinstance(value, list) else [value]
        if not all(isinstance(each, dict) for each in candidates):
            raise self._stop("YAML_SYNTAX", event, '"<<" merges mappings only.', "Name a mapping: <<: *anchor.")
        return list(candidates)

    def _remember(self, anchor: str | None, node: _Node) -> None:
        if anchor:
            self._anchors[anchor] = node

    def _known_tag(self, tag: str | None, event: yaml.Event) -> str | None:
        """``None`` for a plain collection, the name of one of CloudFormation's short forms, or a refusal."""
        if tag is None or tag in ("!", f"{_CORE}map", f"{_CORE}seq"):
            return None
        if tag in ("!GetAtt", "!Sub", "!Ref"):
            return tag
        message = f"The tag {tag} has no meaning in a state machine."
        raise self._stop("YAML_NOT_JSON", event, message, "Remove it; !Ref, !GetAtt and !Sub become substitutions.")

    def _scalar_value(self, event: yaml.ScalarEvent, pointer: str) -> JSONValue:
        text: str = event.value
        is_plain, _ = event.implicit
        if event.tag is not None and event.tag != "!":
            return self._tagged_scalar(event, pointer)
        return self._plain_value(text, event, pointer) if is_plain else text

    def _tagged_scalar(self, event: yaml.ScalarEvent, pointer: str) -> JSONValue:
        tag = str(event.tag)
        if tag == f"{_CORE}str":
            return event.value
        if tag.startswith(_CORE) and tag.removeprefix(_CORE) in ("int", "float", "bool", "null"):
            return self._plain_value(event.value, event, pointer)
        return self._tagged_value(self._known_tag(tag, event) or tag, event.value, event)

    def _tagged_value(self, tag: str, value: JSONValue, event: yaml.Event) -> str:
        """CloudFormation's short forms as the substitutions that they stand for. Source: AWS::Fn::Sub."""
        parts = value if isinstance(value, list) else [value]
        if not all(isinstance(part, str) for part in parts) or (tag != "!GetAtt" and len(parts) != 1):
            raise self._stop("YAML_NOT_JSON", event, f"{tag} takes a name here.", "Write a substitution: ${Name}.")
        return str(parts[0]) if tag == "!Sub" else "${" + ".".join(parts) + "}"

    def _plain_value(self, text: str, event: yaml.ScalarEvent, pointer: str) -> JSONValue:
        """Resolve a plain scalar by YAML 1.2's core schema. Source: YAML 1.2.2, section 10.3.2."""
        if text in _CONSTANTS:
            return _CONSTANTS[text]
        if _BASED.match(text):
            return int(text, 0)
        is_integer = bool(_INTEGER.match(text))
        if not is_integer and not _FLOAT.match(text):
            if _NOT_FINITE.match(text):
                self._note("YAML_NOT_JSON", event, f"{text} is not a JSON number.", "Use null or quote it.", pointer)
                return None
            return text
        number = parse_number(text, is_integer=is_integer)
        if number is None:
            self._note("NUMBER_TOO_LARGE", event, "The number is too large.", "Quote it if it is a name.", pointer)
            return 0
        return number

    def _whole_characters(self, value: JSONValue, event: yaml.ScalarEvent, pointer: str) -> JSONValue:
        if not isinstance(value, str) or not SURROGATE.search(value):
            return value
        self._note("LONE_SURROGATE", event, HALF_CHARACTER, HALF_CHARACTER_HINT, pointer)
        return SURROGATE.sub("\ufffd", value)

    def _note(self, rule: str, event: yaml.Event, message: str, hint: str, pointer: str) -> None:
        span = self._lines.span(*_extent(event))
        self._problems.append(problem(rule, message, hint=hint, pointer=pointer, span=span))

    def _stop(self, rule: str, event: yaml.Event, message: str, hint: str) -> _UnreadableError:
        span = self._lines.span(*_extent(event))
        return _UnreadableError(problem(rule, message, hint=hint, span=span))


def read_yaml(text: str) -> Reading:
    """Read YAML ``text`` as JSON values: every problem found, at most one of them about syntax.

    Booleans are ``true`` and ``false`` only, dates and ``Yes`` are strings, keys are text as it was written, numbers
    with a leading zero are strings. Aliases and ``<<`` are expanded up to ``MAX_VALUES`` values and ``MAX_DEPTH``
    levels. CloudFormation's ``!Ref``, ``!GetAtt`` and ``!Sub`` become substitutions.
    Source: YAML 1.2.2, chapter 10.
    """
    found = SURROGATE.search(text)
    if found is not None:
        span = LineIndex(text).span(found.start(), found.end())
        return Reading(problems=(problem("LONE_SURROGATE", HALF_CHARACTER, hint=HALF_CHARACTER_HINT, span=span),))
    return _YamlReader(text).read()
