import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfn_notebook.asl.jsonata_grammar import MAX_NESTING, parse_jsonata
from sfn_notebook.asl.jsonata_references import jsonata_references
from sfn_notebook.asl.jsonata_tokens import JsonataSyntaxError


@pytest.mark.parametrize(
    ("text", "code", "position", "message"),
    [
        ("$states.input.", "S0207", 14, "Unexpected end of expression"),
        ("$sum([1,2)", "S0202", 9, 'Expected "]", got ")"'),
        ("(1", "S0203", 2, 'Expected ")" before end of expression'),
        ("1 2", "S0201", 2, "Syntax error: 2"),
        ("$a ?: 1", "S0211", 4, 'The symbol ":" cannot be used as a unary operator'),
        ("$a ?? 1", "S0211", 4, 'The symbol "?" cannot be used as a unary operator'),
        ("'it\\'s'", "S0103", 4, 'Unsupported escape sequence: \\"\'"'),
        ("x := 1", "S0212", 0, "The left side of := must be a variable name (start with $)"),
        ("/ab", "S0302", 3, "No terminating / in regular expression"),
        ("1e999", "S0102", 0, 'Number out of range: "1e999"'),
        ("$a.5", "S0213", 3, "The literal value 5 cannot be used as a step within a path expression"),
        ("", "S0207", 0, "Unexpected end of expression"),
    ],
)
def test_a_mistake_has_jsonatas_code_and_its_place(text: str, code: str, position: int, message: str) -> None:
    with pytest.raises(JsonataSyntaxError) as raised:
        parse_jsonata(text)
    assert (raised.value.code, raised.value.position, raised.value.message) == (code, position, message)


def test_nesting_is_bounded() -> None:
    parse_jsonata("(" * (MAX_NESTING - 1) + "1" + ")" * (MAX_NESTING - 1))
    with pytest.raises(JsonataSyntaxError):
        parse_jsonata("(" * 100_000)


def test_long_chains_are_no_nesting() -> None:
    references = jsonata_references("$a" + " & $b" * 20_000)
    assert references.variables == {"a", "b"}


def mistake_in(text: str) -> JsonataSyntaxError | None:
    try:
        jsonata_references(text)
    except JsonataSyntaxError as mistake:
        return mistake
    return None


@given(st.text(max_size=60) | st.text(alphabet="$ab01.,;:?+-*/%|=<>^&!~[](){}@#'\"`\\ \n", max_size=40))
def test_any_text_is_read_or_refused_at_a_place_within(text: str) -> None:
    mistake = mistake_in(text)
    assert mistake is None or 0 <= mistake.position <= len(text)


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("$states.input.a & $suffix", {"states", "suffix"}),
        ("$map($items, function($v, $i) { $v + $step })", {"map", "items", "step"}),
        ("($total := 1; $total + $tax)", {"tax"}),
        ("$states.input.orders[price > $limit]^(>$rank)", {"states", "limit", "rank"}),
        ("$$.a", set()),
    ],
)
def test_the_variables_from_outside(text: str, variables: set[str]) -> None:
    assert jsonata_references(text).variables == variables


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("a.b", 0),
        ("$", 0),
        ("$$.a", 0),
        ("1 + *", 4),
        ("$states.input.items[price > 5]", None),
        ("$states.input.(a + $)", None),
        ("$states.input{name: $}", None),
        ("$map($a, function($v) { $v.x })", None),
    ],
)
def test_where_an_expression_reads_the_value_that_a_state_does_not_have(text: str, position: int | None) -> None:
    assert jsonata_references(text).root_position == position
