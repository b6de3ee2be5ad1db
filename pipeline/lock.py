"""One run at a time."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from pipeline.errors import RunUnderWay, UsageProblem


@contextmanager
def only_run(*folders: Path) -> Iterator[None]:
    """Hold `<folder>/lock` in every folder (created if missing) until the end of the block.

    The operating system gives the locks back when the process ends, however it ends: a stale file means nothing.
    Raises RunUnderWay if another process holds one of them, UsageProblem if a folder cannot be written.
    """
    with ExitStack() as stack:
        for folder in folders:
            try:
                folder.mkdir(parents=True, exist_ok=True)
                file = stack.enter_context((folder / "lock").open("w"))
            except OSError as error:
                raise UsageProblem(f"{folder}: cannot be written ({error.strerror})") from error
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise RunUnderWay(f"another run is under way (it holds {folder / 'lock'})") from error
        yield
