"""Interactions as a list of lines, the same on every machine; it folds and draws nothing itself."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from sfn_notebook.views.interactions import SHOWN_STEPS, Interactions, Outcome, Party, PartyKind, Step
from sfn_notebook.views.typography import visible
from sfn_notebook.views.wording import duration_words

PAUSE_SECONDS: Final = 10.0
"""From here on, time in which nothing happens is told as such."""

_MARKS: Final = {Outcome.NONE: "·", Outcome.SUCCEEDED: "✓", Outcome.FAILED: "✗", Outcome.THROTTLED: "‖"}
_ID_CHARACTERS: Final = 8


def interactions_text(interactions: Interactions) -> str:
    """One line for each step: when, who, whom, what and why."""
    return "\n".join(_lines(interactions))


def _lines(interactions: Interactions) -> Iterator[str]:
    if not interactions:
        yield "Nobody has called anybody yet."
        return
    moment = datetime.fromtimestamp(interactions.origin_seconds, UTC)
    yield f"who called whom, from {moment:%Y-%m-%d %H:%M:%S} UTC: {_count(len(interactions), 'interaction')}"
    if interactions.forgotten:
        yield f"  {interactions.forgotten:,} older interactions are not kept."
    steps = interactions.steps()
    shown = steps[:SHOWN_STEPS]
    times = [time_words(step, interactions.origin_seconds) for step in shown]
    ways = [way_words(step) for step in shown]
    time_width, way_width = max(map(len, times)), max(map(len, ways))
    clock = interactions.origin_seconds
    for step, time, way in zip(shown, times, ways, strict=True):
        if (pause := pause_seconds(clock, step)) is not None:
            yield f"  {'':>{time_width}}  … {duration_words(pause)} pass"
        clock = max(clock, step.ended_seconds)
        yield f"  {time:>{time_width}}  {_MARKS[step.first.outcome]} {way:<{way_width}}  {_what(step)}".rstrip()
    if len(steps) > len(shown):
        yield f"  … and {_count(len(steps) - len(shown), 'more kind')} of interactions."


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _what(step: Step) -> str:
    id_words = f"  #{step.first.request_id[:_ID_CHARACTERS]}" if step.count == 1 and step.first.request_id else ""
    return f"{visible(step.words)}{id_words}"


def pause_seconds(clock_seconds: float, step: Step) -> float | None:
    """How long nothing happened before ``step``, if that is worth telling."""
    pause = round(step.first.at_seconds - clock_seconds, 3)
    return pause if pause >= PAUSE_SECONDS else None


def time_words(step: Step, origin_seconds: float) -> str:
    """When a step happens, from the beginning; from when to when for many."""
    begun = duration_words(round(step.first.at_seconds - origin_seconds, 3))
    if not step.lasts:
        return begun
    return f"{begun} – {duration_words(round(step.last_seconds - origin_seconds, 3))}"  # noqa: RUF001 - a span of time


def way_words(step: Step) -> str:
    """``notebook → resize``; one name for what a party does by itself."""
    source, target = step.first.source, step.first.target
    return party_words(source) if source == target else f"{party_words(source)} → {party_words(target)}"


def party_words(party: Party) -> str:
    """A name, with the kind of what is no function."""
    name = visible(party.name)
    match party.kind:
        case PartyKind.FUNCTION | PartyKind.NOTEBOOK | PartyKind.SERVICE | PartyKind.OTHERS:
            return name
        case _:
            return f"{party.kind} {name}"
