"""Titles, columns, units and amounts as they vary from place to place: what must be read, by hand.

A document is written as lines: `|` begins a row of a table, `<` goes on with the cell to the left and `^` with the cell
above. Units and figures are made up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from loaders.extract import extract_bytes
from simulation.grid import Block, Box, Grid
from simulation.writers import as_docx, as_html

if TYPE_CHECKING:
    from loaders.extraction import RawRow

FUNCTION = """| 科目编码 | 科目名称 | 合计 | 基本支出 | 项目支出 |
| 2040201 | 行政运行 | 3.00 | 2.00 | 1.00 |"""
TITLE = "一般公共预算支出表\n"
READ = "2040201 total 3.00, 2040201 basic 2.00, 2040201 project 1.00"
SIDES = "| 收入 | < | 支出 | < |\n| 项目 | 预算数 | 项目 | 预算数 |\n| 一、事业收入 | 3.00 | 一、公共安全支出 | 3.00 |"
WIDE = """| 合计 | 因公出国（境）费 | 公务用车购置及运行费 | < | < | 公务接待费 |
| ^ | ^ | 小计 | 公务用车购置费 | 公务用车运行费 | ^ |
| 3.00 | 0.00 | 2.00 | 0.00 | 2.00 | 1.00 |"""


def grid(lines: list[str]) -> Grid:
    rows = [[text.strip() for text in line.strip("|").split("|")] for line in lines]
    boxes = []
    for at, row in enumerate(rows):
        for column, text in enumerate(row):
            if text in ("<", "^"):
                continue
            columns = next((n for n, right in enumerate(row[column + 1 :], 1) if right != "<"), len(row) - column)
            down = next((n for n, below in enumerate(rows[at + 1 :], 1) if below[column] != "^"), len(rows) - at)
            boxes.append(Box(at, column, text, columns, down))
    return Grid(tuple(boxes), (20,) * len(rows[0]), len(rows))


def blocks(text: str) -> list[Block]:
    found: list[Block] = []
    table: list[str] = []
    for line in [*text.split("\n"), ""]:
        if line.startswith("|"):
            table.append(line.strip())
            continue
        if table:
            found.append(grid(table))
            table = []
        if line:
            found.append(line)
    return found


def read(text: str) -> dict[str, list[RawRow]]:
    """The document as .html; as .docx it says the same."""
    page = blocks("示例市公安局2024年公开\n" + text)
    tables, word = extract_bytes(as_html(page)), extract_bytes(as_docx(page))
    assert [row["form_code"] for row in word.get("form", [])] == [row["form_code"] for row in tables.get("form", [])]
    assert amounts(word) == amounts(tables)
    return tables


def amounts(tables: dict[str, list[RawRow]]) -> str:
    lines = [
        f"{row['class_code_printed'] or row['class_name_printed']} {row['measure_code']} {row['amount_printed']}"
        for row in tables.get("budget_cell", [])
    ]
    return ", ".join(lines)


def unclaimed(tables: dict[str, list[RawRow]]) -> list[object]:
    return [row["text"] for row in tables["cell"] if row["claimed_as"] is None]


@pytest.mark.parametrize(
    "title",
    [
        "2024年度一般公共预算支出表", "示例市公安局2024年一般公共预算支出表", "2024年示例市公安局一般公共预算支出表",
        "示例市公安局一般公共预算支出表", "示例县人民政府办公室2024年度一般公共预算支出表", "表五 一般公共预算支出表",
        "附件1-1 一般公共预算支出表", "附表五：一般公共预算支出表", "第5表 一般公共预算支出表",
        "部门公开表5 一般公共预算支出表",
        "预算05表 一般公共预算支出表", "财决公开05表 一般公共预算支出表", "《一般公共预算支出表》",
        "【表5】一般公共预算支出表",
        "一般公共预算支出表（2024年度）", "一般公共预算支出表（空表）", "附件 5 2024年一般公共预算支出表",
        "2024年部门综合预算一般公共预算支出明细表（按支出功能分类科目）", "一 般 公 共 预 算 支 出 表",
    ],
)  # fmt: skip
def test_what_stands_around_a_title_is_no_part_of_it(title: str) -> None:
    tables = read(f"{title}\n单位：万元\n{FUNCTION}")
    assert [(row["form_code"], row["recognised_by"]) for row in tables["form"]] == [("B_GPB_FUNC", "title+columns")]
    assert amounts(tables) == READ


@pytest.mark.parametrize(
    ("title", "table", "code"),
    [
        ("部门综合预算收支总表", SIDES, "B_TOTAL"),
        ("部门收支总体表", SIDES, "B_TOTAL"),
        ("一般公共预算“三公”经费支出表", WIDE, "B_3P"),
        ("一般公共预算‘三公’经费支出情况表", WIDE, "B_3P"),
        ("部门三公经费支出表", WIDE, "B_3P"),
        ("国有资本经营支出预算表", FUNCTION, "B_STATECAP"),
        ("部门一般公共预算财政拨款支出决算表", FUNCTION, "F_GPB_FUNC"),
        ("支出决算明细表", FUNCTION, "F_EXPEND"),
        ("收入支出总体决算表", SIDES.replace("预算数", "决算数"), "F_TOTAL"),
    ],
)
def test_titles_of_other_places(title: str, table: str, code: str) -> None:
    tables = read(f"{title}\n单位：万元\n{table}")
    assert [(row["form_code"], row["recognised_by"]) for row in tables["form"]] == [(code, "title+columns")]
    assert unclaimed(tables) == []


def test_a_table_under_an_undeclared_title_is_none_of_the_declared() -> None:
    table = "| 项目名称 | 合计 | 一般公共预算 | 政府性基金预算 |\n| 设备购置 | 3.00 | 3.00 | |"
    assert "form" not in read(f"特定目标类项目支出表\n单位：万元\n{table}")


@pytest.mark.parametrize(
    ("above", "unit"),
    [
        ("单位:人民币万元", "万元"), ("金额单位：人民币元", "元"), ("（单位：万元）", "万元"),
        ("计量单位：万元", "万元"),
        ("货币单位：万元", "万元"), ("单位：万元（人民币）", "万元"), ("单位：元、%", "元"), ("（万元）", "万元"),
        ("单位：千元", "千元"), ("金额单位：仟元", "仟元"), ("单位：百万元", "百万元"), ("（单位：萬元）", "萬元"),
        ("单位：億元", "億元"), ("单位：千万元", "千万元"), ("单位：美元", "美元"),
        ("金额：万元", "万元"), ("公开05表\n部门：示例市公安局\n金额单位：万元", "万元"),
        ("部门公开表5\n单位：元", "元"),
        ("2024年度 公开05表 单位：万元", "万元"), ("填报部门：示例市公安局 2024年 金额单位：元", "元"),
    ],
)  # fmt: skip
def test_units_of_money(above: str, unit: str) -> None:
    tables = read(f"{TITLE}{above}\n{FUNCTION}")
    assert [(row["amount_unit_printed"], row["amount_unit_source"]) for row in tables["form"]] == [(unit, "table")]
    assert amounts(tables) == READ
    assert unclaimed(tables) == []


@pytest.mark.parametrize(
    "text",
    [
        "一般公共预算支出表（单位：万元）\n" + FUNCTION,
        TITLE + FUNCTION.replace("合计", "合计（万元）").replace("支出 |", "支出（万元） |", 1),
        "| 一般公共预算支出表 | < | < | < | 公开05表 |\n| 部门：示例市公安局 | < | < | < | 单位：万元 |\n" + FUNCTION,
    ],
)
def test_units_and_numbers_in_the_title_the_header_and_the_table(text: str) -> None:
    tables = read(text)
    assert [row["amount_unit_printed"] for row in tables["form"]] == ["万元"]
    assert amounts(tables) == READ


BODY = "\n| 2040201 | 行政运行 | 3.00 | 2.00 | 1.00 |"
HEAD = TITLE + "单位：万元\n| 科目编码 | 科目名称 | 合计 | 基本支出 | 项目支出 |\n"
PARTS = (
    TITLE
    + "单位：万元\n| 科目编码 | < | < | 科目名称 | 合计 | 基本支出 | 项目支出 |\n| 类 | 款 | 项 | ^ | ^ | ^ | ^ |\n"
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (HEAD + "| 栏次 | < | 1 | 2 | 3 |" + BODY, READ),
        (HEAD + "| 栏次 | < | 1=2+3 | 2 | 3 |" + BODY, READ),
        (HEAD + "| 甲 | 乙 | 1 | 2 | 3 |" + BODY, READ),
        (HEAD + "| ** | ** | 1 | 2 | 3 |" + BODY, READ),
        (  # the codes of 类 and 款 are merged downwards
            PARTS + "| 204 | 02 | 01 | 行政运行 | 3.00 | 2.00 | 1.00 |\n| ^ | ^ | 20 | 执法办案 | 4.00 | 3.00 | 1.00 |",
            READ + ", 2040220 total 4.00, 2040220 basic 3.00, 2040220 project 1.00",
        ),
        (  # each of them in a row of its own, in full
            PARTS + "| 204 | | | 公共安全支出 | 3.00 | | |\n| 204 | 20402 | 2040201 | 行政运行 | | 2.00 | |",
            "204 total 3.00, 2040201 basic 2.00",
        ),
        (  # code and name in one cell
            TITLE
            + "单位：万元\n| 功能分类科目 | 合计 | 基本支出 | 项目支出 |\n| 2010506统计管理 | 3.00 | 2.00 | 1.00 |",
            "2010506 total 3.00, 2010506 basic 2.00, 2010506 project 1.00",
        ),
        (  # the year before beside the year
            TITLE
            + "单位：万元\n| 功能分类科目 | < | 2023年执行数 | 2024年预算数 | < | < | 2024年预算数比2023年执行数 "
            + "| < |\n"
            + ""
            + "| 科目编码 | 科目名称 | ^ | 小计 | 基本支出 | 项目支出 | 增减额 | 增减% |\n"
            + "| 2040201 | 行政运行 | 2.00 | 3.00 | 2.50 | 0.50 | 1.00 | 50.00 |",
            "2040201 prior_total 2.00, 2040201 total 3.00, 2040201 basic 2.50, 2040201 project 0.50,"
            " 2040201 change 1.00, 2040201 change_rate 50.00",
        ),
        (
            "收支总表\n单位：万元\n| 收入 | < | < | 支出 | < | < |\n"
            + "| 项目 | 2023年预算数 | 2024年预算数 | 项目 | 2023年预算数 | 2024年预算数 |\n"
            + "| 事业收入 | 2.00 | 3.00 | 公共安全支出 | 1.00 | 4.00 |",
            "事业收入 prior_amount 2.00, 事业收入 amount 3.00, 公共安全支出 prior_amount 1.00,"
            " 公共安全支出 amount 4.00",
        ),
        (
            "收入支出决算总表\n单位：万元\n| 收入 | < | < | < | < | 支出 | < | < |\n"
            + "| 项目 | 行次 | 年初预算数 | 全年预算数 | 决算数 | 项目 | 行次 | 决算数 |\n"
            + "| 栏次 | | 1 | 2 | 3 | 栏次 | | 4 |\n| 事业收入 | 1 | 2.00 | 3.00 | 2.50 | 公共安全支出 | 31 | 2.60 |",
            "事业收入 initial_budget 2.00, 事业收入 annual_budget 3.00, 事业收入 amount 2.50, 公共安全支出 amount 2.60",
        ),
        (  # lists side by side under 人员经费 and 公用经费
            "一般公共预算财政拨款基本支出决算表\n单位：万元\n| 人员经费 | < | < | 公用经费 | < | < | < | < | < |\n"
            + "| 科目编码 | 科目名称 | 决算数 | 科目编码 | 科目名称 | 决算数 | 科目编码 | 科目名称 | 决算数 |\n"
            + "| 301 | 工资福利支出 | 3.00 | 302 | 商品和服务支出 | 1.00 | 310 | 资本性支出 | 0.50 |",
            "301 amount 3.00, 302 amount 1.00, 310 amount 0.50",
        ),
        (  # column numbers in the row of 类 款 项, the total below it
            "支出决算表\n单位：万元\n| 项目 | < | < | < | 本年支出合计 | 基本支出 | 项目支出 |\n"
            + "| 支出功能分类科目编码 | < | < | 科目名称 | ^ | ^ | ^ |\n| 类 | 款 | 项 | 栏次 | 1 | 2 | 3 |\n"
            + "| ^ | ^ | ^ | 合计 | 9.00 | 8.00 | 1.00 |\n| 2040201 | < | < | 行政运行 | 9.00 | | |",
            "合计 total 9.00, 合计 basic 8.00, 合计 project 1.00, 2040201 total 9.00",
        ),
    ],
)
def test_columns(text: str, expected: str) -> None:
    tables = read(text)
    assert amounts(tables) == expected
    assert unclaimed(tables) == []


def test_three_public_final_accounts_with_the_phase_over_the_items() -> None:
    items = "合计 | 因公出国（境）费 | 公务用车购置及运行维护费 | < | < | 公务接待费 |"
    parts = "^ | ^ | 小计 | 公务用车购置费 | 公务用车运行维护费 | ^ |"
    tables = read(
        "“三公”经费支出决算表\n单位：万元\n| 预算数 | < | < | < | < | < | 决算数 | < | < | < | < | < |\n"
        f"| {items} {items}\n| {parts} {parts}\n"
        "| 3.00 | 0.00 | 2.00 | 0.10 | 1.90 | 1.00 | 2.50 | 0.20 | 1.50 | 0.30 | 1.20 | 0.80 |"
    )
    assert [(row["item_code"], row["phase"], row["amount_printed"]) for row in tables["three_public_cell"]] == [
        ("total", "budget", "3.00"), ("overseas", "budget", "0.00"), ("vehicle", "budget", "2.00"),
        ("vehicle_purchase", "budget", "0.10"), ("vehicle_operation", "budget", "1.90"),
        ("reception", "budget", "1.00"),
        ("total", "final", "2.50"), ("overseas", "final", "0.20"), ("vehicle", "final", "1.50"),
        ("vehicle_purchase", "final", "0.30"), ("vehicle_operation", "final", "1.20"), ("reception", "final", "0.80"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("title", "columns", "expected"),
    [
        ("“三公”经费支出预算表", "预算数 | 备注", [("total", None, "1.00")]),
        ("“三公”经费支出决算表", "预算数 | 决算数", [("total", "budget", "1.00"), ("total", "final", "0.90")]),
        # That of the year before bears no fund.
        ("“三公”经费支出表", "2024年预算数 | 2023年预算数", [("total", None, "1.00"), (None, None, "0.90")]),
    ],
)
def test_three_public_items_in_rows(title: str, columns: str, expected: list[tuple[str | None, ...]]) -> None:
    second = "" if "备注" in columns else "0.90"
    tables = read(f"{title}\n单位：万元\n| 项目 | {columns} |\n| 公务接待费 | 1.00 | {second} |")
    assert [(r["fund_code"], r["phase"], r["amount_printed"]) for r in tables["three_public_cell"]] == expected
    assert {row["item_printed"] for row in tables["three_public_cell"]} == {"公务接待费"}


@pytest.mark.parametrize(
    "amount",
    [
        "——", "－", "–", "+1.20", "（1.20）", "－1.20", "1 234.56", "１２．３", "3.00元", "￥1,500.00", "¥1,500.00元",
        "△1,500.50", "▲1,500.50", "(1,500.50)", "1,500.50-", "１，５００．５０－", "-¥8.00", ".50", "5千元",
    ],
)  # fmt: skip
def test_amounts(amount: str) -> None:
    assert amounts(read(HEAD + BODY[1:].replace("2.00", amount))) == READ.replace("2.00", amount)


TARGET = """项目支出绩效目标申报表
| 项目名称 | 执法办案经费 | < | < | < | < | < | < |
| 主管部门 | 示例市公安局 | < | < | 实施单位 | 示例市公安局 | < | < |
| 项目资金（万元） | 年度资金总额： | < | < | 12.00 | < | < | < |
| ^ | 其中：财政拨款 | < | < | 12.00 | < | < | < |
| 年度总体目标 | 办好案件 | < | < | < | < | < | < |
| 绩效指标 | 一级指标 | 二级指标 | 三级指标 | 指标性质 | 指标值 | 度量单位 | 权重 |
| ^ | 产出指标 | 数量指标 | 办案数 | ≥ | 100 | 件 | 50 |
| ^ | 效益指标 | 社会效益指标 | 安全感 | 定性 | 提升 | | 40 |"""
EVALUATION = """项目支出绩效自评表
| 项目名称 | 执法办案经费 | < | < | < | < | < | < | < | < | < |
| 主管部门 | 示例市公安局 | < | < | < | 实施单位 | 示例市公安局 | < | < | < | < |
| 项目资金（万元） | < | 年初预算数 | 全年预算数 | 全年执行数 | 分值 | 执行率 | 得分 | < | < | < |
| ^ | 年度资金总额 | 10.00 | 12.00 | 12.00 | 10 | 100% | 10 | < | < | < |
| 绩效指标 | 一级指标 | 二级指标 | 三级指标 | 指标性质 | 指标值 | 度量单位 | 考核方式 | 实际完成值 | 权重 | 得分 |
| ^ | 产出指标 | 质量指标 | 结案率 | ≥ | 90 | % | 抽查 | 95 | 50 | 50 |
| ^ | 成本指标 | 经济成本指标 | 总成本 | ≤ | 12 | 万元 | 台账 | 11 | 40 | 40 |
| 总分 | < | < | < | < | < | < | < | < | 100 | 100 |"""
_VALUES = ("level1", "level2", "level3", "target", "actual", "weight", "score")


def indicators(tables: dict[str, list[RawRow]]) -> list[tuple[object, ...]]:
    return [tuple(row.get(f"{value}_printed") for value in _VALUES) for row in tables["project_indicator"]]


def test_a_target_in_columns_for_sign_value_and_unit() -> None:
    tables = read(TARGET)
    assert indicators(tables) == [
        ("产出指标", "数量指标", "办案数", "≥100件", None, "50", None),
        ("效益指标", "社会效益指标", "安全感", "提升", None, "40", None),
    ]
    assert [row["goal_printed"] for row in tables["project_goal"]] == ["办好案件"]
    assert unclaimed(tables) == []


@pytest.mark.parametrize(
    ("above", "title"),
    [
        ("执法办案经费", "执法办案经费项目支出绩效目标表"),
        ("一、执法办案经费", "一、执法办案经费项目支出绩效目标表"),
        ("项目绩效目标", "项目支出绩效目标表"),
        ("预算绩效情况说明", "项目支出绩效目标表"),
        ("附件2", "项目支出绩效目标表"),
    ],
)
def test_the_name_of_a_project_above_a_title_that_lacks_one(above: str, title: str) -> None:
    tables = read(f"{above}\n" + TARGET.replace("目标申报表", "目标表"))
    assert [row["title_printed"] for row in tables["form"] if row["form_kind"] == "project_target"] == [title]


def test_an_evaluation_in_such_columns_and_one_that_nobody_declared() -> None:
    tables = read(EVALUATION)
    assert indicators(tables) == [
        ("产出指标", "质量指标", "结案率", "≥90%", "95", "50", "50"),
        ("成本指标", "经济成本指标", "总成本", "≤12万元", "11", "40", "40"),
    ]
    assert unclaimed(tables) == ["抽查", "台账"]


@pytest.mark.parametrize(
    ("title", "publisher"),
    [
        ("示例市公安局2024年部门预算", "示例市公安局"),
        ("示例市公安局（本级）2024年单位预算", "示例市公安局（本级）"),
        ("示例市公安局(机关) 2024年度单位预算公开", "示例市公安局(机关)"),
        ("示例市公安局（含派出机构）2024年部门预算", "示例市公安局"),
    ],
)
def test_the_body_in_a_title(title: str, publisher: str) -> None:
    document = extract_bytes(f"{title}\n部门概况\n".encode())["document"][0]
    assert (document["publisher_printed"], document["fiscal_year_printed"]) == (publisher, "2024")
    assert document["title_printed"] == title


def test_a_long_title_in_a_text_of_whole_paragraphs_stands_alone() -> None:
    title = "示例市公安局高新技术产业开发区分局（含派出机构和事业单位）2024年部门预算公开情况说明"
    cut = "本年预算按照过紧日子的要求编制，压减一般性支出，优先保障办案和装备等重点项目的需要"
    rest = "，其余支出按标准核定。"
    text = "\n".join([title, "部门概况及主要职责的说明", cut, rest, "附件 1", "完。"])
    tables = extract_bytes(text.encode())
    assert [row["text"] for row in tables["cell"]] == [
        title,
        "部门概况及主要职责的说明",
        cut + rest,
        "附件 1",
        "完。",
    ]
    assert (tables["document"][0]["fiscal_year_printed"], tables["document"][0]["publisher_printed"]) == (
        "2024",
        "示例市公安局高新技术产业开发区分局",
    )


def test_a_total_of_dashes_below_the_header_is_a_row() -> None:
    """合计 is a column in one place and a row in the other: in a row of its own it does not go on with the header."""
    tables = read(
        "政府性基金预算支出表\n单位：万元\n| 科目编码 | 科目名称 | 合计 | 基本支出 | 项目支出 |\n"
        + "| 合计 | < | — | | — |\n| 2120801 | 征地补偿支出 | 1.00 | — | 1.00 |"
    )
    assert amounts(tables) == "合计 total —, 合计 project —, 2120801 total 1.00, 2120801 basic —, 2120801 project 1.00"
    printed = [row["header_printed"] for row in tables["form_column"]]
    assert printed == ["科目编码", "科目名称", "合计", "基本支出", "项目支出"]


def test_a_line_that_repeats_its_group_stands_in_none() -> None:
    """Where a name goes over both columns of names, some documents print it in each of them."""
    tables = read(
        "收入总体情况表\n单位：万元\n| 项目 | < | 预算数 |\n| 财政拨款收入 | 一般公共预算拨款 | 3.00 |\n"
        + "| ^ | 政府性基金预算拨款 | 1.00 |\n| 事业收入 | 事业收入 | 0.50 |\n| 其他收入 | | 0.25 |"
    )
    assert [(row["class_group_printed"], row["class_name_printed"]) for row in tables["budget_cell"]] == [
        ("财政拨款收入", "一般公共预算拨款"),
        ("财政拨款收入", "政府性基金预算拨款"),
        (None, "事业收入"),
        (None, "其他收入"),
    ]


def test_a_form_without_a_unit_of_money_has_that_of_the_form_before_it() -> None:
    tables = read(
        f"支出总表\n单位：元\n{FUNCTION}\n一般公共预算支出表\n单位：万元\n{FUNCTION}\n政府性基金预算支出表\n{FUNCTION}"
    )
    assert [(row["amount_unit_printed"], row["amount_unit_source"]) for row in tables["form"]] == [
        ("元", "table"),
        ("万元", "table"),
        ("万元", "document"),
    ]


def test_a_form_with_a_unit_that_nobody_knows_has_none_of_another() -> None:
    """千万元 is ten million: the unit of the form before it would be a guess."""
    tables = read(f"支出总表\n单位：元\n{FUNCTION}\n一般公共预算支出表\n单位：千万元\n{FUNCTION}")
    assert [row["amount_unit_printed"] for row in tables["form"]] == ["元", "千万元"]


def test_words_in_a_column_of_amounts_are_listed_and_no_amount() -> None:
    tables = read(HEAD + "\n| 2040201 | 行政运行 | 3.00 | 见说明 | 1.00 |")
    assert amounts(tables) == "2040201 total 3.00, 2040201 project 1.00"
    assert unclaimed(tables) == ["见说明"]
