"""What reading a document yields: raw rows by table, and for each cell who claimed it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from loaders import text as rules

if TYPE_CHECKING:
    from loaders.document import Cell, Place

RawRow = dict[str, object]


@dataclass
class Extraction:
    """Collects raw rows and claims while a document is read. A cell is claimed once, by its first reader."""

    rows: dict[str, list[RawRow]] = field(default_factory=dict)
    claims: dict[int, tuple[str, int | None]] = field(default_factory=dict)

    def add(self, table: str, at: Place | None = None, **values: object) -> None:
        """One raw row, whose value stands `at` a place; `document_id` is added when it is written."""
        row = {key: self._kept(value) for key, value in values.items()}
        self.rows.setdefault(table, []).append({**row, **at.located()} if at else row)

    def claim(self, cells: Iterable[Cell], claimed_as: str, form_no: int | None = None) -> None:
        """What cells were read as, and in which form. Blank cells and those claimed already are passed over."""
        for cell in cells:
            if cell.text:
                self.claims.setdefault(cell.no, (claimed_as, form_no))

    def _kept(self, value: object) -> object:
        """Blank text is NULL; names and numbers of persons are left out of every text that is stored."""
        if not isinstance(value, str) or not value:
            return None if value == "" else value
        return None if rules.is_private(value) else rules.drop_private(value)[0]

    def is_claimed(self, cell: Cell) -> bool:
        """True if some reader has taken this cell."""
        return cell.no in self.claims
