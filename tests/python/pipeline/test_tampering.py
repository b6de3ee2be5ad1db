"""Ways to lose or alter what was read, between the loaders and the models: none is published.

Each is done to raw tables that the loaders have written, of samples and of real documents. What counts is that a guard
stops it: the document is held back, or the run ends. The rows are those of whole documents, so that the tables are as
they are in life; the guards are asked as the gate asks them, without great-expectations around them, which takes long.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from expectations import evidence
from expectations.suite import load_suite, suite_file
from loaders.connection import connect
from loaders.load import load

from ..support.paths import SAMPLES, SHARED
from ..support.warehouses import Make, copied

WAREHOUSE = "yusuan.duckdb"
TAMPERINGS: dict[str, str] = yaml.safe_load(Path(__file__).with_name("tamperings.yml").read_text("utf-8"))


def loaded(paths: list[Path]) -> Make:
    """Make a file of raw tables alone, as a run has them after loading."""

    def make(folder: Path) -> None:
        load(paths, folder / WAREHOUSE)
        with connect(folder / WAREHOUSE) as connection:
            evidence.remember_documents(connection)

    return make


@pytest.fixture(params=["samples", "seeds"])
def file(request: pytest.FixtureRequest, made: Callable[[str, Make], Path], tmp_path: Path) -> Path:
    paths = sorted(SAMPLES.glob("*.txt"))
    if request.param == "seeds":
        if not SHARED.is_dir():
            pytest.skip("the shared material (../shared) is not beside the repository")
        paths = [SHARED / "corpus" / "seeds"]
    return copied(made(f"loaded-{request.param}", loaded(paths)) / WAREHOUSE, tmp_path)


def stopped_by(file: Path) -> dict[str, set[str | None]]:
    """Guards that find something → the documents that they name."""
    with connect(file) as connection:
        evidence.begin(connection, None, [])
        # What is private was not tampered with, and takes as long as all the others.
        guards = [guard for guard in load_suite(suite_file("raw")) if "row_holds_private" not in guard.query]
        found = {guard.name: connection.execute(guard.query).fetchall() for guard in guards}
    return {name: {row[0] for row in rows} for name, rows in found.items() if rows}


def test_what_was_read_is_stopped_by_nothing(file: Path) -> None:
    assert stopped_by(file) == {}


@pytest.mark.parametrize("way", TAMPERINGS)
def test_no_tampering_passes(way: str, file: Path) -> None:
    with connect(file) as connection:
        tables = "select table_name, estimated_size from duckdb_tables() where schema_name = 'raw'"
        before = connection.execute(tables).fetchall()
        row = connection.execute(TAMPERINGS[way]).fetchone()
        changed = bool(row and row[0]) or connection.execute(tables).fetchall() != before
    if not changed:
        pytest.skip("these documents have no such row")
    assert stopped_by(file), way


def test_the_list_is_long_enough() -> None:
    assert len(TAMPERINGS) >= 40
