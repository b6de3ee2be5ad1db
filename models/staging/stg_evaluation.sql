-- Grain: one row a self-evaluation table of a project.

select
    document_id,
    form_no,
    evaluation_sequence,
    {{ clean_text('project_name_printed') }} as project_name_printed,
    {{ clean_text('department_printed') }} as department_printed,
    {{ clean_text('implementer_printed') }} as implementer_printed,
    {{ clean_text('expected_printed') }} as expected_printed,
    {{ clean_text('achieved_printed') }} as achieved_printed,
    {{ clean_text('total_weight_printed') }} as total_weight_printed,
    {{ clean_text('total_score_printed') }} as total_score_printed,
    {{ clean_text('total_locator') }} as total_locator,
    source_locator,
    source_box
from {{ source('raw', 'evaluation') }}
