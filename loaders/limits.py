"""What a reader may take of the machine, and how it ends with the process that started it."""

from __future__ import annotations

import contextlib
import ctypes
import math
import os
import re
import resource
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

CPU_SECONDS = 120.0  # of a processor: a document that needs more is refused
WALL_SECONDS = 1200.0  # on the clock, for a reader that waits or gets no time: says nothing about its document
DOCUMENT_BYTES = 4 * 1024**3  # no document is worth more memory, however much there is
READER_BYTES = 256 * 1024**2  # with less, a reader cannot even start
SHARE = 0.8  # of the machine's memory, where nobody names a bound

_GROUPS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
_UNITS = {"K": 1, "M": 2, "G": 3, "T": 4}
_AMOUNT = re.compile(r"\s*([0-9]{1,15}(?:\.[0-9]{1,6})?)\s*(?:([KMGT])(i?)B|(%))\s*", re.IGNORECASE)
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Limits:
    """What one reading may take: seconds of a processor, seconds on the clock, bytes of memory."""

    cpu_seconds: float = CPU_SECONDS
    wall_seconds: float = WALL_SECONDS
    memory: int = DOCUMENT_BYTES


def memory_bound() -> int:
    """How many bytes all readers together may take: YUSUAN_MEMORY (2GB, 50%), else four fifths of the machine."""
    there = _memory_of_machine()
    found = _AMOUNT.fullmatch(os.environ.get("YUSUAN_MEMORY") or "")
    if found is None:
        return int(SHARE * there)
    number, unit, binary, _ = found.groups()
    if not unit:
        return int(float(number) / 100 * there)
    return int(float(number) * (1024 if binary else 1000) ** _UNITS[unit.upper()])


def readers_within(count: int, bound: int) -> int:
    """How many of `count` readers can start within the bound; one always may."""
    return max(1, min(count, bound // READER_BYTES))


def memory_each(count: int, bound: int) -> int:
    """What one of `count` readers may take, so that all of them keep within the bound."""
    return max(READER_BYTES, min(DOCUMENT_BYTES, bound // count))


def _memory_of_machine() -> int:
    """Bytes of memory that this machine, or the container that it is, has."""
    found = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for file in _GROUPS:
        with contextlib.suppress(OSError, ValueError):  # no such group, or "max"
            found = min(found, int(file.read_text("utf-8")))
    return found


def bound_memory(memory: int) -> None:
    """Let this process take no more memory than that; a limit that it was started with and is lower stays.

    Counted is what is written to: the address space that libraries reserve costs nobody anything.
    """
    _lower(resource.RLIMIT_DATA, memory)
    _lower(resource.RLIMIT_CORE, 0)  # an image of the memory would hold the document


def allow_cpu(seconds: float) -> None:
    """Let this process have so many more seconds of a processor; then the system ends it (SIGXCPU)."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _lower(resource.RLIMIT_CPU, math.ceil(used.ru_utime + used.ru_stime + seconds))


def _lower(kind: int, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    resource.setrlimit(kind, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))


def end_with(parent: int) -> None:
    """Have the system end this process when the one that started it is gone, also in the midst of a document.

    By SIGTERM, so that what it started itself is ended as well. Elsewhere than on Linux it ends after its document,
    when it finds its input closed.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # gone before that was said
        sys.exit(1)
