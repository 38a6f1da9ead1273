"""What the view of interactions is told, as plain data within limits; it sends nothing.

Columns instead of rows, and each text once: of five thousand interactions most names, reasons and facts are the same.
"""

from collections.abc import Sequence
from typing import Final

from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.views.icons import GRID, icon_strokes
from sfn_notebook.views.interaction_records import Excerpt
from sfn_notebook.views.interaction_text import party_words
from sfn_notebook.views.interactions import Interaction, Interactions, Outcome, Party, PartyKind
from sfn_notebook.views.sequence_diagram import KIND_LOOKS
from sfn_notebook.views.service_contents import ServiceContents, ServiceRow, ServiceSection, ServiceTable
from sfn_notebook.views.svg import icon_path
from sfn_notebook.views.trace_texts import faithful
from sfn_notebook.views.typography import visible

MOST_ROWS: Final = 10_000
"""Interactions that are sent: the latest."""

MOST_CHARACTERS: Final = 1_500_000
"""Of what they carried, those of the latest first."""

_STATUSES: Final = {
    Outcome.NONE: "",
    Outcome.SUCCEEDED: "SUCCEEDED",
    Outcome.FAILED: "FAILED",
    Outcome.THROTTLED: "RETRYING",
}


class _Texts:
    """Texts by number, each once; what no longer fits is left out, and ``cut`` tells how long it would be."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.cut: dict[str, int] = {}
        self._numbers: dict[tuple[str, int], int] = {}
        self._room = MOST_CHARACTERS

    def number(self, excerpt: Excerpt | None) -> int:
        """-1 where there is nothing."""
        if excerpt is None:
            return -1
        key = (excerpt.text, excerpt.length)
        if key not in self._numbers:
            fits = len(excerpt.text) <= self._room
            text = faithful(excerpt.text) if fits else ""
            self._room -= len(text)
            self._numbers[key] = len(self.texts)
            if len(excerpt.text) < excerpt.length or not fits:
                self.cut[str(len(self.texts))] = excerpt.length
            self.texts.append(text)
        return self._numbers[key]


class _Names:
    """Short texts by number, each once."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._numbers: dict[str, int] = {}

    def number(self, text: str) -> int:
        if text not in self._numbers:
            self._numbers[text] = len(self.names)
            self.names.append(visible(text))
        return self._numbers[text]


def interactions_trait(interactions: Interactions) -> JSONObject:
    """Parties, columns with one entry for each interaction, and the texts and names that these refer to by number."""
    rows = interactions.rows[-MOST_ROWS:]
    parties = list(dict.fromkeys(party for each in rows for party in (each.source, each.target)))
    numbers = {party: number for number, party in enumerate(parties)}
    names, texts = _Names(), _Texts()
    # The latest first, as long as there is room.
    exchanges = [_exchange(each, texts) for each in reversed(rows)][::-1]
    columns: JSONObject = {
        "at": [round(each.at_seconds - interactions.origin_seconds, 6) for each in rows],
        "duration": [round(each.duration_seconds, 6) for each in rows],
        "init": [round(each.init_seconds, 6) for each in rows],
        "cold": [int(each.is_cold_start) for each in rows],
        "source": [numbers[each.source] for each in rows],
        "target": [numbers[each.target] for each in rows],
        "what": [names.number(each.what) for each in rows],
        "why": [names.number(each.why) for each in rows],
        "status": [names.number(_STATUSES[each.outcome]) for each in rows],
        "attempt": [each.attempt for each in rows],
        "request": [names.number(each.request_id) for each in rows],
        "execution": [names.number(each.execution) for each in rows],
        "error": [names.number(each.error) for each in rows],
        "facts": [_facts(each, names) for each in rows],
        "sent": [sent for sent, _, _ in exchanges],
        "answer": [answer for _, answer, _ in exchanges],
        "log": [log for _, _, log in exchanges],
    }
    return {
        "origin": interactions.origin_seconds,
        "forgotten": interactions.forgotten + len(interactions.rows) - len(rows),
        "parties": [_party(each) for each in parties],
        "columns": columns,
        "names": names.names,
        "texts": texts.texts,
        "cut": texts.cut,
    }


def _exchange(interaction: Interaction, texts: _Texts) -> tuple[int, int, int]:
    exchange = interaction.exchange
    if exchange is None:
        return (-1, -1, -1)
    return texts.number(exchange.sent), texts.number(exchange.answer), texts.number(_plain_spaces(exchange.log))


def _plain_spaces(log: Excerpt | None) -> Excerpt | None:
    """Lambda indents tracebacks with no-break spaces, which would be shown as escapes."""
    return None if log is None else Excerpt(log.text.replace("\u00a0", " "), log.length)


def _facts(interaction: Interaction, names: _Names) -> list[JSONValue]:
    return [names.number(text) for fact in interaction.facts for text in fact]


def _party(party: Party) -> JSONObject:
    look, icon = KIND_LOOKS[party.kind]
    has_kind = party.kind not in {PartyKind.NOTEBOOK, PartyKind.OTHERS}
    return {
        "name": visible(party.name),
        "kind": str(party.kind) if has_kind else "",
        "words": party_words(party),
        "look": look,
        "icon": icon_path(icon_strokes(icon, 0, 0, GRID)),
    }


def services_trait(contents: ServiceContents | None) -> JSONObject:
    """The tables with their texts; empty where there are none to show."""
    if contents is None:
        return {}
    texts = _Texts()
    tables: list[JSONValue] = [_table(each, texts) for each in contents.tables]
    return {"tables": tables, "note": visible(contents.note), "texts": texts.texts, "cut": texts.cut}


def _table(table: ServiceTable, texts: _Texts) -> JSONObject:
    return {
        "party": _party(table.party),
        "facts": [[name, visible(value)] for name, value in table.facts],
        "sections": [_section(each, texts) for each in table.sections],
    }


def _section(section: ServiceSection, texts: _Texts) -> JSONObject:
    return {
        "heading": section.heading,
        "columns": list(section.columns),
        "rows": _rows(section.rows, texts),
        "left_out": section.total - len(section.rows),
        "is_latest": section.is_latest,
    }


def _rows(rows: Sequence[ServiceRow], texts: _Texts) -> list[JSONValue]:
    return [[[visible(cell) for cell in row.cells], texts.number(row.payload)] for row in rows]
