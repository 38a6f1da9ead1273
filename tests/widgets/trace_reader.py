"""A trace as the browser's own JavaScript unpacks it, in one process of Node.js; it opens no page."""

import atexit
import base64
import json
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import playwright
import pytest

from sfn_notebook.views.trace import FINAL_CHARACTERS, TraceBuilder, TracedExecution
from sfn_notebook.widgets.bundle import one_module

_LOOP: Final = """
import { createInterface } from "node:readline";
for await (const line of createInterface({ input: process.stdin })) {
  const trace = traceFrom({ packed: line });
  const texts = [...trace.texts];
  const cut = {};
  texts.forEach((_, number) => trace.cut[number] === undefined || (cut[number] = trace.cut[number]));
  process.stdout.write(JSON.stringify({ ...trace, texts, cut }) + "\\n");
}
"""


def read_trace(trace: Mapping[str, Any]) -> dict[str, Any]:
    """The ``Trace`` of ``store.js`` with all its texts, after a round trip through JSON."""
    packed = trace["packed"]
    text = packed if isinstance(packed, str) else base64.b64encode(packed).decode()
    node = _node()
    assert node.stdin is not None
    assert node.stdout is not None
    node.stdin.write(f"{text}\n")
    node.stdin.flush()
    answer = node.stdout.readline()
    assert answer, "the browser's JavaScript could not read the trace"
    unpacked: dict[str, Any] = json.loads(answer)
    return unpacked


def unpacked_trace(execution: TracedExecution, *, characters: int = FINAL_CHARACTERS) -> dict[str, Any]:
    """The trace of an execution as it stands."""
    return read_trace(TraceBuilder(execution).trace(characters=characters))


@cache
def _node() -> "subprocess.Popen[str]":
    driver = Path(playwright.__file__).parent / "driver" / "node"
    command = str(driver) if driver.exists() else shutil.which("node")
    if command is None:
        pytest.skip("no Node.js, neither Playwright's nor on PATH")
    folder = tempfile.TemporaryDirectory()
    program = Path(folder.name) / "unpack.mjs"
    program.write_text(one_module("unpack.js") + _LOOP, encoding="utf-8")
    process = subprocess.Popen(  # noqa: S603 - Node.js with our own program
        [command, str(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )

    def close() -> None:
        process.kill()
        process.communicate()
        folder.cleanup()

    atexit.register(close)
    return process
