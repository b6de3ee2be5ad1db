"""How amounts of money and their units are printed. What an amount is worth is decided in SQL."""

from __future__ import annotations

import re
from functools import lru_cache

from loaders import text as rules

# A unit of money as printed, also one that nobody knows (千万元, 美元): seeds/amount_unit.csv tells which is known.
UNIT = r"[十百佰千仟万萬亿億]{0,3}[美欧日港澳英韩]?元"
UNIT_IN_BRACKETS = rf"\((?:金额)?(?:单位:)?(?:人民币)?({UNIT})\)"
NUMBER = r"(?:[0-9][0-9,，]*(?:\.[0-9]+)?|\.[0-9]+)"
_CURRENCY = r"(?:人民币|RMB|CNY)?[¥￥]?"
# Bookkeepers print a negative amount with △ or ▲ before it, in brackets, or with the minus behind it.
_AMOUNT = re.compile(rf"{_CURRENCY}[-−–—+(△▲]?[¥￥]?{NUMBER}[-−–—)%‰]?(?:{UNIT})?\)?")


@lru_cache(maxsize=65536)
def is_amount(text: str) -> bool:
    """True for a text that is a number and nothing else, as amounts are printed: with a sign, a currency, a unit."""
    return text == rules.UNKNOWN_DISPLAY or bool(_AMOUNT.fullmatch(rules.half_width(rules.squash(text))))
