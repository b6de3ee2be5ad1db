-- Grain: one row a content that a place has had, in order.

select
    source_key,
    document_id,
    {{ clean_text('file_name') }} as file_name,
    seen_at,
    sequence_no
from {{ source('raw', 'document_source') }}
