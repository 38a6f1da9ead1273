"""Payload templates: what is filled in, what is shared, what is refused."""

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.asl.environment import EvaluationError
from sfn_notebook.asl.payload_template import MAX_DEPTH, TemplatePathMissing, compile_payload_template
from sfn_notebook.errors import ExpressionSyntaxError


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    context_object: JSONObject = field(default_factory=lambda: {"State": {"Name": "Charge"}})
    random: Random = field(default_factory=Random)
    variables: Mapping[str, JSONValue] = field(default_factory=dict)
    states: JSONObject = field(default_factory=dict)
    now_seconds: float = 0.0


def _fill(template: JSONValue, payload: JSONValue = None) -> JSONValue:
    return compile_payload_template(template)(payload, Surroundings())


def _failure(template: JSONValue, payload: JSONValue) -> EvaluationError:
    with pytest.raises(EvaluationError) as caught:
        _fill(template, payload)
    return caught.value


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ({"a.$": "$.n", "b": 1}, {"a": 5, "b": 1}),
        ({"b": 1, "a.$": "$.n"}, {"b": 1, "a": 5}),
        ({"whole.$": "$"}, {"whole": {"n": 5, "items": [1, 2]}}),
        ({"state.$": "$$.State.Name"}, {"state": "Charge"}),
        ({"sum.$": "States.MathAdd($.n, 1)"}, {"sum": 6}),
        ({"all.$": "$.items[*]", "none.$": "$.no[*]"}, {"all": [1, 2], "none": []}),
        ({"deep": {"er": [{"a.$": "$.n"}, "$.n", 1]}}, {"deep": {"er": [{"a": 5}, "$.n", 1]}}),
        ([{"a.$": "$.n"}], [{"a": 5}]),
        ({"x$": "$.n", ".$x": 1, "$": "$.n"}, {"x$": "$.n", ".$x": 1, "$": "$.n"}),
        ({".$": "$.n"}, {"": 5}),
        ("$.n", "$.n"),
        (None, None),
    ],
)
def test_a_template_is_filled_in_its_own_key_order(template: JSONValue, expected: JSONValue) -> None:
    before = json.dumps(template)
    assert json.dumps(_fill(template, {"n": 5, "items": [1, 2]})) == json.dumps(expected)
    assert json.dumps(template) == before


def test_constant_parts_are_shared_and_filled_objects_are_fresh() -> None:
    template = {"fixed": {"list": [1, 2]}, "a.$": "$.a"}
    evaluate = compile_payload_template(template)
    payload = {"a": {"big": True}}
    first, second = evaluate(payload, Surroundings()), evaluate(payload, Surroundings())
    assert first is not second
    assert first["fixed"] is template["fixed"]
    assert first["a"] is payload["a"]
    assert _fill(template["fixed"]) is template["fixed"]


def test_a_missing_path_names_the_path_the_field_and_the_input() -> None:
    error = _failure({"a": 1, "nested": {"value.$": "$.no_such"}}, {"int-literal": 0})
    assert isinstance(error, TemplatePathMissing)
    assert (error.error, error.prefixed) == ("States.Runtime", True)
    assert error.detail == (
        "The JSONPath '$.no_such' specified for the field 'value.$' could not be found in the input "
        "'{\"int-literal\":0}'"
    )
    # An execution's input keeps its caller's white space; the engine knows that text.
    assert error.detail_with('{"int-literal": 0}').endswith("in the input '{\"int-literal\": 0}'")


def test_a_missing_context_path_is_shown_as_it_was_written() -> None:
    detail = _failure({"first.$": "$.n", "value.$": "$$.Execution.Input.no"}, {"n": 1}).detail
    assert detail.startswith(
        "The JSONPath '$$.Execution.Input.no' specified for the field 'value.$' could not be found"
    )


def test_an_item_of_what_is_no_array_shows_the_path_engines_own_text() -> None:
    assert _failure({"v.$": "$.n[0]"}, {"n": 1}).detail == (
        "Filter: [0] can only be applied to arrays. Current context is: 1"
    )


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ({"a.$": 1}, "must be a path or an intrinsic function"),
        ({"a.$": "text"}, "no intrinsic function 'text'"),
        ({"a.$": ""}, "expected a path or an intrinsic"),
        ({"a.$": "$.x["}, "expected a quoted name"),
        ({"l": [{"a.$": "States.Nope()"}]}, "no intrinsic function"),
        ({"a": 1, "a.$": "$.a"}, "set twice"),
    ],
)
def test_a_template_that_cannot_be_read_is_refused(template: JSONValue, reason: str) -> None:
    with pytest.raises(ExpressionSyntaxError, match=reason):
        compile_payload_template(template)


def test_a_template_nests_deep_but_not_without_end() -> None:
    template: JSONValue = {"leaf.$": "$"}
    for _ in range(MAX_DEPTH - 1):
        template = {"in": template}
    filled = _fill(template, 7)
    for _ in range(MAX_DEPTH - 1):
        filled = filled["in"]
    assert filled == {"leaf": 7}
    for _ in range(10_000):
        template = [template]
    with pytest.raises(ExpressionSyntaxError, match="nested at most"):
        compile_payload_template(template)


plain_templates = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=4).filter(lambda name: not name.endswith(".$")), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(plain_templates)
def test_a_template_without_paths_is_its_own_result(template: JSONValue) -> None:
    assert _fill(template, {"n": 1}) is template


@given(plain_templates, st.integers())
def test_filling_changes_neither_the_template_nor_the_input(part: JSONValue, number: int) -> None:
    template = {"fixed": part, "list": [part, {"n.$": "$.n"}], "all.$": "$"}
    payload = {"n": number, "part": part}
    before = copy.deepcopy((template, payload))
    assert _fill(template, payload) == {"fixed": part, "list": [part, {"n": number}], "all": payload}
    assert (template, payload) == before
