"""Paragraphs: what is a heading, a note, prose or layout; the goals of a department."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from loaders import schema
from loaders import text as rules
from loaders.document import Cell
from loaders.layout import Item, place_of
from loaders.money import UNIT

if TYPE_CHECKING:
    from loaders.extraction import Extraction
    from loaders.forms import Catalogue

_NOTE = re.compile(r"^(?:注|备注|说明|附)\s*[:：0-9]")
_CONTENTS = re.compile(
    r"^[0-9]{1,3}\s*(?:[一二三四五六七八九十]+、|第[一二三四五六七八九十]+部分)|^目录$|(?<!\.)\.{4,}\s*[0-9]*$|(?<!…)…{2,}\s*[0-9]*$"
)
_LABELLED = re.compile(r"^[^，。；]{1,20}[:：]")
_NUMBERED = re.compile(r"^(?:[0-9]{1,2}|[一二三四五六七八九十]{1,3})\s*[、.．]")
# A numbered line that states an amount and goes on is a sentence: `2.“…（项）”10.00万元，主要用于…。`
_STATES_MONEY = re.compile(rf"[0-9]{UNIT}[，。；]")
# What is left of a table whose cells are parted by spaces: two amounts at the end are no sentence.
_ROW = re.compile(r"(?:\s[-−]?[0-9][0-9,]*\.[0-9]+){2,}\s*$")
_REMARK = re.compile(r"^[（(].*[)）]$")
_COVER_LINES = 8
_PAGES_OF_HEAD = 3  # pages that a text opens to be their running head
_GOAL_PARTS = re.compile(r"^\s*(?:职责)?绩效(?P<part>目标|指标)\s*[:：]\s*(?P<text>.*)$", re.S)
_OVERALL = re.compile(r"^(?:[0-9０-９]+\s*[、.]|[一二三四五六七八九十]+、)?\s*总体绩效目标$")
_SECTIONS = re.compile(r"^(?:[0-9０-９]+\s*[、.]|[一二三四五六七八九十]+、)?\s*分项绩效目标$")
_CHAPTER = re.compile(
    r"^(?:[一二三四五六七八九十]+、|第[一二三四五六七八九十]+部分"
    r"|[0-9０-９]{1,2}\s*[、.]\s*(?:总体绩效目标|分项绩效目标|工作保障措施|实现年度发展规划目标的保障措施)$)"
)
_SECTION = re.compile(r"^(?:[（(][一二三四五六七八九十]+[)）]|[0-9０-９]{1,2}\s*[、.．])")


def classify(items: Sequence[Item], catalogue: Catalogue, extraction: Extraction) -> None:
    """Claims every paragraph that no form claimed and that is recognisably text.

    Fragments that are neither headings nor sentences stay unclaimed: they may be what is left of a table.
    """
    paragraphs = [item.cells[0] for item in items if item.is_paragraph]
    openings = Counter(cell.text for cell in paragraphs if _opens_page(cell))
    for position, cell in enumerate(paragraphs):
        if extraction.is_claimed(cell):
            continue
        kind = _kind(cell.text, position, catalogue)
        if kind is None and _opens_page(cell) and openings[cell.text] >= _PAGES_OF_HEAD:
            kind = schema.LAYOUT
        if kind:
            extraction.claim([cell], kind)


def _opens_page(cell: Cell) -> bool:
    return cell.place.part.startswith("page ") and cell.place.spot == "line 1"


def _kind(text: str, position: int, catalogue: Catalogue) -> str | None:
    bare = rules.squash(text)
    if rules.is_page_number(text):
        return schema.LAYOUT
    if _ROW.search(text):
        return None
    if _CONTENTS.search(bare):
        return schema.NOTE
    if _NOTE.match(bare):
        return schema.NOTE
    short = len(bare) <= 60 and not _STATES_MONEY.search(bare)
    if short and (rules.is_heading(text) or catalogue.is_title(text) or _NUMBERED.match(bare) or _LABELLED.match(bare)):
        return schema.HEADING
    if re.search(r"[，。；！？]", bare) or len(bare) > 25:
        return schema.PROSE
    if position < _COVER_LINES or _REMARK.match(bare) or re.match(r"^20[0-9]{2}年", bare):
        return schema.HEADING
    if re.search(r"(?:报告|表|说明|目标|绩效|情况|预算|决算|职能|职责|设置|解释|附后)$", bare):
        return schema.HEADING
    return None


def read_department_goals(items: Sequence[Item], extraction: Extraction) -> None:
    """总体绩效目标 and 分项绩效目标 → raw.department_goal.

    A section is a heading with the paragraphs 绩效目标： and 绩效指标： below it; a paragraph without label goes on
    with the one above it. The overall goal is a section of its own, without indicator.
    """
    cells = [
        item.cells[0]
        for item in items
        if item.is_paragraph and not rules.is_page_number(item.text) and not extraction.is_claimed(item.cells[0])
    ]
    number = len(extraction.rows.get("department_goal", []))
    for at, cell in enumerate(cells):
        if _OVERALL.match(rules.clean(cell.text)):
            overall = _until_chapter(cells[at + 1 :])
            if overall:
                number += 1
                _add(number, cell.text.strip(), overall, [], extraction)
        elif _SECTIONS.match(rules.clean(cell.text)):
            number = _read_sections(_until_chapter(cells[at + 1 :]), number, extraction)


def _until_chapter(cells: list[Cell]) -> list[Cell]:
    """The paragraphs up to the next heading of the first order."""
    end = next((at for at, cell in enumerate(cells) if _CHAPTER.match(cell.text.strip())), len(cells))
    return cells[:end]


def _read_sections(cells: list[Cell], number: int, extraction: Extraction) -> int:
    """Sections of 绩效目标： and 绩效指标：. Returns the number of the last section."""
    section: Cell | None = None
    parts: dict[str, list[Cell]] = {"目标": [], "指标": []}
    part: str | None = None
    for at, cell in enumerate([*cells, None]):
        match = _GOAL_PARTS.match(cell.text) if cell else None
        if cell is None or (match is None and _begins_section(cells, at)):
            if section is not None and (parts["目标"] or parts["指标"]):
                number += 1
                _add(number, section.text.strip(), parts["目标"], parts["指标"], extraction)
            section, parts, part = cell, {"目标": [], "指标": []}, None
        elif match:
            part = match["part"]
            parts[part].append(Cell(cell.no, match["text"], cell.place))
        elif part:
            parts[part].append(cell)
        elif section is not None:  # a heading of two lines
            section = Cell(section.no, rules.join_lines(section.text, cell.text), section.place.to(cell.place))
            extraction.claim([cell], schema.HEADING)
    return number


def _begins_section(cells: list[Cell], at: int) -> bool:
    """A numbered heading that a 绩效目标： or 绩效指标： paragraph follows before the next numbered heading."""
    if not _SECTION.match(cells[at].text.strip()):
        return False
    for cell in cells[at + 1 : at + 3]:
        if _GOAL_PARTS.match(cell.text):
            return True
        if _SECTION.match(cell.text.strip()):
            return False
    return False


def _add(number: int, section: str, goal: list[Cell], indicator: list[Cell], extraction: Extraction) -> None:
    filled = [cell for cell in [*goal, *indicator] if cell.text]
    extraction.claim(filled, schema.FACT)
    extraction.add(
        "department_goal",
        section_no=number,
        section_printed=section,
        goal_printed=_text(goal),
        indicator_printed=_text(indicator),
        at=place_of(filled) if filled else None,
    )


def _text(cells: list[Cell]) -> str:
    """Paragraphs keep their lines; a paragraph that was cut in two is joined again."""
    text = ""
    for cell in cells:
        if text and text.rstrip()[-1:] not in "。！？；：:":
            text = rules.join_lines(text, cell.text)
        else:
            text = f"{text}\n{cell.text}" if text else cell.text
    return text.strip()
