"""Speed of the PDF reader: milliseconds a page, beside merely extracting the text of the same pages with PDFium.

Three things are measured, in this process and on one core, one after the other in each round:

- text: open the file and take the text of every page (pypdfium2), nothing else: the floor;
- content: characters with their boxes, clips and ruling lines, as the reader takes them;
- read: the whole reader (`loaders.readers.pdf.read`): tables, paragraphs, page breaks.

Times are CPU time of the process. By default the published PDFs beside the repository are read.
Run it with `python benchmarks/pdf_reader.py [--rounds 5] [--json] [FILE …]`.
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import pypdfium2

from loaders.document import Table
from loaders.readers import pdf

ROOT = Path(__file__).resolve().parents[1]
WILD = ROOT.parent / "shared" / "corpus" / "wild"  # beside the repository, not part of it


@dataclass(frozen=True)
class Result:
    """One file: its size, what is found, and milliseconds of CPU a page (median of the rounds)."""

    file_name: str
    pages: int
    tables: int
    text_ms: float
    content_ms: float
    read_ms: float

    @property
    def times_text(self) -> float:
        return self.read_ms / self.text_ms


def text_only(data: bytes) -> None:
    with pypdfium2.PdfDocument(data) as document:
        for page in document:
            page.get_textpage().get_text_range()


def content_only(data: bytes) -> None:
    with pypdfium2.PdfDocument(data) as document:
        for number in range(1, len(document) + 1):
            pdf.page_content(document, number)


def cpu_ms(step: Callable[[bytes], object], data: bytes) -> float:
    gc.collect()
    start = time.process_time()
    step(data)
    return (time.process_time() - start) * 1000


def measure(file: Path, rounds: int) -> Result:
    """Raises RefusedDocument for a file that is no readable PDF."""
    data = file.read_bytes()
    with pypdfium2.PdfDocument(data) as document:
        pages = len(document)
    tables = sum(isinstance(block, Table) for block in pdf.read(data).blocks)
    steps = (text_only, content_only, pdf.read)
    times = [[cpu_ms(step, data) for step in steps] for _ in range(rounds)]
    text, content, read = (statistics.median(column) / pages for column in zip(*times, strict=True))
    return Result(file.name, pages, tables, text, content, read)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="PDF files instead of the published ones")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(arguments)
    files = options.files or sorted(WILD.glob("*.pdf"))
    if not files:
        print("no PDF files: name some, the shared material is not beside the repository", file=sys.stderr)
        return 1
    results = [measure(file, options.rounds) for file in files]
    if options.json:
        print(json.dumps([asdict(result) for result in results], indent=2, ensure_ascii=False))
        return 0
    print(f"{'file':52} {'pages':>5} {'tables':>6} {'text':>7} {'content':>7} {'read':>7} {'× text':>6}   (ms a page)")
    for r in results:
        figures = f"{r.text_ms:7.1f} {r.content_ms:7.1f} {r.read_ms:7.1f} {r.times_text:6.1f}"
        print(f"{r.file_name:52} {r.pages:5} {r.tables:6} {figures}")
    pages = sum(r.pages for r in results)
    text = sum(r.pages * r.text_ms for r in results) / pages
    content = sum(r.pages * r.content_ms for r in results) / pages
    read = sum(r.pages * r.read_ms for r in results) / pages
    tables = sum(r.tables for r in results)
    print(f"{'all':52} {pages:5} {tables:6} {text:7.1f} {content:7.1f} {read:7.1f} {read / text:6.1f}")
    print(f"{1000 / read:.0f} pages a second on one core")
    return 0


if __name__ == "__main__":
    sys.exit(main())
