"""Readers: bytes of a file → the neutral Document. One module a file format or text dialect."""

from __future__ import annotations

from loaders.document import Document
from loaders.errors import RefusedDocument
from loaders.readers import plain_text

# First bytes of formats that are told apart from text, with what they are called in a refusal.
_SIGNATURES = (
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "a zipped document (.docx, .xlsx or .zip)"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document (.doc, .xls or .wps)"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"{\\rtf", "a rich-text document"),
)


def read_bytes(data: bytes) -> Document:
    """The bytes of a file → Document; the type is told from the bytes, never from the name.

    Raises RefusedDocument with the reason when the file is not one that is read.
    """
    for signature, name in _SIGNATURES:
        if data.startswith(signature):
            raise RefusedDocument("unsupported_format", f"the file is {name}, a format that is not read yet")
    return plain_text.read(data)
