"""Parts of a definition as text for the browser, within limits; it knows nothing of states or widgets.

Text is made here because a browser would round large numbers.
"""

import json
from typing import TypedDict

from sfn_notebook._json import JSONValue
from sfn_notebook.views.trace_texts import LONGEST_TEXT, faithful


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
    return Payload(text=faithful(text[:LONGEST_TEXT]), length=len(text))
