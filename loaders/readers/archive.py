"""Zip archives: folders of documents, and the packages that .docx and .xlsx are. Nothing is written to disk."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from zipfile import ZipFile, ZipInfo

from lxml import etree

from loaders.errors import RefusedDocument
from loaders.inbox import shown

MAX_MEMBERS = 1_000
MAX_UNPACKED = 256 * 1024 * 1024  # bytes, over all members and levels
MAX_RATIO = 200  # unpacked : packed
MAX_DEPTH = 2  # an archive, and archives in it

# A short repetitive member may shrink more than a bomb does; so may the markup of a sheet of empty rows.
_RATIO_COUNTS_FROM = 1024 * 1024
_RATIO_COUNTS_IN_PACKAGES_FROM = 64 * 1024 * 1024

_ENTRY_MARK = b"PK\x01\x02"  # begins each entry of the list of members
_MAX_ENTRY_MARKS = 100_000  # above, the list is not even parsed: each entry takes about a kilobyte of memory
_LINK = 0o120000
_UTF8_NAME = 0x800
_ENCRYPTED = 0x1
# Other methods unpack without a limit (bzip2, LZMA) or not at all (Deflate64).
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_OUTSIDE = re.compile(r"^(?:[/\\]|[A-Za-z]:)|(?:^|[/\\])\.\.(?:[/\\]|$)")
_DTD = b"<!DOCTYPE"
_MIME_TYPES = {
    b"application/vnd.oasis.opendocument.spreadsheet": "ods",
    b"application/vnd.oasis.opendocument.text": "odt",
}


def hostile(reason: str) -> RefusedDocument:
    """The refusal `hostile_archive`, for an archive that costs more to unpack than it may, or lies about itself."""
    return RefusedDocument("hostile_archive", reason)


def open_zip(data: bytes) -> ZipFile:
    """The bytes of a zip → ZipFile, its list of members bounded. Raises RefusedDocument."""
    if data.count(_ENTRY_MARK) > _MAX_ENTRY_MARKS:
        raise hostile(f"the archive lists more than {_MAX_ENTRY_MARKS:,} members")
    try:
        package = ZipFile(io.BytesIO(data))
        if not all(member.filename for member in package.infolist()):
            raise ValueError("a member has no name")
        return package
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, OverflowError) as error:
        raise RefusedDocument("malformed", f"the zip cannot be opened, it may be truncated ({error})") from None


def read_member(package: ZipFile, member: ZipInfo) -> bytes:
    """The unpacked bytes of one member, at most as many as it announces. Raises RefusedDocument."""
    if member.flag_bits & _ENCRYPTED:
        raise RefusedDocument("encrypted", f"{shown(member_name(member))} is protected by a password")
    if member.compress_type not in _METHODS:
        raise RefusedDocument("malformed", f"{shown(member_name(member))} is packed by a method that is not read")
    if member.file_size > MAX_UNPACKED:
        raise hostile(f"{shown(member_name(member))} unpacks to {member.file_size:,} bytes")
    try:
        return package.read(member)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError) as error:
        raise RefusedDocument("malformed", f"{shown(member_name(member))} cannot be unpacked ({error})") from None


def read_package(data: bytes) -> dict[str, bytes]:
    """The parts of an Office package by name, pictures and other media left empty.

    Reading all of it bounds what any library can find in it. Raises RefusedDocument: malformed, encrypted,
    hostile_archive, or unsafe_xml for a part with a document type (entities are never wanted in these formats).
    """
    with open_zip(data) as package:
        members = package.infolist()
        _check_sizes(members, _RATIO_COUNTS_IN_PACKAGES_FROM)
        parts = {}
        for member in members:
            if "/media/" in member.filename or member.is_dir():
                parts[member.filename] = b""
                continue
            part = read_member(package, member)
            if member.filename.endswith((".xml", ".rels")):
                if b"\x00" in part[:64]:
                    raise RefusedDocument("malformed", f"{shown(member.filename)} is not UTF-8")
                if _DTD in part:
                    raise RefusedDocument(
                        "unsafe_xml", f"{shown(member.filename)} declares a document type, which is not read"
                    )
            parts[member.filename] = part
        return parts


def is_zip(data: bytes) -> bool:
    """True for what begins as a zip does, whole or not."""
    return data.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def kind_of_zip(data: bytes) -> str:
    """docx, xlsx, ods, odt, pptx or ofd for a package of that kind; zip for every other, and for a broken one.

    Raises RefusedDocument (hostile_archive) for an endless list of members.
    """
    try:
        with open_zip(data) as package:
            names = set(package.namelist())
            if "mimetype" in names and package.getinfo("mimetype").file_size < 200:
                mimetype = read_member(package, package.getinfo("mimetype"))
                return next((kind for start, kind in _MIME_TYPES.items() if mimetype.startswith(start)), "zip")
    except RefusedDocument as refused:
        if refused.code == "hostile_archive":
            raise
        return "zip"  # reading its members will say what is wrong
    if "[Content_Types].xml" in names:
        for folder, kind in (("word/", "docx"), ("xl/", "xlsx"), ("ppt/", "pptx")):
            if any(name.startswith(folder) for name in names):
                return kind
    return "ofd" if "OFD.xml" in names else "zip"


def parse_part(parts: dict[str, bytes], name: str) -> etree._Element:
    """The root element of an XML part. Raises RefusedDocument (malformed, unsafe_xml)."""
    if name not in parts:
        raise RefusedDocument("malformed", f"the package has no part {name}")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    try:
        root = etree.fromstring(parts[name], parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise RefusedDocument("malformed", f"{shown(name)} is not well-formed XML ({str(error)[:120]})") from None
    if root.getroottree().docinfo.doctype:  # a declared encoding may have hidden it from the check of the bytes
        raise RefusedDocument("unsafe_xml", f"{name} declares a document type: not read")
    return root


@dataclass(frozen=True, slots=True)
class Relation:
    """What one part of a package says of another: `kind` is the last word of the type, `target` a part name."""

    id: str
    kind: str
    target: str


def relations(parts: dict[str, bytes], name: str) -> list[Relation]:
    """The relations of part `name`, of the package itself for ""; empty where it has none."""
    folder, _, file = name.rpartition("/")
    listed = posixpath.join(folder, "_rels", f"{file}.rels")
    if listed not in parts:
        return []
    found = []
    for element in parse_part(parts, listed):
        if not isinstance(element.tag, str) or element.get("TargetMode") == "External":
            continue
        target = str(element.get("Target", ""))
        path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
        found.append(Relation(str(element.get("Id", "")), str(element.get("Type", "")).rpartition("/")[2], path))
    return found


def read_members(data: bytes) -> Iterator[tuple[str, bytes]]:
    """The files in a zip, and in zips in it, as (name with `/`, bytes) in the order of their names.

    The whole archive is checked before the first member is handed out. Raises RefusedDocument: hostile_archive for
    names that lead outside, links, encryption, too many members, too much or too dense content, or too deep nesting;
    malformed for damage; empty if it has no file.
    """
    if not sum(1 for _ in _walk(data, "", 1, _Budget())):
        raise RefusedDocument("empty", "the archive has no file in it")
    return _walk(data, "", 1, _Budget())


def member_name(member: ZipInfo) -> str:
    """The name as its author saw it: archives made on Chinese systems name their members in GBK without saying so."""
    if member.flag_bits & _UTF8_NAME:
        return member.filename.replace("\\", "/")
    try:
        packed = member.filename.encode("cp437")
    except UnicodeEncodeError:
        return member.filename.replace("\\", "/")
    for encoding in ("utf-8", "gb18030"):
        try:
            return packed.decode(encoding).replace("\\", "/")
        except UnicodeDecodeError:
            continue
    return member.filename.replace("\\", "/")


@dataclass
class _Budget:
    """What the levels of one archive share."""

    members: int = 0
    unpacked: int = 0

    def take(self, members: list[ZipInfo]) -> None:
        self.members += len(members)
        self.unpacked += sum(member.file_size for member in members)
        if self.members > MAX_MEMBERS:
            raise hostile(f"the archive has {self.members:,} members, more than {MAX_MEMBERS:,}")
        if self.unpacked > MAX_UNPACKED:
            raise hostile(f"the archive unpacks to {self.unpacked:,} bytes, more than {MAX_UNPACKED:,}")


def _walk(data: bytes, folder: str, depth: int, budget: _Budget) -> Iterator[tuple[str, bytes]]:
    """The files of one level and those below; one is unpacked at a time."""
    if depth > MAX_DEPTH:
        raise hostile(f"{shown(folder.rstrip('/'))}: archives in archives in archives are not read")
    with open_zip(data) as package:
        members = [member for member in package.infolist() if not member.is_dir()]
        budget.take(members)
        for member in members:
            _check_member(member)
        _check_sizes(members, _RATIO_COUNTS_FROM)
        for member in sorted(members, key=member_name):
            name = member_name(member)
            if _is_system_file(name):
                continue
            content = read_member(package, member)
            if is_zip(content) and kind_of_zip(content) == "zip":
                yield from _walk(content, f"{folder}{name}/", depth + 1, budget)
            else:
                yield shown(folder + name), content


def _is_system_file(name: str) -> bool:
    """Files that no person put there: of the Finder, of editors, hidden ones."""
    return any(part.startswith((".", "~$")) or part == "__MACOSX" for part in name.split("/"))


def _check_member(member: ZipInfo) -> None:
    name = member_name(member)
    if _OUTSIDE.search(name):
        raise hostile(f"the name of a member leads outside of the archive: {shown(name[:80])}")
    if member.external_attr >> 16 & 0o170000 == _LINK:
        raise hostile(f"{shown(name)} is a link")
    if member.flag_bits & _ENCRYPTED:
        raise hostile(f"{shown(name)} is protected by a password")


def _check_sizes(members: list[ZipInfo], ratio_counts_from: int) -> None:
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if unpacked > MAX_UNPACKED:
        raise hostile(f"the archive unpacks to {unpacked:,} bytes, more than {MAX_UNPACKED:,}")
    if unpacked > ratio_counts_from and unpacked > MAX_RATIO * packed:
        raise hostile(f"the archive unpacks to {unpacked:,} bytes from {packed:,}: more than {MAX_RATIO} times")
