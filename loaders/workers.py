"""Reading in processes of their own: a document that makes a library hang, die or swell costs no other anything.

A worker is `python -m loaders.workers`: documents come in on its standard input and outcomes go out on its standard
output, each behind its length. So any program can load documents, whatever its own main module is. Its arguments say
what is done with them (`extract` gives raw rows, `explain` how the document was understood) and what it may take.
Rows come back as Arrow, and the rest as JSON: a document that took over its reader could not run code here.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import select
import signal
import struct
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO, Any, Literal

import polars as pl

from loaders import limits, raw
from loaders.errors import RefusedDocument
from loaders.explain import Explanation, explain_bytes, explanation_of
from loaders.extract import extract_bytes
from loaders.inbox import shown
from loaders.limits import CPU_SECONDS, WALL_SECONDS, Limits

_GRACE_S = 2.0  # for a worker to end by itself, with the LibreOffice that it has started
_AHEAD = 4  # documents that are read or wait, for each worker

COMMAND = [sys.executable, "-m", "loaders.workers"]
_LENGTH = struct.Struct(">Q")

Rows = dict[str, pl.DataFrame]
Task = Literal["extract", "explain"]
_Answer = tuple[Any, RefusedDocument | None]

# What a reader alone may get over: it died, or had too little memory, perhaps for what was beside it.
MAY_PASS_ALONE = {"reader_died", "too_much_memory"}


class NoReader(Exception):
    """A reader cannot even start: nothing can be said about any document."""


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


def read_all(
    documents: Iterable[bytes], workers: int, seconds: float = CPU_SECONDS, patience: float = WALL_SECONDS
) -> Generator[Outcome]:
    """Documents → outcomes in the same order, read by `workers` processes side by side; with 0 in this process.

    A document may take `seconds` of a processor and `patience` on the clock. One on which a reader dies or runs out of
    memory is read once more, by a reader of its own with no other beside it. Closing it ends the workers. Raises
    NoReader if no reader can start.
    """
    for rows, refusal in _answers("extract", documents, workers, Limits(seconds, patience)):
        yield Outcome(rows, refusal)


def explain_all(
    documents: Iterable[bytes], workers: int, seconds: float = CPU_SECONDS, patience: float = WALL_SECONDS
) -> Iterator[Explained]:
    """Documents → how each was understood, under the same limits and in the same order."""
    for explanation, refusal in _answers("explain", documents, workers, Limits(seconds, patience)):
        yield Explained(explanation, refusal)


def _answer(task: Task, data: bytes) -> _Answer:
    """The bytes of one document, read in this process; a fault of a reader is a refusal too.

    With YUSUAN_DEBUG set a fault is raised, to be looked at.
    """
    try:
        return (raw.frames(extract_bytes(data)) if task == "extract" else explain_bytes(data)), None
    except RefusedDocument as refusal:
        return None, refusal
    except MemoryError:
        return None, RefusedDocument("too_much_memory", "reading the file needs too much memory")
    except Exception as error:
        if os.environ.get("YUSUAN_DEBUG"):
            raise
        first = shown((str(error).splitlines() or [""])[0][:120])
        return None, RefusedDocument("reader_error", f"the reader failed ({type(error).__name__}: {first})")


def _answers(task: Task, documents: Iterable[bytes], workers: int, each: Limits) -> Iterator[_Answer]:
    if workers <= 0:
        for data in documents:
            yield _answer(task, data)
        return
    pool = _Pool(task, workers, each)
    # A thread waits for each worker, so that none of them waits for another's long document, or for what is done with
    # the answers.
    threads = ThreadPoolExecutor(pool.size)
    reading: deque[Future[_Answer]] = deque()
    try:
        for data in documents:
            reading.append(threads.submit(pool.read, data))
            if len(reading) >= pool.size * _AHEAD:
                yield reading.popleft().result()
        while reading:
            yield reading.popleft().result()
    finally:
        threads.shutdown(wait=False, cancel_futures=True)
        pool.end()
        threads.shutdown()
        pool.close()


class _Turns:
    """Readings side by side, and one alone: it waits for those under way, and none begins meanwhile."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._lonely = threading.Lock()
        self._under_way = self._waiting = 0

    @contextmanager
    def beside_others(self) -> Iterator[None]:
        with self._changed:
            self._changed.wait_for(lambda: not self._waiting)
            self._under_way += 1
        try:
            yield
        finally:
            self._count(under_way=-1)

    @contextmanager
    def alone(self) -> Iterator[None]:
        self._count(waiting=1)
        try:
            with self._lonely:
                with self._changed:
                    self._changed.wait_for(lambda: not self._under_way)
                yield
        finally:
            self._count(waiting=-1)

    def _count(self, under_way: int = 0, waiting: int = 0) -> None:
        with self._changed:
            self._under_way += under_way
            self._waiting += waiting
            self._changed.notify_all()


class _Pool:
    """Workers that keep together within one bound of memory."""

    def __init__(self, task: Task, workers: int, each: Limits) -> None:
        bound = limits.memory_bound()
        self.size = limits.readers_within(workers, bound)
        self._task: Task = task
        self._beside_others = replace(each, memory=limits.memory_each(self.size, bound))
        self._alone = replace(each, memory=limits.memory_each(1, bound))
        self._turns = _Turns()
        self._lock = threading.Lock()
        self._is_ending = False
        self._started: list[_Worker] = []
        self._idle: list[_Worker] = []

    def read(self, data: bytes) -> _Answer:
        """The answer to one document; asked by as many threads as there are workers."""
        with self._turns.beside_others():
            found, refusal = self._read(self._taken() or self._start(self._beside_others), data)
        if refusal and refusal.code in MAY_PASS_ALONE and not self._is_ending:
            with self._turns.alone():
                while worker := self._taken():  # what they hold is to be had, too
                    worker.stop()
                found, refusal = self._read(self._start(self._alone), data, keep=False)
        return found, refusal

    def _read(self, worker: _Worker, data: bytes, keep: bool = True) -> _Answer:
        found, refusal = worker.read(data)
        # After an answer a worker takes the next document. One that ran out of memory may have lost more than told.
        if keep and worker.is_there and not (refusal and refusal.code in MAY_PASS_ALONE):
            with self._lock:
                self._idle.append(worker)
        else:
            worker.stop()
        return found, refusal

    def _taken(self) -> _Worker | None:
        with self._lock:
            return self._idle.pop() if self._idle else None

    def _start(self, each: Limits) -> _Worker:
        with self._lock:
            if self._is_ending:
                raise NoReader("reading was stopped")
            self._started = [worker for worker in self._started if worker.is_there]
            self._started.append(_Worker(self._task, each))
            return self._started[-1]

    def end(self) -> None:
        """End every worker, whatever it is at; no other one starts."""
        with self._lock:
            self._is_ending = True
            started = list(self._started)
        for worker in started:
            worker.end()

    def close(self) -> None:
        """Close the pipes of all workers; nobody may be waiting for an answer any more."""
        for worker in self._started:
            worker.stop()


class _Worker:
    """One process that reads one document after the other, until it does not survive one."""

    def __init__(self, task: Task, each: Limits) -> None:
        self.limits = each
        self.process = _start(task, each)
        self.is_ready = False
        assert self.process.stdin
        assert self.process.stdout
        self.stdin, self.stdout = self.process.stdin, self.process.stdout

    @property
    def is_there(self) -> bool:
        """False once it was ended or found gone."""
        return self.process.returncode is None

    def read(self, data: bytes) -> _Answer:
        """The answer to a document; a worker that is late or gone is ended. Raises NoReader if it never started."""
        if not self.is_ready:
            # The start of a process takes seconds on a busy machine: they are not counted as those of its document.
            self.is_ready = self._speaks(WALL_SECONDS) and _receive(self.stdout) is not None
        if not self.is_ready:
            self.end()
            raise NoReader(
                f"a process that reads documents cannot be started (it ended with {self.process.returncode}):"
                " it may have too little memory (ulimit -v, YUSUAN_MEMORY); YUSUAN_DEBUG=1 shows what it said"
            )
        with contextlib.suppress(OSError):  # the worker is gone: no answer comes
            _send(self.stdin, data)
        if not self._speaks(self.limits.wall_seconds):
            refusal = self._late()
        elif (answer := _receive(self.stdout)) is None:
            refusal = self._gone()
        else:
            with contextlib.suppress(ValueError, LookupError, TypeError, OverflowError, pl.exceptions.PolarsError):
                return _unpacked(answer)
            refusal = RefusedDocument("reader_died", "the reader died on the file: its answer makes no sense")
        self.end()
        return None, refusal

    def _speaks(self, seconds: float) -> bool:
        """Wait for its next word, or its end; False if neither comes."""
        poll = select.poll()
        poll.register(self.stdout, select.POLLIN)
        return bool(poll.poll(seconds * 1000))

    def _gone(self) -> RefusedDocument:
        """Why it is gone: its seconds of a processor are over, or it died."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(_GRACE_S)
        if self.process.returncode == -signal.SIGXCPU:
            reason = f"reading the file takes more than {self.limits.cpu_seconds:.0f} seconds of a processor"
            return RefusedDocument("too_slow", reason)
        return RefusedDocument("reader_died", "the reader died on the file")

    def _late(self) -> RefusedDocument:
        """The reader waits for something, or the machine has no time for it; its processor seconds are not over."""
        return RefusedDocument(
            "machine_busy", f"the file was not read within {self.limits.wall_seconds:.0f} seconds: the machine is busy"
        )

    def end(self) -> None:
        """Ends the process: asked first, so that it ends what it has started itself, then killed."""
        self.process.terminate()
        try:
            self.process.wait(_GRACE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def stop(self) -> None:
        """Ends the process and closes its pipes; nobody may be waiting for an answer any more."""
        self.end()
        for stream in (self.stdin, self.stdout):
            with contextlib.suppress(OSError):  # what was not sent is not wanted any more
                stream.close()


def _start(task: Task, each: Limits) -> subprocess.Popen[bytes]:
    root = str(Path(__file__).parents[1])
    paths = [root, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    # A library that starts a thread for each processor does so in every worker.
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "POLARS_MAX_THREADS": "1"}
    says_all = environment.pop("YUSUAN_DEBUG", None)
    return subprocess.Popen(
        [*COMMAND, task, str(each.cpu_seconds), str(each.memory), str(os.getpid())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=None if says_all else subprocess.DEVNULL,
        env=environment,
        process_group=0,  # Ctrl-C is for who started it, and is not to be heard here as well
    )


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


def _packed(found: Any, refusal: RefusedDocument | None) -> bytes:
    """An answer as one message: what it is in JSON, then the rows of each table as an Arrow stream."""
    told: dict[str, Any] = {"tables": []}
    packed = io.BytesIO()
    if refusal:
        told["refusal"] = [refusal.code, refusal.reason]
    elif isinstance(found, Explanation):
        told["explanation"] = asdict(found)
    else:
        for table, frame in found.items():
            stream = io.BytesIO()
            frame.write_ipc_stream(stream)
            told["tables"].append(table)
            _send(packed, stream.getvalue())
    head = io.BytesIO()
    _send(head, json.dumps(told).encode())
    return head.getvalue() + packed.getvalue()


def _unpacked(message: bytes) -> _Answer:
    """See _packed."""
    stream = io.BytesIO(message)
    told = json.loads(_receive(stream) or b"{}")
    if "refusal" in told:
        code, reason = told["refusal"]
        return None, RefusedDocument(code, reason)
    if "explanation" in told:
        return explanation_of(told["explanation"]), None
    return {table: pl.read_ipc_stream(io.BytesIO(_receive(stream) or b"")) for table in told["tables"]}, None


def serve(task: Task, seconds: float, memory: int, parent: int) -> None:
    """The loop of a worker: an empty message when it is ready, then documents in, answers out, until the input ends."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not get between the answers
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    limits.end_with(parent)
    limits.bound_memory(memory)
    with contextlib.suppress(BrokenPipeError):  # who started the process is gone: its input ends too
        _send(answers, b"")
    while (data := _receive(sys.stdin.buffer)) is not None:
        limits.allow_cpu(seconds)
        _send(answers, _packed(*_answer(task, data)))


def main(arguments: list[str]) -> None:
    """A worker, as `_start` calls it."""
    task, seconds, memory, parent = arguments
    serve("explain" if task == "explain" else "extract", float(seconds), int(memory), int(parent))


if __name__ == "__main__":
    main(sys.argv[1:])
