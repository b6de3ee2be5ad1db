"""Who reads raw Parquet takes the batches that the manifest lists, and nothing that a killed load left."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from loaders import parquet, raw
from loaders.connection import connect
from loaders.extract import extract_bytes

from ..support.paths import ROOT, SAMPLES

SAMPLE = (SAMPLES / "budget-2023-culture-centre.txt").read_bytes()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Raw tables with one document, and what a load left that was killed: whole batches that nobody lists, and half."""
    folder = tmp_path / "it's raw"
    parquet.create(folder)
    batch = parquet.write_batch(folder, {"known": raw.frames(extract_bytes(SAMPLE))})
    parquet.write_batches(folder, {"known": batch})
    parquet.write_batch(folder, {"stray": raw.frames(extract_bytes(SAMPLE))})
    shutil.copy(folder / "raw" / "form" / f"{batch}.parquet", folder / "raw" / "form" / ".half.parquet.1")
    (folder / "raw" / "cell" / "cut.parquet").write_bytes(b"PAR1")
    return folder


def test_duckdb_takes_the_listed_batches(folder: Path) -> None:
    with connect(":memory:") as connection:
        parquet.import_tables(connection, "raw", folder)
        for table in ("cell", "form", "budget_cell"):
            found = connection.execute(f"select distinct document_id from raw.{table}").fetchall()
            assert found == [("known",)], table


def test_a_new_folder_lists_no_batch(tmp_path: Path) -> None:
    parquet.create(tmp_path)
    assert parquet.read_batches(tmp_path) == {}
    assert (tmp_path / "batches.parquet").exists()


def test_the_views_on_spark_name_the_manifest() -> None:
    """What Spark makes of it is seen by the test of a load on a cluster."""
    macro = (ROOT / "macros" / "register_sources.sql").read_text("utf-8")
    assert "batches.parquet" in macro
    assert "_metadata.file_name in" in macro
