-- Grain: one row a code of a reviewed list and what people call it.
-- Reports and pages show names instead of codes; the lists themselves stay in reference.*.

with label as (
    select
        'sector' as list_code,
        sector_code as code,
        min(sector_name) as name_zh,
        min(sector_name_en) as name_en,
        min(priority) as label_no
    from {{ ref('unit_sector') }}
    group by sector_code
    union all
    select
        'form' as list_code,
        form_code as code,
        name_zh,
        name_en,
        row_number() over (order by document_kind asc nulls last, national_no asc nulls last, form_code asc) as label_no
    from {{ ref('form_catalogue') }}
    union all
    select
        'finding' as list_code,
        finding_code as code,
        name_zh,
        name_en,
        row_number() over (order by finding_code asc) as label_no
    from {{ ref('finding_type') }}
    union all
    select
        'reform' as list_code,
        reason_code as code,
        min(name_zh) as name_zh,
        min(name_en) as name_en,
        min(change_year) as label_no
    from {{ ref('classification_reform') }}
    group by reason_code
)

select
    {{ surrogate_key(['list_code', 'code']) }} as dim_label_key,
    list_code,
    code,
    name_zh,
    name_en,
    cast(label_no as integer) as label_no
from label
