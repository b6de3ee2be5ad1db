-- Grain: one row a refused file and content.

select
    source_key,
    document_id,
    {{ clean_text('file_name') }} as file_name,
    byte_size,
    reason_code,
    {{ clean_text('reason') }} as reason,
    loader_version,
    rejected_at
from {{ source('raw', 'rejected_document') }}
