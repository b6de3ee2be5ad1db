"""One more province by declaration only: the forms of Gansu, read cell by cell.

The document and its expected facts (fixtures/documents) were written by hand, unit and figures are made up.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from loaders.extract import extract, extract_bytes
from loaders.forms import FOLDER, catalogue, read_catalogue
from loaders.readers import read_bytes

if TYPE_CHECKING:
    from loaders.extraction import RawRow

DOCUMENTS = Path(__file__).parents[1] / "fixtures" / "documents"
PAGE = (DOCUMENTS / "budget-2024-gansu-style.html").read_bytes()
EXPECTED: dict[str, Any] = json.loads((DOCUMENTS / "budget-2024-gansu-style.json").read_text("utf-8"))
AMOUNTS = 154  # of the grid forms, counted in the page

# Place, code of the column, side, code and name of the row, amount.
Amount = tuple[str, str, str | None, str | None, str | None, str]


@pytest.fixture(scope="module")
def tables() -> dict[str, list[RawRow]]:
    return extract_bytes(PAGE)


def expected_amounts(form: dict[str, Any]) -> set[Amount]:
    """Rows are [row, class code, name, amounts], or [row, {column: [code, name, amount]}] where two lists stand side by
    side."""
    found: set[Amount] = set()
    for row in form["rows"]:
        if isinstance(row[1], dict):
            cells = [(column, code, name, amount) for column, (code, name, amount) in row[1].items()]
        else:
            cells = [(column, row[1], row[2], amount) for column, amount in zip(form["columns"], row[3], strict=True)]
        for column, code, name, amount in cells:
            if amount is not None:
                *side, measure = form["columns"][column].split()
                place = f"table {form['table']} R{row[0]}C{column}"
                found.add((place, measure, side[0] if side else None, code, name, amount))
    return found


def text_of(value: object) -> str | None:
    return None if value is None else str(value)


def read_amounts(tables: dict[str, list[RawRow]], form_no: int) -> list[Amount]:
    lines: list[Amount] = [
        (
            str(row["source_locator"]),
            str(row["measure_code"]),
            text_of(row["side"]),
            text_of(row["class_code_printed"]),
            text_of(row["class_name_printed"]),
            str(row["amount_printed"]),
        )
        for row in tables["budget_cell"]
        if row["form_no"] == form_no
    ]
    items: list[Amount] = [
        (str(row["source_locator"]), str(row["item_code"]), None, None, None, str(row["amount_printed"]))
        for row in tables["three_public_cell"]
        if row["form_no"] == form_no
    ]
    return [*lines, *items]


def test_the_document_says_what_it_is(tables: dict[str, list[RawRow]]) -> None:
    assert {key: tables["document"][0][key] for key in EXPECTED["document"]} == EXPECTED["document"]


def test_every_form_is_recognised_by_title_and_columns(tables: dict[str, list[RawRow]]) -> None:
    read = [(row["form_code"], row["title_printed"], row["recognised_by"]) for row in tables["form"]]
    assert read == [(form["form_code"], form["title"], "title+columns") for form in EXPECTED["forms"]]
    assert {row["amount_unit_printed"] for row in tables["form"]} == {"万元"}
    assert [row["header_printed"] for row in tables["form_column"] if row["column_code"] is None] == []


@pytest.mark.parametrize("form_no", range(1, 13))
def test_every_amount_stands_in_its_cell(tables: dict[str, list[RawRow]], form_no: int) -> None:
    form = EXPECTED["forms"][form_no - 1]
    read = read_amounts(tables, form_no)
    assert set(read) == expected_amounts(form)
    assert len(read) == len(set(read))
    assert tables["form"][form_no - 1]["is_declared_empty"] == ("empty" in form)
    assert tables["form"][form_no - 1]["note_printed"] == form.get("empty")


def test_no_amount_is_left_out(tables: dict[str, list[RawRow]]) -> None:
    assert sum(len(expected_amounts(form)) for form in EXPECTED["forms"]) == AMOUNTS
    assert len(tables["budget_cell"]) + len(tables["three_public_cell"]) == AMOUNTS


def test_the_project_target(tables: dict[str, list[RawRow]]) -> None:
    (project,) = tables["project"]
    assert {key: project[key] for key in EXPECTED["project"]} == EXPECTED["project"]
    assert [row["goal_printed"] for row in tables["project_goal"]] == [EXPECTED["goal"]]
    keys = ("level1_printed", "level2_printed", "level3_printed", "target_printed")
    read = [[row.get(key) for key in keys] for row in tables["project_indicator"] if row["form_no"] == 13]
    assert read == EXPECTED["indicators"]


def test_the_targets_of_the_whole_department(tables: dict[str, list[RawRow]]) -> None:
    """It is no project and does not become one; its indicators stand beside those of projects under its own form."""
    expected = EXPECTED["department"]
    assert [row["form_code"] for row in tables["form"] if row["form_no"] == 14] == ["P_DEPARTMENT"]
    keys = ("task", "content", "budget", "fiscal", "other")
    assert [
        [*(row.get(f"{key}_printed") for key in keys), row["is_total"], row["budget_locator"]]
        for row in tables["department_task"]
    ] == expected["tasks"]
    assert {row["measure_printed"] for row in tables["department_task"]} == {expected["measure"]}
    (goal,) = tables["department_goal"]
    assert [goal["section_printed"], goal["goal_printed"], goal["source_locator"]] == expected["goal"]
    (name,) = tables["department_value"]
    assert (name["value_code"], name["value_printed"]) == ("department", "示例省河湾县文化和旅游局")
    levels = ("level1_printed", "level2_printed", "level3_printed", "target_printed")
    read = [[row.get(key) for key in levels] for row in tables["project_indicator"] if row["form_no"] == 14]
    assert read == expected["indicators"]


def test_what_no_reader_knows_is_listed(tables: dict[str, list[RawRow]]) -> None:
    assert [row["text"] for row in tables["cell"] if row["claimed_as"] is None] == EXPECTED["unclaimed"]


def test_it_is_the_declarations_that_read_it(tmp_path: Path) -> None:
    """Without the files of the province its own layouts are not recognised; the forms of national layout are."""
    folder = tmp_path / "forms"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("*_gansu.yml", "*.py", "__pycache__"))
    tables = extract(read_bytes(PAGE), forms=read_catalogue(folder))
    without = {row["form_code"] for row in tables["form"] if row["recognised_by"] == "title+columns"}
    national = {"B_TOTAL", "B_EXPEND", "B_FISCAL", "B_GPB_FUNC", "B_GPB_BASIC", "B_3P", "B_GOVFUND", "B_STATECAP"}
    assert without == national


@pytest.mark.parametrize(
    ("title", "form_code"),
    [
        ("表2 单位收入总体情况表", "B_INCOME"),
        ("收入预算总体情况表", "B_INCOME"),
        ("财政拨款支出总体情况表", "B_FISCAL_FUNC"),
        ("部门财政拨款支出预算表", "B_FISCAL_FUNC"),
        ("“三公”经费和会议费、培训费支出预算表", "B_3P"),
        ("三公经费、会议费、培训费支出情况表", "B_3P"),
        ("一般公共预算机关运行经费表", "B_ORGRUN"),
        ("机关运行经费支出情况表", "B_ORGRUN"),
        ("管理转移支付情况表", "B_TRANSFER"),
        ("部门管理的专项转移支付预算表", "B_TRANSFER"),
        ("部门预算项目支出绩效目标表", "P_TARGET"),
    ],
)
def test_title_variants(title: str, form_code: str) -> None:
    assert form_code in {form.form_code for form in catalogue().titled(title)}


@pytest.mark.parametrize("title", ["机关运行经费情况说明", "部门整体支出情况表", "会议费、培训费支出情况表"])
def test_titles_of_other_things_are_no_titles(title: str) -> None:
    assert catalogue().titled(title) == []


@pytest.mark.parametrize("form_no", [5, 11])
def test_forms_of_other_money_are_never_told_by_their_columns_alone(form_no: int) -> None:
    """All fiscal funds, the general budget and transfers print the same columns: under a title that nobody declared
    their figures are listed, not guessed."""
    page = PAGE
    for old, new in (
        (f"<h3>{EXPECTED['forms'][form_no - 1]['title']}</h3>", "<h3>各类资金用途一览</h3>"),
        ('<td colspan="4">转移支付</td>', '<td colspan="4">支出</td>'),  # a header that says 转移支付 is a title itself
    ):
        assert page.count(old.encode()) == 1
        page = page.replace(old.encode(), new.encode())
    tables = extract_bytes(page)
    codes = [row["form_code"] for row in tables["form"]]
    assert codes == [form["form_code"] for form in EXPECTED["forms"] if form["table"] != form_no]


def test_the_title_tells_the_general_budget_from_all_fiscal_funds() -> None:
    """The same table under the other title is the other form, with all its amounts."""
    tables = extract_bytes(PAGE.replace("五、财政拨款支出表".encode(), "五、一般公共预算支出情况表".encode()))
    assert tables["form"][4]["form_code"] == "B_GPB_FUNC"
    assert len(read_amounts(tables, 5)) == len(expected_amounts(EXPECTED["forms"][4])) == 25
