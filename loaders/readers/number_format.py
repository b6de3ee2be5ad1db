"""Number formats of spreadsheets: how a stored number is shown, for the plain formats that documents use.

A plain format has decimals, thousands separators or a percent sign and nothing else; its negative numbers bear a minus
or stand in brackets, its zero may be a dash. Every other format (dates, currencies, fractions, conditions) is unknown
here, and its numbers stay as they are stored.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal, localcontext
from functools import lru_cache

# The codes that files name by number alone. Negative numbers of 37 to 40 depend on the language of the program; with a
# minus they say the same.
BUILT_IN = {
    "0": "General",
    "1": "0",
    "2": "0.00",
    "3": "#,##0",
    "4": "#,##0.00",
    "9": "0%",
    "10": "0.00%",
    "37": "#,##0;-#,##0",
    "38": "#,##0;[Red]-#,##0",
    "39": "#,##0.00;-#,##0.00",
    "40": "#,##0.00;[Red]-#,##0.00",
    "41": '_ * #,##0_ ;_ * -#,##0_ ;_ * "-"_ ;_ @_ ',
    "43": '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ',
    "49": "@",
}
# Formats under which a number is shown with the digits that it has.
_AS_STORED = {"", "general", "g/通用格式", "@"}
_COLOUR = re.compile(r"^\[(?:Red|Black|Blue|红色|黑色|蓝色)\]", re.IGNORECASE)
# One character: behind an underscore it is only as wide as a blank, behind a star it fills the cell.
_BLANK = re.compile(r"_.|\*.")
_LITERAL = re.compile(r'\\(.)|"([^"]*)"')
_NUMBER = re.compile(r"(?P<before>-|\()?(?P<whole>#,##0|0)(?:\.(?P<decimals>0{1,10}))?(?P<percent>%)?(?P<after>\))?")
_DASH = re.compile(r"(-{1,2}|—{1,2})\?*")


@dataclass(frozen=True)
class _Section:
    """How the numbers of one sign are shown; with `text` they are all shown as that."""

    before: str = ""
    after: str = ""
    decimals: int = 0
    thousands: bool = False
    percent: bool = False
    text: str | None = None


@dataclass(frozen=True)
class NumberFormat:
    """A plain format, a section each for positive numbers, negative numbers and zero."""

    positive: _Section
    negative: _Section
    zero: _Section

    def show(self, number: float) -> str:
        """`number` as a spreadsheet shows it: 720.0 under 0.00 → "720.00", 0.95 under 0% → "95%"."""
        section, value = self._section_of(number)
        if section.text is not None:
            return section.text
        with localcontext() as context:
            context.prec = 400
            value = value.quantize(Decimal(1).scaleb(-section.decimals), ROUND_HALF_UP)
        digits = format(value, ",f" if section.thousands else "f")
        return f"{section.before}{digits}{'%' if section.percent else ''}{section.after}"

    def hides_digits_of(self, number: float) -> bool:
        """True if `number` has more decimals than are shown."""
        section, value = self._section_of(number)
        exponent = value.normalize().as_tuple().exponent
        return section.text is None and isinstance(exponent, int) and -exponent > section.decimals

    def _section_of(self, number: float) -> tuple[_Section, Decimal]:
        """The section for a number, and what it shows before rounding; spreadsheets have fifteen digits at most."""
        exact = Decimal(format(number, ".15g"))
        section = self.zero if not exact else self.negative if exact < 0 else self.positive
        return section, abs(exact).scaleb(2) if section.percent else abs(exact)


def is_as_stored(code: str) -> bool:
    """True for a format code under which a number is shown with the digits that it has."""
    return code.strip().lower() in _AS_STORED


@lru_cache(maxsize=1024)
def plain_format(code: str) -> NumberFormat | None:
    """The format of a code such as `#,##0.00_ ;[Red]-#,##0.00`, or None if it is not plain."""
    if len(code) > 200:
        return None
    sections = [_section(part) for part in code.split(";")]
    positive = sections[0]
    if positive is None or positive.before or positive.text is not None or None in sections[1:3] or len(sections) > 4:
        return None
    if len(sections) == 1:
        return NumberFormat(positive, replace(positive, before="-"), positive)
    negative = sections[1]
    assert negative is not None
    if not negative.before or negative.text is not None:
        return None  # told by its colour alone: a text cannot say that
    zero = sections[2] if len(sections) > 2 else positive
    assert zero is not None
    return NumberFormat(positive, negative, zero)


def _section(part: str) -> _Section | None:
    """One section of a code; None if it is not plain."""
    bare = _LITERAL.sub(lambda match: match[1] or match[2] or "", _BLANK.sub("", _COLOUR.sub("", part))).strip()
    if dash := _DASH.fullmatch(bare):
        return _Section(text=dash[1])
    match = _NUMBER.fullmatch(bare)
    if match is None or (match["before"] == "(") != bool(match["after"]):
        return None
    return _Section(
        before=match["before"] or "",
        after=match["after"] or "",
        decimals=len(match["decimals"] or ""),
        thousands="," in match["whole"],
        percent=bool(match["percent"]),
    )
