"""The raw tables: every column that a loader writes.

Everything a page prints is VARCHAR, untouched but for layout artefacts (line wraps, field codes).
Positions are INTEGER. `form_no` numbers the recognised forms of a document from 1 in reading order.
`source_locator` is where a person finds the value again: "line 12" or "lines 12-14" in text files. `source_box` is the
part of the page where a format has pages: left, top, right, bottom in whole points from its top left, "54 133 187 149".
"""

from __future__ import annotations

import hashlib
from pathlib import Path


def _version() -> str:
    """Changes with any file of loaders/: documents that older code or older declarations read are read again."""
    digest = hashlib.sha256()
    folder = Path(__file__).parent
    for path in sorted([*folder.rglob("*.py"), *folder.rglob("*.yml")]):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return f"1.{digest.hexdigest()[:12]}"


LOADER_VERSION = _version()

# What a cell or a paragraph was taken for (raw.cell.claimed_as); NULL is unclaimed.
FACT, HEADER, HEADING, NOTE, PROSE, LAYOUT, PRIVATE = (
    "fact",  # a value that stands in another raw table
    "header",  # a column or row label of a recognised form
    "heading",  # a title, or the owner, year and unit lines above a form
    "note",  # a remark under a form, or an entry of a table of contents
    "prose",  # running text
    "layout",  # page numbers, column-number rows, template residue
    "private",  # a person's name or number: the text itself is not stored
)

_ROW = {"document_id": "VARCHAR", "form_no": "INTEGER", "row_no": "INTEGER"}
_AT = {"source_locator": "VARCHAR", "source_box": "VARCHAR"}

TABLES: dict[str, dict[str, str]] = {
    # One row a loaded document (SHA-256 of its bytes).
    "document": {
        "document_id": "VARCHAR",
        "file_name": "VARCHAR",
        "byte_size": "BIGINT",
        "media_type": "VARCHAR",
        "encoding": "VARCHAR",
        "loader_version": "VARCHAR",
        "loaded_at": "TIMESTAMP",
        "title_printed": "VARCHAR",
        "publisher_printed": "VARCHAR",
        "document_kind": "VARCHAR",  # budget / performance_target / self_evaluation / final_account
        "report_scope": "VARCHAR",  # department / unit
        "phase": "VARCHAR",  # budget / adjusted / final
        "fiscal_year_printed": "VARCHAR",  # year that the document prints as its own, NULL if none
        "fiscal_year_inferred": "VARCHAR",  # latest year named in a dated target, only if none is printed
        "fiscal_year_locator": "VARCHAR",
        "region_code_printed": "VARCHAR",  # first six digits shared by the project codes, NULL if none
        "line_count": "INTEGER",
        "private_cell_count": "INTEGER",  # cells dropped because they name a person or a phone
    },
    # One row per document and table: the seal on its rows (loaders/seal.py).
    "document_seal": {
        "document_id": "VARCHAR",
        "table_name": "VARCHAR",
        "row_count": "INTEGER",
        "digest": "VARCHAR",  # sum of a hash of each row
    },
    # Where a document was seen; one row each time a place changes its content.
    "document_source": {
        "source_key": "VARCHAR",  # SHA-256 of the absolute path
        "document_id": "VARCHAR",
        "file_name": "VARCHAR",
        "seen_at": "TIMESTAMP",
        "sequence_no": "INTEGER",  # order of the contents of one place, from 1
    },
    # One row a refused file and content.
    "rejected_document": {
        "source_key": "VARCHAR",
        "document_id": "VARCHAR",  # NULL if the bytes could not be read
        "file_name": "VARCHAR",
        "byte_size": "BIGINT",
        "reason_code": "VARCHAR",
        "reason": "VARCHAR",
        "loader_version": "VARCHAR",
        "rejected_at": "TIMESTAMP",
    },
    # One row per document and guard that holds it back (expectations/): it is not loaded until it is released, its
    # file has other contents, or the code has changed.
    "quarantined_document": {
        "document_id": "VARCHAR",
        "guard": "VARCHAR",
        "file_name": "VARCHAR",
        "source_key": "VARCHAR",  # the place where it was found first
        "row_count": "INTEGER",  # rows that failed
        "reason": "VARCHAR",
        "first_locator": "VARCHAR",  # where the first of them stands
        "code_fingerprint": "VARCHAR",
        "quarantined_at": "TIMESTAMP",
    },
    # One row a remark on a loaded document: what a reader of its facts should know.
    "load_notice": {
        "document_id": "VARCHAR",
        # not_read / no_form / no_label / unclaimed / breaks_off / personal_data_dropped / unknown_column
        "notice_code": "VARCHAR",
        "notice": "VARCHAR",
        **_AT,
    },
    # One row a non-empty cell of a table and a non-empty paragraph: the whole document, with who claimed it.
    "cell": {
        "document_id": "VARCHAR",
        "block_no": "INTEGER",  # order in the document, from 1
        "block_kind": "VARCHAR",  # cell / paragraph
        "table_no": "INTEGER",  # NULL for a paragraph
        "row_no": "INTEGER",
        "column_no": "INTEGER",
        "text": "VARCHAR",  # NULL where claimed_as = 'private'
        "line_from": "INTEGER",
        "line_to": "INTEGER",
        **_AT,
        "claimed_as": "VARCHAR",
        "form_no": "INTEGER",  # the form that claimed it
    },
    # One row a recognised form.
    "form": {
        "document_id": "VARCHAR",
        "form_no": "INTEGER",
        "form_code": "VARCHAR",
        "form_kind": "VARCHAR",  # budget_grid / three_public / project_target / evaluation / evaluation_summary / ...
        "phase": "VARCHAR",
        "title_printed": "VARCHAR",
        "unit_printed": "VARCHAR",  # owner line above the form, e.g. 312001某某局
        "fiscal_year_printed": "VARCHAR",
        "amount_unit_printed": "VARCHAR",  # 元, 千元, 万元 …, also one that is not known
        "amount_unit_source": "VARCHAR",  # table / document / none
        "is_declared_empty": "BOOLEAN",
        "note_printed": "VARCHAR",
        "recognised_by": "VARCHAR",  # title+columns / columns
        **_AT,
    },
    # One row a column of a recognised grid form, known or not.
    "form_column": {
        "document_id": "VARCHAR",
        "form_no": "INTEGER",
        "column_no": "INTEGER",
        "header_printed": "VARCHAR",  # full header path, '/' between levels, whitespace removed
        "column_code": "VARCHAR",  # line_no / class_code / class_name / a measure code; NULL if unknown
        "side": "VARCHAR",
    },
    # One row a non-empty amount cell of a budget or final-account form.
    "budget_cell": {
        **_ROW,
        "column_no": "INTEGER",
        "side": "VARCHAR",  # income / expenditure / NULL
        "line_no_printed": "VARCHAR",
        "class_type": "VARCHAR",  # function / economic_department / economic_government / item
        "class_code_printed": "VARCHAR",
        "class_name_printed": "VARCHAR",
        "class_group_printed": "VARCHAR",  # the group of rows that the name stands in, where one is printed
        "measure_code": "VARCHAR",
        "measure_printed": "VARCHAR",
        "amount_printed": "VARCHAR",
        **_AT,
    },
    # One row a non-empty amount cell of a three-public form.
    "three_public_cell": {
        **_ROW,
        "column_no": "INTEGER",
        "line_no_printed": "VARCHAR",
        "item_printed": "VARCHAR",
        "item_code": "VARCHAR",  # declared by the header of a wide form; NULL where a row names the item
        "phase": "VARCHAR",  # budget / final where the header names it, else NULL
        "fund_code": "VARCHAR",  # total / general / government_fund / state_capital
        "measure_printed": "VARCHAR",
        "amount_printed": "VARCHAR",
        **_AT,
    },
    # One row a project (one form is one project).
    "project": {
        "document_id": "VARCHAR",
        "form_no": "INTEGER",
        "project_sequence": "INTEGER",
        "project_code_printed": "VARCHAR",
        "project_name_printed": "VARCHAR",
        "budget_printed": "VARCHAR",  # NULL where the amounts stand in the sentence of purpose_printed
        "fiscal_printed": "VARCHAR",
        "local_printed": "VARCHAR",
        "other_printed": "VARCHAR",
        "purpose_printed": "VARCHAR",
        "code_locator": "VARCHAR",
        "budget_locator": "VARCHAR",
        "fiscal_locator": "VARCHAR",
        "other_locator": "VARCHAR",
        "purpose_locator": "VARCHAR",
        **_AT,
    },
    # One row a further labelled value of a project table (nature, category, dates, total over all years …).
    "project_attribute": {
        "document_id": "VARCHAR",
        "form_no": "INTEGER",
        "attribute_no": "INTEGER",
        "attribute_code": "VARCHAR",
        "label_printed": "VARCHAR",
        "value_printed": "VARCHAR",
        **_AT,
    },
    "project_goal": {
        "document_id": "VARCHAR",
        "form_no": "INTEGER",
        "goal_no": "INTEGER",
        "goal_printed": "VARCHAR",
        **_AT,
    },
    # One row a month of the spending plan, printed or blank.
    "project_plan": {
        "document_id": "VARCHAR",
        "form_no": "INTEGER",
        "plan_no": "INTEGER",
        "month_printed": "VARCHAR",  # 3月底
        "plan_printed": "VARCHAR",  # 25%; NULL when the cell is blank
        **_AT,
    },
    # One row an indicator of a project target or of a self-evaluation. Merged levels are NULL, not filled.
    "project_indicator": {
        "document_id": "VARCHAR",
        "form_no": "INTEGER",
        "indicator_no": "INTEGER",
        "stage": "VARCHAR",  # target / self_evaluation
        "level1_printed": "VARCHAR",
        "level1_weight_printed": "VARCHAR",
        "level2_printed": "VARCHAR",
        "level3_printed": "VARCHAR",
        "description_printed": "VARCHAR",
        "target_printed": "VARCHAR",
        "basis_printed": "VARCHAR",
        "actual_printed": "VARCHAR",
        "weight_printed": "VARCHAR",
        "score_printed": "VARCHAR",
        "deviation_printed": "VARCHAR",
        **_AT,
    },
    # One row a printed level-1 label of an indicator table, wherever it stands.
    "indicator_level": {
        "document_id": "VARCHAR",
        "form_no": "INTEGER",
        "level1_printed": "VARCHAR",
        "level1_weight_printed": "VARCHAR",
        **_AT,
    },
    # One row a self-evaluation table of a project.
    "evaluation": {
        "document_id": "VARCHAR",
        "form_no": "INTEGER",
        "evaluation_sequence": "INTEGER",
        "project_name_printed": "VARCHAR",  # with a bracketed code where one is printed
        "department_printed": "VARCHAR",
        "implementer_printed": "VARCHAR",
        "expected_printed": "VARCHAR",
        "achieved_printed": "VARCHAR",
        "total_weight_printed": "VARCHAR",
        "total_score_printed": "VARCHAR",
        "total_locator": "VARCHAR",
        **_AT,
    },
    "evaluation_fund": {
        "document_id": "VARCHAR",
        "form_no": "INTEGER",
        "fund_no": "INTEGER",
        "fund_source_printed": "VARCHAR",
        "initial_printed": "VARCHAR",
        "annual_printed": "VARCHAR",
        "executed_printed": "VARCHAR",
        "weight_printed": "VARCHAR",
        "rate_printed": "VARCHAR",
        "score_printed": "VARCHAR",
        **_AT,
    },
    # One row a project of the summary of self-evaluations.
    "evaluation_summary": {
        **_ROW,
        "sequence_printed": "VARCHAR",
        "unit_printed": "VARCHAR",
        "project_name_printed": "VARCHAR",
        "amount_printed": "VARCHAR",
        "score_printed": "VARCHAR",
        "grade_printed": "VARCHAR",
        **_AT,
    },
    "procurement_item": {
        **_ROW,
        "project_name_printed": "VARCHAR",
        "project_budget_printed": "VARCHAR",
        "category_printed": "VARCHAR",
        "economic_item_printed": "VARCHAR",
        "organisation_printed": "VARCHAR",  # 政府集中采购 / 分散采购 …
        "item_printed": "VARCHAR",
        "catalogue_code_printed": "VARCHAR",
        "unit_of_measure_printed": "VARCHAR",
        "quantity_printed": "VARCHAR",
        "unit_price_printed": "VARCHAR",
        **_AT,
    },
    # One row a non-empty fund column of a procurement line; lines without an item are printed totals.
    "procurement_cell": {
        **_ROW,
        "column_no": "INTEGER",
        "fund_code": "VARCHAR",
        "measure_printed": "VARCHAR",
        "amount_printed": "VARCHAR",
        **_AT,
    },
    "asset_line": {
        **_ROW,
        "item_printed": "VARCHAR",
        "quantity_printed": "VARCHAR",
        "value_printed": "VARCHAR",
        "as_of_printed": "VARCHAR",
        **_AT,
    },
    # One row a body of the table of bodies (name, nature, rank, funding).
    "unit_profile": {
        **_ROW,
        "sequence_printed": "VARCHAR",
        "unit_name_printed": "VARCHAR",
        "remark_printed": "VARCHAR",
        "unit_nature_printed": "VARCHAR",
        "unit_rank_printed": "VARCHAR",
        "funding_printed": "VARCHAR",
        **_AT,
    },
    # One row a section of the goals of a department, in prose or in the table of its overall targets.
    "department_goal": {
        "document_id": "VARCHAR",
        "form_no": "INTEGER",  # NULL in prose
        "section_no": "INTEGER",
        "section_printed": "VARCHAR",
        "goal_printed": "VARCHAR",
        "indicator_printed": "VARCHAR",
        **_AT,
    },
    # One row a labelled value of a table of overall targets: name, head counts, money by block.
    "department_value": {
        "document_id": "VARCHAR",
        "form_no": "INTEGER",
        "value_no": "INTEGER",
        "value_code": "VARCHAR",
        "section_printed": "VARCHAR",  # the label of the block
        "group_printed": "VARCHAR",  # the heading over the label
        "label_printed": "VARCHAR",
        "measure_printed": "VARCHAR",  # the heading over the value; NULL where the value is no amount
        "value_printed": "VARCHAR",
        **_AT,
    },
    # One row a task of a department with its money; a printed sum is a row too.
    "department_task": {
        "document_id": "VARCHAR",
        "form_no": "INTEGER",
        "task_no": "INTEGER",
        "section_printed": "VARCHAR",
        "is_total": "BOOLEAN",
        "task_printed": "VARCHAR",
        "content_printed": "VARCHAR",
        "measure_printed": "VARCHAR",  # the heading over the amounts
        "budget_printed": "VARCHAR",
        "fiscal_printed": "VARCHAR",
        "other_printed": "VARCHAR",
        "goal_printed": "VARCHAR",
        "budget_locator": "VARCHAR",
        "fiscal_locator": "VARCHAR",
        "other_locator": "VARCHAR",
        **_AT,
    },
    # One row a figure that prose states.
    "narrative_figure": {
        "document_id": "VARCHAR",
        "figure_no": "INTEGER",
        "metric_printed": "VARCHAR",
        "amount_printed": "VARCHAR",  # NULL where only a change is stated
        "unit_printed": "VARCHAR",  # 万元 / 元 / 个 / 分 / %
        "change_word_printed": "VARCHAR",  # 增加 / 减少 …
        "change_printed": "VARCHAR",
        "year_printed": "VARCHAR",
        "compared_with_year_printed": "VARCHAR",
        "quote": "VARCHAR",
        **_AT,
    },
}


def create_statements() -> list[str]:
    """SQL that creates schema `raw` and its tables where they are missing."""
    statements = ["create schema if not exists raw"]
    for table, columns in TABLES.items():
        body = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
        statements.append(f"create table if not exists raw.{table} ({body})")
    return statements
