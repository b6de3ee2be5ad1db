-- Grain: one row a project (one form is one project).

select
    document_id,
    form_no,
    project_sequence,
    {{ clean_text('project_code_printed') }} as project_code_printed,
    {{ clean_text('project_name_printed') }} as project_name_printed,
    {{ clean_text('budget_printed') }} as budget_printed,
    {{ clean_text('fiscal_printed') }} as fiscal_printed,
    {{ clean_text('local_printed') }} as local_printed,
    {{ clean_text('other_printed') }} as other_printed,
    {{ clean_text('purpose_printed') }} as purpose_printed,
    {{ clean_text('code_locator') }} as code_locator,
    {{ clean_text('budget_locator') }} as budget_locator,
    {{ clean_text('fiscal_locator') }} as fiscal_locator,
    {{ clean_text('other_locator') }} as other_locator,
    {{ clean_text('purpose_locator') }} as purpose_locator,
    source_locator,
    source_box
from {{ source('raw', 'project') }}
