"""A SQLAlchemy dialect with which great-expectations reads DuckDB.

The dialect of duckdb-engine cannot be used as it is: its cursor is the connection itself, so that the rollback with
which great-expectations gives a connection back drops the rows that it has not fetched yet. Here every cursor has its
own result. Use: `connection_string="duckdb+gx:///<path>"` after importing this module; files are opened read-only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from duckdb_engine import ConnectionWrapper, CursorWrapper
from duckdb_engine import Dialect as DuckDBEngineDialect
from sqlalchemy import text, types
from sqlalchemy.dialects import postgresql, registry

from loaders.connection import connect
from loaders.privacy import row_holds_private

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb
    from sqlalchemy.engine import Connection

_TYPES: dict[str, type[types.TypeEngine[Any]]] = {
    "VARCHAR": types.VARCHAR,
    "TINYINT": types.SMALLINT,
    "SMALLINT": types.SMALLINT,
    "INTEGER": types.INTEGER,
    "BIGINT": types.BIGINT,
    "HUGEINT": types.NUMERIC,
    "FLOAT": types.FLOAT,
    "DOUBLE": types.DOUBLE,
    "DATE": types.DATE,
    "TIMESTAMP": types.TIMESTAMP,
    "TIMESTAMP WITH TIME ZONE": types.TIMESTAMP,
    "BOOLEAN": types.BOOLEAN,
}

_FUNCTION = "row_holds_private"
_COLUMNS = text(
    "select column_name, data_type, is_nullable, column_default, numeric_precision, numeric_scale"
    " from duckdb_columns()"
    " where database_name = current_database() and schema_name = :schema_name and table_name = :table_name"
    " order by column_index"
)


@contextmanager
def functions_of_suites(database: Path) -> Iterator[None]:
    """The functions that suites ask are known on every connection to the file, as long as the block lasts.

    DuckDB keeps them for all connections of a process to a file, but with the one that has registered them: it is
    opened before the others and closed after them.
    """
    with connect(database, read_only=True) as connection:
        register_functions(connection)
        try:
            yield
        finally:
            connection.remove_function(_FUNCTION)


def register_functions(connection: duckdb.DuckDBPyConnection) -> None:
    """Make known what suites ask beyond SQL: the very function by which the loaders leave private things out."""
    connection.create_function(_FUNCTION, row_holds_private, ["VARCHAR"], "BOOLEAN")


class _Cursor(CursorWrapper):
    """A cursor with a result of its own, which closing gives up."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, connection: ConnectionWrapper) -> None:
        super().__init__(cursor, connection)
        self._cursor = cursor

    def close(self) -> None:
        self._cursor.close()


class _ConnectionWithCursors(ConnectionWrapper):
    """A DBAPI connection each of whose cursors holds its own result."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        super().__init__(connection)
        self._connection = connection

    def cursor(self) -> CursorWrapper:
        return _Cursor(self._connection.cursor(), self)


class DuckDBDialect(DuckDBEngineDialect):
    """duckdb-engine's dialect with independent cursors and with columns read from DuckDB's own catalogue."""

    supports_statement_cache = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # great-expectations looks here for the way to write a regular expression; PostgreSQL's `~` is DuckDB's too.
        self.dialect = postgresql.dialect

    def connect(self, *_: Any, **kwargs: Any) -> Any:
        """Open the file of the connection string, always read-only."""
        return _ConnectionWithCursors(connect(kwargs["database"], read_only=True))

    def get_columns(self, connection: Connection, table_name: str, schema: str | None = None, **_: Any) -> list[Any]:
        """Columns of a table in SQLAlchemy's form; an empty list where there is no such table."""
        rows: Sequence[Any] = connection.execute(
            _COLUMNS, {"schema_name": schema or "main", "table_name": table_name}
        ).fetchall()
        return [
            {
                "name": name,
                "type": _column_type(data_type, precision, scale),
                "nullable": bool(nullable),
                "default": default,
                "autoincrement": False,
                "comment": None,
            }
            for name, data_type, nullable, default, precision, scale in rows
        ]


def _column_type(data_type: str, precision: int | None, scale: int | None) -> types.TypeEngine[Any]:
    if data_type.startswith("DECIMAL"):
        return types.NUMERIC(precision, scale)
    return _TYPES.get(data_type, types.VARCHAR)()


registry.register("duckdb.gx", __name__, "DuckDBDialect")
