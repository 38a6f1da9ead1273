"""Which runs a cell shows and how much of each, and how machines and executions look as a cell's value."""

from typing import Any, Final

from IPython.core.interactiveshell import InteractiveShell

from sfn_notebook.engine.execution import Execution, ExecutionInstrument
from sfn_notebook.magics.cell_output import current_cell, id_of_cell
from sfn_notebook.magics.comparison_display import ClosableView, comparison_bundle
from sfn_notebook.magics.interaction_display import interaction_bundle
from sfn_notebook.magics.pictures import Bundle, picture_of
from sfn_notebook.magics.run_display import LineDisplay, RunDisplay
from sfn_notebook.magics.user_errors import SourceName
from sfn_notebook.views.interactions import Interactions
from sfn_notebook.views.load import Load
from sfn_notebook.workspace import StateMachine
from sfn_notebook.workspace.comparison import Comparison

SHOWN_IN_FULL: Final = 3
"""Runs of one cell that are drawn: a loop over a hundred orders shall not draw a hundred graphs."""

SHOWN_AS_LINES: Final = 20
"""Further runs of the cell that are told in one line each."""


class RunDisplays:
    """The displays of one shell: makes one for each run, and knows what the current cell has shown already."""

    def __init__(self, shell: InteractiveShell, source_name: SourceName) -> None:
        self._shell = shell
        self._source_name = source_name
        self._count = 0
        self._shown: set[str] = set()
        self._views: dict[str, list[ClosableView]] = {}

    def begin_cell(self, *_: object) -> None:
        """A new cell has shown nothing yet, and what it showed when it ran before is gone."""
        self._count, self._shown = 0, set()
        cell_id = id_of_cell(current_cell(self._shell))
        for view in self._views.pop(cell_id, []) if cell_id is not None else []:
            view.close()

    def observer_for(self, execution: Execution) -> ExecutionInstrument | None:
        """The display of a run that is about to start; ``None`` when the cell has shown enough."""
        self._count += 1
        if self._count <= SHOWN_IN_FULL:
            return RunDisplay(
                execution,
                shell=self._shell,
                source_name=self._source_name,
                ended=self._note_shown,
                keep=self._keep,
            )
        number = self._count - SHOWN_IN_FULL
        return LineDisplay(is_last=number > SHOWN_AS_LINES) if number <= SHOWN_AS_LINES + 1 else None

    def _note_shown(self, execution: Execution) -> None:
        self._shown.add(execution.arn)

    def _keep(self, view: ClosableView) -> None:
        """A front end keeps a view, with all it shows, until it is closed, whether or not its cell is run again."""
        cell_id = id_of_cell(current_cell(self._shell))
        if cell_id is not None:
            self._views.setdefault(cell_id, []).append(view)

    def bundle(self, subject: StateMachine | Execution) -> Bundle:
        """The value of a cell: a picture, or one line for a run whose result the same cell shows already."""
        if isinstance(subject, Execution) and subject.arn in self._shown:
            return {"text/plain": repr(subject)}, {}
        return picture_of(subject).bundle()

    def install(self) -> None:
        """Let IPython show machines and executions so, and tell when a cell begins."""
        self._shell.events.register("pre_run_cell", self.begin_cell)
        for each in (Execution, StateMachine):
            self._formatter().for_type(each, self._format)
        self._formatter().for_type(Comparison, self._format_comparison)
        for kind in (Interactions, Load):
            self._formatter().for_type(kind, self._format_interactions)

    def uninstall(self) -> None:
        """Undo ``install``."""
        self._shell.events.unregister("pre_run_cell", self.begin_cell)
        for each in (Execution, StateMachine, Comparison, Interactions, Load):
            self._formatter().pop(each, None)

    def _format(self, subject: StateMachine | Execution, **_: object) -> Bundle:
        return self.bundle(subject)

    def _format_comparison(self, subject: Comparison, **_: object) -> Bundle:
        return comparison_bundle(subject, self._shell, shown=self._keep)

    def _format_interactions(self, subject: Interactions | Load, **_: object) -> Bundle:
        return interaction_bundle(subject, self._shell, shown=self._keep)

    def _formatter(self) -> Any:
        formatter: Any = self._shell.display_formatter
        return formatter.mimebundle_formatter
