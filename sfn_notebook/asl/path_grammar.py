"""The text of a JSONPath to its steps: cuts out what jsonpath-ng cannot read, lets it read the rest; no evaluation.

jsonpath-ng reads names, unions, indices, slices and wildcards. Filters and functions follow the Java path engine that
AWS uses, whose rules differ, so they are cut out and read here. Names after a dot are quoted first: jsonpath-ng wants
ASCII there, ASL does not. Source: Amazon States Language, "Paths", and recorded answers of the Java path engine.
"""

import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from sfn_notebook.asl.path_evaluation import compile_find
from sfn_notebook.asl.path_filters import FilterReader, InnerPath
from sfn_notebook.asl.path_functions import FUNCTIONS
from sfn_notebook.asl.path_literals import read_literal
from sfn_notebook.asl.path_steps import (
    Call,
    Descent,
    Filter,
    Index,
    Indices,
    Name,
    Names,
    Resolve,
    Slice,
    Step,
    Wildcard,
    is_definite,
)
from sfn_notebook.asl.text_cursor import TextCursor
from sfn_notebook.errors import InternalError, nearest

if TYPE_CHECKING:
    from jsonpath_ng.parser import JsonPathParser

MAX_CHARACTERS: Final = 4_096
"""Longer paths are refused: nobody writes them, and reading one must end quickly."""

_MAX_NESTING: Final = 8
_MAX_UNION: Final = 100
_ROOT: Final = re.compile(r"\$\$|\$(?:[^\W\d]\w*)?")
_DOTTED: Final = re.compile(r"[^.\[(]+")
_BLANK: Final = re.compile(r"\s")


_Member = TypeVar("_Member", str, int)


@dataclass(frozen=True, kw_only=True, slots=True)
class ParsedPath:
    """``root`` is ``$`` (the input), ``$$`` (the Context Object) or ``$name`` (a variable)."""

    root: str
    steps: tuple[Step, ...]


def parse_path(text: str) -> ParsedPath:
    """Read a whole path.

    Raises:
        ExpressionSyntaxError: If ``text`` is not a path.
    """
    cursor = TextCursor(text, 0, len(text.rstrip()))
    if len(text) > MAX_CHARACTERS:
        raise cursor.error(f"a path may have at most {MAX_CHARACTERS} characters, this one has {len(text)}.")
    root = cursor.take(_ROOT)
    if not root:
        hint = "Paths look like $.orders[0].id; $ is the input, $$ the Context Object."
        raise cursor.error("a path begins with '$'.", hint=hint)
    return ParsedPath(root=root, steps=_PathReader(cursor, nesting=0).read())


class _Parser:
    """jsonpath-ng's parser: built at the first need (its import takes 50 ms), used by one thread at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._parser: JsonPathParser | None = None

    def parse(self, text: str) -> Any:
        with self._lock:
            if self._parser is None:
                from jsonpath_ng.parser import JsonPathParser

                self._parser = JsonPathParser()
            return self._parser.parse(text)


_PARSER: Final = _Parser()


class _PathReader:
    """Reads the steps after the root. Steps for jsonpath-ng are gathered and read when something else follows."""

    def __init__(self, cursor: TextCursor, *, nesting: int) -> None:
        self._cursor = cursor
        self._nesting = nesting
        self._steps: list[Step] = []
        self._run: list[str] = []
        self._run_start = cursor.position

    def read(self) -> tuple[Step, ...]:
        """Read to the end of the cursor."""
        cursor = self._cursor
        if self._nesting > _MAX_NESTING:
            raise cursor.error(f"filters may be nested at most {_MAX_NESTING} deep.")
        while not cursor.at_end:
            if cursor.peek() == "[":
                self._bracket()
            elif cursor.accept(".."):
                self._end_run()
                self._steps.append(Descent())
                self._after_dots()
            elif cursor.accept("."):
                self._after_dots()
            else:
                raise cursor.error(f"expected '.' or '[', not {cursor.peek()!r}.")
        self._end_run()
        return tuple(self._steps)

    def _after_dots(self) -> None:
        cursor = self._cursor
        if cursor.at_end:
            raise cursor.error("a path must not end with a dot.", at=cursor.position - 1)
        if cursor.peek() == "[":
            return
        start = cursor.position
        name = cursor.take(_DOTTED)
        if cursor.peek() == "(":
            self._call(name, start)
            return
        if not name:
            raise cursor.error(f"expected a name, not {cursor.peek()!r}.")
        if blank := _BLANK.search(name):
            hint = f"Write ['{name.strip()}'] if the name has blanks."
            raise cursor.error("a name after a dot has no blanks.", at=start + blank.start(), hint=hint)
        if name.startswith("*") and name != "*":
            raise cursor.error(
                "nothing may follow '*' here.", at=start + 1, hint=f"Write ['{name}'] for a name with a star."
            )
        quoted = name.replace("\\", "\\\\").replace("'", "\\'")
        self._add_to_run("[*]" if name == "*" else f"['{quoted}']", start)

    def _bracket(self) -> None:
        cursor = self._cursor
        start = cursor.position
        cursor.position += 1
        cursor.skip_blanks()
        if cursor.accept("?"):
            self._end_run()
            holds = FilterReader(cursor, self._inner_path).read()
            cursor.expect("]", "after the filter")
            self._steps.append(Filter(holds))
            return
        if not cursor.peek() or cursor.peek() not in "'\"*-:0123456789":
            found = f"not {cursor.peek()!r}" if cursor.peek() else "but the path ends"
            hint = "Write ['name'], [0], [0,1], [0:2], [*] or [?(@.name == 'value')]."
            raise cursor.error(f"expected a quoted name, an index, '*' or a filter, {found}.", hint=hint)
        cursor.position = start
        cursor.skip_balanced()
        self._add_to_run(cursor.text[start : cursor.position], start)

    def _add_to_run(self, text: str, start: int) -> None:
        if not self._run:
            self._run_start = start
        self._run.append(text)

    def _end_run(self) -> None:
        """Let jsonpath-ng read the gathered run."""
        if not self._run:
            return
        text = "$" + "".join(self._run)
        try:
            tree = _PARSER.parse(text)
        except Exception as error:  # noqa: BLE001 - jsonpath-ng raises bare Exceptions of its lexer and of its parser
            raise self._cursor.error(f"cannot be read as a path from here on ({error}).", at=self._run_start) from None
        self._run.clear()
        self._steps.extend(self._step_of(node) for node in _flatten(tree))

    def _step_of(self, node: Any) -> Step:
        """One step of jsonpath-ng's tree; the nodes are told apart by name, as their module is not imported here."""
        match type(node).__name__:
            case "Fields":
                names = self._union(node.fields)
                return Name(names[0]) if len(names) == 1 else Names(names)
            case "Index":
                indices = self._union(node.indices)
                return Index(indices[0]) if len(indices) == 1 else Indices(indices)
            case "Slice":
                if node.start is None and node.end is None:
                    hint = "Write [*] for all items."
                    raise self._cursor.error("a slice needs a start or an end.", at=self._run_start, hint=hint)
                return Slice(node.start, node.end)
            case "Wildcard":
                return Wildcard()
            case other:
                raise InternalError(f"jsonpath-ng read a {other} in {self._cursor.text!r}")

    def _union(self, members: Iterable[_Member]) -> tuple[_Member, ...]:
        union = tuple(members)
        if len(union) > _MAX_UNION:
            raise self._cursor.error(f"at most {_MAX_UNION} names or indices may be listed.", at=self._run_start)
        return union

    def _inner_path(self, start: int, end: int) -> InnerPath:
        cursor = TextCursor(self._cursor.text, start, end)
        steps = _PathReader(cursor, nesting=self._nesting + 1).read()
        return InnerPath(find=compile_find(steps), is_definite=is_definite(steps))

    def _call(self, name: str, start: int) -> None:
        cursor = self._cursor
        signature = FUNCTIONS.get(name)
        if signature is None:
            offered = nearest(name, FUNCTIONS) or tuple(FUNCTIONS)
            hint = f"Functions: {', '.join(f'.{each}()' for each in offered)}."
            raise cursor.error(f"there is no function {name!r} for paths.", at=start, hint=hint)
        cursor.position += 1
        arguments = self._arguments()
        if len(arguments) < signature.minimum or (signature.maximum is not None and len(arguments) > signature.maximum):
            raise cursor.error(f".{name}() takes {signature.minimum} arguments, not {len(arguments)}.", at=start)
        if not cursor.at_end:
            raise cursor.error(f"nothing may follow .{name}().")
        self._end_run()
        self._steps.append(Call(signature.function, tuple(arguments)))

    def _arguments(self) -> list[Resolve]:
        cursor = self._cursor
        arguments: list[Resolve] = []
        cursor.skip_blanks()
        if cursor.accept(")"):
            return arguments
        while True:
            cursor.skip_blanks()
            arguments.append(self._argument())
            cursor.skip_blanks()
            if not cursor.accept(","):
                break
        cursor.expect(")", "after the arguments")
        return arguments

    def _argument(self) -> Resolve:
        cursor = self._cursor
        if not cursor.accept("$"):
            value = read_literal(cursor)
            return lambda _base, _document: value
        start = cursor.position
        while not cursor.at_end and cursor.peek() not in ",)":
            if cursor.peek() in "[(":
                cursor.skip_balanced()
            else:
                cursor.position += 1
        find = self._inner_path(start, cursor.position).find
        return lambda _base, document: find(document, document)


def _flatten(tree: Any) -> list[Any]:
    """The nodes of jsonpath-ng's left-leaning tree from the root outwards, without recursion."""
    nodes: list[Any] = []
    while type(tree).__name__ == "Child":
        nodes.append(tree.right)
        tree = tree.left
    return nodes[::-1]
