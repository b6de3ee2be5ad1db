"""What all pages share: the view of this moment, tables with downloads, figures that lead to their source."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import streamlit as st

from dashboard import data, state
from dashboard.export import CSV_TYPE, XLSX_TYPE, Sheet, to_csv, to_xlsx
from dashboard.format import NOTHING, UNITS, amount, in_unit, plain

if TYPE_CHECKING:
    import altair as alt

    from dashboard.store import Reading, Row, Store
    from dashboard.text import Words

# A plain table is read by screen readers and found by the browser's search; every text in it is escaped.
STYLE = """
<style>
.printed {overflow-x: auto; border: 1px solid #C7CDD4; border-radius: 6px}
.printed table {border-collapse: collapse; font-size: 14px; line-height: 1.5; width: 100%}
.printed td, .printed th {border: 1px solid #E4E7EB; padding: 4px 8px; vertical-align: top; text-align: left}
.printed td {min-width: 3em}
.printed th {background: #F1F3F5; font-weight: normal; color: #52606D; white-space: nowrap}
.printed tr.own td {background: #FFF8E1}
.printed td.own {background: #FFE08A; outline: 2px solid #8A5A00; font-weight: bold}
.printed td.rest {color: #52606D; text-align: center}
.grid td {text-align: center; min-width: 3.2em}
.grid th[scope=row] {white-space: normal; min-width: 9em; max-width: 22em; position: sticky; left: 0}
.grid th small {color: #52606D}
.grid .kinds1 {background: #CFE3F1}
.grid .kinds2 {background: #9CC7E3}
.grid .kinds3 {background: #6DB0DA}
.grid .kinds4 {background: #0072B2; color: white}
.grid .gap {background: #F1F3F5; border: 2px dashed #52606D; color: #52606D}
.small {color: #52606D; font-size: 14px; margin: 0}
.printed .dropped {color: #52606D; font-style: italic}
</style>
"""


@dataclass(frozen=True)
class View:
    """The file that is shown, the language, the unit of account, and the names of documents."""

    store: Store
    words: Words
    unit: str  # yuan, wan or yi

    def amount(self, yuan: Decimal | None) -> float | None:
        """An amount in the unit of account, as charts and tables take it."""
        found = in_unit(yuan, self.unit)
        return None if found is None else float(found)

    def money(self, yuan: Decimal | None, sign: bool = False) -> str:
        """An amount as text with the unit of account behind it."""
        return amount(yuan, self.unit, self.unit_name, sign)

    @property
    def unit_name(self) -> str:
        """The unit of account in the language of the page: 元, 万元, 亿元."""
        return self.words.money_unit(self.unit)


@dataclass(frozen=True)
class Column:
    """A column of a table: `kind` is 'text', 'wide', 'money', 'number', 'percent', 'integer', 'year' or 'source'.

    The value of a 'source' is (document_id, locator).
    """

    name: str
    head: str
    kind: str = "text"


def show_table(
    view: View,
    name: str,
    rows: Sequence[Row],
    columns: Sequence[Column],
    *,
    height: int | None = None,
    every: Callable[[Reading], Iterable[Row]] | None = None,
) -> None:
    """A table that sorts by a click on a head, with its downloads; a word where there is no row.

    `every` gives all rows where a page shows some of them (their `row_count` says of how many): the downloads have all.
    """
    words = view.words
    if not rows:
        st.info(words("nothing"))
        return
    known = rows[0].get("row_count", len(rows))
    settings = {_head(view, column): _column_config(view, column) for column in columns}
    # A low table has no empty rows.
    more: dict[str, Any] = {"height": height} if height and 36 * (len(rows) + 1) > height else {}
    st.dataframe(
        _frame(view, rows, columns), hide_index=True, column_config=settings, placeholder=NOTHING, key=f"table_{name}",
        width="stretch", alt=name, **more,
    )  # fmt: skip
    text = words("rows_cut", count=known, shown=len(rows)) if known > len(rows) else words("rows", count=known)
    left, csv, xlsx = st.columns([2, 3, 3], vertical_alignment="center")
    left.caption(text)

    def made(write: Callable[[Sheet], bytes]) -> bytes:
        if every is None:
            return write(as_sheet(view, name, rows, columns))
        with view.store.reading() as reading:
            return write(_sheet(view, name, every(reading), columns, data.file_names(reading)))

    csv.download_button(
        words("csv"), lambda: made(to_csv), f"yusuan-{name}.csv", CSV_TYPE, key=f"csv_{name}", on_click="ignore",
        width="stretch",
    )  # fmt: skip
    xlsx.download_button(
        words("xlsx"), lambda: made(lambda sheet: to_xlsx([sheet])), f"yusuan-{name}.xlsx", XLSX_TYPE,
        key=f"xlsx_{name}", on_click="ignore", width="stretch",
    )  # fmt: skip


def as_sheet(view: View, name: str, rows: Sequence[Row], columns: Sequence[Column]) -> Sheet:
    """The table as it is downloaded: amounts in the unit of account, sources as file and place."""
    sources = [column.name for column in columns if column.kind == "source"]
    cited = {row[source][0] for row in rows for source in sources if row.get(source) and row[source][0]}
    sheet = _sheet(view, name, rows, columns, data.names_of(view.store, cited) if cited else {})
    return replace(sheet, rows=list(sheet.rows))


def _sheet(view: View, name: str, rows: Iterable[Row], columns: Sequence[Column], files: Mapping[str, str]) -> Sheet:
    heads: list[str] = []
    decimals: list[int | None] = []
    for column in columns:
        places = {"money": UNITS[view.unit][1], "number": 2, "percent": 2, "integer": 0, "year": 0}.get(column.kind)
        is_source = column.kind == "source"
        heads += [column.head, f"{column.head} {view.words('place')}"] if is_source else [_head(view, column)]
        decimals += [None, None] if is_source else [places]
    return Sheet(name, heads, (_cells(view, row, columns, files) for row in rows), decimals)


def _cells(view: View, row: Row, columns: Sequence[Column], files: Mapping[str, str]) -> list[Any]:
    line: list[Any] = []
    for column in columns:
        value = row.get(column.name)
        if column.kind == "source":
            document, locator = value or (None, None)
            line += [files.get(document or ""), locator]
        else:
            line.append(in_unit(value, view.unit) if column.kind == "money" else value)
    return line


def show_chart(chart: alt.LayerChart | None, words: Words, alt_text: str) -> None:
    """A chart over the whole width, or a word where there is nothing to draw."""
    if chart is None:
        st.info(words("no_chart"))
    else:
        st.altair_chart(chart, width="stretch", theme=None, alt=alt_text)


def page_url(view: View, page: str, **parameters: str | None) -> str:
    """Address of a page in the language and unit of account of this view."""
    chosen = {
        **{name: value for name, value in parameters.items() if value},
        **({} if view.words.language == "zh" else {"lang": view.words.language}),
        **({} if view.unit == "wan" else {"money": view.unit}),
    }
    return f"{page}?{urlencode(chosen)}"


def choose_unit(view: View, name: str = "unit", label: str | None = None) -> Row:
    """The unit that a page is about; the one with most figures unless another was chosen."""
    rows = data.units(view.store)
    by_key = {row["unit_key"]: row for row in rows}
    most = max(rows, key=lambda row: row["figure_count"])["unit_key"]
    chosen = state.choose(
        name, label or view.words("unit"), list(by_key), lambda key: unit_label(view, by_key[key]), default=most
    )
    return by_key[chosen]


def unit_label(view: View, row: Row) -> str:
    """Name of a unit with its region."""
    name = str(row["unit_name"] or view.words("none"))
    return f"{name}（{row['region']}）" if row["region"] else name


def choose_series(view: View, rows: Sequence[Row], name: str = "series", label: str | None = None) -> Row | None:
    """One scope and phase of those that a unit prints; None if there are none."""
    if not rows:
        return None
    by_code = {f"{row['report_scope']}-{row['phase']}": row for row in rows}
    chosen = state.choose(
        name, label or view.words("series"), list(by_code), lambda code: series_label(view, by_code[code])
    )
    return by_code[chosen]


def series_label(view: View, row: Row) -> str:
    """Phase, scope and years in one line."""
    years = row["years"]
    span = f"{years[0]}–{years[-1]}" if len(years) > 1 else f"{years[0]}"
    return f"{view.words.code('phase', row['phase'])} · {view.words.code('scope', row['report_scope'])} · {span}"


def with_sources(rows: Iterable[Row]) -> Iterator[Row]:
    """Rows with `source` and `prior` as (document, place), and the words of their codes left to the caller."""
    for row in rows:
        document, prior = row.get("document_id"), row.get("prior_document_id")
        yield {
            **row,
            "source": (document, row.get("source_locator")) if document else None,
            "prior": (prior, row.get("prior_source_locator")) if prior else None,
        }


def escaped(text: object) -> str:
    """A text as HTML that shows exactly that text."""
    return html.escape(str(text), quote=True)


def subject(text: object) -> None:
    """What the page is about, in the words of a document. Not Markdown: that makes links of addresses in them."""
    st.html(f"<h2>{escaped(text)}</h2>")


def note(text: object) -> None:
    """A line in small grey letters that may hold words of a document."""
    st.html(f'{STYLE}<p class="small">{escaped(text)}</p>')


def heading(text: str) -> None:
    """A heading that shows exactly that text."""
    st.subheader(plain(text), anchor=False)


def _head(view: View, column: Column) -> str:
    return f"{column.head}（{view.unit_name}）" if column.kind == "money" else column.head


def _shown(view: View, value: Any, kind: str) -> Any:
    if value is None:
        return None
    if kind == "money":
        return view.amount(value)
    if kind in ("number", "percent"):
        return float(value)
    if kind == "source":
        return page_url(view, "source", doc=value[0], at=value[1])
    if kind in ("integer", "year"):
        return int(value)
    return f"{value:%Y-%m-%d %H:%M:%S}" if isinstance(value, datetime) else str(value)


def _frame(view: View, rows: Sequence[Row], columns: Sequence[Column]) -> Any:
    """The table under the heads that are shown, so that nothing that takes a name from here says another unit."""
    import pandas

    kinds = {"money": "float64", "number": "float64", "percent": "float64", "integer": "Int64", "year": "Int64"}
    return pandas.DataFrame(
        {
            _head(view, column): pandas.Series(
                [_shown(view, row.get(column.name), column.kind) for row in rows],
                dtype=kinds.get(column.kind, "object"),
            )
            for column in columns
        }
    )


def _column_config(view: View, column: Column) -> Any:
    head = _head(view, column)
    makers: dict[str, Callable[[], Any]] = {
        "money": lambda: st.column_config.NumberColumn(head, format=f"%,.{UNITS[view.unit][1]}f"),
        "number": lambda: st.column_config.NumberColumn(head, format="%,.2f"),
        "percent": lambda: st.column_config.NumberColumn(head, format="%,.2f"),
        "integer": lambda: st.column_config.NumberColumn(head, format="%,d"),
        "year": lambda: st.column_config.NumberColumn(head, format="%d", width="small"),
        "source": lambda: st.column_config.LinkColumn(head, display_text=view.words("open"), width="small"),
        "wide": lambda: st.column_config.TextColumn(head, width="large"),
    }
    return makers.get(column.kind, lambda: st.column_config.TextColumn(head))()
