"""The parts that a JSONata expression is made of; nothing of how they are read or evaluated.

Source: JSONata documentation, "Path Operators", "Composition", "Processing".
"""

from dataclasses import dataclass
from typing import Final, TypeAlias

from sfn_notebook._json import JSONValue
from sfn_notebook.asl.jsonata_tokens import Regex


@dataclass(frozen=True, slots=True)
class Literal:
    """A string, a number, ``true``, ``false`` or ``null``."""

    value: JSONValue
    position: int


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression."""

    regex: Regex
    position: int


@dataclass(frozen=True, slots=True)
class Name:
    """A field of the context value."""

    name: str
    position: int


@dataclass(frozen=True, slots=True)
class Variable:
    """``$name``; the name is empty for ``$`` and ``$`` for ``$$``."""

    name: str
    position: int


@dataclass(frozen=True, slots=True)
class ContextSign:
    """``*``, ``**`` or ``%``: all fields, all descendants, the parent."""

    sign: str
    position: int


@dataclass(frozen=True, slots=True)
class Missing:
    """Where the text ends though a value should follow; ``?`` as an argument is ``Placeholder``."""

    position: int


@dataclass(frozen=True, slots=True)
class Placeholder:
    """``?`` as an argument: a function that waits for it."""

    position: int


@dataclass(frozen=True, slots=True)
class Binary:
    """Two values and a sign between them; ``.`` maps, ``..`` makes a range, ``~>`` applies."""

    operator: str
    left: "Node"
    right: "Node"
    position: int


@dataclass(frozen=True, slots=True)
class Negation:
    """``-value``."""

    value: "Node"
    position: int


@dataclass(frozen=True, slots=True)
class Filter:
    """``left[condition]``; no condition for ``left[]``, which keeps a single item in its array."""

    left: "Node"
    condition: "Node | None"
    position: int


@dataclass(frozen=True, slots=True)
class Group:
    """``left{key: value}``."""

    left: "Node"
    pairs: "tuple[tuple[Node, Node], ...]"
    position: int


@dataclass(frozen=True, slots=True)
class ObjectConstructor:
    """``{key: value}``."""

    pairs: "tuple[tuple[Node, Node], ...]"
    position: int


@dataclass(frozen=True, slots=True)
class ArrayConstructor:
    """``[item, item]``."""

    items: "tuple[Node, ...]"
    position: int


@dataclass(frozen=True, slots=True)
class Sort:
    """``left^(term, >term)``."""

    left: "Node"
    terms: "tuple[Node, ...]"
    position: int


@dataclass(frozen=True, slots=True)
class PositionBinding:
    """``left@$name`` (the item) or ``left#$name`` (its index)."""

    sign: str
    left: "Node"
    name: str
    position: int


@dataclass(frozen=True, slots=True)
class Assignment:
    """``$name := value``."""

    name: str
    value: "Node"
    position: int


@dataclass(frozen=True, slots=True)
class Condition:
    """``test ? then : otherwise``."""

    test: "Node"
    then: "Node"
    otherwise: "Node | None"
    position: int


@dataclass(frozen=True, slots=True)
class Block:
    """``(one; two)``."""

    expressions: "tuple[Node, ...]"
    position: int


@dataclass(frozen=True, slots=True)
class Call:
    """``procedure(argument, ...)``, also where some arguments are placeholders."""

    procedure: "Node"
    arguments: "tuple[Node, ...]"
    position: int


@dataclass(frozen=True, slots=True)
class Function:
    """``function($name, ...)<signature>{ body }``."""

    parameters: tuple[str, ...]
    body: "Node"
    position: int


@dataclass(frozen=True, slots=True)
class Transform:
    """``|pattern|update, delete|``."""

    pattern: "Node"
    update: "Node"
    delete: "Node | None"
    position: int


Node: TypeAlias = (
    Literal
    | Pattern
    | Name
    | Variable
    | ContextSign
    | Missing
    | Placeholder
    | Binary
    | Negation
    | Filter
    | Group
    | ObjectConstructor
    | ArrayConstructor
    | Sort
    | PositionBinding
    | Assignment
    | Condition
    | Block
    | Call
    | Function
    | Transform
)

ROOT_NAMES: Final = frozenset({"", "$"})
