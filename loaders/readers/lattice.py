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
from typing import NamedTuple

SAME = 2.0  # lines this near are one line that was drawn twice
GAP = 3.0  # and go on over a gap this wide
TOUCH = 3.0  # lines cross if they come this near
NARROW = 3.0  # rows and columns this narrow are doubled lines, not cells
MOST_LINES = 5000  # of a page, in one direction and after merging: more is a drawing, not tables


class Rule(NamedTuple):
    """A ruling line: at y = `at` from x = `start` to `end`, or at x = `at` from y = `start` to `end`."""

    at: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Grid:
    """A ruled table. `xs` and `ys` are its n + 1 column and m + 1 row lines.

    `owner[r][c]` is the (row, column) of the top left place of the cell that covers place (r, c).
    """

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    owner: tuple[tuple[tuple[int, int], ...], ...]

    @property
    def area(self) -> float:
        return (self.xs[-1] - self.xs[0]) * (self.ys[-1] - self.ys[0])

    def cell_at(self, x: float, y: float) -> tuple[int, int] | None:
        """The cell around a point, or None outside of the table."""
        if not (self.xs[0] <= x <= self.xs[-1] and self.ys[0] <= y <= self.ys[-1]):
            return None
        row = min(bisect_right(self.ys, y), len(self.ys) - 1) - 1
        column = min(bisect_right(self.xs, x), len(self.xs) - 1) - 1
        return self.owner[row][column]


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
    if len(xs) < 2 or len(ys) < 2:
        return None
    columns, rows = len(xs) - 1, len(ys) - 1
    # left[r][c]: is there a line at the left of place (r, c); above[r][c]: above it.
    left = [[False] * columns for _ in range(rows)]
    for line in down:
        c = _nearest(xs, line.at)
        if c < columns:
            for r in _covered(ys, line):
                left[r][c] = True
    above = [[False] * columns for _ in range(rows)]
    for line in across:
        r = _nearest(ys, line.at)
        if r < rows:
            for c in _covered(xs, line):
                above[r][c] = True
    owner = _owners(left, above)
    # Lines where no cell begins come from stubs and slivers: without them every column and row is a printed one.
    used_rows = sorted({r for line in owner for r, _ in line})
    used_columns = sorted({c for line in owner for _, c in line})
    if len(used_rows) * len(used_columns) < 2:
        return None
    row_no = {r: i for i, r in enumerate(used_rows)}
    column_no = {c: i for i, c in enumerate(used_columns)}
    return Grid(
        (*(xs[c] for c in used_columns), xs[-1]),
        (*(ys[r] for r in used_rows), ys[-1]),
        tuple(tuple((row_no[owner[r][c][0]], column_no[owner[r][c][1]]) for c in used_columns) for r in used_rows),
    )


def _with_border(lines: list[Rule], crossing: list[Rule]) -> list[Rule]:
    """`lines` and, where most of the crossing lines run out beyond the first or last of them, the missing border."""
    first, last = min(line.at for line in lines), max(line.at for line in lines)
    start, end = min(line.start for line in lines), max(line.end for line in lines)
    added = list(lines)
    for ends, is_beyond in (
        ([line.start for line in crossing], lambda at: at < first - TOUCH),
        ([line.end for line in crossing], lambda at: at > last + TOUCH),
    ):
        beyond = [at for at in ends if is_beyond(at)]
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


def _owners(left: list[list[bool]], above: list[list[bool]]) -> list[list[tuple[int, int]]]:
    """Every place → the top left place of its cell: a cell is the largest rectangle without a line in it."""
    rows, columns = len(left), len(left[0])
    owner: list[list[tuple[int, int] | None]] = [[None] * columns for _ in range(rows)]
    for r in range(rows):
        for c in range(columns):
            if owner[r][c] is not None:
                continue
            end = c + 1
            while end < columns and not left[r][end] and owner[r][end] is None:
                end += 1
            bottom = r + 1
            while (
                bottom < rows
                and not any(above[bottom][c:end])
                and not any(left[bottom][c + 1 : end])
                and all(owner[bottom][k] is None for k in range(c, end))
            ):
                bottom += 1
            for i in range(r, bottom):
                for k in range(c, end):
                    owner[i][k] = (r, c)
    return [[place or (r, c) for c, place in enumerate(line)] for r, line in enumerate(owner)]
