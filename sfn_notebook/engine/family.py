"""Executions that start one another: where one of them goes on, all do; it knows no state and no time."""

from typing import Protocol

from sfn_notebook.engine.status import ExecutionStatus


class Member(Protocol):
    """What a family asks of an execution."""

    @property
    def status(self) -> ExecutionStatus:
        """Where it stands."""

    def tell_observers(self) -> None:
        """Tell those who look that it has ended, or waits."""

    def abort(self, *, error: str | None = None, cause: str | None = None) -> None:
        """End it now, without going on with the others."""


class Family:
    """An execution, those that it started, those that they started, and so on."""

    __slots__ = ("_members",)

    def __init__(self, founder: Member) -> None:
        self._members = [founder]

    def add(self, member: Member) -> None:
        """Another one was started."""
        self._members.append(member)

    def take_back(self, member: Member) -> None:
        """One that had ended goes on."""
        if member not in self._members:
            self._members.append(member)

    def is_settled(self) -> bool:
        """Whether all have ended; the last ones that have are forgotten, so that asking often costs little."""
        members = self._members
        while members and members[-1].status is not ExecutionStatus.RUNNING:
            members.pop()
        return not members

    def tell_pause(self) -> None:
        """Tell the observers of those that wait."""
        for member in tuple(self._members):
            if member.status is ExecutionStatus.RUNNING:
                member.tell_observers()

    def abort(self, *, error: str | None = None, cause: str | None = None) -> None:
        """End all that run, the latest first."""
        for member in tuple(reversed(self._members)):
            member.abort(error=error, cause=cause)
