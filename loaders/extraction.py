"""What reading a document yields: raw rows by table, and for each cell who claimed it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from loaders import privacy

if TYPE_CHECKING:
    from loaders.document import Cell, Place

RawRow = dict[str, object]


@dataclass
class Extraction:
    """Collects raw rows and claims while a document is read. A cell is claimed once, by its first reader."""

    rows: dict[str, list[RawRow]] = field(default_factory=dict)
    claims: dict[int, tuple[str, int | None]] = field(default_factory=dict)
    # What forms took for figures: (where it stands, as printed); codes, which stand for several rows, by themselves.
    figures: set[tuple[str, str]] = field(default_factory=set)

    def add(self, table: str, at: Place | None = None, **values: object) -> None:
        """One raw row, whose value stands `at` a place; `document_id` is added when it is written."""
        row = {**values, **(at.located() if at else {})}
        self._note_figures(row)
        self.rows.setdefault(table, []).append({column: _kept(row, column) for column in row})

    def claim(self, cells: Iterable[Cell], claimed_as: str, form_no: int | None = None) -> None:
        """What cells were read as, and in which form. Blank cells and those claimed already are passed over."""
        for cell in cells:
            if cell.text:
                self.claims.setdefault(cell.no, (claimed_as, form_no))

    def is_figure(self, cell: Cell) -> bool:
        """True for a number or code that a form took from this cell as such: it stays, whatever it looks like."""
        return (str(cell.place), cell.text) in self.figures or ("", cell.text) in self.figures

    def forget(self, texts: set[str]) -> None:
        """Take texts that turned out to be private out of every row that holds one of them."""
        for rows in self.rows.values() if texts else ():
            for row in rows:
                row |= {column: None for column in row if row[column] in texts and not privacy.is_kept(row, column)}

    def _note_figures(self, row: RawRow) -> None:
        taken = {
            str(row[column]) for column in row if privacy.is_figure_column(column, row) and privacy.is_kept(row, column)
        }
        codes = {str(value) for column, value in row.items() if column.endswith("_code_printed") and value}
        places = {str(row[column]) for column in row if column.endswith("_locator") and row[column]} if taken else set()
        self.figures |= {(place, text) for place in places for text in taken} | {("", code) for code in codes}

    def is_claimed(self, cell: Cell) -> bool:
        """True if some reader has taken this cell."""
        return cell.no in self.claims


def _kept(row: RawRow, column: str) -> object:
    """A value as it is stored: blank text is NULL, what is private is left out."""
    value = row[column]
    if value == "" or privacy.is_kept(row, column):
        return None if value == "" else value
    return None if privacy.is_private(str(value)) else privacy.masked(str(value))
