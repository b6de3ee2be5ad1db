-- Grain: one row a non-empty cell of a table or non-empty paragraph.

select
    document_id,
    block_no,
    block_kind,
    table_no,
    row_no,
    column_no,
    {{ clean_text('text') }} as cell_text,
    line_from,
    line_to,
    source_locator,
    source_box,
    claimed_as,
    form_no
from {{ source('raw', 'cell') }}
