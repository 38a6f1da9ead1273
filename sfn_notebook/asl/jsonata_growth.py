"""Tells which JSONata expressions can put the same value into their result again and again, and how to count that.

An engine shares such parts, so that ``$reduce([1..30], function($a) {[[$a], [$a]]})`` is small while it is evaluated;
only as JSON, or as Python values, would it have a billion parts. Nothing is evaluated here.
"""

from collections import Counter
from math import prod
from typing import Final

from sfn_notebook.asl.jsonata_functions import FUNCTION_NAMES
from sfn_notebook.asl.jsonata_prelude import HOST_PREFIX
from sfn_notebook.asl.jsonata_references import every_node
from sfn_notebook.asl.jsonata_syntax_tree import Assignment, Binary, Call, Function, Node, Variable

MAX_PARTS: Final = 131_072
"""A result of more parts has more text than any payload: a part takes two characters at least."""

_FEW_COPIES: Final = 64

TOO_MANY_PARTS: Final = "too_many_parts"
"""The host function that fails."""

_ALIASED: Final = ("type", "count", "reduce", "append", "keys", "lookup")
COUNTING: Final = (
    "".join(f"${name}_:=${name};" for name in _ALIASED) + "$rest_:=function($value,$left){$left<=0?0:"
    '$type_($value)="array"?($count_($value)>$left?0:$reduce_($value,function($left,$item){'
    '$type_($item) in ["array","object"]?$rest_($item,$left):$left-1},$left-1)):'
    '$type_($value)="object"?$reduce_($append_([],$keys_($value)),function($left,$key){'
    "$rest_($lookup_($value,$key),$left)},$left-1):$left-1};"
)
"""Assigns ``$rest_($value, $left)``: how many parts are left of ``$left`` after those of a value; it stops at 0.

The functions that it calls have names of their own, which no workflow variable can hide.
"""


def counted(value: str, shown: str) -> str:
    """The text of ``shown``, which reads the value of the text ``value`` from ``$result_``, or a failure."""
    return f"$result_:={value};$rest_([$result_],{MAX_PARTS})>0?{shown}:${HOST_PREFIX}{TOO_MANY_PARTS}()"


def can_multiply(node: Node) -> bool:
    """Whether what an expression makes can hold one value more often than its text and its data are long.

    That takes a fold that uses what it has so far more than once, a function that calls one of the expression's own, or
    values assigned one from another.
    """
    mentions: Counter[str] = Counter()
    values: list[str] = []
    functions: list[Function] = []
    plain_folds = 0
    for part in every_node(node):
        match part:
            case Variable(name=name):
                mentions[name] += 1
            case Assignment(name=name, value=value) if not isinstance(value, Function):
                values.append(name)
            case Function():
                functions.append(part)
            case Call(procedure=Variable(name="reduce"), arguments=arguments):
                plain_folds += any(isinstance(each, Function) and _only_adds(each) for each in arguments)
            case _:
                pass
    if mentions["reduce"] > plain_folds or any(map(_calls_unknown, functions)):
        return True
    copies = prod(max(1, mentions[name]) for name in values)
    return copies > _FEW_COPIES or sum(_mentions_any(each.body, frozenset(values)) for each in functions) > 1


def _only_adds(step: Function) -> bool:
    """Whether the step of a fold uses what it has so far once at most, and in no loop: it cannot double it."""
    if not step.parameters:
        return True
    so_far = frozenset(step.parameters[:1])
    parts = list(every_node(step.body))
    uses = sum(isinstance(part, Variable) and part.name in so_far for part in parts)
    loops = [part.body for part in parts if isinstance(part, Function)]
    loops += [part.right for part in parts if isinstance(part, Binary) and part.operator == "."]
    return uses <= 1 and not any(_mentions_any(each, so_far) for each in loops)


def _calls_unknown(function: Function) -> bool:
    """Whether a function calls one that is not of the language: itself, another of the expression's, a parameter."""
    calls = (part for part in every_node(function.body) if isinstance(part, Call))
    return any(isinstance(call.procedure, Variable) and call.procedure.name not in FUNCTION_NAMES for call in calls)


def _mentions_any(node: Node, names: frozenset[str]) -> bool:
    return any(isinstance(part, Variable) and part.name in names for part in every_node(node))
