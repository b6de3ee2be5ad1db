-- Grain: one row a non-empty cell of a table or paragraph of a document, in reading order.
-- What people see when they follow a figure to its document. The text of private cells was never kept.
{{ config(materialized='incremental') }}

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
    source_locator,
    source_box,
    claimed_as,
    form_no
from {{ new_rows(ref('stg_cell')) }}
-- Rows of a document lie together, and near those of like keys: what is asked about one document reads a part of the
-- table. Rows that are added later are sorted among themselves.
order by document_id, block_no
