"""Grids: a header of one or more rows above rows of equal width (budget forms, three-public forms, record lists)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from loaders import schema
from loaders import text as rules
from loaders.document import Cell
from loaders.extraction import Extraction
from loaders.forms import Form
from loaders.layout import Item, regular

_INDEX = ("栏次", "行次")
_NUMBER = re.compile(r"^[-−(（]?[0-9][0-9,，]*(?:\.[0-9]+)?[)）%％]?$")
_LABEL_COLUMNS = {"line_no", "class_code", "class_name", "item"}


@dataclass(frozen=True)
class Column:
    """One column of a grid. `path` is the printed header path, `code` its declared meaning or None."""

    path: tuple[str, ...]
    code: str | None
    side: str | None

    @property
    def printed(self) -> str:
        return "/".join(self.path)


@dataclass(frozen=True)
class Header:
    """The header rows of a grid: columns left to right, the cells that make them up, and where the body begins."""

    columns: tuple[Column, ...]
    cells: tuple[Cell, ...]
    body: int


def header_at(items: list[Item], index: int, form: Form) -> Header | None:
    """The header that begins at `items[index]`, if it has all the columns that `form` requires."""
    rows: list[Sequence[Cell]] = []
    at = index
    while at < len(items) and len(rows) < 4 and not _is_index_row(items[at]) and _is_header_row(items[at], form):
        rows.append(items[at].cells)
        at += 1
    index_row: list[Cell] = []
    while at < len(items) and (_is_index_row(items[at]) if not index_row else _goes_on(items[at], len(index_row))):
        index_row += items[at].cells
        at += 1
    if not rows:
        return None
    paths = next((p for way in _ways(rows, len(index_row)) if (p := _paths(_squashed(way), form))), None)
    if paths is None or (index_row and len(index_row) != len(paths)):
        return None
    columns = tuple(Column(path, column_code(form, path), _side(form, path)) for path in paths)
    required = set(form.options["require"])
    if not required <= {column.code for column in columns}:
        return None
    return Header(columns, tuple(cell for row in [*rows, index_row] for cell in row if cell.text), at)


def _is_index_row(item: Item) -> bool:
    """`栏次 1 2 3 …`: column numbers, not data."""
    if item.is_paragraph or rules.label(item.cells[0].text) not in _INDEX:
        return False
    return all(rules.half_width(cell.text).isdigit() for cell in item.cells[1:] if cell.text)


def _ways(rows: list[Sequence[Cell]], width: int) -> list[list[Sequence[Cell]]]:
    """The header rows as they stand. Where a row of column numbers tells the `width`, first as two rows, the lower one
    of that width: a blank line may have broken either."""
    cells = [cell for row in rows for cell in row]
    if not width or len(cells) <= width or (len(rows) <= 2 and len(rows[-1]) == width):
        return [rows]
    return [[cells[:-width], cells[-width:]], rows]


def _squashed(rows: list[Sequence[Cell]]) -> list[list[str]]:
    return [[rules.squash(cell.text) for cell in row] for row in rows]


def _goes_on(item: Item, number: int) -> bool:
    """The rest of a row of column numbers that a blank line broke: it counts on from `number`."""
    wanted = [str(number + step) for step in range(len(item.cells))]
    return not item.is_paragraph and [rules.label(cell.text) for cell in item.cells] == wanted


def _is_header_row(item: Item, form: Form) -> bool:
    texts = [cell.text for cell in item.filled]
    if item.is_paragraph or not texts or any(_is_amount(text) for text in texts):
        return False
    known = sum(1 for text in texts if column_code(form, (text,)) or rules.label(text) in _group_labels(form))
    return known >= 1 and known >= 0.3 * len(texts)


def _is_amount(text: str) -> bool:
    return bool(_NUMBER.match(rules.half_width(rules.squash(text))))


def _group_labels(form: Form) -> set[str]:
    return {rules.label(label) for labels in form.options.get("sides", {}).values() for label in labels}


def column_code(form: Form, path: tuple[str, ...]) -> str | None:
    """The meaning of a header: a declared column, a declared amount (patterns), or 'private'."""
    leaf = rules.label(path[-1])
    if code := form.column_code(path[-1]):
        return code
    for code, patterns in form.options.get("amounts", {}).items():
        if any(re.fullmatch(rules.half_width(pattern), leaf) for pattern in patterns):
            return str(code)
    if leaf in {rules.label(label) for label in form.options.get("private", [])}:
        return "private"
    return None


def _side(form: Form, path: tuple[str, ...]) -> str | None:
    for side, labels in form.options.get("sides", {}).items():
        if len(path) > 1 and rules.label(path[0]) in {rules.label(label) for label in labels}:
            return str(side)
    return None


def _paths(rows: list[list[str]], form: Form) -> list[tuple[str, ...]] | None:
    """Header rows → one header path a column. The last row has a cell a column; above it, merged cells count once."""
    paths: list[tuple[str, ...]] = [(text,) if text else () for text in rows[-1]]
    for upper in reversed(rows[:-1]):
        spans = _spans(upper, paths, form)
        if spans is None:
            return None
        paths = [((label, *path) if label else path) for label, path in zip(spans, paths, strict=True)]
    return paths if all(paths) else None


def _spans(upper: list[str], paths: list[tuple[str, ...]], form: Form) -> list[str] | None:
    """The label of the upper row above each column; None if the rows do not fit together."""
    if len(upper) == len(paths):  # every cell printed: a label goes on to the right over blanks
        labels: list[str] = []
        for position, text in enumerate(upper):
            labels.append(text or (labels[-1] if position and paths[position] else ""))
        return labels
    groups = _groups(paths)
    if len(groups) < len(upper):
        groups = [part for group in groups for part in _cut(group, paths, form, at_amounts=False)]
    if len(groups) < len(upper):
        groups = [part for group in groups for part in _cut(group, paths, form, at_amounts=True)]
    if len(groups) != len(upper):
        return None
    return [label for label, group in zip(upper, groups, strict=True) for _ in group]


def _groups(paths: list[tuple[str, ...]]) -> list[list[int]]:
    """Columns under one upper cell: a blank stands alone under a cell merged downwards, others run together."""
    groups: list[list[int]] = []
    for position, path in enumerate(paths):
        if path and groups and paths[groups[-1][-1]]:
            groups[-1].append(position)
        else:
            groups.append([position])
    return groups


def _cut(group: list[int], paths: list[tuple[str, ...]], form: Form, at_amounts: bool) -> list[list[int]]:
    """Cuts a run of columns where labels begin again, or (`at_amounts`) where amounts follow labels."""
    parts: list[list[int]] = [[]]
    for position in group:
        is_label = column_code(form, paths[position]) in _LABEL_COLUMNS if paths[position] else False
        if parts[-1]:
            last = column_code(form, paths[parts[-1][-1]]) in _LABEL_COLUMNS
            if (is_label and not last) or (at_amounts and last and not is_label):
                parts.append([])
        parts[-1].append(position)
    return parts


# --- reading ---------------------------------------------------------------------------------------------------


def body_end(items: list[Item], start: int, limit: int) -> int:
    """The end of a grid's body: rows go on over page numbers, and end at any other paragraph."""
    at = start
    while at < limit and (not items[at].is_paragraph or rules.is_page_number(items[at].text)):
        at += 1
    return at


def body_rows(
    items: list[Item], header: Header, end: int, extraction: Extraction, form_no: int
) -> list[tuple[Cell, ...]]:
    """The rows of the body; a header repeated on a new page is claimed and left out."""
    names = {name for column in header.columns for name in column.path} | set(_INDEX)
    kept = []
    for item in items[header.body : end]:
        texts = [rules.squash(cell.text) for cell in item.filled]
        if len(texts) > 1 and not item.is_paragraph and all(text in names for text in texts):
            extraction.claim(item.filled, schema.HEADER, form_no)
        else:
            kept.append(item)
    rows, _ = regular(kept, len(header.columns))
    return rows


def read_budget_grid(
    form: Form, header: Header, rows: list[tuple[Cell, ...]], form_no: int, extraction: Extraction
) -> int:
    """Amount cells of a budget form → raw.budget_cell. Returns the number of amounts."""
    count = 0
    for row_no, row in enumerate(rows, start=1):
        for side in sorted({column.side for column in header.columns}, key=str):
            names = _side_values(header, row, side)
            name_cells = [cell for cell, _ in names.values()]
            amounts = [
                (number, column, cell)
                for number, (column, cell) in enumerate(zip(header.columns, row, strict=True), start=1)
                if column.side == side and column.code not in _LABEL_COLUMNS and cell.text
            ]
            extraction.claim(name_cells, schema.HEADER if not amounts else schema.FACT, form_no)
            for number, column, cell in amounts:
                if not _is_amount(cell.text) and cell.text not in ("-", "—", "无"):
                    continue  # not an amount: stays unclaimed
                count += 1
                extraction.claim([cell], schema.FACT, form_no)
                extraction.add(
                    "budget_cell",
                    form_no=form_no,
                    row_no=row_no,
                    column_no=number,
                    side=side,
                    line_no_printed=_text(names, "line_no"),
                    class_type=form.options["class_type"],
                    class_code_printed=_text(names, "class_code"),
                    class_name_printed=_text(names, "class_name") or _text(names, "item"),
                    measure_code=column.code,
                    measure_printed=column.printed,
                    amount_printed=cell.text,
                    source_locator=str(cell.place),
                )
    return count


def _side_values(header: Header, row: tuple[Cell, ...], side: str | None) -> dict[str, tuple[Cell, Column]]:
    """The label cells of a row for one side; a line number stands for both sides."""
    values = {}
    for column, cell in zip(header.columns, row, strict=True):
        if column.code in _LABEL_COLUMNS and (column.side == side or column.side is None):
            values[column.code] = (cell, column)
    return values


def _text(values: dict[str, tuple[Cell, Column]], code: str) -> str | None:
    return values[code][0].text if code in values else None


def read_three_public(
    form: Form, header: Header, rows: list[tuple[Cell, ...]], form_no: int, extraction: Extraction
) -> int:
    """Amount cells of a three-public form → raw.three_public_cell. Returns the number of amounts."""
    count = 0
    for row_no, row in enumerate(rows, start=1):
        names = _side_values(header, row, None)
        for number, (column, cell) in enumerate(zip(header.columns, row, strict=True), start=1):
            if column.code in _LABEL_COLUMNS:
                extraction.claim([cell], schema.FACT, form_no)
            elif cell.text and _is_amount(cell.text):
                count += 1
                extraction.claim([cell], schema.FACT, form_no)
                extraction.add(
                    "three_public_cell",
                    form_no=form_no,
                    row_no=row_no,
                    column_no=number,
                    line_no_printed=_text(names, "line_no"),
                    item_printed=_text(names, "item"),
                    fund_code=column.code,
                    measure_printed=column.printed,
                    amount_printed=cell.text,
                    source_locator=str(cell.place),
                )
    return count


def read_record_list(
    form: Form, header: Header, rows: list[tuple[Cell, ...]], form_no: int, extraction: Extraction, as_of: str | None
) -> int:
    """Records → the raw table that the form names, amount columns → one row a cell. Returns the number of records."""
    placeholders = [re.compile(pattern) for pattern in form.options.get("placeholders", [])]
    amounts = form.options.get("amounts", {})
    count = 0
    for row_no, row in enumerate(rows, start=1):
        filled = [cell for cell in row if cell.text]
        if not filled or all(any(p.fullmatch(rules.squash(c.text)) for p in placeholders) for c in filled):
            extraction.claim(filled, schema.LAYOUT, form_no)
            continue
        record: dict[str, object] = {}
        locator = filled[0]
        for number, (column, cell) in enumerate(zip(header.columns, row, strict=True), start=1):
            if not cell.text or column.code is None:
                continue
            if column.code == "private" or rules.is_private(cell.text):
                extraction.claim([cell], schema.PRIVATE, form_no)
                continue
            extraction.claim([cell], schema.FACT, form_no)
            if column.code in amounts:
                extraction.add(
                    form.options["cells"],
                    form_no=form_no,
                    row_no=row_no,
                    column_no=number,
                    fund_code=column.code,
                    measure_printed=column.printed,
                    amount_printed=cell.text,
                    source_locator=str(cell.place),
                )
            else:
                record[column.code] = cell.text
        if form.options.get("as_of"):
            record["as_of_printed"] = as_of
        extraction.add(
            form.options["table"], form_no=form_no, row_no=row_no, source_locator=str(locator.place), **record
        )
        count += 1
    return count
