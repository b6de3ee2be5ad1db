"""Private values in cells of their own: beside or below a label of persons, in any table, recognised or not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from loaders.privacy import is_figure
from loaders.privacy.labelled import is_name_value, is_person
from loaders.privacy.normal import normal
from loaders.privacy.words import NAME, PHONE, is_thing, kinds_of, words

if TYPE_CHECKING:
    from loaders.document import Cell
    from loaders.layout import Item

_PHONES = re.compile(r"(?:[一-龥·]{2,4}[:,/]?)?[+(]?[0-9][0-9\-()+.转/、,;]{5,40}")
_DECIMAL = re.compile(r"[0-9][.,][0-9]")
_TOKEN = re.compile(r"[0-9A-Za-z_@.\-]{5,64}")
_NAMES = re.compile(
    r"[一-龥]{2,4}(?:[、,/;及和][一-龥]{2,4}){0,5}|[一-龥]{1,10}·[一-龥·]{1,20}|[A-Za-z][A-Za-z .\-]{3,30}"
)
_PLATE = re.compile(r"[一-龥]?[A-Za-z][·\-.]?[0-9A-Za-z]{4,7}")
_FEWEST_DIGITS = 7


@dataclass(frozen=True)
class _Told:
    """What labels of a table tell of its cells. `sure`: private whatever a form says; `digits`: bare numbers beside the
    name of a thing (电话), unless a form takes them for figures."""

    sure: set[int]
    digits: set[int]

    def take(self, cell: Cell, label: Cell) -> None:
        """Note a cell as private that a label announces."""
        (self.digits if is_figure(cell.text) and is_thing(label.text) else self.sure).add(cell.no)


def private_cells(items: Sequence[Item]) -> tuple[set[int], set[int]]:
    """Numbers of the cells that labels of persons announce: those of any role, and numbers that may be figures.

    Beside a label a value is the first filled cell to its right. Where another label stands there, or nothing, values
    stand below it, in rows of as many cells.
    """
    told = _Told(set(), set())
    for table_no, group in groupby(items, key=lambda item: item.table_no):
        rows = [item.cells for item in group]
        for at, cells in enumerate(rows):
            labels = {
                column: kinds for column, cell in enumerate(cells) if cell.text and (kinds := kinds_of(cell.text))
            }
            for column, kinds in labels.items():
                if not _beside(cells, column, kinds, labels, told):
                    is_header = table_no is not None and _is_header(cells)
                    _below(cells, rows[at + 1 :], column, is_header, told)
    return told.sure, told.digits


def _beside(
    cells: Sequence[Cell], column: int, kinds: frozenset[str], labels: dict[int, frozenset[str]], told: _Told
) -> bool:
    """Note the values to the right of a label, up to the first cell that is none."""
    is_pairs = _is_pairs(cells, labels)
    found = False
    for at in range(column + 1, len(cells)):
        cell = cells[at]
        if not cell.text:
            continue
        if at in labels or not _is_value(cell.text, kinds, is_sure=not is_pairs and not found):
            break
        told.take(cell, cells[column])
        found = True
    return found


def _below(header: Sequence[Cell], rows: Sequence[Sequence[Cell]], column: int, is_header: bool, told: _Told) -> None:
    """Note the values in a column under its label: all under a header, else the first alone."""
    label, width = header[column], len(header)
    kinds = kinds_of(label.text)
    for cells in rows if is_header else rows[:1]:
        if len(cells) != width or not cells[column].text:
            continue
        if kinds_of(cells[column].text):
            return
        if _is_value(cells[column].text, kinds, is_sure=not is_header):
            told.take(cells[column], label)


def _is_header(cells: Sequence[Cell]) -> bool:
    """True for a row of several labels and no number."""
    filled = [cell for cell in cells if cell.text]
    return len(filled) > 1 and not any(any(char.isdigit() for char in cell.text) for cell in filled)


def _is_pairs(cells: Sequence[Cell], labels: dict[int, frozenset[str]]) -> bool:
    """True for a row of labels of persons, each with one value beside it, or of a label that ends in a colon."""
    filled = [at for at, cell in enumerate(cells) if cell.text]
    if any(normal(cells[at].text).rstrip().endswith((":", ")")) for at in labels):
        return True
    pairs = zip(filled[::2], filled[1::2], strict=False)
    return len(filled) % 2 == 0 and all(at in labels and beside not in labels for at, beside in pairs)


def _is_value(text: str, kinds: frozenset[str], is_sure: bool) -> bool:
    """True for a text as a label of these kinds announces it; `is_sure` asks for a name as most are."""
    return any(_fits(re.sub(r"\s+", "", normal(text)), text, kind, is_sure) for kind in kinds)


def _fits(bare: str, text: str, kind: str, is_sure: bool) -> bool:
    if "*" in bare:
        return False
    if kind == NAME:
        if not is_name_value(normal(text)) or bare.isdigit():
            return False
        if any(char.isdigit() for char in bare):
            return bool(_PHONES.fullmatch(bare)) and not _DECIMAL.search(bare)
        if is_person(normal(text).strip()):
            return True
        return not is_sure and bool(_NAMES.fullmatch(bare)) and bare not in words().fields
    digits = sum(char.isdigit() for char in bare)
    if kind == PHONE:
        return bool(_PHONES.fullmatch(bare)) and digits >= _FEWEST_DIGITS and not _DECIMAL.search(bare)
    if kind == "plate":
        return bool(_PLATE.fullmatch(bare)) and digits > 0
    if kind == "home":
        return not is_sure and any(char.isalpha() for char in bare)
    return "@" in bare or (bool(_TOKEN.fullmatch(bare)) and digits > 4 and not _DECIMAL.search(bare))
