-- Grain: one row a further labelled value of a project: nature, category, dates, money over all years.
{{ config(materialized='incremental') }}

select
    {{ surrogate_key(['attribute.document_id', 'attribute.form_no', 'attribute.attribute_no']) }}
        as fct_project_attribute_key,
    attribute.document_id,
    form.fiscal_year,
    form.unit_key,
    form.report_scope,
    form.phase,
    attribute.form_no,
    identified.project_key,
    identified.project_name,
    attribute.attribute_no,
    attribute.attribute_code,
    attribute.label_printed,
    attribute.value_printed,
    'table' as source_kind,
    attribute.source_locator,
    attribute.source_box
from {{ new_rows(ref('stg_project_attribute')) }} as attribute
inner join {{ ref('int_form_attributed') }} as form
    on attribute.document_id = form.document_id and attribute.form_no = form.form_no
left join {{ ref('int_project_identified') }} as identified
    on
        attribute.document_id = identified.document_id
        and attribute.form_no = identified.form_no
        and identified.stage = 'target'
