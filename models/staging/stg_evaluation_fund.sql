-- Grain: one row a fund source of a self-evaluation.

select
    document_id,
    form_no,
    fund_no,
    {{ clean_text('fund_source_printed') }} as fund_source_printed,
    {{ clean_text('initial_printed') }} as initial_printed,
    {{ clean_text('annual_printed') }} as annual_printed,
    {{ clean_text('executed_printed') }} as executed_printed,
    {{ clean_text('weight_printed') }} as weight_printed,
    {{ clean_text('rate_printed') }} as rate_printed,
    {{ clean_text('score_printed') }} as score_printed,
    source_locator,
    source_box
from {{ source('raw', 'evaluation_fund') }}
