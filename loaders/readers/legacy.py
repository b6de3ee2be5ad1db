"""Formats that LibreOffice turns into .docx first: .doc and .wps, .rtf, .odt."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from loaders.errors import RefusedDocument
from loaders.readers import docx, sniff

if TYPE_CHECKING:
    from loaders.document import Document

TIMEOUT_S = (
    60  # well below the limit of a worker (limits.WALL_SECONDS): LibreOffice must end before its reader is ended
)
_SECONDS_TO_DIE = 5  # after the kill; where nothing collects dead processes, they look alive for ever
_MAX_CONVERTED = 256 * 1024 * 1024  # bytes
_COMMANDS = ("soffice", "libreoffice")
MEDIA_TYPES = {
    "doc": "application/msword",
    "rtf": "application/rtf",
    "odt": "application/vnd.oasis.opendocument.text",
}


def read(data: bytes) -> Document:
    """A .doc, .wps, .rtf or .odt → Document, through LibreOffice; the places are those of the .docx that it makes.

    Raises RefusedDocument: needs_libreoffice where it is not installed, timeout, conversion_failed, encrypted, and
    those of the reader of .docx.
    """
    kind = sniff.kind_of(data)
    if kind == "encrypted":
        raise sniff.refusal(kind)
    if kind not in MEDIA_TYPES:
        raise RefusedDocument("malformed", "the file is no text document that LibreOffice converts")
    command = next((found for name in _COMMANDS if (found := shutil.which(name))), None)
    if command is None:
        raise RefusedDocument(
            "needs_libreoffice",
            f"a .{kind} file is read through LibreOffice: install LibreOffice (soffice) and load again",
        )
    with tempfile.TemporaryDirectory(prefix="yusuan-") as folder:
        converted = _convert(command, data, kind, Path(folder))
    return replace(docx.read(converted), media_type=MEDIA_TYPES[kind])


def _convert(command: str, data: bytes, kind: str, folder: Path) -> bytes:
    """The bytes of the .docx that LibreOffice makes of `data`; everything it writes stays in `folder`."""
    source = folder / f"document.{kind}"
    source.write_bytes(data)
    arguments = [
        command,
        # A profile of its own: a LibreOffice that somebody has open would take the file over otherwise.
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        "--headless", "--norestore", "--nologo", "--nodefault", "--nolockcheck",
        "--convert-to", "docx", "--outdir", str(folder / "out"), str(source),
    ]  # fmt: skip
    # A session of its own: the command is a script, and what it starts must end with it.
    process = subprocess.Popen(
        arguments,
        cwd=folder,
        env={**os.environ, "HOME": str(folder)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        process.wait(TIMEOUT_S)
    except subprocess.TimeoutExpired:
        raise RefusedDocument("timeout", f"LibreOffice did not convert the file within {TIMEOUT_S} s") from None
    finally:
        _end(process)
    made = folder / "out" / "document.docx"
    if not made.is_file():
        raise RefusedDocument(
            "conversion_failed", "LibreOffice could not convert the file: it may be damaged or protected by a password"
        )
    if made.stat().st_size > _MAX_CONVERTED:
        raise RefusedDocument("too_large", f"the converted document has {made.stat().st_size:,} bytes")
    return made.read_bytes()


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill the command with all that it started, and wait until they are gone: they write into the folder till then."""
    deadline = time.monotonic() + _SECONDS_TO_DIE
    with contextlib.suppress(ProcessLookupError):  # nobody is left
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        while time.monotonic() < deadline:
            os.killpg(process.pid, 0)
            time.sleep(0.01)
