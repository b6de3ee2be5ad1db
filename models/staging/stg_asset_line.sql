-- Grain: one row a line of an asset form.

select
    document_id,
    form_no,
    row_no,
    {{ clean_text('item_printed') }} as item_printed,
    {{ clean_text('quantity_printed') }} as quantity_printed,
    {{ clean_text('value_printed') }} as value_printed,
    {{ clean_text('as_of_printed') }} as as_of_printed,
    {{ date_printed('as_of_printed') }} as as_of,
    source_locator,
    source_box
from {{ source('raw', 'asset_line') }}
