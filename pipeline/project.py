"""The parsed dbt project, kept with the installation so that a build need not parse it again.

`make setup` prepares it, and the first build after a change of the project parses what changed (dbt's own partial
parse). Nothing in it depends on the documents: what differs between runs is asked of the environment when SQL is
rendered, never of `--vars`.

`python -m pipeline.project` prepares it for the default warehouse.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Project:
    """A dbt project as dbt has parsed it for a target of its profile. `manifest` is dbt's."""

    target: str
    folder: Path
    profiles: Path
    manifest: Any

    def arguments(self, target_dir: Path) -> list[str]:
        """The options of a call of dbt that writes its artefacts to `target_dir`."""
        return _arguments(self.target, self.folder, self.profiles, target_dir)


_known: dict[str, Project] = {}  # by key


def prepared_dir() -> Path:
    """Folder of what is prepared of our own project: `target/prepared`, whatever YUSUAN_TARGET says."""
    return ROOT / "target" / "prepared"


def own_project(target: str, catalogue: str) -> Project:
    """Our own project for a target, as `load_project` gives it."""
    return load_project(target, catalogue, ROOT, ROOT / "profiles", prepared_dir())


def load_project(target: str, catalogue: str, folder: Path, profiles: Path, prepared: Path) -> Project:
    """The project in `folder`, parsed for a target of the profile in `profiles`.

    `catalogue` is the name of the warehouse file without its ending: dbt writes it into the names of relations. The
    parse is kept in `prepared`; processes that use the same one wait for each other. One process reads a project once.
    Raises BuildFailed with one line if dbt cannot parse it.
    """
    key = _key(target, catalogue, folder, profiles)
    if key not in _known:
        prepared = prepared / f"{target}-{catalogue}"
        prepared.mkdir(parents=True, exist_ok=True)
        with locked(prepared / "lock"):
            manifest = _read(prepared, key)
            if manifest is None:
                manifest = _parse(prepared, catalogue, _arguments(target, folder, profiles, prepared))
                (prepared / "key").write_text(key, encoding="utf-8")
        _known.clear()  # one project at a time: a manifest takes some 100 MB
        _known[key] = Project(target, folder, profiles, manifest)
    return _known[key]


def _read(prepared: Path, key: str) -> Any:
    """The manifest that was prepared for this very project, or None."""
    from dbt.contracts.graph.manifest import Manifest

    try:
        if (prepared / "key").read_text(encoding="utf-8") != key:
            return None
        manifest = Manifest.from_msgpack((prepared / "partial_parse.msgpack").read_bytes())
    except FileNotFoundError:
        return None
    manifest.build_flat_graph()
    return manifest


def _parse(prepared: Path, catalogue: str, arguments: list[str]) -> Any:
    """The manifest, parsed where it changed since `prepared` was last used; dbt keeps its partial parse there."""
    from dbt.cli.main import dbtRunner

    (prepared / "key").unlink(missing_ok=True)
    # The same path whatever file is built: dbt parses anew where the profile differs. Nothing is opened there.
    with environment(YUSUAN_WAREHOUSE=str(prepared / f"{catalogue}.duckdb")):
        answer = dbtRunner().invoke(["parse", *arguments, *QUIET])
    if not answer.success:
        raise BuildFailed(f"dbt: {one_line(answer.exception or 'the project cannot be parsed')}")
    return answer.result


def _arguments(target: str, folder: Path, profiles: Path, target_dir: Path) -> list[str]:
    return [
        "--target", target,
        "--project-dir", str(folder),
        "--profiles-dir", str(profiles),
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


def _key(target: str, catalogue: str, folder: Path, profiles: Path) -> str:
    """SHA-256, in hex, over everything that decides what dbt parses."""
    digest = hashlib.sha256(f"{target} {catalogue} {folder.absolute()}\n".encode())
    roots = [folder / name for name in PARSED] + [profiles / "profiles.yml"]
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
    own_project("duckdb", DEFAULT_WAREHOUSE.stem)
