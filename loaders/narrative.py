"""Figures that running text states: money, changes on another year, scores, execution rates, numbers of projects.

Only the place and the words are taken here; what a metric is and what a figure is worth is decided in SQL.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import yaml

from loaders import schema
from loaders import text as rules
from loaders.forms import FOLDER

if TYPE_CHECKING:
    from loaders.document import Cell
    from loaders.extraction import Extraction
    from loaders.layout import Item

_NUMBER = r"[-−]?[0-9][0-9,，]*(?:\.[0-9]+)?"
# The year of the figures is one that they are not compared with.
_YEAR = re.compile(r"(?<![较比与同])(?<!上年)(20[0-9]{2})\s*年")
_COMPARED = re.compile(r"(?:较|比|与|同)\s*(?:(?:上年)?\s*(20[0-9]{2})\s*年|(上年|去年))")
_SENTENCE = re.compile(r"[^。！？\n]+[。！？]?")
# A comma between a digit and three digits parts thousands, any other a clause.
_CLAUSE_END = re.compile(r"[，。；;:：（(）)]|(?<![0-9]),|,(?![0-9]{3}(?![0-9]))")
# The class that the following sentences of a paragraph are about: `1.某支出（类）某事务（款）某运行（项）。`
_CLASS_PATH = re.compile(r"((?:[^（(。，；;：:、.．]{2,30}\s{0,9}[（(]\s{0,9}[类款项]\s{0,9}[)）]\s{0,9}){2,3})")
# `比2022年（上一年度，下同）预算增加`: the bracket explains the year and is no clause.
_SAME_BELOW = re.compile(r"[（(][^（()）]*(?:下同|上年|上一年度)[^（()）]*[)）]")
# `（境）` inside a name is part of it; a longer bracket is a clause of its own.
_BRACKET = re.compile(r"[（(]([^（()）]{1,6})[)）]")


@dataclass(frozen=True)
class Figure:
    """One figure of a sentence, as printed. `amount` is None where only a change is stated."""

    metric: str
    amount: str | None
    unit: str
    year: str | None
    change_word: str | None = None
    change: str | None = None
    compared_with: str | None = None


@dataclass(frozen=True)
class _Words:
    lead: re.Pattern[str]
    verb: re.Pattern[str]
    remark: re.Pattern[str]
    change: re.Pattern[str]
    money: re.Pattern[str]
    rate: re.Pattern[str]
    score: re.Pattern[str]
    count: re.Pattern[str]
    total: re.Pattern[str]
    stage: re.Pattern[str]


@lru_cache(maxsize=1)
def _words() -> _Words:
    declared = yaml.safe_load((FOLDER / "narrative.yml").read_text("utf-8"))
    change = "|".join(declared["rise"] + declared["fall"])
    return _Words(
        total=re.compile("|".join(declared["total"])),
        stage=re.compile(rf"(?P<subject>.*?)/?(?P<stage>{'|'.join(declared['stage'])})"),
        lead=re.compile(rf"^(?:{'|'.join(declared['lead'])})\s*"),
        verb=re.compile(rf"\s*(?:{'|'.join(declared['verb'])})\s*$"),
        # `政府采购金额（以合同签订为准）为`: a remark between the name and the figure.
        remark=re.compile(rf"[（(][^（()）]{{7,}}[)）](?=\s*(?:{'|'.join(declared['verb'])})?\s*$)"),
        change=re.compile(rf"(?P<word>{change})了?\s*$"),
        money=re.compile(rf"(?P<number>{_NUMBER})\s*(?P<unit>[十百佰千仟万萬亿億]{{0,3}}元|万(?=的)|万(?![一-龥]))"),
        rate=re.compile(
            rf"(?P<metric>{declared['rate_metric']})\s*[为达到是]*\s*(?P<number>{_NUMBER})\s*(?P<unit>[%％])"
        ),
        score=re.compile(
            rf"(?P<metric>{declared['score_metric']})\s*[为达到是]*\s*(?P<number>{_NUMBER})\s*(?P<unit>分|(?=[，。；;,）)]|$))"
        ),
        count=re.compile(
            rf"(?P<metric>[一-龥]{{0,10}}{declared['count_metric']})\s*[共为有]*\s*(?P<number>[0-9]+)\s*(?P<unit>个|项)"
            rf"|(?P<number2>[0-9]+)\s*(?P<unit2>个|项)(?P<metric2>[一-龥]{{0,6}}{declared['count_metric']})"
        ),
    )


def read_narrative(items: Sequence[Item], publisher: str | None, extraction: Extraction) -> None:
    """The paragraphs taken for prose → raw.narrative_figure."""
    number = 0
    subject: Figure | None = None
    for item in items:
        cell = item.cells[0]
        if not item.is_paragraph or extraction.claims.get(cell.no, ("", None))[0] != schema.PROSE:
            subject = None
            continue
        class_path = ""
        for match in _SENTENCE.finditer(cell.text):
            if path := _CLASS_PATH.search(match[0]):
                class_path = rules.squash(path[1])
            figures = figures_of(match[0], publisher, subject, class_path)
            subject = figures[0] if figures else None
            for figure in figures:
                number += 1
                _add(number, figure, match[0].strip(), cell, extraction)


def _add(number: int, figure: Figure, quote: str, cell: Cell, extraction: Extraction) -> None:
    extraction.add(
        "narrative_figure",
        figure_no=number,
        metric_printed=figure.metric,
        amount_printed=figure.amount,
        unit_printed=figure.unit,
        change_word_printed=figure.change_word,
        change_printed=figure.change,
        year_printed=figure.year,
        compared_with_year_printed=figure.compared_with,
        quote=quote,
        at=cell.place,
    )


def figures_of(
    sentence: str, publisher: str | None = None, before: Figure | None = None, class_path: str = ""
) -> list[Figure]:
    """The figures of one sentence in order. `before` is the first figure of the sentence before it: the subject of
    `与2023年相比减少…`, which names none. `class_path` is the class that the paragraph has named last: the subject of
    `年初预算为…，支出决算为…`."""
    words = _words()
    printed, sentence = sentence, rules.half_digits(sentence)  # to match only: the text stays as printed
    found: list[tuple[int, Figure]] = []
    spans: list[tuple[int, int]] = []
    dated = _YEAR.search(rules.squash(sentence))
    year = dated[1] if dated else None
    compared = next((match[1] or match[2] for match in _COMPARED.finditer(sentence)), None)
    of_stage = class_path  # what a bare `支出决算` belongs to
    for match in words.money.finditer(sentence):
        if sentence[match.end() : match.end() + 1] == "/":
            continue  # a price, not an amount
        left = _SAME_BELOW.sub("", sentence[max((end for _, end in spans), default=0) : match.start()])
        spans.append(match.span())
        change = words.change.search(left)
        if change:
            stated = Figure(
                "", None, match["unit"], year, change["word"], printed[slice(*match.span("number"))], compared
            )
            _take_change(found, match.start(), stated, left[: change.start()], before, publisher)
        elif metric := metric_of(left, publisher):
            number = printed[slice(*match.span("number"))]
            if stage := words.stage.fullmatch(metric):
                of_stage = stage["subject"] or of_stage
                metric = metric if stage["subject"] or not of_stage else f"{of_stage}/{stage['stage']}"
            found.append((match.start(), Figure(metric, number, match["unit"], year)))
    for pattern in (words.rate, words.score, words.count):
        for match in pattern.finditer(sentence):
            groups = match.groupdict()
            start = match.start("number") if groups["number"] else match.start("number2")
            if any(a <= start < b for a, b in spans):
                continue
            text = groups["metric"] or groups.get("metric2") or ""
            number = printed[slice(*match.span("number" if groups["number"] else "number2"))]
            unit = groups["unit"] or groups.get("unit2") or "分"
            metric = metric_of(text, publisher) or rules.squash(text)
            found.append((start, Figure(metric, number, unit, year)))
    return [figure for _, figure in sorted(found, key=lambda pair: pair[0])]


def _take_change(
    found: list[tuple[int, Figure]], at: int, stated: Figure, left: str, before: Figure | None, publisher: str | None
) -> None:
    """`较2023年预算减少1361.20万元` belongs to the figure before it; `基本支出增加35.95万元` is one of its own."""
    clause = _CLAUSE_END.split(left)[-1]
    if not re.search(r"[较比与同]|相比", clause) and rules.squash(clause):
        if metric := metric_of(left, publisher):
            found.append((at, replace(stated, metric=metric)))
    elif found and found[-1][1].change is None:
        changed = replace(
            found[-1][1],
            change_word=stated.change_word,
            change=stated.change,
            compared_with=stated.compared_with,
        )
        found[-1] = (found[-1][0], changed)
    elif before:
        found.append((at, replace(stated, metric=before.metric)))


def metric_of(left: str, publisher: str | None = None) -> str | None:
    """The name of a figure: the last clause before it, without leading connectives and trailing verbs."""
    words = _words()
    left = words.remark.sub("", left)
    clause = _CLAUSE_END.split(_BRACKET.sub("\ue000\\1\ue001", left.strip()))
    name = next((part for part in reversed(clause) if rules.squash(part)), "").strip()
    name = name.replace("\ue000", "（").replace("\ue001", "）")
    if words.total.fullmatch(rules.squash(name)):
        return rules.squash(name)
    changed = True
    while changed and name:
        shorter = words.verb.sub("", words.lead.sub("", name))
        if publisher and shorter.startswith(publisher):
            shorter = shorter.removeprefix(publisher)
        changed, name = shorter != name, shorter
    name = rules.squash(name)
    return name if len(name) >= 2 else None
