"""Findings: the list on the five seeds, checked against the labels, the planted ones of the samples, the wording.

The seeds are listed in full, so that a finding that appears or vanishes has to be read by a person. Figures are those
of the page (`value_a`) and the other figure of the page or the sum of printed figures (`value_b`).
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

import duckdb
import pytest

from ..support.warehouses import remake_findings

ROOT = Path(__file__).resolve().parents[3]
DOCUMENTED = ROOT / "docs" / "findings.md"

Finding = tuple[str, str, str | None, str | None]  # document (first three digits of its file), code, value_a, value_b

CONTRADICTIONS: list[Finding] = [
    ("000", "target_against_description", "≥200天", "维稳安保天数不少于190天"),
    ("000", "target_direction", "排除故障时间", "≧25小时"),
    ("000", "target_direction", "接入社会资源路数", "≦2000路"),
    ("000", "target_direction", "系统故障率", "≧0.1%"),
    ("001", "indicator_repeated", "1", "5"),
    ("001", "indicator_repeated", "6", "11"),
    ("001", "indicator_repeated", "7", "12"),
    ("002", "target_against_own_text", "≥85社会影响力在90%以上", "社会影响力在90%以上"),
    ("002", "target_direction", "案件查处成本", "≥90案件查处成本控制90%"),
    ("002", "target_direction", "费用支出比", "≥80％"),
    ("003", "plan_falls", "10月底 100%", "12月底 0%"),
    ("003", "plan_falls", "10月底 100%", "12月底 0%"),
    ("003", "plan_falls", "10月底 100%", "12月底 0%"),
    ("003", "plan_falls", "10月底 100%", "12月底 0%"),
    ("003", "plan_falls", "10月底 100%", "12月底 0%"),
    ("003", "plan_falls", "3月底 100%", "6月底 0%"),
    ("003", "plan_falls", "6月底 100%", "10月底 0%"),
    ("003", "plan_never_100", "10%", "100%"),
    ("003", "project_unit_slip", "1174万元", "1174元"),
    ("003", "project_unit_slip", "60万元", "60元"),
    ("003", "project_unit_slip", "38万元", "38元"),
    ("003", "project_unit_slip", "345.52万元", "345.52元"),
    ("003", "project_unit_slip", "20.1万元", "20.1元"),
    ("003", "project_unit_slip", "1.75万元", "1.75元"),
    ("003", "project_unit_slip", "1.2万元", "1.2元"),
    ("003", "project_unit_slip", "11.23万元", "11.23元"),
    ("003", "project_unit_slip", "61.53万元", "61.53元"),
    ("003", "project_unit_slip", "5.63万元", "5.63元"),
    ("003", "project_unit_slip", "135万元", "135元"),
    ("004", "evaluation_form_count", "13", "12"),
    ("004", "execution_score", "8.5", "8.3"),
    ("004", "execution_score", "1", "0.32"),
    ("004", "execution_score", "10", "6.9"),
    ("004", "fund_source_sum", "100", "82.73"),
    ("004", "fund_source_sum", "10", "6.9"),
    ("004", "fund_source_sum", "10", "6.9"),
    ("004", "grade_against_score", "优秀", "74"),
    ("004", "level1_weight_sum", "30", "40"),
    ("004", "level1_weight_sum", "50", "70"),
    ("004", "level1_weight_sum", "30", "20"),
    ("004", "score_above_weight", "100", "10"),
    ("004", "score_above_weight", "97.5", "90"),
    ("004", "score_total_sum", "100", "190"),
    ("004", "score_total_sum", "100", "110"),
    ("004", "score_total_sum", "100", "110"),
    ("004", "target_direction", "伤亡率", "≥98%"),
    ("004", "target_direction", "培训费用", "≥98%"),
    ("004", "weight_total_not_100", "90", "100"),
    ("004", "weight_total_sum", "90", "100"),
    ("004", "weight_total_sum", "100", "110"),
    ("004", "weight_total_sum", "100", "110"),
]

# One row a cause: the same two figures in other forms, columns and in prose follow from it.
ROUNDINGS: list[Finding] = [
    ("001", "class_sum", "8976.87", "8976.88"),  # 收入总表 204, 小计 and 财政拨款收入
    ("001", "class_sum", "8698.71", "8698.72"),  # 20402: three forms, and 基本 and 项目 in two of them
    ("001", "class_sum", "5175.37", "5175.38"),  # 204 项目支出 in two forms
    ("001", "class_sum", "3167.10", "3167.09"),  # 301, 合计 and 人员经费
    ("001", "class_total_sum", "3497.64", "3497.65"),
    ("001", "current_year_balance", "9286.55", "9286.54"),  # 9286.36 + 0.18, in three forms and in prose
    ("001", "income_column_sum", "8977.06", "8977.05"),
    ("001", "income_column_sum", "214.35", "214.34"),
    ("001", "personnel_public_sum", "4111.18", "4111.17"),  # and in prose
    ("004", "execution_rate", "83%", "82.73"),
    ("004", "execution_score", "2分", "1.9997"),
    ("004", "execution_score", "7", "7.438"),
    ("004", "execution_score", "10", "9.981"),
    ("004", "narrative_mean_score", "96.03", "96.0385"),
]

# What says something without two contradicting figures, by document: counted on the page.
REMARKS: dict[tuple[str, str], int] = {
    ("000", "description_repeats_name"): 1,
    ("000", "plan_cell_blank"): 8,
    ("000", "plan_flat"): 2,
    ("000", "plan_malformed"): 1,
    ("000", "project_code_is_class"): 9,
    ("000", "title_against_name"): 3,
    ("001", "basis_is_no_basis"): 4,
    ("001", "description_repeats_name"): 1,
    ("001", "plan_cell_blank"): 12,
    ("001", "plan_flat"): 1,
    ("001", "text_masked"): 1,
    ("002", "description_repeats_name"): 1,
    ("002", "description_zero"): 10,
    ("002", "indicator_near_repeated"): 1,
    ("002", "plan_blank"): 1,
    ("002", "target_floor_100"): 2,
    ("002", "target_malformed"): 16,
    ("003", "description_repeats_name"): 1,
    ("003", "fiscal_year_inferred"): 1,
    ("003", "plan_cell_blank"): 4,
    ("003", "plan_end_blank"): 4,
    ("003", "project_code_gap"): 1,
    ("003", "target_malformed"): 13,
    ("003", "target_repeats_name"): 1,
    ("004", "actual_not_a_number"): 1,
    ("004", "actual_repeats_target"): 2,
    ("004", "grade_wording"): 1,
    ("004", "indicator_near_repeated"): 1,
    ("004", "score_below_weight_though_met"): 2,
    ("004", "score_missing"): 1,
    ("004", "score_total_sum"): 1,
    ("004", "summary_amount_basis"): 6,
    ("004", "summary_name_form"): 9,
    ("004", "target_blank"): 1,
    ("004", "target_floor_100"): 1,
    ("004", "target_malformed"): 2,
    ("004", "target_unit_missing"): 12,
    ("004", "title_against_name"): 4,
}


def found(warehouse: Path, condition: str) -> list[Finding]:
    """Findings under a condition: start of the file name, code, both values."""
    query = (
        "select left(document.file_name, 3), finding.finding_code, finding.value_a, finding.value_b"
        " from quality.qc_finding as finding join marts.dim_document as document using (document_id)"
        f" where {condition} order by all"
    )
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.execute(query).fetchall()


def differences(actual: list[Finding], expected: list[Finding]) -> str:
    """Findings that only one of the two lists has, one a line; '' if they are equal."""
    lines = [f"not expected: {item} x{count}" for item, count in (Counter(actual) - Counter(expected)).items()]
    lines += [f"missing: {item} x{count}" for item, count in (Counter(expected) - Counter(actual)).items()]
    return "\n".join(sorted(lines))


def test_contradictions_of_the_seeds_are_those_read_by_eye(seeds_warehouse: Path) -> None:
    actual = found(seeds_warehouse, "outcome = 'contradiction' and severity in ('error', 'warning')")
    assert differences(actual, CONTRADICTIONS) == ""


def test_roundings_of_the_seeds_are_those_read_by_eye(seeds_warehouse: Path) -> None:
    assert differences(found(seeds_warehouse, "outcome = 'rounding'"), ROUNDINGS) == ""


def test_no_comparison_of_the_seeds_is_lost_by_folding(seeds_warehouse: Path) -> None:
    """The figures that follow stay in qc_finding_all and are counted at their cause (9286.55: seven times)."""
    with duckdb.connect(str(seeds_warehouse), read_only=True) as connection:
        counts = connection.execute(
            "select value_a, follower_count,"
            " (select count(*) from quality.qc_finding_all where caused_by = cause.finding_key)"
            " from quality.qc_finding as cause where follower_count > 0 order by 1"
        ).fetchall()
    assert counts == [
        ("3167.10", 1, 1),
        ("4111.18", 1, 1),
        ("5175.37", 1, 1),
        ("8698.71", 4, 4),
        ("8976.87", 1, 1),
        ("9286.55", 6, 6),
    ]


def test_remarks_of_the_seeds_are_those_counted_by_eye(seeds_warehouse: Path) -> None:
    rows = found(seeds_warehouse, "outcome = 'not_checkable' or (outcome = 'contradiction' and severity = 'info')")
    assert Counter((document, code) for document, code, _, _ in rows) == REMARKS


@pytest.mark.parametrize(
    ("document", "code", "value_a", "value_b"),
    [
        ("000", "project_code_is_class", "2040220", "执法办案"),
        ("001", "plan_flat", "6月底 40%", "10月底 40%"),
        ("002", "plan_blank", "4", "4"),
        ("003", "plan_end_blank", "100 %", "12月底"),
        ("003", "project_code_gap", "142001003", "142001005"),
        ("004", "summary_amount_basis", "82.73", "100"),
        ("004", "score_total_sum", "100", "90"),  # one score is cut off on the page
        ("004", "title_against_name", "刑事侦查、勘查设备项目支出绩效自评表", "反诈专案经费预算项目"),
    ],
)
def test_remark_of_the_seeds_has_both_figures(
    seeds_warehouse: Path, document: str, code: str, value_a: str, value_b: str
) -> None:
    rows = found(seeds_warehouse, "severity = 'info' and outcome <> 'rounding'")
    assert (document, code, value_a, value_b) in rows


def test_identities_that_hold_are_silent(seeds_warehouse: Path) -> None:
    """31 budgets are the project expenditure, 13 amounts are 481.149665, forms and prose agree, 31 codes check."""
    silent = (
        "project_sum_against_expenditure",
        "narrative_list_sum",
        "narrative_summary_sum",
        "narrative_against_table",
        "narrative_change_sum",
        "narrative_project_count",
        "cross_form_total",
        "three_public_sum",
        "three_public_below_class",
        "project_fund_sum",
        "procurement_total_sum",
        "procurement_price_quantity",
        "procurement_project_budget",
        "project_code_check_character",
        "class_name_differs",
        "summary_score_form",
        "summary_amount_form",
        "content_unclaimed",
    )
    assert found(seeds_warehouse, f"finding_code in {silent}") == []


CHANGES = {
    "cross_form_total": (
        "update marts.fct_budget_line set amount_yuan = 1, amount_printed = '1'"
        " where form_code = 'B_EXPEND' and class_code = 'total' and measure_code = 'total'"
    ),
    "narrative_against_table": "update marts.fct_narrative_figure set amount_yuan = 1 where metric_code = 'project'",
    "narrative_change_sum": "update marts.fct_narrative_figure set delta_yuan = 1 where change_printed = '35.95'",
    "narrative_list_sum": "update marts.fct_narrative_figure set amount_yuan = 1 where amount_printed = '481.149665'",
    "procurement_price_quantity": "update marts.fct_procurement_item set quantity = 2 where amount_printed = '46.80'",
    "procurement_project_budget": (
        "update marts.fct_procurement_item set project_budget_yuan = 1 where project_budget_printed = '465.00'"
    ),
    "procurement_total_sum": "update marts.fct_procurement_item set amount_yuan = 1 where amount_printed = '93.25'",
    "project_code_check_character": (
        "update marts.fct_project set project_code = replace(project_code, 'P00279310838L', 'P00279310883L')"
    ),
    "project_fund_sum": "update marts.fct_project set fiscal_yuan = 1 where budget_printed = '566.00'",
    "project_sum_against_expenditure": "update marts.fct_project set budget_yuan = 0 where budget_printed = '3104.00'",
    "class_name_differs": "update marts.fct_budget_line set class_name_printed = '办公' where class_code = '30201'",
    "narrative_project_count": (
        "update marts.fct_narrative_figure set figure_value = 14 where metric_code = 'project_count' and figure_no > 1"
    ),
    "summary_score_form": "update marts.fct_project_evaluation set summary_score = 75 where total_score_printed = '74'",
    "summary_amount_form": "update marts.fct_project_evaluation set summary_amount_yuan = 1 where summary_score = 92",
    "three_public_below_class": (
        "update marts.fct_three_public_expense set amount_yuan = 1"
        " where item_code = 'reception' and fund_code = 'general'"
    ),
    "three_public_sum": (
        "update marts.fct_three_public_expense set amount_yuan = 1 where item_code = 'vehicle_purchase'"
    ),
}


def test_a_changed_figure_is_found(seeds_warehouse: Path, tmp_path: Path) -> None:
    """The silent checks do look: each speaks when one figure of a copy is changed and the families are made anew."""
    copy = tmp_path / seeds_warehouse.name
    copy.write_bytes(seeds_warehouse.read_bytes())
    with duckdb.connect(str(copy)) as connection:
        families = [
            family
            for (family,) in connection.execute(
                "select table_name from duckdb_tables() where schema_name = 'quality'"
                " and table_name like 'qc_finding_%' and table_name <> 'qc_finding_all'"
            ).fetchall()
        ]
        assert len(families) == 13
        everything = " union all ".join(f"select finding_code from quality.{family}" for family in families)
        for change in CHANGES.values():
            connection.execute(change)
    remake_findings(copy, tmp_path)
    with duckdb.connect(str(copy)) as connection:
        codes = {code for (code,) in connection.execute(everything).fetchall()}
    assert set(CHANGES) - codes == set()


@pytest.mark.parametrize(
    ("document", "code", "outcome", "value_a", "value_b"),
    [
        ("budget-2023-culture-centre.txt", "class_sum", "rounding", "25.09", "25.08"),
        ("self-evaluation-2022-tabbed-rows.txt", "grade_against_score", "contradiction", "优秀", "78"),
        ("targets-pdf-text.txt", "project_unit_slip", "contradiction", "48.2万元", "48.2元"),
        ("targets-pdf-text.txt", "plan_cell_blank", "not_checkable", "3", "4"),
        ("targets-pdf-text.txt", "plan_end_blank", "not_checkable", "100%", "12月底"),
        ("targets-2022-contents-field-codes.txt", "plan_blank", "not_checkable", "4", "4"),
        ("targets-2024-prose-amounts.txt", "target_malformed", "not_checkable", "100%%", None),
        ("targets-2024-prose-amounts.txt", "basis_is_no_basis", "not_checkable", "满意度指标", "上级评价"),
    ],
)
def test_planted_anomaly_of_the_samples_is_found(
    samples_warehouse: Path, document: str, code: str, outcome: str, value_a: str, value_b: str | None
) -> None:
    with duckdb.connect(str(samples_warehouse), read_only=True) as connection:
        rows = connection.execute(
            "select finding.value_a, finding.value_b from quality.qc_finding as finding"
            " join marts.dim_document as document using (document_id)"
            " where document.file_name = ? and finding_code = ? and outcome = ?",
            [document, code, outcome],
        ).fetchall()
    assert (value_a, value_b) in rows


def test_samples_have_no_other_contradiction_of_figures(samples_warehouse: Path) -> None:
    rows = found(samples_warehouse, "severity = 'error'")
    assert [(code, value_a, value_b) for _, code, value_a, value_b in rows] == [
        ("grade_against_score", "优秀", "78"),
        ("project_unit_slip", "48.2万元", "48.2元"),
    ]


@pytest.mark.parametrize("column", ["message", "message_en"])
def test_messages_are_neutral_and_name_both_figures(seeds_warehouse: Path, column: str) -> None:
    with duckdb.connect(str(seeds_warehouse), read_only=True) as connection:
        rows = connection.execute(
            f"select {column}, value_a, value_b, outcome, tolerance, locator_a, locator_b from quality.qc_finding"
            " where finding_code <> 'weight_total_not_100'"  # compared with 100, which stands nowhere
        ).fetchall()
    assert rows
    for message, value_a, value_b, outcome, tolerance, locator_a, locator_b in rows:
        assert message
        assert not re.search(r"[{}]|错误|有误|应为|应改|正确|\bwrong\b|\berror\b|\bmistake|\bcorrect", message), message
        if outcome != "not_checkable" and tolerance is not None:
            assert value_a in message
            assert value_b in message
            assert locator_b
        assert locator_a


def test_every_kind_is_worded_documented_and_looked_for() -> None:
    with (ROOT / "seeds" / "finding_type.csv").open(encoding="utf-8", newline="") as file:
        types = {row["finding_code"]: row for row in csv.DictReader(file)}
    models = "\n".join(
        path.read_text("utf-8") for path in sorted((ROOT / "models" / "quality" / "finding").glob("*.sql"))
    )
    kinds = DOCUMENTED.read_text("utf-8").split("## The kinds")[1].split("\n#")[0]
    documented = set(re.findall(r"^\| `(\w+)` \|", kinds, flags=re.MULTILINE))
    assert documented == set(types)
    assert [code for code in types if f"'{code}'" not in models] == []
    for code, row in types.items():
        braces = re.findall(r"\{(\w+)\}", row["message_zh"])
        assert set(braces) == set(re.findall(r"\{(\w+)\}", row["message_en"])), code
        assert set(braces) <= {"subject", "a", "b", "diff", "note"}, code
