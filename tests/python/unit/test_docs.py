"""The documentation names what exists: links lead somewhere, tables are those of the schema and of the models."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from loaders.schema import TABLES

from ..support.paths import ROOT

PAGES = sorted([*ROOT.glob("README*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "benchmarks").glob("*.md")])
_LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")


@pytest.mark.parametrize("page", PAGES, ids=[page.relative_to(ROOT).as_posix() for page in PAGES])
def test_links_lead_somewhere(page: Path) -> None:
    links = [link for link in _LINK.findall(page.read_text("utf-8")) if "://" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_pages_that_people_start_with_are_there() -> None:
    names = {page.relative_to(ROOT).as_posix() for page in PAGES}
    assert {"README.md", "README.zh-CN.md", "docs/questions.md", "docs/running.md", "benchmarks/README.md"} <= names


def test_every_raw_table_has_its_row() -> None:
    page = (ROOT / "docs" / "raw-tables.md").read_text("utf-8")
    rows = {match[1]: match[2] for match in re.finditer(r"^\| `(\w+)` \| [^|]+ \| (.+) \|$", page, re.MULTILINE)}
    assert set(rows) == set(TABLES)
    for table, columns in rows.items():
        named = set(re.findall(r"`(\w+)`", columns))
        assert named <= set(TABLES[table]), f"raw.{table} has no column {sorted(named - set(TABLES[table]))}"


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_the_readme_names_every_published_table(name: str) -> None:
    page = (ROOT / name).read_text("utf-8")
    models = [path for folder in ("marts", "quality") for path in sorted((ROOT / "models" / folder).glob("*.sql"))]
    # Notes of the pipeline for itself are told where it is (docs/running.md).
    models = [path for path in models if "schema='meta'" not in path.read_text("utf-8")]
    assert len(models) > 30
    missing = [f"{path.parent.name}.{path.stem}" for path in models if f"`{path.parent.name}.{path.stem}`" not in page]
    assert missing == []
