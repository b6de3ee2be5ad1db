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
from expectations import checkpoint, evidence, gate
from expectations.contents import content_fingerprint
from expectations.gate import GateResult, missing_evidence, run_gate
from expectations.suite import SUITES, load_suite, suite_file
from loaders import schema
from loaders.connection import connect
from loaders.seal import seal_anew

from ..support.warehouses import DOCUMENT, FILE_NAME

if TYPE_CHECKING:
    import duckdb


def plant(database: Path, statement: str) -> None:
    with connect(database) as connection:
        evidence.prepare(connection)
        connection.execute(statement)


def as_read(database: Path) -> None:
    """As if the loader had read what stands in the tables now."""
    with connect(database) as connection:
        seal_anew(connection, [DOCUMENT])


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


def one_row(table: str, columns: str = "", values: str = "") -> str:
    return f"insert into raw.{table} (document_id{columns}) select document_id{values} from raw.document"


OTHER = "cd" * 32
BAD_RAW = {
    "document_is_known_once": "insert into raw.document from raw.document",
    "rows_belong_to_a_document": f"update raw.budget_cell set document_id = '{OTHER}' where row_no = 3",
    "documents_are_still_there": f"insert into meta.known_document values ('{OTHER}', '1', 'x')",
    "unchanged_document_has_the_same_seals": "insert into meta.known_document"
    " select document_id, loader_version, 'others' from raw.document",
    "rows_are_those_that_were_read": "update raw.budget_cell set amount_printed = '1,301.00' where row_no = 3",
    "document_has_cells_and_a_place": "delete from raw.cell",
    "row_has_place": "update raw.budget_cell set source_locator = 'somewhere' where row_no = 3",
    "place_names_the_lines_of_the_cell": "update raw.cell set line_from = 2 where block_no = 3",
    "fact_is_the_cell_at_its_place": "update raw.budget_cell set source_locator = 'line 2' where row_no = 3",
    "amount_of_a_form_is_a_fact": "delete from raw.budget_cell where row_no = 3",
    "form_is_not_hollow": "delete from raw.budget_cell",
    "publisher_and_year_stand_on_the_page": "update raw.document set publisher_printed = '示例省某县另一单位'",
    "unit_of_money_stands_on_the_page": "update raw.form set amount_unit_printed = '亿元',"
    " amount_unit_source = 'table'",
    "amounts_of_a_form_are_amounts": "update raw.budget_cell set amount_printed = '办公室'",
    "nothing_private_is_stored": "update raw.cell set text = '电话：13900000000' where block_no = 3",
    "no_name_of_a_file_is_private": "update raw.document set file_name = '13900000000.txt'",
    "private_text_is_not_stored": "update raw.cell set claimed_as = 'private' where block_no = 3",
    "refusal_has_reason": "insert into raw.rejected_document (file_name, reason_code) values ('a.txt', 'empty')",
}
BAD_MARTS = {
    "every_raw_row_is_a_fact": "delete from marts.fct_budget_line where amount_printed = '12.50'",
    "every_procurement_amount_is_a_fact": one_row("procurement_cell", ", form_no, amount_printed", ", 1, '3.00'"),
    "amount_of_a_project_is_printed": "update marts.fct_project set budget_printed = '12.60'",
    "every_figure_of_prose_is_a_fact": one_row("narrative_figure", ", figure_no, amount_printed", ", 1, '3.00'"),
    "every_evaluation_arrived": one_row("evaluation", ", form_no", ", 1"),
    "fact_is_of_the_phase_of_its_form": "update raw.form set phase = 'final'",
    "amount_is_printed_number_times_unit": "update marts.fct_budget_line set amount_yuan = amount_yuan / 10000",
    "amount_is_plausible": "update marts.fct_budget_line set amount_yuan = 1e15, amount_unit = null",
    "fiscal_year_is_plausible": "update marts.fct_budget_line set fiscal_year = 1024",
    "fiscal_year_says_its_source": "update marts.dim_document set fiscal_year_source = null",
    "fact_keeps_place_year_and_unit": "update marts.fct_budget_line set unit_key = null",
}
# No document can be named, or none that is there.
STOP = {"document_is_known_once", "rows_belong_to_a_document", "documents_are_still_there", "refusal_has_reason"}


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
    assert result.stops == (check in STOP)
    assert {blame.document_id for blame in result.blamed} == (set() if check in STOP else {DOCUMENT})


@pytest.mark.parametrize(
    "statement",
    [
        "delete from raw.budget_cell",
        "update marts.fct_budget_line set amount_printed = '12.05' where amount_printed = '12.50'",
        "update marts.fct_budget_line set class_name_printed = '另一科目'",
        "update marts.fct_budget_line set measure_code = 'basic'",
        "insert into marts.fct_budget_line from marts.fct_budget_line limit 1",
        "update marts.fct_project_spending_plan set printed = '35%'",
        one_row("three_public_cell", ", form_no", ", 1"),
        one_row("project_indicator", ", form_no", ", 1"),
    ],
)
def test_facts_that_are_not_the_raw_rows_fail(statement: str, database: Path, tmp_path: Path) -> None:
    """More facts than rows is as wrong as fewer, and so is another print."""
    plant(database, statement)
    outcome = failed(run_gate("marts", database, tmp_path / "gates"))["every_raw_row_is_a_fact"]
    assert outcome.error is None
    assert outcome.rows[0]["document_id"] == DOCUMENT


def test_every_check_of_the_suites_is_planted() -> None:
    declared = {file.stem: {check.name for check in load_suite(file)} for file in SUITES.glob("*.yml")}
    assert declared == {"raw": set(BAD_RAW), "marts": set(BAD_MARTS)}


@pytest.mark.parametrize(
    "statements",
    [
        ["update raw.cell set text = '项目编码 13082324P00139000000D 共13900000000.00元' where block_no = 4"],
        ["update raw.cell set text = '2040201行政运行' where block_no = 4"],
        ["update raw.cell set source_locator = 'page 3 table 1 row 2', line_from = null, line_to = null"],
        [f"update raw.{table} set source_box = '150 98 250 110'" for table in ("cell", "budget_cell")],
        *(
            [
                f"update raw.{table} set {column} = '{amount}' where source_locator = 'line 3'"
                for table, column in (("cell", "text"), ("budget_cell", "amount_printed"))
            ]
            for amount in ("－", "（１，２３４．５０）", "￥1,300.00", "△1,300.00", "1,300.00-")
        ),
    ],
)
def test_ordinary_prints_pass_the_raw_gate(statements: list[str], database: Path, tmp_path: Path) -> None:
    for statement in statements:
        plant(database, statement)
        if "page 3" in statement:
            plant(database, "update raw.budget_cell set source_locator = 'page 3 table 1 row 2'")
    as_read(database)
    result = run_gate("raw", database, tmp_path / "gates")
    assert result.success, result.message


def test_message_names_check_count_document_and_place(database: Path, tmp_path: Path) -> None:
    plant(database, "update raw.cell set text = '请拨打热线电话 13900000000' where block_no = 4")
    as_read(database)
    result = run_gate("raw", database, tmp_path / "gates")
    assert result.message.splitlines() == [
        f"gate raw failed: nothing_private_is_stored, 1 rows of raw.cell ({FILE_NAME} document {DOCUMENT[:12]} line 4)"
    ]
    assert "13900000000" not in (tmp_path / "gates/raw.json").read_text(encoding="utf-8")


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
    assert "three_public_cell" in result.message
    assert result.stops


def test_exception_inside_an_expectation_fails(database: Path, tmp_path: Path) -> None:
    plant(database, "alter table raw.budget_cell drop column amount_printed")
    outcome = failed(run_gate("raw", database, tmp_path / "gates"))["amounts_of_a_form_are_amounts"]
    assert outcome.error
    assert "amount_printed" in outcome.error


@pytest.mark.parametrize(
    "declared",
    [[], [{"name": "x", "query": "select nothing from raw.nowhere", "reason": "r", "reason_zh": "r"}]],
    ids=["no guard", "a query that fails"],
)
def test_suite_that_asks_nothing_fails(
    declared: list[dict[str, str]], database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite = tmp_path / "raw.yml"
    suite.write_text(yaml.safe_dump({"guards": declared}), encoding="utf-8")
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

    monkeypatch.setattr(checkpoint, "ask", crash)
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
    asked = {
        guard.name: set(re.findall(r"'(raw\.\w+)' as table_name", guard.rows))
        for guard in load_suite(suite_file("raw"))
    }
    about_places = {"document", "rejected_document", "quarantined_document"}
    of_documents = {f"raw.{table}" for table in schema.TABLES if table not in about_places}
    placed = {f"raw.{table}" for table, columns in schema.TABLES.items() if "source_locator" in columns}
    placed.remove("raw.load_notice")  # a remark on a whole document has no place in it
    assert asked["rows_belong_to_a_document"] == of_documents
    assert asked["row_has_place"] == placed


def test_a_guard_with_an_unknown_key_is_refused(tmp_path: Path) -> None:
    declared = {"name": "x", "qurey": "select 1", "reason": "r", "reason_zh": "r"}
    (tmp_path / "raw.yml").write_text(yaml.safe_dump({"guards": [declared]}), encoding="utf-8")
    with pytest.raises(ValueError, match="guard x: unknown key qurey"):
        load_suite(tmp_path / "raw.yml")


def test_only_documents_that_have_not_passed_are_asked_about(database: Path, tmp_path: Path) -> None:
    gates = tmp_path / "gates"
    assert [run_gate("raw", database, gates, code=code).documents for code in ("a", "a", "b")] == [1, 0, 1]
    assert run_gate("raw", database, gates, code="b", released=[DOCUMENT]).documents == 0
    plant(database, BAD_RAW["fact_is_the_cell_at_its_place"])
    again = run_gate("raw", database, gates, code="b")
    assert set(failed(again)) == {"rows_are_those_that_were_read"}, "the seals are asked of every document"
    as_read(database)  # other rows that were read: other evidence is needed
    assert set(failed(run_gate("raw", database, gates, code="b"))) >= {"fact_is_the_cell_at_its_place"}
    assert run_gate("raw", database, gates, code="b", released=[DOCUMENT]).success


def test_what_great_expectations_keeps_is_its_own_and_offline(database: Path, tmp_path: Path) -> None:
    import great_expectations as gx

    gates = tmp_path / "gates"
    for _ in range(2):
        run_gate("raw", database, gates)
    context = gx.get_context(mode="file", project_root_dir=gates)
    assert context.checkpoints.get("raw").validation_definitions[0].suite.name == "raw"
    assert len(context.suites.get("raw").expectations) == len(load_suite(suite_file("raw")))
    pages = list(checkpoint.pages(gates).parent.rglob("*.html"))
    assert len(pages) >= 3
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert not re.search(r"(src|href)=[\"']https?:[^>]*\.(js|css|png|svg)|url\([\"']?http|@import", text), page


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
