"""What a verb of ``%sfn`` works on, and what a verb is; it knows no verb."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from sfn_notebook.engine.execution import Execution
from sfn_notebook.errors import UnknownName
from sfn_notebook.magics.arguments import Arguments, Operand, Option, Usage
from sfn_notebook.workspace import StateMachine, Workspace


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """What a verb works on: the kernel's workspace and the notebook's variables, which are only read."""

    workspace: Workspace
    variables: Mapping[str, object]

    def machine(self, name: str) -> StateMachine:
        """The machine called ``name``, by name, ARN or variable.

        Raises:
            UnknownName: If there is none, with the nearest names.
        """
        short = _short(name)
        variable = self.variables.get(short)
        if short not in self.workspace.machines and isinstance(variable, StateMachine):
            return variable
        return self.workspace.machine(short)

    def execution(self, name: str | None) -> Execution:
        """The execution called ``name``, by name, ARN or variable; the latest one without a name.

        Raises:
            UnknownName: If there is none, with the nearest names.
        """
        short = None if name is None else _short(name)
        variable = None if short is None else self.variables.get(short)
        if short not in self.workspace.executions and isinstance(variable, Execution):
            return variable
        return self.workspace.execution(short)

    def executions(self, machine: str | None, status: str | None) -> list[Execution]:
        """The executions of a machine with a status, oldest first; ``None`` is any.

        Raises:
            UnknownName: If there is no such machine.
        """
        name = None if machine is None else self.machine(machine).name
        every = self.workspace.executions.values()
        return [each for each in every if name in {None, each.machine_name} and status in {None, each.status.value}]

    def subject(self, name: str | None) -> StateMachine | Execution:
        """The execution or the machine called ``name``; the latest execution without a name.

        Raises:
            UnknownName: If there is neither.
        """
        if name is None:
            return self.execution(None)
        try:
            return self.execution(name)
        except UnknownName as error:
            known = (*self.workspace.machines, *error.known)
        try:
            return self.machine(name)
        except UnknownName:
            raise UnknownName("state machine or execution", name, known) from None


def _short(name: str) -> str:
    return name.rpartition(":")[2] if name.startswith("arn:") else name


Body: TypeAlias = Callable[[Session, Arguments], object]


@dataclass(frozen=True, kw_only=True, slots=True)
class Verb:
    """One verb: its names, what it takes, what it does in one sentence, and the function that does it."""

    name: str
    summary: str
    body: Body
    aliases: tuple[str, ...] = ()
    operands: tuple[Operand, ...] = ()
    options: tuple[Option, ...] = ()
    method: str = ""

    @property
    def usage(self) -> Usage:
        """What follows the verb."""
        return Usage(command=f"%sfn {self.name}", operands=self.operands, options=self.options)
