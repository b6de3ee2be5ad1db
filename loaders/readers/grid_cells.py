"""From texts and spans to numbered tables and paragraphs: what the readers of marked-up formats share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from loaders.document import Block, Cell, Document, Paragraph, Place, Row, Table
from loaders.errors import RefusedDocument

MAX_SPAN = 1_000  # columns or rows that one cell may cover
MAX_CELLS = 1_000_000  # of a document, empty ones included; the largest disclosures have some ten thousand


def too_large() -> RefusedDocument:
    """The refusal of a document with more than MAX_CELLS cells."""
    return RefusedDocument("too_large", f"the tables have more than {MAX_CELLS:,} cells")


@dataclass(frozen=True, slots=True)
class Span:
    """A printed cell that covers `columns` × `rows` places of a grid."""

    text: str
    columns: int = 1
    rows: int = 1


def lay_out(rows: Sequence[Sequence[Span]]) -> list[list[str]]:
    """Rows of printed cells → a grid of texts, each row as wide as the widest; "" where a cell goes on or none is.

    A cell takes the first free place of its row, as in HTML; what it covers below ends with the last row.
    Raises RefusedDocument (too_large).
    """
    grid: list[dict[int, str]] = []
    covered: dict[int, int] = {}  # column → how many of the rows that follow are covered from above
    width = 0
    for row in rows:
        texts: dict[int, str] = {}
        below = {column: left - 1 for column, left in covered.items() if left > 1}
        at = 0
        for span in row:
            while at in covered:
                at += 1
            end = at + min(max(span.columns, 1), MAX_SPAN)
            texts[at] = span.text
            if span.rows > 1:
                below |= dict.fromkeys(range(at, end), min(span.rows, MAX_SPAN) - 1)
            at = end
            if at > MAX_CELLS:
                raise too_large()
        grid.append(texts)
        width = max(width, at, max(covered, default=-1) + 1)
        covered = below
        if len(grid) * width > MAX_CELLS:
            raise too_large()
    return [[texts.get(column, "") for column in range(width)] for texts in grid]


@dataclass
class Blocks:
    """Collects the blocks of a document in reading order and numbers their cells."""

    blocks: list[Block] = field(default_factory=list)
    cell_count: int = 0
    table_count: int = 0
    line_count: int = 0

    def paragraph(self, text: str, place: Place) -> None:
        """Add a paragraph, which counts as one line. Raises RefusedDocument beyond MAX_CELLS."""
        self.line_count += 1
        self.blocks.append(Paragraph(self._cell(text, place)))

    def table(self, grid: Sequence[Sequence[str]], place_of: Callable[[int, int], Place]) -> None:
        """A grid of texts; `place_of(row, column)`, both from 0, tells where each stands."""
        self.table_count += 1
        self.line_count += sum(1 for texts in grid if any(texts))
        self.blocks.append(
            Table(
                tuple(
                    Row(tuple(self._cell(text, place_of(row, column)) for column, text in enumerate(texts)))
                    for row, texts in enumerate(grid)
                )
            )
        )

    def numbered_table(self, grid: Sequence[Sequence[str]]) -> None:
        """A grid whose places are counted: "table 2 R3C4"; nothing is added for a grid without any text."""
        if not any(any(texts) for texts in grid):
            return
        number = self.table_count + 1
        self.table(grid, lambda row, column: Place(spot=f"table {number} R{row + 1}C{column + 1}"))

    def document(self, media_type: str, encoding: str = "", notices: Sequence[str] = ()) -> Document:
        """Everything that was added, as the document that a reader hands on."""
        return Document(tuple(self.blocks), media_type, encoding, self.line_count, tuple(notices))

    def _cell(self, text: str, place: Place) -> Cell:
        self.cell_count += 1
        if self.cell_count > MAX_CELLS:
            raise too_large()
        return Cell(self.cell_count, text, place)
