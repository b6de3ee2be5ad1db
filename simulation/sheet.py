"""A table under way: printed cells, each with the fact that it states, so that the truth says what the page says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from simulation import money

if TYPE_CHECKING:
    from simulation.grid import Grid

Fact = dict[str, Any]


class Line(str):
    """A line of owner, year or unit of money above a form: a cell of its own where text has cells."""


@dataclass(eq=False)
class Cell:
    """A printed cell; `fact` is the row of the truth that it states, None for labels."""

    text: str = ""
    table: str | None = None
    fact: Fact | None = None

    def change(self, fen: int, unit: str, thousands: bool) -> None:
        """Prints another amount; the truth follows what is printed."""
        assert self.fact is not None
        self.text = money.printed(fen, unit, thousands)
        self.fact["amount_printed"] = self.text
        self.fact["amount_yuan"] = money.yuan(fen, unit)


@dataclass(eq=False)
class Sheet:
    """A form of columns with what stands above and below it."""

    code: str
    title: str
    above: Sequence[str]
    paths: Sequence[Sequence[str]]
    money_unit: str
    thousands: bool
    rows: list[list[Cell]] = field(default_factory=list)
    note: str | None = None
    index: bool = False
    total_at: int | None = None

    def cells(self) -> Iterator[Cell]:
        """The cells that state a fact, row by row."""
        for row in self.rows:
            for cell in row:
                if cell.fact is not None:
                    yield cell

    def find(self, **wanted: object) -> Cell | None:
        """The first cell whose fact has these values."""
        for cell in self.cells():
            assert cell.fact is not None
            if all(cell.fact.get(key) == value for key, value in wanted.items()):
                return cell
        return None


@dataclass(frozen=True)
class Table:
    """A table of another layout, laid out when the document is written: until then its texts may change."""

    title: str
    above: Sequence[str]
    grid: Callable[[], Grid]


Part = str | Sheet | Table
