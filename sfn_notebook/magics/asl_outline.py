"""The shape of a definition that is still being typed, and where the cursor stands in it; it knows no ASL.

The parser of ``sfn_notebook.asl`` refuses broken text, and rightly. Completion works on text that is nearly always
broken, within a millisecond or two, so this reader skips what it cannot place and never fails.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, Literal

_TOKEN: Final = re.compile(
    r"""
      "(?:[^"\\\n]|\\.)*(?P<closed>")?     # a JSON string; it ends at the line's end at the latest
    | '(?:[^'\n])*'                        # YAML's other quotes
    | [{}\[\]:,]
    | [^\s{}\[\]:,"']+                     # a number, a literal, or a plain word of YAML
    """,
    re.VERBOSE,
)
_YAML_ENTRY: Final = re.compile(
    r"""(?: "(?P<double>[^"]*)" | '(?P<single>[^']*)' | (?P<plain>[^\s"'{}\[\]\#-][^:\#]*?|-[^\s:\#]+) )
        \s*:(?:\s+(?P<value>.*)|$)""",
    re.VERBOSE,
)
_MAX_DEPTH: Final = 200


@dataclass(slots=True, eq=False)
class Node:
    """An object or array. A member is a node, a scalar's text without quotes, or ``None`` where nothing stands yet."""

    kind: Literal["object", "array"]
    parent: "Node | None" = None
    key: str | None = None
    members: dict[str, "Node | str | None"] = field(default_factory=dict)
    items: "list[Node | str]" = field(default_factory=list)
    pending: str | None = None
    is_after_colon: bool = False

    def text(self, key: str) -> str | None:
        """The scalar under ``key``, if there is one."""
        value = self.members.get(key)
        return value if isinstance(value, str) else None

    def ancestors(self) -> Iterator["Node"]:
        """This node, then what encloses it, outwards."""
        node: Node | None = self
        while node is not None:
            yield node
            node = node.parent

    def attach(self, kind: Literal["object", "array"]) -> "Node":
        """A new node where the next value belongs."""
        child = Node(kind=kind, parent=self, key=self.pending if self.kind == "object" else None)
        self.take(child)
        return child

    def take(self, value: "Node | str") -> None:
        """Put ``value`` where the next one belongs; in an object, a scalar without a key becomes the next key."""
        if self.kind == "array":
            self.items.append(value)
        elif self.pending is not None and self.is_after_colon:
            self.members[self.pending] = value
            self.pending, self.is_after_colon = None, False
        elif isinstance(value, str):
            self.pending, self.is_after_colon = value, False


class Role(Enum):
    """What may be typed at the cursor. ``ITEM``: in an array, a value or the first key of an object (YAML's dash)."""

    KEY = "key"
    VALUE = "value"
    ITEM = "item"


@dataclass(frozen=True, kw_only=True, slots=True)
class Cursor:
    """The place of the cursor.

    ``fragment`` is what has been typed of the word, without its quote; ``quote`` the quote that was opened before it,
    and ``is_closed`` whether that quote is closed behind the cursor. ``key`` is set for ``Role.VALUE``.
    """

    container: Node
    role: Role
    key: str | None
    fragment: str
    quote: str = ""
    is_closed: bool = False
    is_json: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Outline:
    """A whole text: its root, and the cursor if a word may stand there."""

    root: Node
    cursor: Cursor | None


def is_json(text: str) -> bool:
    """Whether ``text`` looks like JSON rather than YAML: what stands first decides; no text at all is JSON."""
    return text.lstrip()[:1] in {"", "{", "["}


def read_outline(text: str, offset: int, *, json: bool | None = None) -> Outline:
    """Read ``text`` as far as it can be read; ``offset`` is the cursor's place in it, counted in characters."""
    if json if json is not None else is_json(text):
        return _JsonReader(text, offset).read()
    return _YamlReader(text, offset).read()


def _unquote(lexeme: str) -> str:
    return lexeme.strip("\"'") if lexeme[:1] in {'"', "'"} else lexeme


class _JsonReader:
    """Reads JSON, and YAML's flow style, as a stream of lexemes."""

    def __init__(self, text: str, offset: int, *, top: Node | None = None) -> None:
        self._text, self._offset = text, offset
        self._root = top if top is not None else Node(kind="array")
        self._top = self._root
        self._depth = 0
        self._previous = ","
        self._cursor: Cursor | None = None
        self._is_marked = offset < 0

    def read(self) -> Outline:
        position = 0
        while (match := _TOKEN.search(self._text, position)) is not None:
            position = self._step(match)
        if not self._is_marked:
            self._mark("")
        documents = [item for item in self._root.items if isinstance(item, Node)]
        return Outline(root=documents[0] if documents else self._root, cursor=self._cursor)

    def _step(self, match: re.Match[str]) -> int:
        """Take one lexeme; the position to go on from."""
        lexeme, start, end = match.group(), match.start(), match.end()
        is_word = lexeme not in "{}[]:,"
        if not self._is_marked and self._offset <= start:
            self._mark("")
        elif not self._is_marked and is_word and self._offset <= end:
            end = self._mark_within(lexeme, start, end)
            lexeme = self._text[start:end]
        self._take(lexeme, is_word=is_word)
        self._previous = lexeme
        return end

    def _mark_within(self, lexeme: str, start: int, end: int) -> int:
        """Put the cursor into a word; the position where the word ends, which is the cursor for an open string."""
        quote = lexeme[0] if lexeme[0] in "\"'" else ""
        is_closed = bool(quote) and len(lexeme) > 1 and lexeme[-1] == quote
        if is_closed and self._offset == end:
            self._is_marked = True  # behind a finished string: there is nothing to complete
            return end
        if is_closed and re.search(r"[{}\[\]:,]", self._text[self._offset : end - 1]):
            is_closed = False  # the quote that follows begins the next string: the one at the cursor is open
        self._mark(self._text[start + len(quote) : self._offset], quote=quote, is_closed=is_closed)
        return self._offset if quote and not is_closed else end

    def _mark(self, fragment: str, *, quote: str = "", is_closed: bool = False) -> None:
        self._is_marked = True
        top = self._top
        if not top.is_after_colon and not quote and self._previous not in {"{", "[", ","}:
            return  # a comma is missing: a word here would be wrong
        if top.kind == "array":
            role, key = Role.ITEM, None
        elif top.is_after_colon:
            role, key = Role.VALUE, top.pending
        elif top.pending is not None:
            return  # between a key and its colon
        else:
            role, key = Role.KEY, None
        self._cursor = Cursor(
            container=top, role=role, key=key, fragment=fragment, quote=quote, is_closed=is_closed, is_json=True
        )

    def _take(self, lexeme: str, *, is_word: bool) -> None:
        top = self._top
        if is_word:
            top.take(_unquote(lexeme))
        elif lexeme == ":":
            top.is_after_colon = top.pending is not None
            if top.is_after_colon and top.pending is not None:
                top.members.setdefault(top.pending, None)
        elif lexeme == ",":
            top.pending, top.is_after_colon = None, False
        elif lexeme in "{[":
            if self._depth < _MAX_DEPTH:
                self._top = top.attach("object" if lexeme == "{" else "array")
                self._depth += 1
        else:
            self._close("object" if lexeme == "}" else "array")

    def _close(self, kind: str) -> None:
        """Leave the innermost open node of ``kind``, and whatever was left open inside it."""
        for steps, node in enumerate(self._top.ancestors(), start=1):
            if node.kind == kind and node.parent is not None and node is not self._root:
                self._top, self._depth = node.parent, self._depth - steps
                return


class _YamlReader:
    """Reads YAML's block style line by line, by indentation; a value in flow style is read within its line."""

    def __init__(self, text: str, offset: int) -> None:
        self._lines = text.split("\n")
        before = text[:offset].split("\n")
        self._cursor_line, self._cursor_column = len(before) - 1, len(before[-1])
        self._root = Node(kind="object")
        self._open: list[tuple[int, Node]] = [(0, self._root)]
        self._cursor: Cursor | None = None
        self._block_indent: int | None = None

    def read(self) -> Outline:
        for number, line in enumerate(self._lines):
            if number == self._cursor_line:
                self._read_cursor_line(line)
            elif not self._is_block_text(line):
                self._read_line(line.rstrip(), 0)
        return Outline(root=self._root, cursor=self._cursor)

    def _is_block_text(self, line: str) -> bool:
        """Whether the line is part of a ``|`` or ``>`` text, or says nothing."""
        stripped = line.strip()
        indent = len(line) - len(line.lstrip())
        if self._block_indent is not None:
            if not stripped or indent > self._block_indent:
                return True
            self._block_indent = None
        return not stripped or stripped.startswith("#") or stripped in {"---", "..."}

    def _place(self, column: int, kind: Literal["object", "array"]) -> Node:
        """The node of ``kind`` whose entries begin at ``column``; a new one where none does."""
        while len(self._open) > 1:
            indent, node = self._open[-1]
            if indent < column or (indent == column and kind in {node.kind, "array"}):
                break
            self._open.pop()
        indent, top = self._open[-1]
        if top.kind == kind and (indent == column or len(self._open) > _MAX_DEPTH):
            return top
        if top.kind == "object":
            top.is_after_colon = top.pending is not None
        child = top.attach(kind)
        self._open.append((column, child))
        return child

    def _read_line(self, line: str, column: int, *, offset: int = -1) -> None:
        """Read the entry that stands at or after ``column``; ``offset`` is the cursor's column for flow style."""
        body = line[column:]
        column += len(body) - len(body.lstrip())
        body = body.lstrip()
        if body == "-" or body.startswith("- "):
            self._place(column, "array")
            self._read_line(line, column + 1, offset=offset)
            return
        entry = _YAML_ENTRY.match(body)
        if entry is None:
            indent, top = self._open[-1]
            if body and top.kind == "array" and indent < column:
                top.take(_unquote(body.partition(" #")[0].strip()))
            return
        node = self._place(column, "object")
        key = next(each for each in (entry["double"], entry["single"], entry["plain"]) if each is not None)
        node.pending, node.is_after_colon = key, True
        node.members[key] = None
        value = (entry["value"] or "").strip()
        if value[:1] in {"{", "["}:
            self._read_flow(node, line, column + entry.start("value"), offset)
        elif value[:1] in {"|", ">"}:
            self._block_indent = column
        elif value and not value.startswith("#"):
            node.members[key] = _unquote(value.partition(" #")[0].strip())

    def _read_flow(self, node: Node, line: str, start: int, offset: int) -> None:
        is_inside = offset >= start
        reader = _JsonReader(line[start:], offset - start if is_inside else -1, top=node)
        outline = reader.read()
        node.pending = None
        if is_inside and outline.cursor is not None and outline.cursor.container is not node:
            found = outline.cursor
            self._cursor = Cursor(
                container=found.container,
                role=found.role,
                key=found.key,
                fragment=found.fragment,
                quote=found.quote,
                is_closed=found.is_closed,
                is_json=False,
            )

    def _read_cursor_line(self, line: str) -> None:
        before = line[: self._cursor_column]
        if self._block_indent is not None and self._is_block_text(line) and line.strip():
            return
        self._block_indent = None
        content = re.match(r"(?:\s*-(?=\s))*\s*", before)
        column = content.end() if content is not None else 0
        typed = before[column:]
        if typed.startswith("#") or (typed and " #" in typed):
            return
        entry = _YAML_ENTRY.match(typed + " " if typed.endswith(":") else typed)
        if entry is not None and (entry["value"] is not None or typed.endswith(" ")):
            self._read_line(line.rstrip(), 0, offset=self._cursor_column)
            if self._cursor is None:
                self._mark_value(entry, line)
            return
        has_dash = "-" in before[:column]
        if has_dash:
            self._read_dashes(before[:column])
            container = self._open[-1][1]
            role = Role.ITEM
        else:
            container, role = self._place(column, "object"), Role.KEY
        self._mark(container, role, None, typed, line)
        if _YAML_ENTRY.match(line[column:].rstrip()):
            self._read_line(line.rstrip(), 0)

    def _read_dashes(self, prefix: str) -> None:
        for position, character in enumerate(prefix):
            if character == "-":
                self._place(position, "array")

    def _mark_value(self, entry: re.Match[str], line: str) -> None:
        key = next(each for each in (entry["double"], entry["single"], entry["plain"]) if each is not None)
        container = self._open[-1][1]
        if container.kind == "object":
            self._mark(container, Role.VALUE, key, (entry["value"] or "").lstrip(), line)

    def _mark(self, container: Node, role: Role, key: str | None, typed: str, line: str) -> None:
        quote = typed[0] if typed[:1] in {'"', "'"} else ""
        fragment = typed[len(quote) :]
        if quote and quote in fragment:
            return  # behind a finished string
        is_closed = bool(quote) and quote in line[self._cursor_column :]
        self._cursor = Cursor(
            container=container, role=role, key=key, fragment=fragment, quote=quote, is_closed=is_closed, is_json=False
        )
