"""Runs of the command in processes of their own, forked from one that has everything imported.

A run that starts by itself spends seconds on imports, during which nothing can be lost. A forked one begins with its
work, so that hundreds of them fit into an hour. Each tells through a pipe which moment of the run it comes to.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing import forkserver
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any
from unittest.mock import patch

import stand_in

import pipeline.publish
import pipeline.run
from pipeline import history, releases
from pipeline.cli import main as command
from pipeline.files import link_or_copy

ROOT = Path(__file__).resolve().parents[1]

# What a run comes to, in its order: the history and the copy of the published file, the five steps (publishing in
# three: stamped and synced, kept among the releases and moved over the published file, old releases pruned), the
# last line of the history.
# Within "move" are so many calls that name a file or sync it.
MOVES = 9
MOMENTS = ("start", "load", "gate raw", "build", "gate marts", "stamp", "move", "prune", "record")

_context = multiprocessing.get_context("forkserver")
_IMPORTED = ["resident", "sequences"]
_IMPORTED_IF_REAL = ["dbt.cli.main", "dbt.adapters.duckdb.impl", "expectations.gx_duckdb"]


class Child:
    """A run in a process group of its own."""

    def __init__(
        self, arguments: Sequence[str], environment: Mapping[str, str], real: bool, dies_at: int | None = None
    ) -> None:
        self.moments: list[tuple[str, float]] = []
        descriptor, name = tempfile.mkstemp()
        os.close(descriptor)
        self._told = Path(name)
        self._pipe, theirs = _context.Pipe(duplex=False)
        _context.set_forkserver_preload(_IMPORTED + _IMPORTED_IF_REAL * real)
        with patch.dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path)):  # it must find what it is to import
            forkserver.ensure_running()
        words = (list(arguments), dict(environment), real, dies_at, name, theirs)
        self._process = _context.Process(target=_command, args=words)
        self._process.start()
        theirs.close()

    def reach(self, moment: str) -> bool:
        """Wait until the run comes to a moment; False if it ends before."""
        while all(name != moment for name, _ in self.moments):
            if not self._hear():
                return False
        return True

    def ended(self) -> bool:
        """True if it has come to its end."""
        return self._process.exitcode is not None

    def wait(self) -> tuple[int, str]:
        """Wait for its end; gives its exit code and what it told on stderr."""
        while self._hear():
            pass
        self._process.join()
        self.moments.append(("end", time.monotonic()))
        self._pipe.close()
        told = self._told.read_text("utf-8", errors="replace")
        self._told.unlink()
        return self._process.exitcode or 0, told

    def kill(self) -> str | None:
        """Kill it with its workers; gives the moment that it was in, None if it had ended by itself."""
        assert self._process.pid
        with contextlib.suppress(ProcessLookupError):
            if self.ended():
                raise ProcessLookupError
            # Before it says anything it may have no group of its own yet, and nobody in it but itself.
            alone = os.getpgid(self._process.pid) != self._process.pid
            (os.kill if alone else os.killpg)(self._process.pid, signal.SIGKILL)
        code, _ = self.wait()
        if code != -signal.SIGKILL:
            return None
        return self.moments[-2][0] if len(self.moments) > 1 else MOMENTS[0]

    @contextmanager
    def paused(self) -> Iterator[None]:
        """For the block it stands still, if it has not ended."""
        assert self._process.pid
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGSTOP)
        yield
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGCONT)

    def seconds(self) -> dict[str, float]:
        """How long each moment took, of a run that has ended."""
        ends = [begun for _, begun in self.moments[1:]]
        return {moment: end - begun for (moment, begun), end in zip(self.moments[:-1], ends, strict=True)}

    def _hear(self) -> bool:
        """Take in the next moment; False when no more will come."""
        wait([self._pipe, self._process.sentinel])
        if not self._pipe.poll():
            return False
        try:
            self.moments.append((self._pipe.recv_bytes().decode(), time.monotonic()))
        except EOFError:
            return False
        return True


def _command(
    arguments: list[str], environment: dict[str, str], real: bool, dies_at: int | None, told: str, pipe: Connection
) -> None:
    """The command in the forked process. It does not come back."""
    os.setsid()
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(environment)
    for descriptor, path in ((1, os.devnull), (2, told)):
        os.dup2(os.open(path, os.O_WRONLY), descriptor)
    sys.argv = ["yusuan", *arguments]
    with contextlib.nullcontext() if real else stand_in.installed():
        if dies_at is not None:
            _die_in_move(dies_at)
        _tell_moments(lambda moment: pipe.send_bytes(moment.encode()))
        command()


def _tell_moments(tell: Callable[[str], None]) -> None:
    """Have the run say when it comes to each moment; what it does stays as it is."""
    for moment, module, function in (
        ("start", history, "begin"),
        ("load", pipeline.run, "load"),
        ("gate", pipeline.run, "run_gate"),
        ("build", pipeline.run, "build"),
        ("stamp", pipeline.run, "publish"),
        ("move", pipeline.publish, "link_or_copy"),
        ("prune", releases, "prune"),
        ("record", history, "details_of"),
    ):
        setattr(module, function, _telling(moment, getattr(module, function), tell))


def _telling(moment: str, real: Callable[..., Any], tell: Callable[[str], None]) -> Callable[..., Any]:
    def telling(*words: Any, **named: Any) -> Any:
        tell(f"gate {words[0]}" if moment == "gate" else moment)
        return real(*words, **named)

    return telling


def _die_in_move(number: int) -> None:
    """Kill the run before one of the calls (from 0) by which it gives files their names and has them on the disk.

    They are over within a millisecond, so that a kill from outside hardly ever falls between two of them.
    """
    left = iter(range(number, -1, -1))

    def dying(call: Callable[..., Any]) -> Callable[..., Any]:
        def dies(*words: Any, **named: Any) -> Any:
            if next(left, None) == 0:
                os.killpg(0, signal.SIGKILL)
            return call(*words, **named)

        return dies

    def moving(*words: Any) -> None:
        for name in ("unlink", "link", "replace", "fsync"):
            setattr(os, name, dying(getattr(os, name)))
        link_or_copy(*words)

    patch.object(pipeline.publish, "link_or_copy", moving).start()
