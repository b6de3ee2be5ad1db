"""The macros that read numbers, units and targets, run on DuckDB without a dbt project.

What each printed target means is tested beside the models (dbt unit tests); here are the macros that other models
share, properties that hold for any number, and that no text at all makes a query fail.
"""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import duckdb
import jinja2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

MACROS = Path(__file__).parents[3] / "macros"


class Macros:
    """The project's macros as dbt would render them for DuckDB."""

    def __init__(self) -> None:
        source = "\n".join(path.read_text(encoding="utf-8") for path in sorted(MACROS.glob("*.sql")))
        environment = jinja2.Environment(extensions=["jinja2.ext.do"], autoescape=False)
        environment.globals.update(
            {
                "adapter": SimpleNamespace(dispatch=lambda name, _namespace=None: self[f"default__{name}"]),
                "return": lambda value: value,
            }
        )
        self._module = environment.from_string(source).module

    def __getitem__(self, name: str) -> Any:
        return getattr(self._module, name)


@pytest.fixture(scope="module")
def macros() -> Macros:
    return Macros()


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


def evaluate(connection: duckdb.DuckDBPyConnection, expression: str, text: str | None) -> Any:
    row = connection.execute(f"select {expression} from (select cast(? as varchar) as t)", [text]).fetchone()
    assert row is not None
    return row[0]


def parse_targets(
    connection: duckdb.DuckDBPyConnection, macros: Macros, texts: list[str]
) -> list[tuple[str, Decimal | None, str | None]]:
    """kind, number and unit of each text."""
    rows = connection.execute(
        f"""
        with source as (
            select 'd' as document_id, 1 as form_no, i as indicator_no, list_extract($texts, i) as printed,
                2024 as fiscal_year, i % 2 = 0 as is_cost, i % 3 = 0 as months_are_duration
            from range(1, len($texts) + 1) as numbers(i)
        ),
        {macros["parse_target"]("source")}
        select kind, number_value, unit from parsed order by indicator_no
        """,
        {"texts": texts},
    ).fetchall()
    assert len(rows) == len(texts)
    return rows


NUMBERS = [
    # printed, number, printed decimals, unit, unit if a bare 万 is money
    ("9286.36", "9286.36", 2, None, None),
    ("9,286.50", "9286.50", 2, None, None),
    ("３，５１８.85", "3518.85", 2, None, None),
    ("1　174", None, None, None, None),  # two cells run together, or a misprint: not ours to decide
    ("26 14", None, None, None, None),
    (" 12.5 万元 ", "12.5", 1, "万元", "万元"),
    ("1174　万元", "1174", 0, "万元", "万元"),
    ("2.5亿元", "2.5", 1, "亿元", "亿元"),
    ("240.00元", "240.00", 2, "元", "元"),
    ("240(万元)", "240", 0, "万元", "万元"),
    ("5万", "5", 0, None, "万元"),
    ("2亿", "2", 0, None, "亿元"),
    ("5.00(万人次)", "5.00", 2, None, None),
    ("－1.2", "-1.2", 1, None, None),
    ("−1.20", "-1.20", 2, None, None),
    ("+3", "3", 0, None, None),
    ("＋3", "3", 0, None, None),
    ("(1.2)", "-1.2", 1, None, None),
    ("（1,234.5）万元", "-1234.5", 1, "万元", "万元"),
    ("(-1)", None, None, None, None),
    ("25%", "25", 0, None, None),
    ("１００％", "100", 0, None, None),
    ("100%%", "100", 0, None, None),
    ("74.38%", "74.38", 2, None, None),
    ("10分", "10", 0, None, None),
    ("26辆", "26", 0, None, None),
    ("0", "0", 0, None, None),
    ("0.00", "0", 2, None, None),
    ("0.123456789", "0.12345679", 9, None, None),
    ("999999999999999999亿元", "999999999999999999", 0, "亿元", "亿元"),
    ("1234567890123456789", None, None, None, None),
    ("", None, None, None, None),
    ("-", None, None, None, None),
    ("—", None, None, None, None),
    ("--", None, None, None, None),
    ("无", None, None, None, None),
    ("%", None, None, None, None),
    ("12,34", None, None, None, None),
    ("1,2345", None, None, None, None),
    ("1.2.3", None, None, None, None),
    ("1e5", None, None, None, None),
    (">3", None, None, None, None),
    ("11月", None, None, None, None),
    ("2022年", None, None, None, None),
    ("2个 2个", None, None, None, None),
    ("5千元", "5", 0, "千元", "千元"),
    ("5仟元", "5", 0, "千元", "千元"),
    ("2.5百万元", "2.5", 1, "百万元", "百万元"),
    ("12.5萬元", "12.5", 1, "万元", "万元"),
    ("3億元", "3", 0, "亿元", "亿元"),
    ("3億", None, None, None, "亿元"),
    ("5千万元", None, None, None, None),  # no unit that is known: nothing is guessed
    ("￥1,500.00", "1500.00", 2, None, None),
    ("¥ 1,500.00", "1500.00", 2, None, None),
    ("¥-1,500.00", "-1500.00", 2, None, None),
    ("-¥1,500.00", "-1500.00", 2, None, None),
    ("(¥1,500.00)", "-1500.00", 2, None, None),
    ("人民币1,500.00元", "1500.00", 2, "元", "元"),
    ("1,500.00元", "1500.00", 2, "元", "元"),
    ("△1,500.50", "-1500.50", 2, None, None),
    ("▲1,500.50", "-1500.50", 2, None, None),
    ("△1,500.50元", "-1500.50", 2, "元", "元"),
    ("(1,500.50)", "-1500.50", 2, None, None),
    ("（１，５００．５０）", "-1500.50", 2, None, None),
    ("1,500.50-", "-1500.50", 2, None, None),
    ("１，５００．５０－", "-1500.50", 2, None, None),
    ("1,500.50-万元", "-1500.50", 2, "万元", "万元"),
    (".50", "0.50", 2, None, None),
    ("-.5", "-0.5", 1, None, None),
    ("-△5", None, None, None, None),
    ("-5-", None, None, None, None),
    ("5-6", None, None, None, None),
    ("［显示格式未识别］", None, None, None, None),
    ("2美元", None, None, None, None),
    ("预算数1174万元", None, None, "万元", "万元"),
    (None, None, None, None, None),
]


@pytest.mark.parametrize(("text", "number", "scale", "unit", "money_unit"), NUMBERS)
def test_number_of_a_cell(
    connection: duckdb.DuckDBPyConnection,
    macros: Macros,
    text: str | None,
    number: str | None,
    scale: int | None,
    unit: str | None,
    money_unit: str | None,
) -> None:
    assert evaluate(connection, macros["parse_decimal"]("t"), text) == (None if number is None else Decimal(number))
    assert evaluate(connection, macros["printed_scale"]("t"), text) == scale
    assert evaluate(connection, macros["printed_unit"]("t"), text) == unit
    assert evaluate(connection, macros["printed_unit"]("t", bare_multiplier=True), text) == money_unit


def test_number_is_a_wide_decimal(connection: duckdb.DuckDBPyConnection, macros: Macros) -> None:
    assert evaluate(connection, f"typeof({macros['parse_decimal']('t')})", "1") == "DECIMAL(38,8)"


@pytest.mark.parametrize(
    ("unit", "factor"),
    [
        ("元", 1),
        ("千元", 1_000),
        ("万元", 10_000),
        ("百万元", 1_000_000),
        ("亿元", 100_000_000),
        (" 万 元 ", 10_000),
        ("千万元", None),
        ("万", None),
        ("%", None),
        (None, None),
    ],
)
def test_amount_unit_factor(
    connection: duckdb.DuckDBPyConnection, macros: Macros, unit: str | None, factor: int | None
) -> None:
    assert evaluate(connection, macros["amount_unit_factor"]("t"), unit) == factor


def units_of_the_list() -> list[dict[str, str]]:
    with (MACROS.parent / "seeds" / "amount_unit.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("row", units_of_the_list(), ids=lambda row: row["unit_printed"])
def test_units_of_the_list_are_those_of_the_macros(
    connection: duckdb.DuckDBPyConnection, macros: Macros, row: dict[str, str]
) -> None:
    assert evaluate(connection, macros["amount_unit_factor"]("t"), row["unit_name"]) == int(row["factor_to_yuan"])
    printed = row["unit_printed"].removeprefix("人民币")
    assert evaluate(connection, macros["printed_unit"]("t", bare_multiplier=True), f"5{printed}") == row["unit_name"]
    back = evaluate(connection, macros["amount_in_unit"](row["factor_to_yuan"], "t"), row["unit_name"])
    assert back == 1


@pytest.mark.parametrize(
    ("heading", "unit"),
    [
        ("预算金额（千元）", "千元"),
        ("金额(单位:萬元)", "万元"),
        ("金额(百万元)", "百万元"),
        ("金额（千万元）", None),
        ("金额", None),
    ],
)
def test_unit_of_a_heading(
    connection: duckdb.DuckDBPyConnection, macros: Macros, heading: str, unit: str | None
) -> None:
    assert evaluate(connection, macros["heading_unit"]("t"), heading) == unit


@pytest.mark.parametrize(
    ("amount", "prior", "comparability", "percent"),
    [
        ("110.00", "100.00", "comparable", "10.0000"),
        ("90.00", "100.00", "comparable", "-10.0000"),
        ("5.00", "-10.00", "comparable", "150.0000"),  # a balance that rises above zero has risen
        ("-15.00", "-10.00", "comparable", "-50.0000"),
        ("-10.00", "10.00", "comparable", "-200.0000"),
        ("1.00", "3.00", "comparable", "-66.6667"),
        ("0.00", "3.00", "comparable", "-100.0000"),
        ("5.00", "0.00", "comparable", None),
        ("5.00", None, "comparable", None),
        ("110.00", "100.00", "break", None),
        ("110.00", "100.00", None, None),
    ],
)
def test_change_in_per_cent_of_what_was_there(
    connection: duckdb.DuckDBPyConnection,
    macros: Macros,
    amount: str,
    prior: str | None,
    comparability: str | None,
    percent: str | None,
) -> None:
    row = connection.execute(
        f"select {macros['change_pct']('amount', 'prior', 'comparability')} from"
        " (select cast(? as decimal(20, 2)) as amount, cast(? as decimal(20, 2)) as prior, ? as comparability)",
        [amount, prior, comparability],
    ).fetchone()
    assert row == (None if percent is None else Decimal(percent),)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(amount=st.integers(-(10**12), 10**12), prior=st.integers(-(10**12), 10**12).filter(bool))
def test_a_change_in_per_cent_has_the_sign_of_the_change(
    connection: duckdb.DuckDBPyConnection, macros: Macros, amount: int, prior: int
) -> None:
    """More is a rise and less is a fall, whatever the sign of the year before."""
    row = connection.execute(
        f"select {macros['change_pct']('amount', 'prior', 'c')} from"
        " (select ?::decimal(20, 2) as amount, ?::decimal(20, 2) as prior, 'comparable' as c)",
        [amount, prior],
    ).fetchone()
    assert row is not None
    assert row[0] * (amount - prior) >= 0


@pytest.mark.parametrize(
    ("text", "normalised"),
    [
        ("$\\geq 10\\%$", "≥10%"),
        ("$\\leqslant 5 \\%$", "≤5%"),
        ("95^%以上", "95%以上"),
        ("100%%", "100%%"),
        ("≧ ９５ ％", "≥95%"),
        ("＞＝２０％", ">=20%"),
        ("４０～６０", "40~60"),
        ("８０%—９０%", "80%-90%"),
        ("Ａ（ｂ）：ｃ，ｄ；", "A(b):c,d;"),
        ("2021年\t12\n月\u00a0底", "2021年12月底"),
        (None, None),
    ],
)
def test_normalise_printed(
    connection: duckdb.DuckDBPyConnection, macros: Macros, text: str | None, normalised: str | None
) -> None:
    assert evaluate(connection, macros["normalise_printed"]("t"), text) == normalised


@pytest.mark.parametrize(
    ("name", "is_rate"),
    [
        ("验收合格率", True),
        ("率", True),
        ("群众满意度", True),
        ("支出占比", True),
        ("案件结案率(%)", True),
        ("覆盖（％）", True),
        ("办案效率", False),
        ("检查频率", False),
        ("系统数量", False),
        (None, False),
    ],
)
def test_is_rate_name(connection: duckdb.DuckDBPyConnection, macros: Macros, name: str | None, is_rate: bool) -> None:
    assert evaluate(connection, macros["is_rate_name"]("t"), name) is is_rate


@pytest.mark.parametrize(
    ("name", "unit", "direction"),
    [
        *[
            (f"{noun}率", "%", "lower")
            for noun in [
                "超支",
                "投诉",
                "事故",
                "故障",
                "失误",
                "差错",
                "发案",
                "案发",
                "失联",
                "积压",
                "伤亡",
                "死亡",
                "损坏",
                "逾期",
            ]
        ],
        *[
            (f"{noun}率", "%", "higher")
            for noun in ["完成", "达标", "覆盖", "破案", "结案", "准确", "及时", "到位", "合格", "可控"]
        ],
        ("单位成本", "元", "lower"),
        ("费用支出比", "%", "lower"),
        ("群众满意度", "%", "higher"),
        ("故障修复率", "%", "higher"),  # the rate at the end decides
        ("成本降低率", "%", "higher"),
        ("响应及时率", "小时", None),  # a time is no rate
        ("无故障运行", None, None),
        ("领取值班费用天数", "天", None),
        ("受理投诉数量", "件", None),  # handled, not suffered
        ("接入路数", "路", "higher"),
        ("办案效率", "%", None),
        (None, "%", None),
    ],
)
def test_name_direction(
    connection: duckdb.DuckDBPyConnection, macros: Macros, name: str | None, unit: str | None, direction: str | None
) -> None:
    unit_sql = "null" if unit is None else f"'{unit}'"
    assert evaluate(connection, macros["name_direction"]("t", unit_sql), name) == direction


def test_every_comparison_word_has_its_code(connection: duckdb.DuckDBPyConnection, macros: Macros) -> None:
    for code in (">=", "<=", ">", "<", "=", "approx"):
        for word in macros["comparison_words"](code).split("|"):
            assert evaluate(connection, macros["comparator_code"]("t"), word) == code, word


def test_no_comparison_word_hides_a_longer_one(macros: Macros) -> None:
    words = macros["comparison_words"]().split("|")
    hidden = [(a, b) for i, a in enumerate(words) for b in words[i + 1 :] if b.startswith(a)]
    assert hidden == []


numbers = st.decimals(min_value=0, max_value=10**15, places=2)
PROPERTY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@PROPERTY
@given(
    number=numbers,
    negative=st.booleans(),
    separated=st.booleans(),
    wide=st.booleans(),
    unit=st.sampled_from(["", "元", "万元"]),
)
def test_a_printed_number_is_read_back(
    connection: duckdb.DuckDBPyConnection,
    macros: Macros,
    number: Decimal,
    negative: bool,
    separated: bool,
    wide: bool,
    unit: str,
) -> None:
    printed = ("-" if negative else "") + (f"{number:,.2f}" if separated else f"{number:.2f}")
    if wide:
        printed = "".join(chr(ord(c) + 0xFEE0) for c in printed)
    assert evaluate(connection, macros["parse_decimal"]("t"), printed + unit) == (-number if negative else number)
    assert evaluate(connection, macros["printed_scale"]("t"), printed + unit) == 2
    assert evaluate(connection, macros["printed_unit"]("t"), printed + unit) == (unit or None)


@PROPERTY
@given(
    batch=st.lists(
        st.tuples(
            st.sampled_from(["", "≥", "≦", ">=", "不少于", "约", "="]),
            numbers,
            st.sampled_from(["", "%", "人次", "平方米", "(家)", "小时"]),
        ),
        min_size=1,
        max_size=20,
    )
)
def test_a_printed_target_is_read_back(
    connection: duckdb.DuckDBPyConnection, macros: Macros, batch: list[tuple[str, Decimal, str]]
) -> None:
    rows = parse_targets(connection, macros, [f"{sign}{number}{unit}" for sign, number, unit in batch])
    assert rows == [("number", number, unit.strip("()") or None) for _, number, unit in batch]


def test_no_text_makes_the_grammar_fail(connection: duckdb.DuckDBPyConnection, macros: Macros) -> None:
    random = Random(20240601)
    pieces = [
        *"0123456789.,，%％≥≤<>=±~-—()（）、；/ 　$\\^'\"",
        "万",
        "亿",
        "元",
        "个",
        "人次",
        "年",
        "月",
        "日",
        "底",
        "前",
        "以上",
        "以内",
        "不超过",
        "约",
        "每",
        "至",
        "季度",
        "上半年",
        "99",
        "2024",
        "完成",
        "满意度",
        "率",
        "\u0000",
        "🙂",
        "\n",
    ]
    texts = ["".join(random.choices(pieces, k=random.randint(1, 12))) for _ in range(20_000)]
    rows = parse_targets(connection, macros, texts)
    assert {kind for kind, _, _ in rows} == {"number", "range", "date", "recurring", "list", "qualitative", "blank"}
    assert all((value is not None) == (kind in ("number", "range")) for kind, value, _ in rows)


@pytest.mark.parametrize(
    ("printed", "number", "unit"),
    [
        ("2.5万册", "2.5", "万册"),
        ("≥60万页", "60", "万页"),
        ("8万字", "8", "万字"),
        ("3班", "3", "班"),
        ("36家次", "36", "家次"),
        ("18.6万人次", "18.6", "万人次"),
        ("90分（含）以上", "90", "分"),
        ("1.2万", "1.2", "万元"),
    ],
)
def test_counts_are_known_alone_and_in_ten_thousands(
    connection: duckdb.DuckDBPyConnection, macros: Macros, printed: str, number: str, unit: str
) -> None:
    # The second of the texts is the one of a cost, where a bare 万 is money.
    _, read = parse_targets(connection, macros, ["", printed])
    assert read == ("number", Decimal(number), unit)
