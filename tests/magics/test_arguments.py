"""Lines as users type them: JSON with spaces and quotes, AWS CLI names, mistakes."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfn_notebook.errors import InvalidInput, UnknownName
from sfn_notebook.magics.arguments import Kind, Operand, Option, Usage, parse, read_input, split

RUN = Usage(
    command="%sfn run",
    operands=(Operand(name="NAME", kind=Kind.MACHINE, aliases=("--state-machine-arn",)),),
    options=(
        Option(name="--input", kind=Kind.INPUT, metavar="JSON"),
        Option(name="--name", metavar="TEXT"),
        Option(name="--seed", kind=Kind.INTEGER, metavar="N"),
        Option(name="--until", kind=Kind.SECONDS, metavar="SECONDS"),
        Option(name="--type", kind=Kind.CHOICE, choices=("STANDARD", "EXPRESS")),
        Option(name="--json", kind=Kind.FLAG),
    ),
)


def read(line: str, **variables: object) -> Any:
    return read_input(parse(RUN, line).options["--input"], variables)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('F --input {"a": "b  c", "d": [1, 2]} --name x', {"a": "b  c", "d": [1, 2]}),
        ("""F --input '{"a": "it\\u0027s"}'""", {"a": "it's"}),
        ("""F --input {"a": "it's } fine", "b": "--name"}""", {"a": "it's } fine", "b": "--name"}),
        (r'F --input {"quote": "say \"hi\" {"}', {"quote": 'say "hi" {'}),
        (r'F --input "{\"shell\": \"style\"}"', {"shell": "style"}),
        ('F --input "just text"', "just text"),
        ('F --input={"a": 1}', {"a": 1}),
        ('F --input [1, [2, {"x": null}]]', [1, [2, {"x": None}]]),
        ("F --input true", True),
        ("F --input null", None),
        ("F --input -1.5e3", -1500.0),
        (
            'F --input {"$.path": "$$.Execution.Id", "{braces}": "$name"}',
            {"$.path": "$$.Execution.Id", "{braces}": "$name"},
        ),
    ],
)
def test_json_arrives_as_it_was_written(line: str, expected: object) -> None:
    assert read(line) == expected


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(), children, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(), json_values, max_size=5) | st.lists(json_values, max_size=5), st.booleans())
def test_any_json_document_survives_between_other_options(value: object, ascii_only: bool) -> None:  # noqa: FBT001 - Hypothesis draws it
    text = json.dumps(value, ensure_ascii=ascii_only)
    arguments = parse(RUN, f"F --seed 3 --input {text} --name n")
    assert read_input(arguments.options["--input"], {}) == value
    assert arguments.text("--name") == "n"


@given(st.text(alphabet="ab {}[]'\"\\=-", max_size=30))
def test_no_line_makes_the_splitter_fail_in_another_way(line: str) -> None:
    try:
        words = split(line)
    except InvalidInput:
        assert "'" in line or '"' in line
        return
    assert all(line[word.column - 1 :].startswith(word.raw) for word in words)


def test_a_variable_is_found_by_name_and_copied() -> None:
    order = {"id": 7, "lines": (1, 2)}
    given_input = read("F --input order", order=order)
    assert given_input == {"id": 7, "lines": [1, 2]}
    assert given_input is not order


@pytest.mark.parametrize("text", ["order['id']", "order.copy()", "__import__('os').system('true')", "1+1", "{'a': 1}"])
def test_expressions_are_refused_and_never_evaluated(text: str) -> None:
    class Trap(dict[str, object]):
        def copy(self) -> "Trap":
            raise AssertionError("evaluated")

        def __getitem__(self, key: str) -> object:
            raise AssertionError("evaluated")

    with pytest.raises(InvalidInput) as caught:
        read(f"F --input {text}", order=Trap(id=1))
    assert "assign them to a variable first" in str(caught.value)


def test_broken_json_shows_the_place() -> None:
    with pytest.raises(InvalidInput) as caught:
        read('F --input {"a": 1,, "b": 2}')
    lines = str(caught.value).splitlines()
    assert "at column 9" in lines[0]
    assert lines[1] == '    {"a": 1,, "b": 2}'
    assert lines[2].index("^") == lines[1].index(",,") + 1


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ordr", 'Did you mean "order"?'),
        ("zzz", 'a text is written "zzz"'),
        ("None", "In JSON it is written null."),
        ("True", "In JSON it is written true."),
        ("bad", "the variable bad (dict) is not JSON"),
    ],
)
def test_an_unusable_name_says_what_to_do(name: str, expected: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read(f"F --input {name}", order={}, bad={"x": {1, 2}})
    assert expected in str(caught.value)


def test_aws_names_of_operands_and_equals_signs() -> None:
    arguments = parse(RUN, "--state-machine-arn arn:x:F --name='my run' --json --until=2.5")
    assert arguments.operands == {"NAME": "arn:x:F"}
    assert arguments.text("--name") == "my run"
    assert arguments.has("--json")
    assert arguments.seconds("--until") == 2.5
    assert arguments.integer("--seed", 0) == 0


@pytest.mark.parametrize(
    ("line", "error", "expected"),
    [
        ("F --inptu x", UnknownName, 'Did you mean "--input"?'),
        ("F --type EXPRES", UnknownName, 'Did you mean "EXPRESS"?'),
        ("F --input", InvalidInput, "--input needs a value."),
        ("", InvalidInput, "%sfn run needs NAME."),
        ("F G", InvalidInput, "does not know what to do with 'G'"),
        ("F --name 'x", InvalidInput, "column 10 is never closed"),
    ],
)
def test_mistakes_name_the_remedy(line: str, error: type[Exception], expected: str) -> None:
    with pytest.raises(error) as caught:
        parse(RUN, line)
    assert expected in str(caught.value)


def test_numbers_are_checked() -> None:
    with pytest.raises(InvalidInput, match=r"whole number, not '1\.5'"):
        parse(RUN, "F --seed 1.5").integer("--seed", 0)
    with pytest.raises(InvalidInput, match="takes seconds"):
        parse(RUN, "F --until soon").seconds("--until")


def test_usage_lists_everything() -> None:
    assert str(RUN).startswith("%sfn run NAME [--input JSON] [--name TEXT]")
    assert str(RUN).endswith("[--json]")
