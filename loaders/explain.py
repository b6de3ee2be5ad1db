"""Why a document was read as it was: the recognised forms, and for each table that no form claimed what is missing.

Pure: a Document gives dataclasses and nothing is written. Every text comes from raw.cell, so personal data are dropped
here as there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import yaml

from loaders import grid, schema
from loaders import text as rules
from loaders.context import context_above
from loaders.document import Cell, Document
from loaders.extract import extract
from loaders.forms import Catalogue, Form, bare_title, catalogue
from loaders.layout import Item, items_of
from loaders.money import is_amount
from loaders.readers import read_bytes

if TYPE_CHECKING:
    from loaders.extraction import RawRow

_Part = TypeVar("_Part")

_GRID_KINDS = ("budget_grid", "three_public", "three_public_wide", "record_list")
_HEADER_ROWS = 6
_NEIGHBOURS = 3
_NEAR = 0.4  # share of known labels from which a form without the title is worth naming
_SAMPLES = 5
_TITLE_LENGTH = 60
_LABEL_LENGTH = 14
# Labels that `evaluation` needs; a project target names its own (`anchor`, `confirm`).
_NEEDED_LABELS = {"evaluation": ("project_name", "department", "funds")}


@dataclass(frozen=True)
class FormRead:
    """A recognised form. `rows` are its records or rows with amounts, `facts` its cells that stand in raw tables."""

    form_no: int
    form_code: str
    form_kind: str
    title: str | None
    money_unit: str | None
    recognised_by: str
    place: str
    rows: int
    amounts: int
    facts: int
    unknown_columns: tuple[str, ...]
    is_declared_empty: bool

    @property
    def is_hollow(self) -> bool:
        """True for a header that fitted by its columns alone and gave nothing: more likely a part of another form's
        header. Its cells are explained as if nobody had claimed them."""
        return self.recognised_by == "columns" and self.facts == 0


@dataclass(frozen=True)
class Neighbour:
    """A declared form that a table resembles. `confidence`: share of the table's header labels that the form knows
    (for project tables: share of the form's labels that the table has)."""

    form_code: str
    form_kind: str
    confidence: float
    title_matches: bool
    fits: bool
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Unrecognised:
    """A table, or the rest of one, that no form claims. `header` has the header paths as they would be declared."""

    place: str
    title: str | None
    header: tuple[str, ...]
    rows: int
    cells: int
    neighbours: tuple[Neighbour, ...]
    confidence: float
    reason: str
    declaration: str


@dataclass(frozen=True)
class Leftover:
    """Cells of a recognised form's table that the form does not take."""

    form_no: int
    place: str
    cells: int
    reason: str


@dataclass(frozen=True)
class Explanation:
    """What was read, what the document says of itself, the forms, and what nobody claims, each in reading order."""

    media_type: str
    encoding: str
    parts: int  # pages or sheets; 0 where the format has none
    lines: int
    title: str | None
    publisher: str | None
    fiscal_year: str | None
    fiscal_year_source: str | None
    document_kind: str | None
    report_scope: str | None
    cells: int
    cells_claimed: int
    forms: tuple[FormRead, ...]
    unrecognised: tuple[Unrecognised, ...]
    leftovers: tuple[Leftover, ...]
    paragraphs_unclaimed: int
    paragraph_samples: tuple[str, ...]
    notices: tuple[str, ...]


def explain(document: Document, forms: Catalogue | None = None) -> Explanation:
    """`document` read with the declared `forms` (by default those of loaders/forms/) → Explanation."""
    declared = forms or catalogue()
    tables = extract(document, declared)
    cells = {int(str(row["block_no"])): row for row in tables.get("cell", [])}
    items = [_stored(item, cells) for item in items_of(document, declared)]
    read = tuple(_form_read(row, tables) for row in tables.get("form", []))
    for row in cells.values():
        if row["form_no"] in {form.form_no for form in read if form.is_hollow}:
            row["claimed_as"] = row["form_no"] = None
    runs, rests = _unclaimed(items, cells, declared)
    about = tables["document"][0]
    year, inferred = about.get("fiscal_year_printed"), about.get("fiscal_year_inferred")
    loose = [row for row in cells.values() if row["claimed_as"] is None and row["block_kind"] == "paragraph"]
    notices = [str(row["notice"]) for row in tables.get("load_notice", []) if row["notice_code"] != "unclaimed"]
    return Explanation(
        media_type=document.media_type,
        encoding=document.encoding,
        parts=len({cell.place.part for cell in document.cells() if cell.place.part}),
        lines=document.line_count,
        title=_text(about, "title_printed"),
        publisher=_text(about, "publisher_printed"),
        fiscal_year=str(year or inferred) if year or inferred else None,
        fiscal_year_source="printed" if year else "inferred" if inferred else None,
        document_kind=_text(about, "document_kind"),
        report_scope=_text(about, "report_scope"),
        cells=len(cells),
        cells_claimed=sum(row["claimed_as"] is not None for row in cells.values()),
        forms=read,
        unrecognised=tuple(_explain_run(items, start, end, declared) for start, end in runs),
        leftovers=tuple(_leftover(form_no, found, tables) for form_no, found in sorted(rests.items())),
        paragraphs_unclaimed=len(loose),
        paragraph_samples=tuple(f"{row['source_locator']}: {str(row['text'])[:40]}" for row in loose[:_SAMPLES]),
        notices=tuple(dict.fromkeys([*notices, *document.notices])),
    )


def explain_bytes(data: bytes) -> Explanation:
    """The bytes of a file → Explanation. Raises RefusedDocument."""
    return explain(read_bytes(data))


def explanation_of(told: Mapping[str, Any]) -> Explanation:
    """An Explanation again, from what `asdict` and JSON made of it."""
    return Explanation(
        **{
            **told,
            "forms": tuple(_with_tuples(FormRead, form) for form in told["forms"]),
            "unrecognised": tuple(
                _with_tuples(Unrecognised, table, neighbours=_neighbours_of(table["neighbours"]))
                for table in told["unrecognised"]
            ),
            "leftovers": tuple(Leftover(**leftover) for leftover in told["leftovers"]),
            "paragraph_samples": tuple(told["paragraph_samples"]),
            "notices": tuple(told["notices"]),
        }
    )


def _neighbours_of(told: Sequence[Mapping[str, Any]]) -> tuple[Neighbour, ...]:
    return tuple(_with_tuples(Neighbour, neighbour) for neighbour in told)


def _with_tuples(kind: type[_Part], told: Mapping[str, Any], **made: Any) -> _Part:
    """A part of an explanation: JSON knows lists only."""
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in told.items()}
    return kind(**{**values, **made})


def _text(row: RawRow, key: str) -> str | None:
    return str(row[key]) if row.get(key) else None


def _stored(item: Item, cells: dict[int, RawRow]) -> Item:
    """The item with the texts that raw.cell stores: blank where they are personal data."""
    texts = tuple(Cell(c.no, str(cells[c.no]["text"] or "") if c.no in cells else "", c.place) for c in item.cells)
    return Item(texts, item.table_no, item.row_no)


# --- what was recognised ---------------------------------------------------------------------------------------


def _form_read(form: RawRow, tables: dict[str, list[RawRow]]) -> FormRead:
    form_no = int(str(form["form_no"]))
    own = {
        name: [row for row in rows if row.get("form_no") == form_no]
        for name, rows in tables.items()
        if name not in ("form", "form_column", "cell")
    }
    rows = {row["row_no"] for found in own.values() for row in found if row.get("row_no")}
    columns = tables.get("form_column", [])
    return FormRead(
        form_no=form_no,
        form_code=str(form["form_code"]),
        form_kind=str(form["form_kind"]),
        title=_text(form, "title_printed"),
        money_unit=_text(form, "amount_unit_printed"),
        recognised_by=str(form["recognised_by"]),
        place=str(form["source_locator"]),
        rows=len(rows) or len(own.get("project_indicator", [])),
        amounts=sum(bool(row.get("amount_printed")) for found in own.values() for row in found),
        facts=sum(row["form_no"] == form_no and row["claimed_as"] == schema.FACT for row in tables["cell"]),
        unknown_columns=tuple(
            str(row["header_printed"] or "(blank)")
            for row in columns
            if row["form_no"] == form_no and row["column_code"] is None
        ),
        is_declared_empty=bool(form["is_declared_empty"]),
    )


# --- what was not ----------------------------------------------------------------------------------------------


def _unclaimed(
    items: list[Item], cells: dict[int, RawRow], declared: Catalogue
) -> tuple[list[tuple[int, int]], dict[int, list[Cell]]]:
    """Runs of table rows [start, end) that nobody claims, and by form the unclaimed cells among its own rows."""
    runs: list[tuple[int, int]] = []
    rests: dict[int, list[Cell]] = {}
    table_no: int | None = None
    owner: int | None = None  # the form that claimed rows of this table further up
    for at, item in enumerate(items):
        if item.is_paragraph:
            continue
        if item.table_no != table_no:
            table_no, owner = item.table_no, None
        open_cells = [cell for cell in item.filled if cells[cell.no]["claimed_as"] is None]
        taken = [cells[cell.no]["form_no"] for cell in item.filled if cells[cell.no]["form_no"]]
        if taken:
            owner = int(str(taken[0]))
        elif item.text and declared.is_title(item.text):
            owner = None
        if not open_cells:
            continue
        if owner is not None:
            rests.setdefault(owner, []).extend(open_cells)
        elif runs and items[runs[-1][0]].table_no == table_no and runs[-1][1] >= _first_filled_before(items, at) + 1:
            runs[-1] = (runs[-1][0], at + 1)
        else:
            runs.append((at, at + 1))
    return runs, rests


def _first_filled_before(items: list[Item], at: int) -> int:
    """The index of the nearest item before `at` that is not blank."""
    return next((before for before in range(at - 1, -1, -1) if items[before].filled), -1)


def _leftover(form_no: int, found: list[Cell], tables: dict[str, list[RawRow]]) -> Leftover:
    unknown = [
        str(row["header_printed"])
        for row in tables.get("form_column", [])
        if row["form_no"] == form_no and row["column_code"] is None
    ]
    if unknown:
        reason = f"the form does not know the column {', '.join(unknown)}"
    else:
        reason = "the rows do not have the columns of the form, or their cells hold no amount"
    return Leftover(form_no, str(found[0].place), len(found), reason)


def _explain_run(items: list[Item], start: int, end: int, declared: Catalogue) -> Unrecognised:
    first, title = _beginning(items, start, end, declared)
    run = items[first:end]
    header = _header(run, declared)
    paths = [tuple(grid.bare(part) for part in column.path) for column in header.columns] if header else []
    grids = [form for form in declared.forms if form.form_kind in _GRID_KINDS]
    others = [form for form in declared.forms if form.form_kind not in _GRID_KINDS]
    neighbours = [
        *(_grid_neighbour(form, run, paths, title) for form in grids if paths),
        *(_label_neighbour(form, run, title) for form in others),
    ]
    near = [neighbour for neighbour in neighbours if neighbour.title_matches or neighbour.confidence >= _NEAR]
    near.sort(key=lambda n: (not n.title_matches, -n.confidence, not n.fits, len(n.missing), n.form_code))
    if near and near[0].fits and not near[0].title_matches:
        # All that know as many columns: only the title can tell them apart.
        near = [neighbour for neighbour in near if neighbour.fits and neighbour.confidence == near[0].confidence]
    else:
        near = near[:_NEIGHBOURS]
    if near and near[0].form_kind not in _GRID_KINDS:
        printed = tuple(_row_labels(run))
    elif header:
        printed = tuple(column.printed for column in header.columns)
    else:
        printed = tuple(cell.text for cell in run[0].filled)
    return Unrecognised(
        place=str(items[first].cells[0].place),
        title=title,
        header=printed,
        rows=sum(1 for item in run if item.filled),
        cells=sum(len(item.filled) for item in items[start:end]),
        neighbours=tuple(near),
        confidence=max((neighbour.confidence for neighbour in near), default=0.0),
        reason=_reason(near, title, bool(header)),
        declaration=_declaration(near, paths, title, run, declared),
    )


def _beginning(items: list[Item], start: int, end: int, declared: Catalogue) -> tuple[int, str | None]:
    """Where the header begins, and the title above it: the nearest short line that is no owner, year or unit."""
    first = start
    while first < end - 1 and (
        len(items[first].filled) < 2 or context_above(items, first + 1, first, declared).start == first
    ):
        first += 1  # title, owner, year and unit in rows of the table itself
    context = context_above(items, first, 0, declared)
    if context.title:
        return first, context.title
    for at in range(context.start - 1, max(context.start - 4, -1), -1):
        text = items[at].text
        if rules.is_page_number(text) or not items[at].filled:
            continue
        return first, text if 0 < len(text) <= _TITLE_LENGTH and text[-1] not in "。；;" else None
    return first, None


def _header(run: list[Item], declared: Catalogue) -> grid.Header | None:
    """The header of a table whose form is unknown: the rows above the first amount, as far as they fit together."""
    lead = []
    for item in run[:_HEADER_ROWS]:
        if item.is_paragraph or any(is_amount(cell.text) for cell in item.filled):
            break
        lead.append(item)
    for depth in range(len(lead), 0, -1):
        probe = _probe([cell.text for item in lead[:depth] for cell in item.filled], declared)
        if header := grid.header_at(run, 0, probe):
            return header
    return None


def _known_labels(declared: Catalogue) -> dict[str, str]:
    """Every declared header of a grid form → its code; the first declaration counts."""
    known: dict[str, str] = {}
    for form in declared.forms:
        if form.form_kind == "budget_grid":
            for code, labels in form.columns.items():
                for label in labels:
                    known.setdefault(label, code)
    return known


def _probe(texts: Iterable[str], declared: Catalogue) -> Form:
    """A form that knows just these labels, so that the rules of real headers tell how they stand together."""
    known = _known_labels(declared)
    columns: dict[str, tuple[str, ...]] = {}
    for number, label in enumerate(dict.fromkeys(grid.bare(text) for text in texts)):
        code = known.get(label, f"unknown_{number}")
        columns[code] = (*columns.get(code, ()), label)
    return Form("", "budget_grid", (), columns=columns, options={"require": [], "group_words": ()})


def _grid_neighbour(form: Form, run: list[Item], paths: list[tuple[str, ...]], title: str | None) -> Neighbour:
    codes = [grid.column_code(form, path) for path in paths]
    missing = [code for code in form.options["require"] if code not in codes]
    return Neighbour(
        form_code=form.form_code,
        form_kind=form.form_kind,
        confidence=round(sum(code is not None for code in codes) / len(paths), 2),
        title_matches=bool(title) and form.has_title_of(str(title)),
        fits=not missing and grid.header_at(run, 0, form) is not None,
        missing=tuple(_printed(form, code) for code in missing),
    )


def _printed(form: Form, code: str) -> str:
    """The first declared label of a column or label, as a person would look for it in the table."""
    return next(iter((*form.columns.get(code, ()), *form.labels.get(code, ()))), code)


def _label_neighbour(form: Form, run: list[Item], title: str | None) -> Neighbour:
    texts = [cell.text for item in run for cell in item.filled]
    labels = {code for text in texts if (code := form.label_code(text))}
    columns = {code for text in texts if (code := form.column_code(text))}
    needed = _NEEDED_LABELS.get(
        form.form_kind,
        (form.options.get("anchor", "project_code"), *form.options.get("confirm", ["project_name"])),
    )
    declared = len(form.labels) + len(form.columns)
    return Neighbour(
        form_code=form.form_code,
        form_kind=form.form_kind,
        confidence=round((len(labels) + len(columns)) / declared, 2) if declared else 0.0,
        title_matches=bool(title) and form.has_title_of(str(title)),
        fits=False,
        missing=tuple(_printed(form, code) for code in needed if code not in labels),
    )


def _reason(near: list[Neighbour], title: str | None, has_header: bool) -> str:
    named = f"the title is unknown: {title}" if title else "there is no title above the table"
    titled = [neighbour for neighbour in near if neighbour.title_matches]
    if titled and not titled[0].fits:
        best = titled[0]
        fits = (n.form_code for n in near if n.fits and n.confidence > best.confidence)
        other = next((f"; its columns fit {code}" for code in fits), "")
        if best.missing:
            word = "columns" if len(best.missing) > 1 else "column"
            verb = "are" if len(best.missing) > 1 else "is"
            word = word if best.form_kind in _GRID_KINDS else word.replace("column", "label")
            return f"title matches {best.form_code}, but {word} {', '.join(best.missing)} {verb} missing{other}"
        return f"title matches {best.form_code}, but its header or labels do not stand as they do in that form{other}"
    if titled:
        return f"title and columns are those of {titled[0].form_code}, but the table does not begin with its header"
    fitting = dict.fromkeys(neighbour.form_code for neighbour in near if neighbour.fits)
    if near and near[0].fits:
        return f"columns fit {', '.join(fitting)}: {named}"
    if near:
        missing = f" lacks {', '.join(near[0].missing)}" if near[0].missing else " stands in another order"
        return f"nearest is {near[0].form_code}, of which the table{missing}; {named}"
    if not has_header:
        return f"no header: no rows of labels above the amounts that fit together; {named}"
    return f"no declared form shares enough column labels; {named}"


# --- a declaration to start from -------------------------------------------------------------------------------


def _declaration(
    near: list[Neighbour], paths: list[tuple[str, ...]], title: str | None, run: list[Item], declared: Catalogue
) -> str:
    """A YAML document for loaders/forms/: known columns filled in, unknown ones under names to be replaced."""
    like = _form_like(near[0], declared, paths) if near else None
    titles = [_pattern(title)] if title else []
    if like is not None and like.form_kind not in _GRID_KINDS:
        return _label_declaration(like, titles, run)
    known = _known_labels(declared)
    columns: dict[str, list[str]] = {}
    unknown: list[str] = []
    for path in paths:
        code = grid.column_code(like, path) if like else None
        code = code or next((known[end] for at in range(len(path)) if (end := "/".join(path[at:])) in known), None)
        label = "/".join(path)
        if like is not None and code in (*like.options.get("amounts", {}), "private"):
            continue  # declared by `amounts` and `private` of the form that it is like
        if code is None:
            unknown.append(label)
            code = f"unknown_{len(unknown)}"
        if label not in columns.setdefault(code, []):
            columns[code].append(label)
    copied: dict[str, object] = {"class_type": "function" if "class_code" in columns else "item"}
    if like:
        copied = {key: value for key, value in like.options.items() if key not in ("require", "group_words")}
    body: dict[str, object] = {
        "form_code": f"X_{like.form_code}" if like else "X_NEW",
        "form_kind": like.form_kind if like else "budget_grid",
        "titles": titles,
        **copied,
        "require": [code for code in columns if not code.startswith("unknown_")] or list(columns),
        "columns": columns,
    }
    remarks = ["# form_code: the code of the form that this is another layout of, or a new one"]
    if unknown:
        remarks.append("# unknown columns, to be given a code (columns.yml) or taken out: " + ", ".join(unknown))
    return "\n".join([*remarks, _yaml(body)])


def _form_like(near: Neighbour, declared: Catalogue, paths: list[tuple[str, ...]]) -> Form | None:
    """The declaration behind a neighbour; of several layouts of one form the one that knows most of the columns."""
    forms = [f for f in declared.forms if (f.form_code, f.form_kind) == (near.form_code, near.form_kind)]
    return max(forms, key=lambda form: sum(grid.column_code(form, path) is not None for path in paths), default=None)


def _label_declaration(like: Form, titles: list[str], run: list[Item]) -> str:
    """For a project table: the labels and indicator columns of the nearest form that the table prints."""
    texts = [cell.text for item in run for cell in item.filled]
    labels: dict[str, list[str]] = {}
    columns: dict[str, list[str]] = {}
    for text in texts:
        for found, code in ((labels, like.label_code(text)), (columns, like.column_code(text))):
            if code and rules.label(text) not in found.setdefault(code, []):
                found[code].append(rules.label(text))
    body: dict[str, object] = {"form_code": f"X_{like.form_code}", "form_kind": like.form_kind, "titles": titles}
    body |= {"labels": labels, "columns": columns}
    lacking = [code for code in (*like.labels, *like.columns) if code not in labels and code not in columns]
    unknown = [text for text in _row_labels(run) if not like.label_code(text) and not like.column_code(text)]
    remarks = [f"# codes of {like.form_code} without a label here: {', '.join(lacking)}"] if lacking else []
    if unknown:
        remarks.append("# first cells of rows that are no known label: " + ", ".join(unknown))
    return "\n".join([*remarks, _yaml(body)])


def _row_labels(run: list[Item]) -> list[str]:
    """The short first cells of rows, each once: where a project table has its labels."""
    firsts = [rules.squash(item.filled[0].text) for item in run if item.filled]
    return list(dict.fromkeys(text for text in firsts if len(text) <= _LABEL_LENGTH and not is_amount(text)))


def _pattern(title: str) -> str:
    return re.escape(bare_title(title))


def _yaml(body: dict[str, object]) -> str:
    text: str = yaml.safe_dump(body, allow_unicode=True, sort_keys=False, default_flow_style=None, width=110)
    return text
