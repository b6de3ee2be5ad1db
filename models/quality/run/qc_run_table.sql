-- Grain: one row a table at the end of a run that published.

select
    run_id,
    table_name,
    row_count
from {{ source('meta', 'run_table') }}
