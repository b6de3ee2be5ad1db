"""Speed of every format: what reading a document costs beside merely taking the text out of the same bytes.

Three things are measured for each set of files, in this process and on one core, one after the other in each round:

- text: the text alone, with the fastest extractor for the format (`FLOORS`): the floor;
- read: the reader (`loaders.readers.read_bytes`): tables, paragraphs, places;
- extract: reading, then the raw rows of all forms (`loaders.extract.extract_bytes`).

The samples, and the seeds where they are, are written as .txt, .html, .docx, .xlsx and .pdf by the writers of the
tests; published PDFs and sheets beside the repository come as they are. Times are CPU time of the process.
Run it with `python benchmarks/format_speed.py [--rounds 5] [--samples-only] [--json] [FILE …]`.
"""

from __future__ import annotations

import argparse
import gc
import io
import json
import re
import statistics
import sys
import time
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import pypdfium2
import python_calamine
from lxml import etree

from loaders import grid, money, text
from loaders.extract import extract_bytes
from loaders.inbox import find_documents
from loaders.readers import read_bytes, sniff

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT / "samples"
SHARED = ROOT.parent / "shared" / "corpus"  # beside the repository, not part of it

_WORD_TEXT = re.compile(rb"<w:t[^>]*>([^<]*)</w:t>")


def _pdf_text(data: bytes) -> int:
    with pypdfium2.PdfDocument(data) as document:
        return sum(len(page.get_textpage().get_text_range()) for page in document)


def _docx_text(data: bytes) -> int:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return sum(map(len, _WORD_TEXT.findall(package.read("word/document.xml"))))


def _workbook_text(data: bytes) -> int:
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    return sum(len(book.get_sheet_by_name(name).to_python()) for name in book.sheet_names)


def _html_text(data: bytes) -> int:
    return len("".join(etree.fromstring(data, etree.HTMLParser(encoding="utf-8")).itertext()))


def _plain_text(data: bytes) -> int:
    return len(data.decode("utf-8").split("\n"))


# Format → how much text there is, by the fastest way to it.
FLOORS: dict[str, Callable[[bytes], int]] = {
    "txt": _plain_text,
    "html": _html_text,
    "docx": _docx_text,
    "xlsx": _workbook_text,
    "pdf": _pdf_text,
}


@dataclass(frozen=True)
class Result:
    """One set of files of one format. Milliseconds of CPU a document, medians of the rounds; `times_text` is extract by
    text, the median of the rounds too. `pages` counts the pages of PDFs, else 0."""

    documents_from: str
    format: str
    documents: int
    pages: int
    kilobytes: float
    text_ms: float
    read_ms: float
    extract_ms: float
    read_times_text: float
    times_text: float

    @property
    def documents_per_second(self) -> float:
        return 1000 / self.extract_ms

    @property
    def pages_per_second(self) -> float:
        return self.documents_per_second * self.pages / self.documents


def cpu_ms(step: Callable[[bytes], object], files: Sequence[bytes], shortest: float) -> float:
    """CPU milliseconds of `step` a file; repeated until `shortest` seconds are reached."""
    gc.collect()
    passes = 0
    started = time.process_time()
    while True:
        for remembered in (grid.bare, grid.column_code, money.is_amount, text.label):
            remembered.cache_clear()  # a second pass must not live on what the first one looked up
        for data in files:
            step(data)
        passes += 1
        taken = time.process_time() - started
        if taken >= shortest:
            return taken * 1000 / passes / len(files)


def measure(name: str, kind: str, files: Sequence[bytes], rounds: int, shortest: float) -> Result:
    """The three steps over files of one format. Raises RefusedDocument for a file that cannot be read."""
    steps: tuple[Callable[[bytes], object], ...] = (FLOORS[kind], read_bytes, extract_bytes)
    for data in files:  # once without measuring: caches, imports, and whether there is anything
        if not FLOORS[kind](data) or not extract_bytes(data).get("cell"):
            raise RuntimeError(f"{name}: a .{kind} file without text")
    taken = [[cpu_ms(step, files, shortest) for step in steps] for _ in range(rounds)]
    floor, read, extract = (statistics.median(column) for column in zip(*taken, strict=True))
    pages = 0
    if kind == "pdf":
        for data in files:
            with pypdfium2.PdfDocument(data) as document:
                pages += len(document)
    return Result(
        documents_from=name,
        format=kind,
        documents=len(files),
        pages=pages,
        kilobytes=sum(map(len, files)) / 1000,
        text_ms=floor,
        read_ms=read,
        extract_ms=extract,
        read_times_text=statistics.median(row[1] / row[0] for row in taken),
        times_text=statistics.median(row[2] / row[0] for row in taken),
    )


def written(files: Sequence[Path]) -> dict[str, list[bytes]]:
    """Texts → the same documents in every format."""
    sys.path.insert(0, str(ROOT))  # raw rows are laid out among the tests
    from simulation.writers import FORMATS
    from tests.python.support.rendering import blocks_of

    made: dict[str, list[bytes]] = {"txt": [], **{name: [] for name in FORMATS}}
    for file in files:
        data = file.read_bytes()
        blocks = blocks_of(extract_bytes(data))
        made["txt"].append(data)
        for name, write in FORMATS.items():
            made[name].append(write(blocks))
    return made


def by_format(files: Sequence[Path]) -> dict[str, list[bytes]]:
    """Files as they are, by the formats that are measured; others are left out."""
    found: dict[str, list[bytes]] = {}
    for file in files:
        data = file.read_bytes()
        kind = {"text": "txt"}.get(told := sniff.kind_of(data), told)
        if kind in FLOORS:
            found.setdefault(kind, []).append(data)
    return found


def sets_of(files: Sequence[Path], samples_only: bool) -> dict[str, Mapping[str, list[bytes]]]:
    """Name of a set → format → documents."""
    if files:
        return {"given": by_format(find_documents(files))}
    sets: dict[str, Mapping[str, list[bytes]]] = {"samples": written(sorted(SAMPLES.glob("*.txt")))}
    if not samples_only:
        if SHARED.is_dir():
            sets["seeds"] = written(find_documents([SHARED / "seeds"]))
            sets["published"] = by_format(find_documents([SHARED / "wild"]))
        else:
            print("the seeds and the published files are not beside the repository: samples only", file=sys.stderr)
    return sets


def table(results: Sequence[Result]) -> str:
    """The results as a Markdown table."""
    lines = [
        "| documents | format | in one pass | text | read | extract | documents/s | pages/s | read × text"
        " | extract × text |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for r in results:
        size = f"{r.documents} documents, {r.pages} pages" if r.pages else f"{r.documents} documents"
        cells = (
            r.documents_from, f".{r.format}", f"{size}, {r.kilobytes:,.0f} kB", f"{r.text_ms:.2f} ms",
            f"{r.read_ms:.1f} ms", f"{r.extract_ms:.1f} ms", f"{r.documents_per_second:.0f}",
            f"{r.pages_per_second:.0f}" if r.pages else "–", f"{r.read_times_text:,.0f}", f"{r.times_text:,.0f}",
        )  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures every format and prints a table or JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="files or folders to read instead")
    parser.add_argument("--rounds", type=int, default=5, help="rounds (default 5)")
    parser.add_argument("--shortest", type=float, default=0.2, help="seconds that a step takes at least (default 0.2)")
    parser.add_argument("--samples-only", action="store_true", help="leave seeds and published files out")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    chosen = parser.parse_args(arguments)
    if chosen.rounds < 1:
        parser.error("--rounds is at least 1")
    results = [
        measure(name, kind, files, chosen.rounds, chosen.shortest)
        for name, formats in sets_of(chosen.files, chosen.samples_only).items()
        for kind, files in formats.items()
    ]
    if not results:
        print("no file of a format that is measured", file=sys.stderr)
        return 1
    print(json.dumps([asdict(result) for result in results], indent=2) if chosen.json else table(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
