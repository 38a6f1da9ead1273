"""The lines that Lambda writes to a function's log around one call; it measures nothing.

Source: recorded log lines, 2023-09 and 2025-11. The version of the runtime would differ between machines, so the
notebook stands in its place. ``Max Memory Used`` stands there only where memory is modelled.
"""

import math
from typing import Final

from sfn_notebook._json import JSONValue

_RUNTIME: Final = "notebook\tRuntime Version ARN: arn:aws:lambda:us-east-1::runtime:notebook"
_NO_BREAK_SPACE: Final = "\u00a0"
_STATUS: Final = {
    "Sandbox.Timedout": "timeout",
    "Runtime.ExitError": "error\tError Type: Runtime.ExitError",
}
"""What REPORT says of a call that Lambda had to stop, by ``errorType``."""


def init_lines(init_seconds: float, *, is_cold_start: bool, has_timed_out: bool) -> list[str]:
    """What is written when an environment starts; with the report of an initialisation that took too long."""
    lines = [f"INIT_START Runtime Version: {_RUNTIME}"] if is_cold_start else []
    if has_timed_out:
        lines.append(f"INIT_REPORT Init Duration: {_milliseconds(init_seconds)}\tPhase: init\tStatus: timeout")
    return lines


def error_lines(payload: JSONValue) -> list[str]:
    """What the runtime writes about a function error: the error, and the traceback with no-break spaces."""
    if not isinstance(payload, dict) or "stackTrace" not in payload:
        return []
    lines = [f"[ERROR] {payload['errorType']}: {payload['errorMessage']}"]
    frames = payload["stackTrace"]
    if frames:
        lines.append("Traceback (most recent call last):")
        lines += [_indented(line) for frame in frames for line in frame.rstrip("\n").split("\n")]
    return lines


def _indented(line: str) -> str:
    text = line.lstrip(" ")
    return _NO_BREAK_SPACE * (len(line) - len(text)) + text


def report_line(
    request_id: str,
    *,
    duration_seconds: float,
    init_seconds: float | None,
    memory_megabytes: int,
    memory_used_megabytes: float | None,
    error_type: str | None,
) -> str:
    """The REPORT line; ``init_seconds`` is ``None`` unless this call started the environment."""
    fields = [
        f"REPORT RequestId: {request_id}",
        f"Duration: {_milliseconds(duration_seconds)}",
        f"Billed Duration: {billed_milliseconds(duration_seconds, init_seconds or 0.0)} ms",
        f"Memory Size: {memory_megabytes} MB",
    ]
    if memory_used_megabytes is not None:
        fields.append(f"Max Memory Used: {math.ceil(min(memory_used_megabytes, memory_megabytes))} MB")
    if init_seconds is not None:
        fields.append(f"Init Duration: {_milliseconds(init_seconds)}")
    if error_type in _STATUS:
        fields.append(f"Status: {_STATUS[error_type]}")
    return "\t".join(fields)


def billed_milliseconds(duration_seconds: float, init_seconds: float) -> int:
    """Whole milliseconds that are billed: the handler's and the initialisation's time, rounded up."""
    return math.ceil(round((duration_seconds + init_seconds) * 1000, 6))


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.2f} ms"
