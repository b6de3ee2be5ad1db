"""Publishing: one step, only with evidence, readable by older clients; and what a run leaves behind."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import stand_in

from expectations.gate import run_gate
from loaders.connection import connect
from loaders.schema import LOADER_VERSION
from pipeline.errors import GateFailed, RunUnderWay, UsageProblem
from pipeline.fingerprint import code_fingerprint
from pipeline.layout import Warehouse, warehouse_at
from pipeline.lock import only_run
from pipeline.publish import (
    publish,
    read_publication,
    set_aside_working_file,
    start_working_file,
    working_run_id,
)
from pipeline.status import read_status

from ..support.warehouses import WAREHOUSE, Make, copied, fill_and_build


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return warehouse_at(tmp_path / "house" / "yusuan.duckdb")


@pytest.fixture
def gates(tmp_path: Path) -> Path:
    return tmp_path / "gates"


@pytest.fixture(scope="session")
def passed(made: Callable[[str, Make], Path]) -> Path:
    """A folder with a working file, and the results that both gates wrote when it passed them."""
    small = made("small", fill_and_build) / WAREHOUSE

    def make(folder: Path) -> None:
        house = warehouse_at(folder / "house" / WAREHOUSE)
        copied(small, house.published.parent)
        run_id = start_working_file(house)
        house.published.unlink()
        for gate in ("raw", "marts"):
            assert run_gate(gate, house.working, folder / "gates", run_id).success

    return made("passed", make)


@pytest.fixture
def checked(passed: Path, warehouse: Warehouse, gates: Path) -> Warehouse:
    """A warehouse whose working file has passed both gates and waits to be published."""
    shutil.copytree(passed / "house", warehouse.published.parent)
    shutil.copytree(passed / "gates", gates)
    return warehouse


def one(path: Path, sql: str) -> object:
    with connect(path, read_only=True) as connection:
        row = connection.execute(sql).fetchone()
    assert row
    return row[0]


def test_publishing_moves_the_stamped_file(checked: Warehouse, gates: Path) -> None:
    run_id = working_run_id(checked)
    publication = publish(checked, gates, "f" * 64)
    assert (publication.run_id, publication.code_fingerprint) == (run_id, "f" * 64)
    assert publication.loader_version == LOADER_VERSION
    with connect(checked.published, read_only=True) as connection:
        assert read_publication(connection) == publication
    assert one(checked.published, "select count(*) from marts.fct_budget_line") == 2
    assert not checked.working.exists()
    assert {path.name for path in checked.published.parent.iterdir()} == {"yusuan.duckdb", ".work", "releases"}
    assert checked.published.stat().st_mode & 0o222 == 0  # nobody writes into it by mistake


def test_published_file_is_in_the_format_of_duckdb_1_2(checked: Warehouse, gates: Path) -> None:
    publish(checked, gates, "code")
    header = checked.published.read_bytes()[:20]
    assert header[8:12] == b"DUCK"
    assert int.from_bytes(header[12:20], "little") == 65  # the storage version of DuckDB 1.2; 64 is the one before
    assert one(checked.published, "select tags['storage_version'] from duckdb_databases() where not internal") == (
        "v1.2.0+"
    )


@pytest.mark.parametrize("gate", ["raw", "marts"])
def test_publishing_needs_the_written_result_of_each_gate(gate: str, checked: Warehouse, gates: Path) -> None:
    (gates / f"{gate}.json").unlink()
    with pytest.raises(GateFailed, match=f"not published: gate {gate} has left no result"):
        publish(checked, gates, "code")
    assert not checked.published.exists()


def test_publishing_refuses_contents_that_changed_after_the_gates(checked: Warehouse, gates: Path) -> None:
    publish(checked, gates, "code")
    before = checked.published.read_bytes()
    start_working_file(checked)
    with pytest.raises(GateFailed, match="belongs to another run"):
        publish(checked, gates, "code")
    stand_in.pass_gates(checked, gates, working_run_id(checked))
    with connect(checked.working) as connection:
        connection.execute("update marts.fct_budget_line set amount_yuan = 1 where amount_printed = '12.50'")
    with pytest.raises(GateFailed, match="the contents have changed since gate marts ran"):
        publish(checked, gates, "code")
    assert checked.published.read_bytes() == before


def test_readers_keep_the_file_that_they_opened(checked: Warehouse, gates: Path) -> None:
    publish(checked, gates, "first")
    with checked.published.open("rb") as reader:
        run_id = start_working_file(checked)
        stand_in.pass_gates(checked, gates, run_id)
        publish(checked, gates, "second")
        assert os.fstat(reader.fileno()).st_ino != checked.published.stat().st_ino  # replaced, not written into
        assert reader.read(12)[8:] == b"DUCK"
    assert one(checked.published, "select code_fingerprint from meta.publication") == "second"
    assert one(checked.published, "select count(*) from meta.publication") == 1


def test_working_file_starts_as_a_copy_with_a_run_of_its_own(
    warehouse: Warehouse, filled: Callable[[Path], Path]
) -> None:
    filled(warehouse.published.parent)
    before = warehouse.published.read_bytes()
    first = start_working_file(warehouse)
    assert one(warehouse.working, "select count(*) from raw.budget_cell") == 2
    second = start_working_file(warehouse)
    assert first != second
    assert working_run_id(warehouse) == second
    assert warehouse.published.read_bytes() == before
    assert [path.name for path in warehouse.work_dir.iterdir()] == ["yusuan.duckdb"]


def test_file_of_a_failed_run_is_set_aside(warehouse: Warehouse) -> None:
    run_id = start_working_file(warehouse)
    set_aside_working_file(warehouse)
    assert not warehouse.working.exists()
    assert one(warehouse.failed, "select run_id from meta.run") == run_id


def test_published_file_that_somebody_writes_in_is_refused(
    warehouse: Warehouse, filled: Callable[[Path], Path]
) -> None:
    filled(warehouse.published.parent)
    warehouse.published.with_name("yusuan.duckdb.wal").write_bytes(b"x")
    with pytest.raises(UsageProblem, match="another program is writing"):
        start_working_file(warehouse)


def test_published_file_that_is_no_warehouse_is_refused(warehouse: Warehouse) -> None:
    warehouse.published.parent.mkdir()
    warehouse.published.write_text("not a database", encoding="utf-8")
    with pytest.raises(UsageProblem, match="is not a DuckDB file"):
        start_working_file(warehouse)
    assert not warehouse.working.exists()
    assert warehouse.published.read_text(encoding="utf-8") == "not a database"


@pytest.mark.parametrize("name", ["raw.duckdb", "marts.db", "Meta.duckdb"])
def test_file_named_like_a_schema_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="named like one of its schemas"):
        warehouse_at(tmp_path / name)


def test_folder_is_no_warehouse(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="is a folder"):
        warehouse_at(tmp_path)


def test_one_run_at_a_time(tmp_path: Path) -> None:
    with only_run(tmp_path / "a", tmp_path / "b"):
        with pytest.raises(RunUnderWay, match="another run is under way"), only_run(tmp_path / "b"):
            pass
        with only_run(tmp_path / "c"):
            pass
    with only_run(tmp_path / "a"):  # given back
        assert (tmp_path / "a/lock").exists()


def test_code_fingerprint_follows_what_decides_the_file(tmp_path: Path) -> None:
    for name in ("loaders/forms", "models/marts", "docs"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "dbt_project.yml").write_text("name: x", encoding="utf-8")
    (tmp_path / "models/marts/a.sql").write_text("select 1", encoding="utf-8")
    before = code_fingerprint(tmp_path)
    (tmp_path / "docs/a.md").write_text("words", encoding="utf-8")
    (tmp_path / "loaders/__pycache__").mkdir()
    (tmp_path / "loaders/__pycache__/a.pyc").write_bytes(b"1")
    assert code_fingerprint(tmp_path) == before
    seen = {before}
    for change in (
        lambda: (tmp_path / "models/marts/a.sql").write_text("select 2", encoding="utf-8"),
        lambda: (tmp_path / "models/marts/a.sql").rename(tmp_path / "models/marts/b.sql"),
        lambda: (tmp_path / "loaders/forms/f.yml").write_text("form", encoding="utf-8"),
        lambda: (tmp_path / "dbt_project.yml").write_text("name: y", encoding="utf-8"),
    ):
        change()
        seen.add(code_fingerprint(tmp_path))
    assert len(seen) == 5


def test_status_counts_what_is_there(warehouse: Warehouse, filled: Callable[[Path], Path]) -> None:
    filled(warehouse.published.parent)
    with connect(warehouse.published) as connection:
        connection.execute("update raw.cell set claimed_as = null where block_no = 3")
        connection.execute("drop table quality.qc_finding")
        connection.execute(
            "insert into raw.rejected_document (file_name, reason_code, reason) values ('e.txt', 'empty', 'no bytes')"
        )
    status = read_status(warehouse.published)
    assert status.publication is None
    assert (status.documents, status.unclaimed_cells, status.findings) == (1, 1, None)
    assert status.forms == {"budget_grid": 1, "project_target": 1}
    assert status.facts["fct_budget_line"] == 2
    assert status.refused == ({"file_name": "e.txt", "reason_code": "empty", "reason": "no bytes"},)
    with connect(warehouse.published) as connection:
        connection.execute("create table quality.qc_finding as select 'rounding' as outcome from range(3)")
    assert read_status(warehouse.published).findings == {"rounding": 3}


def test_status_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="nothing is published there yet"):
        read_status(tmp_path / "none.duckdb")
