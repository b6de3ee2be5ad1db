"""Workbooks (.xlsx, .xlsm, .xlsb, .xls, .et, .ods): the visible sheets, as tables and the lines around them."""

from __future__ import annotations

import datetime
import io
import posixpath
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from loaders import text as rules
from loaders.document import Document, Place
from loaders.errors import RefusedDocument
from loaders.forms import catalogue
from loaders.readers import archive
from loaders.readers.grid_cells import MAX_CELLS, Blocks, too_large

MEDIA_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "xls": "application/vnd.ms-excel",
}

# The library keeps the whole rectangle from the first to the last filled cell in memory, 32 bytes a cell.
_MAX_RECTANGLE = 10_000_000
_MAX_CELLS_WITHOUT_ADDRESS = 2_000_000
_MAX_NAMED = 10  # cells that one notice names

Value = int | float | str | bool | datetime.time | datetime.date | datetime.datetime | datetime.timedelta
Range = tuple[int, int, int, int]  # first row, first column, last row, last column; from 0
