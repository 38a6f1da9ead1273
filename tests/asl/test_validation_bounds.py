"""Validation of large and deeply nested definitions ends soon and never exhausts the stack."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from sfn_notebook.asl.source import read_document
from sfn_notebook.asl.validation import validate

Json = dict[str, Any]

END: Json = {"Type": "Succeed"}


def nested_parallels(count: int) -> Json:
    inner: Json = {"StartAt": "S", "States": {"S": END}}
    for level in range(count):
        state = {"Type": "Parallel", "Branches": [inner], "End": True}
        inner = {"StartAt": f"P{level}", "States": {f"P{level}": state}}
    return inner


def nested_templates(count: int) -> Json:
    template: Json = {"v.$": "$.v"}
    for _ in range(count):
        template = {"t": template}
    return {"StartAt": "S", "States": {"S": {"Type": "Pass", "Parameters": template, "End": True}}}


def nested_rules(count: int) -> Json:
    rule: Json = {"Variable": "$.a", "IsNull": True}
    for _ in range(count):
        rule = {"Not": rule}
    choice = {"Type": "Choice", "Choices": [{**rule, "Next": "E"}]}
    return {"StartAt": "S", "States": {"S": choice, "E": END}}


@pytest.mark.parametrize(
    ("build", "deepest", "beyond"),
    [(nested_parallels, 48, 60), (nested_templates, 195, 200), (nested_rules, 190, 200)],
)
def test_nesting_up_to_the_bound_is_checked_and_beyond_it_refused(
    build: Callable[[int], Json], deepest: int, beyond: int
) -> None:
    assert validate(read_document(json.dumps(build(deepest)))) == ()
    assert [each.rule for each in validate(read_document(json.dumps(build(beyond))))] == ["NESTING_TOO_DEEP"]


def test_a_megabyte_of_states_is_checked() -> None:
    states: Json = {f"S{n}": {"Type": "Pass", "Comment": "x" * 20, "Next": f"S{n + 1}"} for n in range(12_000)}
    states["S12000"] = END
    text = json.dumps({"StartAt": "S0", "States": states})
    assert len(text) > 900_000
    assert validate(read_document(text)) == ()


def test_thousands_of_misspelt_names_are_answered_without_comparing_all_with_all() -> None:
    states: Json = {f"S{n}": {"Type": "Pass", "Nxt": "x", "Next": f"T{n}"} for n in range(8_000)}
    problems = validate(read_document(json.dumps({"StartAt": "S0", "States": states})))
    assert sum(problem.rule == "MISSING_TRANSITION_TARGET" for problem in problems) == 8_000
