"""Pasted text in which a merged cell counts once, as in the header of one seed, and what else unseen layouts print.

Rows are written as lines with `|` between the cells, and become one cell a line with a tab before it. Units, projects
and figures are made up; what must be read was written by hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from loaders import text as rules
from loaders.extract import extract_bytes

if TYPE_CHECKING:
    from loaders.extraction import RawRow


def pasted(text: str) -> dict[str, list[RawRow]]:
    """Lines with `|` as rows of one cell a line, ⏎ as a line end in a cell, other lines as they are."""
    lines = []
    for line in text.strip().split("\n"):
        cells = [f"\t{cell.strip()}" for cell in line.split("|")[1:]]
        lines.append("\n".join(cells) + "\n" if line.startswith("|") else line)
    return extract_bytes("\n".join(lines).replace("⏎", "\n").encode())


def amounts(tables: dict[str, list[RawRow]]) -> list[tuple[object, ...]]:
    return [
        (row["class_code_printed"] or row["class_name_printed"], row["measure_code"], row["amount_printed"])
        for row in tables["budget_cell"]
    ]


def unclaimed(tables: dict[str, list[RawRow]]) -> list[object]:
    return [row["text"] for row in tables["cell"] if row["claimed_as"] is None and row["text"]]


@pytest.mark.parametrize("numbers", ["| 栏次 | 1 | 2 | 3", "| 栏次 |  | 1 | 2 | 3"], ids=["merged", "whole"])
@pytest.mark.parametrize(
    "total", ["| 合计 | 9.00 | 8.00 | 1.00", "|  | 合计 | 9.00 | 8.00 | 1.00"], ids=["merged", "whole"]
)
def test_column_numbers_and_a_total_merged_over_code_and_name(numbers: str, total: str) -> None:
    tables = pasted(
        f"""
示例市文化局2023年度部门决算

支出决算表
| 公开03表
| 部门：示例市文化局
| 金额单位：万元

| 项目 | 本年支出合计 | 基本支出 | 项目支出
| 科目代码 | 科目名称 |  |  |
{numbers}
{total}
| 207 | 文化旅游体育与传媒支出 | 9.00 | 8.00 | 1.00
"""
    )
    assert [row["form_code"] for row in tables["form"]] == ["F_EXPEND"]
    read = [("total", "9.00"), ("basic", "8.00"), ("project", "1.00")]
    assert amounts(tables) == [(label, *pair) for label in ("合计", "207") for pair in read]
    assert unclaimed(tables) == []


def test_a_merged_total_may_be_spread_by_wide_spaces() -> None:
    """`合　　计` over the columns of codes and names, with spaces of the width of a character."""
    rows = (("科目编码", "科目名称", "合计", "基本支出", "项目支出"), ("合　　计", "", "9.00", "8.00", "1.00"))
    cells = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    page = f"<!DOCTYPE html><html><body><p>单位支出总表</p><p>单位：万元</p><table>{cells}</table></body></html>"
    tables = extract_bytes(page.encode())
    assert {row["class_code_printed"] for row in tables["budget_cell"]} == {None}
    assert {rules.squash(str(row["class_name_printed"])) for row in tables["budget_cell"]} == {"合计"}


def test_a_total_that_lacks_another_cell_is_given_up() -> None:
    """The cell that is missing may be an amount: nothing of the row is read."""
    tables = pasted(
        """
示例市文化局2023年度部门决算

支出决算表
| 金额单位：万元

| 科目代码 | 科目名称 | 本年支出合计 | 基本支出 | 项目支出
| 合计 |  | 9.00 | 8.00
| 207 | 文化旅游体育与传媒支出 | 9.00 | 8.00 | 1.00
"""
    )
    assert amounts(tables) == [("207", "total", "9.00"), ("207", "basic", "8.00"), ("207", "project", "1.00")]
    assert unclaimed(tables) == ["合计", "9.00", "8.00"]


def test_three_public_items_under_budget_and_final_that_count_once() -> None:
    items = "合计 | 因公出国（境）费 | 公务用车购置及运行维护费 | 公务接待费"
    tables = pasted(
        f"""
示例市文化局2023年度部门决算

财政拨款“三公”经费支出决算表
| 公开09表
| 金额单位：万元

| 预算数 | 决算数
| {items} | {items}
|  |  | 小计 | 公务用车购置费 | 公务用车运行维护费 |  |  |  | 小计 | 公务用车购置费 | 公务用车运行维护费 |
| 3.00 |  | 2.40 |  | 2.40 | 0.60 | 2.60 |  | 2.08 |  | 2.08 | 0.52
"""
    )
    assert [row["form_code"] for row in tables["form"]] == ["F_3P"]
    assert [(row["phase"], row["item_code"], row["amount_printed"]) for row in tables["three_public_cell"]] == [
        ("budget", "total", "3.00"),
        ("budget", "vehicle", "2.40"),
        ("budget", "vehicle_operation", "2.40"),
        ("budget", "reception", "0.60"),
        ("final", "total", "2.60"),
        ("final", "vehicle", "2.08"),
        ("final", "vehicle_operation", "2.08"),
        ("final", "reception", "0.52"),
    ]


def test_the_lower_rows_of_a_header_are_no_form_of_their_own() -> None:
    """The upper row says of which phase a column is; where it does not fit, nothing below it may be read without it."""
    tables = pasted(
        """
示例市文化局2023年度部门决算

财政拨款“三公”经费支出决算表

| 预算数 | 决算数 | 增减额
| 合计 | 因公出国（境）费 | 公务用车购置及运行费 | 公务接待费 | 合计 | 因公出国（境）费 | 公务接待费
| 3.00 | 0.00 | 2.40 | 0.60 | 2.60 | 0.00 | 0.52
"""
    )
    assert "three_public_cell" not in tables
    assert "0.52" in unclaimed(tables)


def test_basic_expenditure_with_the_year_over_its_columns() -> None:
    tables = pasted(
        """
示例县档案馆2024年单位预算

一般公共预算基本支出情况表
单位：万元

| 经济分类科目 |  | 2024年基本支出 |  |
| 科目编码 | 科目名称 | 合计 | 人员经费 | 公用经费
|  | 合计 | 5.22 | 4.22 | 1.00
| 30101 | 基本工资 | 4.22 | 4.22 | —
"""
    )
    assert [row["form_code"] for row in tables["form"]] == ["B_GPB_BASIC"]
    assert amounts(tables) == [
        ("合计", "total", "5.22"),
        ("合计", "personnel", "4.22"),
        ("合计", "public", "1.00"),
        ("30101", "total", "4.22"),
        ("30101", "personnel", "4.22"),
        ("30101", "public", "—"),
    ]


@pytest.mark.parametrize("title", ["“三公”经费支出情况表", "一般公共预算“三公”经费、会议费、培训费支出情况表"])
@pytest.mark.parametrize(("before", "year"), [("上年预算数", "本年预算数"), ("2023年预算数", "2024年预算数")])
def test_three_public_items_beside_the_year_before(title: str, before: str, year: str) -> None:
    tables = pasted(
        f"""
示例县档案馆2024年单位预算

{title}
单位：万元

| 项目 | {before} | {year} | 增减额
| “三公”经费小计 | 0.20 | 0.15 | -0.05
| 1.因公出国（境）费用 | — | — | —
| 2.公务接待费 | 0.20 | 0.15 | -0.05
"""
    )
    assert [row["form_code"] for row in tables["form"]] == ["B_3P"]
    read = [(row["item_printed"], row["fund_code"], row["amount_printed"]) for row in tables["three_public_cell"]]
    assert [row for row in read if row[1] == "total"] == [
        ("“三公”经费小计", "total", "0.15"),
        ("1.因公出国（境）费用", "total", "—"),
        ("2.公务接待费", "total", "0.15"),
    ]
    assert [row[2] for row in read if row[1] is None] == ["0.20", "-0.05", "—", "—", "0.20", "-0.05"]
    assert [row["column_code"] for row in tables["form_column"]] == ["item", "prior_total", "total", "change"]
    assert unclaimed(tables) == []


def test_three_public_items_by_fund_under_a_title_with_more_expenses() -> None:
    tables = pasted(
        """
示例县档案馆2024年单位预算

“三公”经费、会议费、培训费支出表
单位：万元

| 项目 | 合计 | 一般公共预算财政拨款 | 政府性基金预算
| “三公”经费小计 | 0.15 | 0.15 |
"""
    )
    assert [(row["form_code"], row["recognised_by"]) for row in tables["form"]] == [("B_3P", "title+columns")]
    assert [(row["fund_code"], row["amount_printed"]) for row in tables["three_public_cell"]] == [
        ("total", "0.15"),
        ("general", "0.15"),
    ]


@pytest.mark.parametrize(
    "label", ["产出指标（50分）", "产出指标(50分)", "产出指标⏎（50分）", "产出指标（50）", "产出指标 50分"]
)
def test_the_weight_of_a_group_of_indicators_in_brackets(label: str) -> None:
    tables = pasted(
        f"""
示例县档案馆2024年度项目支出绩效自评报告

项目支出绩效自评表
（2024年度）

| 项目名称 | 档案数字化
| 主管部门 | 示例县档案馆 | 实施单位 | 示例县档案馆
| 项目资金（万元） |  | 年初预算数 | 全年预算数 | 全年执行数 | 分值 | 执行率 | 得分
|  | 年度资金总额 | 50 | 50 | 50 | 10 | 100% | 10
| 年度总体目标 | 预期目标 | 实际完成情况
|  | 完成档案数字化。 | 已完成。
| 绩效指标 | 一级指标 | 二级指标 | 三级指标 | 年度指标值 | 实际完成值 | 分值 | 得分 | 偏差原因分析及改进措施
|  | {label} | 数量指标 | 扫描页数 | ≥60万页 | 62万页 | 20 | 20 |
|  |  | 质量指标 | 合格率 | ≥98% | 99% | 30 | 30 |
| 总分 | 100 | 60 |
"""
    )
    assert [
        [row[f"{column}_printed"] for column in ("level1", "level1_weight", "level2", "level3", "target", "score")]
        for row in tables["project_indicator"]
    ] == [
        ["产出指标", "50", "数量指标", "扫描页数", "≥60万页", "20"],
        [None, None, "质量指标", "合格率", "≥98%", "30"],
    ]


def test_a_project_target_with_the_kind_and_the_term_of_the_project() -> None:
    tables = pasted(
        """
示例县体育局2026年部门预算公开

项目支出绩效目标表
（2026年度）

| 项目名称 | 健身路径
| 主管部门 | 示例县体育局 | 实施单位 | 示例县体育中心
| 项目属性 | 新增项目 | 项目期 | 1年
| 项目资金（万元） | 年度资金总额 | 320.00
|  | 其中：财政拨款 | 300.00
|  | 其他资金 | 20.00
| 总体目标 | 实施期目标 | 年度目标
|  | 建设健身路径60条。 | 建设健身路径20条。
| 绩效指标 | 一级指标 | 二级指标 | 三级指标 | 指标性质 | 指标值 | 度量单位 | 权重
|  | 产出指标 | 数量指标 | 健身路径条数 | ≥ | 20 | 条 | 40
|  | 满意度指标 | 服务对象满意度指标 | 居民满意度 | ≥ | 90 | % | 10
"""
    )
    (project,) = tables["project"]
    assert [project[f"{item}_printed"] for item in ("project_name", "budget", "fiscal", "other")] == [
        "健身路径", "320.00", "300.00", "20.00",
    ]  # fmt: skip
    attributes = {row["attribute_code"]: row["value_printed"] for row in tables["project_attribute"]}
    assert (attributes["nature"], attributes["period"]) == ("新增项目", "1年")
    assert attributes["total_goal"] == "建设健身路径60条。"
    assert [row["goal_printed"] for row in tables["project_goal"]] == ["建设健身路径20条。"]
    assert [row["target_printed"] for row in tables["project_indicator"]] == ["≥20条", "≥90%"]


def test_rows_that_nobody_reads_are_listed_and_no_prose() -> None:
    """A table in text without tabs, its cells parted by spaces: no declared form, so every row is unclaimed."""
    rows = ["合计 9.00 8.00 1.00", "2080505 机关事业单位基本养老保险缴费支出 9.00 8.00 1.00"]
    text = (
        "示例县民政局\n\n2020年部门预算\n\n部门支出总表\n\n科目编码 科目名称 合计 基本支出 项目支出\n\n"
        + "\n\n".join(rows)
    )
    tables = extract_bytes(text.encode())
    assert set(rows) <= set(unclaimed(tables))
