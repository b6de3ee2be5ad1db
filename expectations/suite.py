"""Suites as data: each guard of a YAML file is one query for the rows that must not be there."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from loaders.seal import seals_in_tables

SUITES = Path(__file__).parent / "suites"

# Documents that a run asks about, and those that every run asks about (expectations/evidence.py).
ASKED, GUARDED = "meta.asked_document", "meta.guarded_document"
_TABLE = re.compile(r"\{(all )?([a-z_]+\.[a-z_]+)\}")
_SEALS = "{seals}"
_BLANKS = r"'[\s　]+', '', 'g'"


@dataclass(frozen=True)
class Guard:
    """One statement about the rows of documents, as the query for what contradicts it.

    `query` gives one row per document: document_id, row_count, the first source_locator and table_name. A null
    document_id means that no document can be named. `rows` gives every row, for whoever looks for the fault.
    """

    name: str
    query: str
    rows: str
    reason: str
    reason_zh: str


def suite_file(name: str) -> Path:
    """The YAML file of suite `name`. Raises ValueError for a name that is no suite."""
    path = SUITES / f"{name}.yml"
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in SUITES.glob("*.yml")))
        raise ValueError(f"no suite named {name} (there are: {known})")
    return path


def load_suite(path: Path) -> tuple[Guard, ...]:
    """The guards that the suite at `path` declares, in its order. Raises ValueError for a key that is none."""
    return tuple(_guard(declared) for declared in yaml.safe_load(path.read_text(encoding="utf-8"))["guards"])


def suite_fingerprint(path: Path) -> str:
    """SHA-256 of the suite's file, in hex: evidence names the rules that were asked."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _guard(declared: Mapping[str, Any]) -> Guard:
    unknown = set(declared) - {"name", "query", "tables", "pairs", "reason", "reason_zh"}
    if unknown:
        raise ValueError(f"guard {declared.get('name')}: unknown key {', '.join(sorted(unknown))}")
    parts = list(_parts(declared))
    none = (
        "select null::varchar as document_id, null::varchar as source_locator, null::varchar as table_name where false"
    )
    rows = _TABLE.sub(_restricted, " union all by name ".join([none, *(f"({part})" for part in parts)]))
    query = (
        "select document_id, count(*) as row_count, min(source_locator) as source_locator,"
        f" min(table_name) as table_name from ({rows}) as found group by document_id order by document_id"
    )
    return Guard(declared["name"], query, rows, declared["reason"], declared["reason_zh"])


def _parts(declared: Mapping[str, Any]) -> Iterator[str]:
    """The queries of a guard: one for each of its tables or pairs, or the one that it states."""
    if declared.get("query") == _SEALS:
        yield _broken_seals()
    elif "pairs" in declared:
        yield from (_differences(pair) for pair in declared["pairs"])
    elif "tables" in declared:
        for table in declared["tables"]:
            query = declared["query"].replace("{every table}", table).replace("{table}", f"{{{table}}}")
            yield f"select '{table}' as table_name, found.* from ({query}) as found"
    else:
        yield declared["query"]


def _restricted(table: re.Match[str]) -> str:
    """A table that a query names in braces: its rows of the documents that are asked about, with `all` of every one."""
    documents = GUARDED if table[1] else ASKED
    return f"(select * from {table[2]} semi join {documents} using (document_id))"


def _broken_seals() -> str:
    """The tables of documents whose rows are no longer those that were sealed."""
    now = seals_in_tables(f"document_id in (select document_id from {GUARDED})")
    return (
        f"select document_id, 'raw.' || table_name as table_name from (from {{all raw.document_seal}}) as sealed"
        f" full join ({now}) as now using (document_id, table_name)"
        " where (sealed.row_count, sealed.digest) is distinct from (now.row_count, now.digest)"
    )


def _differences(pair: Mapping[str, Any]) -> str:
    """The rows of a fact that are not those of its raw table, and the other way round.

    Compared are the columns of the key as they are, and what is printed (`same`, the column of the fact by that of the
    raw table where they have two names) without its blanks.
    """
    same: dict[str, str] = {}
    for column in pair["same"]:
        same |= column if isinstance(column, Mapping) else {column: column}
    key = ["document_id", *pair["key"]]

    def rows(table: str, printed: Sequence[str]) -> str:
        columns = [
            *key,
            *(
                f"coalesce(regexp_replace(cast({name} as varchar), {_BLANKS}), '') as p{at}"
                for at, name in enumerate(printed)
            ),
        ]
        only = "" if table.startswith("raw.") else " where source_kind = 'table'"
        return f"select {', '.join(columns)}, source_locator from {{{table}}}{only}"

    fact, raw = rows(pair["fact"], list(same)), rows(pair["raw"], list(same.values()))
    return (
        f"select '{pair['fact']}' as table_name, document_id, source_locator"
        f" from (({fact}) except all ({raw}) union all (({raw}) except all ({fact}))) as found"
    )
