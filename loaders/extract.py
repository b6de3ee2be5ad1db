"""Document → recognised forms → raw rows, and what nobody claimed."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from loaders import department_target, evaluation, grid, narrative, privacy, project_target, prose, schema
from loaders import text as rules
from loaders.context import Context, context_above
from loaders.extraction import Extraction, RawRow
from loaders.forms import Catalogue, Form, catalogue
from loaders.identity import identify
from loaders.layout import Item, items_of
from loaders.money import UNIT, UNIT_IN_BRACKETS
from loaders.privacy.tables import private_cells
from loaders.readers import read_bytes

if TYPE_CHECKING:
    from loaders.document import Cell, Document, Place

_GRID_KINDS = ("budget_grid", "three_public", "three_public_wide", "record_list")
# Where a form that is told by its labels begins.
_STARTS = {
    "project_target": project_target.starts,
    "department_target": department_target.starts,
    "evaluation": evaluation.starts,
}


_MONEY_UNIT = re.compile(rf"{UNIT_IN_BRACKETS}|单位:(?:人民币)?({UNIT})")


@dataclass(frozen=True)
class _Found:
    """A form that begins at item `index`; `header` for grids."""

    form: Form
    index: int
    context: Context
    header: grid.Header | None
    recognised_by: str


def extract(document: Document, forms: Catalogue | None = None) -> dict[str, list[RawRow]]:
    """Raw rows by table (without document_id), raw.cell and one raw.document row among them.

    `forms` are the declared forms to look for, by default those of loaders/forms/.
    """
    declared = forms or catalogue()
    printed = items_of(document, declared)
    private, numbers = private_cells(printed)
    items = _without(printed, private)
    extraction = Extraction(claims=dict.fromkeys(private, (schema.PRIVATE, None)))
    found = _find(items, declared)
    for number, form in enumerate(found, start=1):
        end = found[number].context.start if number < len(found) else len(items)
        _read(form, items, end, number, declared, extraction)
    prose.read_department_goals(items, extraction)
    prose.classify(items, declared, extraction)
    _add_document(document, items, extraction)
    publisher = extraction.rows["document"][0]["publisher_printed"]
    narrative.read_narrative(items, str(publisher) if publisher else None, extraction)
    _add_cells(printed, numbers, extraction)
    _add_notices(document, printed, found, extraction)
    return extraction.rows


def extract_bytes(data: bytes) -> dict[str, list[RawRow]]:
    """The bytes of a file → raw rows by table, without document_id. Raises RefusedDocument."""
    return extract(read_bytes(data))


def _without(items: list[Item], private: set[int]) -> list[Item]:
    """The items with these cells blanked, so that no form reads what is not to be stored."""
    if not private:
        return items
    return [
        Item(tuple(replace(c, text="") if c.no in private else c for c in item.cells), item.table_no, item.row_no)
        if any(cell.no in private for cell in item.cells)
        else item
        for item in items
    ]


def _find(items: list[Item], declared: Catalogue) -> list[_Found]:
    """Forms in reading order. A header is looked for from its top row down; what a form has taken is not looked at."""
    found: list[_Found] = []
    index = floor = 0
    while index < len(items):
        may_open = _has_opener(items[index], declared)
        form = _form_at(items, index, floor, declared) if may_open else None
        if form is None:
            index += 1
            continue
        found.append(form)
        index = floor = form.header.body if form.header else index + 1
    return found


def _has_opener(item: Item, declared: Catalogue) -> bool:
    return any(grid.bare(cell.text) in declared.openers for cell in item.filled)


def _form_at(items: list[Item], index: int, floor: int, declared: Catalogue) -> _Found | None:
    for form in declared.forms:
        starts = _STARTS.get(form.form_kind)
        if starts and starts(items, index, form):
            context = context_above(items, index, floor, declared)
            by = "title+columns" if context.title and form.has_title_of(context.title) else "columns"
            return _Found(form, index, context, None, by)
    may_begin = grid.may_begin(items[index])
    candidates = [
        (form, header)
        for form in declared.forms
        if form.form_kind in _GRID_KINDS and may_begin
        if (header := grid.header_at(items, index, form))
    ]
    if not candidates:
        return None
    context = context_above(items, index, floor, declared)
    titled = [pair for pair in candidates if context.title and pair[0].has_title_of(context.title)]
    if titled:
        # Layouts that share a title: the one that knows most of the printed columns, the first declared of equals.
        form, header = max(titled, key=lambda pair: sum(column.code is not None for column in pair[1].columns))
        return _Found(form, index, context, header, "title+columns")
    if context.title is None and not context.is_unknown and not _is_below_header(items, index, floor, declared):
        # Without a title a header must say all of itself: every column known, one form alone, and more than the labels
        # of rows, which many forms have. The rows below it must be such as the form has.
        sure = [
            (form, header)
            for form, header in candidates
            if all(column.code for column in header.columns if column.path)
            and any(column.code and not column.is_label for column in header.columns)
        ]
        if len(sure) == 1 and not grid.rows_contradict(*sure[0], items):
            return _Found(sure[0][0], index, context, sure[0][1], "columns")
    return None


def _is_below_header(items: list[Item], index: int, floor: int, declared: Catalogue) -> bool:
    """True where the row above is one of a header that nobody understood: what is below it would lose its meaning."""
    if index <= floor:
        return False
    above = items[index - 1]
    return grid.may_begin(above) and _has_opener(above, declared)


def _read(found: _Found, items: list[Item], end: int, number: int, declared: Catalogue, extraction: Extraction) -> None:
    form, context, header = found.form, found.context, found.header
    extraction.claim(context.cells, schema.HEADING, number)
    read = 0
    note: str | None = None
    if form.form_kind == "project_target":
        body = _without_next_heading(items[found.index : end], declared)
        project_target.read(form, body, number, _count(extraction, "project") + 1, extraction)
        read = 1
    elif form.form_kind == "department_target":
        body = _without_next_heading(items[found.index : end], declared)
        department = department_target.read(form, body, number, extraction)
        context.owner = context.owner or department
        read = 1
    elif form.form_kind == "evaluation":
        sequence = _count(extraction, "evaluation") + 1
        evaluation.read(form, items[found.index : end], number, sequence, declared.levels, extraction)
        read = 1
    elif header is not None:
        extraction.claim(header.cells, schema.HEADER, number)
        body_end = grid.body_end(items, header.body, end)
        rows = grid.body_rows(items, header, body_end, extraction, number)
        if form.form_kind == "budget_grid":
            read = grid.read_budget_grid(form, header, rows, number, extraction)
        elif form.form_kind.startswith("three_public"):
            read = grid.read_three_public(form, header, rows, number, extraction)
        else:
            read = grid.read_record_list(form, header, rows, number, extraction, context.as_of)
        for at, column in enumerate(header.columns, start=1):
            extraction.add(
                "form_column",
                form_no=number,
                column_no=at,
                header_printed=column.printed,
                column_code=column.code,
                side=column.side,
            )
        note = _note(items[body_end : min(body_end + 3, end)], number, extraction)
    unit, source = _money_unit(found, items, end, extraction)
    extraction.add(
        "form",
        form_no=number,
        form_code=form.form_code,
        form_kind=form.form_kind,
        phase="final" if form.form_code.startswith(("F_", "E_")) else "budget",
        title_printed=context.title,
        unit_printed=context.owner,
        fiscal_year_printed=context.year,
        amount_unit_printed=unit,
        amount_unit_source=source,
        is_declared_empty=read == 0 and note is not None,
        note_printed=note,
        recognised_by=found.recognised_by,
        at=items[found.index].cells[0].place,
    )


def _count(extraction: Extraction, table: str) -> int:
    return len(extraction.rows.get(table, []))


def _without_next_heading(items: list[Item], declared: Catalogue) -> list[Item]:
    """A table ends at a heading or title; a paragraph that rows follow goes on with the cell above it."""
    rows_behind = max((at for at, item in enumerate(items) if not item.is_paragraph), default=-1)
    for at, item in enumerate(items):
        text = item.cells[0].text if item.is_paragraph else ""
        if not text or rules.is_page_number(text):
            continue
        if at > rows_behind or rules.is_heading(text) or declared.is_title(text):
            return items[:at]
    return items


def _note(items: list[Item], number: int, extraction: Extraction) -> str | None:
    for item in items:
        if item.is_paragraph and rules.squash(item.text).startswith(("注:", "注：", "备注", "说明:", "说明：")):
            extraction.claim(item.cells, schema.NOTE, number)
            return item.text
        if not item.is_paragraph:
            break
    return None


def _money_unit(found: _Found, items: list[Item], end: int, extraction: Extraction) -> tuple[str | None, str]:
    """The unit above the form or in its labels, known or not; else that of the form before it."""
    if found.context.money_unit:
        return found.context.money_unit, "table"
    for item in items[found.index : min(found.index + 4, end)]:
        for cell in item.filled:
            if match := _MONEY_UNIT.search(rules.half_width(rules.squash(cell.text))):
                return match[1] or match[2], "table"
    before = [row for row in extraction.rows.get("form", []) if row["amount_unit_printed"]]
    if before:
        return str(before[-1]["amount_unit_printed"]), "document"
    return None, "none"


def _add_document(document: Document, items: list[Item], extraction: Extraction) -> None:
    identity = identify(document, items, extraction.rows.get("form", []))
    final = identity.kind in ("final_account", "self_evaluation")
    extraction.add(
        "document",
        media_type=document.media_type,
        encoding=document.encoding,
        title_printed=identity.title,
        publisher_printed=identity.publisher,
        document_kind=identity.kind,
        report_scope=identity.scope,
        phase="final" if final else "budget",
        fiscal_year_printed=identity.year,
        fiscal_year_inferred=identity.year_inferred,
        fiscal_year_locator=identity.year_locator,
        region_code_printed=identity.region_code,
        line_count=document.line_count,
    )


def _add_cells(items: list[Item], numbers: set[int], extraction: Extraction) -> None:
    """Every non-empty cell → raw.cell; personal data are dropped and counted.

    `numbers` are cells that a label like 电话 announces and that are private unless a form took them for figures.
    """
    dropped = 0
    announced = [cell for item in items for cell in item.cells if cell.no in numbers]
    told = {cell.no: cell.text for cell in announced if not extraction.is_figure(cell)}
    extraction.forget(set(told.values()))
    for no in told:
        extraction.claims[no] = (schema.PRIVATE, extraction.claims.get(no, (None, None))[1])
    for item in items:
        for column_no, cell in enumerate(item.cells, start=1):
            if not cell.text:
                continue
            claimed_as, form_no = extraction.claims.get(cell.no, (None, None))
            is_figure = claimed_as == schema.FACT and extraction.is_figure(cell)
            if not is_figure and privacy.is_private(cell.text):
                claimed_as = schema.PRIVATE
            text: str | None = None
            if claimed_as == schema.PRIVATE:
                dropped += 1
            else:
                text, count = (cell.text, 0) if is_figure else privacy.drop(cell.text)
                dropped += count
            extraction.add(
                "cell",
                block_no=cell.no,
                block_kind="paragraph" if item.is_paragraph else "cell",
                table_no=item.table_no,
                row_no=item.row_no,
                column_no=column_no,
                text=text,
                line_from=cell.place.line_from or None,
                line_to=cell.place.line_to or None,
                at=cell.place,
                claimed_as=claimed_as,
                form_no=form_no,
            )
    extraction.rows["document"][0]["private_cell_count"] = dropped


def _add_notices(document: Document, items: list[Item], found: list[_Found], extraction: Extraction) -> None:
    """What a reader of the facts should know → raw.load_notice."""
    unclaimed = [cell for item in items for cell in item.filled if not extraction.is_claimed(cell)]
    last = next((cell for item in reversed(items) for cell in reversed(item.filled)), None)

    def notice(code: str, text: str, place: Place | None = None) -> None:
        extraction.add("load_notice", notice_code=code, notice=text, at=place)

    for text in document.notices:
        notice("not_read", text)
    if not found:
        notice("no_form", "no declared form was recognised; the text is kept")
    if unclaimed:
        notice(
            "unclaimed",
            f"{len(unclaimed)} cells or lines that no form claims, the first at {unclaimed[0].place}",
            unclaimed[0].place,
        )
    if last is not None and _breaks_off(found, extraction, last):
        notice("breaks_off", f"the document breaks off inside a table, at {last.place} (truncated?)", last.place)
    if dropped := extraction.rows["document"][0]["private_cell_count"]:
        notice("personal_data_dropped", f"{dropped} names or numbers of persons were not stored")
    for row in extraction.rows.get("form_column", []):
        if row["column_code"] is None:
            form = found[int(str(row["form_no"])) - 1]
            notice(
                "unknown_column",
                f"unknown column {row['header_printed']} in {form.form.form_code}:"
                " its amounts have no measure, its texts are unclaimed",
                items[form.index].cells[0].place,
            )


def _breaks_off(found: list[_Found], extraction: Extraction, last: Cell) -> bool:
    """True if the last form lacks its end, or the last cell of the document is a table cell that nobody claims."""
    if not found:
        return False
    number = len(found)
    kind = found[-1].form.form_kind
    if kind in ("project_target", "department_target"):
        return not any(row["form_no"] == number for row in extraction.rows.get("project_indicator", []))
    if kind == "evaluation":
        return not any(
            row["form_no"] == number and row.get("total_score_printed") for row in extraction.rows["evaluation"]
        )
    unknown = any(row["form_no"] == number and not row["column_code"] for row in extraction.rows.get("form_column", []))
    return not extraction.is_claimed(last) and not unknown
