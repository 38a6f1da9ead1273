import csv
import io
import itertools
import tracemalloc
from typing import TextIO, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfn_notebook.asl.environment import EvaluationError
from sfn_notebook.engine.item_csv import DELIMITERS, rows_of


def _rows(text: str, headers: list[str] | None = None, delimiter: str = ",") -> list[dict[str, str]]:
    return list(rows_of(io.StringIO(text, newline=""), headers, delimiter=delimiter, place="s3://data/a.csv"))


def test_every_value_is_a_text_missing_cells_are_empty_and_extra_ones_left_out() -> None:
    text = "Col1,Col2,Col3\nValue1,Value2,Value3\n,,,\ntrue,1,'HelloWorld'\nNull,None,\n   \nA,B,C,D\n"
    assert _rows(text) == [
        {"Col1": "Value1", "Col2": "Value2", "Col3": "Value3"},
        {"Col1": "", "Col2": "", "Col3": ""},
        {"Col1": "true", "Col2": "1", "Col3": "'HelloWorld'"},
        {"Col1": "Null", "Col2": "None", "Col3": ""},
        {"Col1": "   ", "Col2": "", "Col3": ""},
        {"Col1": "A", "Col2": "B", "Col3": "C"},
    ]


def test_given_headers_make_the_first_row_an_item() -> None:
    assert _rows("1,2\n3,4", ["a", "b"]) == [{"a": "1", "b": "2"}, {"a": "3", "b": "4"}]


def test_one_header_may_be_empty() -> None:
    assert _rows("H1,\n1,2,3\n") == [{"H1": "1", "": "2"}]


@pytest.mark.parametrize("headers", [["a", "a"], None])
def test_headers_with_duplicates_fail_as_recorded(headers: list[str] | None) -> None:
    with pytest.raises(EvaluationError) as raised:
        _rows("x,x\n1,2\n", headers)
    assert (raised.value.error, raised.value.detail) == (
        "States.ItemReaderFailed",
        "CSV headers cannot contain duplicates.",
    )
    assert not raised.value.prefixed


def test_headers_beyond_ten_kilobytes_fail() -> None:
    with pytest.raises(EvaluationError, match="10 KiB"):
        _rows("a" * 10_241 + ",b\n1,2\n")


@pytest.mark.parametrize("name", DELIMITERS)
def test_each_delimiter_separates(name: str) -> None:
    mark = DELIMITERS[name]
    text = f'a{mark}b\n1{mark}"x{mark}y"\n2\\{mark}2{mark}z\n'
    assert _rows(text, delimiter=mark) == [{"a": "1", "b": f"x{mark}y"}, {"a": f"2{mark}2", "b": "z"}]


def test_quoted_cells_hold_delimiters_line_ends_blank_lines_and_marks() -> None:
    text = 'a,b\n"1,5","two\n\nlines"\r\n"say ""hi""",""\n'
    assert _rows(text) == [{"a": "1,5", "b": "two\n\nlines"}, {"a": 'say "hi"', "b": ""}]


def test_backslashes_escape_marks_and_vanish_before_anything_else() -> None:
    assert _rows('path,size\nC:\\\\Program Files\\\\MyApp.exe,6534512\n"a\\"b",\\n\n') == [
        {"path": "C:\\Program Files\\MyApp.exe", "size": "6534512"},
        {"path": 'a"b', "size": "n"},
    ]


def test_a_mark_within_a_cell_that_does_not_begin_with_one_is_a_character() -> None:
    assert _rows('a,b\n5" pipe,x"y"\n') == [{"a": '5" pipe', "b": 'x"y"'}]


def test_blank_lines_are_no_rows_and_a_last_line_needs_no_end() -> None:
    assert _rows("\na,b\r\n\r\n1,2\n\n\n3,4") == [{"a": "1", "b": "2"}, {"a": "3", "b": "4"}]
    assert _rows("") == []
    assert _rows("a,b\n") == []


def test_an_open_mark_ends_with_the_text() -> None:
    assert _rows('a,b\n1,"open\nstill') == [{"a": "1", "b": "open\nstill"}]


def test_an_open_mark_does_not_read_on_without_limit() -> None:
    lines = itertools.chain(["a,b\n", '"\n'], itertools.repeat("x" * 1000 + "\n"))

    class Endless:
        def readline(self, _size: int) -> str:
            return next(lines)

    tracemalloc.start()
    with pytest.raises(EvaluationError, match="larger than 8 MB"):
        list(rows_of(cast("TextIO", Endless()), None, place="s3://data/a.csv"))
    assert tracemalloc.get_traced_memory()[1] < 40 * 1024 * 1024
    tracemalloc.stop()


_CELL = st.text(alphabet="ab ,;\"\n'é", max_size=6)


@given(rows=st.lists(st.lists(_CELL, min_size=3, max_size=3), max_size=6), mark=st.sampled_from([",", ";", "\t"]))
def test_what_the_standard_library_writes_is_read_back(rows: list[list[str]], mark: str) -> None:
    written = io.StringIO()
    csv.writer(written, delimiter=mark, lineterminator="\n").writerows([["x", "y", "z"], *rows])
    assert _rows(written.getvalue(), delimiter=mark) == [dict(zip("xyz", row, strict=True)) for row in rows]
