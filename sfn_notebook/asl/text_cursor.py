"""A position in the text of an expression, with errors that know their column; nothing of any grammar."""

import re

from sfn_notebook.errors import ExpressionSyntaxError

_BLANKS = " \t\r\n"
_SHOWN_CHARACTERS = 200


class TextCursor:
    """Reads ``text[position:end]`` from left to right.

    A nested expression is read by another cursor over the same text, so that columns always count in what the author
    wrote.
    """

    __slots__ = ("end", "position", "text")

    def __init__(self, text: str, position: int = 0, end: int | None = None) -> None:
        self.text = text
        self.position = position
        self.end = len(text) if end is None else end

    @property
    def at_end(self) -> bool:
        """Whether everything was read."""
        return self.position >= self.end

    def peek(self) -> str:
        """The next character, or an empty string at the end."""
        return self.text[self.position] if self.position < self.end else ""

    def skip_blanks(self) -> None:
        """Move past blanks and line ends."""
        while self.position < self.end and self.text[self.position] in _BLANKS:
            self.position += 1

    def accept(self, token: str) -> bool:
        """Move past ``token`` if it comes next."""
        if self.text.startswith(token, self.position, self.end):
            self.position += len(token)
            return True
        return False

    def expect(self, token: str, purpose: str) -> None:
        """Move past blanks and ``token``, or fail.

        Raises:
            ExpressionSyntaxError: If something else comes next.
        """
        self.skip_blanks()
        if not self.accept(token):
            found = f"not {self.peek()!r}" if self.peek() else "but the text ends"
            raise self.error(f"expected {token!r} {purpose}, {found}.")

    def take(self, pattern: re.Pattern[str]) -> str:
        """Move past what ``pattern`` matches here and return it; an empty string if it does not match."""
        match = pattern.match(self.text, self.position, self.end)
        if match is None:
            return ""
        self.position = match.end()
        return match.group()

    def skip_quoted(self) -> None:
        """Move past a quoted string that begins here, quotes included.

        Raises:
            ExpressionSyntaxError: If the quote is never closed.
        """
        start, quote = self.position, self.peek()
        self.position += 1
        while not self.at_end:
            character = self.peek()
            self.position += 2 if character == "\\" else 1
            if character == quote:
                return
        raise self.error(f"the quote {quote} is never closed.", at=start)

    def skip_balanced(self) -> None:
        """Move past the bracket that begins here and everything inside it, quoted text respected.

        Raises:
            ExpressionSyntaxError: If the bracket is never closed.
        """
        start, depth = self.position, 0
        while not self.at_end:
            character = self.peek()
            if character in "'\"":
                self.skip_quoted()
                continue
            self.position += 1
            if character in "([{":
                depth += 1
            elif character in ")]}":
                depth -= 1
                if depth == 0:
                    return
        raise self.error(f"the bracket {self.text[start]} is never closed.", at=start)

    def error(self, reason: str, *, hint: str = "", at: int | None = None) -> ExpressionSyntaxError:
        """The error to raise at ``at`` (default: here); long texts are shown shortened."""
        column = (self.position if at is None else at) + 1
        shown = self.text if len(self.text) <= _SHOWN_CHARACTERS else f"{self.text[:_SHOWN_CHARACTERS]}..."
        return ExpressionSyntaxError(shown, column, reason, hint=hint)
