"""The quotas of Step Functions that an execution meets, and their words; it counts nothing itself.

Source: developer guide, "Step Functions service quotas"; the text is recorded.
"""

from typing import Final

MAX_HISTORY_EVENTS: Final = 25_000
"""A STANDARD execution's history holds no more; the last one tells so."""

MAX_EXPRESS_EVENTS: Final = 250_000
"""AWS ends an EXPRESS execution after five minutes; modelled time does not pass in a loop of Pass states, events do."""

MAX_PAYLOAD_BYTES: Final = 262_144
"""The largest input, output or result, in UTF-8 bytes."""

MAX_STORED_VARIABLES_BYTES: Final = 10 * 1_048_576
"""The largest sum of all variables of one execution, in UTF-8 bytes."""

DATA_LIMIT_EXCEEDED: Final = "States.DataLimitExceeded"


def too_large(name: str) -> str:
    """The cause where the state or task ``name`` gave more than ``MAX_PAYLOAD_BYTES``."""
    return f"The state/task '{name}' returned a result with a size exceeding the maximum number of bytes service limit."


def too_much_stored(name: str) -> str:
    """The cause where the state ``name`` assigns more than is left of ``MAX_STORED_VARIABLES_BYTES``; our own words."""
    return f"The variables that the state '{name}' assigns bring those of the execution beyond 10 MiB."
