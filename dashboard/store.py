"""The published file, read safely while new ones are published over it."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from loaders.connection import connect

CACHED_ANSWERS = 400
ROWS_AT_ONCE = 2000

Row = dict[str, Any]
Identity = tuple[str, int, int, int]  # real path, inode, size, time of change in ns


class NoWarehouse(Exception):
    """There is nothing to read; `reason` is 'missing', 'unreadable' or 'outdated'."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason


class Reading:
    """Questions that are too long to be remembered, all answered by one and the same publication."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> Iterator[Row]:
        """The rows that a question gives, one after the other, a few of them in memory at a time."""
        cursor = self._connection.cursor()
        try:
            answer = cursor.execute(sql, list(parameters))
            names = [column[0] for column in answer.description or ()]
            while found := answer.fetchmany(ROWS_AT_ONCE):
                yield from (dict(zip(names, values, strict=True)) for values in found)
        finally:
            cursor.close()


class Store:
    """Answers to SQL on the published file, remembered until another file is published at its path.

    One connection serves all sessions. DuckDB keeps one instance a path in a process, so that a second connection would
    show the old file as long as the first is open: when the file has changed, the questions under way are let finish,
    the old connection is closed, and the new file is opened.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._turn = threading.Condition()
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._opened: Identity | None = None
        self._busy = 0
        self._answers: OrderedDict[tuple[str, tuple[Any, ...]], list[Row]] = OrderedDict()

    def identity(self) -> Identity:
        """What tells the published file from the one before. Raises NoWarehouse if there is none."""
        try:
            real = self.path.resolve(strict=True)
            state = real.stat()
        except OSError as error:
            raise NoWarehouse("missing") from error
        return str(real), state.st_ino, state.st_size, state.st_mtime_ns

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """The rows that a question gives, as dicts; nobody may change them. Raises NoWarehouse."""
        key = (sql, tuple(parameters))
        with self._turn:
            self._open_current()
            if key in self._answers:
                self._answers.move_to_end(key)
                return self._answers[key]
        with self.reading() as reading:
            try:
                found = list(reading.rows(sql, parameters))
            except duckdb.CatalogException as error:
                raise NoWarehouse("outdated", str(error).splitlines()[0]) from error
            # The file that answered is still the open one: it is closed only when nobody is busy.
            with self._turn:
                self._answers[key] = found
                while len(self._answers) > CACHED_ANSWERS:
                    self._answers.popitem(last=False)
        return found

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """Hold the file that is published now until the end. Raises NoWarehouse.

        Whoever holds it asks nothing of the store itself: that would wait for the end of the reading when another file
        has been published since.
        """
        with self._turn:
            self._open_current()
            assert self._connection is not None
            connection = self._connection
            self._busy += 1
        try:
            yield Reading(connection)
        finally:
            with self._turn:
                self._busy -= 1
                self._turn.notify_all()

    def close(self) -> None:
        """Let go of the file."""
        with self._turn:
            self._turn.wait_for(lambda: self._busy == 0)
            self._forget()

    def _open_current(self) -> None:
        """Open the file that is published now, if it is not the one that is open. The lock is held."""
        while True:
            wanted = self.identity()
            if self._opened == wanted:
                return
            if self._busy:
                self._turn.wait_for(lambda: self._busy == 0)
                continue
            self._forget()
            try:
                connection = connect(wanted[0], read_only=True, locked=True)
            except (duckdb.Error, OSError) as error:
                raise NoWarehouse("unreadable", str(error).splitlines()[0]) from error
            # Published over between looking and opening: look again.
            if self.identity() == wanted:
                self._connection, self._opened = connection, wanted
                return
            connection.close()

    def _forget(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = self._opened = None
        self._answers.clear()


def warehouse_path() -> Path:
    """The published file that the pages show: YUSUAN_WAREHOUSE, else warehouse/yusuan.duckdb."""
    return Path(os.environ.get("YUSUAN_WAREHOUSE") or "warehouse/yusuan.duckdb").absolute()
