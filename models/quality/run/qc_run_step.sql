-- Grain: one row a step of a run.

select
    run_id,
    step_no,
    step,
    cast(seconds as decimal(18, 2)) as seconds
from {{ source('meta', 'run_step') }}
