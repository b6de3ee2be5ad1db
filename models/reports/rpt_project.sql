-- Grain: one row a project of a current document, as a target or as a self-evaluation.
-- A document is told once a content: superseded ones are left out.

with project as (
    select
        fct_project_key as project_fact_key,
        'target' as stage,
        project_key,
        project_name,
        is_masked,
        unit_key,
        report_scope,
        phase,
        fiscal_year,
        budget_yuan,
        fiscal_yuan,
        local_yuan,
        other_yuan,
        cast(null as decimal(20, 2)) as initial_budget_yuan,
        cast(null as decimal(20, 2)) as annual_budget_yuan,
        cast(null as decimal(20, 2)) as executed_yuan,
        cast(null as decimal(18, 4)) as execution_rate_pct,
        cast(null as decimal(18, 4)) as total_score,
        cast(null as string) as grade_printed,
        cast(null as string) as grade_by_scale,
        purpose as project_text,
        document_id,
        form_no,
        source_locator
    from {{ ref('fct_project') }}
    union all
    select
        fct_project_evaluation_key as project_fact_key,
        'self_evaluation' as stage,
        project_key,
        project_name,
        is_masked,
        unit_key,
        report_scope,
        phase,
        fiscal_year,
        cast(null as decimal(20, 2)) as budget_yuan,
        cast(null as decimal(20, 2)) as fiscal_yuan,
        cast(null as decimal(20, 2)) as local_yuan,
        cast(null as decimal(20, 2)) as other_yuan,
        initial_budget_yuan,
        annual_budget_yuan,
        executed_yuan,
        execution_rate_pct,
        coalesce(total_score, summary_score) as total_score,
        grade_printed,
        grade_by_scale,
        achieved_text as project_text,
        document_id,
        form_no,
        source_locator
    from {{ ref('fct_project_evaluation') }}
)

select
    project.project_fact_key,
    project.stage,
    dim_project.series_key,
    project.project_key,
    dim_project.project_code,
    project.is_masked,
    project.unit_key,
    unit.unit_name,
    project.report_scope,
    project.phase,
    project.fiscal_year,
    project.budget_yuan,
    project.fiscal_yuan,
    project.local_yuan,
    project.other_yuan,
    project.initial_budget_yuan,
    project.annual_budget_yuan,
    project.executed_yuan,
    project.execution_rate_pct,
    project.total_score,
    project.grade_printed,
    project.grade_by_scale,
    project.project_text,
    project.document_id,
    project.form_no,
    project.source_locator,
    coalesce(project.project_name, dim_project.project_name) as project_name
from project
inner join {{ ref('dim_project') }} as dim_project on project.project_key = dim_project.project_key
inner join {{ ref('dim_document') }} as document on project.document_id = document.document_id and document.is_current
left join {{ ref('dim_unit') }} as unit on project.unit_key = unit.unit_key
