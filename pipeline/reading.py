"""Reading what is published, with no more rights than reading needs, while the next file is published.

    connection = open_published("warehouse/yusuan.duckdb")

Within one process DuckDB gives a second connection to a path the file that the first one opened, even after another was
moved there. So the file is opened under the path where its publication is kept, which never changes its content.
"""

from __future__ import annotations

import threading
from pathlib import Path

import duckdb

from loaders.connection import connect
from pipeline.errors import UsageProblem
from pipeline.layout import Warehouse, warehouse_at
from pipeline.publish import publication_of

_ATTEMPTS = 5


def open_published(path: Path | str) -> duckdb.DuckDBPyConnection:
    """A connection to the file that is published at `path` now: read-only, locked, for statements of anybody.

    It keeps showing that publication until it is closed. Raises UsageProblem if nothing is published there.
    """
    warehouse = warehouse_at(Path(path))
    for attempt in range(_ATTEMPTS):
        try:
            return connect(_current(warehouse), read_only=True, locked=True)
        except (duckdb.IOException, FileNotFoundError) as error:  # its release went away in this very moment
            if not warehouse.published.exists():
                raise UsageProblem(f"{path}: nothing is published there yet") from error
            if attempt + 1 == _ATTEMPTS:
                raise
    raise AssertionError("unreachable")


def _current(warehouse: Warehouse) -> Path:
    """The path where the published file is kept; the published path itself for a file that is not."""
    published = warehouse.published.stat()
    for release in warehouse.releases_dir.glob(f"*/{warehouse.published.name}"):
        try:
            kept = release.stat()
        except FileNotFoundError:
            continue
        if (kept.st_ino, kept.st_dev) == (published.st_ino, published.st_dev):
            return release
    publication = publication_of(warehouse.published)  # without hard links the kept file is a copy
    release = warehouse.release(publication.run_id) if publication else warehouse.published
    return release if release.exists() else warehouse.published


class PublishedReader:
    """For programs that stay: cursors of the newest publication, one connection for all threads."""

    def __init__(self, path: Path | str) -> None:
        self._warehouse = warehouse_at(Path(path))
        self._lock = threading.Lock()
        self._seen: tuple[int, int, int] | None = None
        self._connection: duckdb.DuckDBPyConnection | None = None

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A cursor of its own on what is published now; cursors given before keep their publication.

        Raises UsageProblem if nothing is published.
        """
        with self._lock:
            try:
                stat = self._warehouse.published.stat()
            except FileNotFoundError as error:
                raise UsageProblem(f"{self._warehouse.published}: nothing is published there yet") from error
            seen = (stat.st_dev, stat.st_ino, stat.st_mtime_ns)
            if self._connection is None or seen != self._seen:
                self._connection = open_published(self._warehouse.published)
                self._seen = seen
            return self._connection.cursor()
