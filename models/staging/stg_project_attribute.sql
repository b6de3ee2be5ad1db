-- Grain: one row a further labelled value of a project table.

select
    document_id,
    form_no,
    attribute_no,
    attribute_code,
    {{ clean_text('label_printed') }} as label_printed,
    {{ clean_text('value_printed') }} as value_printed,
    source_locator,
    source_box
from {{ source('raw', 'project_attribute') }}
