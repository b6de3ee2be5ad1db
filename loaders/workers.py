"""Reading in processes of their own: a document that makes a library hang, die or swell costs no other anything.

The processes are started afresh (spawn), so that they share no open database, and import only what reading needs.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from loaders.errors import RefusedDocument
from loaders.extract import extract_bytes
from loaders.extraction import RawRow

SECONDS = 120.0  # a document that takes longer is refused
MEMORY_BYTES = 4 * 1024**3  # address space of a worker

Rows = dict[str, list[RawRow]]


@dataclass(frozen=True)
class Outcome:
    """What came of one document: raw rows by table, or why it is refused."""

    rows: Rows | None
    refusal: RefusedDocument | None


def read_one(data: bytes) -> Outcome:
    """The bytes of one document, read in this process; a fault of a reader is a refusal too.

    With YUSUAN_DEBUG set a fault is raised, to be looked at.
    """
    try:
        return Outcome(extract_bytes(data), None)
    except RefusedDocument as refusal:
        return Outcome(None, refusal)
    except MemoryError:
        return Outcome(None, RefusedDocument("too_much_memory", "reading the file needs too much memory"))
    except Exception as error:
        if os.environ.get("YUSUAN_DEBUG"):
            raise
        first = (str(error).splitlines() or [""])[0][:120]
        return Outcome(None, RefusedDocument("reader_error", f"the reader failed ({type(error).__name__}: {first})"))


def read_all(documents: Iterable[bytes], workers: int, seconds: float = SECONDS) -> Iterator[Outcome]:
    """Documents → outcomes in the same order, read by `workers` processes side by side; with 0 in this process."""
    if workers <= 0:
        yield from map(read_one, documents)
        return
    idle: deque[_Worker] = deque()
    busy: deque[_Worker] = deque()
    started = 0
    try:
        for data in documents:
            if not idle and started < workers:
                idle.append(_Worker())
                started += 1
            if not idle:
                worker = busy.popleft()
                yield worker.result(seconds)
                idle.append(worker)
            worker = idle.popleft()
            worker.take(data)
            busy.append(worker)
        while busy:
            worker = busy.popleft()
            yield worker.result(seconds)
            idle.append(worker)
    finally:
        for worker in (*idle, *busy):
            worker.stop()


class _Worker:
    """One process and the pipe to it; started again after a document that it did not survive."""

    def __init__(self) -> None:
        self.pipe, self.process = _start()
        self.since = 0.0

    def take(self, data: bytes) -> None:
        self.since = time.monotonic()
        self.pipe.send_bytes(data)

    def result(self, seconds: float) -> Outcome:
        """The outcome of the document taken; a worker that is late or gone is replaced."""
        left = max(0.0, self.since + seconds - time.monotonic())
        try:
            if self.pipe.poll(left):
                rows, code, reason = self.pipe.recv()
                return Outcome(rows, RefusedDocument(code, reason) if code else None)
            refusal = RefusedDocument("too_slow", f"reading the file takes more than {seconds:.0f} seconds")
        except (EOFError, OSError):
            refusal = RefusedDocument("reader_died", "the reader died on the file")
        self.stop()
        self.pipe, self.process = _start()
        return Outcome(None, refusal)

    def stop(self) -> None:
        self.pipe.close()
        self.process.kill()
        self.process.join()


def _start() -> tuple[Connection, BaseProcess]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    return ours, process


def _serve(pipe: Connection) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    os.environ.pop("YUSUAN_DEBUG", None)
    while True:
        try:
            data = pipe.recv_bytes()
        except EOFError:
            return
        outcome = read_one(data)
        refusal = outcome.refusal
        pipe.send((outcome.rows, refusal.code if refusal else None, refusal.reason if refusal else None))
