"""Writers of .html, .docx, .xlsx and .pdf, for round trips: raw rows in, a document as it is published out.

The raw rows of a text are laid out form by form as ruled tables with merged cells; titles, lines of owner and unit,
notes and prose stand between them. Nothing here is shared with the readers but the declared labels.

What is not written: cells that no form claimed, residue of templates (`指标 2:`, `不涉及`, page numbers), table rows
without an amount, and the names of persons. None of them is a fact.
"""

from __future__ import annotations

import html
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby, pairwise
from unicodedata import east_asian_width

from loaders.extraction import RawRow
from loaders.forms import Form, catalogue

Rows = dict[str, list[RawRow]]
_BUDGET_LABELS = ("line_no", "class_code", "class_name", "item")
_INDEX = "栏次"


# --- tables ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Box:
    """A printed cell at `row` and `column` (from 0) that covers `columns` × `rows` places; its text may have lines."""

    row: int
    column: int
    text: str
    columns: int = 1
    rows: int = 1


@dataclass(frozen=True)
class Grid:
    """A ruled table. `widths` in half-width characters, one a column; the first `header` rows repeat on new pages."""

    boxes: tuple[Box, ...]
    widths: tuple[int, ...]
    rows: int
    header: int = 0

    def lines(self) -> Iterator[list[Box]]:
        """The boxes that begin in each row, from left to right."""
        by_row: dict[int, list[Box]] = {row: [] for row in range(self.rows)}
        for box in self.boxes:
            by_row[box.row].append(box)
        for boxes in by_row.values():
            yield sorted(boxes, key=lambda box: box.column)


Block = str | Grid


@dataclass
class _Ruled:
    """A table under way. Rows are (text, width)… whose widths add up to the same sum: where edges of any two rows
    differ, cells span columns, as in tables that are drawn by hand."""

    rows: list[list[tuple[str, int]]] = field(default_factory=list)
    down: dict[tuple[int, int], int] = field(default_factory=dict)  # (row, position) → rows that the cell covers

    def row(self, *cells: tuple[str, int]) -> None:
        self.rows.append(list(cells))

    def grid(self, header: int = 0) -> Grid:
        edges = sorted({0} | {edge for row in self.rows for edge in _edges(row)})
        column_of = {edge: number for number, edge in enumerate(edges)}
        taken: set[tuple[int, int]] = set()
        boxes = []
        for number, row in enumerate(self.rows):
            start = 0
            for position, (text, width) in enumerate(row):
                column, columns = column_of[start], column_of[start + width] - column_of[start]
                start += width
                if (number, column) in taken:
                    continue  # covered from above
                rows = self.down.get((number, position), 1)
                boxes.append(Box(number, column, text, columns, rows))
                taken |= {(r, c) for r in range(number, number + rows) for c in range(column, column + columns)}
        widths = tuple(right - left for left, right in pairwise(edges))
        return Grid(tuple(boxes), widths, len(self.rows), header)

    def merge_down(self, position: int, first: int, last: int) -> None:
        """Merges cells of one column downwards: each goes on over the blank ones below it."""
        at = first
        while at <= last:
            end = at
            while end < last and not self.rows[end + 1][position][0]:
                end += 1
            if self.rows[at][position][0]:
                self.down[at, position] = end - at + 1
            at = end + 1


def _edges(row: Sequence[tuple[str, int]]) -> list[int]:
    total = 0
    return [total := total + width for _, width in row]


# --- raw rows → blocks -----------------------------------------------------------------------------------------------


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
    """A form of columns: group headers merged over their columns, single headers downwards, then a row an item."""
    columns = raw["form_column"]
    paths = [str(column["header_printed"]).split("/") for column in columns]
    depth = max(len(path) for path in paths)
    body = _body(raw)
    widths = [
        max(6, min(24, max(_width(path[-1]) // 2 + 2, *(_width(row[at]) + 2 for row in body)) if body else 10))
        for at, path in enumerate(paths)
    ]
    table = _Ruled()
    for level in range(depth):
        row: list[tuple[str, int]] = []
        groups = groupby(
            range(len(paths)), key=lambda at: tuple(paths[at][: level + 1]) if level < len(paths[at]) else at
        )
        for _, members in groups:
            group = list(members)
            label = paths[group[0]][level] if level < len(paths[group[0]]) else ""
            if label and len(paths[group[0]]) == level + 1 < depth:
                table.down[level, len(row)] = depth - level
            row.append((label, sum(widths[at] for at in group)))
        table.row(*row)
    if _INDEX in _headers(raw):
        table.row(*((_INDEX if at == 0 else str(at), width) for at, width in enumerate(widths)))
    header = len(table.rows)
    codes = [column["column_code"] for column in columns]
    for line in body or [[""] * len(paths)]:
        cells = list(zip(line, widths, strict=True))
        if codes.count("class_code") == 1 and not line[at := codes.index("class_code")] and line[at + 1]:
            cells[at : at + 2] = [(line[at + 1], widths[at] + widths[at + 1])]  # 合计 has no code: one cell for both
        table.row(*cells)
    return table.grid(header)


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


_LEVEL_COLUMNS = {"level1": 10, "level2": 10, "level3": 15, "description": 20, "target": 10, "basis": 15}
_STEP = 5  # edges of cells are aligned or well apart, as people draw them


def _target(raw: Rows) -> Grid:
    """A project target: rows of labels and values of their own widths above the indicators."""
    form, project = _declared(raw), raw["project"][0]
    printed = {code: text for text in reversed(_headers(raw)) if (code := form.label_code(text))}
    columns = {code: text for text in reversed(_headers(raw)) if (code := form.column_code(text))}
    widths = {code: width for code, width in _LEVEL_COLUMNS.items() if code in columns}
    table = _Ruled()
    total, label = sum(widths.values()), widths["level1"]
    rest = total - label
    table.row(
        (printed["project_code"], label),
        (_text(project["project_code_printed"]), 25),
        (printed["project_name"], 10),
        (_text(project["project_name_printed"]), rest - 35),
    )
    money = [code for code in ("budget", "fiscal", "local", "other") if code in printed]
    purpose = _text(project["purpose_printed"])
    if money:
        table.down[len(table.rows), 0] = 2
        cells = [cell for code in money for cell in (printed[code], _text(project[f"{code}_printed"]))]
        table.row((printed["purpose"], label), *_shared_out(cells, rest))
        table.row(("", label), (purpose, rest))
    elif "purpose" in printed:
        table.row((printed["purpose"], label), (purpose, rest))
    if "plan" in printed:
        plan = raw.get("project_plan", [])
        table.down[len(table.rows), 0] = 2
        table.row((printed["plan"], label), *_shared_out([_text(row["month_printed"]) for row in plan], rest))
        table.row(("", label), *_shared_out([_text(row["plan_printed"]) for row in plan], rest))
    if "goal" in printed:
        goals = [_text(row["goal_printed"]) for row in raw.get("project_goal", [])]
        table.row((printed["goal"], label), ("\n".join(goals), rest))
    table.row(*((columns[code], width) for code, width in widths.items()))
    first = len(table.rows)
    for row in raw.get("project_indicator", []):
        table.row(*((_text(row.get(f"{code}_printed")), width) for code, width in widths.items()))
    for position in (0, 1):
        table.merge_down(position, first, len(table.rows) - 1)
    return table.grid()


def _shared_out(texts: list[str], width: int) -> list[tuple[str, int]]:
    """Texts in cells of about equal width."""
    edges = [round(width * at / len(texts) / _STEP) * _STEP for at in range(len(texts) + 1)]
    return [(text, edges[at + 1] - edges[at]) for at, text in enumerate(texts)]


_EVALUATION = {
    "level1": 9, "level2": 11, "level3": 18, "target": 12, "actual": 12, "weight": 8, "score": 8, "deviation": 12,
}  # fmt: skip
_FUNDS = {"initial": 18, "annual": 12, "executed": 12, "weight": 8, "rate": 8, "score": 12}
_SIDE = 8  # the column of 项目资金, 年度总体目标 and 绩效指标


def _evaluation(raw: Rows) -> Grid:
    """A self-evaluation: funds, goals and indicators, each block beside its label."""
    form, values = _declared(raw), raw["evaluation"][0]
    rest = sum(_EVALUATION.values())
    table = _Ruled()
    names = {code: labels[0] for code, labels in form.labels.items()}
    columns = {code: labels[0] for code, labels in form.columns.items()}
    table.row((names["project_name"], _SIDE), (_text(values.get("project_name_printed")), rest))
    half = _EVALUATION["level1"] + _EVALUATION["level2"] + _EVALUATION["level3"]
    table.row(
        (names["department"], _SIDE),
        (_text(values.get("department_printed")), half),
        (names["implementer"], 24),
        (_text(values.get("implementer_printed")), rest - half - 24),
    )
    funds = raw.get("evaluation_fund", [])
    source = rest - sum(_FUNDS.values())
    table.down[len(table.rows), 0] = len(funds) + 1
    heads = form.options["fund_columns"]
    table.row((names["funds"], _SIDE), ("", source), *((heads[code][0], width) for code, width in _FUNDS.items()))
    for fund in funds:
        amounts = ((_text(fund.get(f"{code}_printed")), width) for code, width in _FUNDS.items())
        table.row(("", _SIDE), (_text(fund["fund_source_printed"]), source), *amounts)
    table.down[len(table.rows), 0] = 2
    table.row((names["goal"], _SIDE), (names["expected"], half), (names["achieved"], rest - half))
    goals = (_text(values.get("expected_printed")), half), (_text(values.get("achieved_printed")), rest - half)
    table.row(("", _SIDE), *goals)
    first = len(table.rows)
    table.row((names["indicators"], _SIDE), *((columns[code], width) for code, width in _EVALUATION.items()))
    for row in raw.get("project_indicator", []):
        cells = {code: _text(row.get(f"{code}_printed")) for code in _EVALUATION}
        if row.get("level1_weight_printed"):
            cells["level1"] += f" {row['level1_weight_printed']}分"
        table.row(("", _SIDE), *((cells[code], width) for code, width in _EVALUATION.items()))
    table.down[first, 0] = len(table.rows) - first
    for position in (1, 2):
        table.merge_down(position, first + 1, len(table.rows) - 1)
    weights = (_text(values.get("total_weight_printed")), 8), (_text(values.get("total_score_printed")), 8), ("", 12)
    table.row((names["total"], _SIDE + half + 24), *weights)
    return table.grid()


# --- .html -----------------------------------------------------------------------------------------------------------


def as_html(blocks: Sequence[Block]) -> bytes:
    """A page with a <p> a paragraph and a <table> with colspan and rowspan."""
    parts = []
    for block in blocks:
        if isinstance(block, str):
            parts.append(f"<p>{_markup(block)}</p>")
            continue
        rows = (
            "".join(f'<td colspan="{b.columns}" rowspan="{b.rows}">{_markup(b.text)}</td>' for b in line)
            for line in block.lines()
        )
        parts.append(f'<table border="1">{"".join(f"<tr>{row}</tr>" for row in rows)}</table>')
    return f'<!DOCTYPE html><html><head><meta charset="utf-8"></head><body>{"".join(parts)}</body></html>'.encode()


def _markup(text: str) -> str:
    return html.escape(text).replace("\n", "<br>")


# --- .docx -----------------------------------------------------------------------------------------------------------

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


_OFFICE_TYPE = "application/vnd.openxmlformats-officedocument"
_PART_TYPES = {
    "word/document.xml": "wordprocessingml.document.main",
    "xl/workbook.xml": "spreadsheetml.sheet.main",
    "xl/worksheets/sheet": "spreadsheetml.worksheet",
    "xl/styles.xml": "spreadsheetml.styles",
}


def _package(main: str, parts: dict[str, str]) -> bytes:
    relation = f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="{main}"/>'
    # LibreOffice opens no package whose parts have no types.
    types = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    for name in parts:
        kind = next((kind for beginning, kind in _PART_TYPES.items() if name.startswith(beginning)), None)
        if kind:
            types += f'<Override PartName="/{name}" ContentType="{_OFFICE_TYPE}.{kind}+xml"/>'
    fixed = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">{types}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{relation}</Relationships>',
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in (fixed | parts).items():
            package.writestr(name, content)
    return file.getvalue()


def as_docx(blocks: Sequence[Block]) -> bytes:
    """A text with gridSpan and vMerge; a line of a cell is a paragraph."""
    body = "".join(_word_paragraphs(block) if isinstance(block, str) else _word_table(block) for block in blocks)
    document = f'<w:document xmlns:w="{_WORD}"><w:body>{body}<w:p/></w:body></w:document>'  # no table stands last
    return _package("word/document.xml", {"word/document.xml": document})


def _word_paragraphs(text: str) -> str:
    line = '<w:p><w:r><w:t xml:space="preserve">{}</w:t></w:r></w:p>'
    return "".join(line.format(html.escape(part, quote=False)) for part in text.split("\n"))


def _word_table(grid: Grid) -> str:
    columns = "".join(f'<w:gridCol w:w="{120 * width}"/>' for width in grid.widths)
    rows: list[list[tuple[int, str]]] = [[] for _ in range(grid.rows)]
    for box in grid.boxes:
        for step in range(box.rows):
            merge = "" if box.rows == 1 else '<w:vMerge w:val="restart"/>' if step == 0 else "<w:vMerge/>"
            content = _word_paragraphs(box.text if step == 0 else "")
            properties = f'<w:tcPr><w:gridSpan w:val="{box.columns}"/>{merge}</w:tcPr>'
            rows[box.row + step].append((box.column, f"<w:tc>{properties}{content}</w:tc>"))
    body = ""
    for number, row in enumerate(rows):
        repeated = "<w:trPr><w:tblHeader/></w:trPr>" if number < grid.header else ""
        body += f"<w:tr>{repeated}{''.join(cell for _, cell in sorted(row))}</w:tr>"
    return f"<w:tbl><w:tblPr/><w:tblGrid>{columns}</w:tblGrid>{body}</w:tbl>"


# --- .xlsx -----------------------------------------------------------------------------------------------------------


# What a number cell can show: amounts, and codes and years too.
_AMOUNT = re.compile(r"-?(?:0|[1-9][0-9]{0,2}(?:,[0-9]{3})+|[1-9][0-9]*)(?:\.[0-9]{1,4})?%?")
_NUMBER_STYLES = [
    f"{whole}{'.' * bool(decimals)}{'0' * decimals}{percent}"
    for whole in ("0", "#,##0")
    for decimals in range(5)
    for percent in ("", "%")
]


def as_xlsx_of_numbers(blocks: Sequence[Block]) -> bytes:
    """The same workbook with amounts as numbers, which only their formats make look as they are printed."""
    return as_xlsx(blocks, numbers=True)


def as_xlsx(blocks: Sequence[Block], numbers: bool = False) -> bytes:
    """A workbook with a sheet a form, what stands above it on its top; the lines of a paragraph are rows."""
    sheets: list[list[Block]] = [[]]
    for block in blocks:
        if any(isinstance(above, Grid) for above in sheets[-1]) and not _is_note(block):
            sheets.append([])
        sheets[-1].append(block)
    names = [f"表{number}" for number in range(1, len(sheets) + 1)]
    listed = "".join(f'<sheet name="{name}" sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(names, start=1))
    relations = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(sheets) + 1)
    )
    relations += f'<Relationship Id="styles" Type="{_OFFICE}/styles" Target="styles.xml"/>'
    space = f'xmlns="{_SHEET}" xmlns:r="{_OFFICE}"'
    parts = {
        "xl/workbook.xml": f"<workbook {space}><sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{relations}</Relationships>',
    }
    for number, sheet in enumerate(sheets, start=1):
        parts[f"xl/worksheets/sheet{number}.xml"] = f"<worksheet {space}>{_sheet(sheet, numbers)}</worksheet>"
    codes = "".join(f'<numFmt numFmtId="{at}" formatCode="{code}"/>' for at, code in enumerate(_NUMBER_STYLES, 200))
    styles = "".join(f'<xf numFmtId="{at}"/>' for at in range(200, 200 + len(_NUMBER_STYLES)))
    parts["xl/styles.xml"] = (
        f"<styleSheet {space}><numFmts>{codes}</numFmts><cellXfs><xf numFmtId='0'/>{styles}</cellXfs></styleSheet>"
    )
    return _package("xl/workbook.xml", parts)


def _is_note(block: Block) -> bool:
    return isinstance(block, str) and block.startswith("注")


def _sheet(blocks: Sequence[Block], numbers: bool) -> str:
    across = max((len(block.widths) for block in blocks if isinstance(block, Grid)), default=1)
    rows: list[str] = []
    merges: list[str] = []

    def merge(row: int, column: int, columns: int, down: int) -> None:
        if columns * down > 1:
            merges.append(
                f'<mergeCell ref="{_address(row, column)}:{_address(row + down - 1, column + columns - 1)}"/>'
            )

    for block in blocks:
        top = len(rows)
        if isinstance(block, str):
            for line in block.split("\n"):
                merge(len(rows), 0, across, 1)
                rows.append(_sheet_cell(len(rows), 0, line, numbers))
            continue
        for boxes in block.lines():
            rows.append("".join(_sheet_cell(top + box.row, box.column, box.text, numbers) for box in boxes))
            for box in boxes:
                merge(top + box.row, box.column, box.columns, box.rows)
    data = "".join(f'<row r="{number}">{cells}</row>' for number, cells in enumerate(rows, start=1))
    merged = f"<mergeCells>{''.join(merges)}</mergeCells>" if merges else ""
    return f"<sheetData>{data}</sheetData>{merged}"


def _sheet_cell(row: int, column: int, text: str, numbers: bool) -> str:
    """A text cell, amounts too; with `numbers` an amount is a number under the format that shows it."""
    if not text:
        return f'<c r="{_address(row, column)}"/>'
    if numbers and _AMOUNT.fullmatch(text):
        bare = text.rstrip("%").replace(",", "")
        decimals = len(bare.partition(".")[2])
        code = f"{'#,##0' if ',' in text else '0'}{'.' * bool(decimals)}{'0' * decimals}{'%' * text.endswith('%')}"
        value = Decimal(bare).scaleb(-2) if text.endswith("%") else Decimal(bare)
        return f'<c r="{_address(row, column)}" s="{_NUMBER_STYLES.index(code) + 1}"><v>{value:f}</v></c>'
    inline = f'<is><t xml:space="preserve">{html.escape(text, quote=False)}</t></is>'
    return f'<c r="{_address(row, column)}" t="inlineStr">{inline}</c>'


def _address(row: int, column: int) -> str:
    letters = chr(65 + column) if column < 26 else chr(64 + column // 26) + chr(65 + column % 26)
    return f"{letters}{row + 1}"


# --- .pdf ------------------------------------------------------------------------------------------------------------

_SIZE, _LEADING, _PAD = 9.0, 12.0, 3.0  # points
_SHORT_SIDE, LONG_SIDE, _MARGIN = 595.0, 842.0, 45.0


def _width(text: str) -> int:
    """The width of a text in half-width characters; of several lines, of the longest."""
    return max(sum(_advance(char) for char in line) for line in text.split("\n"))


def _advance(char: str) -> int:
    return 2 if east_asian_width(char) in "WFA" else 1


def _wrapped(text: str, width: float, indent: int = 0) -> list[str]:
    """The lines of a text in `width` half-width characters; the first begins `indent` of them to the right."""
    lines: list[str] = []
    for part in text.split("\n"):
        line, used = "", indent
        for char in part:
            if used + _advance(char) > width and line:
                lines.append(line)
                line, used = "", 0
            line += char
            used += _advance(char)
        lines.append(line)
        indent = 0
    return lines


@dataclass
class _Pages:
    """Pages under way: drawing operators, and the characters that the font must know."""

    long_side: float = LONG_SIDE
    width: float = 0.0
    height: float = 0.0
    pages: list[tuple[float, float, list[str]]] = field(default_factory=list)
    codes: dict[str, int] = field(default_factory=dict)
    y: float = 0.0

    def new_page(self) -> None:
        self.pages.append((self.width, self.height, []))
        self.y = self.height - _MARGIN

    def turn(self, is_wide: bool) -> None:
        """From here on pages are wide or tall; a page of the other shape is ended."""
        size = (self.long_side, _SHORT_SIDE) if is_wide else (_SHORT_SIDE, self.long_side)
        if (self.width, self.height) != size:
            self.width, self.height = size
            self.new_page()

    def room(self, height: float) -> bool:
        return self.y - height >= _MARGIN

    def text(self, x: float, y: float, text: str) -> None:
        if len(text) == 1:
            text += " "  # without an outline a character alone is no object of any width, and extractors leave it out
        codes = "".join(f"{self.codes.setdefault(char, len(self.codes) + 1):04X}" for char in text)
        self.pages[-1][2].append(f"BT /F1 {_SIZE:g} Tf {x:.2f} {y:.2f} Td <{codes}> Tj ET")

    def line(self, x0: float, y0: float, x1: float, y1: float) -> None:
        self.pages[-1][2].append(f"{x0:.2f} {y0:.2f} m {x1:.2f} {y1:.2f} l S")

    def paragraph(self, text: str) -> None:
        """Long texts are set in lines of full width behind an indent of two characters, short ones in the middle."""
        inner = self.width - 2 * _MARGIN
        is_prose = _width(text) > 50 or "\n" in text
        indent = 4 if is_prose else 0
        for number, line in enumerate(_wrapped(text, inner / (_SIZE / 2), indent)):
            if not self.room(_LEADING * 1.5):
                self.new_page()
            shift = indent * _SIZE / 2 if number == 0 else 0.0
            if not is_prose:
                shift = (inner - _width(line) * _SIZE / 2) / 2
            self.text(_MARGIN + shift, self.y - _SIZE, line)
            self.y -= _LEADING * 1.5 if is_prose else _LEADING * 2
        self.y -= _LEADING / 2 if is_prose else 0

    def table(self, grid: Grid) -> None:
        """Rows are as high as their texts; what does not fit goes on on the next page below the header again."""
        inner = self.width - 2 * _MARGIN
        scale = inner / sum(grid.widths)
        xs = [_MARGIN + scale * sum(grid.widths[:at]) for at in range(len(grid.widths) + 1)]
        texts = {
            box: _wrapped(box.text, (xs[box.column + box.columns] - xs[box.column] - 2 * _PAD) / (_SIZE / 2))
            for box in grid.boxes
        }
        heights = [_LEADING + 2 * _PAD] * grid.rows
        for box in sorted(grid.boxes, key=lambda box: box.rows):
            last = box.row + box.rows - 1
            lacking = len(texts[box]) * _LEADING + 2 * _PAD - sum(heights[box.row : last + 1])
            heights[last] += max(lacking, 0.0)
        start = 0
        while start < grid.rows:
            header = list(range(grid.header)) if start >= grid.header else []
            if not self.room(sum(heights[row] for row in [*header, start])):
                self.new_page()
            free = self.y - _MARGIN - sum(heights[row] for row in header)
            fits = [end for end in range(start + 1, grid.rows + 1) if sum(heights[start:end]) <= free]
            whole = [end for end in fits if self._may_break(grid, end, heights, texts)]
            end = max(whole or fits, default=start + 1)
            shown = [*(header if start else []), *range(start, end)]
            self._part(grid, shown, xs, heights, texts)
            start = end
            if start < grid.rows:
                self.new_page()
        self.y -= _LEADING

    @staticmethod
    def _may_break(grid: Grid, end: int, heights: list[float], texts: dict[Box, list[str]]) -> bool:
        """True if each cell that goes on below row `end` has room for its text above."""
        cut = (box for box in grid.boxes if box.row < end < box.row + box.rows)
        return all(len(texts[box]) * _LEADING + 2 * _PAD <= sum(heights[box.row : end]) for box in cut)

    def _part(
        self, grid: Grid, shown: list[int], xs: list[float], heights: list[float], texts: dict[Box, list[str]]
    ) -> None:
        """The rows `shown` from the present height on; a cell that began on the page before goes on as a blank one."""
        tops = {}
        for row in shown:
            tops[row] = self.y
            self.y -= heights[row]
        for box in grid.boxes:
            rows = [row for row in shown if box.row <= row < box.row + box.rows]
            if not rows:
                continue
            top, bottom = tops[rows[0]], tops[rows[-1]] - heights[rows[-1]]
            left, right = xs[box.column], xs[box.column + box.columns]
            self.line(left, top, right, top)
            self.line(left, bottom, right, bottom)
            self.line(left, top, left, bottom)
            self.line(right, top, right, bottom)
            if rows[0] == box.row:
                lines = texts[box]
                y = (top + bottom + len(lines) * _LEADING) / 2 - _SIZE
                y = min(y, top - _PAD - _SIZE + 2)
                for line in lines:
                    self.text(left + _PAD, y, line)
                    y -= _LEADING


def as_pdf(blocks: Sequence[Block], long_side: float = LONG_SIDE) -> bytes:
    """Ruled tables and set lines; a font without outlines, whose characters have their width and meaning only.

    Forms of more than eight columns of figures stand on wide pages. `long_side` of a page in points.
    """
    pages = _Pages(long_side)
    for block, following in zip(blocks, [*blocks[1:], ""], strict=True):
        table = block if isinstance(block, Grid) else following
        pages.turn(isinstance(table, Grid) and table.header > 0 and len(table.widths) > 8)
        if isinstance(block, Grid):
            pages.table(block)
        else:
            pages.paragraph(block)
    return _written(pages)


def _written(pages: _Pages) -> bytes:
    meanings = [f"<{code:04X}> <{char.encode('utf-16-be').hex()}>" for char, code in pages.codes.items()]
    batches = [meanings[start : start + 100] for start in range(0, len(meanings), 100)]
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def\n"
        "1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
        + "".join(f"{len(batch)} beginbfchar\n{chr(10).join(batch)}\nendbfchar\n" for batch in batches)
        + "endcmap end end"
    )
    widths = " ".join(f"{code} [{500 * _advance(char)}]" for char, code in pages.codes.items())
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"",
        b"<< /Type /Font /Subtype /Type0 /BaseFont /Song /Encoding /Identity-H /DescendantFonts [4 0 R] "
        b"/ToUnicode 5 0 R >>",
        b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Song /CIDSystemInfo << /Registry (Adobe) "
        b"/Ordering (Identity) /Supplement 0 >> /FontDescriptor 6 0 R /DW 1000 /W [" + widths.encode() + b"] >>",
        _stream(cmap.encode()),
        b"<< /Type /FontDescriptor /FontName /Song /Flags 4 /FontBBox [0 -120 1000 880] /ItalicAngle 0 /Ascent 880 "
        b"/Descent -120 /CapHeight 700 /StemV 80 >>",
    ]
    kids = []
    for width, height, operators in pages.pages:
        objects.append(_stream("\n".join(["0.5 w", *operators]).encode()))
        objects.append(
            (
                f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width:g} {height:g}] /Contents {len(objects)} 0 R "
                "/Resources << /Font << /F1 3 0 R >> >> >>"
            ).encode()
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>".encode()
    out = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{offset:010d} 00000 n \n".encode() for offset in offsets)
    out += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(out)


def _stream(data: bytes) -> bytes:
    packed = zlib.compress(data)
    return f"<< /Filter /FlateDecode /Length {len(packed)} >>\nstream\n".encode() + packed + b"\nendstream"


FORMATS: dict[str, Callable[[Sequence[Block]], bytes]] = {
    "html": as_html,
    "docx": as_docx,
    "xlsx": as_xlsx,
    "pdf": as_pdf,
}
