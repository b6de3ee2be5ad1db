-- Grain: one row a section of the department goals.

select
    document_id,
    form_no,
    section_no,
    {{ clean_text('section_printed') }} as section_printed,
    {{ clean_text('goal_printed') }} as goal_printed,
    {{ clean_text('indicator_printed') }} as indicator_printed,
    source_locator,
    source_box
from {{ source('raw', 'department_goal') }}
