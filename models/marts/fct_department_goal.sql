-- Grain: one row a section of the department goals.
{{ config(materialized='incremental') }}

select
    {{ surrogate_key(['goal.document_id', 'goal.section_no']) }} as fct_department_goal_key,
    goal.document_id,
    document.fiscal_year,
    document.unit_key,
    document.report_scope,
    document.phase,
    goal.form_no,
    goal.section_no,
    goal.section_printed as section,
    goal.goal_printed as goal_text,
    goal.indicator_printed as indicator_text,
    case when goal.form_no is null then 'narrative' else 'table' end as source_kind,
    goal.source_locator,
    goal.source_box
from {{ new_rows(ref('stg_department_goal')) }} as goal
inner join {{ ref('int_document_attributed') }} as document on goal.document_id = document.document_id
