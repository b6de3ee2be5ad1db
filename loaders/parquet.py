"""Raw tables as a folder of Parquet, for engines that read no DuckDB file: `<folder>/raw/<table>/<batch>.parquet`.

A batch holds the rows of the documents that were read together; its files are written once and named after its content,
so that writing one again changes nothing. What is about places and documents as such (LEDGERS) is one file a table,
written anew in the end. `<folder>/batches.parquet` says which batch a document is in: files of other batches are what a
killed load left, and are removed by the next one.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from loaders import raw
from loaders.connection import quoted
from loaders.schema import LOADER_VERSION, TABLES

if TYPE_CHECKING:
    import duckdb

# In the order in which they are written: a document counts as loaded once the last one is there.
LEDGERS = ("document_source", "rejected_document", "load_notice", "document")
_WHOLE = "all"  # the batch of a table that is written whole


def create(folder: Path) -> None:
    """The folder with an empty file for every raw table that has none: engines take the columns from it."""
    for table in TABLES:
        place = folder / "raw" / table
        place.mkdir(parents=True, exist_ok=True)
        if not (place / f"{_WHOLE}.parquet").exists():
            write(raw.frame_of(table, []), place / f"{_WHOLE}.parquet")
    if not (folder / "batches.parquet").exists():
        write_batches(folder, {})


def write(frame: pl.DataFrame, file: Path) -> None:
    """A frame as a Parquet file; whoever reads the folder sees it whole or not at all."""
    part = file.with_name(f".{file.name}.{os.getpid()}")
    frame.write_parquet(part)
    part.replace(file)


def write_batch(folder: Path, documents: Mapping[str, Mapping[str, pl.DataFrame]]) -> str:
    """Extracted rows by document and table, ledgers left out → the name of the batch that holds them."""
    named = "\0".join([LOADER_VERSION, *sorted(documents)])
    batch = hashlib.sha256(named.encode()).hexdigest()[:24]
    for table in TABLES:
        if table not in LEDGERS and (rows := raw.together(table, documents)) is not None:
            write(rows, folder / "raw" / table / f"{batch}.parquet")
    return batch


def read_batches(folder: Path) -> dict[str, str]:
    """Document → the batch that its rows are in."""
    file = folder / "batches.parquet"
    return dict(pl.read_parquet(file).iter_rows()) if file.exists() else {}


def write_batches(folder: Path, batches: Mapping[str, str]) -> None:
    """See read_batches."""
    columns = {"document_id": list(batches), "batch": list(batches.values())}
    write(pl.DataFrame(columns, schema={"document_id": pl.String, "batch": pl.String}), folder / "batches.parquet")


def _batch_files(folder: Path) -> Iterable[Path]:
    for table in TABLES:
        if table not in LEDGERS:
            yield from (folder / "raw" / table).glob("*.parquet")


def remove_orphans(folder: Path, batches: Collection[str]) -> int:
    """Remove files of batches that are none of `batches`, and halves of files; gives their number."""
    left = [file for file in _batch_files(folder) if file.stem not in batches and file.stem != _WHOLE]
    left += (folder / "raw").glob("*/.*.parquet.*")
    for file in left:
        file.unlink()
    return len(left)


def remove_documents(folder: Path, batch: str, document_ids: Collection[str]) -> None:
    """Take documents out of a batch; a file that nothing is left in goes."""
    for file in _batch_files(folder):
        if file.stem != batch:
            continue
        rows = pl.read_parquet(file)
        kept = rows.filter(~pl.col("document_id").is_in(list(document_ids)))
        if kept.is_empty():
            file.unlink()
        elif kept.height < rows.height:
            write(kept, file)


def read_ledgers(folder: Path, connection: duckdb.DuckDBPyConnection) -> None:
    """The ledgers of the folder → raw.* of `connection`, whose other raw tables stay empty."""
    raw.create_tables(connection)
    for table in LEDGERS:
        connection.execute(f"insert into raw.{table} by name from read_parquet(?)", [str(folder / "raw" / table / "*")])


def write_ledgers(folder: Path, connection: duckdb.DuckDBPyConnection) -> None:
    """The ledgers of `connection` → the folder, the documents last."""
    for table in LEDGERS:
        write(connection.sql(f"from raw.{table}").pl(), folder / "raw" / table / f"{_WHOLE}.parquet")


def export_tables(connection: duckdb.DuckDBPyConnection, schema: str, folder: Path) -> int:
    """Tables of a schema → `<folder>/<schema>/<table>/all.parquet`, in place of what was there; gives their number."""
    names = [
        str(name)
        for (name,) in connection.execute(
            "select table_name from duckdb_tables() where schema_name = ? and database_name = current_database()",
            [schema],
        ).fetchall()
    ]
    for name in names:
        place = folder / schema / name
        place.mkdir(parents=True, exist_ok=True)
        whole = place / f"{_WHOLE}.parquet"
        part = place / f".{whole.name}.{os.getpid()}"
        connection.execute(f"copy {schema}.{name} to '{quoted(part)}' (format parquet)")
        part.replace(whole)
        for file in place.glob("*.parquet"):
            if file != whole:
                file.unlink()
    if schema == "raw":
        (folder / "batches.parquet").unlink(missing_ok=True)
        documents = connection.execute("select document_id from raw.document").fetchall()
        write_batches(folder, {str(document_id): _WHOLE for (document_id,) in documents})
    return len(names)


def listed_files(folder: Path, schema: str, table: str) -> list[Path]:
    """The files of a table that count: of a raw table no batch that the manifest does not list."""
    listed = {_WHOLE, *read_batches(folder).values()}
    found = sorted((folder / schema / table).glob("*.parquet"))
    return [file for file in found if schema != "raw" or file.stem in listed]


def import_tables(connection: duckdb.DuckDBPyConnection, schema: str, folder: Path) -> int:
    """The tables under `<folder>/<schema>` → the same schema of `connection`, in place of what it had."""
    connection.execute(f"create schema if not exists {schema}")
    places = sorted(place for place in (folder / schema).iterdir() if place.is_dir())
    for place in places:
        files = [str(file) for file in listed_files(folder, schema, place.name)]
        connection.execute(f"create or replace table {schema}.{place.name} as from read_parquet({files})")
    return len(places)
