"""The document as a flat list of rows, paragraphs among them, and the repair of rows that blank lines broke."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from loaders import text as rules
from loaders.document import Cell, Document, Paragraph, Place, Row
from loaders.forms import Catalogue


@dataclass(frozen=True, slots=True)
class Item:
    """One row of a table, or one paragraph. `table_no` counts the tables of the document from 1."""

    cells: tuple[Cell, ...]
    table_no: int | None
    row_no: int

    @property
    def is_paragraph(self) -> bool:
        return self.table_no is None

    @property
    def filled(self) -> list[Cell]:
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
    """A row, cut before each label that begins a row, behind a title and behind a row of column numbers."""
    openers = {"project_code", "purpose", "plan", "goal"}
    parts: list[list[Cell]] = [[]]
    index_row = False
    for cell in row.cells:
        bare = rules.label(cell.text)
        current = parts[-1]
        opens = any(
            form.label_code(cell.text) in openers for form in catalogue.forms if form.form_kind == "project_target"
        )
        if index_row and cell.text and bare != str(len(current)):
            parts.append([])
            index_row = False
        elif (
            current
            and cell.text
            and (
                opens
                or bare in ("栏次", "序号")
                or (bare == "一级指标" and rules.label(current[-1].text) != "绩效指标")
                or (len(current) == 1 and catalogue.is_title(current[0].text) and len(row.cells) > 2)
            )
        ):
            parts.append([])
        parts[-1].append(cell)
        index_row = index_row or bare == "栏次"
    return [tuple(part) for part in parts]


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
