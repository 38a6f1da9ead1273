"""JSON values: their types, canonical text, equality and size; it knows nothing of ASL."""

import json
import marshal
import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from enum import Enum
from typing import Any, Final, TypeAlias

# Any at this one border: a recursive alias makes every reader cast at each step without catching more mistakes.
JSONValue: TypeAlias = Any
JSONObject: TypeAlias = dict[str, JSONValue]


class Absent(Enum):
    """The type of ``ABSENT``: a field that was not written, where ``null`` means something else."""

    ABSENT = "absent"

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = Absent.ABSENT

MAX_NESTING: Final = 400
"""How deep a payload may nest: well within what Python's encoder and a notebook's stack allow, so that the same payload
is refused wherever a run goes on."""

Encoder: TypeAlias = Callable[[JSONValue], str]


def encoder(
    *,
    separators: tuple[str, str] = (",", ":"),
    ensure_ascii: bool = False,
    default: Callable[[Any], JSONValue] | None = None,
) -> Encoder:
    """Make a way to write strict JSON text that costs little for small values.

    ``json.JSONEncoder.encode`` makes its C encoder anew for each call, which costs more than a small payload does; here
    one is made once. Where Python has no C encoder, ``encode`` itself is used.

    The encoder raises ValueError for NaN, infinities and circular structures, TypeError for what JSON cannot hold, and
    RecursionError for nesting that exhausts the stack.
    """
    plain = json.JSONEncoder(ensure_ascii=ensure_ascii, allow_nan=False, separators=separators, default=default)
    make = getattr(json.encoder, "c_make_encoder", None)
    if make is None:
        return plain.encode
    write_text = json.encoder.encode_basestring_ascii if ensure_ascii else json.encoder.encode_basestring
    markers: dict[int, Any] = {}
    item_separator, key_separator = separators
    encode = make(markers, plain.default, write_text, None, key_separator, item_separator, False, False, False)

    def write(value: JSONValue) -> str:
        try:
            return "".join(encode(value, 0))
        except BaseException:
            # What an encoding that failed was inside of must not look like a circle to the next one.
            markers.clear()
            raise

    return write


_write: Final = encoder()


def _refuse_constant(name: str) -> JSONValue:
    raise ValueError(f"{name} is not JSON: use null or a string.")


_DECODER: Final = json.JSONDecoder(parse_constant=_refuse_constant)
_scan: Final = _DECODER.scan_once  # type: ignore[attr-defined]  # set in __init__, but not declared
_NUMBER_TYPES: Final = (int, float)


def dump(value: JSONValue) -> str:
    """Write ``value`` as compact JSON text, keys in their own order, as AWS writes computed payloads.

    Raises:
        ValueError: For NaN and infinities.
        TypeError: For a value that JSON cannot hold.
    """
    return _write(value)


def load(text: str | bytes) -> JSONValue:
    """Read JSON text strictly: NaN and Infinity are refused.

    Raises:
        ValueError: If the text is not JSON (``json.JSONDecodeError`` carries line and column).
    """
    return _DECODER.decode(text if isinstance(text, str) else text.decode("utf-8"))


def size_bytes(value: JSONValue) -> int:
    """Length of the compact UTF-8 text of ``value``; lone surrogates count as three bytes, as in Java's encoder."""
    return len(_write(value).encode("utf-8", "surrogatepass"))


_PACKED_VERSION: Final = 2  # each value is written where it stands, without references to equal ones
_TEXT_PER_PACKED_BYTE: Final = 6
_PACKED_BYTES_OF_LEVEL: Final = 4


def fits(value: JSONValue, limit_bytes: int) -> bool:
    r"""Whether the text of ``value`` has at most ``limit_bytes`` (UTF-8) and nests at most ``MAX_NESTING`` deep.

    ``value`` is plain JSON. Nearly all payloads are small, so Python's own packed form bounds the text's length first,
    at a third of the cost of writing it: no packed byte stands for more than six of text (as in ``\u0000``), and a
    level of nesting takes at least four.
    """
    try:
        packed_bytes = len(marshal.dumps(value, _PACKED_VERSION))
    except ValueError:
        return _text_fits(value, limit_bytes)
    if packed_bytes * _TEXT_PER_PACKED_BYTE > limit_bytes:
        return _text_fits(value, limit_bytes)
    return packed_bytes <= _PACKED_BYTES_OF_LEVEL * MAX_NESTING or not is_too_deep(value)


def _text_fits(value: JSONValue, limit_bytes: int) -> bool:
    try:
        text = _write(value)
    except RecursionError:
        return False
    if len(text) > 2 * MAX_NESTING and is_too_deep(value):
        return False
    # A character has at most 4 bytes: only texts beyond a quarter of the limit need counting.
    return len(text) * 4 <= limit_bytes or len(text.encode("utf-8", "surrogatepass")) <= limit_bytes


def is_too_deep(value: JSONValue, limit: int = MAX_NESTING) -> bool:
    """Whether objects and arrays nest more than ``limit`` levels in ``value``, which does not hold itself.

    A level takes two characters of text, so that a text of ``2 * limit`` need not be asked about.
    """
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(limit):
        if not level:
            return False
        # The identity of the class: a third of the time of isinstance, and payloads are plain JSON.
        level = [
            inner
            for each in level
            for inner in (each.values() if each.__class__ is dict else each)
            if inner.__class__ is dict or inner.__class__ is list
        ]
    return bool(level)


def is_number(value: JSONValue) -> bool:
    """Tell a JSON number from a boolean, which Python counts as an integer."""
    return isinstance(value, _NUMBER_TYPES) and not isinstance(value, bool)


def equal(left: JSONValue, right: JSONValue) -> bool:  # noqa: C901 - one case per type of JSON
    """Deep JSON equality: ``1`` equals ``1.0``, ``true`` equals no number, key order is ignored.

    No recursion: whether two deep payloads are equal must not depend on the stack of whoever asks.
    """
    pairs = [(left, right)]
    while pairs:
        left, right = pairs.pop()
        if isinstance(left, bool) or isinstance(right, bool):
            if left is not right:
                return False
        elif isinstance(left, Mapping) and isinstance(right, Mapping):
            if left.keys() != right.keys():
                return False
            pairs.extend((each, right[key]) for key, each in left.items())
        elif isinstance(left, str) or isinstance(right, str):
            if not (isinstance(left, str) and isinstance(right, str) and left == right):
                return False
        elif isinstance(left, Sequence) and isinstance(right, Sequence):
            if len(left) != len(right):
                return False
            pairs.extend(zip(left, right, strict=True))
        elif left != right:
            return False
    return True


def identity(value: JSONValue) -> Hashable:
    """A hashable stand-in that is equal exactly where plain JSON values are ``equal``; without recursion, as there."""
    made: dict[int, Hashable] = {}
    waiting: list[tuple[JSONValue, bool]] = [(value, False)]
    while waiting:
        part, are_parts_made = waiting.pop()
        if not isinstance(part, dict | list):
            return _scalar_identity(part)
        if id(part) in made:
            continue
        inner = part.values() if isinstance(part, dict) else part
        if not are_parts_made:
            waiting.append((part, True))
            waiting.extend((each, False) for each in inner if isinstance(each, dict | list))
            continue
        stand_ins = [made[id(each)] if isinstance(each, dict | list) else _scalar_identity(each) for each in inner]
        made[id(part)] = (
            ("object", frozenset(zip(part, stand_ins, strict=True)))
            if isinstance(part, dict)
            else ("array", *stand_ins)
        )
    return made[id(value)]


def _scalar_identity(value: JSONValue) -> Hashable:
    hashable: Hashable = ("boolean", value) if isinstance(value, bool) else value
    return hashable


def plain_copy(value: JSONValue) -> JSONValue:
    """Copy ``value`` into fresh plain JSON containers, exactly as a round trip through text would.

    Tuples become lists; number keys become strings as Python's ``json`` writes them.

    Raises:
        TypeError: For a value that JSON cannot hold (the message names its type).
        ValueError: For NaN, infinities and circular structures.
    """
    return _scan(_write(value), 0)[0]


def own_copy(value: JSONValue) -> JSONValue:
    """Copy what is plain JSON already, as every payload of an execution is; what is not is copied as by ``plain_copy``.

    Less than half the time of a round trip through text.
    """
    try:
        return marshal.loads(marshal.dumps(value, _PACKED_VERSION))  # noqa: S302 - its own bytes, of the line's own call
    except ValueError:
        return plain_copy(value)


def read(text: str) -> JSONValue:
    """Read text that ``dump`` or an ``encoder`` wrote: quicker than ``load``, which checks what strangers wrote."""
    return _scan(text, 0)[0]


def copied(value: JSONValue) -> tuple[JSONValue, str]:
    """A plain copy of ``value`` and its compact text; errors as ``plain_copy``."""
    text = _write(value)
    return _scan(text, 0)[0], text


def is_finite_number(value: JSONValue) -> bool:
    """True for numbers that JSON can write."""
    return is_number(value) and (isinstance(value, int) or math.isfinite(value))
