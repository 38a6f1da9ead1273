"""Values of the notebook as payloads of an execution: plain JSON within Step Functions' limits; it runs nothing."""

from typing import Final

from sfn_notebook import _json
from sfn_notebook._json import ABSENT, JSONValue
from sfn_notebook.errors import InvalidInput

MAX_INPUT_BYTES: Final = 262_144
"""The largest input of an execution. Source: Step Functions quotas."""


def payload_of(value: JSONValue) -> JSONValue:
    """``value`` as plain JSON of its own, so that a notebook variable that changes later changes no execution.

    Raises:
        InvalidInput: If it is not JSON, nests too deeply or is too large.
    """
    try:
        payload, text = _json.copied({} if value is ABSENT else value)
    except (TypeError, ValueError, RecursionError) as error:
        hint = "Use dictionaries with text keys, lists, texts, numbers, True, False and None."
        raise InvalidInput(f"the input is not JSON: {error}", hint=hint) from None
    if len(text) > 2 * _json.MAX_NESTING and _json.is_too_deep(payload):
        hint = "Pass a flatter value."
        raise InvalidInput(f"the input nests lists and dictionaries more than {_json.MAX_NESTING} deep.", hint=hint)
    # A character has at most 4 bytes: only long texts need counting.
    if len(text) * 4 > MAX_INPUT_BYTES and (size := _json.size_bytes(payload)) > MAX_INPUT_BYTES:
        hint = "Pass a reference to the data instead."
        raise InvalidInput(f"the input has {size:,} bytes; Step Functions takes {MAX_INPUT_BYTES:,}.", hint=hint)
    return payload
