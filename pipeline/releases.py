"""The last publications, kept: to go back to one, and to open one under a path that never changes its content."""

from __future__ import annotations

import contextlib
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from loaders.connection import connect
from pipeline import history
from pipeline.errors import UsageProblem
from pipeline.files import link_or_copy, sync
from pipeline.layout import require_place
from pipeline.publish import Publication, publication_of

if TYPE_CHECKING:
    from pipeline.layout import Warehouse

KEEP = 5


@dataclass(frozen=True)
class Release:
    """A publication that is kept, and where; `is_published` tells the one that readers get."""

    publication: Publication
    file: Path
    is_published: bool


def kept(warehouse: Warehouse) -> list[Release]:
    """The publications that are kept, newest first; what is no complete publication is left out."""
    published = publication_of(warehouse.published) if warehouse.published.exists() else None
    found = []
    for file in warehouse.releases_dir.glob(f"*/{warehouse.published.name}"):
        publication = publication_of(file)
        if publication:
            found.append(Release(publication, file, bool(published and publication.run_id == published.run_id)))
    return sorted(found, key=lambda release: (release.publication.run_no, release.publication.run_id), reverse=True)


def settle(warehouse: Warehouse) -> None:
    """What a run that was killed while it published left: the published file is kept, what never was published is not.

    A release that is newer than the published file was published and rolled back, if the history knows of that.
    """
    published = publication_of(warehouse.published) if warehouse.published.exists() else None
    if published and not warehouse.release(published.run_id).exists():
        file = warehouse.release(published.run_id)
        file.parent.mkdir(parents=True, exist_ok=True)
        link_or_copy(warehouse.published, file)
        sync(warehouse.releases_dir)
    known = _published_runs(warehouse)
    for release in kept(warehouse):
        if not release.is_published and release.publication.run_id not in known:
            _remove(release.file)
    for folder in warehouse.releases_dir.glob("*"):
        if folder.is_dir() and all(path.suffix == ".part" for path in folder.iterdir()):
            shutil.rmtree(folder)


def prune(warehouse: Warehouse, count: int) -> list[str]:
    """Keep the newest `count` publications and the published one; gives the run ids of those that go."""
    gone = []
    for number, release in enumerate(kept(warehouse)):
        if number >= count and not release.is_published:
            _remove(release.file)
            gone.append(release.publication.run_id)
    return gone


def named(warehouse: Warehouse, run_id: str | None) -> Release:
    """The kept publication that `rollback` would publish; nothing is changed.

    That of `run_id` (or a beginning of it), else the one before. Raises UsageProblem if it is not kept, or holds a
    document that was removed since.
    """
    known = _published_runs(warehouse)
    chosen = _choose([one for one in kept(warehouse) if one.is_published or one.publication.run_id in known], run_id)
    back = history.withdrawn_from(warehouse) & _documents_in(chosen.file)
    if back:
        names = ", ".join(sorted(document_id[:12] for document_id in back))
        raise UsageProblem(f"release {chosen.publication.run_id} holds documents that were removed since: {names}")
    return chosen


def rollback(warehouse: Warehouse, run_id: str | None) -> Release:
    """Make a kept publication the published one, as `named` chooses it."""
    chosen = named(warehouse, run_id)
    require_place(warehouse)
    settle(warehouse)
    if not chosen.is_published:
        link_or_copy(chosen.file, warehouse.published)
    return replace(chosen, is_published=True)


def purge(warehouse: Warehouse) -> list[str]:
    """Remove every release but the published one; gives the run ids of those that go."""
    return prune(warehouse, 0)


def _published_runs(warehouse: Warehouse) -> set[str]:
    return {run.run_id for run in history.runs(warehouse, None) if run.outcome == "published"}


def _choose(releases: list[Release], run_id: str | None) -> Release:
    listed = ", ".join(release.publication.run_id for release in releases) or "none"
    if run_id is not None:
        matching = [one for one in releases if run_id and one.publication.run_id.startswith(run_id)]
        if len(matching) != 1:
            raise UsageProblem(f"{run_id}: names {len(matching)} of the publications that are kept ({listed})")
        return matching[0]
    current = [number for number, release in enumerate(releases) if release.is_published]
    if not current:
        raise UsageProblem(f"nothing is published; name a publication that is kept ({listed})")
    if current[0] + 1 >= len(releases):
        raise UsageProblem(f"no publication before the published one is kept ({listed})")
    return releases[current[0] + 1]


def _documents_in(file: Path) -> frozenset[str]:
    try:
        with connect(file, read_only=True) as connection:
            return frozenset(row[0] for row in connection.execute("select document_id from raw.document").fetchall())
    except duckdb.Error as error:
        raise UsageProblem(f"{file}: is not a DuckDB file that can be opened") from error


def _remove(file: Path) -> None:
    """Take a release away: its file in one step, and the folder unless another warehouse keeps a file there."""
    file.unlink()
    with contextlib.suppress(OSError):
        file.parent.rmdir()
