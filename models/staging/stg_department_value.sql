-- Grain: one row a labelled value of the overall targets of a department.

select
    document_id,
    form_no,
    value_no,
    value_code,
    {{ clean_text('section_printed') }} as section_printed,
    {{ clean_text('group_printed') }} as group_printed,
    {{ clean_text('label_printed') }} as label_printed,
    {{ clean_text('measure_printed') }} as measure_printed,
    {{ clean_text('value_printed') }} as value_printed,
    source_locator,
    source_box
from {{ source('raw', 'department_value') }}
