-- Grain: one row a figure that prose states.

select
    {{ surrogate_key(['figure.document_id', 'figure.figure_no']) }} as fct_narrative_figure_key,
    figure.document_id,
    document.fiscal_year,
    document.unit_key,
    document.report_scope,
    document.phase,
    figure.figure_no,
    figure.metric_code,
    figure.metric_printed,
    case
        when figure.figure_year is not null then figure.figure_year
        -- A stock at the end of last year, in the document of this year.
        when {{ rx_matches('figure.metric_printed', '^(上年末|去年末|上年底)') }} then document.fiscal_year - 1
        else document.fiscal_year
    end as figure_year,
    figure.amount_printed,
    figure.amount_unit,
    figure.amount_scale,
    figure.amount_yuan,
    figure.figure_value,
    figure.figure_unit,
    figure.change_word_printed,
    figure.change_printed,
    figure.delta_yuan,
    figure.compared_with_year,
    figure.quote,
    'narrative' as source_kind,
    figure.source_locator
from {{ ref('int_narrative_figure_parsed') }} as figure
inner join {{ ref('int_document_attributed') }} as document on figure.document_id = document.document_id
