"""Every download of every page is opened: it has all rows, under heads that are true of its figures."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import duckdb
import openpyxl
import pytest

from ..support.pages import PAGES, UNIT, Pages, drawn, needs_chromium

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = needs_chromium

MANY = 1010
BUTTONS = {"zh": ("下载 CSV", "下载 Excel"), "en": ("Download CSV", "Download Excel")}
FORMULA = "=1+1"


def fill(connection: duckdb.DuckDBPyConnection) -> None:
    """Of every list that a page cuts more rows than it shows, and a formula among the words of documents."""
    copies = f"cross join range({MANY}) as copy (no)"
    tables = {
        "reports.rpt_project": f"select * replace ('{FORMULA}' as project_name) from reports.rpt_project limit 1",
        "quality.qc_finding": "select * from quality.qc_finding where outcome = 'contradiction' limit 1",
        "reports.rpt_document": "select * from reports.rpt_document limit 1",
        "quality.qc_load_notice": "select * from quality.qc_load_notice limit 1",
    }
    for table, one in tables.items():
        key = {"reports.rpt_document": "document_id"}.get(table)
        new = f"replace (format('{{:064d}}', copy.no) as {key})" if key else ""
        connection.execute(f"insert into {table} select one.* {new} from ({one}) as one {copies}")
    rejected = "quality.qc_rejected_document"
    connection.execute(f"insert into {rejected} (file_name, reason_code, byte_size)"
                       f" select concat('a', no, '.pdf'), 'damaged', no from range({MANY}) as copy (no)")  # fmt: skip
    connection.execute("insert into quality.qc_quarantined_document (file_name, guard, row_count)"
                       f" select concat('b', no, '.pdf'), 'a_guard', no from range({MANY}) as copy (no)")  # fmt: skip
    disclosure = "reports.rpt_disclosure"
    connection.execute(
        f"insert into {disclosure} select one.* replace (concat('u', copy.no) as unit_key, concat('甲', copy.no) as"
        f" unit_name) from (select * from {disclosure} where is_published limit 1) as one {copies}"
    )
    peer, own = "reports.rpt_peer", f"unit_name = '{UNIT}'"
    connection.execute(f"update {peer} set sector = 'x', peer_rank = 1, peer_count = {MANY} + 1 where {own}")
    connection.execute(
        f"insert into {peer} select one.* replace (concat('u', copy.no) as unit_key, copy.no + 2 as peer_rank)"
        f" from (select * from {peer} where {own}) as one {copies}"
    )


def saved(page: Page, button: Locator) -> bytes:
    """The file that a click on a button downloads."""
    with page.expect_download() as download:
        button.click()
    return download.value.path().read_bytes()


def downloads(page: Page, language: str) -> dict[str, tuple[int, list[list[str]], list[tuple[Any, ...]]]]:
    """Name of a table → the rows that the page says it has, its CSV and its Excel file with their heads."""
    # Two buttons a table, and both drawn: they come after the page's end.
    page.wait_for_function(
        "() => 2 * document.querySelectorAll('[data-testid=stDataFrame]').length"
        " === document.querySelectorAll('[data-testid=stDownloadButton] button').length"
    )
    drawn(page)
    found = {}
    csv_buttons, xlsx_buttons = (
        page.locator("[data-testid=stDownloadButton] button", has_text=text) for text in BUTTONS[language]
    )
    captions = [
        text
        for text in page.locator("[data-testid=stCaptionContainer]").all_inner_texts()
        if re.match(r"共 \d+ 行|\d+ rows", text)
    ]
    assert csv_buttons.count() == xlsx_buttons.count() == len(captions)
    for index, caption in enumerate(captions):
        with page.expect_download() as download:
            csv_buttons.nth(index).click()
        text = download.value.path().read_bytes().decode("utf-8-sig")
        lines = list(csv.reader(io.StringIO(text, newline="")))
        book = openpyxl.load_workbook(io.BytesIO(saved(page, xlsx_buttons.nth(index))))
        cells = [row for sheet in book.worksheets for row in sheet.iter_rows(values_only=True)]
        said = re.search(r"\d+", caption)
        assert said is not None
        name = download.value.suggested_filename.removeprefix("yusuan-").removesuffix(".csv")
        found[name] = int(said[0]), lines, cells
    return found


def addresses(pages: Pages) -> dict[str, dict[str, str]]:
    """Every page with what makes it show all of its tables."""
    key = pages.unit_key()
    (series,) = pages.sql(
        "select series_key from reports.rpt_project where unit_key = ? group by series_key"
        " having count(distinct fiscal_year) = 2 order by 1 limit 1",
        key,
    )[0]
    chosen = {
        "unit": {"unit": key},
        "three-public": {"unit": key},
        "projects": {"project": series},
        "compare": {"a": key, "b": key},
    }
    return {name: chosen.get(name, {}) for name in PAGES}


@pytest.fixture
def full(pages: Pages, shown_file: Callable[[Callable[[duckdb.DuckDBPyConnection], None]], None]) -> Pages:
    """The pages on a file that is too long for every list."""
    shown_file(fill)
    return pages


EXPECTED = {
    "overview": {"overview"},
    "unit": {"unit-function", "unit-change", "unit-basic", "unit-funds", "unit-lines"},
    "three-public": {"three-public", "three-public-execution", "three-public-peers"},
    "projects": {"projects", "project-money", "project-indicators", "project-documents"},
    "compare": {"compare"},
    "findings": {"findings"},
    "source": set(),
    "status": {"freshness", "refused", "held", "notices", "documents"},
}
LONG = {"overview", "three-public-peers", "projects", "findings", "refused", "held", "notices", "documents"}


def test_every_download_of_every_page(full: Pages, page: Page) -> None:
    """All rows that the page says there are; heads that differ, name the unit of account, and fit the figures.

    Each page is opened twice, in another language and another unit: the figures differ by the units that the heads say.
    """
    for name, parameters in addresses(full).items():
        address = "" if name == "overview" else name
        full.open(page, address, **parameters)
        chinese = downloads(page, "zh")
        full.open(page, address, lang="en", money="yi", **parameters)
        english = downloads(page, "en")
        assert set(chinese) == set(english) >= EXPECTED[name], name
        for file, (said, lines, cells) in chinese.items():
            again, cells_again = english[file][1:]
            assert len(lines) - 1 == len(cells) - 1 == said, file
            assert len(again) - 1 == len(cells_again) - 1 == said, file
            assert said >= MANY or file not in LONG, file
            for heads, first in ((lines[0], cells[0]), (again[0], cells_again[0])):
                assert list(first) == heads, file
                assert len(set(heads)) == len(heads), file
                assert not [head for head in heads if "yuan" in head or not head], file
            for column, head in enumerate(lines[0]):
                in_unit = head.endswith("（万元）")
                assert in_unit == again[0][column].endswith("（CNY 100m）"), head
                for line, other, cell in zip(lines[1:], again[1:], cells[1:], strict=True):
                    assert bool(line[column]) == bool(other[column]), (file, head)
                    if in_unit and line[column]:
                        assert Decimal(line[column]) == Decimal(other[column]) * 10_000, (file, head)
                        assert cell[column] == pytest.approx(float(line[column])), (file, head)


def test_amounts_of_a_download_are_those_of_the_file(full: Pages, page: Page) -> None:
    full.open(page, "projects")
    said, lines, _ = downloads(page, "zh")["projects"]
    with duckdb.connect(str(full.file), read_only=True) as connection:
        count, total = connection.execute("select count(*), sum(budget_yuan) from reports.rpt_project").fetchall()[0]
    column = lines[0].index("预算数（万元）")
    assert said == count
    assert sum(Decimal(line[column]) for line in lines[1:] if line[column]) * 10_000 == total
    # Words of documents are no formula in it.
    names = [line[lines[0].index("项目")] for line in lines[1:]]
    assert names.count(f"'{FORMULA}") == MANY
    assert not [name for name in names if name.startswith("=")]


def test_a_cut_list_says_so(full: Pages, page: Page) -> None:
    full.open(page, "projects")
    with duckdb.connect(str(full.file), read_only=True) as connection:
        (count,) = connection.execute("select count(*) from reports.rpt_project").fetchall()[0]
    text = f"共 {count} 行，此处显示 1000 行；下载含全部 {count} 行"
    assert page.get_by_text(text).count() == 1


def test_the_corner_of_a_table_exports_nothing(pages: Pages, page: Page) -> None:
    """Neither the list that is cut nor figures under another head leave a page by Streamlit's own way."""
    pages.open(page, "unit", unit=pages.unit_key())
    page.locator("[data-testid=stDataFrame]").first.hover()
    drawn(page)
    names = page.locator("[data-testid=stElementToolbarButton] button").evaluate_all(
        "buttons => buttons.map(button => button.getAttribute('aria-label'))"
    )
    assert [name for name in names if str(name).startswith("Search")], "the corners were not drawn"
    assert [name for name in names if "CSV" in str(name)] == []
