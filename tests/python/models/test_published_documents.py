"""Real PDFs: every amount cell of three whole documents against labels made by eye, and all forms of the others.

The labels (fixtures/wild) were typed from pictures of the pages by somebody who has not seen the reader.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from loaders.connection import connect

from ..models.test_labelled_facts import SIDES, Published, squash

FIXTURES = Path(__file__).parents[1] / "fixtures" / "wild"
LABELS = [path for path in sorted(FIXTURES.glob("*.json")) if "budget_lines" in json.loads(path.read_text("utf-8"))]

JIANGSU = {
    "B_TOTAL", "B_INCOME", "B_EXPEND", "B_FISCAL", "B_FISCAL_FUNC", "B_FISCAL_BASIC", "B_GPB_FUNC", "B_GPB_BASIC",
    "B_3P", "B_GOVFUND", "B_ORGRUN", "B_PROC",
}  # fmt: skip
SHANGHAI = {
    "B_TOTAL", "B_INCOME", "B_EXPEND", "B_FISCAL", "B_GPB_FUNC", "B_GOVFUND", "B_STATECAP", "B_GPB_BASIC", "B_3P",
}  # fmt: skip
FINAL = {
    "F_TOTAL", "F_INCOME", "F_EXPEND", "F_FISCAL", "F_GPB_FUNC", "F_GPB_BASIC", "F_3P", "F_GOVFUND", "F_STATECAP",
}  # fmt: skip


def page(locator: str) -> int:
    match = re.match(r"page (\d+) table \d+ R\d+C\d+$", locator)
    assert match, f"not a place in a PDF: {locator}"
    return int(match[1])


def labelled(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


@pytest.mark.parametrize("label", LABELS, ids=lambda path: path.stem)
def test_every_amount_is_in_its_place(label: Path, wild_warehouse: Path) -> None:
    facts = Published(wild_warehouse, label.with_suffix(".pdf"))
    found = facts.rows(
        "source_locator, form_title_printed, side, class_code_printed, class_name_printed, measure_printed,"
        " amount_printed",
        "fct_budget_line",
    )
    mine = Counter(
        (page(place), squash(form), SIDES[side], code, squash(name), squash(measure.split("/")[-1]), amount)
        for place, form, side, code, name, measure, amount in found
    )
    theirs = Counter(
        (x["page"], squash(x["form"]), x["side"], x["code"], squash(x["name"]), squash(x["measure"].split("/")[-1]),
         x["amount"])
        for x in labelled(label)["budget_lines"]
    )  # fmt: skip
    assert (list((theirs - mine).elements()), list((mine - theirs).elements())) == ([], [])


@pytest.mark.parametrize("label", LABELS, ids=lambda path: path.stem)
def test_every_form_has_its_title_unit_and_emptiness(label: Path, wild_warehouse: Path) -> None:
    document_id = Published(wild_warehouse, label.with_suffix(".pdf")).document_id
    with connect(wild_warehouse, read_only=True) as connection:
        found = connection.execute(
            "select title_printed, amount_unit_printed, is_declared_empty from raw.form"
            " where document_id = ? and form_code not like 'O%'",
            [document_id],
        ).fetchall()
    mine = {(squash(title), unit, empty) for title, unit, empty in found}
    theirs = {(squash(x["title"]), x["amount_unit"], x["declared_empty"]) for x in labelled(label)["forms"]}
    assert mine == theirs


@pytest.mark.parametrize("label", LABELS, ids=lambda path: path.stem)
def test_three_public_amounts(label: Path, wild_warehouse: Path) -> None:
    facts = Published(wild_warehouse, label.with_suffix(".pdf"))
    found = facts.rows("source_locator, item_printed, amount_printed", "fct_three_public_expense")
    mine = Counter((page(place), squash(item), amount) for place, item, amount in found)
    theirs = Counter((x["page"], squash(x["item"]), x["amount"]) for x in labelled(label)["three_public"])
    assert mine == theirs


@pytest.mark.parametrize("label", LABELS, ids=lambda path: path.stem)
def test_the_document_says_who_when_and_what(label: Path, wild_warehouse: Path) -> None:
    facts = Published(wild_warehouse, label.with_suffix(".pdf"))
    columns = "publisher_name, fiscal_year, document_kind, report_scope"
    document = labelled(label)["document"]
    kinds = {"budget": "budget", "final_account": "final_account"}
    assert facts.rows(columns, "dim_document", "1") == [
        (squash(document["publisher"]), int(document["fiscal_year"]), kinds[document["kind"]], document["scope"])
    ]


def test_amounts_are_in_yuan_whatever_the_table_prints(wild_warehouse: Path) -> None:
    """Shanghai prints its tables in 元 and its three-public table in 万元."""
    facts = Published(wild_warehouse, Path("shanghai-putuo-finance-2025-budget.pdf"))
    total = facts.rows(
        "amount_unit, cast(amount_yuan as varchar)",
        "fct_budget_line",
        "class_name_printed = '收入总计' desc, form_no",
    )[0]
    assert total == ("元", "31214205.80")
    three = facts.rows("item_code, amount_unit, cast(amount_yuan as varchar)", "fct_three_public_expense", "column_no")
    assert three == [
        ("total", "万元", "9500.00"),
        ("reception", "万元", "9500.00"),
        ("agency_operation", "万元", "2294300.00"),
    ]


@pytest.mark.parametrize(
    ("document", "forms"),
    [
        *((f"jiangsu-party-office-{year}-tables.pdf", JIANGSU) for year in (2017, 2018, 2019)),
        *((f"jiangsu-procuratorate-{year}.pdf", JIANGSU) for year in (2017, 2018, 2019)),
        *((f"shanghai-putuo-wanli-{year}-budget.pdf", SHANGHAI) for year in (2023, 2024, 2025)),
        ("shanghai-putuo-commerce-2025-budget-department.pdf", SHANGHAI),
        ("shanghai-putuo-commerce-2025-budget-unit.pdf", SHANGHAI),
        ("shanghai-putuo-finance-2025-budget.pdf", SHANGHAI),
        ("shanghai-putuo-finance-2024-final.pdf", FINAL),
    ],
)
def test_all_forms_are_recognised(document: str, forms: set[str], wild_warehouse: Path) -> None:
    document_id = Published(wild_warehouse, Path(document)).document_id
    with connect(wild_warehouse, read_only=True) as connection:
        found = connection.execute(
            "select form_code, count(*) from raw.form where document_id = ? and form_code not like 'O%'"
            " and form_code not like 'P%' group by all",
            [document_id],
        ).fetchall()
    assert dict(found) == dict.fromkeys(forms, 1)


def test_scopes_of_one_body_are_told_apart(wild_warehouse: Path) -> None:
    with connect(wild_warehouse, read_only=True) as connection:
        scopes = connection.execute(
            "select file_name, report_scope from marts.dim_document where file_name like '%commerce%' order by 1"
        ).fetchall()
    assert [scope for _, scope in scopes] == ["department", "unit"]
