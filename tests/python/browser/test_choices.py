"""What is chosen: closed boxes say it in the language of the page, and two units are compared in one year."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from ..support.pages import PAGES, UNIT, Pages, drawn, needs_chromium, tables

if TYPE_CHECKING:
    import duckdb
    from playwright.sync_api import Page

pytestmark = needs_chromium

OTHER = "示例省苇塘县自然资源档案馆"
BOXES = "[data-testid=stSelectbox], [data-testid=stButtonGroup]"


def closed(page: Page) -> list[str]:
    """What every box and row of buttons of a page says without being opened: its label and what is chosen in it."""
    drawn(page)
    said: list[str] = []
    # The code of a box comes after the page's end where a window has not drawn one before.
    for _ in range(50):
        before, said = (
            said,
            [
                str(text)
                for text in page.locator(BOXES).evaluate_all(
                    """boxes => boxes.map(box => [box.innerText, ...[...box.querySelectorAll('input')].map(
                    input => input.checked === false && input.type === 'radio' ? '' : input.value)].join(' | '))"""
                )
            ],
        )
        if said and said == before:
            return said
        page.wait_for_timeout(400)
    raise AssertionError(f"the boxes do not come to rest: {said}")


def afresh(pages: Pages, page: Page) -> list[str]:
    """The same of a new window at the address of this one."""
    context = pages.browser.new_context(viewport=page.viewport_size, locale="zh-CN")
    other = context.new_page()
    other.goto(page.url)
    found = closed(other)
    context.close()
    return found


def key_of(pages: Pages, unit: str) -> str:
    return str(pages.sql("select unit_key from reports.rpt_unit where unit_name = ?", unit)[0][0])


def choose(page: Page, label: str, option: str, place: int = 0) -> None:
    page.get_by_role("combobox", name=label, exact=True).nth(place).click()
    page.get_by_role("option").filter(has_text=option).first.click()
    drawn(page)


@pytest.mark.parametrize("name", PAGES)
def test_closed_boxes_follow_the_language(pages: Pages, page: Page, name: str) -> None:
    """After a change of language, and back, they say what they say in a window that begins with that language."""
    pages.open(page, "" if name == "overview" else name)
    before = closed(page)
    page.get_by_role("radio", name="English").click()
    page.wait_for_url("**lang=en**")
    expect(page.locator("h1")).to_have_text(PAGES[name][1])
    english = closed(page)
    assert english == afresh(pages, page)
    assert [text for text in english[1:] if any(word in text for word in ("全部", "预算", "万元", "单位本级"))] == []
    page.get_by_role("radio", name="中文").click()
    expect(page.locator("h1")).to_have_text(PAGES[name][0])
    assert closed(page) == before


@pytest.mark.parametrize(("name", "place"), [("unit", 0), ("three-public", 0), ("compare", 0), ("compare", 1)])
def test_closed_boxes_follow_the_unit(pages: Pages, page: Page, name: str, place: int) -> None:
    """The years of a scope and phase are those of the unit that is chosen, not of the one before."""
    pages.open(page, name)
    before = closed(page)
    choose(page, "单位", UNIT, place)
    now = closed(page)
    assert now != before
    assert now == afresh(pages, page)
    if name != "three-public":
        years = pages.sql(
            "select min(fiscal_year), max(fiscal_year) from reports.rpt_budget_line"
            " where unit_key = ? and phase = 'budget'", key_of(pages, UNIT)
        )[0]  # fmt: skip
        assert [text for text in now if f"{years[0]}–{years[1]}" in text]


def test_two_units_are_compared_in_one_year(
    pages: Pages, page: Page, shown_file: Callable[[Callable[[duckdb.DuckDBPyConnection], None]], None]
) -> None:
    """Without 2024 of one of them the latest year of both is 2023; of 2024 the page says who has nothing."""
    first, second = key_of(pages, UNIT), key_of(pages, OTHER)

    def without_last_year(connection: duckdb.DuckDBPyConnection) -> None:
        for table in ("rpt_budget_line", "rpt_three_public"):
            connection.execute(f"delete from reports.{table} where unit_key = ? and fiscal_year = 2024", [second])

    shown_file(without_last_year)
    pages.open(page, "compare", a=first, b=second)
    row = tables(page)[0][0]
    for head, key in (("甲 2023（万元）", first), ("乙 2023（万元）", second)):
        (total,) = pages.sql(
            "select amount_yuan from reports.rpt_budget_line where unit_key = ? and fiscal_year = 2023"
            " and form_code = 'B_EXPEND' and measure_key = 'total' and is_total and phase = 'budget'",
            key,
        )[0]
        assert Decimal(row[head].replace(",", "")) == total / 10_000
    years = page.get_by_role("combobox", name="年度（两个单位同一年度）")
    expect(years).to_have_count(1)
    choose(page, "年度（两个单位同一年度）", "2024")
    expect(page.get_by_text("乙在 2024 年没有可比的表")).to_be_visible()
    assert page.locator("[data-testid=stDataFrame]").count() == 0
    assert "year_both=2024" in page.url
    # Back to one unit: a year a side.
    choose(page, "单位", UNIT, 1)
    drawn(page)
    expect(page.get_by_role("combobox", name="年度", exact=True)).to_have_count(2)
    assert "year_both" not in page.url


def test_old_addresses_with_two_years_show_one(pages: Pages, page: Page) -> None:
    first, second = key_of(pages, UNIT), key_of(pages, OTHER)
    pages.open(page, "compare", a=first, b=second, year_a="2023", year_b="2024")
    heads = {
        head for row in tables(page)[0] for head in row if head.startswith(("甲 2", "乙 2")) and "出处" not in head
    }
    assert len({head.split("（")[0].split()[1] for head in heads}) == 1
    assert "year_a" not in page.url
