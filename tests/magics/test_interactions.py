"""``%sfn interactions`` and what interactions look like as a cell's value."""

import base64

import pytest

from sfn_notebook.magics.interaction_display import interaction_bundle
from sfn_notebook.views import sequence_diagram
from sfn_notebook.views.engines import NoGraphvizError
from sfn_notebook.views.interactions import Interactions
from sfn_notebook.workspace import Workspace
from tests.magics.notebook_shell import NotebookShell

EVENT = """@lambda_function(duration=2, retries=1)
def price(event):
    return 100 / event["amount"]
price.invoke({"amount": 0}, "Event")
workspace.advance()
"""


def test_the_verb_shows_what_the_method_returns(shell: NotebookShell, workspace: Workspace) -> None:
    shell.run(EVENT)
    shown = shell.run("%sfn interactions")
    assert repr(shown) == repr(workspace.interactions())
    assert "attempt 2 failed" in repr(shown)


def test_only_the_last_seconds_are_shown_when_asked(shell: NotebookShell) -> None:
    shell.run(EVENT)
    assert [each.what for each in shell.run("%sfn interactions --last 10")] == ["attempt", "given up"]


def test_a_cell_shows_a_list_and_a_picture(shell: NotebookShell, workspace: Workspace) -> None:
    shell.run(EVENT)
    format_ = shell.display_formatter.format  # type: ignore[union-attr]  # a shell has one
    for value, begins in ((workspace.interactions(), "who called whom"), (workspace.interactions().load("price"), " ")):
        data, metadata = format_(value)
        assert data["text/plain"].startswith(begins)
        assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
        assert metadata["image/png"]["width"] > 100


def test_nothing_to_draw_and_nothing_that_draws_leave_the_text(
    shell: NotebookShell, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert interaction_bundle(workspace.interactions()) == ({"text/plain": "Nobody has called anybody yet."}, {})
    assert interaction_bundle(workspace.interactions().load("price"))[0] == {"text/plain": "price was not called."}
    shell.run(EVENT)

    def refuse(_interactions: Interactions) -> bytes:
        raise NoGraphvizError("no engine")

    monkeypatch.setattr(sequence_diagram, "png", refuse)
    assert set(interaction_bundle(workspace.interactions())[0]) == {"text/plain"}
