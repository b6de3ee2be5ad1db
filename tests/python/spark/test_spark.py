"""The same documents and models on Spark: a load spread over a cluster, and every table as DuckDB makes it."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import local_cluster
import polars as pl
import pytest

from loaders import parquet
from loaders.connection import connect
from loaders.inbox import find_documents
from loaders.load import load
from loaders.schema import TABLES
from pipeline.build import build
from pipeline.display import Steps
from pipeline.layout import warehouse_at
from pipeline.spark import Comparison, compare

from ..support.paths import ROOT, SAMPLES

CORPUS = ROOT.parent / "shared" / "corpus"
needs_spark = pytest.mark.skipif(
    importlib.util.find_spec("pyspark") is None or not (shutil.which("java") or os.environ.get("JAVA_HOME")),
    reason="Spark is not installed (make spark), or Java is missing",
)
# Compiling each query costs more than running it on a few rows.
_SETTINGS = "spark.sql.codegen.wholeStage false\nspark.sql.codegen.factoryMode NO_CODEGEN\nspark.log.level ERROR\n"
# A machine that runs for a minute never gets back what its best compiler costs.
_JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
_MOMENTS = {"loaded_at", "seen_at", "rejected_at"}


@pytest.fixture
def spark(tmp_path: Path) -> Any:
    """`yusuan spark …` as a program of its own: one Java machine belongs to one process."""
    settings = tmp_path / "settings"
    settings.mkdir()
    (settings / "spark-defaults.conf").write_text(_SETTINGS)
    environment = {
        **os.environ,
        "SPARK_CONF_DIR": str(settings),
        "SPARK_SUBMIT_OPTS": _JAVA,
        "YUSUAN_TARGET": str(tmp_path / "target"),
        "PYTHONPATH": str(ROOT),
    }

    def call(*arguments: object) -> str:
        command = [sys.executable, "-m", "pipeline", "spark", *map(str, arguments)]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
        return done.stdout

    return call


def rows(table: str, frame: pl.DataFrame) -> list[tuple[object, ...]]:
    """Rows in an order of their own, without the moments of the load."""
    columns = [column for column in TABLES[table] if column not in _MOMENTS]
    return sorted(frame.select(columns).rows(), key=repr)


def assert_same_raw(folder: Path, documents: Sequence[Path], beside: Path) -> None:
    """The raw tables in `folder` are those of an ordinary load of the same documents."""
    load(documents, beside)
    with connect(beside, read_only=True) as connection:
        for table in TABLES:
            loaded = rows(table, connection.sql(f"from raw.{table}").pl())
            assert rows(table, pl.read_parquet(folder / "raw" / table / "*.parquet")) == loaded, table


@needs_spark
def test_a_cluster_loads_as_one_machine_does(tmp_path: Path, spark: Any) -> None:
    """Odd names, the same bytes twice, refused files, an archive, amendments, and what a killed load left."""
    inbox, folder = tmp_path / "in box", tmp_path / "raw"
    shutil.copytree(SAMPLES, inbox / "县[2024]{1}")
    (inbox / "again").mkdir()
    shutil.copy(SAMPLES / "targets-pdf-text.txt", inbox / "again" / "复制 *品?.txt")
    (inbox / "empty.txt").touch()
    (inbox / "noise.pdf").write_bytes(bytes(range(256)))
    shutil.make_archive(str(inbox / "packed"), "zip", SAMPLES, "final-2023-culture-centre.txt")
    first = json.loads(spark("load", inbox, "--raw", folder, "--json"))["load"]
    assert {(one["file_name"], one["reason_code"]) for one in first["rejected"]} == {
        ("empty.txt", "empty"),
        ("noise.pdf", "binary"),
    }
    samples = len(find_documents([SAMPLES]))
    assert (first["found"], first["loaded"], first["unchanged"]) == (samples + 4, samples, 2)
    assert_same_raw(folder, [inbox], tmp_path / "first.duckdb")

    # What a load that was killed before its end leaves: a batch that nobody knows of, and half a file.
    stray = folder / "raw" / "cell" / "0123456789abcdef.parquet"
    shutil.copy(next(file for file in stray.parent.glob("*.parquet") if file.stem != "all"), stray)
    half = folder / "raw" / "form" / ".all.parquet.1"
    half.write_bytes(b"PAR1")
    again = json.loads(spark("load", inbox, "--raw", folder, "--json"))["load"]
    assert (again["loaded"], again["unchanged"], again["changed"]) == (0, samples + 2, False)
    assert not stray.exists()
    assert not half.exists()

    amended = inbox / "县[2024]{1}" / "budget-2024-culture-centre.txt"
    amended.write_text(amended.read_text("utf-8") + "\n更正。\n", "utf-8")
    third = json.loads(spark("load", inbox, "--raw", folder, "--json"))["load"]
    assert (third["loaded"], third["superseded"]) == (1, 1)
    assert_same_raw(folder, [inbox], tmp_path / "first.duckdb")


@needs_spark
def test_every_table_of_the_samples_is_that_of_duckdb(samples_warehouse: Path, tmp_path: Path, spark: Any) -> None:
    """Row for row; the data tests hold of equal tables as they do in DuckDB."""
    folder, tables = tmp_path / "raw", tmp_path / "built"
    spark("export", "--warehouse", samples_warehouse, "--raw", folder)
    spark("build", "--raw", folder, "--tables", tables, "--no-data-tests")
    found = compare(warehouse_at(samples_warehouse), tables, Steps(quiet=True))
    assert [one for one in found if not one.equal] == []
    assert len(found) > 100
    assert sum(one.rows for one in found) > 5_000


@needs_spark
@pytest.mark.nightly
def test_every_table_of_a_cluster_is_that_of_duckdb(tmp_path: Path, spark: Any) -> None:
    """A master and two workers load and build a few hundred documents; all dbt tests pass there, the gates do after."""
    from simulation.corpus import DOCUMENTS, Settings, write_corpus

    simulated = tmp_path / "simulated"
    write_corpus(simulated, Settings(units=20, first_year=2022, last_year=2024, seed=3))
    documents = [simulated / DOCUMENTS, SAMPLES, *([CORPUS / "seeds", CORPUS / "wild"] if CORPUS.exists() else [])]
    folder, tables, file = tmp_path / "raw", tmp_path / "built", tmp_path / "duck" / "yusuan.duckdb"
    with local_cluster.cluster(tmp_path / "cluster") as master:
        spark("load", *documents, "--raw", folder, "--master", master)
        spark("build", "--raw", folder, "--tables", tables, "--master", master, "--catalogue", tmp_path / "catalogue")
        logs = [log.read_text("utf-8") for log in (tmp_path / "cluster").glob("*.log")]
    assert (tmp_path / "catalogue" / "metastore").is_dir()
    assert not (tables / "metastore").exists()
    assert sum("Launching executor" in log or "Asked to launch executor" in log for log in logs) >= 2
    with connect(file) as connection:
        for schema in ("raw", "meta"):
            parquet.import_tables(connection, schema, folder)
        assert len(connection.execute("from raw.document").fetchall()) > 200
    build(file, tmp_path / "target")
    found = compare(warehouse_at(file), tables, Steps(quiet=True))
    assert [one for one in found if not one.equal] == []
    assert len(found) > 100
    assert sum(one.rows for one in found) > 10_000
    assert "none differ" in spark("compare", "--warehouse", file, "--tables", tables)

    # What was built on the cluster passes the gates and is published like any other run.
    published = tmp_path / "published" / "yusuan.duckdb"
    spark("collect", "--raw", folder, "--tables", tables, "--warehouse", published)
    for step in ("check", "publish"):
        command = [sys.executable, "-m", "pipeline", step, "--warehouse", str(published)]
        environment = {**os.environ, "YUSUAN_TARGET": str(tmp_path / "target"), "PYTHONPATH": str(ROOT)}
        subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    with connect(published, read_only=True) as connection, connect(file, read_only=True) as built:
        count = "select count(*) from reports.rpt_budget_yoy"
        assert connection.execute(count).fetchone() == built.execute(count).fetchone() != (0,)


def test_a_comparison_sees_rows_types_and_missing_tables(tmp_path: Path) -> None:
    file, tables = tmp_path / "duck.duckdb", tmp_path / "built"
    with connect(file) as connection:
        connection.execute("create schema marts")
        for name in ("same", "twice", "typed", "alone"):
            connection.execute(f"create table marts.{name} as select 1 as a, 'x' as b union all select 2, 'y'")
    for name, query in {
        "same": "select 2 as a, 'y' as b union all select 1, 'x'",
        "twice": "select 1 as a, 'x' as b union all select 1, 'x' union all select 2, 'z'",
        "typed": "select cast(1 as bigint) as a, 'x' as b union all select 2, 'y'",
    }.items():
        place = tables / "tables" / "marts.db" / name
        place.mkdir(parents=True)
        with connect(":memory:") as connection:
            connection.execute(f"copy ({query}) to '{place / 'part.parquet'}'")
    assert compare(warehouse_at(file), tables, Steps(quiet=True)) == [
        Comparison("marts.alone", 2, 2, None),
        Comparison("marts.same", 2, 0, 0),
        Comparison("marts.twice", 2, 1, 2, ("b",)),
        Comparison("marts.typed", 2, 0, 0, ("a",)),
    ]


def test_without_spark_the_command_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from click.testing import CliRunner

    from pipeline.cli import cli

    monkeypatch.setenv("YUSUAN_TARGET", str(tmp_path / "target"))
    monkeypatch.setattr("pipeline.spark._is_there", lambda _: False)
    answer = CliRunner().invoke(cli, ["spark", "load", str(SAMPLES), "--raw", str(tmp_path / "raw")])
    assert answer.exit_code == 2
    assert answer.output.strip() == "yusuan: Spark is not installed: make spark (it needs 0.5 GB)"
