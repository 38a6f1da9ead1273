import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfn_notebook.asl.jsonata_regex import PYTHON, RUST, RegexSyntaxError, translate_regex


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        (r"^\d$", "\u0663", False),  # an Arabic digit
        (r"^\w$", "\u00e9", False),
        (r"^\W$", "\u00e9", True),
        (r"\bb", "\u00e9b", True),
        (r"\s", "\ufeff", True),
        (r"a.b", "a\nb", False),
        (r"a.b", "a\u2028b", False),
        (r"a$", "a\n", False),
        (r"[[]", "[", True),
        (r"[a&&b]", "&", True),
        (r"[^]", "x", True),
        (r"[]", "x", False),
        (r"^[\D]$", "x", True),
        (r"^[\D]$", "5", False),
        (r"[\w-.]", "-", True),
        (r"\x41\u0042", "AB", True),
        (r"\p{2}", "pp", True),
        (r"a{,2}", "a{,2}", True),
        (r"^a{2}$", "aa", True),
        (r"(?<year>\d{4})", "in 2024", True),
        (r"\/", "/", True),
        (r"\cI", "\t", True),
        (r"\a", "a", True),
        (r"(a)\1", "aa", True),
        (r"(?<x>a)\k<x>", "aa", True),
        (r"x(?=y)", "xy", True),
        (r"(?<!a)b", "ab", False),
        (r"#~ -", "#~ -", True),
    ],
)
def test_javascript_patterns_match_as_in_javascript(pattern: str, text: str, matches: bool) -> None:  # noqa: FBT001 - a table
    assert bool(re.search(translate_regex(pattern, "", PYTHON).text, text)) is matches


@pytest.mark.parametrize("pattern", ["(", ")", "[a", "a**", "*", "(?i)a", "\\", "(?P<n>a)", "{2}"])
def test_what_is_no_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(RegexSyntaxError):
        translate_regex(pattern, "", RUST)


@pytest.mark.parametrize(
    ("pattern", "feature"),
    [("(?=a)", "look-around (?="), ("(?<!a)b", "look-around (?<!"), (r"(a)\1", r"back-reference \1"), ("(?:a)+", "")],
)
def test_what_a_linear_matcher_lacks_is_named(pattern: str, feature: str) -> None:
    assert translate_regex(pattern, "", RUST).needs_backtracking == feature


@pytest.mark.parametrize("pattern", [r"^(a+)+$", r"(a|a)*b", r"(a?){50}b", r"(\w+\s?)*$"])
def test_patterns_that_explode_cost_too_much(pattern: str) -> None:
    assert translate_regex(pattern, "", PYTHON).steps(60) > 1e12


@pytest.mark.parametrize("pattern", [r"^[a-z]+@[a-z]+$", r"\d{4}-\d{2}", r"a|b|c", r"(?:foo|bar)baz"])
def test_usual_patterns_cost_little(pattern: str) -> None:
    assert translate_regex(pattern, "", PYTHON).steps(300) < 1e8


# What only the matcher knows: the order of limits and ranges, groups that do not exist, widths of look-behind.
MATCHERS_REASONS = "range|group|width|repeat|min repeat|redefinition|overflow|name"


def refusal_of(pattern: str) -> str:
    try:
        re.compile(translate_regex(pattern, "", PYTHON).text)
    except RegexSyntaxError:
        return ""
    except re.error as error:
        return str(error)
    return ""


@given(st.text(alphabet="ab01()[]{}?*+|^$.\\-,:=!<>&dwsbDWSxuck", max_size=25))
def test_a_translation_compiles_or_is_refused_for_a_reason(pattern: str) -> None:
    refusal = refusal_of(pattern)
    assert not refusal or re.search(MATCHERS_REASONS, refusal)
