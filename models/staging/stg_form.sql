-- Grain: one row a recognised form.

select
    document_id,
    form_no,
    form_code,
    form_kind,
    phase,
    {{ clean_text('title_printed') }} as title_printed,
    {{ clean_text('unit_printed') }} as unit_printed,
    {{ clean_text('fiscal_year_printed') }} as fiscal_year_printed,
    {{ year_printed('fiscal_year_printed') }} as fiscal_year,
    {{ clean_text('amount_unit_printed') }} as amount_unit_printed,
    amount_unit_source,
    is_declared_empty,
    {{ clean_text('note_printed') }} as note_printed,
    recognised_by,
    source_locator,
    source_box
from {{ source('raw', 'form') }}
