"""What a file is, told from its bytes; its name says nothing."""

from __future__ import annotations

import re
import struct

from loaders.errors import RefusedDocument
from loaders.readers import archive, ole
from loaders.readers.biff import BOOK_STREAMS, has_password
from loaders.readers.ole import BrokenFileError, OleFile

_ENCRYPTED_TEXT = 0x01  # in byte 11 of the stream of a text document
_PICTURES = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"II*\x00", b"MM\x00*")
_ARCHIVES = (b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b")

# Where HTML shows: anywhere near the beginning, or, for a fragment, in the very first tag.
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|table)[\s>/]", re.IGNORECASE)
_HTML_FRAGMENT = re.compile(rb"<(?:div|p|span|section|article|h[1-6]|meta|style|center|font)[\s>]", re.IGNORECASE)
_XML = re.compile(rb"<\?xml\s")

_REFUSALS = {
    "image": ("images_only", "the file is a picture: tables in it are images, not read"),
    "encrypted": ("encrypted", "the document is protected by a password"),
    "zip": ("unsupported_format", "the file is a .zip: its members are the documents, load it as a folder"),
    "archive": ("unsupported_format", "the file is a .rar, .7z or .gz archive: unpack it, or pack it again as .zip"),
    "pptx": ("unsupported_format", "the file is a presentation (.pptx), a format that is not read"),
    "ofd": ("unsupported_format", "the file is an OFD document, a format that is not read"),
    "ole": ("unsupported_format", "the file is an OLE container with neither a text document nor a workbook in it"),
    "xml": ("unsupported_format", "the file is XML of a kind that is not read: save it as .docx or .xlsx"),
}


def kind_of(data: bytes) -> str:
    """What `data` is: one word.

    Read as a document: pdf, docx, xlsx (.xlsm and .xlsb too), ods, xls (.et too), html, text; through LibreOffice:
    doc (.wps too), rtf, odt; a folder of documents: zip. Refused (see `refusal`): image, encrypted, archive, pptx,
    ofd, ole, xml. What is none of the others is "text": the text reader judges whether it is. Raises
    RefusedDocument for a zip whose list of members is itself hostile.
    """
    if archive.is_zip(data):
        return archive.kind_of_zip(data)
    if data.startswith(ole.MARK):
        return _kind_of_ole(data)
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if data.startswith(b"{\\rtf"):
        return "rtf"
    if data.startswith(_PICTURES) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP") or _is_bitmap(data):
        return "image"
    if data.startswith(_ARCHIVES):
        return "archive"
    return _kind_of_text(data)


def refusal(kind: str) -> RefusedDocument:
    """The refusal of a kind that has no reader. Raises KeyError for a kind that has one."""
    return RefusedDocument(*_REFUSALS[kind])


def _is_bitmap(data: bytes) -> bool:
    """`BM` alone may begin a text; a bitmap says its own size behind it."""
    return data.startswith(b"BM") and len(data) > 26 and struct.unpack_from("<I", data, 2)[0] == len(data)


def _kind_of_text(data: bytes) -> str:
    head = data[:8192].replace(b"\x00", b"")[:4096]  # UTF-16 without its zero bytes reads as ASCII
    start = head.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x0b\x0c")
    if _HTML.search(head) or _HTML_FRAGMENT.match(start):
        return "html"
    return "xml" if _XML.match(start) else "text"


def _kind_of_ole(data: bytes) -> str:
    try:
        file = OleFile(data)
        if "EncryptedPackage" in file.streams or "EncryptionInfo" in file.streams:
            return "encrypted"
        if "WordDocument" in file.streams:
            text = file.read("WordDocument")
            return "encrypted" if len(text) > 11 and text[11] & _ENCRYPTED_TEXT else "doc"
        for name in BOOK_STREAMS:
            if name in file.streams:
                return "encrypted" if has_password(file.read(name)) else "xls"
    except BrokenFileError:
        pass
    return "ole"
