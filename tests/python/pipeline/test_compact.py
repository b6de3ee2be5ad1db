"""The working file gives back what is free in it, and loses nothing by that."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from loaders.connection import BLOCK_SIZE, connect
from pipeline.compact import compact, drop_models, free_share

ROWS = 200_000


@pytest.fixture
def holed(tmp_path: Path) -> Path:
    """A file of which more than half is free, with a view, a constraint, a comment and rows in their order."""
    file = tmp_path / "yusuan.duckdb"
    with connect(file) as connection:
        connection.execute("create schema raw")
        connection.execute("create table raw.gone as select md5(i::varchar) as text from range(?) as r(i)", [ROWS])
        connection.execute("create table raw.kept (n integer not null, text varchar)")
        connection.execute("insert into raw.kept select ? - i, md5(i::varchar) from range(5000) as r(i)", [ROWS])
        connection.execute("comment on column raw.kept.text is '文本'")
        connection.execute("create view main.seen as select n from yusuan.raw.kept where n > 3")
    with connect(file) as connection:
        connection.execute("drop table raw.gone")
    return file


def contents(file: Path) -> list[object]:
    with connect(file, read_only=True) as connection:
        questions = (
            "select * from raw.kept",  # in the order of the file
            "select count(*) from main.seen",
            "select column_name, is_nullable, comment from duckdb_columns() where not internal order by all",
        )
        return [connection.execute(question).fetchall() for question in questions]


def test_a_file_with_holes_is_copied_without_them(holed: Path) -> None:
    before, size = contents(holed), holed.stat().st_size
    assert free_share(holed) > 0.5
    assert compact(holed)
    assert free_share(holed) < 0.05
    assert holed.stat().st_size < size / 2
    assert contents(holed) == before
    with connect(holed) as connection, pytest.raises(duckdb.ConstraintException):
        connection.execute("insert into raw.kept values (null, 'x')")
    assert sorted(path.name for path in holed.parent.iterdir()) == [holed.name]


def test_a_file_with_little_free_is_left_alone(holed: Path) -> None:
    compact(holed)
    before = holed.read_bytes()
    assert not compact(holed)
    assert holed.read_bytes() == before


def test_new_files_have_small_blocks(holed: Path) -> None:
    compact(holed)
    with connect(holed, read_only=True) as connection:
        assert connection.execute("select block_size from pragma_database_size()").fetchall() == [(int(BLOCK_SIZE),)]


def test_a_whole_build_starts_without_the_tables_that_it_replaces(holed: Path) -> None:
    with connect(holed) as connection:
        connection.execute("create schema meta; create table meta.run as select 1 as n")
        connection.execute("create schema marts; create table marts.fct_asset as select 1 as n")
        connection.execute("create schema staging; create view staging.stg_kept as from raw.kept")
        drop_models(connection)
        left = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where not internal order by 1"
        ).fetchall()
    assert left == [("meta.run",), ("raw.kept",)]
