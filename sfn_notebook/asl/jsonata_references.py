"""What a JSONata expression mentions: variables, the root value, regular expressions; it does not evaluate.

Source: AWS developer guide, "Transforming data with JSONata": ``$``, ``$$`` and bare names are not allowed at the top
level; "Passing data between states with variables".
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from sfn_notebook.asl.jsonata_functions import CONTEXT_FUNCTIONS
from sfn_notebook.asl.jsonata_grammar import parse_jsonata
from sfn_notebook.asl.jsonata_syntax_tree import (
    ROOT_NAMES,
    ArrayConstructor,
    Assignment,
    Binary,
    Block,
    Call,
    Condition,
    ContextSign,
    Filter,
    Function,
    Group,
    Literal,
    Missing,
    Name,
    Negation,
    Node,
    ObjectConstructor,
    Pattern,
    Placeholder,
    PositionBinding,
    Sort,
    Transform,
    Variable,
)
from sfn_notebook.asl.jsonata_tokens import Regex


@dataclass(frozen=True, kw_only=True, slots=True)
class References:
    """``variables`` are the names (without ``$``) that come from outside, ``states`` and functions among them.

    ``read`` has them and those that the expression also assigns. ``mentions`` counts every name, parameters too.
    ``root_position`` is where the expression first reads the value that it is applied to, which a state does not have;
    ``needs_root`` is also set where a function lacks an argument and takes that value instead.
    ``calls`` are the calls of a named function with their arguments, in the order of the tree.
    ``states_parts`` are the names that follow ``$states.``, each with its position.
    """

    variables: frozenset[str]
    read: frozenset[str]
    mentions: Mapping[str, int]
    root_position: int | None
    needs_root: bool
    regexes: tuple[Regex, ...]
    calls: tuple[tuple[str, tuple[Node, ...]], ...]
    states_parts: tuple[tuple[str, int], ...]


class _Visit(NamedTuple):
    node: Node
    parameters: frozenset[str]
    is_root: bool
    is_applied: bool = False  # the right side of ~>, which gives it one more argument


@dataclass(slots=True)
class _Findings:
    read: set[str] = field(default_factory=set)
    mentions: Counter[str] = field(default_factory=Counter)
    assigned: set[str] = field(default_factory=set)
    root_positions: list[int] = field(default_factory=list)
    needs_root: bool = False
    regexes: list[Regex] = field(default_factory=list)
    calls: list[tuple[str, tuple[Node, ...]]] = field(default_factory=list)
    states_parts: list[tuple[str, int]] = field(default_factory=list)

    def note(self, visit: _Visit) -> None:  # noqa: C901, PLR0912 - one case per part of the language
        match visit.node:
            case Variable(name=name, position=position) if name in ROOT_NAMES:
                if visit.is_root or name == "$":
                    self.root_positions.append(position)
            case Variable(name=name):
                self.mentions[name] += 1
                if name not in visit.parameters:
                    self.read.add(name)
            case Name(position=position) | ContextSign(position=position):
                if visit.is_root:
                    self.root_positions.append(position)
            case Assignment(name=name) | PositionBinding(name=name):
                self.assigned.add(name)
                self.mentions[name] += 1
            case Function(parameters=parameters):
                self.mentions.update(parameters)
            case Pattern(regex=regex):
                self.regexes.append(regex)
            case Binary(operator=".", left=Variable(name="states"), right=Name() | Filter(left=Name()) as right):
                part = right.left if isinstance(right, Filter) else right
                if isinstance(part, Name):
                    self.states_parts.append((part.name, part.position))
            case Call(procedure=Variable(name=name), arguments=arguments):
                self.calls.append((name, arguments))
                given = len(arguments) + visit.is_applied
                self.needs_root |= visit.is_root and given < CONTEXT_FUNCTIONS.get(name, 0)
            case _:
                pass


def find_references(node: Node) -> References:
    """Collect what ``node`` mentions, without recursion: a chain of 10,000 ``&`` is as deep as it is long.

    A name that is assigned anywhere in the expression counts as its own, not as one from outside.
    """
    findings = _Findings()
    visits = [_Visit(node, frozenset(), True)]
    while visits:
        visit = visits.pop()
        findings.note(visit)
        visits.extend(reversed(list(_inner(visit))))
    return References(
        variables=frozenset(findings.read - findings.assigned),
        read=frozenset(findings.read),
        mentions=findings.mentions,
        root_position=min(findings.root_positions, default=None),
        needs_root=findings.needs_root or bool(findings.root_positions),
        regexes=tuple(findings.regexes),
        calls=tuple(findings.calls),
        states_parts=tuple(findings.states_parts),
    )


def every_node(node: Node) -> Iterator[Node]:
    """``node`` and all its inner parts, in the order of the text."""
    nodes = [node]
    while nodes:
        part = nodes.pop()
        yield part
        nodes.extend(reversed([child for child, _keeps_context in _children(part)]))


def _inner(visit: _Visit) -> Iterator[_Visit]:
    for child, keeps_context in _children(visit.node):
        parameters = visit.parameters
        if isinstance(visit.node, Function):
            parameters |= frozenset(visit.node.parameters)
        is_applied = isinstance(visit.node, Binary) and visit.node.operator == "~>" and child is visit.node.right
        yield _Visit(child, parameters, visit.is_root and keeps_context, is_applied)


def _children(node: Node) -> Iterator[tuple[Node, bool]]:  # noqa: C901, PLR0912 - one case per part of the language
    """Each inner part, and whether it is evaluated with the same context value as ``node``."""
    match node:
        case Binary(operator=operator, left=left, right=right):
            yield left, True
            yield right, operator != "."
        case Filter(left=left, condition=condition):
            yield left, True
            if condition is not None:
                yield condition, False
        case Group(left=left, pairs=pairs):
            yield left, True
            for pair in pairs:
                yield from ((part, False) for part in pair)
        case Sort(left=left, terms=terms):
            yield left, True
            yield from ((term, False) for term in terms)
        case ObjectConstructor(pairs=pairs):
            for pair in pairs:
                yield from ((part, True) for part in pair)
        case ArrayConstructor(items=parts) | Block(expressions=parts):
            yield from ((part, True) for part in parts)
        case Negation(value=part) | Assignment(value=part) | PositionBinding(left=part) | Function(body=part):
            yield part, True
        case Condition(test=test, then=then, otherwise=otherwise):
            yield from ((part, True) for part in (test, then, otherwise) if part is not None)
        case Call(procedure=procedure, arguments=arguments):
            if not (isinstance(procedure, Name)):
                yield procedure, True
            yield from ((argument, True) for argument in arguments)
        case Transform(pattern=pattern, update=update, delete=delete):
            yield from ((part, False) for part in (pattern, update, delete) if part is not None)
        case Literal() | Pattern() | Name() | Variable() | ContextSign() | Missing() | Placeholder():
            return


def jsonata_references(text: str) -> References:
    """What the expression ``text`` (without its delimiters) mentions.

    Raises:
        JsonataSyntaxError: If it cannot be read.
    """
    return find_references(parse_jsonata(text))
