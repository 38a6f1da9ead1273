"""How wide text is and how it fits a box, without asking any font; it knows nothing of graphs.

Node sizes come from the Helvetica metrics below, which Arial, Liberation Sans and Nimbus Sans share, so that a layout
is the same on every machine, whichever fonts it has.
"""

import json
import unicodedata
from typing import Final

FONT_STACK: Final = '"Helvetica Neue", Helvetica, Arial, "Liberation Sans", "Nimbus Sans", sans-serif'

# Advance widths of U+0020 to U+007E in thousandths of the font size.
# Source: Adobe Font Metrics files of the PDF base fonts Helvetica and Helvetica-Bold.
_REGULAR: Final = (
    "278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 278 278 "
    "584 584 584 556 1015 667 667 722 722 667 611 778 722 278 500 667 556 833 722 778 667 778 722 667 611 722 667 944 "
    "667 667 611 278 278 278 469 556 333 556 556 500 556 556 278 556 556 222 222 500 222 833 556 556 556 556 333 500 "
    "278 556 500 722 500 500 500 334 260 334 584"
)
_BOLD: Final = (
    "278 333 474 556 556 889 722 238 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 333 333 "
    "584 584 584 611 975 722 722 722 722 667 611 778 722 278 556 722 611 833 722 778 667 778 722 667 611 722 667 944 "
    "667 667 611 333 278 333 584 556 333 556 611 556 611 556 333 611 611 278 278 556 278 889 611 611 611 611 389 556 "
    "333 611 556 778 556 556 500 389 280 389 584"
)
_WIDTHS: Final = {False: tuple(map(int, _REGULAR.split())), True: tuple(map(int, _BOLD.split()))}
_WIDE: Final = 1000
_OTHER: Final = 640
_JOINERS: Final = "\u200c\u200d"
_BREAK_AFTER: Final = " -_./:,;"
ELLIPSIS: Final = "…"
TIMES: Final = "\N{MULTIPLICATION SIGN}"


def visible(text: str) -> str:
    r"""Show characters that would be invisible or would reorder their neighbours as JSON escapes such as ``\u202e``.

    Kinds of space become a plain space. Joiners stay: scripts and emoji need them.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_visible_character(character) for character in text)


def _visible_character(character: str) -> str:
    if character.isprintable() or character in _JOINERS:
        return character
    if unicodedata.category(character) == "Zs":
        return " "
    return json.dumps(character)[1:-1]


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Width of ``text`` in pixels at ``size`` pixels; characters beyond ASCII are estimated generously."""
    widths = _WIDTHS[bold]
    total = 0
    for character in text:
        code = ord(character)
        if 32 <= code <= 126:
            total += widths[code - 32]
        elif unicodedata.east_asian_width(character) in "WF":
            total += _WIDE
        elif not unicodedata.combining(character) and character not in _JOINERS:
            total += _OTHER
    return total * size / 1000


def shorten(text: str, width: float, size: float, *, bold: bool = False) -> str:
    """Cut ``text`` with an ellipsis so that it fits ``width`` pixels."""
    if text_width(text, size, bold=bold) <= width:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if text_width(text[:middle].rstrip() + ELLIPSIS, size, bold=bold) <= width:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip() + ELLIPSIS


def wrap(text: str, width: float, size: float, *, bold: bool = False) -> tuple[str, ...]:
    """Break ``text`` into one or two lines of at most ``width`` pixels; the rest is cut with an ellipsis.

    Lines break after spaces and punctuation, else between a lower-case and an upper-case letter.
    """
    if text_width(text, size, bold=bold) <= width:
        return (text,)
    places = [
        index
        for index in range(1, len(text))
        if text[index - 1] in _BREAK_AFTER or (text[index - 1].islower() and text[index].isupper())
    ]
    fitting = [place for place in places if text_width(text[:place].rstrip(), size, bold=bold) <= width]
    if not fitting:
        return (shorten(text, width, size, bold=bold),)
    rest_fits = [place for place in fitting if text_width(text[place:], size, bold=bold) <= width]
    # Where both lines fit, the most even break looks best; otherwise the first line takes what it can.
    place = min(rest_fits, key=lambda each: abs(len(text) - 2 * each)) if rest_fits else fitting[-1]
    return (text[:place].rstrip(), shorten(text[place:].lstrip(), width, size, bold=bold))
