-- Grain: one row a change of a document in a run.

select
    run_id,
    change_no,
    document_id,
    file_name,
    change as change_code,
    reason_code
from {{ source('meta', 'run_document') }}
