"""How much the variables of an execution hold together; it assigns nothing and knows no scope rules.

Source: Step Functions Developer Guide, "Passing data between states with variables", section "Limits".
"""

from sfn_notebook import _json
from sfn_notebook._json import JSONValue
from sfn_notebook.engine.frames import Frame
from sfn_notebook.engine.quotas import MAX_STORED_VARIABLES_BYTES


class StoredVariables:
    """The sum over all scopes; that of a branch that has ended is let go when the sum would not do otherwise."""

    __slots__ = ("_bytes",)

    def __init__(self) -> None:
        self._bytes = 0

    def hold(self, root: Frame, frame: Frame) -> bool:
        """Count what ``frame`` is about to assign; whether all variables of the execution still keep the limit."""
        held = frame.variable_bytes
        if held is None:
            held = frame.variable_bytes = {}
        assigned: dict[str, JSONValue] = dict(frame.assigned or {})
        for name, value in assigned.items():
            size_bytes = _json.size_bytes(value)
            self._bytes += size_bytes - held.get(name, 0)
            held[name] = size_bytes
        if self._bytes > MAX_STORED_VARIABLES_BYTES:
            self._bytes = _held_by(root)
        return self._bytes <= MAX_STORED_VARIABLES_BYTES


def _held_by(root: Frame) -> int:
    """The bytes of the variables of a branch and of those at work within it."""
    total, waiting = 0, [root]
    while waiting:
        frame = waiting.pop()
        total += sum(frame.variable_bytes.values()) if frame.variable_bytes else 0
        waiting.extend(frame.join.frames.values() if frame.join else ())
    return total
