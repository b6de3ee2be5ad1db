"""Where things are."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from loaders.inbox import kind_of
from pipeline.errors import UsageProblem

ROOT = Path(__file__).resolve().parents[1]
DEFAULT_WAREHOUSE = Path("warehouse/yusuan.duckdb")

# DuckDB names the catalogue after the file; one named like a schema makes `raw.document` ambiguous.
_RESERVED_STEMS = {
    "raw",
    "staging",
    "intermediate",
    "marts",
    "reports",
    "quality",
    "reference",
    "meta",
    "main",
    "system",
    "temp",
}


@dataclass(frozen=True)
class Warehouse:
    """A published file and the files beside it that a run needs."""

    published: Path

    @property
    def work_dir(self) -> Path:
        """The folder of what is under way and of what failed, beside the published file."""
        return self.published.parent / ".work"

    @property
    def working(self) -> Path:
        """The file that a run builds; it has the published file's name because dbt writes the stem into views."""
        return self.work_dir / self.published.name

    @property
    def failed(self) -> Path:
        """The working file of the last `run` that failed, kept to be looked at."""
        return self.work_dir / "failed" / self.published.name

    @property
    def releases_dir(self) -> Path:
        """One folder a publication that is kept: `releases/<run_id>/<name>`."""
        return self.published.parent / "releases"

    def release(self, run_id: str) -> Path:
        """Where the publication of a run is kept."""
        return self.releases_dir / run_id / self.published.name

    @property
    def history_log(self) -> Path:
        """One line a run, appended; failed runs stand only here until a later run takes them into its file."""
        return self.published.with_name(f"{self.published.stem}.runs.jsonl")


def warehouse_at(path: Path) -> Warehouse:
    """The warehouse published at `path`; its folder may not exist. A link is followed: the warehouse is where it leads.

    Raises UsageProblem for an impossible path.
    """
    try:
        path = path.absolute()
        path = path.resolve() if path.is_symlink() else path.parent.resolve() / path.name
        kind = kind_of(path.stat().st_mode) if path.exists() else None
    except (OSError, RuntimeError) as error:  # RuntimeError: links in a ring
        reason = error.strerror if isinstance(error, OSError) else "links that lead to each other"
        raise UsageProblem(f"{path}: cannot be used ({reason})") from error
    if path.stem.lower() in _RESERVED_STEMS:
        raise UsageProblem(f"{path.name}: a warehouse cannot be named like one of its schemas")
    if kind:
        raise UsageProblem(f"{path}: is {kind}, not a file")
    return Warehouse(path)


def require_place(warehouse: Warehouse) -> None:
    """Raises UsageProblem if what stands at the published path came to be something else than a file meanwhile."""
    if warehouse.published.is_symlink():
        raise UsageProblem(f"{warehouse.published}: has become a link, and is not replaced")
    warehouse_at(warehouse.published)


def target_dir() -> Path:
    """Folder for logs, dbt's artefacts and gate results: YUSUAN_TARGET, else `target` in the project."""
    return Path(os.environ.get("YUSUAN_TARGET") or ROOT / "target").absolute()


def gate_dir() -> Path:
    """Folder of the gates' results."""
    return target_dir() / "gates"
