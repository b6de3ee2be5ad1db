-- Grain: one row a figure that prose states.

select
    document_id,
    figure_no,
    {{ clean_text('metric_printed') }} as metric_printed,
    {{ clean_text('amount_printed') }} as amount_printed,
    {{ clean_text('unit_printed') }} as unit_printed,
    {{ clean_text('change_word_printed') }} as change_word_printed,
    {{ clean_text('change_printed') }} as change_printed,
    {{ clean_text('year_printed') }} as year_printed,
    {{ year_printed('year_printed') }} as figure_year,
    {{ clean_text('compared_with_year_printed') }} as compared_with_year_printed,
    {{ year_printed('compared_with_year_printed') }} as compared_with_year,
    {{ clean_text('quote') }} as quote,
    source_locator,
    source_box
from {{ source('raw', 'narrative_figure') }}
