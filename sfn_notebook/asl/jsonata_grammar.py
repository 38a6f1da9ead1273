"""Reads the text of a JSONata expression into its parts; it evaluates nothing and asks no engine.

An own grammar gives what engines do not: the column of a mistake, the variables that an expression reads (for
validation and ``variableReferences``), and the parts from which plain expressions are compiled to closures.
Source: JSONata documentation; precedences and codes as in jsonata-js/jsonata 2.0.6, so ``?:`` and ``??``, which
came with 2.1, are mistakes here as they are on AWS.
"""

import re
from functools import lru_cache
from typing import Final

from sfn_notebook._json import JSONValue
from sfn_notebook.asl.jsonata_syntax_tree import (
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
from sfn_notebook.asl.jsonata_tokens import JsonataSyntaxError, Token, Tokenizer, TokenKind

MAX_NESTING: Final = 120  # each level is a few Python frames deep, and notebooks start from some fifty

_BINARY_POWERS: Final = {
    ".": 75,
    "+": 50,
    "-": 50,
    "*": 60,
    "/": 60,
    "%": 60,
    "=": 40,
    "<": 40,
    ">": 40,
    "!=": 40,
    "<=": 40,
    ">=": 40,
    "&": 50,
    "and": 30,
    "or": 25,
    "in": 40,
    "~>": 40,
}
_POWERS: Final = {**_BINARY_POWERS, "(": 80, "[": 80, "^": 40, "{": 70, ":=": 10, "@": 80, "#": 80, "?": 20}
# Known to the grammar, but neither the beginning of a value nor an operator between two.
_KNOWN_SIGNS: Final = frozenset({":", ";", ",", ")", "]", "}", "..", "|", "**", "(end)", *_POWERS})
_PARAMETERISED_CHOICE: Final = re.compile(r"\([^)]*<")
_WRONG_PARAMETER: Final = re.compile(r"[^af<]<")
_LAMBDA_NAMES: Final = frozenset({"function", "\u03bb"})


class _Parser:
    """Top-down operator precedence: ``_value`` reads what a token begins, ``_continued`` what it continues."""

    def __init__(self, text: str) -> None:
        self._tokenizer = Tokenizer(text)
        self._depth = 0
        # Found where one step follows another, and reported only if the whole text can be read.
        self._late: JsonataSyntaxError | None = None
        self._token = self._tokenizer.next(after_value=False)
        self._check_known(self._token)

    def parse(self) -> Node:
        node = self._expression(0)
        if self._token.kind is not TokenKind.END:
            raise JsonataSyntaxError("S0201", self._token.position, token=_shown(self._token))
        if self._late is not None:
            raise self._late
        return node

    def _later(self, code: str, position: int, **values: JSONValue) -> None:
        if self._late is None:
            self._late = JsonataSyntaxError(code, position, **values)

    def _check_known(self, token: Token) -> None:
        if token.kind is TokenKind.OPERATOR and token.value not in _KNOWN_SIGNS:
            raise JsonataSyntaxError("S0204", token.position, token=token.value)

    def _advance(self, expected: str = "", *, after_value: bool = False) -> Token:
        passed = self._token
        if expected and not self._is(expected):
            if passed.kind is TokenKind.END:
                raise JsonataSyntaxError("S0203", passed.position, value=expected)
            raise JsonataSyntaxError("S0202", passed.position, value=expected, token=_shown(passed))
        self._token = self._tokenizer.next(after_value=after_value)
        self._check_known(self._token)
        return passed

    def _is(self, sign: str) -> bool:
        return self._token.kind is TokenKind.OPERATOR and self._token.value == sign

    def _expression(self, power: int) -> Node:
        self._depth += 1
        if self._depth > MAX_NESTING:
            raise JsonataSyntaxError("U1001", self._token.position)
        token = self._advance(after_value=True)
        left = self._value(token)
        while self._power() > power:
            token = self._advance()
            left = self._continued(token, left)
        self._depth -= 1
        return left

    def _power(self) -> int:
        if self._token.kind is not TokenKind.OPERATOR:
            return 0
        return _POWERS.get(self._token.value, 0)

    def _value(self, token: Token) -> Node:
        match token.kind:
            case TokenKind.NAME:
                return Name(token.value, token.position)
            case TokenKind.VARIABLE:
                return Variable(token.value, token.position)
            case TokenKind.STRING | TokenKind.NUMBER | TokenKind.VALUE:
                return Literal(token.value, token.position)
            case TokenKind.REGEX:
                return Pattern(token.value, token.position)
            case TokenKind.END:
                self._later("S0207", token.position)
                return Missing(token.position)
            case TokenKind.OPERATOR:
                return self._signed(token)

    def _signed(self, token: Token) -> Node:  # noqa: PLR0911 - one return per sign
        if token.value in ("and", "or", "in"):
            return Name(token.value, token.position)
        if token.value in ("*", "**", "%"):
            return ContextSign(token.value, token.position)
        match token.value:
            case "-":
                return self._negation(token)
            case "(":
                return self._block(token)
            case "[":
                return self._array(token)
            case "{":
                return ObjectConstructor(self._pairs(), token.position)
            case "|":
                return self._transform(token)
            case _:
                raise JsonataSyntaxError("S0211", token.position, token=token.value)

    def _negation(self, token: Token) -> Node:
        value = self._expression(70)
        if isinstance(value, Literal) and isinstance(value.value, int | float) and not isinstance(value.value, bool):
            return Literal(-value.value, value.position)
        return Negation(value, token.position)

    def _block(self, token: Token) -> Node:
        expressions: list[Node] = []
        while not self._is(")"):
            expressions.append(self._expression(0))
            if not self._is(";"):
                break
            self._advance()
        self._advance(")", after_value=True)
        return Block(tuple(expressions), token.position)

    def _array(self, token: Token) -> Node:
        items: list[Node] = []
        if not self._is("]"):
            while True:
                items.append(self._array_item())
                if not self._is(","):
                    break
                self._advance()
        self._advance("]", after_value=True)
        return ArrayConstructor(tuple(items), token.position)

    def _array_item(self) -> Node:
        item = self._expression(0)
        if not self._is(".."):
            return item
        sign = self._advance()
        return Binary("..", item, self._expression(0), sign.position)

    def _pairs(self) -> tuple[tuple[Node, Node], ...]:
        pairs: list[tuple[Node, Node]] = []
        if not self._is("}"):
            while True:
                key = self._expression(0)
                self._advance(":")
                pairs.append((key, self._expression(0)))
                if not self._is(","):
                    break
                self._advance()
        self._advance("}", after_value=True)
        return tuple(pairs)

    def _transform(self, token: Token) -> Node:
        pattern = self._expression(0)
        self._advance("|")
        update = self._expression(0)
        delete = None
        if self._is(","):
            self._advance()
            delete = self._expression(0)
        self._advance("|")
        return Transform(pattern, update, delete, token.position)

    def _continued(self, token: Token, left: Node) -> Node:  # noqa: PLR0911 - one return per sign
        match token.value:
            case "(":
                return self._call(token, left)
            case "[":
                return self._filter(token, left)
            case "{":
                return self._group(token, left)
            case "^":
                return self._sort(token, left)
            case ":=":
                return self._assignment(token, left)
            case "@" | "#":
                return self._binding(token, left)
            case "?":
                return self._condition(token, left)
            case _:
                return self._binary(token, left)

    def _binary(self, token: Token, left: Node) -> Node:
        right = self._expression(_BINARY_POWERS[token.value])
        if token.value == ".":
            for step in map(_unwrapped, (left, right)):
                if isinstance(step, Literal) and not isinstance(step.value, str):
                    self._later("S0213", step.position, value=step.value)
        return Binary(token.value, left, right, token.position)

    def _call(self, token: Token, left: Node) -> Node:
        arguments: list[Node] = []
        if not self._is(")"):
            while True:
                arguments.append(self._argument())
                if not self._is(","):
                    break
                self._advance()
        self._advance(")", after_value=True)
        if isinstance(left, Name) and left.name in _LAMBDA_NAMES:
            return self._function(token, arguments)
        return Call(left, tuple(arguments), token.position)

    def _argument(self) -> Node:
        if self._is("?"):
            return Placeholder(self._advance().position)
        return self._expression(0)

    def _function(self, token: Token, arguments: list[Node]) -> Node:
        parameters: list[str] = []
        for index, argument in enumerate(arguments):
            if not isinstance(argument, Variable):
                raise JsonataSyntaxError("S0208", argument.position, value=index + 1)
            parameters.append(argument.name)
        if self._is("<"):
            self._signature()
        self._advance("{")
        body = self._expression(0)
        self._advance("}")
        return Function(tuple(parameters), body, token.position)

    def _signature(self) -> None:
        depth, start, shown = 1, self._token.position, "<"
        while depth > 0 and not self._is("{") and self._token.kind is not TokenKind.END:
            self._advance()
            depth += self._is("<") - self._is(">")
            shown += str(self._token.value)
        self._advance(">")
        choice = _PARAMETERISED_CHOICE.search(shown)
        if choice is not None:
            raise JsonataSyntaxError("S0402", start + choice.start())
        parameter = _WRONG_PARAMETER.search(shown, 1)
        if parameter is not None:
            raise JsonataSyntaxError("S0401", start + parameter.start())

    def _filter(self, token: Token, left: Node) -> Node:
        if self._is("]"):
            self._advance()
            return Filter(left, None, token.position)
        condition = self._expression(0)
        self._advance("]", after_value=True)
        if isinstance(_unwrapped(left), Group) and not _is_path(left):
            self._later("S0209", token.position)
        return Filter(left, condition, token.position)

    def _sort(self, token: Token, left: Node) -> Node:
        self._advance("(")
        terms: list[Node] = []
        while True:
            if self._is("<") or self._is(">"):
                self._advance()
            terms.append(self._expression(0))
            if not self._is(","):
                break
            self._advance()
        self._advance(")")
        return Sort(left, tuple(terms), token.position)

    def _group(self, token: Token, left: Node) -> Node:
        pairs = self._pairs()
        if _has_group(left):
            self._later("S0210", token.position)
        return Group(left, pairs, token.position)

    def _assignment(self, token: Token, left: Node) -> Node:
        if not isinstance(left, Variable):
            raise JsonataSyntaxError("S0212", left.position)
        return Assignment(left.name, self._expression(_POWERS[":="] - 1), token.position)

    def _binding(self, token: Token, left: Node) -> Node:
        right = self._expression(_POWERS[token.value])
        if not isinstance(right, Variable):
            raise JsonataSyntaxError("S0214", right.position, token=token.value)
        if token.value == "@":
            if isinstance(left, Filter) and left.condition is not None:
                self._later("S0215", token.position)
            if isinstance(left, Sort):
                self._later("S0216", token.position)
        return PositionBinding(token.value, left, right.name, token.position)

    def _condition(self, token: Token, left: Node) -> Node:
        then = self._expression(0)
        otherwise = None
        if self._is(":"):
            self._advance()
            otherwise = self._expression(0)
        return Condition(left, then, otherwise, token.position)


def _shown(token: Token) -> JSONValue:
    return "/" if token.kind is TokenKind.REGEX else token.value


def _unwrapped(node: Node) -> Node:
    while isinstance(node, Filter):
        node = node.left
    return node


def _is_path(node: Node) -> bool:
    while True:
        match node:
            case Filter(left=left) | Group(left=left):
                node = left
            case Name() | Sort():
                return True
            case Binary(operator=operator):
                return operator == "."
            case PositionBinding(sign=sign, left=left):
                if sign == "#":
                    return True
                node = left
            case _:
                return False


def _has_group(node: Node) -> bool:
    while True:
        match node:
            case Group():
                return True
            case Filter(left=left) | PositionBinding(sign="@", left=left):
                node = left
            case Binary(operator=".", left=left) | Sort(left=left) | PositionBinding(left=left) if _is_path(left):
                node = left
            case _:
                return False


@lru_cache(maxsize=2048)
def parse_jsonata(text: str) -> Node:
    """Read an expression (without its delimiters).

    Raises:
        JsonataSyntaxError: With the code, the position and the text of jsonata.js 2.0.6.
    """
    return _Parser(text).parse()
