"""Private numbers and addresses that are told by their own shape: check digits, or the grammar of their kind.

Every pattern is bounded or possessive and asked of normal text (normal.py), so that its time grows with the length of
the text and no faster.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from loaders.privacy.words import words

Span = tuple[int, int]

_BEGIN = r"(?<![0-9A-Za-z])(?<![0-9][.,\-])"
_END = r"(?![0-9A-Za-z])(?![.,][0-9])"
_ABROAD = r"(?:\(?(?:\+|00)86\)?[ \-]?|86[ \-])?"
_EXTENSION = r"(?:[ ]?(?:转|分机|ext\.?|-)[ ]?[0-9]{1,6})?"

MOBILE = re.compile(
    rf"{_BEGIN}{_ABROAD}(?:1[3-9][0-9](?:[ \-·.]?[0-9]{{4}}){{2}}|1[3-9][0-9]{{2}}[ \-][0-9]{{3}}[ \-][0-9]{{4}}"
    rf"|1[ \-][3-9](?:[ \-][0-9]){{9}}){_END}"
)
_AREA = r"(?:\(0[0-9]{2,3}\)[ \-]{0,3}|0[0-9]{2,3}[ \-]{1,3}|0(?:10|2[0-9]|[3-9][0-9]{2})(?=[2-8]))"
LANDLINE = re.compile(
    rf"{_BEGIN}(?:{_ABROAD}{_AREA}|\+86[ \-]?[1-9][0-9]{{1,2}}[ \-])"
    rf"(?P<own>[1-9][0-9]{{2,3}}[ \-]?[0-9]{{4}}){_EXTENSION}{_END}",
    re.IGNORECASE,
)
EXTENDED = re.compile(rf"{_BEGIN}(?P<own>[2-8][0-9]{{6,7}})[ ]?(?:转|分机|ext\.?)[ ]?[0-9]{{3,6}}{_END}", re.IGNORECASE)
IDENTITY = re.compile(
    rf"{_BEGIN}[1-9][0-9]{{5}}[ \-]?(?:18|19|20)[0-9]{{2}}[ \-]?(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
    rf"[ \-]?[0-9]{{3}}[0-9Xx]{_END}"
)
CARD = re.compile(
    rf"{_BEGIN}(?:62[0-9]{{2}}|4[0-9]{{3}}|5[1-5][0-9]{{2}})(?:[ \-]?[0-9]{{4}}){{3}}(?:[ \-]?[0-9]{{1,3}})?{_END}"
)
PASSPORT = re.compile(
    r"(?<![0-9A-Za-z])(?:[EeGg][0-9]{8}|[Ee][A-HJ-NP-Za-hj-np-z][0-9]{7}|[DSPdsp][Ee][0-9]{7})(?![0-9A-Za-z])"
)
MAIL = re.compile(
    r"(?<![A-Za-z0-9._%+\-])[A-Za-z0-9._%+\-]++ ?@ ?(?=[0-9.\-]{0,64}[A-Za-z])[A-Za-z0-9\-]++(?:\.[A-Za-z0-9\-]++)++"
)
_YEAR_FIRST = re.compile(r"(?:19|20)[0-9]{2}-?(?:0[1-9]|1[0-2])-?(?:0[1-9]|[12][0-9]|3[01])")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_SHORTEST_CARD, _LONGEST_OTHER_CARD = 16, 16
_LOOK_BACK = 12


@cache
def plate() -> re.Pattern[str]:
    """Number plates of cars: five signs behind the letter, six of cars without an exhaust."""
    return re.compile(
        rf"[{words().provinces}][ ]?[A-HJ-NP-Za-hj-np-z][ ·\-.]?"
        r"(?:(?=[A-Za-z]{0,4}[0-9])[0-9A-HJ-NP-Za-hj-np-z]{4}[0-9A-HJ-NP-Za-hj-np-z学警港澳挂]"
        r"|[A-HJKa-hjk][0-9A-HJ-NP-Za-hj-np-z][0-9]{4}|[0-9]{5}[A-HJKa-hjk])(?![0-9A-Za-z])(?![.,][0-9])"
    )


def spans(text: str) -> Iterator[Span]:
    """Where private numbers and addresses stand in a normal text."""
    if "@" in text:
        yield from (match.span() for match in MAIL.finditer(text))
    yield from (match.span() for match in plate().finditer(text) if not _is_dated(match[0][2:]))
    yield from (match.span() for match in PASSPORT.finditer(text) if _is_passport(match, text))
    for pattern, holds in ((MOBILE, _is_phone), (LANDLINE, _is_phone), (EXTENDED, _is_phone)):
        yield from (match.span() for match in pattern.finditer(text) if holds(match, text))
    for pattern, is_valid in ((IDENTITY, is_identity_number), (CARD, is_card_number)):
        for match in pattern.finditer(text):
            if is_valid(re.sub(r"[ \-]", "", match[0])) and not _counts(match, text):
                yield match.span()


def is_identity_number(digits: str) -> bool:
    """True for 18 signs whose last is the check digit of the others (GB 11643)."""
    if len(digits) != len(_WEIGHTS) + 1 or not digits[:-1].isdigit():
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits, strict=False))
    return "10X98765432"[total % 11] == digits[-1].upper()


def is_card_number(digits: str) -> bool:
    """True for the number of a bank card: its length, its first digits and its check digit (Luhn)."""
    if len(digits) < _SHORTEST_CARD or (len(digits) > _LONGEST_OTHER_CARD and not digits.startswith("62")):
        return False
    doubled = [int(digit) * (1 + at % 2) for at, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _is_phone(match: re.Match[str], text: str) -> bool:
    own = match.groupdict().get("own")
    called = words().calls.search(text[max(0, match.start() - _LOOK_BACK) : match.start()])
    if called:
        return not _counts(match, text)
    if own and _YEAR_FIRST.fullmatch(re.sub("[ ]", "", own)):
        return False
    return not (_counts(match, text) or _is_numbered(match, text) or _stands_among_numbers(match, text))


def _is_passport(match: re.Match[str], text: str) -> bool:
    return not (_is_dated(match[0][1:]) or _is_numbered(match, text))


def _is_dated(text: str) -> bool:
    return bool(_YEAR_FIRST.search(text))


def _counts(match: re.Match[str], text: str) -> bool:
    """True for a number of money or things: a unit stands behind it, or a comparison before it."""
    if words().unit.match(text, match.end()):
        return True
    return bool(words().compared.search(text[max(0, match.start() - _LOOK_BACK) : match.start()]))


def _is_numbered(match: re.Match[str], text: str) -> bool:
    """True for the number of a document or thing: 编号…, …号."""
    behind = text[match.end() : match.end() + 2]
    if behind[:1] == "号" and behind not in {"号码", "号机"}:
        return True
    return bool(words().numbered.search(text[max(0, match.start() - _LOOK_BACK) : match.start()]))


def _stands_among_numbers(match: re.Match[str], text: str) -> bool:
    """True for groups of digits between other numbers: a row of figures that blanks part."""
    if " " not in match[0]:
        return False
    before, behind = text[: match.start()].rstrip(" ")[-1:], text[match.end() : match.end() + 4].lstrip(" ")[:1]
    return before.isdigit() or behind.isdigit()
