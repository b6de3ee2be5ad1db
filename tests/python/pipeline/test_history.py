"""What a warehouse knows of its runs: published, unchanged, failed, killed, in order whatever the clock says."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import stand_in
from click.testing import CliRunner, Result

import pipeline.run
from loaders.connection import connect
from pipeline import history
from pipeline.cli import cli
from pipeline.errors import BuildFailed
from pipeline.layout import Warehouse, warehouse_at
from pipeline.lock import only_run
from pipeline.publish import start_working_file

from ..support.paths import SAMPLES

BUDGET = SAMPLES / "budget-2023-culture-centre.txt"


def yusuan(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return warehouse_at(tmp_path / "house" / "yusuan.duckdb")


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    (folder / "budget.txt").write_bytes(BUDGET.read_bytes())
    return folder


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs with stand-ins for dbt and the gates."""
    monkeypatch.setattr(pipeline.run, "build", stand_in.build)
    monkeypatch.setattr(pipeline.run, "run_gate", stand_in.evidence)


def rows(warehouse: Warehouse, sql: str) -> list[tuple[Any, ...]]:
    with connect(warehouse.published, read_only=True) as connection:
        return connection.execute(sql).fetchall()


def outcomes(warehouse: Warehouse) -> list[tuple[int, str]]:
    return [(run.run_no, run.outcome) for run in history.runs(warehouse, 10)]


def break_build(*_: object, **__: object) -> None:
    raise BuildFailed("dbt error: model.yusuan.x: broken")


def test_every_run_is_recorded_with_what_it_did(
    warehouse: Warehouse, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = ("--warehouse", warehouse.published)
    (inbox / "empty.txt").touch()
    assert yusuan("run", inbox, *at).exit_code == 0
    assert yusuan("run", inbox, *at).exit_code == 0
    (inbox / "budget.txt").write_text(BUDGET.read_text("utf-8") + "补充说明。\n", "utf-8")
    with monkeypatch.context() as patch:
        patch.setattr(pipeline.run, "build", break_build)
        assert yusuan("run", inbox, *at).exit_code == 5
    assert yusuan("run", inbox, *at).exit_code == 0
    assert outcomes(warehouse) == [(4, "published"), (3, "failed"), (2, "unchanged"), (1, "published")]
    newest, failed, unchanged, first = history.runs(warehouse, 10)
    assert (first.found, first.loaded, first.refused, first.exit_code) == (2, 1, 1, 0)
    assert {(change.change, change.file_name, change.reason_code) for change in first.documents} == {
        ("refused", "empty.txt", "empty"),
        ("loaded", None, None),
    }
    assert (unchanged.unchanged, unchanged.refused, unchanged.documents) == (1, 1, ())
    assert (failed.exit_code, failed.error) == (5, "dbt error: model.yusuan.x: broken")
    assert [note.gate for note in failed.gates] == ["raw"]
    assert (newest.loaded, newest.superseded) == (1, 1)
    assert set(newest.seconds) == {"load", "gate raw", "build", "gate marts", "publish"}
    assert [(note.gate, note.success) for note in newest.gates] == [("raw", True), ("marts", True)]
    # The file knows every run up to its own, failed ones too.
    assert rows(warehouse, "select run_no, outcome from meta.run_history order by run_no") == [
        (1, "published"),
        (2, "unchanged"),
        (3, "failed"),
        (4, "published"),
    ]
    counted = "select run_no, row_count from meta.run_table join meta.run_history using (run_id)"
    assert rows(warehouse, f"{counted} where table_name = 'raw.document' and outcome = 'published' order by 1") == [
        (1, 1),
        (4, 2),
    ]


def test_a_run_that_was_killed_is_known_to_the_next(warehouse: Warehouse, inbox: Path) -> None:
    history_run = history.begin(at_work(warehouse), "run")  # and then nothing more
    assert outcomes(warehouse) == [(1, "interrupted")]
    with only_run(warehouse.work_dir):
        assert outcomes(warehouse) == [(1, "running")]
    assert yusuan("run", inbox, "--warehouse", warehouse.published).exit_code == 0
    assert outcomes(warehouse) == [(2, "published"), (1, "interrupted")]
    assert rows(warehouse, "select run_id from meta.run_history where outcome = 'interrupted'") == [
        (history_run.run_id,)
    ]


def at_work(warehouse: Warehouse) -> Warehouse:
    warehouse.work_dir.mkdir(parents=True, exist_ok=True)
    return warehouse


def test_a_run_killed_right_after_publishing_counts_as_published(
    warehouse: Warehouse, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(history, "finish", lambda *_: None)
        assert yusuan("run", inbox, "--warehouse", warehouse.published).exit_code == 0
    assert outcomes(warehouse) == [(1, "published")]
    start_working_file(warehouse)
    with connect(warehouse.working, read_only=True) as connection:
        known = connection.execute("select run_no, outcome from meta.run_history order by 1").fetchall()
    assert known == [(1, "published"), (2, "started")]


def test_lines_that_a_crash_cut_off_spoil_nothing(warehouse: Warehouse) -> None:
    log = at_work(warehouse).history_log
    first = history.begin(warehouse, "run")
    with log.open("ab") as file:
        file.write(b'{"run_id": "2001')
    second = history.begin(warehouse, "run")
    assert [run.run_id for run in history.runs(warehouse, 10)] == [second.run_id, first.run_id]


ODD: list[dict[str, object]] = [
    {"run_id": 5}, {"run_no": "1"}, {"run_no": 10**12}, {"run_no": True}, {"run_no": None}, {"command": []},
    {"started_at": "yesterday"}, {"started_at": 5}, {"finished_at": "?"}, {"error": 5}, {"loaded": "x"},
    {"outcome": {}}, {"outcome": None}, {"seconds": {"load": "x"}}, {"seconds": 1}, {"tables": {"a": []}},
    {"gates": [5]}, {"gates": 5}, {"documents": [{"odd": 1}]}, {"documents": [None]},
]  # fmt: skip
BROKEN = [
    b"5", b"null", b"[]", b'"text"', b"{", b"{}", b"\xff\xfe", b'{"run_id": "a"}', b"[" * 100_000,
    *(
        json.dumps({"run_id": "a", "run_no": 1, "command": "run", "started_at": "2024-01-01T00:00:00"} | odd).encode()
        for odd in ODD
    ),
]  # fmt: skip


def test_lines_that_are_no_runs_are_passed_over_and_counted(warehouse: Warehouse, inbox: Path) -> None:
    at = ("--warehouse", warehouse.published)
    assert yusuan("run", inbox, *at).exit_code == 0
    assert "run log" not in yusuan("status", *at).stdout
    with warehouse.history_log.open("ab") as file:
        file.write(b"\n".join(BROKEN) + b"\n")
    shown = yusuan("status", *at)
    assert shown.exit_code == 0, shown.stderr
    assert f"lines of the run log that cannot be read: {len(BROKEN)}\n" in shown.stdout
    assert json.loads(yusuan("status", *at, "--json").stdout)["log_lines_unread"] == len(BROKEN)
    (inbox / "more.txt").write_text("一段说明文字。\n", "utf-8")
    assert yusuan("run", inbox, *at).exit_code == 0
    assert outcomes(warehouse) == [(2, "published"), (1, "published")]
    assert yusuan("rollback", *at).exit_code == 0


def test_numbers_order_runs_when_the_clock_goes_back(
    warehouse: Warehouse, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = ("--warehouse", warehouse.published)
    assert yusuan("run", inbox, *at).exit_code == 0
    monkeypatch.setattr(history, "now", lambda: datetime(2001, 1, 1))
    assert yusuan("run", inbox, *at).exit_code == 0
    assert outcomes(warehouse) == [(2, "unchanged"), (1, "published")]
    assert history.runs(warehouse, 1)[0].started_at.year == 2001


def test_the_log_may_get_lost(warehouse: Warehouse, inbox: Path) -> None:
    at = ("--warehouse", warehouse.published)
    assert yusuan("run", inbox, *at).exit_code == 0
    warehouse.history_log.unlink()
    (inbox / "more.txt").write_text("一段说明文字。\n", "utf-8")
    assert yusuan("run", inbox, *at).exit_code == 0
    assert outcomes(warehouse) == [(2, "published"), (1, "published")]


def test_a_history_that_cannot_be_written_ends_with_7(warehouse: Warehouse, inbox: Path) -> None:
    at_work(warehouse).history_log.mkdir()
    result = yusuan("run", inbox, "--warehouse", warehouse.published)
    assert result.exit_code == 7
    assert "cannot be written" in result.stderr


def test_the_steps_one_by_one_are_a_run_too(warehouse: Warehouse, inbox: Path) -> None:
    at = ("--warehouse", warehouse.published)
    for step in (("load", inbox), ("check", "raw"), ("build",), ("check", "marts"), ("publish",)):
        assert yusuan(*step, *at).exit_code == 0, step
    assert rows(warehouse, "select run_no, command, outcome, loaded from meta.run_history") == [
        (1, "publish", "published", 1)
    ]


def test_status_shows_the_last_runs(warehouse: Warehouse, inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at = ("--warehouse", warehouse.published)
    assert yusuan("run", inbox, *at).exit_code == 0
    monkeypatch.setattr(pipeline.run, "build", break_build)
    (inbox / "more.txt").write_text("一段说明文字。\n", "utf-8")
    assert yusuan("run", inbox, *at).exit_code == 5
    shown = yusuan("status", *at).stdout
    assert "run failed; 1 loaded, 1 unchanged" in shown
    assert "broken" in shown
    answer = json.loads(yusuan("status", *at, "--json").stdout)
    assert [run["outcome"] for run in answer["runs"]] == ["failed", "published"]
    assert answer["releases"] == [answer["publication"]["run_id"]]


def test_a_second_run_waits_for_the_first(warehouse: Warehouse, inbox: Path) -> None:
    with only_run(warehouse.work_dir):
        result = yusuan("run", inbox, "--warehouse", warehouse.published, "--wait", "0.4")
    assert result.exit_code == 6
    assert "another run is under way after 0 seconds" in result.stderr
    assert yusuan("run", inbox, "--warehouse", warehouse.published, "--wait", "5").exit_code == 0
