"""The same facts in every format: each text is written as .html, .docx, .xlsx and .pdf and read back.

All fact tables are compared, prose figures and department goals among them; only places and running numbers are not
(`facts.facts`). What is not written, for it is no fact, is named in `rendering`. A table left out of the comparison
would stand in `TABLES_ASIDE` with its reason: none is.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from loaders.document import Document, Table
from loaders.readers import read_bytes
from simulation.grid import Block, Box, Grid
from simulation.writers import FORMATS
from simulation.writers.pdf import as_pdf
from simulation.writers.xlsx import as_xlsx_of_numbers

from ..support.facts import FACT_TABLES, Facts, facts, raw_rows, unclaimed
from ..support.paths import ROOT, SAMPLES
from ..support.rendering import blocks_of

FIXTURES = Path(__file__).parents[1] / "fixtures" / "documents"
SEEDS = ROOT.parent / "shared" / "corpus" / "seeds"
NO_SEEDS = "the seed documents (../shared/corpus/seeds) are not beside the repository"
SEED_DOCUMENTS = sorted(SEEDS.glob("*.txt"))
DOCUMENTS = [
    *(pytest.param(path, id=path.stem[:24]) for path in [*sorted(SAMPLES.glob("*.txt")), *SEED_DOCUMENTS]),
    *([] if SEED_DOCUMENTS else [pytest.param(SEEDS, id="seeds", marks=pytest.mark.skip(reason=NO_SEEDS))]),
]
TABLES_ASIDE: dict[str, str] = {}


@cache
def facts_of(path: Path) -> Facts:
    return facts(path.read_text("utf-8"))


@cache
def blocks(path: Path) -> tuple[Block, ...]:
    return tuple(blocks_of(raw_rows(path.read_text("utf-8"))))


@pytest.mark.parametrize("format_name", FORMATS)
@pytest.mark.parametrize("path", DOCUMENTS)
def test_a_rendered_document_has_the_facts_of_its_text(path: Path, format_name: str) -> None:
    read = facts(FORMATS[format_name](blocks(path)))
    assert _kept(facts_of(path)) == _kept(read), _difference(_kept(facts_of(path)), _kept(read))


@pytest.mark.parametrize("path", DOCUMENTS)
def test_numbers_of_a_workbook_are_the_amounts_that_it_shows(path: Path) -> None:
    """Amounts as number cells: 720 under 0.00 is 720.00, 0.95 under 0% is 95%."""
    read = facts(as_xlsx_of_numbers(blocks(path)))
    assert facts_of(path) == read, _difference(facts_of(path), read)


@pytest.mark.parametrize("path", DOCUMENTS)
def test_pages_may_break_elsewhere(path: Path) -> None:
    """On shorter pages other rows are parted: the facts stay."""
    read = facts(as_pdf(blocks(path), long_side=620.0))
    assert facts_of(path) == read, _difference(facts_of(path), read)


@pytest.mark.parametrize("format_name", FORMATS)
@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.txt")), ids=lambda path: path.stem[:24])
def test_nothing_of_a_rendered_document_is_left_over(path: Path, format_name: str) -> None:
    """Each label and value that is written is known to the form that it stands in."""
    assert unclaimed(FORMATS[format_name](blocks(path))) == []


def _kept(found: Facts) -> Facts:
    return Facts({row: count for row, count in found.items() if row[0] not in TABLES_ASIDE})


def _difference(wanted: Facts, read: Facts) -> str:
    lost, new = wanted - read, read - wanted
    tables = {"lost": Counter(row[0] for row in lost.elements()), "new": Counter(row[0] for row in new.elements())}
    return f"{tables}, e.g. {next(iter(lost), None)} or {next(iter(new), None)}"


def test_every_table_of_facts_is_compared() -> None:
    """The samples and one page alone have facts of every table, and none is left out of the comparison."""
    page = FIXTURES / "targets-2024-whole-department.html"
    seen = {row[0] for path in [*SAMPLES.glob("*.txt"), page] for row in facts_of(path)}
    assert seen - set(TABLES_ASIDE) == set(FACT_TABLES)


def boxes(path: Path) -> dict[str, Box]:
    """Text → the first cell that has it."""
    found: dict[str, Box] = {}
    for block in blocks(path):
        for box in block.boxes if isinstance(block, Grid) else ():
            found.setdefault(box.text, box)
    return found


def test_tables_are_laid_out_with_merged_cells() -> None:
    """What is read back is no plain grid: groups, levels and labels cover columns and rows."""
    budget = boxes(SAMPLES / "budget-2024-culture-centre.txt")
    assert (budget["序号"].columns, budget["序号"].rows) == (1, 2)
    assert (budget["收入"].columns, budget["收入"].rows) == (2, 1)
    assert budget["合计"].rows == 2
    assert any(
        box.text == "合计" and box.columns == 2
        for block in blocks(SAMPLES / "budget-2024-culture-centre.txt")
        if isinstance(block, Grid)
        for box in block.boxes
    )
    assert budget["资金支出计划（%）"].rows == 2
    assert budget["三级指标"].columns > 1
    assert budget["产出指标"].rows > 1
    evaluation = boxes(SAMPLES / "self-evaluation-2022-tabbed-rows.txt")
    assert evaluation["年度资金总额"].columns == 2
    assert evaluation["绩效指标"].rows > 5


def tables(document: Document) -> list[list[list[str]]]:
    return [[row.texts for row in block.rows] for block in document.blocks if isinstance(block, Table)]


MERGED = Grid(
    (
        Box(0, 0, "序号", rows=2),
        Box(0, 1, "收入", columns=2),
        Box(1, 1, "项目"),
        Box(1, 2, "预算数"),
        Box(2, 0, "1"),
        Box(2, 1, "财政拨款收入"),
        Box(2, 2, "12.30"),
    ),
    (6, 16, 10),
    rows=3,
    header=2,
)
READ = [["序号", "收入", ""], ["", "项目", "预算数"], ["1", "财政拨款收入", "12.30"]]


@pytest.mark.parametrize("format_name", FORMATS)
def test_merged_cells_stand_at_their_first_place(format_name: str) -> None:
    """The writers are judged by a table whose reading was written by hand."""
    document = read_bytes(FORMATS[format_name](["收支总表", MERGED]))
    assert tables(document) == [READ]
    assert [block.text for block in document.blocks if not isinstance(block, Table)] == ["收支总表"]


def test_a_long_table_goes_on_below_its_header_on_the_next_page() -> None:
    """The header stands on each of the pages, and the rows are those of one table."""
    body = tuple(
        box for row in range(2, 122) for box in (Box(row, 0, f"{row}"), Box(row, 1, "款项"), Box(row, 2, "1.00"))
    )
    long = Grid((*MERGED.boxes[:4], *body), MERGED.widths, rows=122, header=2)
    document = read_bytes(FORMATS["pdf"](["收支总表", long]))
    pages = {cell.place.part for cell in document.cells()}
    rows = [row for table in tables(document) for row in table]
    assert len(pages) >= 3
    assert [row[0] for row in rows if row[2] == "1.00"] == [str(number) for number in range(2, 122)]
    assert sum(row[0] == "序号" for row in rows) in (1, len(pages))
