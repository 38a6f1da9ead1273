"""Which members of a call's parameters and answer are secret, after the models of the SDK; it makes no call."""

from collections.abc import Mapping
from typing import Any, Final

HIDDEN: Final = "***"
_ALSO_SECRET: Final = frozenset({"SessionToken"})
"""Members that let whoever has them act as somebody else, and that the models do not mark."""


def without_secrets(shape: Any, value: Any) -> Any:
    """``value`` with everything hidden that the model of its ``shape`` calls sensitive.

    Args:
        shape: botocore's, or ``None`` for what has none.
        value: Parameters or an answer, as botocore takes and returns them.
    """
    if shape is None or value is None:
        return value
    if shape.metadata.get("sensitive"):
        return HIDDEN
    if shape.type_name == "structure" and isinstance(value, Mapping):
        return {
            name: HIDDEN if name in _ALSO_SECRET else without_secrets(shape.members.get(name), each)
            for name, each in value.items()
        }
    if shape.type_name == "map" and isinstance(value, Mapping):
        return {name: without_secrets(shape.value, each) for name, each in value.items()}
    if shape.type_name == "list" and isinstance(value, list | tuple):
        return [without_secrets(shape.member, each) for each in value]
    return value
