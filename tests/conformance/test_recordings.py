"""Executions recorded on AWS, run here and compared level by level. The data is not part of this project."""

import importlib.util
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
SHARED = HERE.parents[1].parent / "shared" / "conformance"
LEVELS = ("L1", "L2", "L3", "L4")
METHODS = {
    "api": "api",
    "execution": "run",
    "mocked_execution": "run",
    "validation": "validate",
    "validate_api": "validate_api",
    "test_state": "test_state",
}
"""Kind -> the adapter's method."""

if not SHARED.is_dir():
    pytest.skip("the recordings (../shared/conformance) are not here", allow_module_level=True)


def _module(name: str, path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


comparator = _module("corpus_compare", SHARED / "corpus_compare.py")
compare = comparator.compare
adapter = _module("sfn_notebook_conformance_adapter", HERE / "adapter.py").Adapter()
KNOWN_GAPS = _module("sfn_notebook_known_gaps", HERE / "known_gaps.py").KNOWN_GAPS
totals = _module("sfn_notebook_totals", HERE / "totals.py")
brought_up_to_date = _module("sfn_notebook_later_fields", HERE / "later_fields.py").brought_up_to_date


def _cases() -> list[dict[str, Any]]:
    paths = sorted((SHARED / "cases").glob("*.jsonl"))
    lines = [line for path in paths for line in path.read_text(encoding="utf-8").splitlines()]
    return [case for line in lines if (case := json.loads(line))["kind"] in METHODS]


CASES = {case["id"]: case for case in _cases() if adapter.supports(case) is None}
_RESULTS: dict[str, tuple[dict[str, bool | None], dict[str, Any]]] = {}


def _compared(case_id: str) -> tuple[dict[str, bool | None], dict[str, Any]]:
    if case_id not in _RESULTS:
        case = CASES[case_id]
        _RESULTS[case_id] = compare(case, getattr(adapter, METHODS[case["kind"]])(case))
    return _RESULTS[case_id]


def _parameters() -> list[Any]:
    parameters = []
    for case_id in CASES:
        for level in LEVELS:
            reason = KNOWN_GAPS.get(case_id, {}).get(level)
            marks = [pytest.mark.xfail(strict=True, reason=reason)] if reason else []
            parameters.append(pytest.param(case_id, level, marks=marks, id=f"{level}-{case_id.split('::')[-1]}"))
    return parameters


@pytest.mark.parametrize(("case_id", "level"), _parameters())
def test_recorded_execution(case_id: str, level: str) -> None:
    levels, why = _compared(case_id)
    assert levels[level] is not False, why


def _logged() -> list[str]:
    return [key for key, case in CASES.items() if {"logged_execution_events", "end_log_event"} & case["expect"].keys()]


@pytest.mark.parametrize("case_id", _logged(), ids=lambda case_id: case_id.split("::")[-1])
def test_recorded_log_events(case_id: str) -> None:
    """The log at each level, and the last event that EXPRESS executions log, which have no history."""
    case = CASES[case_id]
    answer, expect = adapter.run(case), case["expect"]
    for ours, recorded in (
        (answer["log_events"], expect.get("logged_execution_events")),
        (answer["end_log_event"], [expect["end_log_event"]] if "end_log_event" in expect else None),
    ):
        if recorded is not None:
            shown = [{**event, "event_timestamp": "timestamp"} for event in ours]
            assert comparator.eq(recorded, shown, comparator.Ctx(case)), (recorded, ours)


def test_known_gaps_name_cases_that_exist() -> None:
    assert set(KNOWN_GAPS) <= set(CASES)


@pytest.mark.parametrize(
    ("kind", "least_l1", "least_l3"),
    [
        ("api", 1.0, 0.85),
        ("execution", 0.98, 0.95),
        ("mocked_execution", 1.0, 0.85),
        ("validation", 1.0, 1.0),
        ("validate_api", 1.0, 1.0),
        ("test_state", 0.91, 0.91),
    ],
)
def test_shares(kind: str, least_l1: float, least_l3: float, record_property: Any) -> None:
    """The shares that the project promises, kind by kind; test_state has more where botocore is installed."""
    passed: Counter[str] = Counter()
    scored: Counter[str] = Counter()
    for case_id in (each for each, case in CASES.items() if case["kind"] == kind):
        for level, answer in _compared(case_id)[0].items():
            if answer is not None:
                scored[level] += 1
                passed[level] += bool(answer)
    for level in scored:
        record_property(level, f"{passed[level]}/{scored[level]}")
    assert passed["L1"] >= least_l1 * scored["L1"] > 0
    assert passed["L3"] >= least_l3 * scored["L3"] > 0


def test_callbacks_services_and_the_control_plane(record_property: Any) -> None:
    """What ``totals.py`` prints; the share of the recordings as they are is the smaller one, for AWS has moved on."""
    counted = totals.Totals()
    for case_id, case in CASES.items():
        if not totals.CATEGORIES.fullmatch(case["category"]):
            continue
        levels = _compared(case_id)[0]
        newer = brought_up_to_date(case) if any(levels.get(level) is False for level in totals.LEVELS) else None
        today = {} if newer is None else compare(newer, getattr(adapter, METHODS[case["kind"]])(newer))[0]
        counted.add(case["category"], levels, today)
    for level in totals.LEVELS:
        record_property(level, f"{counted.share(level):.3f}, {counted.share(level, is_today=True):.3f} up to date")
    assert counted.share("L1") >= 0.965
    assert counted.share("L3") >= 0.91
    assert counted.share("L1", is_today=True) >= 0.97
    assert counted.share("L3", is_today=True) >= 0.93
