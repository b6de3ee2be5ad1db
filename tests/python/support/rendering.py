"""Raw rows of a document → the blocks that the writers of `simulation` print, for round trips through every format.

The raw rows of a text are laid out form by form as ruled tables with merged cells; titles, lines of owner and unit,
notes and prose stand between them. Nothing here is shared with the readers but the declared labels.

What is not written: cells that no form claimed, residue of templates (`指标 2:`, `不涉及`, page numbers), table rows
without an amount, and the names of persons. None of them is a fact.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from loaders.extraction import RawRow
from loaders.forms import Form, catalogue
from simulation.tables import INDEX, columns_table, evaluation_table, target_table

if TYPE_CHECKING:
    from simulation.grid import Block, Grid

Rows = dict[str, list[RawRow]]
_BUDGET_LABELS = ("line_no", "class_code", "class_name", "item")


def blocks_of(raw: Rows) -> list[Block]:
    """Raw rows of a document → its paragraphs and tables, in reading order."""
    blocks: list[Block] = []
    done: set[object] = set()
    for cell in raw["cell"]:
        claimed_as, form_no, text = cell["claimed_as"], cell["form_no"], cell["text"]
        if form_no is not None and claimed_as in ("fact", "header") and cell["block_kind"] == "cell":
            if form_no not in done:
                done.add(form_no)
                blocks.append(_table_of(raw, int(str(form_no))))
        elif text and _is_line(cell):
            blocks.append(str(text))
    return blocks


def _is_line(cell: RawRow) -> bool:
    """True for headings and notes, also those that stand in cells, and for paragraphs outside of forms."""
    is_paragraph, claimed_as = cell["block_kind"] == "paragraph", cell["claimed_as"]
    if cell["form_no"] is not None:
        return claimed_as == "heading" or (is_paragraph and claimed_as == "note")
    return claimed_as == "heading" or (is_paragraph and claimed_as != "layout")


def _table_of(raw: Rows, form_no: int) -> Grid:
    kind = next(str(form["form_kind"]) for form in raw["form"] if form["form_no"] == form_no)
    write = {"project_target": _target, "evaluation": _evaluation}.get(kind, _grid)
    return write({table: [row for row in rows if row.get("form_no") == form_no] for table, rows in raw.items()})


def _declared(raw: Rows) -> Form:
    return next(form for form in catalogue().forms if form.form_code == raw["form"][0]["form_code"] and form.labels)


def _headers(raw: Rows) -> list[str]:
    return [str(cell["text"]) for cell in raw["cell"] if cell["claimed_as"] == "header"]


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _grid(raw: Rows) -> Grid:
    """A form of columns."""
    columns = raw["form_column"]
    codes = [column["column_code"] for column in columns]
    return columns_table(
        [str(column["header_printed"]).split("/") for column in columns],
        _body(raw),
        index=INDEX in _headers(raw),
        total_at=codes.index("class_code") if codes.count("class_code") == 1 else None,
    )


def _body(raw: Rows) -> list[list[str]]:
    """The rows of a form of columns, a text a column."""
    kind = raw["form"][0]["form_kind"]
    if kind == "record_list":
        return _records(raw)
    cells = raw.get("budget_cell", []) + raw.get("three_public_cell", [])
    codes = [column["column_code"] for column in raw["form_column"]]
    lines = []
    for _, members in groupby(cells, key=lambda cell: cell["row_no"]):
        line = [""] * len(codes)
        for cell in members:
            at = int(str(cell["column_no"])) - 1
            line[at] = str(cell["amount_printed"])
            first = at  # the labels of an amount stand to the left of the amounts that it is among
            while first > 0 and codes[first] not in _BUDGET_LABELS:
                first -= 1
            while first > 0 and codes[first - 1] in _BUDGET_LABELS:
                first -= 1
            labels = {
                "class_code": cell.get("class_code_printed"),
                "class_name": cell.get("class_name_printed"),
                "item": cell.get("class_name_printed", cell.get("item_printed")),
            }
            for label in range(first, at):
                if str(codes[label]) in labels:
                    line[label] = _text(labels[str(codes[label])])
            if "line_no" in codes:
                line[codes.index("line_no")] = _text(cell["line_no_printed"])
        lines.append(line)
    return lines


def _records(raw: Rows) -> list[list[str]]:
    tables = ("procurement_item", "asset_line", "unit_profile", "evaluation_summary")
    records = [row for table in tables for row in raw.get(table, [])]
    amounts = {(cell["row_no"], cell["column_no"]): cell["amount_printed"] for cell in raw.get("procurement_cell", [])}
    return [
        [
            _text(amounts.get((record["row_no"], column["column_no"]), record.get(str(column["column_code"]))))
            for column in raw["form_column"]
        ]
        for record in records
    ]


def _target(raw: Rows) -> Grid:
    """A project target."""
    form, project = _declared(raw), raw["project"][0]
    columns = {code: text for text in reversed(_headers(raw)) if (code := form.column_code(text))}
    return target_table(
        {code: text for text in reversed(_headers(raw)) if (code := form.label_code(text))},
        columns,
        _printed(project),
        [(_text(row["month_printed"]), _text(row["plan_printed"])) for row in raw.get("project_plan", [])],
        [_text(row["goal_printed"]) for row in raw.get("project_goal", [])],
        [_printed(row) for row in raw.get("project_indicator", [])],
    )


def _evaluation(raw: Rows) -> Grid:
    """A self-evaluation."""
    form = _declared(raw)
    indicators = [_printed(row) for row in raw.get("project_indicator", [])]
    for row in indicators:
        if row["level1_weight"]:
            row["level1"] += f" {row['level1_weight']}分"
    return evaluation_table(
        {code: labels[0] for code, labels in form.labels.items()},
        {code: labels[0] for code, labels in form.columns.items()},
        {code: labels[0] for code, labels in form.options["fund_columns"].items()},
        _printed(raw["evaluation"][0]),
        [{**_printed(row), "source": _text(row["fund_source_printed"])} for row in raw.get("evaluation_fund", [])],
        indicators,
    )


def _printed(row: RawRow) -> dict[str, str]:
    """The printed values of a raw row, under their names without `_printed`."""
    return {key.removesuffix("_printed"): _text(value) for key, value in row.items() if key.endswith("_printed")}
