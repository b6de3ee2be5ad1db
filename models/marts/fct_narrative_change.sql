-- Grain: one row a change on the year before that prose states, and the line of a form that it is about.
-- Which line a metric names: seed narrative_prior. A change on what was executed (预算执行数) is none on a budget.

select
    {{ surrogate_key([
        'figure.fct_narrative_figure_key', 'line.form_code', 'line.side', 'line.class_key', 'line.measure_key'
    ]) }} as fct_narrative_change_key,
    figure.document_id,
    figure.fiscal_year,
    figure.unit_key,
    figure.report_scope,
    figure.phase,
    figure.figure_no,
    figure.figure_year,
    line.form_code,
    line.side,
    line.class_key,
    line.measure_key,
    figure.delta_yuan,
    figure.compared_with_year,
    figure.source_kind,
    figure.source_locator
from {{ ref('fct_narrative_figure') }} as figure
inner join {{ ref('narrative_prior') }} as line
    on figure.metric_code = line.metric_code and figure.phase = line.phase
where
    figure.delta_yuan is not null
    and figure.compared_with_year is not null
    and not coalesce({{ rx_matches('figure.quote', '执行数') }}, false)
