"""The neutral document that every reader yields: paragraphs and tables of located cells, in reading order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

Box = tuple[float, float, float, float]  # left, top, right, bottom


def around(first: Box | None, second: Box | None) -> Box | None:
    """The smallest box around both."""
    if first is None or second is None:
        return first or second
    return min(first[0], second[0]), min(first[1], second[1]), max(first[2], second[2]), max(first[3], second[3])


@dataclass(frozen=True, slots=True)
class Place:
    """Where a text stands in its file, as a person would look for it.

    In text files: lines, counted from 1. Elsewhere `part` names the page or sheet ("page 3", "sheet 收支总表") and
    `spot` the place on it ("table 2 R3C4", "B4", "line 7"); either may be empty where a format has no such thing.
    `box` is the part of the page that it takes, where a format has pages: the cell between its ruling lines, else the
    text itself; in points from the top left of the page as a viewer shows it.
    """

    line_from: int = 0
    line_to: int = 0
    part: str = ""
    spot: str = ""
    box: Box | None = None

    def __str__(self) -> str:
        if self.part or self.spot:
            return f"{self.part} {self.spot}".strip()
        if self.line_from == self.line_to:
            return f"line {self.line_from}"
        return f"lines {self.line_from}-{self.line_to}"

    def to(self, other: Place) -> Place:
        """The place that reaches from this one to `other`; its box is what of it is on the page of this one."""
        if not self.part and not self.spot:
            return Place(min(self.line_from, other.line_from), max(self.line_to, other.line_to))
        box = around(self.box, other.box) if self.part == other.part else self.box
        if str(self) == str(other):
            return replace(self, box=box)
        spot = f"{self.spot} to {other.spot}" if self.part == other.part else f"{self.spot} to {other}"
        return Place(part=self.part, spot=spot.strip(), box=box)

    def located(self) -> dict[str, str | None]:
        """The columns of every raw row that tell where its value stands; the box in whole points, "54 133 187 149"."""
        box = " ".join(str(max(round(edge), 0)) for edge in self.box) if self.box else None
        return {"source_locator": str(self), "source_box": box}


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
        """The texts of all cells from left to right, blank ones included."""
        return [cell.text for cell in self.cells]

    @property
    def filled(self) -> list[Cell]:
        """The cells that have a text, from left to right."""
        return [cell for cell in self.cells if cell.text]


@dataclass(frozen=True, slots=True)
class Table:
    """A printed table: its rows from top to bottom."""

    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A line or paragraph outside of tables, as one cell."""

    cell: Cell

    @property
    def text(self) -> str:
        """The text of its one cell."""
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
