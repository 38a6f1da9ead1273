"""Names and scopes of variables: what may be assigned where, and what is only advised against."""

from typing import Any

import pytest

from sfn_notebook.asl.rules import ERROR, WARNING
from sfn_notebook.asl.source import Document
from sfn_notebook.asl.validation import validate
from sfn_notebook.errors import Problem

Json = dict[str, Any]

END: Json = {"Type": "Succeed"}


def machine(state: Json) -> Json:
    return (
        {"StartAt": "S", "States": {"S": state, "E": END}}
        if "Catch" in state
        else {"StartAt": "S", "States": {"S": state}}
    )


def pass_state(**fields: Any) -> Json:
    return machine({"Type": "Pass", **fields, "End": True})


def map_state(**fields: Any) -> Json:
    return machine({"Type": "Map", **fields, "End": True})


def check(definition: Json) -> tuple[Problem, ...]:
    return validate(Document.from_value(definition))


def scoped(inner: Json, **outer: Any) -> Json:
    branch = {"StartAt": "I", "States": {"I": {"Type": "Pass", "Assign": inner, "End": True}}}
    return machine(
        {"Type": "Parallel", "Branches": [branch, {"StartAt": "J", "States": {"J": END}}], **outer, "End": True}
    )


@pytest.mark.parametrize("name", ["a", "Ä9", "x_1", "π", "v" * 80, "${prefix}name"])
def test_identifier_names_a_variable(name: str) -> None:
    assert check(pass_state(Assign={name: 1})) == ()
    assert check(pass_state(Assign={f"{name}.$": "$"})) == ()


@pytest.mark.parametrize("name", ["_a", "top-level"])
def test_names_that_aws_was_not_seen_to_refuse_are_advice(name: str) -> None:
    [problem] = check(pass_state(Assign={name: 1}))
    assert (problem.rule, problem.severity) == ("INVALID_VARIABLE_NAME", WARNING)


def test_branches_beside_each_other_may_assign_the_same_variable() -> None:
    branch = {"StartAt": "I", "States": {"I": {"Type": "Pass", "Assign": {"n": 1}, "End": True}}}
    other = {"StartAt": "J", "States": {"J": {"Type": "Pass", "Assign": {"n": 2}, "End": True}}}
    assert check(machine({"Type": "Parallel", "Branches": [branch, other], "End": True})) == ()


def test_variable_that_a_catcher_around_the_branch_assigns_is_advice() -> None:
    catcher = {"ErrorEquals": ["States.ALL"], "Next": "E", "Assign": {"n": 0}}
    definition = scoped({"n": 1}, Catch=[catcher])
    [problem] = check(definition)
    assert (problem.rule, problem.severity) == ("VARIABLE_OF_OUTER_SCOPE", WARNING)
    assert problem.pointer == "/States/S/Branches/0/States/I/Assign/n"


def test_variable_of_a_scope_two_levels_out_is_found() -> None:
    deep = {"StartAt": "I", "States": {"I": {"Type": "Pass", "Assign": {"n": 1}, "End": True}}}
    middle = {"StartAt": "M", "States": {"M": {"Type": "Map", "ItemProcessor": deep, "End": True}}}
    found = check(machine({"Type": "Parallel", "Branches": [middle], "Assign": {"n": 0}, "End": True}))
    assert [(each.rule, each.severity) for each in found] == [("VARIABLE_OF_OUTER_SCOPE", ERROR)]


def test_variable_of_a_distributed_map_is_advice() -> None:
    processor = {
        "StartAt": "I",
        "States": {"I": {"Type": "Pass", "Assign": {"n": 1}, "End": True}},
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
    }
    [problem] = check(map_state(ItemProcessor=processor, Assign={"n": 0}))
    assert (problem.rule, problem.severity) == ("VARIABLE_OF_OUTER_SCOPE", WARNING)


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("states", "another name"),
        ("9a", "begin with a letter"),
        ("a b.$", "letters"),
        (".$", "letters"),
        ("a[0]", "whole variable"),
        ("v" * 81, "Shorten"),
    ],
)
def test_what_names_no_variable_is_refused_with_a_remedy(key: str, hint: str) -> None:
    [problem] = check(pass_state(Assign={key: "$"} if key.endswith(".$") else {key: 1}))
    assert (problem.rule, problem.severity) == ("INVALID_VARIABLE_NAME", ERROR)
    assert problem.pointer == f"/States/S/Assign/{key}"
    assert hint in problem.hint


def test_the_suffix_of_paths_is_part_of_the_name_in_a_jsonata_state() -> None:
    found = check(pass_state(QueryLanguage="JSONata", Assign={"a.$": 1}))
    assert [(each.rule, each.severity) for each in found] == [("INVALID_VARIABLE_NAME", ERROR)]


def test_misspelt_part_of_states_is_advice_with_the_nearest_name() -> None:
    [problem] = check(pass_state(QueryLanguage="JSONata", Output="{% $states.inptu.a %}"))
    assert (problem.rule, problem.severity, problem.hint) == ("UNAVAILABLE_VALUE", WARNING, 'Did you mean "input"?')
