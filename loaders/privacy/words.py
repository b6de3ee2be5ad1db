"""The words of lexicon.yml, and what kind of private value a label announces."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import yaml

from loaders.privacy.normal import normal

NAME, PHONE = "name", "phone"
_LONGEST_LABEL = 24
_NUMBERING = re.compile(r"^(?:[0-9一二三四五六七八九十]{1,2}[.、)]|\*)")
_BRACKET = re.compile(r"\([^()]{0,16}\)")
_NO_KIND: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Words:
    """The lists of lexicon.yml as they are asked. `kinds` is head → kind of the values."""

    kinds: dict[str, str]
    label: re.Pattern[str]
    head: re.Pattern[str]
    inline: re.Pattern[str]
    plain: re.Pattern[str]
    before: re.Pattern[str]
    field_behind: re.Pattern[str]
    fields: frozenset[str]
    bodies: tuple[str, ...]
    nothing: frozenset[str]
    things: frozenset[str]
    person: re.Pattern[str]
    no_names: tuple[str, ...]
    unit: re.Pattern[str]
    compared: re.Pattern[str]
    numbered: re.Pattern[str]
    calls: re.Pattern[str]
    provinces: str


def any_of(words: Iterable[str]) -> str:
    """A pattern of any of `words`, the longest first."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


def _spaced(words: Iterable[str]) -> str:
    """The same where blanks may stand between the characters of Chinese words: 联 系 人."""
    return "|".join(
        re.escape(word) if word.isascii() else "[ \t]{0,4}".join(re.escape(char) for char in word)
        for word in sorted(words, key=len, reverse=True)
    )


@cache
def words() -> Words:
    """lexicon.yml, read once."""
    said = yaml.safe_load((Path(__file__).parent / "lexicon.yml").read_text("utf-8"))
    kinds = {head: kind for kind, heads in said["labels"].items() for head in heads}
    parts = any_of([*said["before"], *said["after"], *said["joints"], *kinds])
    tail = _spaced([*said["after"], *said["joints"], *kinds])
    surname = f"(?:{any_of(said['double_surnames'])}|[{''.join(said['surnames'].split())}])"
    return Words(
        kinds=kinds,
        label=re.compile(f"(?:{parts})++", re.IGNORECASE),
        head=re.compile(any_of(kinds), re.IGNORECASE),
        inline=re.compile(
            rf"(?<![A-Za-z])(?:{_spaced(kinds)})(?:[ \t]{{0,2}}(?:{tail})){{0,4}}"
            r"(?:[ \t]{0,2}\([^()\n]{0,12}\))?[ \t]{0,4}(?P<colon>:)?",
            re.IGNORECASE,
        ),
        plain=re.compile(rf"(?:{_spaced(said['plain'])})[ \t|]{{0,4}}(?P<name>{surname}[一-龥]{{1,2}})(?![一-龥])"),
        before=re.compile(rf"[ \t]{{0,8}}(?:{any_of(said['before'])}){{1,3}}$"),
        field_behind=re.compile(rf"(?:{any_of(said['fields'])})$"),
        fields=frozenset(said["fields"]),
        bodies=tuple(said["bodies"]),
        nothing=frozenset(said["nothing"]),
        things=frozenset(said["things"]),
        person=re.compile(rf"{surname}[ \t]{{0,4}}[一-龥](?:[ \t]{{0,4}}[一-龥])?(?![一-龥])"),
        no_names=tuple(said["no_names"]),
        unit=re.compile(rf"[ \t]{{0,2}}(?:{any_of(said['units'])})"),
        compared=re.compile(rf"(?:{any_of(said['compared'])})[为约达共:]{{0,2}}[ \t]{{0,2}}$"),
        numbered=re.compile(rf"(?:{any_of(said['numbered'])})[:.]?[ \t]{{0,2}}$", re.IGNORECASE),
        calls=re.compile(rf"(?:{any_of(said['calls'])})[号码为是:]{{0,2}}[ \t]{{0,2}}$"),
        provinces=said["provinces"],
    )


@lru_cache(maxsize=65536)
def kinds_of(text: str) -> frozenset[str]:
    """The kinds of private values that a cell announces which is a label and nothing else; none for other cells."""
    if len(text) > 4 * _LONGEST_LABEL:
        return _NO_KIND
    bare = _NUMBERING.sub("", re.sub(r"[\s:]+", "", normal(text)))
    if not 2 <= len(bare) <= _LONGEST_LABEL:
        return _NO_KIND
    for label in (bare.replace("(", "/").replace(")", "/"), _BRACKET.sub("", bare)):
        if words().label.fullmatch(label):
            return kinds_in(label)
    return _NO_KIND


def is_thing(label: str) -> bool:
    """True for a label of persons that may be the name of a thing as well."""
    return re.sub(r"[\s:]+", "", normal(label)).lower() in words().things


def kinds_in(label: str) -> frozenset[str]:
    """The kinds of the heads in a label."""
    known = words().kinds
    return frozenset(known[head.lower()] for head in words().head.findall(re.sub(r"\s+", "", label)))
