"""Observers are told, and a failing one is dropped with its name."""

from collections.abc import Sequence

import pytest

from sfn_notebook.runtime.instrument import Observers


class _Recorder:
    def __init__(self) -> None:
        self.seen: list[object] = []

    def on_transition(self, execution: str, changes: Sequence[int]) -> None:
        self.seen.append((execution, tuple(changes)))

    def on_end(self, execution: str) -> None:
        self.seen.append(execution)


class _Broken(_Recorder):
    def on_transition(self, execution: str, changes: Sequence[int]) -> None:
        raise ZeroDivisionError(execution, changes)


def test_a_failing_observer_is_named_and_dropped_and_the_others_go_on() -> None:
    observers: Observers[str, int] = Observers()
    recorder = _Recorder()
    observers.add(_Broken(), recorder)
    with pytest.warns(RuntimeWarning, match="observer _Broken failed and was dropped"):
        observers.transition("run", [1])
    observers.transition("run", [2])
    observers.end("run")
    assert recorder.seen == [("run", (1,)), ("run", (2,)), "run"]


def test_nobody_looking_is_false() -> None:
    assert not Observers().are_any
