"""How figures and document texts are shown. NULL is a dash, never 0."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

NOTHING = "—"
# Unit of account: yuan in it, and the decimals shown.
UNITS: dict[str, tuple[Decimal, int]] = {
    "yuan": (Decimal(1), 2),
    "wan": (Decimal(10_000), 2),
    "yi": (Decimal(100_000_000), 4),
}
UNIT_NAMES = {"yuan": "元", "wan": "万元", "yi": "亿元"}

# The end of a print that is a number and nothing more: bookkeepers put a minus or a bracket behind one.
_ENDS_IN_A_NUMBER = re.compile(r"[0-9０-９][.]?[)）-]?$")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&^=])")


def in_unit(yuan: Decimal | float | int | None, unit: str) -> Decimal | None:
    """An amount in yuan as an amount in the unit of account, not rounded."""
    return None if yuan is None else Decimal(str(yuan)) / UNITS[unit][0]


def money(yuan: Decimal | float | int | None, unit: str, sign: bool = False) -> str:
    """An amount in yuan as text in the unit of account: 1,234.56."""
    amount = in_unit(yuan, unit)
    return number(amount, UNITS[unit][1], sign)


def number(value: Decimal | float | int | None, decimals: int = 2, sign: bool = False) -> str:
    """A number with separators and fixed decimals, rounded half up."""
    if value is None:
        return NOTHING
    exact = Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    # No "-0.00".
    return f"{exact or abs(exact):{'+' if sign and exact else ''},.{decimals}f}"


def amount(yuan: Decimal | float | int | None, unit: str, name: str, sign: bool = False) -> str:
    """An amount in yuan as text with the name of the unit of account: 1,234.56 万元."""
    return NOTHING if yuan is None else f"{money(yuan, unit, sign)} {name}"


def with_unit(printed: str | None, unit: str | None) -> str | None:
    """A figure as printed with its unit, unless the print has one of its own: 25.09万元, but 95元 (macro with_unit)."""
    return printed if printed is None or not _ENDS_IN_A_NUMBER.search(printed) else f"{printed}{unit or ''}"


def percent(value: Decimal | float | None, sign: bool = False) -> str:
    """A value in per cent: 12.34%."""
    return NOTHING if value is None else number(value, 2, sign) + "%"


def plain(text: Any) -> str:
    """Any text as Markdown that shows exactly that text: no HTML, no links, no formulas, no emoji codes."""
    return NOTHING if text is None else _MARKDOWN.sub(r"\\\1", " ".join(str(text).split()))
