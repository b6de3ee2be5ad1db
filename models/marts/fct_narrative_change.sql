-- Grain: one row a change on the year before that prose states, and the line of a form that it is about.
-- Which line a metric names: seed narrative_prior. The paragraph may say itself that the years are not comparable.
-- A change on what was executed (预算执行数) is none on a budget.
{{ config(materialized='incremental') }}

with paragraph as (
    select
        document_id,
        source_locator,
        max(cell_text) as paragraph_text
    from {{ new_rows(ref('stg_cell')) }}
    where claimed_as = 'prose'
    group by document_id, source_locator
)

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
    coalesce(
        {{ rx_matches(
            'paragraph.paragraph_text',
            '不具备可比性|不具可比性|不可比|统计口径.{0,10}(调整|变化|改变|不同|不一致|差异)'
        ) }}, false
    ) as says_not_comparable,
    figure.source_kind,
    figure.source_locator
from {{ new_rows(ref('fct_narrative_figure')) }} as figure
inner join {{ ref('narrative_prior') }} as line
    on figure.metric_code = line.metric_code and figure.phase = line.phase
left join paragraph
    on figure.document_id = paragraph.document_id and figure.source_locator = paragraph.source_locator
where
    figure.delta_yuan is not null
    and figure.compared_with_year is not null
    and not coalesce({{ rx_matches('figure.quote', '执行数') }}, false)
