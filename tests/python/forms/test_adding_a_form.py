"""The worked example of docs/adding-a-form.md: a new layout of a known form is one YAML file."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from loaders.extract import extract
from loaders.forms import FOLDER, Catalogue, read_catalogue
from loaders.readers import read_bytes

from ..support.paths import ROOT

if TYPE_CHECKING:
    from loaders.extraction import RawRow

PAGE = ROOT / "docs" / "adding-a-form.md"


def example(name: str) -> str:
    """A marked code block of the page."""
    block = re.search(
        rf"<!-- example: {name} -->\n```[a-z]+\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    assert block is not None, f"the page has no example {name}"
    return block[1]


def extracted(forms: Catalogue) -> dict[str, list[RawRow]]:
    return extract(read_bytes(example("document").encode("utf-8")), forms=forms)


@pytest.fixture
def with_the_new_form(tmp_path: Path) -> Catalogue:
    """The declared forms and that of the page."""
    folder = tmp_path / "forms"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    (folder / "evaluation_results.yml").write_text(example("form"), "utf-8")
    return read_catalogue(folder)


def test_without_the_declaration_every_cell_is_listed() -> None:
    tables = extracted(read_catalogue(FOLDER))
    assert "form" not in tables
    assert "evaluation_summary" not in tables
    assert sum(row["claimed_as"] is None for row in tables["cell"]) == 21
    assert tables["document"][0]["private_cell_count"] == 2
    assert {row["notice_code"] for row in tables["load_notice"]} == {"no_form", "unclaimed", "personal_data_dropped"}


def test_the_declaration_alone_makes_it_records(with_the_new_form: Catalogue) -> None:
    tables = extracted(with_the_new_form)
    assert [(row["form_code"], row["recognised_by"]) for row in tables["form"]] == [("E_SUMMARY", "title+columns")]
    columns = ("sequence_printed", "project_name_printed", "unit_printed", "amount_printed", "score_printed")
    assert [tuple(row[column] for column in columns) for row in tables["evaluation_summary"]] == [
        ("1", "健身路径维护", "示例市东湖区体育中心", "42.60", "93"),
        ("2", "游泳馆水质检测", "示例市东湖区体育中心", "8.15", "86"),
    ]
    assert [row["grade_printed"] for row in tables["evaluation_summary"]] == ["优", "良"]


def test_declared_names_are_dropped_and_counted(with_the_new_form: Catalogue) -> None:
    tables = extracted(with_the_new_form)
    assert "某某" in example("document")
    assert not any("某某" in str(value) for rows in tables.values() for row in rows for value in row.values())
    assert tables["document"][0]["private_cell_count"] == 2


def test_the_undeclared_column_is_reported_and_its_text_listed(with_the_new_form: Catalogue) -> None:
    tables = extracted(with_the_new_form)
    assert [row["header_printed"] for row in tables["form_column"] if row["column_code"] is None] == ["备注"]
    assert [row["text"] for row in tables["cell"] if row["claimed_as"] is None] == ["含上年尾款"]
    codes = {row["notice_code"] for row in tables["load_notice"]}
    assert codes == {"unknown_column", "unclaimed", "personal_data_dropped"}
