"""Loading on a Spark cluster: the files are spread over the executors, which read them with the loaders' own code.

An executor writes the rows of its documents as one batch (loaders/parquet.py) and answers with a line a document; what
a place holds and what is refused is decided here by the ledger of any load. The executors need the same folders of
documents and of raw tables at the same paths, and this package.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass, replace
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from loaders import parquet, raw
from loaders.connection import connect
from loaders.errors import RefusedDocument
from loaders.inbox import find_files, shown
from loaders.load import File, Ledger, LoadReport, open_documents, refused_file
from loaders.schema import LOADER_VERSION
from loaders.workers import Outcome, Rows, read_all

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from loaders.extraction import RawRow

SHARE = 256  # files: enough that starting a reader costs little beside reading them
_POLL_SECONDS = 0.2


@dataclass(frozen=True)
class Answer:
    """What an executor says of one document; `document` is None if it was not read."""

    name: str
    source_key: str
    document_id: str | None
    byte_size: int | None
    batch: str | None = None
    document: RawRow | None = None
    notices: tuple[RawRow, ...] = ()
    reason_code: str | None = None
    reason: str | None = None


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
    inbox = find_files(paths)
    files = inbox.documents
    parquet.create(folder)
    batches = parquet.read_batches(folder)
    parquet.remove_orphans(folder, set(batches.values()))
    with connect(":memory:") as connection:
        parquet.read_ledgers(folder, connection)
        ledger = Ledger(connection, withdrawn, retry)
        known = {document_id for document_id, version in ledger.versions.items() if version == LOADER_VERSION}
        dropped: dict[str, set[str]] = {}  # batch → documents whose rows in it do not count
        for answer in _read(files, folder, session, known | withdrawn | set(ledger.known_refusals), on_progress):
            _settle(answer, ledger, batches, dropped)
        for path, refusal in inbox.refused:
            ledger.needs_reading(refused_file(path, refusal))
        ledger.write()
        for batch, documents in dropped.items():
            parquet.remove_documents(folder, batch, documents)
        if ledger.changed:
            parquet.write_batches(folder, batches)
            parquet.write_ledgers(folder, connection)
        return ledger.report([shown(path.name) for path in inbox.ignored])


def _settle(answer: Answer, ledger: Ledger, batches: dict[str, str], dropped: dict[str, set[str]]) -> None:
    """One answer → the ledger, and the batch that holds the rows of the document from now on."""
    refusal = RefusedDocument(answer.reason_code, answer.reason or "") if answer.reason_code else None
    file = File(answer.name, answer.source_key, answer.document_id, answer.byte_size, refusal=refusal)
    before = batches.get(answer.document_id or "")
    if ledger.needs_reading(file):
        assert answer.document is not None
        assert answer.document_id is not None
        assert answer.batch is not None
        rows = {"document": [answer.document], "load_notice": list(answer.notices)}
        ledger.take(file, Outcome(raw.frames(rows), None))
        batches[answer.document_id] = answer.batch
        if before and before != answer.batch:  # read by an older loader
            dropped.setdefault(before, set()).add(answer.document_id)
    elif answer.batch and answer.document_id and before != answer.batch:
        # The same bytes, read twice because they stand in two files.
        dropped.setdefault(answer.batch, set()).add(answer.document_id)


def _read(
    files: Sequence[Path],
    folder: Path,
    session: SparkSession,
    known: Set[str],
    on_progress: Callable[[int, int, str], None] | None,
) -> list[Answer]:
    """What the cluster says of the documents in `files`, in the order of the files."""
    if not files:
        return []
    context = session.sparkContext
    shared = context.broadcast(known)
    place = folder.resolve()
    shares = max(context.defaultParallelism, -(-len(files) // SHARE))
    # Dealt out like cards: neighbours are alike, and a share of the longest documents would be waited for.
    hands = [(number, str(path.resolve())) for number, path in enumerate(files)]
    dealt = [hand for share in range(shares) for hand in hands[share::shares]]

    def read(share: Iterable[tuple[int, str]]) -> Iterator[tuple[int, list[Answer]]]:
        return read_share(share, place, shared.value)

    with _watched(session, on_progress):
        answers = context.parallelize(dealt, shares).mapPartitions(read).collect()
    return [answer for _, answers_of_file in sorted(answers, key=itemgetter(0)) for answer in answers_of_file]


def read_share(share: Iterable[tuple[int, str]], folder: Path, known: Set[str]) -> Iterator[tuple[int, list[Answer]]]:
    """On an executor: numbered files → what is in each; the rows of all go to one batch of `folder`.

    Documents of `known` are named and not read. Documents are read in a process of their own, as in every load.
    """
    answers: list[tuple[int, Answer]] = []
    reading: list[int] = []  # places in `answers` of what is being read, in order
    taken: set[str] = set()

    def unread() -> Iterator[bytes]:
        for number, path in share:
            for file in open_documents(Path(path)):
                answer = Answer(file.name, file.source_key, file.document_id, file.byte_size)
                if file.refusal:
                    answer = replace(answer, reason_code=file.refusal.code, reason=file.refusal.reason)
                answers.append((number, answer))
                if not file.refusal and file.document_id not in known | taken:
                    assert file.document_id is not None
                    assert file.data is not None
                    taken.add(file.document_id)
                    reading.append(len(answers) - 1)
                    yield file.data

    rows: dict[str, Rows] = {}
    outcomes: dict[str | None, dict[str, Any]] = {}  # also for the same bytes in another file of the share
    for at, outcome in enumerate(read_all(unread(), workers=1)):
        document_id = answers[reading[at]][1].document_id
        assert document_id is not None
        if outcome.rows is None:
            refusal = outcome.refusal or RefusedDocument("reader_error", "the reader gave nothing")
            outcomes[document_id] = {"reason_code": refusal.code, "reason": refusal.reason}
            continue
        rows[document_id] = outcome.rows
        outcomes[document_id] = {
            "document": outcome.rows["document"].row(0, named=True),
            "notices": tuple(outcome.rows["load_notice"].to_dicts()) if "load_notice" in outcome.rows else (),
        }
    batch = parquet.write_batch(folder, rows) if rows else None
    found: dict[int, list[Answer]] = {}
    for number, answer in answers:
        read = replace(answer, **outcomes.get(answer.document_id, {}))
        found.setdefault(number, []).append(replace(read, batch=batch if answer.document_id in rows else None))
    yield from found.items()


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
