"""Rows about calls become steps that a person can read, however many there are."""

from dataclasses import dataclass

from sfn_notebook.views.interactions import (
    SHOWN_STEPS,
    Interaction,
    Interactions,
    Outcome,
    Party,
    PartyKind,
    fold,
    interaction_of,
    joined,
    party_of,
)
from sfn_notebook.views.typography import TIMES

WORK = Party(PartyKind.FUNCTION, "work")
WEEK_SECONDS = 7 * 86_400.0


@dataclass(kw_only=True)
class Row:
    kind: str
    at_seconds: float = 0.0
    request_id: str = "12345678-aaaa"
    function_name: str = "work"
    invocation_type: str = "Event"
    caller: str | None = None
    attempt: int = 0
    is_cold_start: bool = False
    init_seconds: float = 0.0
    duration_seconds: float = 0.0
    function_error: str | None = None
    reason: str | None = None
    target_arn: str | None = None
    failure: str | None = None


def _shown(*rows: Row) -> list[str]:
    interactions = joined(interaction_of(each) for each in rows)
    return repr(Interactions(rows=tuple(interactions), origin_seconds=0.0)).splitlines()[1:]


def _attempts(moments: list[float]) -> list[Interaction]:
    return [interaction_of(Row(kind="attempt", at_seconds=each, attempt=1, duration_seconds=2)) for each in moments]


def test_callers_and_targets_are_named_by_what_they_are() -> None:
    account = "us-east-1:123456789012"
    assert party_of(None) == Party(PartyKind.NOTEBOOK, "notebook")
    assert party_of("resize") == Party(PartyKind.FUNCTION, "resize")
    assert party_of(f"arn:aws:lambda:{account}:function:resize:live") == Party(PartyKind.FUNCTION, "resize")
    assert party_of(f"arn:aws:states:{account}:execution:Refund:run-1") == Party(PartyKind.MACHINE, "Refund")
    assert party_of(f"arn:aws:sqs:{account}:orders") == Party(PartyKind.QUEUE, "orders")
    assert party_of(f"arn:aws:events:{account}:event-bus/shop") == Party(PartyKind.BUS, "shop")
    assert party_of(f"arn:aws:events:{account}:rule/shop/nightly") == Party(PartyKind.RULE, "nightly")
    assert party_of(f"arn:aws:dynamodb:{account}:table/orders/stream/2026") == Party(PartyKind.STREAM, "orders")
    assert party_of("arn:aws:s3:::photos") == Party(PartyKind.BUCKET, "photos")


def test_an_event_is_told_from_its_acceptance_to_its_dead_letter() -> None:
    queue = "arn:aws:sqs:us-east-1:123456789012:dead"
    assert _shown(
        Row(kind="accepted", caller="order"),
        Row(kind="attempt", attempt=1, init_seconds=0.5, duration_seconds=0.2, function_error="Unhandled"),
        Row(kind="throttle", at_seconds=61, reason="ReservedFunctionConcurrentInvocationLimitExceeded"),
        Row(kind="dropped", at_seconds=61, reason="EventAgeExceeded"),
        Row(kind="dead letter", at_seconds=61, reason="EventAgeExceeded", target_arn=queue),
    ) == [
        "        0 s  · order → work       event  #12345678",
        "        0 s  ✗ work               attempt 1 failed, 200 ms, cold start 500 ms  #12345678",
        "             … 1 min pass",
        "  1 min 1 s  ‖ work               throttled: reserved concurrency  #12345678",
        "  1 min 1 s  ✗ work               given up: EventAgeExceeded  #12345678",
        "  1 min 1 s  · work → queue dead  dead letter: EventAgeExceeded  #12345678",
    ]


def test_a_record_for_a_function_is_told_once() -> None:
    audit = "arn:aws:lambda:us-east-1:123456789012:function:audit"
    lines = _shown(
        Row(kind="accepted", function_name="audit", caller="work", request_id="new"),
        Row(kind="destination", target_arn=audit, reason="Success"),
    )
    assert lines == ["  0 s  · work → audit  record: Success  #12345678"]


def test_a_delivery_that_failed_says_why() -> None:
    (line,) = _shown(Row(kind="destination", target_arn="arn:aws:sqs:::q", reason="Success", failure="KeyError: q"))
    assert "✗ work → queue q" in line
    assert "KeyError: q" in line


def test_many_throttles_are_one_step_with_their_number() -> None:
    throttles = [interaction_of(Row(kind="throttle", at_seconds=each)) for each in range(4998)]
    (step,) = fold(throttles)
    assert (step.count, step.words) == (4998, f"throttled {TIMES} 4,998")
    assert f"{TIMES} 4,998" in repr(Interactions(rows=tuple(throttles), origin_seconds=0.0))


def test_a_few_steps_stay_as_they_are() -> None:
    steps = fold(_attempts([0, 1, 2]))
    assert [each.count for each in steps] == [1, 1, 1]


def test_what_alternates_is_folded_between_long_pauses_when_there_is_too_much_of_it() -> None:
    throttle = Row(kind="throttle")
    rows = []
    for day in (0.0, 86_400.0):
        for number in range(100):
            rows += _attempts([day + number])
            throttle.at_seconds = day + number
            rows.append(interaction_of(throttle))
    assert [(each.first.what, each.count) for each in fold(rows)] == [
        ("attempt", 100),
        ("throttled", 100),
        ("attempt", 100),
        ("throttled", 100),
    ]


def test_a_week_stays_readable() -> None:
    rows = []
    for number in range(2016):
        at = number * 300.0
        for name in ("poll", "store"):
            row = Row(kind="attempt", at_seconds=at, function_name=name, attempt=1)
            row.function_error = "Unhandled" if number % 7 == 0 else None
            rows.append(interaction_of(row))
    lines = repr(Interactions(rows=tuple(rows), origin_seconds=0.0)).splitlines()
    assert len(lines) == 1 + 4
    assert "6 d 23 h" in lines[-1]


def test_even_a_thousand_functions_give_a_short_list() -> None:
    rows = [interaction_of(Row(kind="accepted", function_name=f"f{number}")) for number in range(1000)]
    lines = repr(Interactions(rows=tuple(rows), origin_seconds=0.0)).splitlines()
    assert len(lines) == SHOWN_STEPS + 2
    assert lines[-1] == f"  … and {1000 - SHOWN_STEPS} more kinds of interactions."


def test_hostile_names_cannot_reorder_or_break_the_list() -> None:
    row = Interaction(
        at_seconds=0.0,
        source=Party(PartyKind.QUEUE, "q\u202e\n\x1b[31m"),
        target=WORK,
        what="start",
        why="a\nb\u2066",
        outcome=Outcome.NONE,
    )
    text = repr(Interactions(rows=(row,), origin_seconds=0.0))
    assert len(text.splitlines()) == 2
    assert text.replace("\n", "").isprintable()
    assert "q\\u202e\\n\\u001b[31m" in text


def test_nothing_yet_says_so() -> None:
    assert repr(Interactions(rows=(), origin_seconds=0.0)) == "Nobody has called anybody yet."
