"""What queues, topics, buses, tables and buckets hold, as small tables in text and HTML; it reads no service."""

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sfn_notebook.views.interaction_records import Excerpt
from sfn_notebook.views.interaction_text import party_words
from sfn_notebook.views.interactions import Party
from sfn_notebook.views.typography import visible

SHOWN_ROWS: Final = 20
"""Rows of one table in text and HTML; the rest is counted."""

_LONGEST_CELL: Final = 60
_CELL_STYLE: Final = "text-align:left;vertical-align:top;padding:2px 12px 2px 0"


@dataclass(frozen=True, kw_only=True, slots=True)
class ServiceRow:
    """One row: a text for each column, and what there is more of it as JSON."""

    cells: tuple[str, ...]
    payload: Excerpt | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ServiceSection:
    """Things of one kind: ``total`` of them, of which ``rows`` has the first or, of what has happened, the latest.

    ``title`` and ``single`` say what they are, many of them and one.
    """

    title: str
    single: str
    columns: tuple[str, ...]
    rows: tuple[ServiceRow, ...]
    total: int
    is_latest: bool = False

    @property
    def heading(self) -> str:
        """How many there are: ``3 messages``, ``no items``."""
        number = f"{self.total:,}" if self.total else "no"
        return f"{number} {self.single if self.total == 1 else self.title}"


@dataclass(frozen=True, kw_only=True, slots=True)
class ServiceTable:
    """One queue, topic, bus, table or bucket; ``facts`` are names and values that hold for all of it."""

    party: Party
    facts: tuple[tuple[str, str], ...]
    sections: tuple[ServiceSection, ...]


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class ServiceContents:
    """What the services hold at one moment; shows itself as text and as HTML. ``note`` tells what could not be read."""

    tables: tuple[ServiceTable, ...]
    note: str = ""

    def __len__(self) -> int:
        return len(self.tables)

    def __iter__(self) -> Iterator[ServiceTable]:
        return iter(self.tables)

    def __getitem__(self, name: str) -> ServiceTable:
        """The first one of that name.

        Raises:
            KeyError: If there is none.
        """
        for each in self.tables:
            if each.party.name == name:
                return each
        raise KeyError(name)

    def __repr__(self) -> str:
        return "\n".join(_text_lines(self))

    def _repr_html_(self) -> str:
        return "".join(_html_parts(self))


_NOTHING: Final = "There is no queue, topic, bus, table or bucket."


def _text_lines(contents: ServiceContents) -> Iterator[str]:
    if not contents.tables:
        yield _NOTHING
    for table in contents:
        facts = ", ".join(f"{name} {visible(value)}" for name, value in table.facts)
        yield ": ".join(filter(None, [party_words(table.party), facts]))
        for section in table.sections:
            yield from _section_lines(section)
    if contents.note:
        yield contents.note


def _section_lines(section: ServiceSection) -> Iterator[str]:
    if not section.rows:
        yield f"  {section.heading}"
        return
    rows = _shown(section)
    lines = [section.columns, *([_short(cell) for cell in row.cells] for row in rows)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(section.columns))]
    yield f"  {section.heading}"
    for line in lines:
        yield "    " + "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
    yield from ("    " + words for words in _rest(section, len(rows)))


def _shown(section: ServiceSection) -> Sequence[ServiceRow]:
    return section.rows[-SHOWN_ROWS:] if section.is_latest else section.rows[:SHOWN_ROWS]


def _rest(section: ServiceSection, shown: int) -> Iterator[str]:
    if section.total > shown:
        yield f"… {section.total - shown:,} {'earlier' if section.is_latest else 'more'}"


def _short(text: str) -> str:
    line = visible(text)
    return f"{line[: _LONGEST_CELL - 1]}…" if len(line) > _LONGEST_CELL else line


def _html_parts(contents: ServiceContents) -> Iterator[str]:
    yield "<div>"
    if not contents.tables:
        yield f"<p>{_NOTHING}</p>"
    for table in contents:
        facts = " · ".join(f"{name} {visible(value)}" for name, value in table.facts)
        yield f"<p><b>{_escaped(party_words(table.party))}</b> {_escaped(facts)}</p>"
        for section in table.sections:
            yield from _section_parts(section)
    if contents.note:
        yield f"<p>{_escaped(contents.note)}</p>"
    yield "</div>"


def _section_parts(section: ServiceSection) -> Iterator[str]:
    if not section.rows:
        yield f"<p>{_escaped(section.heading)}</p>"
        return
    rows = _shown(section)
    yield f'<table><caption style="text-align:left">{_escaped(section.heading)}</caption><tr>'
    yield from (f'<th style="{_CELL_STYLE}">{_escaped(column)}</th>' for column in section.columns)
    yield "</tr>"
    for row in rows:
        yield "<tr>"
        yield from (f'<td style="{_CELL_STYLE}">{_escaped(_short(cell))}</td>' for cell in row.cells)
        yield "</tr>"
    yield "</table>"
    yield from (f"<p>{_escaped(words)}</p>" for words in _rest(section, len(rows)))


def _escaped(text: str) -> str:
    return html.escape(visible(text))
