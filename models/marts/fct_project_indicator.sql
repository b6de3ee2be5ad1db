-- Grain: one row an indicator of a project, as a target or in a self-evaluation.
-- Overall targets of a department are rows too: their subject_kind is 'department' and they have no project.
{{ config(materialized='incremental') }}

select
    {{ surrogate_key(['indicator.document_id', 'indicator.form_no', 'indicator.indicator_no']) }}
        as fct_project_indicator_key,
    indicator.document_id,
    form.fiscal_year,
    form.unit_key,
    form.report_scope,
    form.phase,
    indicator.form_no,
    identified.project_key,
    identified.project_name,
    case when form.form_kind = 'department_target' then 'department' else 'project' end as subject_kind,
    indicator.indicator_no,
    indicator.stage,
    level.level1_printed,
    level.level2_printed,
    level.level1_code,
    level.level2_code,
    level.level3,
    indicator.description_printed as description,
    indicator.target_printed,
    indicator.basis_printed as basis,
    target.target_kind,
    target.comparator,
    target.target_value,
    target.target_value_high,
    target.target_unit,
    cast(target.target_value_yuan as decimal(20, 2)) as target_value_yuan,
    target.target_date,
    target.direction,
    target.direction_source,
    target.direction_conflict,
    target.note_printed as target_note_printed,
    target.value_in_tail_differs,
    indicator.actual_printed,
    actual.actual_kind,
    actual.actual_value,
    actual.actual_unit,
    actual.actual_date,
    indicator.level1_weight_printed,
    indicator.weight_printed,
    cast({{ parse_decimal('indicator.weight_printed') }} as decimal(18, 4)) as weight,
    indicator.score_printed,
    cast({{ parse_decimal('indicator.score_printed') }} as decimal(18, 4)) as score,
    indicator.deviation_printed as deviation_note,
    attained.attainment,
    attained.attainment_basis,
    'table' as source_kind,
    indicator.source_locator,
    indicator.source_box
from {{ new_rows(ref('stg_project_indicator')) }} as indicator
inner join {{ ref('int_form_attributed') }} as form
    on indicator.document_id = form.document_id and indicator.form_no = form.form_no
left join {{ ref('int_project_identified') }} as identified
    on
        indicator.document_id = identified.document_id
        and indicator.form_no = identified.form_no
        and indicator.stage = identified.stage
inner join {{ ref('int_indicator_level_filled') }} as level
    on
        indicator.document_id = level.document_id
        and indicator.form_no = level.form_no
        and indicator.indicator_no = level.indicator_no
left join {{ ref('int_indicator_target_parsed') }} as target
    on
        indicator.document_id = target.document_id
        and indicator.form_no = target.form_no
        and indicator.indicator_no = target.indicator_no
left join {{ ref('int_indicator_actual_parsed') }} as actual
    on
        indicator.document_id = actual.document_id
        and indicator.form_no = actual.form_no
        and indicator.indicator_no = actual.indicator_no
left join {{ ref('int_indicator_attained') }} as attained
    on
        indicator.document_id = attained.document_id
        and indicator.form_no = attained.form_no
        and indicator.indicator_no = attained.indicator_no
