"""What differs between two payloads, path by path, as data and as lines of text; it does not know whose they are."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from sfn_notebook import _json
from sfn_notebook._json import ABSENT, Absent, JSONValue
from sfn_notebook.views.comparison import same
from sfn_notebook.views.typography import visible

MAX_CHANGES: Final = 50
_LONGEST_VALUE: Final = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class PayloadChange:
    """One place, ``$.items[2].price``, and its values; ``ABSENT`` where there is none."""

    path: str
    left: JSONValue | Absent
    right: JSONValue | Absent

    def __str__(self) -> str:
        if self.left is ABSENT:
            return f"{visible(self.path)}: added {_shown(self.right)}"
        if self.right is ABSENT:
            return f"{visible(self.path)}: removed {_shown(self.left)}"
        return f"{visible(self.path)}: {_shown(self.left)} -> {_shown(self.right)}"


def payload_changes(
    left: JSONValue | Absent, right: JSONValue | Absent, *, limit: int = MAX_CHANGES
) -> list[PayloadChange]:
    """The innermost places that differ, in the order of the left payload, at most ``limit``; items pair by index."""
    return list(islice(_changes("$", left, right), limit))


def _changes(path: str, left: JSONValue | Absent, right: JSONValue | Absent) -> Iterator[PayloadChange]:
    """From the outside in, with a stack of its own: payloads may nest deeper than calls."""
    waiting = [(path, left, right)]
    while waiting:
        path, left, right = waiting.pop()
        inner = None if left is right else _pairs(path, left, right)
        if left is right or (inner is None and same(left, right)):
            continue
        if inner is None:
            yield PayloadChange(path=path, left=left, right=right)
        else:
            waiting += reversed(inner)


def _pairs(
    path: str, left: JSONValue | Absent, right: JSONValue | Absent
) -> list[tuple[str, JSONValue | Absent, JSONValue | Absent]] | None:
    if isinstance(left, dict) and isinstance(right, dict):
        keys = dict.fromkeys((*left, *right))
        return [(f"{path}{_step(key)}", left.get(key, ABSENT), right.get(key, ABSENT)) for key in keys]
    if isinstance(left, list) and isinstance(right, list):
        count = max(len(left), len(right))
        return [(f"{path}[{index}]", _item(left, index), _item(right, index)) for index in range(count)]
    return None


def _step(key: str) -> str:
    return f".{key}" if key.isidentifier() else f"[{_json.dump(key)}]"


def _item(items: list[JSONValue], index: int) -> JSONValue | Absent:
    return items[index] if index < len(items) else ABSENT


def _shown(value: JSONValue | Absent) -> str:
    text = visible(_json.dump(value))
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]} ..."
