-- Grain: one row a non-empty amount cell of a budget or final-account form.

select
    document_id,
    form_no,
    row_no,
    column_no,
    side,
    {{ clean_text('line_no_printed') }} as line_no_printed,
    class_type,
    {{ clean_text('class_code_printed') }} as class_code_printed,
    {{ clean_text('class_name_printed') }} as class_name_printed,
    {{ clean_text('class_group_printed') }} as class_group_printed,
    measure_code,
    {{ clean_text('measure_printed') }} as measure_printed,
    {{ clean_text('amount_printed') }} as amount_printed,
    source_locator,
    source_box
from {{ source('raw', 'budget_cell') }}
