-- Grain: one row a column of a recognised form whose header no declaration knows.

select
    form_column.document_id,
    form_column.form_no,
    form_column.column_no,
    form.form_code,
    form.form_title_printed,
    form_column.header_printed,
    form.source_locator
from {{ ref('stg_form_column') }} as form_column
inner join {{ ref('int_form_attributed') }} as form
    on form_column.document_id = form.document_id and form_column.form_no = form.form_no
where form_column.column_code is null
