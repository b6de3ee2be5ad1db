"""The neutral document that every reader yields: paragraphs and tables of located cells, in reading order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """Where a text stands in its file, as a person would look for it.

    In text files: lines, counted from 1. Elsewhere `part` names the page or sheet ("page 3", "sheet 收支总表") and
    `spot` the place on it ("table 2 R3C4", "B4", "line 7"); either may be empty where a format has no such thing.
    """

    line_from: int = 0
    line_to: int = 0
    part: str = ""
    spot: str = ""

    def __str__(self) -> str:
        if self.part or self.spot:
            return f"{self.part} {self.spot}".strip()
        if self.line_from == self.line_to:
            return f"line {self.line_from}"
        return f"lines {self.line_from}-{self.line_to}"

    def to(self, other: Place) -> Place:
        """The place that reaches from this one to `other`."""
        if not self.part and not self.spot:
            return Place(min(self.line_from, other.line_from), max(self.line_to, other.line_to))
        if str(self) == str(other):
            return self
        spot = f"{self.spot} to {other.spot}" if self.part == other.part else f"{self.spot} to {other}"
        return Place(part=self.part, spot=spot.strip())


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table, or one paragraph. `no` is unique in the document and follows reading order."""

    no: int
    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one table row as printed; merged cells count once and leave an empty cell where they continue."""

    cells: tuple[Cell, ...]

    @property
    def texts(self) -> list[str]:
        return [cell.text for cell in self.cells]

    @property
    def filled(self) -> list[Cell]:
        return [cell for cell in self.cells if cell.text]


@dataclass(frozen=True, slots=True)
class Table:
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    cell: Cell

    @property
    def text(self) -> str:
        return self.cell.text


Block = Table | Paragraph


@dataclass(frozen=True, slots=True)
class Document:
    """What a reader found in a file.

    `blocks` in reading order; `line_count` counts the non-blank lines of the source;
    `media_type` and `encoding` tell how the bytes were read; `notices` are one-line remarks of the reader on what it
    did not read (pages that are images, hidden sheets, formulas without a result).
    """

    blocks: tuple[Block, ...]
    media_type: str
    encoding: str
    line_count: int
    notices: tuple[str, ...] = ()

    def cells(self) -> Iterator[Cell]:
        """Every cell and paragraph, empty cells included, in reading order."""
        for block in self.blocks:
            if isinstance(block, Paragraph):
                yield block.cell
            else:
                for row in block.rows:
                    yield from row.cells
