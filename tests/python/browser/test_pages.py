"""The pages in a real browser: every number read off a page is compared with SQL or with the printed document."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from ..support.pages import PAGES, UNIT, Pages, drawn, needs_chromium, tables, tile
from ..support.paths import ROOT

if TYPE_CHECKING:
    import duckdb

pytestmark = needs_chromium


def at(name: str) -> Callable[[str], bool]:
    """True of the address of a page."""
    path = "/" if name == "overview" else f"/{name}"
    return lambda url: urlsplit(url).path == path


def test_every_page_by_clicking_in_both_languages(pages: Pages, page: Page) -> None:
    """The navigation leads to all eight pages; none fails; the language and the unit of account stay."""
    pages.open(page)
    for side, language in enumerate(("中文", "English")):
        page.get_by_role("radio", name=language).click()
        drawn(page, PAGES["overview"][side])
        for name, heads in PAGES.items():
            page.locator("[data-testid=stSidebarNav]").get_by_role("link", name=heads[side], exact=True).click()
            page.wait_for_url(at(name))
            drawn(page, heads[side])
            assert parse_qs(urlsplit(page.url).query).get("lang", ["zh"]) == [("zh", "en")[side]]
            assert page.locator("[data-testid=stException], [data-testid=stAlertContentError]").count() == 0
        page.locator("[data-testid=stSidebarNav]").get_by_role("link", name=PAGES["overview"][side], exact=True).click()
        page.wait_for_url(lambda url: urlsplit(url).path == "/")
        drawn(page, PAGES["overview"][side])


def test_overview_counts_and_grid(pages: Pages, page: Page) -> None:
    pages.open(page)
    assert tile(page, "文件") == str(pages.sql("select count(*) from reports.rpt_document")[0][0])
    assert tile(page, "矛盾") == str(
        pages.sql("select count(*) from quality.qc_finding where outcome = 'contradiction'")[0][0]
    )
    row = page.locator(".grid tr", has=page.get_by_role("link", name=UNIT))
    years = page.locator(".grid thead th").all_inner_texts()
    cells = dict(zip(years[1:], row.locator("td").all_inner_texts(), strict=True))
    # Two budgets and a final account of this unit, by the titles that the samples print.
    assert {year: text for year, text in cells.items() if text} == {"2023": "预决", "2024": "预"}


def test_three_public_figures_as_printed_and_followed_to_their_source(pages: Pages, page: Page) -> None:
    """3.45 and 3.25 万元 stand on line 772 of the two samples (README); the link leads to the very cell."""
    pages.open(page, "three-public", unit=pages.unit_key())
    rows = {(row["年度"], row["项目"]): row for row in tables(page)[0] if row.get("项目")}
    assert Decimal(rows["2023", "“三公”经费合计"]["金额（万元）"]) == Decimal("3.45")
    assert Decimal(rows["2024", "“三公”经费合计"]["金额（万元）"]) == Decimal("3.25")
    assert Decimal(rows["2024", "公务用车"]["金额（万元）"]) == Decimal("2.85")
    assert Decimal(rows["2024", "公务接待"]["增减额（万元）"]) == Decimal("-0.05")
    document, place = pages.sql(
        "select document_id, source_locator from reports.rpt_three_public"
        " where unit_key = ? and fiscal_year = 2024 and item_code = 'total' and fund_code = 'total'",
        pages.unit_key(),
    )[0]
    source = _click_first_source(page, rows)
    drawn(source, "出处")
    assert parse_qs(urlsplit(source.url).query)["at"][0].startswith("line ")
    pages.open(source, "source", doc=document, at=place)
    assert place == "line 772"
    assert source.locator(".printed td.own").inner_text() == "3.25"
    assert source.locator(".printed tr.own td").all_inner_texts()[1] == "“三公”经费小计"
    assert source.locator(".figure").inner_text() == "3.25"
    expect(source.get_by_text("budget-2024-culture-centre.txt").first).to_be_visible()


def test_three_public_against_budget_and_peers(pages: Pages, page: Page) -> None:
    """The final account of 2023 prints 3.21 beside the budget of 3.45; in 2024 another culture centre budgets 4.10."""
    pages.open(page, "three-public", unit=pages.unit_key())
    found = {row["项目"]: row for row in tables(page)[1] if row.get("年度") == "2023"}
    assert Decimal(found["“三公”经费合计"]["预算（万元）"]) == Decimal("3.45")
    assert Decimal(found["“三公”经费合计"]["决算（万元）"]) == Decimal("3.21")
    peers = {row["单位"]: row for row in tables(page)[2] if row.get("单位")}
    assert {name: row["名次"] for name, row in peers.items()} == {"示例省柳湾县文化馆": "1", UNIT: "2"}
    assert Decimal(peers["示例省柳湾县文化馆"]["金额（万元）"]) == Decimal("4.10")


def _click_first_source(page: Page, rows: dict[tuple[str, str], dict[str, str]]) -> Page:
    """Click along the first row of the first table until a link opens its page in a new window."""
    frame = page.locator("[data-testid=stDataFrame]").first
    frame.scroll_into_view_if_needed()
    box = frame.bounding_box()
    assert box is not None
    before = len(page.context.pages)
    for across in range(60, int(box["width"]), 25):
        page.mouse.click(box["x"] + across, box["y"] + 52)
        page.wait_for_timeout(60)
        if len(page.context.pages) > before:
            return page.context.pages[-1]
    raise AssertionError(f"no link in the first row of {rows}")


def test_unit_totals_in_every_unit_of_account(pages: Pages, page: Page) -> None:
    key = pages.unit_key()
    total, change = pages.sql(
        "select amount_yuan, change_yuan from reports.rpt_budget_yoy where unit_key = ? and fiscal_year = 2024"
        " and form_code = 'B_EXPEND' and measure_key = 'total' and is_total",
        key,
    )[0]
    pages.open(page, "unit", unit=key)
    assert Decimal(tile(page, "支出合计（万元）").replace(",", "")) == round(total / 10_000, 2)
    expect(page.get_by_text(f"较上年 {change / 10_000:+,.2f}").first).to_be_visible()
    page.get_by_role("radio", name="元", exact=True).click()
    drawn(page)
    assert Decimal(tile(page, "支出合计（元）").replace(",", "")) == total
    assert "money=yuan" in page.url
    page.get_by_role("radio", name="亿元", exact=True).click()
    drawn(page)
    assert Decimal(tile(page, "支出合计（亿元）").replace(",", "")) == round(total / 100_000_000, 4)
    # The address is all it takes to see the same: here with every choice in it.
    address = page.get_by_role("link", name="本页地址").get_attribute("href")
    assert address is not None
    assert {"unit": [key], "money": ["yi"], "year": ["2024"]}.items() <= parse_qs(urlsplit(address).query).items()
    address = f"{pages.address}/{address}"
    page.goto("about:blank")
    page.goto(address)
    drawn(page, "单位")
    assert Decimal(tile(page, "支出合计（亿元）").replace(",", "")) == round(total / 100_000_000, 4)
    assert page.locator("[data-testid=stVegaLiteChart] svg, [data-testid=stVegaLiteChart] canvas").count() >= 4


def test_tables_of_lines_equal_sql_and_what_is_downloaded(pages: Pages, page: Page, tmp_path: Path) -> None:
    """The Excel file has every row of the table, as numbers; CSV has the same."""
    key = pages.unit_key()
    expected = pages.sql(
        "select amount_yuan / 10000 from reports.rpt_budget_yoy where unit_key = ? and fiscal_year = 2024", key
    )
    pages.open(page, "unit", unit=key, year="2024")
    with page.expect_download() as excel:
        page.locator("[data-testid=stDownloadButton] button", has_text="下载 Excel").last.click()
    path = tmp_path / excel.value.suggested_filename
    excel.value.save_as(path)
    lines = list(openpyxl.load_workbook(path).worksheets[0].iter_rows(values_only=True))
    amount = lines[0].index("金额（万元）")
    found = sorted(float(str(line[amount])) for line in lines[1:] if line[amount] is not None)
    assert found == pytest.approx(sorted(float(value) for (value,) in expected if value is not None))
    assert len(lines) - 1 == len(expected)
    with page.expect_download() as csv:
        page.locator("[data-testid=stDownloadButton] button", has_text="下载 CSV").last.click()
    text = Path(csv.value.path()).read_bytes()
    assert text.startswith(b"\xef\xbb\xbf")
    assert text.decode("utf-8-sig").count("\r\n") == len(lines)


def test_projects_search_and_one_project(pages: Pages, page: Page) -> None:
    name, series = pages.sql(
        "select min(project_name), series_key from reports.rpt_project where unit_name = ?"
        " group by series_key having count(distinct fiscal_year) = 2 order by 1 limit 1",
        UNIT,
    )[0]
    budgets = dict(pages.sql("select fiscal_year, budget_yuan from reports.rpt_project where series_key = ?", series))
    pages.open(page, "projects")
    page.get_by_label("搜索名称、编码或用途").fill(name)
    page.keyboard.press("Enter")
    found = pages.sql(
        "select count(*) from reports.rpt_project where contains(project_name || coalesce(project_text, ''), ?)", name
    )[0][0]
    expect(page.get_by_text(f"共 {found} 行").first).to_be_visible()
    drawn(page)
    assert "q=" in page.url
    assert name in {row["项目"] for row in tables(page)[0]}
    pages.open(page, "projects", project=series)
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    money = tables(page)[1]
    shown = {int(row["年度"]): Decimal(row["金额（万元）"]) for row in money if row.get("数据栏") == "预算数"}
    assert shown == {year: amount / 10_000 for year, amount in budgets.items()}
    plan = pages.sql("select count(*) from reports.rpt_project_plan where series_key = ?", series)[0][0]
    assert len([row for row in tables(page)[2] if row.get("月份")]) == min(plan, 8)


def test_compare_two_years_on_one_scale(pages: Pages, page: Page) -> None:
    key = pages.unit_key()
    totals = dict(
        pages.sql(
            "select fiscal_year, amount_yuan from reports.rpt_budget_line where unit_key = ?"
            " and form_code = 'B_EXPEND' and measure_key = 'total' and is_total",
            key,
        )
    )
    pages.open(page, "compare", a=key, b=key)
    first = tables(page)[0][0]
    assert first["名称"] == "合计"
    assert Decimal(first["甲 2023（万元）"]) == totals[2023] / 10_000
    assert Decimal(first["乙 2024（万元）"]) == totals[2024] / 10_000
    assert Decimal(first["差额（乙−甲）（万元）"]) == (totals[2024] - totals[2023]) / 10_000
    where = [row["出现"] for row in tables(page)[0] if row.get("出现")]
    assert where == sorted(where, key=["两边都有", "仅甲", "仅乙"].index)


def test_findings_hide_rounding_until_asked(pages: Pages, page: Page) -> None:
    counts = dict(pages.sql("select outcome, count(*) from quality.qc_finding group by outcome"))
    assert counts.get("rounding", 0) > 0, "the samples have no rounding difference to hide"
    pages.open(page, "findings")
    expect(page.get_by_text(f"共 {counts['contradiction']} 行")).to_be_visible()
    page.locator("[data-testid=stCheckbox]", has_text="显示四舍五入差异").locator("label").click()
    expect(page.get_by_text(f"共 {counts['contradiction'] + counts['rounding']} 行")).to_be_visible()
    drawn(page)
    assert "rounding=1" in page.url
    pages.open(page, "findings", q="", severity="error")
    errors = pages.sql(
        "select count(*) from quality.qc_finding where outcome = 'contradiction' and severity = 'error'"
    )[0][0]
    expect(page.get_by_text(f"共 {errors} 行")).to_be_visible()


def test_status_shows_the_publication(pages: Pages, page: Page) -> None:
    run = pages.sql("select run_id from meta.publication")[0][0]
    pages.open(page, "status")
    expect(page.locator(".printed").get_by_role("cell", name=run)).to_be_visible()


def test_navigation_by_keyboard(pages: Pages, page: Page) -> None:
    """Tab reaches the navigation and Enter follows a link."""
    pages.open(page)
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.getAttribute('href')") and "status" in page.evaluate(
            "document.activeElement.href"
        ):
            break
    else:
        raise AssertionError("the link to the status page is not reached by Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/status*")
    drawn(page, "运行状态")


@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_is_wider_than_the_screen(pages: Pages, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    for name in PAGES:
        pages.open(page, "" if name == "overview" else name)
        over = page.evaluate(
            "(() => {const m = document.querySelector('[data-testid=stMain]'); return m.scrollWidth - m.clientWidth})()"
        )
        assert over <= 1, name


def test_documents_are_found_by_name_or_unit(pages: Pages, page: Page) -> None:
    """The search narrows the list; the document that is shown stays on offer, and another may be chosen."""
    shown, other = "budget-2024-culture-centre.txt", "final-2023-culture-centre.txt"
    (document,) = pages.sql("select document_id from reports.rpt_document where file_name = ?", shown)[0]
    pages.open(page, "source", doc=document, name="FINAL-")
    box = page.get_by_role("combobox", name="文件", exact=True)
    box.click()
    options = page.get_by_role("option").all_inner_texts()
    assert options[1:] == [f"{shown}（{UNIT}）", f"{other}（{UNIT}）"]
    page.get_by_role("option", name=other).click()
    page.wait_for_url(lambda url: document not in url)
    drawn(page)
    expect(page.get_by_text(other).first).to_be_visible()
    (chosen,) = pages.sql("select document_id from reports.rpt_document where file_name = ?", other)[0]
    assert parse_qs(urlsplit(page.url).query)["doc"] == [chosen]


def test_text_of_documents_is_never_markup(
    pages: Pages, page: Page, shown_file: Callable[[Callable[[duckdb.DuckDBPyConnection], None]], None]
) -> None:
    """A project, a unit, a file and a cell named like HTML, Markdown or a formula are shown as these letters."""
    evil = "<script>window.broken=1</script><img src=x onerror=window.broken=1>**粗** [链](http://example.invalid) $x$"
    series, document, place = pages.sql(
        "select series_key, document_id, source_locator from reports.rpt_project where unit_name = ? limit 1", UNIT
    )[0]

    def spoil(connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute("update reports.rpt_project set project_name = ? where series_key = ?", [evil, series])
        connection.execute("update reports.rpt_document set file_name = ?, title = ?", [evil, evil])
        connection.execute("update quality.qc_source_cell set cell_text = ? where source_locator = ?", [evil, place])
        for table in ("rpt_unit", "rpt_disclosure"):
            connection.execute(f"update reports.{table} set unit_name = ? where unit_name = ?", [evil, UNIT])

    shown_file(spoil)
    pages.open(page, "projects", project=series)
    heading = page.get_by_role("heading", level=2).first
    expect(heading).to_have_text(evil)
    pages.open(page, "source", doc=document, at=place)
    assert evil in page.locator(".printed").inner_text()
    assert page.locator(".figure").inner_text() == evil
    for name in ("", "unit", "three-public", "status", "findings"):
        pages.open(page, name)
        assert page.evaluate("window.broken") is None, name
        assert page.locator("img[src=x]").count() == 0, name
        assert page.locator("a[href*='example.invalid']").count() == 0, name


def test_empty_and_missing_files_and_a_new_publication(
    pages: Pages, page: Page, shown_file: Callable[[Callable[[duckdb.DuckDBPyConnection], None]], None]
) -> None:
    """An empty warehouse says so; without a file the pages wait; a file published then appears without a reload."""

    def empty(connection: duckdb.DuckDBPyConnection) -> None:
        found = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where schema_name in ('reports', 'quality')"
            " and table_name <> 'rpt_label'"
        ).fetchall()
        for (table,) in found:
            connection.execute(f"delete from {table}")

    shown_file(empty)
    for name, heads in PAGES.items():
        pages.open(page, "" if name == "overview" else name)
        if name != "status":
            expect(page.get_by_text("数据仓库是空的")).to_be_visible()
        assert page.locator("h1").inner_text() == heads[0]
    pages.file.unlink()
    pages.open(page)
    expect(page.get_by_text("还没有已发布的数据")).to_be_visible()
    pages.file.write_bytes(b"this is no warehouse")
    pages.open(page)
    expect(page.get_by_text("数据文件打不开")).to_be_visible()
    # A publication: the page that is open shows it by itself.
    pages.publish(pages.good)
    documents = str(pages.sql("select count(*) from reports.rpt_document")[0][0])
    expect(page.locator("[data-testid=stMetricValue]").first).to_have_text(documents)

    def one_more(connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute(
            "insert into reports.rpt_document select * replace (repeat('0', 64) as document_id)"
            " from reports.rpt_document limit 1"
        )

    shown_file(one_more)
    expect(page.locator("[data-testid=stMetricValue]").first).to_have_text(str(int(documents) + 1))


def test_file_of_an_earlier_version_is_told(
    pages: Pages, page: Page, shown_file: Callable[[Callable[[duckdb.DuckDBPyConnection], None]], None]
) -> None:
    def without_projects(connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute("drop table reports.rpt_project")

    shown_file(without_projects)
    pages.open(page, "projects")
    expect(page.get_by_text("数据文件缺少页面所需的表")).to_be_visible()


def test_settings_keep_the_pages_on_this_machine() -> None:
    text = (ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    for line in ('address = "127.0.0.1"', "gatherUsageStats = false", "headless = true", 'showErrorDetails = "none"'):
        assert line in text
    assert not re.search(r"https?://", text)
