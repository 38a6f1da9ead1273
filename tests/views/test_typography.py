import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfn_notebook.views.typography import shorten, text_width, visible, wrap


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Check stock", "Check stock"),
        ("Ünïcode 注文 🙂", "Ünïcode 注文 🙂"),
        ("a\nb\tc", "a\\nb\\tc"),
        ("evil\u202etxt", "evil\\u202etxt"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("lone \ud800", "lone \\ud800"),
        ("a\u00a0b", "a b"),
        ("\u0644\u200c\u0627", "\u0644\u200c\u0627"),
    ],
)
def test_invisible_characters_are_shown_as_escapes(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text())
def test_what_is_shown_can_always_be_encoded_and_never_reorders(text: str) -> None:
    shown = visible(text)
    assert shown.encode("utf-8").decode("utf-8") == shown
    assert not set(shown) & set("\u202a\u202b\u202d\u202e\u2066\u2067\u200e\u200f\n\x00")


def test_widths_follow_the_metrics() -> None:
    assert text_width("iiii", 10) < text_width("WWWW", 10)
    assert text_width("Order", 13, bold=True) > text_width("Order", 13)
    assert text_width("注文", 10) == 20


@given(st.text(max_size=60), st.floats(40, 300))
def test_wrapped_lines_fit(text: str, width: float) -> None:
    lines = wrap(text, width, 13, bold=True)
    assert len(lines) in (1, 2)
    assert all(text_width(line, 13, bold=True) <= width for line in lines)


def test_names_break_where_a_person_would() -> None:
    assert wrap("Create idempotency settings", 160, 13, bold=True) == ("Create idempotency", "settings")
    assert wrap("CheckCustomerEligibilityNow", 140, 13, bold=True) == ("CheckCustomer", "EligibilityNow")


def test_long_text_is_cut_with_an_ellipsis() -> None:
    cut = shorten("x" * 500, 100, 11)
    assert cut.endswith("…")
    assert text_width(cut, 11) <= 100
