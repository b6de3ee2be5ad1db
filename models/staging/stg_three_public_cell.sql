-- Grain: one row a non-empty amount cell of a three-public form.

select
    document_id,
    form_no,
    row_no,
    column_no,
    {{ clean_text('line_no_printed') }} as line_no_printed,
    {{ clean_text('item_printed') }} as item_printed,
    item_code,
    phase,
    fund_code,
    {{ clean_text('measure_printed') }} as measure_printed,
    {{ clean_text('amount_printed') }} as amount_printed,
    source_locator,
    source_box
from {{ source('raw', 'three_public_cell') }}
