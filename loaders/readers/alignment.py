"""Tables without ruling lines: lines of text whose parts leave the same gaps free.

Only figures make a table here: several lines near each other, each with a text and figures after it, between which
the same vertical strips are empty. Anything less stays text, because prose and lists must not be cut into cells.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from loaders.readers.typeset import Piece

MIN_ROWS = 3  # lines with figures that make a table
MIN_GAP = 0.6  # em: the empty strip between two columns
CELL_GAP = 1.0  # em between two cells of one line
FAR_BELOW = 3.0  # em from line to line: more is not the same table
MAX_HEADER = 4  # lines of column heads

_FIGURE = re.compile(r"[-−－]?[(（]?[0-9][0-9,，]*(?:\.[0-9]+)?[)）]?%?|[-−－—–]{1,2}")
_OWN_LINE = re.compile(r"单位\s*[:：]|^(?!其中)[^:：]{1,8}[:：]\s*\S|[。；]$")

Strip = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Aligned:
    """Lines `first` to `last` (one beyond) are the rows of a table; `strips` are the gaps between its columns."""

    first: int
    last: int
    strips: tuple[Strip, ...]

    def row(self, pieces: Sequence[Piece]) -> list[list[Piece]]:
        """The texts of one line, by column; a text over several columns is in the first of them."""
        cells: list[list[Piece]] = [[] for _ in range(len(self.strips) + 1)]
        for piece in pieces:
            cells[sum(1 for left, _ in self.strips if piece.x0 >= left - 0.5)].append(piece)
        return cells


def find_aligned(lines: Sequence[Sequence[Piece]]) -> list[Aligned]:
    """The tables among the lines of a page (from top to bottom, each cut into its cells)."""
    found: list[Aligned] = []
    at = 0
    while at < len(lines):
        table = _table_from(lines, at) if _is_data(lines[at]) else None
        if table is None:
            at += 1
            continue
        first = table.first
        while first > max(found[-1].last if found else 0, table.first - MAX_HEADER) and _is_head(
            lines[first - 1], lines[first]
        ):
            first -= 1
        found.append(Aligned(first, table.last, table.strips))
        at = table.last
    return found


def _table_from(lines: Sequence[Sequence[Piece]], start: int) -> Aligned | None:
    taken: list[Piece] = []
    strips: tuple[Strip, ...] = ()
    last, data_rows = start, 0
    for i in range(start, len(lines)):
        line = lines[i]
        if i > start and _pitch(lines[i - 1], line) > FAR_BELOW:
            break
        if strips and any(_bridges(piece, strip) for piece in line for strip in strips):
            break
        if not _is_data(line):
            # A label without figures, or the wrapped rest of one: in the table only if the table goes on after it.
            if len(line) > 1 or _OWN_LINE.search(line[0].text):
                break
            continue
        taken.extend(line)
        strips = _strips(taken)
        if not strips:
            break
        last, data_rows = i + 1, data_rows + 1
    rows = lines[start:last]
    if data_rows < MIN_ROWS or not strips or _is_contents(rows):
        return None
    return Aligned(start, last, _strips([piece for line in rows for piece in line]))


def _is_data(line: Sequence[Piece]) -> bool:
    return len(line) > 1 and any(_FIGURE.fullmatch(piece.text.replace(" ", "")) for piece in line[1:])


def _is_head(line: Sequence[Piece], below: Sequence[Piece]) -> bool:
    return (
        len(line) > 1
        and _pitch(line, below) <= FAR_BELOW
        and not any(_OWN_LINE.search(piece.text) for piece in line)
        and not _is_data(line)
    )


def _is_contents(rows: Sequence[Sequence[Piece]]) -> bool:
    """A table of contents: one page number after each title, never falling."""
    numbers = [line[-1].text for line in rows if len(line) > 1]
    if any(len(line) > 2 for line in rows) or not all(re.fullmatch(r"[0-9]{1,3}", text) for text in numbers):
        return False
    return [int(text) for text in numbers] == sorted(int(text) for text in numbers)


def _pitch(line: Sequence[Piece], below: Sequence[Piece]) -> float:
    """The distance between two lines, in em of the larger."""
    size = max(piece.size for piece in (*line, *below))
    return (below[0].y - line[0].y) / size


def _bridges(piece: Piece, strip: Strip) -> bool:
    """True when a text leaves nothing of a gap free that could still part two columns."""
    left, right = strip
    if piece.x1 <= left or piece.x0 >= right:
        return False
    return max(piece.x0 - left, right - piece.x1) < MIN_GAP * piece.size


def _strips(pieces: Sequence[Piece]) -> tuple[Strip, ...]:
    """The vertical strips that no text touches."""
    size = sorted(piece.size for piece in pieces)[len(pieces) // 2]
    strips: list[Strip] = []
    end: float | None = None
    for piece in sorted(pieces, key=lambda p: p.x0):
        if end is not None and piece.x0 - end >= MIN_GAP * size:
            strips.append((end, piece.x0))
        end = piece.x1 if end is None else max(end, piece.x1)
    return tuple(strips)
