"""What the rows of a table are called: the reviewed names of lines and items (seeds/), as the models know them."""

from __future__ import annotations

import csv
import re
from functools import lru_cache
from pathlib import Path

from loaders import text as rules

_SEEDS = Path(__file__).parents[1] / "seeds"
_LISTS = {
    "three_public": [("three_public_item", "item_name")],
    "item": [("income_line", "line_name"), ("expenditure_line", "line_name")],
}
_QUOTES = str.maketrans("", "", '"《》')
# As in the macro normalise_line_name: the ordinal or 其中 before a name.
_ORDINAL = "[一二三四五六七八九十百]"
_BEFORE = re.compile(rf"^(?:其中[:,]?|\((?:{_ORDINAL}|[0-9])+\)|{_ORDINAL}+[、.,]|[0-9]{{1,2}}[、.,)])+")
_TOTAL = re.compile(r"(?:合计|总计|小计)$")
_LONG = 5  # characters of a name that tells a row even where other words stand around it


def is_total(name: str) -> bool:
    """True for the name of a sum, which any table may have."""
    return bool(_TOTAL.search(_bare(name)))


def is_known(kind: str, name: str) -> bool:
    """True for a reviewed name of a “三公” item ("three_public") or of a line of income or expenditure ("item")."""
    bare = _bare(name)
    known = _names(kind)
    return bare in known or any(other in bare for other in known if len(other) >= _LONG)


def _bare(name: str) -> str:
    return _BEFORE.sub("", rules.half_width(rules.squash(name)).translate(_QUOTES))


@lru_cache(maxsize=2)
def _names(kind: str) -> frozenset[str]:
    found = set()
    for file, column in _LISTS[kind]:
        with (_SEEDS / f"{file}.csv").open(encoding="utf-8", newline="") as lines:
            found |= {row[column] for row in csv.DictReader(lines)}
    return frozenset(found)
