-- Grain: one row a project of a summary of self-evaluations.

select
    document_id,
    form_no,
    row_no,
    {{ clean_text('sequence_printed') }} as sequence_printed,
    {{ clean_text('unit_printed') }} as unit_printed,
    {{ clean_text('project_name_printed') }} as project_name_printed,
    {{ clean_text('amount_printed') }} as amount_printed,
    {{ clean_text('score_printed') }} as score_printed,
    {{ clean_text('grade_printed') }} as grade_printed,
    source_locator,
    source_box
from {{ source('raw', 'evaluation_summary') }}
