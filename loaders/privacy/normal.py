"""Text as private things are looked for in it: of half width, without what is not seen, with one blank and one dash."""

from __future__ import annotations

import unicodedata


class _Table(dict[int, "int | str | None"]):
    """What each character is read as; looked up in Unicode once."""

    def __missing__(self, code: int) -> int | str | None:
        self[code] = found = _read_as(chr(code))
        return found


def _read_as(char: str) -> str | None:
    category = unicodedata.category(char)
    if char in "\t\n":
        return char
    if char in "\r\x0b\x0c\x85\u2028\u2029":
        return "\n"
    if category == "Zs":
        return " "
    if category in {"Cf", "Cc", "Mn", "Me", "Cn"}:
        return None  # zero-width and combining characters
    if category == "Nd":
        return str(unicodedata.decimal(char))
    if category == "Pd" or char in "−‐‑﹣":
        return "-"
    plain = unicodedata.normalize("NFKC", char)
    if len(plain) == 1:
        return plain
    return char


_TABLE = _Table()


def normal(text: str) -> str:
    """`text` with each character as it is read; those that are not seen are left out."""
    return text.translate(_TABLE)


def places(text: str) -> list[int]:
    """For each character of `normal(text)`, and for its end, the place in `text`."""
    return [*(at for at, char in enumerate(text) if _TABLE[ord(char)] is not None), len(text)]
