"""Amounts whose rows nobody can name are no facts, and a header alone decides nothing: by hand, in invented layouts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .test_layout_variants import amounts, read, unclaimed

if TYPE_CHECKING:
    from loaders.extraction import RawRow

TITLE = "收支总表\n单位：万元\n"


def reasons(tables: dict[str, list[RawRow]]) -> list[object]:
    return [row["notice"] for row in tables.get("load_notice", []) if row["notice_code"] == "no_label"]


@pytest.mark.parametrize(
    ("table", "stored", "listed"),
    [
        (  # the label of the right side is unknown: its amounts are not those of the left side's lines
            "| 收入 | < | 支出 | < |\n| 项目 | 预算数 | 用途说明 | 预算数 |\n"
            "| 一、事业收入 | 3.00 | 办公 | 1.00 |\n| 二、其他收入 | 4.00 | 差旅 | 6.00 |",
            "一、事业收入 amount 3.00, 二、其他收入 amount 4.00",
            {"1.00", "6.00"},
        ),
        (  # of the left side
            "| 收入 | < | 支出 | < |\n| 来源说明 | 预算数 | 项目 | 预算数 |\n"
            "| 门票 | 3.00 | 一、公共安全支出 | 1.00 |\n| 捐款 | 4.00 | 二、教育支出 | 6.00 |",
            "一、公共安全支出 amount 1.00, 二、教育支出 amount 6.00",
            {"3.00", "4.00"},
        ),
        (  # no cell above the two sides
            "| 项目 | 预算数 | 用途说明 | 预算数 |\n| 一、事业收入 | 3.00 | 办公 | 1.00 |\n| 二、其他收入 | 4.00 | | |",
            "一、事业收入 amount 3.00, 二、其他收入 amount 4.00",
            {"1.00"},
        ),
        (  # a line number names no line
            "| 收入 | < | < | 支出 | < | < |\n| 行次 | 项目 | 预算数 | 行次 | 用途说明 | 预算数 |\n"
            "| 1 | 一、事业收入 | 3.00 | 7 | 办公 | 1.00 |",
            "一、事业收入 amount 3.00",
            {"1.00"},
        ),
        (  # both sides known, and a column of remarks between them
            "| 收入 | < | < | 支出 | < |\n| 项目 | 预算数 | 备注 | 项目 | 预算数 |\n"
            "| 一、事业收入 | 3.00 | 门票 | 一、公共安全支出 | 1.00 |",
            "一、事业收入 amount 3.00, 一、公共安全支出 amount 1.00",
            set(),
        ),
    ],
)  # fmt: skip
def test_a_side_without_a_known_label_has_no_facts(table: str, stored: str, listed: set[str]) -> None:
    tables = read(TITLE + table)
    assert amounts(tables) == stored
    assert listed <= set(map(str, unclaimed(tables)))
    assert [str(reason).split(" stand ")[0] for reason in reasons(tables)] == (
        [f"{len(listed)} amounts of B_TOTAL"] if listed else []
    )


def test_an_amount_in_a_row_without_a_name_is_listed() -> None:
    tables = read(
        "支出总表\n单位：万元\n| 科目编码 | 科目名称 | 合计 | 基本支出 | 项目支出 |\n"
        "| 2040201 | 行政运行 | 3.00 | 2.00 | 1.00 |\n| | | 9.00 | - | 7.00 |"
    )
    assert amounts(tables) == "2040201 total 3.00, 2040201 basic 2.00, 2040201 project 1.00"
    assert unclaimed(tables) == ["9.00", "7.00"]
    assert reasons(tables) == [
        "2 amounts of B_EXPEND stand in rows or columns without a label that is known: not stored, the first at"
        " table 1 R3C3"
    ]


def test_a_form_whose_amounts_nobody_can_name_is_not_declared_empty() -> None:
    tables = read(f"{TITLE}| 收入 | < | 支出 | < |\n| 来源 | 预算数 | 项目 | 预算数 |\n| 门票 | 3.00 | | |\n注：无支出")
    assert "budget_cell" not in tables
    assert [row["is_declared_empty"] for row in tables["form"]] == [False]


def test_a_row_under_a_header_that_says_all_is_read() -> None:
    tables = read(
        "支出预算总表\n单位：万元\n| 合计 | 基本支出 | 项目支出 | 单位预留机动经费 |\n| 12.05 | 9.05 | 2.40 | 0.60 |"
    )
    assert [row["measure_code"] for row in tables["budget_cell"]] == ["total", "basic", "project", "reserve"]
    assert reasons(tables) == []


def test_three_public_items_side_by_side_are_not_mixed() -> None:
    """The amounts of the right list are its own items', or nobody's."""
    title = "一般公共预算“三公”经费支出表\n单位：万元\n"
    known = read(
        f"{title}| 项目 | 合计 | 项目 | 合计 |\n| 因公出国（境）费 | 1.00 | 公务接待费 | 2.00 |\n"
        "| 公务用车购置费 | 3.00 | | |"
    )
    items = [(row["item_printed"], row["amount_printed"]) for row in known["three_public_cell"]]
    assert items == [("因公出国（境）费", "1.00"), ("公务接待费", "2.00"), ("公务用车购置费", "3.00")]
    unknown = read(f"{title}| 项目 | 合计 | 事由 | 合计 |\n| 因公出国（境）费 | 1.00 | 接待 | 2.00 |")
    assert [row["amount_printed"] for row in unknown["three_public_cell"]] == ["1.00"]
    assert unclaimed(unknown) == ["接待", "2.00"]


LIST = "| 序号 | 项目名称 | 合计 | 一般公共预算 | 政府性基金预算 |\n"


@pytest.mark.parametrize(
    "rows",
    [
        "| 1 | 书架更新 | 26.00 | 26.00 | |\n| 2 | 消防改造 | 9.50 | 3.50 | 6.00 |\n| | 合计 | 35.50 | 29.50 | 6.00 |",
        "| 1 | 公务用车更新 | 26.00 | 26.00 | |\n| 2 | 消防改造 | 9.50 | 3.50 | 6.00 |\n| 3 | 绿化 | 1.00 | 1.00 | |",
        "| | 合计 | 35.50 | 29.50 | 6.00 |\n| 一 | 人才引进 | 35.50 | 29.50 | 6.00 |",
    ],
)
def test_a_list_of_projects_without_a_title_is_no_three_public(rows: str) -> None:
    tables = read(f"单位：元\n{LIST}{rows}")
    assert "form" not in tables
    assert "three_public_cell" not in tables
    assert "26.00" in unclaimed(tables) or "35.50" in unclaimed(tables)


def test_three_public_without_a_title_is_told_by_its_rows() -> None:
    rows = "| 1 | 因公出国（境）费 | 1.00 | 1.00 | |\n| 2 | 公务接待费 | 2.00 | 2.00 | |\n| 3 | 其他 | 3.00 | 3.00 | |"
    tables = read(f"单位：万元\n{LIST}{rows}")
    assert [(row["form_code"], row["recognised_by"]) for row in tables["form"]] == [("B_3P", "columns")]
    assert len(tables["three_public_cell"]) == 6


def test_a_table_of_bodies_without_a_title_is_no_form_of_classes() -> None:
    header = "| 科目编码 | 科目名称 | 合计 | 财政拨款收入 | 财政专户管理资金 | 单位资金 |\n"
    classes = "| 2040201 | 行政运行 | 3.00 | 2.00 | 1.00 | |\n| | 合计 | 3.00 | 2.00 | 1.00 | |"
    bodies = "| 甲 | 示例市图书馆 | 3.00 | 2.00 | 1.00 | |\n| 乙 | 示例市档案馆 | 3.00 | 2.00 | 1.00 | |"
    assert [row["form_code"] for row in read(f"单位：万元\n{header}{classes}")["form"]] == ["B_INCOME"]
    assert "form" not in read(f"单位：万元\n{header}{bodies}")
