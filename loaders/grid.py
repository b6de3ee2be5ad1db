"""Grids: a header of one or more rows above rows of equal width (budget forms, three-public forms, record lists)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest
from typing import TYPE_CHECKING

from loaders import lines, privacy, schema
from loaders import text as rules
from loaders.document import Cell
from loaders.layout import Item, regular
from loaders.money import UNIT_IN_BRACKETS, is_amount

if TYPE_CHECKING:
    from loaders.extraction import Extraction
    from loaders.forms import Form

_INDEX = ("栏次", "行次")
# What stands in a row of column numbers over the columns of labels.
_MARK = re.compile(r"栏次|行次|[甲乙丙类款项]|\**")
_NAMES = {"class_code", "class_name", "item"}  # what says which class or item a row is
_LABEL_COLUMNS = {"line_no", *_NAMES}
# A code glued to its name: 2010506统计管理
_GLUED = re.compile(r"^([0-9]{3,7})\s*([一-龥].*)$")
# A label without digits that stands in a column of codes; 类 款 项 are the header's.
_WORDS = re.compile(r"(?!类$|款$|项$)[一-龥\s（）()]+")
_YEAR = re.compile(r"^20[0-9]{2}年度?")
_BRACKETED_UNIT = re.compile(rf"{UNIT_IN_BRACKETS}$")
# What is printed where there is no amount.
_NIL = ("-", "--", "—", "——", "–", "－", "－－", "无")
_NO_FUND = ("prior_total", "change", "change_rate")  # columns beside the figures of the year
_TOTAL = re.compile(r"(?:本年)?(?:合计|总计)")


@dataclass(frozen=True)
class Column:
    """One column of a grid. `path` is the printed header path, `code` its declared meaning or None.

    `block` counts the lists that stand side by side: each has label columns and then amount columns.
    """

    path: tuple[str, ...]
    code: str | None
    side: str | None
    block: int

    @property
    def printed(self) -> str:
        """The header path as it is stored: its levels from the top, joined by a slash."""
        return "/".join(self.path)

    @property
    def is_label(self) -> bool:
        """True for a column of codes or names, which amounts stand behind."""
        return self.code in _LABEL_COLUMNS


@dataclass(frozen=True)
class Header:
    """The header rows of a grid: columns left to right, the cells that make them up, and where the body begins."""

    columns: tuple[Column, ...]
    cells: tuple[Cell, ...]
    body: int

    @property
    def words(self) -> set[str]:
        """The labels of all columns: a row of these alone is the header once more."""
        return {name for column in self.columns for name in column.path} | set(_INDEX)


def header_at(items: list[Item], index: int, form: Form) -> Header | None:
    """The header that begins at `items[index]`, if it has all the columns that `form` requires."""
    rows: list[Sequence[Cell]] = []
    at = index
    while at < len(items) and len(rows) < 6 and not _is_index_row(items[at]):
        blank = bool(rows) and not items[at].filled and not items[at].is_paragraph
        if not blank and not (_is_header_row(items[at], form) and _refines(items[at].cells, rows)):
            break
        rows.append(items[at].cells)
        at += 1
    while rows and not any(cell.text for cell in rows[-1]):
        rows.pop()  # blank rows below the header belong to the body
        at -= 1
    index_row: list[Cell] = []
    if rows and at < len(items) and (parts := _code_parts(items[at], len(rows[-1]))):
        rows.append(parts)  # numbers or the total stand in the row of 类 款 项: it is read again as a row of the body
        parted = True
    else:
        parted = False
    while (
        not parted
        and at < len(items)
        and (_is_index_row(items[at]) if not index_row else _goes_on(items[at], len(index_row)))
    ):
        index_row += items[at].cells
        at += 1
    if not rows:
        return None
    required = set(form.options["require"])
    for way in _ways(rows, len(index_row)):
        paths = _paths(_squashed(way), form)
        columns = _columns(paths, form) if paths else ()
        if required <= {column.code for column in columns} and _numbers_fit(index_row, columns):
            return Header(columns, tuple(cell for row in [*rows, index_row] for cell in row if cell.text), at)
    return None


def _numbers_fit(index_row: Sequence[Cell], columns: Sequence[Column]) -> bool:
    """A number a column; 栏次 may be merged over the columns of labels and then counts once."""
    if not index_row or len(index_row) == len(columns):
        return True
    return rules.label(index_row[0].text) in _INDEX and len(index_row) == len(columns) - _covered(columns)


def _covered(columns: Sequence[Column]) -> int:
    """How many cells a label that is merged over all leading columns of labels leaves out."""
    first = next((at for at, column in enumerate(columns) if not column.is_label), 0)
    return max(0, first - 1)


def may_begin(item: Item) -> bool:
    """False for a row that begins no header, whatever the form."""
    return bool(_labels_alone(item)) and not _is_index_row(item)


def _columns(paths: list[tuple[str, ...]], form: Form) -> tuple[Column, ...]:
    columns: list[Column] = []
    block = 0
    was_label = True
    years = [_year_of(path) for path in paths]
    own_year = max(filter(None, years), default=None)
    for path, year in zip(paths, years, strict=True):
        if not path:  # nothing above it: a column that merged cells left over
            columns.append(Column(path, None, None, block))
            continue
        code = column_code(form, path)
        if code and year != own_year and year is not None:
            code = _of_year_before(form, code)
        if code in _LABEL_COLUMNS and not was_label:
            block += 1
        was_label = code in _LABEL_COLUMNS
        columns.append(Column(path, code, _side(form, path), block))
    return tuple(columns)


@lru_cache(maxsize=65536)
def _year_of(path: tuple[str, ...]) -> str | None:
    """The year that a header names first: `2024年预算数比2023年执行数` is of 2024."""
    return next((found[1] for part in path if (found := re.match("(20[0-9]{2})年", rules.half_width(part)))), None)


def _of_year_before(form: Form, code: str) -> str | None:
    """The code of a column whose header names an earlier year than others do: declared as prior_…, or none."""
    prior = code if code.startswith("prior_") else f"prior_{code}"
    return prior if prior in form.columns else None


def _ways(rows: list[Sequence[Cell]], width: int) -> list[list[Sequence[Cell]]]:
    """The header rows as they stand. Where a row of column numbers tells the `width`, first as two rows, the lower one
    of that width: a blank line may have broken either."""
    cells = [cell for row in rows for cell in row]
    if not width or len(cells) <= width or all(len(row) == width for row in rows):
        return [rows]
    if len(rows) <= 2 and len(rows[-1]) == width:
        return [rows]
    return [[cells[:-width], cells[-width:]], rows]


def _squashed(rows: list[Sequence[Cell]]) -> list[list[str]]:
    return [[rules.squash(cell.text) for cell in row] for row in rows]


def _goes_on(item: Item, number: int) -> bool:
    """The rest of a row of column numbers that a blank line broke: it counts on from `number`."""
    wanted = [str(number + step) for step in range(len(item.cells))]
    return not item.is_paragraph and [rules.label(cell.text) for cell in item.cells] == wanted


def _is_header_row(item: Item, form: Form) -> bool:
    texts = _labels_alone(item)
    known = sum(1 for text in texts if bare(text) in form.header_words or column_code(form, (text,)))
    return known >= 1 and known >= 0.3 * len(texts)


@lru_cache(maxsize=1024)  # every form asks for the same rows
def _labels_alone(item: Item) -> tuple[str, ...]:
    """The texts of a row that holds labels and no amount; none of other rows and of paragraphs."""
    texts = tuple(cell.text for cell in item.filled)
    return () if item.is_paragraph or any(is_amount(text) for text in texts) else texts


def _refines(cells: Sequence[Cell], above: list[Sequence[Cell]]) -> bool:
    """True if a row can stand below the header rows `above`: in a grid of equal rows each of its labels stands under
    a label of several columns or under a blank. Otherwise it is the first row of the body."""
    if not above or any(len(row) != len(cells) for row in above):
        return True
    labels = _spread([[cell.text for cell in row] for row in above])
    for position, cell in enumerate(cells):
        if cell.text and labels[position]:
            last = labels[position]
            spans = sum(1 for path in labels if path[: len(last)] == last)
            if spans < 2:
                return False
    return True


def _code_parts(item: Item, width: int) -> tuple[Cell, ...] | None:
    """`类 款 项` in a row that holds amounts too: its code labels, the other cells blanked; None for other rows."""
    if item.is_paragraph or len(item.cells) != width or not any(is_amount(cell.text) for cell in item.filled):
        return None
    if [rules.label(cell.text) for cell in item.cells[:2]] != ["类", "款"]:
        return None
    return tuple(
        cell if rules.label(cell.text) in ("类", "款", "项") else Cell(cell.no, "", cell.place) for cell in item.cells
    )


@lru_cache(maxsize=1024)  # every form asks for the same rows
def _is_index_row(item: Item) -> bool:
    """`栏次 1 2 3 …`, `甲 乙 1 2=3+4 3 …`: column numbers, not data."""
    if item.is_paragraph:
        return False
    labels = [rules.label(cell.text) for cell in item.filled]
    numbers = [re.sub("=.*", "", label) for label in labels if label[:1].isdigit()]
    marks = [label for label in labels if not label[:1].isdigit()]
    if rules.label(item.cells[0].text) in _INDEX:
        return len(labels) > 1 and all(number.isdigit() for number in numbers) and set(marks) <= {*_INDEX, ""}
    counted = numbers == [str(number) for number in range(1, len(numbers) + 1)]
    return counted and bool(numbers) and bool(marks or len(numbers) > 2) and all(_MARK.fullmatch(m) for m in marks)


@lru_cache(maxsize=65536)
def bare(text: str) -> str:
    """A header label as it is compared, without a year before it."""
    return _YEAR.sub("", rules.label(text))


@lru_cache(maxsize=65536)  # a document prints the same few headers many times, and every form is asked
def column_code(form: Form, path: tuple[str, ...]) -> str | None:
    """The meaning of a header path: the declared column of its longest declared end, an amount, or 'private'."""
    labels = [bare(part) for part in path]
    phases = {word for words in form.options.get("phases", {}).values() for word in words}
    if len(labels) > 1 and labels[0] in phases:  # 预算数 over the items says the same as 预算数 under each of them
        labels = [*labels[1:], labels[0]]
    for names in (labels, [_BRACKETED_UNIT.sub("", name) for name in labels]):
        for start in range(len(names)):
            if code := form.column_of("/".join(names[start:])):
                return code
    for code, patterns in form.options.get("amounts", {}).items():
        if any(re.fullmatch(rules.half_width(pattern), rules.label(path[-1])) for pattern in patterns):
            return str(code)
    if labels[-1] in {rules.label(label) for label in form.options.get("private", [])}:
        return "private"
    return None


def _side(form: Form, path: tuple[str, ...]) -> str | None:
    for side, labels in form.options.get("sides", {}).items():
        if len(path) > 1 and bare(path[0]) in {rules.label(label) for label in labels}:
            return str(side)
    return None


def _paths(rows: list[list[str]], form: Form) -> list[tuple[str, ...]] | None:
    """Header rows → one header path a column; None if the rows do not fit together.

    In a grid of equal rows merged cells leave blanks. Where merged cells count once, the last row has a cell a column.
    """
    rows = [row for row in rows if any(row)]
    if len({len(row) for row in rows}) == 1:
        return _spread(rows)
    paths: list[tuple[str, ...]] = [(text,) if text else () for text in rows[-1]]
    for upper in reversed(rows[:-1]):
        spans = _spans(upper, paths, form)
        if spans is None:
            return None
        paths = [((label, *path) if label else path) for label, path in zip(spans, paths, strict=True)]
    return paths if all(paths) else None


def _spread(rows: list[list[str]]) -> list[tuple[str, ...]]:
    """Equal header rows → paths. A label goes on to the right over blanks, up to where a label of a higher row begins:
    from there the blank is a cell that is merged downwards."""
    paths: list[tuple[str, ...]] = [()] * len(rows[0])
    begun: set[int] = set()
    for row in rows:
        label = ""
        for position, text in enumerate(row):
            if text:
                label = text
            elif position in begun:
                label = ""
            if label:
                paths[position] = (*paths[position], label)
        begun |= {position for position, text in enumerate(row) if text}
    return paths


def _spans(upper: list[str], paths: list[tuple[str, ...]], form: Form) -> list[str] | None:
    """The label of the upper row above each column, where merged cells count once."""
    groups = _groups(paths)
    if len(groups) < len(upper):
        groups = [part for group in groups for part in _cut(group, paths, form, at_amounts=False)]
    if len(groups) < len(upper):
        groups = [part for group in groups for part in _cut(group, paths, form, at_amounts=True)]
    if len(groups) == 1:
        groups = _repeated(paths, len(upper)) or groups
    if len(groups) != len(upper):
        return None
    return [label for label, group in zip(upper, groups, strict=True) for _ in group]


def _repeated(paths: list[tuple[str, ...]], times: int) -> list[list[int]]:
    """The columns in `times` runs that say the same (the items under 预算数, and again under 决算数), or nothing."""
    width, rest = divmod(len(paths), times)
    if rest or paths != paths[:width] * times:
        return []
    return [list(range(start, start + width)) for start in range(0, len(paths), width)]


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
    """The rows of the body; a header repeated on a new page, and a row of column numbers, are claimed and left out."""
    names = header.words
    kept = []
    for item in items[header.body : end]:
        texts = [rules.squash(cell.text) for cell in item.filled]
        if len(texts) > 1 and not item.is_paragraph and all(text in names for text in texts):
            extraction.claim(item.filled, schema.HEADER, form_no)
        elif _is_index_row(item):
            extraction.claim(item.filled, schema.LAYOUT, form_no)
        else:
            kept.append(item)
    whole = [_with_covered(item, after, header) for item, after in zip_longest(kept, kept[1:])]
    rows, _ = regular(whole, len(header.columns))
    return rows


def _with_covered(item: Item, after: Item | None, header: Header) -> Item:
    """A row whose total is merged over the columns of labels and counts once: with the blanks that it covers.

    An amount must follow it at once, else the row lacks some other cell: nobody can tell which.
    """
    covered = _covered(header.columns)
    if not covered or len(item.cells) != len(header.columns) - covered:
        return item
    if not _TOTAL.fullmatch(rules.label(item.cells[0].text)) or not is_amount(item.cells[1].text):
        return item
    if after and not after.is_paragraph and len(after.cells) <= covered:
        return item  # the rest of a row that a blank line broke
    first = item.cells[0]
    blanks = [Cell(first.no, "", first.place)] * covered
    return Item((first, *blanks, *item.cells[1:]), item.table_no, item.row_no)


@dataclass
class _Labels:
    """What the label columns of one block say about a row."""

    line_no: str | None
    code: str | None
    name: str | None
    group: str | None
    cells: list[Cell]


def _labels(
    header: Header, row: tuple[Cell, ...], block: int, groups: dict[int, str], above: dict[int, dict[int, str]]
) -> _Labels:
    """The labels of a row for one block. A line number before the first block stands for all.

    Codes in several columns (类 款 项) are one code, whose first parts may stand in a row `above` (by block). Where
    names stand in two columns the first names a group, which goes on over the rows below (`groups`, by block).
    """
    own = [(c, cell) for c, cell in zip(header.columns, row, strict=True) if c.is_label and c.block == block]
    shared = [(c, cell) for c, cell in zip(header.columns, row, strict=True) if c.code == "line_no" and c.block == 0]
    line = next((cell.text for c, cell in [*own, *shared] if c.code == "line_no" and cell.text), None)
    names = [cell for c, cell in own if c.code in ("class_name", "item")]
    name = next((cell.text for cell in reversed(names) if cell.text), None)
    if name is None:  # `合计` merged over the columns of codes and names
        name = next((cell.text for c, cell in own if c.code == "class_code" and _WORDS.fullmatch(cell.text)), None)
    if len(names) > 1:
        if names[0].text:
            groups[block] = names[0].text
        if not any(cell.text for cell in names[1:]):
            groups.pop(block, None)
    code = _code(own, above.setdefault(block, {}))
    if name and not code and (glued := _GLUED.match(name)):
        code, name = glued[1], glued[2]
    return _Labels(line, code, name, groups.get(block), [cell for _, cell in own])


def _code(labels: list[tuple[Column, Cell]], above: dict[int, str]) -> str | None:
    """The code of a row out of its columns of codes. A part that is blank before a printed one is that of the row
    above, as where a cell is merged downwards. 款 and 项 have two digits, also where a sheet dropped the leading zero.
    """
    columns = [rules.squash(cell.text) for column, cell in labels if column.code == "class_code"]
    printed = [at for at, text in enumerate(columns) if any(char.isdigit() for char in text)]
    if not printed:
        return None
    code = ""
    for at in range(printed[-1] + 1):
        part = columns[at] if at in printed else above.get(at, "")
        above[at] = part
        if at and len(part) > 3 and part.startswith(code):
            code = part  # 204 | 20402 | 2040201: each column has the whole code
        else:
            code += part.zfill(2) if at and part.isdigit() else part
    for at in [at for at in above if at > printed[-1]]:
        del above[at]
    return code


def _lost_columns(form: Form, header: Header, rows: list[tuple[Cell, ...]]) -> frozenset[int]:
    """The places of the amounts of which nobody knows what their rows are called.

    Of lists side by side, one whose label column is unknown would take the labels of the other: its amounts would be
    facts of another line. Under a header that says all of itself no row is called anything.
    """
    if not _NAMES & form.columns.keys():
        return frozenset()
    lost: set[int] = set()
    for block in {column.block for column in header.columns}:
        own = [(at, column) for at, column in enumerate(header.columns) if column.block == block and column.path]
        sides = {column.side for _, column in own if column.code in _NAMES}
        is_lost, has_amounts = not sides, False
        for place, (at, column) in enumerate(own):
            if column.is_label:
                continue
            behind = next((after for after, _ in own[place + 1 :]), None)
            if column.code is None and has_amounts and behind is not None and _names_amounts(rows, at, behind):
                is_lost = True  # a list begins here, under a header that nobody knows
            has_amounts = True
            is_other_side = column.side is not None and None not in sides and column.side not in sides
            if is_lost or is_other_side:
                lost.add(at)
    return frozenset(lost)


def _names_amounts(rows: list[tuple[Cell, ...]], at: int, amounts: int) -> bool:
    """True if words stand in column `at` beside most of the amounts of another: a column of labels, not of remarks."""
    beside = [row[at].text for row in rows if row[amounts].text and is_amount(row[amounts].text)]
    words = [text for text in beside if text and not is_amount(text) and text not in _NIL]
    return bool(words) and 2 * len(words) >= len(beside)


def read_budget_grid(
    form: Form, header: Header, rows: list[tuple[Cell, ...]], form_no: int, extraction: Extraction
) -> int:
    """Amount cells of a budget form → raw.budget_cell. Returns the number of amounts, also of those without a label,
    which are no facts."""
    count = 0
    groups: dict[int, str] = {}
    above: dict[int, dict[int, str]] = {}
    has_labels = bool(_NAMES & form.columns.keys())
    lost = _lost_columns(form, header, rows)
    unlabelled: list[Cell] = []
    for row_no, row in enumerate(rows, start=1):
        spare: str | None = None  # a name whose own list has no amount: a label merged over two lists
        for block in sorted({column.block for column in header.columns}):
            labels = _labels(header, row, block, groups, above)
            amounts = [
                (number, column, cell)
                for number, (column, cell) in enumerate(zip(header.columns, row, strict=True), start=1)
                if column.block == block and column.path and not column.is_label and cell.text
            ]
            extraction.claim(labels.cells, schema.FACT if amounts else schema.HEADER, form_no)
            name = labels.name or spare
            spare = None if amounts else labels.name
            for number, column, cell in amounts:
                if not is_amount(cell.text) and cell.text not in _NIL:
                    continue  # not an amount: stays unclaimed
                count += 1
                if number - 1 in lost or (has_labels and not name and not labels.code):
                    unlabelled.append(cell)
                    continue
                extraction.claim([cell], schema.FACT, form_no)
                extraction.add(
                    "budget_cell",
                    form_no=form_no,
                    row_no=row_no,
                    column_no=number,
                    side=column.side,
                    line_no_printed=labels.line_no,
                    class_type=form.options["class_type"],
                    class_code_printed=labels.code,
                    class_name_printed=name,
                    class_group_printed=labels.group if labels.group != labels.name else None,
                    measure_code=column.code,
                    measure_printed=column.printed,
                    amount_printed=cell.text,
                    at=cell.place,
                )
    _list_unlabelled(unlabelled, form, form_no, extraction)
    return count


def _list_unlabelled(cells: list[Cell], form: Form, form_no: int, extraction: Extraction) -> None:
    """Amounts of which nobody knows what they are of stay unclaimed, with the reason; a printed nothing is layout."""
    extraction.claim([cell for cell in cells if cell.text in _NIL], schema.LAYOUT, form_no)
    if amounts := [cell for cell in cells if cell.text not in _NIL]:
        extraction.add(
            "load_notice",
            notice_code="no_label",
            notice=f"{len(amounts)} amounts of {form.form_code} stand in rows or columns without a label that is known:"
            f" not stored, the first at {amounts[0].place}",
            at=amounts[0].place,
        )


def read_three_public(
    form: Form, header: Header, rows: list[tuple[Cell, ...]], form_no: int, extraction: Extraction
) -> int:
    """Amount cells of a three-public form → raw.three_public_cell. Returns the number of amounts, also of those without
    an item, which are no facts.

    In a tall form a row is an item and a column a fund. In a wide form (one row) the header names the item, and one of
    its levels may name the phase (预算数 / 决算数).
    """
    is_wide = form.form_kind == "three_public_wide"
    phases = form.options.get("phases", {})
    labels_of_phase = {word: phase for phase, words in phases.items() for word in words}
    count = 0
    lost = frozenset() if is_wide else _lost_columns(form, header, rows)
    unlabelled: list[Cell] = []
    for row_no, row in enumerate(rows, start=1):
        labels = {block: _labels(header, row, block, {}, {}) for block in {column.block for column in header.columns}}
        for found in labels.values():
            extraction.claim(found.cells, schema.FACT, form_no)
        for number, (column, cell) in enumerate(zip(header.columns, row, strict=True), start=1):
            if column.is_label or not column.path or not (is_amount(cell.text) or cell.text in _NIL):
                continue
            count += 1
            own = labels[column.block]
            if not is_wide and (number - 1 in lost or not own.name):
                unlabelled.append(cell)
                continue
            extraction.claim([cell], schema.FACT, form_no)
            named = [part for part in column.path if bare(part) in labels_of_phase]
            phase = labels_of_phase[bare(named[-1])] if named else None
            code = column.code.split("/")[0] if column.code else None
            path = tuple(part for part in column.path if part not in named)
            extraction.add(
                "three_public_cell",
                form_no=form_no,
                row_no=row_no,
                column_no=number,
                line_no_printed=own.line_no,
                item_code=code if is_wide else None,
                item_printed="/".join(path) if is_wide else own.name,
                fund_code=form.options.get("fund", "total") if is_wide else None if code in _NO_FUND else code,
                phase=phase,
                measure_printed=named[-1] if phase and is_wide else column.printed,
                amount_printed=cell.text,
                at=cell.place,
            )
    _list_unlabelled(unlabelled, form, form_no, extraction)
    return count


def rows_contradict(form: Form, header: Header, items: list[Item]) -> bool:
    """True if the rows below a header are of something else than `form` says: most of them bear no name that such a
    form has. A header alone decides nothing: a list of projects by fund has the columns of “三公” by fund."""
    if form.form_kind not in ("budget_grid", "three_public") or not _NAMES & form.columns.keys():
        return False
    kind = "three_public" if form.form_kind == "three_public" else form.options["class_type"]
    width = len(header.columns)
    rows = [item.cells for item in items[header.body : body_end(items, header.body, len(items))]]
    named = [
        labels
        for row in rows
        if len(row) == width and not all(text in header.words for text in _texts(row))
        for block in {column.block for column in header.columns}
        if ((labels := _labels(header, row, block, {}, {})).name and not lines.is_total(labels.name)) or labels.code
    ]
    known = [labels for labels in named if _is_of(kind, labels)]
    return 2 * len(known) < len(named)


def _texts(row: Sequence[Cell]) -> list[str]:
    return [rules.squash(cell.text) for cell in row if cell.text]


def _is_of(kind: str, labels: _Labels) -> bool:
    """True if a row can be one of a form whose rows are items or classes."""
    if kind in ("three_public", "item"):
        return bool(labels.name) and lines.is_known(kind, labels.name or "")
    return bool(labels.code)


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
            if column.code == "private" or (
                privacy.is_private(cell.text) and not _is_figure(column.code, cell, amounts)
            ):
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
                    at=cell.place,
                )
            else:
                record[column.code] = cell.text
        if form.options.get("as_of"):
            record["as_of_printed"] = as_of
        extraction.add(form.options["table"], form_no=form_no, row_no=row_no, at=locator.place, **record)
        count += 1
    return count


def _is_figure(code: str, cell: Cell, amounts: Mapping[str, object]) -> bool:
    """True for a number or code in a column of such."""
    return privacy.is_figure(cell.text) and (code in amounts or privacy.is_figure_column(code, {}))
