"""How JSON text is shown so that a person can copy it and is not deceived; it knows nothing of states and events."""

import json
from typing import Final

LONGEST_TEXT: Final = 50_000
"""Characters of one text that are shown, with a word on how many it has. The browser keeps to it too."""

_JOINERS: Final = "\u200c\u200d"
_SHOWN: Final = "\n\t"


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
