"""Reading with no more rights than reading needs; cells for spreadsheets; what is due by the calendar."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest
import stand_in
import yaml

from loaders.connection import connect
from pipeline import publish
from pipeline.display import Steps
from pipeline.errors import UsageProblem
from pipeline.export import neutralise
from pipeline.freshness import freshness
from pipeline.layout import Warehouse, gate_dir, warehouse_at
from pipeline.reading import PublishedReader, open_published
from pipeline.run import publish_step

from ..support.paths import ROOT
from ..support.warehouses import fill_raw


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return warehouse_at(tmp_path / "house" / "yusuan.duckdb")


def publish_next(warehouse: Warehouse, name: str, keep: int = 5) -> None:
    run_id = publish.start_working_file(warehouse)
    with connect(warehouse.working) as connection:
        connection.execute("drop schema if exists raw cascade")
        fill_raw(connection)
        connection.execute("update raw.document set file_name = ?", [name])
    stand_in.derive(warehouse.working)
    stand_in.pass_gates(warehouse, gate_dir(), run_id)
    publish_step(warehouse, Steps(quiet=True), keep)


NAME = "select file_name from raw.document"


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """DuckDB draws its progress bar at once, not after two seconds."""
    real = duckdb.connect

    def connect_hasty(*words: Any, **named: Any) -> duckdb.DuckDBPyConnection:
        connection = real(*words, **named)
        if "lock_configuration" not in named["config"]:
            connection.execute("set progress_bar_time = 1")
        return connection

    monkeypatch.setattr(duckdb, "connect", connect_hasty)


SLOW = "select count(distinct n * 7 % 1000003) from (select unnest(range(3000000)) as n)"


def test_no_progress_bar_stands_on_stdout(tmp_path: Path, hasty: None, capfd: pytest.CaptureFixture[str]) -> None:
    """It would be in the JSON of a command."""
    with connect(tmp_path / "slow.duckdb") as connection:
        connection.execute(SLOW).fetchall()
        assert capfd.readouterr().out == ""
        connection.execute("set enable_progress_bar = true").execute(SLOW).fetchall()
        assert "%" in capfd.readouterr().out, "it would have been drawn"


def test_dbt_draws_no_progress_bar_either(hasty: None, capfd: pytest.CaptureFixture[str]) -> None:
    from dbt.adapters.duckdb.environments import Environment

    told = yaml.safe_load((ROOT / "profiles/profiles.yml").read_text("utf-8"))
    settings = told["yusuan"]["outputs"]["duckdb"]["settings"]
    with duckdb.connect(":memory:", config={}) as connection:
        cursor = Environment.initialize_cursor(SimpleNamespace(settings=settings, retries=None), connection.cursor())
        cursor.execute(SLOW).fetchall()
    assert capfd.readouterr().out == ""


def test_every_reader_of_a_process_is_locked_and_the_first_is_quiet(warehouse: Warehouse) -> None:
    publish_next(warehouse, "a")
    asked = "select current_setting('enable_progress_bar'), current_setting('lock_configuration')"
    with open_published(warehouse.published) as one, open_published(warehouse.published) as other:
        assert one.execute(asked).fetchall() == [(False, True)]
        for connection in (other, one.cursor()):  # a lock that is on lets nobody silence the bar of a further one
            assert connection.execute(asked).fetchall()[0][1] is True


@pytest.mark.parametrize(
    "statement",
    [
        "create table raw.mine (x integer)",
        "delete from raw.document",
        "copy raw.document to '{folder}/out.csv'",
        "select * from read_csv('{folder}/secret.csv')",
        "attach '{folder}/other.duckdb' as other",
        "install httpfs",
        "set enable_external_access = true",
        "set lock_configuration = false",
        "select * from read_text('/etc/hostname')",
    ],
)
def test_a_reader_can_do_nothing_but_read(statement: str, warehouse: Warehouse, tmp_path: Path) -> None:
    publish_next(warehouse, "1.txt")
    (tmp_path / "secret.csv").write_text("a\n1\n")
    with open_published(warehouse.published) as connection:
        assert connection.execute(NAME).fetchone() == ("1.txt",)
        with pytest.raises(duckdb.Error):
            connection.execute(statement.format(folder=tmp_path))
        assert connection.execute("select count(*) from raw.budget_cell").fetchone() == (2,)


def test_a_new_publication_is_seen_beside_an_old_one_in_one_process(warehouse: Warehouse) -> None:
    publish_next(warehouse, "1.txt")
    with open_published(warehouse.published) as old:
        assert old.execute(NAME).fetchone() == ("1.txt",)
        publish_next(warehouse, "2.txt")
        with open_published(warehouse.published) as new:
            assert new.execute(NAME).fetchone() == ("2.txt",)
        assert old.execute(NAME).fetchone() == ("1.txt",)


def test_a_reader_that_stays_follows_the_publications(warehouse: Warehouse) -> None:
    reader = PublishedReader(warehouse.published)
    with pytest.raises(UsageProblem, match="nothing is published"):
        reader.cursor()
    publish_next(warehouse, "1.txt")
    before = reader.cursor()
    for number in range(2, 5):
        publish_next(warehouse, f"{number}.txt", keep=1)  # what the reader holds open is not even kept
        assert reader.cursor().execute(NAME).fetchone() == (f"{number}.txt",)
    assert before.execute(NAME).fetchone() == ("1.txt",)


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1+1", "-"]
)
def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    assert neutralise(text) == f"'{text}"
    stream = io.StringIO()
    csv.writer(stream).writerow([neutralise(text)])
    assert next(csv.reader(io.StringIO(stream.getvalue()))) == [f"'{text}"]


@pytest.mark.parametrize(
    "cell",
    [None, -3, Decimal("-3.50"), -1.5, date(2024, 1, 1), "", "-3.50", "+12%", "-1,234.00", "a=b"],
)
def test_numbers_and_plain_text_stay_as_they_are(cell: object) -> None:
    assert neutralise(cell) == cell


def calendar_warehouse(path: Path) -> Path:
    """Two units: both with the budget of 2024, one with that of 2025; a final account of 2022."""
    with connect(path) as connection:
        connection.execute("create schema reference")
        connection.execute("create schema marts")
        seed = ROOT / "seeds/publication_calendar.csv"
        connection.execute(f"create table reference.publication_calendar as from read_csv('{seed}')")
        connection.execute(
            "create table marts.dim_document as select * from (values"
            " ('budget', 2024, 'a', true, timestamp '2024-02-01'), ('budget', 2024, 'b', true, timestamp '2024-02-02'),"
            " ('budget', 2025, 'a', true, timestamp '2025-02-01'),"
            " ('budget', 2026, 'b', false, timestamp '2025-02-03'),"
            " ('final_account', 2022, 'a', true, timestamp '2023-09-01')"
            ") as t (document_kind, fiscal_year, unit_key, is_current, loaded_at)"
        )
    return path


@pytest.mark.parametrize(
    ("today", "kind", "expected"),
    [
        (date(2025, 3, 1), "budget", (2025, "there", date(2025, 4, 30), 2025, 1)),
        (date(2026, 1, 1), "budget", (2026, "due", date(2026, 4, 30), 2025, 1)),
        (date(2026, 5, 1), "budget", (2026, "overdue", date(2026, 4, 30), 2025, 1)),
        (date(2024, 7, 31), "final_account", (2022, "there", date(2023, 10, 31), 2022, 0)),
        (date(2024, 8, 1), "final_account", (2023, "due", date(2024, 10, 31), 2022, 1)),
        (date(2025, 1, 1), "final_account", (2023, "overdue", date(2024, 10, 31), 2022, 1)),
        (date(2025, 1, 1), "self_evaluation", (2023, "overdue", date(2024, 10, 31), None, 0)),
    ],
)
def test_what_is_due_by_the_calendar(
    today: date, kind: str, expected: tuple[int, str, date, int | None, int], tmp_path: Path
) -> None:
    with connect(calendar_warehouse(tmp_path / "small.duckdb"), read_only=True) as connection:
        (found,) = (found for found in freshness(connection, today) if found.document_kind == kind)
    assert (found.fiscal_year, found.state, found.due_until, found.newest_year, found.units_missing) == expected
