"""Refuses computed values whose text would be huge because they hold the same part many times; it computes no value.

A payload is small, but ``{"a.$": "$", "b.$": "$"}`` doubles it, and a definition has room for fifty thousand such
fields. The parts are shared, so the value itself is small, and only writing it down would exhaust memory. Where a few
references cannot do that, nothing is counted.
"""

from typing import Final

from sfn_notebook import _json
from sfn_notebook._json import JSONValue
from sfn_notebook.asl.environment import EvaluationError
from sfn_notebook.asl.error_names import DATA_LIMIT_EXCEEDED

FEW_REFERENCES: Final = 64
MAX_CHARACTERS: Final = 4_194_304
"""Far beyond any payload's limit, and still written down in a moment: 16 times 262,144."""


def has_many_references(template: JSONValue) -> bool:
    """Whether a template names more places than ``FEW_REFERENCES``; each begins with ``$``."""
    return _json.dump(template).count("$") > FEW_REFERENCES


def require_moderate(value: JSONValue) -> JSONValue:
    """Return ``value``.

    Raises:
        EvaluationError: ``States.DataLimitExceeded`` if its text has more than ``MAX_CHARACTERS`` characters.
    """
    if is_huge(value):
        detail = f"A computed value has more than {MAX_CHARACTERS} characters."
        raise EvaluationError(DATA_LIMIT_EXCEEDED, detail)
    return value


def is_huge(value: JSONValue) -> bool:
    """Whether the text of ``value`` has more than ``MAX_CHARACTERS`` characters; each shared part is counted once."""
    lengths: dict[int, int] = {}
    waiting: list[tuple[JSONValue, bool]] = [(value, False)]
    while waiting:
        part, are_parts_known = waiting.pop()
        if not isinstance(part, dict | list):
            return isinstance(part, str) and len(part) > MAX_CHARACTERS
        if id(part) in lengths:
            continue
        inner = part.values() if isinstance(part, dict) else part
        if not are_parts_known:
            waiting.append((part, True))
            waiting.extend((each, False) for each in inner if isinstance(each, dict | list))
            continue
        length = sum(map(len, part)) if isinstance(part, dict) else 0
        for each in inner:
            length += len(each) if isinstance(each, str) else lengths.get(id(each), 0) + 1
        if length > MAX_CHARACTERS:
            return True
        lengths[id(part)] = length + 2
    return False
