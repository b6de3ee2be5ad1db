-- Grain: one row per document and guard that holds it back.

select
    document_id,
    guard,
    {{ clean_text('file_name') }} as file_name,
    source_key,
    row_count,
    {{ clean_text('reason') }} as reason,
    first_locator,
    quarantined_at
from {{ source('raw', 'quarantined_document') }}
