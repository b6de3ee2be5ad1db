-- Grain: one row a run of the pipeline.
-- Runs are counted: run_no orders them whatever the clock says. A run that was killed has no end.

with step as (
    select
        run_id,
        sum(seconds) as seconds
    from {{ source('meta', 'run_step') }}
    group by run_id
),

gate as (
    select
        run_id,
        max(case when gate = 'raw' then success end) as gate_raw_passed,
        max(case when gate = 'marts' then success end) as gate_marts_passed,
        sum(failed_checks) as failed_checks
    from {{ source('meta', 'run_gate') }}
    group by run_id
)

select
    run.run_id,
    run.run_no,
    run.command,
    run.started_at,
    run.finished_at,
    run.outcome,
    run.exit_code,
    run.error,
    run.found as files_found,
    run.loaded as files_loaded,
    run.unchanged as files_unchanged,
    run.refused as files_refused,
    run.superseded as places_superseded,
    run.removed as documents_removed,
    gate.gate_raw_passed,
    gate.gate_marts_passed,
    cast(gate.failed_checks as integer) as failed_checks,
    cast(step.seconds as decimal(18, 2)) as seconds,
    run.code_version,
    run.code_fingerprint,
    run.loader_version
from {{ source('meta', 'run_history') }} as run
left join step on run.run_id = step.run_id
left join gate on run.run_id = gate.run_id
