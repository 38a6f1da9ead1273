"""What the view of interactions is told: within limits, the latest first, and nothing twice."""

from dataclasses import replace

import pytest

from sfn_notebook.views.interaction_records import Excerpt, KeptTexts
from sfn_notebook.views.interactions import Interactions
from sfn_notebook.widgets import interaction_traits
from sfn_notebook.widgets.interaction_traits import interactions_trait
from sfn_notebook.widgets.interactions_widget import InteractionsWidget
from tests.widgets.event_runs import many_interactions


def _carrying(texts: list[str]) -> Interactions:
    rows = many_interactions(len(texts)).rows
    carried = zip(rows, texts, strict=True)
    return Interactions(
        rows=tuple(replace(row, exchange=KeptTexts(sent=Excerpt(text, len(text)))) for row, text in carried),
        origin_seconds=0.0,
    )


def test_of_very_many_the_latest_are_sent_and_the_others_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interaction_traits, "MOST_ROWS", 3)
    told = interactions_trait(many_interactions(5))
    assert (told["columns"]["at"], told["forgotten"]) == ([2.0, 3.0, 4.0], 2)


def test_the_same_text_is_sent_once() -> None:
    told = interactions_trait(_carrying(["{}", "[1]", "{}"]))
    assert told["texts"] == ["{}", "[1]"]
    assert told["columns"]["sent"] == [0, 1, 0]


def test_what_the_latest_carried_is_sent_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interaction_traits, "MOST_CHARACTERS", 6)
    told = interactions_trait(_carrying(["'old'", "'new'"]))
    assert told["texts"] == ["'new'", ""]
    assert told["cut"] == {"1": 5}


def test_its_text_is_the_same_on_every_machine_and_closing_empties_it() -> None:
    widget = InteractionsWidget(many_interactions(2))
    assert repr(widget) == "View of 2 interactions"
    widget.close()
    assert (widget.interactions, widget.services, widget.module) == ({}, {}, "")
