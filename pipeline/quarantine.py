"""Documents that are held back: what a guard stopped is not published, and costs no other document anything.

A document that fails is taken out of the raw tables and noted in raw.quarantined_document. Its file is passed over by
later loads until somebody releases it (`yusuan release`), the file has other contents, or the code has changed: then it
is read and asked about again. What the place held before stays the current printing meanwhile.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from expectations import evidence
from expectations.gate import Blame
from loaders import raw
from loaders.connection import connect
from loaders.load import Change
from pipeline import history
from pipeline.errors import UsageProblem

if TYPE_CHECKING:
    import duckdb

    from pipeline.layout import Warehouse

_ID = re.compile(r"[0-9a-f]{6,64}")
_TABLE = "raw.quarantined_document"
_FAILING = {"error", "fail", "runtime error", "partial success"}


def hold_back(connection: duckdb.DuckDBPyConnection, blamed: Sequence[Blame], code: str) -> list[Change]:
    """Take the blamed documents out of the raw tables, with a note of each guard; gives one change per document."""
    ids = sorted({blame.document_id for blame in blamed})
    places = dict(
        connection.execute(
            "select document_id, arg_min(source_key, seen_at) from raw.document_source"
            " where document_id in (select unnest(?)) group by document_id",
            [ids],
        ).fetchall()
    )
    moment = history.now()
    rows = {
        (blame.document_id, blame.guard): {
            "document_id": blame.document_id,
            "guard": blame.guard,
            "file_name": blame.file_name,
            "source_key": places.get(blame.document_id),
            "row_count": blame.row_count,
            "reason": blame.reason,
            "first_locator": blame.source_locator,
            "code_fingerprint": code,
            "quarantined_at": moment,
        }
        for blame in blamed
    }
    connection.execute("begin")
    connection.execute(f"delete from {_TABLE} where document_id in (select unnest(?))", [ids])
    raw.insert(connection, "quarantined_document", list(rows.values()))
    raw.delete_documents(connection, ids)
    connection.execute("delete from raw.document_source where document_id in (select unnest(?))", [ids])
    connection.execute("commit")
    evidence.forget_documents(connection, ids)
    first = {blame.document_id: blame for blame in reversed(blamed)}
    return [Change(document_id, first[document_id].file_name, "held", first[document_id].guard) for document_id in ids]


def lift(connection: duckdb.DuckDBPyConnection, released: Collection[str], code: str) -> None:
    """Forget what held documents back that are released, or that other code has held: they are read again."""
    connection.execute(
        f"delete from {_TABLE} where document_id in (select unnest(?::varchar[]))"
        " or code_fingerprint is distinct from ?",
        [list(released), code],
    )


def held(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """The notes on documents that are held back, one for each guard, with the columns of the table."""
    answer = connection.execute(f"from {_TABLE} order by file_name, document_id, guard")
    names = [column[0] for column in answer.description or ()]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def named(name: str, warehouse: Warehouse) -> str:
    """The held document that a name says: its id, the beginning of one, or its file name. Raises UsageProblem."""
    if not warehouse.published.exists():
        raise UsageProblem(f"{warehouse.published}: nothing is published there yet")
    with connect(warehouse.published, read_only=True) as connection:
        known = {str(row["document_id"]): str(row["file_name"] or "") for row in held(connection)}
    matching = sorted(
        document_id
        for document_id, file_name in known.items()
        if (_ID.fullmatch(name) and document_id.startswith(name)) or name in (file_name, file_name.rpartition("/")[2])
    )
    if len(matching) == 1:
        return matching[0]
    if not matching:
        raise UsageProblem(f"{name}: no document of this warehouse is held back under this name")
    listed = ", ".join(f"{document_id[:12]} ({known[document_id]})" for document_id in matching)
    raise UsageProblem(f"{name}: says several documents: {listed}")


def blamed_by_tests(results: Sequence[Any], connection: duckdb.DuckDBPyConnection) -> list[Blame] | None:
    """Failing data tests of dbt → the documents in their rows; None if one of the nodes names none.

    A model that fails names none, and neither does a test whose rows cannot be traced to documents.
    """
    found: list[Blame] = []
    for result in results:
        if str(result.status) not in _FAILING:
            continue
        rows = _documents_of(result, connection)
        if not rows:
            return None
        reason = result.node.description or "a data test of dbt fails on rows of this document"
        found += [
            Blame(document_id, file_name, str(result.node.name), reason, count, None)
            for document_id, file_name, count in rows
        ]
    return found


def _documents_of(result: Any, connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str | None, int]]:
    node = result.node
    if str(node.resource_type) != "test" or str(result.status) == "error" or not node.compiled_code:
        return []
    query = f"({node.compiled_code})"
    columns = [column[0] for column in connection.execute(f"from {query} limit 0").description or ()]
    if "document_id" not in columns:
        table, pairs = _traced(node, columns, connection)
        if not pairs:
            return []
        same = " and ".join(f"m.{ours} is not distinct from f.{theirs}" for ours, theirs in pairs)
        query = f"(select m.document_id from {table} as m semi join {query} as f on {same})"
    return connection.execute(
        "select f.document_id, min(d.file_name), count(*)"
        f" from {query} as f inner join raw.document as d using (document_id) group by f.document_id"
    ).fetchall()


def _traced(
    node: Any, columns: Sequence[str], connection: duckdb.DuckDBPyConnection
) -> tuple[str, list[tuple[str, str]]]:
    """The tested table and its columns that the failing rows of a generic test give, where it knows documents."""
    tested = next((name for name in node.depends_on.nodes if name == getattr(node, "attached_node", None)), None)
    if tested is None:
        return "", []
    name = tested.rpartition(".")[2]
    row = connection.execute(
        "select schema_name, list(column_name) from duckdb_columns()"
        " where database_name = current_database() and table_name = ? group by schema_name",
        [name],
    ).fetchone()
    if row is None or "document_id" not in row[1]:
        return "", []
    own = {"value_field": node.column_name, "from_field": node.column_name, "unique_field": node.column_name}
    pairs = [(own.get(column) or column, column) for column in columns]
    return f'"{row[0]}"."{name}"', [(ours, theirs) for ours, theirs in pairs if ours in row[1]]
