"""Small text rules shared by readers and form readers. Nothing here changes what a figure says."""

from __future__ import annotations

import re
from functools import lru_cache

_SPACE = re.compile(r"[\s\u00a0\u3000\ufeff\u00ad]+")
# Residue of Word fields and bookmarks: ` TC 1、… \f C \l 1 `, `[bookmark: …]`, `PAGEREF _Toc… \h 3`.
# Bounds, and blanks looked at from the start of their run, keep it linear in any text.
_FIELD = re.compile(
    r"\[bookmark:[^\]]{0,300}\]"
    r"|(?:(?<!\s)\s+)?\bTC\s+\S.{0,300}?\\f\s+C(?:\s+\\l\s+\d+)?\s*"
    r"|(?:(?<!\s)\s+)?\bPAGEREF\s+\S+(?:\s+\\h)?(?:\s+\d+)?\s*"
)
_ITEM = re.compile(
    r"^(?:[0-9０-９]{1,2}\s*[.、．:：)）]|目标\s*[0-9０-９一二三四五六七八九十]|[（(][一二三四五六七八九十0-9]+[)）]|[①-⑳])"
)
_PAGE_NUMBER = re.compile(r"^[-—–\s]*(?:第\s*)?[0-9]{1,4}(?:\s*页)?(?:\s*[/共]\s*[0-9]{1,4}\s*页?)?[-—–\s]*$")
_HEADING = re.compile(
    r"^(?:第[一二三四五六七八九十]+(?:部分|章|节)|[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十]{1,3}[)）])"
)

# In the place of a number of which nobody knows how it is shown: never the stored number, which may be another one.
UNKNOWN_DISPLAY = "［显示格式未识别］"


def squash(text: str) -> str:
    """`text` without any white space: the form in which labels and titles are compared."""
    return _SPACE.sub("", text)


def clean(text: str) -> str:
    """`text` without field codes, bookmarks and outer white space."""
    return _FIELD.sub("", text).strip(" \t\r\n\u00a0\u3000\ufeff\u00ad")


_HALF_WIDTH = str.maketrans(
    {chr(code + 0xFEE0): chr(code) for code in range(0x21, 0x7F)} | dict.fromkeys("“”„‟〝〞〟‘’「」『』'", '"')
)


def half_width(text: str) -> str:
    """`text` with full-width digits, letters and signs in half width, to compare labels; never to store text."""
    return text.translate(_HALF_WIDTH)


_DIGITS = {0xFF10 + digit: str(digit) for digit in range(10)} | {0xFF0E: "."}


def half_digits(text: str) -> str:
    """`text` with full-width digits in half width and nothing else changed."""
    return text.translate(_DIGITS)


@lru_cache(maxsize=65536)
def label(text: str) -> str:
    """A label as it is compared: squashed, half width, without `其中：` and outer punctuation."""
    return half_width(squash(text)).removeprefix("其中:").strip(":;,。*")


def is_page_number(text: str) -> bool:
    """True for a line that holds a page number and nothing else."""
    return bool(_PAGE_NUMBER.match(half_width(text)))


def is_heading(text: str) -> bool:
    """True for a heading that begins with its number: 一、… （二）… 第三部分."""
    return bool(_HEADING.match(text.strip()))


def join_lines(first: str, second: str) -> str:
    """A cell and its next line: list items keep their line, a wrapped word is joined with no space."""
    if not first:
        return second
    if _ITEM.match(second):
        return f"{first}\n{second}"
    if first[-1:].isascii() and first[-1:].isalpha() and second[:1].isascii() and second[:1].isalpha():
        return f"{first} {second}"
    return first + second
