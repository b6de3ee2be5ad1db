"""Overall targets of a department: a made-up page, and a published sheet cell by cell against labels made by eye."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from loaders.connection import connect
from loaders.extract import extract_bytes

from ..models.test_labelled_facts import Published

if TYPE_CHECKING:
    from loaders.extraction import RawRow

FIXTURES = Path(__file__).parents[1] / "fixtures"
PAGE = FIXTURES / "documents" / "targets-2024-whole-department.html"
LABEL: dict[str, Any] = json.loads((FIXTURES / "wild" / "zhanjiang-labour-2023-performance.json").read_text("utf-8"))
SHEET = Path("zhanjiang-labour-2023-performance.xlsx")


@pytest.fixture(scope="module")
def tables() -> dict[str, list[RawRow]]:
    return extract_bytes(PAGE.read_bytes())


def test_the_page_says_who_and_when(tables: dict[str, list[RawRow]]) -> None:
    about = tables["document"][0]
    said = [about[f"{name}_printed"] for name in ("publisher", "fiscal_year")]
    assert said == ["示例市水利局", "2024"]
    assert (about["document_kind"], about["report_scope"]) == ("performance_target", "department")
    (form,) = tables["form"]
    assert (form["form_code"], form["recognised_by"], form["unit_printed"], form["amount_unit_printed"]) == (
        "P_DEPARTMENT", "title+columns", "示例市水利局", "万元",
    )  # fmt: skip


def test_values_stand_with_their_block_and_the_heading_above_them(tables: dict[str, list[RawRow]]) -> None:
    money = "预算金额（万元）"
    expected = [
        ("R1C2", "department", None, None, "部门名称", None, "示例市水利局"),
        ("R2C3", "staff", "基本信息", None, "财政供养人员数", None, "86"),
        ("R2C5", "units", "基本信息", None, "下属二级单位数", None, "3"),
        ("R4C3", "basic", "预算整体情况", "部门预算支出", "基本支出", money, "1,204.50"),
        ("R4C5", "fiscal", "预算整体情况", "收入来源", "财政拨款", money, "2,004.50"),
        ("R5C3", "project", "预算整体情况", "部门预算支出", "项目支出", money, "840.00"),
        ("R5C5", "other", "预算整体情况", "收入来源", "其他资金", money, "40.00"),
        ("R7C3", "special", "预算整体情况", "事业发展性支出", "财政专项资金", money, "600.00"),
        ("R7C5", "own_level", "预算整体情况", "按预算级次划分", "市本级使用资金", money, "450.00"),
        ("R8C5", "transfer", "预算整体情况", "按预算级次划分", "拟用于对下转移支付资金", money, "150.00"),
    ]
    names = ("value_code", "section_printed", "group_printed", "label_printed", "measure_printed", "value_printed")
    read = [
        (str(row["source_locator"]).removeprefix("table 1 "), *(row[name] for name in names))
        for row in tables["department_value"]
    ]
    assert read == expected


def test_tasks_goal_and_indicators(tables: dict[str, list[RawRow]]) -> None:
    names = ("section_printed", "task_printed", "content_printed", "budget_printed", "goal_printed", "budget_locator")
    assert [tuple(row.get(name) for name in names) for row in tables["department_task"]] == [
        ("年度重点工作任务", "堤段加固", "加固城区堤段两处。", "500.00", "达到设计防洪标准。", "table 1 R11C4"),
        ("年度重点工作任务", "农村供水", "更换老旧管网。", "300.00", "供水保证率提高。", "table 1 R12C4"),
        ("其他需完成的任务（可选填）", "节水宣传", None, "40.00", None, "table 1 R13C4"),
    ]
    (goal,) = tables["department_goal"]
    assert goal["goal_printed"] == "目标1：汛期前完成重点堤段加固。\n目标2：农村供水水质达标。"
    levels = ("level1_printed", "level2_printed", "level3_printed", "target_printed", "source_locator")
    assert [tuple(row.get(name) for name in levels) for row in tables["project_indicator"]] == [
        ("产出指标", "数量指标", "加固堤段长度", "≥4.5公里", "table 1 R15C5"),
        ("效益指标", "社会效益指标", "供水受益人口", "2.1万人", "table 1 R17C5"),
        ("满意度指标", "服务对象满意度指标", "用水户满意度", "≥90%", "table 1 R18C5"),
    ]
    assert "project" not in tables


def test_every_cell_is_claimed(tables: dict[str, list[RawRow]]) -> None:
    assert [row["text"] for row in tables["cell"] if row["claimed_as"] is None] == []


def test_a_label_that_nobody_declared_is_listed_with_its_value() -> None:
    page = PAGE.read_text("utf-8").replace("<td>下属二级单位数</td>", "<td>在编车辆数</td>")
    tables = extract_bytes(page.encode())
    assert [row["text"] for row in tables["cell"] if row["claimed_as"] is None] == ["在编车辆数", "3"]
    assert len(tables["department_value"]) == 9


def test_without_tasks_or_indicators_it_is_another_form() -> None:
    page = PAGE.read_text("utf-8")
    for old in ("年度重点工作任务", "二级指标"):
        assert "form" not in extract_bytes(page.replace(f">{old}<", ">某某<").encode())


# --- the published sheet --------------------------------------------------------------------------------------------


def place(spot: str) -> str:
    return f"sheet Sheet1 {spot}"


@pytest.fixture(scope="module")
def sheet(wild_warehouse: Path) -> Published:
    return Published(wild_warehouse, SHEET)


def test_the_sheet_says_who_when_and_what(sheet: Published) -> None:
    about = LABEL["document"]
    assert sheet.rows("publisher_name, fiscal_year, document_kind, report_scope", "dim_document", "1") == [
        (about["publisher"], about["fiscal_year"], about["kind"], about["scope"])
    ]


def test_every_value_of_the_sheet(sheet: Published) -> None:
    found = sheet.rows(
        "source_locator, value_code, section_printed, group_printed, label_printed, value_printed,"
        " cast(value_number as varchar), cast(amount_yuan as varchar)",
        "fct_department_value",
        "value_no",
    )
    assert found == [(place(spot), *rest) for spot, *rest in LABEL["values"]]


def test_goal_and_tasks_of_the_sheet(sheet: Published) -> None:
    spot, section, first, last, lines = LABEL["goal"]
    ((at, heading, text, kind),) = sheet.rows(
        "source_locator, section, goal_text, source_kind", "fct_department_goal", "1"
    )
    assert (at, heading, kind) == (place(spot), section, "table")
    assert (text.startswith(first), text.endswith(last), text.count("\n") + 1) == (True, True, lines)
    found = sheet.rows(
        "source_locator, task_printed, content, budget_locator, budget_printed, cast(budget_yuan as varchar),"
        " goal_text, fiscal_yuan, is_total",
        "fct_department_task",
        "task_no",
    )
    assert len(found) == len(LABEL["tasks"])
    for row, (spot, task, content, end, at, printed, yuan, goal, goal_end) in zip(found, LABEL["tasks"], strict=True):
        assert row[:2] + row[3:6] + row[7:] == (place(spot), task, place(at), printed, yuan, None, False)
        assert (row[2].startswith(content), row[2].endswith(end)) == (True, True)
        assert (row[6].startswith(goal), row[6].endswith(goal_end)) == (True, True)


def test_indicators_of_the_sheet_are_those_of_the_department(sheet: Published) -> None:
    found = sheet.rows(
        "source_locator, level1_printed, level2_printed, level3, target_printed",
        "fct_project_indicator",
        "indicator_no",
    )
    assert found == [(place(spot), *rest) for spot, *rest in LABEL["indicators"]]
    assert set(sheet.rows("subject_kind, project_key", "fct_project_indicator", "1")) == {("department", None)}
    assert sheet.rows("project_key", "fct_project", "1") == []


def test_no_cell_of_the_sheet_is_left(sheet: Published, wild_warehouse: Path) -> None:
    with connect(wild_warehouse, read_only=True) as connection:
        found = connection.execute(
            "select count(*), count(*) filter (claimed_as is not null) from raw.cell where document_id = ?",
            [sheet.document_id],
        ).fetchone()
    assert found == (LABEL["cells"], LABEL["cells"])
