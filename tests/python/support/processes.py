"""Processes of this machine, looked at from outside."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from pathlib import Path

PATIENCE_S = 120.0  # for what ends at once, on a machine however busy; nothing is measured by it


def processes_with(word: str) -> list[int]:
    """The processes that have `word` in their command line."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if word.encode() in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
    return found


def wait_for_the_end_of(word: str) -> None:
    """Wait until no process has `word` in its command line; fails if one stays."""
    wait_until(lambda: not processes_with(word))


def wait_until(holds: Callable[[], object]) -> None:
    """Wait until something holds; fails if it never does."""
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)
