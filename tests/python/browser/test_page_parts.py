"""The parts of the pages without a browser: reading under publication, figures as text, exports, series, the report."""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import threading
from decimal import Decimal
from pathlib import Path

import duckdb
import openpyxl
import pytest
from click.testing import CliRunner

from dashboard import analysis, data
from dashboard.export import Sheet, to_csv, to_xlsx
from dashboard.format import NOTHING, money, percent, plain, with_unit
from dashboard.store import NoWarehouse, Row, Store
from dashboard.text import TEXT, Words
from dashboard.ui import View

from ..support.paths import ROOT

DASHBOARD = sorted((ROOT / "dashboard").rglob("*.py"))


def _generation(path: Path, number: int) -> None:
    """Publish a file whose only table holds a number, as the pipeline does: written beside, moved over in one step."""
    part = path.with_name("part.duckdb")
    part.unlink(missing_ok=True)
    with duckdb.connect(str(part)) as connection:
        connection.execute(f"create table generation as select {number} as no from range(1000)")
    os.replace(part, path)


def test_store_shows_a_new_publication_while_many_read(tmp_path: Path) -> None:
    """Readers in threads never fail, never mix two files, and see the last publication at the end."""
    path = tmp_path / "yusuan.duckdb"
    _generation(path, 0)
    store = Store(path)
    problems: list[str] = []
    stop = threading.Event()

    def read() -> None:
        last = 0
        while not stop.is_set():
            try:
                row = store.rows("select min(no) as low, max(no) as high, count(*) as many from generation")[0]
            except Exception as error:
                problems.append(repr(error))
                return
            if row["low"] != row["high"] or row["many"] != 1000 or row["low"] < last:
                problems.append(str(row))
            last = row["low"]

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(1, 31):
        _generation(path, number)
    stop.set()
    for thread in threads:
        thread.join()
    assert problems == []
    assert store.rows("select max(no) as no from generation") == [{"no": 30}]
    store.close()


@pytest.mark.parametrize(
    "statement",
    [
        "select * from read_csv('/etc/hostname')",
        "copy (select 1) to 'out.csv'",
        "attach 'other.duckdb'",
        "create table t as select 1",
        "set enable_external_access = true",
        "install httpfs",
    ],
)
def test_sql_of_the_pages_reaches_nothing_else(statement: str, tmp_path: Path) -> None:
    path = tmp_path / "yusuan.duckdb"
    _generation(path, 1)
    store = Store(path)
    with pytest.raises((duckdb.Error, NoWarehouse)):
        store.rows(statement)
    assert store.rows("select count(*) as n from generation") == [{"n": 1000}]
    store.close()


def test_missing_and_unreadable_files(tmp_path: Path) -> None:
    store = Store(tmp_path / "yusuan.duckdb")
    with pytest.raises(NoWarehouse, match="missing"):
        store.rows("select 1")
    store.path.write_bytes(b"this is no warehouse")
    with pytest.raises(NoWarehouse, match="unreadable"):
        store.rows("select 1")
    _generation(store.path, 1)
    assert store.rows("select min(no) as no from generation") == [{"no": 1}]
    with pytest.raises(NoWarehouse, match="outdated"):
        store.rows("select * from reports.rpt_unit")
    store.close()


def test_pages_read_only_reports_and_quality() -> None:
    """meta.publication, for the status page, is the one exception; only data.py and the store hold SQL."""
    named: set[str] = set()
    for path in DASHBOARD:
        code = path.read_text(encoding="utf-8")
        found = set(re.findall(r"\b(?:from|join)\s+([a-z_]+)\.([a-z_]+)", code))
        tables = {(schema, table) for schema, table in found if schema not in ("dashboard", "collections", "urllib")}
        if path.name not in ("data.py",):
            assert not {schema for schema, _ in tables} & {"reports", "quality", "marts", "raw", "meta"}, path.name
        else:
            named = {f"{schema}.{table}" for schema, table in tables if schema != "expected"}
        assert not re.search(r"\b(?:raw|staging|intermediate|marts|reference)\.[a-z]+_", code), path.name
    assert named
    assert {name for name in named if not name.startswith(("reports.", "quality."))} == {"meta.publication"}


def test_nothing_trusts_the_text_of_documents() -> None:
    for path in DASHBOARD:
        code = path.read_text(encoding="utf-8")
        assert "unsafe_allow_html" not in code, path.name
        assert "unsafe_allow_javascript" not in code, path.name


def test_every_text_is_there_in_both_languages() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in DASHBOARD)
    used = set(re.findall(r'\bwords\("([a-z_.\-]+)"', code))
    assert used - set(TEXT) == set()
    assert [name for name, (chinese, english) in TEXT.items() if not chinese or not english] == []
    places = [
        name for name, pair in TEXT.items() if len({frozenset(re.findall(r"\{(\w+)\}", text)) for text in pair}) > 1
    ]
    assert places == []
    # English texts are English.
    mixed = [name for name, (_, text) in TEXT.items() if re.search("[\u4e00-\u9fff]", text) and name != "language"]
    assert mixed == []


def test_every_reason_of_the_reports_has_words() -> None:
    reasons: set[str] = set()
    for path in (ROOT / "models" / "reports").glob("*_yoy.sql"):
        reasons |= set(re.findall(r"then '([a-z]+_[a-z_]+)'", path.read_text(encoding="utf-8")))
    reasons -= {"declared_empty", "zero_base", "fiscal_grant", "three_public", "total_expenditure"}
    assert len(reasons) > 10
    assert {reason for reason in reasons if f"reason.{reason}" not in TEXT} == set()


def test_figures_as_text() -> None:
    assert money(Decimal("123456789.00"), "wan") == "12,345.68"
    assert money(Decimal("123456789.00"), "yi") == "1.2346"
    assert money(Decimal("123456789.00"), "yuan") == "123,456,789.00"
    assert money(Decimal("50.00"), "wan") == "0.01"  # half up, as in the documents
    assert money(None, "wan") == NOTHING
    assert money(Decimal(0), "wan") == "0.00"
    assert money(Decimal("-0.01"), "wan") == "0.00"
    assert money(Decimal("34500"), "wan", sign=True) == "+3.45"
    assert percent(Decimal("-5.797")) == "-5.80%"
    assert percent(None) == NOTHING
    assert plain("<b>*x* $y$") == "\\<b\\>\\*x\\* \\$y\\$"


def test_exports_neutralise_formulas_and_keep_numbers() -> None:
    evil = ["=1+1", "+1+1", "-1-1", "@x", "\tx", "\rx", " =1", "＝1+1", "－x"]
    rows = [[text, Decimal("-1234.5")] for text in evil] + [["正常", None]]
    sheet = Sheet("a/b*[x]", ["=名称", "金额"], rows, [None, 2])
    lines = list(csv.reader(io.StringIO(to_csv(sheet).decode("utf-8-sig"), newline="")))
    assert [line[0] for line in lines] == ["'=名称", *("'" + text for text in evil), "正常"]
    assert lines[1][1] == "-1234.5"
    assert lines[-1][1] == ""
    page = openpyxl.load_workbook(io.BytesIO(to_xlsx([sheet]))).worksheets[0]
    cells = list(page.iter_rows(min_row=2))
    assert all(line[0].data_type == "s" for line in cells)
    assert {line[0].value[0] for line in cells[: len(evil)]} == {"'"}
    assert cells[0][1].value == -1234.5
    assert cells[0][1].data_type == "n"
    assert cells[-1][1].value is None


def test_more_rows_than_a_sheet_holds_go_on_in_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.export.ROWS_A_SHEET", 2)
    for count, sizes in ((0, [0]), (2, [2]), (5, [2, 2, 1])):
        sheet = Sheet("表", ["金额"], ([number] for number in range(count)), [0])
        pages = openpyxl.load_workbook(io.BytesIO(to_xlsx([sheet]))).worksheets
        assert [page.title for page in pages] == ["表", "表 2", "表 3"][: len(sizes)]
        assert [page.max_row - 1 for page in pages] == sizes
        assert {page["A1"].value for page in pages} == {"金额"}
        assert [row[0] for page in pages for row in page.iter_rows(min_row=2, values_only=True)] == list(range(count))


def test_small_amounts_are_written_out() -> None:
    """str() writes 1E-8 for 0.01 元 in 亿元, which people read as another number."""
    lines = to_csv(Sheet("a", ["a"], [[Decimal("0.01") / 100_000_000], [Decimal("0.00") / 10_000]], [4])).decode()
    assert lines.split("\r\n")[1:3] == ["0.0000000001", "0"]


@pytest.mark.parametrize(
    ("printed", "unit", "shown"),
    [
        ("25.09", "万元", "25.09万元"),
        ("95元", "万元", "95元"),
        ("6万", "元", "6万"),
        ("(1,500.50)", "元", "(1,500.50)元"),
        ("83%", "%", "83%"),
        ("优秀", None, "优秀"),
        ("5", None, "5"),
        (None, "万元", None),
    ],
)
def test_a_figure_has_one_unit(printed: str | None, unit: str | None, shown: str | None) -> None:
    assert with_unit(printed, unit) == shown


def test_a_reading_keeps_its_file_until_its_end(tmp_path: Path) -> None:
    """All of a download is of one publication, also where another one comes meanwhile."""
    path = tmp_path / "yusuan.duckdb"
    _generation(path, 1)
    store = Store(path)
    with store.reading() as reading:
        rows = reading.rows("select no from generation")
        assert next(rows) == {"no": 1}
        _generation(path, 2)
        assert {row["no"] for row in rows} == {1}
        assert {row["no"] for row in reading.rows("select no from generation")} == {1}
    assert store.rows("select max(no) as no from generation") == [{"no": 2}]
    store.close()


def _line(year: int, name: str | None, yuan: int | None, **more: object) -> Row:
    row: Row = {
        "fiscal_year": year,
        "form_code": "B_EXPEND",
        "side": None,
        "class_type": "function",
        "class_code": "201",
        "class_name": name,
        "class_level": None if name is None else 1,
        "measure_key": "total",
        "is_total": name is None,
        "is_leaf": True,
        "amount_yuan": None if yuan is None else Decimal(yuan),
        "prior_amount_yuan": None,
        "change_yuan": None,
        "comparability": "comparable",
        "break_reason": None,
    }
    return {**row, **more}


def test_missing_years_and_breaks_are_told_apart_from_zero() -> None:
    rows = [
        _line(2017, "甲", 100),
        _line(2019, "甲", 90, comparability="missing", break_reason="prior_year_not_published"),
        _line(2020, "甲", 0, comparability="break", break_reason="class_merged"),
    ]
    series = analysis.top_classes(rows, "function", ("B_EXPEND",))
    assert series is not None
    assert series.years == [2017, 2018, 2019, 2020]
    assert series.gaps == {2018: "year_not_published"}
    assert series.breaks == {2020: "class_merged"}
    bars = analysis.bars(series, lambda row: str(row["class_name"]), str, Decimal(1), "其他")
    assert [(bar.group, bar.value) for bar in bars] == [("2017", 100.0), ("2019", 90.0), ("2020", 0.0)]


def test_steps_end_at_the_printed_total_and_show_what_is_not_comparable() -> None:
    """110 − 100 = 10: 甲 +4, 乙 −1, and 7 of a class that the year before does not print."""
    rows = [
        _line(2024, "甲", 54, prior_amount_yuan=Decimal(50), change_yuan=Decimal(4)),
        _line(2024, "乙", 49, prior_amount_yuan=Decimal(50), change_yuan=Decimal(-1)),
        _line(2024, "丙", 7, comparability="missing", break_reason="not_in_prior_form"),
    ]
    series = analysis.top_classes(rows, "function", ("B_EXPEND",))
    whole = _line(2024, None, 110, prior_amount_yuan=Decimal(100), change_yuan=Decimal(10))
    assert series is not None
    found = analysis.change(series, whole, 2024, ("2023", "2024", "其他", "不可比部分"), str, str, Decimal(1))
    assert found is not None
    assert [(step.label, step.start, step.end, step.kind) for step in found.steps] == [
        ("2023", 0, 100, "total"),
        ("甲", 100, 104, "up"),
        ("乙", 104, 103, "down"),
        ("不可比部分", 103, 110, "unknown"),
        ("2024", 0, 110, "total"),
    ]
    assert found.left_out == 1
    broken = {**whole, "change_yuan": None}
    assert analysis.change(series, broken, 2024, ("", "", "", ""), str, str, Decimal(1)) is None


def test_places_lead_to_printed_cells(samples_warehouse: Path) -> None:
    """Every fact and finding of the samples names a place that the source page finds."""
    store = Store(samples_warehouse)
    facts = store.rows(
        "select document_id, source_locator as place from reports.rpt_budget_line"
        " union select document_id, source_locator from reports.rpt_three_public"
        " union select document_id, source_locator from reports.rpt_project"
        " union select document_id, source_locator from reports.rpt_project_indicator"
        " union select document_id, locator_a from quality.qc_finding where locator_a is not null"
        " union select document_id, locator_b from quality.qc_finding where locator_b is not null"
    )
    assert len(facts) > 300
    lost = [row for row in facts if data.place(store, row["document_id"], row["place"]) is None]
    assert lost == []
    store.close()


def _report(warehouse: Path, folder: Path, *more: str) -> tuple[int, str]:
    from pipeline.cli import cli

    arguments = ["report", "--warehouse", str(warehouse), "--year", "2024", "--out", str(folder / "r.html"), *more]
    result = CliRunner().invoke(cli, arguments)
    return result.exit_code, result.output


def test_report_is_one_file_with_the_printed_figures(samples_warehouse: Path, tmp_path: Path) -> None:
    """3.25 and 2.85 万元 are printed in the sample of 2024, 3.45 in that of 2023."""
    code, output = _report(samples_warehouse, tmp_path, "--unit", "清溪县文化馆", "--xlsx", str(tmp_path / "r.xlsx"))
    assert code == 0, output
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "示例省清溪县文化馆 2024 年预算与上年对比" in page
    for figure in (">3.25<", ">3.45<", ">2.85<", ">-0.20<"):
        assert figure in page
    assert page.count("<svg") >= 2
    # Nothing of it leads outside: no script, no link, no font or picture of elsewhere.
    assert not re.search(r"<script|<link|<img|@import|url\(|<a ", page)
    addresses = set(re.findall(r"https?://[^\s\"'<]+", page))
    assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    book = openpyxl.load_workbook(tmp_path / "r.xlsx")
    lines = list(book.worksheets[-1].iter_rows(values_only=True))
    amount, item = lines[0].index("金额（万元）"), lines[0].index("项目")
    assert {line[item]: line[amount] for line in lines[1:]}["“三公”经费合计"] == 3.25


def test_report_tells_what_is_wrong(samples_warehouse: Path, tmp_path: Path) -> None:
    for unit, year, message in (
        ("没有的单位", "2024", "no unit"),
        ("示例", "2024", "several units"),
        ("清溪县文化馆", "1999", "no figures"),
    ):
        code, output = _report(samples_warehouse, tmp_path, "--unit", unit, "--year", year)
        assert code == 2
        assert message in output
    code, output = _report(tmp_path / "none.duckdb", tmp_path, "--unit", "甲")
    assert code == 2
    assert "nothing to report from" in output


def test_report_escapes_documents(samples_warehouse: Path, tmp_path: Path) -> None:
    changed = tmp_path / "yusuan.duckdb"
    shutil.copy(samples_warehouse, changed)
    evil = "<script>alert(1)</script>"
    with duckdb.connect(str(changed)) as connection:
        connection.execute("update reports.rpt_budget_yoy set class_name = ? where class_level = 1", [evil])
        connection.execute("update reports.rpt_document set file_name = ?", [evil])
    code, output = _report(changed, tmp_path, "--unit", "清溪县文化馆")
    assert code == 0, output
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_real_series_show_the_reform_as_a_break(wild_warehouse: Path) -> None:
    """Budgets of 2017 to 2019 print economic classes on both sides of the reform of 2018."""
    store = Store(wild_warehouse)
    (unit,) = data.find_unit(store, "江苏省人民检察院")
    rows = data.budget(store, unit["unit_key"], "department", "budget")
    series = analysis.top_classes(rows, "economic_department", analysis.ECONOMIC_FORMS["budget"])
    assert series is not None
    assert series.years == [2017, 2018, 2019]
    assert series.breaks == {2018: "economic_classification_2018"}
    words = Words("zh", data.labels(store))
    assert words.code("reason", series.breaks[2018]) == "2018 年支出经济分类改革"
    assert View(store, words, "wan").unit_name == "万元"
    store.close()
