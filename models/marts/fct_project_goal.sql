-- Grain: one row a goal of a project.
{{ config(materialized='incremental') }}

select
    {{ surrogate_key(['goal.document_id', 'goal.form_no', 'goal.goal_no']) }} as fct_project_goal_key,
    goal.document_id,
    form.fiscal_year,
    form.unit_key,
    form.report_scope,
    form.phase,
    goal.form_no,
    identified.project_key,
    identified.project_name,
    goal.goal_no,
    goal.goal_printed as goal_text,
    'table' as source_kind,
    goal.source_locator,
    goal.source_box
from {{ new_rows(ref('stg_project_goal')) }} as goal
inner join {{ ref('int_form_attributed') }} as form
    on goal.document_id = form.document_id and goal.form_no = form.form_no
left join {{ ref('int_project_identified') }} as identified
    on
        goal.document_id = identified.document_id
        and goal.form_no = identified.form_no
        and identified.stage = 'target'
