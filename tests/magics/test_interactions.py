"""``%sfn interactions`` and what interactions look like as a cell's value."""

import base64
from types import SimpleNamespace
from typing import cast

import pytest
from IPython.core.interactiveshell import InteractiveShell

from sfn_notebook.magics import cell_views
from sfn_notebook.magics.comparison_display import ClosableView
from sfn_notebook.magics.interaction_display import interaction_bundle
from sfn_notebook.views import sequence_diagram
from sfn_notebook.views.engines import NoGraphvizError
from sfn_notebook.views.interactions import Interactions, Party, PartyKind
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


def test_where_there_is_a_kernel_interactions_bring_a_view(shell: NotebookShell, workspace: Workspace) -> None:
    shell.run(EVENT)
    kept: list[ClosableView] = []
    with_kernel = cast("InteractiveShell", SimpleNamespace(kernel=object()))
    data, metadata = interaction_bundle(workspace.interactions(), with_kernel, shown=kept.append)
    assert "application/vnd.jupyter.widget-view+json" in data
    assert data["text/plain"].startswith("who called whom")
    assert {"image/png"} == set(metadata)
    (view,) = kept
    view.close()


def test_the_verb_shows_what_one_service_holds(shell: NotebookShell, workspace: Workspace) -> None:
    shell.run('workspace.publish("news", "hello")\nworkspace.publish("other", "hello")')
    shown = shell.run("%sfn contents news")
    assert repr(shown) == repr(workspace.contents("news"))
    assert len(shell.run("%sfn contents")) == 2
    data, _ = shell.display_formatter.format(shown)  # type: ignore[union-attr]  # a shell has one
    assert data["text/plain"].startswith("topic news")
    assert "<table>" in data["text/html"]


def test_a_cell_that_starts_an_execution_elsewhere_tells_who_did(
    shell: NotebookShell, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[Party, str, int]] = []

    class View:
        def show(self, *_: object) -> None: ...

        def finish(self, *_: object) -> None: ...

        def show_waiting(self, *_: object) -> None: ...

        def refuse(self, *_: object) -> None: ...

        def on_msg(self, *_: object) -> None: ...

        def observe(self, *_: object, **__: object) -> None: ...

        def close(self) -> None: ...

        def show_origin(self, starter: Party, execution_arn: str, interactions: Interactions) -> None:
            told.append((starter, execution_arn, len(interactions)))

    monkeypatch.setattr(cell_views, "live_view", lambda *_, **__: View())
    machine = workspace.define("Ship", {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}})
    workspace.rule("orders", pattern={"source": ["shop"]}, targets=[machine])
    shell.run('workspace.put_events([{"Source": "shop", "DetailType": "order", "Detail": {}}])\nworkspace.advance()')
    machine.run({})
    assert told == [(Party(PartyKind.RULE, "orders"), workspace.execution("Ship-1").arn, 4)]
