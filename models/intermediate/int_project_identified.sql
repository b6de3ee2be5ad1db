-- Grain: one row a project of a document: a target form, a self-evaluation form, or a row of a summary.
-- Code, name and identity, the same way wherever a project is named.

with named as (
    select
        document_id,
        form_no,
        cast(null as integer) as row_no,
        'target' as stage,
        project_code_printed,
        project_name_printed
    from {{ ref('stg_project') }}
    union all
    select
        document_id,
        form_no,
        cast(null as integer) as row_no,
        'self_evaluation' as stage,
        cast(null as string) as project_code_printed,
        project_name_printed
    from {{ ref('stg_evaluation') }}
    union all
    select
        document_id,
        form_no,
        row_no,
        'summary' as stage,
        cast(null as string) as project_code_printed,
        project_name_printed
    from {{ ref('stg_evaluation_summary') }}
),

coded as (
    select
        document_id,
        form_no,
        row_no,
        stage,
        coalesce(project_code_printed, {{ project_code_in_name('project_name_printed') }}) as project_code,
        coalesce(
            {{ project_code('project_code_printed') }}, {{ project_code_in_name('project_name_printed') }}
        ) as identity_code,
        {{ clean_text(project_name_only('project_name_printed')) }} as project_name
    from named
)

select
    coded.document_id,
    coded.form_no,
    coded.row_no,
    coded.stage,
    coded.project_code,
    coded.project_name,
    {{ is_masked('coded.project_name') }} as is_masked,
    {{ project_key('coded.identity_code', 'coded.project_name', 'form.unit_key', 'coded.document_id') }} as project_key
from coded
inner join {{ ref('int_form_attributed') }} as form
    on coded.document_id = form.document_id and coded.form_no = form.form_no
