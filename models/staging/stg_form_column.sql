-- Grain: one row a column of a recognised grid form.

select
    document_id,
    form_no,
    column_no,
    {{ clean_text('header_printed') }} as header_printed,
    column_code,
    side
from {{ source('raw', 'form_column') }}
