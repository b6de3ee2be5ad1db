-- Grain: one row a task of a department with its money.

select
    document_id,
    form_no,
    task_no,
    is_total,
    {{ clean_text('section_printed') }} as section_printed,
    {{ clean_text('task_printed') }} as task_printed,
    {{ clean_text('content_printed') }} as content_printed,
    {{ clean_text('goal_printed') }} as goal_printed,
    {{ clean_text('measure_printed') }} as measure_printed,
    {{ clean_text('budget_printed') }} as budget_printed,
    {{ clean_text('fiscal_printed') }} as fiscal_printed,
    {{ clean_text('other_printed') }} as other_printed,
    {{ clean_text('budget_locator') }} as budget_locator,
    {{ clean_text('fiscal_locator') }} as fiscal_locator,
    {{ clean_text('other_locator') }} as other_locator,
    source_locator,
    source_box
from {{ source('raw', 'department_task') }}
