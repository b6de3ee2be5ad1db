-- Grain: one row a body of the table of bodies.

select
    document_id,
    form_no,
    row_no,
    {{ clean_text('unit_name_printed') }} as unit_name_printed,
    {{ clean_text('unit_nature_printed') }} as unit_nature_printed,
    {{ clean_text('unit_rank_printed') }} as unit_rank_printed,
    {{ clean_text('funding_printed') }} as funding_printed,
    source_locator,
    source_box
from {{ source('raw', 'unit_profile') }}
