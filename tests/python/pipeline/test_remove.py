"""A withdrawn publication: every row of it goes, it stays out, and no old copy brings it back."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import stand_in
from click.testing import CliRunner, Result

import pipeline.run
from loaders.connection import connect
from loaders.schema import TABLES
from loaders.seal import seal_anew
from pipeline import history, releases
from pipeline.cli import cli
from pipeline.layout import Warehouse, warehouse_at

from ..support.paths import SAMPLES

NAMES = ("budget-2023-culture-centre.txt", "budget-2024-culture-centre.txt", "note-without-tables.txt")


def yusuan(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs with stand-ins for dbt and the gates."""
    monkeypatch.setattr(pipeline.run, "build", stand_in.build)
    monkeypatch.setattr(pipeline.run, "run_gate", stand_in.evidence)


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    for name in NAMES:
        shutil.copy(SAMPLES / name, folder)
    return folder


@pytest.fixture
def warehouse(tmp_path: Path, inbox: Path, quick: None) -> Warehouse:
    house = warehouse_at(tmp_path / "house" / "yusuan.duckdb")
    assert yusuan("run", inbox, "--warehouse", house.published).exit_code == 0
    return house


def id_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def files(warehouse: Warehouse) -> set[str]:
    with connect(warehouse.published, read_only=True) as connection:
        return {row[0] for row in connection.execute("select file_name from raw.document").fetchall()}


def tables_that_hold(file: Path, document_id: str) -> list[str]:
    """The tables of a file with a row of the document; meta is asked apart."""
    found = []
    with connect(file, read_only=True) as connection:
        columns = connection.execute(
            "select schema_name || '.' || table_name from duckdb_columns()"
            " where column_name = 'document_id' and schema_name <> 'meta' and not internal"
            " and (schema_name, table_name) in (select (schema_name, table_name) from duckdb_tables())"
        ).fetchall()
        for (table,) in columns:
            row = connection.execute(f"select count(*) from {table} where document_id = ?", [document_id]).fetchone()
            if row and row[0]:
                found.append(str(table))
    return found


def test_a_removed_document_is_gone_and_stays_out(warehouse: Warehouse, inbox: Path) -> None:
    at = ("--warehouse", warehouse.published)
    document_id = id_of(inbox / NAMES[0])
    assert len(tables_that_hold(warehouse.published, document_id)) > 5
    result = yusuan("remove", NAMES[0], *at, "--json")
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["removed"] == [document_id]
    assert tables_that_hold(warehouse.published, document_id) == []
    assert files(warehouse) == set(NAMES[1:])
    again = yusuan("run", inbox, *at)
    assert again.exit_code == 0
    assert "nothing changed" in again.stdout
    (inbox / "other.txt").write_text("一段说明文字。\n", "utf-8")
    again = yusuan("run", inbox, *at)
    assert "1 removed before and left out" in again.stdout
    assert files(warehouse) == {*NAMES[1:], "other.txt"}
    assert "removed documents that stay out: 1" in yusuan("status", *at).stdout
    newest = history.runs(warehouse, 10)
    assert [(run.command, run.outcome, run.removed) for run in newest][::-1] == [
        ("run", "published", 0),
        ("remove", "published", 1),
        ("run", "unchanged", 0),
        ("run", "published", 0),
    ]


def test_old_blocks_of_the_file_do_not_hold_it(warehouse: Warehouse) -> None:
    """The file is written anew: a text that only the document has is found in no byte of it."""
    text = "补充文字独此一份甲乙丙丁"
    mark = text.encode()
    (warehouse.published.parent / "mark.txt").write_text(text + "。\n", "utf-8")
    assert yusuan("run", warehouse.published.parent / "mark.txt", "--warehouse", warehouse.published).exit_code == 0
    assert mark in warehouse.published.read_bytes()
    assert yusuan("remove", "mark.txt", "--warehouse", warehouse.published).exit_code == 0
    assert mark not in warehouse.published.read_bytes()
    assert any(mark in release.file.read_bytes() for release in releases.kept(warehouse))
    yusuan("remove", NAMES[0], "--warehouse", warehouse.published, "--purge-releases")
    assert not any(mark in path.read_bytes() for path in warehouse.published.parent.rglob("*.duckdb"))
    assert len(releases.kept(warehouse)) == 1


def test_names_that_say_a_document(warehouse: Warehouse, inbox: Path) -> None:
    at = ("--warehouse", warehouse.published)
    assert yusuan("remove", id_of(inbox / NAMES[0])[:10], *at).exit_code == 0
    assert yusuan("remove", inbox / NAMES[1], *at).exit_code == 0
    assert files(warehouse) == {NAMES[2]}
    nobody = yusuan("remove", "nobody.txt", *at)
    assert (nobody.exit_code, nobody.stderr) == (2, "yusuan: nobody.txt: no document of this warehouse\n")
    amended = inbox / NAMES[2]
    amended.write_text(amended.read_text("utf-8") + "补充。\n", "utf-8")
    assert yusuan("run", amended, *at).exit_code == 0
    both = yusuan("remove", NAMES[2], *at)
    assert both.exit_code == 2
    assert "says several documents" in both.stderr


def test_forget_lets_it_in_again(warehouse: Warehouse, inbox: Path) -> None:
    at = ("--warehouse", warehouse.published)
    assert yusuan("remove", NAMES[0], *at).exit_code == 0
    lifted = yusuan("remove", inbox / NAMES[0], *at, "--forget")
    assert (lifted.exit_code, lifted.stdout) == (0, f"welcome again: {id_of(inbox / NAMES[0])}\n")
    assert yusuan("run", inbox, *at).exit_code == 0
    assert files(warehouse) == set(NAMES)
    assert yusuan("remove", NAMES[1], *at, "--forget").exit_code == 0
    assert files(warehouse) == {NAMES[0], NAMES[2]}
    assert yusuan("run", inbox, *at).exit_code == 0
    assert files(warehouse) == set(NAMES)


def test_a_mark_outlives_rollback_and_a_rollback_does_not_bring_it_back(warehouse: Warehouse, inbox: Path) -> None:
    at = ("--warehouse", warehouse.published)
    (inbox / "other.txt").write_text("一段说明文字。\n", "utf-8")
    assert yusuan("run", inbox, *at).exit_code == 0
    assert yusuan("remove", "other.txt", *at).exit_code == 0
    first = releases.kept(warehouse)[-1].publication.run_id
    refused = yusuan("rollback", *at)
    assert refused.exit_code == 2
    assert "removed since" in refused.stderr
    assert yusuan("rollback", first, *at).exit_code == 0  # made before the document came: it knows no mark itself
    assert yusuan("run", inbox, *at).exit_code == 0
    assert "other.txt" not in files(warehouse)


def test_what_it_superseded_is_current_again(tmp_path: Path, samples_warehouse: Path) -> None:
    """With the real models: the earlier content of the place is the last that is known of it."""
    house = warehouse_at(tmp_path / "house" / "yusuan.duckdb")
    house.published.parent.mkdir()
    shutil.copyfile(samples_warehouse, house.published)
    sample = SAMPLES / NAMES[0]
    with connect(house.published) as connection:
        # as if the place of the sample had held another content before
        old = "00" * 32
        columns = ", ".join(name for name in TABLES["document"] if name != "document_id")
        connection.execute(
            f"insert into raw.document (document_id, {columns})"
            f" select ?, {columns} from raw.document where document_id = ?",
            [old, id_of(sample)],
        )
        connection.execute(
            "insert into raw.document_source select source_key, ?, file_name, seen_at, 0"
            " from raw.document_source where document_id = ?",
            [old, id_of(sample)],
        )
        connection.execute(
            "insert into raw.cell (document_id, block_no, block_kind, text, line_from, line_to, source_locator)"
            " select document_id, 1, 'paragraph', publisher_printed || fiscal_year_printed, 1, 1, 'line 1'"
            " from raw.document where document_id = ?",
            [old],
        )
        seal_anew(connection, [old])
        connection.execute("update marts.dim_document set superseded_by = ? where document_id = ?", [id_of(sample)] * 2)
        connection.execute(
            "insert into marts.dim_document (document_id, superseded_by) values (?, ?)", [old, id_of(sample)]
        )
    result = yusuan("remove", id_of(sample), "--warehouse", house.published, "--json")
    assert result.exit_code == 0, result.stderr + str(result.stdout)
    assert json.loads(result.stdout)["current_again"] == [old]
    assert tables_that_hold(house.published, id_of(sample)) == []
    with connect(house.published, read_only=True) as connection:
        row: tuple[Any, ...] | None = connection.execute(
            "select is_current, superseded_by from marts.dim_document where document_id = ?", [old]
        ).fetchone()
        runs = connection.execute("select run_no, outcome, documents_removed from quality.qc_run").fetchall()
    assert row == (True, None)
    assert (2, "published", 1) in runs
