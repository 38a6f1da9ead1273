"""Answers of verbs: plain data in AWS's shapes that shows itself as a table or as JSON, the same on every machine."""

import json
from collections.abc import Iterable, Sequence

from sfn_notebook._json import JSONObject


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns under ``headings``, two spaces apart, no blanks at the end of a line."""
    lines = [tuple(headings), *(tuple(row) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    padded = ("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)
    return "\n".join(line.rstrip() for line in padded)


class Text(str):
    """Text that shows itself as it is, without quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


class Listing(list[JSONObject]):
    """Rows as AWS returns them; ``repr`` is ``shown``."""

    def __init__(self, rows: Iterable[JSONObject], shown: str) -> None:
        super().__init__(rows)
        self._shown = shown

    def __repr__(self) -> str:
        return self._shown


class JsonListing(list[JSONObject]):
    """Rows that show themselves as indented JSON."""

    def __repr__(self) -> str:
        return json.dumps(list(self), indent=2, ensure_ascii=False)


class Description(dict[str, object]):
    """A dictionary that shows itself as indented JSON."""

    def __repr__(self) -> str:
        return json.dumps(dict(self), indent=2, ensure_ascii=False)
