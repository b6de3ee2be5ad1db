"""The one way to open a warehouse file."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import duckdb

# New files are written so that DuckDB 1.2 and later can read them; existing files keep their version.
STORAGE_VERSION = "v1.2.0"
# Of new files, in bytes. Most of some 140 tables are small: with DuckDB's 256 KiB the samples take 32 MB, with this 9.
# Smaller blocks cost large tables more than they save: text that repeats is stored once per block.
BLOCK_SIZE = "65536"

# The same for every connection of a process: DuckDB refuses a second one to the same file with other settings.
# Nothing is fetched: an extension that is not built in is an error, not a download.
SETTINGS = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "storage_compatibility_version": STORAGE_VERSION,
    "default_block_size": BLOCK_SIZE,
}

# For statements of anybody: none can reach another file or the network. connect() puts a lock on it.
LOCKED = {**SETTINGS, "enable_external_access": "false"}


def quoted(path: Path) -> str:
    """A path for the inside of an SQL string, where a parameter cannot stand."""
    return str(path).replace("'", "''")


def connect(path: Path | str, read_only: bool = False, locked: bool = False) -> duckdb.DuckDBPyConnection:
    """Open the DuckDB file at `path`; it is created, with its folder, unless `read_only`. `locked`: see LOCKED.

    YUSUAN_MEMORY bounds the memory (2GB, 50%); duckdb.Error if it is no amount.

    Close every connection before the file is replaced: DuckDB keeps one instance a path in a process, and a new
    connection would show the old file. Raises duckdb.IOException when another process has the file open for writing.
    """
    path = Path(path)
    if not read_only:
        path.parent.mkdir(parents=True, exist_ok=True)
    memory = os.environ.get("YUSUAN_MEMORY") or "80%"  # of the machine, as DuckDB does by itself
    settings = LOCKED if locked else SETTINGS
    connection = duckdb.connect(str(path), read_only=read_only, config={**settings, "memory_limit": memory})
    # Of a connection, not of a file: DuckDB would draw a bar on stdout for what takes more than two seconds, into the
    # JSON of a command. If another connection of this process has locked the file, it has done this before.
    with contextlib.suppress(duckdb.InvalidInputException):
        connection.execute("set enable_progress_bar = false")
        if locked:
            connection.execute("set lock_configuration = true")
    return connection
