-- Grain: one row a spelling of the name of a budget unit.

select
    {{ surrogate_key(['unit_key', 'unit_name']) }} as dim_unit_name_key,
    unit_key,
    unit_name,
    min(fiscal_year) as first_fiscal_year,
    max(fiscal_year) as last_fiscal_year,
    count(distinct document_id) as document_count
from {{ ref('int_unit_mentioned') }}
where unit_name is not null
group by unit_key, unit_name
