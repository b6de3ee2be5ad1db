-- Grain: one row a month of the spending plan of a project of a current document, printed or blank.

select
    plan.fct_project_spending_plan_key,
    project.series_key,
    plan.project_key,
    plan.unit_key,
    plan.fiscal_year,
    plan.plan_no,
    plan.plan_month,
    plan.month_printed,
    plan.cumulative_pct,
    plan.printed,
    plan.document_id,
    plan.form_no,
    plan.source_locator
from {{ ref('fct_project_spending_plan') }} as plan
inner join {{ ref('dim_project') }} as project on plan.project_key = project.project_key
inner join {{ ref('dim_document') }} as document on plan.document_id = document.document_id and document.is_current
