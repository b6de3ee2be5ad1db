"""Cells for spreadsheets: text from documents must not become a formula in somebody's program."""

from __future__ import annotations

import re
from typing import TypeVar

Cell = TypeVar("Cell")

# What spreadsheet programs take for the beginning of a formula; full-width forms count, Chinese versions accept them.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)?(\.\d+)?%?")


def neutralise(cell: Cell) -> Cell | str:
    """A cell as it may stand in CSV or Excel: text that a spreadsheet would run gets an apostrophe before it.

    Numbers, dates and None are returned as they are, and so is text that is nothing but a number (-3.50, +12%).
    """
    if not isinstance(cell, str) or not cell.lstrip(" \u3000\xa0").startswith(_FORMULA):
        return cell
    if any(character.isdigit() for character in cell) and _NUMBER.fullmatch(cell):
        return cell
    return f"'{cell}"
