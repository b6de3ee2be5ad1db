-- Grain: one row a goal of a project.

select
    document_id,
    form_no,
    goal_no,
    {{ clean_text('goal_printed') }} as goal_printed,
    source_locator,
    source_box
from {{ source('raw', 'project_goal') }}
