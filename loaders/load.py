"""Loading: files and folders → raw tables. Idempotent: the same bytes read by the same loader are read once."""

from __future__ import annotations

import hashlib
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from loaders import raw
from loaders.connection import connect
from loaders.errors import InputError, RefusedDocument
from loaders.extraction import RawRow
from loaders.readers import archive, sniff
from loaders.schema import LOADER_VERSION
from loaders.workers import Outcome, read_all

# In folders only these are taken for documents; a file that is named itself is always tried.
DOCUMENT_SUFFIXES = {
    ".txt", ".pdf", ".doc", ".docx", ".wps", ".rtf", ".xls", ".xlsx", ".et", ".htm", ".html", ".zip", ".csv",
}  # fmt: skip
MAX_BYTES = 64 * 1024 * 1024
_BATCH_DOCUMENTS = 64


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
class LoadReport:
    """What a load did. `found` = loaded + unchanged + rejected (counting files, not contents).

    `superseded` counts places whose document gave way to a new one; `ignored` are files of folders that are no
    documents by their name; `changed` is False when the raw tables are as they were.
    """

    found: int
    loaded: int
    unchanged: int
    rejected: tuple[Rejection, ...]
    superseded: int
    changed: bool
    notices: tuple[Notice, ...] = ()
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True)
class _File:
    """One document to read: a file, or a member of an archive (`a.zip/b.pdf`)."""

    name: str
    source_key: str
    document_id: str | None = None
    data: bytes | None = None
    refusal: RefusedDocument | None = None


def find_documents(paths: Sequence[Path]) -> list[Path]:
    """The document files of `paths`, folders recursively, in the order of their names; hidden files are left out.

    Raises InputError for a path that does not exist.
    """
    return _find(paths)[0]


def _find(paths: Sequence[Path]) -> tuple[list[Path], list[Path]]:
    found: dict[Path, None] = {}
    ignored: dict[Path, None] = {}
    for path in paths:
        if not path.exists():
            raise InputError(f"{path}: no such file or folder")
        if path.is_file():
            found[path] = None
            continue
        if not path.is_dir():
            raise InputError(f"{path}: neither a file nor a folder")
        for folder, folders, names in os.walk(path):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(names):
                file = Path(folder) / name
                if name.startswith((".", "~$")) or not file.is_file():
                    continue
                (found if file.suffix.lower() in DOCUMENT_SUFFIXES else ignored)[file] = None
    return list(found), list(ignored)


def load(
    paths: Sequence[Path],
    warehouse: Path,
    on_progress: Callable[[int, int, str], None] | None = None,
    workers: int | None = None,
) -> LoadReport:
    """Reads the documents of `paths` into raw.* of the file `warehouse` (created if it is missing).

    `on_progress(done, total, file name)` is called after each file. Documents are read by `workers` processes (by
    default one a core; 0 reads in this process). A file that cannot be read is a row of raw.rejected_document and
    costs no other file anything. Raises InputError for a path that does not exist.
    """
    files, ignored = _find(paths)
    workers = min(len(files), os.cpu_count() or 1) if workers is None else workers
    connection = connect(warehouse)
    try:
        raw.create_tables(connection)
        ledger = _Ledger(connection)
        waiting: deque[_File] = deque()

        def unread() -> Iterator[bytes]:
            """The bytes to read, in order; files that need no reading are dealt with on the way."""
            for done, path in enumerate(files, start=1):
                for file in _open(path):
                    if ledger.needs_reading(file):
                        waiting.append(file)
                        assert file.data is not None
                        yield file.data
                if on_progress:
                    on_progress(done, len(files), path.name)

        for outcome in read_all(unread(), workers):
            ledger.take(waiting.popleft(), outcome)
        ledger.write()
        return ledger.report([path.name for path in ignored])
    finally:
        connection.close()


def _open(path: Path) -> Iterator[_File]:
    """A file → the documents in it: itself, or the members of a zip archive."""
    place = str(path.resolve())
    key = hashlib.sha256(place.encode()).hexdigest()
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            reason = f"the file has {size:,} bytes, more than the {MAX_BYTES:,} that are read"
            yield _File(path.name, key, refusal=RefusedDocument("too_large", reason))
            return
        data = path.read_bytes()
    except OSError as error:
        yield _File(path.name, key, refusal=RefusedDocument("unreadable", f"the file cannot be read: {error.strerror}"))
        return
    document_id = hashlib.sha256(data).hexdigest()
    try:
        if sniff.kind_of(data) != "zip":
            yield _File(path.name, key, document_id, data)
            return
        found = 0
        for name, member in archive.read_members(data):
            found += 1
            member_key = hashlib.sha256(f"{place}!{name}".encode()).hexdigest()
            yield _File(f"{path.name}/{name}", member_key, hashlib.sha256(member).hexdigest(), member)
        if not found:
            yield _File(path.name, key, document_id, data, RefusedDocument("empty", "the archive holds no files"))
    except RefusedDocument as refusal:
        yield _File(path.name, key, document_id, data, refusal)


class _Ledger:
    """What the warehouse already has, and what this load adds to it."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.now = datetime.now(UTC).replace(tzinfo=None)
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
        self.refused: set[tuple[str, str | None, str]] = set(
            connection.execute("select source_key, document_id, reason_code from raw.rejected_document").fetchall()
        )
        self.places: list[RawRow] = []
        self.refusals: list[RawRow] = []
        self.rejections: list[Rejection] = []
        self.notices: list[Notice] = []
        self.pending: dict[str, list[_File]] = {}  # being read: the other files of the same bytes
        self.batch: dict[str, dict[str, list[RawRow]]] = {}
        self.found = self.loaded = self.unchanged = self.superseded = 0
        self.changed = False

    def needs_reading(self, file: _File) -> bool:
        """True for a document to read; one that is known is placed, one that is refused unread is noted."""
        self.found += 1
        if file.refusal or file.document_id is None:
            self._refuse(file, file.refusal or RefusedDocument("unreadable", "the file cannot be read"))
            return False
        if self.versions.get(file.document_id) == LOADER_VERSION:
            self.unchanged += 1
            self._place(file)
            return False
        if file.document_id in self.pending:  # the same bytes again: they share the outcome of the first reading
            self.pending[file.document_id].append(file)
            return False
        self.pending[file.document_id] = []
        return True

    def take(self, file: _File, outcome: Outcome) -> None:
        """Keeps what came of reading `file`, and writes a batch when it is full."""
        assert file.data is not None
        assert file.document_id is not None
        again = self.pending.pop(file.document_id)
        if outcome.rows is None:
            refusal = outcome.refusal or RefusedDocument("reader_error", "the reader gave nothing")
            for refused in (file, *again):
                self._refuse(refused, refusal)
            return
        tables = outcome.rows
        tables["document"][0].update(
            file_name=file.name, byte_size=len(file.data), loader_version=LOADER_VERSION, loaded_at=self.now
        )
        self.notices += [
            Notice(file.name, str(row["notice_code"]), str(row["notice"])) for row in tables.get("load_notice", [])
        ]
        self.batch[file.document_id] = tables
        self.versions[file.document_id] = LOADER_VERSION
        self.loaded += 1
        self.unchanged += len(again)
        for placed in (file, *again):
            self._place(placed)
        if len(self.batch) >= _BATCH_DOCUMENTS:
            self.write()

    def _place(self, file: _File) -> None:
        before, sequence = self.current.get(file.source_key, (None, 0))
        if before == file.document_id:
            return
        assert file.document_id is not None
        self.superseded += before is not None
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

    def _refuse(self, file: _File, refusal: RefusedDocument) -> None:
        self.rejections.append(Rejection(file.name, refusal.code, refusal.reason))
        key = (file.source_key, file.document_id, refusal.code)
        if key in self.refused:
            return
        self.refused.add(key)
        self.refusals.append(
            {
                "source_key": file.source_key,
                "document_id": file.document_id,
                "file_name": file.name,
                "byte_size": len(file.data) if file.data is not None else None,
                "reason_code": refusal.code,
                "reason": refusal.reason,
                "loader_version": LOADER_VERSION,
                "rejected_at": self.now,
            }
        )

    def write(self) -> None:
        """Writes what was taken so far in one transaction."""
        if not (self.batch or self.places or self.refusals):
            return
        self.connection.execute("begin")
        try:
            raw.insert_documents(self.connection, self.batch)
            raw.insert(self.connection, "document_source", self.places)
            raw.insert(self.connection, "rejected_document", self.refusals)
            self.connection.execute("commit")
        except BaseException:
            self.connection.execute("rollback")
            raise
        self.changed = True
        self.batch.clear()
        self.places.clear()
        self.refusals.clear()

    def report(self, ignored: list[str]) -> LoadReport:
        return LoadReport(
            found=self.found,
            loaded=self.loaded,
            unchanged=self.unchanged,
            rejected=tuple(self.rejections),
            superseded=self.superseded,
            changed=self.changed,
            notices=tuple(self.notices),
            ignored=tuple(ignored),
        )
