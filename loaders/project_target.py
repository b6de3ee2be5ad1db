"""Project target tables: code and name, money, spending plan, goals, indicators.

The upper part is read as a stream of cells between labels, so that it does not matter how rows were broken; the
indicators are read as rows of the width of their header.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from loaders import schema
from loaders import text as rules
from loaders.document import Cell
from loaders.layout import Item, place_of, regular
from loaders.money import is_amount

if TYPE_CHECKING:
    from loaders.extraction import Extraction
    from loaders.forms import Form

_MONTH = re.compile(r"^[0-9]{1,2}月底?$|^[一二三四1-4]季度$")
_MONEY = ("budget", "fiscal", "local", "other")
_WORD = re.compile(r"[一-龥]")
_GOAL_START = re.compile(r"^(?:[0-9０-９]{1,2}\s*[.、．:：]|目标\s*[0-9０-９一二三四五六七八九十])")


def starts(items: list[Item], index: int, form: Form) -> bool:
    """True where the first filled cell is the form's anchor label and its confirming labels follow within a few cells:
    by default the code of a project and then its name."""
    if items[index].is_paragraph or not items[index].filled:
        return False
    if form.label_code(items[index].filled[0].text) != form.options.get("anchor", "project_code"):
        return False
    ahead = [cell for item in items[index : index + 3] for cell in item.filled][1:8]
    return set(form.options.get("confirm", ["project_name"])) <= {form.label_code(cell.text) for cell in ahead}


def read(form: Form, items: list[Item], form_no: int, sequence: int, extraction: Extraction) -> None:
    """The items of one table → raw.project, project_goal, project_plan, project_indicator, indicator_level."""
    split = next((i for i, item in enumerate(items) if _begins_indicators(form, item)), len(items))
    head: list[Cell] = []
    for item in items[:split]:
        if item.is_paragraph and rules.is_page_number(item.text):
            extraction.claim(item.cells, schema.LAYOUT)
        else:
            head += item.cells
    _read_head(form, head, form_no, sequence, extraction)
    if split < len(items):
        read_indicators(form, items[split:], form_no, extraction)


def _begins_indicators(form: Form, item: Item) -> bool:
    """The header of the indicators begins with the label of level 1, or with 绩效指标 merged over the rows below."""
    codes = [form.column_code(cell.text) for cell in item.filled]
    return not item.is_paragraph and (codes[:1] == ["level1"] or codes[1:3] == ["level1", "level2"])


def _header(form: Form, items: list[Item]) -> tuple[list[Cell], int]:
    """The header cells of the indicators and the items they take: a blank line may have broken the row."""
    cells = list(items[0].cells)
    used = 1
    while used < len(items) and not items[used].is_paragraph:
        following = items[used].cells
        codes = {form.column_code(cell.text) for cell in cells}
        if not all(cell.text and form.column_code(cell.text) not in (None, *codes) for cell in following):
            break
        cells += following
        used += 1
    return cells, used


def _label_places(form: Form, cells: list[Cell]) -> dict[str, int]:
    """Where each label stands first; a label that stands again may mean something else there (`repeated`)."""
    repeated = form.options.get("repeated", {})
    places: dict[str, int] = {}
    for at, cell in enumerate(cells):
        label = form.label_code(cell.text)
        if label in places:
            label = repeated.get(label)
        if label:
            places.setdefault(label, at)
    return places


def _read_head(form: Form, cells: list[Cell], form_no: int, sequence: int, extraction: Extraction) -> None:
    labels = _label_places(form, cells)
    extraction.claim([cells[at] for at in labels.values()], schema.HEADER, form_no)
    bounds = [*sorted(labels.values()), len(cells)]

    def section(label: str) -> list[Cell]:
        """The cells behind a label, up to the next label."""
        if label not in labels:
            return []
        at = labels[label]
        return cells[at + 1 : bounds[bounds.index(at) + 1]]

    def one(label: str) -> Cell | None:
        """The value of a label: the first filled cell behind it."""
        return next((cell for cell in section(label) if cell.text), None)

    code, name = one("project_code"), one("project_name")
    money = {item: one(item) for item in _MONEY}
    money = {item: cell if cell and is_amount(cell.text) else None for item, cell in money.items()}
    # The use of the funds follows its label, or the last of the amounts that stand behind that label.
    last_money = max((labels[item] for item in _MONEY if item in labels), default=None)
    if last_money is None or "purpose" not in labels:
        purpose = [cell for cell in section("purpose") if cell.text]
    else:
        amount = next(money[item] for item in _MONEY if labels.get(item) == last_money)
        start = cells.index(amount) + 1 if amount else last_money + 2
        purpose = [cell for cell in cells[start : bounds[bounds.index(last_money) + 1]] if cell.text]
    purpose_text = ""
    for cell in purpose:
        purpose_text = rules.join_lines(purpose_text, cell.text)
    values = [cell for cell in (code, name, *money.values(), *purpose) if cell]
    extraction.claim(values, schema.FACT, form_no)
    anchor = code or cells[0]
    extraction.add(
        "project",
        form_no=form_no,
        project_sequence=sequence,
        project_code_printed=code.text if code else None,
        project_name_printed=name.text if name else None,
        **{f"{item}_printed": cell.text if cell else None for item, cell in money.items()},
        **{f"{item}_locator": str(cell.place) if cell else None for item, cell in money.items() if item != "local"},
        purpose_printed=purpose_text,
        code_locator=str(code.place) if code else None,
        purpose_locator=str(place_of(purpose)) if purpose else None,
        at=anchor.place,
    )
    _read_plan(section("plan"), form_no, extraction)
    goals = [cell for cell in section("goal") if cell.text]
    if "total_goal" in labels and len(goals) == 2:  # side by side: the goal of the whole project, that of the year
        _add_attribute("total_goal", cells[labels["total_goal"]], goals.pop(0), form_no, extraction)
    _read_goals(goals, form_no, extraction)
    for attribute in form.options.get("attributes", []):
        value = one(attribute)
        if value:
            _add_attribute(attribute, cells[labels[attribute]], value, form_no, extraction)


def _add_attribute(code: str, label: Cell, value: Cell, form_no: int, extraction: Extraction) -> None:
    extraction.claim([value], schema.FACT, form_no)
    extraction.add(
        "project_attribute",
        form_no=form_no,
        attribute_no=sum(row["form_no"] == form_no for row in extraction.rows.get("project_attribute", [])) + 1,
        attribute_code=code,
        label_printed=label.text,
        value_printed=value.text,
        at=value.place,
    )


def _read_plan(cells: list[Cell], form_no: int, extraction: Extraction) -> None:
    """Months, then an empty cell under the label, then a value a month. A value too few or too many: left unclaimed."""
    cells = _under_each_other(cells)
    months = [cell for cell in cells if _MONTH.match(rules.half_width(rules.squash(cell.text)))]
    values = [cell for cell in cells if not _MONTH.match(rules.half_width(rules.squash(cell.text)))]
    extraction.claim(months, schema.HEADER, form_no)
    if values and not values[0].text:
        values = values[1:]
    if not months or len(values) != len(months):
        return
    extraction.claim(values, schema.FACT, form_no)
    for number, (month, value) in enumerate(zip(months, values, strict=True), start=1):
        bare = rules.squash(value.text)
        extraction.add(
            "project_plan",
            form_no=form_no,
            plan_no=number,
            month_printed=month.text,
            plan_printed=None if bare in ("", "%", "％") else value.text,
            at=value.place,
        )


def _under_each_other(cells: list[Cell]) -> list[Cell]:
    """The cells of two equal rows, the label before them left out, without the columns that are blank in the upper row:
    there a merged cell goes on. Cells that are no two such rows are left as they are."""
    width = (len(cells) + 1) // 2
    months, below = cells[: width - 1], cells[width - 1 :]
    blank = {at for at, cell in enumerate(months, start=1) if not cell.text}
    if not months or len(below) != width or below[0].text or any(below[at].text for at in blank):
        return cells
    return [cell for at, cell in enumerate([*months, *below], start=1) if at % width not in blank]


def _read_goals(cells: list[Cell], form_no: int, extraction: Extraction) -> None:
    """Goals: one a list item; a line that begins no item goes on with the one before."""
    extraction.claim(cells, schema.FACT, form_no)
    goals: list[tuple[str, Cell]] = []
    for cell in cells:
        for line in cell.text.split("\n"):
            if goals and _GOAL_START.match(goals[0][0]) and not _GOAL_START.match(line):
                goals[-1] = (rules.join_lines(goals[-1][0], line), goals[-1][1])
            else:
                goals.append((line, cell))
    for number, (goal, cell) in enumerate(goals, start=1):
        extraction.add("project_goal", form_no=form_no, goal_no=number, goal_printed=goal, at=cell.place)


def read_indicators(form: Form, items: list[Item], form_no: int, extraction: Extraction) -> None:
    """The header of the indicators and the rows below it → raw.project_indicator, indicator_level."""
    header, used = _header(form, items)
    codes = [form.column_code(cell.text) for cell in header]
    if not {"level1", "level2", "level3"} <= set(codes):
        return
    extraction.claim(header, schema.HEADER, form_no)
    rows, _ = regular(_with_continuations(items[used:], extraction, form_no), len(codes))
    number = 0
    for row in rows:
        filled = [cell for cell in row if cell.text]
        if not filled or [form.column_code(cell.text) for cell in row] == codes:
            extraction.claim(filled, schema.HEADER, form_no)
            continue
        values = {code: cell for code, cell in zip(codes, row, strict=True) if code}
        levels = {"level1", "level2"}
        # The label of the whole block (绩效指标) stands beside its first row.
        extraction.claim([cell for cell in row if form.label_code(cell.text)], schema.HEADER, form_no)
        if not any(cell.text for code, cell in values.items() if code not in levels):
            extraction.claim([cell for code, cell in values.items() if code in levels], schema.HEADER, form_no)
            _add_level(values.get("level1"), form_no, extraction)
            continue
        number += 1
        extraction.claim(values.values(), schema.FACT, form_no)
        _add_level(values.get("level1"), form_no, extraction)
        target = joined_target(values)
        place = target if target and target.text else next(c for k, c in values.items() if k not in levels and c.text)
        extraction.add(
            "project_indicator",
            form_no=form_no,
            indicator_no=number,
            stage="target",
            **{f"{code}_printed": cell.text for code, cell in values.items()},
            at=place.place,
        )


def joined_target(values: dict[str, Cell]) -> Cell | None:
    """The target of a row; out of `values` its sign and its unit, which stand in columns of their own, are joined to it
    as one text: ≥ | 90 | % → ≥90%. 定性 is no sign."""
    sign, unit, target = (values.pop("sign", None), values.pop("unit", None), values.get("target"))
    if target is None or not target.text:
        return target
    parts = [sign.text if sign and not _WORD.search(sign.text) else "", target.text]
    parts.append(unit.text if unit and any(char.isdigit() for char in target.text) else "")
    values["target"] = Cell(target.no, "".join(parts), target.place)
    return values["target"]


def add_level(cell: Cell | None, label: str, weight: str | None, form_no: int, extraction: Extraction) -> None:
    """A printed level-1 label, and the weight beside it → raw.indicator_level."""
    if cell and cell.text:
        extraction.add(
            "indicator_level",
            form_no=form_no,
            level1_printed=label,
            level1_weight_printed=weight,
            at=cell.place,
        )


def _add_level(cell: Cell | None, form_no: int, extraction: Extraction) -> None:
    add_level(cell, cell.text if cell else "", None, form_no, extraction)


def _with_continuations(items: Sequence[Item], extraction: Extraction, form_no: int) -> list[Item]:
    """The rows, with each paragraph between them joined to the cell above it."""
    kept: list[Item] = []
    for item in items:
        if not item.is_paragraph:
            kept.append(item)
        elif rules.is_page_number(item.text):
            extraction.claim(item.cells, schema.LAYOUT)
        elif kept:
            last = kept[-1].cells[-1]
            joined = Cell(last.no, rules.join_lines(last.text, item.text), last.place.to(item.cells[0].place))
            kept[-1] = Item((*kept[-1].cells[:-1], joined), kept[-1].table_no, kept[-1].row_no)
            extraction.claim(item.cells, schema.FACT, form_no)
    return kept
