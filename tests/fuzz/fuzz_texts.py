"""Hostile texts and values for the fuzzer: what an expression may look like when nobody meant well; it runs nothing."""

from collections.abc import Sequence
from typing import Any, Final

from hypothesis import strategies as st

ODD_STRINGS: Final = (
    "", " ", "a", "b", "a.$", "$", "$.a", "$$", "0", "-1", "1e999", "NaN", "null", "true", "{}", "[]", "{%", "%}",
    "\x00", "\x07", "\u2028", "\ud83d", "\ude00", "\U0001f600", "\u202e", "'", '"', "\\", "`", "<b>", "a" * 300,
    "2026-03-14T01:59:00Z", "2026-02-30T00:00:00Z", "9999-12-31T23:59:59.999999999-18:00", "*", "log-*", "\\*", "/",
)  # fmt: skip
ODD_NUMBERS: Final = (
    0, -0.0, 1, -1, 2, 3, 0.5, -2.5, 1.5, 1e-320, 1e308, -1e308, 2**31, -(2**31) - 1, 2**53 + 1, 2**63, 2**64, 10**30,
    10**400, -(10**400), 99_999_999, 253_402_300_799, 1e15, 1e21,
)  # fmt: skip
scalars: Final = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from(ODD_NUMBERS),
    st.integers(min_value=-10, max_value=10),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(ODD_STRINGS),
    st.text(max_size=8),
)
keys: Final = st.sampled_from(("a", "b", "c", "items", "name", "a.$", "", "$", "x y", "'", "Type", "Error")) | st.text(
    max_size=3
)


def _deep(depth: int) -> Any:
    value: Any = 1
    for level in range(depth):
        value = [value] if level % 2 else {"a": value}
    return value


values: Final = st.recursive(
    scalars | st.integers(min_value=0, max_value=200).map(_deep),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(keys, inner, max_size=5),
    max_leaves=12,
)
objects: Final = st.fixed_dictionaries({}, optional=dict.fromkeys(("a", "b", "items", "name"), values))


def soup(tokens: Sequence[str], *, max_size: int = 25) -> st.SearchStrategy[str]:
    """Texts of tokens in any order, with a few characters of any kind between them."""
    part = st.one_of(*[st.sampled_from(tokens)] * 9, st.text(max_size=2))
    return st.lists(part, max_size=max_size).map("".join)


@st.composite
def damaged(draw: st.DrawFn, texts: st.SearchStrategy[str], tokens: Sequence[str]) -> str:
    """A text that was right, with a few pieces cut out, doubled or put in."""
    text = draw(texts)
    for _ in range(draw(st.integers(min_value=0, max_value=3))):
        start = draw(st.integers(min_value=0, max_value=len(text)))
        end = min(len(text), start + draw(st.integers(min_value=0, max_value=6)))
        piece = draw(st.sampled_from(("", text[start:end] * 2, *tokens)) | st.text(max_size=2))
        text = text[:start] + piece + text[end:]
    return text


PATH_TOKENS: Final = (
    "$", "$$", ".", "..", "[", "]", "*", "?", "(", ")", "@", "'", '"', ",", ":", "-", "0", "1", "2", "-1", "a", "b",
    "items", "name", "['a']", "[0]", "[*]", "[?(", ")]", "@.a", " == ", " != ", " > ", " < ", " >= ", " =~ ",
    "/a.*/i",
    " in ", " nin ", " subsetof ", " size ", " empty ", "true", "null", "1.5", "&&", "||", "!", ".length()", ".min()",
    ".max()", ".sum()", ".avg()", ".keys()", ".concat(", ".append(", "{", "}", "\\", "1e400", "9" * 20, "[0:2]",
    "[::]",
)  # fmt: skip
well_formed_paths: Final = st.sampled_from(
    (
        "$.a.b", "$..a", "$.items[*].name", "$.items[?(@.a > 1)]", "$.items[?(@.name =~ /^(a+)+$/)]", "$['a']['b']",
        "$$.Execution.Input", "$.items[0,1]", "$.items[-1:]", "$.items.length()", "$..[?(@.a)]", "$..*", "$a.b[0]",
        "$.items[?(@.a == 'x' && @.b != null || !(@.c))]", "$..['a','b']", "$[*][*]", "$..a..a..a", "$.a.min()",
        "$.items[?(@.a in [1,2,'x'])]", "$.items[?($.a == @.a)]", "$..[0,0,0]..[0,0,0]",
    )
)  # fmt: skip
paths: Final = damaged(well_formed_paths, PATH_TOKENS) | soup(PATH_TOKENS).map("$".__add__) | soup(PATH_TOKENS)

NAMES: Final = (
    "Array", "ArrayContains", "ArrayGetItem", "ArrayLength", "ArrayPartition", "ArrayRange", "ArrayUnique",
    "Base64Decode", "Base64Encode", "Format", "Hash", "JsonMerge", "JsonToString", "MathAdd", "MathRandom",
    "StringSplit", "StringToJson", "UUID",
)  # fmt: skip
INTRINSIC_TOKENS: Final = (
    *(f"States.{name}(" for name in NAMES), "(", ")", ",", ", ", "'", "\\'", "\\{", "{}", "'{}'", "$.a", "$.items[*]",
    "$$.Execution.Input", "$a", "1", "-1", "0", "1.5", "1e400", "9" * 30, "true", "null", "'MD5'", "'SHA-256'", "'a'",
    "$.items[?(@.a)]", "States.", "States.Nope(", "\\", " ",
)  # fmt: skip


@st.composite
def calls(draw: st.DrawFn, depth: int = 2) -> str:
    """A call of a known function with arguments of any kind."""
    literals = st.sampled_from(("'a'", "'{}-{}'", "1", "-3", "0", "1000", "2147483647", "0.5", "true", "null", "'MD5'",
                                "$.a", "$.items", "$.items[*].a", "$", "$$.Execution.Input", "$a", "''", "','"))  # fmt: skip
    argument = literals | calls(depth - 1) if depth else literals
    arguments = draw(st.lists(argument, max_size=4))
    return f"States.{draw(st.sampled_from(NAMES))}({', '.join(arguments)})"


intrinsics: Final = damaged(calls(), INTRINSIC_TOKENS) | soup(INTRINSIC_TOKENS)

JSONATA_NAMES: Final = (
    "sum", "count", "max", "min", "average", "string", "length", "substring", "uppercase", "pad", "contains", "split",
    "join", "match", "replace", "number", "round", "power", "sqrt", "formatNumber", "formatBase", "formatInteger",
    "parseInteger", "boolean", "not", "exists", "append", "sort", "reverse", "shuffle", "distinct", "zip", "keys",
    "lookup", "spread", "merge", "sift", "each", "error", "assert", "type", "now", "millis", "fromMillis", "toMillis",
    "map", "filter", "single", "reduce", "partition", "range", "hash", "random", "uuid", "parse", "eval", "clone",
    "base64encode", "base64decode", "encodeUrl", "decodeUrl", "decodeUrlComponent", "encodeUrlComponent", "trim",
    "substringBefore", "substringAfter", "floor", "ceil", "abs",
)  # fmt: skip
JSONATA_TOKENS: Final = (
    *(f"${name}(" for name in JSONATA_NAMES), "$states.input", "$states", "$a", "$n", "$", "$$", "(", ")", "[", "]",
    "{", "}", ",", ";", ":", ":=", ".", "..", "*", "**", "%", "&", "+", "-", "/", "=", "!=", "<", ">", " and ",
    " or ",
    " in ", "?", "^(", "@$i", "#$i", "~>", "|", "function($x){", "λ", "'a'", '"b"', "1", "0", "-1", "1e308", "9" * 25,
    "/a+/", "/(a|b)*$/i", "/(?=a)/", "null", "true", "[1..9]", "[1..100000000]", "`a b`", "\\u0000", "/*", "*/", "<",
)  # fmt: skip


JSONATA_LEAVES: Final = (
    "$states.input", "$states.input.a", "$states.input.items", "$a", "$n", "$text", "'a'", "1", "0", "-1", "2.5",
    "null",
    "true", "[]", "{}", "[1..5]", "1e308", "$missing", "$x", "$sum", "$uuid()", "/a+/", "$states.input.items[0]",
    "$states.input.**", "$states.input.*", "function($x){$x}",
)  # fmt: skip
JSONATA_SHAPES: Final = (
    *(f"(#{operator}#)" for operator in ("+", "-", "*", "/", "%", "&", "=", "!=", "<", ">=", "..", "~>", "?:", "??")),
    "(# and #)", "(# or #)", "(# in #)", "#[#]", "#.(#)", "[#, #]", "{$string($n): #}", '{"k": #}', "($x := #; #)",
    "(# ? # : #)", "$map(#, function($x, $i) { # })", "#^(#)", "#^(>#, <#)", "# ~> |#|#|", "#@$x.(#)",
    "#{$string($x): #}",
)  # fmt: skip


@st.composite
def jsonata_expressions(draw: st.DrawFn, depth: int = 3) -> str:
    """A text that is mostly JSONata; # in a shape stands for an expression."""
    if depth == 0 or draw(st.integers(min_value=0, max_value=9)) == 0:
        return draw(st.sampled_from(JSONATA_LEAVES))
    inner = jsonata_expressions(depth - 1)
    if draw(st.integers(min_value=0, max_value=2)) == 0:
        return f"${draw(st.sampled_from(JSONATA_NAMES))}({', '.join(draw(st.lists(inner, max_size=3)))})"
    first, *rest = draw(st.sampled_from(JSONATA_SHAPES)).split("#")
    return first + "".join(f"{draw(inner)}{piece}" for piece in rest)


jsonata_texts: Final = st.one_of(
    jsonata_expressions(), damaged(jsonata_expressions(), JSONATA_TOKENS), soup(JSONATA_TOKENS, max_size=15)
)

TIMESTAMP_TOKENS: Final = (
    "0", "1", "9", "00", "24", "60", "0000", "9999", "-", ":", "T", "t", "Z", "z", "+", ".", " ", "+18:00",
    "-18:01", "\u0661",
)  # fmt: skip
timestamps: Final = damaged(
    st.sampled_from(
        ("2016-03-14T01:59:00Z", "2016-03-14T01:59:00.123456789+02:00", "0001-01-01T00:00:00+18:00", "9999-12-31T23:59:59Z")
    ),
    TIMESTAMP_TOKENS,
) | soup(TIMESTAMP_TOKENS)  # fmt: skip

JSON_TOKENS: Final = (
    "{", "}", "[", "]", ",", ":", '"', '"a"', '"a":', "null", "true", "1", "-", "0", "01", "1e999", "1.5", "NaN",
    "'", "\\",
    "\\u0000", "\\ud83d", "\\q", "//", "/*", "#", "\n", "\t", "\x00", "\ud800", "\ufeff", "${X}", "[[[[[[[[",
    "9" * 5000,
)  # fmt: skip
YAML_TOKENS: Final = (
    *JSON_TOKENS, "- ", "a: ", "? ", ": ", "|", ">", "|+2", "&x", "*x", "<<: ", "<<: *x", "!Sub ", "!GetAtt ", "!!int ",
    "!!binary ", "!!python/object:os.system ", "---", "...", "%YAML 1.1", "~", ".inf", ".nan", "0x1F", "0o17",
    "1_000",
    "yes", "2001-01-01", "\r", "\u2028", "\u0085", "  ", "    ", "\x07", "\n  ", "\n- ", "\na: ", "[*x, *x, *x]",
)  # fmt: skip
