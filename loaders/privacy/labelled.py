"""Private values behind a label in the same text: 联 系 人：…, 电话 …."""

from __future__ import annotations

import re
from collections.abc import Iterator

from loaders.privacy.words import NAME, PHONE, kinds_in, words

Span = tuple[int, int]

_PIECE = re.compile(r"[ \t]{0,8}(?P<value>[^,;。、|\n\t:]{1,40})")
_NEXT = re.compile(r"[ ]{0,2}[、,/][ ]{0,2}")
_WIDE = re.compile(r"[ ]{3,}|[ ]{2,}(?=[^ :]{1,12}:)")
_NUMBER = r"[+(]{0,2}[0-9](?:[ \-()转]{0,3}[0-9]){%s,24}\)?"
_PHONE = re.compile(rf"[ (为是]{{0,4}}(?:[一-龥·]{{2,4}}[ ,:(]{{0,2}})?(?P<value>{_NUMBER % 4})")
_BARE_PHONE = re.compile(rf"[ (为是]{{0,4}}(?P<value>{_NUMBER % 6})(?![0-9A-Za-z])(?![.,][0-9])")
_MORE_PHONES = re.compile(rf"[ ]{{0,2}}[、,/;或][ ]{{0,2}}(?P<value>{_NUMBER % 4})(?![0-9A-Za-z])(?![.,][0-9])")
_VALUES = {  # behind a colon
    "mail": re.compile(r"[ \t]{0,8}(?P<value>[!-+\--:<-~]{3,64})"),
    "identity": re.compile(r"[ \t]{0,8}(?P<value>[0-9A-Za-z](?:[ \-]?[0-9A-Za-z]){5,30})"),
    "account": re.compile(r"[ \t]{0,8}(?P<value>[0-9A-Za-z](?:[ \-]?[0-9A-Za-z]){5,30})"),
    "chat": re.compile(r"[ \t]{0,8}(?P<value>[0-9A-Za-z_\-]{4,40})"),
    "plate": re.compile(r"[ \t]{0,8}(?P<value>[一-龥]?[ ]?[A-Za-z][ ·\-.]?[0-9A-Za-z]{4,7})"),
    "home": re.compile(r"[ \t]{0,8}(?P<value>[^,;。|\n\t]{2,40})"),
}
_BARE_VALUES = {  # without one
    "identity": re.compile(
        r"[ 为是]{0,3}(?P<value>(?:[0-9](?:[ \-]?[0-9]){14}(?:[ \-]?[0-9]{2}[ \-]?[0-9Xx])?))(?![0-9A-Za-z])"
    ),
    "account": re.compile(r"[ 为是]{0,3}(?P<value>[0-9](?:[ \-]?[0-9]){9,24})(?![0-9A-Za-z])(?![.,][0-9])"),
}
_DATE_OR_NUMBER = re.compile(r"[0-9][0-9年月日时分.,/\-: ]*[%元]?")
_LONG_NUMBER = re.compile(r"[0-9](?:[ \-()]{0,3}[0-9]){6}")
_SEVERAL = re.compile(r"[、,;/\s]+|和|及|与")
_LONGEST_NAME = 24


def spans(text: str) -> Iterator[Span]:
    """Where values stand behind labels of persons in a normal text."""
    labels = list(words().inline.finditer(text))
    for at, label in enumerate(labels):
        end = labels[at + 1].start() if at + 1 < len(labels) else len(text)
        kinds = kinds_in(label[0][: label[0].find("(")] if "(" in label[0] else label[0])
        if label["colon"]:
            yield from _behind_colon(text, label.end(), end, kinds)
        else:
            yield from _behind_label(text, label.end(), end, kinds)
    for match in words().plain.finditer(text):
        if is_person(match["name"]):
            yield match.span("name")


def _behind_colon(text: str, start: int, end: int, kinds: frozenset[str]) -> Iterator[Span]:
    if PHONE in kinds:
        yield from _phones(text, _PHONE, start, end)
    if NAME in kinds:
        yield from _names(text, start, end)
    for kind, pattern in _VALUES.items():
        match = pattern.match(text, start, end) if kind in kinds else None
        if match and (kind in {"mail", "chat", "home"} or _digits(match["value"]) > 3):
            yield match.span("value")


def _behind_label(text: str, start: int, end: int, kinds: frozenset[str]) -> Iterator[Span]:
    if PHONE in kinds:
        match = _BARE_PHONE.match(text, start)
        if match and not words().unit.match(text, match.end()):
            yield from _phones(text, _BARE_PHONE, start, max(end, match.end()))
    for kind, pattern in _BARE_VALUES.items():
        match = pattern.match(text, start) if kind in kinds else None
        if match and not words().unit.match(text, match.end()):
            yield match.span("value")


def _phones(text: str, pattern: re.Pattern[str], start: int, end: int) -> Iterator[Span]:
    match = pattern.match(text, start, end)
    if match:
        named = match.start() + len(match[0]) - len(match[0].lstrip(" (为是"))
        yield named, match.end()
    while match:
        match = _MORE_PHONES.match(text, match.end(), end)
        if match:
            yield match.span("value")


def _names(text: str, start: int, end: int) -> Iterator[Span]:
    at, is_first = start, True
    while match := _PIECE.match(text, at, end):
        begin, stop = match.span("value")
        if wide := _WIDE.search(text, begin, stop):
            stop = wide.start()
        value = _without_next_label(text[begin:stop].rstrip(), text[stop : stop + 1], stop == end)
        if not (is_name_value(value) if is_first else is_further_value(value)):
            return
        yield begin, begin + len(value)
        behind = _NEXT.match(text, stop, end)
        if not behind:
            return
        at, is_first = behind.end(), False


def _without_next_label(value: str, behind: str, meets_label: bool) -> str:
    """A value without the beginning of the label that follows it: `张三 填表日期:`, `张三 办公` before 电话."""
    if meets_label:
        return words().before.sub("", value)
    if behind != ":":
        return value
    first = value.rpartition(" ")[0].rstrip()
    return first or words().field_behind.sub("", value)


def is_person(text: str) -> bool:
    """True for a name as most are: a usual surname and one or two characters."""
    match = words().person.match(text)
    return bool(match) and not text.startswith(words().no_names)


def is_further_value(value: str) -> bool:
    """True for a second name, or a number, behind the first value of a label."""
    return bool(_LONG_NUMBER.search(value)) or bool(words().person.fullmatch(value.strip()) and is_person(value))


def is_name_value(value: str) -> bool:
    """True for what a label of persons announces: neither blank nor masked, no date, no body, no sentence."""
    bare = re.sub(r"\s+", "", value)
    if not any(char.isalnum() for char in bare) or len(bare) > _LONGEST_NAME:
        return False
    if _DATE_OR_NUMBER.fullmatch(bare):
        return bool(re.fullmatch("[0-9-]{7,}", bare)) and not re.fullmatch(
            r"(?:19|20)[0-9]{2}-?[0-9]{2}-?[0-9]{2}", bare
        )
    inner = bare.strip("()[]_-/*")
    if inner in words().nothing or inner in words().fields or is_masked(value):
        return False
    return is_person(bare) or not inner.endswith(words().bodies)


def is_masked(value: str) -> bool:
    """True for a value whose every part is masked (张*, 138****0000): it is kept as printed."""
    parts = [part for part in _SEVERAL.split(value) if part]
    return bool(parts) and all("*" in part for part in parts)


def _digits(text: str) -> int:
    return sum(char.isdigit() for char in text)
