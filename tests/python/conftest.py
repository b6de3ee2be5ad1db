"""Fixtures shared by the tests: folders of their own, and warehouses that are made once and copied."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from .support.paths import SAMPLES, SHARED
from .support.warehouses import (
    WAREHOUSE,
    Make,
    copied,
    fill_and_build,
    made_once,
    published_by_program,
    published_from,
    shared_folder,
)

# Folders whose tests need something installed besides Python packages.
FOLDER_MARKS = ("browser", "spark")
# Warehouses that are published by the real command, and the small one, which is quickly made and copied.
LARGE = {"samples_warehouse", "seeds_warehouse", "wild_warehouse"}
SMALL = {"database", "filled"}
# Known to be long, longest first: workers that begin with them end together.
LONGEST = (
    "spark/test_spark.py",
    "models/test_planted_errors.py",
    "models/test_increment.py",
    "unit/test_simulation.py",
    "models/test_dbt_project.py",
    "models/test_docs_page.py",
    "models/test_findings.py",
    "browser/test_pages.py",
    "pipeline/test_benchmarks.py",
    "survival/test_survival.py",
    "pipeline/test_run.py",
    "pipeline/test_remove.py",
    "pipeline/test_publish.py",
    "pipeline/test_gate.py",
    "unit/test_legacy_formats.py",
)


@pytest.hookimpl(tryfirst=True)  # before `-m` chooses
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by their folder and by the warehouse that they need, and begin with the long ones."""
    here = Path(__file__).parent

    def place(item: pytest.Item) -> int:
        name = item.path.relative_to(here).as_posix()
        return LONGEST.index(name) if name in LONGEST else len(LONGEST)

    for item in items:
        folder = item.path.relative_to(here).parts[0]
        if folder in FOLDER_MARKS:
            item.add_marker(folder)
        fixtures = set(getattr(item, "fixturenames", ()))
        if fixtures & LARGE or ("made" in fixtures and not fixtures & SMALL):
            item.add_marker("slow")
    items.sort(key=place)


@pytest.fixture(autouse=True)
def own_target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Logs, dbt's artefacts and gate results of a test go to a folder of its own; errors are reported, not raised."""
    target = tmp_path / "target"
    monkeypatch.setenv("YUSUAN_TARGET", str(target))
    monkeypatch.delenv("YUSUAN_DEBUG", raising=False)
    return target


@pytest.fixture(scope="session")
def shared() -> Path:
    """The shared material (corpus, gold) that stands beside the repository."""
    if not SHARED.is_dir():
        pytest.skip("the shared material (../shared) is not beside the repository")
    return SHARED


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Make], Path]:
    """Fill a folder, known by its name, once for all workers of the run."""
    folder = shared_folder(tmp_path_factory)
    return lambda name, make: made_once(folder / name, make)


@pytest.fixture(scope="session")
def samples_warehouse(made: Callable[[str, Make], Path]) -> Path:
    """The file that `yusuan run samples` publishes, made once by the real command; copy it before changing it."""
    return made("samples", lambda folder: published_by_program(SAMPLES, folder)) / WAREHOUSE


@pytest.fixture(scope="session")
def seeds_warehouse(shared: Path, made: Callable[[str, Make], Path]) -> Path:
    """The file that `yusuan run` publishes from the five seed documents."""
    return made("seeds", lambda folder: published_from(shared / "corpus" / "seeds", folder)) / WAREHOUSE


@pytest.fixture(scope="session")
def wild_warehouse(shared: Path, made: Callable[[str, Make], Path]) -> Path:
    """The file that `yusuan run` publishes from the real PDFs and sheets of the corpus."""
    return made("wild", lambda folder: published_from(shared / "corpus" / "wild", folder)) / WAREHOUSE


@pytest.fixture
def filled(made: Callable[[str, Make], Path]) -> Callable[[Path], Path]:
    """Put a small warehouse, good in every respect, into a folder."""
    return lambda folder: copied(made("small", fill_and_build) / WAREHOUSE, folder)


@pytest.fixture
def database(filled: Callable[[Path], Path], tmp_path: Path) -> Path:
    """A small warehouse file, good in every respect."""
    return filled(tmp_path / "small")
