"""What publishing asks of the file system: whole files or none, on the disk before they are seen."""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def sync(path: Path) -> None:
    """Have the contents of a file, or the entries of a folder, on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def link_or_copy(source: Path, target: Path) -> None:
    """Make `target` the same file as `source`, or a copy where the file system knows no hard links.

    Never half a file: a copy is made beside the target and moved over it. A target that is there is replaced.
    """
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    try:
        os.link(source, part)
    except OSError:
        shutil.copyfile(source, part)
        shutil.copymode(source, part)
        sync(part)
    os.replace(part, target)
    part.unlink(missing_ok=True)  # moving one name of a file over another name of the same file does nothing
    sync(target.parent)


def free_bytes(folder: Path) -> int:
    """What an ordinary user may still write there."""
    return shutil.disk_usage(folder).free
