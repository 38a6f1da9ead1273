"""EventBridge's event patterns: reads one and tells which events match; it knows nothing of rules, buses or targets.

A pattern has the structure of the event: objects lead to the fields, and each field has an array of what it may be.
All fields of an object must match; ``$or`` wants one of several objects. Where the event holds an array of objects, one
of them must match all by itself.

Source: EventBridge user guide, "Creating event patterns"; the open-source Event Ruler, on which EventBridge runs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sfn_notebook import _json
from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.functions.event_sources.errors import InvalidEventPatternException
from sfn_notebook.functions.event_sources.value_matchers import MATCH_TYPES, Absence, ValueMatcher, matcher_of

MAX_PATTERN_CHARACTERS: Final = 4096
"""The longest pattern. Source: EventBridge API reference, PutRule."""

_OR: Final = "$or"
_RESERVED: Final = frozenset(MATCH_TYPES) | {"exactly"}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Leaf:
    """What a field may be: a matcher takes one of its values, or it is missing where that is allowed."""

    matchers: tuple[ValueMatcher, ...]
    may_be_absent: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class _Node:
    """What an object must have: every field, and of every group of alternatives one."""

    fields: Mapping[str, "_Node | _Leaf"]
    alternatives: tuple[tuple["_Node", ...], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class EventPattern:
    """A pattern that was read; ``document`` is its JSON."""

    document: JSONObject
    _root: _Node = field(repr=False)

    @classmethod
    def read(cls, pattern: str | Mapping[str, JSONValue]) -> "EventPattern":
        """Read a pattern, given as JSON text or as its value.

        Raises:
            InvalidEventPatternException: With EventBridge's reason and the place.
        """
        document = _document_of(pattern)
        return cls(document=document, _root=_node_of(document, ""))

    def matches(self, event: JSONObject) -> bool:
        """Whether ``event`` has all that the pattern asks for."""
        return _matches_node(self._root, event, (event,))


def _document_of(pattern: str | Mapping[str, JSONValue]) -> JSONObject:
    try:
        document = _json.load(pattern) if isinstance(pattern, str) else _json.plain_copy(pattern)
        text = pattern if isinstance(pattern, str) else _json.dump(document)
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidEventPatternException(f"not JSON: {error}") from None
    if not isinstance(document, dict):
        hint = 'Begin with a field: {"source": ["orders"]}.'
        raise InvalidEventPatternException("Filter is not an object", hint=hint)
    if len(text) > MAX_PATTERN_CHARACTERS:
        raise InvalidEventPatternException(
            f"it has {len(text):,} characters; the longest pattern has {MAX_PATTERN_CHARACTERS:,}"
        )
    if _json.is_too_deep(document):
        raise InvalidEventPatternException(f"it nests more than {_json.MAX_NESTING} deep")
    return document


def _node_of(pattern: JSONObject, pointer: str) -> _Node:
    if not pattern:
        raise InvalidEventPatternException("Empty objects are not allowed", pointer=pointer)
    fields: dict[str, _Node | _Leaf] = {}
    alternatives: list[tuple[_Node, ...]] = []
    for name, wanted in pattern.items():
        place = f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
        if name == _OR and _is_or(wanted):
            alternatives.append(tuple(_node_of(each, f"{place}/{index}") for index, each in enumerate(wanted)))
        elif isinstance(wanted, dict):
            fields[name] = _node_of(wanted, place)
        elif isinstance(wanted, list):
            fields[name] = _leaf_of(wanted, place)
        else:
            raise InvalidEventPatternException(
                f'"{name}" must be an object or an array', pointer=place, hint=f"Write [{_json.dump(wanted)}]."
            )
    return _Node(fields=fields, alternatives=tuple(alternatives))


def _is_or(wanted: JSONValue) -> bool:
    """Whether ``$or`` is meant, and not a field of that name: Event Ruler tells them apart by what they hold."""
    return (
        isinstance(wanted, list)
        and len(wanted) > 1
        and all(isinstance(each, dict) and each and not each.keys() & _RESERVED for each in wanted)
    )


def _leaf_of(wanted: Sequence[JSONValue], pointer: str) -> _Leaf:
    if not wanted:
        raise InvalidEventPatternException("Empty arrays are not allowed", pointer=pointer)
    read = [matcher_of(each, f"{pointer}/{index}") for index, each in enumerate(wanted)]
    return _Leaf(
        matchers=tuple(each for each in read if not isinstance(each, Absence)),
        may_be_absent=any(isinstance(each, Absence) for each in read),
    )


def _matches_node(node: _Node, here: JSONObject, level: Sequence[JSONObject]) -> bool:
    """Whether ``here`` matches.

    ``level`` are all objects at this place of the event: a field that must be missing must be missing in each of them.
    """
    for name, wanted in node.fields.items():
        if isinstance(wanted, _Leaf):
            if not _matches_leaf(wanted, name, here, level):
                return False
        elif not _matches_below(wanted, name, here, level):
            return False
    return all(any(_matches_node(each, here, level) for each in group) for group in node.alternatives)


def _matches_below(node: _Node, name: str, here: JSONObject, level: Sequence[JSONObject]) -> bool:
    below = tuple(inner for each in level for inner in _objects(each.get(name)))
    candidates = _objects(here.get(name)) or ({},)  # nothing there still matches what must be missing
    return any(_matches_node(node, each, below) for each in candidates)


def _matches_leaf(leaf: _Leaf, name: str, here: JSONObject, level: Sequence[JSONObject]) -> bool:
    if any(matcher(value) for value in _values(here, name) for matcher in leaf.matchers):
        return True
    return leaf.may_be_absent and not any(_values(each, name) for each in level)


def _objects(value: JSONValue) -> tuple[JSONObject, ...]:
    if isinstance(value, dict):
        return (value,)
    return tuple(inner for each in value for inner in _objects(each)) if isinstance(value, list) else ()


def _values(here: JSONObject, name: str) -> tuple[JSONValue, ...]:
    """The plain values of a field: its own, or those in its arrays; an object is none."""
    return _plain(here[name]) if name in here else ()


def _plain(value: JSONValue) -> tuple[JSONValue, ...]:
    if isinstance(value, list):
        return tuple(inner for each in value for inner in _plain(each))
    return () if isinstance(value, dict) else (value,)
