"""The payloads of a trace as JSON text, each once and within limits; it knows nothing of states and events.

Text is made here because a browser would round large numbers. It stays JSON that a person can copy: characters that
are invisible or reorder their neighbours are written as JSON escapes.
"""

import json
from typing import Final

from sfn_notebook import _json
from sfn_notebook._json import ABSENT, Absent, JSONValue

LONGEST_TEXT: Final = 50_000
"""Characters of one text that are kept; ``cut`` tells how many it would have had."""

NO_TEXT: Final = -1
"""Stands where there is no payload."""

_JOINERS: Final = "\u200c\u200d"
_SHOWN: Final = "\n\t"
_TOO_DEEP: Final = '"(nested too deeply to show)"'


class TextPool:
    """Texts by number. The same value, or the same text, always has the same number.

    ``by_identity`` has the numbers of values by their ``id``; it may be read.
    """

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._cut: dict[int, int] = {}
        self._by_text: dict[str, int] = {}
        self.by_identity: dict[int, int] = {}
        # An identity is only good while the value lives.
        self._kept: list[JSONValue] = []
        self._characters = 0

    def number_of(self, value: JSONValue | Absent) -> int:
        """The number of the compact text of ``value``; ``NO_TEXT`` for ``ABSENT``."""
        number = self.by_identity.get(id(value))
        if number is None:
            if value is ABSENT:
                return NO_TEXT
            try:
                text = _json.dump(value)
            except RecursionError:
                text = _TOO_DEEP
            number = self.number_of_text(text)
            self.by_identity[id(value)] = number
            self._kept.append(value)
        return number

    def number_of_cause(self, cause: str | None) -> int:
        """The number of a cause: a JSON object or array, as Lambda's are, stands as such, any other as a string."""
        if cause is None:
            return NO_TEXT
        if cause.startswith(("{", "[")):
            try:
                return self.number_of_text(_json.dump(_json.load(cause)))
            except (ValueError, RecursionError):
                pass
        return self.number_of_text(_json.dump(cause))

    def number_of_text(self, text: str) -> int:
        """The number of a text that is JSON already."""
        number = self._by_text.get(text)
        if number is None:
            number = self._by_text[text] = len(self.texts)
            shown = text
            if len(text) > LONGEST_TEXT:
                self._cut[number] = len(text)
                shown = text[:LONGEST_TEXT]
            if not shown.isprintable():
                shown = faithful(shown)
            self.texts.append(shown)
            self._characters += len(shown)
        return number

    def within(self, characters: int) -> tuple[list[str], dict[str, int]]:
        """All texts, and the whole length of those that are cut; where ``characters`` do not suffice, the oldest go."""
        cut = {str(number): length for number, length in self._cut.items()}
        texts = self.texts.copy()
        excess = self._characters - characters
        if excess <= 0:
            return texts, cut
        for number, text in enumerate(texts):
            if excess <= 0:
                break
            excess -= len(text)
            texts[number] = ""
            cut[str(number)] = self._cut.get(number, len(text))
        return texts, cut


def faithful(text: str) -> str:
    """Write characters that are invisible or reorder their neighbours as JSON escapes; lines and tabs stay."""
    if text.isprintable():
        return text
    return "".join(
        character
        if character.isprintable() or character in _JOINERS or character in _SHOWN
        else json.dumps(character)[1:-1]
        for character in text
    )
