"""Loading: files and folders → raw tables. Idempotent: the same bytes read by the same loader are read once."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from loaders import raw
from loaders.connection import connect
from loaders.errors import InputError, RefusedDocument
from loaders.extract import extract
from loaders.extraction import RawRow
from loaders.readers import read_bytes
from loaders.schema import LOADER_VERSION

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
    path: Path
    source_key: str
    document_id: str | None
    data: bytes | None
    error: RefusedDocument | None


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
    paths: Sequence[Path], warehouse: Path, on_progress: Callable[[int, int, str], None] | None = None
) -> LoadReport:
    """Reads the documents of `paths` into raw.* of the file `warehouse` (created if it is missing).

    `on_progress(done, total, file name)` is called after each file. A file that cannot be read is a row of
    raw.rejected_document and costs no other file anything. Raises InputError for a path that does not exist.
    """
    files, ignored = _find(paths)
    connection = connect(warehouse)
    try:
        raw.create_tables(connection)
        ledger = _Ledger(connection)
        batch: dict[str, dict[str, list[RawRow]]] = {}
        for done, path in enumerate(files, start=1):
            ledger.take(_open(path), batch)
            if len(batch) >= _BATCH_DOCUMENTS:
                ledger.write(batch)
            if on_progress:
                on_progress(done, len(files), path.name)
        ledger.write(batch)
        return ledger.report(len(files), [str(path.name) for path in ignored])
    finally:
        connection.close()


def _open(path: Path) -> _File:
    key = hashlib.sha256(str(path.resolve()).encode()).hexdigest()
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            error = RefusedDocument(
                "too_large", f"the file has {size:,} bytes, more than the {MAX_BYTES:,} that are read"
            )
            return _File(path, key, None, None, error)
        data = path.read_bytes()
    except OSError as error:
        return _File(path, key, None, None, RefusedDocument("unreadable", f"the file cannot be read: {error.strerror}"))
    return _File(path, key, hashlib.sha256(data).hexdigest(), data, None)


def extract_bytes(data: bytes) -> dict[str, list[RawRow]]:
    """The bytes of a file → raw rows by table, without document_id. Raises RefusedDocument."""
    return extract(read_bytes(data))


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
        self.loaded = self.unchanged = self.superseded = 0
        self.changed = False

    def take(self, file: _File, batch: dict[str, dict[str, list[RawRow]]]) -> None:
        """Reads one file into `batch`, or notes that it is known or refused."""
        name = file.path.name
        try:
            if file.error or file.data is None or file.document_id is None:
                raise file.error or RefusedDocument("unreadable", "the file cannot be read")
            if self.versions.get(file.document_id) == LOADER_VERSION:
                self.unchanged += 1
            else:
                batch[file.document_id] = self._read(file, name)
                self.versions[file.document_id] = LOADER_VERSION
                self.loaded += 1
        except RefusedDocument as refusal:
            self._refuse(file, refusal)
            return
        self._place(file)

    def _read(self, file: _File, name: str) -> dict[str, list[RawRow]]:
        assert file.data is not None
        try:
            tables = extract_bytes(file.data)
        except RefusedDocument:
            raise
        except Exception as error:  # a fault of ours must not cost the other documents anything
            if os.environ.get("YUSUAN_DEBUG"):
                raise
            reason = (
                f"the reader failed ({type(error).__name__}: {str(error).splitlines()[0][:120] if str(error) else ''})"
            )
            raise RefusedDocument("reader_error", reason) from error
        tables["document"][0].update(
            file_name=name, byte_size=len(file.data), loader_version=LOADER_VERSION, loaded_at=self.now
        )
        self.notices += [Notice(name, str(n["notice_code"]), str(n["notice"])) for n in tables.get("load_notice", [])]
        return tables

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
                "file_name": file.path.name,
                "seen_at": self.now,
                "sequence_no": sequence + 1,
            }
        )

    def _refuse(self, file: _File, refusal: RefusedDocument) -> None:
        self.rejections.append(Rejection(file.path.name, refusal.code, refusal.reason))
        key = (file.source_key, file.document_id, refusal.code)
        if key in self.refused:
            return
        self.refused.add(key)
        self.refusals.append(
            {
                "source_key": file.source_key,
                "document_id": file.document_id,
                "file_name": file.path.name,
                "byte_size": len(file.data) if file.data is not None else None,
                "reason_code": refusal.code,
                "reason": refusal.reason,
                "loader_version": LOADER_VERSION,
                "rejected_at": self.now,
            }
        )

    def write(self, batch: dict[str, dict[str, list[RawRow]]]) -> None:
        """Writes what was taken so far in one transaction, and empties `batch`."""
        if not (batch or self.places or self.refusals):
            return
        self.connection.execute("begin")
        try:
            raw.insert_documents(self.connection, batch)
            raw.insert(self.connection, "document_source", self.places)
            raw.insert(self.connection, "rejected_document", self.refusals)
            self.connection.execute("commit")
        except BaseException:
            self.connection.execute("rollback")
            raise
        self.changed = True
        batch.clear()
        self.places.clear()
        self.refusals.clear()

    def report(self, found: int, ignored: list[str]) -> LoadReport:
        return LoadReport(
            found=found,
            loaded=self.loaded,
            unchanged=self.unchanged,
            rejected=tuple(self.rejections),
            superseded=self.superseded,
            changed=self.changed,
            notices=tuple(self.notices),
            ignored=tuple(ignored),
        )
