-- Grain: one row a budget unit.

with shown as (
    select
        unit_key,
        fiscal_year,
        1 as document_count,
        0 as project_count
    from {{ ref('rpt_document') }}
    where is_current
    union all
    select
        unit_key,
        fiscal_year,
        0 as document_count,
        1 as project_count
    from {{ ref('rpt_project') }}
),

counted as (
    select
        unit_key,
        sum(document_count) as document_count,
        sum(project_count) as project_count,
        min(fiscal_year) as first_year,
        max(fiscal_year) as last_year
    from shown
    group by unit_key
),

figure as (
    select
        unit_key,
        count(*) as figure_count
    from {{ ref('rpt_budget_line') }}
    group by unit_key
)

select
    unit.unit_key,
    unit.unit_code,
    unit.unit_name,
    unit.region_code,
    region.region_name,
    region.full_name as region_full_name,
    unit.sector,
    unit.is_masked,
    cast(coalesce(counted.document_count, 0) as integer) as document_count,
    cast(coalesce(counted.project_count, 0) as integer) as project_count,
    cast(coalesce(figure.figure_count, 0) as integer) as figure_count,
    counted.first_year,
    counted.last_year
from {{ ref('dim_unit') }} as unit
left join {{ ref('dim_region') }} as region on unit.region_code = region.region_code and region.is_latest
left join counted on unit.unit_key = counted.unit_key
left join figure on unit.unit_key = figure.unit_key
