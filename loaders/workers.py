"""Reading in processes of their own: a document that makes a library hang, die or swell costs no other anything.

A worker is `python -m loaders.workers`: documents come in on its standard input and outcomes go out on its standard
output, each behind its length. So any program can load documents, whatever its own main module is. Its argument says
what is done with them: `extract` gives raw rows, `explain` how the document was understood.
"""

from __future__ import annotations

import contextlib
import math
import os
import pickle
import resource
import select
import signal
import struct
import subprocess
import sys
import time
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal

from loaders.errors import RefusedDocument
from loaders.explain import Explanation, explain_bytes
from loaders.extract import extract_bytes
from loaders.extraction import RawRow

SECONDS = 120.0  # a document that takes longer is refused
MEMORY_BYTES = 4 * 1024**3  # address space of a worker

# A worker that is late with less of its own time than this part of the limit was kept waiting: that says nothing about
# the document.
_OWN_SHARE = 0.1
_GRACE_S = 2.0  # for a worker to end by itself, with the LibreOffice that it has started
_AHEAD = 4  # documents that are read or wait, for each worker

COMMAND = [sys.executable, "-m", "loaders.workers"]
_LENGTH = struct.Struct(">Q")

Rows = dict[str, list[RawRow]]
Task = Literal["extract", "explain"]
_Answer = tuple[Any, RefusedDocument | None]


@dataclass(frozen=True)
class Outcome:
    """What came of one document: raw rows by table, or why it is refused."""

    rows: Rows | None
    refusal: RefusedDocument | None


@dataclass(frozen=True)
class Explained:
    """How one document was understood, or why it is refused."""

    explanation: Explanation | None
    refusal: RefusedDocument | None


def read_all(documents: Iterable[bytes], workers: int, seconds: float = SECONDS) -> Generator[Outcome]:
    """Documents → outcomes in the same order, read by `workers` processes side by side; with 0 in this process.

    Closing it ends the workers.
    """
    for rows, refusal in _answers("extract", documents, workers, seconds):
        yield Outcome(rows, refusal)


def explain_all(documents: Iterable[bytes], workers: int, seconds: float = SECONDS) -> Iterator[Explained]:
    """Documents → how each was understood, under the same limits and in the same order."""
    for explanation, refusal in _answers("explain", documents, workers, seconds):
        yield Explained(explanation, refusal)


def _answer(task: Task, data: bytes) -> _Answer:
    """The bytes of one document, read in this process; a fault of a reader is a refusal too.

    With YUSUAN_DEBUG set a fault is raised, to be looked at.
    """
    try:
        return (extract_bytes(data) if task == "extract" else explain_bytes(data)), None
    except RefusedDocument as refusal:
        return None, refusal
    except MemoryError:
        return None, RefusedDocument("too_much_memory", "reading the file needs too much memory")
    except Exception as error:
        if os.environ.get("YUSUAN_DEBUG"):
            raise
        first = (str(error).splitlines() or [""])[0][:120]
        return None, RefusedDocument("reader_error", f"the reader failed ({type(error).__name__}: {first})")


def _answers(task: Task, documents: Iterable[bytes], workers: int, seconds: float) -> Iterator[_Answer]:
    if workers <= 0:
        for data in documents:
            yield _answer(task, data)
        return
    started: list[_Worker] = []
    idle: list[_Worker] = []

    def read(data: bytes) -> _Answer:
        worker = idle.pop()
        worker.take(data)
        answer = worker.result(seconds)
        idle.append(worker)
        return answer

    # A thread waits for each worker, so that none of them waits for another's long document, or for what is done with
    # the answers. As many threads as workers: whoever reads finds one idle.
    threads = ThreadPoolExecutor(workers)
    reading: deque[Future[_Answer]] = deque()
    try:
        for data in documents:
            if len(started) < workers:
                started.append(_Worker(task))
                idle.append(started[-1])
            reading.append(threads.submit(read, data))
            if len(reading) >= workers * _AHEAD:
                yield reading.popleft().result()
        while reading:
            yield reading.popleft().result()
    finally:
        threads.shutdown(wait=False, cancel_futures=True)
        for worker in started:
            worker.end()
        threads.shutdown()
        for worker in started:
            worker.stop()


class _Worker:
    """One process; another one takes the next document after one that it did not survive."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.since = self.spent = 0.0
        self.start()

    def start(self) -> None:
        self.process = _start(self.task)
        self.is_ready = False
        assert self.process.stdin
        assert self.process.stdout
        self.stdin, self.stdout = self.process.stdin, self.process.stdout

    def take(self, data: bytes) -> None:
        if self.process.returncode is not None:
            self.start()
        self._wait_until_ready()
        self.since = time.monotonic()
        self.spent = _cpu_seconds(self.process.pid)
        with contextlib.suppress(OSError):  # the worker is gone: `result` finds out
            _send(self.stdin, data)

    def _wait_until_ready(self) -> None:
        """The start of a process takes seconds on a busy machine: they are not counted as those of its document."""
        if not self.is_ready and select.select([self.stdout], [], [], SECONDS)[0]:
            self.is_ready = _receive(self.stdout) is not None

    def result(self, seconds: float) -> _Answer:
        """The answer to the document taken; a worker that is late or gone is ended."""
        left = max(0.0, self.since + seconds - time.monotonic())
        if not select.select([self.stdout], [], [], left)[0]:
            refusal = self._late(seconds)
        elif (answer := _receive(self.stdout)) is None:
            refusal = RefusedDocument("reader_died", "the reader died on the file")
        else:
            found, code, reason = pickle.loads(answer)
            return found, RefusedDocument(code, reason) if code else None
        self.stop()
        return None, refusal

    def _late(self, seconds: float) -> RefusedDocument:
        """Is it the document that takes so long, or did the machine give the worker no time to read it?"""
        spent = _cpu_seconds(self.process.pid) - self.spent
        if spent < _OWN_SHARE * seconds:
            reason = f"in {seconds:.0f} seconds the machine gave {spent:.1f} to reading the file: it is busy"
            return RefusedDocument("machine_busy", reason)
        return RefusedDocument("too_slow", f"reading the file takes more than {seconds:.0f} seconds")

    def end(self) -> None:
        """Ends the process: asked first, so that it ends what it has started itself, then killed."""
        self.process.terminate()
        try:
            self.process.wait(_GRACE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()

    def stop(self) -> None:
        """Ends the process and closes its pipes; nobody may be waiting for an answer any more."""
        self.end()
        self.process.communicate()


def _start(task: Task) -> subprocess.Popen[bytes]:
    root = str(Path(__file__).parents[1])
    paths = [root, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    environment.pop("YUSUAN_DEBUG", None)
    return subprocess.Popen([*COMMAND, task], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)


def _cpu_seconds(process_id: int) -> float:
    """The time that a process has had on a processor; endless where the system does not tell."""
    try:
        told = Path(f"/proc/{process_id}/stat").read_text("utf-8", errors="replace")
    except OSError:
        return math.inf
    user, system = told.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _send(stream: IO[bytes], data: bytes) -> None:
    stream.write(_LENGTH.pack(len(data)) + data)
    stream.flush()


def _receive(stream: IO[bytes]) -> bytes | None:
    """The next message; None if the other side is gone."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    data = stream.read(length)
    return data if len(data) == length else None


def serve(task: Task) -> None:
    """The loop of a worker: an empty message when it is ready, then documents in, answers out, until the input ends."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not get between the answers
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    with contextlib.suppress(BrokenPipeError):  # who started the process is gone: its input ends too
        _send(answers, b"")
    while (data := _receive(sys.stdin.buffer)) is not None:
        found, refusal = _answer(task, data)
        answer = (found, refusal.code if refusal else None, refusal.reason if refusal else None)
        _send(answers, pickle.dumps(answer))


if __name__ == "__main__":
    serve("explain" if sys.argv[1:] == ["explain"] else "extract")
