"""The same models on Spark, for what one machine does not hold (docs/scaling.md).

Raw tables stand as Parquet in a folder (loaders/parquet.py); dbt's target `spark` builds from them into another folder,
`<tables>/tables/<schema>.db/<table>`. What was built there can be compared with a warehouse file, or taken into one.
"""

from __future__ import annotations

import os
import shutil
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from loaders import parquet
from loaders.connection import connect, quoted
from loaders.errors import InputError
from pipeline import history
from pipeline.build import BuildReport, run_dbt
from pipeline.errors import BuildFailed, NothingLoaded, UsageProblem
from pipeline.layout import ROOT, Warehouse, target_dir
from pipeline.project import own_project
from pipeline.publish import start_working_file

if TYPE_CHECKING:
    import duckdb
    from pyspark.sql import SparkSession

    from loaders.load import LoadReport
    from pipeline.display import Steps

MASTER = "local[2]"
# What dbt makes; staging only trims raw tables, and stays a view on both engines.
SCHEMAS = ("reference", "intermediate", "marts", "reports", "quality")
# The history of runs is that of the warehouse file; on Spark its models are views.
_OWN_TO_AN_ENGINE = ("qc_run", "qc_run_step", "qc_run_table", "qc_run_document")


@dataclass(frozen=True)
class Comparison:
    """A table of both engines: its rows, and those of one alone; `only_spark` is None where Spark has no such table."""

    table: str
    rows: int
    only_duckdb: int
    only_spark: int | None
    columns: tuple[str, ...] = ()  # those that differ

    @property
    def equal(self) -> bool:
        """True if both engines have the same rows; False where Spark has no such table."""
        return not self.only_duckdb and self.only_spark == 0 and not self.columns


def require_spark(master: str) -> None:
    """Raises UsageProblem if pyspark, dbt-spark or Java is missing. A cluster on this machine is heard by it alone."""
    missing = [name for name in ("pyspark", "dbt.adapters.spark") if not _is_there(name)]
    if missing:
        raise UsageProblem("Spark is not installed: make spark (it needs 0.5 GB)")
    if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
        raise UsageProblem(
            "Spark needs a Java runtime, 17 or newer; on Debian and Ubuntu: apt install default-jre-headless"
        )
    if master.startswith("local") or "//127.0.0.1:" in master:
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")


def _is_there(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def export(warehouse: Warehouse, folder: Path, steps: Steps) -> int:
    """Raw tables and history of the published file → Parquet in `folder`; gives the number of tables."""
    if not warehouse.published.exists():
        raise UsageProblem(f"{warehouse.published}: no such file; start with `yusuan run PATH…`")
    with steps("export"), connect(warehouse.published, read_only=True) as connection:
        return sum(parquet.export_tables(connection, schema, folder) for schema in ("raw", "meta"))


def load(paths: Sequence[Path], folder: Path, master: str, steps: Steps, retry: bool = False) -> LoadReport:
    """Documents → raw Parquet, read by the cluster at `master`. Raises as pipeline.run.load_step does."""
    from loaders.cluster import load as load_on_cluster

    require_spark(master)
    _require_history(folder)
    with connect(":memory:") as connection:
        parquet.import_tables(connection, "meta", folder)
        withdrawn = history.withdrawn(connection)
    try:
        with steps("load") as tell, java_words(), session(master) as spark:
            report = load_on_cluster(paths, folder, spark, tell, withdrawn=withdrawn, retry=retry)
    except InputError as error:
        raise UsageProblem(str(error)) from error
    if not report.found:
        raise NothingLoaded(f"no documents found in {', '.join(map(str, paths))}")
    return report


def _require_history(folder: Path) -> None:
    """The (empty) tables of the history, where there is none: the models on runs read them."""
    if not (folder / "meta").exists():
        with connect(":memory:") as connection:
            history.create_tables(connection)
            parquet.export_tables(connection, "meta", folder)


@contextmanager
def session(master: str) -> Iterator[SparkSession]:
    """A session of this program on a cluster, ended with the block. Executors import this very code."""
    warnings.filterwarnings("ignore", message="PySpark does not yet fully support pandas")  # whose API is not used
    from pyspark.sql import SparkSession

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.session.timeZone": "UTC",
        "spark.executorEnv.PYTHONPATH": str(ROOT),
    }
    builder = SparkSession.builder.master(master).appName("yusuan")
    for name, value in settings.items():
        builder = builder.config(name, value)
    found = builder.getOrCreate()
    try:
        yield found
    finally:
        found.stop()


def build(
    folder: Path, tables: Path, master: str, steps: Steps, catalogue: Path | None = None, data_tests: bool = True
) -> BuildReport:
    """dbt build on Spark: the raw Parquet of `folder` → tables under `tables`. Raises BuildFailed as any build.

    Spark's catalogue stands in `<catalogue>/metastore`, or beside the tables. Without `data_tests` the tables are made
    and not asked anything.
    """
    require_spark(master)
    if not (folder / "raw").is_dir():
        raise UsageProblem(f"{folder}: holds no raw tables; start with `yusuan spark load` or `yusuan spark export`")
    _require_history(folder)
    tables.mkdir(parents=True, exist_ok=True)
    environment = {
        "YUSUAN_RAW": str(folder.resolve()),
        "YUSUAN_SPARK_DIR": str(tables.resolve()),
        "YUSUAN_SPARK_CATALOGUE": str((catalogue or tables).resolve()),
        "YUSUAN_SPARK_MASTER": master,
    }
    left_out = ("unit_test",) if data_tests else ("unit_test", "test")
    with steps("build") as tell, java_words():
        try:
            return run_dbt(
                own_project("spark", "spark"),
                environment,
                target_dir() / "spark",
                exclude_resource_types=left_out,
                on_progress=tell,
            )
        except BuildFailed as error:
            raise BuildFailed(f"{error}\nSpark's own words: {_words_file()}") from error
        finally:
            _stop_sessions()


def _stop_sessions() -> None:
    """dbt leaves its session open; the next one may be on another cluster."""
    from dbt.adapters.factory import reset_adapters
    from pyspark.sql import SparkSession

    if found := SparkSession.getActiveSession():
        found.stop()
    reset_adapters()


def compare(warehouse: Warehouse, tables: Path, steps: Steps) -> list[Comparison]:
    """Every table that dbt makes, of a published file and of Spark: rows that only one has, counted both ways.

    Both must be made from the same raw tables.
    """
    if not warehouse.published.exists():
        raise UsageProblem(f"{warehouse.published}: no such file")
    found = []
    with steps("compare") as tell, connect(":memory:") as connection:
        connection.execute(f"attach '{quoted(warehouse.published)}' as duck (read_only)")
        names = connection.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = 'duck'"
            " union select schema_name, view_name from duckdb_views() where database_name = 'duck' order by all"
        ).fetchall()
        wanted = [(schema, name) for schema, name in names if schema in SCHEMAS and name not in _OWN_TO_AN_ENGINE]
        for done, (schema, name) in enumerate(wanted, start=1):
            found.append(_compared(connection, schema, name, tables))
            tell(done, len(wanted), f"{schema}.{name}")
    return found


def _compared(connection: duckdb.DuckDBPyConnection, schema: str, name: str, tables: Path) -> Comparison:
    duck = f"duck.{schema}.{name}"
    rows = _count(connection, f"from {duck}")
    files = table_files(tables, schema, name)
    if not files:
        return Comparison(f"{schema}.{name}", rows, rows, None)
    connection.execute(f"create or replace temp table spark as from read_parquet({[str(file) for file in files]})")
    connection.execute(f"create or replace temp table duckdb as from {duck}")
    types = [dict(_columns(connection, table)) for table in ("duckdb", "spark")]
    differing = [column for column in types[0] if types[0][column] != types[1].get(column)]
    columns = ", ".join(f'"{column}"' for column in types[0] if column in types[1])
    one, other = f"select {columns} from duckdb", f"select {columns} from spark"
    only_duckdb = _count(connection, f"{one} except all {other}")
    only_spark = _count(connection, f"{other} except all {one}")
    if only_duckdb or only_spark:
        differing += [
            column
            for column in types[0]
            if column in types[1]
            and _count(connection, f'select "{column}" from duckdb except all select "{column}" from spark')
        ]
    return Comparison(f"{schema}.{name}", rows, only_duckdb, only_spark, tuple(dict.fromkeys(differing)))


def table_files(tables: Path, schema: str, name: str) -> list[Path]:
    """The files of a table that Spark made."""
    return sorted((tables / "tables" / f"{schema}.db" / name).glob("*.parquet"))


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> list[tuple[str, str]]:
    return [(str(row[0]), str(row[1])) for row in connection.execute(f"describe {table}").fetchall()]


def _count(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    row = connection.execute(f"select count(*) from ({query})").fetchone()
    return int(row[0]) if row else 0


def collect(folder: Path, tables: Path, warehouse: Warehouse, steps: Steps) -> int:
    """Raw tables and what Spark built → a working file, for the gates and for publishing; gives the number of tables.

    The gates, and whoever reads the published file, find what they find after a build on one machine; only the layers
    that nobody but dbt reads (staging, intermediate) are left where they are.
    """
    built = {
        schema: sorted(place.name for place in (tables / "tables" / f"{schema}.db").glob("*") if place.is_dir())
        for schema in SCHEMAS
        if schema != "intermediate"
    }
    if not built["marts"]:
        raise UsageProblem(f"{tables}: holds no tables; start with `yusuan spark build`")
    with steps("collect") as tell:
        start_working_file(warehouse)
        with connect(warehouse.working) as connection:
            count = parquet.import_tables(connection, "raw", folder)
            names = [(schema, name) for schema, found in built.items() for name in found]
            for done, (schema, name) in enumerate(names, start=1):
                connection.execute(f"create schema if not exists {schema}")
                files = [str(file) for file in table_files(tables, schema, name)]
                connection.execute(f"create or replace table {schema}.{name} as from read_parquet({files})")
                tell(done, len(names), f"{schema}.{name}")
    return count + len(names)


def _words_file() -> Path:
    return target_dir() / "spark.log"


@contextmanager
def java_words() -> Iterator[None]:
    """What Spark's Java side prints goes to a file (target/spark.log) and not among the progress."""
    file = _words_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    sys.stderr.flush()
    ours, python_side = os.dup(2), sys.stderr
    with file.open("w", encoding="utf-8") as words:
        os.dup2(words.fileno(), 2)
        sys.stderr = os.fdopen(os.dup(ours), "w", buffering=1)
        try:
            yield
        finally:
            sys.stderr.close()
            sys.stderr = python_side
            os.dup2(ours, 2)
            os.close(ours)
