"""The static report of a unit, from the published file."""

from __future__ import annotations

from pathlib import Path

from dashboard import data
from dashboard.report import NoFigures, unit_report
from dashboard.store import NoWarehouse, Store
from dashboard.text import Words
from dashboard.ui import View
from pipeline.errors import UsageProblem

# What a file system or a shell may stumble over in a unit's name.
_UNSAFE = str.maketrans(dict.fromkeys('/\\:*?"<>| \t\r\n', "-"))


def write_report(
    warehouse: Path, unit: str, year: int, out: Path | None, xlsx: Path | None, language: str, money: str
) -> list[Path]:
    """Write the report of a unit and year as HTML, and as Excel if `xlsx` is given; gives the files written.

    Raises UsageProblem if nothing is published, no unit or several have that name, or it prints nothing for the year.
    """
    store = Store(warehouse)
    try:
        view = View(store, Words(language, data.labels(store)), money)
        found = data.find_unit(store, unit)
        if not found:
            raise UsageProblem(f"no unit of the warehouse is called {unit}")
        if len(found) > 1:
            names = "; ".join(str(row["unit_name"]) for row in found[:10])
            raise UsageProblem(f"several units are called {unit}: {names}")
        page, workbook = unit_report(view, found[0], year)
        name = str(found[0]["unit_name"]).translate(_UNSAFE)
    except NoWarehouse as error:
        raise UsageProblem(f"{warehouse}: nothing to report from ({error})") from error
    except NoFigures as error:
        raise UsageProblem(str(error)) from error
    finally:
        store.close()
    target = out or Path(f"yusuan-{name}-{year}.html")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(page, encoding="utf-8")
    if xlsx is None:
        return [target]
    xlsx.parent.mkdir(parents=True, exist_ok=True)
    xlsx.write_bytes(workbook)
    return [target, xlsx]
