"""The locked packages, audited from what is on the machine: nothing is asked of the network."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ..support.paths import ROOT

LOCKS = sorted(ROOT.glob("requirements*.lock"))
# Licences that allow use and redistribution beside a work of any licence; MPL and LGPL bind their own files alone.
_ALLOWED = re.compile(
    r"\b(MIT|MIT-0|MIT-CMU|0BSD|BSD|Apache|PSF|Python Software Foundation|CNRI-Python|MPL|Mozilla Public License|"
    r"Artistic|LGPL|ISC|Zlib|CC0-1\.0|Unlicense|HPND)\b"
)


def locked(lock: Path) -> dict[str, list[tuple[str, str]]]:
    """Package → (version, its lines) of a lock; a package may stand there for several versions of Python."""
    found: dict[str, list[tuple[str, str]]] = {}
    for entry in re.split(r"(?m)^(?=[A-Za-z0-9])", lock.read_text("utf-8")):
        if match := re.match(r"([A-Za-z0-9_.-]+)==([^\s;\\]+)", entry):
            found.setdefault(match[1].lower(), []).append((match[2], entry))
    return found


def licence_of(metadata: importlib.metadata.PackageMetadata) -> str:
    """What a package says of its licence, wherever it says it."""
    classified = [line for line in metadata.get_all("Classifier") or [] if line.startswith("License ::")]
    texts = [text[:200] for text in metadata.get_all("License", [])]
    return " ".join([*metadata.get_all("License-Expression", []), *classified, *texts])


@pytest.mark.parametrize("lock", LOCKS, ids=[lock.name for lock in LOCKS])
def test_every_locked_package_has_its_hashes(lock: Path) -> None:
    packages = locked(lock)
    assert len(packages) > 50
    without = [name for name, entries in packages.items() for _, entry in entries if "--hash=sha256:" not in entry]
    assert without == []
    # No address but that of the package index: what is locked comes from where its hash is known.
    assert not re.search(r"(?i)https?://|git\+|file:|--index-url|--extra-index", lock.read_text("utf-8"))


def test_every_locked_package_is_installed_as_locked_under_a_known_licence() -> None:
    wrong = []
    for name, entries in locked(ROOT / "requirements.lock").items():
        try:
            distribution = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            if all(";" not in entry.partition("\\")[0] for _, entry in entries):
                wrong.append(f"{name}: not installed")
            continue  # locked for another system or another Python
        if distribution.version not in [version for version, _ in entries]:
            wrong.append(f"{name}: {distribution.version} is installed")
        if not _ALLOWED.search(licence_of(distribution.metadata)):
            wrong.append(f"{name}: {licence_of(distribution.metadata).strip() or 'no licence'}")
    assert wrong == []


@pytest.mark.parametrize(
    ("licence", "allowed"),
    [
        ("License :: OSI Approved :: MIT License", True),
        ("Apache-2.0", True),
        ("AGPL-3.0", False),
        ("Proprietary", False),
    ],
)
def test_the_audit_tells_licences_apart(licence: str, allowed: bool) -> None:
    assert bool(_ALLOWED.search(licence)) is allowed


@pytest.mark.slow
def test_the_installed_packages_fit_together() -> None:
    done = subprocess.run([sys.executable, "-m", "pip", "check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
