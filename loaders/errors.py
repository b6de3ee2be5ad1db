"""Errors with a reason that a person can act on."""

from __future__ import annotations


class InputError(Exception):
    """A path that cannot be used at all (it does not exist, it is not a file or a folder)."""


class RefusedDocument(Exception):
    """A file that is not loaded. `code` is stable for machines, the message is one line for people."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
