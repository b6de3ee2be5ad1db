-- Grain: one row a project of a document.
{{ config(materialized='incremental') }}

select
    {{ surrogate_key(['project.document_id', 'project.form_no']) }} as fct_project_key,
    project.document_id,
    form.fiscal_year,
    form.unit_key,
    form.report_scope,
    form.phase,
    project.form_no,
    identified.project_key,
    identified.project_code,
    identified.project_name,
    project.project_sequence,
    form.unit_name_printed,
    amount.budget_printed,
    amount.budget_unit,
    amount.budget_scale,
    amount.budget_yuan,
    amount.fiscal_printed,
    amount.fiscal_unit,
    amount.fiscal_scale,
    amount.fiscal_yuan,
    amount.local_printed,
    amount.local_unit,
    amount.local_scale,
    amount.local_yuan,
    amount.other_printed,
    amount.other_unit,
    amount.other_scale,
    amount.other_yuan,
    amount.amount_source,
    project.purpose_printed as purpose,
    identified.is_masked,
    -- An amount that stands in the sentence of the purpose is found there.
    case
        when amount.budget_printed is not null then coalesce(project.budget_locator, project.purpose_locator)
    end as budget_locator,
    case
        when amount.fiscal_printed is not null then coalesce(project.fiscal_locator, project.purpose_locator)
    end as fiscal_locator,
    case
        when amount.other_printed is not null then coalesce(project.other_locator, project.purpose_locator)
    end as other_locator,
    project.purpose_locator,
    'table' as source_kind,
    project.source_locator,
    project.source_box
from {{ new_rows(ref('stg_project')) }} as project
inner join {{ ref('int_form_attributed') }} as form
    on project.document_id = form.document_id and project.form_no = form.form_no
inner join {{ ref('int_project_identified') }} as identified
    on
        project.document_id = identified.document_id
        and project.form_no = identified.form_no
        and identified.stage = 'target'
inner join {{ ref('int_project_amount_parsed') }} as amount
    on project.document_id = amount.document_id and project.form_no = amount.form_no
