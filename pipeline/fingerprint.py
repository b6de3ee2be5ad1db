"""What the code was: published files say which rules made them."""

from __future__ import annotations

import hashlib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from pipeline.layout import ROOT

# Everything that decides what a document becomes in the published file.
CODE = ("loaders", "models", "macros", "seeds", "dbt_project.yml", "expectations")


def code_fingerprint(root: Path = ROOT) -> str:
    """SHA-256, in hex, over names and contents of the files that decide what is published."""
    digest = hashlib.sha256()
    for name in CODE:
        path = root / name
        files = [path] if path.is_file() else sorted(file for file in path.rglob("*") if _counts(file))
        for file in files:
            content = hashlib.sha256(file.read_bytes()).hexdigest()
            digest.update(f"{file.relative_to(root).as_posix()}:{content}\n".encode())
    return digest.hexdigest()


def code_version() -> str:
    """The version of the package, for people; which code it was exactly, the fingerprint says."""
    try:
        return version("yusuan")
    except PackageNotFoundError:
        return "not installed"


def _counts(file: Path) -> bool:
    return file.is_file() and "__pycache__" not in file.parts and not file.name.startswith(".")
