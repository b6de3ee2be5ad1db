-- Grain: one row a month of the spending plan of a project, printed or blank.
{{ config(materialized='incremental') }}

select
    {{ surrogate_key(['plan.document_id', 'plan.form_no', 'plan.plan_no']) }} as fct_project_spending_plan_key,
    plan.document_id,
    form.fiscal_year,
    form.unit_key,
    form.report_scope,
    form.phase,
    plan.form_no,
    identified.project_key,
    identified.project_name,
    plan.plan_no,
    plan.plan_month,
    plan.month_printed,
    cast({{ parse_decimal('plan.plan_printed') }} as decimal(18, 4)) as cumulative_pct,
    plan.plan_printed as printed,
    'table' as source_kind,
    plan.source_locator,
    plan.source_box
from {{ new_rows(ref('stg_project_plan')) }} as plan
inner join {{ ref('int_form_attributed') }} as form
    on plan.document_id = form.document_id and plan.form_no = form.form_no
left join {{ ref('int_project_identified') }} as identified
    on
        plan.document_id = identified.document_id
        and plan.form_no = identified.form_no
        and identified.stage = 'target'
