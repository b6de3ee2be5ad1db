"""Nothing is lost in silence: what no declared form claims is listed, cell by cell."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from loaders import forms as declared
from loaders.extract import extract
from loaders.readers import read_bytes

from ..support.paths import ROOT, SAMPLES

if TYPE_CHECKING:
    from loaders.extraction import RawRow

SEEDS = ROOT.parent / "shared" / "corpus" / "seeds"
DOCUMENTS = sorted(SAMPLES.glob("*.txt")) + (sorted(SEEDS.glob("*.txt")) if SEEDS.is_dir() else [])


def cells(path: Path, catalogue: declared.Catalogue | None = None) -> list[RawRow]:
    return extract(read_bytes(path.read_bytes()), catalogue)["cell"]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem[:24])
def test_every_cell_and_line_is_claimed(path: Path) -> None:
    assert [(row["source_locator"], row["text"]) for row in cells(path) if row["claimed_as"] is None] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem[:24])
def test_every_line_of_the_file_is_in_a_cell(path: Path) -> None:
    """Claims cover the file: each line that is not blank lies within a stored cell or paragraph."""
    covered = {line for row in cells(path) for line in range(int(str(row["line_from"])), int(str(row["line_to"])) + 1)}
    lines = path.read_text("utf-8").split("\n")
    missing = [number for number, line in enumerate(lines, start=1) if line.strip() and number not in covered]
    # A line that holds nothing but a field code or a bookmark is layout, not text.
    assert [lines[number - 1] for number in missing if "TC " not in lines[number - 1]] == []


def without(tmp_path: Path, file: str, *codes: str) -> declared.Catalogue:
    """The catalogue without some forms, in whatever file and layout they are declared; `file` declares each of them."""
    folder = tmp_path / "forms"
    shutil.copytree(declared.FOLDER, folder)
    for path in sorted(folder.glob("*.yml")):
        parts = path.read_text("utf-8").split("\n---\n")
        kept = [part for part in parts if not any(f"form_code: {code}\n" in part for code in codes)]
        assert path.name != file or len(kept) < len(parts)
        path.write_text("\n---\n".join(kept), "utf-8")
        if not kept:
            path.unlink()
    return declared.read_catalogue(folder)


# A table whose title nobody knows may be taken for a form by its columns: forms with the same columns go together.
SAME_COLUMNS = {"B_GPB_BASIC": ("F_GPB_BASIC",)}
BUDGET = SAMPLES / "budget-2024-culture-centre.txt"


@pytest.mark.parametrize(
    ("document", "file", "code", "table"),
    [
        (BUDGET, "budget_forms.yml", "B_GPB_BASIC", "budget_cell"),
        (BUDGET, "budget_forms.yml", "B_3P", "three_public_cell"),
        (BUDGET, "lists.yml", "B_ASSET", "asset_line"),
        (BUDGET, "lists.yml", "B_PROC", "procurement_cell"),
        (BUDGET, "project_target.yml", "P_TARGET", "project_indicator"),
        (SAMPLES / "targets-pdf-text.txt", "project_target.yml", "P_TARGET", "project_indicator"),
        (SAMPLES / "self-evaluation-2022-tabbed-rows.txt", "project_evaluation.yml", "E_PROJECT", "evaluation"),
        (SAMPLES / "self-evaluation-2022-tabbed-rows.txt", "lists.yml", "E_SUMMARY", "evaluation_summary"),
    ],
    ids=lambda value: value.stem if isinstance(value, Path) else value,
)
def test_a_form_that_is_not_declared_reappears_as_unclaimed(
    document: Path, file: str, code: str, table: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue = without(tmp_path, file, code, *SAME_COLUMNS.get(code, ()))
    for module in ("loaders.readers.plain_text", "loaders.readers.wrapped", "loaders.extract"):
        monkeypatch.setattr(f"{module}.catalogue", lambda: catalogue)
    rows = extract(read_bytes(document.read_bytes()), catalogue)
    monkeypatch.undo()
    whole = extract(read_bytes(document.read_bytes()))
    facts = [row for row in rows.get(table, []) if row]
    assert len(facts) < len(whole[table])
    unclaimed = [row for row in rows["cell"] if row["claimed_as"] is None]
    lost = len(whole[table]) - len(facts)
    assert len(unclaimed) >= lost, f"{lost} rows of {table} are gone, {len(unclaimed)} cells are listed"
    assert "unclaimed" in {row["notice_code"] for row in rows["load_notice"]}


def test_an_unknown_column_is_reported_and_not_dropped() -> None:
    text = BUDGET.read_text("utf-8").replace("\t经营支出\n", "\t上缴某某支出\n")
    assert text != BUDGET.read_text("utf-8")
    rows = extract(read_bytes(text.replace("\t事业单位经营支出\n", "\t上缴某某支出\n").encode()))
    unknown = [row for row in rows["form_column"] if row["column_code"] is None]
    known = {row["form_code"] for row in rows["form"]}
    # Either the form is read and the column is named, or the form is not recognised and its cells are unclaimed.
    if "B_EXPEND" in known:
        assert [row["header_printed"] for row in unknown] == ["上缴某某支出"]
        assert "unknown_column" in {row["notice_code"] for row in rows["load_notice"]}
    else:
        assert [row for row in rows["cell"] if row["claimed_as"] is None]


def test_cells_are_claimed_by_the_form_they_stand_in() -> None:
    rows = extract(read_bytes(BUDGET.read_bytes()))
    by_place = {row["source_locator"]: row for row in rows["cell"]}
    assert rows["budget_cell"]
    for fact in rows["budget_cell"]:
        cell = by_place[fact["source_locator"]]
        assert (cell["claimed_as"], cell["form_no"]) == ("fact", fact["form_no"])
