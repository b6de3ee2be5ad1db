"""Ruling lines of a page → grids of cells. Coordinates in points as the reader sees the page, y downwards.

Lines come as they were drawn: thin rectangles, short segments, doubled, a little short or long, or missing where
the table ends. They are merged, those that touch make one table, and the cells are what they enclose.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from loaders.document import Box

SAME = 2.0  # lines this near are one line that was drawn twice
GAP = 3.0  # and go on over a gap this wide
TOUCH = 3.0  # lines cross if they come this near
NARROW = 3.0  # rows and columns this narrow are doubled lines, not cells
RAGGED_COLUMN = 24.0  # a column line may be this far off from one row to another …
RAGGED_ROW = 6.0  # … and a row line from one column to another
MOST_LINES = 2000  # of a page, in one direction and after merging: more is a drawing, not tables
MOST_PLACES = 100_000  # of a table; the largest pages have some thousand


class Rule(NamedTuple):
    """A ruling line: at y = `at` from x = `start` to `end`, or at x = `at` from y = `start` to `end`."""

    at: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Grid:
    """A ruled table. `xs` and `ys` are its n + 1 column and m + 1 row lines.

    `lines_x` and `lines_y` are all lines, also those that stand for one column line though they are not quite at the
    same place in each row; `owner[i][k]` is the (row, column) of the cell between lines i, i + 1 and k, k + 1: of its
    top left place, if it is merged.
    """

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    lines_x: tuple[float, ...]
    lines_y: tuple[float, ...]
    owner: tuple[tuple[tuple[int, int], ...], ...]

    @property
    def area(self) -> float:
        """Width times height, between the outermost lines."""
        return (self.lines_x[-1] - self.lines_x[0]) * (self.lines_y[-1] - self.lines_y[0])

    def cell_at(self, x: float, y: float) -> tuple[int, int] | None:
        """The cell around a point, or None outside of the table."""
        xs, ys = self.lines_x, self.lines_y
        if not (xs[0] <= x <= xs[-1] and ys[0] <= y <= ys[-1]):
            return None
        return self.owner[min(bisect_right(ys, y), len(ys) - 1) - 1][min(bisect_right(xs, x), len(xs) - 1) - 1]

    def boxes(self) -> dict[tuple[int, int], Box]:
        """(row, column) of each cell → the box between its lines."""
        found: dict[tuple[int, int], Box] = {}
        for (top, bottom), line in zip(pairwise(self.lines_y), self.owner, strict=True):
            for (left, right), cell in zip(pairwise(self.lines_x), line, strict=True):
                if cell in found:
                    x0, y0, x1, _ = found[cell]
                    found[cell] = min(x0, left), y0, max(x1, right), bottom
                else:
                    found[cell] = left, top, right, bottom
        return found


def find_grids(horizontal: Sequence[Rule], vertical: Sequence[Rule]) -> list[Grid]:
    """All ruled tables of a page, from top to bottom. A frame around one cell is no table."""
    across, down = merge(horizontal), merge(vertical)
    if max(len(across), len(down)) > MOST_LINES:
        return []
    grids = [grid for group in _connected(across, down) if (grid := _grid(*group)) is not None]
    return sorted(grids, key=lambda grid: (grid.ys[0], grid.xs[0]))


def merge(rules: Sequence[Rule]) -> list[Rule]:
    """Lines with what lies on or behind each other made one."""
    merged: list[Rule] = []
    band: list[Rule] = []
    for rule in sorted(rules):
        if band and rule.at - band[0].at > SAME:
            merged.extend(_merge_band(band))
            band = []
        band.append(rule)
    merged.extend(_merge_band(band))
    return merged


def _merge_band(band: list[Rule]) -> list[Rule]:
    """The same for lines that are all at about the same coordinate."""
    merged: list[Rule] = []
    run: list[Rule] = []
    end = 0.0
    for rule in sorted(band, key=lambda r: r.start):
        if run and rule.start > end + GAP:
            merged.append(_one(run, end))
            run = []
        end = rule.end if not run else max(end, rule.end)
        run.append(rule)
    if run:
        merged.append(_one(run, end))
    return merged


def _one(run: list[Rule], end: float) -> Rule:
    weight = sum(rule.end - rule.start for rule in run)
    at = sum(rule.at * (rule.end - rule.start) for rule in run) / weight if weight > 0 else run[0].at
    return Rule(at, run[0].start, end)


def _connected(across: list[Rule], down: list[Rule]) -> list[tuple[list[Rule], list[Rule]]]:
    """Groups of lines that touch each other."""
    parent = list(range(len(across) + len(down)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    by_x = sorted(range(len(down)), key=lambda i: down[i].at)
    xs = [down[i].at for i in by_x]
    for h, line in enumerate(across):
        for i in by_x[bisect_left(xs, line.start - TOUCH) : bisect_right(xs, line.end + TOUCH)]:
            if down[i].start - TOUCH <= line.at <= down[i].end + TOUCH:
                parent[root(len(across) + i)] = root(h)
    groups: dict[int, tuple[list[Rule], list[Rule]]] = {}
    for h, line in enumerate(across):
        groups.setdefault(root(h), ([], []))[0].append(line)
    for v, line in enumerate(down):
        groups.setdefault(root(len(across) + v), ([], []))[1].append(line)
    return list(groups.values())


def _grid(across: list[Rule], down: list[Rule]) -> Grid | None:
    if len(across) < 2 or not down:
        return None
    across, down = _with_border(across, down), _with_border(down, across)
    xs, ys = _coordinates(down), _coordinates(across)
    if len(xs) < 2 or len(ys) < 2 or len(xs) * len(ys) > MOST_PLACES:
        return None
    # upright[k]: the row places with a line at their left edge xs[k]; level[i]: the column places below a line ys[i].
    upright, level = _walls(xs, ys, down), _walls(ys, xs, across)
    owner = _owners(upright, level)
    printed_ys, row_of = _printed(ys, level, RAGGED_ROW, {r for line in owner for r, _ in line})
    printed_xs, column_of = _printed(xs, upright, RAGGED_COLUMN, {c for line in owner for _, c in line})
    rows, columns = len(printed_ys) - 1, len(printed_xs) - 1
    if rows * columns < 2:
        return None
    return Grid(
        printed_xs,
        printed_ys,
        tuple(xs),
        tuple(ys),
        tuple(tuple((min(row_of[r], rows - 1), min(column_of[c], columns - 1)) for r, c in line) for line in owner),
    )


def _walls(edges: list[float], others: list[float], lines: list[Rule]) -> list[set[int]]:
    """For each of `edges`, the places between `others` along which a line is drawn there."""
    walls: list[set[int]] = [set() for _ in edges]
    for line in lines:
        walls[_nearest(edges, line.at)].update(_covered(others, line))
    return walls


def _printed(
    edges: list[float], walls: list[set[int]], limit: float, starts: set[int]
) -> tuple[tuple[float, ...], list[int]]:
    """The column (or row) lines of a table, and for each of `edges` the number of the column that begins there.

    Two lines near each other of which no row has both are one ragged line. Lines where no cell begins (stubs) begin
    no column.
    """
    groups = [[0]]
    for i in range(1, len(edges)):
        width = edges[i] - edges[i - 1]
        before = edges[groups[-1][0]] - edges[groups[-2][-1]] if len(groups) > 1 else None
        after = edges[i + 1] - edges[i] if i + 1 < len(edges) else None
        is_sliver = width <= limit and all(other is None or width < other / 2 for other in (before, after))
        if is_sliver and not any(walls[k] & walls[i] for k in groups[-1]):
            groups[-1].append(i)
        else:
            groups.append([i])
    printed: list[float] = []
    numbers: list[int] = []
    for group in groups:
        if group[-1] == len(edges) - 1 or any(i in starts for i in group):
            printed.append(sum(edges[i] for i in group) / len(group))
        numbers.extend([len(printed) - 1] * len(group))
    return tuple(printed), numbers


def _with_border(lines: list[Rule], crossing: list[Rule]) -> list[Rule]:
    """`lines` and, where most of the crossing lines run out beyond the first or last of them, the missing border."""
    first, last = min(line.at for line in lines), max(line.at for line in lines)
    start, end = min(line.start for line in lines), max(line.end for line in lines)
    added = list(lines)
    for beyond in (
        [line.start for line in crossing if line.start < first - TOUCH],
        [line.end for line in crossing if line.end > last + TOUCH],
    ):
        if len(beyond) < 2:
            continue
        at, count = Counter(round(at) for at in beyond).most_common(1)[0]
        near = [value for value in beyond if abs(value - at) <= TOUCH]
        if count >= 2 and len(near) > len(crossing) / 2:
            added.append(Rule(sum(near) / len(near), start, end))
    return added


def _coordinates(lines: list[Rule]) -> list[float]:
    """The different coordinates of lines, those of doubled lines once."""
    found: list[list[float]] = []
    for line in sorted(lines):
        if found and line.at - found[-1][0] <= NARROW:
            found[-1].append(line.at)
        else:
            found.append([line.at])
    return [sum(group) / len(group) for group in found]


def _nearest(values: list[float], value: float) -> int:
    i = bisect_left(values, value)
    if i == 0 or (i < len(values) and values[i] - value <= value - values[i - 1]):
        return i
    return i - 1


def _covered(edges: list[float], line: Rule) -> list[int]:
    """The places between `edges` of which the line covers more than half."""
    first = max(bisect_right(edges, line.start) - 1, 0)
    return [
        i
        for i, (a, b) in enumerate(pairwise(edges[first : bisect_left(edges, line.end) + 1]), start=first)
        if min(b, line.end) - max(a, line.start) > (b - a) / 2
    ]


def _owners(upright: list[set[int]], level: list[set[int]]) -> list[list[tuple[int, int]]]:
    """Every place → the top left place of its cell: a cell is the largest rectangle without a line in it."""
    rows, columns = len(level) - 1, len(upright) - 1
    owner: list[list[tuple[int, int] | None]] = [[None] * columns for _ in range(rows)]
    for r in range(rows):
        for c in range(columns):
            if owner[r][c] is not None:
                continue
            end = c + 1
            while end < columns and r not in upright[end] and owner[r][end] is None:
                end += 1
            bottom = r + 1
            while (
                bottom < rows
                and level[bottom].isdisjoint(range(c, end))
                and not any(bottom in upright[k] for k in range(c + 1, end))
                and all(owner[bottom][k] is None for k in range(c, end))
            ):
                bottom += 1
            for i in range(r, bottom):
                for k in range(c, end):
                    owner[i][k] = (r, c)
    return [[place or (r, c) for c, place in enumerate(line)] for r, line in enumerate(owner)]
