"""What an ItemSelector sees when it is evaluated for an item of a Map Run; it evaluates nothing itself."""

from collections.abc import Mapping
from random import Random
from typing import NamedTuple

from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.engine.item_reader import Item


class SelectionScope(NamedTuple):
    """What all items of a Map Run share, as it was when the run began.

    ``effective_input`` is the state's input after InputPath and ``raw_input`` the one before.
    """

    raw_input: JSONValue
    effective_input: JSONValue
    variables: Mapping[str, JSONValue]
    context_object: JSONObject


class ItemEnvironment:
    """The ``Environment`` of an ItemSelector; one per Map Run, moved from item to item.

    Draws come from a generator of the run's own, so that how many items were selected changes no other draw.
    """

    __slots__ = ("_context_object", "_item", "_scope", "now_seconds", "random", "variables")

    def __init__(self, scope: SelectionScope, *, random: Random, now_seconds: float) -> None:
        self._scope = scope
        self._item: JSONObject = {}
        self._context_object: JSONObject | None = None
        self.variables = scope.variables
        self.random = random
        self.now_seconds = now_seconds

    def move_to(self, index: int, item: Item) -> None:
        """Let ``$$.Map.Item`` be ``item``. Source: developer guide, "Accessing the Context object", Map."""
        shown: JSONObject = {"Index": index, "Value": item.value}
        if item.key is not None:
            shown["Key"] = item.key
        shown["Source"] = item.source
        self._item = shown
        self._context_object = None

    @property
    def context_object(self) -> JSONObject:
        """The Context Object of the Map state, with the item."""
        if self._context_object is None:
            self._context_object = {**self._scope.context_object, "Map": {"Item": self._item}}
        return self._context_object

    @property
    def states(self) -> JSONObject:
        """``$states``."""
        return {"input": self._scope.raw_input, "context": self.context_object}
