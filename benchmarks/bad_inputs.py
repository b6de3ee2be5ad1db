"""How many bad files do the tests try? Counts what is refused while they run, each content once.

`python benchmarks/bad_inputs.py [--fuzz-seconds 60]` runs the tests of loaders and readers and prints, by the code of
the reason, how many different files were refused, and how many damaged documents the fuzz test made (those are read or
refused). A test that fails ends it with 1.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from loaders import workers
from loaders.errors import RefusedDocument

ROOT = Path(__file__).resolve().parents[1]
TESTS = ("fuzz", "inspect", "libreoffice", "loader", "office_readers", "pdf_reader")
_LOADERS = str(ROOT / "loaders")


class Counting:
    """A plugin of pytest that notes every refusal with the content that it was about."""

    def __init__(self) -> None:
        self.patch = pytest.MonkeyPatch()
        self.refused: set[tuple[str, str]] = set()  # content (or test, where there is none), code
        self.damaged: set[str] = set()
        self.test = ""

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        self.test = item.nodeid

    def pytest_collection_finish(self) -> None:
        """Once the modules are there: listen to refusals, to the workers and to the fuzz test."""
        refuse, read = RefusedDocument.__init__, workers._Worker.read

        def refusing(refusal: RefusedDocument, code: str, reason: str) -> None:
            refuse(refusal, code, reason)
            self.refused.add((_content(sys._getframe(1)) or self.test, code))

        def reading(worker: Any, data: bytes) -> Any:
            found, refusal = read(worker, data)
            if refusal:  # it was made without its content
                self.refused.discard((self.test, refusal.code))
                self.refused.add((_digest(data), refusal.code))
            return found, refusal

        self.patch.setattr(RefusedDocument, "__init__", refusing)
        self.patch.setattr(workers._Worker, "read", reading)
        fuzz = next(module for name, module in sys.modules.items() if name.endswith("python.test_fuzz"))
        damage = fuzz.damaged

        def damaging(*words: Any) -> Any:
            data = damage(*words)
            self.damaged.add(_digest(data))
            return data

        self.patch.setattr(fuzz, "damaged", damaging)

    def pytest_sessionfinish(self) -> None:
        self.patch.undo()


def _content(frame: FrameType | None) -> str | None:
    """What the outermost function of the loaders on the stack has as its data."""
    found = None
    while frame:
        data = frame.f_locals.get("data")
        if isinstance(data, bytes) and frame.f_code.co_filename.startswith(_LOADERS):
            found = data
        frame = frame.f_back
    return _digest(found) if found is not None else None


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the tests and prints JSON."""
    parser = argparse.ArgumentParser(description="Count the bad files that the tests try.")
    parser.add_argument("--fuzz-seconds", type=float, default=60.0, help="how long the fuzz test damages documents")
    chosen = parser.parse_args(arguments)
    os.environ["YUSUAN_FUZZ_SECONDS"] = str(chosen.fuzz_seconds)
    counting = Counting()
    files = [str(ROOT / "tests" / "python" / f"test_{name}.py") for name in TESTS]
    code = pytest.main([*files, "-p", "no:cacheprovider", "--rootdir", str(ROOT)], plugins=[counting])
    by_code = Counter(code for _, code in counting.refused)
    report = {
        "refused": len({content for content, _ in counting.refused}),
        "by_code": dict(by_code.most_common()),
        "damaged": len(counting.damaged),
    }
    print(json.dumps(report, indent=2))
    return int(code)


if __name__ == "__main__":
    sys.exit(main())
