"""Publications that are kept: which, how long, how to go back, and how to read one while the next is published."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
import stand_in
from click.testing import CliRunner, Result

from loaders.connection import connect
from pipeline import history, publish, releases
from pipeline.cli import cli
from pipeline.display import Steps
from pipeline.errors import UsageProblem
from pipeline.layout import Warehouse, gate_dir, warehouse_at
from pipeline.reading import open_published
from pipeline.run import publish_step

from ..support.warehouses import FILE_NAME, fill_raw

Publish = Callable[..., str]


def yusuan(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return warehouse_at(tmp_path / "house" / "yusuan.duckdb")


@pytest.fixture
def publish_next(warehouse: Warehouse) -> Publish:
    """Publish once more, by the real steps, with a document of its own; gives the run id."""

    def make(keep: int = 5, name: str = FILE_NAME) -> str:
        run_id = publish.start_working_file(warehouse)
        with connect(warehouse.working) as connection:
            connection.execute("drop schema if exists raw cascade")
            fill_raw(connection)
            connection.execute("update raw.document set file_name = ?", [name])
        stand_in.derive(warehouse.working)
        stand_in.pass_gates(warehouse, gate_dir(), run_id)
        publish_step(warehouse, Steps(quiet=True), keep)
        return run_id

    return make


def published_name(warehouse: Warehouse) -> str:
    with connect(warehouse.published, read_only=True) as connection:
        row = connection.execute("select file_name from raw.document").fetchone()
    assert row
    return str(row[0])


def test_the_last_publications_are_kept_and_no_more(warehouse: Warehouse, publish_next: Publish) -> None:
    run_ids = [publish_next(keep=3) for _ in range(5)]
    assert [release.publication.run_id for release in releases.kept(warehouse)] == run_ids[:1:-1]
    assert [path.name for path in warehouse.releases_dir.iterdir() if not path.is_dir()] == []
    assert {path.name for path in warehouse.releases_dir.iterdir()} == set(run_ids[2:])
    current = warehouse.releases_dir / run_ids[-1] / "yusuan.duckdb"
    assert current.samefile(warehouse.published)  # a hard link: the newest takes no room of its own


def test_rollback_goes_to_the_one_before_and_back_to_a_named_one(warehouse: Warehouse, publish_next: Publish) -> None:
    first, second, third = (publish_next(name=name) for name in ("1.txt", "2.txt", "3.txt"))
    at = ("--warehouse", warehouse.published)
    answer = json.loads(yusuan("rollback", *at, "--json").stdout)
    assert answer["publication"]["run_id"] == second
    assert published_name(warehouse) == "2.txt"
    assert yusuan("rollback", *at).exit_code == 0
    assert published_name(warehouse) == "1.txt"
    refused = yusuan("rollback", *at)
    assert refused.exit_code == 2
    assert "no publication before the published one is kept" in refused.stderr
    assert yusuan("rollback", third[:24], *at).exit_code == 0
    assert published_name(warehouse) == "3.txt"
    assert {release.publication.run_id for release in releases.kept(warehouse)} == {first, second, third}
    assert yusuan("rollback", "2", *at).exit_code == 2  # says three
    assert yusuan("rollback", third, *at).exit_code == 0  # what is published already
    assert not list(warehouse.published.parent.rglob("*.part"))


def test_the_published_one_is_kept_after_a_rollback(warehouse: Warehouse, publish_next: Publish) -> None:
    first = publish_next(name="1.txt")
    for name in ("2.txt", "3.txt"):
        publish_next(name=name)
    releases.rollback(warehouse, first)
    assert releases.prune(warehouse, 1) != []
    assert first in {release.publication.run_id for release in releases.kept(warehouse)}
    assert releases.purge(warehouse) != []
    assert [release.publication.run_id for release in releases.kept(warehouse)] == [first]


def test_numbers_order_publications_when_the_clock_goes_back(
    warehouse: Warehouse, publish_next: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = publish_next(name="1.txt")
    monkeypatch.setattr(history, "now", lambda: datetime(2001, 1, 1))
    second = publish_next(keep=1, name="2.txt")
    kept = releases.kept(warehouse)
    assert [release.publication.run_id for release in kept] == [second]
    assert kept[0].publication.run_no == 2
    assert not (warehouse.releases_dir / first).exists()


def test_a_publication_that_is_not_kept_is_kept_by_the_next_run(warehouse: Warehouse, publish_next: Publish) -> None:
    first = publish_next(name="1.txt")
    warehouse.release(first).unlink()
    assert releases.kept(warehouse) == []
    publish_next(name="2.txt")
    assert releases.kept(warehouse)[1].publication.run_id == first


def test_a_run_killed_before_it_published_leaves_no_release(
    warehouse: Warehouse, publish_next: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = publish_next(name="1.txt")
    real = os.replace

    def die(source: Path, target: Path) -> None:
        if target == warehouse.published:
            raise KeyboardInterrupt
        real(source, target)

    with monkeypatch.context() as patch:
        patch.setattr("os.replace", die)
        with pytest.raises(KeyboardInterrupt):
            publish_next(name="2.txt")
    assert published_name(warehouse) == "1.txt"
    assert len(releases.kept(warehouse)) == 2
    third = publish_next(name="3.txt")
    assert [release.publication.run_id for release in releases.kept(warehouse)] == [third, first]


def test_without_hard_links_a_release_is_a_copy(
    warehouse: Warehouse, publish_next: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError("no hard links here")

    monkeypatch.setattr("os.link", refuse)
    publish_next(name="1.txt")
    publish_next(name="2.txt")
    with open_published(warehouse.published) as old:
        releases.rollback(warehouse, None)
        assert old.execute("select file_name from raw.document").fetchone() == ("2.txt",)
        with open_published(warehouse.published) as new:
            assert new.execute("select file_name from raw.document").fetchone() == ("1.txt",)
    assert len(releases.kept(warehouse)) == 2
    assert not list(warehouse.published.parent.rglob("*.part"))


def test_half_a_release_is_none(warehouse: Warehouse, publish_next: Publish) -> None:
    publish_next()
    folder = warehouse.releases_dir / "20010101T000000Z-000000"
    folder.mkdir()
    (folder / "yusuan.duckdb.part").write_bytes(b"half")
    assert len(releases.kept(warehouse)) == 1
    publish_next()
    assert not folder.exists()


def test_rollback_where_nothing_is_kept(warehouse: Warehouse) -> None:
    with pytest.raises(UsageProblem, match="nothing is published"):
        releases.rollback(warehouse, None)


def test_the_file_says_which_code_made_it_and_how_many_rows_it_has(warehouse: Warehouse, publish_next: Publish) -> None:
    run_id = publish_next()
    publication = publish.publication_of(warehouse.published)
    assert publication
    assert (publication.run_id, publication.run_no) == (run_id, 1)
    assert publication.code_version
    with connect(warehouse.published, read_only=True) as connection:
        counts = dict(connection.execute("select table_name, row_count from meta.run_table").fetchall())
    assert counts["raw.document"] == 1
    assert counts["raw.budget_cell"] == counts["marts.fct_budget_line"] == 2
    assert counts["raw.evaluation"] == 0
