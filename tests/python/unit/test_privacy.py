"""What is private, and what is not: one definition that loaders and gate share."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from loaders import privacy
from loaders.document import Cell, Document, Paragraph, Place, Row, Table
from loaders.extract import extract, extract_bytes
from loaders.extraction import Extraction
from loaders.forms import catalogue
from loaders.privacy import DROPPED, labelled, shapes, tables
from loaders.privacy.normal import normal
from loaders.privacy.words import kinds_of, words

from ..support.paths import SAMPLES

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        # grammars
        ("请拨打13812345678咨询", f"请拨打{DROPPED}咨询"),
        ("请拨打138-1234-5678咨询", f"请拨打{DROPPED}咨询"),
        ("请拨打１３８ １２３４ ５６７８咨询", f"请拨打{DROPPED}咨询"),
        ("请拨打138\u200b1234\u200d5678咨询", f"请拨打{DROPPED}咨询"),
        ("请拨打1 3 8 1 2 3 4 5 6 7 8咨询", f"请拨打{DROPPED}咨询"),
        ("请拨打+86 138 1234 5678", f"请拨打{DROPPED}"),
        ("请拨打0517-88887777", f"请拨打{DROPPED}"),
        ("021—52564588转8001接听", f"{DROPPED}接听"),
        ("（0517）88887777", DROPPED),
        ("总机52564588转8001", f"总机{DROPPED}"),
        ("请发送到zhangsan@example.com。谢谢", f"请发送到{DROPPED}。谢谢"),
        ("请发送到ｚｈａｎｇ＠example.com.", f"请发送到{DROPPED}."),
        ("公车苏A·12345维修", f"公车{DROPPED}维修"),
        ("新能源车苏AD12345维修", f"新能源车{DROPPED}维修"),
        ("持E12345678出境", f"持{DROPPED}出境"),
        ("请找张三（13812345678）办理", f"请找{DROPPED}）办理"),
        # check digits
        ("持110101199003070012办理", "持110101199003070012办理"),
        ("持110101199003070070办理", f"持{DROPPED}办理"),
        ("转入6222021234567890128", f"转入{DROPPED}"),
        ("转入6222021234567890129", "转入6222021234567890129"),
        # labels
        ("联系人：张三，电话：8888777", f"联系人：{DROPPED}，电话：{DROPPED}"),
        ("联 系 人： 张 三   电 话： 0000-5550199", f"联 系 人： {DROPPED}   电 话： {DROPPED}"),
        ("项目负责人：张三、李四", f"项目负责人：{DROPPED}、{DROPPED}"),
        ("填表人：阿依古丽·某 填表日期：2024年3月", f"填表人：{DROPPED} 填表日期：2024年3月"),
        ("填表人：张三填表日期：2024年3月", f"填表人：{DROPPED}填表日期：2024年3月"),
        ("经办人：张三 办公电话：8888777", f"经办人：{DROPPED} 办公电话：{DROPPED}"),
        ("账号：3205 0123 4567 89", f"账号：{DROPPED}"),
        ("身份证号110101900307001", f"身份证号{DROPPED}"),
        ("联系人张三.xlsx", f"联系人{DROPPED}.xlsx"),
        ("家庭住址：某路1号", f"家庭住址：{DROPPED}"),
    ],
)
def test_private_things_are_dropped_and_nothing_beside_them(text: str, kept: str) -> None:
    assert privacy.drop(text)[0] == kept


@pytest.mark.parametrize(
    "text",
    [
        "编号010-20240101号",
        "文号0517-88887777号",
        "〔2024〕第13812345678号",
        "凭证号1380000000100",
        "13082324P00139000000D",
        "2010506统计管理",
        "13,812,345,678",
        "13812345678.00",
        "-13,812,345,678.00",
        "共13812345678元",
        "共１３８１２３４５６７８元",
        "全年服务13812345678人次",
        "指标值≥13812345678",
        "不低于2000000",
        "余额2000000",
        "合计 150 1200 3400 22",
        "2024-01-02",
        "2023年12月31日",
        "部门名称：某局",
        "负责人：办公室",
        "单位负责人签字：",
        "填表人：（签字）",
        "负责人：各部门要加强对项目资金的管理和监督检查工作力度确保",
        "电话费：1500000",
        "购置电话1500000元",
        "姓名：张*，电话：138****5678",
        "联系人：**",
        "传真：无",
    ],
)
def test_what_only_looks_like_it_stays(text: str) -> None:
    assert privacy.drop(text) == (text, 0)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("联 系 人：", {"name"}),
        ("*项目负责人（签字）", {"name"}),
        ("联系人及联系电话", {"name", "phone"}),
        ("办公电话", {"phone"}),
        ("身份证号", {"identity"}),
        ("E-mail", {"mail"}),
        ("部门名称", set()),
        ("负责人培训费", set()),
        ("电话费", set()),
        ("单位", set()),
    ],
)
def test_labels(text: str, kinds: set[str]) -> None:
    assert kinds_of(text) == kinds


# --- tables ----------------------------------------------------------------------------------------------------


def stored(*rows: list[str]) -> list[list[str | None]]:
    """The texts that raw.cell keeps of a table that no form knows; None where a cell is private."""
    numbers = iter(range(1, 1000))
    cells = [tuple(Cell(next(numbers), text, Place(spot="B1")) for text in row) for row in rows]
    found = extract(Document((Table(tuple(Row(row) for row in cells)),), "", "", len(rows)))
    texts = {row["block_no"]: row["text"] for row in found.get("cell", [])}
    return [[str(text) if (text := texts.get(cell.no)) else None for cell in row] for row in cells]


def test_values_beside_a_label_are_dropped() -> None:
    assert stored(["项目负责人", "张三", "联系电话", "8888777"], ["预算", "12.50", "备注", "无"]) == [
        ["项目负责人", None, "联系电话", None],
        ["预算", "12.50", "备注", "无"],
    ]


def test_values_below_a_label_are_dropped_down_the_column() -> None:
    assert stored(
        ["序号", "姓名", "职务", "电话", "金额"],
        ["1", "张三", "科长", "8888777", "8888777.00"],
        ["2", "阿依古丽·某", "科员", "0000-5550199", "13812345678.00"],
    ) == [
        ["序号", "姓名", "职务", "电话", "金额"],
        ["1", None, "科长", None, "8888777.00"],
        ["2", None, "科员", None, "13812345678.00"],
    ]


def test_a_label_without_a_value_takes_nothing() -> None:
    rows = [["单位负责人签字", "", "填表日期", "2024年3月"], ["负责人", "办公室", "金额", "12.50"]]
    assert stored(*rows) == [[text or None for text in row] for row in rows]


def test_a_column_of_bodies_or_of_numbers_below_a_label_stays() -> None:
    rows = [["项目", "负责人", "金额"], ["甲", "财务科", "12345678"], ["乙", "9300000", "150"]]
    assert stored(*rows) == rows


def test_masked_values_stay() -> None:
    rows = [["联系人", "张**", "电话", "138****5678"]]
    assert stored(*rows) == rows


def test_a_value_on_the_line_below_its_label_is_dropped() -> None:
    lines = ["联系人：", "张三", "联系电话", "8888777", "一段说明。"]
    cells = [Cell(at, text, Place(at, at)) for at, text in enumerate(lines, start=1)]
    found = extract(Document(tuple(map(Paragraph, cells)), "", "", len(lines)))
    assert [row["text"] for row in found["cell"]] == ["联系人：", None, "联系电话", None, "一段说明。"]


def test_no_declared_label_reads_like_a_person() -> None:
    """A header beside 负责人 must not be taken for a name, or the form is not recognised."""
    labels = {
        label for form in catalogue().forms for own in (*form.columns.values(), *form.labels.values()) for label in own
    }
    assert len(labels) > 100
    assert [label for label in labels if labelled.is_person(label) and words().person.fullmatch(label)] == []


# --- figures ---------------------------------------------------------------------------------------------------

FIGURES = [
    *(str(number) for number in range(10**10, 2 * 10**10, 10**7 + 12345)),
    "110101199003070",
    "110101199003070070",
    "999999999999999",
    "622202123456789012",
]
BUDGET = "某市某局2024年部门预算\n部门收支总表\n单位：元\n收入\t支出\n"


def ways_to_print(number: str) -> list[str]:
    grouped = f"{int(number):,}"
    return [
        number,
        f"-{number}",
        f"{number}.00",
        f"-{number}.5",
        grouped,
        f"{grouped}.00",
        f"-{grouped}",
        f"({grouped})",
    ]


AMOUNTS = [
    ("budget_cell", "amount_printed"),
    ("three_public_cell", "amount_printed"),
    ("procurement_cell", "amount_printed"),
    ("procurement_item", "project_budget_printed"),
    ("procurement_item", "unit_price_printed"),
    ("project", "budget_printed"),
    ("project", "fiscal_printed"),
    ("project", "local_printed"),
    ("project", "other_printed"),
    ("evaluation_fund", "initial_printed"),
    ("evaluation_fund", "annual_printed"),
    ("evaluation_fund", "executed_printed"),
    ("evaluation_summary", "amount_printed"),
    ("asset_line", "value_printed"),
    ("department_value", "value_printed"),
    ("project_attribute", "value_printed"),
    ("department_task", "budget_printed"),
    ("department_task", "fiscal_printed"),
    ("department_task", "other_printed"),
    ("narrative_figure", "amount_printed"),
    ("narrative_figure", "change_printed"),
    ("budget_cell", "class_code_printed"),
    ("project", "project_code_printed"),
]


@pytest.mark.parametrize(("table", "column"), AMOUNTS)
def test_a_figure_of_a_form_stays_as_printed(table: str, column: str) -> None:
    place = Place(3, 3)
    for printed in [way for number in FIGURES for way in ways_to_print(number)]:
        extraction = Extraction()
        extraction.add(table, at=place, **{column: printed})
        extraction.add("cell", at=place, text=printed, claimed_as="fact")
        assert extraction.rows[table][0][column] == printed
        assert extraction.rows["cell"][0]["text"] == printed
        assert extraction.is_figure(Cell(1, printed, place))
        assert not any(privacy.private_columns(row) for rows in extraction.rows.values() for row in rows)


def test_an_amount_like_a_mobile_number_stays_in_a_sheet_of_a_budget() -> None:
    text = (SAMPLES / "budget-2024-culture-centre.txt").read_text("utf-8")
    before = extract_bytes(text.encode())
    amount = next(str(row["amount_printed"]) for row in before["budget_cell"] if len(str(row["amount_printed"])) > 4)
    after = extract_bytes(re.sub(rf"(?m)(^|\t){re.escape(amount)}(?=\t|$)", r"\g<1>13812345678", text).encode())
    kept = [row for row in after["budget_cell"] if row["amount_printed"] == "13812345678"]
    assert len(kept) == sum(row["amount_printed"] == amount for row in before["budget_cell"]) > 0
    places = {row["source_locator"] for row in kept}
    assert places == {row["source_locator"] for row in after["cell"] if row["text"] == "13812345678"} & places


def budget_with(*rows: list[str]) -> dict[str, list[dict[str, object]]]:
    """A form of classes and amounts in a sheet, with further rows at its foot."""
    header = ["科目编码", "科目名称", "合计", "基本支出", "项目支出"]
    texts = [["支出总表", "", "", "", ""], header, ["2010301", "行政运行", "12.50", "12.50", ""], *rows]
    numbers = iter(range(1, 1000))
    cells = [tuple(Cell(no := next(numbers), text, Place(spot=f"B{no}")) for text in row) for row in texts]
    return extract(Document((Table(tuple(map(Row, cells))),), "", "", len(cells)))


def amounts(found: dict[str, list[dict[str, object]]]) -> list[object]:
    return [row["amount_printed"] for row in found["budget_cell"]]


def test_contacts_at_the_foot_of_a_form_are_no_amounts_of_it() -> None:
    found = budget_with(
        ["2010399", "其他", "13812345678", "13812345678", ""],
        ["", "填表人", "张三", "", ""],
        ["", "联系电话", "8888777", "", ""],
    )
    assert amounts(found) == ["12.50", "12.50", "13812345678", "13812345678"]
    assert not any(secret in str(found) for secret in ("张三", "8888777"))


def test_an_amount_beside_the_name_of_a_thing_stays() -> None:
    assert amounts(budget_with(["", "电话", "8888777", "", ""])) == ["12.50", "12.50", "8888777"]
    assert stored(["电话", "8888777"]) == [["电话", None]]


def test_the_same_number_outside_of_a_form_is_dropped() -> None:
    assert stored(["甲", "乙"], ["说明", "13812345678"]) == [["甲", "乙"], ["说明", None]]


def test_a_number_of_seven_digits_is_private_below_its_label_alone() -> None:
    extraction = Extraction()
    extraction.add("project_attribute", at=Place(1, 1), label_printed="联系电话", value_printed="13812345678")
    extraction.add("project_attribute", at=Place(1, 1), label_printed="结转资金", value_printed="13812345678")
    assert [row["value_printed"] for row in extraction.rows["project_attribute"]] == [None, "13812345678"]


# --- loader and gate -------------------------------------------------------------------------------------------

# One fragment a word.
FRAGMENTS = """
联系人 联系人 联 系 人 ： : 电话 负责人 及 张三 李四 欧阳某某 、 ， 。 - — （ ） 转 号 编号 元 @ ＠ . ． , E 苏A
0517 86 +86 13812345678 １３８ 0517-8888 7777 110101199003070070 6222021234567890128 a.b@c.cn 身份证号 账号
* 张* 姓名 手机 微信 ［ 个人信息已略去 ］ 邮箱 某 12345 · ① ² ٣ 𝟙
"""
PARTS = st.one_of(
    st.sampled_from([*FRAGMENTS.split(), " ", "  ", "\n", "\t", "\u200b", "\u00ad", "\u0301", DROPPED]),
    st.text("0123456789０１２３４５６７８９", max_size=12),
    st.text(max_size=4),
)
TEXTS = st.lists(PARTS, max_size=14).map("".join)


@settings(max_examples=1500, deadline=None)
@given(TEXTS)
@example("联系人：张三13812345678")
@example("13812345678E12345678")
@example("a@b.c" * 9)
def test_what_the_loader_lets_pass_the_gate_lets_pass(text: str) -> None:
    kept = privacy.masked(text)
    assert not privacy.holds_private(kept), kept
    assert privacy.drop(kept) == (kept, 0)


@settings(max_examples=600, deadline=None)
@given(
    st.sampled_from([("cell", "text"), ("project", "purpose_printed"), ("form_column", "header_printed"), *AMOUNTS]),
    TEXTS,
    st.sampled_from([None, "fact", "prose", "header"]),
    TEXTS,
)
def test_no_row_of_the_loader_fails_the_gate(
    where: tuple[str, str], text: str, claimed_as: str | None, sheet: str
) -> None:
    table, column = where
    extraction = Extraction()
    values: dict[str, Any] = {column: text, **({"claimed_as": claimed_as} if table == "cell" else {})}
    extraction.add(table, at=Place(part=f"sheet {sheet}", spot="B4"), **values)
    (row,) = extraction.rows[table]
    assert not privacy.row_holds_private(json.dumps(row))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(TEXTS, min_size=3, max_size=3), min_size=1, max_size=4))
def test_no_document_of_any_text_fails_the_gate(texts: list[list[str]]) -> None:
    numbers = iter(range(1, 100))
    rows = tuple(
        Row(tuple(Cell(next(numbers), text, Place(part="sheet 1", spot="A1")) for text in row)) for row in texts
    )
    found = extract(Document((Table(rows), Paragraph(rows[0].cells[0])), "", "", 1))
    assert not [row for rows_of in found.values() for row in rows_of if privacy.private_columns(row)]


# --- time ------------------------------------------------------------------------------------------------------

FILLERS = (
    "1", "13", "1 ", "1-", "138 1234 ", "0517-8", "(", "((0", "a", "a.", "a-", "a@", "@a.", "@", "苏A1", "苏A ", "E1",
    "张", "张 ", "联系人", "联系人：", "联 系 人 及 ", "电话(", "电话：张三(1", "姓名 张三 ", "，张三", "、8888777",
    "*", ":", " ", "\t", "62", "联系电话联系", "元", "编号",
)  # fmt: skip
N = 1500


def patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    def of(module: ModuleType) -> Iterator[tuple[str, re.Pattern[str]]]:
        for name, value in vars(module).items():
            many = value if isinstance(value, dict) else {"": value}
            yield from ((f"{name}{key}", one) for key, one in many.items() if isinstance(one, re.Pattern))

    for module in (privacy, shapes, labelled, tables):
        yield from of(module)
    yield "plate", shapes.plate()
    yield from ((name, value) for name, value in vars(words()).items() if isinstance(value, re.Pattern))


@cache
def all_patterns() -> dict[str, re.Pattern[str]]:
    return dict(patterns())


def seconds(pattern: re.Pattern[str], text: str) -> float:
    begin = time.process_time()
    for _ in pattern.finditer(text):
        pass
    pattern.fullmatch(text)
    return time.process_time() - begin


@pytest.mark.parametrize("name", sorted(all_patterns()))
def test_a_pattern_takes_time_as_the_text_is_long(name: str) -> None:
    pattern = all_patterns()[name]
    for filler in FILLERS:
        short, long = (filler * (length // len(filler)) + "!" for length in (N, 4 * N))
        once = min(seconds(pattern, short) for _ in range(2))
        assert min(seconds(pattern, long) for _ in range(2)) < 8 * max(once, 0.002), filler


@pytest.mark.parametrize("filler", FILLERS)
def test_the_whole_question_takes_time_as_the_text_is_long(filler: str) -> None:
    def ask(length: int) -> float:
        text = filler * (length // len(filler))
        begin = time.process_time()
        privacy._drop.__wrapped__(text)
        return time.process_time() - begin

    once = min(ask(N) for _ in range(2))
    assert min(ask(4 * N) for _ in range(2)) < 8 * max(once, 0.005)


# --- false alarms ----------------------------------------------------------------------------------------------


def alarms_in(folder: Path) -> tuple[int, list[str]]:
    """How many amounts, codes and class names the documents of a folder hold, and those that text alone would drop."""
    asked, wrong = 0, []
    for path in sorted(folder.iterdir()):
        if path.suffix not in {".txt", ".pdf", ".docx", ".xlsx", ".html"}:
            continue
        for rows in extract_bytes(path.read_bytes()).values():
            for row in rows:
                for column, value in row.items():
                    if not isinstance(value, str) or not is_asked(column, row):
                        continue
                    asked += 1
                    if DROPPED in value or privacy.holds_private(value):
                        wrong.append(f"{path.name}: {column}")
    return asked, wrong


def is_asked(column: str, row: dict[str, object]) -> bool:
    return column in {"class_name_printed", "class_group_printed", "item_printed"} or privacy.is_figure_column(
        column, row
    )


def test_no_false_alarm_over_the_samples() -> None:
    asked, wrong = alarms_in(SAMPLES)
    assert (asked > 1000, wrong) == (True, [])


@pytest.mark.slow
@pytest.mark.parametrize("part", ["seeds", "wild"])
def test_no_false_alarm_over_the_corpus(shared: Path, part: str) -> None:
    asked, wrong = alarms_in(shared / "corpus" / part)
    assert (asked > 1000, wrong) == (True, [])


def test_persons_beside_their_labels_in_a_table_that_no_form_knows(shared: Path) -> None:
    truth = json.loads((shared / "cases" / "person-cells.truth.json").read_text("utf-8"))
    rows = extract_bytes((shared / "cases" / truth["file"]).read_bytes())
    text = json.dumps(rows, ensure_ascii=False, default=str)
    assert [secret for secret in truth["private"] if secret in text] == []


def test_normal_text_is_as_long_as_its_places() -> None:
    text = "１\u200b２—三\u0301　𝟙\r\n"
    assert normal(text) == "12-三 1\n\n"
    assert privacy.drop("联系人：张\u200b三\u200b，") == (f"联系人：{DROPPED}\u200b，", 1)
