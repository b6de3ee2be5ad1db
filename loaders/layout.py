"""The document as a flat list of rows, paragraphs among them, and the repair of rows that blank lines broke."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from loaders import money
from loaders import text as rules
from loaders.document import Cell, Document, Paragraph, Place, Row

if TYPE_CHECKING:
    from loaders.forms import Catalogue, Form

_MONEY_UNIT = re.compile(rf"^(?:金额)?单位:{money.UNIT}")
_OPENERS = ("project_code", "purpose", "plan", "goal")


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """One row of a table, or one paragraph. `table_no` counts the tables of the document from 1.

    A row is equal to itself alone, so that what was found of it can be remembered without comparing its cells.
    """

    cells: tuple[Cell, ...]
    table_no: int | None
    row_no: int

    @property
    def is_paragraph(self) -> bool:
        """True outside of tables."""
        return self.table_no is None

    @property
    def filled(self) -> list[Cell]:
        """The cells that have a text, from left to right."""
        return [cell for cell in self.cells if cell.text]

    @property
    def text(self) -> str:
        """The text of a paragraph, or of a row that has one filled cell; else empty."""
        filled = self.filled
        return filled[0].text if len(filled) == 1 else ""


def items_of(document: Document, catalogue: Catalogue) -> list[Item]:
    """The document's rows and paragraphs in reading order; rows that ran together are parted at declared labels."""
    items: list[Item] = []
    table_no = 0
    for block in document.blocks:
        if isinstance(block, Paragraph):
            items.append(Item((block.cell,), None, 1))
            continue
        table_no += 1
        rows = [part for row in block.rows for part in _part(row, catalogue)]
        items += [Item(cells, table_no, row_no) for row_no, cells in enumerate(rows, start=1)]
    return items


def _part(row: Row, catalogue: Catalogue) -> list[tuple[Cell, ...]]:
    """A row, cut before each label that begins a row, and behind a title, a header and a row of column numbers."""
    targets = [form for form in catalogue.forms if form.form_kind == "project_target"]
    parts: list[list[Cell]] = [[]]
    kind = ""  # what the part under way began with
    for at, cell in enumerate(row.cells):
        current = parts[-1]
        bare = rules.label(cell.text)
        opener = next((label for form in targets if (label := form.label_code(cell.text)) in _OPENERS), None)
        begins = opener or (bare in ("栏次", "序号") and not _is_column_number(bare, current) and bare)
        if bare == "一级指标" and (
            not current or (any(c.text for c in current) and not rules.label(current[-1].text).endswith("绩效指标"))
        ):
            begins = "indicators"
        if any(
            _MONEY_UNIT.match(rules.label(after.text)) or targets[0].label_code(after.text) == "project_code"
            for after in row.cells[at + 1 : at + 4]
            if targets
        ) and catalogue.is_title(cell.text):
            begins = "title"
        ends = (
            (kind == "栏次" and bool(cell.text) and not _is_column_number(bare, current))
            or (kind == "indicators" and _is_behind_header(row.cells[at:], targets))
            or (len(current) == 1 and len(row.cells) > 2 and catalogue.is_title(current[0].text))
        )
        if current and (begins or ends):
            parts.append([])
        if not parts[-1]:
            kind = begins or ""
        parts[-1].append(cell)
    return [tuple(part) for part in parts]


def _is_column_number(bare: str, before: Sequence[Cell]) -> bool:
    """True if `bare` goes on with a row of column numbers: the next number, 栏次 over a second list, or 栏次 behind the
    labels 类 款 项."""
    labels = [rules.label(cell.text) for cell in before if cell.text]
    if bare == "栏次":
        return labels[:1] in (["栏次"], ["类"])
    number = 1 + sum(1 for label in labels if label != "栏次")
    return bool(labels) and labels[0] == "栏次" and re.sub("=.*", "", bare) == str(number)


def _is_behind_header(cells: Sequence[Cell], targets: Sequence[Form]) -> bool:
    """True if `cells` hold a text but no column header: what a merged header leaves blank is part of the header."""
    return any(c.text for c in cells) and not any(form.column_code(c.text) for form in targets for c in cells)


def regular(items: Iterable[Item], width: int) -> tuple[list[tuple[Cell, ...]], list[Cell]]:
    """Rows of exactly `width` cells, and the cells that make up none.

    A row that a blank line broke in two is joined, rows that ran together are parted; a row that lacks a cell is
    left out whole: nobody can tell which one.
    """
    rows: list[tuple[Cell, ...]] = []
    left: list[Cell] = []
    pending: tuple[Cell, ...] = ()
    for item in items:
        if item.is_paragraph:
            continue
        cells = pending + item.cells
        if len(cells) % width == 0:
            rows += [cells[start : start + width] for start in range(0, len(cells), width)]
            pending = ()
        elif pending and len(item.cells) % width == 0:
            left += pending
            rows += [item.cells[start : start + width] for start in range(0, len(item.cells), width)]
            pending = ()
        elif len(cells) < width:
            pending = cells
        else:
            left += pending
            pending = item.cells if len(item.cells) < width else ()
            left += () if pending else item.cells
    return rows, left + list(pending)


def place_of(cells: Sequence[Cell]) -> Place:
    """From the first to the last of `cells`."""
    return cells[0].place.to(cells[-1].place)
