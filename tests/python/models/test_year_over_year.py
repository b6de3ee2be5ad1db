"""Year over year on the real series, against pairs that were worked out by hand from the pages (fixtures/yoy)."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from loaders.connection import connect

FIXTURES = Path(__file__).parents[1] / "fixtures" / "yoy"
FACTOR = {"元": 1, "万元": 10_000, "亿元": 100_000_000}
# What the labels call the items of the three-public form.
ITEMS = {
    "three_public": "total", "total": "total_with_meeting_training", "abroad": "overseas", "vehicle": "vehicle",
    "vehicle_purchase": "vehicle_purchase", "vehicle_running": "vehicle_operation", "reception": "reception",
    "meeting": "meeting", "training": "training", "org_run": "agency_operation",
}  # fmt: skip
MEASURES = {"fiscal_appropriation": "fiscal_grant"}
Row = dict[str, Any]


def labelled(name: str) -> list[Row]:
    rows: list[Row] = json.loads((FIXTURES / f"{name}.json").read_text("utf-8"))["rows"]
    return rows


def yuan(amount: str | None, unit: str | None) -> Decimal | None:
    return None if amount is None else Decimal(amount.replace(",", "")) * FACTOR[unit or "元"]


def bare(name: str | None) -> str:
    """A printed name without its ordinal and white space."""
    text = re.sub(r"\s", "", name or "")
    return (
        re.sub(r"^(?:[一二三四五六七八九十]+、|[0-9]+[.、．]|其中[:：])", "", text)
        .replace("(", "（")
        .replace(")", "）")
    )


@pytest.fixture(scope="module")
def reports(wild_warehouse: Path) -> dict[str, list[Row]]:
    """The rows of the reports, with the document of the unit's own publication."""
    with connect(wild_warehouse, read_only=True) as connection:
        found = {}
        for table in ("rpt_budget_yoy", "rpt_three_public_yoy", "rpt_narrative_yoy", "rpt_execution"):
            result = connection.execute(f"select * from reports.{table}")
            columns = [column[0] for column in result.description or ()]
            found[table] = [dict(zip(columns, row, strict=True)) for row in result.fetchall()]
        found["unit"] = [
            {"document_id": document, "unit_key": unit, "scope": scope}
            for document, unit, scope in connection.execute(
                "select document_id, unit_key, report_scope from marts.dim_document"
            ).fetchall()
        ]
    return found


def candidates(label: Row, reports: dict[str, list[Row]]) -> list[Row]:
    """The report rows that are about the line of a label: unit, scope, year, form, side, line and measure."""
    unit = {row["document_id"]: row["unit_key"] for row in reports["unit"]}[label["series"][-1]]
    own = [
        row
        for row in reports["rpt_three_public_yoy" if label["form"] == "B_3P" else "rpt_budget_yoy"]
        if row["unit_key"] == unit
        and row["fiscal_year"] == label["year"]
        and row["report_scope"] == label["scope"]
        and row["phase"] == label["phase"]
    ]
    if label["form"] == "B_3P":
        return [row for row in own if row["item_code"] == ITEMS[label["measure"]]]
    if "narrative" in str(label.get("source", "")).lower() and label["measure"] in ("personnel", "public"):
        return [
            row
            for row in reports["rpt_narrative_yoy"]
            if row["unit_key"] == unit
            and row["fiscal_year"] == label["year"]
            and row["metric_code"] == label["measure"]
        ]
    own = [row for row in own if row["form_code"] == label["form"]]
    names = {line_name(name) for name in as_names(label["class_name_printed"])}
    codes = {label.get("class_code"), label.get("class_code_prior")} - {None}
    measure = MEASURES.get(label["measure"], label["measure"])
    found = []
    for row in own:
        if row["side"] and row["side"] != label["side"]:
            continue
        if codes:
            if not codes & {row["class_code"], row["prior_class_code"]}:
                continue
        elif not names & lines_of(row) and any((row["class_name_printed"], row["prior_class_name_printed"])):
            continue
        # Jiangsu prints 基本支出 and 项目支出 as lines of one column; the labels call that their measure.
        if row["measure_key"] == measure or (row["measure_key"] == "total" and not codes and measure not in ("total",)):
            found.append(row)
    return found


def line_name(printed: str) -> str:
    """The line that a label names: `专项名称 甲 / 经济科目 乙` is 乙 in the group 甲; ` (…)` is a remark."""
    if match := re.match(r"专项名称 (.+) / 经济科目 (.+)", printed):
        return f"{bare(match[1])}/{bare(match[2])}"
    return bare(re.sub(r" \(.*", "", printed))


def lines_of(row: Row) -> set[str]:
    """What the line of a row is called in either year, alone and with the group that it stands in."""
    names = {bare(row["class_name_printed"]), bare(row["prior_class_name_printed"])} - {""}
    groups = {bare(row["class_group_printed"]), bare((row["class_group_printed"] or "").split("/")[-1])}
    return names | {f"{group}/{name}" for group in groups for name in names}


def as_names(printed: Any) -> list[str]:
    return [name for name in (printed.values() if isinstance(printed, dict) else [printed]) if name]


def agrees(label: Row, row: Row) -> list[str]:
    """What of a report row is not as labelled."""
    wrong = []
    amount, prior = yuan(label["amount"], label["money_unit"]), yuan(label["prior_amount"], label["prior_money_unit"])
    if label.get("declared_empty"):  # nothing is printed: zero by declaration, and NULL in a report
        amount = prior = None
    # An old code whose concept goes on under a new one stands beside the new code, as its prior side.
    is_old_code = amount is None and label["class_code"] == row.get("prior_class_code") != row.get("class_code")
    if row["amount_yuan"] != amount and not is_old_code:
        wrong.append(f"amount {row['amount_yuan']} not {amount}")
    if row["comparability"] != label["comparability"]:
        wrong.append(f"{row['comparability']} ({row['break_reason']}) not {label['comparability']}")
    if label["comparability"] in ("comparable", "zero_base") and row["prior_amount_yuan"] != prior:
        wrong.append(f"prior {row['prior_amount_yuan']} not {prior}")
    if label["comparability"] == "comparable":
        if row["change_yuan"] != Decimal(label["change_yuan"]):
            wrong.append(f"change {row['change_yuan']} not {label['change_yuan']}")
        if row["change_pct"] is None or abs(row["change_pct"] - Decimal(label["change_pct"])) > Decimal("0.0051"):
            wrong.append(f"rate {row['change_pct']} not {label['change_pct']}")
    elif row["change_pct"] is not None:
        wrong.append("a rate although not comparable")
    return wrong


# Lines of the labels that no report can have, and why.
NO_ROW = {
    "jiangsu_party_office-148": "the cell is blank in both years",
    "jiangsu_party_office-292": "the cell is blank in both years",
    "jiangsu_procuratorate-297": "the cell is blank in both years",
}
# Prose that speaks of 财政拨款收入: the report has it under that metric, not as the total that it equals here.
TOLD = {"shanghai_wanli-349": "fiscal_grant", "shanghai_finance_phases-031": "fiscal_grant",
        "shanghai_finance_phases-030": "agency_operation", "shanghai_commerce_scopes-027": "fiscal_expenditure",
        "shanghai_commerce_scopes-029": "fiscal_expenditure"}  # fmt: skip


@pytest.mark.parametrize(
    ("series", "pairs"),
    [("jiangsu_party_office", 301), ("jiangsu_procuratorate", 306), ("shanghai_wanli", 349)],
)
def test_every_pair_is_compared_as_by_hand(series: str, pairs: int, reports: dict[str, list[Row]]) -> None:
    labels = labelled(series)
    assert len(labels) == pairs
    wrong = []
    for label in labels:
        if label["id"] in NO_ROW or label["id"] in TOLD:
            continue
        rows = candidates(label, reports)
        if not any(not agrees(label, row) for row in rows):
            wrong.append((label["id"], [agrees(label, row) for row in rows] or "no row"))
    assert wrong == []
    blank = [label for label in labels if label["id"] in NO_ROW]
    assert all(label["amount"] is None and label["prior_amount"] is None for label in blank)
    assert [label["id"] for label in blank if candidates(label, reports)] == []


def test_prior_years_that_only_prose_gives(reports: dict[str, list[Row]]) -> None:
    labels = [
        label
        for series in ("shanghai_wanli", "shanghai_finance_phases", "shanghai_commerce_scopes")
        for label in labelled(series)
        if label["id"] in TOLD
    ]
    assert len(labels) == len(TOLD)
    units = {row["document_id"]: row["unit_key"] for row in reports["unit"]}
    for label in labels:
        rows = [
            row
            for row in reports["rpt_narrative_yoy"]
            if row["unit_key"] == units[label["series"][-1]]
            and row["report_scope"] == label["scope"]
            and row["phase"] == label["phase"]
            and row["metric_code"] == TOLD[label["id"]]
            and row["fiscal_year"] == label["year"]
        ]
        assert [agrees(label, row) for row in rows] == [[]], label["id"]
        assert rows[0]["prior_source"] == "narrative"
    for label in labelled("shanghai_finance_phases"):
        if label.get("prior_source") == "narrative" and label["id"] not in TOLD:
            (row,) = [
                row
                for row in reports["rpt_budget_yoy"]
                if row["unit_key"] == units[label["series"][-1]]
                and row["form_code"] == label["form"]
                and row["side"] in (None, "expenditure")
                and row["prior_source"] == "narrative"
            ]
            assert agrees(label, row) == []


def test_a_change_on_what_was_executed_is_no_budget_of_the_prior_year(reports: dict[str, list[Row]]) -> None:
    breaks = [row for row in labelled("shanghai_commerce_scopes") if row.get("break_reason") == "base_is_execution"]
    assert len(breaks) == 2
    false = {yuan(row["prior_amount"], row["prior_money_unit"]) for row in breaks}
    for table in ("rpt_budget_yoy", "rpt_narrative_yoy"):
        assert [row for row in reports[table] if row["prior_amount_yuan"] in false] == []


def test_department_and_unit_editions_are_never_compared_or_added(reports: dict[str, list[Row]]) -> None:
    labels = [label for label in labelled("shanghai_commerce_scopes") if label.get("kind") == "scope_pair"]
    assert len(labels) == 26
    document = {row["document_id"]: row for row in reports["unit"]}
    department, unit = (document[hash_] for hash_ in labels[0]["series"])
    assert department["unit_key"] == unit["unit_key"]
    assert (department["scope"], unit["scope"]) == ("department", "unit")
    own = [
        row
        for table in ("rpt_budget_yoy", "rpt_three_public_yoy")
        for row in reports[table]
        if row["unit_key"] == unit["unit_key"]
    ]
    sums = {Decimal(label["forbidden_sum"]) for label in labels if label.get("forbidden_sum")}
    assert {row["amount_yuan"] for row in own} & sums == set()
    for row in own:  # each row is of one edition: its document has the scope that the row has
        assert row["document_id"] is None or document[row["document_id"]]["scope"] == row["report_scope"]
        assert row["prior_document_id"] is None or document[row["prior_document_id"]]["scope"] == row["report_scope"]


def test_a_final_account_beside_a_budget_is_no_growth(reports: dict[str, list[Row]]) -> None:
    labels = [label for label in labelled("shanghai_finance_phases") if label.get("kind") == "cross_phase"]
    assert len(labels) == 12
    unit = {row["document_id"]: row["unit_key"] for row in reports["unit"]}[labels[0]["series"][-1]]
    finals = {yuan(label["prior_amount"], label["prior_money_unit"]) for label in labels}
    for row in reports["rpt_budget_yoy"]:
        if row["unit_key"] == unit and row["phase"] == "budget":
            assert row["prior_source"] in (None, "narrative"), row
            assert row["prior_amount_yuan"] not in finals


def test_execution_as_by_hand(reports: dict[str, list[Row]]) -> None:
    labels = [label for label in labelled("shanghai_finance_phases") if label.get("kind") == "execution"]
    by_prose = [label for label in labels if label["form"] == "F_GPB_FUNC"]
    assert (len(labels), len(by_prose)) == (15, 12)
    rows = [row for row in reports["rpt_execution"] if row["basis"] == "narrative"]
    for label in by_prose:
        (row,) = [
            row
            for row in rows
            if (row["class_code"] == label["class_code"] and label["class_code"])
            or (label["class_code"] is None and row["class_name"] == "一般公共预算财政拨款支出")
        ]
        assert row["prior_amount_yuan"] == yuan(label["budget_amount"], label["money_unit"]), label["id"]
        assert row["amount_yuan"] == yuan(label["final_amount"], label["money_unit"]), label["id"]
        assert abs(row["execution_pct"] - Decimal(label["rate_pct"])) <= Decimal("0.0051"), label["id"]
    (three_public,) = [row for row in rows if "三公" in row["class_name"]]
    assert (three_public["amount_yuan"], three_public["prior_amount_yuan"]) == (Decimal("0.00"), Decimal("9500.00"))
    assert three_public["execution_pct"] == 0
