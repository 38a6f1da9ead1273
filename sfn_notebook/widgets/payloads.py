"""Payloads as text for the browser, within limits; it knows nothing of states or widgets.

Text is made here because a browser would round large numbers. It stays JSON that a person can copy: characters that
are invisible or reorder their neighbours are written as JSON escapes.
"""

import json
from typing import Final, TypedDict

from sfn_notebook import _json
from sfn_notebook._json import JSONValue

LONGEST_PAYLOAD: Final = 50_000
"""Characters of one payload that are sent; the browser tells how many are missing."""

_JOINERS: Final = "\u200c\u200d"


class Payload(TypedDict):
    """``text`` may be cut; ``length`` is the number of characters it would have had."""

    text: str
    length: int


def payload_of(value: JSONValue) -> Payload:
    """``value`` as indented JSON text."""
    try:
        text = json.dumps(value, ensure_ascii=False, indent=2)
    except RecursionError:
        return Payload(text="(nested too deeply to show)", length=0)
    return Payload(text=_faithful(text[:LONGEST_PAYLOAD]), length=len(text))


def cause_payload(cause: str) -> Payload:
    """A cause as text; those that are JSON, as Lambda's are, as indented JSON."""
    if cause.startswith(("{", "[")):
        try:
            return payload_of(_json.load(cause))
        except (ValueError, RecursionError):
            pass
    return Payload(text=_faithful(cause[:LONGEST_PAYLOAD]), length=len(cause))


def without_text(payload: Payload) -> Payload:
    """The same payload with nothing but its length."""
    return Payload(text="", length=payload["length"])


def _faithful(text: str) -> str:
    return "\n".join(line if line.isprintable() else _escaped(line) for line in text.split("\n"))


def _escaped(line: str) -> str:
    return "".join(
        character if character.isprintable() or character in _JOINERS else json.dumps(character)[1:-1]
        for character in line
    )
