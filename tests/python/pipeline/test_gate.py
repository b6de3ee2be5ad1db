"""The gates: a planted bad row fails and is named, a good table passes, and nothing passes without being asked."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from sqlalchemy import create_engine, inspect, text, types

import expectations.gx_duckdb  # noqa: F401 - registers the dialect
from expectations import gate
from expectations.contents import content_fingerprint
from expectations.gate import GateResult, missing_evidence, run_gate
from expectations.suite import SUITES, load_suite, suite_file
from loaders import schema
from loaders.connection import connect

from ..support.warehouses import DOCUMENT, FILE_NAME

if TYPE_CHECKING:
    import duckdb


def plant(database: Path, statement: str) -> None:
    with connect(database) as connection:
        connection.execute(statement)


def failed(result: GateResult) -> dict[str, gate.Outcome]:
    return {outcome.name: outcome for outcome in result.outcomes if not outcome.success}


@pytest.mark.parametrize("name", ["raw", "marts"])
def test_good_tables_pass(name: str, database: Path, tmp_path: Path) -> None:
    result = run_gate(name, database, tmp_path / "gates")
    assert result.success, result.message
    assert result.evaluated == len(load_suite(suite_file(name))) > 10


def test_warehouse_without_documents_passes_the_raw_gate(tmp_path: Path) -> None:
    with connect(tmp_path / "empty.duckdb") as connection:
        for statement in schema.create_statements():
            connection.execute(statement)
    result = run_gate("raw", tmp_path / "empty.duckdb", tmp_path / "gates")
    assert result.success, result.message


def one_row(table: str) -> str:
    return f"insert into raw.{table} (document_id) select document_id from raw.document"


BAD_RAW = {
    "document_id_is_sha256": "update raw.document set document_id = 'AB' || document_id[3:]",
    "document_id_is_printed": "update raw.document set document_id = null",
    "document_is_stored_once": "insert into raw.document from raw.document",
    "document_has_cells": "delete from raw.cell",
    "row_belongs_to_document": "update raw.budget_cell set document_id = repeat('cd', 32) where row_no = 3",
    "row_has_place": "update raw.budget_cell set source_locator = 'somewhere' where row_no = 3",
    "box_is_a_part_of_a_page": "update raw.budget_cell set source_box = '54 149 187 133' where row_no = 3",
    "place_names_the_lines_of_the_cell": "update raw.cell set line_from = 2 where block_no = 3",
    "amounts_of_a_form_are_amounts": "update raw.budget_cell set amount_printed = '办公室' where row_no = 3",
    "nothing_private_is_stored": "update raw.cell set text = '电话：13900000000' where block_no = 3",
    "no_name_of_a_file_is_private": "update raw.document set file_name = '某某甲13900000000.txt'",
    "private_text_is_not_stored": "update raw.cell set claimed_as = 'private' where block_no = 3",
    "refusal_has_reason": "insert into raw.rejected_document (file_name, reason_code) values ('a.txt', 'empty')",
}
BAD_MARTS = {
    "every_budget_cell_arrived": "delete from marts.fct_budget_line where amount_printed = '12.50'",
    "every_three_public_cell_arrived": one_row("three_public_cell"),
    "every_project_arrived": one_row("project"),
    "every_indicator_arrived": one_row("project_indicator"),
    "every_evaluation_arrived": one_row("evaluation"),
    "amount_is_printed_number_times_unit": "update marts.fct_budget_line set amount_yuan = amount_yuan / 10000",
    "amount_is_plausible": "update marts.fct_budget_line set amount_yuan = 1e13, amount_unit = null",
    "project_budget_is_plausible": "insert into marts.fct_project (source_kind, budget_yuan) values ('text', 2e13)",
    "amount_scale_is_plausible": "update marts.fct_budget_line set amount_scale = 9",
    "fiscal_year_is_plausible": "update marts.fct_budget_line set fiscal_year = 1024",
    "fiscal_year_says_its_source": "update marts.dim_document set fiscal_year_source = null",
    "plan_percentage_is_plausible": "update marts.fct_project_spending_plan set cumulative_pct = 1000.5",
    "fact_keeps_place_year_and_unit": "update marts.fct_budget_line set unit_key = null",
}


@pytest.mark.parametrize(
    ("name", "check", "statement"),
    [("raw", *item) for item in BAD_RAW.items()] + [("marts", *item) for item in BAD_MARTS.items()],
)
def test_planted_bad_row_fails_its_check(
    name: str, check: str, statement: str, database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    only = [declared for declared in load_suite(suite_file(name)) if declared.name == check]
    monkeypatch.setattr(gate, "load_suite", lambda _: only)
    plant(database, statement)
    result = run_gate(name, database, tmp_path / "gates")
    assert not result.success
    assert check in failed(result)
    assert failed(result)[check].error is None
    assert (failed(result)[check].failing_count or 0) >= 1


@pytest.mark.parametrize(
    ("check", "statement"),
    [
        ("every_budget_cell_arrived", "delete from raw.budget_cell"),
        (
            "every_three_public_cell_arrived",
            "insert into marts.fct_three_public_expense (document_id, source_kind) values ('gone', 'table')",
        ),
        ("every_project_arrived", "insert into marts.fct_project (document_id, source_kind) values ('gone', 'table')"),
        (
            "every_indicator_arrived",
            "insert into marts.fct_project_indicator (document_id, source_kind) values ('gone', 'table')",
        ),
    ],
)
def test_figures_of_cells_that_are_gone_fail_their_check(
    check: str, statement: str, database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More facts than cells is as wrong as fewer: they are of a document that was removed or read again."""
    only = [declared for declared in load_suite(suite_file("marts")) if declared.name == check]
    monkeypatch.setattr(gate, "load_suite", lambda _: only)
    plant(database, statement)
    outcome = failed(run_gate("marts", database, tmp_path / "gates"))[check]
    assert (outcome.error, outcome.failing_count) == (None, 1)


def test_every_check_of_the_suites_is_planted() -> None:
    declared = {file.stem: {check.name for check in load_suite(file)} for file in SUITES.glob("*.yml")}
    assert declared == {"raw": set(BAD_RAW), "marts": set(BAD_MARTS)}


@pytest.mark.parametrize(
    "statement",
    [
        "update raw.cell set text = '项目编码 13082324P00139000000D 共13900000000.00元' where block_no = 3",
        "update raw.cell set text = '2040201行政运行' where block_no = 3",
        "update raw.budget_cell set amount_printed = '－' where row_no = 3",
        "update raw.budget_cell set amount_printed = '（１，２３４．５０）' where row_no = 3",
        "update raw.budget_cell set source_locator = 'page 3 table 1 row 2' where row_no = 3",
        "update raw.budget_cell set source_box = '150 98 250 110' where row_no = 3",
    ],
)
def test_ordinary_prints_pass_the_raw_gate(statement: str, database: Path, tmp_path: Path) -> None:
    plant(database, statement)
    result = run_gate("raw", database, tmp_path / "gates")
    assert result.success, result.message


def test_message_names_check_count_document_and_place(database: Path, tmp_path: Path) -> None:
    plant(database, "update raw.cell set text = '请拨打热线电话 13900000000' where block_no = 3")
    result = run_gate("raw", database, tmp_path / "gates")
    assert result.message.splitlines() == [
        f"gate raw failed: nothing_private_is_stored on raw.cell, 1 rows ({FILE_NAME} document {DOCUMENT[:12]} line 3)"
    ]
    assert "13900000000" not in (tmp_path / "gates/raw.json").read_text(encoding="utf-8")


def test_column_check_names_the_rows_too(database: Path, tmp_path: Path) -> None:
    plant(database, "update marts.fct_budget_line set fiscal_year = 1024 where amount_printed = '12.50'")
    outcome = failed(run_gate("marts", database, tmp_path / "gates"))["fiscal_year_is_plausible"]
    assert outcome.failing_count == 1
    row = outcome.rows[0]
    assert (row["file_name"], row["source_locator"], row["fiscal_year"]) == (FILE_NAME, "line 2", 1024)


def test_written_result_says_what_the_gate_found(database: Path, tmp_path: Path) -> None:
    result = run_gate("raw", database, tmp_path / "gates", run_id="r1")
    written = json.loads((tmp_path / "gates/raw.json").read_text(encoding="utf-8"))
    assert written["success"] is True
    assert written["run_id"] == "r1"
    assert written["evaluated"] == len(written["outcomes"]) == result.evaluated
    with connect(database, read_only=True) as connection:
        assert written["content_sha256"] == content_fingerprint(connection, "raw")


def test_report_is_one_offline_page_with_escaped_text(database: Path, tmp_path: Path) -> None:
    plant(database, "update raw.document set file_name = '<script>alert(1)</script>.txt'")
    plant(database, BAD_RAW["row_has_place"])
    run_gate("raw", database, tmp_path / "gates")
    page = (tmp_path / "gates/raw.html").read_text(encoding="utf-8")
    assert "未通过" in page
    assert "failed" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;.txt" in page
    assert "somewhere" in page
    assert not re.search(r"<script|https?://|//[a-z]|@import|url\(|<link|<img|src=|href=", page)


def test_missing_table_fails(database: Path, tmp_path: Path) -> None:
    plant(database, "drop table raw.three_public_cell")
    result = run_gate("raw", database, tmp_path / "gates")
    assert not result.success
    assert "table raw.three_public_cell is missing" in result.message


def test_exception_inside_an_expectation_fails(database: Path, tmp_path: Path) -> None:
    plant(database, "alter table raw.budget_cell drop column amount_printed")
    outcome = failed(run_gate("raw", database, tmp_path / "gates"))["amounts_of_a_form_are_amounts"]
    assert outcome.error
    assert "amount_printed" in outcome.error


@pytest.mark.parametrize(
    "declared",
    [[], [{"name": "x", "expect": "ExpectNothingAtAll", "table": "raw.document", "reason": "r", "reason_zh": "r"}]],
    ids=["no check", "unknown expectation"],
)
def test_suite_that_asks_nothing_fails(
    declared: list[dict[str, str]], database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite = tmp_path / "raw.yml"
    suite.write_text(yaml.safe_dump({"expectations": declared}), encoding="utf-8")
    monkeypatch.setattr(gate, "suite_file", lambda _: suite)
    assert not run_gate("raw", database, tmp_path / "gates").success


def test_unknown_suite_is_refused(database: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="there are: marts, raw"):
        run_gate("rwa", database, tmp_path / "gates")


def test_result_of_an_earlier_run_does_not_survive_a_crash(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_gate("raw", database, tmp_path / "gates")

    def crash(*_: object) -> None:
        raise RuntimeError("crash")

    monkeypatch.setattr(gate, "_ask", crash)
    with pytest.raises(RuntimeError):
        run_gate("raw", database, tmp_path / "gates")
    assert not (tmp_path / "gates/raw.json").exists()


def test_gate_closes_the_file(database: Path, tmp_path: Path) -> None:
    """DuckDB keeps one instance a path in a process: an open handle would show the old contents of a replaced file."""
    run_gate("raw", database, tmp_path / "gates")
    database.unlink()
    with connect(database) as connection:
        assert connection.execute("select count(*) from duckdb_tables()").fetchone() == (0,)


def test_rows_are_hashed_again_only_where_they_were_stored_anew(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gates = tmp_path / "gates"
    for name in ("raw", "marts"):
        run_gate(name, database, gates, run_id="r1")
    hashed: list[str] = []

    def counted(connection: duckdb.DuckDBPyConnection, name: str) -> str:
        hashed.append(name)
        return content_fingerprint(connection, name)

    def reasons() -> list[str | None]:
        hashed.clear()
        with connect(database) as connection:
            return [missing_evidence(name, connection, gates, "r1") for name in ("raw", "marts")]

    monkeypatch.setattr(gate, "content_fingerprint", counted)
    assert (reasons(), hashed) == ([None, None], [])
    plant(database, "create or replace table raw.budget_cell as from raw.budget_cell")  # the same rows elsewhere
    assert (reasons(), hashed) == ([None, None], ["raw"])
    plant(database, "update raw.budget_cell set amount_printed = reverse(amount_printed) where row_no = 2")
    assert reasons() == ["the contents have changed since gate raw ran", None]


def test_evidence_holds_only_for_what_was_checked(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gates = tmp_path / "gates"
    run_gate("raw", database, gates, run_id="r1")

    def reason(run_id: str = "r1") -> str | None:
        with connect(database) as connection:
            return missing_evidence("raw", connection, gates, run_id)

    assert reason() is None
    assert reason("r2") == "the result of gate raw belongs to another run"
    with monkeypatch.context() as patch:
        patch.setattr(gate, "suite_fingerprint", lambda _: "other rules")
        assert reason() == "the suite of gate raw has changed since it ran"
    plant(database, "update marts.fct_budget_line set amount_scale = 1")  # not the raw gate's business
    assert reason() is None
    plant(database, "update raw.budget_cell set amount_printed = '12.51' where row_no = 2")
    assert reason() == "the contents have changed since gate raw ran"
    (gates / "raw.json").write_text("{", encoding="utf-8")
    assert reason() == "the result of gate raw cannot be read"
    (gates / "raw.json").write_text('{"success": true, "evaluated": 0}', encoding="utf-8")
    assert reason() == "gate raw has not passed"
    (gates / "raw.json").unlink()
    assert reason() == "gate raw has left no result"


def test_suite_asks_every_raw_table_that_the_loaders_declare() -> None:
    asked: dict[str, set[str]] = {}
    for check in load_suite(suite_file("raw")):
        asked.setdefault(check.name, set()).add(check.table)
    about_documents = {"document", "document_source", "rejected_document"}
    facts = {f"raw.{table}" for table in schema.TABLES if table not in about_documents}
    placed = {f"raw.{table}" for table, columns in schema.TABLES.items() if "source_locator" in columns}
    placed.remove("raw.load_notice")  # a remark on a whole document has no place in it
    assert asked["row_belongs_to_document"] == facts
    assert asked["nothing_private_is_stored"] == facts
    assert asked["row_has_place"] == placed


def test_dialect_reads_columns_and_keeps_cursors_apart(tmp_path: Path) -> None:
    file = tmp_path / "dialect.duckdb"
    with connect(file) as connection:
        connection.execute("create schema s")
        connection.execute(
            "create table s.t as select range as i, cast(1.25 as decimal(20, 2)) as amount_yuan,"
            " date '2024-01-31' as d, '四' as 名称 from range(5000)"
        )
    engine = create_engine(f"duckdb+gx:///{file}")
    columns = {column["name"]: column["type"] for column in inspect(engine).get_columns("t", schema="s")}
    assert list(columns) == ["i", "amount_yuan", "d", "名称"]
    assert isinstance(columns["i"], types.BIGINT)
    assert isinstance(columns["d"], types.DATE)
    assert isinstance(columns["名称"], types.VARCHAR)
    amount = columns["amount_yuan"]
    assert isinstance(amount, types.NUMERIC)
    assert (amount.precision, amount.scale) == (20, 2)
    with engine.connect() as connection:
        first = connection.execute(text("select i from s.t order by i"))
        assert first.fetchone() == (0,)
        assert connection.execute(text("select 'other'")).scalar() == "other"
        connection.rollback()
        assert len(first.fetchall()) == 4999  # neither another cursor nor a rollback took its rows
        with pytest.raises(Exception, match="read-only"):
            connection.execute(text("insert into s.t (i) values (1)"))
    engine.dispose()
