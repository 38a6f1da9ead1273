"""The fuzzer runs, every target is reached by inputs that are not refused at the door, and nothing is found."""

import os
import re
import subprocess
import sys
from pathlib import Path

PROGRAM = Path(__file__).resolve().parent / "fuzz_expressions.py"
SECONDS = os.environ.get("SFN_NOTEBOOK_FUZZ_SECONDS", "1")
SEED = os.environ.get("SFN_NOTEBOOK_FUZZ_SEED", "1")
REPORTED = re.compile(r"^(\S+): ([\d,]+) inputs in \d+ s \((.*)\), slowest .* s, (\d+) found$", re.MULTILINE)


def test_fuzzing_finds_nothing() -> None:
    command = [sys.executable, str(PROGRAM), "--seconds", SECONDS, "--inputs", "60", "--seed", SEED]
    fuzzed = subprocess.run(  # noqa: S603 - the program above
        command, capture_output=True, text=True, check=False, timeout=120 + 2 * float(SECONDS)
    )
    assert fuzzed.returncode == 0, f"{fuzzed.stdout}\n{fuzzed.stderr}"
    reports = {name: (count, reached) for name, count, reached, _ in REPORTED.findall(fuzzed.stdout)}
    assert len(reports) == 13
    assert all(int(count.replace(",", "")) >= 60 for count, _ in reports.values())
    assert all(reached for name, (_, reached) in reports.items() if name != "timestamps")
