"""Which kinds of documents are due by the calendar of publication, and which are there."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True)
class Freshness:
    """One kind of document on one day.

    `fiscal_year` is the year whose documents should be out, `due_until` the end of the usual months. `state` is
    'there', 'due' (the months are not over) or 'overdue'. `newest_year` and `loaded_at` are of what is current.
    `units_missing` counts units that had this kind for the year before and have none yet.
    """

    document_kind: str
    fiscal_year: int
    due_until: date
    state: str
    newest_year: int | None
    loaded_at: datetime | None
    units_missing: int


def freshness(connection: duckdb.DuckDBPyConnection, today: date) -> list[Freshness]:
    """Each kind of reference.publication_calendar on the day `today`, in the order of their documents' kinds."""
    calendar = connection.execute(
        "select document_kind, year_offset, opens_month, closes_month"
        " from reference.publication_calendar order by document_kind"
    ).fetchall()
    return [_of_kind(connection, today, *kind) for kind in calendar]


def _of_kind(
    connection: duckdb.DuckDBPyConnection, today: date, kind: str, offset: int, opens: int, closes: int
) -> Freshness:
    published_in = today.year if today.month >= opens else today.year - 1
    wanted = published_in - offset
    due_until = date(published_in, closes, monthrange(published_in, closes)[1])
    row = connection.execute(
        "select max(fiscal_year), max(loaded_at) from marts.dim_document where document_kind = ? and is_current", [kind]
    ).fetchone()
    newest_year, loaded_at = row or (None, None)
    missing = connection.execute(
        "select count(*) from ("
        "select unit_key from marts.dim_document where document_kind = $kind and is_current and fiscal_year = $year - 1"
        " except select unit_key from marts.dim_document"
        " where document_kind = $kind and is_current and fiscal_year >= $year)",
        {"kind": kind, "year": wanted},
    ).fetchone()
    there = newest_year is not None and newest_year >= wanted
    state = "there" if there else "due" if today <= due_until else "overdue"
    return Freshness(kind, wanted, due_until, state, newest_year, loaded_at, int(missing[0]) if missing else 0)
