"""``%%asl NAME``: a cell that defines a state machine, and its problems in the cell's own lines; it draws nothing."""

import builtins
import keyword
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final, Literal

from sfn_notebook._json import JSONObject
from sfn_notebook.engine.log_events import LEVELS as LOG_LEVELS
from sfn_notebook.errors import DefinitionError, InvalidInput, Problem, did_you_mean, readable
from sfn_notebook.magics.arguments import Arguments, Kind, Operand, Option, Usage, parse, read_input
from sfn_notebook.workspace import StateMachine, Workspace

USAGE: Final = Usage(
    command="%%asl",
    operands=(Operand(name="NAME", summary="A Python identifier: the state machine's name and variable."),),
    options=(
        Option(
            name="--type",
            kind=Kind.CHOICE,
            metavar="STANDARD|EXPRESS",
            choices=("STANDARD", "EXPRESS"),
            summary="The kind of workflow; STANDARD by default.",
        ),
        Option(
            name="--format",
            kind=Kind.CHOICE,
            metavar="json|yaml",
            choices=("json", "yaml"),
            summary="How the cell is written; its first character tells otherwise.",
        ),
        Option(
            name="--log-level",
            kind=Kind.CHOICE,
            metavar="LEVEL",
            choices=LOG_LEVELS,
            summary="What its executions log: ALL, ERROR, FATAL or OFF; that of --logging, or OFF, by default.",
        ),
        Option(
            name="--logging",
            kind=Kind.INPUT,
            metavar="JSON|VARIABLE",
            summary="A loggingConfiguration as CreateStateMachine takes it: JSON text, or a variable's name.",
        ),
        Option(name="--no-graph", kind=Kind.FLAG, summary="Define only, draw nothing."),
    ),
)
"""What stands on the first line of the cell."""

_LINES_ABOVE_BODY: Final = 1
_FRAMED_PROBLEMS: Final = 3
_LISTED_PROBLEMS: Final = 40
_FRAME_WIDTH: Final = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class AslCell:
    """A cell that was read: its machine, the options given, and what the author should know, line by line."""

    machine: StateMachine
    arguments: Arguments
    notes: tuple[str, ...]


class CellDefinitionError(DefinitionError):
    """A ``DefinitionError`` whose lines are the cell's, and which shows the first offending ones."""

    def __init__(self, error: DefinitionError, body: str) -> None:
        super().__init__(error.name, [_in_cell(problem) for problem in error.problems])
        self._lines = ["", *body.split("\n")]

    def _render_traceback_(self) -> list[str]:
        """One block: each problem, the first few with their lines."""
        head = str(self).splitlines()[0]
        return [readable("\n".join([f"DefinitionError: {head}", *self._blocks()]))]

    def _blocks(self) -> Iterator[str]:
        for index, problem in enumerate(self.problems[:_LISTED_PROBLEMS]):
            yield f"  {problem}"
            if index < _FRAMED_PROBLEMS:
                yield from code_frame(self._lines, problem)
        left_out = len(self.problems) - _LISTED_PROBLEMS
        if left_out > 0:
            yield f"  ... and {left_out} more."


def _in_cell(problem: Problem) -> Problem:
    """The same problem, its lines counted as the notebook counts them: the cell's first line is the magic's own."""
    if not problem.line:
        return problem
    end_line = problem.end_line + _LINES_ABOVE_BODY if problem.end_line else 0
    return replace(problem, line=problem.line + _LINES_ABOVE_BODY, end_line=end_line)


def code_frame(lines: Sequence[str], problem: Problem) -> Iterator[str]:
    """The offending line of ``lines`` with the one before and carets below; nothing for a problem without a place."""
    if not 1 <= problem.line <= len(lines):
        return
    line = lines[problem.line - 1]
    column = min(max(problem.column, 1), len(line) + 1)
    start = max(0, column - _FRAME_WIDTH * 2 // 3) if len(line) > _FRAME_WIDTH else 0
    width = len(str(problem.line))
    if problem.line > 1 and lines[problem.line - 2].strip():
        yield f"      {problem.line - 1:>{width}} | {_window(lines[problem.line - 2], start)}"
    yield f"    > {problem.line} | {_window(line, start)}"
    end = problem.end_column if problem.end_line == problem.line else len(line) + 1
    carets = max(1, min(end - column, _FRAME_WIDTH - (column - 1 - start)))
    yield f"      {' ' * width} | {' ' * (column - 1 - start)}{'^' * carets}"


def _window(line: str, start: int) -> str:
    return line[start : start + _FRAME_WIDTH].replace("\t", " ").rstrip()


def define_from_cell(
    workspace: Workspace, line: str, body: str, variables: Mapping[str, object] = MappingProxyType({})
) -> AslCell:
    """Define the machine of a cell whose first line says ``line``; ``variables`` are what its options may name.

    Raises:
        CellDefinitionError: With everything that is wrong in the body.
        InvalidInput: For a first line that cannot be used; also UnknownName.
    """
    arguments = parse(USAGE, line)
    name = checked_name(arguments.operands["NAME"])
    stated = arguments.text("--format")
    text_format: Literal["json", "yaml"] | None = "json" if stated == "json" else "yaml" if stated else None
    try:
        machine = workspace.define(
            name,
            body,
            type=arguments.text("--type") or "STANDARD",
            format=text_format,
            logging=_logging_in(arguments, variables),
        )
    except DefinitionError as error:
        raise CellDefinitionError(error, body) from None
    return AslCell(machine=machine, arguments=arguments, notes=tuple(_notes(machine, workspace)))


def _logging_in(arguments: Arguments, variables: Mapping[str, object]) -> JSONObject | None:
    """The loggingConfiguration of ``--logging``, with the level of ``--log-level``; ``None`` without either."""
    word, level = arguments.options.get("--logging"), arguments.text("--log-level")
    given = {} if word is None else read_input(word, variables, "--logging")
    if not isinstance(given, dict):
        hint = 'Write {"level": "ALL", "includeExecutionData": true}, with "destinations" for a log group.'
        raise InvalidInput("--logging takes an object.", hint=hint)
    return {**given, **({} if level is None else {"level": level})} or None


def checked_name(name: str) -> str:
    """``name`` if a variable can be called so.

    Raises:
        InvalidInput: If not, with a name that would do.
    """
    if name.isidentifier() and not keyword.iskeyword(name) and not hasattr(builtins, name):
        return name
    better = "".join(part[:1].upper() + part[1:] for part in _words(name))
    remedy = f"Use a Python identifier, such as {better}." if better.isidentifier() else "Use a Python identifier."
    reason = "is a name of Python's own" if name.isidentifier() else "cannot be the name of a variable"
    raise InvalidInput(f"%%asl {name}: {name!r} {reason}.", hint=remedy)


def _words(name: str) -> list[str]:
    return "".join(character if character.isalnum() else " " for character in name).lstrip(" 0123456789").split()


def _notes(machine: StateMachine, workspace: Workspace) -> Iterator[str]:
    for warning in machine.warnings:
        yield f"Warning: {_in_cell(warning)}"
    unbound = machine.unbound
    if unbound:
        yield f"Not defined yet: {', '.join(unbound)}."
        for name in unbound:
            if suggestion := did_you_mean(name, workspace.registry.names):
                yield f"  {name}: {suggestion}"


def replacement_note(name: str, present: object) -> str | None:
    """What to tell when the name stood for something else than a machine; ``None`` when there is nothing to tell.

    The cell is obeyed all the same, as ``NAME = ...`` would be: refusing would make a re-run depend on the order of
    cells, and the line tells what became of the old value.
    """
    if present is None or isinstance(present, StateMachine):
        return None
    return f"Note: {name} was a value of type {type(present).__name__}; it now is this state machine."
