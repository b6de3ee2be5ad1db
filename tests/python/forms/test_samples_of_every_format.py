"""The samples of an office program, one of each format, read without a warehouse: every labelled fact, none besides.

The facts of `fixtures/samples` come from the figures that the documents were made of (`scripts/office_samples.py`).
"""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from loaders.extract import extract_bytes

from ..support.facts import squash
from ..support.paths import FIXTURES, SAMPLES

if TYPE_CHECKING:
    from loaders.extraction import RawRow

OFFICE = sorted(path for path in SAMPLES.iterdir() if path.suffix not in (".txt", ".md"))
SIDES = {"income": "收入", "expenditure": "支出", None: None}


@cache
def read(path: Path) -> dict[str, list[RawRow]]:
    return extract_bytes(path.read_bytes())


def labelled(path: Path) -> dict[str, Any]:
    truth: dict[str, Any] = json.loads((FIXTURES / "samples" / f"{path.stem}.json").read_text("utf-8"))
    return truth


def last(path: object) -> str | None:
    """The lowest level of a header."""
    return squash(str(path).split("/")[-1])


def test_there_is_a_sample_of_every_format() -> None:
    assert {path.suffix for path in OFFICE} == {".docx", ".html", ".pdf", ".xlsx"}


@pytest.mark.parametrize("path", OFFICE, ids=lambda path: path.suffix)
def test_an_office_program_wrote_it(path: Path) -> None:
    """Neither the writers of the tests nor those of the simulation name themselves LibreOffice."""
    data = path.read_bytes()
    told = {".html": b"LibreOffice", ".pdf": "LibreOffice".encode("utf-16-be").hex().upper().encode()}
    assert told.get(path.suffix, b"docProps/app.xml") in data
    assert len(data) < 110_000


@pytest.mark.parametrize("path", OFFICE, ids=lambda path: path.suffix)
def test_every_amount_of_a_form_stands_in_its_row_and_column(path: Path) -> None:
    raw, truth = read(path), labelled(path)
    titles = {str(form["form_no"]): squash(form["title_printed"]) for form in raw["form"]}
    found = Counter(
        (
            titles[str(row["form_no"])],
            SIDES[squash(row["side"])],
            row["class_code_printed"],
            squash(row["class_name_printed"]),
            last(row["measure_printed"]),
            row["amount_printed"],
        )
        for row in raw["budget_cell"]
    )
    wanted = Counter(
        (squash(x["form"]), x["side"], x["code"], squash(x["name"]), squash(x["measure"]), x["amount"])
        for x in truth["budget_lines"]
    )
    assert len(truth["budget_lines"]) > 150
    assert (wanted - found, found - wanted) == (Counter(), Counter())


@pytest.mark.parametrize("path", OFFICE, ids=lambda path: path.suffix)
def test_every_amount_has_the_measure_of_its_header(path: Path) -> None:
    """A header over two rows or three is understood, not only kept as it is printed."""
    raw = read(path)
    assert [row for row in raw["form_column"] if row["column_code"] is None] == []
    assert [row for row in raw["budget_cell"] if row["measure_code"] is None] == []


@pytest.mark.parametrize("path", OFFICE, ids=lambda path: path.suffix)
def test_three_public_expenses_are_as_labelled(path: Path) -> None:
    found = Counter((squash(row["item_printed"]), row["amount_printed"]) for row in read(path)["three_public_cell"])
    assert found == Counter((squash(x["item"]), x["amount"]) for x in labelled(path)["three_public"])


@pytest.mark.parametrize("path", OFFICE, ids=lambda path: path.suffix)
def test_the_project_is_as_labelled(path: Path) -> None:
    raw = read(path)
    (project,), (wanted,) = raw["project"], labelled(path)["projects"]
    printed = ("project_code_printed", "project_name_printed", "budget_printed", "fiscal_printed", "other_printed")
    keys = ("code", "name", "budget", "fiscal", "other")
    assert [squash(project[column]) for column in printed] == [squash(wanted[key]) for key in keys]
    assert squash(project["purpose_printed"]) == squash(wanted["purpose"])
    goals = "".join(str(row["goal_printed"]) for row in raw["project_goal"])
    assert squash(goals) == squash("".join(wanted["goals"]))
    plan = {re.sub(r"\D", "", str(row["month_printed"])).zfill(2): row["plan_printed"] for row in raw["project_plan"]}
    assert plan == wanted["plan"]


@pytest.mark.parametrize("path", OFFICE, ids=lambda path: path.suffix)
def test_indicators_are_as_labelled(path: Path) -> None:
    columns = ("level1_printed", "level2_printed", "level3_printed", "description_printed", "target_printed",
               "basis_printed")  # fmt: skip
    keys = ("level1", "level2", "level3", "description", "target", "basis")
    found: list[list[str | None]] = []
    for row in read(path)["project_indicator"]:
        values = [squash(row[column]) for column in columns]
        found.append([values[0] or found[-1][0], *values[1:]])  # a merged level stands in its first row
    assert found == [[squash(x[key]) for key in keys] for x in labelled(path)["indicators"]]


@pytest.mark.parametrize("path", OFFICE, ids=lambda path: path.suffix)
def test_figures_of_prose_are_as_labelled(path: Path) -> None:
    rows = read(path)["narrative_figure"]
    found = Counter((row["amount_printed"], row["change_printed"], row["compared_with_year_printed"]) for row in rows)
    wanted = Counter(
        (x["amount"], x["delta"].lstrip("-") if x["delta"] else None, x["versus_year"])
        for x in labelled(path)["narrative"]
    )
    assert found == wanted


@pytest.mark.parametrize("path", OFFICE, ids=lambda path: path.suffix)
def test_every_cell_is_claimed_and_the_document_is_known(path: Path) -> None:
    raw, truth = read(path), labelled(path)["document"]
    assert [row["text"] for row in raw["cell"] if row["claimed_as"] is None] == []
    assert raw.get("load_notice", []) == []
    (document,) = raw["document"]
    assert squash(document["publisher_printed"]) == truth["publisher"]
    assert document["fiscal_year_printed"] == truth["fiscal_year"]
    assert (document["document_kind"], document["report_scope"]) == ("budget", "unit")
    empty = [(squash(row["title_printed"]), row["note_printed"]) for row in raw["form"] if row["is_declared_empty"]]
    assert empty == [(squash(x["form"]), x["note"]) for x in labelled(path)["empty_forms"]]
