"""A warehouse of many documents, made of a few in SQL: what the harnesses build on where reading is not measured."""

from __future__ import annotations

from pathlib import Path

from loaders.connection import connect
from loaders.seal import SEALS, seal_anew

# Columns that print the name of a unit, and those in which a project code may stand.
_UNIT_NAMES = {("document", "publisher_printed"), ("form", "unit_printed"), ("unit_profile", "unit_name_printed")}
_PROJECT_CODES = {"project_code_printed", "project_name_printed"}

# The project code of a copy: its number at places 10 to 13, so that projects of a document stay apart, and the check
# character that the other twenty give (macros/project_code_check.sql), so that no finding is made by copying.
_COPIED_CODE = """
    create or replace temp macro place_of(code, i) as instr('0123456789ABCDEFGHJKLMNPQRTUWXY', code[i + 1]) - 1;
    create or replace temp macro weighted_sum(code) as
        list_sum(list_transform(range(20), lambda i: place_of(code, i) * (cast(pow(3, i) as bigint) % 31)));
    create or replace temp macro check_character(code) as
        substring('0123456789ABCDEFGHJKLMNPQRTUWXY', cast(1 + (61 - weighted_sum(code) % 31) % 31 as bigint), 1);
    create or replace temp macro changed_code(code, number) as
        code[1:9] || lpad(cast(number as varchar), 4, '0') || code[14:20];
    create or replace temp macro copied_code(printed, code, number) as
        case when code = '' then printed
        else replace(printed, code, changed_code(code, number) || check_character(changed_code(code, number))) end
"""


def add_copies(base: Path, warehouse: Path, numbers: range) -> int:
    """Put copies of every document of the file `base` into `warehouse`; gives the number of documents afterwards.

    A copy is of another unit and has project codes of its own, so that units, projects and documents grow alike: it is
    to the warehouse what documents of another district are. The figures are the same.
    """
    with connect(warehouse) as connection:
        connection.execute(f"attach '{base}' as base (read_only)")
        connection.execute(_COPIED_CODE)
        tables = connection.execute(
            "select table_name, list(column_name order by column_index)"
            " from duckdb_columns() where database_name = 'base' and schema_name = 'raw' group by table_name"
        ).fetchall()
        for table, columns in tables:
            if "document_id" not in columns or table == SEALS:
                continue
            values = [_copied(table, column) for column in columns]
            connection.execute(
                f"insert into raw.{table} ({', '.join(columns)}) select {', '.join(values)} from base.raw.{table}"
                f" cross join range({numbers.start}, {numbers.stop}) as copy(number) order by number"
            )
        connection.execute("detach base")
        added = connection.execute(
            "select document_id from raw.document where document_id not in (select document_id from raw.document_seal)"
        ).fetchall()
        seal_anew(connection, [document_id for (document_id,) in added])
        row = connection.execute("select count(*) from raw.document").fetchone()
    return int(row[0]) if row else 0


def _copied(table: str, column: str) -> str:
    if column in {"document_id", "source_key"}:
        return f"sha256({column} || number)"
    if (table, column) in _UNIT_NAMES:
        # before the last words, which a guard looks for on the pages
        return f"{column}[:-5] || number || {column}[-4:]"
    if column in _PROJECT_CODES:
        return f"copied_code({column}, regexp_extract({column}, '[0-9A-Z]{{21}}'), number)"
    return column
