"""Loading: files and folders → raw tables. Idempotent: the same bytes read by the same loader are read once."""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from loaders import raw
from loaders.connection import connect
from loaders.errors import RefusedDocument
from loaders.inbox import find_files, kind_of, not_a_file, shown
from loaders.readers import archive, sniff
from loaders.schema import LOADER_VERSION
from loaders.workers import MAY_PASS_ALONE, Outcome, Rows, read_all

if TYPE_CHECKING:
    from loaders.extraction import RawRow

MAX_BYTES = 64 * 1024 * 1024
_BATCH_DOCUMENTS = 64
# Refusals that have to do with the machine or the moment: the next run asks again.
_MAY_PASS = {"unreadable", "changed_while_read", "needs_libreoffice", "machine_busy", "timeout", *MAY_PASS_ALONE}
_ATTEMPTS = 3
_PAUSE_SECONDS = 0.2
_TICK_SECONDS = 0.02


@dataclass(frozen=True)
class Rejection:
    """A file that was not loaded, and why (one line)."""

    file_name: str
    reason_code: str
    reason: str


@dataclass(frozen=True)
class Notice:
    """A remark on a document that was loaded."""

    file_name: str
    notice_code: str
    notice: str


@dataclass(frozen=True)
class Change:
    """What became of a document: loaded, superseded, refused, withheld (it was withdrawn, and its file is back).

    The pipeline adds: held (a guard stopped it), released, removed, purged, restored.
    """

    document_id: str | None  # None: the file could not be read
    file_name: str | None
    change: str
    reason_code: str | None = None


@dataclass(frozen=True)
class LoadReport:
    """What a load did. `found` = loaded + unchanged + rejected + withheld + held (counting files, not contents).

    `superseded` counts places whose document gave way to a new one; `ignored` are files of folders that are no
    documents by their name; `changed` is False when the raw tables are as they were. `withheld` counts files whose
    document was withdrawn, `held` those whose document is held back (raw.quarantined_document). `changes` lists each
    document that is not as it was.
    """

    found: int
    loaded: int
    unchanged: int
    rejected: tuple[Rejection, ...]
    superseded: int
    changed: bool
    notices: tuple[Notice, ...] = ()
    ignored: tuple[str, ...] = ()
    withheld: int = 0
    held: int = 0
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class File:
    """One document to read: a file, or a member of an archive (`a.zip/b.pdf`); its name without private things in it.

    `data` is None where the bytes cannot be read, or are with whoever reads them.
    """

    name: str
    source_key: str
    document_id: str | None = None
    byte_size: int | None = None
    data: bytes | None = None
    refusal: RefusedDocument | None = None


def load(
    paths: Sequence[Path],
    warehouse: Path,
    on_progress: Callable[[int, int, str], None] | None = None,
    workers: int | None = None,
    withdrawn: frozenset[str] = frozenset(),
    retry: bool = False,
) -> LoadReport:
    """Reads the documents of `paths` into raw.* of the file `warehouse` (created if it is missing).

    `on_progress(done, total, file name)` is called after each file. Documents are read by `workers` processes (by
    default one a core; 0 reads in this process). A file that cannot be read is a row of raw.rejected_document and
    costs no other file anything. Documents of `withdrawn` are not loaded. Bytes that this loader has refused before
    are refused again without reading, unless `retry`. Raises InputError for a path that does not exist.
    """
    inbox = find_files(paths)
    files = inbox.documents
    workers = min(len(files), os.cpu_count() or 1) if workers is None else workers
    connection = connect(warehouse)
    try:
        raw.create_tables(connection)
        ledger = Ledger(connection, withdrawn, retry)
        waiting: deque[File] = deque()

        def unread() -> Iterator[bytes]:
            """The bytes to read, in order; files that need no reading are dealt with on the way."""
            for done, path in enumerate(files, start=1):
                for file in open_documents(path):
                    if ledger.needs_reading(file):
                        waiting.append(file)
                        assert file.data is not None
                        yield file.data
                if on_progress:
                    on_progress(done, len(files), shown(path.name))

        for path, refusal in inbox.refused:
            ledger.needs_reading(refused_file(path, refusal))
        with contextlib.closing(read_all(unread(), workers)) as outcomes:  # whatever ends this ends the workers
            for outcome in outcomes:
                ledger.take(waiting.popleft(), outcome)
        ledger.write()
        return ledger.report([shown(path.name) for path in inbox.ignored])
    finally:
        connection.close()


def open_documents(path: Path) -> Iterator[File]:
    """A file → the documents in it: itself, or the members of a zip archive."""
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            reason = f"the file has {size:,} bytes, more than the {MAX_BYTES:,} that are read"
            raise RefusedDocument("too_large", reason)
        data = _read_at_rest(path)
    except RefusedDocument as refusal:
        yield refused_file(path, refusal)
    except OSError as error:
        yield refused_file(path, RefusedDocument("unreadable", f"the file cannot be read: {error.strerror}"))
    else:
        yield from _documents_in(path, data)


def refused_file(path: Path, refusal: RefusedDocument) -> File:
    """A file that is refused unread; a link stands for itself, not for where it leads."""
    return File(shown(path.name), _source_key(str(path.parent.resolve() / path.name)), refusal=refusal)


def _source_key(place: str) -> str:
    """The key of a place: an absolute path, behind `!` the member of an archive."""
    return hashlib.sha256(place.encode(errors="surrogateescape")).hexdigest()


def _documents_in(path: Path, data: bytes) -> Iterator[File]:
    """The bytes of a file → the documents in it: itself, or the members of a zip archive."""
    place = str(path.resolve())
    document_id = hashlib.sha256(data).hexdigest()
    whole = File(shown(path.name), _source_key(place), document_id, len(data), data)
    try:
        if sniff.kind_of(data) != "zip":
            yield whole
            return
        found = 0
        for name, member in archive.read_members(data):
            found += 1
            member_id = hashlib.sha256(member).hexdigest()
            yield File(shown(f"{path.name}/{name}"), _source_key(f"{place}!{name}"), member_id, len(member), member)
        if not found:
            yield replace(whole, refusal=RefusedDocument("empty", "the archive holds no files"))
    except RefusedDocument as refusal:
        yield replace(whole, refusal=refusal)


def _moment(connection: duckdb.DuckDBPyConnection) -> datetime:
    """Now (UTC), but never before what the warehouse has seen: a clock that was set back reverses no order."""
    row = connection.execute("select max(seen_at) from raw.document_source").fetchone()
    clock = datetime.now(UTC).replace(tzinfo=None)
    return max(clock, row[0] + timedelta(microseconds=1)) if row and row[0] else clock


def _read_at_rest(path: Path) -> bytes:
    """The bytes of a file that nobody is writing: the same before and after reading, by size and time of change.

    Raises RefusedDocument if it changes at each of a few attempts; the next load finds it again.
    """
    for attempt in range(_ATTEMPTS):
        if attempt:
            time.sleep(_PAUSE_SECONDS)
        # Without waiting for anybody: what was a file when it was found may be a pipe by now.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
            before = os.fstat(file.fileno())
            if kind := kind_of(before.st_mode):
                raise not_a_file(kind)
            # Times of change are as coarse as the system's tick: the next write must fall into another one.
            if abs(time.time_ns() - before.st_ctime_ns) < _TICK_SECONDS * 1e9:
                time.sleep(_TICK_SECONDS)
            data = file.read(min(before.st_size, MAX_BYTES) + 1)
            after = os.fstat(file.fileno())
        seen = path.stat()  # the file that has the name now: it may have been replaced meanwhile
        marks = {(stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns) for stat in (before, after, seen)}
        if len(marks) == 1 and len(data) == after.st_size:
            return data
    raise RefusedDocument("changed_while_read", "the file changed while it was read: somebody is still writing it")


class Ledger:
    """What the warehouse already has, and what this load adds to it."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, withdrawn: frozenset[str], retry: bool) -> None:
        self.connection = connection
        self.withdrawn = withdrawn
        self.now = _moment(connection)
        self.versions: dict[str, str] = dict(
            connection.execute("select document_id, loader_version from raw.document").fetchall()
        )
        self.current: dict[str, tuple[str, int]] = {
            key: (document_id, sequence)
            for key, document_id, sequence in connection.execute(
                "select source_key, document_id, sequence_no from raw.document_source "
                "qualify row_number() over (partition by source_key order by sequence_no desc) = 1"
            ).fetchall()
        }
        # What each place holds that was refused: (document, reason, loader version).
        self.refused: dict[str, tuple[str | None, str, str]] = {}
        self.known_refusals: dict[str, RefusedDocument] = {}
        for key, document_id, code, reason, version in connection.execute(
            "select source_key, document_id, reason_code, reason, loader_version from raw.rejected_document"
        ).fetchall():
            self.refused[key] = (document_id, code, version)
            if document_id and version == LOADER_VERSION and not retry and code not in _MAY_PASS:
                self.known_refusals[document_id] = RefusedDocument(code, reason)
        # What is held back is not read again; a place whose contents are others by now ends that.
        self.held_at: dict[str, str] = {}
        self.held_back: set[str] = set()
        for key, document_id in connection.execute(
            "select source_key, document_id from raw.quarantined_document"
        ).fetchall():
            self.held_at[key] = document_id
            self.held_back.add(document_id)
        self.freed: set[str] = set()
        self.places: list[RawRow] = []
        self.refusals: dict[str, RawRow] = {}
        self.settled: set[str] = set()  # places that held something refused and do not any more
        self.changes: list[Change] = []
        self.rejections: list[Rejection] = []
        self.notices: list[Notice] = []
        self.pending: dict[str, list[File]] = {}  # being read: the other files of the same bytes
        self.batch: dict[str, Rows] = {}
        self.found = self.loaded = self.unchanged = self.superseded = self.withheld = self.held = 0
        self.changed = False

    def needs_reading(self, file: File) -> bool:
        """True for a document to read; one that is known is placed, one that is refused unread is noted."""
        self.found += 1
        if file.refusal or file.document_id is None:
            self._refuse(file, file.refusal or RefusedDocument("unreadable", "the file cannot be read"))
            return False
        if file.document_id in self.withdrawn:
            self.withheld += 1
            self.changes.append(Change(file.document_id, None, "withheld"))
            return False
        if self.held_at.get(file.source_key, file.document_id) != file.document_id:
            self.freed.add(file.source_key)
        if file.document_id in self.held_back:
            self.held += 1
            return False
        if self.versions.get(file.document_id) == LOADER_VERSION:
            self.unchanged += 1
            self._place(file)
            return False
        if known := self.known_refusals.get(file.document_id):
            self._refuse(file, known)
            return False
        if file.document_id in self.pending:  # the same bytes again: they share the outcome of the first reading
            self.pending[file.document_id].append(file)
            return False
        self.pending[file.document_id] = []
        return True

    def take(self, file: File, outcome: Outcome) -> None:
        """Keeps what came of reading `file`, and writes a batch when it is full."""
        assert file.document_id is not None
        again = self.pending.pop(file.document_id)
        if outcome.rows is None:
            refusal = outcome.refusal or RefusedDocument("reader_error", "the reader gave nothing")
            for refused in (file, *again):
                self._refuse(refused, refusal)
            return
        tables = dict(outcome.rows)
        tables["document"] = raw.filled(
            "document",
            tables["document"],
            file_name=file.name,
            byte_size=file.byte_size,
            loader_version=LOADER_VERSION,
            loaded_at=self.now,
        )
        if "load_notice" in tables:
            noted = tables["load_notice"].select("notice_code", "notice").iter_rows()
            self.notices += [Notice(file.name, code, notice) for code, notice in noted]
        self.batch[file.document_id] = tables
        self.versions[file.document_id] = LOADER_VERSION
        self.changes.append(Change(file.document_id, None, "loaded"))
        self.loaded += 1
        self.unchanged += len(again)
        for placed in (file, *again):
            self._place(placed)
        if len(self.batch) >= _BATCH_DOCUMENTS:
            self.write()

    def _place(self, file: File) -> None:
        if self.refused.pop(file.source_key, None):
            self.refusals.pop(file.source_key, None)
            self.settled.add(file.source_key)
        before, sequence = self.current.get(file.source_key, (None, 0))
        if before == file.document_id:
            return
        assert file.document_id is not None
        if before is not None:
            self.superseded += 1
            self.changes.append(Change(before, None, "superseded"))
        self.current[file.source_key] = (file.document_id, sequence + 1)
        self.places.append(
            {
                "source_key": file.source_key,
                "document_id": file.document_id,
                "file_name": file.name,
                "seen_at": self.now,
                "sequence_no": sequence + 1,
            }
        )

    def _refuse(self, file: File, refusal: RefusedDocument) -> None:
        reason = shown(refusal.reason)
        self.rejections.append(Rejection(file.name, refusal.code, reason))
        key = (file.document_id, refusal.code, LOADER_VERSION)
        if self.refused.get(file.source_key) == key:
            return
        self.refused[file.source_key] = key
        self.changes.append(Change(file.document_id, file.name, "refused", refusal.code))
        self.settled.add(file.source_key)
        self.refusals[file.source_key] = {
            "source_key": file.source_key,
            "document_id": file.document_id,
            "file_name": file.name,
            "byte_size": file.byte_size,
            "reason_code": refusal.code,
            "reason": reason,
            "loader_version": LOADER_VERSION,
            "rejected_at": self.now,
        }

    def write(self) -> None:
        """Writes what was taken so far in one transaction."""
        if not (self.batch or self.places or self.settled or self.freed):
            return
        self.connection.execute("begin")
        try:
            raw.insert_documents(self.connection, self.batch)
            raw.insert(self.connection, "document_source", self.places)
            raw.delete_refusals(self.connection, self.settled)
            raw.insert(self.connection, "rejected_document", list(self.refusals.values()))
            raw.delete_held(self.connection, self.freed)
            self.connection.execute("commit")
        except BaseException:
            with contextlib.suppress(duckdb.Error):  # what failed may have ended the transaction, and is what is told
                self.connection.execute("rollback")
            raise
        self.changed = True
        self.batch.clear()
        self.places.clear()
        self.refusals.clear()
        self.settled.clear()
        self.freed.clear()

    def report(self, ignored: list[str]) -> LoadReport:
        """What has come of the files so far; `ignored` are those that were passed over unread."""
        return LoadReport(
            found=self.found,
            loaded=self.loaded,
            unchanged=self.unchanged,
            rejected=tuple(self.rejections),
            superseded=self.superseded,
            changed=self.changed,
            notices=tuple(self.notices),
            ignored=tuple(ignored),
            withheld=self.withheld,
            held=self.held,
            changes=tuple(self.changes),
        )
