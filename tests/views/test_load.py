"""How busy a function was, counted over time."""

from sfn_notebook.views import load_chart
from sfn_notebook.views.canvas import canvas_source
from sfn_notebook.views.interactions import NOTEBOOK, Interaction, Interactions, Outcome, Party, PartyKind
from sfn_notebook.views.load import SLICES, Load

WORK = Party(PartyKind.FUNCTION, "work")


def _queue_of_two() -> Interactions:
    """Two events at 100 s, one environment: the second waits while the first takes 60 s."""
    rows = [Interaction(at_seconds=100.0, source=NOTEBOOK, target=WORK, what="event") for _ in range(2)]
    rows += [
        Interaction(
            at_seconds=at,
            source=WORK,
            target=WORK,
            what="attempt",
            outcome=Outcome.SUCCEEDED,
            attempt=1,
            duration_seconds=60.0,
        )
        for at in (100.0, 160.0)
    ]
    rows.insert(3, Interaction(at_seconds=100.0, source=WORK, target=WORK, what="throttled"))
    return Interactions(rows=tuple(rows), origin_seconds=100.0)


def test_what_waits_runs_and_was_throttled_is_counted_over_time() -> None:
    load = _queue_of_two().load("work")
    assert load.whole_seconds == 120.0
    first, second = load.slices[: SLICES // 2], load.slices[SLICES // 2 :]
    assert {each.waiting for each in first} == {1}
    assert {each.waiting for each in second[1:]} == {0}
    assert {each.running for each in load.slices} == {1}
    assert [load.slices[0].throttled, sum(each.throttled for each in load.slices)] == [1, 1]
    assert sum(each.done for each in load.slices) == 2


def test_the_table_begins_with_its_headings() -> None:
    lines = repr(_queue_of_two().load("work")).splitlines()
    assert lines[0].split() == ["from", "waiting", "running", "throttled", "done"]
    assert lines[1].split() == ["0", "s", "1", "1", "1", "0"]


def test_a_function_that_was_not_called_has_no_load() -> None:
    assert repr(_queue_of_two().load("other")) == "other was not called."


def test_calls_that_take_no_time_have_a_load_too() -> None:
    row = Interaction(at_seconds=5.0, source=NOTEBOOK, target=WORK, what="call", outcome=Outcome.SUCCEEDED)
    load = Load.of([row], "work")
    assert sum(each.done for each in load.slices) == 1
    assert load_chart.png(load).startswith(b"\x89PNG")


def test_the_chart_says_the_highest_numbers_in_words() -> None:
    source = canvas_source(load_chart.scene_of_load(_queue_of_two().load("work")))
    assert "at most 1 at a time" in source
    assert "at most 1 per column" in source
    assert load_chart.png(_queue_of_two().load("work")).startswith(b"\x89PNG")
