"""Every payload becomes in the browser, from its bytes, the text that Python's own writer makes of it."""

from typing import Any
from unicodedata import category

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sfn_notebook import _json
from sfn_notebook._json import JSONValue
from sfn_notebook.views.trace import trace_of
from sfn_notebook.views.trace_texts import faithful
from tests.properties.test_replay import bounded
from tests.views.machines import FakeExecution
from tests.widgets.trace_reader import read_trace

# What is assigned to a character differs between versions of Unicode, and Python and a browser may have different ones.
ASSIGNED = st.characters(max_codepoint=0x2FFF).filter(lambda character: category(character) != "Cn")
TEXTS = st.text(ASSIGNED | st.sampled_from("\ud800\udfff🙂😀é\u202e"))
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**200), 2**200)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


def _texts(*payloads: JSONValue) -> list[str]:
    """The texts of the inputs of visits with these payloads."""
    run = FakeExecution()
    for payload in payloads:
        run.enter("Step", payload)
    trace: Any = read_trace(trace_of(run))
    return [trace["texts"][number] for number in trace["visits"]["input"]]


@bounded(150)
@given(payload=JSON)
@example(payload={"b": 1.0, "a": 1, "": [-0.0, 1e16, 1e15, 9999999999999998.0, 1e-4, 1e-5, 1.5e300, 5e-324]})
@example(payload=[2**53 + 1, -(2**63), 2**31, -(2**31) - 1, 10**30, 255, 256, 65535, 65536, -1])
@example(payload={"\u2028": "\x00\x7f\u00a0\u200d\ufeff", "lone": "\ud800", "__proto__": {"length": 0}})
def test_the_text_of_a_payload_is_that_of_pythons_writer(payload: JSONValue) -> None:
    assert _texts(payload) == [faithful(_json.dump(payload))]


def test_payloads_that_share_their_parts_are_whole_each() -> None:
    order: JSONValue = {"lines": [{"sku": "A-1", "n": number / 2} for number in range(3000)]}
    payloads = [{"n": number, "order": order, "again": order["lines"][0]} for number in range(5)]
    assert _texts(*payloads) == [_json.dump(payload)[:50_000] for payload in payloads]


@pytest.mark.parametrize("size", [10, 300, 70_000])
def test_texts_of_any_length_are_read(size: int) -> None:
    payload = ["x" * size, "é" * size, {"k" * size: size}]
    assert _texts(payload) == [_json.dump(payload)[:50_000]]
