-- Grain: one row a publishing unit, scope, fiscal year and kind of document: what it published, and what not.
-- The grid is complete: every publisher, in each scope it has ever used, with every year of the warehouse and all four
-- kinds, so that a gap is a row.

with document as (
    select
        document.unit_key,
        document.fiscal_year,
        document.document_kind,
        document.document_id,
        document.file_name,
        document.is_current,
        document.loaded_at,
        coalesce(document.report_scope, 'unknown') as report_scope
    from {{ ref('dim_document') }} as document
    where document.document_kind is not null
),

kind as (
    {% for kind in ['budget', 'final_account', 'performance_target', 'self_evaluation'] %}
        select '{{ kind }}' as document_kind
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

publisher as (
    select distinct
        unit_key,
        report_scope
    from document
),

grid as (
    select
        publisher.unit_key,
        publisher.report_scope,
        fiscal_year.fiscal_year,
        kind.document_kind
    from publisher
    cross join {{ ref('dim_fiscal_year') }} as fiscal_year
    cross join kind
),

form as (
    select
        form.document_id,
        count(distinct form.form_code) as form_count,
        count(distinct case when form.is_declared_empty then form.form_code end) as empty_form_count
    from {{ ref('dim_form') }} as form
    group by form.document_id
),

published as (
    select
        document.unit_key,
        document.report_scope,
        document.fiscal_year,
        document.document_kind,
        count(*) as document_count,
        sum(case when document.is_current then 0 else 1 end) as superseded_count,
        max_by(
            document.document_id,
            case when document.is_current then '1' else '0' end
            || coalesce(cast(document.loaded_at as string), '') || document.file_name
        ) as document_id,
        sum(case when document.is_current then form.form_count else 0 end) as form_count,
        sum(case when document.is_current then form.empty_form_count else 0 end) as empty_form_count
    from document
    left join form on document.document_id = form.document_id
    group by document.unit_key, document.report_scope, document.fiscal_year, document.document_kind
)

select
    {{ surrogate_key(['grid.unit_key', 'grid.report_scope', 'grid.fiscal_year', 'grid.document_kind']) }}
        as rpt_disclosure_key,
    grid.unit_key,
    unit.unit_name,
    unit.region_code,
    unit.sector,
    grid.report_scope,
    grid.fiscal_year,
    grid.document_kind,
    published.unit_key is not null as is_published,
    cast(coalesce(published.document_count, 0) as integer) as document_count,
    cast(coalesce(published.superseded_count, 0) as integer) as superseded_count,
    cast(coalesce(published.form_count, 0) as integer) as form_count,
    cast(coalesce(published.empty_form_count, 0) as integer) as empty_form_count,
    published.document_id
from grid
left join published
    on
        grid.unit_key = published.unit_key
        and grid.report_scope = published.report_scope
        and grid.fiscal_year = published.fiscal_year
        and grid.document_kind = published.document_kind
inner join {{ ref('dim_unit') }} as unit on grid.unit_key = unit.unit_key
