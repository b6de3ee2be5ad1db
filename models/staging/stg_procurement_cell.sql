-- Grain: one row a non-empty fund column of a procurement line.

select
    document_id,
    form_no,
    row_no,
    column_no,
    fund_code,
    {{ clean_text('measure_printed') }} as measure_printed,
    {{ clean_text('amount_printed') }} as amount_printed,
    source_locator,
    source_box
from {{ source('raw', 'procurement_cell') }}
