"""The 184 amounts on which other tools were measured: each with form, side, class, measure, unit, page and box.

They stand in four real PDFs: the table of income and expenditure, the general public budget by function and the
three-public table of each. fixtures/peers/cells.json holds them as typed from pictures of the pages; its boxes are
those of the printed numbers (points from the top left of the page), measured in the pictures. What form and which
measure they are is said here, by the national names of forms and headers.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from loaders.connection import connect

from ..models.test_labelled_facts import SIDES, squash

LABELS = json.loads((Path(__file__).parents[1] / "fixtures" / "peers" / "cells.json").read_text("utf-8"))
CELLS: list[dict[str, Any]] = LABELS["cells"]

FORMS = {
    "收支预算总表": "B_TOTAL",
    "2025年部门财务收支预算总表": "B_TOTAL",
    "收入支出决算总表": "F_TOTAL",
    "一般公共预算支出预算表": "B_GPB_FUNC",
    "一般公共预算支出预算表（功能科目）": "B_GPB_FUNC",
    "2025年部门一般公共预算支出功能分类预算表": "B_GPB_FUNC",
    "一般公共预算财政拨款支出决算表": "F_GPB_FUNC",
    "“三公”经费、会议费、培训费支出预算表": "B_3P",
    "2025年部门“三公”经费和机关运行经费预算表": "B_3P",
    "财政拨款“三公”经费支出决算表": "F_3P",
}
MEASURES = {
    "金额": "amount",
    "预算数": "amount",
    "决算数": "amount",
    "合计": "total",
    "基本支出": "basic",
    "项目支出": "project",
}
ITEMS = {  # the headers of three-public tables; beside the last of them, 合计 is that of all columns
    "“三公”经费/小计": "total",
    "“三公”经费预算数/合计": "total",
    "财政拨款“三公”经费/合计": "total",
    "“三公”经费/因公出国（境）费": "overseas",
    "“三公”经费/公务用车购置及运行维护费/小计": "vehicle",
    "“三公”经费/公务用车购置及运行维护费/公务用车运行维护费": "vehicle_operation",
    "“三公”经费/公务接待费": "reception",
    "“三公”经费预算数/公务接待费": "reception",
    "财政拨款“三公”经费/公务接待费": "reception",
    "机关运行经费预算数": "agency_operation",
    "会议费": "meeting",
    "培训费": "training",
    "合计": "total_with_meeting_training",
}
CLASSES = {  # lines of the expenditure side, which print no code
    "一般公共服务支出": "201",
    "公共安全支出": "204",
    "社会保障和就业支出": "208",
    "卫生健康支出": "210",
    "住房保障支出": "221",
}


class Fact(NamedTuple):
    """An amount as it is published, or as it should be; texts without white space."""

    page: int
    form_code: str
    form: str | None
    side: str | None
    code: str | None
    label: str | None
    measure: str | None
    measure_code: str | None
    phase: str
    amount: str
    unit: str


def expected(cell: dict[str, Any]) -> Fact:
    """What a label says, with the codes of its form, class and measure."""
    form = FORMS[cell["form"]]
    is_final = form.startswith("F_")
    if form.endswith("_3P"):
        path = cell["measure"].removesuffix("/预算数") if is_final else cell["measure"]
        measure_code, phase = ITEMS[path], "budget"
    else:
        measure_code, phase = MEASURES[cell["measure"].split("/")[-1]], "final" if is_final else "budget"
    name = re.sub("^[一二三四五六七八九十]+、", "", cell["label"])
    by_name = CLASSES.get(name) if cell["side"] == "支出" else None
    return Fact(
        cell["page"], form, squash(cell["form"]), cell["side"], cell["code"] or by_name, squash(cell["label"]),
        squash(cell["measure"]), measure_code, phase, cell["amount"], cell["unit"],
    )  # fmt: skip


class Published(NamedTuple):
    fact: Fact
    box: tuple[float, ...]

    def surrounds(self, cell: dict[str, Any]) -> bool:
        """True if the box is on the page of a label and around the middle of its printed number."""
        left, top, right, bottom = map(float, cell["box"])
        x0, y0, x1, y1 = self.box
        return self.fact.page == cell["page"] and x0 < (left + right) / 2 < x1 and y0 < (top + bottom) / 2 < y1


def published(warehouse: Path, document_id: str) -> list[Published]:
    """The facts of the labelled forms of a document."""
    with connect(warehouse, read_only=True) as connection:
        rows = connection.execute(
            """
            select fact.*, form.title_printed
            from (
                select form_no, form_code, side, class_type, class_code_printed, class_code, class_name_printed,
                    measure_printed, measure_code, phase, amount_printed, amount_unit, source_locator, source_box
                from marts.fct_budget_line where document_id = $document
                union all
                select form_no, form_code, null, null, null, null, null,
                    case when form_code = 'F_3P' then item_printed || '/' || measure_printed else measure_printed end,
                    item_code, phase, amount_printed, amount_unit, source_locator, source_box
                from marts.fct_three_public_expense where document_id = $document
            ) as fact
            inner join raw.form as form on form.document_id = $document and form.form_no = fact.form_no
            where fact.form_code in (select unnest($forms))
            """,
            {"document": document_id, "forms": sorted(set(FORMS.values()))},
        ).fetchall()
    found = []
    for (
        _, form, side, kind, printed, code, name, path, measure, phase, amount, unit, place, box, title
    ) in rows:  # fmt: skip
        match = re.fullmatch(r"page (\d+) table \d+ R\d+C\d+", place)
        assert match, f"not a cell of a page: {place}"
        is_class = printed is not None or (kind == "item" and side == "expenditure" and str(code).isdigit())
        fact = Fact(
            int(match[1]), form, squash(title), SIDES[side], code if is_class else None, squash(name), squash(path),
            measure, phase, amount, unit,
        )  # fmt: skip
        assert re.fullmatch(r"\d+ \d+ \d+ \d+", box or ""), f"{place} has no box: {box}"
        found.append(Published(fact, tuple(float(edge) for edge in box.split())))
    return found


def test_the_labels_are_those_of_the_comparison() -> None:
    """The cells that other tools were measured on, by document and by form."""
    assert Counter(cell["document"] for cell in CELLS) == {"J18": 34, "J19": 37, "S25": 55, "S24": 58}
    forms = Counter(FORMS[cell["form"]].split("_", 1)[1] for cell in CELLS)
    assert forms == {"TOTAL": 44, "GPB_FUNC": 119, "3P": 21}


@pytest.mark.parametrize("document", LABELS["documents"])
def test_every_cell_is_right_and_in_its_place(document: str, wild_warehouse: Path) -> None:
    facts = published(wild_warehouse, LABELS["documents"][document])
    labels = [cell for cell in CELLS if cell["document"] == document]
    wrong = [
        (expected(cell), found)
        for cell in labels
        if (found := [item.fact for item in facts if item.surrounds(cell)]) != [expected(cell)]
    ]
    print(f"{document}: {len(labels) - len(wrong)} of {len(labels)} cells are right")
    assert wrong == []
    assert len(facts) == len(labels), "amounts that the pages do not print"
