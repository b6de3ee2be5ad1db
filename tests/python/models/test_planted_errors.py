"""Single-number errors planted in two real documents: how many of them are found, and named with both places.

A sample of the non-zero amounts of every form, and of the prose, drawn by a seeded generator: no cell of a form is
chosen because it is known to be checked. Every error stands in a copy of its document, all in one warehouse, so that
one dbt build evaluates them together.
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest

from loaders.connection import connect
from pipeline.build import build

from ..support.warehouses import WAREHOUSE, Make, copied, remake_findings

DOCUMENTS = ("shanghai-putuo-finance-2024-final.pdf", "shanghai-putuo-finance-2025-budget.pdf")
A_FORM = 3
IN_PROSE = 4
SEED = 20260101
# Printed once, in no sum and in no other form: what these figures are, nothing on the page says twice.
PROSE_SAID_ONCE = ("机关运行经费支出", "单价", "采购金额", "预留", "以上", "由我局申请", "投资费用")


@dataclass(frozen=True)
class Planted:
    """One changed amount of one copy. `form` is the number of the form, None for prose."""

    copy_id: str
    file_name: str
    form: int | None
    form_code: str
    place: str
    printed: str
    changed: str


def changed_amount(printed: str, random_: random.Random) -> str:
    """One error as people make it: a wrong digit, two digits exchanged, a digit too many; never one of rounding."""
    digits = [n for n, sign in enumerate(printed) if sign.isdigit()]
    whole = [n for n in digits if "." not in printed or n < printed.index(".")]
    leading = next(n for n in digits if printed[n] != "0")
    places = [n for n in whole if n >= leading] or [leading]
    kinds = ["digit"]
    swaps = [(a, b) for a, b in pairwise(places) if printed[a] != printed[b] and printed[b] != "0"]
    if swaps:
        kinds.append("exchanged")
    if len(whole) > 1:
        kinds.append("too many")
    kind = random_.choice(kinds)
    if kind == "exchanged":
        a, b = random_.choice(swaps)
        return printed[:a] + printed[b] + printed[a + 1 : b] + printed[a] + printed[b + 1 :]
    at = random_.choice(places)
    if kind == "too many":
        longer = (printed[:at] + printed[at] + printed[at:]).replace(",", "")
        decimals = len(longer.partition(".")[2])
        return f"{Decimal(longer):,.{decimals}f}" if "," in printed else longer
    other = random_.choice([d for d in "123456789" if d != printed[at]])
    return printed[:at] + other + printed[at + 1 :]


def amounts(connection: duckdb.DuckDBPyConnection, document: str) -> dict[str, list[tuple[int | None, str, str, str]]]:
    """Non-zero amounts of a document by form code ('prose' for the text): form, table, place, printed amount."""
    found: dict[str, list[tuple[int | None, str, str, str]]] = defaultdict(list)
    for table in ("budget_cell", "three_public_cell"):
        for form, code, place, printed in connection.execute(
            f"select form_no, form_code, cell.source_locator, amount_printed from raw.{table} as cell"
            " join raw.form as form using (document_id, form_no) where document_id = ? and amount_printed is not null"
            " order by form_no, row_no, column_no",
            [document],
        ).fetchall():
            found[code].append((form, table, place, printed))
    for metric, place, printed in connection.execute(
        "select metric_printed, source_locator, amount_printed from raw.narrative_figure"
        " where document_id = ? and amount_printed is not null and unit_printed like '%元' order by figure_no",
        [document],
    ).fetchall():
        if not any(word in metric for word in PROSE_SAID_ONCE):
            found["prose"].append((None, "narrative_figure", place, printed))
    # An error in 0.09 stays within the rounding of the sum that contains it.
    return {
        code: [cell for cell in cells if Decimal(cell[3].replace(",", "")) >= Decimal("0.1")]
        for code, cells in found.items()
    }


def plant(connection: duckdb.DuckDBPyConnection, a_form: int, in_prose: int) -> list[Planted]:
    """Replaces the documents of a warehouse by copies of the two with one error each; every form gives some."""
    random_ = random.Random(SEED)
    tables = [
        name
        for (name,) in connection.execute(
            "select table_name from information_schema.columns"
            " where table_schema = 'raw' and column_name = 'document_id'"
        ).fetchall()
    ]
    planted: list[Planted] = []
    ids = dict(
        connection.execute(
            "select file_name, document_id from raw.document where file_name in (?, ?)", list(DOCUMENTS)
        ).fetchall()
    )
    for file_name in DOCUMENTS:
        for code, cells in amounts(connection, ids[file_name]).items():
            count = min(in_prose if code == "prose" else a_form, len(cells))
            for form, table, place, printed in random_.sample(cells, count):
                copy = f"{len(planted):064x}"
                for name in tables:
                    source = f", '{copy}' as source_key" if name == "document_source" else ""
                    connection.execute(
                        f"insert into raw.{name} select * replace ('{copy}' as document_id{source}) from raw.{name}"
                        " where document_id = ?",
                        [ids[file_name]],
                    )
                new = changed_amount(printed, random_)
                connection.execute(
                    f"update raw.{table} set amount_printed = ?"
                    " where document_id = ? and source_locator = ? and amount_printed = ?",
                    [new, copy, place, printed],
                )
                planted.append(Planted(copy, file_name, form, code, place, printed, new))
    kept = [*(error.copy_id for error in planted), *ids.values()]
    for name in tables:
        connection.execute(f"delete from raw.{name} where not list_contains(?, document_id)", [kept])
    return planted


def names(error: Planted, form: int | None, a: str, b: str) -> bool:
    """Both places are named, and one of them is the changed amount or the sum that contains it."""
    return bool(a and b) and (error.place in (a, b) or ("…" in b and (form == error.form or error.form is None)))


@pytest.fixture(scope="session")
def planted(wild_warehouse: Path, made: Callable[[str, Make], Path]) -> list[tuple[Planted, bool]]:
    """The planted errors, and whether a contradiction that the document did not have before names each."""

    def make(folder: Path) -> None:
        file = copied(wild_warehouse, folder)
        with connect(file) as connection:
            errors = plant(connection, A_FORM, IN_PROSE)
            # raw rows of known documents changed: every table is rebuilt
            connection.execute("drop table if exists meta.build")
        (folder / "errors.json").write_text(json.dumps([asdict(error) for error in errors]), "utf-8")
        build(file, folder / "target")

    folder = made("planted", make)
    file = folder / WAREHOUSE
    errors = [Planted(**error) for error in json.loads((folder / "errors.json").read_text("utf-8"))]
    query = (
        "select finding_code, form_no, coalesce(locator_a, ''), coalesce(locator_b, ''), value_a, value_b"
        " from quality.qc_finding where outcome = 'contradiction' and document_id = "
    )
    with connect(file, read_only=True) as connection:
        before = {
            name: set(connection.execute(f"{query} (select min(document_id) from raw.document where file_name = ?"
                      " and document_id not like '000000%')", [name]).fetchall())
            for name in DOCUMENTS
        }  # fmt: skip
        found = []
        for error in errors:
            after = set(connection.execute(f"{query} ?", [error.copy_id]).fetchall())
            new = after - before[error.file_name]
            found.append((error, any(names(error, row[1], row[2], row[3]) for row in new)))
    return found


def test_all_forms_of_both_documents_are_in_the_sample(planted: list[tuple[Planted, bool]]) -> None:
    forms = {(error.file_name, error.form_code) for error, _ in planted}
    assert len(forms) == 16  # seven forms with amounts and the prose, in each
    assert len(planted) >= 40


def test_planted_errors_are_found_with_both_places(planted: list[tuple[Planted, bool]]) -> None:
    """29 of 30 is demanded; what is missed is listed."""
    missed = [error for error, is_found in planted if not is_found]
    assert len(missed) * 30 <= len(planted), "\n".join(str(error) for error in missed)


def test_an_amount_that_is_no_number_is_said_to_be_so(wild_warehouse: Path, tmp_path: Path) -> None:
    """`2,9440.05` is not read as a number, so that no sum can say anything: the cell itself is the finding."""
    copy = copied(wild_warehouse, tmp_path)
    with duckdb.connect(str(copy)) as connection:
        connection.execute(
            "update marts.fct_budget_line set amount_printed = '2,9440.05', amount_yuan = null"
            " where source_locator = 'page 13 table 1 R14C5' and amount_printed = '2,940.05'"
        )
    remake_findings(copy, tmp_path)
    with duckdb.connect(str(copy), read_only=True) as connection:
        found = connection.execute(
            "select outcome, value_a, locator_a from quality.qc_finding_amount where finding_code = 'amount_malformed'"
        ).fetchall()
    assert found == [("not_checkable", "2,9440.05", "page 13 table 1 R14C5")]
