-- Grain: one row a notice of the loaders about a document that they read.

select
    document_id,
    notice_code,
    {{ clean_text('notice') }} as notice,
    source_locator
from {{ source('raw', 'load_notice') }}
