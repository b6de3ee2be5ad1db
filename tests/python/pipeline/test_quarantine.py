"""A document that a guard stops is held back: the others are published, and it comes back when it may."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

import pipeline.run
from expectations import gate
from loaders.connection import connect
from pipeline.cli import cli
from pipeline.layout import Warehouse, warehouse_at
from pipeline.quarantine import blamed_by_tests

from ..support.paths import SAMPLES
from ..support.warehouses import DOCUMENT

if TYPE_CHECKING:
    from expectations.gate import GateResult

stand_in = pytest.importorskip("stand_in")
GOOD, ODD = "budget-2023-culture-centre.txt", "odd.txt"
ODD_TEXT, PLAIN_TEXT = "一段说明文字。\n本段异常。\n", "一段说明文字。\n"
# As if a document that says so were one that the guards stop.
FAULT = """
guards:
  - name: nothing_is_odd
    query: select document_id, source_locator from {raw.cell} where contains(text, '异常')
    reason: Odd documents are not published.
    reason_zh: 不发布奇怪的文件。
"""


@pytest.fixture
def warehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    """An inbox of two documents beside a warehouse whose raw gate stops one of them; dbt is a stand-in."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / GOOD).write_bytes((SAMPLES / GOOD).read_bytes())
    (tmp_path / "in" / ODD).write_text(ODD_TEXT, "utf-8")
    suite = tmp_path / "raw.yml"
    suite.write_text(FAULT, "utf-8")

    def ask(name: str, database: Path, result_dir: Path, *details: Any) -> GateResult:
        if name != "raw":
            passed: GateResult = stand_in.evidence(name, database, result_dir, *details)
            return passed
        return gate.run_gate(name, database, result_dir, *details)

    monkeypatch.setattr(gate, "suite_file", lambda _: suite)
    monkeypatch.setattr(stand_in, "suite_file", lambda _: suite)
    monkeypatch.setattr(pipeline.run, "run_gate", ask)
    monkeypatch.setattr(pipeline.run, "build", stand_in.build)
    return warehouse_at(tmp_path / "yusuan.duckdb")


def yusuan(command: str, *arguments: object, warehouse: Warehouse) -> Result:
    return CliRunner().invoke(cli, [command, *map(str, arguments), "--warehouse", str(warehouse.published)])


def run(warehouse: Warehouse, *options: str) -> Result:
    return yusuan("run", warehouse.published.parent / "in", *options, warehouse=warehouse)


def published(warehouse: Warehouse) -> set[str]:
    with connect(warehouse.published, read_only=True) as connection:
        return {name for (name,) in connection.execute("select file_name from raw.document").fetchall()}


def test_the_others_are_published_and_the_command_says_so(warehouse: Warehouse) -> None:
    answer = run(warehouse)
    assert answer.exit_code == 9, answer.output
    assert published(warehouse) == {GOOD}
    assert f"{ODD}: held back by nothing_is_odd (1 rows, first at line 2): Odd documents are not" in answer.stderr
    assert "held back (1): not published until released or mended" in answer.stdout
    with connect(warehouse.published, read_only=True) as connection:
        noted = connection.execute(
            "select file_name, guard, row_count, first_locator from raw.quarantined_document"
        ).fetchall()
        left = connection.execute(
            "select count(*) from raw.document_source as s anti join raw.document as d using (document_id)"
        ).fetchone()
    assert noted == [(ODD, "nothing_is_odd", 1, "line 2")]
    assert left == (0,)
    again = run(warehouse, "--json")
    told = json.loads(again.stdout)
    assert (again.exit_code, told["outcome"], told["load"]["held"]) == (9, "unchanged", 1)
    assert [held["file_name"] for held in told["warehouse"]["held"]] == [ODD]


def test_a_removal_says_as_well_that_documents_are_held_back(warehouse: Warehouse) -> None:
    (warehouse.published.parent / "in" / "plain.txt").write_text(PLAIN_TEXT, "utf-8")
    assert run(warehouse).exit_code == 9
    answer = yusuan("remove", GOOD, warehouse=warehouse)
    assert answer.exit_code == 9, answer.output
    assert "1 documents are held back" in answer.stderr
    assert published(warehouse) == {"plain.txt"}
    told = json.loads(yusuan("remove", "plain.txt", "--json", warehouse=warehouse).stdout)
    assert (told["outcome"], told["exit_code"]) == ("published", 9)


def test_a_released_document_is_published_whatever_the_guards_say(warehouse: Warehouse) -> None:
    run(warehouse)
    wrong = yusuan("release", "nothing-like-this.txt", warehouse=warehouse)
    assert (wrong.exit_code, len(wrong.stderr.splitlines())) == (2, 1)
    assert yusuan("release", ODD, warehouse=warehouse).exit_code == 0
    answer = run(warehouse)
    assert answer.exit_code == 0, answer.output
    assert published(warehouse) == {GOOD, ODD}
    assert run(warehouse).exit_code == 0


def test_other_contents_of_the_file_end_it(warehouse: Warehouse) -> None:
    run(warehouse)
    (warehouse.published.parent / "in" / ODD).write_text(PLAIN_TEXT, "utf-8")
    answer = run(warehouse)
    assert answer.exit_code == 0, answer.output
    assert published(warehouse) == {GOOD, ODD}
    with connect(warehouse.published, read_only=True) as connection:
        assert connection.execute("select count(*) from raw.quarantined_document").fetchone() == (0,)


def test_what_the_place_held_before_stays_current(warehouse: Warehouse) -> None:
    """A new printing that is held back supersedes nothing."""
    place = warehouse.published.parent / "in" / ODD
    place.write_text(PLAIN_TEXT, "utf-8")
    assert run(warehouse).exit_code == 0
    current = "select document_id, sequence_no from raw.document_source where file_name = ? order by sequence_no"
    with connect(warehouse.published, read_only=True) as connection:
        before = connection.execute(current, [ODD]).fetchall()
    place.write_text(ODD_TEXT, "utf-8")
    assert run(warehouse).exit_code == 9
    with connect(warehouse.published, read_only=True) as connection:
        assert connection.execute(current, [ODD]).fetchall() == before
    assert published(warehouse) == {GOOD, ODD}


def test_a_run_stops_where_no_document_can_be_named(warehouse: Warehouse) -> None:
    suite = warehouse.published.parent / "raw.yml"
    suite.write_text(FAULT.replace("select document_id,", "select null as document_id,"), "utf-8")
    answer = run(warehouse)
    assert answer.exit_code == 4
    assert not warehouse.published.exists()


def test_documents_of_failing_data_tests_are_named(database: Path) -> None:
    node = SimpleNamespace(resource_type="test", name="t", description="", column_name=None, attached_node=None)
    told = SimpleNamespace(status="fail", node=node)
    with connect(database, read_only=True) as connection:
        node.compiled_code = "select * from marts.fct_budget_line where amount_printed = '12.50'"
        (blame,) = blamed_by_tests([told], connection) or []
        assert (blame.document_id, blame.guard, blame.row_count) == (DOCUMENT, "t", 1)
        # A generic test gives values; the documents are those that have them.
        node.compiled_code = "select amount_printed as value_field, 1 as n from marts.fct_budget_line"
        node.column_name, node.attached_node = "amount_printed", "model.yusuan.fct_budget_line"
        node.depends_on = SimpleNamespace(nodes=["model.yusuan.fct_budget_line"])
        (blame,) = blamed_by_tests([told], connection) or []
        assert (blame.document_id, blame.row_count) == (DOCUMENT, 2)
        node.compiled_code = "select 1 as n"
        assert blamed_by_tests([told], connection) is None
