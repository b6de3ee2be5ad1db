"""Fixtures shared by the tests: folders of their own, and small warehouses filled by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from loaders.connection import connect

from .support.paths import SAMPLES, SHARED
from .support.warehouses import fill_marts, fill_raw, published_from


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
def samples_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that `yusuan run samples` publishes, made once by the real command; copy it before changing it."""
    return published_from(SAMPLES, tmp_path_factory.mktemp("samples"))


@pytest.fixture(scope="session")
def seeds_warehouse(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that `yusuan run` publishes from the five seed documents, made once by the real command."""
    return published_from(shared / "corpus" / "seeds", tmp_path_factory.mktemp("seeds"))


@pytest.fixture(scope="session")
def wild_warehouse(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that `yusuan run` publishes from the real PDFs and sheets of the corpus."""
    return published_from(shared / "corpus" / "wild", tmp_path_factory.mktemp("wild"))


@pytest.fixture
def filled() -> Callable[[Path], Path]:
    """Make a small warehouse file, good in every respect, at a path."""

    def make(path: Path) -> Path:
        with connect(path) as connection:
            fill_raw(connection)
            fill_marts(connection)
        return path

    return make


@pytest.fixture
def database(filled: Callable[[Path], Path], tmp_path: Path) -> Path:
    """A small warehouse file, good in every respect."""
    return filled(tmp_path / "small.duckdb")
