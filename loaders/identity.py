"""What a document says of itself: title, publisher, year, kind and scope. Text only, nothing looked up."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from loaders import text as rules
from loaders.context import OWNER
from loaders.document import Cell, Document

if TYPE_CHECKING:
    from loaders.extraction import RawRow
    from loaders.layout import Item

# A body by itself is another than the body with what belongs to it: 本级 is part of the name, 含… tells the scope.
_ITSELF = r"[（(](?:本级|机关|机关本级|本部)[)）]"
_TITLE = re.compile(
    rf"^(?P<publisher>[^0-9，。；：（）()]{{2,40}}?(?:{_ITSELF})?)?\s{{0,20}}(?:[（(]含[^0-9（）()]{{1,20}}[)）])?\s{{0,20}}"
    r"(?P<year>20[0-9]{2})\s{0,20}年度?\s{0,20}"
    r"(?P<subject>[^，。；]{0,30}?(?:预算|决算|绩效)[^，。；]{0,30})$"
)
_BODY = re.compile(
    r"^[一-龥（）()·*]{2,40}(?:局|委|委员会|办公室|厅|部|院|处|中心|政府|街道|办事处|大学|学院|学校|中学|小学|幼儿园|馆|所|"
    r"队|分局|支队|大队|会|社|站|公司|台|团|校|园|署|科)"
    rf"(?:\s*{_ITSELF})?$"
)
_YEAR_LINE = re.compile(r"^[^，。；：]{0,30}20[0-9]{2}\s*年度?$")
_YEAR_OF_TITLE = re.compile(r"^\s*([2２][0０][0-9０-９]{2})\s*年")
_OF_DEPARTMENT = re.compile(r"^部\s*门\s*(?:名\s*称)?\s*[:：]")
_REMARK = re.compile(r"^[（(].*[)）]$")
_DATED = re.compile(r"(20[0-9]{2})\s*年\s*[0-9]{1,2}\s*月(?:[0-9]{1,2}\s*日)?\s*(?:底|末)?\s*(?:之?前|底|止)")
_PROJECT_CODE = re.compile(r"(?<![0-9A-Z])([0-9]{6})[0-9]{2}[0-9A-Z]{13}(?![0-9A-Z])")
_KINDS = (  # the first kind that one of the forms or the title shows
    ("self_evaluation", ("E_",), "自评"),
    ("final_account", ("F_",), "决算"),
    ("budget", ("B_",), "预算公开|预算信息公开|部门预算(?!绩效|项目绩效)|单位预算(?!绩效)"),
    ("performance_target", ("P_",), "绩效"),
)


@dataclass(frozen=True)
class Identity:
    """Printed statements of a document about itself; None where it says nothing."""

    title: str | None
    publisher: str | None
    year: str | None
    year_inferred: str | None
    year_locator: str | None
    kind: str | None
    scope: str | None
    region_code: str | None


def identify(document: Document, items: Sequence[Item], forms: Sequence[RawRow]) -> Identity:
    """`items` and recognised `forms` (rows of raw.form) of `document` → Identity."""
    lines = [item.cells[0] for item in items if item.is_paragraph]
    cover = [cell for cell in lines[:40] if len(cell.text) <= 80 and not _REMARK.match(cell.text.strip())]
    title, match = _title(lines, forms)
    owner = _owner(forms)
    prefix = (match["publisher"] or "").strip() if match else ""
    first = next((cell.text for cell in cover[:6] if _BODY.match(cell.text.strip())), "")
    # A place before the year (`某市某区2025年区级部门预算`) publishes nothing: the body is named above the forms.
    publisher = prefix if _BODY.match(prefix) else first or owner or prefix
    year, year_place = _year(match, title, forms)
    inferred, inferred_place = (None, None) if year else _latest_dated_target(document)
    text = title.text if title else ""
    return Identity(
        title=text or (cover[0].text if cover else None),
        publisher=rules.squash(publisher) or None,
        year=year,
        year_inferred=inferred,
        year_locator=year_place or inferred_place,
        kind=_kind(forms, text),
        scope=_scope(document, forms, text),
        region_code=_region_code(document),
    )


def _title(lines: Sequence[Cell], forms: Sequence[RawRow]) -> tuple[Cell | None, re.Match[str] | None]:
    """The first line that names a year and a kind of publication and is not the title of a form.

    A line that ends with the year goes on in the next.
    """
    of_forms = {form.get("title_printed") for form in forms}
    for at, cell in enumerate(lines):
        following = lines[at + 1] if at + 1 < len(lines) else None
        title = cell
        if following and _YEAR_LINE.match(rules.half_digits(cell.text.strip())) and len(following.text) <= 40:
            title = Cell(cell.no, cell.text.strip() + following.text.strip(), cell.place.to(following.place))
        match = _TITLE.match(rules.half_digits(title.text.strip()))
        if match and len(title.text) <= 60 and cell.text not in of_forms:
            return title, match
    return None, None


def _owner(forms: Sequence[RawRow]) -> str | None:
    """The body that most forms name above them, without its code."""
    names = [str(form["unit_printed"]) for form in forms if form.get("unit_printed")]
    bare = [match[2] if (match := OWNER.match(name)) else name for name in names]
    return Counter(bare).most_common(1)[0][0] if bare else None


def _year(match: re.Match[str] | None, title: Cell | None, forms: Sequence[RawRow]) -> tuple[str | None, str | None]:
    """The year of the title, else the year that the forms agree on: above them, else in their titles."""
    if match and title:
        return match["year"], str(title.place)
    above = [(str(form["fiscal_year_printed"]), form) for form in forms if form.get("fiscal_year_printed")]
    in_title = [
        (found[1], form) for form in forms if (found := _YEAR_OF_TITLE.match(str(form.get("title_printed") or "")))
    ]
    for years in (above, in_title):
        if len({rules.half_digits(year) for year, _ in years}) == 1:
            return rules.half_digits(years[0][0]), str(years[0][1]["source_locator"])
    return None, None


def _latest_dated_target(document: Document) -> tuple[str | None, str | None]:
    """The latest year of a deadline (`2023年6月底前`) in a short cell: a target, not prose."""
    found = [
        (match[1], cell)
        for cell in document.cells()
        if len(cell.text) <= 30
        for match in _DATED.finditer(rules.half_width(cell.text))
    ]
    if not found:
        return None, None
    year, cell = max(found, key=lambda item: (item[0], -item[1].no))
    return year, str(cell.place)


def _kind(forms: Sequence[RawRow], title: str) -> str | None:
    codes = [str(form["form_code"]) for form in forms]
    for kind, prefixes, _ in _KINDS:
        if any(code.startswith(prefix) for code in codes for prefix in prefixes):
            return kind
    return next((kind for kind, _, words in _KINDS if re.search(words, title)), None)


def _scope(document: Document, forms: Sequence[RawRow], title: str) -> str | None:
    """部门 or 单位 as the title says, else the titles of the forms, else how the text speaks of itself, else the label
    of the body above the forms."""
    for text in (title, "".join(str(form.get("title_printed") or "") for form in forms)):
        unit, department = len(re.findall("单位(?:预算|决算)", text)), len(re.findall("部门", text))
        if unit != department:
            return "unit" if unit > department else "department"
    text = "".join(cell.text for cell in document.cells())
    unit, department = len(re.findall("[本我]单位", text)), len(re.findall("[本我]部门|预算部门", text))
    if unit != department:
        return "unit" if unit > department else "department"
    return "department" if any(_OF_DEPARTMENT.match(cell.text.strip()) for cell in document.cells()) else None


def _region_code(document: Document) -> str | None:
    """The first six digits of the project codes, if all agree."""
    codes = {match[1] for cell in document.cells() for match in _PROJECT_CODE.finditer(cell.text)}
    return codes.pop() if len(codes) == 1 else None
