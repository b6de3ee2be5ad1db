"""Glyphs of a page → lines of text. Coordinates in points as the reader sees the page: x to the right, y downwards."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from loaders import text as rules

if TYPE_CHECKING:
    from loaders.document import Box

LINE_TOLERANCE = 0.45  # em of the smaller glyph: baselines this near are one line
SPACE = 0.45  # em: a wider gap between glyphs is a space, though none is printed
FAR = 3.0  # em: texts farther apart on one line are two texts
ABOVE, BELOW = 0.9, 0.22  # em: how far characters reach above and below their baseline

# Radicals of the supplement (U+2E80 on) that fonts hand out for a whole character; Unicode normalisation leaves them.
_RADICALS = dict(
    zip(
        (
            0x2E8B, 0x2E92, 0x2E93, 0x2E9C, 0x2E9D, 0x2E9F, 0x2EA0, 0x2EA7, 0x2EA9, 0x2EAA, 0x2EAB, 0x2EAC, 0x2EAE,
            0x2EB6, 0x2EBC, 0x2EBD, 0x2EC1, 0x2EC4, 0x2EC5, 0x2EC6, 0x2EC9, 0x2ECA, 0x2ECB, 0x2ED1, 0x2ED3, 0x2ED4,
            0x2ED7, 0x2ED8, 0x2ED9, 0x2EDA, 0x2EDB, 0x2EDC, 0x2EDD, 0x2EE1, 0x2EE2, 0x2EE3, 0x2EE4, 0x2EE5, 0x2EE6,
            0x2EE7, 0x2EE8, 0x2EE9, 0x2EEA, 0x2EEB, 0x2EEC, 0x2EED, 0x2EEE, 0x2EEF, 0x2EF0, 0x2EF1, 0x2EF2, 0x2EF3,
        ),
        "㔾巳幺日月母民牛王疋目示竹羊肉臼虎西见角贝足车長长门雨青韦页风飞食首马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀龟",
        strict=True,
    )
)  # fmt: skip
_CHARACTERS: dict[int, str] = (
    {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0x2F00, 0x2FD6)}
    | _RADICALS
    | dict.fromkeys((0x00AD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF), "")  # soft hyphen and marks without width
)
_NUMBER = re.compile(r"[-−－]?[0-9０-９][0-9０-９,，.．]*%?|[,，.．][0-9０-９,，.．]*%?")
_ITEM = re.compile(
    r"(?:[0-9０-９]{1,2}\s*(?:[、)）]|[.．](?![0-9０-９]))|[（(][0-9０-９一二三四五六七八九十]{1,3}[)）]|[①-⑳]|注[:：]|附[:：])"
)
_WORD_END, _WORD_START = re.compile(r"[A-Za-z]$"), re.compile(r"^[A-Za-z]")
_ENDS = "。；！？;!?”"


class Glyph(NamedTuple):
    """One printed character from `x0` to `x1` on a baseline at `y`, `size` high; it belongs to the cell at `middle`.

    " " is a printed space, "" what takes its room but says nothing, such as a soft hyphen.
    """

    text: str
    x0: float
    x1: float
    y: float
    size: float
    middle: float


class Piece(NamedTuple):
    """Text without far gaps in it, from `x0` to `x1` on a baseline at `y`. `size` is the height of its type."""

    text: str
    x0: float
    x1: float
    y: float
    size: float


def character(code: int) -> str:
    """A code point → the character it stands for; "" for what prints nothing."""
    return _CHARACTERS[code] if code in _CHARACTERS else chr(code)


def lines(glyphs: Iterable[Glyph]) -> list[list[Glyph]]:
    """Glyphs → lines from top to bottom, each from left to right; a glyph printed twice for bold type counts once."""
    found: list[list[Glyph]] = []
    base = limit = 0.0
    for glyph in sorted(glyphs, key=lambda g: g.y):
        if found and glyph.y - base <= LINE_TOLERANCE * min(limit, glyph.size):
            found[-1].append(glyph)
        else:
            found.append([glyph])
            base, limit = glyph.y, glyph.size
    return [_once(line) for line in found if any(glyph.text.strip() for glyph in line)]


def _once(line: list[Glyph]) -> list[Glyph]:
    line.sort(key=lambda g: g.x0)
    kept: list[Glyph] = []
    for glyph in line:
        shadow = any(
            glyph.text == other.text and glyph.x0 - other.x0 < 0.3 * (other.x1 - other.x0) for other in kept[-3:]
        )
        if not shadow:
            kept.append(glyph)
    return kept


def line_text(line: Sequence[Glyph]) -> str:
    """The text of a line; a run of spaces, or a gap that looks like one, is one space."""
    parts: list[str] = []
    last: Glyph | None = None
    space = False
    for glyph in line:
        if glyph.text == " ":
            space = True
            continue
        if last is not None and (space or glyph.x0 - last.x1 > SPACE * glyph.size):
            parts.append(" ")
        parts.append(glyph.text)
        last, space = glyph, False
    return "".join(parts)


def cell_text(glyphs: Sequence[Glyph]) -> str:
    """All glyphs of a cell → its text, wrapped lines joined."""
    if not glyphs:
        return ""
    text = ""
    for line in lines(glyphs):
        text = join_wrapped(text, line_text(line))
    return rules.clean(text)


def join_wrapped(first: str, second: str) -> str:
    """A cell and its next line. The parts of a number that wrapped are no list items, whatever they look like."""
    if _NUMBER.fullmatch(first) and _NUMBER.fullmatch(second):
        return first + second
    return rules.join_lines(first, second)


def is_word(text: str) -> bool:
    """True for what cannot begin a line of its own: no heading, list item or figure."""
    return not (rules.is_heading(text) or _ITEM.match(text) or any(sign.isdigit() for sign in text))


def pieces(line: Sequence[Glyph], far: float = FAR) -> list[Piece]:
    """A line → its texts that stand at least `far` em apart, from left to right.

    A label that ends in a colon stays with its value, and characters of spread type stay together.
    """
    groups: list[list[Glyph]] = []
    last: Glyph | None = None
    for glyph in line:
        if glyph.text == " ":
            if groups:
                groups[-1].append(glyph)
            continue
        if last is None or (glyph.x0 - last.x1 >= far * glyph.size and last.text not in "：:"):
            groups.append([])
        groups[-1].append(glyph)
        last = glyph
    merged: list[list[Glyph]] = []
    is_spread = False
    for group in groups:
        if _is_one(group) and is_spread:
            merged[-1].extend(group)
        else:
            merged.append(group)
            is_spread = _is_one(group)
    return [_piece(group) for group in merged]


def _is_one(group: Sequence[Glyph]) -> bool:
    """True for one Chinese character that stands alone."""
    printed = [glyph.text for glyph in group if glyph.text != " "]
    return len(printed) == 1 and "\u4e00" <= printed[0] <= "\u9fff"


def _piece(group: Sequence[Glyph]) -> Piece:
    printed = [glyph for glyph in group if glyph.text != " "]
    sizes = sorted(glyph.size for glyph in printed if not glyph.text.isascii()) or sorted(g.size for g in printed)
    return Piece(
        line_text(group),
        printed[0].x0,
        max(glyph.x1 for glyph in printed),
        printed[0].y,
        sizes[len(sizes) // 2],
    )


def box_of(printed: Sequence[Piece]) -> Box | None:
    """The box that texts of one line or cell take; None without any."""
    if not printed:
        return None
    return (
        min(piece.x0 for piece in printed),
        min(piece.y - ABOVE * piece.size for piece in printed),
        max(piece.x1 for piece in printed),
        max(piece.y + BELOW * piece.size for piece in printed),
    )


class Margins(NamedTuple):
    """Where lines of prose begin and end on a page, in points."""

    left: float
    right: float
    page_width: float


def goes_on(last: Piece, following: Piece, indent: float, here: Margins, there: Margins) -> bool:
    """True when the line `following` continues the paragraph whose last line is `last`.

    `indent` is how far (points) the paragraph's first line begins right of its margin. The line before must be full
    (reach the right margin `here`, or nearly so without an end of sentence); the next must begin at the left margin
    (`there`: that of its own page) and not begin a heading or a list item.
    """
    size = last.size
    if abs(size - following.size) > 0.2 * size or rules.is_heading(following.text) or _ITEM.match(following.text):
        return False
    if rules.is_page_number(following.text) or rules.is_page_number(last.text):
        return False
    short = here.right - last.x1
    is_open = last.text[-1] not in _ENDS and short <= (8 if indent > size else 4) * size
    is_prose = last.x1 >= 0.75 * here.page_width and indent <= 5 * size
    is_flush = following.x0 - there.left <= min(size, indent + 0.5 * size)
    return (short <= 2 * size or is_open) and is_prose and is_flush


def join_prose(first: str, second: str) -> str:
    """Two lines of one paragraph: Chinese needs no space, two words do."""
    return f"{first} {second}" if _WORD_END.search(first) and _WORD_START.match(second) else first + second
