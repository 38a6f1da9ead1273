"""Completion inside a definition: ``|`` marks the cursor, the text around it is as broken as it is while typing."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfn_notebook.asl import fields
from sfn_notebook.asl.model import QueryLanguage
from sfn_notebook.magics.asl_outline import read_outline
from sfn_notebook.magics.asl_suggestions import place_of, suggest

FUNCTIONS = ("validate", "charge")


def at(marked: str) -> list[str]:
    offset = marked.index("|")
    found = suggest(marked.replace("|", "", 1), offset, functions=FUNCTIONS)
    return [each.text for each in found.choices]


def state(inner: str, *, before: str = "", after: str = "") -> str:
    return f'{{"StartAt": "A", "States": {{{before}"A": {{{inner}}}{after}}}}}'


def test_keys_of_a_machine_without_those_that_are_there() -> None:
    assert at('{"|') == ['StartAt"', 'States"', 'TimeoutSeconds"', 'Comment"', 'QueryLanguage"', 'Version"']
    assert at('{"StartAt": "A", "|"}')[0] == "States"
    assert at("{|}")[0] == '"StartAt"'


@pytest.mark.parametrize("state_type", fields.STATES)
def test_keys_of_a_state_follow_its_type_even_if_it_stands_below(state_type: str) -> None:
    above = at(state(f'"Type": "{state_type}", "|"'))
    below = at(state(f'"|", "Type": "{state_type}"'))
    assert above == below
    own = {key for key, field in fields.STATES[state_type].items() if field.language is not QueryLanguage.JSONATA}
    assert set(above) == own - {"Type"}


def test_the_query_language_decides_which_keys_there_are() -> None:
    task = at(state('"Type": "Task", "QueryLanguage": "JSONata", "|"'))
    assert "Arguments" in task
    assert "Parameters" not in task
    assert "Output" in at('{"QueryLanguage": "JSONata", "States": {"A": {"Type": "Pass", "|"}}}')


def test_a_field_excludes_its_twin() -> None:
    assert "SecondsPath" not in at(state('"Type": "Wait", "Seconds": 5, "|"'))


def test_a_state_without_a_type_is_asked_for_it_first() -> None:
    assert at(state('"|"'))[0] == "Type"
    assert at(state('"Type": "|')) == [f'{each}"' for each in fields.STATES]


@pytest.mark.parametrize(
    ("inner", "first"),
    [
        ('"Retry": [{"|', 'ErrorEquals"'),
        ('"Retry": [{"ErrorEquals": ["A"]}, {"ErrorEquals": ["B"], "|', 'IntervalSeconds"'),
        ('"Catch": [{"ErrorEquals": ["A"], "|', 'Next"'),
        ('"Choices": [{"|', 'Variable"'),
        ('"Choices": [{"Not": {"|', 'Variable"'),
        ('"Choices": [{"And": [{"Variable": "$.a", "|', 'StringEquals"'),
        ('"Branches": [{"|', 'StartAt"'),
        ('"ItemProcessor": {"|', 'StartAt"'),
        ('"ItemProcessor": {"ProcessorConfig": {"|', 'Mode"'),
        ('"ItemProcessor": {"ProcessorConfig": {"Mode": "|', 'INLINE"'),
        ('"Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"|', 'FunctionName"'),
        ('"Retry": [{"JitterStrategy": "|', 'NONE"'),
    ],
)
def test_keys_by_position(inner: str, first: str) -> None:
    broken = f'{{"StartAt": "A", "States": {{"A": {{{inner}'
    assert at(broken)[0] == first


def test_a_rule_has_one_test_only() -> None:
    left = at(state('"Type": "Choice", "Choices": [{"Variable": "$.a", "NumericEquals": 1, "|"}]'))
    assert left == ["Next", "Assign", "Comment"]


def test_state_names_come_from_the_same_branch_only() -> None:
    inner = (
        '"B": {"Type": "Parallel", "Branches": [{"StartAt": "X", "States": {"X": {"Next": "|"}, "Y": {}}}]}, "C": {}'
    )
    assert at(f'{{"StartAt": "A", "States": {{"A": {{}}, {inner}}}}}') == ["Y", "X"]
    assert at(state('"Catch": [{"Next": "|', after=""))[:1] == ['A"']
    assert at(state('"Type": "Choice", "Default": "|"', after=', "B": {}, "C": {}')) == ["B", "C", "A"]
    assert at('{"StartAt": "|", "States": {"A": {}, "B": {}}}') == ["A", "B"]


def test_names_behind_an_open_string_are_still_found() -> None:
    text = '{"StartAt": "A", "States": {\n  "A": {"Type": "Pass", "Next": "|},\n  "Ship it": {"Type": "Succeed"}}}'
    assert at(text) == ['Ship it"', 'A"']


def test_functions_and_substitutions() -> None:
    assert at(state('"Resource": "|"'))[:3] == ["validate", "charge", "${validate}"]
    assert at(state('"Resource": "${ch|"')) == ["charge}"]
    assert at(state('"Resource": "${|}"')) == ["validate", "charge"]
    assert at('{"States": {"A": {"Parameters": {"FunctionName": "${v|') == ['validate}"']
    assert at(state('"Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "|"')) == [
        "validate",
        "charge",
    ]


def test_error_names_reserved_and_own() -> None:
    fail = ', "F": {"Type": "Fail", "Error": "CardDeclined"}'
    names = at(state('"Retry": [{"ErrorEquals": ["|"]}]', after=fail))
    assert names[:4] == ["States.ALL", "States.TaskFailed", "States.Timeout", "CardDeclined"]
    assert "States.ALL" not in at(state('"Retry": [{"ErrorEquals": ["States.ALL", "|"]}]'))
    assert at(state('"Catch": [{"ErrorEquals": ["Card|"]}]', after=fail)) == ["CardDeclined"]


def test_paths_and_intrinsics() -> None:
    assert at(state('"Parameters": {"id.$": "$$.Execution.I|"}')) == ["$$.Execution.Id", "$$.Execution.Input"]
    assert at(state('"Parameters": {"id.$": "States.MathA|"}')) == ["States.MathAdd"]
    assert at(state('"Parameters": {"|"}')) == []


@pytest.mark.parametrize(
    "quiet", ['{"StartAt"|: "A"}', '{"StartAt": "A"|}', '{"StartAt": "A" |}', '{"Comment": "|"}', '{"States": {"|"}}']
)
def test_nothing_is_offered_where_nothing_fits(quiet: str) -> None:
    assert at(quiet) == []


YAML = """StartAt: A
States:
  A:
    Type: Task
    Resource: charge
    Retry:
      - ErrorEquals: [States.Timeout]
        MaxAttempts: 2
    Next: B
  B:
    Type: Choice
    Choices:
    - Variable: $.total
      NumericGreaterThan: 5
      Next: A
    Default: Ship it
  "Ship it": {Type: Succeed}
"""


@pytest.mark.parametrize(
    ("old", "new", "first"),
    [
        ("    Next: B", "    Next: |", "B"),
        ("    Next: B", "    N|", "Next: "),
        ("    Next: B", "    |", "Parameters: "),
        ("Default: Ship it", "Default: |", "A"),
        ('"Ship it": {Type: Succeed}', '"Ship it": {Type: |}', "Task"),
        ('"Ship it": {Type: Succeed}', '"Ship it": {Type: Succeed, |}', "InputPath: "),
        ("        MaxAttempts: 2", "        |", "IntervalSeconds: "),
        ("        MaxAttempts: 2", "        MaxAttempts: 2\n      - |", "ErrorEquals: "),
        ("[States.Timeout]", "[States.Timeout, |]", "States.ALL"),
        ("[States.Timeout]", "\n        - |", "States.ALL"),
        ("- Variable: $.total", "- |", "Variable: "),
        ("      NumericGreaterThan: 5", "      Numeric|", "NumericEquals: "),
        ("Type: Choice", "Type: Ch|", "Choice"),
        ("Resource: charge", "Resource: |", "validate"),
        ("Resource: charge", 'Resource: "${|', 'validate}"'),
        ("StartAt: A", "StartAt: |", "A"),
        ("StartAt: A", "Star|: A", "StartAt"),
    ],
)
def test_yaml_while_it_is_typed(old: str, new: str, first: str) -> None:
    marked = YAML.replace(old, new, 1)
    assert marked != YAML
    assert at(marked)[0] == first


def test_yaml_text_blocks_and_comments_are_left_alone() -> None:
    assert at("Comment: >\n  States:\n    Ty|\nStartAt: A\n") == []
    assert at("StartAt: A  # Next: |\n") == []


@given(
    st.text(alphabet="{}[]:,\"'\\ \n-#|>ABTypeNxt$.", max_size=120),
    st.integers(min_value=0, max_value=120),
    st.booleans(),
)
def test_no_text_makes_it_fail(text: str, offset: int, json_format: bool) -> None:  # noqa: FBT001 - Hypothesis draws it
    offset = min(offset, len(text))
    found = suggest(text, offset, functions=FUNCTIONS, json=json_format)
    assert text[:offset].endswith(found.fragment)


@pytest.mark.parametrize(
    "hostile",
    ["[" * 50_000, '{"a":' * 50_000, "- " * 20_000, "\n".join(" " * n + "a:" for n in range(2_000)), '"' * 20_000],
)
def test_hostile_depth_is_bounded(hostile: str) -> None:
    suggest(hostile, len(hostile))
    suggest(hostile, len(hostile), json=False)


names = st.text(alphabet="ABCdef 0123", min_size=1, max_size=8).map(str.strip).filter(bool)


@given(st.lists(names, min_size=1, max_size=8, unique=True), st.data())
def test_any_prefix_of_a_whole_definition_knows_its_place(state_names: list[str], data: st.DataObject) -> None:
    text = json.dumps(
        {"StartAt": state_names[0], "States": {name: {"Type": "Pass", "End": True} for name in state_names}}
    )
    name = data.draw(st.sampled_from(state_names))
    cut = text.index(f'{json.dumps(name)}: {{"Type"') + len(json.dumps(name)) + 3
    cursor = read_outline(text[:cut], cut).cursor
    assert cursor is not None
    assert place_of(cursor.container).table is not fields.MACHINE
    assert cursor.container.key == name
