-- Grain: one row per document and guard that holds it back.

select
    document_id,
    guard,
    file_name,
    row_count,
    reason,
    first_locator,
    quarantined_at
from {{ ref('stg_quarantined_document') }}
