-- Grain: one row a month of the spending plan of a project, printed or blank.

select
    document_id,
    form_no,
    plan_no,
    {{ clean_text('month_printed') }} as month_printed,
    try_cast(
        nullif(regexp_extract({{ to_halfwidth('month_printed') }}, '([0-9]{1,2}) *月', 1), '') as integer
    ) as plan_month,
    {{ clean_text('plan_printed') }} as plan_printed,
    source_locator,
    source_box
from {{ source('raw', 'project_plan') }}
