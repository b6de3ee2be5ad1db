-- Grain: one row a printed level-1 label of an indicator table.

select
    document_id,
    form_no,
    {{ clean_text('level1_printed') }} as level1_printed,
    {{ clean_text('level1_weight_printed') }} as level1_weight_printed,
    source_locator,
    source_box
from {{ source('raw', 'indicator_level') }}
