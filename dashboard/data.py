"""Every question that the pages ask, as SQL on reports.* and quality.* of the published file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from dashboard.store import NoWarehouse, Reading, Row, Store

# Rows that a page shows at once; a download has all.
PAGE_ROWS = 1000
PEERS_SHOWN = 40
RUNS_SHOWN = 100
# In the place of a number of rows: all of them.
ALL = "all"


def publication(store: Store) -> Row | None:
    """The run that published the file; it stands in meta because it is written when everything else is finished."""
    found = store.rows("select run_id, published_at, code_fingerprint, loader_version from meta.publication")
    return found[0] if found else None


def labels(store: Store) -> dict[tuple[str, str], tuple[str, str]]:
    """(list, code) → Chinese and English name."""
    rows = store.rows("select list_code, code, name_zh, name_en from reports.rpt_label")
    return {(row["list_code"], row["code"]): (row["name_zh"], row["name_en"]) for row in rows}


def counts(store: Store) -> Row:
    """Documents, units, regions, years, figures and contradictions of the warehouse, in one row."""
    return store.rows(
        """
        select
            (select count(*) from reports.rpt_document) as documents,
            (select count(distinct unit_key) from reports.rpt_disclosure) as units,
            (select count(distinct region_code) from reports.rpt_disclosure) as regions,
            (select min(fiscal_year) from reports.rpt_disclosure where is_published) as first_year,
            (select max(fiscal_year) from reports.rpt_disclosure where is_published) as last_year,
            (select count(*) from reports.rpt_budget_line) as figures,
            (select count(*) from quality.qc_finding where outcome = 'contradiction') as contradictions
        """
    )[0]


def units(store: Store) -> list[Row]:
    """Units that a current document or project is about, by region and name, with their years."""
    return store.rows(
        """
        select
            unit_key, unit_name, region_code, coalesce(region_full_name, region_code) as region, sector, is_masked,
            first_year, last_year, figure_count
        from reports.rpt_unit
        where document_count > 0 or project_count > 0
        order by region_code nulls last, unit_name, unit_key
        """
    )


def disclosure(store: Store, region: str, sector: str, words: str, first: int, count: int) -> list[Row]:
    """The grid of what is loaded for `count` units from `first`: unit × scope × year × kind, with gaps as rows.

    Each row has the number of units that the filters leave (`unit_count`), and of the rows that these published
    (`row_count`). Empty filters let everything through.
    """
    return store.rows(_disclosure(count), [region, sector, words, first])


def every_disclosure(reading: Reading, region: str, sector: str, words: str) -> Iterator[Row]:
    """The grid of all units that the filters leave."""
    return reading.rows(_disclosure(ALL), [region, sector, words, 0])


def _disclosure(limit: int | str) -> str:
    return f"""
        with shown as (
            select
                unit_key, min(unit_name) as unit_name, min(region_code) as region_code,
                count(*) filter (where is_published) as published_count
            from reports.rpt_disclosure
            where
                ($1 = '' or coalesce(region_code, '-') = $1)
                and ($2 = '' or coalesce(sector, '-') = $2)
                and ($3 = '' or contains(lower(unit_name), lower($3)))
            group by unit_key
        ),
        chosen as (
            select *, count(*) over () as unit_count, sum(published_count) over () as row_count from shown
            order by region_code nulls last, unit_name, unit_key limit {limit} offset $4
        )
        select
            cell.unit_key, cell.unit_name, cell.region_code, cell.sector, cell.report_scope, cell.fiscal_year,
            cell.document_kind, cell.is_published, cell.document_count, cell.superseded_count, cell.form_count,
            cell.empty_form_count, cell.document_id, chosen.unit_count, cast(chosen.row_count as bigint) as row_count
        from reports.rpt_disclosure as cell
        inner join chosen on cell.unit_key = chosen.unit_key
        order by chosen.region_code nulls last, chosen.unit_name, cell.unit_key, cell.report_scope, cell.fiscal_year
        """


def regions(store: Store) -> list[Row]:
    """Regions of the units that published."""
    return store.rows(
        """
        select distinct
            coalesce(unit.region_code, '-') as code, coalesce(unit.region_full_name, unit.region_code) as name
        from reports.rpt_unit as unit
        where unit.unit_key in (select unit_key from reports.rpt_disclosure)
        order by 1
        """
    )


def sectors(store: Store) -> list[str]:
    """Sectors of the units that published; '-' for none."""
    rows = store.rows("select distinct coalesce(sector, '-') as code from reports.rpt_disclosure order by 1")
    return [row["code"] for row in rows]


def series_of_unit(store: Store, unit: str) -> list[Row]:
    """Scopes and phases in which a unit prints budget forms or three-public expenses, with their years."""
    return store.rows(
        """
        with line as (
            select report_scope, phase, fiscal_year from reports.rpt_budget_line where unit_key = $1
            union
            select report_scope, phase, fiscal_year from reports.rpt_three_public where unit_key = $1
        )
        select
            coalesce(report_scope, 'unknown') as report_scope, phase,
            list(distinct fiscal_year order by fiscal_year) as years
        from line group by report_scope, phase
        order by count(distinct fiscal_year) desc, report_scope, phase
        """,
        [unit],
    )


def budget(store: Store, unit: str, scope: str, phase: str) -> list[Row]:
    """Every line of the budget forms of a unit in one scope and phase, each year beside the year before."""
    return store.rows(
        """
        select
            line_key, fiscal_year, prior_year, form_code, side, class_type, class_code, class_name,
            class_group_printed, concept_id, class_level, measure_key, occurrence_no, is_total, is_leaf, amount_yuan,
            prior_amount_yuan, change_yuan, change_pct, comparability, break_reason, prior_source,
            document_id, source_locator, prior_document_id, prior_source_locator
        from reports.rpt_budget_yoy
        where unit_key = $1 and coalesce(report_scope, 'unknown') = $2 and phase = $3
        order by form_code, fiscal_year, side, class_code nulls last, measure_key, class_name, occurrence_no
        """,
        [unit, scope, phase],
    )


def three_public(store: Store, unit: str, scope: str) -> list[Row]:
    """Three-public items of a unit in all phases, each year beside the year before."""
    return store.rows(
        """
        select
            fiscal_year, phase, item_code, item_printed, fund_code, amount_yuan, prior_year, prior_amount_yuan,
            change_yuan, change_pct, comparability, break_reason, prior_source, document_id, source_locator,
            prior_document_id, prior_source_locator
        from reports.rpt_three_public_yoy
        where unit_key = $1 and coalesce(report_scope, 'unknown') = $2
        order by fiscal_year, phase, fund_code, item_code
        """,
        [unit, scope],
    )


def execution(store: Store, unit: str, scope: str) -> list[Row]:
    """Three-public items of a unit's final accounts beside the budget of the same year."""
    return store.rows(
        """
        select
            fiscal_year, class_code, measure_code, prior_amount_yuan, amount_yuan, execution_pct, document_id,
            source_locator, prior_document_id, prior_source_locator
        from reports.rpt_execution
        where unit_key = $1 and coalesce(report_scope, 'unknown') = $2 and basis = 'three_public'
        order by fiscal_year desc, measure_code, class_code
        """,
        [unit, scope],
    )


def peers(store: Store, unit: str, scope: str, phase: str, year: int, metric: str) -> list[Row]:
    """The largest PEERS_SHOWN units of the same sector that published a figure, and the unit itself; largest first."""
    return store.rows(_peers(PEERS_SHOWN), [unit, scope, phase, year, metric])


def every_peer(reading: Reading, unit: str, scope: str, phase: str, year: int, metric: str) -> Iterator[Row]:
    """All units of the same sector that published a figure, largest first."""
    return reading.rows(_peers(None), [unit, scope, phase, year, metric])


def _peers(shown: int | None) -> str:
    chosen = "" if shown is None else f"where peer_rank <= {shown} or unit_key = $1"
    return f"""
        with own as (
            select sector from reports.rpt_peer
            where unit_key = $1 and report_scope = $2 and phase = $3 and fiscal_year = $4 and metric_code = $5
        ),
        peer as (
            select peer.*, count(*) over () as row_count
            from reports.rpt_peer as peer
            inner join own on peer.sector = own.sector
            where
                peer.report_scope = $2 and peer.phase = $3 and peer.fiscal_year = $4 and peer.metric_code = $5
        )
        select
            unit_key, unit_name, amount_yuan, peer_rank, peer_count, peer_median_yuan, sector, row_count
        from peer {chosen}
        order by peer_rank, unit_name, unit_key
        """


def projects(store: Store, unit: str, year: str, words: str) -> list[Row]:
    """Projects of current documents, at most PAGE_ROWS, the latest and largest first; empty filters let all through."""
    return store.rows(_projects(PAGE_ROWS), [unit, year, words])


def every_project(reading: Reading, unit: str, year: str, words: str) -> Iterator[Row]:
    """All projects that the filters leave."""
    return reading.rows(_projects(ALL), [unit, year, words])


def _projects(limit: int | str) -> str:
    return f"""
        with shown as not materialized (
            select *
            from reports.rpt_project
            where
                ($1 = '' or unit_key = $1)
                and ($2 = '' or cast(fiscal_year as varchar) = $2)
                and (
                    $3 = '' or contains(lower(project_name), lower($3)) or contains(coalesce(project_code, ''), $3)
                    or contains(coalesce(project_text, ''), $3)
                )
        )
        select
            series_key, project_name, project_code, unit_name, fiscal_year, stage, budget_yuan, fiscal_yuan, other_yuan,
            annual_budget_yuan, executed_yuan, execution_rate_pct, total_score, grade_printed, document_id,
            source_locator, (select count(*) from shown) as row_count
        from shown
        order by
            fiscal_year desc nulls last, coalesce(budget_yuan, annual_budget_yuan) desc nulls last, project_name,
            project_fact_key
        limit {limit}
        """


def project_years(store: Store) -> list[str]:
    """Years with projects, latest first."""
    rows = store.rows(
        "select distinct fiscal_year from reports.rpt_project where fiscal_year is not null order by 1 desc"
    )
    return [str(row["fiscal_year"]) for row in rows]


def project(store: Store, series: str) -> list[Row]:
    """Everything that documents print of one project: a row a document and stage."""
    return store.rows("select * from reports.rpt_project where series_key = $1 order by fiscal_year, stage", [series])


def project_money(store: Store, series: str) -> list[Row]:
    """Money of a project over the years, each beside the year before."""
    return store.rows(
        """
        select
            fiscal_year, measure_code, amount_yuan, prior_year, prior_amount_yuan, prior_project_name, change_yuan,
            change_pct, comparability, break_reason, document_id, source_locator, prior_document_id,
            prior_source_locator
        from reports.rpt_project_yoy where series_key = $1 order by fiscal_year, measure_code
        """,
        [series],
    )


def project_plan(store: Store, series: str) -> list[Row]:
    """Spending plan of a project: months of each year, blank ones too."""
    return store.rows(
        """
        select fiscal_year, plan_no, plan_month, month_printed, cumulative_pct, printed, document_id, source_locator
        from reports.rpt_project_plan where series_key = $1 order by fiscal_year, plan_no
        """,
        [series],
    )


def project_indicators(store: Store, series: str) -> list[Row]:
    """Indicators of a project with target, actual, attainment and score, over the years."""
    return store.rows(
        """
        select
            fiscal_year, stage, indicator_no, level1_printed, level2_printed, indicator_name, target_printed,
            actual_printed, attainment, weight, score, deviation_note, document_id, source_locator
        from reports.rpt_project_indicator where series_key = $1 order by fiscal_year, stage, form_no, indicator_no
        """,
        [series],
    )


def indicator_changes(store: Store, series: str) -> list[Row]:
    """Indicators of a project beside those of the year before, where both years are there."""
    return store.rows(
        """
        select
            fiscal_year, measure_code, coalesce(level3, description) as indicator_name, prior_value_printed,
            value_printed, is_unchanged, change_number, change_pct, comparability, break_reason, document_id,
            source_locator
        from reports.rpt_indicator_yoy
        where series_key = $1 and prior_source is not null order by fiscal_year, measure_code, 3
        """,
        [series],
    )


def line_of(store: Store, unit: str, scope: str, phase: str, year: int, form: str) -> list[Row]:
    """Amounts of one form of a unit and year, of the column of totals, to stand beside those of another."""
    return store.rows(
        """
        select
            class_type, class_key, class_code, class_name, class_level, side, class_group_printed, is_total, is_leaf,
            occurrence_no, amount_yuan, document_id, source_locator
        from reports.rpt_budget_line
        where
            unit_key = $1 and coalesce(report_scope, 'unknown') = $2 and phase = $3 and fiscal_year = $4
            and form_code = $5 and measure_key = 'total'
        order by is_total desc, class_code nulls last, class_name, occurrence_no
        """,
        [unit, scope, phase, year, form],
    )


def forms_of(store: Store, unit: str, scope: str, phase: str, year: int) -> list[str]:
    """Budget forms that a unit prints for a year."""
    rows = store.rows(
        """
        select distinct form_code from reports.rpt_budget_line
        where unit_key = $1 and coalesce(report_scope, 'unknown') = $2 and phase = $3 and fiscal_year = $4 order by 1
        """,
        [unit, scope, phase, year],
    )
    return [row["form_code"] for row in rows]


@dataclass(frozen=True)
class FindingFilter:
    """Which findings are asked for; an empty text lets all through.

    Contradictions are always among them, differences by rounding and what cannot be checked only where asked for.
    """

    unit: str = ""
    year: str = ""
    severity: str = ""
    code: str = ""
    document: str = ""
    rounding: bool = False
    unchecked: bool = False

    @property
    def parameters(self) -> list[Any]:
        """What the question about findings asks for."""
        return [self.unit, self.year, self.severity, self.code, self.document, self.rounding, self.unchecked]


def findings(store: Store, only: FindingFilter) -> list[Row]:
    """Findings that a filter lets through, contradictions first, at most PAGE_ROWS."""
    return store.rows(_findings(PAGE_ROWS), only.parameters)


def every_finding(reading: Reading, only: FindingFilter) -> Iterator[Row]:
    """All findings that a filter lets through."""
    return reading.rows(_findings(ALL), only.parameters)


def _findings(limit: int | str) -> str:
    return f"""
        with shown as not materialized (
            select *
            from quality.qc_finding
            where
                ($1 = '' or unit_key = $1)
                and ($2 = '' or cast(fiscal_year as varchar) = $2)
                and ($3 = '' or severity = $3)
                and ($4 = '' or finding_code = $4)
                and ($5 = '' or document_id = $5)
                and (
                    outcome = 'contradiction' or (outcome = 'rounding' and $6) or (outcome = 'not_checkable' and $7)
                )
        ),
        first as (
            select *, case severity when 'error' then 0 when 'warning' then 1 else 2 end as severity_no
            from shown
            order by severity_no, finding_code, document_id, finding_key
            limit {limit}
        )
        select
            first.finding_key, first.finding_code, first.severity, first.outcome, first.fiscal_year,
            first.document_id, unit.unit_name, first.subject, first.message, first.message_en, first.value_a,
            first.value_b, first.value_unit, first.difference, first.locator_a, first.locator_b,
            (select count(*) from shown) as row_count
        from first
        left join reports.rpt_unit as unit on first.unit_key = unit.unit_key
        order by first.severity_no, first.finding_code, first.document_id, first.finding_key
        """


def finding_counts(store: Store) -> list[Row]:
    """Number of findings by kind, severity and outcome."""
    return store.rows(
        """
        select finding_code, severity, outcome, count(*) as finding_count
        from quality.qc_finding group by finding_code, severity, outcome order by finding_code
        """
    )


def finding_years(store: Store) -> list[str]:
    """Years with findings, latest first."""
    rows = store.rows(
        "select distinct fiscal_year from quality.qc_finding where fiscal_year is not null order by 1 desc"
    )
    return [str(row["fiscal_year"]) for row in rows]


def document_names(store: Store, words: str, also: Iterable[str]) -> dict[str, str]:
    """Document → file name and unit, by name: those of which either contains `words`, at most PAGE_ROWS, and `also`."""
    rows = store.rows(
        f"""
        with chosen as (
            (
                select document_id from reports.rpt_document
                where $1 = '' or contains(lower(file_name), lower($1)) or contains(coalesce(unit_name, ''), $1)
                order by file_name, document_id limit {PAGE_ROWS}
            )
            union
            select unnest(string_split($2, ' '))
        )
        select document.document_id, document.file_name, document.unit_name
        from reports.rpt_document as document
        semi join chosen on document.document_id = chosen.document_id
        order by document.file_name, document.document_id
        """,
        [words, " ".join(sorted(set(also)))],
    )
    return {
        row["document_id"]: f"{row['file_name']}（{row['unit_name']}）" if row["unit_name"] else row["file_name"]
        for row in rows
    }


def names_of(store: Store, documents: Iterable[str]) -> dict[str, str]:
    """Document → file name, of these."""
    rows = store.rows(
        "select document_id, file_name from reports.rpt_document"
        " where document_id in (select unnest(string_split($1, ' ')))",
        [" ".join(sorted(set(documents)))],
    )
    return {row["document_id"]: row["file_name"] for row in rows}


def file_names(reading: Reading) -> dict[str, str]:
    """Document → file name, of all."""
    rows = reading.rows("select document_id, file_name from reports.rpt_document")
    return {row["document_id"]: row["file_name"] for row in rows}


def document(store: Store, document_id: str) -> Row | None:
    """What is known of a document; None if it is not there."""
    found = store.rows(
        """
        select
            document.*, coverage.cells_total, coverage.cells_claimed, coverage.lines_total, coverage.lines_claimed
        from reports.rpt_document as document
        left join quality.qc_coverage as coverage on document.document_id = coverage.document_id
        where document.document_id = $1
        """,
        [document_id],
    )
    return found[0] if found else None


def place(store: Store, document_id: str, locator: str) -> Row | None:
    """The cell that a locator names: the very one, else the first of a list or span, else the last before its line."""
    columns = "block_no, block_kind, table_no, row_no, column_no, cell_text, source_locator, source_box, form_no"
    first = re.split(r" … |, ", locator)[0]
    for wanted in dict.fromkeys((locator, first)):
        sql = f"select {columns} from quality.qc_source_cell where document_id = $1 and source_locator = $2 limit 1"
        found = store.rows(sql, [document_id, wanted])
        if found:
            return found[0]
    line = re.match(r"lines? (\d+)", first)
    if line:
        sql = (
            f"select {columns} from quality.qc_source_cell"
            " where document_id = $1 and line_from <= $2 order by line_from desc, block_no limit 1"
        )
        found = store.rows(sql, [document_id, int(line[1])])
    return found[0] if line and found else None


def around(store: Store, document_id: str, cell: Row, rows: int = 6) -> list[Row]:
    """The printed rows around a cell and the first rows of its table, for their heads; lines around a paragraph."""
    if cell["block_kind"] != "cell":
        return store.rows(
            """
            select block_no, block_kind, table_no, row_no, column_no, cell_text, source_locator, claimed_as
            from quality.qc_source_cell
            where document_id = $1 and block_no between $2 - $3 and $2 + $3 order by block_no
            """,
            [document_id, cell["block_no"], rows],
        )
    # Tables are numbered anew on each page of a paged document: only the run of cells around this one is its table.
    page = re.match(r"(.* table \d+) R\d+C\d+$", cell["source_locator"])
    return store.rows(
        """
        select block_no, block_kind, table_no, row_no, column_no, cell_text, source_locator, claimed_as
        from quality.qc_source_cell
        where
            document_id = $1 and block_kind = 'cell' and table_no is not distinct from $2
            and ($5 = '' or starts_with(source_locator, $5 || ' '))
            and (row_no between $3 - $4 and $3 + $4 or row_no <= 3)
        order by block_no
        """,
        [document_id, cell["table_no"], cell["row_no"], rows, page[1] if page else ""],
    )


def documents(store: Store, words: str) -> list[Row]:
    """Loaded documents with what was claimed of them, at most PAGE_ROWS, latest first."""
    return store.rows(_documents(PAGE_ROWS), [words])


def every_document(reading: Reading, words: str) -> Iterator[Row]:
    """All loaded documents with what was claimed of them."""
    return reading.rows(_documents(ALL), [words])


def _documents(limit: int | str) -> str:
    return f"""
        with shown as (
            select *
            from reports.rpt_document
            where $1 = '' or contains(lower(file_name), lower($1)) or contains(coalesce(unit_name, ''), $1)
        ),
        latest as (
            select document_id
            from shown
            order by loaded_at desc nulls last, file_name, document_id
            limit {limit}
        )
        select
            document.document_id, document.file_name, document.unit_name, document.fiscal_year, document.document_kind,
            document.report_scope, document.phase, document.is_current, document.loaded_at, document.byte_size,
            document.private_cell_count, coverage.cells_total, coverage.cells_claimed, coverage.lines_total,
            coverage.lines_claimed, coverage.unclaimed_sample, (select count(*) from shown) as row_count
        from reports.rpt_document as document
        semi join latest on document.document_id = latest.document_id
        left join quality.qc_coverage as coverage on document.document_id = coverage.document_id
        order by document.loaded_at desc nulls last, document.file_name, document.document_id
        """


def refused(store: Store) -> list[Row]:
    """Refused files, latest first, at most PAGE_ROWS."""
    return store.rows(_refused(PAGE_ROWS))


def every_refused(reading: Reading) -> Iterator[Row]:
    """All refused files."""
    return reading.rows(_refused(ALL))


def _refused(limit: int | str) -> str:
    return f"""
        select file_name, reason_code, reason, byte_size, rejected_at, count(*) over () as row_count
        from quality.qc_rejected_document
        order by rejected_at desc nulls last, file_name, reason_code limit {limit}
        """


def held(store: Store) -> list[Row]:
    """Documents that guards hold back, latest first, a row for each guard; at most PAGE_ROWS."""
    return store.rows(_held(PAGE_ROWS))


def every_held(reading: Reading) -> Iterator[Row]:
    """All of them."""
    return reading.rows(_held(ALL))


def _held(limit: int | str) -> str:
    return f"""
        select
            file_name, guard, row_count as failing_count, first_locator, reason, quarantined_at,
            count(*) over () as row_count
        from quality.qc_quarantined_document
        order by quarantined_at desc nulls last, file_name, guard limit {limit}
        """


def notices(store: Store) -> list[Row]:
    """Notices of the loaders about documents that they read, at most PAGE_ROWS."""
    return store.rows(_notices(PAGE_ROWS))


def every_notice(reading: Reading) -> Iterator[Row]:
    """All notices of the loaders."""
    return reading.rows(_notices(ALL))


def _notices(limit: int | str) -> str:
    return f"""
        select
            notice.document_id, document.file_name, notice.notice_code, notice.notice, notice.source_locator,
            count(*) over () as row_count
        from quality.qc_load_notice as notice
        left join reports.rpt_document as document on notice.document_id = document.document_id
        order by notice.notice_code, notice.document_id, notice.source_locator, notice.notice limit {limit}
        """


def freshness(store: Store) -> list[Row]:
    """Latest fiscal year and moment of loading, by kind of document."""
    return store.rows(
        """
        select document_kind, count(*) as documents, max(fiscal_year) as last_year, max(loaded_at) as last_loaded
        from reports.rpt_document group by document_kind order by document_kind nulls last
        """
    )


def runs(store: Store) -> list[Row] | None:
    """The last RUNS_SHOWN runs of the pipeline, latest first; None where the file has no history of runs."""
    try:
        return store.rows(_runs(RUNS_SHOWN))
    except NoWarehouse as error:
        if error.reason == "outdated":
            return None
        raise


def every_run(reading: Reading) -> Iterator[Row]:
    """All runs of the pipeline that the file knows."""
    return reading.rows(_runs(ALL))


def _runs(limit: int | str) -> str:
    return f"""
        select *, count(*) over () as row_count from quality.qc_run order by started_at desc nulls last limit {limit}
        """


def find_unit(store: Store, words: str) -> list[Row]:
    """Units whose name is `words`, else those whose name contains it."""
    rows: list[dict[str, Any]] = [row for row in units(store) if row["unit_name"]]
    return [row for row in rows if row["unit_name"] == words] or [row for row in rows if words in row["unit_name"]]
