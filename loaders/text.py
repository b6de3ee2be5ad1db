"""Small text rules shared by readers and form readers. Nothing here changes what a figure says."""

from __future__ import annotations

import re
from functools import lru_cache

_SPACE = re.compile(r"[\s\u00a0\u3000\ufeff\u00ad]+")
# Residue of Word fields and bookmarks: ` TC 1、… \f C \l 1 `, `[bookmark: …]`, `PAGEREF _Toc… \h 3`.
_FIELD = re.compile(
    r"\[bookmark:[^\]]*\]"
    r"|\s*\bTC\s+\S.*?\\f\s+C(?:\s+\\l\s+\d+)?\s*"
    r"|\s*\bPAGEREF\s+\S+(?:\s+\\h)?(?:\s+\d+)?\s*"
)
_ITEM = re.compile(
    r"^(?:[0-9０-９]{1,2}\s*[.、．:：)）]|目标\s*[0-9０-９一二三四五六七八九十]|[（(][一二三四五六七八九十0-9]+[)）]|[①-⑳])"
)
_PAGE_NUMBER = re.compile(r"^[-—–\s]*(?:第\s*)?[0-9]{1,4}(?:\s*页)?(?:\s*[/共]\s*[0-9]{1,4}\s*页?)?[-—–\s]*$")
_HEADING = re.compile(
    r"^(?:第[一二三四五六七八九十]+(?:部分|章|节)|[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十]{1,3}[)）])"
)

# Shapes of personal data: a mobile or landline number, with or without a name before it; an ID number; an e-mail.
_PHONE = r"(?:1[3-9][0-9]{9}|(?:0[0-9]{2,3}[-—－ ]?)?[0-9]{7,8}(?:[-—－转 ]+[0-9]{1,5})?)"
_PERSON_AND_PHONE = re.compile(rf"^[一-龥·]{{2,4}}[:：,，、/]*{_PHONE}$")
_PERSON_AND_MOBILE = re.compile(r"^[一-龥·]{2,4}[:：,，、/]*(?:1[3-9][0-9]{9}|0[0-9]{2,3}[-—－][0-9]{7,8})$")
# First characters of the usual surnames: a name with a number of seven digits is told from `不低于2000000`.
_SURNAMES = set(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范"
    "石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤某"
)
_MOBILE = re.compile(r"(?<![0-9A-Za-z])1[3-9][0-9]{9}(?![0-9A-Za-z])")
_ID_NUMBER = re.compile(
    r"(?<![0-9A-Za-z])[1-9][0-9]{5}(?:19|20)[0-9]{2}[01][0-9][0-3][0-9][0-9]{3}[0-9Xx](?![0-9A-Za-z])"
)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_CONTACT = re.compile(
    r"(?P<label>(?:项目)?(?:联系人|负责人|经办人|填表人|填报人|制表人|审核人|联系电话|电话|手机|邮箱)"
    r"(?:及(?:联系)?(?:电话|方式))?(?:（[^）]{0,8}）)?\s*[:：]\s*)"
    r"(?P<value>[^\s，。；,;]{2,30}(?:\s*[0-9][0-9\-—转 ]{6,17})?)"
)
# What every one of these has; nearly all texts are told by it, and each of them is asked.
_SHORTEST_PRIVATE = 11
_MAY_HOLD_PRIVATE = re.compile(r"@|[0-9]{11}|联系|负责人|经办人|填表人|填报人|制表人|审核人|电话|手机|邮箱")
DROPPED = "［个人信息已略去］"
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


def is_private(text: str) -> bool:
    """True for a cell that is a mobile or ID number, or a person with a mobile or dialled number."""
    if len(text) < _SHORTEST_PRIVATE:
        return False
    bare = squash(text)
    return bool(_PERSON_AND_MOBILE.match(bare) or _ID_NUMBER.fullmatch(bare) or _MOBILE.fullmatch(bare))


def may_be_private(text: str) -> bool:
    """True also for a person with a bare number of seven digits: the test for cells that no form explains."""
    bare = squash(text)
    return is_private(text) or bool(bare[:1] in _SURNAMES and _PERSON_AND_PHONE.match(bare))


def drop_private(text: str) -> tuple[str, int]:
    """`text` with names and numbers of persons replaced by a fixed placeholder, and how many were."""
    if not _MAY_HOLD_PRIVATE.search(text):
        return text, 0
    count = 0

    def contact(match: re.Match[str]) -> str:
        nonlocal count
        count += 1
        return match["label"] + DROPPED

    text = _CONTACT.sub(contact, text)
    for pattern in (_ID_NUMBER, _MOBILE, _EMAIL):
        text, n = pattern.subn(DROPPED, text)
        count += n
    return text, count
