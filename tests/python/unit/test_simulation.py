"""The simulated corpus: the warehouse holds what it says of itself, and the same numbers give the same bytes."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import shutil
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import duckdb
import pypdfium2
import pytest
from click.testing import CliRunner, Result

from expectations.gate import run_gate
from loaders.connection import connect
from loaders.extract import extract_bytes
from loaders.load import load
from pipeline import history
from pipeline.build import build
from pipeline.cli import cli
from pipeline.publish import GATES
from simulation import plant
from simulation.catalogue import declared, economics
from simulation.corpus import ALL_FORMATS, Settings, write_corpus
from simulation.documents import NOTICE, documents_of
from simulation.facts import unit_of
from simulation.forms import dialects

from ..support.paths import ROOT
from ..support.warehouses import WAREHOUSE, Make

SETTINGS = Settings(
    units=30,
    first_year=2019,
    last_year=2020,
    seed=3,
    amend_share=0.1,
    error_share=0.5,
    kinds_of_error=tuple(plant.KINDS),
)
COLUMNS = {
    "document": (
        "publisher_name, region_code, fiscal_year, document_kind, phase, report_scope",
        "from marts.dim_document",
        "publisher_name, region_code, fiscal_year, document_kind, phase, report_scope",
    ),
    "budget_line": (
        "form_code, side, class_code, {squash} as name, measure_code, amount_printed, amount_unit, amount_yuan",
        "from marts.fct_budget_line",
        # The mart gives lines and totals codes of its own; the truth has what is printed.
        "form_code, side, case when class_type <> 'item' and class_level is not null then class_code end as class_code,"
        " {squash} as name, measure_code, amount_printed, amount_unit, amount_yuan",
    ),
    "three_public": (
        "form_code, item_code, fund_code, item_phase, amount_printed, amount_unit, amount_yuan",
        "from marts.fct_three_public_expense",
        "form_code, item_code, fund_code, phase, amount_printed, amount_unit, amount_yuan",
    ),
    "project": (
        "project_code, project_name, budget_yuan, fiscal_yuan, other_yuan, is_masked",
        "from marts.fct_project where budget_yuan is not null",
        "project_code, project_name, budget_yuan, fiscal_yuan, other_yuan, is_masked",
    ),
    "project_plan": (
        "project_name, plan_month, cumulative_pct",
        "from marts.fct_project_spending_plan",
        "project_name, plan_month, cumulative_pct",
    ),
    "project_indicator": (
        "project_name, stage, indicator_no, level1_printed, level2_printed, level3, target_printed, comparator,"
        " target_value, target_unit, target_date, actual_printed, weight, score",
        "from marts.fct_project_indicator",
        "project_name, stage, indicator_no, level1_printed, level2_printed, level3, target_printed, comparator,"
        " target_value, target_unit, cast(target_date as varchar), actual_printed, weight, score",
    ),
    "project_evaluation": (
        "project_code, project_name, annual_budget_yuan, executed_yuan, execution_score, total_score, grade_printed",
        "from marts.fct_project_evaluation",
        "project_code, project_name, annual_budget_yuan, executed_yuan, execution_score, total_score, grade_printed",
    ),
    "procurement_item": (
        "project_name, item_name, catalogue_code, quantity, unit_price_yuan, amount_yuan",
        "from marts.fct_procurement_item where item_name is not null and fund_code = 'total'",
        "project_name, item_name, catalogue_code, quantity, unit_price_yuan, amount_yuan",
    ),
}


@pytest.fixture(scope="session")
def corpus(made: Callable[[str, Make], Path]) -> Path:
    return made("corpus", lambda folder: write_corpus(folder, SETTINGS))


@pytest.fixture(scope="session")
def warehouse(corpus: Path, made: Callable[[str, Make], Path]) -> Path:
    """The documents, then the amendments in the same places, and one build."""

    def make(folder: Path) -> None:
        file = folder / WAREHOUSE
        documents = folder / "documents"
        shutil.copytree(corpus / "documents", documents)
        first = load([documents], file)
        shutil.copytree(corpus / "amendments", documents, dirs_exist_ok=True)
        second = load([documents], file)
        assert (list(first.rejected), list(second.rejected)) == ([], [])
        with connect(file) as connection:
            history.create_tables(connection)
        build(file, folder / "target")

    return made("simulated", make) / WAREHOUSE


def truth(corpus: Path, table: str) -> str:
    return f"read_parquet('{corpus / 'truth' / table}/*.parquet')"


def squashed(column: str) -> str:
    return f"regexp_replace(coalesce({column}, ''), '\\s', '', 'g')"


@pytest.mark.parametrize("table", COLUMNS)
def test_the_warehouse_holds_the_truth_and_nothing_else(warehouse: Path, corpus: Path, table: str) -> None:
    true_columns, source, columns = COLUMNS[table]
    wanted = true_columns.format(squash=squashed("class_name"))
    read = columns.format(squash=squashed("class_name_printed"))
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        query = (
            f"with wanted as (select document_id, {wanted} from {truth(corpus, table)}),"
            f" found as (select document_id, {read} {source})"
            " from (select 'lost' as which, * from (from wanted except all from found)"
            " union all select 'new', * from (from found except all from wanted))"
        )
        difference = connection.execute(f"{query} limit 20").fetchall()
        counted = connection.execute(f"select count(*) from {truth(corpus, table)}").fetchone()
    assert difference == []
    assert counted is not None
    assert counted[0] > 10


def test_every_dialect_is_written_in_every_format(corpus: Path) -> None:
    query = f"select distinct document_kind, layout, format from {truth(corpus, 'document')}"
    written = set(duckdb.execute(query).fetchall())
    layouts = [name for name in dialects() if not name.endswith("_final")]
    wanted = {("budget", layout, name) for layout in layouts for name in ALL_FORMATS}
    wanted |= {("performance_target", layout, "txt") for layout in ("cells", "prose", "wrapped", "shanghai")}
    wanted |= {("final_account", layout, name) for layout in ("hebei_final", "national_final") for name in ALL_FORMATS}
    wanted |= {("self_evaluation", "rows", "txt"), ("self_evaluation", "evaluation", "pdf")}
    assert wanted - written == set()


def test_nothing_is_left_unclaimed(warehouse: Path) -> None:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        left = connection.sql(
            "select file_name, text from raw.cell inner join raw.document using (document_id) where claimed_as is null"
        ).fetchall()
        notices = connection.sql("select notice_code, notice from raw.load_notice").fetchall()
    assert (left, notices) == ([], [])


@pytest.mark.parametrize("gate", GATES)
def test_no_format_is_stopped_at_a_gate(gate: str, warehouse: Path, corpus: Path, tmp_path: Path) -> None:
    """Places of every format are places to the gates."""
    result = run_gate(gate, warehouse, tmp_path / "gates")
    assert result.success, result.message
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        formats = connection.sql(
            f"select distinct format from {truth(corpus, 'document')} inner join marts.fct_budget_line"
            " using (document_id)"
        ).fetchall()
    assert {name for (name,) in formats} == set(ALL_FORMATS)


def test_an_amendment_supersedes_what_it_amends(warehouse: Path, corpus: Path) -> None:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        pairs = connection.sql(
            f"select amends, document_id from {truth(corpus, 'document')} where amends is not null"
        ).fetchall()
        superseded = connection.sql(
            "select document_id, superseded_by from marts.dim_document where superseded_by is not null"
        ).fetchall()
    assert sorted(superseded) == sorted(pairs)
    assert len(pairs) > 3


def test_only_planted_errors_are_contradictions(warehouse: Path, corpus: Path) -> None:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        without = (
            f"document_id not in (select document_id from {truth(corpus, 'planted_error')})"
            " and outcome = 'contradiction'"
        )
        found = connection.sql(f"select finding_code, message_en from quality.qc_finding where {without}").fetchall()
        rounding = connection.sql(
            "select finding_code, message_en from quality.qc_finding where outcome = 'rounding' and document_id in"
            f" (select document_id from {truth(corpus, 'document')} where not may_round)"
        ).fetchall()
    assert (found, rounding) == ([], [])


def figure(text: str) -> tuple[Decimal, bool] | None:
    """A printed figure without its unit, and whether the unit is 万元; None for words."""
    match = re.fullmatch(r"(-?[0-9,]+(?:\.[0-9]+)?)(万元|元|%|分)?", text)
    return (Decimal(match[1].replace(",", "")), match[2] == "万元") if match else None


def agrees(told: str | None, printed: str) -> bool:
    """A figure of a finding is the printed one. A table in 元 is more exact than prose in 万元 can be."""
    if printed in ("", told):
        return True
    a, b = figure(told or ""), figure(printed)
    return a is not None and b is not None and (a[0] == b[0] or (b[1] and abs(a[0] - 10_000 * b[0]) <= 50))


def test_each_planted_error_is_a_finding_with_both_figures(warehouse: Path, corpus: Path) -> None:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        planted = connection.execute(
            f"select document_id, finding_code, printed, other, kind, place from {truth(corpus, 'planted_error')}"
        ).fetchall()
        found = connection.execute(
            "select document_id, finding_code, value_a, value_b from quality.qc_finding where outcome = 'contradiction'"
        ).fetchall()
    missed = []
    for error in planted:
        pairs = [row[2:] for row in found if row[:2] == error[:2]]
        both = [*pairs, *((b, a) for a, b in pairs)]
        if not any(agrees(a, error[2]) and agrees(b, error[3]) for a, b in both):
            missed.append((*error[1:], pairs))
    assert missed == []
    assert {error[4] for error in planted} == set(plant.KINDS)


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.slow
def test_the_same_numbers_give_the_same_bytes_in_any_process(tmp_path: Path) -> None:
    settings = Settings(units=21, first_year=2023, last_year=2023, error_share=0.3, amend_share=0.3)
    write_corpus(tmp_path / "one", settings, workers=1)
    write_corpus(tmp_path / "two", settings, workers=2)
    assert digests(tmp_path / "one") == digests(tmp_path / "two")
    write_corpus(tmp_path / "other", Settings(units=1, first_year=2023, last_year=2023, seed=2))
    same = digests(tmp_path / "one").items() & digests(tmp_path / "other").items()
    assert {name for name, _ in same if name.startswith("documents/")} == set()


def test_a_smaller_corpus_is_a_part_of_a_larger_one(tmp_path: Path) -> None:
    write_corpus(tmp_path / "small", Settings(units=3, first_year=2022, last_year=2022))
    write_corpus(tmp_path / "large", Settings(units=7, first_year=2021, last_year=2022))
    small, large = digests(tmp_path / "small"), digests(tmp_path / "large")
    documents = {name: digest for name, digest in small.items() if name.startswith(("documents/", "amendments/"))}
    assert len(documents) > 8
    assert documents.items() <= large.items()


def test_every_place_and_unit_is_invented() -> None:
    with (ROOT / "seeds" / "region.csv").open(encoding="utf-8") as lines:
        regions = list(csv.DictReader(lines))
    names, codes = {row["region_name"] for row in regions}, {row["region_code"][:2] for row in regions}
    units = [unit_of(1, number) for number in range(5000)]
    assert {unit.county for unit in units} & names == set()
    assert {unit.province for unit in units} & names == set()
    assert {unit.region_code[:2] for unit in units} & codes == set()
    assert len({unit.name for unit in units}) == len(units)


@pytest.mark.parametrize(("seed", "class_type"), [("function_class", "functions"), ("economic_class", "economics")])
def test_classes_are_those_of_the_reviewed_lists(seed: str, class_type: str) -> None:
    """Names by edition; the classes of land sales are in no reviewed list."""
    with (ROOT / "seeds" / f"{seed}.csv").open(encoding="utf-8") as lines:
        listed = [row for row in csv.DictReader(lines) if row.get("class_type", "") in ("", "economic_department")]
    if class_type == "functions":
        ours = [tuple(row) for row in declared()["functions"] if not row[0].startswith("21208")
                and row[0] != declared()["fund_class"]]  # fmt: skip
    else:
        ours = [(row.code, row.name, row.first, row.last) for row in economics()]

    def has(code: str, name: str, year: int) -> bool:
        return any(
            row["class_code"] == code and row["class_name"] == name
            and int(row["edition_from"] or 0) <= year <= int(row["edition_to"] or 9999)
            for row in listed
        )  # fmt: skip

    wrong = [row for row in ours for year in (row[2] or 2015, row[3] or 2030) if not has(row[0], row[1], year)]
    assert wrong == []


def test_every_page_says_that_it_is_synthetic() -> None:
    for name in ALL_FORMATS:
        for document in documents_of(1, 0, 2024, [name]):
            data = document.data()
            texts = [str(row["text"]) for row in extract_bytes(data)["cell"]]
            assert texts[0] == NOTICE
            if name != "pdf":
                continue
            with pypdfium2.PdfDocument(data) as pdf:
                pages = len(pdf)
            note = f"<FEFF{NOTICE.encode('utf-16-be').hex().upper()}>".encode()
            assert data.count(b"/Subtype /FreeText") == data.count(note) == pages


def simulate(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["simulate", *map(str, arguments)])


def test_the_command_writes_a_corpus_and_counts_it(tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = simulate(out, "--units", 2, "--years", "2024", "--formats", "html,txt", "--workers", 1, "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    files = [path for path in (out / "documents").rglob("*") if path.is_file()]
    assert told["documents"] == len(files)
    assert {path.suffix for path in files} <= {".html", ".txt"}
    assert json.loads((out / "corpus.json").read_text("utf-8"))["notice"] == NOTICE
    again = simulate(out, "--units", 1, "--years", "2024", "--workers", 1)
    assert again.exit_code == 0, again.output
    assert len([path for path in (out / "documents").rglob("*") if path.is_file()]) < len(files)


def test_the_command_touches_no_folder_but_its_own(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", "utf-8")
    refused = simulate(tmp_path, "--units", 1, "--years", "2024")
    assert refused.exit_code == 2
    assert "not empty" in refused.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    "arguments",
    [("--years", "2024-2021"), ("--years", "1999"), ("--years", "2024", "--formats", "odt"),
     ("--years", "2024", "--plant", "nothing")],
)  # fmt: skip
def test_what_cannot_be_simulated_is_said(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    refused = simulate(tmp_path / "out", "--units", 1, *arguments)
    assert refused.exit_code == 2
    assert not (tmp_path / "out").exists()
