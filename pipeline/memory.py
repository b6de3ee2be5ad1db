"""Whether a run can begin at all with the memory that it is given, said before anything dies of it."""

from __future__ import annotations

import os
import resource

import duckdb

from loaders.workers import NoReader
from pipeline.errors import TooLittleMemory

# Address space (`ulimit -v`) that a run was seen to end well with. With less, libraries abort or wait for ever where no
# message of ours comes out.
ADDRESS_SPACE = 4_000_000_000
_BESIDE_DUCKDB = 3_000_000_000


def require_memory() -> None:
    """Under `ulimit -v`: refuse to start with too little, and have DuckDB keep within what there is.

    Raises TooLittleMemory.
    """
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    if soft == resource.RLIM_INFINITY:
        return
    if soft < ADDRESS_SPACE:
        raise TooLittleMemory(
            f"ulimit -v leaves {soft / 1e9:.1f} GB of address space, and a run needs {ADDRESS_SPACE / 1e9:.0f}:"
            " YUSUAN_MEMORY bounds the memory itself"
        )
    if not os.environ.get("YUSUAN_MEMORY"):
        os.environ["YUSUAN_MEMORY"] = f"{min(soft - _BESIDE_DUCKDB, soft // 2) // 1_000_000}MB"


def too_little_memory(error: BaseException) -> TooLittleMemory | None:
    """The error as one of the memory, if it is one."""
    if isinstance(error, NoReader):
        return TooLittleMemory(str(error))
    if isinstance(error, (MemoryError, duckdb.OutOfMemoryException)):
        first = (str(error).splitlines() or [""])[0]
        return TooLittleMemory(f"there is too little memory (ulimit -v, YUSUAN_MEMORY){first and ': '}{first}")
    return None
