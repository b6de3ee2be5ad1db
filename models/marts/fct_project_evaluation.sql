-- Grain: one row an evaluated project: a self-evaluation form, a row of the summary, or both where they are matched.
{{ config(materialized='incremental') }}

with fund_total as (
    select
        *,
        row_number() over (partition by document_id, form_no order by fund_no nulls last) as choice
    from {{ new_rows(ref('int_evaluation_fund_typed')) }}
    where fund_source_code = 'total'
),

pair as (
    select
        evaluation.document_id,
        evaluation.form_no,
        matched.summary_form_no,
        matched.summary_row_no,
        matched.match_method,
        case when matched.form_no is null then 'form' else 'form+summary' end as match_kind
    from {{ new_rows(ref('stg_evaluation')) }} as evaluation
    left join {{ ref('int_evaluation_paired') }} as matched
        on evaluation.document_id = matched.document_id and evaluation.form_no = matched.form_no
    union all
    select
        summary.document_id,
        cast(null as integer) as form_no,
        summary.form_no as summary_form_no,
        summary.row_no as summary_row_no,
        cast(null as string) as match_method,
        'summary' as match_kind
    from {{ new_rows(ref('stg_evaluation_summary')) }} as summary
    left join {{ ref('int_evaluation_paired') }} as matched
        on
            summary.document_id = matched.document_id
            and summary.form_no = matched.summary_form_no
            and summary.row_no = matched.summary_row_no
    where matched.form_no is null
),

evaluated as (
    select
        pair.*,
        form.fiscal_year,
        form.unit_key,
        form.report_scope,
        form.phase,
        identified.project_key,
        identified.project_code,
        identified.project_name,
        identified.is_masked,
        evaluation.evaluation_sequence,
        evaluation.project_name_printed,
        evaluation.department_printed,
        evaluation.implementer_printed,
        evaluation.expected_printed,
        evaluation.achieved_printed,
        evaluation.total_weight_printed,
        evaluation.total_score_printed,
        evaluation.total_locator,
        evaluation.source_locator as form_locator,
        evaluation.source_box as form_box,
        summary.project_name_printed as summary_name_printed,
        summary.unit_printed as summary_unit_printed,
        summary.amount_printed as summary_amount_printed,
        summary.score_printed as summary_score_printed,
        summary.grade_printed,
        summary.source_locator as summary_locator,
        summary.source_box as summary_box,
        coalesce({{ printed_unit('summary.amount_printed') }}, summary_form.amount_unit) as summary_amount_unit,
        cast({{ parse_decimal('evaluation.total_weight_printed') }} as decimal(18, 4)) as total_weight,
        cast({{ parse_decimal('evaluation.total_score_printed') }} as decimal(18, 4)) as total_score,
        cast({{ parse_decimal('summary.score_printed') }} as decimal(18, 4)) as summary_score
    from pair
    inner join {{ ref('int_form_attributed') }} as form
        on pair.document_id = form.document_id and coalesce(pair.form_no, pair.summary_form_no) = form.form_no
    inner join {{ ref('int_project_identified') }} as identified
        on
            pair.document_id = identified.document_id
            and coalesce(pair.form_no, pair.summary_form_no) = identified.form_no
            and (
                (pair.form_no is not null and identified.stage = 'self_evaluation')
                or (pair.form_no is null and identified.stage = 'summary' and pair.summary_row_no = identified.row_no)
            )
    left join {{ new_rows(ref('stg_evaluation')) }} as evaluation
        on pair.document_id = evaluation.document_id and pair.form_no = evaluation.form_no
    left join {{ new_rows(ref('stg_evaluation_summary')) }} as summary
        on
            pair.document_id = summary.document_id
            and pair.summary_form_no = summary.form_no
            and pair.summary_row_no = summary.row_no
    left join {{ ref('int_form_attributed') }} as summary_form
        on pair.document_id = summary_form.document_id and pair.summary_form_no = summary_form.form_no
)

select
    {{ surrogate_key([
        'evaluated.document_id', 'evaluated.form_no', 'evaluated.summary_form_no', 'evaluated.summary_row_no'
    ]) }} as fct_project_evaluation_key,
    evaluated.document_id,
    evaluated.fiscal_year,
    evaluated.unit_key,
    evaluated.report_scope,
    evaluated.phase,
    evaluated.form_no,
    evaluated.match_kind,
    evaluated.match_method,
    evaluated.evaluation_sequence,
    evaluated.project_key,
    evaluated.project_code,
    evaluated.project_name,
    evaluated.project_name_printed,
    evaluated.is_masked,
    evaluated.department_printed as department,
    evaluated.implementer_printed as implementer,
    fund_total.initial_printed as initial_budget_printed,
    fund_total.annual_printed as annual_budget_printed,
    fund_total.executed_printed,
    fund_total.amount_unit,
    fund_total.initial_yuan as initial_budget_yuan,
    fund_total.annual_yuan as annual_budget_yuan,
    fund_total.executed_yuan,
    fund_total.rate_printed as execution_rate_printed,
    fund_total.rate_pct as execution_rate_pct,
    fund_total.weight as execution_weight,
    fund_total.score as execution_score,
    fund_total.source_locator as execution_locator,
    evaluated.total_weight_printed,
    evaluated.total_weight,
    evaluated.total_score_printed,
    evaluated.total_score,
    evaluated.total_locator,
    evaluated.expected_printed as expected_text,
    evaluated.achieved_printed as achieved_text,
    evaluated.summary_name_printed,
    evaluated.summary_unit_printed,
    evaluated.summary_amount_printed,
    evaluated.summary_amount_unit,
    {{ amount_yuan(parse_decimal('evaluated.summary_amount_printed'), 'evaluated.summary_amount_unit') }}
        as summary_amount_yuan,
    evaluated.summary_score_printed,
    evaluated.summary_score,
    evaluated.summary_locator,
    evaluated.grade_printed,
    printed_grade.grade_name as grade_printed_on_scale,
    scale_grade.grade_name as grade_by_scale,
    'table' as source_kind,
    coalesce(evaluated.form_locator, evaluated.summary_locator) as source_locator,
    coalesce(evaluated.form_box, evaluated.summary_box) as source_box
from evaluated
left join fund_total
    on
        evaluated.document_id = fund_total.document_id
        and evaluated.form_no = fund_total.form_no
        and fund_total.choice = 1
left join {{ ref('grade_scale') }} as printed_grade
    on left(evaluated.grade_printed, 1) = printed_grade.grade_name
left join {{ ref('grade_scale') }} as scale_grade
    on
        coalesce(evaluated.summary_score, evaluated.total_score) >= scale_grade.score_from
        and coalesce(evaluated.summary_score, evaluated.total_score) < scale_grade.score_below
