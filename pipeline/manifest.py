"""The parsed dbt project, kept with the installation so that a build need not parse it again.

`make setup` prepares it, and the first build after a change of the project parses what changed (dbt's own partial
parse). Nothing in it depends on the documents: what differs between runs is asked of the environment when SQL is
rendered, never of `--vars`.

`python -m pipeline.manifest` prepares it for the default warehouse.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pipeline.errors import BuildFailed
from pipeline.layout import DEFAULT_WAREHOUSE, ROOT
from pipeline.lock import locked

# What dbt reads when it parses.
PARSED = ("dbt_project.yml", "models", "macros", "seeds", "tests/data", "tests/generic")
ENGINES = ("dbt-core", "dbt-duckdb", "dbt-spark", "duckdb")
# Given in this form to every call of dbt.
QUIET = (
    "--no-send-anonymous-usage-stats",
    "--no-version-check",
    "--no-print",
    "--no-use-colors",
    "--log-level",
    "none",
)

_known: dict[str, Any] = {}  # by key


def prepared_dir() -> Path:
    """Folder of what is prepared of our own project: `target/prepared`, whatever YUSUAN_TARGET says."""
    return ROOT / "target" / "prepared"


def load_manifest(target: str, catalogue: str, project_dir: Path, profiles_dir: Path, folder: Path) -> Any:
    """The manifest of a project for a target of its profile, as `dbt parse` gives it.

    `catalogue` is the name of the warehouse file without its ending: dbt writes it into the names of relations. What is
    parsed is kept in `folder`; processes that use the same one wait for each other. One process reads a project once.
    Raises BuildFailed with one line if dbt cannot parse the project.
    """
    key = _key(target, catalogue, project_dir, profiles_dir)
    if key not in _known:
        folder = folder / f"{target}-{catalogue}"
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder / "lock"):
            manifest = _read(folder, key) or _parse(folder, key, target, catalogue, project_dir, profiles_dir)
        _known.clear()  # one project at a time: a manifest takes some 100 MB
        _known[key] = manifest
    return _known[key]


def _read(folder: Path, key: str) -> Any:
    """The manifest that was prepared for this very project, or None."""
    from dbt.contracts.graph.manifest import Manifest

    try:
        if (folder / "key").read_text(encoding="utf-8") != key:
            return None
        manifest = Manifest.from_msgpack((folder / "partial_parse.msgpack").read_bytes())
    except FileNotFoundError:
        return None
    manifest.build_flat_graph()
    return manifest


def _parse(folder: Path, key: str, target: str, catalogue: str, project_dir: Path, profiles_dir: Path) -> Any:
    """Parse what changed since the folder was last used, and keep the result there."""
    from dbt.cli.main import dbtRunner

    (folder / "key").unlink(missing_ok=True)
    # The same path whatever file is built: dbt parses anew where the profile differs. Nothing is opened there.
    with environment(YUSUAN_WAREHOUSE=str(folder / f"{catalogue}.duckdb")):
        answer = dbtRunner().invoke(["parse", *project_arguments(target, folder, project_dir, profiles_dir), *QUIET])
    if not answer.success:
        raise BuildFailed(f"dbt: {one_line(answer.exception or 'the project cannot be parsed')}")
    (folder / "key").write_text(key, encoding="utf-8")
    return answer.result


def project_arguments(target: str, target_dir: Path, project_dir: Path, profiles_dir: Path) -> list[str]:
    """The options by which dbt finds a project, and writes its artefacts to `target_dir`."""
    return [
        "--target", target,
        "--project-dir", str(project_dir),
        "--profiles-dir", str(profiles_dir),
        "--target-path", str(target_dir),
        "--log-path", str(target_dir / "logs"),
    ]  # fmt: skip


@contextmanager
def environment(**values: str) -> Iterator[None]:
    """Environment variables for the block, with what was there before put back."""
    before: Mapping[str, str | None] = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def one_line(message: object) -> str:
    """A message of dbt on one line, 400 characters at most."""
    return " ".join(str(message or "").split())[:400]


def _key(target: str, catalogue: str, project_dir: Path, profiles_dir: Path) -> str:
    """SHA-256, in hex, over everything that decides what dbt parses."""
    digest = hashlib.sha256(f"{target} {catalogue} {project_dir.absolute()}\n".encode())
    roots = [project_dir / name for name in PARSED] + [profiles_dir / "profiles.yml"]
    for root in roots:
        files = [root] if root.is_file() else sorted(file for file in root.rglob("*") if file.is_file())
        for file in files:
            digest.update(f"{file}:{hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    for name in ENGINES:
        try:
            digest.update(f"{name} {version(name)}\n".encode())
        except PackageNotFoundError:
            continue
    return digest.hexdigest()


if __name__ == "__main__":
    load_manifest("duckdb", DEFAULT_WAREHOUSE.stem, ROOT, ROOT / "profiles", prepared_dir())
