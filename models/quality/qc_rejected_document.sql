-- Grain: one row per refused place.

select
    source_key,
    document_id,
    file_name,
    byte_size,
    reason_code,
    reason,
    rejected_at
from {{ ref('stg_rejected_document') }}
