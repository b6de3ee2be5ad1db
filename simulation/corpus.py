"""A corpus on disk: documents/, amendments/ (later contents of some of the same places) and truth/ beside them.

Units are written in chunks of a fixed size, each with its own files of truth, so that the corpus of ten units is a part
of the corpus of a hundred.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from simulation import plant
from simulation.documents import NOTICE, Document, documents_of
from simulation.facts import FIRST_YEAR
from simulation.writers import FORMATS

ALL_FORMATS = ("txt", *FORMATS)
MANIFEST = "corpus.json"
DOCUMENTS, AMENDMENTS, TRUTH = "documents", "amendments", "truth"
CHUNK = 20  # units
FIRST, LAST = FIRST_YEAR + 1, 2060

_MONEY = pa.decimal128(20, 2)
_NUMBER = pa.decimal128(20, 4)
_TEXT, _INT = pa.string(), pa.int32()
# The tables of the truth. Every row has document_id; a null says that the document does not print it.
TABLES: dict[str, dict[str, pa.DataType]] = {
    "document": {
        "file": _TEXT, "unit_no": _INT, "publisher_name": _TEXT, "region_code": _TEXT, "fiscal_year": _INT,
        "document_kind": _TEXT, "phase": _TEXT, "report_scope": _TEXT, "dialect": _TEXT, "layout": _TEXT,
        "format": _TEXT, "byte_size": _INT, "amends": _TEXT, "may_round": pa.bool_(),
    },
    "budget_line": {
        "form_code": _TEXT, "side": _TEXT, "class_code": _TEXT, "class_name": _TEXT, "measure_code": _TEXT,
        "amount_printed": _TEXT, "amount_unit": _TEXT, "amount_yuan": _MONEY,
    },
    "three_public": {
        "form_code": _TEXT, "item_code": _TEXT, "fund_code": _TEXT, "item_phase": _TEXT, "amount_printed": _TEXT,
        "amount_unit": _TEXT, "amount_yuan": _MONEY,
    },
    "project": {
        "project_code": _TEXT, "project_name": _TEXT, "budget_yuan": _MONEY, "fiscal_yuan": _MONEY,
        "other_yuan": _MONEY, "is_masked": pa.bool_(),
    },
    "project_plan": {"project_name": _TEXT, "plan_month": _INT, "cumulative_pct": _NUMBER},
    "project_indicator": {
        "project_name": _TEXT, "stage": _TEXT, "indicator_no": _INT, "level1_printed": _TEXT,
        "level2_printed": _TEXT, "level3": _TEXT, "target_printed": _TEXT, "comparator": _TEXT,
        "target_value": _NUMBER, "target_unit": _TEXT, "target_date": _TEXT, "actual_printed": _TEXT,
        "weight": _NUMBER, "score": _NUMBER,
    },
    "project_evaluation": {
        "project_code": _TEXT, "project_name": _TEXT, "annual_budget_yuan": _MONEY, "executed_yuan": _MONEY,
        "execution_score": _NUMBER, "total_score": _NUMBER, "grade_printed": _TEXT,
    },
    "procurement_item": {
        "project_name": _TEXT, "item_name": _TEXT, "catalogue_code": _TEXT, "quantity": _NUMBER,
        "unit_price_yuan": _MONEY, "amount_yuan": _MONEY,
    },
    "planted_error": {
        "kind": _TEXT, "finding_code": _TEXT, "place": _TEXT, "printed": _TEXT, "other": _TEXT,
    },
}  # fmt: skip


class NotOurs(Exception):
    """The folder holds something that is no corpus of ours."""


@dataclass(frozen=True)
class Settings:
    """What a corpus is made of. Equal settings are equal bytes."""

    units: int
    first_year: int
    last_year: int
    formats: tuple[str, ...] = ALL_FORMATS
    seed: int = 1
    amend_share: float = 0.05
    kinds_of_error: tuple[str, ...] = ()
    error_share: float = 0.0

    @property
    def years(self) -> range:
        """The fiscal years, both ends included."""
        return range(self.first_year, self.last_year + 1)


@dataclass(frozen=True)
class Written:
    """What was written: documents by format and by kind, amendments, planted errors, bytes."""

    documents: int
    amendments: int
    planted_errors: int
    byte_size: int
    formats: dict[str, int] = field(default_factory=dict)
    kinds: dict[str, int] = field(default_factory=dict)


def write_corpus(
    folder: Path, settings: Settings, workers: int = 1, tell: Callable[[int, int, str], None] | None = None
) -> Written:
    """Writes the corpus into `folder`; an older corpus there is replaced. Raises NotOurs for any other content."""
    _clear(folder)
    for name in TABLES:
        (folder / TRUTH / name).mkdir(parents=True)
    chunks = [(start, min(start + CHUNK, settings.units)) for start in range(0, settings.units, CHUNK)]
    counts: Counter[str] = Counter()
    done = 0
    for start, end, found in _written(folder, settings, chunks, workers):
        counts.update(found)
        done += end - start
        if tell:
            tell(done, settings.units, f"units {start + 1} to {end}")
    result = Written(
        documents=counts["documents"],
        amendments=counts["amendments"],
        planted_errors=counts["planted"],
        byte_size=counts["bytes"],
        formats={name: counts[f"format {name}"] for name in settings.formats},
        kinds={key.removeprefix("kind "): counts[key] for key in sorted(counts) if key.startswith("kind ")},
    )
    manifest = {"notice": NOTICE, "settings": asdict(settings), "written": asdict(result)}
    (folder / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=2) + "\n", "utf-8")
    return result


def _clear(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MANIFEST).is_file():
            raise NotOurs(f"{folder} is not empty and holds no {MANIFEST}: give a new folder")
        for name in (DOCUMENTS, AMENDMENTS, TRUTH):
            shutil.rmtree(folder / name, ignore_errors=True)
        (folder / MANIFEST).unlink()
    folder.mkdir(parents=True, exist_ok=True)
    # From here on the folder is ours, also if the writing is broken off.
    (folder / MANIFEST).write_text("{}\n", "utf-8")


def _written(
    folder: Path, settings: Settings, chunks: Sequence[tuple[int, int]], workers: int
) -> Iterator[tuple[int, int, Counter[str]]]:
    if workers <= 1 or len(chunks) == 1:
        for start, end in chunks:
            yield start, end, write_chunk(folder, settings, start, end)
        return
    with ProcessPoolExecutor(min(workers, len(chunks))) as pool:
        futures = [pool.submit(write_chunk, folder, settings, start, end) for start, end in chunks]
        for (start, end), future in zip(chunks, futures, strict=True):
            yield start, end, future.result()


def write_chunk(folder: Path, settings: Settings, start: int, end: int) -> Counter[str]:
    """Units `start` to `end` (one beyond) with their truth."""
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
    counts: Counter[str] = Counter()
    for number in range(start, end):
        for year in settings.years:
            first: dict[str, str] = {}
            for document in documents_of(settings.seed, number, year, settings.formats):
                plant.plant(document, settings.seed, settings.kinds_of_error, settings.error_share)
                document_id = _take(folder, DOCUMENTS, document, rows, counts, amends=None)
                if plant.share_of("amend", settings.seed, document) < settings.amend_share:
                    first[document.kind] = document_id
            # Made once more, so that an amendment has nothing of what was planted.
            for document in documents_of(settings.seed, number, year, settings.formats) if first else ():
                if document.kind in first:
                    plant.amend(document)
                    _take(folder, AMENDMENTS, document, rows, counts, amends=first[document.kind])
    for name, columns in TABLES.items():
        schema = pa.schema([("document_id", _TEXT), *columns.items()])
        pq.write_table(pa.Table.from_pylist(rows[name], schema), folder / TRUTH / name / f"{start:07d}.parquet")
    return counts


def _take(
    folder: Path, place: str, document: Document, rows: dict[str, list[dict[str, Any]]], counts: Counter[str],
    amends: str | None,
) -> str:  # fmt: skip
    """Writes one document and adds its truth; returns its id."""
    data = document.data()
    document_id = hashlib.sha256(data).hexdigest()
    unit = document.unit
    file = (
        Path(f"{unit.number // 1000:04d}") / f"{unit.number:07d}" / f"{document.year}-{document.kind}.{document.format}"
    )
    path = folder / place / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    rows["document"].append(
        {
            "document_id": document_id, "file": file.as_posix(), "unit_no": unit.number, "publisher_name": unit.name,
            "region_code": document.region_code, "fiscal_year": document.year, "document_kind": document.kind,
            "phase": document.phase, "report_scope": "department" if unit.is_department else "unit",
            "dialect": unit.dialect, "layout": document.layout, "format": document.format, "byte_size": len(data),
            "amends": amends, "may_round": document.may_round,
        }
    )  # fmt: skip
    for table, found in document.facts().items():
        rows[table].extend({**fact, "document_id": document_id} for fact in found)
        counts["planted"] += len(found) if table == "planted_error" else 0
    counts.update({"documents": amends is None, "amendments": amends is not None, "bytes": len(data)})
    counts.update({f"format {document.format}": 1, f"kind {document.kind}": 1})
    return document_id


def default_workers() -> int:
    """As many processes as there are cores that this process may use."""
    return max(1, len(os.sched_getaffinity(0)))
