"""Reference lists against what they stand for: the declared forms."""

from __future__ import annotations

import csv
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[3]


def _declared_kinds() -> dict[str, set[str]]:
    """Form code → kinds of its declarations; one printed over many columns counts as its kind."""
    kinds: dict[str, set[str]] = {}
    for path in sorted((ROOT / "loaders" / "forms").glob("*.yml")):
        for declaration in yaml.safe_load_all(path.read_text(encoding="utf-8")):
            if "form_code" in declaration:
                kind = str(declaration["form_kind"]).removesuffix("_wide")
                kinds.setdefault(declaration["form_code"], set()).add(kind)
    return kinds


def test_form_catalogue_names_every_declared_form_and_no_other() -> None:
    with (ROOT / "seeds" / "form_catalogue.csv").open(encoding="utf-8", newline="") as file:
        catalogue = {row["form_code"]: row for row in csv.DictReader(file)}
    assert {code: {row["form_kind"]} for code, row in catalogue.items()} == _declared_kinds()
    # 财预〔2016〕143号 names eight tables; that of state capital came later: nine of a budget, nine of a final account.
    national = [row["document_kind"] for row in catalogue.values() if row["is_national"] == "true"]
    assert (national.count("budget"), national.count("final_account"), len(national)) == (9, 9, 18)
