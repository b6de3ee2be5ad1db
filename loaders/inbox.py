"""What stands in an inbox: documents, other files, and what is no file to read; and how a name is shown."""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from loaders.errors import InputError, RefusedDocument
from loaders.privacy import masked

# In folders only these are taken for documents; a file that is named itself is always tried.
DOCUMENT_SUFFIXES = {
    ".txt", ".pdf", ".doc", ".docx", ".wps", ".rtf", ".xls", ".xlsx", ".et", ".htm", ".html", ".zip", ".csv",
}  # fmt: skip

# Characters that do something instead of showing: controls, marks of direction, breaks of lines, halves of characters.
_UNSHOWN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_KINDS = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFDIR: "a folder",
}


@dataclass(frozen=True)
class Inbox:
    """The document files of some paths, the files that are no documents by their name, and what is not to be read."""

    documents: tuple[Path, ...]
    ignored: tuple[Path, ...] = ()
    refused: tuple[tuple[Path, RefusedDocument], ...] = ()


def shown(name: str) -> str:
    r"""A name on one line, as text, without what is private in it.

    What only controls a terminal, and bytes that are no UTF-8, are shown as \x1b or \u202e.
    """
    return "".join(_escaped(char) if unicodedata.category(char) in _UNSHOWN else char for char in masked(name))


def _escaped(char: str) -> str:
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is no UTF-8, as Python names it
        code -= 0xDC00
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def kind_of(mode: int) -> str | None:
    """What a file is, if it is none that can be read from beginning to end."""
    return None if stat.S_ISREG(mode) else _KINDS.get(stat.S_IFMT(mode), "no ordinary file")


def not_a_file(kind: str) -> RefusedDocument:
    """The refusal of what is no ordinary file: reading it may wait for ever, or never end."""
    return RefusedDocument("special_file", f"it is {kind}, not a file")


def find_documents(paths: Sequence[Path]) -> list[Path]:
    """The document files of `paths`, folders recursively, in the order of their names; hidden files are left out.

    Raises InputError for a path that does not exist.
    """
    return list(find_files(paths).documents)


def find_files(paths: Sequence[Path]) -> Inbox:
    """What stands in `paths`; links in folders are followed only to what stands in one of these folders."""
    for path in paths:
        if not os.path.lexists(path):
            raise InputError(f"{shown(str(path))}: no such file or folder")
        if not path.is_file() and not path.is_dir():
            raise InputError(f"{shown(str(path))}: neither a file nor a folder")
    roots = [path.resolve() for path in paths if path.is_dir()]
    found: dict[Path, None] = {}
    ignored: dict[Path, None] = {}
    refused: dict[Path, RefusedDocument] = {}
    for path in paths:
        if path.is_file():
            found[path] = None
            continue
        for entry, problem in _walk(path, roots):
            if problem:
                refused[entry] = problem
            else:
                (found if entry.suffix.lower() in DOCUMENT_SUFFIXES else ignored)[entry] = None
    return Inbox(tuple(found), tuple(ignored), tuple(refused.items()))


def _walk(folder: Path, roots: Iterable[Path]) -> Iterator[tuple[Path, RefusedDocument | None]]:
    """Every file of a folder that is not hidden, and why it is not to be read, if it is not."""
    unread: list[OSError] = []
    for place, folders, names in os.walk(folder, onerror=unread.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in folders:
            link = Path(place) / name
            if link.is_symlink() and (problem := _problem_of(link, roots)) and problem.code == "link_outside":
                yield link, problem
        for name in sorted(names):
            if not name.startswith((".", "~$")):
                file = Path(place) / name
                known = file.suffix.lower() in DOCUMENT_SUFFIXES
                yield file, _problem_of(file, roots) if known else None
    for error in unread:
        yield Path(error.filename), RefusedDocument("unreadable", f"the folder cannot be read: {error.strerror}")


def _problem_of(file: Path, roots: Iterable[Path]) -> RefusedDocument | None:
    """Why a file of a folder is not read, if it is not; it is not opened for that."""
    try:
        if file.is_symlink():
            target = file.resolve(strict=True)
            if not any(target.is_relative_to(root) for root in roots):
                return RefusedDocument("link_outside", "it is a link that leads out of the folder: not followed")
        kind = kind_of(file.stat().st_mode)
    except (OSError, RuntimeError) as error:  # RuntimeError: links in a ring
        reason = error.strerror if isinstance(error, OSError) else "links that lead to each other"
        return RefusedDocument("unreadable", f"the file cannot be read: {reason}")
    return not_a_file(kind) if kind else None
