-- Grain: one row a indicator of a project target or of a self-evaluation.

select
    document_id,
    form_no,
    indicator_no,
    stage,
    {{ clean_text('level1_printed') }} as level1_printed,
    {{ clean_text('level1_weight_printed') }} as level1_weight_printed,
    {{ clean_text('level2_printed') }} as level2_printed,
    {{ clean_text('level3_printed') }} as level3_printed,
    {{ clean_text('description_printed') }} as description_printed,
    {{ clean_text('target_printed') }} as target_printed,
    {{ clean_text('basis_printed') }} as basis_printed,
    {{ clean_text('actual_printed') }} as actual_printed,
    {{ clean_text('weight_printed') }} as weight_printed,
    {{ clean_text('score_printed') }} as score_printed,
    {{ clean_text('deviation_printed') }} as deviation_printed,
    source_locator,
    source_box
from {{ source('raw', 'project_indicator') }}
