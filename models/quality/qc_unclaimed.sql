-- Grain: one row a table cell or paragraph that nothing claimed.

select
    document_id,
    block_no,
    block_kind,
    table_no,
    row_no,
    column_no,
    cell_text,
    line_from,
    line_to,
    source_locator
from {{ ref('stg_cell') }}
where claimed_as is null
