"""What a run survives: kills, a full disk, a read-only target, another run; and readers while it publishes.

The short forms of benchmarks/survive.py, readers_under_publication.py, sequences.py and soak.py.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import full_disk
import pytest
import readers_under_publication
import resident
import sequences
import stand_in
import survive
from click.testing import CliRunner, Result
from comparing import differences, documents, faults
from loader_throughput import variant

import pipeline.run
from loaders.connection import connect
from pipeline import history, publish, releases
from pipeline.cli import cli
from pipeline.layout import Warehouse, warehouse_at

from ..support.paths import SAMPLES

BUDGET = SAMPLES / "budget-2023-culture-centre.txt"


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
    (folder / "budget.txt").write_bytes(BUDGET.read_bytes())
    return folder


@pytest.fixture
def may_mount(tmp_path: Path) -> None:
    try:
        with full_disk.small_disk(tmp_path / "tried", 1):
            pass
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("mounting a small tmpfs needs root and the right to mount")


@pytest.fixture
def small_disk(tmp_path: Path, may_mount: None) -> Iterator[Path]:
    """A file system of its own with 64 MB."""
    folder = tmp_path / "disk"
    with full_disk.small_disk(folder, 64):
        yield folder


def test_kills_at_random_points_lose_nothing(tmp_path: Path) -> None:
    report = survive.survive(tmp_path, kills=5, seed=7, real=False)
    assert report.faults == []
    assert report.kills == 5
    assert sum(report.by_moment.values()) == 5
    assert report.documents >= 5


@pytest.fixture
def published(tmp_path: Path, inbox: Path, quick: None) -> Warehouse:
    """A warehouse that has published the inbox, to which a document was added since."""
    house = warehouse_at(tmp_path / "house/yusuan.duckdb")
    assert yusuan("run", inbox, "--warehouse", house.published).exit_code == 0
    (inbox / "more.txt").write_text("一段说明文字。\n", "utf-8")
    return house


@pytest.mark.parametrize("call", range(resident.MOVES))
def test_a_run_killed_while_it_moves_the_file_leaves_the_old_or_the_new_one(
    call: int, published: Warehouse, inbox: Path
) -> None:
    house, at = published, ("--warehouse", published.published)
    words = ["run", str(inbox), "--warehouse", str(house.published)]
    child = resident.Child(words, os.environ, real=False, dies_at=call)
    assert child.wait()[0] == -signal.SIGKILL
    assert child.moments[-2][0] == "move"
    assert faults(house.published) == []
    moved = len(documents(house.published)) == 2
    assert moved == (call >= resident.MOVES - 2), "the file is moved before the last two calls, which sync folders"
    assert yusuan("run", inbox, *at).exit_code == 0
    assert len(documents(house.published)) == 2
    assert [run.outcome for run in history.runs(house, 3)][1] == ("published" if moved else "interrupted")
    assert len(releases.kept(house)) == 2


def test_the_harness_sees_a_file_that_is_not_whole(tmp_path: Path, quick: None, inbox: Path) -> None:
    house = warehouse_at(tmp_path / "house/yusuan.duckdb")
    assert yusuan("run", inbox, "--warehouse", house.published).exit_code == 0
    assert faults(house.published) == []
    house.published.chmod(0o644)
    with connect(house.published) as connection:
        connection.execute("delete from raw.budget_cell where row_no = 1")
    assert [fault for fault in faults(house.published) if "raw.budget_cell" in fault]
    house.published.write_bytes(house.published.read_bytes()[:9000])
    assert faults(house.published)


def test_readers_see_whole_publications_and_no_error(tmp_path: Path) -> None:
    _, _, answers = readers_under_publication.measure(tmp_path, publications=10, readers=4, rows=2000)
    assert [(answer.mode, answer.failed, answer.mixed, answer.first_problem) for answer in answers] == [
        (mode, 0, 0, None) for mode in sorted(readers_under_publication.MODES)
    ]
    seen = {answer.mode: answer.publications for answer in answers}
    assert seen["hold"] == 1
    assert min(seen["open"], seen["reopen"], seen["follow"]) > 1


def test_a_random_sequence_ends_in_the_tables_of_a_fresh_run(tmp_path: Path, quick: None) -> None:
    inbox = sequences.Inbox(tmp_path / "inbox")
    inbox.folder.mkdir()
    house = warehouse_at(tmp_path / "house/yusuan.duckdb")
    sequences.play(inbox, house, random.Random(2), steps=8)
    assert inbox.documents
    assert sequences.check(inbox, house, tmp_path / "check") == []


@pytest.mark.parametrize(("known", "count", "is_same"), [("ab", 2, True), ("a", 2, False), ("a", 1, True)])
def test_counts_of_documents_are_compared_where_both_files_have_the_same(
    known: str, count: int, is_same: bool, tmp_path: Path
) -> None:
    """b is superseded: a file that has it counts it, and one that never read it does not."""
    one, other = tmp_path / "one.duckdb", tmp_path / "other.duckdb"
    for file, documents_there, counted in zip((one, other), (known, "a"), (count, 1), strict=True):
        with connect(file) as connection:
            connection.execute("create schema raw; create schema marts")
            connection.execute("create table raw.document as select unnest(?) as document_id", [list(documents_there)])
            connection.execute(
                f"create table marts.dim_project as select 'p' as project_key, {counted} as document_count"
            )
    assert (differences(one, other, ["a"]) == []) == is_same


@pytest.mark.parametrize("asks_first", [True, False], ids=["no room to start", "no room on the way"])
def test_a_full_disk_leaves_the_published_file(
    asks_first: bool, small_disk: Path, inbox: Path, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = warehouse_at(small_disk / "yusuan.duckdb")
    at = ("--warehouse", house.published)
    assert yusuan("run", inbox, *at).exit_code == 0
    size = house.published.stat().st_size
    before = documents(house.published)
    for number in range(20):
        (inbox / f"{number}.txt").write_bytes(variant(BUDGET.read_bytes(), number + 1))
    ballast = full_disk.fill(small_disk, leave=size + 256 * 1024)
    with monkeypatch.context() as patch:
        if not asks_first:
            patch.setattr(publish, "_ROOM", 0)
        result = yusuan("run", inbox, *at)
    assert result.exit_code == 7, result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert faults(house.published) == []
    assert documents(house.published) == before
    assert not house.working.exists()
    assert not house.failed.exists()
    ballast.unlink()
    assert yusuan("run", inbox, *at).exit_code == 0
    assert len(documents(house.published)) == 21
    assert [run.outcome for run in history.runs(house, 3)] == ["published", "failed", "published"]


def test_a_disk_that_fills_under_a_run(tmp_path: Path, may_mount: None) -> None:
    plan = full_disk.Plan(rounds=2, seed=3, real=False, megabytes=64, also_read_only=False, left=(0,))
    report = full_disk.fill_disks(tmp_path, plan)
    assert report.faults == []
    assert (report.failed["start"], report.failed["load"]) == (1, 1)
    assert report.documents == 3  # one a run that was let through


def test_publications_that_cannot_be_kept_are_not_published(may_mount: None, published: Warehouse, inbox: Path) -> None:
    house, at = published, ("--warehouse", published.published)
    before = documents(house.published)
    with full_disk.read_only(house.releases_dir):
        refused = yusuan("run", inbox, *at)
    assert refused.exit_code == 7
    assert full_disk.judge(refused.exit_code, refused.stderr, (7,)) == [], "one line of error"
    assert documents(house.published) == before
    assert faults(house.published) == []
    assert yusuan("run", inbox, *at).exit_code == 0
    assert len(documents(house.published)) == 2


def test_a_read_only_target_is_said_so(small_disk: Path, inbox: Path, quick: None) -> None:
    house = warehouse_at(small_disk / "yusuan.duckdb")
    at = ("--warehouse", house.published)
    assert yusuan("run", inbox, *at).exit_code == 0
    (inbox / "more.txt").write_text("一段说明文字。\n", "utf-8")
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    refused = yusuan("run", inbox, *at)
    assert refused.exit_code == 2
    assert "cannot be written (Read-only file system)" in refused.stderr
    assert yusuan("status", *at).exit_code == 0
    assert faults(house.published) == []
    subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
    assert yusuan("run", inbox, *at).exit_code == 0


def test_two_runs_at_once(tmp_path: Path) -> None:
    """The second leaves with code 6, or waits for its turn and finds nothing left to do."""
    inbox = sequences.Inbox(tmp_path / "inbox")
    inbox.folder.mkdir()
    house: Warehouse = warehouse_at(tmp_path / "house/yusuan.duckdb")
    inbox.write("a.txt", BUDGET.read_bytes())
    children = [survive.start(inbox, house, tmp_path / "target", real=False) for _ in range(3)]
    ended = [child.wait() for child in children]
    codes, told = sorted(code for code, _ in ended), [text for _, text in ended]
    assert codes[0] == 0, told
    assert set(codes) <= {0, 6}, told
    assert faults(house.published) == []
    assert [run.outcome for run in history.runs(house, 9)][-1] == "published"
    assert {run.outcome for run in history.runs(house, 9)[:-1]} <= {"unchanged"}


def test_the_soak_knows_a_fresh_run(tmp_path: Path, quick: None) -> None:
    """Its comparison finds a doubled row and a lost document; the soak itself takes minutes."""
    inbox = sequences.Inbox(tmp_path / "inbox")
    inbox.folder.mkdir()
    house = warehouse_at(tmp_path / "house/yusuan.duckdb")
    inbox.write("a.txt", BUDGET.read_bytes())
    sequences.run_all(inbox, house)
    (tmp_path / "one").mkdir()
    other = tmp_path / "one/yusuan.duckdb"
    other.write_bytes(house.published.read_bytes())
    assert differences(house.published, other, inbox.documents) == []
    with connect(other) as connection:
        connection.execute("insert into raw.budget_cell from raw.budget_cell limit 1")
    (difference,) = differences(house.published, other, inbox.documents)
    assert difference.startswith("raw.budget_cell: ")
