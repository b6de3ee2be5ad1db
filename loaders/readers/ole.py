"""OLE files, the containers of .doc and .xls: the streams in their root folder."""

from __future__ import annotations

import struct
from dataclasses import dataclass

MARK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_END = 0xFFFFFFFA  # sector numbers from here on are marks: end of a chain, free, ...
_ENTRY = 128
_MINI_SECTOR = 64


class BrokenFileError(Exception):
    """The file is no OLE file, or breaks off inside its tables."""


@dataclass(frozen=True, slots=True)
class Stream:
    """Where a stream begins (its first sector, of the kind that its size calls for), and its size in bytes."""

    start: int
    size: int


class OleFile:
    """The tables of an OLE file; streams are read on demand. Raises BrokenFileError.

    Only the children of the root count: an embedded object has streams of the same names further down.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        try:
            (shift,) = struct.unpack_from("<H", data, 30)
            if not data.startswith(MARK) or shift not in (9, 12):
                raise BrokenFileError("not an OLE file")
            self._size = 1 << shift
            first_directory, self._cutoff, first_mini = struct.unpack_from("<I4xII", data, 48)
            self._table = self._allocation_table()
            directory = self._chain(first_directory)
            self._mini_table = _numbers(self._chain(first_mini))
            start, size = struct.unpack_from("<IQ", directory, 116)  # of the root, which holds the short streams
            self._mini = self._chain(start)[:size]
            self.streams = _children(directory)
        except struct.error as error:
            raise BrokenFileError(str(error)) from None

    def read(self, name: str) -> bytes:
        """The bytes of a stream of the root. Raises KeyError."""
        stream = self.streams[name]
        if stream.size >= self._cutoff:
            return self._chain(stream.start)[: stream.size]
        numbers = _walk(stream.start, self._mini_table)
        parts = (self._mini[number * _MINI_SECTOR : (number + 1) * _MINI_SECTOR] for number in numbers)
        return b"".join(parts)[: stream.size]

    def _allocation_table(self) -> tuple[int, ...]:
        """Sector → the sector that follows it in its stream."""
        listed = list(struct.unpack_from("<109I", self._data, 76))
        (more,) = struct.unpack_from("<I", self._data, 68)
        seen: set[int] = set()
        while more < _END and more not in seen:  # files of more than seven megabytes list the rest elsewhere
            seen.add(more)
            *numbers, more = _numbers(self._sector(more)) or (_END,)
            listed += numbers
        sectors = dict.fromkeys(number for number in listed if number < _END)
        return _numbers(b"".join(self._sector(number) for number in sectors))

    def _sector(self, number: int) -> bytes:
        return self._data[(number + 1) * self._size : (number + 2) * self._size]

    def _chain(self, start: int) -> bytes:
        return b"".join(self._sector(number) for number in _walk(start, self._table))


def _numbers(data: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4])


def _walk(start: int, table: tuple[int, ...]) -> list[int]:
    """The sectors of a chain, up to its end or the first fault in it."""
    seen: dict[int, None] = {}
    while start < len(table) and start not in seen:
        seen[start] = None
        start = table[start]
    return list(seen)


def _children(directory: bytes) -> dict[str, Stream]:
    """The entries below the root, which is the first entry: they form a tree."""
    streams: dict[str, Stream] = {}
    seen: set[int] = set()
    todo = [struct.unpack_from("<I", directory, 76)[0]]
    while todo:
        number = todo.pop()
        if number in seen or (number + 1) * _ENTRY > len(directory):
            continue
        seen.add(number)
        name, length, left, right, start, size = struct.unpack_from("<64sH2xII40xIQ", directory, number * _ENTRY)
        text = name[: max(min(length, 64) - 2, 0)].decode("utf-16-le", "replace")
        streams[text] = Stream(start, size & 0xFFFFFFFF)  # old files leave garbage in the upper half
        todo += left, right
    return streams
