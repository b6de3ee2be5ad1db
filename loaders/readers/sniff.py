"""What a file is, told from its bytes; its name says nothing."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from loaders.errors import RefusedDocument
from loaders.readers import archive

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PICTURES = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"II*\x00", b"MM\x00*")
_ARCHIVES = (b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b")

# Where HTML shows: anywhere near the beginning, or, for a fragment, in the very first tag.
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|table)[\s>/]", re.IGNORECASE)
_HTML_FRAGMENT = re.compile(rb"<(?:div|p|span|section|article|h[1-6]|meta|style|center|font)[\s>]", re.IGNORECASE)
_XML = re.compile(rb"<\?xml\s")

_REFUSALS = {
    "image": ("images_only", "the file is a picture: tables in it are images, not read"),
    "encrypted": ("encrypted", "the document is protected by a password"),
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
    if data.startswith(_OLE):
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


# --- OLE ---------------------------------------------------------------------------------------------------------

_END = 0xFFFFFFFA  # sector numbers from here on are marks: end of a chain, free, ...
_ENTRY = 128
_ENCRYPTED_TEXT = 0x01  # in byte 11 of a text stream
_FILE_PASS = 0x2F  # the record of a workbook behind which all is encrypted


def _kind_of_ole(data: bytes) -> str:
    """By the streams in the root folder: an embedded object has streams of the same names further down."""
    try:
        heads = _root_streams(data)
    except struct.error:
        return "ole"
    if "EncryptedPackage" in heads or "EncryptionInfo" in heads:
        return "encrypted"
    if (text := heads.get("WordDocument")) is not None:
        return "encrypted" if len(text) > 11 and text[11] & _ENCRYPTED_TEXT else "doc"
    if (book := heads.get("Workbook", heads.get("Book"))) is not None:
        return "encrypted" if _FILE_PASS in _record_types(book) else "xls"
    return "ole"


def _record_types(stream: bytes) -> Iterator[int]:
    """The types of the records that a workbook stream begins with."""
    at = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        yield kind
        at += 4 + length


def _root_streams(data: bytes) -> dict[str, bytes]:
    """The names in the root of an OLE file → the first sector of each. Raises struct.error where the file is broken."""
    (shift,) = struct.unpack_from("<H", data, 30)
    if shift not in (9, 12):
        return {}
    size = 1 << shift
    entries = _directory(data, size)
    streams: dict[str, bytes] = {}
    seen: set[int] = set()
    todo = [struct.unpack_from("<I", entries, 76)[0]]  # the root is the first entry; its children are a tree
    while todo:
        number = todo.pop()
        if number in seen or (number + 1) * _ENTRY > len(entries):
            continue
        seen.add(number)
        entry = entries[number * _ENTRY : (number + 1) * _ENTRY]
        length = min(struct.unpack_from("<H", entry, 64)[0], 64)
        (start,) = struct.unpack_from("<I", entry, 116)
        name = entry[: max(length - 2, 0)].decode("utf-16-le", "replace")
        streams[name] = data[(start + 1) * size : (start + 2) * size]
        todo += struct.unpack_from("<II", entry, 68)
    return streams


def _directory(data: bytes, size: int) -> bytes:
    """The directory sectors of an OLE file, joined."""
    fat_sectors = [number for number in struct.unpack_from("<109I", data, 76) if number < _END]
    (sector,) = struct.unpack_from("<I", data, 48)
    parts: list[bytes] = []
    seen: set[int] = set()
    while sector < _END and sector not in seen:
        seen.add(sector)
        parts.append(data[(sector + 1) * size : (sector + 2) * size])
        block, at = divmod(sector, size // 4)
        if block >= len(fat_sectors):
            break
        (sector,) = struct.unpack_from("<I", data, (fat_sectors[block] + 1) * size + 4 * at)
    return b"".join(parts)
