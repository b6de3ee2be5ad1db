"""What stands above a form: its title, owner, year and unit of money."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from loaders import text as rules
from loaders.document import Cell
from loaders.forms import Catalogue
from loaders.layout import Item

OWNER = re.compile(r"^([0-9]{3,9})\s*((?!年)[一-龥].{1,40})$")
_OWNER_LABEL = re.compile(
    r"^(?:预算单位|部门名称|单位名称|预算部门|预算主管部门|主管部门|编制部门|编制单位|填报单位|部门|单位)(?:\([^)]*\))?[:：]\s*(.{2,40})$"
)
_YEAR = re.compile(r"^\(?(?:预算|决算)?年度[:：]?\s*([0-9]{4})\)?$|^\(?\s*([0-9]{4})\s*年度?\s*\)?$")
_MONEY_UNIT = re.compile(r"^(?:金额)?单位[:：](亿元|万元|元)(?:人民币)?$")
_AS_OF = re.compile(r"^截止(?:时间|日期)[:：]?(.+)$")
# A title of this kind needs the name of its project, which may stand on the line above.
_GENERIC_TITLE = re.compile(r"^(?:预算)?项目(?:支出)?绩效(?:目标|自评)?表$")


@dataclass
class Context:
    """The lines above a form, as printed; None where there is none. `cells` are the cells they stand in."""

    start: int
    title: str | None = None
    owner: str | None = None
    year: str | None = None
    money_unit: str | None = None
    as_of: str | None = None
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
        if len(item.filled) == 1 and catalogue.is_title(item.text):
            context.title = item.text
            context.cells += item.filled
            context.start = at
            if _GENERIC_TITLE.match(rules.squash(item.text)) and at > floor and _is_name(items[at - 1]):
                above = items[at - 1]
                context.title = rules.squash(above.text) + rules.squash(item.text)
                context.cells += above.filled
                context.start = at - 1
        break
    return context


def _parts(text: str) -> list[str]:
    """`编制单位：某某局<TAB>单位：万元` is two lines side by side."""
    return [part for part in re.split(r"\t|\n|\s{2,}(?=\S{2,8}[:：])|\s(?=(?:金额)?单位[:：])", text) if part.strip()]


def _is_tail(item: Item) -> bool:
    return item.is_paragraph and bool(re.fullmatch(r"[一-龥）)]{1,8}", item.text))


def _is_name(item: Item) -> bool:
    return (
        bool(item.text)
        and len(item.text) <= 60
        and not rules.is_page_number(item.text)
        and item.text[-1] not in "。；：:"
    )


def _read(text: str, context: Context) -> bool:
    """Takes a line above a form into `context`; False if it is of no known kind."""
    bare = rules.half_width(rules.squash(text))
    if match := _MONEY_UNIT.match(bare):
        context.money_unit = context.money_unit or match[1]
    elif match := _YEAR.match(bare):
        context.year = context.year or match[1] or match[2]
    elif match := _AS_OF.match(bare):
        context.as_of = context.as_of or match[1]
    elif OWNER.match(bare):
        context.owner = context.owner or text.strip()
    elif match := _OWNER_LABEL.match(bare):
        context.owner = context.owner or match[1]
    else:
        return False
    return True
