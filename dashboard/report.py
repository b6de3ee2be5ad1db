"""A unit's year beside the year before as one HTML file and as an Excel file, to send or print."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import vl_convert

from dashboard import analysis, data
from dashboard.export import Sheet, to_xlsx
from dashboard.format import NOTHING, percent
from dashboard.ui import View, as_sheet, escaped, series_label
from dashboard.views import three_public, unit

if TYPE_CHECKING:
    import altair as alt

    from dashboard.analysis import Series
    from dashboard.store import Row

CHART_WIDTH = 640
STYLE = """
body {font: 14px/1.6 'Noto Sans CJK SC', 'Microsoft YaHei', 'PingFang SC', sans-serif; color: #1F2933; margin: 2em auto;
  max-width: 62em; padding: 0 1em}
h1 {font-size: 1.6em} h2 {font-size: 1.25em; margin-top: 2em; border-bottom: 1px solid #C7CDD4}
table {border-collapse: collapse; width: 100%; font-size: 12px}
th, td {border: 1px solid #C7CDD4; padding: 3px 6px; text-align: left; vertical-align: top}
th {background: #F1F3F5} td.n {text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums}
.note {color: #52606D; font-size: 12px} svg {max-width: 100%; height: auto}
.scroll {overflow-x: auto}
@media print {body {margin: 0} h2, svg {break-inside: avoid} thead {display: table-header-group}}
"""
# The file asks nothing of anybody, whatever a document's text may hold.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


class NoFigures(Exception):
    """The unit prints no budget form and no three-public expenses for the year."""


def unit_report(view: View, unit_row: Row, year: int) -> tuple[str, bytes]:
    """The report of a unit and year as HTML and as a workbook. Raises NoFigures, NoWarehouse."""
    words = view.words
    sections: list[str] = []
    sheets: list[Sheet] = []
    for series in data.series_of_unit(view.store, unit_row["unit_key"]):
        if year in series["years"]:
            _series(view, unit_row, series, year, sections, sheets)
    if not sections:
        raise NoFigures(f"{unit_row['unit_name']}: no figures of {year}")
    title = words("report.title", unit=unit_row["unit_name"] or words("none"), year=year)
    publication = data.publication(view.store)
    made = words("report.made", file=view.store.path.name, run=publication["run_id"] if publication else NOTHING)
    body = "\n".join(sections)
    page = (
        f'<!doctype html>\n<html lang="{"zh-CN" if words.language == "zh" else "en"}">\n'
        '<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        f"<title>{escaped(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{escaped(title)}</h1>\n"
        f'<p class="note">{escaped(made)} {escaped(words("report.no_external"))}</p>\n{body}\n</body>\n</html>\n'
    )
    return page, to_xlsx(sheets)


def _series(view: View, unit_row: Row, series: Row, year: int, sections: list[str], sheets: list[Sheet]) -> None:
    words = view.words
    phase = "budget" if series["phase"] == "budget" else "final"
    rows = data.budget(view.store, unit_row["unit_key"], series["report_scope"], series["phase"])
    sections.append(f"<h2>{escaped(series_label(view, series))}</h2>")
    whole = unit.total(rows, phase, year)
    if whole is not None:
        sections.append(f"<p>{escaped(_sentence(view, whole))}</p>")
    function = analysis.top_classes(rows, "function", analysis.FUNCTION_FORMS[phase])
    economic = analysis.top_classes(rows, "economic_department", analysis.ECONOMIC_FORMS[phase])
    _picture(view, sections, words("by_function"), function, lambda row: str(row["class_name"]))
    found = unit.change(view, rows, function, year)
    if found is not None:
        sections.append(f"<h3>{escaped(words('waterfall', prior=year - 1, year=year))}</h3>")
        if found.left_out:
            sections.append(f'<p class="note">{escaped(words("waterfall.left_out", count=found.left_out))}</p>')
        sections.append(_svg(unit.waterfall(view, found)))
    _picture(view, sections, words("by_economic"), economic, lambda row: str(row["class_name"]))

    own = unit.table_rows(view, [row for row in rows if row["fiscal_year"] == year])
    name = series_label(view, {**series, "years": [year]})
    if own:
        columns = unit.line_columns(view)
        sections.append(f"<h3>{escaped(words('all_lines'))}</h3>")
        sheet = as_sheet(view, name, own, columns)
        sections.append(_table(sheet))
        sheets.append(sheet)
    items = [
        row
        for row in data.three_public(view.store, unit_row["unit_key"], series["report_scope"])
        if row["phase"] == series["phase"] and row["fiscal_year"] == year
    ]
    if items:
        columns = three_public.item_columns(view)
        sections.append(f"<h3>{escaped(words('page.three-public'))}</h3>")
        sheet = as_sheet(view, f"{words('page.three-public')} {name}", three_public.table_rows(view, items), columns)
        sections.append(_table(sheet))
        sheets.append(sheet)


def _sentence(view: View, whole: Row) -> str:
    words = view.words
    text = f"{words('total_expenditure')} {view.money(whole['amount_yuan'])}"
    if whole["change_yuan"] is None:
        reason = words.code("reason", whole["break_reason"])
        return f"{text}；{words('not_against_prior', reason=reason)}"
    change = f"{view.money(whole['change_yuan'], sign=True)}（{percent(whole['change_pct'], sign=True)}）"
    return f"{text}；{words('against_prior', change=change)}"


def _picture(view: View, sections: list[str], head: str, series: Series | None, label: Callable[[Row], str]) -> None:
    if series is None or not series.years:
        return
    form = view.words.code("form", series.form)
    sections.append(f'<h3>{escaped(head)}</h3>\n<p class="note">{escaped(form)}</p>')
    sections.append(_svg(unit.chart(view, series, label)))


def _svg(chart: alt.LayerChart) -> str:
    """A chart as SVG in the page: text stays text, nothing is run."""
    return str(vl_convert.vegalite_to_svg(chart.properties(width=CHART_WIDTH).to_dict()))


def _table(sheet: Sheet) -> str:
    """The rows of a sheet as an HTML table with figures as on the pages."""
    heads = "".join(f'<th scope="col">{escaped(head)}</th>' for head in sheet.heads)
    lines = []
    for row in sheet.rows:
        cells = []
        for value, decimals in zip(row, sheet.decimals, strict=True):
            if decimals is None:
                cells.append(f"<td>{escaped(NOTHING if value is None else value)}</td>")
            else:
                shown = NOTHING if value is None else f"{value:,.{decimals}f}" if decimals else f"{value}"
                cells.append(f'<td class="n">{escaped(shown)}</td>')
        lines.append(f"<tr>{''.join(cells)}</tr>")
    return f'<div class="scroll"><table><thead><tr>{heads}</tr></thead><tbody>{"".join(lines)}</tbody></table></div>'
