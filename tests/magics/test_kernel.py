"""The extension in a real kernel: widgets, results, completion and interrupts as a front end gets them."""

import os
import signal
import subprocess
import sys
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Empty
from tempfile import gettempdir
from typing import Any

import nbformat
import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager
from jupyter_core.utils import ensure_event_loop
from nbclient import NotebookClient
from nbformat import NotebookNode

from sfn_notebook.runtime.clock import stopwatch
from tests.magics.notebook_shell import ORDER_FLOW, ORDER_FUNCTIONS

ROOT = Path(__file__).resolve().parents[2]
WIDGET = "application/vnd.jupyter.widget-view+json"
RESULT_MARK = b64encode(b"sfn_notebook").decode()
NOT_COMPARED = (WIDGET, "image/png", "image/jpeg")
"""What nbval leaves out of its strict comparison."""

CELLS = (
    "%load_ext sfn_notebook",
    ORDER_FUNCTIONS,
    ORDER_FLOW,
    "run = OrderFlow.run({'total': 7})\nrun",
    "run",
    '%sfn run OrderFlow --input {"total": 700}',
    "%sfn ls",
    "%sfn history --json --limit 3",
    "%sfn describe",
    "%sfn graph",
    "OrderFlow",
    "paused = %sfn run OrderFlow --clock manual",
    "%sfn step",
    "paused.stop()",
    "OrderFlow.run(seed=3).history[-1]",
)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    folder = tmp_path_factory.mktemp("jupyter")
    kept = dict(os.environ)
    os.environ.update(
        {
            "PYTHONPATH": str(ROOT),
            "IPYTHONDIR": str(folder / "ipython"),
            "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
            "JUPYTER_PLATFORM_DIRS": "1",
            # Kernels of one user name cells by process; the debugger's cache has no business in tests.
            "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        }
    )
    yield dict(os.environ)
    os.environ.clear()
    os.environ.update(kept)
    # jupyter_client makes one for this thread and leaves it open, which Python would complain of at exit.
    ensure_event_loop().close()


def executed(*cells: str, allow_errors: bool = False) -> NotebookNode:
    notebook: NotebookNode = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])  # type: ignore[no-untyped-call]  # nbformat leaves it untyped
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "python3", "language": "python"}
    NotebookClient(notebook, timeout=120, allow_errors=allow_errors).execute()
    return notebook


@pytest.fixture(scope="module")
def notebook(environment: dict[str, str]) -> NotebookNode:
    assert environment
    return executed(*CELLS)


def outputs_of(notebook: NotebookNode, cell: str) -> list[Any]:
    return list(next(each for each in notebook.cells if each.source == cell).outputs)


def compared(notebook: NotebookNode) -> list[Any]:
    """Every output as a strict comparison sees it."""
    return [
        [
            {key: value for key, value in (output.get("data") or output).items() if key not in NOT_COMPARED}
            for output in cell.outputs
        ]
        for cell in notebook.cells
    ]


def test_a_notebook_that_is_run_twice_has_the_same_outputs(notebook: NotebookNode) -> None:
    again = compared(executed(*CELLS))
    assert again == compared(notebook)
    texts = str(again)
    assert "0x" not in texts
    assert str(ROOT) not in texts
    # The place where kernels keep their cells.
    assert gettempdir() not in texts


def test_a_strict_comparison_passes_although_it_runs_cells_without_history(
    notebook: NotebookNode, tmp_path: Path
) -> None:
    nbformat.write(notebook, tmp_path / "orders.ipynb")  # type: ignore[no-untyped-call]  # as above
    options = ["--nbval", "--nbval-cell-timeout=60", "-q", "-p", "no:cacheprovider", "--rootdir=."]
    compared = subprocess.run(  # noqa: S603 - our own notebook
        [sys.executable, "-m", "pytest", *options, "orders.ipynb"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert compared.returncode == 0, compared.stdout
    assert f"{len(CELLS)} passed" in compared.stdout


def test_a_run_is_a_live_view_and_one_result(notebook: NotebookNode) -> None:
    live, result, value = outputs_of(notebook, CELLS[3])
    assert WIDGET in live.data
    assert live.data["text/plain"] == "Live view of OrderFlow-1"
    assert result.output_type == "display_data"
    assert WIDGET not in result.data
    assert set(result.data) == {"text/plain", "image/png"}
    assert result.data["text/plain"].startswith("OrderFlow: SUCCEEDED in 1 h 2 s")
    assert RESULT_MARK in result.data["image/png"], "the live view hides the picture by this mark"
    assert RESULT_MARK not in outputs_of(notebook, "run")[0].data["image/png"]
    assert value.output_type == "execute_result"
    assert dict(value.data) == {"text/plain": "<Execution OrderFlow-1 SUCCEEDED>"}


def test_the_widgets_last_state_is_saved(notebook: NotebookNode) -> None:
    saved = notebook.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"]
    live = outputs_of(notebook, CELLS[3])[0]
    state = saved[live.data[WIDGET]["model_id"]]["state"]
    assert state["execution"]["status"] == "SUCCEEDED"
    assert {each["status"] for each in state["statuses"].values()} == {"SUCCEEDED"}


def test_a_redriven_run_is_live_in_the_cell_that_redrives_it_and_where_it_began(environment: dict[str, str]) -> None:
    assert environment
    mended = "@lambda_function\ndef charge(event):\n    return {**event, 'charged': True}"
    redriven = executed(*CELLS[:3], CELLS[5], mended, "%sfn redrive")
    live, result, value = redriven.cells[-1].outputs
    assert live.data["text/plain"] == "Live view of OrderFlow-1"
    assert result.data["text/plain"].startswith("OrderFlow: SUCCEEDED in 1 h 2 s")
    assert RESULT_MARK in result.data["image/png"]
    assert dict(value.data) == {"text/plain": "<Execution OrderFlow-1 SUCCEEDED>"}
    saved = redriven.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"]
    views = [
        each.data[WIDGET]["model_id"]
        for cell in redriven.cells
        for each in cell.outputs
        if WIDGET in each.get("data", {})
    ]
    assert [saved[view]["state"]["execution"]["status"] for view in views] == ["SUCCEEDED", "SUCCEEDED"]


def test_nothing_else_is_printed_than_what_the_author_should_see(notebook: NotebookNode) -> None:
    streams = [(output.name, output.text) for cell in notebook.cells for output in cell.outputs if "text" in output]
    assert [name for name, _ in streams] == ["stderr", "stdout"]
    assert streams[0][1].splitlines()[1] == "  Cell In[2], line 11, in charge"
    assert streams[1][1] == "OrderFlow-3 waits for its clock: %sfn step OrderFlow-3\n"


def test_run_all_stops_at_a_broken_definition_with_one_block(environment: dict[str, str]) -> None:
    assert environment
    broken = '%%asl Flow\n{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}}}'
    notebook = executed(CELLS[0], broken, "1 + 1", allow_errors=True)
    (error,) = notebook.cells[1].outputs
    assert error.output_type == "error"
    (block,) = error.traceback
    assert block.startswith("DefinitionError: Flow has ")
    assert "\x1b" not in block


@pytest.fixture(scope="module")
def kernel(environment: dict[str, str]) -> Iterator[tuple[KernelManager, BlockingKernelClient]]:
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(env=environment)
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    for cell in CELLS[:3]:
        client.execute_interactive(cell, timeout=60, output_hook=lambda _message: None)
    yield manager, client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def execute(client: BlockingKernelClient, cell: str, each: Callable[[Any], None] = lambda _message: None) -> Any:
    return client.execute_interactive(cell, timeout=60, output_hook=each)["content"]


def test_completion_in_the_kernel_is_quick_and_ours(kernel: tuple[KernelManager, BlockingKernelClient]) -> None:
    _, client = kernel
    for code, expected in (
        ('%%asl X\n{"StartAt": "A", "States": {"A": {"Type": "Pass", "Ne', ['"Next"'[1:]]),
        ("%sfn run OrderFlow --cl", ["--clock"]),
        ("%%asl X --", ["--type", "--format", "--log-level", "--logging", "--no-graph"]),
        ("%sfn run OrderFlow --name pri", []),
    ):
        started = stopwatch()
        content = client.complete(code, len(code), reply=True, timeout=30)["content"]
        assert stopwatch() - started < 1.5, "Jedi would take seconds the first time"
        assert content["matches"] == expected


@pytest.mark.parametrize(
    ("cell", "work"),
    [
        ("in Python", "import time\n    while True: time.sleep(0.01)"),
        ("on the clock", "return event"),
    ],
)
def test_an_interrupt_aborts_the_run_and_spares_the_kernel(
    kernel: tuple[KernelManager, BlockingKernelClient], cell: str, work: str
) -> None:
    manager, client = kernel
    kernel_pid = getattr(manager.provisioner, "pid", 0)
    assert kernel_pid
    execute(client, f"@lambda_function\ndef slow(event):\n    {work}")
    execute(
        client,
        '%%asl Slow --no-graph\n{"StartAt": "Work", "States": {'
        '"Work": {"Type": "Task", "Resource": "slow", "Next": "Hold"},'
        '"Hold": {"Type": "Wait", "Seconds": 3600, "End": true}}}',
    )
    messages: list[Any] = []

    def see(message: Any) -> None:
        messages.append(message)
        if WIDGET in message["content"].get("data", {}):
            # As Jupyter's interrupt does it; its own method would leave an event loop open in the timer's thread.
            threading.Timer(0.3, os.kill, (kernel_pid, signal.SIGINT)).start()

    reply = execute(client, "%sfn run Slow --clock real", see)
    assert reply["status"] == "error", cell
    assert reply["ename"] == "ExecutionAborted"
    assert len(reply["traceback"]) == 1
    assert reply["traceback"][0].endswith("ABORTED: interrupted by the user")
    results = [each["content"]["data"] for each in messages if each["msg_type"] == "display_data"]
    assert results[-1]["text/plain"].startswith("Slow: ABORTED")
    content = execute(client, "assert 1 + 1 == 2")
    assert content["status"] == "ok"


def test_a_busy_function_does_not_hold_back_the_live_view(kernel: tuple[KernelManager, BlockingKernelClient]) -> None:
    _, client = kernel
    execute(client, "import threading\nshown = threading.Event()")
    execute(client, "@lambda_function\ndef first(event):\n    return event")
    execute(client, "@lambda_function\ndef second(event):\n    shown.wait(0.5)\n    return event")
    execute(
        client,
        '%%asl Two --no-graph\n{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "first", "Next": "B"},'
        ' "B": {"Type": "Task", "Resource": "second", "End": true}}}',
    )
    seen: list[set[str]] = []

    def see(message: Any) -> None:
        if message["msg_type"] == "comm_msg":
            statuses = message["content"]["data"].get("state", {}).get("statuses", {})
            seen.append({f"{pointer.rpartition('/')[2]} {each['status']}" for pointer, each in statuses.items()})

    execute(client, "run = Two.run()", see)
    assert {"A SUCCEEDED", "B RUNNING"} in seen
    assert seen[-1] == {"A SUCCEEDED", "B SUCCEEDED"} or {"A SUCCEEDED", "B SUCCEEDED"} in seen
    with pytest.raises(Empty):
        client.get_iopub_msg(timeout=0.2)
