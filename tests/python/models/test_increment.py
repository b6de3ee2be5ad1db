"""A build adds new documents to the tables of single documents, and gives the rows that a whole build gives."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from loaders.connection import connect
from loaders.inbox import find_documents
from loaders.load import load
from pipeline import increment
from pipeline.build import BuildReport, build
from pipeline.history import create_tables

from ..support.paths import ROOT, SAMPLES
from ..support.warehouses import DOCUMENT, WAREHOUSE, Make, copied, fill_raw

OTHER = "cd" * 32
# Two years of a unit and its final account, and the targets of another unit.
FIRST = [
    SAMPLES / name
    for name in (
        "budget-2023-culture-centre.txt",
        "budget-2024-culture-centre.txt",
        "final-2023-culture-centre.txt",
        "targets-2024-prose-amounts.txt",
    )
]


def new_documents(database: Path) -> list[str]:
    with connect(database) as connection:
        return [row[0] for row in connection.execute("from meta.new_document order by 1").fetchall()]


def change(database: Path, statement: str) -> None:
    with connect(database) as connection:
        connection.execute(statement)


def test_what_the_models_lack_is_added(database: Path) -> None:
    change(database, f"insert into raw.document (document_id, loader_version) values ('{OTHER}', '1')")
    assert increment.begin(database, ROOT) == 1
    assert new_documents(database) == [OTHER]


def test_models_that_were_never_built_are_made_anew(tmp_path: Path) -> None:
    with connect(tmp_path / WAREHOUSE) as connection:
        fill_raw(connection)
    assert increment.begin(tmp_path / WAREHOUSE, ROOT) is None


def test_models_that_were_never_built_to_the_end_are_made_anew(database: Path) -> None:
    change(database, "drop table meta.build")
    assert increment.begin(database, ROOT) is None


def test_a_build_that_does_not_end_leaves_no_mark(database: Path) -> None:
    assert increment.begin(database, ROOT) == 0
    assert increment.begin(database, ROOT) is None


@pytest.mark.parametrize(
    "statement",
    [
        "update raw.document set loader_version = '2'",
        "update raw.document set loaded_at = loaded_at + interval 1 second",
        "update raw.document set loaded_at = null",
        f"delete from raw.document where document_id = '{DOCUMENT}'",
        "update meta.build set built_by = replace(built_by, 'duckdb', 'duckdb 0')",
        "drop table marts.dim_document",
        "delete from meta.build",
    ],
)
def test_anything_but_new_documents_makes_all_tables_anew(database: Path, statement: str) -> None:
    change(database, statement)
    assert increment.begin(database, ROOT) is None


def test_other_code_makes_all_tables_anew(database: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    (project / "models").mkdir(parents=True)
    (project / "models" / "fct_budget_line.sql").write_text("select 1", encoding="utf-8")
    (project / "dbt_project.yml").write_text("name: other", encoding="utf-8")
    assert increment.begin(database, project) is None


@pytest.fixture(scope="session")
def some(made: Callable[[str, Make], Path]) -> Path:
    """A warehouse of the first documents; it is there to be copied."""

    def make(folder: Path) -> None:
        assert loaded_and_built(FIRST, folder / WAREHOUSE).added is None

    return made("first-documents", make) / WAREHOUSE


def test_documents_that_are_added_give_the_rows_of_a_whole_build(some: Path, tmp_path: Path) -> None:
    """Every table of the models, row for row: some documents, then the others, beside all of them at once."""
    documents = find_documents([SAMPLES])
    file = copied(some, tmp_path / "some")
    assert loaded_and_built(documents, file).added == len(documents) - len(FIRST)
    whole = copied(file, tmp_path / "whole")
    change(whole, "drop table meta.build")
    assert build(whole, tmp_path / "target").added is None
    assert different_tables(file, whole) == []


def changed_units(file: Path) -> set[str]:
    with connect(file) as connection:
        rows = connection.execute(
            "select unit_name from meta.dim_changed_unit left join marts.dim_unit using (unit_key)"
        )
        return {row[0] for row in rows.fetchall()}


def test_reports_are_made_anew_for_units_of_which_anything_changed(some: Path, tmp_path: Path) -> None:
    """A document of another unit leaves the rows of a unit alone; a class that is named otherwise does not."""
    file = copied(some, tmp_path)
    documents = [*FIRST, SAMPLES / "budget-2024-second-culture-centre.txt"]
    assert changed_units(file) == set(), "all tables were made anew"
    change(file, "update reports.rpt_budget_line set unit_name = 'as it was'")
    assert loaded_and_built(documents, file).added == 1
    assert changed_units(file) == {"示例省柳湾县文化馆"}
    with connect(file) as connection:
        names = connection.execute("select distinct unit_name from reports.rpt_budget_line order by 1").fetchall()
    assert names == [("as it was",), ("示例省柳湾县文化馆",)]

    change(file, "update marts.dim_function_class set class_name = 'before' where class_code = '2070109'")
    loaded_and_built([*documents, SAMPLES / "budget-2021-archive.docx"], file)
    assert {"示例省清溪县文化馆", "示例省柳湾县文化馆"} <= changed_units(file)
    with connect(file) as connection:
        assert connection.execute("from reports.rpt_budget_line where unit_name = 'as it was'").fetchall() == []


def loaded_and_built(documents: list[Path], file: Path) -> BuildReport:
    load(documents, file)
    with connect(file) as connection:
        create_tables(connection)
    return build(file, file.parent / "target")


def different_tables(one: Path, other: Path) -> list[tuple[Any, ...]]:
    """Tables with the rows that only one of two files has; the pipeline's own notes left out."""
    found = []
    with connect(":memory:") as connection:
        for name, file in (("one", one), ("other", other)):
            connection.execute(f"attach '{file}' as {name} (read_only)")
        tables = [
            row[0]
            for row in connection.execute(
                "select distinct schema_name || '.' || table_name from duckdb_tables()"
                " where database_name in ('one', 'other') and schema_name <> 'meta' order by 1"
            ).fetchall()
        ]
        assert {"marts.fct_budget_line", "quality.qc_finding_all", "reports.rpt_budget_yoy"} <= set(tables)
        for table in tables:
            for left, right in (("one", "other"), ("other", "one")):
                row = connection.execute(
                    f"select count(*), min(t::varchar) from (from {left}.{table} except all from {right}.{table}) as t"
                ).fetchone()
                if row and row[0]:
                    found.append((table, left, *row))
    return found
