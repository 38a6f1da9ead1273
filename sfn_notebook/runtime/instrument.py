"""Observers of executions: they are told, they cannot change anything, and a failing one is dropped."""

import warnings
from collections.abc import Callable, Sequence
from typing import Generic, Protocol, TypeVar

Observed_contra = TypeVar("Observed_contra", contravariant=True)
Change_contra = TypeVar("Change_contra", contravariant=True)
Subject = TypeVar("Subject")
Item = TypeVar("Item")


class Instrument(Protocol[Observed_contra, Change_contra]):
    """What an observer may be told about an execution (first parameter) and its visits of states (second parameter)."""

    def on_transition(self, execution: Observed_contra, changes: Sequence[Change_contra]) -> None:
        """After each step: the visits that began, ended or changed."""

    def on_end(self, execution: Observed_contra) -> None:
        """Once, when the execution has ended or waits for something outside."""


class Observers(Generic[Subject, Item]):
    """The observers of one execution; without ``are_any`` nobody looks and no work is due."""

    def __init__(self) -> None:
        self._observers: list[Instrument[Subject, Item]] = []
        self.are_any = False

    def add(self, *observers: Instrument[Subject, Item]) -> None:
        """Let them look from now on."""
        self._observers.extend(observers)
        self.are_any = bool(self._observers)

    def transition(self, subject: Subject, changes: Sequence[Item]) -> None:
        """Tell everybody about a step."""
        for observer in tuple(self._observers):
            self._tell(observer, lambda each=observer: each.on_transition(subject, changes))  # type: ignore[misc]  # mypy cannot infer a lambda's default

    def end(self, subject: Subject) -> None:
        """Tell everybody about the end."""
        for observer in tuple(self._observers):
            self._tell(observer, lambda each=observer: each.on_end(subject))  # type: ignore[misc]  # as above

    def _tell(self, observer: Instrument[Subject, Item], call: Callable[[], None]) -> None:
        try:
            call()
        except Exception as error:  # noqa: BLE001 - whatever an observer does, the run goes on without it
            self._observers.remove(observer)
            self.are_any = bool(self._observers)
            name = type(observer).__name__
            warnings.warn(f"observer {name} failed and was dropped: {error!r}", RuntimeWarning, stacklevel=2)
