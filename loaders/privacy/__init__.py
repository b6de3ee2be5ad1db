"""What is private: one definition for the loaders, which leave it out, and for the gate, which looks for it.

Role first, shape second. A figure of a form (an amount, a count, a code) is never private, whatever it looks like. A
value beside, below or behind a label of persons is, whatever it looks like (tables.py, labelled.py). Elsewhere a check
digit or the grammar of its kind tells it (shapes.py). A bare name without any of these is not found.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from loaders.privacy import labelled, shapes
from loaders.privacy.normal import normal, places
from loaders.privacy.words import kinds_of, words

DROPPED = "［个人信息已略去］"

Span = tuple[int, int]

# What every private thing has: nearly all texts are told by it, and each of them is asked.
_MAY_HOLD = re.compile(r"@|(?:[0-9][^0-9]{0,3}){5}|[人名法户电手传邮信账帐卡证微联住址照]|[A-Za-z][0-9]|[QqEeTtPpFfMm]")
_FIGURE = re.compile(
    r"[(\[]?[-+△▲¥$≥≤<>=]{0,3}[0-9][0-9,.]*+[)\]%‰]?(?:亿元|百万元|千元|万元|元)?[-)]?|(?=[A-Za-z]{0,24}[0-9])[0-9A-Za-z]++"
)
_LONGEST_FIGURE = 48
# Columns whose values are figures of a form: amounts, counts, rates, scores, codes, numbers of lines.
_FIGURES = re.compile(
    r"(?:amount|budget|fiscal|local|other|initial|annual|executed|rate|score|weight|total_weight|total_score|change|plan"
    r"|quantity|unit_price|project_budget|value|line_no|sequence|class_code|project_code|catalogue_code|region_code)"
    r"_printed"
)
# Columns that no page wrote.
_NO_TEXT = frozenset(
    {
        "document_id", "source_key", "source_box", "loader_version", "media_type", "encoding", "block_kind",
        "claimed_as", "form_code", "form_kind", "column_code", "side", "phase", "notice_code", "reason_code",
    }
)  # fmt: skip
_ROUNDS = 4


def drop(text: str) -> tuple[str, int]:
    """`text` with what is private in it replaced by a fixed placeholder, and how many things were."""
    return _drop(text) if _MAY_HOLD.search(normal(text)) else (text, 0)


def masked(text: str) -> str:
    """A name, a message or a path without what is private in it."""
    return drop(text)[0]


def holds_private(text: str) -> bool:
    """True for a text that `drop` would change."""
    return drop(text)[1] > 0


def is_private(text: str) -> bool:
    """True for a text of which nothing is left but the placeholder: its cell keeps its place alone."""
    kept, count = drop(text)
    return count > 0 and not any(char.isalnum() for char in kept.replace(DROPPED, ""))


def is_figure(text: str) -> bool:
    """True for a text that is a number or a code and nothing else."""
    return len(text) <= _LONGEST_FIGURE and bool(_FIGURE.fullmatch(re.sub(r"\s+", "", normal(text))))


def is_kept(row: Mapping[str, object], column: str) -> bool:
    """True for a value of a raw row that is no text of a page, or a figure by its column."""
    value = row[column]
    if column in _NO_TEXT or not isinstance(value, str) or not value:
        return True
    if column == "text":
        return row.get("claimed_as") == "fact" and is_figure(value)
    return is_figure_column(column, row) and is_figure(value)


def is_figure_column(column: str, row: Mapping[str, object]) -> bool:
    """True for a column of figures; a labelled value is one unless its label is of persons."""
    return _is_named_as_figure(column) and not (
        column == "value_printed" and kinds_of(str(row.get("label_printed") or ""))
    )


@lru_cache(maxsize=1024)
def _is_named_as_figure(column: str) -> bool:
    return bool(_FIGURES.fullmatch(column))


def private_columns(row: Mapping[str, object]) -> list[str]:
    """The columns of a raw row that hold something private: the question of the gate."""
    return [column for column, value in row.items() if not is_kept(row, column) and holds_private(str(value))]


def masked_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of a raw or a later table without what is private in it."""
    return {
        column: masked(value) if isinstance(value, str) and not is_kept(row, column) else value
        for column, value in row.items()
    }


def row_holds_private(row: str | None) -> bool:
    """The same of a row as a JSON object, as a query hands it over."""
    return row is not None and bool(private_columns(json.loads(row)))


@lru_cache(maxsize=65536)
def _drop(text: str) -> tuple[str, int]:
    """Parts between placeholders are asked for themselves until nothing is found in any: what stands in the place of
    a private thing ends words and numbers, so that its neighbours may be told only now."""
    parts, count = text.split(DROPPED), 0
    for _ in range(_ROUNDS):
        found = [_spans(part) for part in parts]
        if not any(found):
            return DROPPED.join(parts), count
        count += sum(map(len, found))
        parts = [kept for part, spans in zip(parts, found, strict=True) for kept in _between(part, spans)]
    parts = ["" if _spans(part) else part for part in parts]
    return DROPPED.join(parts), count


def _between(text: str, spans: list[Span]) -> list[str]:
    ends = [0, *(end for _, end in spans)]
    starts = [*(start for start, _ in spans), len(text)]
    return [text[end:start] for end, start in zip(ends, starts, strict=True)]


def _spans(text: str) -> list[Span]:
    """Where private things stand in a text without a placeholder, in order and apart."""
    read = normal(text)
    if not _MAY_HOLD.search(read):
        return []
    numbers = [_with_name(read, span) for span in shapes.spans(read)]
    found = sorted([*labelled.spans(read), *numbers, *_named_number(read)])
    if not found:
        return []
    at = places(text)
    merged: list[Span] = []
    for start, end in found:
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return [(at[start], at[end - 1] + 1) for start, end in merged]


_NAME_BEFORE = re.compile(r"(?P<name>[一-龥]{2,4})[ :,、/(]{0,2}$")
_NAME_BEHIND = re.compile(r"[ ]?\((?P<name>[一-龥]{2,4})\)|[ ,、/]{0,2}(?P<last>[一-龥]{2,4})$")
_NAMED_NUMBER = re.compile(
    r"[ ]{0,2}(?P<name>[一-龥·]{2,4})[ :,、/]{0,3}[0-9]{7,8}(?:[ ]?[\-转][ ]?[0-9]{1,5})?[ ]{0,2}"
)


def _with_name(text: str, span: Span) -> Span:
    """A number with the name that stands at it."""
    start, end = span
    before = _NAME_BEFORE.search(text[max(0, start - 6) : start])
    if before:
        name = next(
            (name for size in (3, 2, 4) if labelled.is_person(name := before["name"][-size:]) and len(name) == size), ""
        )
        if name and not words().calls.search(name):
            start = start - len(before[0]) + len(before["name"]) - len(name)
    behind = _NAME_BEHIND.match(text, end)
    if behind and words().person.fullmatch(behind["name"] or behind["last"]):
        end = behind.end("name") if behind["name"] else behind.end()
    return start, end


def _named_number(text: str) -> list[Span]:
    """A whole text that is a name with a number of seven digits, which would be an amount without the name."""
    match = _NAMED_NUMBER.fullmatch(text)
    return [match.span()] if match and labelled.is_person(match["name"]) else []
