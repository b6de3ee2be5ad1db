"""What stands above a form: its title, owner, year and unit of money."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from loaders import text as rules
from loaders.forms import Catalogue, is_number_of_form
from loaders.money import UNIT, UNIT_IN_BRACKETS

if TYPE_CHECKING:
    from loaders.document import Cell
    from loaders.layout import Item

OWNER = re.compile(r"^([0-9]{3,9})\s*((?!年)[一-龥].{1,40})$")
_OWNER_LABEL = re.compile(
    r"^(?:预算单位|部门名称|单位名称|预算部门|预算主管部门|主管部门|编制部门|编制单位|填报单位|填报部门|部门|单位)(?:\([^)]*\))?[:：]\s*(.{2,40})$"
)
_YEAR = re.compile(r"^\(?(?:预算|决算)?年度[:：]?\s*([0-9]{4})\)?$|^\(?\s*([0-9]{4})\s*年度?\s*\)?$")
_MONEY_UNIT = re.compile(
    rf"^\(?(?:(?:金额|计量|货币)?单位|金额)[:：](?:人民币)?({UNIT}|[万萬亿億])(?:\(?人民币\)?)?(?:[、,/]%)?\)?$|^\(({UNIT})\)$"
)
_MONEY_IN_TITLE = re.compile(rf"{UNIT_IN_BRACKETS}$")
_AS_OF = re.compile(r"^截止(?:时间|日期)[:：]?(.+)$")
_SIDE_BY_SIDE = re.compile(
    # A run of blanks is looked at once, from its start.
    r"\t|\n|(?<![^\S\t\n])\s{2,}(?=\S{2,8}[:：])|\s(?=(?:金额)?单位[:：]|(?:20[0-9]{2}年度?|\S{0,6}公开[0-9]+表)(?:\s|$))"
)
# A title of this kind needs the name of its project, which may stand on the line above.
_GENERIC_TITLE = re.compile(r"^(?:预算)?项目(?:支出)?绩效(?:目标|自评)?表$")
# What the line above says if it is the heading of a part of the document, and names no project.
_PART = re.compile(
    r"(?:绩效(?:目标|自评|评价)|情况|说明|附[件表][0-9一二三四五六七八九十]*|(?:部门|单位)[预决]算(?:公开)?)$"
)

# The title of some table: it says that the table is none of those whose titles are declared.
_UNKNOWN_TITLE = re.compile(r"^(?!.*[。;,])(?=.*(?:预算|决算|收入|支出|收支|经费|资金|项目)).{3,50}表(?:\([^()]*\))?$")


@dataclass
class Context:
    """The lines above a form, as printed; None where there is none. `cells` are the cells they stand in."""

    start: int
    title: str | None = None
    owner: str | None = None
    year: str | None = None
    money_unit: str | None = None
    as_of: str | None = None
    is_unknown: bool = False  # a title stands there that no declaration knows
    cells: list[Cell] = field(default_factory=list)


def context_above(items: list[Item], index: int, floor: int, catalogue: Catalogue) -> Context:
    """Reads upwards from `index` (not below `floor`) to the title; stops at the first line of another kind."""
    context = Context(start=index)
    tail: Item | None = None
    for at in range(index - 1, max(floor, index - 10) - 1, -1):
        item = items[at]
        if all(rules.is_page_number(cell.text) for cell in item.filled):
            continue
        if item.filled and all(_read(part, context) for cell in item.filled for part in _parts(cell.text)):
            context.cells += item.filled
            context.start = at
            if tail and context.owner:  # the end of a long owner line, wrapped below the line of the unit
                context.owner += tail.text
                context.cells.append(tail.cells[0])
                tail = None
            continue
        if tail is None and not context.cells and _is_tail(item) and not catalogue.is_title(item.text):
            tail = item
            continue
        # The number of the form or the unit of money may stand in the row of the title.
        titles = [cell for cell in item.filled if catalogue.is_title(cell.text)]
        beside = [cell for cell in item.filled if cell not in titles]
        if len(titles) == 1 and all(_read(part, context) for cell in beside for part in _parts(cell.text)):
            title = titles[0].text
            context.title = title
            context.cells += item.filled
            context.start = at
            if match := _MONEY_IN_TITLE.search(rules.half_width(rules.squash(title))):
                context.money_unit = context.money_unit or match[1]
            if _GENERIC_TITLE.match(rules.squash(title)) and at > floor and _is_name(items[at - 1]):
                above = items[at - 1]
                context.title = rules.squash(above.text) + rules.squash(title)
                context.cells += above.filled
                context.start = at - 1
        elif len(item.filled) == 1 and _UNKNOWN_TITLE.match(rules.half_width(rules.squash(item.text))):
            context.is_unknown = True
        break
    return context


def _parts(text: str) -> list[str]:
    """`编制单位：某某局<TAB>单位：万元` is two lines side by side."""
    return [part for part in _SIDE_BY_SIDE.split(text) if part.strip()]


def _is_tail(item: Item) -> bool:
    return item.is_paragraph and bool(re.fullmatch(r"[一-龥）)]{1,8}", item.text))


def _is_name(item: Item) -> bool:
    return (
        bool(item.text)
        and len(item.text) <= 60
        and not rules.is_page_number(item.text)
        and item.text[-1] not in "。；：:"
        and not _PART.search(rules.half_width(rules.squash(item.text)))
    )


def _read(text: str, context: Context) -> bool:
    """Takes a line above a form into `context`; False if it is of no known kind."""
    bare = rules.half_width(rules.squash(text))
    if match := _MONEY_UNIT.match(bare):
        context.money_unit = context.money_unit or match[1] or match[2]
    elif match := _YEAR.match(bare):
        context.year = context.year or match[1] or match[2]
    elif match := _AS_OF.match(bare):
        context.as_of = context.as_of or match[1]
    elif OWNER.match(bare):
        context.owner = context.owner or text.strip()
    elif match := _OWNER_LABEL.match(bare):
        context.owner = context.owner or match[1]
    elif not is_number_of_form(text):
        return False
    return True
