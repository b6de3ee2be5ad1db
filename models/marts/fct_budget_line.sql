-- Grain: one row an amount cell of one budget or final-account form.
{{ config(materialized='incremental') }}

select
    {{ surrogate_key(['line.document_id', 'line.form_no', 'line.row_no', 'line.column_no']) }} as fct_budget_line_key,
    line.document_id,
    form.fiscal_year,
    form.unit_key,
    form.report_scope,
    form.phase,
    line.form_no,
    form.form_code,
    form.form_title_printed,
    line.row_no,
    line.column_no,
    line.side,
    line.line_no_printed,
    line.class_type,
    line.class_code,
    line.class_code_printed,
    line.class_name_printed,
    line.class_group_printed,
    line.class_level,
    line.measure_code,
    line.measure_printed,
    line.amount_printed,
    line.amount_unit,
    line.amount_scale,
    line.amount_yuan,
    line.is_total,
    line.is_leaf,
    'table' as source_kind,
    line.source_locator,
    line.source_box
from {{ new_rows(ref('int_budget_line_typed')) }} as line
inner join {{ ref('int_form_attributed') }} as form
    on line.document_id = form.document_id and line.form_no = form.form_no
-- The totals of a form lie together, and in each form the lines of a document: what is asked about one form or its
-- totals reads a part of the table.
order by form.form_code, line.is_total, line.document_id
