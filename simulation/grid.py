"""Paragraphs and ruled tables with merged cells: what a document is made of before it has a format."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from unicodedata import east_asian_width


@dataclass(frozen=True)
class Box:
    """A printed cell at `row` and `column` (from 0) that covers `columns` × `rows` places; its text may have lines."""

    row: int
    column: int
    text: str
    columns: int = 1
    rows: int = 1


@dataclass(frozen=True)
class Grid:
    """A ruled table. `widths` in half-width characters, one a column; the first `header` rows repeat on new pages."""

    boxes: tuple[Box, ...]
    widths: tuple[int, ...]
    rows: int
    header: int = 0

    def lines(self) -> Iterator[list[Box]]:
        """The boxes that begin in each row, from left to right."""
        by_row: dict[int, list[Box]] = {row: [] for row in range(self.rows)}
        for box in self.boxes:
            by_row[box.row].append(box)
        for boxes in by_row.values():
            yield sorted(boxes, key=lambda box: box.column)


Block = str | Grid


@dataclass
class Ruled:
    """A table under way. Rows are (text, width)… whose widths add up to the same sum: where edges of any two rows
    differ, cells span columns, as in tables that are drawn by hand."""

    rows: list[list[tuple[str, int]]] = field(default_factory=list)
    down: dict[tuple[int, int], int] = field(default_factory=dict)  # (row, position) → rows that the cell covers

    def row(self, *cells: tuple[str, int]) -> None:
        """Add a row of (text, width), from left to right."""
        self.rows.append(list(cells))

    def grid(self, header: int = 0) -> Grid:
        """The table as it is printed; its first `header` rows are repeated on each page."""
        edges = sorted({0} | {edge for row in self.rows for edge in _edges(row)})
        column_of = {edge: number for number, edge in enumerate(edges)}
        taken: set[tuple[int, int]] = set()
        boxes = []
        for number, row in enumerate(self.rows):
            start = 0
            for position, (text, width) in enumerate(row):
                column, columns = column_of[start], column_of[start + width] - column_of[start]
                start += width
                if (number, column) in taken:
                    continue  # covered from above
                rows = self.down.get((number, position), 1)
                boxes.append(Box(number, column, text, columns, rows))
                taken |= {(r, c) for r in range(number, number + rows) for c in range(column, column + columns)}
        widths = tuple(right - left for left, right in pairwise(edges))
        return Grid(tuple(boxes), widths, len(self.rows), header)

    def merge_down(self, position: int, first: int, last: int) -> None:
        """Merges cells of one column downwards: each goes on over the blank ones below it."""
        at = first
        while at <= last:
            end = at
            while end < last and not self.rows[end + 1][position][0]:
                end += 1
            if self.rows[at][position][0]:
                self.down[at, position] = end - at + 1
            at = end + 1


def _edges(row: Sequence[tuple[str, int]]) -> list[int]:
    total = 0
    return [total := total + width for _, width in row]


_STEP = 5  # edges of cells are aligned or well apart, as people draw them


def shared_out(texts: list[str], width: int) -> list[tuple[str, int]]:
    """Texts in cells of about equal width."""
    edges = [round(width * at / len(texts) / _STEP) * _STEP for at in range(len(texts) + 1)]
    return [(text, edges[at + 1] - edges[at]) for at, text in enumerate(texts)]


def width_of(text: str) -> int:
    """The width of a text in half-width characters; of several lines, of the longest."""
    return max(sum(advance(char) for char in line) for line in text.split("\n"))


@cache
def advance(char: str) -> int:
    """The width of a character in half-width ones: 1 or 2."""
    return 2 if east_asian_width(char) in "WFA" else 1


def wrapped(text: str, width: float, indent: int = 0) -> list[str]:
    """The lines of a text in `width` half-width characters; the first begins `indent` of them to the right."""
    lines: list[str] = []
    for part in text.split("\n"):
        line, used = "", indent
        for char in part:
            if used + advance(char) > width and line:
                lines.append(line)
                line, used = "", 0
            line += char
            used += advance(char)
        lines.append(line)
        indent = 0
    return lines
