"""What services hold, as text and as HTML: bounded, and nothing in it is markup."""

from sfn_notebook.views.interactions import Party, PartyKind
from sfn_notebook.views.service_contents import (
    SHOWN_ROWS,
    ServiceContents,
    ServiceRow,
    ServiceSection,
    ServiceTable,
)


def _contents(*bodies: str, is_latest: bool = False) -> ServiceContents:
    rows = tuple(ServiceRow(cells=(str(number), body)) for number, body in enumerate(bodies))
    section = ServiceSection(
        title="messages", single="message", columns=("No", "Body"), rows=rows, total=len(rows), is_latest=is_latest
    )
    table = ServiceTable(party=Party(PartyKind.QUEUE, "orders"), facts=(("visible", "2"),), sections=(section,))
    return ServiceContents(tables=(table,))


def test_a_table_has_a_line_for_each_row_under_its_columns() -> None:
    assert repr(_contents("a", "bc")).splitlines() == [
        "queue orders: visible 2",
        "  2 messages",
        "    No  Body",
        "    0   a",
        "    1   bc",
    ]
    assert "  no messages" in repr(_contents())
    assert "  1 message\n" in repr(_contents("a"))


def test_of_many_rows_the_first_or_the_latest_are_shown_and_the_rest_is_counted() -> None:
    bodies = [f"body {number}" for number in range(SHOWN_ROWS + 5)]
    assert repr(_contents(*bodies)).splitlines()[-1] == "    … 5 more"
    latest = repr(_contents(*bodies, is_latest=True))
    assert "body 24" in latest
    assert "body 4" not in latest
    assert latest.splitlines()[-1] == "    … 5 earlier"


def test_long_cells_are_cut_and_markup_is_text() -> None:
    contents = _contents("x" * 500, "<script>alert(1)</script>\u202e")
    assert max(map(len, repr(contents).splitlines())) < 80
    shown = contents._repr_html_()
    assert "<script" not in shown
    assert "&lt;script&gt;" in shown
    assert "\u202e" not in shown


def test_nothing_to_show_says_so_and_a_note_stands_below() -> None:
    empty = ServiceContents(tables=(), note="The services are elsewhere.")
    assert repr(empty) == "There is no queue, topic, bus, table or bucket.\nThe services are elsewhere."
    assert "elsewhere" in empty._repr_html_()
