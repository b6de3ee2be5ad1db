"""Which documents the raw gate still has to ask about, and which have passed it.

The raw rows of a document never change. What the gate has found of a document therefore holds until the document is
read again, or until suite or code change: `meta.document_evidence` keeps it, and a run asks about new documents only.
That the rows are still those that were asked about is what every run asks of every document (the seals). Nothing seals
facts: the gate of the marts asks about every document each time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from typing import TYPE_CHECKING

from loaders.raw import create_tables
from loaders.seal import SEALS

if TYPE_CHECKING:
    import duckdb

_TABLES = (
    "create schema if not exists meta",
    # What is known to be there: by the last publication, or because this run has loaded it.
    "create table if not exists meta.known_document"
    " (document_id varchar not null, loader_version varchar, seals varchar)",
    "create table if not exists meta.document_evidence"
    " (document_id varchar not null, asked_by varchar not null, seals varchar)",
)
_SEALS_NOW = (
    "select d.document_id, any_value(d.loader_version) as loader_version,"
    " string_agg(s.table_name || ' ' || s.digest, ' ' order by s.table_name) as seals"
    f" from raw.document as d left join raw.{SEALS} as s using (document_id) group by d.document_id"
)


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """The notes of the guards, where they are missing."""
    for statement in _TABLES:
        connection.execute(statement)


def remember_documents(connection: duckdb.DuckDBPyConnection) -> None:
    """Note the documents that are there: those of a publication when a run starts, those of a load when it ends.

    A document that was noted with the same loader version keeps its note, so that a later change is seen.
    """
    create_tables(connection)  # a file of an older version has fewer
    prepare(connection)
    connection.execute(
        "delete from meta.known_document as k using raw.document as d"
        " where k.document_id = d.document_id and k.loader_version is distinct from d.loader_version"
    )
    connection.execute(
        f"insert into meta.known_document from ({_SEALS_NOW}) anti join meta.known_document using (document_id)"
    )


def forget_documents(connection: duckdb.DuckDBPyConnection, document_ids: Collection[str]) -> None:
    """Take documents out of the notes: they were removed or held back, and are not missed."""
    prepare(connection)
    for table in ("known_document", "document_evidence"):
        connection.execute(f"delete from meta.{table} where document_id in (select unnest(?))", [list(document_ids)])


def begin(connection: duckdb.DuckDBPyConnection, asked_by: str | None, released: Collection[str]) -> int:
    """Note whom a gate asks about: the documents without evidence, or with None every one; gives their number.

    `released` are documents that somebody let pass whatever the guards say.
    """
    prepare(connection)
    connection.execute(
        "create or replace table meta.guarded_document as"
        " select distinct document_id from raw.document where document_id not in (select unnest(?::varchar[]))",
        [list(released)],
    )
    connection.execute(
        "create or replace table meta.asked_document as select document_id from meta.guarded_document"
        f" anti join (select e.document_id from meta.document_evidence as e inner join ({_SEALS_NOW}) as now"
        "  on e.document_id = now.document_id and e.seals = now.seals where e.asked_by = ?)"
        " using (document_id)",
        [asked_by],
    )
    # All rows are fetched: an answer that is left open keeps the connection from learning functions.
    return int(connection.execute("select count(*) from meta.asked_document").fetchall()[0][0])


def record(connection: duckdb.DuckDBPyConnection, asked_by: str, failed: Collection[str]) -> None:
    """Keep that the documents asked about have passed, but those that `failed`."""
    passed = "select document_id from meta.asked_document where document_id not in (select unnest(?::varchar[]))"
    connection.execute(f"delete from meta.document_evidence where document_id in ({passed})", [list(failed)])
    connection.execute(
        f"insert into meta.document_evidence select document_id, ?, seals from ({_SEALS_NOW})"
        f" where document_id in ({passed})",
        [asked_by, list(failed)],
    )


def asked_by(suite_sha256: str, code: str) -> str:
    """Who asked: the rules of a suite and the code whose rows they are about."""
    return hashlib.sha256(f"{suite_sha256} {code}".encode()).hexdigest()[:16]
