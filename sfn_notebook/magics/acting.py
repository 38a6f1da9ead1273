"""What a click in a view does: it answers, continues, edits or forks the run, and lets it go on beside the notebook.

A click arrives when the kernel is idle. The run goes on in a thread of its own, so that the kernel stays free, and what
it prints goes to the cell that began it. Without threads, as in a browser's kernel, it goes on within the click.
"""

import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, Protocol, TypeAlias

from IPython.core.interactiveshell import InteractiveShell

from sfn_notebook import _json
from sfn_notebook._json import ABSENT, JSONObject, JSONValue
from sfn_notebook.errors import InvalidInput, SfnNotebookError
from sfn_notebook.magics.cell_output import cell_output, current_cell
from sfn_notebook.magics.waiting_tasks import id_of_breakpoint, id_of_task, rows_of
from sfn_notebook.workspace.notebook_execution import NotebookExecution
from sfn_notebook.workspace.waiting import Waiting

Message: TypeAlias = Mapping[str, Any]
StartThread: TypeAlias = Callable[[Callable[[], None]], None]

_TOO_LATE: Final = "It does not wait any more: somebody has answered, or its time is over."


class ActingView(Protocol):
    """The widget through which people act; see ``ExecutionWidget``."""

    def on_msg(self, callback: Callable[[Any, Message, Any], None]) -> None:
        """Call ``callback`` with each message of the front end."""

    def send(self, content: JSONObject) -> None:
        """Send a message to the front end."""

    def show_waiting(self, rows: list[JSONObject]) -> None:
        """Show what waits for somebody, and let people act on it."""

    def refuse(self, subject: str, text: str) -> None:
        """Tell why nothing came of a click."""


def start_daemon(work: Callable[[], None]) -> None:
    """Do ``work`` in a thread that does not keep the kernel alive; without threads, do it now."""
    try:
        threading.Thread(target=work, name="sfn-notebook-run", daemon=True).start()
    except RuntimeError:
        work()


class Acting:
    """Lets people act on one run through one view.

    A message names what it is about by the id of its row, or of an event; what does not wait there any more, or is
    being answered already, is refused, and the view is told why.
    """

    def __init__(
        self,
        run: NotebookExecution,
        view: ActingView,
        shell: InteractiveShell,
        *,
        start: StartThread = start_daemon,
    ) -> None:
        self._run = run
        self._view = view
        self._shell = shell
        self._cell = current_cell(shell)
        self._start = start
        self._lock = threading.Lock()
        self._taken: set[str] = set()
        view.on_msg(self._heard)

    def update(self) -> None:
        """Show what the run waits for now."""
        with self._lock:
            self._taken.clear()
        self._view.show_waiting(rows_of(self._run))

    def _heard(self, _view: object, message: Message, _buffers: object) -> None:
        if message.get("kind") == "hello":
            self._view.send({"kind": "here"})
            return
        subject = str(message.get("id", ""))
        try:
            action = self._action(message)
            with self._lock:
                if subject in self._taken:
                    raise InvalidInput("It is being answered already.")
                self._taken.add(subject)
        except SfnNotebookError as refusal:
            self._view.refuse(subject, str(refusal))
            return
        self._start(partial(self._act, subject, action))

    def _act(self, subject: str, action: Callable[[], object]) -> None:
        with cell_output(self._shell, self._cell):
            try:
                # A cell may run at the same time; both move the same clock.
                with self._run.workspace.turn:
                    action()
            except SfnNotebookError as refusal:
                self._view.refuse(subject, str(refusal))
            except Exception as mistake:  # noqa: BLE001 - nobody else would hear of it in this thread
                self._view.refuse(subject, f"{type(mistake).__name__}: {mistake}")
            finally:
                self.update()

    def _action(self, message: Message) -> Callable[[], object]:
        """What the message asks for, ready to be done.

        Raises:
            InvalidInput: If it cannot be done, or nothing waits there any more.
        """
        kind, subject = message.get("kind"), str(message.get("id", ""))
        match kind:
            case "approve" | "reject" | "heartbeat":
                return partial(self._answer, kind, self._waiting(subject), message, _payload(message, "output", {}))
            case "continue" | "step" | "edit":
                pause = self._run.paused_at
                if pause is None or id_of_breakpoint(pause) != subject:
                    raise InvalidInput(_TOO_LATE)
                return partial(self._leave_breakpoint, kind, _payload(message, "payload", ABSENT))
            case "fork":
                at = message.get("at")
                if not isinstance(at, int) or isinstance(at, bool):
                    raise InvalidInput("A fork needs the id of an event.")
                return partial(self._run.fork, at, payload=_payload(message, "payload", ABSENT))
        raise InvalidInput(f"The kernel does not know what {kind!r} means.")

    def _waiting(self, subject: str) -> Waiting:
        found = next((each for each in self._run.waiting() if id_of_task(each) == subject), None)
        if found is None:
            raise InvalidInput(_TOO_LATE)
        return found

    def _answer(self, kind: str, waiting: Waiting, message: Message, output: JSONValue) -> None:
        workspace, token = self._run.workspace, waiting.task_token
        if waiting.is_for_a_worker:
            # Whoever answers by hand is the worker that takes the task.
            waiting.execution.start_activity(token)
        match kind:
            case "approve":
                workspace.send_task_success(token, output)
            case "reject":
                workspace.send_task_failure(token, _text(message, "error"), _text(message, "cause"))
            case _:
                workspace.send_task_heartbeat(token)

    def _leave_breakpoint(self, kind: str, payload: JSONValue) -> None:
        if payload is not ABSENT:
            self._run.edit(payload)
        if kind == "continue":
            self._run.resume()
        elif kind == "step":
            self._run.step()


def _payload(message: Message, key: str, default: JSONValue) -> JSONValue:
    text = message.get(key)
    if text is None:
        return default
    try:
        return _json.load(str(text))
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"This is not JSON: {error}") from None


def _text(message: Message, key: str) -> str | None:
    text = message.get(key)
    return text if isinstance(text, str) and text else None
