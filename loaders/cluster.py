"""Loading on a Spark cluster: the files are spread over the executors, which read them with the loaders' own code.

An executor writes the rows of its documents as one batch (loaders/parquet.py) and answers with a line a document; what
a place holds and what is refused is decided here by the ledger of any load. The executors need the same folders of
documents and of raw tables at the same paths, and this package.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from loaders import parquet
from loaders.connection import connect
from loaders.errors import RefusedDocument
from loaders.extraction import RawRow
from loaders.load import File, Ledger, LoadReport, documents_in, find_files, refused_unread, source_key
from loaders.schema import LOADER_VERSION
from loaders.workers import Outcome, read_all

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_PENDING_FILES = 16  # files that an executor holds at a time
_POLL_SECONDS = 0.2


@dataclass(frozen=True)
class Answer:
    """What an executor says of one document. `document` and `notices` are JSON, None if it was not read."""

    path: str  # the file
    name: str  # the document: the file, or a member of it
    source_key: str
    document_id: str | None = None
    byte_size: int | None = None
    batch: str | None = None
    document: str | None = None
    notices: str | None = None
    reason_code: str | None = None
    reason: str | None = None


_SCHEMA = pa.schema(
    [pa.field(name, pa.int64() if name == "byte_size" else pa.string()) for name in Answer.__dataclass_fields__]
)


def load(
    paths: Sequence[Path],
    folder: Path,
    session: SparkSession,
    on_progress: Callable[[int, int, str], None] | None = None,
    withdrawn: frozenset[str] = frozenset(),
    retry: bool = False,
) -> LoadReport:
    """Reads the documents of `paths` into the raw tables of `folder`, as loaders.load.load does into a warehouse.

    Idempotent by document: what this loader has read or refused is not read again, and a load that was killed leaves
    nothing behind that the next one does not remove. `on_progress(done, total, what)` counts tasks of the
    cluster. Documents of `withdrawn` are not loaded. Raises InputError for a path that does not exist.
    """
    files, ignored = find_files(paths)
    parquet.create(folder)
    batches = parquet.read_batches(folder)
    parquet.remove_orphans(folder, set(batches.values()))
    with connect(":memory:") as connection:
        parquet.read_ledgers(folder, connection)
        ledger = Ledger(connection, withdrawn, retry)
        refused = {path: file for path in files if (file := refused_unread(path) or _empty(path))}
        readable = [path for path in files if path not in refused]
        known = {document_id for document_id, version in ledger.versions.items() if version == LOADER_VERSION}
        answers = _read(readable, folder, session, known | withdrawn | set(ledger.known_refusals), on_progress)
        dropped: dict[str, set[str]] = {}  # batch → documents whose rows in it do not count
        for path in files:
            if path in refused:
                ledger.needs_reading(refused[path])
            for answer in answers.get(path, ()):
                _settle(answer, ledger, batches, dropped)
        ledger.write()
        for batch, documents in dropped.items():
            parquet.remove_documents(folder, batch, documents)
        if ledger.changed:
            parquet.write_batches(folder, batches)
            parquet.write_ledgers(folder, connection)
        return ledger.report([path.name for path in ignored])


def _empty(path: Path) -> File | None:
    """A file without content, which Spark does not show, as it is refused; None for others."""
    if path.stat().st_size:
        return None
    (outcome,) = read_all([b""], workers=0)
    return replace(next(documents_in(path, b"")), refusal=outcome.refusal)


def _settle(answer: Answer, ledger: Ledger, batches: dict[str, str], dropped: dict[str, set[str]]) -> None:
    """One answer → the ledger, and the batch that holds the rows of the document from now on."""
    refusal = RefusedDocument(answer.reason_code, answer.reason or "") if answer.reason_code else None
    file = File(answer.name, answer.source_key, answer.document_id, answer.byte_size, refusal=refusal)
    before = batches.get(answer.document_id or "")
    if ledger.needs_reading(file):
        assert answer.document is not None
        assert answer.document_id is not None
        assert answer.batch is not None
        rows = {"document": [json.loads(answer.document)], "load_notice": json.loads(answer.notices or "[]")}
        ledger.take(file, Outcome(rows, None))
        batches[answer.document_id] = answer.batch
        if before and before != answer.batch:  # read by an older loader
            dropped.setdefault(before, set()).add(answer.document_id)
    elif answer.batch and answer.document_id and before != answer.batch:
        # The same bytes, read twice because they stand in two files; or a file that changed meanwhile.
        dropped.setdefault(answer.batch, set()).add(answer.document_id)


def _read(
    files: Sequence[Path],
    folder: Path,
    session: SparkSession,
    known: set[str],
    on_progress: Callable[[int, int, str], None] | None,
) -> dict[Path, list[Answer]]:
    """File → what the cluster says of the documents in it, in their order."""
    if not files:
        return {}
    context = session.sparkContext
    shared = context.broadcast(known)
    place = str(folder.resolve())
    by_place = {str(path.resolve()): path for path in files}
    before = {path: path.stat() for path in files}

    def read(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        yield from read_share(batches, Path(place), shared.value)

    session.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", _PENDING_FILES)
    content = session.read.format("binaryFile").load([_pattern(path) for path in by_place])
    fields = ", ".join(f"{field.name} {'bigint' if field.type == pa.int64() else 'string'}" for field in _SCHEMA)
    with _watched(session, on_progress):
        rows = content.select("path", "length", "content").mapInArrow(read, fields).collect()
    answers: dict[Path, list[Answer]] = {path: [] for path in files}
    for row in rows:
        answer = Answer(**row.asDict())
        answers[by_place[answer.path]].append(answer)
    for path in files:
        # Whoever still writes a file would have us keep half of it: the next load finds it again.
        if _changed(path, before[path]):
            reason = "the file changed while it was read: somebody is still writing it"
            answers[path] = [replace(a, reason_code="changed_while_read", reason=reason) for a in answers[path]]
        if not answers[path]:
            place = str(path.resolve())
            reason = "the cluster found no such file: its machines must see it at the same path"
            lost = Answer(place, path.name, source_key(place), reason_code="unreadable", reason=reason)
            answers[path].append(lost)
    return answers


def _changed(path: Path, before: Any) -> bool:
    try:
        after = path.stat()
    except OSError:
        return True
    return (before.st_size, before.st_mtime_ns, before.st_ino) != (after.st_size, after.st_mtime_ns, after.st_ino)


def _pattern(path: str) -> str:
    """A path for Spark, which takes it for a pattern: what has a meaning there stands for itself."""
    return "file://" + re.sub(r"([\\\[\]{}*?])", r"\\\1", path)


def read_share(batches: Iterable[pa.RecordBatch], folder: Path, known: set[str]) -> Iterator[pa.RecordBatch]:
    """On an executor: files (path, length, content) → a line a document; the rows go to one batch of `folder`.

    Documents of `known` are named and not read. Documents are read in a process of their own, as in every load.
    """
    answers: list[Answer] = []
    reading: list[int] = []  # places in `answers` of what is being read, in order
    taken: set[str] = set()

    def unread() -> Iterator[bytes]:
        for path, content in _files(batches):
            for file in documents_in(Path(path), content):
                assert file.document_id is not None
                assert file.data is not None
                answer = Answer(path, file.name, file.source_key, file.document_id, file.byte_size)
                if file.refusal:
                    answer = replace(answer, reason_code=file.refusal.code, reason=file.refusal.reason)
                answers.append(answer)
                if not file.refusal and file.document_id not in known | taken:
                    taken.add(file.document_id)
                    reading.append(len(answers) - 1)
                    yield file.data

    rows: dict[str, Mapping[str, Sequence[RawRow]]] = {}
    outcomes: dict[str | None, dict[str, Any]] = {}  # also for the same bytes in another file of the share
    for number, outcome in enumerate(read_all(unread(), workers=1)):
        document_id = answers[reading[number]].document_id
        assert document_id is not None
        if outcome.rows is None:
            refusal = outcome.refusal or RefusedDocument("reader_error", "the reader gave nothing")
            outcomes[document_id] = {"reason_code": refusal.code, "reason": refusal.reason}
            continue
        rows[document_id] = outcome.rows
        outcomes[document_id] = {
            "document": json.dumps(outcome.rows["document"][0], ensure_ascii=False),
            "notices": json.dumps(outcome.rows.get("load_notice", []), ensure_ascii=False),
        }
    batch = parquet.write_batch(folder, rows) if rows else None
    told = [
        replace(a, **outcomes.get(a.document_id, {}), batch=batch if a.document_id in rows else None) for a in answers
    ]
    yield pa.RecordBatch.from_pylist([asdict(answer) for answer in told], schema=_SCHEMA)


def _files(batches: Iterable[pa.RecordBatch]) -> Iterator[tuple[str, bytes]]:
    for batch in batches:
        for row in batch.to_pylist():
            yield row["path"].removeprefix("file:"), row["content"]


@contextmanager
def _watched(session: SparkSession, on_progress: Callable[[int, int, str], None] | None) -> Iterator[None]:
    """Tells how many tasks of the cluster are done, as long as the block lasts."""
    over = threading.Event()
    tracker = session.sparkContext.statusTracker()

    def watch(tell: Callable[[int, int, str], None]) -> None:
        while not over.wait(_POLL_SECONDS):
            for stage in tracker.getActiveStageIds():
                if info := tracker.getStageInfo(stage):
                    tell(info.numCompletedTasks, info.numTasks, "parts of the documents")

    thread = threading.Thread(target=watch, args=(on_progress,), daemon=True) if on_progress else None
    if thread:
        thread.start()
    try:
        yield
    finally:
        over.set()
        if thread:
            thread.join()
