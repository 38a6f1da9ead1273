"""What ``%load_ext sfn_notebook`` puts into a shell, and ``%unload_ext`` takes out again; each part lives elsewhere."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, cell_magic, line_magic, magics_class, no_var_expand
from IPython.display import display

from sfn_notebook.magics.asl_cell import USAGE, define_from_cell, replacement_note
from sfn_notebook.magics.cell_names import CellNames
from sfn_notebook.magics.completion import matchers
from sfn_notebook.magics.display import RunDisplays
from sfn_notebook.magics.pictures import picture_of
from sfn_notebook.magics.session import Session
from sfn_notebook.magics.sfn_line import run_line
from sfn_notebook.workspace import Workspace, current_workspace

NOTEBOOK_NAMES: Final = ("lambda_function", "StateMachine")
"""What a notebook's author needs by name, put into the notebook, beside ``workspace``, unless the author uses the names
otherwise."""


@magics_class
class SfnMagics(Magics):
    """The two magics of the package, over one workspace."""

    def __init__(self, shell: InteractiveShell, workspace: Workspace) -> None:
        super().__init__(shell)
        self._shell = shell
        self.workspace = workspace
        self.session = Session(workspace=workspace, variables=shell.user_ns)

    @cell_magic
    @no_var_expand
    def asl(self, line: str, cell: str) -> None:
        """Define a state machine: ``%%asl NAME [--type STANDARD|EXPRESS] [--format json|yaml] [--log-level ALL]``."""
        read = define_from_cell(self.workspace, line, cell, self.session.variables)
        name = read.machine.name
        note = replacement_note(name, self.session.variables.get(name))
        self._shell.push({name: read.machine})  # type: ignore[no-untyped-call]  # IPython leaves it untyped
        if not read.arguments.has("--no-graph"):
            display(picture_of(read.machine))  # type: ignore[no-untyped-call]  # as above
        for each in (*read.notes, *filter(None, [note])):
            print(each)  # noqa: T201 - the notebook's own output

    @line_magic
    @no_var_expand
    def sfn(self, line: str) -> object:
        """Work with state machines and executions: ``%sfn help`` lists the verbs."""
        return run_line(self.session, line)


class _Loaded:
    """What was put into one shell, with the way to take each part out."""

    def __init__(self, shell: InteractiveShell, workspace: Workspace) -> None:
        self._undo: list[Callable[[], object]] = []
        magics = SfnMagics(shell, workspace)
        self._add_magics(shell, magics)
        self._add_matchers(shell, magics.session)
        self._add_display(shell, workspace)
        self._add_names(shell, workspace)

    def unload(self) -> None:
        """Take everything out, the last first."""
        while self._undo:
            self._undo.pop()()

    def _add_magics(self, shell: InteractiveShell, magics: SfnMagics) -> None:
        shell.register_magics(magics)
        registered = shell.magics_manager.magics
        self._undo += [lambda: registered["cell"].pop("asl", None), lambda: registered["line"].pop("sfn", None)]
        self._undo.append(lambda: shell.magics_manager.registry.pop(SfnMagics.__name__, None))

    def _add_matchers(self, shell: InteractiveShell, session: Session) -> None:
        completer: Any = shell.Completer
        if completer is None:  # a shell without completion
            return
        custom: list[Any] = completer.custom_matchers
        added = matchers(session, USAGE)
        custom.extend(added)
        self._undo += [partial(_discard, custom, each) for each in added]

    def _add_display(self, shell: InteractiveShell, workspace: Workspace) -> None:
        names = CellNames(shell)
        shell.events.register("pre_run_cell", names.begin_cell)
        displays = RunDisplays(shell, names)
        before, workspace.source_name = workspace.source_name, names
        workspace.observer_factories.append(displays.observer_for)
        displays.install()
        self._undo += [
            lambda: shell.events.unregister("pre_run_cell", names.begin_cell),
            lambda: setattr(workspace, "source_name", before),
            lambda: workspace.observer_factories.remove(displays.observer_for),
            displays.uninstall,
        ]

    def _add_names(self, shell: InteractiveShell, workspace: Workspace) -> None:
        import sfn_notebook

        wanted = {name: getattr(sfn_notebook, name) for name in NOTEBOOK_NAMES} | {"workspace": workspace}
        free = {name: value for name, value in wanted.items() if name not in shell.user_ns}
        shell.push(free, interactive=False)  # type: ignore[no-untyped-call]  # as above
        self._undo.append(lambda: shell.drop_by_id(free))  # type: ignore[no-untyped-call]  # as above


def _discard(items: list[Any], item: object) -> None:
    if item in items:
        items.remove(item)


_loaded: dict[InteractiveShell, _Loaded] = {}


def load(shell: InteractiveShell, workspace: Workspace | None = None) -> None:
    """Put magics, completion and display into ``shell``; a second time changes nothing."""
    if shell not in _loaded:
        _loaded[shell] = _Loaded(shell, workspace if workspace is not None else current_workspace())


def unload(shell: InteractiveShell) -> None:
    """Take out of ``shell`` what ``load`` put in; what the author defined stays."""
    loaded = _loaded.pop(shell, None)
    if loaded is not None:
        loaded.unload()
