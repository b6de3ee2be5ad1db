"""One run at a time."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from pipeline.errors import RunUnderWay, UsageProblem

# Who only looks whether a run is under way holds the lock for a moment: that is no run.
_GLANCE_SECONDS = 0.1
_POLL_SECONDS = 0.05


@contextmanager
def only_run(*folders: Path, wait: float = 0.0) -> Iterator[None]:
    """Hold `<folder>/lock` in every folder (created if missing) until the end of the block.

    The operating system gives the locks back when the process ends, however it ends: a stale file means nothing.
    Raises RunUnderWay if another process still holds one of them after `wait` seconds, UsageProblem if a folder cannot
    be written.
    """
    until = time.monotonic() + max(wait, _GLANCE_SECONDS)
    with ExitStack() as stack:
        for folder in folders:
            try:
                folder.mkdir(parents=True, exist_ok=True)
                file = stack.enter_context((folder / "lock").open("w"))
            except OSError as error:
                raise UsageProblem(f"{folder}: cannot be written ({error.strerror})") from error
            if not _lock(file, until):
                waited = f" after {wait:.0f} seconds" if wait else ""
                raise RunUnderWay(f"another run is under way{waited} (it holds {folder / 'lock'})")
        yield


def _lock(file: IO[str], until: float) -> bool:
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                return False
            time.sleep(_POLL_SECONDS)
        else:
            return True


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Hold a file that is a lock until the end of the block, after waiting for it as long as it takes."""
    with file.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
