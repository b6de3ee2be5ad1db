-- Grain: one row a item line of a procurement form.

select
    document_id,
    form_no,
    row_no,
    {{ clean_text('project_name_printed') }} as project_name_printed,
    {{ clean_text('project_budget_printed') }} as project_budget_printed,
    {{ clean_text('category_printed') }} as category_printed,
    {{ clean_text('economic_item_printed') }} as economic_item_printed,
    {{ clean_text('organisation_printed') }} as organisation_printed,
    {{ clean_text('item_printed') }} as item_printed,
    {{ clean_text('catalogue_code_printed') }} as catalogue_code_printed,
    {{ clean_text('unit_of_measure_printed') }} as unit_of_measure_printed,
    {{ clean_text('quantity_printed') }} as quantity_printed,
    {{ clean_text('unit_price_printed') }} as unit_price_printed,
    source_locator,
    source_box
from {{ source('raw', 'procurement_item') }}
