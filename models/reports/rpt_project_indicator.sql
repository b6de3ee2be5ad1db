-- Grain: one row an indicator of a project of a current document, as a target or in a self-evaluation.

select
    indicator.fct_project_indicator_key,
    project.series_key,
    indicator.project_key,
    indicator.unit_key,
    indicator.fiscal_year,
    indicator.stage,
    indicator.indicator_no,
    indicator.level1_printed,
    indicator.level2_printed,
    indicator.description,
    indicator.target_printed,
    indicator.actual_printed,
    indicator.attainment,
    indicator.weight,
    indicator.score,
    indicator.deviation_note,
    indicator.document_id,
    indicator.form_no,
    indicator.source_locator,
    coalesce(indicator.level3, indicator.description) as indicator_name
from {{ ref('fct_project_indicator') }} as indicator
inner join {{ ref('dim_project') }} as project on indicator.project_key = project.project_key
inner join {{ ref('dim_document') }} as document
    on indicator.document_id = document.document_id and document.is_current
