"""Counts how many recordings of callbacks, services and the API agree with this package, category by category.

    python tests/conformance/totals.py [--jobs N]

``as recorded`` is the runner's score. ``brought up to date`` compares what failed there once more, with the fields that
AWS has added since the recording (see ``later_fields.py``): what passes then differs from AWS in nothing else.
"""

import argparse
import importlib
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
SHARED = HERE.parents[1].parent / "shared" / "conformance"
CATEGORIES = re.compile(
    r"callback|activities|api/.*|express|logs|local_mocking|credentials|error_handling/.*|services/.*"
)
"""What callbacks, services and the control plane are judged by."""

Levels = dict[str, bool | None]
LEVELS = ("L1", "L3")
ALL = "all"


class Totals:
    """Counts by category and level: what is scored, what passed, and what passed when brought up to date."""

    def __init__(self) -> None:
        self.scored: Counter[tuple[str, str]] = Counter()
        self.passed: Counter[tuple[str, str]] = Counter()
        self.passed_today: Counter[tuple[str, str]] = Counter()

    def add(self, category: str, levels: Levels, levels_today: Levels) -> None:
        """Count one case."""
        for level in LEVELS:
            if levels.get(level) is None:
                continue
            for key in ((category, level), (ALL, level)):
                self.scored[key] += 1
                self.passed[key] += bool(levels[level])
                self.passed_today[key] += bool(levels[level] or levels_today.get(level))

    def share(self, level: str, *, is_today: bool = False) -> float:
        """The share of all that passed."""
        key = (ALL, level)
        return (self.passed_today if is_today else self.passed)[key] / self.scored[key]

    def line(self, category: str) -> str:
        """One category in a row of text."""
        cells = []
        for passed in (self.passed, self.passed_today):
            for level in LEVELS:
                count, scored = passed[category, level], self.scored[category, level]
                cells.append(f"{count}/{scored} {100 * count / scored:.1f} %" if scored else "-")
        return f"{category[:40]:40} " + " ".join(f"{cell:16}" for cell in cells)


def table(totals: Totals, reasons: Counter[str]) -> str:
    """All categories, then why the rest does not agree."""
    categories = sorted({category for category, _ in totals.scored} - {ALL})
    lines = [
        f"{'':40} {'as recorded':33} brought up to date",
        f"{'category':40} " + " ".join(f"{level:16}" for level in (*LEVELS, *LEVELS)),
        *(totals.line(category) for category in [*categories, ALL]),
        *(f"\n{count} cases: {reason}" for reason, count in reasons.most_common()),
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Run the cases, each in a process of its own, and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=2)
    jobs = parser.parse_args().jobs
    sys.path[:0] = [str(SHARED), str(HERE)]
    runner: Any = importlib.import_module("run_corpus")
    later: Any = importlib.import_module("later_fields")
    known_gaps: Any = importlib.import_module("known_gaps").KNOWN_GAPS
    adapter = runner.load_adapter(str(HERE / "adapter.py"))
    cases = [case for case in runner.load(str(SHARED / "cases")) if CATEGORIES.fullmatch(case["category"])]
    results = runner.run_all(adapter, cases, jobs, 40)
    failed = [
        case for case in cases if any(results[case["id"]].get("levels", {}).get(each) is False for each in LEVELS)
    ]
    today = runner.run_all(adapter, [later.brought_up_to_date(case) for case in failed], jobs, 40)
    totals, reasons = Totals(), Counter[str]()
    for case in cases:
        case_id = case["id"]
        totals.add(case["category"], results[case_id].get("levels", {}), today.get(case_id, {}).get("levels", {}))
    for case in failed:
        known = known_gaps.get(case["id"], {})
        reasons[known.get("L3") or known.get("L1") or "no reason is known"] += 1
    sys.stdout.write(table(totals, reasons))


if __name__ == "__main__":
    main()
