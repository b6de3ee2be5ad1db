"""Text without TABs: prose, and tables whose cells were wrapped when they were copied out of a PDF.

In a wrapped table every visual line stands alone, cells follow each other left to right, and a cell that needs
several lines stands complete before the next one. A line therefore either holds one or more whole cells, or is a
part of exactly one cell. The labels of the declared forms tell where a table, its parts and its rows begin; within
a row the lines are shared out over the columns by the cheapest reading (`_split_row`). A row that cannot be shared
out is left as one cell, which no form will claim: it is listed, not guessed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations, pairwise

from loaders import text as rules
from loaders.document import Block, Cell, Paragraph, Place, Row, Table
from loaders.forms import Form, catalogue

NewCell = Callable[[str, Place], Cell]

_MONTH = re.compile(r"[0-9]{1,2}\s*月底?|[一二三四]季度")
_SENTENCE_END = "。！？；;：:"
_CLAUSE_MARK = re.compile("[，。；]")
_ATTACHMENT = re.compile(r"附(?:件|表|录)?\s*[0-9０-９一二三四五六七八九十]{0,3}\s*(?:[:：、.．]|$)")
_LABELLED = re.compile(r"^\s*[^\s，。；]{1,12}[:：]")
_NUMBERED = re.compile(r"^\s*[0-9０-９]{1,2}[、.．]")


@dataclass(frozen=True, slots=True)
class Line:
    """A line without TAB. `blanks` counts the blank lines before it."""

    number: int
    text: str
    blanks: int


@dataclass(frozen=True, slots=True)
class _Position:
    """A place between two characters of a run of lines."""

    line: int
    offset: int


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of a line that is read as content. `blank` tells of a blank line before it."""

    text: str
    number: int
    blank: bool


def read(lines: list[Line], new_cell: NewCell) -> list[Block]:
    """Consecutive lines without TABs → paragraphs and tables, in order."""
    blocks: list[Block] = []
    prose: list[Line] = []
    page_numbers = [line for line in lines if line.blanks >= 2 and rules.is_page_number(line.text)]
    if page_numbers:
        blocks += [Paragraph(new_cell(line.text.strip(), Place(line.number, line.number))) for line in page_numbers]
        lines = [line for line in lines if not (line.blanks >= 2 and rules.is_page_number(line.text))]
    forms = [
        form
        for form in catalogue().forms
        if form.form_kind == "project_target" and set(form.labels) >= {"project_code", "purpose", "plan", "goal"}
    ]
    last = _usual_last_cells(lines)
    index = 0
    while index < len(lines):
        reading = next((r for form in forms if (r := _Reading.start(lines, index, form, new_cell, last))), None)
        if reading is None:
            prose.append(lines[index])
            index += 1
            continue
        blocks.extend(_paragraphs(prose, new_cell))
        prose = []
        rows, index = reading.rows()
        blocks.append(Table(tuple(rows)))
    blocks.extend(_paragraphs(prose, new_cell))
    return blocks


def _usual_last_cells(lines: list[Line]) -> frozenset[str]:
    """Texts that end several rows: what the last column usually says."""
    tokens = Counter(line.text.split()[-1] for line in lines if len(line.text.split()) >= 3)
    return frozenset(token for token, count in tokens.items() if count >= 3)


# --- prose ---------------------------------------------------------------------------------------------------


def _paragraphs(lines: list[Line], new_cell: NewCell) -> list[Block]:
    """Lines → paragraphs; a paragraph that was wrapped or cut by a page break is joined again."""
    width = _wrap_width(lines)
    joined: list[tuple[str, int, int]] = []
    for at, line in enumerate(lines):
        text = rules.clean(line.text)
        if joined and _goes_on(joined[-1][0], text, lines[at - 1], width):
            before, first, _ = joined[-1]
            joined[-1] = (rules.join_lines(before, text), first, line.number)
        else:
            joined.append((text, line.number, line.number))
    return [Paragraph(new_cell(text, Place(first, last))) for text, first, last in joined if text]


def _goes_on(before: str, text: str, previous: Line, width: float | None) -> bool:
    """True if `text` goes on with the paragraph `before`, whose last line is `previous`."""
    if (
        not text
        or rules.is_heading(text)
        or rules.is_page_number(text)
        or rules.is_page_number(before)
        or _NUMBERED.match(text)
        or _ATTACHMENT.match(text)
        or _LABELLED.match(text)
        or catalogue().is_title(text)
        or catalogue().is_title(before)
    ):
        return False
    if width is not None:
        return _width(previous.text.strip()) >= width - 3
    # A page break cuts sentences; a long name or title has nothing that a sentence has.
    return len(before) >= 30 and before[-1] not in _SENTENCE_END and bool(_CLAUSE_MARK.search(before))


def _wrap_width(lines: list[Line]) -> float | None:
    """The width at which prose was wrapped, or None where each line is a paragraph of its own."""
    widths = [_width(line.text.strip()) for line in lines]
    if len(widths) < 8 or max(widths) > 60:
        return None
    widest = max(widths)
    return widest if sum(1 for w in widths if w >= widest - 4) >= 0.3 * len(widths) else None


def _width(text: str) -> float:
    """Printed width in Chinese characters."""
    return sum(0.5 if c.isascii() else 1.0 for c in text)


# --- tables --------------------------------------------------------------------------------------------------


@dataclass
class _Reading:
    """One wrapped table being read: `at` moves through the lines."""

    lines: list[Line]
    form: Form
    new_cell: NewCell
    last: frozenset[str]
    at: _Position
    rest: tuple[str, ...] = ()  # the columns behind the levels

    @classmethod
    def start(
        cls, lines: list[Line], index: int, form: Form, new_cell: NewCell, last: frozenset[str]
    ) -> _Reading | None:
        """A table begins where the anchor label and the name label follow each other."""
        reading = cls(lines, form, new_cell, last, _Position(index, 0))
        if not reading._label("project_code"):
            return None
        code = reading._until(["project_name"], limit=3)
        return cls(lines, form, new_cell, last, _Position(index, 0)) if code is not None else None

    def rows(self) -> tuple[list[Row], int]:
        """The rows of the table, and the index of the first line behind it."""
        rows = [Row(tuple(self._heads(["project_code", "project_name"], stop="purpose")))]
        for name, stop in (("purpose", "plan"), ("plan", "goal"), ("goal", None)):
            label = self._take_label(name)
            if label is None:
                return rows, self._next_line()
            pieces = self._until([stop], header=False) if stop else self._until([], header=True)
            if pieces is None:
                pieces = self._rest_until_next_table()
            if name == "plan":
                rows.extend(self._plan(label, pieces))
            else:
                rows.append(Row((label, self._joined(pieces))))
        header = self._header()
        if not header:
            return rows, self._next_line()
        rows.append(Row(tuple(cell for _, cell in header)))
        rows.extend(self._indicators([code for code, _ in header]))
        return rows, self._next_line()

    # labels

    def _match(self, label: str, at: _Position, truncated: bool = False) -> _Position | None:
        """Where `label` ends if it stands at `at`, white space and line ends aside.

        With `truncated` the last character may be missing at a line end.
        """
        line, offset = at.line, at.offset
        for position, char in enumerate(label):
            while line < len(self.lines):
                text = self.lines[line].text
                while offset < len(text) and rules.squash(text[offset]) == "":
                    offset += 1
                if offset < len(text):
                    break
                line, offset = line + 1, 0
            if line >= len(self.lines):
                return None
            if not _same(self.lines[line].text[offset], char):
                if truncated and position == len(label) - 1 and offset == _indent(self.lines[line].text):
                    return _Position(line, 0)
                return None
            offset += 1
        return _Position(line, offset)

    def _find(self, name: str, at: _Position) -> _Position | None:
        """The end of the longest synonym of label `name` at `at`."""
        for label in sorted(self.form.labels[name], key=len, reverse=True):
            end = self._match(label, at)
            if end:
                return end
        return None

    def _label(self, name: str) -> bool:
        end = self._find(name, self.at)
        if end:
            self.at = end
        return end is not None

    def _take_label(self, name: str) -> Cell | None:
        start = self.at
        if not self._label(name):
            return None
        return self._cell_between(start, self.at)

    def _cell_between(self, start: _Position, end: _Position) -> Cell:
        pieces = self._pieces(start, end)
        text = rules.squash("".join(piece.text for piece in pieces))
        return self.new_cell(text, Place(pieces[0].number, pieces[-1].number))

    def _pieces(self, start: _Position, end: _Position) -> list[_Piece]:
        """The parts of lines from `start` up to `end`, blank parts left out."""
        pieces = []
        for index in range(start.line, min(end.line + 1, len(self.lines))):
            line = self.lines[index]
            text = line.text[: end.offset] if index == end.line else line.text
            text = text[start.offset :] if index == start.line else text
            if text.strip():
                blank = line.blanks > 0 if index > start.line or start.offset == 0 else False
                pieces.append(_Piece(text.strip(), line.number, blank))
        return pieces

    def _until(self, names: list[str], header: bool = False, limit: int = 40) -> list[_Piece] | None:
        """The pieces before the next of the labels `names` (or the indicator header); None if there is none near."""
        start = self.at
        for index in range(start.line, min(start.line + limit, len(self.lines))):
            text = self.lines[index].text
            first = start.offset if index == start.line else 0
            # A wrapped label begins a line; the label of a name may also stand inside one.
            offsets = range(first, len(text)) if names == ["project_name"] else [first]
            for offset in offsets:
                here = _Position(index, offset)
                if index > start.line and offset == 0 and self._begins_table(here):
                    return None
                found = self._columns(here) if header else any(self._find(name, here) for name in names)
                if found and here != start:
                    self.at = here
                    return self._pieces(start, here)
        return None

    def _begins_table(self, here: _Position) -> bool:
        return self._find("project_code", here) is not None

    def _rest_until_next_table(self) -> list[_Piece]:
        start = self.at
        end = start.line + 1
        while end < len(self.lines) and not self._begins_table(_Position(end, 0)):
            end += 1
        self.at = _Position(end, 0)
        return self._pieces(start, self.at)

    def _next_line(self) -> int:
        """The first line that this table has not used."""
        if self.at.line < len(self.lines) and self.lines[self.at.line].text[self.at.offset :].strip():
            return self.at.line if self.at.offset == 0 else self.at.line + 1
        return self.at.line + 1

    # parts

    def _heads(self, names: list[str], stop: str) -> list[Cell]:
        """Label and value, label and value: `项目编码 X 预算项目名称 Y`."""
        cells: list[Cell] = []
        for name, following in zip(names, [*names[1:], stop], strict=True):
            label = self._take_label(name)
            pieces = self._until([following])
            if label is None or pieces is None:
                break
            cells += [label, self._joined(pieces)]
        return cells

    def _joined(self, pieces: list[_Piece]) -> Cell:
        text = ""
        for piece in pieces:
            text = rules.join_lines(text, piece.text)
        first, last = (pieces[0].number, pieces[-1].number) if pieces else (self._line_number(), self._line_number())
        return self.new_cell(text, Place(first, last))

    def _line_number(self) -> int:
        return self.lines[min(self.at.line, len(self.lines) - 1)].number

    def _plan(self, label: Cell, pieces: list[_Piece]) -> list[Row]:
        """The months of the spending plan, then one value a month; a bare % is an empty cell."""
        months = [piece for piece in pieces if _MONTH.search(rules.half_width(piece.text))]
        values = [piece for piece in pieces if not _MONTH.search(rules.half_width(piece.text))]
        month_cells = [
            self.new_cell(piece.text[month.start() : month.end()], Place(piece.number, piece.number))
            for piece in months
            for month in _MONTH.finditer(rules.half_width(piece.text))
        ]
        rows = [Row((label, *month_cells))]
        if not values:
            return rows
        text = " ".join(piece.text for piece in values)
        place = Place(values[0].number, values[-1].number)
        parts = (
            re.findall(r"[^%％]*[%％]", text)
            if text.count("%") + text.count("％") == len(month_cells)
            else text.split()
        )
        if len(parts) != len(month_cells):
            parts = [text]
        rows.append(Row((self.new_cell("", place), *(self.new_cell(part.strip(), place) for part in parts))))
        return rows

    def _columns(self, at: _Position) -> list[tuple[str, _Position, _Position]]:
        """The indicator header at `at`: (column, start, end) of each label; empty if it is none."""
        found: list[tuple[str, _Position, _Position]] = []
        synonyms = sorted(
            ((label, code) for code, labels in self.form.columns.items() for label in labels),
            key=lambda item: len(item[0]),
            reverse=True,
        )
        while True:
            used = {code for code, _, _ in found}
            for label, code in synonyms:
                end = self._match(label, at) if code not in used else None
                if end:
                    found.append((code, at, end))
                    at = end
                    break
            else:
                return found if len(found) >= 3 else []

    def _header(self) -> list[tuple[str, Cell]]:
        found = self._columns(self.at)
        cells = [(code, self._cell_between(start, end)) for code, start, end in found]
        if found:
            self.at = found[-1][2]
        return cells

    # indicators

    def _levels(self, at: _Position) -> tuple[list[tuple[str, _Position, _Position]], _Position]:
        """The level labels at `at`: at most a level 1 and then a level 2."""
        found: list[tuple[str, _Position, _Position]] = []
        declared = catalogue().levels
        # 成本指标 may be of either level: in this text it is of level 2.
        first = [label for label in declared.level1 if label not in declared.level2]
        for level, labels in (("level1", first), ("level2", declared.level2)):
            for label in sorted(labels, key=len, reverse=True):
                end = self._match(label, at, truncated=True)
                if end:
                    found.append((level, at, end))
                    at = end
                    break
        return found, at

    def _indicators(self, columns: list[str]) -> list[Row]:
        rows = []
        self.rest = tuple(column for column in columns if column not in ("level1", "level2"))
        while self.at.line < len(self.lines):
            levels, start = self._levels(self.at)
            if not levels:
                break
            self.at = start
            end = self._row_end()
            pieces = self._pieces(start, end)
            self.at = end
            rows.append(self._indicator(columns, levels, pieces))
            if end.line < len(self.lines) and (self._begins_table(end) or not self._levels(end)[0]):
                break
        return rows

    def _row_end(self) -> _Position:
        """The start of the next row, table, heading, or the end of the lines."""
        for index in range(self.at.line + (1 if self.at.offset else 0), len(self.lines)):
            here = _Position(index, 0)
            text = self.lines[index].text
            if here == self.at:
                continue
            if (
                self._levels(here)[0]
                or self._begins_table(here)
                or catalogue().is_title(rules.clean(text))
                or rules.is_heading(text)
                or self._ends_before(here)
            ):
                return here
        return _Position(len(self.lines), 0)

    def _ends_before(self, here: _Position) -> bool:
        """True at a gap of a page where the row is whole and no other row of the table follows."""
        if self.lines[here.line].blanks < 3:
            return False
        if _split_row(self._pieces(self.at, here), list(self.rest), self.last) is None:
            return False
        for index in range(here.line, len(self.lines)):
            at = _Position(index, 0)
            if self._begins_table(at):
                return True
            if self._levels(at)[0]:
                return False
        return True

    def _indicator(
        self, columns: list[str], levels: list[tuple[str, _Position, _Position]], pieces: list[_Piece]
    ) -> Row:
        printed = {level: self._cell_between(start, end) for level, start, end in levels}
        full = {level: self._full_label(level, cell.text) for level, cell in printed.items()}
        place = next(iter(printed.values())).place
        head = [
            self.new_cell(full[level], printed[level].place) if level in printed else self.new_cell("", place)
            for level in ("level1", "level2")
            if level in columns
        ]
        split = _split_row(pieces, list(self.rest), self.last)
        if split is None:
            return Row((*head, self._joined(pieces)))
        return Row((*head, *(self.new_cell(text, at) for text, at in split)))

    @staticmethod
    def _full_label(level: str, text: str) -> str:
        """A label that lost its last character at a line end is given with it: it is one of a closed list."""
        labels = getattr(catalogue().levels, level)
        return next((label for label in labels if label == text), None) or next(
            (label for label in labels if label[:-1] == text), text
        )


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip())


def _same(printed: str, wanted: str) -> bool:
    return printed == wanted or rules.half_width(printed) == rules.half_width(wanted)


# --- sharing out a row over its columns ------------------------------------------------------------------------

_NARROW = ("level3", "target", "basis", "actual", "weight", "score")
_COUNTED = "个年月日天人次条套台件起户家名项份路辆处批场公平㎡米小吨亩岁元万亿%"
_PLAIN = re.compile("[\u4e00-\u9fff]+")
_DATE = re.compile(r"^[^\s]*[0-9]{4}年[0-9]{1,2}月")
_VALUE = re.compile(
    r"^(?:[≥≤＞＜><=＝≧≦约近±]*\s*[0-9][0-9.,，]*\s*[^\s0-9]{0,6}|[^\s0-9]{1,6}|[0-9]{4}年\s*[0-9]{1,2}\s*月底?(?:前|底前)?)$"
)


def _split_row(
    pieces: list[_Piece], columns: list[str], last: frozenset[str] = frozenset()
) -> list[tuple[str, Place]] | None:
    """The lines of a row → one (text, place) a column, or None if they cannot fill the columns.

    Tries every reading in which a line is either a run of whole cells or a part of one cell, and takes the cheapest:
    lines of one cell are about equally wide but for the last, narrow columns hold short texts, digits may be set off
    by spaces inside a cell, a blank line stands before the lines of a wrapped cell rather than before whole cells, and
    the last column says what it says elsewhere (`last`).
    """
    best: dict[tuple[int, int], tuple[float, list[tuple[str, Place]]]] = {(0, 0): (0.0, [])}
    for index in range(len(pieces)):
        for done in range(len(columns) + 1):
            if (index, done) not in best:
                continue
            cost, cells = best[index, done]
            for used, extra, more in _readings(pieces, index, columns[done:]):
                key = (index + used, done + len(more))
                usual = key == (len(pieces), len(columns)) and more[-1][0] in last
                total = cost + extra - (0.8 if usual else 0.0)
                if key not in best or total < best[key][0]:
                    best[key] = (total, cells + more)
    final = best.get((len(pieces), len(columns)))
    return final[1] if final else None


def _readings(pieces: list[_Piece], index: int, columns: list[str]) -> list[tuple[int, float, list[tuple[str, Place]]]]:
    """Readings of the next line or lines: (lines used, cost, cells)."""
    if not columns:
        return []
    readings = []
    piece = pieces[index]
    tokens = piece.text.split()
    place = Place(piece.number, piece.number)
    late_blank = 0.8 if piece.blank and index > 0 else 0.0
    for count in range(1, min(len(tokens), len(columns)) + 1):
        for cost, texts in _groupings(tokens, count, columns):
            readings.append((1, cost + late_blank, [(text, place) for text in texts]))
    for last in range(index + 1, min(index + 12, len(pieces))):
        group = pieces[index : last + 1]
        text = ""
        for part in group:
            text = rules.join_lines(text, _unspread(part.text))
        where = Place(group[0].number, group[-1].number)
        readings.append((len(group), _wrapped_cost(group, columns[0]), [(text, where)]))
    return readings


def _groupings(tokens: list[str], count: int, columns: list[str]) -> list[tuple[float, list[str]]]:
    """Ways to make `count` cells of the tokens of one line, with their cost."""
    ways = []
    for cuts in combinations(range(1, len(tokens)), count - 1):
        bounds = [0, *cuts, len(tokens)]
        groups = [tokens[a:b] for a, b in pairwise(bounds)]
        cost = 0.0
        for group, column in zip(groups, columns, strict=False):
            cost += sum(_gap_cost(a, b, column) for a, b in pairwise(group))
            cost += _cell_cost(" ".join(group), column)
        for cut in cuts:
            if len(tokens[cut - 1]) == 1 and len(tokens[cut]) == 1 and not tokens[cut].isascii():
                cost += 3.0  # justified type, not two cells of one character
            if tokens[cut - 1][-1].isdigit() and tokens[cut][0] in _COUNTED:
                cost += 0.6
            if _DATE.match(rules.half_width(f"{tokens[cut - 1]}{tokens[cut]}")):
                cost += 1.5  # a date is one value
        ways.append((cost, [_unspread(" ".join(group)) for group in groups]))
    return ways


def _gap_cost(before: str, after: str, column: str) -> float:
    """What it costs to take the space between two tokens as a space inside a cell."""
    if len(before) == 1 and len(after) == 1 and not before.isascii() and not after.isascii():
        return 0.0
    if before[-1].isdigit() and after[0] in _COUNTED:
        return 0.4
    wide = 0.0 if column == "description" else 0.4
    if before[-1].isascii() != after[0].isascii():
        return 0.8 + wide
    return 4.0


def _cell_cost(text: str, column: str) -> float:
    """What it costs to take `text` as the whole of a cell of `column`."""
    width = _width(text)
    cost = 0.0
    if column == "target":
        cost += 0.0 if _VALUE.match(text) else 1.0
    if column == "basis" and (text[0].isdigit() or width > 8):
        cost += 1.0
    if column in _NARROW and width > 9:
        cost += 0.3 * (width - 9)
    return cost


def _wrapped_cost(group: list[_Piece], column: str) -> float:
    """What it costs to take these lines as one wrapped cell of `column`."""
    widths = [_width(piece.text) for piece in group]
    full, last = widths[:-1], widths[-1]
    # Plain Chinese wraps at exactly the column's width; numbers and punctuation may hang over or move down.
    slack = 0.5 if all(_PLAIN.fullmatch(piece.text) for piece in group) else 1.0
    cost = 0.5 + 1.0 * max(0.0, max(full) - min(full) - slack) + 2.0 * max(0.0, last - max(full) - 0.5)
    if column == "basis" and group[0].text[0].isdigit():
        cost += 1.0
    cost += sum(0.7 for piece in group[1:] if not piece.blank)
    cost += 0.0 if group[0].blank else 0.4
    spaced = sum(_spaces(piece.text) for piece in group)
    if column in _NARROW:
        cost += 1.5 * max(0.0, max(full) - 8.0) + 1.0 * spaced
    else:
        cost += 0.5 * max(0.0, 10.0 - max(full)) + 0.5 * spaced
    return cost


def _spaces(text: str) -> int:
    """Spaces that look like gaps between cells: not beside a digit, not in justified type."""
    tokens = text.split()
    return sum(
        1 for a, b in pairwise(tokens) if a[-1].isascii() == b[0].isascii() and not (len(a) == 1 and len(b) == 1)
    )


def _unspread(text: str) -> str:
    """Justified type (`出 动 警 力 人`) without its spaces."""
    tokens = text.split()
    if len(tokens) >= 3 and all(len(token) == 1 for token in tokens):
        return "".join(tokens)
    return text
