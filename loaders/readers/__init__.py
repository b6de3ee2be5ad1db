"""Readers: bytes of a file → the neutral Document. One module a file format or text dialect."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from loaders.privacy.names import masked_names
from loaders.readers import sniff

if TYPE_CHECKING:
    from loaders.document import Document

# Imported when the first document of their kind comes: most folders hold one kind.
_READERS = {
    "text": "plain_text",
    "pdf": "pdf",
    "docx": "docx",
    "xlsx": "sheet",
    "xls": "sheet",
    "ods": "sheet",
    "html": "html",
    "doc": "legacy",
    "rtf": "legacy",
    "odt": "legacy",
}


def read_bytes(data: bytes) -> Document:
    """The bytes of a file → Document; the type is told from the bytes, never from the name.

    Raises RefusedDocument with the reason when the file is not one that is read.
    """
    kind = sniff.kind_of(data)
    if kind not in _READERS:
        raise sniff.refusal(kind)
    document: Document = import_module(f"loaders.readers.{_READERS[kind]}").read(data)
    return masked_names(document)
