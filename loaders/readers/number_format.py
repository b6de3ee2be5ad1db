"""Number formats of spreadsheets: what a sheet shows for a stored number.

What is shown is what a reader of the sheet sees, and it may be another number than the stored one: `0!.0000` shows
15000 as 1.5000, `#,##0,` as 15. A format is read whole or not at all: of one that is not read nobody knows what it
shows, and the caller must not print the stored number in its place. Colours, blanks that only have a width (`_x`) and
fillers (`*x`) leave no trace in a text.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from functools import lru_cache

# The codes that files name by number alone; where they depend on the language of the program, as it is in China.
# Negative numbers of 37 to 40 depend on it too; with a minus they say the same.
BUILT_IN = {
    "0": "General",
    "1": "0",
    "2": "0.00",
    "3": "#,##0",
    "4": "#,##0.00",
    "5": "¥#,##0;¥-#,##0",
    "6": "¥#,##0;[Red]¥-#,##0",
    "7": "¥#,##0.00;¥-#,##0.00",
    "8": "¥#,##0.00;[Red]¥-#,##0.00",
    "9": "0%",
    "10": "0.00%",
    "11": "0.00E+00",
    "12": "# ?/?",
    "13": "# ??/??",
    "37": "#,##0;-#,##0",
    "38": "#,##0;[Red]-#,##0",
    "39": "#,##0.00;-#,##0.00",
    "40": "#,##0.00;[Red]-#,##0.00",
    "41": '_ * #,##0_ ;_ * -#,##0_ ;_ * "-"_ ;_ @_ ',
    "42": '_ ¥* #,##0_ ;_ ¥* -#,##0_ ;_ ¥* "-"_ ;_ @_ ',
    "43": '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ',
    "44": '_ ¥* #,##0.00_ ;_ ¥* -#,##0.00_ ;_ ¥* "-"??_ ;_ @_ ',
    "48": "##0.0E+0",
    "49": "@",
}
_LONGEST = 255  # characters of a code that a spreadsheet takes
# Formats under which a number is shown with the digits that it has.
_AS_STORED = {"", "general", "g/通用格式", "@"}

_TOKEN = re.compile(
    r"""
    "(?P<quoted>[^"]*)"
    |[\\!](?P<escaped>.)
    |(?P<blank>[_*].)
    |\[(?P<bracket>[^\]]*)\]
    |(?P<general>General|G/通用格式)
    |(?P<exponent>E[+-])
    |(?P<place>[0#?])
    |(?P<figure>[1-9])
    |(?P<point>\.)
    |(?P<comma>,)
    |(?P<percent>%)
    |(?P<slash>/)
    |(?P<end>;)
    |(?P<text>@)
    |(?P<literal>[^A-Za-z"_*\\!\[])
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_COLOUR = re.compile(
    r"(?:black|blue|cyan|green|magenta|red|white|yellow|[黑蓝绿红白黄]色?|青色|洋红色?|(?:color|颜色) ?[0-9]{1,2})",
    re.IGNORECASE,
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?[0-9]+(?:\.[0-9]+)?)")
# [$¥-804]: a currency and a language; [$-F800] and [$-F400] are the date and the time of the system.
_LOCALE = re.compile(r"\$([^-]*)(?:-(?!F[48]00)[0-9A-F]{1,8})?", re.IGNORECASE)
# Digits of another script: the number stays what it is, only its figures are others.
_DIGITS = re.compile(r"(?:DBNum[1-4]|NatNum[0-9]{1,2})", re.IGNORECASE)
_OPERATORS: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "<>": operator.ne,
}
# What tells a negative number in a text.
_NEGATIVE = re.compile(r"[-−－(（△▲]")

# The parts between the first and the last place of a digit, a letter each: places 0 # ?, the point, grouping commas
# "g", literal texts "t", E, the slash and the figures of a fixed denominator.
_NUMBER = re.compile(r"[0#?gt]*(?:\.[0#?t]*)?")
_SCIENTIFIC = re.compile(r"([0#?]+)(?:\.([0#?]*))?E0+")
_FRACTION = re.compile(r"(?:([0#?]+)t+)?[0#?]+/(?:([1-9][1-90]*)|[#?0]+)")


@dataclass(frozen=True)
class _Section:
    """One of the sections that semicolons part.

    `kinds` has a letter a part (see _NUMBER), "l" for a literal outside of the number and "G" for General; `texts` are
    the same parts as printed. `scale` is the power of ten that the number is multiplied with before it is shown.
    """

    kinds: str = ""
    texts: tuple[str, ...] = ()
    scale: int = 0
    condition: tuple[str, Decimal] | None = None
    is_coloured: bool = False

    @property
    def tells_negative(self) -> bool:
        """True if its literal text says that a number is negative, or is all that it shows."""
        literals = [text for kind, text in zip(self.kinds, self.texts, strict=True) if kind in "tl"]
        return not re.search("[0#?G]", self.kinds) or any(_NEGATIVE.search(text) for text in literals)

    def show(self, number: Decimal) -> str:
        """A number that is not negative, without its colour and outer blanks."""
        value = number.scaleb(self.scale)
        first, last = self.core
        before, after = "".join(self.texts[:first]), "".join(self.texts[last:])
        kinds = self.kinds[first:last]
        if not kinds:
            shown = ""
        elif kinds == "G":
            shown = format(value, "f")
        elif match := _SCIENTIFIC.fullmatch(kinds):
            shown = _scientific(value, match[1], match[2] or "", self.texts[first:last])
        elif match := _FRACTION.fullmatch(kinds):
            shown = _fraction(value, match[1], match[2], kinds.partition("/")[2])
        else:
            shown = self._decimal(value, first, last)
        return f"{before}{shown}{after}".strip()

    @property
    def core(self) -> tuple[int, int]:
        """The parts from the first to the last place of a digit: (first, behind the last)."""
        places = [at for at, kind in enumerate(self.kinds) if kind not in "l"]
        return (places[0], places[-1] + 1) if places else (len(self.kinds), len(self.kinds))

    @property
    def decimals(self) -> int | None:
        """How many decimals are shown at most; None where that is no question of decimals."""
        first, last = self.core
        kinds = self.kinds[first:last]
        if not _NUMBER.fullmatch(kinds) or not re.search("[0#?]", kinds):
            return None
        return len(re.sub("[^0#?]", "", kinds.partition(".")[2]))

    def hides(self, number: Decimal) -> bool:
        """True if a number that is not negative has more decimals than are shown."""
        exponent = number.scaleb(self.scale).normalize().as_tuple().exponent
        decimals = self.decimals
        return decimals is not None and isinstance(exponent, int) and -exponent > decimals

    def _decimal(self, value: Decimal, first: int, last: int) -> str:
        kinds, texts = self.kinds[first:last], self.texts[first:last]
        point = kinds.find(".") if "." in kinds else len(kinds)
        rounded = _rounded(value, self.decimals or 0)
        whole, _, fraction = format(rounded, "f").partition(".")
        shown = _whole(whole, kinds[:point], texts[:point])
        digits = _fraction_digits(fraction, kinds[point + 1 :], texts[point + 1 :])
        return f"{shown}.{digits}" if digits else shown


def _rounded(value: Decimal, decimals: int) -> Decimal:
    with localcontext() as context:
        context.prec = 400
        return value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def _whole(digits: str, kinds: str, texts: tuple[str, ...]) -> str:
    """The digits before the point in their places, from the right; the first place has all that are left."""
    left = digits.lstrip("0")
    places = [at for at, kind in enumerate(kinds) if kind in "0#?"]
    shown = list(texts)
    for at in reversed(places):
        cut = 0 if at == places[0] else max(0, len(left) - 1)
        shown[at], left = left[cut:] or ("0" if kinds[at] == "0" else ""), left[:cut]
    if "g" not in kinds:
        return "".join(shown)
    joined = "".join(text for text, kind in zip(shown, kinds, strict=True) if kind != "g")
    return re.sub(r"(?<=[0-9])(?=(?:[0-9]{3})+$)", ",", joined)


def _fraction_digits(digits: str, kinds: str, texts: tuple[str, ...]) -> str:
    """The digits behind the point; zeros at the end that the format does not ask for are left out."""
    places = [at for at, kind in enumerate(kinds) if kind in "0#?"]
    shown = list(texts)
    for at, digit in zip(places, digits.ljust(len(places), "0"), strict=False):
        shown[at] = digit
    for at in reversed(places):
        if kinds[at] == "0" or shown[at] != "0":
            break
        shown[at] = ""
    return "".join(shown)


def _scientific(value: Decimal, whole: str, decimals: str, texts: tuple[str, ...]) -> str:
    """1.23E+04; with several places before the point the exponent is a multiple of their number."""
    step = max(1, len(whole))
    exponent = value.adjusted() if value else 0
    exponent -= exponent % step
    mantissa = _rounded(value.scaleb(-exponent), len(decimals))
    if mantissa and mantissa.adjusted() >= step:
        exponent += step
        mantissa = _rounded(value.scaleb(-exponent), len(decimals))
    sign = "-" if exponent < 0 else next(text for text in texts if text[:1] in "Ee")[1:].replace("-", "")
    width = sum(1 for text in texts[len(whole) + len(decimals) + 1 :] if text == "0")
    return f"{format(mantissa, 'f')}E{sign}{str(abs(exponent)).zfill(width)}"


def _fraction(value: Decimal, whole: str | None, fixed: str | None, places: str) -> str:
    exact = Fraction(value)
    ones, rest = divmod(exact, 1) if whole else (0, exact)
    if fixed:
        near = (round(rest * int(fixed)), int(fixed))
    else:
        found = Fraction(rest).limit_denominator(10 ** len(places) - 1)
        near = (found.numerator, found.denominator)
    if whole and near[0] == near[1]:
        ones, near = ones + 1, (0, 1)
    if whole and not near[0]:
        return str(ones)
    return f"{ones} {near[0]}/{near[1]}" if ones else f"{near[0]}/{near[1]}"


@dataclass(frozen=True)
class NumberFormat:
    """A format code that is read: its sections for numbers, in order."""

    sections: tuple[_Section, ...]
    is_spelled: bool = False  # shown in figures of another script, which are read as the usual ones

    def show(self, number: float) -> str | None:
        """`number` as a spreadsheet shows it: 15000.0 under 0!.0000 → "1.5000", 0.95 under 0% → "95%".

        None where that is not known.
        """
        value = Decimal(format(number, ".15g"))  # spreadsheets have fifteen digits at most
        found = self._section_of(value)
        if found is None:
            return None
        section, is_marked = found
        shown = section.show(abs(value))
        return f"-{shown}" if is_marked else shown

    def hides_digits_of(self, number: float) -> bool:
        """True if `number` has more decimals than are shown, or is not shown at all."""
        value = Decimal(format(number, ".15g"))
        found = self._section_of(value)
        return found is not None and (found[0].hides(abs(value)) or bool(value and self.show(number) == ""))

    def _section_of(self, value: Decimal) -> tuple[_Section, bool] | None:
        """The section that shows a number, and whether a minus stands before it."""
        sections = self.sections
        if any(section.condition for section in sections):
            return self._section_by_condition(value)
        if len(sections) == 1:
            return sections[0], value < 0
        if value < 0:
            negative = sections[1]
            if len(sections) == 2 and not negative.kinds:
                return None  # programs differ: nothing, or a minus alone
            # Where the colour alone tells a negative number, a text must say it in another way.
            by_colour = negative.is_coloured and not sections[0].is_coloured and not negative.tells_negative
            return negative, by_colour
        return sections[2 if not value and len(sections) > 2 else 0], False

    def _section_by_condition(self, value: Decimal) -> tuple[_Section, bool] | None:
        """The first section whose condition holds, else the one without; none, or which, is not known for others."""
        for section in self.sections:
            if section.condition is None:
                return section, value < 0 and not section.tells_negative
            sign, limit = section.condition
            if _OPERATORS[sign](value, limit):
                return section, value < 0 and not section.tells_negative
        return None


def is_as_stored(code: str) -> bool:
    """True for a format code under which a number is shown with the digits that it has."""
    return code.strip().lower() in _AS_STORED


@lru_cache(maxsize=1024)
def format_of(code: str) -> NumberFormat | None:
    """The format of a code such as `#,##0.00_ ;[Red]-#,##0.00`; None for dates, and for what is not read whole."""
    tokens = _tokens(code)
    if tokens is None:
        return None
    sections: list[list[re.Match[str]]] = [[]]
    for token in tokens:
        if token.lastgroup == "end":
            sections.append([])
        else:
            sections[-1].append(token)
    if len(sections) > 1 and any(token.lastgroup == "text" for token in sections[-1]):
        sections.pop()  # how texts are shown
    if len(sections) > 3:
        sections = sections[:3] if len(sections) == 4 and not sections[3] else []
    read = [_section(part) for part in sections]
    known = [section for section in read if section is not None]
    if not known or len(known) < len(read) or not _are_in_order(known):
        return None
    is_spelled = any(token["bracket"] and _DIGITS.fullmatch(token["bracket"]) for token in tokens)
    return NumberFormat(tuple(known), is_spelled)


def _tokens(code: str) -> list[re.Match[str]] | None:
    """The parts of a code; None if something in it is none, such as a letter of a date."""
    if len(code) > _LONGEST:
        return None
    tokens = []
    at = 0
    while at < len(code):
        token = _TOKEN.match(code, at)
        if token is None:
            return None
        tokens.append(token)
        at = token.end()
    return tokens


def _are_in_order(sections: list[_Section]) -> bool:
    """Conditions stand on the first section and then on the second; the rest is the last section alone."""
    conditions = [section.condition is not None for section in sections]
    return not any(conditions) or conditions in ([True], [True, False], [True, True], [True, True, False])


def _section(tokens: list[re.Match[str]]) -> _Section | None:
    """One section; None if it is not read."""
    condition: tuple[str, Decimal] | None = None
    is_coloured = False
    parts: list[tuple[str, str]] = []
    for token in tokens:
        bracket = token["bracket"]
        if bracket is None:
            parts += _part(token)
        elif found := _CONDITION.fullmatch(bracket):
            condition = found[1], Decimal(found[2])
        elif _COLOUR.fullmatch(bracket):
            is_coloured = True
        elif locale := _LOCALE.fullmatch(bracket):
            parts += [("l", locale[1])] if locale[1] else []
        elif not _DIGITS.fullmatch(bracket):
            return None
    scaled = _scaled(parts)
    if scaled is None:
        return None
    parts, scale = scaled
    parts = _with_core(parts)
    section = _Section("".join(k for k, _ in parts), tuple(text for _, text in parts), scale, condition, is_coloured)
    first, last = section.core
    core = section.kinds[first:last]
    fits = _NUMBER.fullmatch(core) or _SCIENTIFIC.fullmatch(core) or (_FRACTION.fullmatch(core) and not scale)
    # Where digits are both grouped and parted by a text, programs differ.
    return section if (fits and not ("g" in core and "t" in core)) or core == "G" else None


def _part(token: re.Match[str]) -> list[tuple[str, str]]:
    """(kind, text) of a token outside of brackets: "l" for text, "," and "%" for what scales."""
    if token.lastgroup in ("blank", "bracket"):
        return []
    kind = {
        "quoted": "l",
        "escaped": "l",
        "literal": "l",
        "general": "G",
        "exponent": "E",
    }.get(token.lastgroup or "", token[0])
    text = token["quoted"] if token["quoted"] is not None else token["escaped"] or token[0]
    return [(kind, text)]


def _scaled(parts: list[tuple[str, str]]) -> tuple[list[tuple[str, str]], int] | None:
    """Without the commas and per cent signs that scale: what is left, and the power of ten. A comma before another
    place of the whole number groups its digits ("g"), one behind the last place divides by a thousand."""
    scale = 0
    kept: list[tuple[str, str]] = []
    kinds = [kind for kind, _ in parts]
    for at, (kind, text) in enumerate(parts):
        if kind == "%":
            scale += 2
            kept.append(("l", text))
        elif kind != ",":
            kept.append((kind, text))
        else:
            before = next((k for k in reversed(kinds[:at]) if k != ","), "")
            after = next((k for k in kinds[at + 1 :] if k != ","), "")
            if before not in tuple("0#?"):
                kept.append(("l", text))
            elif after in tuple("0#?") and "." not in kinds[:at]:
                kept.append(("g", ""))
            elif any(k in "0#?" for k in kinds[at + 1 :] if k != ",") and after != ".":
                return None
            else:
                scale -= 3
    return kept, scale


def _with_core(parts: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The same with texts inside of the number told from those outside: "t" from the first place to the last."""
    places = [at for at, (kind, _) in enumerate(parts) if kind not in "l"]
    if not places:
        return parts
    inside = range(places[0], places[-1])
    return [("t" if kind == "l" and at in inside else kind, text) for at, (kind, text) in enumerate(parts)]
